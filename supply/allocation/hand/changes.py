"""What-if: the same problem with a donation, one more vehicle, a depot closed, a longer expiry. Pure.

JSON rows, by ``kind`` (ids are the instance's, days count from its start):

    donation        {kind, facility, item, quantity, day (0), expiry (null), lot ("DONATION-<row>")}
    vehicle         {kind, facility, trips (1), litres_per_trip (null: as its own), first_day (0),
                     last_day (null: the last)}
    closed          {kind, facility}              nothing leaves it and nothing reaches it
    longer-expiry   {kind, item, lot, days}       the lot everywhere, for a lot has one expiry

Rows are applied in their order. Every fault of every row is named, and nothing is half applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from supply.allocation.hand.rows import Row, each_row
from supply.allocation.instance import Arc, Arrival, Instance, Vehicle
from supply.core.text import Text, group_digits

KINDS: dict[str, Text] = {
    "donation": Text("Nhận hàng tài trợ", "A donation"),
    "vehicle": Text("Thêm chuyến xe", "More trips"),
    "closed": Text("Một nơi ngừng gửi, nhận", "A place closed"),
    "longer-expiry": Text("Gia hạn dùng một lô", "A lot's expiry extended"),
}
"""What may be supposed, in the order of the forms."""

TRIPS_MAX = 1000
LITRES_MAX = 10**6
EXTENSION_DAYS_MAX = 3650
_LOT_MAX = 200
_FACILITY, _ITEM = Text("cơ sở", "facility"), Text("mặt hàng", "item")


def apply(instance: Instance, changes: Iterable[Mapping[str, Any]]) -> Instance:
    """The instance as it would be with the changes; raises InvalidInput naming every bad row."""
    state = [instance]

    def read(row: Row) -> None:
        kind = row.values.get("kind")
        if not isinstance(kind, str) or kind not in _APPLIERS:
            names = ", ".join(KINDS)
            row.fault("kind", f"cần một trong: {names}.", f"give one of {names}.")
            return
        columns, change = _APPLIERS[kind]
        before = len(row.rows.faults)
        row.only(columns | {"kind"})
        changed = change(state[0], row)
        if len(row.rows.faults) == before:
            state[0] = changed

    each_row("changes", changes, read).done()
    return state[0]


def _places(instance: Instance) -> frozenset[str]:
    return frozenset(f.id for f in instance.facilities)


def _items(instance: Instance) -> frozenset[str]:
    return frozenset(i.id for i in instance.items)


def _donation(instance: Instance, row: Row) -> Instance:
    """A lot that comes in from outside on the morning of a day."""
    place = row.word("facility", _places(instance), _FACILITY)
    item = row.word("item", _items(instance), _ITEM)
    quantity = row.whole("quantity", 1)
    day = row.whole("day", 0, instance.horizon_days - 1, default=0)
    expiry = row.day("expiry")
    lot = row.values.get("lot") or f"DONATION-{row.line}"
    if not isinstance(lot, str) or not lot.strip() or len(lot) > _LOT_MAX or not lot.isprintable():
        row.fault("lot", f"cần số lô tối đa {_LOT_MAX} ký tự.", f"at most {_LOT_MAX} characters.")
        return instance
    if expiry is not None and expiry < instance.start + timedelta(days=day):
        row.fault(
            "expiry",
            f"hạn dùng {expiry:%d/%m/%Y} trước ngày hàng đến, xin xem lại.",
            f"expires on {expiry:%d/%m/%Y}, before it arrives; look again.",
        )
    known = {s.expiry for s in instance.stock_rows if (s.item, s.lot) == (item, lot)}
    if known and expiry not in known:
        row.fault(
            "lot",
            f"lô {lot} của {item} đã có với hạn dùng khác, xin đặt số lô khác.",
            f"lot {lot} of {item} is known with another expiry, name another lot.",
        )
    arrival = Arrival(place, item, lot, expiry, day, quantity)
    return replace(instance, arrivals=(*instance.arrivals, arrival))


def _vehicle(instance: Instance, row: Row) -> Instance:
    """More trips on some days. A place that had no transport can then send back along the ways
    that lead to it."""
    place = row.word("facility", _places(instance), _FACILITY)
    if place not in _places(instance):
        return instance
    trips = row.whole("trips", 1, TRIPS_MAX, default=1)
    first = row.whole("first_day", 0, instance.horizon_days - 1, default=0)
    last = row.whole(
        "last_day", first, instance.horizon_days - 1, default=instance.horizon_days - 1
    )
    own = [v for v in instance.vehicles if v.facility == place]
    sends = any(a.origin == place for a in instance.arcs)
    if sends and not own:
        row.fault(
            "facility",
            f"{place} không bị giới hạn phương tiện, thêm chuyến không thay đổi gì.",
            f"{place} has no limit on vehicles, more trips change nothing.",
        )
        return instance
    litres = _litres(row, max((v.litres_per_trip for v in own), default=0.0))
    ways = () if sends else _ways_back(instance, place)
    if not sends and not ways:
        row.fault(
            "facility",
            f"{place} không có tuyến đến nơi nào, thêm xe không thay đổi gì.",
            f"{place} has no way to any place, a vehicle changes nothing.",
        )
    more = tuple(Vehicle(place, day, trips, litres) for day in range(first, last + 1))
    return replace(instance, vehicles=(*instance.vehicles, *more), arcs=(*instance.arcs, *ways))


def _ways_back(instance: Instance, place: str) -> tuple[Arc, ...]:
    return tuple(
        Arc(place, arc.origin, arc.lead_days) for arc in instance.arcs if arc.destination == place
    )


def _litres(row: Row, own: float) -> float:
    value = row.values.get("litres_per_trip")
    if value is None and own > 0:
        return own
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else 0
    if 0 < number <= LITRES_MAX:  # NaN is neither
        return float(number)
    row.fault(
        "litres_per_trip",
        f"cần số lít một chuyến, lớn hơn 0 và tối đa {LITRES_MAX}.",
        f"give the litres of a trip, above 0 and at most {LITRES_MAX}.",
    )
    return 0.0


def _closed(instance: Instance, row: Row) -> Instance:
    """No way from it, none to it; it still uses its own stock for its own patients."""
    place = row.word("facility", _places(instance), _FACILITY)
    arcs = tuple(a for a in instance.arcs if place not in (a.origin, a.destination))
    return replace(instance, arcs=arcs)


def _longer_expiry(instance: Instance, row: Row) -> Instance:
    """The lot keeps longer, wherever it lies."""
    item = row.word("item", _items(instance), _ITEM)
    lots = {s.lot: s.expiry for s in instance.stock_rows if s.item == item}
    lot = row.word("lot", frozenset(lots), Text("lô", "lot"))
    days = row.whole("days", 1, EXTENSION_DAYS_MAX)
    expiry = lots.get(lot)
    if lot in lots and expiry is None:
        row.fault(
            "lot",
            f"lô {lot} không có hạn dùng, không cần gia hạn.",
            f"lot {lot} never expires, there is nothing to extend.",
        )
    if expiry is None:
        return instance
    later = _later(expiry, days)

    lots_then = tuple(
        replace(r, expiry=later) if (r.item, r.lot) == (item, lot) else r for r in instance.lots
    )
    arrivals_then = tuple(
        replace(r, expiry=later) if (r.item, r.lot) == (item, lot) else r for r in instance.arrivals
    )
    return replace(instance, lots=lots_then, arrivals=arrivals_then)


def _later(expiry: date, days: int) -> date:
    return date.max if (date.max - expiry).days < days else expiry + timedelta(days=days)


_APPLIERS: dict[str, tuple[frozenset[str], Callable[[Instance, Row], Instance]]] = {
    "donation": (
        frozenset({"facility", "item", "quantity", "day", "expiry", "lot"}),
        _donation,
    ),
    "vehicle": (
        frozenset({"facility", "trips", "litres_per_trip", "first_day", "last_day"}),
        _vehicle,
    ),
    "closed": (frozenset({"facility"}), _closed),
    "longer-expiry": (frozenset({"item", "lot", "days"}), _longer_expiry),
}


def needs_what_is_not_there(changes: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the changes put goods in the stores that the books do not have."""
    return any(change.get("kind") in ("donation", "longer-expiry") for change in changes)


