"""What others ask of scenarios: which there are, whether they still hold, what they would lead to. Reads
only. Levels of wards: `level_queries.py`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import RowMapping, text

from supply.catalog import queries as catalog
from supply.core.errors import InvalidInput, NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.forecast.cases import filled_history
from supply.forecast.history import WeeklyHistory, recent_days
from supply.forecast.inputs import District, choose_origin, date_of, history_of
from supply.forecast.norms import DATA_FOLDER, Norms, load_norms
from supply.forecast.queries import RunRow, runs
from supply.forecast.scenarios.level_queries import LevelRow, levels_of
from supply.forecast.scenarios.levels import level_rule
from supply.forecast.scenarios.library import Present
from supply.forecast.scenarios.outlook import Outlook, outlook
from supply.forecast.scenarios.renewal import level_today, rt_of, scenario_paths
from supply.forecast.scenarios.spec import ScenarioSpec

SEED = 20_220_123
PREVIEW_DRAWS = 100
SEVERITY_SET = "hanoi_2021"
STALE_AFTER_DAYS = 28
_RUNS_READ = 200
_RECENT_WEEKS = 3
_COLUMNS = """
    s.id, s.district_id, d.slug AS district_slug, s.follows_id, s.version, s.name, s.library_key,
    s.spec, s.day_0, s.valid_from, s.note, s.expected, s.retired, s.recorded_at,
    concat_ws(' ', u.first_name, u.last_name) AS recorded_by
    FROM scenario s JOIN district d ON d.id = s.district_id JOIN ab_user u ON u.id = s.recorded_by
