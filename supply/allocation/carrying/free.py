"""What stock is free: on hand and coming in, with what approved transfers promised already moved. Pure.

Making a plan and approving it ask here both, so that what one calls free the other cannot refuse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from supply.allocation.asking.world import Promise, Stock
from supply.allocation.transfers import store_lot

_Key = tuple[str, str, str]


def free_stock(
    on_hand: Iterable[Stock], coming: Iterable[Stock], promised: Iterable[Promise], start: date
) -> tuple[list[Stock], list[Stock]]:
    """(on hand, coming in) on the morning of `start`, without what is past its day.

    A promise takes from what its sender has, then from what is to come there, and brings to the
    receiver what it could take: what nobody has any more is promised of nothing, and goods passed on
    are not counted twice.
    """
    shelf = _Shelf([s for s in on_hand if s.expiry is None or s.expiry >= start])
    for s in sorted(coming, key=lambda s: s.day):
        shelf.add(s, is_here=False)
    in_order = sorted(promised, key=lambda p: p.day)
    for p in (p for p in in_order if p.lot):
        shelf.move(p, [(p.origin, p.item, p.lot)])
    for p in (p for p in in_order if not p.lot):
        shelf.move(p, shelf.first_expired_first(p))
    return shelf.rest(is_here=True), shelf.rest(is_here=False)


class _Shelf:
    """Rows of stock, from which promises take in their order."""

    def __init__(self, on_hand: Sequence[Stock]) -> None:
        self.rows: list[tuple[Stock, bool]] = []
        self.left: list[int] = []
        self.at: defaultdict[_Key, list[int]] = defaultdict(list)
        for s in on_hand:
            self.add(s, is_here=True)

    def add(self, stock: Stock, *, is_here: bool) -> None:
        if stock.quantity <= 0:
            return
        self.at[stock.facility, stock.item, stock.lot].append(len(self.rows))
        self.rows.append((stock, is_here))
        self.left.append(stock.quantity)

    def first_expired_first(self, p: Promise) -> list[_Key]:
        """The sender's lots on hand that a promise without a lot takes, in order."""
        held = [
            s for s, is_here in self.rows if is_here and (s.facility, s.item) == (p.origin, p.item)
        ]
        held.sort(key=lambda s: (s.expiry is None, s.expiry or date.max, s.lot))
        return list(dict.fromkeys((s.facility, s.item, s.lot) for s in held))

    def move(self, p: Promise, keys: Iterable[_Key]) -> None:
        wanted = p.quantity
        for key in keys:
            for n in list(self.at[key]):
                taken = min(wanted, self.left[n])
                if taken <= 0:
                    continue
                self.left[n] -= taken
                wanted -= taken
                arrived = replace(
                    self.rows[n][0], facility=p.destination, quantity=taken, day=p.day, days_out=0
                )
                self.add(arrived, is_here=False)

    def rest(self, *, is_here: bool) -> list[Stock]:
        return [
            replace(stock, quantity=left)
            for (stock, here), left in zip(self.rows, self.left, strict=True)
            if here == is_here and left > 0
        ]


@dataclass(frozen=True)
class Missing:
    """What a plan would send and nobody has free: base units. `lot` "" where no lot is named."""

    facility: str
    item: str
    lot: str
    free: int
    wanted: int


def missing(transfers: Iterable[Mapping[str, Any]], stock: Iterable[Stock]) -> list[Missing]:
    """Where what is free (`stock`: on hand and coming in) does not cover what the plan's transfers
    send, by facility, item and lot. What the plan itself brings may be sent on. Goods on order have
    no lot yet, so they are compared by item."""
    have: defaultdict[_Key, int] = defaultdict(int)
    wanted: defaultdict[_Key, int] = defaultdict(int)

    def count(into: defaultdict[_Key, int], facility: str, item: str, lot: str, units: int) -> None:
        into[facility, item, ""] += units
        if store_lot(lot) is not None:
            into[facility, item, lot] += units

    for s in stock:
        count(have, s.facility, s.item, s.lot, s.quantity)
    for t in transfers:
        count(have, t["to"], t["item"], t["lot"], t["quantity"])
        count(wanted, t["from"], t["item"], t["lot"], t["quantity"])
    short = {key: units for key, units in wanted.items() if units > have[key]}
    by_lot = {(facility, item) for facility, item, lot in short if lot}
    return [
        Missing(*key, free=have[key], wanted=units)
        for key, units in sorted(short.items())
        if key[2] or key[:2] not in by_lot  # the lot says it better
    ]
