"""What others ask of the forecast: cases, runs, projection, burn, shortage. Reads only.

Facilities, items and wards outside the acting person's scope do not appear.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from supply.catalog import queries as catalog
from supply.core.errors import NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.forecast import chain
from supply.forecast.burn import BurnTable
from supply.forecast.cases import FloatArray
from supply.forecast.history import WeeklyHistory
from supply.forecast.inputs import District, district_of, history_of
from supply.forecast.models import (
    CLASS_OF_ALL,
    CaseReport,
    ForecastBurn,
    ForecastCase,
    ForecastDriver,
    ForecastRun,
)
from supply.forecast.norms import CLASSES, DRIVERS


@dataclass(frozen=True)
class RunRow:
    """A stored run. `day_0`, the first day of its arrays, is the day after the origin."""

    id: int
    district_id: int
    district_slug: str
    created_at: dt.datetime
    params: chain.Params
    last_report_id: int
    model_version: str
    inputs_digest: str
    scenario_id: int | None = None
    nightly: bool = False

    @property
    def is_scenario(self) -> bool:
        """True where a scenario's assumptions stand in place of the projection."""
        return self.params.scenario is not None

    @property
    def origin(self) -> dt.date:
        """The Saturday up to which cases were known."""
        return self.params.origin

    @property
    def day_0(self) -> dt.date:
        """The date of the arrays' first day."""
        return self.params.origin + dt.timedelta(days=1)


@dataclass(frozen=True)
class CasesView:
    """Weekly cases: `history.cases[ward, week]` in the order of `wards`."""

    district: District
    wards: tuple[catalog.WardRow, ...]
    history: WeeklyHistory
    sources: tuple[tuple[str, dt.date, dt.date, int], ...]
    """(source, first day, last day, rows)"""

    @property
    def total(self) -> FloatArray:
        """[week]: the district, NaN where a reporting ward's week is not whole."""
        reporting = self.history.reporting()
        total: FloatArray = self.history.cases[reporting].sum(axis=0)
        return total


@dataclass(frozen=True)
class Series:
    """One place: past weeks (NaN = not whole), and quantiles of the weeks to come [week, 23]."""

    ward_id: int | None
    name: str
    history: FloatArray
    quantiles: FloatArray


@dataclass(frozen=True)
class ProjectionView:
    """A run's projection. `history_week_ends` may go beyond the origin: weeks reported since."""

    run: RunRow
    history_week_ends: tuple[dt.date, ...]
    week_ends: tuple[dt.date, ...]
    district: Series
    wards: tuple[Series, ...]


def cases(district_slug: str) -> CasesView:
    """All reported cases of a district that count, by week. Raises NotFound."""
    with reading() as session:
        where = district_of(district_slug)
        history = history_of(where)
        ids = list(where.ward_ids.values())
        sources = session.execute(
            select(
                CaseReport.source,
                func.min(CaseReport.reported_on),
                func.max(CaseReport.reported_on),
                func.count(),
            )
            .where(CaseReport.ward_id.in_(ids))
            .group_by(CaseReport.source)
            .order_by(func.max(CaseReport.id).desc())
        ).all()
    return CasesView(where, where.wards, history, tuple((s, a, b, n) for s, a, b, n in sources))


def week_reports(district_slug: str, week_end: dt.date) -> dict[str, int]:
    """ward code -> the weekly figure entered for the week that ends on `week_end`."""
    with reading() as session:
        where = district_of(district_slug)
        code = {ward.id: ward.code for ward in where.wards}
        rows = session.execute(
            select(CaseReport.ward_id, CaseReport.cases)
            .ext(distinct_on(CaseReport.ward_id))
            .where(
                CaseReport.ward_id.in_(list(code)),
                CaseReport.reported_on == week_end,
                CaseReport.days == 7,
            )
            .order_by(CaseReport.ward_id, CaseReport.id.desc())
        ).all()
    return {code[row.ward_id]: row.cases for row in rows}


def latest_run(district_id: int) -> RunRow | None:
    """The newest forecast of a district, or None; a scenario is never taken for one."""
    found = runs(district_id, 1)
    return found[0] if found else None


def runs(district_id: int, most: int, kind: str = "forecast") -> tuple[RunRow, ...]:
    """A district's newest runs of a kind (`forecast`, `scenario`), newest first."""
    with reading() as session:
        found = session.scalars(
            select(ForecastRun)
            .where(ForecastRun.district_id == district_id, ForecastRun.kind == kind)
            .order_by(ForecastRun.id.desc())
            .limit(most)
        )
        return tuple(_run_row(row) for row in found)


def run(run_id: int) -> RunRow:
    """One run. Raises NotFound, also for another district's."""
    with reading() as session:
        found = session.get(ForecastRun, run_id)
        if found is None:
            raise NotFound(Text("Không có lượt dự báo này.", "There is no such forecast run."))
        return _run_row(found)


