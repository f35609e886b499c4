"""The pages of care and oxygen to come answer those they are for, and say what to do when empty."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.forecast.care import queries, services
from supply.forecast.services import record_cases, run_forecast
from tests.conftest import Stage
from tests.integration.forecast.conftest import SOURCE, ward_codes_of, weekly_rows
from tests.integration.forecast.test_care import last_saturday, place
from tests.web.conftest import Browser

PAGES = ("care/", "care/census/", "care/capacity/", "care/activities/", "oxygen/")


@pytest.fixture
def forecast(db: Database, people: dict[str, int], stage: Stage) -> dict[str, int]:
    """Ba Đình with cases, a census, sources of oxygen, a plan and a run; facility code -> id."""
    return stage(lambda: enter_care(db, people))


def enter_care(db: Database, people: dict[str, int]) -> dict[str, int]:
    """What `forecast` says."""
    with acting_as(people["kehoach"]):
        record_cases("ba-dinh", weekly_rows(ward_codes_of(db), last_saturday()), SOURCE)
        hospital = place("BD-TTYT")
        services.record_census(hospital, today(), {"severe": 31, "critical": 6})
        services.set_capacity(
            hospital,
            {"beds": 20, "oxygen_cylinders": 40, "cylinder_exchanges_per_day": 1},
            today(),
            "Báo cáo trung tâm",
        )
        services.plan_activity(
            services.Plan(hospital, "cleaning", "Khử khuẩn khoa", today(), today(), 3)
        )
        run_forecast("ba-dinh", draws=50)
        return {f.code: f.id for f in catalog.facilities()}


def test_without_a_run_the_pages_say_what_to_do(client_for: Callable[[str], Browser]) -> None:
    planner = client_for("kehoach")
    for page in ("care/", "oxygen/"):
        assert "Chưa có lượt dự báo nào cho Ba Đình" in planner.text(f"/forecast/{page}")
    assert "Chưa cơ sở nào ghi" in planner.text("/forecast/care/census/")
    assert "Chưa có kế hoạch nào" in planner.text("/forecast/care/activities/")
    assert "Theo danh mục cơ sở" in planner.text("/forecast/care/capacity/")


def test_a_planner_sees_patients_against_beds(
    forecast: dict[str, int], client_for: Callable[[str], Browser]
) -> None:
    page = client_for("kehoach").text("/forecast/care/")
    assert "Toàn bệnh viện, kể cả hồi sức" in page
    assert "đã ghi 37" in page
    assert "Thiếu giường" in page
    assert 'data-chart="fan"' in page
    assert "Khử khuẩn khoa" in page


def test_a_planner_sees_oxygen_against_its_sources(
    forecast: dict[str, int], client_for: Callable[[str], Browser]
) -> None:
    page = client_for("kehoach").text("/forecast/oxygen/")
    assert f'href="/oxygen/{forecast["BD-TTYT"]}"' in page
    assert "Người bệnh nặng 10 lít/phút (5 – 15), nguy kịch 30 lít/phút." in page
    assert "600" in page  # 40 cylinders of 15 L/min at once
    assert "Nạp không kịp" in page
    assert "0 giờ" in page  # no gas in the books
    assert 'data-chart="fan"' in page


def test_the_pages_are_complete_in_english(
    forecast: dict[str, int], client_for: Callable[[str], Browser]
) -> None:
    planner = client_for("kehoach")
    planner.get("/lang/en")
    words = ("Whole hospital", "Record patients", "ICU beds", "Keep the plan", "Gas lasts")
    for page, word in zip(PAGES, words, strict=True):
        assert word in planner.text(f"/forecast/{page}")


def test_a_head_enters_the_census_of_the_own_facility(
    people: dict[str, int], forecast: dict[str, int], client_for: Callable[[str], Browser]
) -> None:
    head = client_for("truong")
    own = forecast["BD-TYT-01"]
    page = head.text("/forecast/care/census/")
    assert "Trạm Y tế phường Phúc Xá" in page
    assert "Trung tâm Y tế" not in page.split("<main")[-1]
    address = "/forecast/care/census/"
    wrong = head.submit(address, facility=str(own), mild="1,5", moderate="x", on="31/02/2022")
    assert wrong.status_code == 422
    assert "Nhẹ: “1,5” không phải là số; ví dụ 12." in wrong.text
    assert "Vừa: “x” không phải là số" in wrong.text
    assert 'value="1,5"' in wrong.text
    with acting_as(people["truong"]):
        assert not queries.census([own], last_saturday(), today())
    done = head.submit(address, facility=str(own), mild="1.200", moderate="0", on="")
    assert done.status_code == 302
    assert "Đã ghi số người bệnh của Trạm Y tế phường Phúc Xá." in head.text(done.location)
    with acting_as(people["truong"]):
        kept = {row.tier: row.patients for row in queries.census([own], last_saturday(), today())}
    assert kept == {"mild": 1200, "moderate": 0}
    assert head.submit(address, facility=str(forecast["BD-TTYT"]), severe="1").status_code == 404
    for page in ("capacity/", "activities/"):
        assert head.get(f"/forecast/care/{page}").status_code == 403


def test_a_planner_sets_capacity_and_only_what_changed_is_kept(
    people: dict[str, int], forecast: dict[str, int], client_for: Callable[[str], Browser]
) -> None:
    planner = client_for("kehoach")
    hospital = str(forecast["BD-TTYT"])
    address = "/forecast/care/capacity/"
    fields = {"beds": "20", "icu_beds": "4", "pcr_tests_per_day": "90,5"}
    wrong = planner.submit(address, facility=hospital, source=" ", **(fields | {"beds": "hai"}))
    assert wrong.status_code == 422
    assert "“hai” không phải là số" in wrong.text
    nameless = planner.submit(address, facility=hospital, source=" ", **fields)
    assert "Xin ghi nguồn số liệu" in nameless.text
    done = planner.submit(address, facility=hospital, source="Công văn 5", **fields)
    assert "Đã lưu 3 số liệu." in planner.text(done.location)  # the cylinders are taken back too
    with acting_as(people["kehoach"]):
        rows = {row.what: row for row in queries.capacities([int(hospital)])}
    assert rows["pcr_tests_per_day"].value == 90.5
    assert rows["oxygen_cylinders"].value is None
    assert not rows["icu_beds"].entered


def test_a_plan_is_made_and_cancelled(
    forecast: dict[str, int], client_for: Callable[[str], Browser]
) -> None:
    planner = client_for("kehoach")
    address = "/forecast/care/activities/"
    fields = {
        "facility": str(forecast["BD-TYT-01"]),
        "activity": "screening_antigen",
        "programme": "Chợ Long Biên",
        "first_day": f"{today():%d/%m/%Y}",
        "last_day": f"{today():%d/%m/%Y}",
        "per_day": "250",
    }
    wrong = planner.submit(address, **(fields | {"per_day": "0", "programme": ""}))
    assert wrong.status_code == 422
    assert "Số mỗi ngày phải lớn hơn 0" in wrong.text
    made = planner.submit(address, **fields)
    page = planner.text(made.location)
    assert "Chợ Long Biên" in page
    row = page.split("Chợ Long Biên")[1]
    cancel = row.split("/forecast/care/activities/")[1].split("/cancel")[0]
    gone = planner.submit(f"/forecast/care/activities/{cancel}/cancel", district="ba-dinh")
    left = planner.text(gone.location)
    assert "Chợ Long Biên" not in left
    assert "Khử khuẩn khoa" in left
    assert planner.submit("/forecast/care/activities/999999/cancel").status_code == 404


def test_lists_are_exported(forecast: dict[str, int], client_for: Callable[[str], Browser]) -> None:
    planner = client_for("kehoach")
    care = planner.get("/lists/forecast.care.csv?district=ba-dinh")
    assert care.status_code == 200
    assert "BD-TTYT" in care.text
    assert "Hồi sức" in care.text
    oxygen = planner.get("/lists/forecast.oxygen.csv?district=ba-dinh")
    assert "BD-TTYT" in oxygen.text
    assert planner.get("/lists/forecast.oxygen.xlsx?district=ba-dinh").status_code == 200


def test_a_storekeeper_reads_the_own_store_only(
    forecast: dict[str, int], client_for: Callable[[str], Browser]
) -> None:
    keeper = client_for("kho_px")
    assert "Trung tâm Y tế" not in keeper.text("/forecast/oxygen/").split("<main")[-1]
    assert "Chưa có người bệnh nằm viện" in keeper.text("/forecast/care/")
    assert keeper.get("/forecast/care/census/").status_code == 403
    assert "BD-TTYT" not in keeper.get("/lists/forecast.care.csv").text
    other = client_for("kho_rg")
    assert other.get("/forecast/oxygen/?district=ba-dinh").status_code == 404
