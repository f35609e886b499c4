"""What the preview page draws: the table of what would change, day by day. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import FloatArray
from supply.forecast.intake.checking import Preview
from supply.forecast.intake.found import WEEK, Change

COLUMNS_SHOWN = 14
CHANGES_SHOWN = 200


@dataclass(frozen=True)
class Cell:
    """One figure of the table: `kind` added, changed or unchanged; `old` where it changes."""

    cases: int
    kind: str
    old: int | None
    marked: bool


@dataclass(frozen=True)
class Matrix:
    """Wards down, the last days (weeks) given across; `hidden` earlier ones are not drawn."""

    columns: tuple[tuple[dt.date, bool], ...]
    """(day, whether it is a week)"""
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]
    totals: tuple[int, ...]
    hidden: int


def matrix(found: Preview) -> Matrix:
    """The figures as a district keeps them."""
    every = sorted({(c.row.on, c.row.days) for c in found.changes})
    shown = every[-COLUMNS_SHOWN:]
    wards = sorted({(c.row.ward.code, c.row.ward.id, c.row.ward.name) for c in found.changes})
    by_key = {c.row.key: c for c in found.changes}
    rows = tuple(
        (name, tuple(_cell(by_key.get((ward, on, days))) for on, days in shown))
        for _, ward, name in wards
    )
    totals = tuple(_sum([cells[n] for _, cells in rows]) for n in range(len(shown)))
    columns = tuple((on, days == WEEK) for on, days in shown)
    return Matrix(columns, rows, totals, len(every) - len(shown))


def _sum(cells: Sequence[Cell | None]) -> int:
    return sum(cell.cases for cell in cells if cell is not None)


def _cell(change: Change | None) -> Cell | None:
    if change is None:
        return None
    old = change.old.cases if change.old is not None and change.kind == "changed" else None
    return Cell(change.row.cases, change.kind, old, change.anomaly)


def corrections(found: Preview) -> Sequence[Change]:
    """The figures that would replace others, latest day first; at most CHANGES_SHOWN."""
    changed = found.of_kind("changed")
    return sorted(changed, key=lambda c: (c.row.on, c.row.ward.code), reverse=True)[:CHANGES_SHOWN]


def chart_values(series: FloatArray) -> list[float | None]:
    """A series as a chart takes it: nothing where nothing is known."""
    return [None if np.isnan(v) else float(v) for v in series]
