"""The stock of a planned history, by lot, kept by the ledger's own rule of use. Pure.

A lot may be used up to and including its expiry day; the earliest expiry leaves first, ties in the
order in which the lots first came.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Batch:
    """A maker's lot in the order of use; `expiry` is the last day of use (date.max: none)."""

    expiry: dt.date
    nth: int
    number: str


Parts = list[tuple[Batch, int]]


@dataclass
class Shelf:
    """What one store holds: item -> lot -> base units. Quantities never fall below zero."""

    lots: dict[str, dict[Batch, int]] = field(default_factory=lambda: defaultdict(dict))

    def put(self, item: str, parts: Parts) -> None:
        """Goods come in."""
        held = self.lots[item]
        for batch, quantity in parts:
            held[batch] = held.get(batch, 0) + quantity

    def usable(self, item: str, day: dt.date) -> int:
        """Units that may be used on `day`."""
        return sum(q for batch, q in self.lots[item].items() if batch.expiry >= day)

    def take(self, item: str, quantity: int, day: dt.date) -> Parts:
        """Take usable units, earliest expiry first. Raises ValueError if there are too few."""
        parts: Parts = []
        for batch in sorted(b for b in self.lots[item] if b.expiry >= day):
            part = min(self.lots[item][batch], quantity)
            if part:
                self.take_lot(item, batch, part)
                parts.append((batch, part))
                quantity -= part
        if quantity:
            raise ValueError(f"{item}: {quantity} units too few on {day}")
        return parts

    def take_lot(self, item: str, batch: Batch, quantity: int) -> None:
        """Take units of one lot, expired or not. Raises ValueError if there are too few."""
        left = self.lots[item].get(batch, 0) - quantity
        if left < 0:
            raise ValueError(f"{item}, lot {batch.number}: {-left} units too few")
        if left:
            self.lots[item][batch] = left
        else:
            del self.lots[item][batch]

    def expired(self, day: dt.date) -> list[tuple[str, Batch, int]]:
        """What is on the shelf past its last day of use."""
        return [
            (item, batch, quantity)
            for item, held in sorted(self.lots.items())
            for batch, quantity in sorted(held.items())
            if batch.expiry < day
        ]
