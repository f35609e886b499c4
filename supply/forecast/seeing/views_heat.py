"""The heat table ward × item group, and the stock lines behind a cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import request
from flask_appbuilder import expose

from supply.catalog import queries as catalog
from supply.catalog.words import CATEGORY as CATEGORY_NAMES
from supply.core.address import Args
from supply.core.errors import NotFound
from supply.core.export import Column, Table
from supply.core.files import exportable
from supply.core.lists import chosen
from supply.core.security import guarded
from supply.core.text import Text
from supply.forecast import needs, queries, screens
from supply.forecast.needs import ShortageRow
from supply.forecast.seeing.heat import SHOWS, WITHIN_DAYS, Cell, heat_table
from supply.forecast.views_common import ForecastPage, here

SHOW_WORDS = {
    "days": Text("Số ngày đủ dùng, mức giữa", "Days of stock, middle"),
    "low": Text("Số ngày đủ dùng, khi dùng nhiều", "Days of stock, high use"),
    "chance": Text(
        f"Khả năng hết trong {WITHIN_DAYS} ngày", f"Chance of running out in {WITHIN_DAYS} days"
    ),
}
DISTRICT = Text("Cơ sở của quận, huyện", "The district’s own facilities")
LINES_MAX = 200


class HeatView(ForecastPage):
    """Ward × item group."""

    route_base = "/forecast/heat"
    default_view = "index"
    class_permission_name = "Shortage"
    method_permission_name = {"index": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The table; with `ward` and `category` the lines of that cell under it."""
        at = here()
        if at.run is None:
            return self.page("heat", at, table=None)
        rows = needs.shortage_rows(needs.shortage(at.run.id, at.district.slug))
        wards = catalog.wards(at.district.id)
        categories = _categories(rows)
        show = request.args.get("show", "")
        ward, category = chosen("ward"), request.args.get("category", "")
        lines = [r for r in rows if (r.facility.ward_id or 0, r.item.category) == (ward, category)]
        return self.page(
            "heat",
            at,
            table=heat_table(rows, wards, categories),
            categories=categories,
            category_names=CATEGORY_NAMES,
            district_words=DISTRICT,
            show=show if show in SHOWS else SHOWS[0],
            shows=SHOW_WORDS,
            ward=ward,
            ward_name=next((w.name for w in wards if w.id == ward), None),
            category=category if category in categories else "",
            lines=lines[:LINES_MAX],
            lines_count=len(lines),
            within=WITHIN_DAYS,
            class_words=screens.CLASS_WORDS,
            stale=at.age_days is not None and at.age_days > needs.SHORT_DAYS[-1],
        )


def _categories(rows: list[ShortageRow]) -> list[str]:
    return [c for c in CATEGORY_NAMES if any(r.item.category == c for r in rows)]


_Row = tuple[Text, Text, Cell]
COLUMNS = (
    Column("ward", Text("Phường, xã", "Ward"), lambda r: r[0], width=26),
    Column("category", Text("Nhóm hàng", "Item group"), lambda r: r[1], width=22),
    Column("lines", Text("Số dòng hàng", "Stock lines"), lambda r: r[2].lines, "number"),
    Column(
        "out",
        Text(f"Hết trong {WITHIN_DAYS} ngày", f"Out within {WITHIN_DAYS} days"),
        lambda r: r[2].out,
        "number",
    ),
    Column("days", Text("Số ngày đủ dùng", "Days of stock"), lambda r: r[2].days, "decimal"),
    Column("low", Text("Khi dùng nhiều", "At high use"), lambda r: r[2].low, "decimal"),
    Column(
        "chance",
        Text(f"Khả năng hết trong {WITHIN_DAYS} ngày, %", f"Chance out in {WITHIN_DAYS} days, %"),
        lambda r: round(100 * r[2].chance, 1),
        "decimal",
    ),
)


@exportable("forecast.heat", "Shortage")
def table(said: Args) -> Table:
    """Every cell of the table as a row."""
    slug = said.get("district", "")
    district = next((d for d in catalog.districts() if d.slug == slug), None)
    run = None if district is None else queries.latest_run(district.id)
    if district is None or run is None:
        raise NotFound(Text("Chưa có lượt dự báo nào.", "There is no forecast yet."))
    rows = needs.shortage_rows(needs.shortage(run.id, slug))
    categories = _categories(rows)

    def cells() -> Iterator[_Row]:
        for line in heat_table(rows, catalog.wards(district.id), categories):
            name = DISTRICT if line.ward is None else Text(line.ward.name, line.ward.name)
            for category, cell in zip(categories, line.cells, strict=True):
                if cell.lines:
                    yield name, CATEGORY_NAMES[category], cell

    return Table(
        "ban-do-nhiet",
        Text("Bản đồ nhiệt", "Heat table"),
        COLUMNS,
        cells(),
        (
            (Text("Quận, huyện", "District"), district.name),
            (Text("Lượt dự báo", "Forecast run"), run.id),
            (Text("Ca mắc đến hết", "Cases up to"), run.origin),
        ),
    )
