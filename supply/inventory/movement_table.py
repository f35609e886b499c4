"""The movement report as an address and a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from enum import StrEnum

from supply.catalog.words import CATEGORY
from supply.core.address import Args, choice, day, words
from supply.core.clock import today
from supply.core.export import Cell, Column, Table
from supply.core.files import exportable
from supply.core.lists import shown
from supply.core.text import Text
from supply.inventory import movement
from supply.inventory.kinds import INSIDE_PLACES, KINDS, Kind
from supply.inventory.movement import MovementFilter, MovementGroup, MovementRow
from supply.inventory.places import places_of

GROUP_NAMES: dict[MovementGroup, Text] = {
    MovementGroup.ITEM: Text("Gộp theo mặt hàng", "By item only"),
    MovementGroup.FACILITY: Text("Theo cơ sở", "By facility"),
    MovementGroup.FUND: Text("Theo nguồn quỹ", "By fund"),
}
LABEL_HEADS = {
    MovementGroup.FACILITY: Text("Cơ sở", "Facility"),
    MovementGroup.FUND: Text("Nguồn quỹ", "Fund"),
}


class Period(StrEnum):
    """Usual periods, ending no later than today."""

    THIS_MONTH = ""
    LAST_MONTH = "last"
    QUARTER = "quarter"
    YEAR = "year"
    OWN = "own"


PERIOD_NAMES: dict[Period, Text] = {
    Period.THIS_MONTH: Text("Tháng này", "This month"),
    Period.LAST_MONTH: Text("Tháng trước", "Last month"),
    Period.QUARTER: Text("Quý này", "This quarter"),
    Period.YEAR: Text("Năm nay", "This year"),
    Period.OWN: Text("Chọn ngày", "Chosen days"),
}


def period_of(said: Args, now: dt.date) -> tuple[dt.date, dt.date, Period]:
    """First and last day of an address; days that were typed go before the named period."""
    named = choice(said, "period", Period, Period.THIS_MONTH)
    first, last = day(said, "from"), day(said, "to")
    if named is Period.OWN or ((first or last) and named is Period.THIS_MONTH):
        last = last or now
        first = first or last.replace(day=1)
        return min(first, last), max(first, last), Period.OWN
    month = now.replace(day=1)
    if named is Period.LAST_MONTH:
        last = month - dt.timedelta(days=1)
        return last.replace(day=1), last, named
    if named is Period.QUARTER:
        return month.replace(month=(now.month - 1) // 3 * 3 + 1), now, named
    if named is Period.YEAR:
        return month.replace(month=1), now, named
    return month, now, named


def movement_filter(said: Args) -> MovementFilter:
    """The report of an address. Raises NotFound for a facility outside the scope."""
    first, last, _ = period_of(said, today())
    category, place = said.get("category", ""), said.get("place", "store")
    return MovementFilter(
        first,
        last,
        where=places_of(said).where,
        category=category if category in CATEGORY else None,
        search=words(said, "q"),
        group=choice(said, "group", MovementGroup, MovementGroup.ITEM),
        place_kind=place if place in INSIDE_PLACES else "store",
    )


def _came(kind: Kind) -> Callable[[MovementRow], Cell]:
    return lambda r: r.came[kind].quantity if kind in r.came else None


def _went(kind: Kind) -> Callable[[MovementRow], Cell]:
    return lambda r: r.went[kind].quantity if kind in r.went else None


def columns(group: MovementGroup, came: list[Kind], went: list[Kind]) -> tuple[Column, ...]:
    """The report's columns: quantity and value of opening, in, out and closing; the kinds of document
    by which anything came or went can be chosen."""
    own: tuple[Column, ...] = ()
    if group is not MovementGroup.ITEM:
        own = (Column("place", LABEL_HEADS[group], lambda r: r.label, width=28),)

    def named(kind: Kind, verb: Text) -> Text:
        name = KINDS[kind].name
        return Text(f"{verb.vi}: {name.vi}", f"{verb.en}: {name.en}")

    came_in, went_out = Text("Nhập", "In"), Text("Xuất", "Out")
    return (
        Column("code", Text("Mã hàng", "Code"), lambda r: r.item_code, width=10),
        Column("item", Text("Mặt hàng", "Item"), lambda r: r.item_name, width=36),
        *own,
        Column("unit", Text("Đơn vị", "Unit"), lambda r: r.unit, width=9),
        Column("opening", Text("Tồn đầu kỳ", "Opening"), lambda r: r.opening.quantity, "number"),
        Column("opening_vnd", Text("Giá trị đầu kỳ", "Opening value"),
               lambda r: r.opening.amount_vnd, "money", 16),
        *(Column(f"in_{k}", named(k, came_in), _came(k), "number", usual=False) for k in came),
        Column("in", came_in, lambda r: r.incoming.quantity, "number"),
        Column("in_vnd", Text("Giá trị nhập", "Value in"), lambda r: r.incoming.amount_vnd,
               "money", 16),
        *(Column(f"out_{k}", named(k, went_out), _went(k), "number", usual=False) for k in went),
        Column("out", went_out, lambda r: r.outgoing.quantity, "number"),
        Column("out_vnd", Text("Giá trị xuất", "Value out"), lambda r: r.outgoing.amount_vnd,
               "money", 16),
        Column("closing", Text("Tồn cuối kỳ", "Closing"), lambda r: r.closing.quantity, "number"),
        Column("closing_vnd", Text("Giá trị cuối kỳ", "Closing value"),
               lambda r: r.closing.amount_vnd, "money", 16),
    )  # fmt: skip


@exportable("inventory.movement", "Stock")
def movement_table(said: Args) -> Table:
    """The movement report under an address. Its rows are items, not movements: they are few."""
    wanted = movement_filter(said)
    rows = movement.movement(wanted)
    return Table(
        name="nhap-xuat-ton",
        title=Text("Báo cáo nhập - xuất - tồn", "Movement report"),
        columns=shown(columns(wanted.group, *movement.kinds_of(rows)), said),
        rows=rows,
        facts=(
            (Text("Từ ngày", "From"), wanted.first_day),
            (Text("Đến ngày", "To"), wanted.last_day),
            (Text("Nơi để", "Place"), INSIDE_PLACES[wanted.place_kind]),
        ),
        count=lambda: len(rows),
    )
