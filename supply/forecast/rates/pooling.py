"""What a district says of each item's norm, and how far its facilities differ: the level above.

Moments over all facilities and items of the district, each mixed with a stated guess that weighs as
much as so many degrees of freedom, so that a district of two stations stays sane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import FloatArray
from supply.forecast.rates.past import Sums, quotient
from supply.forecast.rates.settings import Settings
from supply.forecast.rates.spread import Spread


@dataclass(frozen=True)
class Above:
    """Of each item [i]: the multiplier μ̂ of the district, its variance, the weight of use in it (the
    rest is the norm); and `between` = τ², the relative variance from facility to facility."""

    mean: FloatArray
    variance: FloatArray
    weight: FloatArray
    between: float


def pooled(sums: Sums, spread: Spread, settings: Settings) -> Above:
    """The level above the facilities; an item nobody used or expected stays at its norm."""
    low, high = settings.multiplier_low, settings.multiplier_high
    ones = np.ones(sums.ratio.shape[1])
    first = _centre(sums, _noise(sums, spread, ones), settings.between_guess**2)
    noise = _noise(sums, spread, np.clip(first, low, high))
    between = _between(sums, noise, np.clip(first, low, high), settings)
    centre = _centre(sums, noise, between)
    precision = (1.0 / (between + noise)).sum(axis=0)
    off_norm = _off_norm(centre, precision, settings)
    weight = precision / (precision + 1.0 / off_norm)
    mean = np.clip(weight * centre + (1.0 - weight), low, high)
    return Above(mean, mean**2 / (precision + 1.0 / off_norm), weight, between)


def _noise(sums: Sums, spread: Spread, mean: FloatArray) -> FloatArray:
    """[f, i]: relative variance of a facility's own ratio if the item's is `mean`; ∞ where unknown."""
    per_unit = spread.per_unit(mean[None] * sums.level)
    return quotient(per_unit, mean[None] * sums.effective, np.inf)


def _centre(sums: Sums, noise: FloatArray, between: float) -> FloatArray:
    """[i]: mean ratio over facilities, weighted by precision; 1 where none is known."""
    weight = 1.0 / (between + noise)
    return quotient((weight * sums.ratio).sum(axis=0), weight.sum(axis=0), 1.0)


def _between(sums: Sums, noise: FloatArray, centre: FloatArray, settings: Settings) -> float:
    """τ²: how ratios vary beyond their own noise, from those whose noise is small enough to tell."""
    relative = sums.ratio / centre[None]
    good = noise < settings.noise_limit
    count = good.sum(axis=0)
    freedom = np.maximum(count - 1.0, 0.0)
    middle = quotient((relative * good).sum(axis=0), count)
    square = (good * (relative - middle[None]) ** 2).sum(axis=0)
    by_chance = quotient(np.where(good, noise, 0.0).sum(axis=0) * freedom, count)
    found = float((square - by_chance)[count > 1].sum())
    guess = settings.between_freedom * settings.between_guess**2
    variance = (found + guess) / (float(freedom.sum()) + settings.between_freedom)
    return float(np.clip(variance, settings.between_low**2, settings.between_high**2))


def _off_norm(centre: FloatArray, precision: FloatArray, settings: Settings) -> float:
    """σ²: how far the items' ratios lie from the norm beyond their own noise, relative variance."""
    known = precision * settings.noise_limit > 1.0
    found = float(((centre[known] - 1.0) ** 2 - 1.0 / precision[known]).sum())
    guess = settings.norm_freedom * settings.norm_guess**2
    variance = (found + guess) / (float(known.sum()) + settings.norm_freedom)
    return float(np.clip(variance, settings.norm_low**2, settings.norm_high**2))
