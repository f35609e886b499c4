"""All rates of a district together: norm × multiplier, fixed terms, use without a driver, pins. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from supply.forecast.cases import BoolArray, FloatArray
from supply.forecast.rates.intermittent import base_use
from supply.forecast.rates.learned import Learned
from supply.forecast.rates.learning import learn, per_day
from supply.forecast.rates.past import Past, quotient
from supply.forecast.rates.settings import Settings


def rates_of(past: Past, fixed: FloatArray, pinned: BoolArray, settings: Settings) -> Learned:
    """Rates of facilities × items from `past` (its `expected` by the drivers alone), `fixed[f, i]` base
    units a day whatever comes, and `pinned[f, i]` held to the norm by an officer.

    A fixed term is corrected by the same multiplier as the norm. What was used beyond the highest
    multiplier, and all use where nothing was expected, becomes base. Where no facility of the district
    kept a book, nothing is learned: the norms and the fixed terms stand, with no variance added.
    """
    if not past.seen.any():
        return _untaught(past, fixed)
    whole = replace(past, expected=past.expected + fixed[:, :, None])
    found = learn(whole, settings)
    beyond = _beyond(found, settings)
    base = base_use(past)
    driven = whole.expected.any(axis=-1)
    alone = ~driven & (base.method != "")
    by_fixed = driven & ~past.expected.any(axis=-1) & (found.method == "blend")
    method = np.where(by_fixed, "fixed", found.method)
    method = np.where(~driven, np.where(alone, base.method, "none"), method).astype("<U8")
    learned = replace(
        found,
        base_per_day=np.where(alone, base.per_day, fixed * found.multiplier + beyond),
        base_sd=np.where(alone, base.sd, fixed * found.multiplier_sd + beyond * _relative(found)),
        weight=np.where(driven, found.weight, alone.astype(np.float64)),
        own_weight=np.where(driven, found.own_weight, alone.astype(np.float64)),
        norm_per_day=per_day((past.seen * whole.expected).sum(axis=-1), found.days_seen),
        method=method,
    )
    return _pinned(learned, fixed, pinned)


def _beyond(found: Learned, settings: Settings) -> FloatArray:
    """Base units a day used beyond the highest multiplier: use that no driver explains."""
    ratio = quotient(np.nan_to_num(found.observed_per_day), np.nan_to_num(found.norm_per_day))
    over = np.maximum(ratio - settings.multiplier_high, 0.0)
    return np.asarray(found.own_weight * over * np.nan_to_num(found.norm_per_day))


def _relative(found: Learned) -> FloatArray:
    return quotient(found.multiplier_sd, found.multiplier)


def _untaught(past: Past, fixed: FloatArray) -> Learned:
    neutral = Learned.neutral(*fixed.shape)
    return replace(
        neutral,
        base_per_day=fixed.astype(np.float64),
        days_stocked_out=past.stocked_out.sum(axis=-1).astype(np.float64),
    )


def _pinned(found: Learned, fixed: FloatArray, pinned: BoolArray) -> Learned:
    """The norm and the fixed term as they stand where an officer holds to them."""
    return replace(
        found,
        multiplier=np.where(pinned, 1.0, found.multiplier),
        multiplier_sd=np.where(pinned, 0.0, found.multiplier_sd),
        base_per_day=np.where(pinned, fixed, found.base_per_day),
        base_sd=np.where(pinned, 0.0, found.base_sd),
        weight=np.where(pinned, 0.0, found.weight),
        own_weight=np.where(pinned, 0.0, found.own_weight),
        method=np.where(pinned, "pinned", found.method).astype("<U8"),
    )
