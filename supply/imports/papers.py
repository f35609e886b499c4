"""Rows of a file gathered into documents, and what is wrong with them before any stock is looked at.

Rows with the same facility, kind, day, paper number, counterpart and partner are one document. Its
key is made of its content, so the same document is never entered twice, whatever file it comes in.
Pure.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any, NamedTuple
from uuid import UUID

from supply.core.text import Text
from supply.imports.known import KnownFacility, KnownFund, KnownItem, KnownPartner
from supply.imports.table import Faults
from supply.inventory.kinds import Kind

NAMESPACE = UUID("6f1d7f4e-4b0c-5d5e-9a53-1f1b7a0c2e41")

# The order within a day: what comes from outside, what moves between stores, what leaves.
DAY_ORDER = {
    Kind.OPENING.value: 0,
    Kind.RECEIPT.value: 0,
    Kind.CYLINDER_EMPTY.value: 0,
    Kind.TRANSFER_DISPATCH.value: 1,
    Kind.TRANSFER_RECEIPT.value: 1,
    Kind.RETURN.value: 1,
    Kind.CYLINDER_EXCHANGE.value: 1,
    Kind.ISSUE.value: 2,
    Kind.ADJUSTMENT.value: 2,
    Kind.QUARANTINE.value: 2,
    Kind.RELEASE.value: 2,
    Kind.CYLINDER_SEND.value: 2,
}
BULK_KINDS = frozenset(
    {"opening", "receipt", "transfer_dispatch", "transfer_receipt", "return", "issue", "adjustment"}
)

ALWAYS_BRINGS = frozenset({"receipt", "opening", "cylinder_empty"})
NOT_FROM_FILES = {
    Kind.KIT_ASSEMBLY.value,
    Kind.KIT_BREAKUP.value,
    Kind.REVERSAL.value,
}
TWO_WAYS = frozenset({"adjustment", "cylinder_exchange"})
FOLLOWS = frozenset({"transfer_receipt", "return"})
TRANSFERS = frozenset({"transfer_dispatch", "transfer_receipt"})
LINES_MAX = 5000
TEXT_MAX = {"paper_reference": 100, "recipient": 200, "reason": 200, "note": 2000, "lot_number": 50}


_NAMESPACE = NAMESPACE.bytes
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def key_of(content: str) -> str:
    """str(uuid5(NAMESPACE, content)), without an object for each of very many."""
    h = sha1(_NAMESPACE + content.encode(), usedforsecurity=False).hexdigest()
    return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{_VARIANT[h[16]]}{h[17:20]}-{h[20:32]}"


class PaperLine(NamedTuple):
    """One row: quantities in base units; `amount_vnd` for the whole line where it brings goods in;
    `words`: all that it says (see line_texts), of which the document's key is made."""

    row: int
    item: KnownItem
    quantity: int
    lot_number: str
    expiry: dt.date | None
    fund: KnownFund | None
    amount_vnd: int | None
    incoming: bool
    lost_quantity: int
    pack_id: int | None
    entered_quantity: int
    entered_lost: int
    words: str


@dataclass(slots=True)
class Paper:
    """One document of the file; `row` is its first row."""

    row: int
    facility: KnownFacility
    kind: str
    happened_on: dt.date
    paper_reference: str
    counterpart: KnownFacility | None
    source_paper: str
    partner: KnownPartner | None
    recipient: str
    reason: str
    purpose: str
    note: str
    lines: list[PaperLine] = field(default_factory=list)
    follows_id: int | None = None
    client_key: str = ""

    @property
    def identity(self) -> tuple[Any, ...]:
        """What only one document has: another with the same identity and other content is a clash."""
        return (
            self.facility.id,
            self.kind,
            self.happened_on,
            self.paper_reference,
            self.counterpart.id if self.counterpart else None,
            self.partner.id if self.partner else None,
        )

    def payload(self, origin: str) -> dict[str, Any]:
        """What `post_document` takes."""
        found: dict[str, Any] = {
            "kind": self.kind,
            "facility_id": self.facility.id,
            "happened_on": self.happened_on.isoformat(),
            "client_key": self.client_key,
            "origin": origin,
            "lines": [_line_payload(self, line) for line in self.lines],
        }
        if self.kind == "transfer_dispatch" and self.counterpart is not None:
            found["counterpart_facility_id"] = self.counterpart.id
        if self.partner is not None:
            found["partner"] = self.partner.code
        if self.follows_id is not None:
            found["follows_id"] = self.follows_id
        for name in ("paper_reference", "recipient", "reason", "purpose", "note"):
            value = getattr(self, name)
            if value:
                found[name] = value
        return found


