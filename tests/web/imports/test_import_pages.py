"""A storekeeper brings a file through the pages."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
import python_calamine
from sqlalchemy import text

from supply.core import jobs

OPENING = (
    "Mã cơ sở;Ngày;Mã hàng;Số lô;Hạn dùng;Nguồn quỹ;Số lượng;Đơn giá\n"
    "BD-TYT-01;01/03/2022;TH001;PA1;12/2024;NSTP;1.200;350\n"
    "BD-TYT-01;01/03/2022;PH001;KT1;31/12/2023;NSTP;500;1.000 đ\n"
)


def upload(browser, kind: str, content: bytes, name: str = "ton dau.csv"):
    return browser.client.post(
        "/imports/upload",
        data={"csrf_token": browser.token, "kind": kind, "file": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )


def columns_of(page: str) -> dict[str, str]:
    """The mapping as the form has it."""
    found = {}
    for name, options in re.findall(r'<select[^>]*name="(column-\w+)">(.*?)</select>', page, re.S):
        chosen = re.search(r'value="(\d+)" selected', options)
        if chosen:
            found[name] = chosen[1]
    return found


def bring(browser, kind: str, content: bytes) -> str:
    """Upload and check with the guessed columns; the file's address."""
    answer = upload(browser, kind, content)
    assert answer.status_code == 302, answer.text[:2000]
    url = answer.location
    answer = browser.submit(f"{url}/columns", **columns_of(browser.text(url)))
    assert answer.status_code == 302
    return url


def count(db, table: str) -> int:
    with db.owner_engine.connect() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def test_opening_balances_go_in_once(client_for, db):
    browser = client_for("kho_px")
    url = bring(browser, "opening", OPENING.encode())
    page = browser.text(url)
    assert "Không có lỗi. Chưa ghi gì" in page
    assert "Phiếu tồn đầu" in page
    assert count(db, "document") == 0

    answer = browser.submit(f"{url}/run")
    job_id = int(answer.location.rpartition("/")[2])
    jobs.run_now(job_id)
    assert browser.get(f"/jobs/{job_id}").location == url
    page = browser.text(url)
    assert "Đã nhập xong" in page
    assert "TD-2022-0001" in page
    assert count(db, "entry") == 2

    again = bring(browser, "opening", OPENING.encode())
    assert "Không có gì mới" in browser.text(again)
    assert browser.submit(f"{again}/run").status_code == 302  # nothing to do is no fault
    assert browser.submit(f"{url}/run").status_code == 409


def test_faults_come_back_row_by_row_and_nothing_is_written(client_for, db):
    browser = client_for("kho_px")
    wrong = OPENING + "BD-TYT-02;01/03/2022;TH999;X;31/13/2024;NSTP;1,5;\n"
    url = bring(browser, "opening", wrong.encode())
    page = browser.text(url)
    assert "chưa ghi dòng nào" in page
    assert "Không có mặt hàng mã “TH999”" in page
    report = browser.get(f"{url}/report")
    sheet = python_calamine.load_workbook(io.BytesIO(report.data)).get_sheet_by_index(0)
    rows = sheet.to_python()
    assert rows[0][-1] == "Lỗi"
    assert rows[1][:3] == ["BD-TYT-01", "01/03/2022", "TH001"]
    assert rows[1][-1] == ""
    for said in ("TH999", "Hạn dùng", "Số lượng", "ghi sổ cho cơ sở này"):
        assert said in rows[3][-1]
    assert count(db, "document") == 0
    assert browser.submit(f"{url}/run").status_code == 409


def test_a_changed_mapping_is_remembered(client_for):
    browser = client_for("kho_px")
    odd = OPENING.replace("Số lượng", "Cột lạ")
    answer = upload(browser, "opening", odd.encode())
    columns = columns_of(browser.text(answer.location))
    assert "column-quantity" not in columns
    refused = browser.submit(f"{answer.location}/columns", **columns)
    assert refused.status_code == 422
    assert "Chưa chọn cột cho “Số lượng”" in refused.text
    columns["column-quantity"] = "6"
    assert browser.submit(f"{answer.location}/columns", **columns).status_code == 302
    second = upload(browser, "opening", odd.encode())
    page = browser.text(second.location)
    assert columns_of(page)["column-quantity"] == "6"
    assert "Theo lần bạn chọn trước" in page


