"""What the entry screen of each kind has: its head, its columns, how its lines behave. Pure.

One table instead of a screen per kind: the page and its script read it, neither knows a kind by
name where a fact of this table says as much.
"""

from __future__ import annotations

from dataclasses import dataclass

from supply.core.errors import NotFound
from supply.core.text import Text
from supply.inventory.kinds import KINDS, Kind


@dataclass(frozen=True)
class EntryForm:
    """`head`, `columns`: fields in the order of the screen. `place`: where goods are looked up.

    `brings`: every line comes in with lot, price and fund. `takes`: lines draw on lots, `fefo`: the
    first to expire goes unless a reason is given; `any_lot`: expired and recalled ones may go too;
    `may_fall_short`: what was asked is kept beside what is given. `arrives`: lines come from an
    earlier document. `adjusts`: each line says in or out.
    """

    verb: Text
    head: tuple[str, ...]
    columns: tuple[str, ...]
    place: str = "store"
    brings: bool = False
    takes: bool = False
    fefo: bool = False
    any_lot: bool = False
    may_fall_short: bool = False
    arrives: bool = False
    adjusts: bool = False


_OUT = ("item", "pack_id", "quantity", "lot_number")
_GIVEN = (*_OUT, "asked_quantity", "reason")
_BOUGHT = ("lot_number", "expiry", "unit_price_vnd", "amount_vnd", "fund_code")

FORMS: dict[Kind, EntryForm] = {
    Kind.RECEIPT: EntryForm(
        Text("Nhập kho", "Receive"),
        ("purpose", "partner_code", "settles_id", "fund_code", "paper_reference", "note"),
        ("item", "pack_id", "quantity", *_BOUGHT),
        brings=True,
    ),
    Kind.ISSUE: EntryForm(
        Text("Xuất kho", "Issue"),
        ("purpose", "partner_code", "settles_id", "recipient", "from_place", "paper_reference",
         "note"),
        _GIVEN,
        takes=True,
        fefo=True,
        may_fall_short=True,
    ),
    Kind.TRANSFER_DISPATCH: EntryForm(
        Text("Chuyển đi", "Send"),
        ("counterpart_facility_id", "purpose", "settles_id", "from_place", "recipient",
         "paper_reference", "note"),
        _GIVEN,
        takes=True,
        fefo=True,
        may_fall_short=True,
    ),
    Kind.TRANSFER_RECEIPT: EntryForm(
        Text("Nhận hàng chuyển", "Receive a transfer"),
        ("follows_id", "reason", "paper_reference", "note"),
        ("item", "lot_shown", "on_way", "quantity", "lost_quantity"),
        arrives=True,
    ),
    Kind.RETURN: EntryForm(
        Text("Nhận hoàn trả", "Take back"),
        ("follows_id", "reason", "paper_reference", "note"),
        ("item", "lot_shown", "on_way", "quantity"),
        arrives=True,
    ),
    Kind.OPENING: EntryForm(
        Text("Tồn đầu kỳ", "Opening balance"),
        ("fund_code", "paper_reference", "note"),
        ("item", "pack_id", "quantity", *_BOUGHT),
        brings=True,
    ),
    Kind.QUARANTINE: EntryForm(
        Text("Đưa vào biệt trữ", "Set aside"),
        ("reason", "paper_reference", "note"),
        _OUT,
        takes=True,
        any_lot=True,
    ),
    Kind.RELEASE: EntryForm(
        Text("Giải tỏa biệt trữ", "Release"),
        ("reason", "paper_reference", "note"),
        _OUT,
        place="quarantine",
        takes=True,
        any_lot=True,
    ),
    Kind.ADJUSTMENT: EntryForm(
        Text("Điều chỉnh", "Adjust"),
        ("reason", "from_place", "paper_reference", "note"),
        ("item", "direction", "pack_id", "quantity", "lot_number", "expiry", "unit_price_vnd",
         "fund_code"),
        any_lot=True,
        adjusts=True,
    ),
}  # fmt: skip


def form_of(name: str) -> tuple[Kind, EntryForm]:
    """The kind of that name and its form. Raises NotFound for kinds that have pages of their own
    (kits, cylinders) or are not written at all (reversals)."""
    for kind, form in FORMS.items():
        if kind.value == name:
            return kind, form
    raise NotFound(Text("Không có loại phiếu này.", "There is no such kind of document."))


def verb_of(kind: Kind) -> Text:
    """What a person does who writes it: "Nhập kho"; the kind's name where it has no form."""
    return FORMS[kind].verb if kind in FORMS else KINDS[kind].name
