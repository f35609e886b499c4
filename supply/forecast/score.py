"""Scores of weekly projections: the hub baseline, weighted interval score, coverage.

Baseline, as the European COVID-19 Forecast Hub made it: take all past weekly differences and their
negatives; horizon 1 is the last value plus their quantiles; each later horizon adds a permutation of
the same differences, is re-centred so that its median is the last value, and is clipped at 0.

Weighted interval score over the 23 hub quantiles = 2 × mean pinball loss (Bracher et al. 2021,
"Evaluating epidemic forecasts in an interval format", eq. 1-3, is this up to the usual weights).
Worked number: truth 10, all 23 quantiles 8: WIS = 2 · mean(τ)·2 = 2.0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from supply.forecast.cases import FloatArray

HUB_QUANTILES: tuple[float, ...] = (
    0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
    0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99,
)  # fmt: skip
MIN_CASES_AT_ORIGIN = 10
MIN_DIFFERENCES = 4
_BASELINE_SAMPLES = 2001
_BASELINE_SEED = 20210308  # fixed: the permutations are the same in every run


def baseline_quantiles(
    history: FloatArray, horizons: int = 4, samples: int = _BASELINE_SAMPLES
) -> FloatArray:
    """Hub baseline from `history[place, week]` (gaps filled, leading NaN allowed), origin = last week.

    Returns [place, horizon, 23]. Raises ValueError where a place has no weekly difference.
    """
    differences = np.diff(history, axis=1)
    known = ~np.isnan(differences)
    if not known.any(axis=1).all():
        raise ValueError("baseline needs at least one weekly difference per place")
    step = _symmetric_quantiles(differences, np.linspace(0.0, 1.0, samples))
    rng = np.random.default_rng(_BASELINE_SEED)
    last = history[:, -1:]
    path = last + step
    out = np.empty((len(history), horizons, len(HUB_QUANTILES)))
    for h in range(horizons):
        if h > 0:
            path = path + step[:, rng.permutation(samples)]
            path = path - np.median(path, axis=1, keepdims=True) + last
        out[:, h] = np.quantile(np.maximum(path, 0.0), HUB_QUANTILES, axis=1).T
    return out


def _symmetric_quantiles(differences: FloatArray, probabilities: FloatArray) -> FloatArray:
    """Quantiles (linear, type 7) of each row's differences and their negatives; NaN left out."""
    both = np.sort(np.concatenate([differences, -differences], axis=1), axis=1)  # NaN sort last
    count = (~np.isnan(both)).sum(axis=1, keepdims=True)
    position = probabilities * (count - 1)
    low = np.floor(position).astype(np.int64)
    high = np.minimum(low + 1, count - 1)
    below = np.take_along_axis(both, low, axis=1)
    above = np.take_along_axis(both, high, axis=1)
    return below + (position - low) * (above - below)


def weighted_interval_score(quantiles: FloatArray, truth: FloatArray) -> FloatArray:
    """WIS = 2 × mean pinball loss over the 23 quantiles; `quantiles[..., 23]`, `truth[...]`."""
    level = np.asarray(HUB_QUANTILES)
    error = truth[..., None] - quantiles
    loss: FloatArray = 2.0 * np.maximum(level * error, (level - 1.0) * error).mean(axis=-1)
    return loss


@dataclass(frozen=True)
class HorizonScore:
    """One line of a score: all pairs (place, origin) that have a forecast, a truth and a baseline."""

    horizon_weeks: int
    pairs: int
    relative_wis: float
    relative_wis_place_geometric: float
    coverage_50: float
    coverage_95: float


def score_pairs(
    quantiles: FloatArray,
    baseline: FloatArray,
    truth: FloatArray,
    place: npt.NDArray[np.int64],
    horizon_weeks: npt.NDArray[np.int64],
) -> list[HorizonScore]:
    """Score pairs: `quantiles[n, 23]`, `baseline[n, 23]`, `truth[n]`, `place[n]`, `horizon_weeks[n]`."""
    ours = weighted_interval_score(quantiles, truth)
    theirs = weighted_interval_score(baseline, truth)
    lines = []
    for h in np.unique(horizon_weeks):
        at = horizon_weeks == h
        lines.append(
            HorizonScore(
                int(h),
                int(at.sum()),
                _ratio(ours[at].mean(), theirs[at].mean()),
                _place_geometric_mean(ours[at], theirs[at], place[at]),
                _coverage(quantiles[at], truth[at], 0.25, 0.75),
                _coverage(quantiles[at], truth[at], 0.025, 0.975),
            )
        )
    return lines


def _ratio(ours: float, theirs: float) -> float:
    return float(ours / theirs) if theirs > 0 else float("nan")


def _place_geometric_mean(
    ours: FloatArray, theirs: FloatArray, place: npt.NDArray[np.int64]
) -> float:
    """Geometric mean over places of (our mean WIS / the baseline's); places with a 0 are left out."""
    _, index = np.unique(place, return_inverse=True)
    our_sum, their_sum = np.bincount(index, ours), np.bincount(index, theirs)
    usable = (our_sum > 0) & (their_sum > 0)
    if not usable.any():
        return float("nan")
    return float(np.exp(np.log(our_sum[usable] / their_sum[usable]).mean()))


def _coverage(quantiles: FloatArray, truth: FloatArray, low: float, high: float) -> float:
    lower = quantiles[:, HUB_QUANTILES.index(low)]
    upper = quantiles[:, HUB_QUANTILES.index(high)]
    return float(((lower <= truth) & (truth <= upper)).mean())
