"""The figures that count, and with a batch on top, as arrays for the rules. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import BoolArray, FloatArray
from supply.forecast.history import Reports
from supply.forecast.intake.found import DAY, WEEK, Counted, Key, Row, Ward

State = Mapping[Key, Counted]
SATURDAY = 6


def state_of(reports: Reports, ward_ids: tuple[int, ...]) -> dict[Key, Counted]:
    """The reports that count, by ward, day and length."""
    return {
        (ward_ids[ward], on, days): Counted(cases, anomaly)
        for ward, on, days, cases, anomaly in zip(
            reports.ward.tolist(),
            reports.on.astype("datetime64[D]").tolist(),
            reports.days.tolist(),
            reports.cases.tolist(),
            reports.anomaly.tolist(),
            strict=True,
        )
    }


def merged(state: State, rows: Iterable[Row], marked: Iterable[Key] = ()) -> dict[Key, Counted]:
    """What counts once `rows` are kept, in their order: the latest figure of a key wins.

    A row that says nothing of its mark keeps the mark of an equal figure, else has none but by
    `marked`.
    """
    ticked, found = frozenset(marked), dict(state)
    for row in rows:
        found[row.key] = Counted(row.cases, mark_of(row, found.get(row.key), ticked))
    return found


def mark_of(row: Row, old: Counted | None, ticked: frozenset[Key]) -> bool:
    """Whether a row will be marked as not to be believed."""
    if row.anomaly is not None:
        return row.anomaly or row.key in ticked
    kept = old is not None and old.cases == row.cases and old.anomaly
    return kept or row.key in ticked


def week_end(on: dt.date) -> dt.date:
    """The Saturday on or after a day."""
    return on + dt.timedelta(days=(SATURDAY - on.isoweekday()) % 7)


@dataclass(frozen=True)
class Grid:
    """`cases[ward, time]` of one length of figure, NaN where not known or marked; `new[ward, time]`
    True where the batch gives the figure. Column t is `first + t × days`."""

    wards: tuple[Ward, ...]
    first: dt.date
    days: int
    cases: FloatArray
    new: BoolArray

    def on(self, time: int) -> dt.date:
        """The day of a column."""
        return self.first + dt.timedelta(days=self.days * int(time))


def grid(
    state: State,
    rows: Iterable[Row],
    wards: Iterable[Ward],
    days: int,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> Grid | None:
    """The series of `days`-long figures, the batch on top; None where there is none."""
    known = tuple(wards)
    place = {ward.id: n for n, ward in enumerate(known)}
    fresh = {row.key for row in rows if row.days == days}
    cells = {
        key: one
        for key, one in merged(state, [r for r in rows if r.days == days]).items()
        if key[2] == days
        and key[0] in place
        and (since is None or key[1] >= since)
        and (until is None or key[1] <= until)
    }
    if not cells:
        return None
    first, last = min(k[1] for k in cells), max(k[1] for k in cells)
    size = (last - first).days // days + 1
    cases = np.full((len(known), size), np.nan)
    new = np.zeros((len(known), size), dtype=bool)
    for key, one in cells.items():
        at = place[key[0]], (key[1] - first).days // days
        cases[at] = np.nan if one.anomaly else one.cases
        new[at] = key in fresh
    return Grid(known, first, days, cases, new)


def whole_weeks(state: State, ward: int, ends: Iterable[dt.date]) -> dict[dt.date, int | None]:
    """A ward's figure of each week: the weekly one, else the sum of seven days, else None; a week
    with a negative total is None (as `history.weekly_history`)."""
    found: dict[dt.date, int | None] = {}
    for end in ends:
        weekly = state.get((ward, end, WEEK))
        if weekly is not None and not weekly.anomaly:
            found[end] = weekly.cases if weekly.cases >= 0 else None
            continue
        week = [state.get((ward, end - dt.timedelta(days=n), DAY)) for n in range(7)]
        known = [one.cases for one in week if one is not None and not one.anomaly]
        found[end] = sum(known) if len(known) == 7 and sum(known) >= 0 else None
    return found
