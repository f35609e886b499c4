"""What is looked at in a history to project it: growth, level, peak, noise, and the neighbours.

Every figure is made from weeks up to the origin (the last column) and from no date, so a history
shifted by whole weeks has the same features. Histories are `[place, week]`, gaps filled, NaN before
a place's first whole week; the last column has no NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import FloatArray

GROWTH_LIMIT = 2.0  # of one week's change in log(cases + 1): beyond it, reporting and not epidemic
ACTIVE_CASES = 10.0  # a place lends its growth to the pool from this many cases in the origin week
_RECENT_WEEKS = 8

FEATURE_NAMES: tuple[str, ...] = (
    "one",
    "growth_0",
    "growth_1",
    "growth_2",
    "growth_mean_3",
    "pool_growth_0",
    "pool_growth_1",
    "level_to_8_weeks",
    "level_to_peak",
    "growth_0_rising",
    "pool_growth_0_rising",
    "growth_0_by_peak",
    "pool_growth_0_by_peak",
    "log_roughness",
    "small_counts",
    "growth_0_size",
    "turn_size",
    "log_level",
    "near_peak",
    "growth_0_rising_near_peak",
    "log_weeks_known",
    "pool_growth_0_size",
    "pool_growth_0_less_own",
    "above_8_weeks",
    "pool_log_dispersion",
    "pool_persistence",
    "growth_0_by_pool_persistence",
    "persistence",
    "growth_0_by_persistence",
    "pool_growth_0_by_persistence",
    "late_known",
    "growth_0_where_late_known",
    "late_rise",
    "pool_late_rise",
    "late_rise_by_peak",
)


@dataclass(frozen=True)
class Pool:
    """What the places of a file have in common at an origin; all zero-like where none is active.

    `growth_0`, `growth_1`: median weekly change in log(cases + 1), last and last but one week.
    `log_dispersion`: log(median absolute deviation of the last growth + 0.05).
    `persistence`: how far a week's growth repeats the week before's (pooled autocorrelation).
    `late_rise`: median rise of the last days over the first of the week (daily files only).
    """

    growth_0: float = 0.0
    growth_1: float = 0.0
    log_dispersion: float = float(np.log(0.2))
    persistence: float = 0.0
    late_rise: float = 0.0


def pool_of(history: FloatArray, late: FloatArray | None = None) -> Pool:
    """Summarise the active places of `history[place, week]`, with `late[place]` of the origin week."""
    chosen = history[:, -1] >= ACTIVE_CASES
    active = history[chosen]
    if not len(active):
        return Pool()
    recent = _recent_growth(_log_cases(active))
    last = _growth(_log_cases(active), 0)
    before = _growth(_log_cases(active), 1)
    centre = float(np.median(last))
    shared = float((recent[:, 1:] * recent[:, :-1]).sum())
    spread = float((recent[:, 1:] ** 2 + recent[:, :-1] ** 2).sum())
    return Pool(
        growth_0=centre,
        growth_1=float(np.median(before)),
        log_dispersion=float(np.log(np.median(np.abs(last - centre)) + 0.05)),
        persistence=shared / (spread / 2 + 0.5),
        late_rise=_median_known(late[chosen]) if late is not None else 0.0,
    )


def _median_known(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else 0.0


def features(history: FloatArray, pool: Pool, late: FloatArray | None = None) -> FloatArray:
    """[place, len(FEATURE_NAMES)] from `history[place, week]`; no NaN.

    `late[place]`: `cases.late_rise` of the origin week, NaN where not known; None = nowhere known.
    """
    log_cases = _log_cases(history)
    level = log_cases[:, -1]
    one = np.ones(len(history))
    g0, g1, g2 = (_growth(log_cases, lag) for lag in range(3))
    pool_0, pool_1 = pool.growth_0 * one, pool.growth_1 * one
    with_8 = level - np.log(_recent_mean(history) + 1.0)
    to_peak = level - np.log(_peak(history) + 1.0)
    near_peak = np.exp(2.0 * to_peak)
    rising = np.maximum(g0, 0.0)
    own_persistence = _persistence(log_cases, pool.persistence)
    late_known = np.zeros(len(history)) if late is None else (~np.isnan(late)).astype(np.float64)
    late_own = np.zeros(len(history)) if late is None else np.nan_to_num(late)
    columns = (
        one,
        g0,
        g1,
        g2,
        _mean_growth(log_cases, 3),
        pool_0,
        pool_1,
        with_8,
        to_peak,
        rising,
        np.maximum(pool_0, 0.0),
        g0 * to_peak,
        pool_0 * to_peak,
        np.log(_roughness(log_cases) + 0.05),
        1.0 / np.sqrt(history[:, -1] + 1.0),
        np.abs(g0),
        np.abs(g0 - g1),
        level,
        near_peak,
        rising * near_peak,
        np.log((~np.isnan(history)).sum(axis=1)),
        np.abs(pool_0),
        pool_0 - g0,
        np.maximum(with_8, 0.0),
        pool.log_dispersion * one,
        pool.persistence * one,
        g0 * pool.persistence,
        own_persistence,
        g0 * own_persistence,
        pool_0 * pool.persistence,
        late_known,
        g0 * late_known,
        late_own,
        pool.late_rise * late_known,
        late_own * to_peak,
    )
    return np.stack(columns, axis=1)


def _log_cases(history: FloatArray) -> FloatArray:
    logged: FloatArray = np.log(history + 1.0)
    return logged


def _growth(log_cases: FloatArray, lag: int) -> FloatArray:
    """Change in log(cases + 1) in the week `lag` weeks before the origin; 0 where not known."""
    if log_cases.shape[1] < lag + 2:
        return np.zeros(len(log_cases))
    change = log_cases[:, -1 - lag] - log_cases[:, -2 - lag]
    return np.clip(np.nan_to_num(change), -GROWTH_LIMIT, GROWTH_LIMIT)


def _mean_growth(log_cases: FloatArray, weeks: int) -> FloatArray:
    if log_cases.shape[1] < weeks + 1:
        return np.zeros(len(log_cases))
    change = (log_cases[:, -1] - log_cases[:, -1 - weeks]) / weeks
    return np.clip(np.nan_to_num(change), -GROWTH_LIMIT, GROWTH_LIMIT)


def _recent_growth(log_cases: FloatArray) -> FloatArray:
    change = np.diff(log_cases, axis=1)[:, -_RECENT_WEEKS:]
    return np.clip(np.nan_to_num(change), -GROWTH_LIMIT, GROWTH_LIMIT)


def _recent_mean(history: FloatArray) -> FloatArray:
    mean: FloatArray = np.nanmean(history[:, -_RECENT_WEEKS:], axis=1)
    return mean


def _peak(history: FloatArray) -> FloatArray:
    peak: FloatArray = np.nanmax(history, axis=1)
    return peak


def _roughness(log_cases: FloatArray) -> FloatArray:
    """Mean absolute second difference over 10 weeks: reporting noise. 0.3 where not known."""
    bend = np.abs(np.diff(log_cases[:, -10:], n=2, axis=1))
    known = ~np.isnan(bend)
    count = known.sum(axis=1)
    total = np.where(known, bend, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), 0.3)


def _persistence(log_cases: FloatArray, pooled: float) -> FloatArray:
    """A place's own growth autocorrelation over 8 weeks, shrunk to the pool's."""
    recent = _recent_growth(log_cases)
    shared = (recent[:, 1:] * recent[:, :-1]).sum(axis=1)
    spread = (recent[:, 1:] ** 2 + recent[:, :-1] ** 2).sum(axis=1) / 2 + 0.1
    shrunk: FloatArray = (shared + 0.3 * pooled) / (spread + 0.3)
    return shrunk
