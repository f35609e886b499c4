"""The planner's pins: must, must not, at least, at most, lock; as rows and in an instance. Pure.

A pin's JSON row is {from, to, item, min (0), max (null: no limit)}, in base units over all days and
lots of the pair and item; ids are the instance's. Must: min = one pack. Must not: max = 0. Lock:
min = max. Several pins of one pair and item hold together: the largest least, the smallest most
(instance rows would add up, which is no planner's meaning); so do the planner's and those that the
instance came with, such as "none at all" where no vehicle keeps the cold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from supply.allocation.hand.rows import Row, each_row
from supply.allocation.instance import Instance, Pin
from supply.core.text import Text

KINDS: dict[str, Text] = {
    "must": Text("Phải chuyển", "Must send"),
    "must-not": Text("Không được chuyển", "Must not send"),
    "at-least": Text("Ít nhất", "At least"),
    "at-most": Text("Nhiều nhất", "At most"),
    "lock": Text("Giữ đúng", "Exactly"),
}
"""What a planner can say of one pair and item."""

_COLUMNS = frozenset({"from", "to", "item", "min", "max"})

Key = tuple[str, str, str]
"""(from, to, item)"""


@dataclass(frozen=True, slots=True)
class PinRow:
    """At least ``least`` and at most ``most`` (None: no limit) units of the item, pair in all."""

    origin: str
    destination: str
    item: str
    least: int = 0
    most: int | None = None

    @property
    def key(self) -> Key:
        """(from, to, item)"""
        return self.origin, self.destination, self.item

    @property
    def kind(self) -> str:
        """The word for it; a range of two different ends counts as "at-least"."""
        if self.most == 0:
            return "must-not"
        if self.most is not None and self.most == self.least:
            return "lock"
        return "at-most" if self.most is not None and self.least == 0 else "at-least"

    def to_json(self) -> dict[str, Any]:
        """The row as it is kept in a plan's params."""
        names = ("from", "to", "item", "min", "max")
        return dict(zip(names, (*self.key, self.least, self.most), strict=True))


def pin_of(kind: str, key: Key, quantity: int, pack_size: int) -> PinRow:
    """The row that says ``kind`` of ``KINDS``; ``quantity`` counts for the last three."""
    least, most = {
        "must": (pack_size, None),
        "must-not": (0, 0),
        "at-least": (quantity, None),
        "at-most": (0, quantity),
        "lock": (quantity, quantity),
    }[kind]
    return PinRow(*key, least, most)


def read_pins(instance: Instance, rows: Iterable[Mapping[str, Any]]) -> tuple[PinRow, ...]:
    """Pins from their JSON rows, those of one pair and item made one.

    Raises InvalidInput naming every bad row: unknown ids, no way from one to the other, figures
    that are none, pins that contradict (also two rows between them, or the instance's own pins).
    """
    places = frozenset(f.id for f in instance.facilities)
    items = frozenset(i.id for i in instance.items)
    ways = frozenset((a.origin, a.destination) for a in instance.arcs)
    found: dict[Key, PinRow] = {}
    given = _given(instance)

    def read(row: Row) -> None:
        before = len(row.rows.faults)
        row.only(_COLUMNS)
        pin = PinRow(
            row.word("from", places, Text("nơi gửi", "sender")),
            row.word("to", places, Text("nơi nhận", "receiver")),
            row.word("item", items, Text("mặt hàng", "item")),
            row.whole("min", 0, default=0),
            row.optional_whole("max", 0),
        )
        if len(row.rows.faults) > before:
            return
        if (pin.origin, pin.destination) not in ways:
            row.fault(
                "to",
                f"không có tuyến từ {pin.origin} đến {pin.destination}, xin chọn nơi nhận khác.",
                f"there is no way from {pin.origin} to {pin.destination}, choose another receiver.",
            )
            return
        both = _together(found.get(pin.key), pin)
        both = _together(given.get(pin.key), both)
        if both.most is not None and both.least > both.most:
            row.fault(
                "max",
                f"{pin.origin} → {pin.destination}, {pin.item}: ít nhất {both.least} mà nhiều nhất "
                f"{both.most}, xin sửa một trong hai.",
                f"{pin.origin} → {pin.destination}, {pin.item}: at least {both.least} but at most "
                f"{both.most}, correct one of them.",
            )
            return
        found[pin.key] = both

    each_row("pins", rows, read).done()
    return tuple(found[key] for key in sorted(found))


def _given(instance: Instance) -> dict[Key, PinRow]:
    """The instance's own pins by pair and item; its rows add up."""
    found: dict[Key, PinRow] = {}
    for pin in instance.pins:
        key = (pin.origin, pin.destination, pin.item)
        so_far = found.get(key, PinRow(*key, 0, 0))
        limited = so_far.most is not None and pin.max_quantity is not None
        most = (so_far.most or 0) + (pin.max_quantity or 0) if limited else None
        found[key] = PinRow(*key, so_far.least + pin.min_quantity, most)
    return found


def _together(one: PinRow | None, other: PinRow) -> PinRow:
    """What holds when both hold."""
    if one is None:
        return other
    limits = [most for most in (one.most, other.most) if most is not None]
    return replace(other, least=max(one.least, other.least), most=min(limits) if limits else None)


def pinned(instance: Instance, pins: Iterable[Mapping[str, Any]]) -> Instance:
    """The instance with the planner's pins besides its own; both hold.

    ``pins``: JSON rows (see above). Raises InvalidInput as ``read_pins`` does.
    """
    mine = read_pins(instance, pins)
    if not mine:
        return instance
    keys = {pin.key for pin in mine}
    others = tuple(p for p in instance.pins if (p.origin, p.destination, p.item) not in keys)
    return replace(instance, pins=(*others, *(Pin(*pin.key, pin.least, pin.most) for pin in mine)))
