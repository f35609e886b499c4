"""What if: the same run with other assumptions, in well under a second. Pure.

A run's inputs are computed again with 200 draws, once as they stand and once changed, on the same
random numbers (`common_draws`), so that the difference is that of the change and not of chance. With
every factor at 1 the figures are those of the run at 200 draws, bit for bit.

    cases     × the cases of the days to come (what is reported already stays)
    severe    × the share of severe and critical patients, together at most 1; mild and moderate share
                what is left in their proportion
    stay      × the days a patient stays, of every tier
    use       × what is used for each patient, shift and test
    extra     more units on hand of an item at a facility
    later     goods on their way arrive so many days later

Worked number: severe 10 % and critical 5 %, mild 45 % and moderate 40 %; severe × 2 makes 20 %, 10 %,
37.1 % and 32.9 %.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from supply.forecast import chain
from supply.forecast.burn import QUANTILES, BurnTable, burn_table
from supply.forecast.cases import FloatArray, IntArray
from supply.forecast.drivers import FacilityDrivers
from supply.forecast.norms import DRIVERS, TIERS, Norms
from supply.forecast.seeing.common_draws import Recorded, Replayed
from supply.forecast.shortage import NO_STOCK_OUT, StockLots, shortage

DRAWS = 200
LINES_WITHIN_DAYS = (7, 14, 28)
BURN_DAYS = (14, 28)
SEVERE_TIERS = ("severe", "critical")
_BAND = (0.05, 0.95)
_MEDIAN = QUANTILES.index(0.5)


@dataclass(frozen=True)
class Extra:
    """More base units of an item on hand at a facility."""

    facility_code: str
    item_code: str
    units: int


@dataclass(frozen=True)
class Factors:
    """What is changed; the defaults change nothing."""

    cases: float = 1.0
    severe: float = 1.0
    stay: float = 1.0
    use: float = 1.0
    later_days: int = 0
    extra: Extra | None = None

    def __post_init__(self) -> None:
        if min(self.cases, self.severe, self.stay, self.use, self.later_days) < 0:
            raise ValueError("a factor cannot be negative")


@dataclass(frozen=True)
class Peak:
    """The highest day of the days looked at: mean over draws, and the 0.05 and 0.95 quantiles."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Figures:
    """What a planner reads. `present` by tier (order of `TIERS`): the peak of patients in care.

    Arrays over items: `burn` [i, 2] mean units over `BURN_DAYS`; `days_of_stock` [i] of the district's
    stock together at the mean use, at most `horizon_days`; `lines_out` [i, 3] facilities whose stock
    runs out within `LINES_WITHIN_DAYS` at the median.
    """

    present: tuple[Peak, ...]
    oxygen_litres_per_minute: Peak
    horizon_days: int
    burn: FloatArray
    days_of_stock: FloatArray
    lines_out: IntArray

    @property
    def lines_out_total(self) -> tuple[int, ...]:
        """Stock lines that run out, all items together, within `LINES_WITHIN_DAYS`."""
        return tuple(int(n) for n in self.lines_out.sum(axis=0))


@dataclass(frozen=True)
class Base:
    """A run's inputs at 200 draws, its random numbers, and what it gives with nothing changed."""

    inputs: chain.Inputs
    norms: Norms
    record: Recorded
    drivers: FacilityDrivers
    burn: BurnTable


def prepare(inputs: chain.Inputs, draws: int = DRAWS) -> Base:
    """Compute a run's inputs at `draws` draws and keep what changed runs start from."""
    fewer = replace(inputs, params=replace(inputs.params, draws=draws))
    norms = chain.norms_of(fewer.params)
    record = Recorded(fewer.params.seed)
    drivers = _drive(fewer, norms, record, 1.0)
    return Base(fewer, norms, record, drivers, _burn(fewer, drivers, norms))


def changed(base: Base, factors: Factors) -> tuple[FacilityDrivers, BurnTable]:
    """Drivers and burn under `factors`, on the random numbers of `base`."""
    if factors.cases == factors.severe == factors.stay == 1.0:
        drivers, burn = base.drivers, base.burn
    else:
        norms = changed_norms(base.norms, factors)
        drivers = _drive(base.inputs, norms, Replayed(base.record), factors.cases)
        burn = _burn(base.inputs, drivers, norms)
    return drivers, burn if factors.use == 1.0 else _times(burn, factors.use)


def changed_norms(norms: Norms, factors: Factors) -> Norms:
    """The norms with the share of severe and critical patients and the stays multiplied."""
    share = norms.severity_share.copy()
    severe = np.array([tier in SEVERE_TIERS for tier in TIERS])
    before = share[severe].sum()
    after = min(before * factors.severe, 1.0)
    if factors.severe != 1.0 and before > 0:
        share[severe] *= after / before
        if before < 1:
            share[~severe] *= (1.0 - after) / (1.0 - before)
    stay: FloatArray = norms.stay_days * factors.stay
    step_down = tuple(days * factors.stay for days in norms.step_down_days)
    return replace(norms, severity_share=share, stay_days=stay, step_down_days=step_down)