@pytest.mark.parametrize("kind", ["opening", "history"])
def test_templates_can_be_filled_in_and_brought_back(client_for, kind):
    browser = client_for("kho_px")
    answer = browser.get(f"/imports/template/{kind}")
    book = python_calamine.load_workbook(io.BytesIO(answer.data))
    assert len(book.sheet_names) == 3
    codes = {c for row in book.get_sheet_by_index(1).to_python() for c in row}
    assert {"TH001", "NSTP", "BD-TYT-01"} <= codes
    assert "BD-TYT-02" not in codes
    assert upload(browser, kind, answer.data, "mau.xlsx").status_code == 302


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        for n in range(5):
            archive.writestr(f"xl/worksheets/sheet{n}.xml", b"0" * 100_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda: b"%PDF-1.7\n\xe2\xe3\xcf\xd3 \x00\x01", "không phải bảng CSV, XLSX hay ODS"),
        (lambda: b"PK\x03\x04not a zip", "không phải bảng tính"),
        (lambda: b"", "Tệp trống"),
        (bomb, "bung ra quá lớn"),
    ],
    ids=["pdf", "broken", "empty", "bomb"],
)
def test_what_is_no_table_is_refused_with_words(client_for, db, content, said):
    browser = client_for("kho_px")
    answer = upload(browser, "history", content(), "x.xlsx")
    assert answer.status_code in (413, 422)
    assert said in answer.text
    assert count(db, "import_file") == 0


def test_a_file_is_its_makers_own_and_items_are_the_administrators(client_for):
    mine = client_for("kho_px")
    url = bring(mine, "opening", OPENING.encode())
    assert client_for("kho_tb").get(url).status_code == 404
    assert client_for("kho_tb").get(f"{url}/report").status_code == 404
    assert upload(mine, "items", b"Ma hang,Ten hang\nX,Y\n").status_code == 403
    assert client_for("kehoach").get("/imports/").status_code == 403


ITEMS = (
    "Mã hàng,Tên hàng,Nhóm,Đơn vị tính,Thể tích (lít),Quy cách,Số đơn vị mỗi quy cách\n"
    'VT900,Băng cuộn,Vật tư tiêu hao,cuộn,"0,05",hộp 10 cuộn,10\n'
    'VT900,Băng cuộn,Vật tư tiêu hao,cuộn,"0,05",thùng 100 cuộn,100\n'
    'TH001,Tên khác,Thuốc,viên,"0,001",hộp 100 viên,100\n'
)


def test_items_are_added_where_missing_and_never_changed(client_for, db):
    browser = client_for("quantri")
    for new in (1, 0):
        url = bring(browser, "items", ITEMS.encode())
        page = browser.text(url)
        assert ("Không có lỗi" in page) == bool(new)
        if new:
            jobs.run_now(int(browser.submit(f"{url}/run").location.rpartition("/")[2]))
            assert "Đã nhập xong" in browser.text(url)
    with db.owner_engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT i.name_vi, i.search, count(p.id) FROM item i"
                " LEFT JOIN item_pack p ON p.item_id = i.id WHERE i.code IN ('VT900', 'TH001')"
                " GROUP BY i.id ORDER BY i.code"
            )
        ).all()
    assert rows[0].name_vi == "Paracetamol 500 mg, viên nén"
    assert (rows[1].name_vi, rows[1][2]) == ("Băng cuộn", 2)
    assert "bang cuon" in rows[1].search
    changed = ITEMS.replace("viên", "hộp", 1).replace(",Thuốc,viên", ",Thuốc,gói")
    assert "đã có trong danh mục với đơn vị" in browser.text(
        bring(browser, "items", changed.encode())
    )
