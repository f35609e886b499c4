"""Lists, reports, files, saved views, period close: as a person meets them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any

import openpyxl
import pytest

from supply.core import files, jobs
from tests.web.inventory.conftest import TODAY, Store, day, goods

LISTS = (
    "/stock/",
    "/stock-reports/movement/",
    "/stock-reports/expiry/",
    "/stock-reports/minimum/",
    "/stock-reports/still/",
    "/stock-reports/use/",
    "/periods/",
    "/files/",
)
NAMES = ("documents", "stock", "movement", "expiry", "minimum", "still", "use")


def sheet_of(answer: Any) -> list[list[Any]]:
    """The rows of a workbook, without the empty cells at their ends."""
    assert answer.status_code == 200, answer.text[:300]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    return [[c.value for c in row] for row in sheet.iter_rows()]


def csv_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))


def backdate(days: int) -> str:
    return f"{TODAY - dt.timedelta(days=days):%d/%m/%Y}"


@pytest.fixture
def filled(client_for: Any, store: Store) -> Any:
    """Two stores with goods of last month, some used since."""
    kho, other = client_for("kho_px"), client_for("kho_tb")
    for who, place in ((kho, "BD-TYT-01"), (other, "BD-TYT-02")):
        form = store.form(
            place,
            goods(lot_number="A1", expiry=day(40)),
            goods("PH001", "500", lot_number="B1"),
            happened_on=backdate(120),
        )
        assert who.send("/documents/new/receipt", form).status_code == 200
    used = store.form(
        "BD-TYT-01", {"item_code": "TH001", "quantity": "900"}, happened_on=backdate(60)
    )
    assert kho.send("/documents/new/issue", used).status_code == 200
    return kho


def test_every_list_answers_empty_and_filled_in_both_languages(
    client_for: Any, store: Store
) -> None:
    kho = client_for("kho_px")
    for url in LISTS:
        kho.text(url)
    store.receive(kho, "BD-TYT-01")
    for url in LISTS:
        kho.text(url)
    kho.get("/lang/en")
    assert "Movement report" in kho.text("/stock-reports/movement/")
    for name in NAMES:
        for kind in ("xlsx", "csv"):
            assert kho.get(f"/lists/inventory.{name}.{kind}").status_code == 200, name


def test_a_past_day_is_looked_at_and_exported(filled: Any) -> None:
    on = backdate(70)
    page = filled.text(f"/stock/?on={on}&q=TH001")
    assert "cuối ngày" in page
    assert "2.000" in page
    assert "1.100" in filled.text("/stock/?q=TH001")
    rows = csv_of(filled.get(f"/lists/inventory.stock.csv?on={on}&q=TH001&cols=quantity"))
    assert rows == [["Tồn kho"], ["2000"]]


def test_the_list_is_grouped_and_what_is_shown_is_what_is_exported(filled: Any) -> None:
    for group in ("ward", "district", "item", "lot", "fund"):
        url = f"group={group}&sort=quantity&dir=desc&cols=item&cols=place&cols=quantity"
        page = filled.text(f"/stock/?{url}")
        rows = csv_of(filled.get(f"/lists/inventory.stock.csv?{url}"))
        shown = re.findall(r'class="item-link"[^>]*>([^<]+)</a>', page)
        assert [r[0] for r in rows[1:]] == shown
        quantities = [int(r[-1]) for r in rows[1:]]
        assert quantities == sorted(quantities, reverse=True)


def test_the_movement_report_adds_up_on_the_page_and_in_the_file(filled: Any) -> None:
    url = f"from={backdate(90)}&to={backdate(30)}"
    page = filled.text(f"/stock-reports/movement/?{url}")
    assert "2.000" in page
    assert "1.100" in page
    rows = sheet_of(filled.get(f"/lists/inventory.movement.xlsx?{url}"))
    head = next(n for n, r in enumerate(rows) if r[0] == "Mã hàng")
    names = rows[head]
    for row in rows[head + 1 :]:
        cells = dict(zip(names, row, strict=True))
        assert (
            cells["Tồn đầu kỳ"] + (cells["Nhập"] or 0) - (cells["Xuất"] or 0)
            == cells["Tồn cuối kỳ"]
        )
        worth = (
            cells["Giá trị đầu kỳ"] + (cells["Giá trị nhập"] or 0) - (cells["Giá trị xuất"] or 0)
        )
        assert worth == cells["Giá trị cuối kỳ"]
    assert rows[1][:2] == ["Từ ngày", backdate(90)]


def test_a_file_holds_no_formula(filled: Any, store: Store) -> None:
    store.change("UPDATE item SET name_vi = '=cmd|A1', search = 'th001 x' WHERE code = 'TH001'")
    answer = filled.get("/lists/inventory.stock.xlsx?q=TH001")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    cells = [c for row in book.active.iter_rows() for c in row]
    assert any(c.value == "=cmd|A1" and c.data_type != "f" for c in cells)
    assert all(c.data_type != "f" for c in cells)
    for name in ("movement", "still"):
        text = filled.get(f"/lists/inventory.{name}.csv?days=30&period=year&cols=item").text
        assert "'=cmd|A1" in text


def test_expiry_use_minimum_and_what_does_not_move(filled: Any, store: Store) -> None:
    near = filled.text("/stock-reports/expiry/?within=60")
    assert "A1" in near
    assert "B1" not in near
    assert "TH001" in filled.text("/stock-reports/still/?days=30")
    assert "Không có" in filled.text("/stock-reports/still/?days=90&q=TH001")
    use = csv_of(filled.get("/lists/inventory.use.csv?q=TH001"))
    row = dict(zip(use[0], use[1], strict=True))
    assert (row["Đã dùng"], row["Ngày còn hàng"], row["Ngày hết hàng"]) == ("900", "90", "0")
    assert row["Dùng bình quân tháng"] == "300.0"
    # 30 days of use are 300 tablets: 1,100 are enough, until the store wants more of them.
    assert "TH001" not in filled.text("/stock-reports/minimum/")
    item = store.one("SELECT id FROM item WHERE code = 'TH001'")
    place = store.places["BD-TYT-01"]
    answer = filled.submit(
        "/stock-reports/minimum/set", facility=place, item=item, minimum="1.500", back="q=TH001"
    )
    assert answer.status_code == 302
    below = filled.text("/stock-reports/minimum/")
    assert "TH001" in below
    assert "400" in below
    wrong = filled.submit("/stock-reports/minimum/set", facility=place, item=item, minimum="12,5")
    assert wrong.status_code == 422
    assert filled.submit(
        "/stock-reports/minimum/set", facility=store.places["BD-TYT-02"], item=item, minimum="1"
    ).status_code == 404  # fmt: skip


def test_readers_may_look_and_not_set_close_or_reopen(
    client_for: Any, filled: Any, store: Store
) -> None:
    item = store.one("SELECT id FROM item WHERE code = 'TH001'")
    place = store.places["BD-TYT-01"]
    for name in ("taichinh", "thanhtra"):
        reader = client_for(name)
        for url in LISTS:
            reader.text(url)
        assert reader.submit(
            "/stock-reports/minimum/set", facility=place, item=item, minimum="1"
        ).status_code == 403  # fmt: skip
        assert reader.submit("/periods/close", facility=place, through="x").status_code == 403
    planner = client_for("kehoach")
    assert planner.submit("/periods/reopen", facility=place, reason="x").status_code == 403
    assert planner.submit(
        "/stock-reports/minimum/set", facility=place, item=item, minimum="7"
    ).status_code == 302  # fmt: skip
    assert store.one("SELECT quantity FROM stock_minimum") == 7


def test_a_period_is_closed_refuses_and_is_reopened(
    client_for: Any, filled: Any, store: Store
) -> None:
    place = store.places["BD-TYT-01"]
    last = TODAY.replace(day=1) - dt.timedelta(days=1)
    page = filled.text("/periods/")
    assert "chưa khóa lần nào" in page
    answer = filled.submit("/periods/close", facility=place, through=f"{last:%d/%m/%Y}")
    assert answer.status_code == 302
    assert f"{last:%d/%m/%Y}" in filled.text("/periods/")
    form = store.form(
        "BD-TYT-01", {"item_code": "TH001", "quantity": "1"}, happened_on=f"{last:%d/%m/%Y}"
    )
    refused = filled.send("/documents/new/issue", form)
    assert refused.status_code == 409
    assert f"đã khóa đến hết ngày {last:%d/%m/%Y}" in refused.json["errors"][0]["message"]
    again = filled.submit("/periods/close", facility=place, through=f"{last:%d/%m/%Y}")
    assert again.status_code == 409
    assert "đã khóa" in again.text
    finance = client_for("taichinh")
    assert finance.submit("/periods/reopen", facility=place, through="").status_code == 422
    reopened = finance.submit("/periods/reopen", facility=place, through="", reason="Quên phiếu")
    assert reopened.status_code == 302
    assert "Quên phiếu" in finance.text("/periods/")
    assert filled.send("/documents/new/issue", form).status_code == 200


def test_a_preview_tells_what_a_back_dated_document_changes(filled: Any, store: Store) -> None:
    before = store.documents()
    form = store.form(
        "BD-TYT-01", {"item_code": "TH001", "quantity": "100"}, happened_on=backdate(90)
    )
    told = filled.send("/documents/preview/issue", form)
    assert told.status_code == 200, told.text
    (item,) = told.json["items"]
    assert (item["day_after"], item["now_after"], item["later_movements"]) == (1900, 1000, 1)
    assert told.json["months"]
    assert "Ghi lùi" in told.json["sentence"]
    much = store.form(
        "BD-TYT-01", {"item_code": "TH001", "quantity": "1500"}, happened_on=backdate(90)
    )
    refused = filled.send("/documents/preview/issue", much)
    assert refused.status_code == 409
    assert backdate(60) in refused.json["refused"]
    assert store.documents() == before


def test_views_are_saved_under_a_name_for_oneself_only(client_for: Any, filled: Any) -> None:
    query = "show=near&sort=value&dir=desc&cols=item&cols=value"
    saved = filled.submit("/lists/views", page="/stock/", name="Cận hạn  đắt", query=query)
    assert saved.status_code == 302
    page = filled.text(saved.headers["Location"])
    assert "Cận hạn đắt" in page
    assert "Giá trị" in page
    assert "Đang chuyển đến" not in page.split("<thead>")[1].split("</thead>")[0]
    assert "Cận hạn đắt" not in client_for("kho_tb").text("/stock/")
    for wrong in ("//evil.example/x", "https://evil.example", "/stock/?x"):
        assert filled.submit("/lists/views", page=wrong, name="x", query="").status_code == 422
    number = re.search(r"/lists/views/(\d+)/delete", page)
    assert number
    assert client_for("kho_tb").submit(number[0]).status_code == 404
    assert filled.submit(number[0]).status_code == 302
    assert "Cận hạn đắt" not in filled.text("/stock/")


def test_a_long_list_becomes_a_file_by_a_job(
    client_for: Any, filled: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(files.ROWS_AT_ONCE, "xlsx", 1)
    asked = filled.get("/lists/inventory.stock.xlsx?cols=item&cols=quantity")
    assert asked.status_code == 302
    job = int(asked.headers["Location"].rpartition("/")[2])
    jobs.run_now(job)
    done = filled.get(asked.headers["Location"])
    assert done.headers["Location"].startswith("/files/?made=")
    page = filled.text(done.headers["Location"])
    link = re.search(r'href="(/files/\d+)"', page)
    assert link
    rows = sheet_of(filled.get(link[1]))
    assert ["Mặt hàng", "Tồn kho"] in rows
    assert client_for("kho_tb").get(link[1]).status_code == 404
    assert "ton-kho" not in client_for("kho_tb").text("/files/")
