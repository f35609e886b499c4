"""A document as it was typed on a screen, cell by cell, read into the domain's words. Pure.

Every cell is text as a person writes it ("1.234", "28/02/2025"); all faults are found at once and
each names its line and cell. A draft may hold cells that cannot be read yet: they are left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from supply.core.errors import Fault, InvalidInput, NotFound
from supply.core.text import Text, group_digits
from supply.inventory.documents import (
    LINES_MAX,
    Adjustment,
    AdjustmentLine,
    Document,
    Issue,
    IssueLine,
    Receipt,
    ReceiptLine,
    TransferDispatch,
    TransferReceipt,
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
ENTRY_KINDS = (
    Kind.RECEIPT,
    Kind.ISSUE,
    Kind.TRANSFER_DISPATCH,
    Kind.TRANSFER_RECEIPT,
    Kind.ADJUSTMENT,
)


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
        }
        if kind == Kind.RECEIPT:
            return Receipt(
                **common,
                partner_code=self.words(typed, "partner_code") or None,
                lines=[self.receipt_line(row, n) for n, row in rows],
            )
        if kind == Kind.ISSUE:
            return Issue(**common, lines=[self.issue_line(row, n) for n, row in rows])
        if kind == Kind.TRANSFER_DISPATCH:
            return TransferDispatch(
                **common,
                counterpart_facility_id=self.chosen(
                    typed, "counterpart_facility_id", None,
                    Text("Hãy chọn nơi nhận.", "Choose who receives the goods."),
                    "counterpart_facility",
                ),
                lines=[self.issue_line(row, n) for n, row in rows],
            )  # fmt: skip
        if kind == Kind.TRANSFER_RECEIPT:
            return TransferReceipt(
                **common,
                follows_id=self.chosen(
                    typed, "follows_id", None,
                    Text("Hãy chọn phiếu chuyển đến.", "Choose the transfer that arrived."),
                    "follows",
                ),
                lines=[self.arrival_line(row, n) for n, row in rows],
            )  # fmt: skip
        return Adjustment(**common, lines=[self.adjustment_line(row, n) for n, row in rows])

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
                    f"The document has {len(rows):,} lines; at most {LINES_MAX:,} are taken, "
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
        """Goods that go out, of a lot where one was chosen."""
        return IssueLine(**self.line(row, n), consignment_id=self.number(row, "consignment_id", n))

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
        return AdjustmentLine(
            **self.line(row, n),
            **self.bought(row, n),
            direction=self.words(row, "direction", n),
            consignment_id=self.number(row, "consignment_id", n),
        )

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
                    f"The content has {len(text):,} characters, more than is taken.",
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


def typed_of(document: Document) -> dict[str, Any]:
    """The other way: a draft's document as the cells of a form."""
    head = {
        name: _shown(name, value)
        for name, value in document.__dict__.items()
        if name not in {"lines", "client_key", "origin"}
    }
    lines = [{k: _shown(k, v) for k, v in line.__dict__.items()} for line in document.lines]
    return {**head, "client_key": str(document.client_key), "lines": lines}


_COUNTS = {"quantity", "lost_quantity"}
_GROUPED = _COUNTS | {"unit_price_vnd", "amount_vnd"}


def _shown(name: str, value: object) -> object:
    if value is None or (name in _COUNTS and value == 0):
        return ""
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, int) and name in _GROUPED:
        return group_digits(value)
    return value
