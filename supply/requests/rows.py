"""What the questions about requisitions answer with. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from supply.core.text import Text
from supply.requests.requisitions import Status, label_of, suggested_quantity
from supply.requests.requisitions import days_of_stock as _days_of_stock


@dataclass(frozen=True)
class Head:
    """A requisition in a list. `sent_at` and `by` are of its last event, or of the draft."""

    id: int
    facility_id: int
    facility_name: Text
    asked_id: int
    asked_name: Text
    year: int | None
    number: int | None
    needed_on: dt.date | None
    note: str
    line_count: int
    status: Status
    cut: bool
    updated_at: dt.datetime
    by: str

    @property
    def label(self) -> str:
        """The number as on paper; nothing for a draft."""
        return label_of(self.year, self.number)


@dataclass(frozen=True)
class Line:
    """One item asked for, base units; `approved` None: not decided."""

    line: int
    item_id: int
    item_code: str
    item_name: Text
    unit: Text
    quantity: int
    pack_id: int | None
    pack_name: Text | None
    units_per_pack: int
    note: str
    approved: int | None
    reason: str
    sent: int
    received: int
    lost: int

    @property
    def left_to_send(self) -> int:
        """Approved and not yet sent."""
        return max(0, (self.approved or 0) - self.sent)

    @property
    def on_way(self) -> int:
        """Sent and not yet there."""
        return self.sent - self.received - self.lost

    @property
    def packs(self) -> int | None:
        """The quantity in the pack it was asked in, where that is whole."""
        if self.pack_name is None or self.quantity % self.units_per_pack:
            return None
        return self.quantity // self.units_per_pack


@dataclass(frozen=True)
class Event:
    """Who did what, when, and why."""

    kind: str
    reason: str
    by: str
    at: dt.datetime


@dataclass(frozen=True)
class Paper:
    """A document or draft that carries a requisition out."""

    id: int
    label: str
    happened_on: dt.date | None


@dataclass(frozen=True)
class View:
    """A requisition in full. `drafts` are seen by the sender's people and readers only."""

    head: Head
    lines: tuple[Line, ...]
    events: tuple[Event, ...]
    dispatches: tuple[Paper, ...]
    receipts: tuple[Paper, ...]
    drafts: tuple[Paper, ...]


@dataclass(frozen=True)
class Figures:
    """What helps to ask for an item or to approve it, base units; None: not for you to see.

    `monthly_use` is the AMC of the glossary, None where it is not stated; `free` is what the asked
    facility can give: usable, less what its open transfer drafts promise.
    """

    item_id: int
    on_hand: int | None
    on_way: int | None
    monthly_use: float | None
    free: int | None

    @property
    def days_of_stock(self) -> float | None:
        """How long the stock on hand lasts at the usual pace."""
        return None if self.on_hand is None else _days_of_stock(self.on_hand, self.monthly_use)

    def suggested(self, days: int, units_per_pack: int = 1) -> int:
        """Units that bring the stock to `days` days of use; 0 where the use is not known."""
        if self.on_hand is None or not self.monthly_use:
            return 0
        return suggested_quantity(
            self.on_hand, self.on_way or 0, self.monthly_use, days, units_per_pack
        )
