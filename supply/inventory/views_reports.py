"""Stock reports: movement, expiry, below minimum, not moved, use; and where a minimum is set."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core.address import number
from supply.core.errors import NotFound
from supply.core.i18n import t, today
from supply.core.lists import ListPage, args, asks_for_part
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.inventory import keyed, minimums, movement
from supply.inventory.kinds import INSIDE_PLACES
from supply.inventory.movement_table import (
    GROUP_NAMES,
    PERIOD_NAMES,
    columns,
    movement_filter,
    period_of,
)
from supply.inventory.parsing import parse_quantity
from supply.inventory.places import places_of
from supply.inventory.report_tables import PAGES, ReportPage, asked_of
from supply.inventory.views_common import category_choices, facility, item_of

MOVEMENT = Text("Nhập - xuất - tồn", "Movement")
MOVEMENT_SHOWN_MAX = 1000


class ReportsView(BaseView):
    """What moved and what needs attention in the stores."""

    route_base = "/stock-reports"
    default_view = "movement"
    class_permission_name = "Stock"
    method_permission_name = {
        "index": "read",
        "movement": "read",
        "report": "read",
        "set_minimum": "read",
    }

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The reports begin with what moved."""
        return redirect("/stock-reports/movement/")

    @expose("/movement/")
    @guarded
    def movement(self) -> Any:
        """Opening, in, out, closing of a period; filters in the address."""
        said = args()
        wanted = movement_filter(said)
        rows = movement.movement(wanted)
        page = ListPage(
            "/stock-reports/movement/",
            said,
            columns(wanted.group, *movement.kinds_of(rows)),
            "inventory.movement",
        )
        places = places_of(said)
        return self.render_template(
            "inventory/movement.html",
            tabs=_tabs("movement"),
            page=page,
            rows=rows[:MOVEMENT_SHOWN_MAX],
            row_count=len(rows),
            totals=movement.totals(rows),
            wanted=wanted,
            places=places,
            facility_id=places.only_facility_id,
            period=period_of(said, today())[2].value,
            periods=[(p.value, t(name)) for p, name in PERIOD_NAMES.items()],
            groups=[(g.value, t(name)) for g, name in GROUP_NAMES.items()],
            place_kinds=[(k, t(name)) for k, name in INSIDE_PLACES.items()],
            categories=category_choices(),
        )

    @expose("/<name>/")
    @guarded
    def report(self, name: str) -> Any:
        """One of the lists; `after` asks for the rows that follow."""
        if name not in PAGES:
            raise NotFound()
        report, said = PAGES[name], args()
        asked, params = asked_of(report, said), report.params(said)
        rows, after = keyed.page(
            report.report, asked, params, request.args.get("after", "")[:200] or None, 50
        )
        page = ListPage(report.path, said, report.columns, f"inventory.{name}")
        places = places_of(said)
        values = {
            "report": report,
            "page": page,
            "rows": rows,
            "more": page.address(after=after) if after else None,
            "show_place": places.several,
            "may_set": name == "minimum" and _may_set_minimums(),
        }
        if asks_for_part():
            return self.render_template("inventory/_report_rows.html", **values)
        return self.render_template(
            "inventory/report.html",
            tabs=_tabs(name),
            places=places,
            categories=category_choices(),
            asked=asked,
            chosen=_chosen(report, page),
            totals=keyed.sums(report.report, asked, params, *report.summed),
            is_filtered=bool(set(said) - {"sort", "dir", "cols", "after", "view"}),
            **values,
        )

    @expose("/minimum/set", methods=["POST"])
    @guarded
    def set_minimum(self) -> Any:
        """Enter or clear the minimum of an item in a store."""
        place = facility(number(request.form, "facility"))
        item = item_of(number(request.form, "item"))
        typed = request.form.get("minimum", "").strip()
        wanted = (
            None if not typed else 0 if not typed.strip("0") else parse_quantity(typed, "minimum")
        )
        minimums.set_minimum(place.id, item.id, wanted)
        back = request.form.get("back", "")[:2000]
        return redirect(f"/stock-reports/minimum/?{back}" if back else "/stock-reports/minimum/")


def _tabs(name: str) -> list[tuple[str, Text, bool]]:
    """The reports beside each other: address, name, whether it is this one."""
    named = [("movement", MOVEMENT), *((page.name, page.title) for page in PAGES.values())]
    return [(f"/stock-reports/{key}/", title, key == name) for key, title in named]


def _chosen(report: ReportPage, page: ListPage) -> str:
    """What the report's own filter stands on."""
    if report.choice is None:
        return ""
    name, _, offered = report.choice
    usual = {"within": "90", "days": "90"}.get(name, "")
    value = page.said.get(name, usual)
    return value if value in dict(offered) else usual


def _may_set_minimums() -> bool:
    return bool(catalog.facilities(writable=True)) or may("can_write", "Plans")
