"""A run is stored whole, can be made again bit for bit, and is seen by its own district only."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.database import Database
from supply.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from supply.core.scope import acting_as
from supply.core.transaction import reading, transaction
from supply.forecast import queries
from supply.forecast.services import CaseRow, record_cases, replay, run_forecast
from tests.integration.forecast.conftest import LAST_WEEK, SOURCE, ward_codes_of, weekly_rows


def test_a_run_is_stored_and_made_again_bit_for_bit(db: Database, reported: dict[str, int]) -> None:
    with acting_as(reported["kehoach"]):
        run_id = run_forecast("ba-dinh", draws=200)
        row = replay(run_id)
        wards, district = queries.stored_quantiles(run_id)
        burn = queries.stored_burn(run_id)
    assert row.origin == LAST_WEEK
    assert row.day_0 == LAST_WEEK + dt.timedelta(days=1)
    assert wards.shape == (14, 4, 23)
    assert district.shape == (4, 23)
    assert (np.diff(wards, axis=-1) >= 0).all()
    assert len(burn.facility_ids) == 18
    assert burn.total_mean.any()
    assert np.allclose(burn.mean.sum(axis=2), burn.total_mean)


def test_a_run_stays_as_it_was_when_cases_are_corrected_later(
    db: Database, reported: dict[str, int]
) -> None:
    code = ward_codes_of(db)[0]
    with acting_as(reported["kehoach"]):
        first = run_forecast("ba-dinh", draws=50)
        record_cases("ba-dinh", [CaseRow(code, LAST_WEEK, 400, days=7)], "đính chính")
        second = run_forecast("ba-dinh", draws=50)
        replay(first)
        before, _ = queries.stored_quantiles(first)
        after, _ = queries.stored_quantiles(second)
        shown = queries.projection(first).wards[0].history
    assert after[0, 0, 11] > 2 * before[0, 0, 11]
    assert shown[-1] == 53.0  # 20 + 3 * 11, as the run read it


def test_a_run_whose_stored_figures_were_changed_is_found(
    db: Database, reported: dict[str, int]
) -> None:
    with acting_as(reported["kehoach"]):
        run_id = run_forecast("ba-dinh", draws=50)
    with db.owner_engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE forecast_burn SET mean[1] = mean[1] + 1 WHERE run_id = :run"
                " AND class <> 'all' AND (facility_id, item_id) = (SELECT facility_id, item_id"
                " FROM forecast_burn WHERE run_id = :run LIMIT 1)"
            ),
            {"run": run_id},
        )
    with acting_as(reported["kehoach"]), pytest.raises(Conflict, match="other figures"):
        replay(run_id)


def test_a_correction_keeps_the_history(db: Database, reported: dict[str, int]) -> None:
    code = ward_codes_of(db)[0]
    with acting_as(reported["kehoach"]):
        record_cases("ba-dinh", [CaseRow(code, LAST_WEEK, 7, days=7)], "đính chính")
        seen = queries.cases("ba-dinh")
        with reading() as session:
            kept = session.execute(
                text(
                    "SELECT cases, source FROM case_report r JOIN ward w ON w.id = r.ward_id"
                    " WHERE w.code = :code AND reported_on = :day ORDER BY r.id"
                ),
                {"code": code, "day": LAST_WEEK},
            ).all()
    assert seen.history.cases[0, -1] == 7
    assert [tuple(row) for row in kept] == [(53, SOURCE), (7, "đính chính")]


def test_another_district_sees_nothing_of_it(db: Database, reported: dict[str, int]) -> None:
    with acting_as(reported["kehoach"]):
        run_id = run_forecast("ba-dinh", draws=50)
    with acting_as(reported["kho_rg"]):
        with reading() as session:
            for table in ("case_report", "forecast_run", "forecast_case", "forecast_burn"):
                assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
        with pytest.raises(NotFound):
            queries.run(run_id)
        with pytest.raises(NotFound):
            queries.cases("ba-dinh")


def test_a_storekeeper_sees_the_burn_of_their_own_store_only(
    db: Database, reported: dict[str, int]
) -> None:
    with acting_as(reported["kehoach"]):
        run_id = run_forecast("ba-dinh", draws=50)
    with acting_as(reported["kho_px"]):
        assert queries.stored_burn(run_id).facility_ids == ("BD-TYT-01",)
        with reading() as session:
            seen = session.execute(text("SELECT DISTINCT facility_id FROM forecast_burn")).scalars()
            assert list(seen) == [f.id for f in catalog.facilities()]


def test_who_is_no_planner_enters_and_runs_nothing(db: Database, reported: dict[str, int]) -> None:
    row = [CaseRow(ward_codes_of(db)[0], LAST_WEEK, 1, days=7)]
    for name in ("kho_px", "truong", "taichinh", "thanhtra"):
        with acting_as(reported[name]):
            with pytest.raises(NotAllowed):
                record_cases("ba-dinh", row, SOURCE)
            with pytest.raises(NotAllowed):
                run_forecast("ba-dinh", draws=10)
    with acting_as(reported["kehoach"]):
        assert queries.cases("ba-dinh").history.cases[0, -1] == 53
        assert queries.latest_run(catalog.district("ba-dinh").id) is None


def test_a_stored_run_cannot_be_changed_or_added_to(db: Database, reported: dict[str, int]) -> None:
    with acting_as(reported["kehoach"]):
        run_id = run_forecast("ba-dinh", draws=50)
        for sql in (
            "UPDATE forecast_run SET model_version = 'x'",
            "DELETE FROM forecast_burn",
            "UPDATE case_report SET cases = 0",
            "INSERT INTO forecast_driver SELECT run_id, facility_id, 'x', mean FROM forecast_driver"
            f" WHERE run_id = {run_id} AND driver = 'test' LIMIT 1",
        ):
            with pytest.raises(NotAllowed), transaction() as session:
                session.execute(text(sql))


def test_faulty_reports_are_refused_as_a_whole(db: Database, reported: dict[str, int]) -> None:
    code = ward_codes_of(db)[0]
    other = ward_codes_of(db, "rach-gia")[0]
    rows = [
        CaseRow(code, LAST_WEEK + dt.timedelta(days=7), 5, days=7),
        CaseRow(other, LAST_WEEK, 5, days=7),
        CaseRow(code, LAST_WEEK + dt.timedelta(days=1), 5, days=7),
        CaseRow(code, LAST_WEEK, -1, days=7),
    ]
    with acting_as(reported["kehoach"]):
        with pytest.raises(InvalidInput) as refused:
            record_cases("ba-dinh", rows, SOURCE)
        assert queries.cases("ba-dinh").history.week_ends[-1] == np.datetime64(LAST_WEEK)
    assert [(f.line, f.field) for f in refused.value.faults] == [
        (2, "ward"),
        (3, "on"),
        (4, "cases"),
    ]


def test_an_origin_must_be_a_week_reported_in_full(db: Database, reported: dict[str, int]) -> None:
    with acting_as(reported["kehoach"]):
        for day in (LAST_WEEK + dt.timedelta(days=7), LAST_WEEK - dt.timedelta(days=1)):
            with pytest.raises(InvalidInput):
                run_forecast("ba-dinh", origin=day, draws=10)
        earlier = LAST_WEEK - dt.timedelta(days=14)
        run_id = run_forecast("ba-dinh", origin=earlier, draws=10)
        assert queries.run(run_id).origin == earlier
        with pytest.raises(InvalidInput):
            run_forecast("ba-dinh", severity_set="không có", draws=10)


def test_without_cases_there_is_no_run_and_the_message_says_what_to_do(
    db: Database, people: dict[str, int]
) -> None:
    with acting_as(people["kehoach"]), pytest.raises(InvalidInput, match="Enter cases first"):
        run_forecast("ba-dinh")


def test_a_ward_that_never_reported_is_left_out(db: Database, people: dict[str, int]) -> None:
    with acting_as(people["kehoach"]):
        record_cases("ba-dinh", weekly_rows(ward_codes_of(db)[:3]), SOURCE)
        run_id = run_forecast("ba-dinh", draws=20)
        assert len(queries.projection(run_id).wards) == 3
