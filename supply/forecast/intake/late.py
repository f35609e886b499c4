"""Figures that may not be complete yet: the last days (or the last week) far below their habit. Pure.

A day is compared with the week that ended before the last days, and that ratio with the same ratio
of the same weekday in the four weeks before: weekends are low by habit. What is found is shown with
a factor, never applied.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import FloatArray
from supply.forecast.intake.thresholds import Limits

WEEKS_OF_HABIT = 4


@dataclass(frozen=True)
class Late:
    """`first`: index of the first late day (week); `reported` of `expected` cases since."""

    first: int
    reported: float
    expected: float

    @property
    def factor(self) -> float:
        """Expected over reported, at least 1: by how much the figures may still grow."""
        return max(self.expected / max(self.reported, 1.0), 1.0)


def late_days(cases: FloatArray, limits: Limits) -> Late | None:
    """The unbroken run of late days at the end of `cases` [place, day] (NaN = not known); None."""
    most, days = int(limits["late_days"]), cases.shape[1]
    found: list[tuple[int, float, float]] = []
    for back in range(most):
        day = days - 1 - back
        one = _ratio(cases, day, most - back)
        habit = [
            _ratio(cases, day - 7 * week, most - back) for week in range(1, WEEKS_OF_HABIT + 1)
        ]
        usual = [got / base for got, base in (h for h in habit if h is not None) if base > 0]
        if one is None or len(usual) < 2:
            break
        expected = float(np.median(usual)) * one[1]
        if not _is_late(one[0], expected, limits["late_share"], limits):
            break
        found.append((day, one[0], expected))
    if not found:
        return None
    return Late(found[-1][0], sum(f[1] for f in found), sum(f[2] for f in found))


def _ratio(cases: FloatArray, day: int, gap: int) -> tuple[float, float] | None:
    """(the day's cases, mean of the seven days that end `gap` days before it), over the places known
    on all of them; None where that is nobody."""
    first = day - gap - 6
    if first < 0:
        return None
    week = cases[:, first : day - gap + 1]
    known = ~np.isnan(cases[:, day]) & ~np.isnan(week).any(axis=1)
    if not known.any():
        return None
    return float(cases[known, day].sum()), float(week[known].mean(axis=1).sum())


def late_week(cases: FloatArray, limits: Limits) -> Late | None:
    """Whether the last week of `cases` [place, week] is far below the two weeks before it; None."""
    if cases.shape[1] < 3:
        return None
    last, before = cases[:, -1], cases[:, -3:-1]
    known = ~np.isnan(last) & ~np.isnan(before).any(axis=1)
    if not known.any():
        return None
    got, expected = float(last[known].sum()), float(before[known].mean(axis=1).sum())
    if not _is_late(got, expected, limits["late_week_share"], limits):
        return None
    return Late(cases.shape[1] - 1, got, expected)


def _is_late(got: float, expected: float, share: float, limits: Limits) -> bool:
    if expected < limits["late_expected_min"] or got >= share * expected:
        return False
    return (expected - got) / np.sqrt(expected) >= limits["late_deviations"]
