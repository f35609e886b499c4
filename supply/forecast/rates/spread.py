"""How unevenly supplies are used: the variance of a fortnight's use about its mean.

    variance of a sum over days = φ · Σ mean_d + λ · Σ mean_d²

φ (base units) is noise of single units and packs; λ (days) is lumps that grow with use, as when a store
hands out a week's need at a time: a week's need once a week at random times has λ = 7. Both are fitted
to sums over whole windows (14 days), because a day's sum says only on which day the store issues.

φ and λ are the item's over the facilities of the district; each facility then has a factor on both,
from its own windows, drawn towards what factors are like (inverse-gamma, its two parameters by the
moments of log variances: Smyth, Statistical Applications in Genetics 3(1), 2004, article 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, polygamma

from supply.forecast.cases import BoolArray, FloatArray
from supply.forecast.rates.past import Past, Windows, quotient, windows
from supply.forecast.rates.settings import Settings

_ROUNDS = 5  # of reweighting; the figures stand to a percent after three
# Windows that overlap tell more of a variance than those side by side: half as much again for noise that
# comes independently, more for lumps, whose errors alternate. Tried on synthetic ledgers.
_OVERLAP_GAIN = 2.5
_FACTOR_LOW = 0.02
_SPREAD_OF_FACTORS_LOW = 0.05
_LAMBDA_HIGH = 28.0


@dataclass(frozen=True)
class Spread:
    """`dispersion` φ ≥ 1 base unit, `lump_days` λ, both [f, i]."""

    dispersion: FloatArray
    lump_days: FloatArray

    def per_unit(self, units_per_day: FloatArray) -> FloatArray:
        """φ + λ·mean [f, i]: variance over mean at so many units a day."""
        return self.dispersion + self.lump_days * units_per_day


def spread_of(past: Past, settings: Settings) -> Spread:
    """φ and λ of every facility and item. Where the district tells nothing of an item, φ is guessed from
    the size of its issues."""
    found = windows(past, settings.window_days, settings.window_share)
    total = found.expected.sum(axis=-1)
    ratio = quotient(found.observed.sum(axis=-1), total)[..., None]
    mean = ratio * found.expected
    level = quotient(ratio**2 * found.squares, mean)
    number = found.number
    # A cell's own ratio is fitted to the same windows, which takes one of them away.
    freedom = np.where(number > 1.0, number - 1.0, 0.0)
    correction = quotient(number, freedom)[..., None]
    squares = quotient((found.observed - mean) ** 2, mean) * correction
    counts = (mean > 0) & (correction > 0)
    phi, lump = _by_item(squares, level, counts, _issue_size(past, found))
    fitted = phi[None, :, None] + lump[None, :, None] * level
    own = quotient((counts * quotient(squares, fitted)).sum(axis=-1), counts.sum(axis=-1), 1.0)
    factor = shrunk_variances(own, freedom * _OVERLAP_GAIN)
    return Spread(np.maximum(phi[None] * factor, 1.0), lump[None] * factor)


def _by_item(
    squares: FloatArray, level: FloatArray, counts: BoolArray, guess: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """φ, λ [i] ≥ 0: squared residuals over the mean are fitted by φ + λ·level, weighted by how exact
    each is (its sd is as its mean)."""
    use = counts.astype(np.float64)
    number = use.sum(axis=(0, 2))
    mean = quotient((use * squares).sum(axis=(0, 2)), number)
    middle = quotient((use * level).sum(axis=(0, 2)), number)
    phi, lump = mean / 2.0, quotient(mean / 2.0, middle)
    for _ in range(_ROUNDS):
        fitted = np.maximum(phi[None, :, None] + lump[None, :, None] * level, 1e-9)
        phi, lump = _line(squares, level, use / fitted**2)
        phi = np.maximum(phi, 0.01 * mean)
    known = number > 0
    return np.where(known, phi, guess), np.where(known, np.minimum(lump, _LAMBDA_HIGH), 0.0)


def _line(y: FloatArray, x: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weighted least squares y ≈ a + b·x with a, b ≥ 0, for each item [i] over the other axes."""
    over = (0, 2)
    one, sx, sxx = weight.sum(over), (weight * x).sum(over), (weight * x * x).sum(over)
    sy, sxy = (weight * y).sum(over), (weight * x * y).sum(over)
    det = one * sxx - sx**2
    free = det > 1e-9 * one * sxx
    a = np.where(free, quotient(sxx * sy - sx * sxy, det), quotient(sy, one))
    b = np.where(free, quotient(one * sxy - sx * sy, det), 0.0)
    only_b, only_a = quotient(sxy, sxx), quotient(sy, one)
    return (
        np.where(a < 0, 0.0, np.where(b < 0, only_a, a)),
        np.where(a < 0, only_b, np.maximum(b, 0.0)),
    )


def _issue_size(past: Past, found: Windows) -> FloatArray:
    """[i]: mean size of an issue, weighted by size; 1 where nothing was used."""
    used = past.seen * past.observed
    return np.maximum(quotient((used**2).sum(axis=(0, 2)), used.sum(axis=(0, 2)), 1.0), 1.0)


def shrunk_variances(own: FloatArray, freedom: FloatArray) -> FloatArray:
    """Variances drawn towards one another, each the more the fewer its degrees of `freedom`.

    Worked number: where the logarithms of the own variances spread no more than their freedom explains,
    all become (almost) one and the same.
    """
    told = (freedom >= 2.0) & (own > 0)
    if told.sum() < 2:
        return np.ones_like(own)
    half = np.maximum(freedom[told], 2.0) / 2.0
    logs = np.log(np.maximum(own[told], _FACTOR_LOW)) - digamma(half) + np.log(half)
    beyond = float(logs.var(ddof=1) - polygamma(1, half).mean())
    prior = 2.0 * _inverse_trigamma(max(beyond, _SPREAD_OF_FACTORS_LOW))
    centre = float(np.exp(logs.mean() + digamma(prior / 2.0) - np.log(prior / 2.0)))
    weight = np.where(told, freedom, 0.0)
    return np.asarray((prior * centre + weight * own) / (prior + weight))


def _inverse_trigamma(value: float) -> float:
    """x with trigamma(x) = value, by Newton's method."""
    x = 0.5 + 1.0 / value
    for _ in range(20):
        there = float(polygamma(1, x))
        x += there * (1.0 - there / value) / float(polygamma(2, x))
    return x
