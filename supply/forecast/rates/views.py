"""Pages of the rates: norm beside use, farthest apart first; one rate taken apart; the pin."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import InvalidInput, NotFound
from supply.core.i18n import t
from supply.core.lists import chosen
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.forecast.rates import board, exports, services
from supply.forecast.rates.words import METHOD_WORDS, SORT_WORDS
from supply.forecast.views_common import ForecastPage, Here, address, chosen_places, here

__all__ = ["RatesView", "exports"]
ROWS_SHOWN = 200


class RatesView(ForecastPage):
    """What every facility uses beside what the norms say."""

    route_base = "/forecast/rates"
    default_view = "index"
    class_permission_name = "Rates"
    method_permission_name = {"index": "read", "closely": "read", "pin": "write"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """All rates of the run, filtered."""
        at = here()
        facilities = catalog.facilities(at.district.id)
        if at.run is None:
            return self.page("rates", at, lines=None, facilities=facilities)
        chosen_places(facilities)
        wanted = request.args
        lines = board.lines_of(
            at.run,
            chosen("facility"),
            wanted.get("q", "")[:80],
            wanted.get("method", ""),
            wanted.get("sort", ""),
        )
        return self.page(
            "rates",
            at,
            lines=lines[:ROWS_SHOWN],
            count=len(lines),
            facilities=facilities,
            methods=METHOD_WORDS,
            sorts=SORT_WORDS,
            sort=wanted.get("sort", "") or board.SORTS[0],
        )

    @expose("/<int:facility_id>/<int:item_id>")
    @guarded
    def closely(self, facility_id: int, item_id: int) -> Any:
        """One rate: how it comes about, and the weeks of the ledger behind it."""
        at = here()
        return self._closely(at, facility_id, item_id)

    def _closely(self, at: Here, facility_id: int, item_id: int, faults: Any = ()) -> Any:
        if at.run is None:
            raise NotFound()
        lines = board.lines_of(at.run, facility_id)
        line = next((one for one in lines if one.item.id == item_id), None)
        if line is None:
            raise NotFound(
                Text(
                    "Lượt dự báo này không có mức dùng của mặt hàng đó tại cơ sở đó.",
                    "This forecast has no rate for that item at that facility.",
                )
            )
        return self.page(
            "rate",
            at,
            line=line,
            behind=board.closely(at.run, line),
            method=METHOD_WORDS[line.method],
            left_out=board.LEFT_OUT,
            may_pin=may("can_write", "Rates"),
            faults=faults,
        )

    @expose("/<int:facility_id>/<int:item_id>/pin", methods=["POST"])
    @guarded
    def pin(self, facility_id: int, item_id: int) -> Any:
        """Hold the item to its norm here, or let it learn again."""
        at = here()
        hold = request.form.get("pinned") == "1"
        try:
            services.pin(facility_id, item_id, hold, today(), request.form.get("reason", ""))
        except InvalidInput as refused:
            return self._closely(at, facility_id, item_id, refused.faults), 422
        flash(
            t(
                "Đã giữ định mức. Lượt dự báo sau sẽ theo."
                if hold
                else "Lượt dự báo sau sẽ học lại.",
                "Held to the norm from the next run on."
                if hold
                else "The next run will learn again.",
            ),
            "success",
        )
        return redirect(
            address(f"/forecast/rates/{facility_id}/{item_id}", district=at.district.slug)
        )
