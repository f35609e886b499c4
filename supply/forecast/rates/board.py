"""The rates of a run as people look at them: one line a facility and item, and one line by the week."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from supply.catalog import queries as catalog
from supply.catalog.queries import FacilityRow, ItemRow
from supply.core.clock import today
from supply.core.text import Text
from supply.forecast.queries import RunRow
from supply.forecast.rates.learned import Learned
from supply.forecast.rates.queries import Pin, pins, stored
from supply.forecast.rates.settings import Settings, load_settings
from supply.inventory import queries as inventory

SORTS = ("disagreement", "item", "facility", "weight")
WEEK = 7
_TINY = 1e-3  # units a day below which a ratio says nothing


@dataclass(frozen=True)
class RateLine:
    """One rate: base units a day over the days that count by the norm (with fixed terms), as observed
    and as blended; None where no day counts. `beyond_per_day`: use beyond the highest multiplier, which
    stands in the base."""

    facility: FacilityRow
    item: ItemRow
    method: str
    multiplier: float
    multiplier_sd: float
    base_per_day: float
    beyond_per_day: float
    norm_per_day: float | None
    observed_per_day: float | None
    weight: float
    own_weight: float
    district_multiplier: float
    days_seen: int
    days_stocked_out: int

    @property
    def blended_per_day(self) -> float | None:
        """What the forecast would have said of the days that count."""
        if self.norm_per_day is None:
            return None
        if self.method in ("tsb", "sba"):
            return self.base_per_day
        if self.method == "pinned":
            return self.norm_per_day
        return self.norm_per_day * self.multiplier + self.beyond_per_day

    @property
    def own_ratio(self) -> float | None:
        """Observed over norm; None where one of them says nothing."""
        if self.norm_per_day is None or self.observed_per_day is None or self.norm_per_day < _TINY:
            return None
        return self.observed_per_day / self.norm_per_day

    @property
    def disagreement(self) -> float:
        """How far use and norm lie apart, on a scale of doubling, as far as the use is believed."""
        if self.own_ratio is None:
            return 0.0
        return abs(math.log2(max(self.own_ratio, 0.05))) * self.own_weight


def lines_of(
    run: RunRow,
    facility_id: int | None = None,
    search: str = "",
    method: str = "",
    sort: str = SORTS[0],
) -> list[RateLine]:
    """The rates that a run kept and that say something, filtered and in order."""
    facilities = {f.code: f for f in catalog.facilities(run.district_id)}
    items = {item.code: item for item in catalog.items()}
    codes = [f.code for f in facilities.values() if facility_id in (None, f.id)]
    kept = stored(run.id, codes)
    if kept is None:
        return []
    settings = load_settings(run.origin)
    words = search.casefold().split()
    found = []
    for i, code in enumerate(kept.item_codes):
        item = items.get(code)
        told = f"{code} {item.name.vi} {item.name.en}".casefold() if item else ""
        if item is None or not all(word in told for word in words):
            continue
        for f, place in enumerate(codes):
            line = _line(kept.learned, f, i, facilities[place], item, settings)
            if line.method != "none" and (not method or line.method == method) and _says(line):
                found.append(line)
    return sorted(found, key=_KEYS.get(sort, _KEYS[SORTS[0]]))


def _says(line: RateLine) -> bool:
    return bool(line.norm_per_day or line.observed_per_day or line.base_per_day)


_KEYS = {
    "disagreement": lambda line: (-line.disagreement, line.item.code, line.facility.code),
    "item": lambda line: (line.item.code, line.facility.code),
    "facility": lambda line: (line.facility.code, line.item.code),
    "weight": lambda line: (-line.weight, line.item.code, line.facility.code),
}


def _line(
    learned: Learned, f: int, i: int, facility: FacilityRow, item: ItemRow, settings: Settings
) -> RateLine:
    def figure(name: str) -> float:
        return float(getattr(learned, name)[f, i])

    def known(name: str) -> float | None:
        value = figure(name)
        return None if math.isnan(value) else value

    norm, observed = known("norm_per_day"), known("observed_per_day")
    beyond = figure("own_weight") * max(
        (observed or 0.0) - settings.multiplier_high * (norm or 0.0), 0
    )
    return RateLine(
        facility,
        item,
        str(learned.method[f, i]),
        figure("multiplier"),
        figure("multiplier_sd"),
        figure("base_per_day"),
        beyond if norm else 0.0,
        norm,
        observed,
        figure("weight"),
        figure("own_weight"),
        figure("district_multiplier"),
        int(figure("days_seen")),
        int(figure("days_stocked_out")),
    )


@dataclass(frozen=True)
class WeekOfUse:
    """Seven days up to and on `last`: units issued to use as they stand in the ledger now, and days
    that closed without stock."""

    first: dt.date
    last: dt.date
    used: int
    days_stocked_out: int


@dataclass(frozen=True)
class Closely:
    """One rate and what stands behind it."""

    line: RateLine
    weeks: tuple[WeekOfUse, ...]
    settings: Settings
    pin: Pin | None


def closely(run: RunRow, line: RateLine) -> Closely:
    """A rate with the weeks of the ledger it was learned from, newest first and back to the first that
    tells anything, and its pin if any."""
    settings = load_settings(run.origin)
    first = run.origin - dt.timedelta(days=settings.days - 1)
    place = [line.facility.id]
    used = inventory.consumption_daily(place, first, run.origin)
    used = used[used["item_id"] == line.item.id]
    spans = inventory.empty_spans(place, first, run.origin)
    spans = spans[(spans["item_id"] == line.item.id) & spans["empty_from"].notna()]
    by_day = dict(zip(used["date"], used["quantity"], strict=True))
    empty = _days_of(zip(spans["empty_from"], spans["empty_to"], strict=True))
    weeks = []
    for back in range(settings.days // WEEK):
        last = run.origin - dt.timedelta(days=back * WEEK)
        days = [last - dt.timedelta(days=n) for n in range(WEEK)]
        units = sum(int(by_day.get(day, 0)) for day in days)
        weeks.append(WeekOfUse(days[-1], last, units, sum(day in empty for day in days)))
    while len(weeks) > 1 and not weeks[-1].used and not weeks[-1].days_stocked_out:
        weeks.pop()
    pin = pins(place, today()).get((line.facility.id, line.item.id))
    return Closely(line, tuple(weeks), settings, pin)


def _days_of(spans: Iterable[tuple[dt.date, dt.date]]) -> set[dt.date]:
    return {
        first + dt.timedelta(days=n)
        for first, last in spans
        for n in range((last - first).days + 1)
    }


def methods_among(lines: Sequence[RateLine]) -> list[str]:
    """The methods that occur."""
    return sorted({line.method for line in lines})


LEFT_OUT: tuple[Text, ...] = (
    Text("hao hụt, hỏng, hết hạn, hủy", "losses, damage, expiry, disposal"),
    Text("hàng chuyển sang cơ sở khác, hàng cho mượn và trả nợ", "transfers out, loans and returns of loans"),
    Text("hàng đóng thành bộ (chỉ tính khi bộ được cấp)", "kit assembly (counted when the kit is issued)"),
    Text("hàng đã trả lại kho, phiếu đã hủy", "what came back from use, reversed documents"),
)  # fmt: skip
"""What leaves a store and is not use."""
