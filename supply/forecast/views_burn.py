"""What will be used, and why."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import request
from flask_appbuilder import expose

from supply.catalog import queries as catalog
from supply.catalog.words import CATEGORY as CATEGORY_NAMES
from supply.core.clock import today
from supply.core.errors import NotFound
from supply.core.i18n import t
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.forecast import queries, screens
from supply.forecast.explain import DRIVER_WORDS
from supply.forecast.seeing import drill, tables  # noqa: F401  tables: declares the files of both pages
from supply.forecast.views_common import ForecastPage, chosen_places, here
from supply.forecast.why import added, explain_each

HORIZONS = (7, 14, 28)


class BurnView(ForecastPage):
    """What will be used, item by item, and why."""

    route_base = "/forecast/burn"
    default_view = "index"
    class_permission_name = "Burn"
    method_permission_name = {"index": "read", "why": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Use over 7, 14 and 28 days at one facility or all."""
        at = here()
        facilities = catalog.facilities(at.district.id)
        if at.run is None:
            return self.page("burn", at, lines=None, facilities=facilities)
        burn = queries.stored_burn(at.run.id)
        places = chosen_places(facilities)
        items = {item.code: item for item in catalog.items(burn.item_codes)}
        category = request.args.get("category", "")
        lines = [
            (items[line.item_code], line)
            for line in screens.burn_lines(burn, places, HORIZONS)
            if not category or items[line.item_code].category == category
        ]
        order = list(CATEGORY_NAMES)
        lines.sort(key=lambda pair: (order.index(pair[0].category), pair[0].code))
        return self.page(
            "burn",
            at,
            lines=lines,
            facilities=facilities,
            category_names=CATEGORY_NAMES,
            categories=[c for c in CATEGORY_NAMES if any(i.category == c for i in items.values())],
            horizons=HORIZONS,
        )

    @expose("/why/<int:item_id>")
    @guarded
    def why(self, item_id: int) -> Any:
        """One item: use by day, and the norms it comes from."""
        at = here()
        item = next((i for i in catalog.items() if i.id == item_id), None)
        if at.run is None or item is None:
            raise NotFound()
        facilities = catalog.facilities(at.district.id)
        burn = queries.stored_burn(at.run.id)
        if item.code not in burn.item_codes:
            raise NotFound(Text("Mặt hàng này chưa có định mức.", "This item has no norm yet."))
        places = chosen_places(facilities)
        number = burn.item_codes.index(item.code)
        words = {
            "x": t("Ngày", "Day"),
            "history": "",
            "median": t("Mức giữa", "Middle"),
            "band50": "50 %",
            "band95": "90 %",
        }
        seen = [facilities[f] for f in places]
        each = explain_each(at.run.id, [place.id for place in seen], item.id)
        explanation = added(each)
        last = min(today(), at.run.day_0 + dt.timedelta(days=burn.days)) - dt.timedelta(days=1)
        return self.page(
            "why",
            at,
            item=item,
            facilities=facilities,
            chart=screens.burn_chart(burn, places, number, at.run.day_0, words),
            explanation=explanation,
            total=float(burn.total_mean[list(places), number].sum()),
            own=drill.own_rates(at.run.id, burn, seen, item.code, [one.units for one in each]),
            assumptions=drill.assumptions(explanation, at.run.params),
            ledger=drill.ledger_use(seen, item.code, last),
            ledger_days=drill.LEDGER_DAYS,
            view=queries.projection(at.run.id) if may("can_read", "Projection") else None,
            class_words=screens.CLASS_WORDS,
            driver_words=DRIVER_WORDS,
            status_words=screens.status_words,
            status_detail=screens.status_detail,
            rate=screens.rate_text,
            days=burn.days,
        )
