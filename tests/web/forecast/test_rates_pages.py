"""The pages of rates: norm beside use, one rate taken apart, the pin, the file."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest
from sqlalchemy import text

from supply.core.database import Database
from supply.core.scope import acting_as
from supply.forecast.services import run_forecast
from tests.conftest import Stage
from tests.integration.forecast.test_rates import GOWN, OTHER, STATION, enter_kept
from tests.web.conftest import Browser


@pytest.fixture
def learned(db: Database, people: dict[str, int], stage: Stage) -> int:
    """A run over a ledger in which a station hands out gowns."""

    def enter() -> int:
        with acting_as(enter_kept(db, people)["kehoach"]):
            return run_forecast("ba-dinh", draws=50)

    return stage(enter)


def ids(db: Database, place: str = STATION) -> tuple[int, int]:
    """(facility, item) of the gown at a station."""
    with db.owner_engine.connect() as connection:
        found = connection.execute(
            text("SELECT f.id, i.id FROM facility f, item i WHERE f.code = :f AND i.code = :i"),
            {"f": place, "i": GOWN},
        ).one()
    return int(found[0]), int(found[1])


def test_without_a_run_the_page_says_what_to_do(
    people: dict[str, int], client_for: Callable[[str], Browser]
) -> None:
    assert "Chưa có lượt dự báo nào cho Ba Đình" in client_for("kehoach").text("/forecast/rates/")


def test_the_farthest_apart_come_first_and_can_be_filtered(
    db: Database, learned: int, client_for: Callable[[str], Browser]
) -> None:
    planner = client_for("kehoach")
    page = planner.text("/forecast/rates/")
    assert page.index(GOWN) < page.index("HC001")
    facility, item = ids(db)
    assert f'href="/forecast/rates/{facility}/{item}?' in page
    only = planner.text(f"/forecast/rates/?facility={facility}&q=choàng")
    assert GOWN in only
    assert "HC001" not in only
    assert "Không có mức dùng nào" in planner.text("/forecast/rates/?q=khong-co-mat-hang-nay")
    english = client_for("kehoach")
    english.get("/lang/en")
    assert "Norm and use" in english.text("/forecast/rates/")


def test_one_rate_is_taken_apart_down_to_the_ledger(
    db: Database, learned: int, client_for: Callable[[str], Browser]
) -> None:
    facility, item = ids(db)
    page = client_for("kehoach").text(f"/forecast/rates/{facility}/{item}")
    assert "định mức có hiệu chỉnh theo thực dùng" in page
    assert "104 ngày được tính" in page
    assert "Không tính là dùng" in page
    assert f"/stock/card/{facility}/{item}?from=" in page
    assert page.count("Xem thẻ kho") == 13  # back to the first issue, twelve Mondays before
    assert '<td class="num" data-label="Xuất dùng">70</td>' in page


def test_a_planner_pins_with_a_reason_and_others_cannot(
    db: Database, learned: int, client_for: Callable[[str], Browser]
) -> None:
    facility, item = ids(db)
    path = f"/forecast/rates/{facility}/{item}"
    planner = client_for("kehoach")
    refused = planner.submit(f"{path}/pin", pinned="1", reason=" ")
    assert refused.status_code == 422
    assert "Xin ghi lý do" in refused.get_data(as_text=True)
    assert planner.submit(f"{path}/pin", pinned="1", reason="cấp bù").status_code == 302
    assert "Đang giữ định mức từ" in planner.text(path)
    keeper = client_for("kho_px")
    assert "cấp bù" in keeper.text(path)
    assert 'name="reason"' not in keeper.text(path)
    assert keeper.submit(f"{path}/pin", pinned="0", reason="x").status_code == 403


def test_a_store_sees_its_own_rates_only(
    db: Database, learned: int, client_for: Callable[[str], Browser]
) -> None:
    keeper = client_for("kho_px")
    other, item = ids(db, OTHER)
    assert "Trạm Y tế" in keeper.text("/forecast/rates/")
    assert keeper.get(f"/forecast/rates/{other}/{item}").status_code == 404
    assert client_for("kho_rg").get("/forecast/rates/?district=ba-dinh").status_code == 404


def test_the_file_holds_what_the_page_shows(
    learned: int, client_for: Callable[[str], Browser]
) -> None:
    answer = client_for("kehoach").get(f"/lists/forecast.rates.xlsx?run={learned}&q={GOWN}")
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = next(n for n, row in enumerate(rows) if "Mã hàng" in row)
    code = rows[head].index("Mã hàng")
    assert {row[code] for row in rows[head + 1 :]} == {GOWN}
