"""Burn rate: what each facility will use of each item on each day, as a distribution.

    burn_{f,i,c}(d) = Σ_k rate_{i,c,k} · driver_k(f, d)

The drivers are drawn, the items are moment-matched (decision 7): mean and standard deviation of an
item follow exactly from the drivers' mean and covariance over draws,

    mean = rateᵀ E[driver],  sd² = rateᵀ Cov[driver] rate,

and its quantiles are those of the gamma distribution with that mean and sd (non-negative, skewed as
use is). Worked number: mean 100, sd 100 is the exponential distribution, median 69.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import gamma

from supply.forecast.cases import FloatArray
from supply.forecast.drivers import FacilityDrivers
from supply.forecast.norms import CLASSES, Norms

QUANTILES: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)
_CV_GRID: FloatArray = np.concatenate([[0.0], np.geomspace(0.01, 20.0, 160)])


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


def burn_table(
    drivers: FacilityDrivers, norms: Norms, item_codes: Sequence[str] | None = None
) -> BurnTable:
    """Burn of `item_codes` (default: every item with a rate) at the facilities of `drivers`.

    An item without a rate has burn 0. Arrays are built without loops over places or items; for very
    many facilities call it for blocks of them.
    """
    items = norms.item_codes() if item_codes is None else tuple(item_codes)
    rate = norms.rate_array(items)
    mean = np.einsum("ick,kfd->ficd", rate, drivers.mean, optimize=True)
    daily = _covariance(drivers.values)
    running = _covariance(drivers.values.cumsum(axis=-1))
    total_rate = rate.sum(axis=1)
    return BurnTable(
        facility_ids=drivers.facility_ids,
        item_codes=items,
        mean=mean,
        sd=_sd(rate, daily),
        total_sd=_sd(total_rate[:, None], daily)[:, :, 0],
        cumulative_sd=_sd(total_rate[:, None], running)[:, :, 0],
        driver_mean=drivers.mean,
    )


def _covariance(values: FloatArray) -> FloatArray:
    """[f, d, k, k]: covariance over draws of `values[k, draw, f, d]`."""
    centred = np.moveaxis(values - values.mean(axis=1, keepdims=True), (2, 3), (0, 1))
    product: FloatArray = centred @ np.swapaxes(centred, -1, -2) / max(values.shape[1] - 1, 1)
    return product


def _sd(rate: FloatArray, covariance: FloatArray) -> FloatArray:
    """[f, i, c, d]: sqrt(rateᵀ Cov rate) for `rate[i, c, k]`, `covariance[f, d, k, k]`."""
    items, classes, drivers = rate.shape
    flat = rate.reshape(items * classes, drivers)
    spread = flat @ covariance  # [f, d, i·c, k]
    variance = (spread * flat).sum(axis=-1).reshape(*covariance.shape[:2], items, classes)
    sd: FloatArray = np.sqrt(np.maximum(np.moveaxis(variance, 1, -1), 0.0))
    return sd


def gamma_quantiles(mean: FloatArray, sd: FloatArray) -> FloatArray:
    """[..., 5]: `QUANTILES` of the gamma distribution with this mean and sd; sd 0 gives the mean.

    The quantile function is read from a grid over the coefficient of variation sd/mean (161 points,
    error below 0.1 % of the mean), which is what makes a million cells quick.
    """
    variation = np.divide(sd, mean, out=np.zeros_like(mean), where=mean > 0)
    table = _gamma_table()
    out = np.empty((*mean.shape, len(QUANTILES)))
    for q in range(len(QUANTILES)):
        out[..., q] = mean * np.interp(variation, _CV_GRID, table[:, q])
    return out


def _gamma_table() -> FloatArray:
    """[cv, 5]: quantiles of the gamma distribution of mean 1 for each cv of the grid."""
    shape = 1.0 / np.maximum(_CV_GRID, 1e-6)[:, None] ** 2
    table = np.asarray(gamma.ppf(np.asarray(QUANTILES), shape, scale=1.0 / shape))
    table[0] = 1.0
    return table
