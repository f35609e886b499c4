"""What the inventory's questions answer with. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from supply.core.text import Text
from supply.inventory.kinds import KINDS, Kind, document_label, purpose_name

Row = TypeVar("Row")
Key = TypeVar("Key")

CARD_PAGE = 50
"""lines of a stock card that a screen shows at once"""


@dataclass(frozen=True)
class Page(Generic[Row, Key]):
    """Some rows and the key to ask for those after them; None at the end."""

    rows: tuple[Row, ...]
    next_after: Key | None


@dataclass(frozen=True)
class LotRow:
    """One consignment at one facility's store, base units."""

    facility_id: int
    item_id: int
    lot_id: int
    lot_number: str
    expiry: dt.date | None
    consignment_id: int
    fund_code: str
    unit_price_vnd: int
    quantity: int
    amount_vnd: int


@dataclass(frozen=True)
class ExpiringRow:
    """A lot that expires soon (or has expired) and still lies in a store."""

    facility_id: int
    facility_name: Text
    item_id: int
    item_code: str
    item_name: Text
    unit: Text
    lot_number: str
    expiry: dt.date
    quantity: int
    amount_vnd: int


@dataclass(frozen=True)
class CardLine:
    """One movement on a stock card; `balance` is the stock after it, in base units."""

    happened_on: dt.date
    document_id: int
    kind: Kind
    label: str
    words: str
    lot_number: str
    expiry: dt.date | None
    quantity_in: int
    quantity_out: int
    balance: int


@dataclass(frozen=True)
class StockCard:
    """The movements of one item in one store between two days; opening + in − out = closing."""

    facility_id: int
    item_id: int
    first_day: dt.date
    last_day: dt.date
    opening: int
    closing: int
    lines: tuple[CardLine, ...]


def newest_first(
    lines: Sequence[CardLine], after: int | None = None, size: int = CARD_PAGE
) -> tuple[list[CardLine], int | None]:
    """A page of a card as it is read on a screen, the newest line first: about `size` lines from before
    those of the document `after`, and the document after which more follow (None: no more). The lines
    of a document stay together, so that it can be the key; what is posted meanwhile shifts nothing."""
    turned = list(reversed(lines))
    start = next((n for n in range(len(turned), 0, -1) if turned[n - 1].document_id == after), 0)
    end = min(start + size, len(turned))
    while end < len(turned) and turned[end].document_id == turned[end - 1].document_id:
        end += 1
    return turned[start:end], turned[end - 1].document_id if end < len(turned) else None


@dataclass(frozen=True)
class DocumentRow:
    """A posted document in a list."""

    id: int
    facility_id: int
    facility_name: Text
    kind: Kind
    number: int
    year: int
    happened_on: dt.date
    recorded_at: dt.datetime
    counterpart_facility_id: int | None
    counterpart_name: Text | None
    partner_name: str | None
    recipient: str
    origin: str
    paper_reference: str
    line_count: int
    amount_vnd: int
    reverses_id: int | None
    reversed_by_id: int | None
    follows_id: int | None
    purpose: str = ""
    from_place: str = "store"
    settles_id: int | None = None

    @property
    def purpose_name(self) -> Text | None:
        """What the document is for, in words; None where nothing was said."""
        return purpose_name(self.kind, self.purpose)

    @property
    def label(self) -> str:
        """The number as on paper."""
        return document_label(self.kind, self.year, self.number)

    @property
    def title(self) -> Text:
        """The kind's name."""
        return KINDS[self.kind].name


@dataclass(frozen=True)
class DocumentLine:
    """One movement of a document; `from_kind`, `to_kind` are kinds of place."""

    line: int
    item_id: int
    item_code: str
    item_name: Text
    unit: Text
    lot_number: str
    expiry: dt.date | None
    consignment_id: int
    fund_code: str
    from_kind: str
    to_kind: str
    quantity: int
    unit_price_vnd: int
    amount_vnd: int


@dataclass(frozen=True)
class AskedLine:
    """What a line said beyond its movements. Quantities in base units, but `entered_quantity`,
    which is what was typed, in packs of `pack_name`; `given` is what the line moved (0: nothing)."""

    line: int
    item_id: int
    item_code: str
    item_name: Text
    unit: Text
    asked_quantity: int | None
    given_quantity: int
    entered_quantity: int | None
    pack_id: int | None
    pack_name: Text | None
    reason: str
    note: str


@dataclass(frozen=True)
class DocumentView:
    """A posted document in full. `asked`: what lines say beyond their movements, by line number;
    only lines that say something. `details`: the small object a room kept with its document."""

    head: DocumentRow
    recorded_by: str
    note: str
    reason: str
    hash: str
    lines: tuple[DocumentLine, ...]
    asked: tuple[AskedLine, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def asked_by_line(self) -> dict[int, AskedLine]:
        """The same by line number."""
        return {line.line: line for line in self.asked}


@dataclass(frozen=True)
class PackHit:
    """A pack to choose."""

    id: int
    name: Text
    units_per_pack: int
    is_default: bool


@dataclass(frozen=True)
class ItemHit:
    """An item found by what was typed; `quantity` is what the store can use today, base units."""

    id: int
    code: str
    name: Text
    category: str
    unit: Text
    quantity: int
    packs: tuple[PackHit, ...]


@dataclass(frozen=True)
class DraftRow:
    """A document not yet posted; `happened_on` is the day it is meant for, None where left open."""

    id: int
    facility_id: int
    kind: Kind
    origin: str
    line_count: int
    updated_at: dt.datetime
    posted_document_id: int | None
    happened_on: dt.date | None
