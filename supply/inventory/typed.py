"""A document as it was typed on a screen, cell by cell, read into the domain's words. Pure.

Every cell is text as a person writes it ("1.234", "28/02/2025"); all faults are found at once and
each names its line and cell. A draft may hold cells that cannot be read yet: they are left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar
from uuid import UUID

from supply.core.errors import Fault, InvalidInput, NotFound
from supply.core.text import Text, group_digits
from supply.inventory.documents import (
    CLASSES,
    LINES_MAX,
    AdjustmentLine,
    CylinderLine,
    Document,
    EmptyLine,
    IssueLine,
    Line,
    ReceiptLine,
    TransferReceiptLine,
    faults_of,
)
from supply.inventory.kinds import Kind
from supply.inventory.parsing import (
    parse_date_vn,
    parse_expiry,
    parse_money_vnd,
    parse_quantity,
)

Typed = Mapping[str, Any]
T = TypeVar("T")
CELL_MAX = 5000
ENTRY_KINDS = tuple(kind for kind in Kind if kind != Kind.REVERSAL)


def entry_kind(name: str) -> Kind:
    """The kind of a document that is written by hand. Raises NotFound."""
    for kind in ENTRY_KINDS:
        if kind.value == name:
            return kind
    raise NotFound(Text("Không có loại phiếu này.", "There is no such kind of document."))


def read_document(kind: Kind, typed: Typed, origin: str = "") -> Document:
    """The document of a finished form. Raises InvalidInput with every fault by line and field."""
    reader = _Reader()
    document = reader.document(kind, typed, origin)
    _raise_if(reader.faults)
    _raise_if(_merged(reader, faults_of(document)))
    return document


def read_draft(kind: Kind, typed: Typed, origin: str = "") -> Document:
    """What of a half-written form can be kept; raises InvalidInput only for what is too large or
    names no facility."""
    reader = _Reader()
    document = reader.document(kind, typed, origin)
    _raise_if([f for f in reader.faults if f.field in {"facility", "client_key", "lines"}])
    return document


def _raise_if(faults: Sequence[Fault]) -> None:
    if faults:
        raise InvalidInput(faults=sorted(faults, key=lambda f: f.line or 0))


def _merged(reader: _Reader, more: Sequence[Fault]) -> list[Fault]:
    seen = {(f.line, f.field) for f in reader.faults}
    return [*reader.faults, *(f for f in more if (f.line, f.field) not in seen)]


class _Reader:
    """Reads cells and remembers what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def document(self, kind: Kind, typed: Typed, origin: str) -> Document:
        """The head and the lines."""
        rows = self.rows(typed)
        common: dict[str, Any] = {
            "facility_id": self.chosen(
                typed,
                "facility_id",
                None,
                Text("Hãy chọn cơ sở.", "Choose the facility."),
                "facility",
            ),
            "happened_on": self.cell(typed, "happened_on", parse_date_vn, None),
            "client_key": self.key(typed),
            "origin": origin,
            "recipient": self.words(typed, "recipient"),
            "paper_reference": self.words(typed, "paper_reference"),
            "note": self.words(typed, "note"),
            "reason": self.words(typed, "reason"),
            "details": self.details(typed),
        }
        if kind in _FOLLOWS:
            common["follows_id"] = self.chosen(typed, "follows_id", None, _FOLLOWS[kind], "follows")
        for name in (f.name for f in fields(CLASSES[kind])):
            if name in _HEAD_CELLS:
                common[name] = _HEAD_CELLS[name](self, typed)
        read_line = _LINE_READERS.get(kind, _Reader.issue_line)
        return CLASSES[kind](**common, lines=[read_line(self, row, n) for n, row in rows])

    # --- lines -----------------------------------------------------------------------------------

    def rows(self, typed: Typed) -> list[tuple[int, Typed]]:
        """The lines with their numbers, from 1; too many are one fault and none are read."""
        rows = typed.get("lines") or []
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            self.fault("lines", Text("Các dòng không đọc được.", "The lines cannot be read."))
            return []
        if len(rows) > LINES_MAX:
            self.fault(
                "lines",
                Text(
                    f"Phiếu có {group_digits(len(rows))} dòng; mỗi phiếu tối đa "
                    f"{group_digits(LINES_MAX)} dòng, hãy tách thành nhiều phiếu.",
                    f"The document has {group_digits(len(rows))} lines; at most {group_digits(LINES_MAX)} are taken, "
                    "please split it.",
                ),
            )
            return []
        return list(enumerate(rows, 1))

    def line(self, row: Typed, n: int) -> dict[str, Any]:
        """What every line has."""
        item = self.words(row, "item_code", n)
        if not item:
            self.fault("item_code", Text("Chưa chọn mặt hàng.", "No item is chosen."), n)
        return {
            "item_code": item,
            "quantity": self.cell(row, "quantity", parse_quantity, n, required=True) or 0,
            "lot_number": self.words(row, "lot_number", n) or None,
            "pack_id": self.number(row, "pack_id", n),
            "asked_quantity": self.cell(row, "asked_quantity", parse_quantity, n),
            "reason": self.words(row, "reason", n),
            "note": self.words(row, "note", n),
        }

    def receipt_line(self, row: Typed, n: int) -> ReceiptLine:
        """Goods that come in; the price of one, or the amount of the line."""
        return ReceiptLine(**self.line(row, n), **self.bought(row, n))

    def bought(self, row: Typed, n: int) -> dict[str, Any]:
        """Expiry, fund and price of goods that come in."""
        return {
            "expiry": self.cell(row, "expiry", parse_expiry, n),
            "fund_code": self.words(row, "fund_code", n) or None,
            "unit_price_vnd": self.cell(row, "unit_price_vnd", parse_money_vnd, n),
            "amount_vnd": self.cell(row, "amount_vnd", parse_money_vnd, n),
        }

    def issue_line(self, row: Typed, n: int) -> IssueLine:
        """Goods that go out or move within, of a lot where one was chosen."""
        return IssueLine(**self.line(row, n), consignment_id=self.number(row, "consignment_id", n))

    def given_line(self, row: Typed, n: int) -> IssueLine:
        """Goods that go out; where it was asked for, nothing may be given ("" or "0")."""
        if not self.words(row, "asked_quantity", n) or self.words(row, "quantity", n).strip("0"):
            return self.issue_line(row, n)
        line = self.issue_line({**row, "quantity": "1"}, n)
        return replace(line, quantity=0)

    def empty_line(self, row: Typed, n: int) -> EmptyLine:
        """Empty cylinders back from use."""
        return EmptyLine(**self.line(row, n), fund_code=self.words(row, "fund_code", n) or None)

    def arrival_line(self, row: Typed, n: int) -> TransferReceiptLine:
        """What arrived, possibly nothing, and what is known to be lost."""
        common = self.line({**row, "quantity": "1"}, n)
        return TransferReceiptLine(
            **{**common, "quantity": self.count(row, "quantity", n)},
            lost_quantity=self.count(row, "lost_quantity", n),
            consignment_id=self.number(row, "consignment_id", n),
        )

    def adjustment_line(self, row: Typed, n: int) -> AdjustmentLine:
        """A correction, more or less; a price only where goods come in under a fund."""
        return AdjustmentLine(**self.corrected(row, n))

    def cylinder_line(self, row: Typed, n: int) -> CylinderLine:
        """Full cylinders in, or empty ones out."""
        return CylinderLine(**self.corrected(row, n))

    def corrected(self, row: Typed, n: int) -> dict[str, Any]:
        """What lines with a direction have."""
        return {
            **self.line(row, n),
            **self.bought(row, n),
            "direction": self.words(row, "direction", n),
            "consignment_id": self.number(row, "consignment_id", n),
        }

    # --- cells -----------------------------------------------------------------------------------

    def cell(
        self,
        row: Typed,
        name: str,
        parse: Callable[[str, str, int | None], T],
        line: int | None,
        *,
        required: bool = False,
    ) -> T | None:
        """A cell through one of the domain's parsers; None where blank or faulty."""
        text = self.words(row, name, line)
        if not text and not required:
            return None
        try:
            return parse(text, name, line)
        except InvalidInput as error:
            self.faults.extend(error.faults)
            return None

    def count(self, row: Typed, name: str, line: int) -> int:
        """A whole number that may be zero; blank is zero."""
        text = self.words(row, name, line)
        return 0 if not text.strip("0") else self.cell(row, name, parse_quantity, line) or 0

    def words(self, row: Typed, name: str, line: int | None = None) -> str:
        """A cell's text, its edges trimmed; a number is taken as its digits."""
        value = row.get(name)
        if value is None or isinstance(value, (bool, list, dict)):
            return ""
        text = str(value).strip()
        if len(text) > CELL_MAX:
            self.fault(
                name,
                Text(
                    f"Nội dung dài {group_digits(len(text))} ký tự, quá mức cho phép.",
                    f"The content has {group_digits(len(text))} characters, more than is taken.",
                ),
                line,
            )
            return ""
        return text

    def number(self, row: Typed, name: str, line: int | None = None) -> int | None:
        """A key that the screen chose (never typed): None where blank."""
        text = self.words(row, name, line)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            self.fault(name, Text("Lựa chọn không hợp lệ.", "The choice is not valid."), line)
            return None
        return int(text)

    def chosen(self, row: Typed, name: str, line: int | None, missing: Text, field: str) -> int:
        """A key that must be chosen; 0 where it is not, with the fault remembered."""
        found = self.number(row, name, line)
        if found is None:
            self.fault(field, missing, line)
        return found or 0

    def details(self, typed: Typed) -> dict[str, Any]:
        """The small object a room keeps with its document; the screen writes it, not a person."""
        found = typed.get("details")
        if found is None or found == "":
            return {}
        if not isinstance(found, dict):
            self.fault("details", Text("Dữ liệu kèm phiếu sai dạng.", "The details are malformed."))
            return {}
        return found

    def key(self, typed: Typed) -> UUID:
        """The form's own idempotency key."""
        try:
            return UUID(self.words(typed, "client_key"))
        except ValueError:
            self.fault(
                "client_key",
                Text(
                    "Phiếu thiếu mã chống ghi trùng; hãy tải lại trang.",
                    "The document has no key against double posting; reload the page.",
                ),
            )
            return UUID(int=0)

    def fault(self, field: str, text: Text, line: int | None = None) -> None:
        """Remember one fault."""
        self.faults.append(Fault(field, text, line))


