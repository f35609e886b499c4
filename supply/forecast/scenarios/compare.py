"""Several scenarios side by side, from their stored runs: cases, beds, use of items. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text
from supply.core.transaction import reading
from supply.forecast import chain
from supply.forecast import queries as forecasts
from supply.forecast.inputs import date_of, district_of, history_of
from supply.forecast.norms import TIERS
from supply.forecast.queries import RunRow
from supply.forecast.scenarios import queries
from supply.forecast.scenarios.outlook import BANDS
from supply.forecast.scenarios.queries import ScenarioRow
from supply.forecast.scenarios.screens import Weekly
from supply.forecast.score import HUB_QUANTILES

SCENARIOS_MAX = 4
HORIZONS = (28, 90)
_AT = [HUB_QUANTILES.index(q) for q in BANDS]
_ITEMS = text("""
    SELECT b.run_id, b.item_id,
           sum((SELECT sum(v) FROM unnest(b.mean[1:28]) v)) AS first,
           sum((SELECT sum(v) FROM unnest(b.mean[1:90]) v)) AS long
    FROM forecast_burn b WHERE b.class = 'all' AND b.run_id = ANY(:runs)
    GROUP BY b.run_id, b.item_id
""")
_PATIENTS = text("""
    SELECT d.run_id, d.driver, v.day, sum(v.patients) AS patients
    FROM forecast_driver d, unnest(d.mean) WITH ORDINALITY AS v(patients, day)
    WHERE d.run_id = ANY(:runs) AND d.driver = ANY(:drivers)
    GROUP BY d.run_id, d.driver, v.day ORDER BY d.run_id, d.driver, v.day
""")


@dataclass(frozen=True)
class Compared:
    """One column: a scenario (None: the projection), its run, cases by week and peaks.

    `peak_week` has the highest middle, `peak_cases` (middle, 0.025, 0.975) of it; `beds`: tier ->
    (highest mean of patients in beds, its day), as the chain counted them; `total` the middles' sum.
    """

    scenario: ScenarioRow | None
    run: RunRow | None
    weekly: Weekly
    peak_week: dt.date
    peak_cases: tuple[float, float, float]
    total: float
    beds: dict[str, tuple[float, dt.date]]


@dataclass(frozen=True)
class ItemLine:
    """Use of an item at all facilities in sight: (28 days, 90 days) by column; None: not run."""

    item: catalog.ItemRow
    by_column: tuple[tuple[float, float] | None, ...]


@dataclass(frozen=True)
class Comparison:
    """The columns, the items that anyone uses, and the weeks reported (last day, cases)."""

    columns: tuple[Compared, ...]
    items: tuple[ItemLine, ...]
    history: tuple[tuple[dt.date, float], ...]
    stale: dict[int, queries.Stale]

    @property
    def not_run(self) -> list[int]:
        """Scenarios without a stored run."""
        return [c.scenario.id for c in self.columns if c.scenario is not None and c.run is None]


def compare(district_slug: str, scenario_ids: Sequence[int]) -> Comparison:
    """Two to four scenarios and the newest projection. Raises InvalidInput, NotFound."""
    wanted = list(dict.fromkeys(scenario_ids))
    if not 1 <= len(wanted) <= SCENARIOS_MAX:
        raise InvalidInput(
            faults=[
                Fault(
                    "scenario",
                    Text(
                        f"Xin chọn từ 1 đến {SCENARIOS_MAX} kịch bản để so sánh.",
                        f"Choose 1 to {SCENARIOS_MAX} scenarios to compare.",
                    ),
                )
            ]
        )
    with reading():
        where = district_of(district_slug)
        rows = [queries.scenario(id_) for id_ in wanted]
        rows = [row for row in rows if row.district_id == where.id]
        ran = queries.runs_of(where.id)
        newest = forecasts.latest_run(where.id)
        history = history_of(where)
        runs = [ran.get(row.id) for row in rows]
        ids = [run.id for run in (*runs, newest) if run is not None]
        patients, use = _patients(ids), _use(ids)
        columns = [
            _column(row, run, row.name, patients) for row, run in zip(rows, runs, strict=True)
        ]
        if newest is not None:
            columns.append(_column(None, newest, "", patients))
        stale = queries.stale_of(rows)
    total = history.cases[history.reporting()].sum(axis=0)
    return Comparison(
        tuple(columns),
        tuple(_lines(where.items, columns, use)),
        tuple(
            (date_of(day), float(cases))
            for day, cases in zip(history.week_ends, total, strict=True)
            if not np.isnan(cases)
        ),
        stale,
    )


def _column(
    row: ScenarioRow | None,
    run: RunRow | None,
    label: str,
    patients: dict[int, dict[str, np.ndarray]],
) -> Compared:
    if run is not None:
        _, table = forecasts.stored_quantiles(run.id)
        ends = tuple(run.origin + dt.timedelta(days=7 * (n + 1)) for n in range(len(table)))
        bands = table[:, _AT].T
    else:
        assert row is not None
        ends = tuple(day for day, *_ in row.expected)
        low, middle, high = np.array([values for _, *values in row.expected]).T
        unknown = np.full(len(ends), np.nan)
        bands = np.array([low, unknown, middle, unknown, high])
    at = int(bands[2].argmax())
    beds = {}
    for tier, mean in patients.get(run.id if run is not None else 0, {}).items():
        day = int(mean.argmax())
        assert run is not None
        beds[tier] = (float(mean[day]), run.day_0 + dt.timedelta(days=day))
    return Compared(
        row,
        run,
        Weekly(label, ends, bands),
        ends[at],
        (float(bands[2, at]), float(bands[0, at]), float(bands[4, at])),
        float(bands[2].sum()),
        beds,
    )


def _patients(run_ids: list[int]) -> dict[int, dict[str, np.ndarray]]:
    """run -> tier in bed -> [day] patients at all facilities in sight."""
    found: dict[int, dict[str, np.ndarray]] = {}
    with reading() as session:
        for run_id in run_ids:
            norms = chain.norms_of(forecasts.run(run_id).params)
            drivers = {
                f"patient_day_{tier}": tier
                for tier, bed in zip(TIERS, norms.in_bed, strict=True)
                if bed
            }
            rows = session.execute(_PATIENTS, {"runs": [run_id], "drivers": list(drivers)}).all()
            for driver, tier in drivers.items():
                days = [float(row.patients) for row in rows if row.driver == driver]
                if days:
                    found.setdefault(run_id, {})[tier] = np.array(days)
    return found


def _use(run_ids: list[int]) -> dict[tuple[int, int], tuple[float, float]]:
    """(run, item) -> use in 28 and 90 days."""
    with reading() as session:
        rows = session.execute(_ITEMS, {"runs": run_ids}).all()
    return {(row.run_id, row.item_id): (float(row.first), float(row.long)) for row in rows}


def _lines(
    items: Sequence[catalog.ItemRow],
    columns: Sequence[Compared],
    use: dict[tuple[int, int], tuple[float, float]],
) -> list[ItemLine]:
    lines = []
    for item in items:
        cells = tuple(
            None if column.run is None else use.get((column.run.id, item.id), (0.0, 0.0))
            for column in columns
        )
        if any(cell is not None and cell[1] > 0 for cell in cells):
            lines.append(ItemLine(item, cells))
    return lines
