"""The shortage list as a file: every row that the page's filters keep, with the chance by day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from supply.catalog import queries as catalog
from supply.core.address import Args, number, words
from supply.core.errors import NotFound
from supply.core.export import Column, Table
from supply.core.files import exportable
from supply.core.text import Text
from supply.forecast import needs, queries
from supply.forecast.needs import ShortageRow
from supply.forecast.screens import ShortageFilter

CHANCE_DAYS = (7, 14, 28)


def wanted_of(said: Args) -> ShortageFilter:
    """The page's filters, as its address says them."""
    within = said.get("within", "14")
    return ShortageFilter(
        number(said, "facility"),
        said.get("category", ""),
        int(within) if within in ("7", "14") else None,
        words(said, "q"),
        within == "none",
    )


def _chance(days: int) -> Callable[[ShortageRow], float]:
    return lambda row: round(100 * row.out_within(days), 1)


def _days(name: str) -> Callable[[Any], float]:
    return lambda row: round(float(getattr(row, name)), 1)


COLUMNS = (
    Column("place", Text("Mã cơ sở", "Facility code"), lambda r: r.facility.code),
    Column("facility", Text("Cơ sở", "Facility"), lambda r: r.facility.name, width=34),
    Column("code", Text("Mã hàng", "Item code"), lambda r: r.item.code),
    Column("item", Text("Mặt hàng", "Item"), lambda r: r.item.name, width=40),
    Column("unit", Text("Đơn vị", "Unit"), lambda r: r.item.base_unit, width=10),
    Column("on_hand", Text("Tồn dùng được", "Usable stock"), lambda r: r.on_hand, "number"),
    Column("transit", Text("Đang chuyển đến", "On the way"), lambda r: r.in_transit, "number"),
    Column("ordered", Text("Đã đặt", "On order"), lambda r: r.on_order, "number"),
    Column("burn", Text("Dùng mỗi ngày", "Use per day"), _days("burn_per_day"), "decimal"),
    Column(
        "low", Text("Số ngày đủ dùng (thấp)", "Days of stock (low)"), _days("days_low"), "decimal"
    ),
    Column("days", Text("Số ngày đủ dùng", "Days of stock"), _days("days"), "decimal"),
    Column(
        "high", Text("Số ngày đủ dùng (cao)", "Days of stock (high)"), _days("days_high"), "decimal"
    ),
    Column("out", Text("Ngày hết hàng", "Stock-out date"), lambda r: r.stock_out, "date"),
    *(
        Column(
            f"chance_{days}",
            Text(f"Khả năng hết trong {days} ngày (%)", f"Chance of being out in {days} days (%)"),
            _chance(days),
            "decimal",
        )
        for days in CHANCE_DAYS
    ),
    Column("short_14", Text("Thiếu trong 14 ngày", "Short in 14 days"), lambda r: r.short_14,
           "number"),
    Column("short_28", Text("Thiếu trong 28 ngày", "Short in 28 days"), lambda r: r.short_28,
           "number"),
    Column("short_high", Text("Thiếu trong 28 ngày (mức cao)", "Short in 28 days (high)"),
           lambda r: r.short_28_high, "number"),
    Column("expiring", Text("Sẽ hết hạn trước khi dùng", "Expiring before use"),
           lambda r: r.expiring, "number"),
)  # fmt: skip


@exportable("forecast.shortage", "Shortage")
def shortage_table(said: Args) -> Table:
    """What the shortage page shows."""
    slug = said.get("district", "")
    at = next((d for d in catalog.districts() if d.slug == slug or not slug), None)
    run = None if at is None else queries.latest_run(at.id)
    if at is None or run is None:
        raise NotFound(Text("Chưa có lượt dự báo nào.", "There is no forecast yet."))
    found = needs.shortage(run.id, at.slug)
    keeps = wanted_of(said).keeps
    return Table(
        name="nguy-co-thieu",
        title=Text("Nguy cơ thiếu", "Shortage"),
        columns=COLUMNS,
        rows=[row for row in needs.shortage_rows(found) if keeps(row)],
        facts=(
            (Text("Quận, huyện", "District"), at.name),
            (Text("Tồn kho ngày", "Stock of"), found.stock_day),
            (Text("Ca mắc đến hết", "Cases up to"), run.origin),
            (Text("Dấu lượt dự báo", "Stamp of the run"), f"{run.id} · {run.inputs_digest[:16]}"),
        ),
    )
