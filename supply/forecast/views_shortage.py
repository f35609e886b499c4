"""Who runs out of what, when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, request
from flask_appbuilder import expose

from supply.catalog.words import CATEGORY as CATEGORY_NAMES
from supply.core.errors import NotFound
from supply.core.i18n import t
from supply.core.lists import chosen, csv_response
from supply.core.security import guarded
from supply.core.text import Text
from supply.forecast import needs, screens, tiles  # noqa: F401  tiles: declares those of the home page
from supply.forecast.needs import ShortageRow
from supply.forecast.screens import ShortageFilter
from supply.forecast.views_common import ForecastPage, Here, address, here

ROWS_A_PAGE = 60
WITHIN = {
    "none": Text("Đang không có hàng", "No stock now"),
    "7": Text("Hết trong 7 ngày", "Out within 7 days"),
    "14": Text("Hết trong 14 ngày", "Out within 14 days"),
    "all": Text("Tất cả", "All"),
}


class ShortageView(ForecastPage):
    """Who runs out of what, when."""

    route_base = "/forecast/shortage"
    default_view = "index"
    class_permission_name = "Shortage"
    method_permission_name = {"index": "read", "export": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Heat table and list, the worst first; filters live in the address."""
        at = here()
        if at.run is None:
            return self.page("shortage", at, found=None)
        found, rows, shown = _shortage(at)
        first = chosen("from") or 0
        values = {
            "rows": shown[first : first + ROWS_A_PAGE],
            "more": address("/forecast/shortage/", **{"from": first + ROWS_A_PAGE})
            if len(shown) > first + ROWS_A_PAGE
            else None,
            "wanted": _wanted(),
            "single": _wanted().facility_id is not None or len(found.facilities) == 1,
            "category_names": CATEGORY_NAMES,
            "class_words": screens.CLASS_WORDS,
        }
        if request.headers.get("HX-Request") == "true":
            return self.page("_shortage_rows", at, **values)
        categories = [c for c in CATEGORY_NAMES if any(r.item.category == c for r in rows)]
        return self.page(
            "shortage",
            at,
            found=found,
            count=len(shown),
            total=len(rows),
            sentence=screens.shortage_sentence(rows, len(found.facilities)),
            heat=screens.heat(rows, found.facilities, categories),
            categories=categories,
            within=[(key, t(name)) for key, name in WITHIN.items()],
            within_now=request.args.get("within", "14"),
            export=address("/forecast/shortage/export.csv"),
            **values,
        )

    @expose("/export.csv")
    @guarded
    def export(self) -> Response:
        """The list under its filters as CSV."""
        at = here()
        if at.run is None:
            raise NotFound(Text("Chưa có lượt dự báo nào.", "There is no forecast yet."))
        _found, _rows, shown = _shortage(at)
        head = [
            t("Mã cơ sở", "Facility code"),
            t("Cơ sở", "Facility"),
            t("Mã hàng", "Item code"),
            t("Mặt hàng", "Item"),
            t("Đơn vị", "Unit"),
            t("Tồn dùng được", "Usable stock"),
            t("Đang chuyển đến", "On the way"),
            t("Dùng mỗi ngày", "Use per day"),
            t("Số ngày đủ dùng (thấp)", "Days of stock (low)"),
            t("Số ngày đủ dùng", "Days of stock"),
            t("Số ngày đủ dùng (cao)", "Days of stock (high)"),
            t("Ngày hết hàng", "Stock-out date"),
            t("Thiếu trong 14 ngày", "Short in 14 days"),
            t("Thiếu trong 28 ngày", "Short in 28 days"),
            t("Thiếu trong 28 ngày (mức cao)", "Short in 28 days (high)"),
        ]
        return csv_response("nguy-co-thieu", head, _export_rows(shown))


def _wanted() -> ShortageFilter:
    within = request.args.get("within", "14")
    return ShortageFilter(
        chosen("facility"),
        request.args.get("category", ""),
        int(within) if within in ("7", "14") else None,
        request.args.get("q", "")[:100],
        within == "none",
    )


def _shortage(at: Here) -> tuple[needs.Shortage, list[ShortageRow], list[ShortageRow]]:
    """What was found, all its rows, and those the filter keeps."""
    assert at.run is not None
    found = needs.shortage(at.run.id, at.district.slug)
    rows = needs.shortage_rows(found)
    wanted = _wanted()
    return found, rows, [row for row in rows if wanted.keeps(row)]


def _export_rows(rows: list[ShortageRow]) -> Iterator[tuple[object, ...]]:
    for r in rows:
        yield (
            r.facility.code,
            t(r.facility.name),
            r.item.code,
            t(r.item.name),
            t(r.item.base_unit),
            r.on_hand,
            r.in_transit,
            round(r.burn_per_day, 1),
            round(r.days_low, 1),
            round(r.days, 1),
            round(r.days_high, 1),
            r.stock_out or "",
            r.short_14,
            r.short_28,
            r.short_28_high,
        )
