"""The epidemic level of each ward: computed week by week, and what an officer decided. Reads only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.errors import NotFound
from supply.core.transaction import reading
from supply.forecast.history import WeeklyHistory
from supply.forecast.inputs import District, date_of, district_of, history_of
from supply.forecast.scenarios.levels import LevelRule, WardLevel, level_rule, ward_level

HISTORY_WEEKS = 8
_DECISIONS = text(
    "SELECT DISTINCT ON (l.ward_id, l.week_end) l.ward_id, l.week_end, l.computed, l.confirmed,"
    " l.reason, l.figures, l.decided_at, concat_ws(' ', u.first_name, u.last_name) AS decided_by"
    " FROM ward_level l JOIN ab_user u ON u.id = l.decided_by"
    " WHERE l.ward_id = ANY(:wards) AND l.week_end BETWEEN :first AND :last"
    " ORDER BY l.ward_id, l.week_end, l.id DESC"
)
_CRITERIA = text(
    "SELECT DISTINCT ON (ward_id, criterion) ward_id, criterion, figure, valid_from, source"
    " FROM ward_criterion WHERE ward_id = ANY(:wards) AND valid_from <= :on"
    " ORDER BY ward_id, criterion, valid_from DESC, id DESC"
)
_TRAIL = text(
    "SELECT l.week_end, l.computed, l.confirmed, l.reason, l.figures, l.decided_at,"
    " concat_ws(' ', u.first_name, u.last_name) AS decided_by"
    " FROM ward_level l JOIN ab_user u ON u.id = l.decided_by"
    " WHERE l.ward_id = :ward ORDER BY l.id DESC LIMIT 100"
)


@dataclass(frozen=True)
class Decision:
    """What an officer confirmed for a ward and week, and what had been computed then."""

    week_end: dt.date
    computed: int | None
    confirmed: int
    reason: str
    figures: dict[str, Any]
    decided_at: dt.datetime
    decided_by: str


@dataclass(frozen=True)
class LevelRow:
    """A ward in a week: `now` as computed today, the decision where there is one."""

    ward: catalog.WardRow
    week_end: dt.date
    now: WardLevel
    decision: Decision | None

    @property
    def level(self) -> int | None:
        """The level that counts: confirmed, else computed."""
        return self.now.level if self.decision is None else self.decision.confirmed

    @property
    def moved(self) -> bool:
        """Cases or criteria changed since the officer decided, and the level with them."""
        return self.decision is not None and self.decision.computed != self.now.level


@dataclass(frozen=True)
class Criterion:
    """A figure entered beside the cases."""

    figure: float
    valid_from: dt.date
    source: str


@dataclass(frozen=True)
class LevelsView:
    """A week's levels in the order of the wards, with the weeks before: `history[ward id]` (oldest
    first, one of `weeks` each) and the criteria entered, by (ward id, criterion)."""

    district_id: int
    rule: LevelRule
    week_end: dt.date
    weeks: tuple[dt.date, ...]
    rows: tuple[LevelRow, ...]
    history: dict[int, tuple[LevelRow, ...]]
    criteria: dict[tuple[int, str], Criterion]


def levels_of(district_id: int, on: dt.date) -> list[LevelRow]:
    """The level of each ward on a day: of the last week that had ended and was reported by then.
    Empty where no week was. Raises NotFound."""
    with reading():
        where = _district(district_id)
        history = history_of(where)
        week = _last_week(history, on)
        return [] if week is None else list(_rows(where, history, (week,))[week])


def view(district_slug: str, week_end: dt.date | None = None) -> LevelsView | None:
    """A week's levels and the weeks before it; None where no week is known. Raises NotFound."""
    with reading():
        found = catalog.district(district_slug)
        where = District(found.id, found.slug, found.name, tuple(catalog.wards(found.id)), (), ())
        history = history_of(where)
        week = week_end if week_end is not None else _last_week(history, dt.date.max)
        if week is None:
            return None
        known = [date_of(day) for day in history.week_ends if date_of(day) <= week]
        if week not in known:
            raise NotFound()
        weeks = tuple(known[-HISTORY_WEEKS:])
        rows = _rows(where, history, weeks)
        criteria = _criteria(where, week)
    by_ward = {ward.id: tuple(rows[w][n] for w in weeks) for n, ward in enumerate(where.wards)}
    return LevelsView(where.id, level_rule(week), week, weeks, rows[week], by_ward, criteria)


def decisions(ward_id: int) -> list[Decision]:
    """All decisions on a ward, newest first."""
    with reading() as session:
        return [Decision(**row) for row in session.execute(_TRAIL, {"ward": ward_id}).mappings()]


def _district(district_id: int) -> District:
    slug = next((d.slug for d in catalog.districts() if d.id == district_id), None)
    if slug is None:
        raise NotFound()
    return district_of(slug)


def _last_week(history: WeeklyHistory, on: dt.date) -> dt.date | None:
    """The last week ended by `on` that is whole in any ward."""
    known = np.flatnonzero((~np.isnan(history.cases)).any(axis=0))
    ends = [date_of(history.week_ends[week]) for week in known]
    return next((day for day in reversed(ends) if day <= on), None)


def _rows(
    where: District, history: WeeklyHistory, weeks: tuple[dt.date, ...]
) -> dict[dt.date, tuple[LevelRow, ...]]:
    """week -> a row a ward."""
    ids = [ward.id for ward in where.wards]
    with reading() as session:
        found = session.execute(
            _DECISIONS, {"wards": ids, "first": weeks[0], "last": weeks[-1]}
        ).mappings()
        decided = {
            (row["ward_id"], row["week_end"]): Decision(
                **{name: value for name, value in row.items() if name != "ward_id"}
            )
            for row in found
        }
    ends = [date_of(day) for day in history.week_ends]
    out = {}
    for week in weeks:
        rule, at, criteria = level_rule(week), ends.index(week), _criteria(where, week)
        out[week] = tuple(
            LevelRow(
                ward,
                week,
                ward_level(
                    rule,
                    None if np.isnan(history.cases[n, at]) else float(history.cases[n, at]),
                    ward.population,
                    {name: c.figure for (id_, name), c in criteria.items() if id_ == ward.id},
                ),
                decided.get((ward.id, week)),
            )
            for n, ward in enumerate(where.wards)
        )
    return out


def _criteria(where: District, on: dt.date) -> dict[tuple[int, str], Criterion]:
    with reading() as session:
        rows = session.execute(
            _CRITERIA, {"wards": [ward.id for ward in where.wards], "on": on}
        ).all()
    return {
        (row.ward_id, row.criterion): Criterion(float(row.figure), row.valid_from, row.source)
        for row in rows
    }