def seal(papers: Sequence[Paper]) -> None:
    """Give each the key of its content: everything that makes it this document and no other, as one text.

    Cells hold no control characters (reading turns them into spaces), so these part the fields.
    """
    days = {day: str(day) for day in {p.happened_on for p in papers}}
    for p in papers:
        other, partner = p.counterpart, p.partner
        head = (
            f"{p.facility.code}\x1f{p.kind}\x1f{days[p.happened_on]}\x1f{p.paper_reference}\x1f"
            f"{other.code if other else ''}\x1f{p.source_paper}\x1f{partner.code if partner else ''}\x1f"
            f"{p.recipient}\x1f{p.reason}\x1f{p.purpose}\x1f{p.note}\x1e"
        )
        p.client_key = key_of(head + "\x1e".join([line.words for line in p.lines]))


def line_texts(columns: Sequence[Sequence[Any]]) -> list[str]:
    """What lines say, one text each. `columns`: items, quantities, lot numbers, expiries, funds, amounts,
    whether they come in, what was lost; the same few values are written once."""
    items, quantities, lots, expiries, funds, amounts, incoming, lost = columns
    texts = (
        [item.code for item in items],
        map(str, quantities),
        lots,
        _written(expiries, lambda day: str(day) if day else ""),
        ["" if fund is None else fund.code for fund in funds],
        map(str, amounts),
        map(str, incoming),
        _written(lost, str),
    )
    return list(map("\x1f".join, zip(*texts, strict=True)))


def _written(column: Sequence[Any], write: Callable[[Any], str]) -> Iterator[str]:
    words = {value: write(value) for value in set(column)}
    return map(words.__getitem__, column)


def _line_payload(paper: Paper, line: PaperLine) -> dict[str, Any]:
    found: dict[str, Any] = {"item": line.item.code, "quantity": line.entered_quantity}
    if line.pack_id is not None:
        found["pack_id"] = line.pack_id
    if line.lot_number:
        found["lot_number"] = line.lot_number
    if line.lost_quantity:
        found["lost_quantity"] = line.entered_lost
    if line.fund is not None:
        found |= {"fund": line.fund.code, "amount_vnd": line.amount_vnd}
        if line.expiry is not None:
            found["expiry"] = line.expiry.isoformat()
    if paper.kind in ("adjustment", "cylinder_exchange"):
        found["direction"] = "in" if line.incoming else "out"
    return found


def in_order(papers: list[Paper]) -> list[Paper]:
    """As they are posted: by day; within a day goods come in before they move and leave; then as
    the file has them."""
    return sorted(papers, key=lambda p: (p.happened_on, DAY_ORDER[p.kind], p.row))


HEAD_TEXTS = ("recipient", "reason", "note", "purpose", "source_paper")


def agree(paper: Paper, row: int, texts: tuple[str, ...], faults: Faults) -> None:
    """A later row of a document may leave the head's texts blank or repeat them, not change them."""
    for name, value in zip(HEAD_TEXTS, texts, strict=True):
        if not value:
            continue
        known = getattr(paper, name)
        if not known:
            setattr(paper, name, value)
        elif known != value:
            faults.add(
                row,
                name,
                Text(
                    f"Cùng phiếu với dòng {paper.row} nhưng ghi “{value}” thay vì “{known}”.",
                    f"Same document as row {paper.row}, but “{value}” instead of “{known}”.",
                ),
            )


def kinds_of(papers: list[Paper]) -> Iterator[tuple[str, int]]:
    """Kind -> how many, in the order of the kinds."""
    counts = Counter(p.kind for p in papers)
    for kind in Kind:
        if count := counts[kind.value]:
            yield kind.value, count
