"""From a table to documents: codes looked up, lines checked by themselves, rows gathered. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from supply.core.text import Text, group_digits
from supply.imports.columns import COLUMNS, FileKind
from supply.imports.known import Known, KnownFacility, KnownFund, KnownItem, KnownPartner, key
from supply.imports.papers import (
    ALWAYS_BRINGS,
    DAY_ORDER,
    NOT_FROM_FILES,
    TEXT_MAX,
    TRANSFERS,
    TWO_WAYS,
    Paper,
    PaperLine,
    agree,
    line_texts,
)
from supply.imports.sweeping import sweep
from supply.imports.table import Faults, Table
from supply.imports.whole_papers import check_paper, purpose_of
from supply.inventory.kinds import KINDS, PURPOSES, Kind
from supply.inventory.parsing import MONEY_VND_MAX, QUANTITY_MAX
from supply.inventory.refusals import WORDS

T = TypeVar("T")
LABELS = {c.name: c.label for c in COLUMNS[FileKind.HISTORY]}


def gather(table: Table, known: Known) -> list[Paper]:
    """The documents of an opening or history file, in the order of their first rows.

    Faults go to `table.faults`; a row with a fault is left out of its document, so the result is
    only whole where there are none. A file without faults is gathered by columns (sweeping.py); where
    any row has a fault, row by row, so that each is told.
    """
    papers = sweep(table, known)
    return _Gathering(table, known).run() if papers is None else papers


class _Gathering:
    """One pass over the rows; codes are looked up once each."""

    def __init__(self, table: Table, known: Known) -> None:
        self.faults: Faults = table.faults
        self.known = known
        self.table = table
        self.papers: dict[tuple[Any, ...], Paper] = {}
        self.packs: dict[tuple[int, str], tuple[int | None, int] | None] = {}
        self.purposes: dict[tuple[str, str], str | None] = {}

    def run(self) -> list[Paper]:
        table, known = self.table, self.known
        c = table.columns
        count = len(table)
        fixed = "opening" if table.kind == FileKind.OPENING else None
        blank = [None] * count
        facilities = self.look_up("facility", known.facilities, _no_facility)
        items = self.look_up("item", known.items, _no_item)
        funds = self.look_up("fund", known.funds, _no_fund)
        partners = self.look_up("partner", known.partners, _no_partner)
        others = self.look_up("counterpart", known.facilities, _no_facility)
        rows = zip(
            table.rows,
            c["happened_on"],
            facilities,
            [fixed] * count if fixed else c["kind"],
            [v or "" for v in c["paper_reference"]],
            others,
            partners,
            items,
            c["quantity"],
            zip(*(c.get(n, blank) for n in ("lot_number", "expiry", "pack", "unit_price_vnd", "amount_vnd", "lost_quantity", "direction")), strict=True),
            funds,
            zip(*(c.get(n, blank) for n in ("recipient", "reason", "note", "purpose", "source_paper")), strict=True),
            strict=True,
        )  # fmt: skip
        for (
            row,
            day,
            facility,
            kind,
            paper,
            other,
            partner,
            item,
            quantity,
            more,
            fund,
            texts,
        ) in rows:
            if not (day and facility and kind):
                continue
            if kind not in TRANSFERS:
                other = None
            found = self.paper_of(row, facility, kind, day, paper, other, partner, texts)
            if found is not None and item is not None and quantity is not None:
                self.add_line(found, row, item, quantity, fund, more)
        for found in self.papers.values():
            check_paper(found, self.faults)
        return [p for p in self.papers.values() if p.lines]

    def look_up(
        self, name: str, among: Mapping[str, T], refuse: Callable[[str], Text]
    ) -> list[T | None]:
        """The column's codes as what they stand for; an unknown one is a fault of its row."""
        codes = self.table.columns.get(name)
        if codes is None:
            return [None] * len(self.table)
        memo = {code: among.get(key(code)) if code else None for code in set(codes)}
        if any(code and value is None for code, value in memo.items()):
            for row, code in zip(self.table.rows, codes, strict=True):
                if code and memo[code] is None:
                    self.faults.add(row, name, refuse(code))
        return list(map(memo.__getitem__, codes))

    def paper_of(
        self,
        row: int,
        facility: KnownFacility,
        kind: str,
        day: dt.date,
        paper: str,
        other: KnownFacility | None,
        partner: KnownPartner | None,
        texts: tuple[Any, ...],
    ) -> Paper | None:
        """The document a row belongs to, begun where it is the first."""
        identity = (day, facility.id, kind, paper, other and other.id, partner and partner.id)
        found = self.papers.get(identity)
        if found is not None and not any(texts):
            return found
        words = tuple(v or "" for v in texts)
        if words[3]:
            words = (*words[:3], self.purpose(row, kind, words[3]), words[4])
        if found is not None:
            agree(found, row, words, self.faults)
            return found
        if not self.head_is_sound(row, facility, kind, day, paper, other, words):
            return None
        found = Paper(
            row, facility, kind, day, paper, other, words[4], partner,
            words[0], words[1], words[3], words[2],
        )  # fmt: skip
        self.papers[identity] = found
        return found

    def purpose(self, row: int, kind: str, words: str) -> str:
        """The code of a purpose named by code or name."""
        at = (kind, words)
        if at not in self.purposes:
            self.purposes[at] = purpose_of(kind, words)
        found = self.purposes[at]
        if found is None:
            offered = PURPOSES.get(Kind(kind), {})
            self.faults.add(
                row,
                "purpose",
                Text(
                    f"Không có mục đích “{words}” cho loại phiếu này"
                    + (f"; dùng: {', '.join(n.vi for n in offered.values())}." if offered else "."),
                    f"There is no purpose “{words}” for this kind"
                    + (f"; use: {', '.join(n.en for n in offered.values())}." if offered else "."),
                ),
            )
            return ""
        if found == "loan_return":
            self.faults.add(row, "purpose", _on_screen(kind))
        return found

    def head_is_sound(
        self,
        row: int,
        facility: KnownFacility,
        kind: str,
        day: dt.date,
        paper: str,
        other: KnownFacility | None,
        texts: tuple[str, ...],
    ) -> bool:
        """Check what a document has once; faults stand at its first row."""
        before = self.faults.count
        tell = self.faults.add
        if not facility.writable:
            tell(row, "facility", WORDS["out_of_scope"])
        if day > self.known.today:
            tell(
                row,
                "happened_on",
                WORDS["future_date"].fill(
                    date=f"{day:%d/%m/%Y}", today=f"{self.known.today:%d/%m/%Y}"
                ),
            )
        if kind in NOT_FROM_FILES or kind not in DAY_ORDER:
            tell(row, "kind", _on_screen(kind))
        if kind == "transfer_dispatch" and (
            other is None or other.id == facility.id or not other.active
        ):
            tell(row, "counterpart", WORDS["bad_counterpart"])
        if kind == "transfer_receipt" and other is None:
            tell(row, "counterpart", Text("Hãy ghi mã cơ sở gửi hàng.", "Give the sender's code."))
        for name, value in (("paper_reference", paper), ("recipient", texts[0]),
                            ("reason", texts[1]), ("note", texts[2])):  # fmt: skip
            if len(value) > TEXT_MAX[name]:
                tell(row, name, _too_long(name, len(value)))
        return self.faults.count == before

    def add_line(
        self,
        paper: Paper,
        row: int,
        item: KnownItem,
        quantity: int,
        fund: KnownFund | None,
        more: tuple[Any, ...],
    ) -> None:
        """Check a line by itself and put it into its document."""
        lot, expiry, pack, price, amount, lost, direction = more
        before = self.faults.count
        tell = self.faults.add
        units: tuple[int | None, int] | None = (None, 1)
        if pack:
            at = (item.id, pack)
            if at not in self.packs:
                self.packs[at] = item.pack(pack)
            units = self.packs[at]
            if units is None:
                tell(row, "pack", _no_pack(item, pack))
                return
        pack_id, per_pack = units or (None, 1)
        lot = lot or ""
        incoming = direction == "in"
        if paper.kind in TWO_WAYS and direction is None:
            tell(row, "direction", WORDS["missing_direction"])
        brings = paper.kind in ALWAYS_BRINGS or (
            incoming and paper.kind in TWO_WAYS and (fund is not None or paper.kind != "adjustment")
        )
        if quantity * per_pack > QUANTITY_MAX or (
            quantity == 0 and paper.kind != "transfer_receipt"
        ):
            tell(row, "quantity", WORDS["bad_quantity"].fill(given=group_digits(quantity)))
        if len(lot) > TEXT_MAX["lot_number"]:
            tell(row, "lot_number", _too_long("lot_number", len(lot)))
        if lost and paper.kind != "transfer_receipt":
            tell(row, "lost_quantity", _only_on_arrival())
        if brings:
            value = self.bought(paper, row, item, quantity, lot, expiry, fund, price, amount)
        else:
            value, fund = None, None
        if self.faults.count == before:
            lost = lost or 0
            said = (item, quantity * per_pack, lot, expiry, fund, value, incoming, lost * per_pack)
            words = line_texts([(cell,) for cell in said])[0]
            paper.lines.append(PaperLine(row, *said, pack_id, quantity, lost, words))

    def bought(
        self,
        paper: Paper,
        row: int,
        item: KnownItem,
        quantity: int,
        lot: str,
        expiry: dt.date | None,
        fund: KnownFund | None,
        price: int | None,
        amount: int | None,
    ) -> int | None:
        """Check goods that come in; their value."""
        tell = self.faults.add
        if not item.active and paper.kind == "receipt":
            tell(row, "item", WORDS["item_closed"].fill(item=item.code))
        if fund is None:
            if self.fund_is_blank(row):
                tell(row, "fund", WORDS["missing_fund"])
        elif not fund.is_open(paper.happened_on):
            tell(row, "fund", WORDS["fund_closed"].fill(fund=fund.code))
        if expiry is not None and not lot:
            tell(row, "lot_number", WORDS["missing_lot"])
        if (
            expiry is not None
            and paper.kind in ("receipt", "cylinder_exchange")
            and expiry < paper.happened_on
        ):
            tell(
                row,
                "expiry",
                WORDS["expired_lot"].fill(item=item.code, lot=lot, expiry=f"{expiry:%d/%m/%Y}"),
            )
        if paper.kind == "cylinder_empty":
            return 0
        if price is None and amount is None:
            tell(
                row,
                "unit_price_vnd",
                Text(
                    "Chưa có đơn giá; hàng không mất tiền thì ghi 0.",
                    "The price is missing; write 0 for goods that cost nothing.",
                ),
            )
            return None
        if price is not None and amount is not None and abs(amount - price * quantity) >= quantity:
            tell(row, "amount_vnd", _amount_differs(price, quantity, amount))
        value = amount if amount is not None else (price or 0) * quantity
        if value > MONEY_VND_MAX:
            tell(row, "amount_vnd", WORDS["bad_price"])
        return value

    def fund_is_blank(self, row: int) -> bool:
        """Whether the row has no fund at all (an unknown one was told already)."""
        return not any(f.field == "fund" for f in self.faults.by_row.get(row, ()))


