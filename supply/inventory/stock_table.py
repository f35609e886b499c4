"""The stock list as an address and as a table: its filters read, its columns named, its file made."""

from __future__ import annotations

from supply.catalog.words import CATEGORY
from supply.core.address import Args, choice, day, number, words
from supply.core.clock import today
from supply.core.export import Cell, Column, Table
from supply.core.files import exportable
from supply.core.lists import shown
from supply.core.text import Text
from supply.inventory import stock_list
from supply.inventory.stock_list import (
    NEAR_EXPIRY_DAYS,
    Group,
    Show,
    Sort,
    StockFilter,
    StockKey,
    StockLine,
)

NEAR_DAYS = (30, 60, 90, 180)
SHOW_NAMES: dict[Show, Text] = {
    Show.HELD: Text("Đang có hàng", "In stock"),
    Show.NEAR: Text("Cận hạn", "Near expiry"),
    Show.EXPIRED: Text("Có hàng hết hạn", "With expired goods"),
    Show.ZERO: Text("Hết hàng", "Out of stock"),
    Show.QUARANTINED: Text("Có hàng biệt trữ", "With goods in quarantine"),
    Show.ON_WAY: Text("Có hàng đang chuyển đến", "With goods on the way"),
    Show.ALL: Text("Tất cả", "All"),
}
GROUP_NAMES: dict[Group, Text] = {
    Group.FACILITY: Text("Theo cơ sở", "By facility"),
    Group.WARD: Text("Theo phường, xã", "By ward"),
    Group.DISTRICT: Text("Theo quận, huyện", "By district"),
    Group.ITEM: Text("Gộp theo mặt hàng", "By item only"),
    Group.LOT: Text("Theo số lô", "By lot"),
    Group.FUND: Text("Theo nguồn quỹ", "By fund"),
}
LABEL_HEADS: dict[Group, Text] = {
    Group.FACILITY: Text("Cơ sở", "Facility"),
    Group.WARD: Text("Phường, xã", "Ward"),
    Group.DISTRICT: Text("Quận, huyện", "District"),
    Group.LOT: Text("Số lô", "Lot"),
    Group.FUND: Text("Nguồn quỹ", "Fund"),
}


def label(row: StockLine, group: Group) -> Cell | Text:
    """What the row stands for, beside its item."""
    if group is Group.WARD and not row.key:
        return Text("Không thuộc phường, xã nào", "No ward of its own")
    if group is Group.LOT and not row.label.vi:
        return Text("không số lô", "no lot number")
    return row.label


def columns(wanted: StockFilter) -> tuple[Column, ...]:
    """The columns there are, for the page and the file. Those of the item stand in one cell on the
    page."""
    group = wanted.group
    own: tuple[Column, ...] = ()
    if group is not Group.ITEM:
        own = (Column("place", LABEL_HEADS[group], lambda r: label(r, group), width=28),)
    expiry = (
        Text("Hạn dùng", "Expiry") if group is Group.LOT else Text("Hạn gần nhất", "Next expiry")
    )
    return (
        Column("code", Text("Mã hàng", "Code"), lambda r: r.item_code, width=10),
        Column("item", Text("Mặt hàng", "Item"), lambda r: r.item_name, width=36),
        Column("category", Text("Nhóm", "Category"), lambda r: CATEGORY[r.category], width=18),
        *own,
        Column("unit", Text("Đơn vị", "Unit"), lambda r: r.unit, width=9),
        Column("quantity", Text("Tồn kho", "On hand"), lambda r: r.quantity, "number"),
        Column("usable", Text("Dùng được", "Usable"), lambda r: r.usable, "number"),
        Column("near", Text("Cận hạn", "Near expiry"), lambda r: r.near, "number", usual=False),
        Column("expired", Text("Hết hạn", "Expired"), lambda r: r.expired, "number", usual=False),
        Column("blocked", Text("Bị thu hồi", "Recalled"), lambda r: r.blocked, "number", usual=False),
        Column("quarantined", Text("Biệt trữ", "Quarantine"), lambda r: r.quarantined, "number",
               usual=False),
        Column("on_way", Text("Đang chuyển đến", "On the way"), lambda r: r.on_way, "number"),
        Column("expiry", expiry, lambda r: r.next_expiry, "date"),
        Column("value", Text("Giá trị (đồng)", "Value (VND)"), lambda r: r.amount_vnd, "money", 16),
    )  # fmt: skip


def stock_filter(said: Args) -> StockFilter:
    """The filter of an address; unknown words mean no filter. A day of today or later means now."""
    category = said.get("category", "")
    on_date = day(said, "on")
    near = number(said, "near") or NEAR_EXPIRY_DAYS
    return StockFilter(
        facility_id=number(said, "facility"),
        category=category if category in CATEGORY else None,
        search=words(said, "q"),
        show=choice(said, "show", Show, Show.HELD),
        group=choice(said, "group", Group, Group.FACILITY),
        sort=choice(said, "sort", Sort, Sort.CODE),
        descending=said.get("dir") == "desc",
        on_date=None if on_date is None or on_date >= today() else on_date,
        district_id=number(said, "district"),
        ward_id=number(said, "ward"),
        item_id=number(said, "item"),
        fund_id=number(said, "fund"),
        near_days=min(near, 3650),
    )


def after_of(said: Args) -> StockKey | None:
    """The row after which the page starts; None for the first page."""
    value, _, rest = said.get("after", "").partition("~")
    code, _, key = rest.rpartition("~")
    is_number = key.isascii() and key.isdigit() and len(key) < 19
    return StockKey(value[:60], code[:20], int(key)) if code and is_number else None


def after_text(key: StockKey) -> str:
    """The same as the address has it."""
    return f"{key.value}~{key.code}~{key.key}"


@exportable("inventory.stock", "Stock")
def stock_table(said: Args) -> Table:
    """The stock list under an address, all of its rows."""
    wanted = stock_filter(said)
    facts: list[tuple[Text, Cell | Text]] = [
        (Text("Tính đến hết ngày", "At the end of"), wanted.on_date or today()),
        (Text("Hiện", "Show"), SHOW_NAMES[wanted.show]),
    ]
    return Table(
        name="ton-kho",
        title=Text("Tồn kho", "Stock on hand"),
        columns=shown(columns(wanted), said),
        rows=stock_list.all_stock_lines(wanted),
        facts=tuple(facts),
        count=lambda: stock_list.stock_totals(wanted).rows,
    )
