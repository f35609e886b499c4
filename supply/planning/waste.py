"""Infectious waste in kilograms a day, against what can be treated (R20). Pure.

    kg(f, d) = Σ driver(f, d) · rate  +  Σ item use(f, d) · rate, items only where nobody lies in a bed

A patient in a bed has a rate that counts the protective clothing already; elsewhere it is weighed item
by item. Mean and standard deviation are carried through: the drivers spread as the use of the facility's
steadiest item does, all together, each rate from low to high; the quantiles are those of a gamma
distribution. Worked number: 20 patients in beds at 3.4 kg are 68 kg a day; a steriliser of
50 kg a day leaves 18 kg, which a neighbour with 30 kg free can take.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.forecast.burn import QUANTILES, BurnTable, gamma_quantiles
from supply.forecast.cases import FloatArray
from supply.forecast.norms import DRIVERS, TIERS
from supply.planning.tables import WasteRate, WasteRates

_LOW, _HIGH = QUANTILES.index(0.05), QUANTILES.index(0.95)
NO_PART_KG = 0.05
_WEEK_DAYS = 7


@dataclass(frozen=True)
class Waste:
    """Kilograms a day, [f, d]: mean, and the 0.05 and 0.95 quantiles. `by_source` says what the mean
    is made of: name of a driver or an item -> [f, d]."""

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    by_source: dict[str, FloatArray]


def waste(burn: BurnTable, in_bed: tuple[bool, ...], rates: WasteRates) -> Waste:
    """The waste of a run; `in_bed` by tier says who lies in a bed."""
    parts = _drivers(burn, in_bed, rates)
    bedded = parts["patient_in_bed"][0] > 0
    used = burn.total_mean
    for i, code in enumerate(burn.item_codes):
        rate = rates.items.get(code)
        if rate is not None and used[:, i].any():
            parts[code] = (np.where(bedded, 0.0, used[:, i]), rate)
    spread = _spread(burn)
    zero = np.zeros(used[:, 0].shape if len(burn.item_codes) else burn.driver_mean.shape[1:])
    mean, of_rates, of_use = zero, zero, zero
    for amount, rate in parts.values():
        mean = mean + amount * rate.kg_per_unit
        of_rates = of_rates + (amount * rate.sd) ** 2
        of_use = of_use + amount * rate.kg_per_unit * spread
    quantiles = gamma_quantiles(mean, np.sqrt(of_rates + of_use**2))
    told = {name: amount * rate.kg_per_unit for name, (amount, rate) in parts.items()}
    return Waste(mean, quantiles[..., _LOW], quantiles[..., _HIGH], told)


def _drivers(
    burn: BurnTable, in_bed: tuple[bool, ...], rates: WasteRates
) -> dict[str, tuple[FloatArray, WasteRate]]:
    """Driver -> ([f, d] of it, its rate), for those with a rate; patients by where they lie."""
    found: dict[str, tuple[FloatArray, WasteRate]] = {}
    by_tier = [burn.driver_mean[DRIVERS.index(f"patient_day_{tier}")] for tier in TIERS]
    none = np.zeros_like(by_tier[0])
    for name, here in (("patient_in_bed", True), ("patient_at_home", False)):
        lying = [days for days, bed in zip(by_tier, in_bed, strict=True) if bed is here]
        found[name] = (sum(lying, none), rates.drivers[name])
    for name, rate in rates.drivers.items():
        if name in DRIVERS:
            found[name] = (burn.driver_mean[DRIVERS.index(name)], rate)
    return found


def _spread(burn: BurnTable) -> FloatArray:
    """[f, d]: the coefficient of variation of the drivers, read from the item whose running use spreads
    least: what others spread beyond it is their own issuing, which makes no waste. The first week's
    days have that of the week together."""
    mean = burn.total_mean.cumsum(axis=-1)
    sd = burn.cumulative_sd
    variation = np.divide(sd, mean, out=np.full_like(mean, np.inf), where=mean > 0)
    least = variation.min(axis=1, initial=np.inf)
    days = np.maximum(np.arange(burn.days), min(_WEEK_DAYS, burn.days) - 1)
    spread: FloatArray = np.where(np.isfinite(least), least, 0.0)[:, days]
    return spread


@dataclass(frozen=True)
class Help:
    """So many kilograms in all, from one facility to another (None: the district's contractor)."""

    sender: int
    receiver: int | None
    kg: float
    days: int


@dataclass(frozen=True)
class Coordination:
    """Where waste goes. [f, d] kilograms: `excess` above a facility's own capacity, `left` what nobody
    can take. `helps`: who takes whose excess, the largest first."""

    excess: FloatArray
    left: FloatArray
    helps: tuple[Help, ...]


def coordinate(kg: FloatArray, capacity: FloatArray, contractor_kg_per_day: float) -> Coordination:
    """Share out what facilities cannot treat themselves: day by day the largest excess first, to the
    facility with most room, then to the contractor. `kg` [f, d], `capacity` [f] kg a day."""
    excess = np.maximum(kg - capacity[:, None], 0.0)
    room = np.maximum(capacity[:, None] - kg, 0.0)
    left = excess.copy()
    moved: dict[tuple[int, int | None], list[float]] = {}
    for day in range(kg.shape[1]):
        outside = contractor_kg_per_day
        for sender in np.argsort(-excess[:, day], kind="stable"):
            while left[sender, day] > NO_PART_KG:
                receiver = int(np.argmax(room[:, day]))
                free = float(room[receiver, day])
                to = receiver if free > NO_PART_KG else None
                part = min(float(left[sender, day]), free if to is not None else outside)
                if part <= NO_PART_KG:
                    break
                left[sender, day] -= part
                if to is None:
                    outside -= part
                else:
                    room[to, day] -= part
                moved.setdefault((int(sender), to), []).append(part)
    helps = [Help(f, to, sum(parts), len(parts)) for (f, to), parts in moved.items()]
    helps.sort(key=lambda one: -one.kg)
    return Coordination(excess, np.where(left > NO_PART_KG, left, 0.0), tuple(helps))
