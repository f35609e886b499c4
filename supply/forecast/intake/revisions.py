"""Reporting delay: what was known of each week, when. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from supply.core.clock import VIETNAM
from supply.forecast.intake.found import Counted, Key
from supply.forecast.intake.series import week_end, whole_weeks

DELAYS_WEEKS = (0, 1, 2, 4)
"""Columns of the triangle: known by the end of the day, so many weeks after the week's Saturday + 1."""
WEEKS_FOR_GROWTH = 4


@dataclass(frozen=True)
class Recorded:
    """One row of a report, as it was recorded."""

    ward_id: int
    on: dt.date
    days: int
    cases: int
    anomaly: bool
    recorded_at: dt.datetime


@dataclass(frozen=True)
class WeekRevisions:
    """A week's total as first known, as known after so many weeks (DELAYS_WEEKS), and now.

    Over the wards that are whole at that moment; None where none was. `entries`: how many different
    totals were known one after another.
    """

    week_end: dt.date
    first: int | None
    at: tuple[int | None, ...]
    now: int | None
    entries: int

    @property
    def growth(self) -> float | None:
        """Now over first."""
        return None if not self.first or self.now is None else self.now / self.first


@dataclass(frozen=True)
class Revisions:
    """The triangle, newest week first."""

    weeks: tuple[WeekRevisions, ...]

    @property
    def usual_growth(self) -> float | None:
        """The median growth of weeks that were revised, at least 1; None with fewer than four."""
        grown = [w.growth for w in self.weeks[1:] if w.entries > 1 and w.growth is not None]
        if len(grown) < WEEKS_FOR_GROWTH:
            return None
        return max(float(np.median(grown)), 1.0)


def triangle(
    rows: Sequence[Recorded], ward_ids: Sequence[int], last: dt.date, weeks: int
) -> Revisions:
    """The last `weeks` weeks up to the one that ends on `last`. `rows` in the order of recording."""
    by_week: dict[dt.date, list[Recorded]] = {}
    for row in rows:
        by_week.setdefault(week_end(row.on), []).append(row)
    ends = [last - dt.timedelta(weeks=n) for n in range(weeks)]
    return Revisions(tuple(_week(end, by_week[end], ward_ids) for end in ends if end in by_week))


def _week(end: dt.date, rows: Sequence[Recorded], ward_ids: Sequence[int]) -> WeekRevisions:
    """Replay the week's rows: after each moment of recording, the total that was then known."""
    state: dict[Key, Counted] = {}
    known: list[tuple[dt.datetime, int | None]] = []
    for n, row in enumerate(rows):
        state[row.ward_id, row.on, row.days] = Counted(row.cases, row.anomaly)
        is_last = n + 1 == len(rows) or rows[n + 1].recorded_at != row.recorded_at
        if is_last:
            known.append((row.recorded_at, _total(state, end, ward_ids)))
    totals = [total for _, total in known if total is not None]
    different = [t for n, t in enumerate(totals) if n == 0 or totals[n - 1] != t]
    return WeekRevisions(
        end,
        totals[0] if totals else None,
        tuple(_at(known, end + dt.timedelta(days=1 + 7 * delay)) for delay in DELAYS_WEEKS),
        known[-1][1],
        len(different),
    )


def _total(state: dict[Key, Counted], end: dt.date, ward_ids: Sequence[int]) -> int | None:
    found = [whole_weeks(state, ward, (end,))[end] for ward in ward_ids]
    whole = [one for one in found if one is not None]
    return sum(whole) if whole else None


def _at(known: Sequence[tuple[dt.datetime, int | None]], day: dt.date) -> int | None:
    """What was known at the end of a day."""
    moment = dt.datetime.combine(day, dt.time.max, VIETNAM)
    before = [total for at, total in known if at <= moment]
    return before[-1] if before else None
