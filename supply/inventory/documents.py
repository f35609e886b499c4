"""The documents of a store in the words of the people who write them, and what makes one valid.

Pure: what can be said without the database is said here, all faults at once; what needs the
catalogue or the stock is said by `post_document`, which checks everything again that it relies on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar
from uuid import UUID, uuid4

from supply.core.errors import Fault
from supply.core.text import Text, group_digits
from supply.inventory.kinds import REASONS, Kind
from supply.inventory.parsing import (
    MONEY_VND_MAX,
    QUANTITY_MAX,
    YEAR_MAX,
    YEAR_MIN,
    parse_date_vn,
    parse_expiry,
    parse_money_vnd,
    parse_quantity,
)

__all__ = [
    "LINES_MAX",
    "Adjustment",
    "AdjustmentLine",
    "Document",
    "Issue",
    "IssueLine",
    "Receipt",
    "ReceiptLine",
    "Reversal",
    "TransferDispatch",
    "TransferReceipt",
    "TransferReceiptLine",
    "document_from_payload",
    "faults_of",
    "parse_date_vn",
    "parse_expiry",
    "parse_money_vnd",
    "parse_quantity",
    "payload_of",
    "size_faults_of",
]

LINES_MAX = 5000
TEXT_MAX = {
    "recipient": 200,
    "origin": 100,
    "paper_reference": 100,
    "note": 2000,
    "reason": 200,
    "partner_code": 20,
    "item_code": 20,
    "lot_number": 50,
    "fund_code": 20,
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """What every line has: an item by its code and a quantity, in base units or in packs.

    With `pack_id` the quantity (and the price) is of that pack; the ledger counts base units.
    """

    item_code: str
    quantity: int
    lot_number: str | None = None
    pack_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReceiptLine(Line):
    """Goods that come in. The price is per unit of `quantity`, or `amount_vnd` for the whole line."""

    expiry: dt.date | None = None
    fund_code: str | None = None
    unit_price_vnd: int | None = None
    amount_vnd: int | None = None


@dataclass(frozen=True, kw_only=True)
class IssueLine(Line):
    """Goods that go out; without a lot or consignment: first expired, first out."""

    consignment_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class TransferReceiptLine(Line):
    """What arrived of a dispatch (0 allowed) and what is known to be lost on the way."""

    lost_quantity: int = 0
    consignment_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class AdjustmentLine(ReceiptLine):
    """A correction, "in" or "out". Coming in with a fund makes a consignment of its own;
    without one the quantity joins the store's newest consignment of that lot."""

    direction: str
    consignment_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """What every document has. `happened_on` None: today. The key makes a retry harmless."""

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


@dataclass(frozen=True, kw_only=True)
class Receipt(Document):
    """Goods from a supplier or donor into the store."""

    kind: ClassVar[Kind] = Kind.RECEIPT
    lines: Sequence[ReceiptLine]
    partner_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Issue(Document):
    """Goods from the store to use."""

    kind: ClassVar[Kind] = Kind.ISSUE
    lines: Sequence[IssueLine]


@dataclass(frozen=True, kw_only=True)
class TransferDispatch(Document):
    """Goods sent to another facility; on their way until that facility receives them."""

    kind: ClassVar[Kind] = Kind.TRANSFER_DISPATCH
    lines: Sequence[IssueLine]
    counterpart_facility_id: int


@dataclass(frozen=True, kw_only=True)
class TransferReceipt(Document):
    """What arrived of dispatch `follows_id`. No lines: all that is still on its way.

    What is neither received nor named as lost stays on its way and can be received later.
    """

    kind: ClassVar[Kind] = Kind.TRANSFER_RECEIPT
    lines: Sequence[TransferReceiptLine] = ()
    follows_id: int


@dataclass(frozen=True, kw_only=True)
class Adjustment(Document):
    """Stock put right for a reason of `kinds.REASONS`; `note` says more."""

    kind: ClassVar[Kind] = Kind.ADJUSTMENT
    lines: Sequence[AdjustmentLine]


@dataclass(frozen=True, kw_only=True)
class Reversal(Document):
    """Document `reverses_id` undone, once, by its exact opposite; `reason` is required."""

    kind: ClassVar[Kind] = Kind.REVERSAL
    reverses_id: int


_CLASSES: dict[Kind, type[Document]] = {
    c.kind: c for c in (Receipt, Issue, TransferDispatch, TransferReceipt, Adjustment, Reversal)
}
_LINES: dict[Kind, type[Line]] = {
    Kind.RECEIPT: ReceiptLine,
    Kind.ISSUE: IssueLine,
    Kind.TRANSFER_DISPATCH: IssueLine,
    Kind.TRANSFER_RECEIPT: TransferReceiptLine,
    Kind.ADJUSTMENT: AdjustmentLine,
}

