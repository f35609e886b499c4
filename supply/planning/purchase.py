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

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import gamma

from supply.forecast.cases import FloatArray, IntArray
from supply.forecast.shortage import NEVER, run_down

_LAST_WEEK_DAYS = 7
_TOLERANCE_UNITS = 1e-6


@dataclass(frozen=True)
class Use:
    """The running use of one item: `mean[d]`, `sd[d]` of days 0..d together, base units. Of many
    items together [n, d]; `over` is for one."""

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
        """As `mean`: the running use that is not exceeded with chance `level`, rising in d."""
        certain = (self.sd <= 1e-9 * self.mean) | (self.mean <= 0)
        variation = np.where(certain, 1.0, self.sd) / np.where(certain, 1.0, self.mean)
        shape = 1.0 / variation**2
        drawn = gamma.ppf(level, shape) * self.mean / shape
        rising: FloatArray = np.maximum.accumulate(np.where(certain, self.mean, drawn), axis=-1)
        return rising


def together(mean: FloatArray, sd: FloatArray) -> Use:
    """The use of facilities added up, from their running `mean` and `sd` [f, d].

    What all have in common (the epidemic) moves together: the least coefficient of variation among
    them, c. The rest of each is its own:  sd² = (c Σ mean)² + Σ (sd_f² − (c mean_f)²).  Between the
    two extremes of all independent and all together, and on the wide side, since c counts some of the
    steadiest facility's own. Worked number: means 80 and 20 with sd 40 and 30: c = 0.5,
    sd = √(50² + 0 + 30² − 10²) = 57.4, not 70.
    """
    variation = np.divide(sd, mean, out=np.full_like(mean, np.inf), where=mean > 1e-9)
    least = variation.min(axis=0)
    common = np.where(np.isfinite(least), least, 0.0)
    own = np.maximum(sd**2 - (common * mean) ** 2, 0.0).sum(axis=0)
    total = mean.sum(axis=0)
    return Use(total, np.sqrt((common * total) ** 2 + own))


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


@dataclass(frozen=True)
class Wanted:
    """One item to reckon: its use and stock, lead time, units in a pack, last price, reserve to hold."""

    use: Use
    stock: Stock
    lead_days: int
    pack_units: int
    unit_price_vnd: int | None
    reserve: int = 0


def plan_lines(wanted: Sequence[Wanted], terms: Terms) -> list[Line]:
    """What to buy of each, in their order; those of one cover are reckoned together. Raises ValueError
    for a service level outside 0..1, an empty pack or negative days."""
    if not 0 < terms.service_level < 1 or terms.review_days < 0:
        raise ValueError("service level must be within 0..1, days not negative")
    if any(one.pack_units < 1 or one.lead_days < 0 for one in wanted):
        raise ValueError("packs must hold something, lead times cannot be negative")
    groups: dict[int, list[int]] = {}
    for number, one in enumerate(wanted):
        groups.setdefault(max(one.lead_days + terms.review_days, 1), []).append(number)
    lines: dict[int, Line] = {}
    for cover, numbers in groups.items():
        group = [wanted[number] for number in numbers]
        uses = [one.use.over(cover) for one in group]
        mean = np.array([use.mean for use in uses])
        running = Use(mean, np.array([use.sd for use in uses])).quantile(terms.service_level)
        expiring, out = _run(running, [one.stock for one in group])
        for n, number in enumerate(numbers):
            lines[number] = _line(
                group[n], cover, (mean[n, -1], running[n, -1]), int(expiring[n]), int(out[n])
            )
    return [lines[number] for number in range(len(wanted))]


def _line(one: Wanted, cover: int, use: tuple[float, float], expiring: int, out_day: int) -> Line:
    comes = one.stock.arrival_day < cover
    here = [int(one.stock.quantity[comes & (one.stock.place == place)].sum()) for place in range(3)]
    mean, need = (int(np.ceil(units - _TOLERANCE_UNITS)) for units in use)
    wanted = max(max(need, one.reserve) - (sum(here) - expiring), 0)
    packs = -(-wanted // one.pack_units)
    units = packs * one.pack_units
    return Line(
        lead_days=one.lead_days,
        cover_days=cover,
        forecast_days=len(one.use.mean),
        use_mean=mean,
        use_quantile=need,
        reserve=one.reserve,
        on_hand=here[0],
        in_transit=here[1],
        on_order=here[2],
        expiring=expiring,
        wanted=wanted,
        pack_units=one.pack_units,
        packs=packs,
        units=units,
        unit_price_vnd=one.unit_price_vnd,
        amount_vnd=None if one.unit_price_vnd is None else units * one.unit_price_vnd,
        out_day=None if out_day < 0 else out_day,
    )


def _run(running: FloatArray, stocks: Sequence[Stock]) -> tuple[IntArray, IntArray]:
    """[n]: units that arrive within the days and expire unused within them; first day short or −1."""
    days = running.shape[1]
    shape = (len(stocks), 1, max((len(stock.quantity) for stock in stocks), default=0) or 1)
    quantity, expiry = np.zeros(shape), np.full(shape, NEVER)
    arrival = np.zeros(shape, dtype=np.int64)
    for n, stock in enumerate(stocks):
        order = np.lexsort((stock.arrival_day, stock.expiry_day))
        slots = slice(0, len(order))
        comes = stock.arrival_day[order] < days
        quantity[n, 0, slots] = np.where(comes, stock.quantity[order], 0)
        expiry[n, 0, slots] = stock.expiry_day[order]
        arrival[n, 0, slots] = stock.arrival_day[order]
    use = np.diff(running, axis=-1, prepend=0.0)[:, None, None]
    _, out, _, expired = run_down(use, quantity, expiry, arrival)
    whole = np.ceil(expired[:, 0, 0] - _TOLERANCE_UNITS).astype(np.int64)
    return whole, out[:, 0, 0]


def total_vnd(lines: list[Line]) -> int:
    """The money of all lines with a price, whole đồng."""
    return sum(line.amount_vnd or 0 for line in lines)