def supposed(changes: Iterable[Mapping[str, Any]]) -> tuple[Text, ...]:
    """The changes in words, for whoever reads the plan; ids stand for themselves."""
    return tuple(_WORDS[change["kind"]](change) for change in changes)


def _donation_words(row: Mapping[str, Any]) -> Text:
    quantity, day = group_digits(row["quantity"]), row.get("day") or 0
    return Text(
        f"Giả định: {row['facility']} nhận tài trợ {quantity} {row['item']} vào ngày thứ {day + 1}.",
        f"Supposed: {row['facility']} receives a donation of {quantity} {row['item']} on day {day + 1}.",
    )


def _vehicle_words(row: Mapping[str, Any]) -> Text:
    trips, first, last = row.get("trips") or 1, row.get("first_day") or 0, row.get("last_day")
    until = (
        Text("đến hết kỳ", "to the end")
        if last is None
        else Text(f"đến ngày thứ {last + 1}", f"to day {last + 1}")
    )
    return Text(
        f"Giả định: {row['facility']} thêm {trips} chuyến xe mỗi ngày, từ ngày thứ {first + 1} {until.vi}.",
        f"Supposed: {row['facility']} has {trips} more trips a day, from day {first + 1} {until.en}.",
    )


def _closed_words(row: Mapping[str, Any]) -> Text:
    return Text(
        f"Giả định: {row['facility']} ngừng gửi và nhận hàng.",
        f"Supposed: {row['facility']} sends and receives nothing.",
    )


def _expiry_words(row: Mapping[str, Any]) -> Text:
    return Text(
        f"Giả định: lô {row['lot']} của {row['item']} được gia hạn dùng thêm {row['days']} ngày.",
        f"Supposed: lot {row['lot']} of {row['item']} keeps {row['days']} days longer.",
    )


_WORDS: dict[str, Callable[[Mapping[str, Any]], Text]] = {
    "donation": _donation_words,
    "vehicle": _vehicle_words,
    "closed": _closed_words,
    "longer-expiry": _expiry_words,
}
