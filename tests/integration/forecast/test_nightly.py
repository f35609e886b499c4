"""A planner asks for a forecast every night; in the morning it is there, made as that planner."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from supply.core.database import Database
from supply.core.errors import InvalidInput, NotAllowed
from supply.core.scope import acting_as
from supply.forecast import queries
from supply.forecast.runs import queries as runs
from supply.forecast.runs.services import run_tonight, schedule
from supply.forecast.services import CaseRow, record_cases
from tests.integration.forecast.conftest import LAST_WEEK, ward_codes_of


def district_id(db: Database) -> int:
    with db.owner_engine.connect() as connection:
        return int(
            connection.execute(text("SELECT id FROM district WHERE slug = 'ba-dinh'")).scalar_one()
        )


def test_the_night_makes_the_forecast_that_was_asked_for(
    db: Database, reported: dict[str, int]
) -> None:
    district = district_id(db)
    with acting_as(reported["kehoach"]):
        schedule("ba-dinh", active=True)
    made = run_tonight()
    with acting_as(reported["kehoach"]):
        newest = queries.latest_run(district)
        line = runs.lines(district)[0]
        wish = runs.schedule(district)
    assert newest is not None
    assert made == {"ba-dinh": newest.id}
    assert newest.nightly
    assert line.nightly
    assert line.scenario is None
    assert wish is not None
    assert wish.active
    assert wish.person


def test_a_night_without_news_makes_no_run_and_one_with_news_does(
    db: Database, reported: dict[str, int]
) -> None:
    with acting_as(reported["kehoach"]):
        schedule("ba-dinh", active=True)
    first = run_tonight()["ba-dinh"]
    assert run_tonight() == {"ba-dinh": None}
    with acting_as(reported["kehoach"]):
        record_cases(
            "ba-dinh", [CaseRow(ward_codes_of(db)[0], LAST_WEEK, 90, days=7)], "đính chính"
        )
    second = run_tonight()["ba-dinh"]
    assert first is not None
    assert second is not None
    assert second > first


def test_switched_off_or_its_planner_gone_nothing_is_made(
    db: Database, reported: dict[str, int]
) -> None:
    with acting_as(reported["kehoach"]):
        schedule("ba-dinh", active=True)
        schedule("ba-dinh", active=False)
    assert run_tonight() == {}
    with acting_as(reported["kehoach"]):
        schedule("ba-dinh", active=True)
    with db.owner_engine.begin() as connection:
        connection.execute(
            text("UPDATE ab_user SET active = false WHERE id = :id"), {"id": reported["kehoach"]}
        )
    assert run_tonight() == {}


def test_only_a_planner_asks_and_only_for_a_listed_set(
    db: Database, reported: dict[str, int]
) -> None:
    with acting_as(reported["kho_px"]), pytest.raises(NotAllowed):
        schedule("ba-dinh", active=True)
    with acting_as(reported["kehoach"]), pytest.raises(InvalidInput) as refused:
        schedule("ba-dinh", active=True, severity_set="không có")
    assert refused.value.faults[0].field == "severity_set"
