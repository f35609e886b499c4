"""How long patients stay and how late they come, as distributions over whole days. Pure.

    S(k) = E[clip(T − k, 0, 1)]        share of a day's arrivals still here k days later, Σ S(k) = E[T]
    P(k) = E[max(0, 1 − |X − k|)]      share that comes k days after the report, Σ k·P(k) = E[X]

S counts the patient-days of each calendar day, P splits a broken delay over its two nearest days, so
both keep the mean whatever the shape. Shapes: `fixed` (as the WHO Essential Supplies Forecasting Tool
has it), `geometric` (the same chance to leave every day), `gamma` (mean and coefficient of variation).
Worked numbers: a fixed stay of 7 gives seven 1s; geometric of mean 2 gives 1, ½, ¼ …; a delay of 1.5
days comes half on day 1, half on day 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import gamma

from supply.forecast.cases import FloatArray

SHAPES: tuple[str, ...] = ("fixed", "geometric", "gamma")


@dataclass(frozen=True)
class Spread:
    """A duration: its mean in days, its shape, and for `gamma` sd divided by mean."""

    mean_days: float
    shape: str = "fixed"
    variation: float = 0.0

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(f"shape must be one of {', '.join(SHAPES)}, not {self.shape}")
        if not (np.isfinite(self.mean_days) and self.mean_days >= 0):
            raise ValueError("a mean must be a number of days, 0 or more")
        if self.shape == "gamma" and not self.variation > 0:
            raise ValueError("a gamma duration needs a variation above 0")


def staying(spread: Spread, days: int) -> FloatArray:
    """[k]: S(k) for k = 0 … days − 1."""
    ages = np.arange(days, dtype=np.float64)
    if spread.shape == "geometric" and spread.mean_days >= 1:
        share: FloatArray = (1.0 - 1.0 / spread.mean_days) ** ages
        return share
    limited = _limited_mean(spread, np.arange(days + 1, dtype=np.float64))
    return np.diff(limited)


def arriving(spread: Spread, days: int) -> FloatArray:
    """[k]: P(k) for k = 0 … days − 1; what comes later than that is left out."""
    if spread.shape == "geometric":
        stop = 1.0 / (1.0 + spread.mean_days)
        chance: FloatArray = stop * (1.0 - stop) ** np.arange(days, dtype=np.float64)
        return chance
    limited = _limited_mean(spread, np.arange(days + 1, dtype=np.float64))
    before = np.concatenate([[-1.0], limited[:-2]])
    chance = 2.0 * limited[:-1] - before - limited[1:]
    return np.maximum(chance, 0.0)


def _limited_mean(spread: Spread, limit: FloatArray) -> FloatArray:
    """E[min(T, limit)]; for a gamma of shape a and scale s: a·s·F(limit; a + 1) + limit·(1 − F(limit; a))."""
    mean = spread.mean_days
    if spread.shape != "gamma" or mean == 0:
        return np.minimum(limit, mean)
    a = spread.variation**-2
    scale = mean / a
    below = np.asarray(gamma.cdf(limit, a + 1, scale=scale))
    above = np.asarray(gamma.sf(limit, a, scale=scale))
    limited: FloatArray = mean * below + limit * above
    return limited


def after_delay(reported: FloatArray, delay: Spread) -> FloatArray:
    """[..., t]: arrivals, from reports [..., t] and the delay between the two."""
    if delay.mean_days == 0:
        return reported
    days = reported.shape[-1]
    arrivals = reported.reshape(-1, days) @ matrix(arriving(delay, days))
    return arrivals.reshape(reported.shape)


def matrix(kernel: FloatArray) -> FloatArray:
    """[day of arrival, day]: kernel(day − day of arrival), 0 before the arrival."""
    days = len(kernel)
    age = np.arange(days)[None, :] - np.arange(days)[:, None]
    return np.where(age >= 0, kernel[np.maximum(age, 0)], 0.0)


def remaining(kernel: FloatArray, mean_days: float) -> FloatArray:
    """[k]: share of those present that is still here k days later, when arrivals have been even:
    1 − Σ_{j < k} S(j) / E[T]. A fixed stay of 7 days empties by a seventh a day."""
    if mean_days <= 0:
        return np.concatenate([[1.0], np.zeros(len(kernel) - 1)])
    gone = np.concatenate([[0.0], kernel[:-1].cumsum()]) / mean_days
    share: FloatArray = np.clip(1.0 - gone, 0.0, 1.0)
    return share
