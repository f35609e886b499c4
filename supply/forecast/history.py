"""Reports of wards, by day or by week, to whole weeks ending on Saturday.

The rules are those of `cases.py`: a week counts when all seven days are known or a weekly figure was
given; anomalous days are not known; negative days are corrections and are summed; a week whose total
is negative is missing. Where a week has both, the weekly figure stands: somebody confirmed it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import BoolArray, DateArray, FloatArray, IntArray

DAYS_PER_WEEK = 7
_A_SATURDAY = np.datetime64("2022-01-01")


@dataclass(frozen=True)
class Reports:
    """The reports that count, one entry each: `ward` indexes the wards, `days` is 1 or 7."""

    ward: IntArray
    on: DateArray
    days: IntArray
    cases: IntArray
    anomaly: BoolArray


@dataclass(frozen=True)
class WeeklyHistory:
    """`cases[ward, week]`, NaN where the week is not whole; `anomaly[ward, week]` True where a
    figure of the week is marked as not to be believed; `week_ends` consecutive Saturdays."""

    week_ends: DateArray
    cases: FloatArray
    anomaly: BoolArray

    def until(self, week_end: np.datetime64) -> WeeklyHistory:
        """The weeks up to and including `week_end`."""
        keep = int(np.searchsorted(self.week_ends, week_end, side="right"))
        return WeeklyHistory(self.week_ends[:keep], self.cases[:, :keep], self.anomaly[:, :keep])

    def reporting(self) -> BoolArray:
        """[ward]: True for wards with at least one whole week."""
        return np.asarray((~np.isnan(self.cases)).any(axis=1), dtype=bool)

    def last_common_week(self) -> int | None:
        """The last week that is whole in every ward that reports at all; None if there is none."""
        reporting = self.reporting()
        if not reporting.any():
            return None
        whole = np.flatnonzero(~np.isnan(self.cases[reporting]).any(axis=0))
        return int(whole[-1]) if len(whole) else None


def weekly_history(reports: Reports, wards: int) -> WeeklyHistory:
    """Sum the reports of `wards` wards to weeks."""
    if not len(reports.on):
        empty = np.empty((wards, 0))
        return WeeklyHistory(np.empty(0, dtype="datetime64[D]"), empty, empty.astype(bool))
    week = _ceil_weeks(reports.on)
    first, count = int(week.min()), int(week.max() - week.min()) + 1
    cell, size = reports.ward * count + (week - first), wards * count
    good = ~reports.anomaly
    daily, weekly = good & (reports.days == 1), good & (reports.days == DAYS_PER_WEEK)
    known = np.bincount(cell[daily], minlength=size)
    total = np.bincount(cell[daily], weights=reports.cases[daily], minlength=size)
    cases = np.where(known == DAYS_PER_WEEK, total, np.nan)
    cases[cell[weekly]] = reports.cases[weekly]
    cases[cases < 0] = np.nan
    marked = np.zeros(size, dtype=bool)
    marked[cell[reports.anomaly]] = True
    return WeeklyHistory(
        _A_SATURDAY + DAYS_PER_WEEK * np.arange(first, first + count),
        cases.reshape(wards, count),
        marked.reshape(wards, count),
    )


def _ceil_weeks(on: DateArray) -> IntArray:
    """Weeks from a known Saturday to the Saturday on or after each day."""
    weeks: IntArray = -(-(on - _A_SATURDAY).astype(np.int64) // DAYS_PER_WEEK)
    return weeks


def recent_days(history: WeeklyHistory, weeks: int) -> FloatArray:
    """[ward, past day], oldest first: cases per day of the last `weeks` weeks, a week spread evenly.

    A missing week counts as the nearest earlier whole one, or 0: patients of it are still in care.
    """
    last = history.cases[:, -weeks:].copy()
    for column in range(last.shape[1]):
        missing = np.isnan(last[:, column])
        before = last[:, column - 1] if column else np.zeros(len(last))
        last[missing, column] = before[missing]
    days: FloatArray = np.repeat(last / DAYS_PER_WEEK, DAYS_PER_WEEK, axis=1)
    return days