def _run_row(found: ForecastRun) -> RunRow:
    slugs = {d.id: d.slug for d in catalog.districts()}
    told = found.params
    return RunRow(
        found.id,
        found.district_id,
        slugs[found.district_id],
        found.created_at,
        chain.Params.from_json(found.origin, told),
        told["last_report_id"],
        found.model_version,
        found.inputs_digest,
        found.scenario_id,
        found.nightly,
    )


def stored_quantiles(run_id: int) -> tuple[FloatArray, FloatArray]:
    """A run's projected cases: wards by code [ward, week, 23] and district [week, 23]."""
    _, _, wards, district = _quantiles(run_id)
    return wards, district


def _quantiles(
    run_id: int,
) -> tuple[list[catalog.WardRow], tuple[dt.date, ...], FloatArray, FloatArray]:
    at = run(run_id)
    wards = {ward.id: ward for ward in catalog.wards(at.district_id)}
    with reading() as session:
        rows = session.execute(
            select(ForecastCase.ward_id, ForecastCase.week_end, ForecastCase.quantiles).where(
                ForecastCase.run_id == run_id
            )
        ).all()
    ends = tuple(sorted({row.week_end for row in rows}))
    by_place: dict[int | None, dict[dt.date, list[float]]] = {}
    for row in rows:
        by_place.setdefault(row.ward_id, {})[row.week_end] = row.quantiles
    known = [ward for ward in wards.values() if ward.id in by_place]
    table = np.array([[by_place[ward.id][end] for end in ends] for ward in known])
    return known, ends, table, np.array([by_place[None][end] for end in ends])


def projection(run_id: int) -> ProjectionView:
    """A run's projection with the weeks before it, and those reported since. Raises NotFound."""
    with reading():
        at = run(run_id)
        where = district_of(at.district_slug)
        wards, ends, table, district = _quantiles(run_id)
        then = history_of(where, at.last_report_id)
        now = history_of(where)
    history = now.cases.copy()
    past = then.until(np.datetime64(at.origin))
    first = int(np.searchsorted(now.week_ends, past.week_ends[0]))
    history[:, first : first + past.cases.shape[1]] = past.cases
    place = {ward.id: number for number, ward in enumerate(where.wards)}
    reporting = [place[ward.id] for ward in wards]
    return ProjectionView(
        at,
        tuple(day.item() for day in now.week_ends),
        ends,
        Series(None, where.name, history[reporting].sum(axis=0), district),
        tuple(
            Series(ward.id, ward.name, history[place[ward.id]], table[number])
            for number, ward in enumerate(wards)
        ),
    )


def stored_burn(run_id: int, item_codes: Sequence[str] | None = None) -> BurnTable:
    """A run's burn at the facilities of the acting person's scope, by code.

    `item_codes` None = the items that some facility uses. Raises NotFound.
    """
    with reading() as session:
        at = run(run_id)
        facilities = {f.id: f.code for f in catalog.facilities(at.district_id)}
        items = {item.id: item.code for item in catalog.items()}
        burn = ForecastBurn
        rows = [
            row
            for row in session.execute(
                select(
                    burn.facility_id,
                    burn.item_id,
                    burn.of_class,
                    burn.mean,
                    burn.sd,
                    burn.cumulative_sd,
                ).where(burn.run_id == run_id)
            ).all()
            if row.facility_id in facilities
            and row.item_id in items
            and (not item_codes or items[row.item_id] in item_codes)
        ]
        drivers = session.execute(
            select(ForecastDriver.facility_id, ForecastDriver.driver, ForecastDriver.mean).where(
                ForecastDriver.run_id == run_id
            )
        ).all()
    codes = tuple(item_codes) if item_codes else tuple(sorted({items[r.item_id] for r in rows}))
    place = {id_: number for number, id_ in enumerate(facilities)}
    number_of = {code: number for number, code in enumerate(codes)}
    size, days = (len(place), len(codes)), at.params.horizon_days
    by_class = np.zeros((2, *size, len(CLASSES), days))
    total = np.zeros((2, *size, days))
    for row in rows:
        f, i = place[row.facility_id], number_of[items[row.item_id]]
        if row.of_class == CLASS_OF_ALL:
            total[:, f, i] = row.sd, row.cumulative_sd
        else:
            by_class[:, f, i, CLASSES.index(row.of_class)] = row.mean, row.sd
    means = np.zeros((len(DRIVERS), len(place), days))
    for facility_id, driver, mean in drivers:
        if facility_id in place:
            means[DRIVERS.index(driver), place[facility_id]] = mean
    names = tuple(facilities.values())
    return BurnTable(names, codes, by_class[0], by_class[1], total[0], total[1], means)