# --- words ---------------------------------------------------------------------------------------


def _no_facility(code: str) -> Text:
    return Text(
        f"Không có cơ sở mã “{code}” trong phạm vi của bạn.",
        f"There is no facility “{code}” in your scope.",
    )


def _no_item(code: str) -> Text:
    return WORDS["unknown_item"].fill(item=code)


def _no_fund(code: str) -> Text:
    return WORDS["unknown_fund"].fill(fund=code)


def _no_partner(code: str) -> Text:
    return WORDS["unknown_partner"].fill(partner=code)


def _no_pack(item: KnownItem, words: str) -> Text:
    return Text(
        f"“{item.code}” không có quy cách “{words}”; để trống nếu tính theo {item.unit.vi}.",
        f"“{item.code}” has no pack “{words}”; leave it blank to count in {item.unit.en}.",
    )


def _on_screen(kind: str) -> Text:
    name = KINDS[Kind(kind)].name
    return Text(
        f"{name.vi} loại này không nhập từ tệp; hãy lập trên màn hình.",
        f"A {name.en.lower()} of this sort is not taken from a file; enter it on the screen.",
    )


def _only_on_arrival() -> Text:
    return Text(
        "Chỉ phiếu nhận hàng chuyển có số lượng hao hụt; phiếu khác để trống.",
        "Only a transfer receipt has a lost quantity; leave it blank elsewhere.",
    )


def _too_long(name: str, length: int) -> Text:
    label = LABELS[name]
    return Text(
        f"“{label.vi}” dài {group_digits(length)} ký tự; tối đa {group_digits(TEXT_MAX[name])}.",
        f"“{label.en}” has {group_digits(length)} characters; at most {group_digits(TEXT_MAX[name])} are taken.",
    )


def _amount_differs(price: int, quantity: int, amount: int) -> Text:
    return Text(
        f"Thành tiền {group_digits(amount)} khác đơn giá × số lượng = {group_digits(price * quantity)}.",
        f"The amount {group_digits(amount)} is not price × quantity = {group_digits(price * quantity)}.",
    )
