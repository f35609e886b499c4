"""Implausibly high figures: robustly, against a place's own habit and against its neighbours. Pure.

With x = log(cases + 1): the habit is the median m of the known values of the days (weeks) before, its
spread s = max(1.4826 · MAD, floor). A figure is a spike when (x − m)/s is over `spike_mads`, when it
stands `spike_ratio` times above the habit after what the other places rose on that day is taken off
(at most `spike_neighbour_ratio` times), and when the days after do not confirm it. It is only ever
proposed: a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import BoolArray, FloatArray
from supply.forecast.intake.thresholds import Limits

MAD_TO_SD = 1.4826
KNOWN_MIN = {1: 7, 7: 3}
"""By the length of a figure in days: fewer known values make no habit."""
AFTER = 3


@dataclass(frozen=True)
class Found:
    """A spike at [place, time]: `usual` cases by habit, `times` = (cases + 1) / (usual + 1)."""

    place: int
    time: int
    usual: float
    times: float


def spikes(cases: FloatArray, asked: BoolArray, days: int, limits: Limits) -> list[Found]:
    """The spikes among the figures `asked` about.

    `cases` [place, time], NaN where not known or already marked; `days` 1 or 7, the time step.
    """
    back = int(limits["spike_days_back" if days == 1 else "spike_weeks_back"])
    level = np.log1p(np.maximum(cases, 0.0))
    found = []
    for place, time in zip(*np.nonzero(asked & ~np.isnan(cases)), strict=True):
        if cases[place, time] < limits["spike_cases_min"]:
            continue
        one = _spike(level, int(place), int(time), back, days, limits)
        if one is not None:
            found.append(one)
    return found


def _spike(
    level: FloatArray, place: int, time: int, back: int, days: int, limits: Limits
) -> Found | None:
    before = level[:, max(time - back, 0) : time]
    own = before[place][~np.isnan(before[place])]
    if len(own) < KNOWN_MIN[days]:
        return None
    if level[place, time] - own.min() < np.log(limits["spike_ratio"]):
        return None  # not even fourfold of the lowest: spares most figures the medians
    usual = float(np.median(own))
    spread = max(MAD_TO_SD * float(np.median(np.abs(own - usual))), limits["spike_scale_min"])
    rise = float(level[place, time]) - usual
    if rise / spread < limits["spike_mads"]:
        return None
    excused = min(
        _neighbours(level, before, place, time, days), np.log(limits["spike_neighbour_ratio"])
    )
    if rise - max(excused, 0.0) < np.log(limits["spike_ratio"]):
        return None
    after = level[place, time + 1 : time + 1 + AFTER]
    if (after - usual > 0.5 * rise).sum() >= 2:
        return None
    return Found(place, time, float(np.expm1(usual)), float(np.exp(rise)))


def _neighbours(level: FloatArray, before: FloatArray, place: int, time: int, days: int) -> float:
    """How far the other places stand above their own habits at that time (their median); 0 when
    fewer than three can tell."""
    known = (~np.isnan(before)).sum(axis=1) >= KNOWN_MIN[days]
    known &= ~np.isnan(level[:, time])
    known[place] = False
    if known.sum() < 3:
        return 0.0
    return float(np.median(level[known, time] - np.nanmedian(before[known], axis=1)))
