"""The forecast's pages answer those they are for, and say what to do where there is nothing yet."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable

import pytest
from sqlalchemy import text

from supply.core import jobs
from supply.core.clock import VIETNAM
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.forecast import queries
from supply.forecast.services import record_cases, run_forecast
from tests.conftest import Stage
from tests.integration.forecast.conftest import SOURCE, ward_codes_of, weekly_rows
from tests.web.conftest import Browser

PAGES = ("cases", "projection", "burn", "shortage")


def last_saturday() -> dt.date:
    today = dt.datetime.now(VIETNAM).date()
    return today - dt.timedelta(days=(today.weekday() - 5) % 7)


@pytest.fixture
def forecast(db: Database, people: dict[str, int], stage: Stage) -> int:
    """Ba Đình with cases to last Saturday and a run; its id."""

    def enter() -> int:
        with acting_as(people["kehoach"]):
            record_cases("ba-dinh", weekly_rows(ward_codes_of(db), last_saturday()), SOURCE)
            return run_forecast("ba-dinh", draws=50)

    return stage(enter)


def item_id(db: Database, code: str) -> int:
    with db.owner_engine.connect() as connection:
        return int(
            connection.execute(
                text("SELECT id FROM item WHERE code = :code"), {"code": code}
            ).scalar_one()
        )


def test_without_cases_every_page_says_what_to_do(
    client_for: Callable[[str], Browser],
) -> None:
    planner = client_for("kehoach")
    assert "Chưa có ca bệnh nào được nhập" in planner.text("/forecast/cases/")
    for page in PAGES[1:]:
        assert "Chưa có lượt dự báo nào cho Ba Đình" in planner.text(f"/forecast/{page}/")
    assert "chưa chạy" in planner.text("/")


def test_a_planner_reads_the_whole_chain(
    db: Database, forecast: int, client_for: Callable[[str], Browser]
) -> None:
    planner = client_for("kehoach")
    assert "Số ca mỗi tuần: Ba Đình" in planner.text("/forecast/cases/")
    assert "Số ca mỗi tuần: Phúc Xá" in planner.text("/forecast/cases/?ward=00001")
    projection = planner.text("/forecast/projection/")
    assert "Tuần kết thúc" in projection
    assert projection.count('data-chart="fan"') == 1
    assert projection.count('class="panel ') == 14
    assert "Khẩu trang y tế 3 lớp" in planner.text("/forecast/burn/?category=ppe")
    why = planner.text(f"/forecast/burn/why/{item_id(db, 'PH001')}")
    assert "WHO ESFT" in why
    assert "Theo cơ sở, 28 ngày" in why
    shortage = planner.text("/forecast/shortage/")
    assert "hết trong 7 ngày" in shortage
    assert "Bản đồ nguy cơ" in shortage
    assert "/stock/card/" in shortage
    assert "Hết trong 7 ngày" in planner.text("/")


def test_the_pages_are_complete_in_english(
    forecast: int, client_for: Callable[[str], Browser]
) -> None:
    planner = client_for("kehoach")
    planner.get("/lang/en")
    for page, words in zip(
        PAGES, ("Cases a week", "Week ending", "Expected use", "Risk map"), strict=True
    ):
        assert words in planner.text(f"/forecast/{page}/")


def test_a_storekeeper_sees_the_shortage_of_their_own_store_only(
    forecast: int, client_for: Callable[[str], Browser]
) -> None:
    keeper = client_for("kho_px")
    page = keeper.text("/forecast/shortage/?within=all")
    assert "Trạm Y tế phường Trúc Bạch" not in page
    assert "ở 1/1 cơ sở" in page
    for address in ("/forecast/projection/", "/forecast/cases/"):
        refused = keeper.get(address)
        assert refused.status_code == 403
        assert "cán bộ kế hoạch" in refused.text


def test_another_districts_pages_do_not_exist(
    forecast: int, client_for: Callable[[str], Browser]
) -> None:
    other = client_for("kho_rg")
    assert "Chưa có lượt dự báo nào cho Rạch Giá" in other.text("/forecast/shortage/")
    assert other.get("/forecast/shortage/?district=ba-dinh").status_code == 404
    assert other.get("/forecast/shortage/export.csv?district=ba-dinh").status_code == 404


def test_a_run_is_asked_for_by_a_button_and_its_job_leads_back(
    db: Database,
    people: dict[str, int],
    forecast: int,
    client_for: Callable[[str], Browser],
) -> None:
    planner = client_for("kehoach")
    answer = planner.submit("/forecast/run", district="ba-dinh", severity_set="esft")
    assert answer.status_code == 302
    job_id = int(answer.location.rsplit("/", 1)[1])
    jobs.run_now(job_id)
    done = planner.get(f"/jobs/{job_id}")
    assert done.location == "/forecast/projection/?district=ba-dinh"
    with acting_as(people["kehoach"]):
        newest = queries.latest_run(queries.run(forecast).district_id)
    assert newest is not None
    assert newest.id > forecast
    assert newest.params.severity_set == "esft"


def test_who_may_only_read_cannot_run(forecast: int, client_for: Callable[[str], Browser]) -> None:
    for name in ("truong", "thanhtra"):
        reader = client_for(name)
        page = reader.text("/forecast/projection/")
        assert "Chạy dự báo" not in page
        assert reader.submit("/forecast/run", district="ba-dinh").status_code == 403


def test_a_weeks_cases_are_entered_by_ward_and_faults_named(
    db: Database, people: dict[str, int], client_for: Callable[[str], Browser]
) -> None:
    planner = client_for("kehoach")
    saturday = dt.date(2022, 3, 5)  # the wards were merged in 2025
    week = saturday.isoformat()
    fields = {f"cases-{code}": "12" for code in ward_codes_of(db)}
    address = "/forecast/cases/enter"
    wrong = planner.submit(
        address, district="ba-dinh", week=week, source="x", **{**fields, "cases-00004": "1,5"}
    )
    assert wrong.status_code == 422
    assert "Trúc Bạch: “1,5” không phải số ca" in wrong.text
    assert 'value="1,5"' in wrong.text
    assert (
        "Nguồn số liệu"
        in planner.submit(address, district="ba-dinh", week=week, source=" ", **fields).text
    )
    with acting_as(people["kehoach"]):
        assert not queries.week_reports("ba-dinh", saturday)
    done = planner.submit(address, district="ba-dinh", week=week, source="Báo cáo tuần", **fields)
    assert done.status_code == 302
    assert "Đã ghi số ca của 14 phường, xã." in planner.text(done.location)
    again = planner.submit(
        address, district="ba-dinh", week=week, source="x", **{**fields, "cases-00001": "1.200"}
    )
    assert "Đã ghi số ca của 1 phường, xã." in planner.text(again.location)
    with acting_as(people["kehoach"]):
        assert queries.week_reports("ba-dinh", saturday)["00001"] == 1200


def test_the_shortage_list_is_filtered_by_its_address_and_exported_as_shown(
    forecast: int, client_for: Callable[[str], Browser]
) -> None:
    planner = client_for("kehoach")
    page = planner.text("/forecast/shortage/?within=all&q=khau trang y te")
    assert "Khẩu trang y tế 3 lớp" in page
    assert "Paracetamol 500" not in page.split("<tbody>")[-1]
    file = planner.get("/forecast/shortage/export.csv?within=all&q=khau trang y te")
    rows = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert len(rows) == 1 + 18
    assert {row[2] for row in rows[1:]} == {"PH001"}
    assert planner.get("/forecast/shortage/?facility=999999").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/forecast/burn/?facility=abc",
        "/forecast/burn/?facility=99999999",
        "/forecast/burn/why/999999",
        "/forecast/shortage/?from=99999&within=x&facility=x",
        "/forecast/cases/?ward=%27",
        "/forecast/cases/enter?week=2022-02-31",
    ],
)
def test_odd_addresses_are_answered_without_a_fault(
    forecast: int, client_for: Callable[[str], Browser], address: str
) -> None:
    assert client_for("kehoach").get(address).status_code in (200, 404)
