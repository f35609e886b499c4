"""The stock an import starts from and changes on paper: places, parcels, lots. Pure.

New lots and consignments are numbered from NEW upwards, in the order in which they come into being, so
that they sort after those the ledger has, as their real ids will.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from supply.core.text import Text

NEW = 1 << 60
_NO_EXPIRY = dt.date.max

Move = tuple[int, int, int, int, int, int]
"""document (its place in the order), line, consignment, 1 in or 0 out, quantity, amount; where from and
where to follows from the document's kind (bulk_way in migrations/sql/ledger/85_bulk_2_meaning.sql)"""
Tell = Callable[[int, str, Text], None]


@dataclass(slots=True)
class Lot:
    """A maker's lot, known or new."""

    id: int
    item_id: int
    number: str
    expiry: dt.date | None


@dataclass(slots=True)
class NewConsignment:
    """What one line brought in."""

    id: int
    lot_id: int
    fund_id: int
    unit_price_vnd: int
    document: int


@dataclass(slots=True)
class Parcel:
    """One consignment in one place. `later`: days after which its stock is still needed, with the
    most that later entries have added from that day on (see `free`); None where there are none."""

    consignment_id: int
    lot: Lot
    quantity: int
    amount_vnd: int
    unit_price_vnd: int = 0
    later: tuple[Sequence[dt.date], Sequence[int]] | None = None

    def free(self, day: dt.date) -> int:
        """How much may leave on `day` so that no later day goes below zero."""
        if self.later is None:
            return self.quantity
        days, most = self.later
        at = bisect_right(days, day)
        return self.quantity - max(0, most[at]) if at < len(days) else self.quantity


@dataclass(slots=True)
class Rest:
    """What of a document is still open, per consignment."""

    item_id: int
    lot: Lot
    consignment_id: int
    quantity: int
    amount_vnd: int


@dataclass
class Shelves:
    """Every parcel by place: `live` those with stock, in order; `all` also the emptied ones."""

    all: dict[tuple[int, int], dict[int, Parcel]] = field(default_factory=dict)
    live: dict[tuple[int, int], list[Parcel]] = field(default_factory=dict)

    def set(self, place: int, item_id: int, parcel: Parcel) -> None:
        """Put a parcel there as it is."""
        at = (place, item_id)
        self.all.setdefault(at, {})[parcel.consignment_id] = parcel
        live = self.live.setdefault(at, [])
        if not parcel.quantity:
            return
        if live and _order(parcel) < _order(live[-1]):
            insort(live, parcel, key=_order)
        else:
            live.append(parcel)  # what comes is mostly the newest

    def put(
        self,
        place: int,
        item_id: int,
        consignment_id: int,
        lot: Lot,
        quantity: int,
        amount: int,
        unit_price_vnd: int = 0,
    ) -> Parcel:
        """Add to a consignment's parcel there."""
        parcel = self.all.setdefault((place, item_id), {}).get(consignment_id)
        if parcel is None:
            parcel = Parcel(consignment_id, lot, quantity, amount, unit_price_vnd)
            self.set(place, item_id, parcel)
            return parcel
        if parcel.quantity == 0:
            insort(self.live[(place, item_id)], parcel, key=_order)
        parcel.quantity += quantity
        parcel.amount_vnd += amount
        return parcel

    def take(self, at: tuple[int, int], parcel: Parcel, quantity: int) -> int:
        """Take a part of what lies at (place, item); returns the value that goes with it."""
        had, value = parcel.quantity, parcel.amount_vnd
        if quantity == had:
            parcel.quantity = parcel.amount_vnd = 0
            self.live[at].remove(parcel)
            return value
        amount = (2 * value * quantity + had) // (2 * had)  # share(), without the call
        parcel.quantity = had - quantity
        parcel.amount_vnd = value - amount
        return amount


def _order(parcel: Parcel) -> tuple[dt.date, int, int]:
    return (parcel.lot.expiry or _NO_EXPIRY, parcel.lot.id, parcel.consignment_id)


def share(q: int, of_quantity: int, of_amount: int) -> int:
    """round(V·q/Q), halves away from zero as PostgreSQL's numeric rounds; all of V with the last unit.

    Exact: (2·V·q + Q) // (2·Q) for V ≥ 0. share(1, 3, 100) == 33.
    """
    if q == of_quantity:
        return of_amount
    return (2 * of_amount * q + of_quantity) // (2 * of_quantity)


@dataclass
class Ledger:
    """What the booking starts from and what comes of it."""

    today: dt.date
    shelves: Shelves
    lots: dict[tuple[int, str], Lot]
    loss: int
    """the place where what is lost on the way goes"""
    lot_of_consignment: dict[int, Lot] = field(default_factory=dict)
    blocked: frozenset[int] = frozenset()
    open_rests: dict[int, list[Rest]] = field(default_factory=dict)
    """for documents of the ledger that the file follows: what is still open of them"""
    new_lots: list[Lot] = field(default_factory=list)
    new_consignments: list[NewConsignment] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    rests: dict[int, list[Rest]] = field(default_factory=dict)
    """the same for documents of the file, by their place in the order"""
