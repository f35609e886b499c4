"""The documents of a store, one class each, as the people who write them think of them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID, uuid4

from supply.inventory.kinds import Kind

LINES_MAX = 5000


@dataclass(frozen=True, kw_only=True)
class Line:
    """What every line has: an item by its code and a quantity, in base units or in packs.

    With `pack_id` the quantities (and the price) are of that pack; the ledger counts base units.
    `asked_quantity`: what was asked for, where less (or none) can be given; `reason`: why less was
    given, or why another lot was taken than the one that expires first.
    """

    item_code: str
    quantity: int
    lot_number: str | None = None
    pack_id: int | None = None
    asked_quantity: int | None = None
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ReceiptLine(Line):
    """Goods that come in. The price is per unit of `quantity`, or `amount_vnd` for the whole line."""

    expiry: dt.date | None = None
    fund_code: str | None = None
    unit_price_vnd: int | None = None
    amount_vnd: int | None = None


@dataclass(frozen=True, kw_only=True)
class IssueLine(Line):
    """Goods that go out or move within; without a lot or consignment: first expired, first out."""

    consignment_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class TransferReceiptLine(Line):
    """What arrived of a dispatch (0 allowed) and what is known to be lost on the way."""

    lost_quantity: int = 0
    consignment_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class AdjustmentLine(ReceiptLine):
    """A correction, "in" or "out". Coming in with a fund makes a consignment of its own;
    without one the quantity joins the place's newest consignment of that lot."""

    direction: str
    consignment_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CylinderLine(AdjustmentLine):
    """Full cylinders "in", with fund and price, or empty ones "out"."""


@dataclass(frozen=True, kw_only=True)
class EmptyLine(Line):
    """Empty cylinders that come back from use, worth nothing; the fund is whose shells they are."""

    fund_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """What every document has. `happened_on` None: today. The key makes a retry harmless.

    `details` is a small JSON object that the rooms around the ledger keep with a document
    ({"kit": "A", "count": 20}); it is sealed by the hash and never changed.
    """

    kind: ClassVar[Kind]
    facility_id: int
    lines: Sequence[Line] = ()
    happened_on: dt.date | None = None
    client_key: UUID = field(default_factory=uuid4)
    recipient: str = ""
    origin: str = ""
    paper_reference: str = ""
    note: str = ""
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Receipt(Document):
    """Goods from outside into the store: bought, given, borrowed, or lent goods given back."""

    kind: ClassVar[Kind] = Kind.RECEIPT
    lines: Sequence[ReceiptLine]
    partner_code: str | None = None
    purpose: str = ""
    settles_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Issue(Document):
    """Goods from the store (or a kit, or quarantine) to use; or lent, or given back, to a partner."""

    kind: ClassVar[Kind] = Kind.ISSUE
    lines: Sequence[IssueLine]
    partner_code: str | None = None
    purpose: str = ""
    from_place: str = "store"
    settles_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class TransferDispatch(Document):
    """Goods sent to another facility; on their way until that facility receives them."""

    kind: ClassVar[Kind] = Kind.TRANSFER_DISPATCH
    lines: Sequence[IssueLine]
    counterpart_facility_id: int
    purpose: str = ""
    from_place: str = "store"
    settles_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class TransferReceipt(Document):
    """What arrived of dispatch `follows_id`. No lines: all that is still on its way.

    What is neither received nor named as lost stays on its way and can be received later.
    """

    kind: ClassVar[Kind] = Kind.TRANSFER_RECEIPT
    lines: Sequence[TransferReceiptLine] = ()
    follows_id: int


@dataclass(frozen=True, kw_only=True)
class Opening(Document):
    """Stock that was there before the books; what has already expired is entered too."""

    kind: ClassVar[Kind] = Kind.OPENING
    lines: Sequence[ReceiptLine]


@dataclass(frozen=True, kw_only=True)
class Return(Document):
    """Goods of issue `follows_id` that come back unused, at their exact share of its value."""

    kind: ClassVar[Kind] = Kind.RETURN
    lines: Sequence[IssueLine]
    follows_id: int


@dataclass(frozen=True, kw_only=True)
class Quarantine(Document):
    """Goods of the store set aside; `reason` is required."""

    kind: ClassVar[Kind] = Kind.QUARANTINE
    lines: Sequence[IssueLine]


@dataclass(frozen=True, kw_only=True)
class Release(Document):
    """Goods set aside go back to the store; `reason` is required."""

    kind: ClassVar[Kind] = Kind.RELEASE
    lines: Sequence[IssueLine]


@dataclass(frozen=True, kw_only=True)
class KitAssembly(Document):
    """Components made into kits; `details` = {"kit": code, "count": number of kits}."""

    kind: ClassVar[Kind] = Kind.KIT_ASSEMBLY
    lines: Sequence[IssueLine]


@dataclass(frozen=True, kw_only=True)
class KitBreakup(Document):
    """Kits taken apart again; `details` as for the assembly."""

    kind: ClassVar[Kind] = Kind.KIT_BREAKUP
    lines: Sequence[IssueLine]


@dataclass(frozen=True, kw_only=True)
class CylinderSend(Document):
    """Empty cylinders taken to the supplier to be filled; they stay the store's."""

    kind: ClassVar[Kind] = Kind.CYLINDER_SEND
    lines: Sequence[IssueLine]


@dataclass(frozen=True, kw_only=True)
class CylinderExchange(Document):
    """Full cylinders in, empty ones out, to the supplier or from those it already has."""

    kind: ClassVar[Kind] = Kind.CYLINDER_EXCHANGE
    lines: Sequence[CylinderLine]
    partner_code: str | None = None
    from_place: str = "store"


@dataclass(frozen=True, kw_only=True)
class CylinderEmpty(Document):
    """The shells of used-up cylinders come back to the store, worth nothing."""

    kind: ClassVar[Kind] = Kind.CYLINDER_EMPTY
    lines: Sequence[EmptyLine]


@dataclass(frozen=True, kw_only=True)
class Adjustment(Document):
    """Stock of the store or of quarantine put right for a reason of `kinds.REASONS`."""

    kind: ClassVar[Kind] = Kind.ADJUSTMENT
    lines: Sequence[AdjustmentLine]
    from_place: str = "store"


@dataclass(frozen=True, kw_only=True)
class Reversal(Document):
    """Document `reverses_id` undone, once, by its exact opposite; `reason` is required."""

    kind: ClassVar[Kind] = Kind.REVERSAL
    reverses_id: int


CLASSES: dict[Kind, type[Document]] = {
    c.kind: c
    for c in (
        Receipt, Issue, TransferDispatch, TransferReceipt, Opening, Return, Quarantine, Release,
        KitAssembly, KitBreakup, CylinderSend, CylinderExchange, CylinderEmpty, Adjustment,
        Reversal,
    )
}  # fmt: skip
LINE_CLASSES: dict[Kind, type[Line]] = dict.fromkeys(Kind, IssueLine) | {
    Kind.RECEIPT: ReceiptLine,
    Kind.OPENING: ReceiptLine,
    Kind.TRANSFER_RECEIPT: TransferReceiptLine,
    Kind.CYLINDER_EXCHANGE: CylinderLine,
    Kind.CYLINDER_EMPTY: EmptyLine,
    Kind.ADJUSTMENT: AdjustmentLine,
}
