"""Recalls and quarantine as files: who holds the lot, to whom it went, what is set aside."""

from __future__ import annotations

from supply.core.address import Args, number
from supply.core.export import Cell, Column, Table
from supply.core.files import exportable
from supply.core.text import Text
from supply.inventory.kinds import PURPOSES, Kind
from supply.recalls import queries
from supply.recalls.recalls import STANDINGS
from supply.recalls.rows import Holder, Onward, SetAside, View


def _facts(view: View) -> tuple[tuple[Text, Cell | Text], ...]:
    head, goods = view.head, view.head.goods
    return (
        (Text("Đợt thu hồi", "Recall"), head.label),
        (
            Text("Mặt hàng", "Item"),
            Text(
                f"{goods.item_code} {goods.item_name.vi}", f"{goods.item_code} {goods.item_name.en}"
            ),
        ),
        (Text("Số lô", "Lot"), goods.lot_number),
        (Text("Hạn dùng", "Expiry"), goods.expiry),
        (Text("Lý do", "Reason"), head.reason),
        (Text("Đơn vị tính", "Unit"), goods.unit),
    )


def _answer(name: str) -> Column:
    heads = {
        "found": Text("Tìm thấy", "Found"),
        "used": Text("Đã dùng (trả lời)", "Used (answered)"),
    }
    return Column(
        f"answer_{name}",
        heads[name],
        lambda h: None if h.answer is None else getattr(h.answer, name),
        "number",
    )


def _answered(holder: Holder, name: str) -> Cell:
    return "" if holder.answer is None else getattr(holder.answer, name)


@exportable("recalls.holders", "Recalls")
def holders_table(said: Args) -> Table:
    """Every facility that has or had the lot, and its answer."""
    view = queries.recall(number(said, "recall") or 0)
    return Table(
        name=f"thu-hoi-{view.head.label.lower()}",
        title=Text("Các cơ sở có lô bị thu hồi", "Facilities that have or had the recalled lot"),
        columns=(
            Column("code", Text("Mã cơ sở", "Code"), lambda h: h.facility_code),
            Column("facility", Text("Cơ sở", "Facility"), lambda h: h.facility_name, width=36),
            Column("held", Text("Trong kho", "In store"), lambda h: h.held, "number"),
            Column("kits", Text("Trong bộ cơ số", "In kits"), lambda h: h.in_kits, "number"),
            Column("coming", Text("Đang chuyển đến", "On the way"), lambda h: h.coming, "number"),
            Column(
                "quarantined", Text("Biệt trữ", "Quarantine"), lambda h: h.quarantined, "number"
            ),
            Column("issued", Text("Đã xuất dùng", "Issued"), lambda h: h.issued, "number"),
            Column("sent", Text("Đã chuyển đi", "Sent on"), lambda h: h.sent, "number"),
            Column("standing", Text("Trả lời", "Answer"), lambda h: STANDINGS[h.standing]),
            _answer("found"),
            _answer("used"),
            Column(
                "by", Text("Người trả lời", "Answered by"), lambda h: _answered(h, "by"), width=24
            ),
            Column(
                "comment", Text("Ý kiến", "Comment"), lambda h: _answered(h, "comment"), width=40
            ),
        ),
        rows=view.holders,
        facts=_facts(view),
    )


@exportable("recalls.onward", "Recalls")
def onward_table(said: Args) -> Table:
    """To whom the lot went, document by document."""
    view = queries.recall(number(said, "recall") or 0, onward_limit=100_000)
    return Table(
        name=f"thu-hoi-da-xuat-{view.head.label.lower()}",
        title=Text("Lô bị thu hồi đã xuất cho ai", "To whom the recalled lot went"),
        columns=(
            Column("day", Text("Ngày", "Date"), lambda o: o.happened_on, "date"),
            Column("label", Text("Số phiếu", "Document"), lambda o: o.label),
            Column("facility", Text("Cơ sở xuất", "From"), lambda o: o.facility_name, width=32),
            Column("to", Text("Nơi nhận", "To"), lambda o: o.to, width=32),
            Column("purpose", Text("Mục đích", "Purpose"), purpose_of, width=24),
            Column("quantity", Text("Số lượng", "Quantity"), lambda o: o.quantity, "number"),
        ),
        rows=view.onward,
        facts=_facts(view),
    )


def purpose_of(row: Onward) -> Text:
    """What it went out for, in words."""
    kind = Kind(row.kind)
    if row.purpose:
        return PURPOSES.get(kind, {}).get(row.purpose, Text(row.purpose, row.purpose))
    return Text("Chuyển kho", "Transfer") if kind == Kind.TRANSFER_DISPATCH else Text("", "")


@exportable("recalls.quarantine", "Quarantine")
def quarantine_table(said: Args) -> Table:
    """What is set aside, where, why, since when."""
    place = number(said, "facility")
    rows: list[SetAside] = queries.quarantined(None if place is None else [place])
    return Table(
        name="biet-tru",
        title=Text("Hàng biệt trữ", "Goods in quarantine"),
        columns=(
            Column("facility", Text("Cơ sở", "Facility"), lambda r: r.facility_name, width=32),
            Column("item", Text("Mã hàng", "Item code"), lambda r: r.goods.item_code),
            Column("name", Text("Mặt hàng", "Item"), lambda r: r.goods.item_name, width=36),
            Column("lot", Text("Số lô", "Lot"), lambda r: r.goods.lot_number),
            Column("expiry", Text("Hạn dùng", "Expiry"), lambda r: r.goods.expiry, "date"),
            Column("unit", Text("Đơn vị", "Unit"), lambda r: r.goods.unit),
            Column("quantity", Text("Số lượng", "Quantity"), lambda r: r.quantity, "number"),
            Column("amount", Text("Giá trị", "Value"), lambda r: r.amount_vnd, "money"),
            Column("since", Text("Từ ngày", "Since"), lambda r: r.since, "date"),
            Column("why", Text("Lý do", "Reason"), lambda r: r.why, width=40),
        ),
        rows=rows,
    )
