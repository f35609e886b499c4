"""Burn rate: what each facility will use of each item on each day, as a distribution.

    use_{f,i,c}(d)  = Σ_k rate_{i,c,k} · driver_k(f, d)          by the norms
    burn_{f,i,c}(d) = learned multiplier_{f,i} · use_{f,i,c}(d) + base_{f,i}

The drivers are drawn, the items are moment-matched (decision 7): mean and standard deviation of an
item follow exactly from the drivers' mean and covariance over draws, here with D = Σ_k rate_k driver_k,

    mean = m · E[D] + b,
    sd²  = (m² + s_m²) · Var[D] + s_m² · E[D]² + (s_b · days)² + φ · mean + λ · Σ_d mean_d²,

where φ (`dispersion`) and λ (`lump_days`) are how unevenly a store issues, m ± s_m and b ± s_b are what
the ledger taught (`rates.learned`; 1 ± 0 and 0 ± 0 without it). Quantiles are those of the gamma with that
mean and sd (non-negative, skewed as use is). Worked number: mean 100, sd 100 is the exponential
distribution, median 69.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.stats import gamma

from supply.forecast.cases import FloatArray, IntArray
from supply.forecast.drivers import FacilityDrivers
from supply.forecast.norms import CLASSES, Norms
from supply.forecast.rates.learned import Learned

QUANTILES: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)
BASE_CLASS = "mild"
"""Use that follows no driver is nobody's treatment in particular: it has the lowest priority."""
_CV_LOW, _CV_HIGH, _CV_POINTS = 0.01, 20.0, 160
_CV_GRID: FloatArray = np.concatenate([[0.0], np.geomspace(_CV_LOW, _CV_HIGH, _CV_POINTS)])
_CV_STEPS_PER_LOG = (_CV_POINTS - 1) / np.log(_CV_HIGH / _CV_LOW)


@dataclass(frozen=True)
class BurnTable:
    """Burn in base units: f facilities, i items, c classes (order of `CLASSES`), d days from day 0.

    `mean` and `sd` [f, i, c, d] by class; `total_sd` [f, i, d] of a day over classes;
    `cumulative_sd` [f, i, d] of days 0..d together. `driver_mean` [driver, f, d] is kept so that
    every figure can be explained. Means and units are floats: expectations are not whole.
    """

    facility_ids: tuple[str, ...]
    item_codes: tuple[str, ...]
    mean: FloatArray
    sd: FloatArray
    total_sd: FloatArray
    cumulative_sd: FloatArray
    driver_mean: FloatArray

    @property
    def classes(self) -> tuple[str, ...]:
        """Allocation classes in order of priority."""
        return CLASSES

    @property
    def days(self) -> int:
        """Number of days."""
        return int(self.mean.shape[-1])

    @property
    def total_mean(self) -> FloatArray:
        """[f, i, d]: mean burn over all classes."""
        total: FloatArray = self.mean.sum(axis=2)
        return total

    def total_quantiles(self) -> FloatArray:
        """[f, i, d, 5]: quantiles `QUANTILES` of a day's burn over all classes."""
        return gamma_quantiles(self.total_mean, self.total_sd)

    def class_quantiles(self, of_class: str) -> FloatArray:
        """[f, i, d, 5]: quantiles of a day's burn of one class."""
        c = CLASSES.index(of_class)
        return gamma_quantiles(self.mean[:, :, c], self.sd[:, :, c])

    def cumulative_quantiles(self) -> FloatArray:
        """[f, i, d, 5]: quantiles of the burn of days 0..d together, non-decreasing in d."""
        quantiles = gamma_quantiles(self.total_mean.cumsum(axis=-1), self.cumulative_sd)
        rising: FloatArray = np.maximum.accumulate(quantiles, axis=2)
        return rising


@dataclass(frozen=True)
class Moments:
    """What the draws say of the drivers: `mean` [f, k, d] and `covariance` [f, pair, d] of a day.

    A pair is (k, l) with k ≤ l, in the order of `numpy.triu_indices`: as the covariance of all pairs
    is one matrix, the variance of every item on every day is one matrix product.
    """

    mean: FloatArray
    covariance: FloatArray


def moments(values: FloatArray) -> Moments:
    """Of `values[k, draw, f, d]`; the covariance is the sample's, over draws."""
    centred = np.moveaxis(values - values.mean(axis=1, keepdims=True), (2, 3), (0, 1))
    product = centred @ np.swapaxes(centred, -1, -2) / max(values.shape[1] - 1, 1)  # [f, d, k, k]
    k, other = np.triu_indices(values.shape[0])
    pairs = np.ascontiguousarray(np.swapaxes(product[:, :, k, other], 1, 2))
    return Moments(np.ascontiguousarray(np.swapaxes(values.mean(axis=1), 0, 1)), pairs)


def use_of(rate: FloatArray, found: Moments) -> tuple[FloatArray, FloatArray]:
    """Mean and variance [f, i, d] of the use of items `rate[i, k]` by the norms alone."""
    k, other = np.triu_indices(rate.shape[1])
    twice = np.where(k == other, 1.0, 2.0)
    by_pair = rate[:, k] * rate[:, other] * twice
    variance: FloatArray = by_pair @ found.covariance
    np.maximum(variance, 0.0, out=variance)
    return rate @ found.mean, variance


