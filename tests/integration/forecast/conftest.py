"""A district with reported cases, and a planner to run its forecast."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from supply.core.database import Database
from supply.core.scope import acting_as
from supply.forecast.services import CaseRow, record_cases

LAST_WEEK = dt.date(2022, 3, 5)
WEEKS = 12
SOURCE = "báo cáo phường (kiểm thử)"


def weekly_rows(ward_codes: list[str], last: dt.date = LAST_WEEK) -> list[CaseRow]:
    """Twelve weeks of cases of each ward, growing, no two wards alike."""
    return [
        CaseRow(code, last - dt.timedelta(weeks=WEEKS - 1 - week), 20 + 3 * week + n, days=7)
        for n, code in enumerate(ward_codes)
        for week in range(WEEKS)
    ]


def ward_codes_of(db: Database, slug: str = "ba-dinh") -> list[str]:
    """The wards of a district by code."""
    with db.owner_engine.connect() as connection:
        return list(
            connection.execute(
                text(
                    "SELECT w.code FROM ward w JOIN district d ON d.id = w.district_id"
                    " WHERE d.slug = :slug ORDER BY w.code"
                ),
                {"slug": slug},
            ).scalars()
        )


@pytest.fixture
def reported(db: Database, people: dict[str, int]) -> dict[str, int]:
    """Ba Đình with twelve weeks of cases in all fourteen wards; the people."""
    return enter_reported(db, people)


def enter_reported(db: Database, people: dict[str, int]) -> dict[str, int]:
    """Enter what `reported` says; the people."""
    with acting_as(people["kehoach"]):
        record_cases("ba-dinh", weekly_rows(ward_codes_of(db)), SOURCE)
    return people
