"""Who runs out of what, when: stock lots and arrivals set against the burn, day by day.

A day, in the order of the allocation rules: lots past their expiry drop out (a lot may be used up to
and including its expiry day); arrivals come in; use, earliest expiry first. What expires unused is
not counted. Demand not met is lost, not carried over.

Days of stock is an interval because the burn is one: the low end is the burn's 0.95 quantile, the
high end its 0.05 quantile. Worked number: 100 units, 30 a day: 3 full days and a third, 3.33; out of
stock on day 3; over 5 days 50 units short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from supply.forecast.burn import QUANTILES, BurnTable
from supply.forecast.cases import FloatArray, IntArray

NEVER = np.iinfo(np.int64).max  # expiry of a lot that never expires
NO_STOCK_OUT = -1
TOLERANCE_UNITS = 1e-6


@dataclass(frozen=True)
class StockLots:
    """Stock on hand and on its way, one entry per lot. Days count from day 0.

    `facility`, `item` index the burn table; `quantity` base units ≥ 0; `expiry_day` is the last day
    of use (`NEVER` if none); `arrival_day` 0 = on hand.
    """

    facility: IntArray
    item: IntArray
    quantity: IntArray
    expiry_day: IntArray
    arrival_day: IntArray

    def __post_init__(self) -> None:
        if len(self.quantity) and (self.quantity.min() < 0 or self.arrival_day.min() < 0):
            raise ValueError("a lot's quantity and arrival day cannot be negative")


@dataclass(frozen=True)
class ShortageTable:
    """Per facility, item and burn quantile, all [f, i, 5] in the order of `burn.QUANTILES`.

    `days_of_stock` up to `horizon_days` (then `stock_out_day` is −1: it lasts beyond what is
    looked at); `stock_out_day` the first day with unmet use; `units_short` whole base units over the
    horizon; `units_expiring` stock that expires unused within it.
    """

    facility_ids: tuple[str, ...]
    item_codes: tuple[str, ...]
    horizon_days: int
    days_of_stock: FloatArray
    stock_out_day: IntArray
    units_short: IntArray
    units_expiring: IntArray

    def interval(self, facility: int, item: int) -> tuple[float, float, float]:
        """Days of stock (low, median, high) of one facility and item."""
        low, middle, high = QUANTILES.index(0.95), QUANTILES.index(0.5), QUANTILES.index(0.05)
        days = self.days_of_stock[facility, item]
        return float(days[low]), float(days[middle]), float(days[high])

    def stock_out_date(
        self, facility: int, item: int, day_0: date, quantile: float = 0.5
    ) -> date | None:
        """The date stock runs out if burn is at `quantile`; None if not within the horizon."""
        day = int(self.stock_out_day[facility, item, QUANTILES.index(quantile)])
        return None if day == NO_STOCK_OUT else day_0 + timedelta(days=day)


def shortage(burn: BurnTable, lots: StockLots, horizon_days: int | None = None) -> ShortageTable:
    """Run the stock down by the burn at each of the five quantiles.

    The use of a quantile's path is the growth of the cumulative quantile, so 0.95 means "the whole
    horizon's use is this high once in twenty", not every single day.
    """
    horizon = burn.days if horizon_days is None else horizon_days
    return shortages(burn, lots, (horizon,))[horizon]


def shortages(
    burn: BurnTable, lots: StockLots, horizons: Sequence[int]
) -> dict[int, ShortageTable]:
    """The same over several horizons, run down once: horizon in days -> table."""
    longest = max(horizons)
    if not 0 < min(horizons) <= longest <= burn.days:
        raise ValueError(f"horizon of {longest} days outside the burn's {burn.days}")
    use = np.diff(burn.cumulative_quantiles()[:, :, :longest], axis=2, prepend=0.0)
    stock = slots(lots, len(burn.facility_ids), len(burn.item_codes))
    marks = tuple(sorted(set(horizons)))
    found = run_down_to(np.moveaxis(use, 3, 2), *stock, marks)
    return {
        days: ShortageTable(
            burn.facility_ids,
            burn.item_codes,
            days,
            covered,
            out,
            np.ceil(short - TOLERANCE_UNITS).astype(np.int64),
            np.floor(expired + TOLERANCE_UNITS).astype(np.int64),
        )
        for days, (covered, out, short, expired) in zip(marks, found, strict=True)
    }


def slots(lots: StockLots, facilities: int, items: int) -> tuple[FloatArray, IntArray, IntArray]:
    """Lots as padded arrays [f, i, slot], earliest expiry first: quantity, expiry, arrival day."""
    pair = lots.facility * items + lots.item
    order = np.lexsort((lots.arrival_day, lots.expiry_day, pair))
    pair = pair[order]
    count = np.bincount(pair, minlength=facilities * items)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    slot = np.arange(len(pair)) - first[pair]
    shape = (facilities * items, max(int(count.max(initial=0)), 1))
    quantity, expiry = np.zeros(shape), np.full(shape, NEVER)
    arrival = np.zeros(shape, dtype=np.int64)
    quantity[pair, slot] = lots.quantity[order]
    expiry[pair, slot] = lots.expiry_day[order]
    arrival[pair, slot] = lots.arrival_day[order]
    wide = (facilities, items, shape[1])
    return quantity.reshape(wide), expiry.reshape(wide), arrival.reshape(wide)


Run = tuple[FloatArray, IntArray, FloatArray, FloatArray]


def run_down(use: FloatArray, quantity: FloatArray, expiry: IntArray, arrival: IntArray) -> Run:
    """Use stock day by day: `use[f, i, q, day]`, lots `[f, i, slot]` sorted by expiry.

    Returns days of stock, first day short (−1 = none), units short, units expired unused, [f, i, q].
    """
    return run_down_to(use, quantity, expiry, arrival, (use.shape[-1],))[0]


def run_down_to(
    use: FloatArray,
    quantity: FloatArray,
    expiry: IntArray,
    arrival: IntArray,
    marks: Sequence[int],
) -> list[Run]:
    """The same as it stands after each of `marks` days, ascending, in one pass."""
    left = np.repeat(quantity[:, :, None, :], use.shape[2], axis=2)
    covered = np.full(use.shape[:3], np.inf)
    out = np.full(use.shape[:3], NO_STOCK_OUT, dtype=np.int64)
    short = np.zeros(use.shape[:3])
    expired = np.zeros(use.shape[:3])
    found: list[Run] = []
    for day in range(marks[-1]):
        gone = (expiry < day)[:, :, None, :]
        expired += np.where(gone, left, 0.0).sum(axis=-1)
        left = np.where(gone, 0.0, left)
        ready = np.where((arrival <= day)[:, :, None, :], left, 0.0)
        wanted = use[..., day]
        before = np.cumsum(ready, axis=-1) - ready
        taken = np.clip(wanted[..., None] - before, 0.0, ready)
        left = left - taken
        unmet = np.maximum(wanted - taken.sum(axis=-1), 0.0)
        first = (out == NO_STOCK_OUT) & (unmet > TOLERANCE_UNITS)
        share = 1.0 - np.divide(unmet, wanted, out=np.zeros_like(unmet), where=wanted > 0)
        covered = np.where(first, day + share, covered)
        out = np.where(first, day, out)
        short += unmet
        if day + 1 in marks:
            found.append((np.minimum(covered, day + 1.0), out, short.copy(), expired.copy()))
    return found
