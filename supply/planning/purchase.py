"""What to buy: enough for the lead time and the review period, at a service level. Pure.

    cover            = lead time + review period, days
    need             = quantile(service level) of the burn over the cover
    usable           = on hand + on the way + on order (arriving within the cover) − expiring unused
    wanted           = max(need, reserve to be held) − usable, not below 0
    order            = wanted, rounded up to whole packs
    order by         = day the stock runs out at that same quantile − lead time

Use beyond the last day of the forecast goes on at the mean of its last week, its spread in the same
proportion. Worked number: 30 a day for 14 days of lead and 14 of review, known for certain: 840; 100
on hand, 200 on order, 40 of them expire unused: wanted 580, in packs of 50: 600.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import gamma

from supply.forecast.cases import FloatArray, IntArray
from supply.forecast.shortage import run_down

_LAST_WEEK_DAYS = 7
_TOLERANCE_UNITS = 1e-6


@dataclass(frozen=True)
class Use:
    """The running use of one item: `mean[d]`, `sd[d]` of days 0..d together, base units."""

    mean: FloatArray
    sd: FloatArray

    def over(self, days: int) -> Use:
        """Exactly so many days, carried on past the last day where need be."""
        have = len(self.mean)
        if days <= have:
            return Use(self.mean[:days], self.sd[:days])
        week = min(_LAST_WEEK_DAYS, have)
        before = float(self.mean[have - week - 1]) if have > week else 0.0
        per_day = (float(self.mean[-1]) - before) / week
        more = float(self.mean[-1]) + per_day * np.arange(1, days - have + 1)
        variation = float(self.sd[-1] / self.mean[-1]) if self.mean[-1] > 0 else 0.0
        return Use(
            np.concatenate([self.mean, more]),
            np.concatenate([self.sd, np.maximum(more * variation, self.sd[-1])]),
        )

    def quantile(self, level: float) -> FloatArray:
        """[d]: the running use that is not exceeded with chance `level`, rising in d."""
        certain = (self.sd <= 1e-9 * self.mean) | (self.mean <= 0)
        variation = np.where(certain, 1.0, self.sd) / np.where(certain, 1.0, self.mean)
        shape = 1.0 / variation**2
        drawn = gamma.ppf(level, shape) * self.mean / shape
        rising: FloatArray = np.maximum.accumulate(np.where(certain, self.mean, drawn))
        return rising


@dataclass(frozen=True)
class Stock:
    """Lots of one item: units, last day of use, day of arrival (0 = here), and which are `here` (0),
    on the way (1) or on order (2). Days count from today."""

    quantity: IntArray
    expiry_day: IntArray
    arrival_day: IntArray
    place: IntArray


@dataclass(frozen=True)
class Terms:
    """What a plan is made with: days of review, chance that stock suffices (0..1)."""

    review_days: int
    service_level: float


@dataclass(frozen=True)
class Line:
    """What to buy of one item, and every figure behind it; base units, whole đồng.

    `out_day`: first day short at the service level's use, −1 = not within the cover; `order_by_day`
    = that − lead time, below 0 = too late already. `amount_vnd` None where no price is known.
    """

    lead_days: int
    cover_days: int
    forecast_days: int
    use_mean: int
    use_quantile: int
    reserve: int
    on_hand: int
    in_transit: int
    on_order: int
    expiring: int
    wanted: int
    pack_units: int
    packs: int
    units: int
    unit_price_vnd: int | None
    amount_vnd: int | None
    out_day: int | None

    @property
    def order_by_day(self) -> int | None:
        """Days from today until the order must be out; None where nothing runs out."""
        return None if self.out_day is None else self.out_day - self.lead_days

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return dict(self.__dict__)


def plan_line(
    use: Use,
    stock: Stock,
    terms: Terms,
    *,
    lead_days: int,
    pack_units: int,
    unit_price_vnd: int | None,
    reserve: int = 0,
) -> Line:
    """What to buy of one item. Raises ValueError for a service level outside 0..1 or an empty pack."""
    if not 0 < terms.service_level < 1 or pack_units < 1 or terms.review_days < 0 or lead_days < 0:
        raise ValueError("service level must be within 0..1, packs and days not negative")
    cover = max(lead_days + terms.review_days, 1)
    whole = use.over(cover)
    running = whole.quantile(terms.service_level)
    comes = stock.arrival_day < cover
    expiring, out_day = _run(running, stock)
    here = [int(stock.quantity[comes & (stock.place == place)].sum()) for place in range(3)]
    need = int(np.ceil(running[-1] - _TOLERANCE_UNITS))
    usable = sum(here) - expiring
    wanted = max(max(need, reserve) - usable, 0)
    packs = -(-wanted // pack_units)
    units = packs * pack_units
    return Line(
        lead_days=lead_days,
        cover_days=cover,
        forecast_days=len(use.mean),
        use_mean=int(np.ceil(whole.mean[-1] - _TOLERANCE_UNITS)),
        use_quantile=need,
        reserve=reserve,
        on_hand=here[0],
        in_transit=here[1],
        on_order=here[2],
        expiring=expiring,
        wanted=wanted,
        pack_units=pack_units,
        packs=packs,
        units=units,
        unit_price_vnd=unit_price_vnd,
        amount_vnd=None if unit_price_vnd is None else units * unit_price_vnd,
        out_day=out_day,
    )


def _run(running: FloatArray, stock: Stock) -> tuple[int, int | None]:
    """(units that arrive within the days and expire unused within them, first day short)."""
    order = np.lexsort((stock.arrival_day, stock.expiry_day))
    comes = stock.arrival_day[order] < len(running)
    shape = (1, 1, len(order))
    _, out, _, expired = run_down(
        np.diff(running, prepend=0.0)[None, None, None],
        np.where(comes, stock.quantity[order], 0).astype(float).reshape(shape),
        stock.expiry_day[order].reshape(shape),
        stock.arrival_day[order].reshape(shape),
    )
    day = int(out[0, 0, 0])
    return int(np.ceil(expired[0, 0, 0] - _TOLERANCE_UNITS)), None if day < 0 else day


def total_vnd(lines: list[Line]) -> int:
    """The money of all lines with a price, whole đồng."""
    return sum(line.amount_vnd or 0 for line in lines)