def _drive(
    inputs: chain.Inputs, norms: Norms, rng: np.random.Generator, cases: float
) -> FacilityDrivers:
    """The chain from cases to drivers, the cases to come multiplied by `cases`."""
    daily = chain.cases_to_come(inputs, rng).daily
    return chain.drivers_of(inputs, daily if cases == 1.0 else daily * cases, norms, rng)


def _burn(inputs: chain.Inputs, drivers: FacilityDrivers, norms: Norms) -> BurnTable:
    return burn_table(drivers, norms, inputs.item_codes, inputs.learned)


def _times(burn: BurnTable, factor: float) -> BurnTable:
    return replace(
        burn,
        mean=burn.mean * factor,
        sd=burn.sd * factor,
        total_sd=burn.total_sd * factor,
        cumulative_sd=burn.cumulative_sd * factor,
    )


def changed_lots(base: Base, lots: StockLots, factors: Factors) -> StockLots:
    """The stock with `extra` units on hand and what is on its way arriving later."""
    arrival = np.where(lots.arrival_day > 0, lots.arrival_day + factors.later_days, 0)
    lots = replace(lots, arrival_day=arrival)
    if factors.extra is None:
        return lots
    more = factors.extra
    return StockLots(
        np.append(lots.facility, base.inputs.facility_codes.index(more.facility_code)),
        np.append(lots.item, base.inputs.item_codes.index(more.item_code)),
        np.append(lots.quantity, more.units),
        np.append(lots.expiry_day, np.iinfo(np.int64).max),
        np.append(lots.arrival_day, 0),
    )


def figures(
    base: Base, lots: StockLots, factors: Factors | None = None, days_passed: int = 0
) -> Figures:
    """What a planner reads under `factors`. `lots` index the facilities and items of the inputs, their
    days counted from the day that is `days_passed` days after the run's first."""
    wanted = factors or Factors()
    drivers, burn = changed(base, wanted)
    left = burn if days_passed == 0 else _from(burn, days_passed)
    stock = changed_lots(base, lots, wanted)
    present = np.stack(
        [drivers.values[DRIVERS.index(f"patient_day_{tier}")].sum(axis=1) for tier in TIERS]
    )[..., days_passed:]
    flow = np.array([base.norms.oxygen[tier].litres_per_minute for tier in TIERS])
    horizon = min(max(LINES_WITHIN_DAYS), left.days)
    running_out = shortage(left, stock, horizon).stock_out_day[..., _MEDIAN]
    used = left.total_mean
    return Figures(
        tuple(_peak(tier) for tier in present),
        _peak(np.tensordot(flow, present, axes=1)),
        left.days,
        np.stack([used[..., :days].sum(axis=(0, 2)) for days in BURN_DAYS], axis=-1),
        _pooled_days(used.sum(axis=0), stock, left),
        np.stack(
            [
                ((running_out != NO_STOCK_OUT) & (running_out < days)).sum(axis=0)
                for days in LINES_WITHIN_DAYS
            ],
            axis=-1,
        ),
    )


def _from(burn: BurnTable, day: int) -> BurnTable:
    """The burn of days `day`… alone, as `needs.burn_from` has it."""
    before = burn.cumulative_sd[..., day - 1 : day]
    return replace(
        burn,
        mean=burn.mean[..., day:],
        sd=burn.sd[..., day:],
        total_sd=burn.total_sd[..., day:],
        cumulative_sd=np.maximum(burn.cumulative_sd[..., day:] - before, burn.total_sd[..., day:]),
        driver_mean=burn.driver_mean[..., day:],
    )


def _peak(by_day: FloatArray) -> Peak:
    """Of `by_day[draw, day]`: each draw's highest day."""
    highest = by_day.max(axis=-1)
    low, high = np.quantile(highest, _BAND)
    return Peak(float(highest.mean()), float(low), float(high))


def _pooled_days(use: FloatArray, lots: StockLots, burn: BurnTable) -> FloatArray:
    """[i]: days until the district's usable stock of an item is used up by `use[i, day]`; what is on
    its way counts from its arrival, a lot to its expiry."""
    days = use.shape[-1]
    day = np.arange(days)
    ready = (lots.arrival_day[:, None] <= day) & (lots.expiry_day[:, None] >= day)
    stock = np.zeros((len(burn.item_codes), days))
    np.add.at(stock, lots.item, ready * lots.quantity[:, None])
    before = np.cumsum(use, axis=-1) - use
    covered = np.clip(
        np.divide(stock - before, use, out=np.full(use.shape, 1.0), where=use > 0), 0.0, 1.0
    )
    short = covered < 1.0
    first = np.where(short.any(axis=-1), short.argmax(axis=-1), days)
    part = np.take_along_axis(covered, np.minimum(first, days - 1)[:, None], axis=-1)[:, 0]
    found: FloatArray = np.where(first < days, first + part, float(days))
    return found
