"""A planned history into the books: through the inventory services, as the storekeeper in charge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

from seed.history import Event, EventLine
from supply.core.scope import acting_as
from supply.core.transaction import transaction
from supply.inventory.documents import (
    Adjustment,
    AdjustmentLine,
    Document,
    Issue,
    IssueLine,
    Opening,
    Receipt,
    ReceiptLine,
    Reversal,
    TransferDispatch,
    TransferReceipt,
    TransferReceiptLine,
)
from supply.inventory.services import post

NAMESPACE = UUID("6b1f3b0e-6f2b-4b53-9f0e-2f6b6d0c5a11")
DAYS_PER_TRANSACTION = 7


@dataclass
class Ledger:
    """Where a history is posted: facility ids and storekeepers by facility code.

    Every document's key is made from `name` and its event's key, so posting a history again adds
    nothing and one that was broken off goes on where it stopped.
    """

    name: str
    facility_ids: Mapping[str, int]
    storekeeper_ids: Mapping[str, int]
    document_ids: dict[str, int] = field(default_factory=dict)

    def key(self, event_key: str) -> UUID:
        """The idempotency key of an event's document."""
        return uuid5(NAMESPACE, f"{self.name}/{event_key}")

    def post_all(self, events: Iterable[Event]) -> int:
        """Post the events, a week of one store in each transaction; returns how many there were.

        The depot's week comes first, since the others receive from it. Raises whatever the
        services raise; the weeks before it stay posted.
        """
        ordered = list(events)
        if not ordered:
            return 0
        first = min(event.day for event in ordered)
        senders = {e.facility for e in ordered if e.kind == "transfer_dispatch"}

        def turn(event: Event) -> tuple[int, bool, str]:
            week = (event.day - first).days // DAYS_PER_TRANSACTION
            return week, event.facility not in senders, event.facility

        ordered.sort(key=turn)  # stable: within a store's week the plan's own order stands
        for (_, _, facility), week in groupby(ordered, key=turn):
            with acting_as(self.storekeeper_ids[facility]), transaction():
                for event in week:
                    self.document_ids[event.key] = post(self.document(event)).document_id
        return len(ordered)

    def document(self, event: Event) -> Document:
        """An event as the document the services take."""
        head: dict[str, Any] = {
            "facility_id": self.facility_ids[event.facility],
            "happened_on": event.day,
            "client_key": self.key(event.key),
            "origin": f"demo:{self.name}",
            "paper_reference": event.paper_reference,
            "recipient": event.recipient,
            "reason": event.reason,
            "note": event.note,
        }
        lines = event.lines
        match event.kind:
            case "receipt":
                return Receipt(
                    **head, lines=[_receipt(x) for x in lines], partner_code=event.partner_code
                )
            case "opening":
                return Opening(**head, lines=[_receipt(x) for x in lines])
            case "issue":
                return Issue(**head, lines=[_issue(x) for x in lines])
            case "transfer_dispatch":
                to = self.facility_ids[str(event.counterpart)]
                return TransferDispatch(
                    **head, lines=[_issue(x) for x in lines], counterpart_facility_id=to
                )
            case "transfer_receipt":
                follows = self.document_ids[str(event.follows)]
                return TransferReceipt(
                    **head, lines=[_arrival(x) for x in lines], follows_id=follows
                )
            case "adjustment":
                return Adjustment(**head, lines=[_adjustment(x) for x in lines])
            case "reversal":
                return Reversal(**head, reverses_id=self.document_ids[str(event.reverses)])
        raise ValueError(f"no such kind of event: {event.kind}")


def _receipt(line: EventLine) -> ReceiptLine:
    return ReceiptLine(
        item_code=line.item_code,
        quantity=line.quantity,
        lot_number=line.lot_number,
        expiry=line.expiry,
        fund_code=line.fund_code,
        unit_price_vnd=line.unit_price_vnd,
    )


def _issue(line: EventLine) -> IssueLine:
    return IssueLine(item_code=line.item_code, quantity=line.quantity, lot_number=line.lot_number)


def _arrival(line: EventLine) -> TransferReceiptLine:
    return TransferReceiptLine(
        item_code=line.item_code, quantity=line.quantity, lost_quantity=line.lost_quantity
    )


def _adjustment(line: EventLine) -> AdjustmentLine:
    return AdjustmentLine(
        item_code=line.item_code,
        quantity=line.quantity,
        lot_number=line.lot_number,
        expiry=line.expiry,
        fund_code=line.fund_code,
        unit_price_vnd=line.unit_price_vnd,
        direction=line.direction,
    )