# --- what post_document reads --------------------------------------------------------------------

_RENAMED = {"item_code": "item", "fund_code": "fund", "partner_code": "partner"}


def payload_of(document: Document) -> dict[str, Any]:
    """The document as the JSON object `post_document` takes; blank fields are left out."""
    found = _payload(document)
    found["kind"] = document.kind.value
    if document.lines:
        found["lines"] = [_payload(line) for line in document.lines]
    return found


def _payload(part: Document | Line) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in part.__dict__.items():
        if value is None or value == "" or name == "lines":
            continue
        if isinstance(value, (dt.date, UUID)):
            value = str(value)
        found[_RENAMED.get(name, name)] = value
    return found


def document_from_payload(payload: Mapping[str, Any]) -> Document:
    """The document a payload describes (a draft's, an API request's); unknown fields are ignored.

    Raises KeyError, ValueError or TypeError where the payload is not of the form of `payload_of`.
    """
    kind = Kind(payload["kind"])
    values = _values(_CLASSES[kind], payload)
    if "lines" in payload:
        values["lines"] = tuple(
            _LINES[kind](**_values(_LINES[kind], line)) for line in payload["lines"]
        )
    return _CLASSES[kind](**values)


def _values(of: type[Document] | type[Line], payload: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in (f.name for f in fields(of) if f.name != "lines"):
        value = payload.get(_RENAMED.get(name, name))
        if value is None:
            continue
        if name in {"happened_on", "expiry"}:
            values[name] = dt.date.fromisoformat(value)
        else:
            values[name] = UUID(value) if name == "client_key" else value
    return values


# --- what makes a document valid -----------------------------------------------------------------

Check = Callable[[Document], Iterable[Fault]]


def faults_of(document: Document) -> list[Fault]:
    """Everything that is wrong with `document` by itself; empty when nothing is."""
    if len(document.lines) > LINES_MAX:
        return list(_line_count(document))
    return [fault for check in CHECKS for fault in check(document)]


def size_faults_of(document: Document) -> list[Fault]:
    """What is too large even for a draft: too many lines, texts beyond their limits."""
    too_many = _line_count(document) if len(document.lines) > LINES_MAX else ()
    return list(too_many) or list(_texts(document))


def _line_count(document: Document) -> Iterable[Fault]:
    if len(document.lines) > LINES_MAX:
        yield Fault(
            "lines",
            Text(
                f"Phiếu có {group_digits(len(document.lines))} dòng; mỗi phiếu tối đa "
                f"{group_digits(LINES_MAX)} dòng, hãy tách thành nhiều phiếu.",
                f"The document has {len(document.lines):,} lines; at most {LINES_MAX:,} are taken, "
                "please split it.",
            ),
        )
    elif not document.lines and document.kind not in (Kind.TRANSFER_RECEIPT, Kind.REVERSAL):
        yield Fault("lines", Text("Phiếu chưa có dòng nào.", "The document has no lines."))


def _date(document: Document) -> Iterable[Fault]:
    if document.happened_on is not None:
        yield from _plausible("happened_on", document.happened_on, None)


def _reason(document: Document) -> Iterable[Fault]:
    if document.kind == Kind.ADJUSTMENT and document.reason not in REASONS:
        yield Fault("reason", Text("Hãy chọn lý do điều chỉnh.", "Choose the reason to adjust."))
    if document.kind == Kind.REVERSAL and not document.reason.strip():
        yield Fault("reason", Text("Hãy ghi lý do đảo phiếu.", "Give the reason to reverse."))
    lost = any(getattr(line, "lost_quantity", 0) for line in document.lines)
    if lost and not document.reason.strip():
        yield Fault("reason", Text("Hãy ghi lý do hao hụt.", "Give the reason for the loss."))


def _texts(document: Document) -> Iterable[Fault]:
    yield from _short_texts(document, None)
    for number, line in enumerate(document.lines, 1):
        yield from _short_texts(line, number)


def _short_texts(part: Document | Line, line: int | None) -> Iterable[Fault]:
    for name, value in part.__dict__.items():
        limit = TEXT_MAX.get(name)
        if limit is None or value is None:
            continue
        if len(value) > limit:
            yield Fault(
                name,
                Text(
                    f"Mục “{FIELD_NAMES[name].vi}” dài {group_digits(len(value))} ký tự; "
                    f"tối đa {group_digits(limit)}.",
                    f"“{FIELD_NAMES[name].en}” has {len(value):,} characters; "
                    f"at most {limit:,} are taken.",
                ),
                line,
            )
        elif "\x00" in value:
            yield Fault(
                name,
                Text(
                    f"Mục “{FIELD_NAMES[name].vi}” có ký tự không đọc được.",
                    f"“{FIELD_NAMES[name].en}” has an unreadable character.",
                ),
                line,
            )


def _quantities(document: Document) -> Iterable[Fault]:
    lowest = 0 if document.kind == Kind.TRANSFER_RECEIPT else 1
    for number, line in enumerate(document.lines, 1):
        yield from _whole("quantity", line.quantity, lowest, QUANTITY_MAX, number)
        if isinstance(line, TransferReceiptLine):
            yield from _whole("lost_quantity", line.lost_quantity, 0, QUANTITY_MAX, number)


def _prices(document: Document) -> Iterable[Fault]:
    for number, line in enumerate(document.lines, 1):
        if not isinstance(line, ReceiptLine):
            continue
        for name in ("unit_price_vnd", "amount_vnd"):
            value = getattr(line, name)
            if value is not None:
                yield from _whole(name, value, 0, MONEY_VND_MAX, number)
        brings = document.kind == Kind.RECEIPT or line.fund_code is not None
        if brings and line.unit_price_vnd is None and line.amount_vnd is None:
            yield Fault(
                "unit_price_vnd",
                Text(
                    "Chưa có đơn giá; hàng không mất tiền thì ghi 0.",
                    "The price is missing; write 0 for goods that cost nothing.",
                ),
                number,
            )


def _receipt_lines(document: Document) -> Iterable[Fault]:
    for number, line in enumerate(document.lines, 1):
        if not isinstance(line, ReceiptLine):
            continue
        if line.expiry is not None:
            yield from _plausible("expiry", line.expiry, number)
        if document.kind == Kind.RECEIPT and not line.fund_code:
            yield Fault("fund_code", Text("Hãy chọn nguồn quỹ.", "Choose the fund."), number)


def _directions(document: Document) -> Iterable[Fault]:
    facts = REASONS.get(document.reason)
    for number, line in enumerate(document.lines, 1):
        if not isinstance(line, AdjustmentLine):
            continue
        if line.direction not in ("in", "out"):
            yield Fault(
                "direction", Text("Hãy chọn tăng hay giảm.", "Choose more or less."), number
            )
        elif facts and not (facts.may_come_in if line.direction == "in" else facts.may_go_out):
            yield Fault(
                "direction",
                Text(
                    f"Lý do “{facts.name.vi}” chỉ dùng cho dòng "
                    f"{'giảm' if line.direction == 'in' else 'tăng'}.",
                    f"The reason “{facts.name.en}” is only for lines that "
                    f"{'take out' if line.direction == 'in' else 'bring in'}.",
                ),
                number,
            )


def _whole(name: str, value: object, lowest: int, highest: int, line: int) -> Iterable[Fault]:
    label = FIELD_NAMES[name]
    if isinstance(value, bool) or not isinstance(value, int):
        yield Fault(
            name,
            Text(f"{label.vi} phải là số nguyên.", f"{label.en} must be a whole number."),
            line,
        )
    elif not lowest <= value <= highest:
        yield Fault(
            name,
            Text(
                f"{label.vi} phải từ {lowest} đến {group_digits(highest)}.",
                f"{label.en} must be between {lowest} and {highest:,}.",
            ),
            line,
        )


def _plausible(name: str, date: dt.date, line: int | None) -> Iterable[Fault]:
    if not YEAR_MIN <= date.year <= YEAR_MAX:
        yield Fault(
            name,
            Text(
                f"{FIELD_NAMES[name].vi} {date:%d/%m/%Y} không hợp lệ; hãy xem lại năm.",
                f"{FIELD_NAMES[name].en} {date:%d/%m/%Y} is not plausible; check the year.",
            ),
            line,
        )


FIELD_NAMES = {
    "item_code": Text("Mã hàng", "Item code"),
    "quantity": Text("Số lượng", "Quantity"),
    "lost_quantity": Text("Số lượng hao hụt", "Lost quantity"),
    "lot_number": Text("Số lô", "Lot number"),
    "expiry": Text("Hạn dùng", "Expiry date"),
    "fund_code": Text("Nguồn quỹ", "Fund"),
    "unit_price_vnd": Text("Đơn giá", "Unit price"),
    "amount_vnd": Text("Thành tiền", "Amount"),
    "happened_on": Text("Ngày phát sinh", "Date"),
    "recipient": Text("Người nhận", "Recipient"),
    "origin": Text("Nguồn gốc", "Origin"),
    "paper_reference": Text("Số chứng từ giấy", "Paper reference"),
    "note": Text("Ghi chú", "Note"),
    "reason": Text("Lý do", "Reason"),
    "partner_code": Text("Đối tác", "Partner"),
}

CHECKS: tuple[Check, ...] = (
    _line_count,
    _date,
    _reason,
    _texts,
    _quantities,
    _prices,
    _receipt_lines,
    _directions,
)