"""
_ACTIVE = text(
    f"SELECT {_COLUMNS} WHERE s.district_id = :district AND NOT s.retired"
    " AND NOT EXISTS (SELECT FROM scenario later WHERE later.follows_id = s.id) ORDER BY s.name, s.id"
)
_ONE = text(f"SELECT {_COLUMNS} WHERE s.id = :id")
_VERSIONS = text(
    "WITH RECURSIVE line AS (SELECT id, follows_id FROM scenario WHERE id = :id"
    " UNION ALL SELECT s.id, s.follows_id FROM scenario s JOIN line l ON s.id = l.follows_id)"
    f" SELECT {_COLUMNS} WHERE s.id IN (SELECT id FROM line) ORDER BY s.version DESC"
)


@dataclass(frozen=True)
class ScenarioRow:
    """A version of a scenario. `expected`: (week's last day, 0.025, middle, 0.975) of the district's
    cases, as it led to when it was set."""

    id: int
    district_id: int
    district_slug: str
    follows_id: int | None
    version: int
    name: str
    library_key: str
    spec: ScenarioSpec
    day_0: dt.date
    valid_from: dt.date
    note: str
    expected: tuple[tuple[dt.date, float, float, float], ...]
    retired: bool
    recorded_at: dt.datetime
    recorded_by: str


@dataclass(frozen=True)
class Stale:
    """Why a scenario no longer holds: the first week whose cases lie outside its interval (None: it
    is only old), and since when cases are known that it did not know."""

    week_end: dt.date | None
    cases: float
    low: float
    high: float
    newest_day_0: dt.date


@dataclass(frozen=True)
class Preview:
    """What assumptions lead to, worked out at once: the outlook, today's Rt and level; `ward_rt`:
    (ward code, Rt, 0.025, 0.975)."""

    spec: ScenarioSpec
    present: Present
    outlook: Outlook
    rt: float
    rt_interval: tuple[float, float]
    rate_now: float
    ward_rt: tuple[tuple[str, float, float, float], ...]


def active(district_id: int) -> list[ScenarioRow]:
    """The scenarios in force of a district: the newest version of each, by name."""
    with reading() as session:
        rows = session.execute(_ACTIVE, {"district": district_id}).mappings()
        return [_row(row) for row in rows]


def scenario(scenario_id: int) -> ScenarioRow:
    """One version. Raises NotFound, also for another district's."""
    with reading() as session:
        found = session.execute(_ONE, {"id": scenario_id}).mappings().one_or_none()
    if found is None:
        raise NotFound(Text("Không có kịch bản này.", "There is no such scenario."))
    return _row(found)


def versions(scenario_id: int) -> list[ScenarioRow]:
    """A version and those before it, newest first."""
    with reading() as session:
        rows = session.execute(_VERSIONS, {"id": scenario_id}).mappings()
        return [_row(row) for row in rows]


def spec_of(scenario_id: int) -> ScenarioSpec:
    """The assumptions of one version. Raises NotFound."""
    return scenario(scenario_id).spec


def followed(scenario_id: int) -> bool:
    """Whether a newer version has taken this one's place."""
    with reading() as session:
        return bool(
            session.scalar(
                text("SELECT EXISTS (SELECT FROM scenario WHERE follows_id = :id)"),
                {"id": scenario_id},
            )
        )


def _row(found: RowMapping) -> ScenarioRow:
    told: dict[str, Any] = dict(found)
    told["spec"] = ScenarioSpec.from_json(told["spec"])
    told["expected"] = tuple(
        (dt.date.fromisoformat(day), float(low), float(mid), float(high))
        for day, low, mid, high in told["expected"]
    )
    return ScenarioRow(**told)


def runs_of(district_id: int) -> dict[int, RunRow]:
    """scenario version -> its newest stored run."""
    found: dict[int, RunRow] = {}
    for run in runs(district_id, _RUNS_READ, "scenario"):
        if run.scenario_id is not None:
            found.setdefault(run.scenario_id, run)
    return found


def present(district_slug: str) -> Present:
    """The district as it stands: cases up to the last week that is whole in every ward that reports.

    Raises InvalidInput where there is no such week, NotFound.
    """
    with reading():
        found = catalog.district(district_slug)
        wards, facilities = catalog.wards(found.id), catalog.facilities(found.id)
        where = District(found.id, found.slug, found.name, tuple(wards), tuple(facilities), ())
        told = history_of(where)
        common = told.last_common_week()
        if common is None:
            choose_origin(where, 0, None)  # refuses, and says what to do
        assert common is not None
    origin = date_of(told.week_ends[common])
    keep = told.reporting()
    until = told.until(told.week_ends[common])
    history = filled_history(until.cases[keep])
    reporting = [ward for ward, kept in zip(wards, keep, strict=True) if kept]
    day_0 = origin + dt.timedelta(days=1)
    return Present(
        day_0,
        history,
        recent_days(WeeklyHistory(until.week_ends, history, until.anomaly[keep]), _RECENT_WEEKS),
        np.array([ward.population for ward in reporting], dtype=np.float64),
        tuple(ward.code for ward in reporting),
        _norms(origin, tuple(file.stat().st_mtime_ns for file in DATA_FOLDER.glob("norms_*.csv"))),
        level_rule(day_0),
        sum(f.beds for f in facilities),
        sum(f.icu_beds for f in facilities),
    )


@lru_cache(maxsize=8)
def _norms(origin: dt.date, _stamps: tuple[int, ...]) -> Norms:
    """The norms of a day, read again when a table changes: a preview is asked for at each key."""
    return load_norms(origin, SEVERITY_SET)


def preview(now: Present, spec: ScenarioSpec, draws: int = PREVIEW_DRAWS) -> Preview:
    """What a scenario would lead to from today; nothing is stored."""
    daily = scenario_paths(
        now.history,
        now.recent_daily,
        now.population,
        spec,
        draws,
        spec.horizon_days,
        np.random.default_rng(SEED),
        day_0=now.day_0,
        ward_codes=now.ward_codes,
    )
    found = rt_of(now.history, spec)
    rate = float(level_today(now.recent_daily).sum()) * 7.0 / now.population.sum() * 100_000.0
    seen = outlook(daily, now.recent_daily, spec.norms(now.norms))
    columns = (found.ward_mean(), *found.ward_interval())
    wards = zip(now.ward_codes, *(values.tolist() for values in columns), strict=True)
    return Preview(spec, now, seen, found.mean, found.interval(), rate, tuple(wards))


def stale(row: ScenarioRow, history: WeeklyHistory) -> Stale | None:
    """Whether the cases since a scenario was set lie outside its 95 % interval, or it is older than
    four weeks. `history` of all the district's wards."""
    newest = history.last_common_week()
    if newest is None:
        return None
    newest_day_0 = date_of(history.week_ends[newest]) + dt.timedelta(days=1)
    reporting = history.reporting()
    for week_end, low, _, high in row.expected:
        at = np.flatnonzero(history.week_ends == np.datetime64(week_end))
        cases = history.cases[reporting][:, at[0]].sum() if len(at) else np.nan
        if not np.isnan(cases) and not low <= cases <= high:
            return Stale(week_end, float(cases), low, high, newest_day_0)
    if (newest_day_0 - row.day_0).days > STALE_AFTER_DAYS:
        return Stale(None, np.nan, np.nan, np.nan, newest_day_0)
    return None


def stale_of(rows: list[ScenarioRow]) -> dict[int, Stale]:
    """version -> why it no longer holds, for those of one district that do not."""
    if not rows:
        return {}
    with reading():
        wards = tuple(catalog.wards(rows[0].district_id))
        history = history_of(District(rows[0].district_id, "", "", wards, (), ()))
    found = {row.id: stale(row, history) for row in rows}
    return {id_: why for id_, why in found.items() if why is not None}


def present_or_none(district_slug: str) -> Present | None:
    """The same as `present`, None where no cases are known yet."""
    try:
        return present(district_slug)
    except InvalidInput:
        return None


__all__ = [
    "LevelRow",
    "Preview",
    "ScenarioRow",
    "Stale",
    "active",
    "levels_of",
    "present",
    "preview",
    "runs_of",
    "scenario",
    "spec_of",
    "stale_of",
    "versions",
]
