"""What the forms are filled from: one frozen record each, quantities in base units, money in đồng.

Other rooms build the record (a count its `CountMinutes`) and hand it to `services`; they know nothing
of columns, typst or workbooks. Pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from supply.core.text import Text
from supply.paper.layout import Seal

NOWHERE = Text("", "")


@dataclass(frozen=True)
class FormTitle:
    """A form's name, number and legal basis as they are on a day; `debit`, `credit`: account lines."""

    code: str
    title: Text
    number: str = ""
    basis: str = ""
    debit: str = ""
    credit: str = ""


@dataclass(frozen=True)
class Typed:
    """What is typed for one print and kept nowhere: language, who signs (by role: "preparer",
    "deliverer", "recipient", "storekeeper", "accountant", "head", "committee"), attached papers."""

    language: str = "vi"
    names: Mapping[str, str] = field(default_factory=dict)
    attached: str = ""


@dataclass(frozen=True)
class Unit:
    """Whose form it is: the facility, its department, and where it lies."""

    name: Text
    department: Text = NOWHERE
    place: str = ""


# --- vouchers ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class VoucherLine:
    """One lot of one line. `asked`: by the paper (receipt) or by the request (issue); None where it
    stands on the line's first lot already. `packed`: the quantity in whole packs and what is over."""

    item_code: str
    item_name: Text
    unit: Text
    lot_number: str
    expiry: dt.date | None
    asked: int | None
    quantity: int
    unit_price_vnd: int
    amount_vnd: int
    note: str = ""
    from_place: Text = NOWHERE
    to_place: Text = NOWHERE
    packed: Text = NOWHERE


@dataclass(frozen=True)
class Voucher:
    """A posted document. `party`: who delivers or receives; `other`: the facility on the other side;
    `kit`: "A × 20" where kits were made or taken apart."""

    kind: str
    label: str
    happened_on: dt.date
    unit: Unit
    lines: tuple[VoucherLine, ...]
    seal: Seal
    kind_name: Text = NOWHERE
    party: str = ""
    party_address: str = ""
    other: Text = NOWHERE
    based_on: str = ""
    reason: Text = NOWHERE
    note: str = ""
    kit: str = ""
    prepared_by: str = ""
    reversed_by: str = ""
    reverses: str = ""

    @property
    def amount_vnd(self) -> int:
        """The sum of its lines."""
        return sum(line.amount_vnd for line in self.lines)


# --- books ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BookLine:
    """One movement in a stock book; `is_in` tells which of the two voucher columns holds `label`."""

    happened_on: dt.date
    label: str
    is_in: bool
    words: Text
    quantity_in: int
    quantity_out: int
    balance: int


@dataclass(frozen=True)
class StockBook:
    """One item in one store over a period; opening + in - out = closing."""

    unit: Unit
    item_code: str
    item_name: Text
    base_unit: Text
    first_day: dt.date
    last_day: dt.date
    opening: int
    closing: int
    lines: tuple[BookLine, ...]


@dataclass(frozen=True)
class MovementLine:
    """One item over a period: opening + in - out = closing, in quantity and in value."""

    group: Text
    item_code: str
    item_name: Text
    unit: Text
    opening: int
    opening_vnd: int
    came: int
    came_vnd: int
    went: int
    went_vnd: int
    closing: int
    closing_vnd: int


@dataclass(frozen=True)
class Movement:
    """Báo cáo nhập - xuất - tồn of a facility; lines come ordered by group."""

    unit: Unit
    first_day: dt.date
    last_day: dt.date
    lines: tuple[MovementLine, ...]


@dataclass(frozen=True)
class UsageLine:
    """One item used in a month, by whom or what for: one figure for each of the report's `users`."""

    item_code: str
    item_name: Text
    unit: Text
    used: tuple[int, ...]
    amount_vnd: int


@dataclass(frozen=True)
class Usage:
    """Usage of a month (05D drugs, 08D chemicals, 09D consumables), net of returns."""

    code: str
    unit: Unit
    first_day: dt.date
    last_day: dt.date
    users: tuple[Text, ...]
    lines: tuple[UsageLine, ...]


# --- minutes -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """One of a committee: name, position, whom they stand for; `is_head`: leads it."""

    name: str
    position: str = ""
    on_behalf: str = ""
    is_head: bool = False


@dataclass(frozen=True)
class CountLine:
    """One lot: by the book and as counted. Of the counted, `poor` is of poor quality and `spoiled`
    has lost it; the rest is good. `counted` None: not counted, printed as such."""

    item_code: str
    item_name: Text
    unit: Text
    lot_number: str
    expiry: dt.date | None
    unit_price_vnd: int
    book: int
    book_vnd: int
    counted: int | None
    counted_vnd: int
    poor: int = 0
    spoiled: int = 0
    note: str = ""


@dataclass(frozen=True)
class CountMinutes:
    """Minutes of a stock count (C33-HD, columns as 05-VT). `time`: when the count was made, in
    words; `seal` leads to the count's page or its adjustment."""

    number: str
    counted_on: dt.date
    unit: Unit
    members: tuple[Member, ...]
    lines: tuple[CountLine, ...]
    time: str = ""
    scope: Text = NOWHERE
    opinion: str = ""
    seal: Seal | None = None


@dataclass(frozen=True)
class Party:
    """One side of a handover."""

    unit: Text
    person: str = ""
    position: str = ""


@dataclass(frozen=True)
class Handover:
    """Handover minutes of a transfer, donation or loan; `condition` of the goods in words."""

    label: str
    happened_on: dt.date
    giver: Party
    taker: Party
    lines: tuple[VoucherLine, ...]
    seal: Seal
    unit: Unit
    place: str = ""
    reason: Text = NOWHERE
    condition: Text = NOWHERE
