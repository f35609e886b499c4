"""Who runs out of what, when."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_appbuilder import expose

from supply.catalog.words import CATEGORY as CATEGORY_NAMES
from supply.core.export import MEDIA_TYPES
from supply.core.files import as_bytes, file_name
from supply.core.i18n import language, t
from supply.core.lists import args, chosen
from supply.core.security import guarded
from supply.core.text import Text
from supply.forecast import needs, screens, tiles  # noqa: F401  tiles: declares those of the home page
from supply.forecast.needs import ShortageRow
from supply.forecast.screens import ShortageFilter
from supply.forecast.shortage_export import CHANCE_DAYS, shortage_table, wanted_of
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
            "chance_curve": chance_curve,
            "chance_days": CHANCE_DAYS,
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
            export=address("/lists/forecast.shortage.xlsx"),
            export_csv=address("/lists/forecast.shortage.csv"),
            **values,
        )

    @expose("/export.csv")
    @guarded
    def export(self) -> Response:
        """The list under its filters as CSV, at the address it always had."""
        table = shortage_table(args())
        return Response(
            as_bytes(table, "csv", language()),
            mimetype=MEDIA_TYPES["csv"],
            headers={"Content-Disposition": f'attachment; filename="{file_name(table, "csv")}"'},
        )


def _wanted() -> ShortageFilter:
    return wanted_of(args())


def chance_curve(row: ShortageRow) -> str:
    """The chance of being out by each day as an SVG path in a box of 100 × 24, filled below."""
    step = 100 / len(row.out_by_day)
    points = [f"L{(n + 1) * step:.1f} {24 - 24 * p:.1f}" for n, p in enumerate(row.out_by_day)]
    return f"M0 24 {' '.join(points)} L100 24 Z"


def _shortage(at: Here) -> tuple[needs.Shortage, list[ShortageRow], list[ShortageRow]]:
    """What was found, all its rows, and those the filter keeps."""
    assert at.run is not None
    found = needs.shortage(at.run.id, at.district.slug)
    rows = needs.shortage_rows(found)
    wanted = _wanted()
    return found, rows, [row for row in rows if wanted.keeps(row)]
