"""The pages of planning as people of each role see them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest

from supply.catalog import queries as catalog
from supply.core.clock import VIETNAM
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.forecast.services import record_cases, run_forecast
from tests.conftest import Stage
from tests.integration.forecast.conftest import SOURCE, ward_codes_of, weekly_rows
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]


@pytest.fixture
def run_id(db: Database, people: dict[str, int], stage: Stage) -> int:
    """Ba Đình with cases to last Saturday and a run."""
    day = dt.datetime.now(VIETNAM).date()
    last = day - dt.timedelta(days=(day.weekday() - 5) % 7)

    def enter() -> int:
        with acting_as(people["kehoach"]):
            record_cases("ba-dinh", weekly_rows(ward_codes_of(db), last), SOURCE)
            return run_forecast("ba-dinh", draws=100)

    return stage(enter)


def partner_of(people: dict[str, int]) -> tuple[str, dict[str, int]]:
    with acting_as(people["kehoach"]):
        places = {f.code: f.id for f in catalog.facilities()}
        return catalog.partners("supplier")[0].code, places


def day_in(days: int) -> str:
    return f"{dt.datetime.now(VIETNAM).date() + dt.timedelta(days=days):%d/%m/%Y}"


def test_pages_without_a_forecast_say_what_to_do(client_for: ClientFor) -> None:
    planner = client_for("kehoach")
    for path in ("/purchase/", "/reserve/", "/waste/"):
        assert "Chưa có lượt dự báo nào" in planner.text(path)
    assert "Không có hàng nào đang chờ về" in planner.text("/on-order/")
    planner.client.get("/lang/en")
    assert "Nothing is on order" in planner.text("/on-order/")


def test_a_plan_is_reckoned_saved_and_approved_by_another(
    client_for: ClientFor, run_id: int, people: dict[str, int]
) -> None:
    planner = client_for("kehoach")
    page = planner.text("/purchase/?review_days=14&level=95&fund=QCOVID")
    for words in ("Cần mua", "chưa có giá", "Vì sao?", "giả định", "QCOVID"):
        assert words in page
    assert "style=" not in page.split("<main", 1)[1]
    assert planner.get("/lists/planning.purchase.xlsx?level=99").data.startswith(b"PK")
    assert "Cần mua" in planner.text("/purchase/?scope=facility&category=ppe")
    answer = planner.submit("/purchase/save", review_days="14", level="95", fund="QCOVID")
    assert answer.status_code == 302
    url = answer.headers["Location"]
    assert "Duyệt kế hoạch mua" not in planner.text(url)
    answer = planner.submit(f"{url}/approve")
    assert answer.status_code == 403
    assert "người thứ hai" in answer.text

    second = client_for("duyet")
    assert "Kế hoạch mua chờ duyệt" in second.text("/")
    assert "Duyệt kế hoạch mua" in second.text(url)
    assert second.submit(f"{url}/return", reason="").status_code == 422
    assert second.submit(f"{url}/approve").status_code == 302
    assert second.submit(f"{url}/approve").status_code == 409
    partner, places = partner_of(people)
    page = planner.text(url)
    assert "Ghi thành hàng đã đặt" in page
    assert planner.submit(f"{url}/order", facility_id=places["BD-TTYT"]).status_code == 409
    items = re.findall(r'name="item" value="(\w+)"', page)[:3]
    answer = planner.submit(
        f"{url}/order", facility_id=places["BD-TTYT"], partner=partner, item=items
    )
    assert answer.status_code == 302
    assert f"KHM-{url.rsplit('/', 1)[1]}" in planner.text("/on-order/")
    assert "Mã hàng" in planner.text(f"/lists/planning.purchase.csv?plan={url.rsplit('/', 1)[1]}")
    planner.client.get("/lang/en")
    assert "Approved" in planner.text(url)


def test_terms_that_cannot_be_are_said_by_field(client_for: ClientFor, run_id: int) -> None:
    planner = client_for("kehoach")
    answer = planner.get("/purchase/?review_days=ba&level=95")
    assert answer.status_code == 422
    assert "Hãy nhập một số" in answer.text
    assert planner.get("/purchase/?review_days=999").status_code == 422
    assert planner.submit("/purchase/save", level="200").status_code == 422
    assert "Chưa có kế hoạch mua nào" in planner.text("/purchase/")


def test_an_order_is_written_received_in_part_changed_and_cancelled(
    client_for: ClientFor, people: dict[str, int], run_id: int
) -> None:
    partner, places = partner_of(people)
    keeper = client_for("kho_px")
    told = {
        "facility_id": places["BD-TYT-01"], "item": "PH001 · khẩu trang", "quantity": "1.000",
        "expected_on": day_in(5), "partner": partner, "paper_reference": "HĐ 7/2022",
        "unit_price_vnd": "1.200",
    }  # fmt: skip
    wrong = keeper.submit("/on-order/new", **(told | {"quantity": "1,5", "expected_on": "31/02"}))
    assert wrong.status_code == 422
    assert "PH001" in wrong.text
    assert keeper.submit("/on-order/new", **(told | {"item": "KHONG"})).status_code == 422
    assert keeper.submit("/on-order/new", **told).status_code == 302
    page = keeper.text("/on-order/")
    assert "HĐ 7/2022" in page
    number = re.findall(r'id="order-(\d+)"', page)[0]
    planner = client_for("kehoach")
    shortage = planner.text("/forecast/shortage/?within=all&q=PH001")
    assert "đã đặt: 1.000" in shortage
    assert "chance-curve" in shortage
    assert planner.get("/lists/forecast.shortage.xlsx?within=all&q=PH001").data.startswith(b"PK")
    told_file = planner.text("/lists/forecast.shortage.csv?within=all&q=PH001")
    assert "Khả năng hết trong 14 ngày (%)" in told_file
    assert keeper.submit(f"/on-order/{number}/receive", quantity="400").status_code == 302
    rest = re.findall(r'id="order-(\d+)"', keeper.text("/on-order/"))
    assert len(rest) == 1
    assert rest[0] != number
    changed = {"quantity": "500", "expected_on": day_in(9), "reason": "giao chậm"}
    assert keeper.submit(f"/on-order/{rest[0]}/change", **changed).status_code == 302
    last = re.findall(r'id="order-(\d+)"', keeper.text("/on-order/"))[0]
    assert keeper.submit(f"/on-order/{last}/cancel", reason="").status_code == 422
    assert keeper.submit(f"/on-order/{last}/cancel", reason="hết hàng").status_code == 302
    assert keeper.submit(f"/on-order/{last}/cancel", reason="hết hàng").status_code == 409
    closed = keeper.text("/on-order/?closed=1")
    for words in ("Đã nhận", "Đã đổi", "Đã hủy", "hết hàng"):
        assert words in closed
    assert "HĐ 7/2022" in keeper.text("/lists/planning.orders.csv?closed=1")
    assert client_for("kho_tb").submit(f"/on-order/{last}/cancel", reason="x").status_code == 404


def test_a_reserve_list_is_made_changed_sent_and_approved(
    client_for: ClientFor, run_id: int
) -> None:
    planner = client_for("kehoach")
    assert planner.submit("/reserve/make", level="abc").status_code == 422
    answer = planner.submit("/reserve/make", run=run_id, level="95", note="theo kịch bản")
    assert answer.status_code == 302
    url = answer.headers["Location"]
    page = planner.text(url)
    assert "Còn thiếu" in page
    assert "style=" not in page.split("<main", 1)[1]
    place = re.findall(r'option value="(\d+)"', page.split('id="facility"')[1])[1]
    page = planner.text(f"{url}?facility={place}")
    name = re.findall(r'name="(units-\d+-\d+)"', page)[0]
    wrong = planner.submit(f"{url}/edit?facility={place}", **{name: "1,5"})
    assert wrong.status_code == 422
    answer = planner.submit(f"{url}/edit", facility=place, **{name: "777"})
    assert answer.status_code == 302
    second = answer.headers["Location"].split("?")[0]
    assert "777" in planner.text(f"{second}?facility={place}")
    assert planner.submit(f"{second}/submit").status_code == 302
    assert planner.submit(f"{second}/approve").status_code == 403
    other = client_for("duyet")
    assert "Danh mục dự trữ chờ duyệt" in other.text("/")
    assert other.submit(f"{second}/return", reason="").status_code == 422
    assert other.submit(f"{second}/approve").status_code == 302
    assert other.submit(f"{second}/approve").status_code == 409
    assert "Đã duyệt" in planner.text("/reserve/")
    number = second.rsplit("/", 1)[1]
    assert planner.get(f"/lists/planning.reserve.xlsx?list={number}").data.startswith(b"PK")
    assert planner.get(f"{second}/print.pdf?facility={place}").data.startswith(b"%PDF")
    assert planner.get(f"{second}/print.xlsx?show=missing").data.startswith(b"PK")
    keeper = client_for("kho_px")
    mine = keeper.text(second)
    assert "BD-TYT-02" not in mine
    assert "Tính danh mục mới" not in keeper.text("/reserve/")
    planner.client.get("/lang/en")
    assert "Reserve list, version 2" in planner.text(second)


def test_waste_is_shown_with_what_can_be_treated(client_for: ClientFor, run_id: int) -> None:
    planner = client_for("kehoach")
    page = planner.text("/waste/")
    assert "chưa có nơi xử lý" in page
    assert "Chưa nhập năng lực xử lý nào" in page
    wrong = planner.submit("/waste/capacity", kg_per_day="nhiều", source="x")
    assert wrong.status_code == 422
    assert planner.submit("/waste/capacity", kg_per_day="5", source="").status_code == 422
    answer = planner.submit(
        "/waste/capacity", kg_per_day="20.000", source="HĐ URENCO", facility="",
        valid_from=day_in(0),
    )  # fmt: skip
    assert answer.status_code == 302
    page = planner.text("/waste/")
    assert "HĐ URENCO" in page
    assert "suffices" not in page
    assert "Năng lực xử lý đủ" in page
    assert "Đơn vị xử lý thuê ngoài" in page
    assert planner.get("/lists/planning.waste.xlsx").data.startswith(b"PK")
    planner.client.get("/lang/en")
    assert "Infectious waste" in planner.text("/waste/")


def test_others_are_told_whose_page_it_is(client_for: ClientFor, run_id: int) -> None:
    keeper = client_for("kho_px")
    assert keeper.get("/purchase/").status_code == 403
    assert keeper.get("/waste/").status_code == 403
    money = client_for("taichinh")
    assert money.get("/purchase/").status_code == 200
    assert money.submit("/purchase/save", level="95").status_code == 403
    head = client_for("truong")
    assert "Tính danh mục mới" not in head.text("/reserve/")
    assert client_for("thanhtra").submit("/waste/capacity", kg_per_day="1").status_code == 403