def _chosen(name: str, missing: Text, field: str) -> Callable[[_Reader, Typed], Any]:
    return lambda reader, typed: reader.chosen(typed, name, None, missing, field)


# Cells of the head that only some kinds have, by the name of the document's field.
_HEAD_CELLS: dict[str, Callable[[_Reader, Typed], Any]] = {
    "partner_code": lambda reader, typed: reader.words(typed, "partner_code") or None,
    "purpose": lambda reader, typed: reader.words(typed, "purpose"),
    "from_place": lambda reader, typed: reader.words(typed, "from_place") or "store",
    "settles_id": lambda reader, typed: reader.number(typed, "settles_id"),
    "counterpart_facility_id": _chosen(
        "counterpart_facility_id",
        Text("Hãy chọn nơi nhận.", "Choose who receives the goods."),
        "counterpart_facility",
    ),
}
_FOLLOWS: dict[Kind, Text] = {
    Kind.TRANSFER_RECEIPT: Text("Hãy chọn phiếu chuyển đến.", "Choose the transfer that arrived."),
    Kind.RETURN: Text("Hãy chọn phiếu xuất được hoàn trả.", "Choose the issue that comes back."),
}
_LINE_READERS: dict[Kind, Callable[[_Reader, Typed, int], Line]] = {
    Kind.RECEIPT: _Reader.receipt_line,
    Kind.OPENING: _Reader.receipt_line,
    Kind.ISSUE: _Reader.given_line,
    Kind.TRANSFER_DISPATCH: _Reader.given_line,
    Kind.TRANSFER_RECEIPT: _Reader.arrival_line,
    Kind.CYLINDER_EXCHANGE: _Reader.cylinder_line,
    Kind.CYLINDER_EMPTY: _Reader.empty_line,
    Kind.ADJUSTMENT: _Reader.adjustment_line,
}


def typed_of(document: Document) -> dict[str, Any]:
    """The other way: a draft's document as the cells of a form."""
    head = {
        name: _shown(name, value)
        for name, value in document.__dict__.items()
        if name not in {"lines", "client_key", "origin"}
    }
    lines = [{k: _shown(k, v) for k, v in line.__dict__.items()} for line in document.lines]
    return {**head, "client_key": str(document.client_key), "lines": lines}


_COUNTS = {"quantity", "lost_quantity", "asked_quantity"}
_GROUPED = _COUNTS | {"unit_price_vnd", "amount_vnd"}


def _shown(name: str, value: object) -> object:
    if value is None or (name in _COUNTS and value == 0):
        return ""
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, int) and name in _GROUPED:
        return group_digits(value)
    return value