def burn_table(
    drivers: FacilityDrivers,
    norms: Norms,
    item_codes: Sequence[str] | None = None,
    learned: Learned | None = None,
) -> BurnTable:
    """Burn of `item_codes` (default: every item with a rate) at the facilities of `drivers`.

    `learned` [facility, item] is in the same order; None = the norms alone. An item without a rate
    and without a base has burn 0. No loop over places or items; for very many facilities call it for
    blocks of them.
    """
    items = norms.item_codes() if item_codes is None else tuple(item_codes)
    rate = norms.rate_array(items)
    facilities, days = drivers.values.shape[2:]
    taught = Learned.neutral(facilities, len(items)) if learned is None else learned
    daily, running = moments(drivers.values), moments(drivers.values.cumsum(axis=-1))
    number_of_days = np.arange(1.0, days + 1.0)
    shape = (facilities, len(items), len(CLASSES), days)
    mean, variance = (
        part.reshape(shape) for part in use_of(rate.reshape(-1, rate.shape[2]), daily)
    )
    base = np.array([of_class == BASE_CLASS for of_class in CLASSES], dtype=float)
    by_class = tuple(part[..., None] for part in _taught(taught))
    class_mean, class_variance = _learn(by_class, mean, variance, 1.0, base[:, None])
    total_rate = rate.sum(axis=1)
    total, total_variance = _learn(_taught(taught), *use_of(total_rate, daily), 1.0, 1.0)
    _, running_variance = _learn(
        _taught(taught), *use_of(total_rate, running), number_of_days, 1.0, (total**2).cumsum(-1)
    )
    return BurnTable(
        facility_ids=drivers.facility_ids,
        item_codes=items,
        mean=class_mean,
        sd=np.sqrt(class_variance),
        total_sd=np.sqrt(total_variance),
        cumulative_sd=np.sqrt(running_variance),
        driver_mean=drivers.mean,
    )


Taught = tuple[FloatArray, ...]


def _taught(learned: Learned) -> Taught:
    """Multiplier, its sd, base a day, its sd, dispersion, lump days: [f, i, 1] each."""
    return tuple(
        part[..., None]
        for part in (
            learned.multiplier,
            learned.multiplier_sd,
            learned.base_per_day,
            learned.base_sd,
            learned.dispersion,
            learned.lump_days,
        )
    )


def _learn(
    taught: Taught,
    mean: FloatArray,
    variance: FloatArray,
    days: FloatArray | float,
    share_of_base: FloatArray | float,
    squares: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of use over `days` days, from those by the norms (formulas at the top).

    `squares`: Σ mean_d² over the days; None = of one day, its own."""
    multiplier, multiplier_sd, base, base_sd, dispersion, lump_days = taught
    spread = multiplier_sd**2
    learned_mean = multiplier * mean + base * days * share_of_base
    learned_variance = (multiplier**2 + spread) * variance + spread * mean**2
    learned_variance += (base_sd * days * share_of_base) ** 2 + dispersion * learned_mean
    learned_variance += lump_days * (learned_mean**2 if squares is None else squares)
    return learned_mean, learned_variance


def gamma_quantiles(mean: FloatArray, sd: FloatArray) -> FloatArray:
    """[..., 5]: `QUANTILES` of the gamma distribution with this mean and sd; sd 0 gives the mean.

    The quantile function is read from a grid over the coefficient of variation sd/mean (161 points,
    error below 0.1 % of the mean), found by its logarithm and linear between points, which is what
    makes a million cells quick.
    """
    variation = np.divide(sd, mean, out=np.zeros_like(mean), where=mean > 0)
    at, share = _on_grid(variation)
    table, step = _gamma_table()
    out: FloatArray = np.take(table, at, axis=0)
    out += share[..., None] * np.take(step, at, axis=0)
    out *= mean[..., None]
    return out


def _on_grid(variation: FloatArray) -> tuple[IntArray, FloatArray]:
    """The grid point at or below each coefficient of variation, and the share of the way on."""
    top = _CV_POINTS - 1
    at = np.log(np.maximum(variation, _CV_LOW)) - np.log(_CV_LOW)
    at *= _CV_STEPS_PER_LOG
    point = np.minimum(at.astype(np.int64) + 1, top)
    point[variation < _CV_LOW] = 0
    share = (variation - _CV_GRID[point]) / np.diff(_CV_GRID)[point]
    return point, np.clip(share, 0.0, 1.0)


@cache
def _gamma_table() -> tuple[FloatArray, FloatArray]:
    """[cv, 5] quantiles of the gamma distribution of mean 1 on the grid, and the steps to the next."""
    shape = 1.0 / np.maximum(_CV_GRID, 1e-6)[:, None] ** 2
    table = np.asarray(gamma.ppf(np.asarray(QUANTILES), shape, scale=1.0 / shape))
    table[0] = 1.0
    return table[:-1], np.diff(table, axis=0)
