"""Which runs a district has, and whether one is made every night. Reads only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import text

from supply.core.transaction import reading

MOST = 100
_RUNS = text(
    "SELECT r.id, r.origin, r.created_at, r.nightly, r.params, r.model_version,"
    " r.inputs_digest, concat_ws(' ', u.first_name, u.last_name) AS person,"
    " coalesce(s.name, r.params #>> '{scenario,library_key}') AS scenario"
    " FROM forecast_run r LEFT JOIN ab_user u ON u.id = r.created_by"
    " LEFT JOIN scenario s ON s.id = r.scenario_id WHERE r.district_id = :district ORDER BY r.id DESC LIMIT :most"
)
_SCHEDULE = text(
    "SELECT s.active, s.severity_set, s.created_at,"
    " concat_ws(' ', u.first_name, u.last_name) AS person"
    " FROM forecast_schedule s LEFT JOIN ab_user u ON u.id = s.created_by WHERE s.district_id = :district ORDER BY s.id DESC LIMIT 1"
)


@dataclass(frozen=True)
class RunLine:
    """One run in the list. `scenario`: the name its assumptions go by, None for a forecast."""

    id: int
    origin: dt.date
    created_at: dt.datetime
    person: str
    nightly: bool
    horizon_days: int
    severity_set: str
    capped: bool
    seed: int
    draws: int
    scenario: str | None
    model_version: str
    inputs_digest: str


@dataclass(frozen=True)
class Schedule:
    """What somebody said last about making a district's forecast every night."""

    active: bool
    severity_set: str
    person: str
    since: dt.datetime


def lines(district_id: int, most: int = MOST) -> tuple[RunLine, ...]:
    """A district's runs of all kinds, newest first."""
    with reading() as session:
        rows = session.execute(_RUNS, {"district": district_id, "most": most}).all()
    return tuple(
        RunLine(
            row.id,
            row.origin,
            row.created_at,
            row.person,
            row.nightly,
            row.params["horizon_days"],
            row.params["severity_set"],
            row.params.get("capped", False),
            row.params["seed"],
            row.params["draws"],
            row.scenario,
            row.model_version,
            row.inputs_digest,
        )
        for row in rows
    )


def schedule(district_id: int) -> Schedule | None:
    """How the district's nightly forecast stands; None where nobody ever said."""
    with reading() as session:
        row = session.execute(_SCHEDULE, {"district": district_id}).one_or_none()
    return (
        None if row is None else Schedule(row.active, row.severity_set, row.person, row.created_at)
    )
