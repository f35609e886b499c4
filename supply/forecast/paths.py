"""From weekly quantiles to sample paths of daily cases.

Each margin (place, week) is matched exactly: its draws are the quantile function read at D evenly
spread levels. Their order is that of a Gaussian copula with correlation r_h^|i−j| between weeks and
r_p between places, both measured when the prior was fitted, so that sums over weeks and over wards
have honest spread. Between the 23 levels and beyond 0.01 and 0.99 the quantile function is linear
in the normal score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from supply.forecast.cases import FloatArray
from supply.forecast.score import HUB_QUANTILES

DAYS_PER_WEEK = 7
_SCORES: FloatArray = norm.ppf(np.asarray(HUB_QUANTILES))


@dataclass(frozen=True)
class Dependence:
    """Correlation of normal scores between successive weeks, and between places in one week."""

    between_weeks: float
    between_places: float


def weekly_paths(
    quantiles: FloatArray, draws: int, dependence: Dependence, rng: np.random.Generator
) -> FloatArray:
    """Draws [draw, place, week] from `quantiles[place, week, 23]`; ≥ 0, margins matched."""
    places, weeks, _ = quantiles.shape
    order = np.argsort(_copula_scores(draws, places, weeks, dependence, rng), axis=0)
    levels: FloatArray = norm.ppf((np.arange(draws) + 0.5) / draws)
    sorted_values = _read_quantiles(quantiles, levels)
    paths = np.empty((draws, places, weeks))
    np.put_along_axis(paths, order, sorted_values, axis=0)
    return paths


def _copula_scores(
    draws: int, places: int, weeks: int, dependence: Dependence, rng: np.random.Generator
) -> FloatArray:
    """[draw, place, week] normal scores: one part shared by all places, one each place's own."""
    shared = np.sqrt(dependence.between_places)
    own = np.sqrt(1.0 - dependence.between_places)
    noise = shared * rng.standard_normal((draws, 1, weeks)) + own * rng.standard_normal(
        (draws, places, weeks)
    )
    keep, new = dependence.between_weeks, np.sqrt(1.0 - dependence.between_weeks**2)
    for week in range(1, weeks):
        noise[..., week] = keep * noise[..., week - 1] + new * noise[..., week]
    return noise


def _read_quantiles(quantiles: FloatArray, scores: FloatArray) -> FloatArray:
    """Quantile functions at ascending normal `scores`: [score, place, week], never below 0."""
    left = np.clip(np.searchsorted(_SCORES, scores) - 1, 0, len(_SCORES) - 2)
    share = (scores - _SCORES[left]) / (_SCORES[left + 1] - _SCORES[left])
    low, high = np.moveaxis(quantiles, -1, 0)[left], np.moveaxis(quantiles, -1, 0)[left + 1]
    values = low + share[:, None, None] * (high - low)
    return np.maximum(values, 0.0)


def daily_paths(weekly: FloatArray, days: int) -> FloatArray:
    """[draw, place, day] from [draw, place, week]: a week's cases spread evenly over its days.

    Day 0 is the day after the origin (a Sunday). Raises ValueError beyond the weeks given.
    """
    if days > weekly.shape[-1] * DAYS_PER_WEEK:
        raise ValueError(f"{days} days asked for, {weekly.shape[-1]} weeks projected")
    return np.repeat(weekly / DAYS_PER_WEEK, DAYS_PER_WEEK, axis=-1)[..., :days]
