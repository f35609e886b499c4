"""Infectious waste to come, against what can be treated."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import request
from flask_appbuilder import expose

from supply.catalog import queries as catalog
from supply.core.errors import InvalidInput, SupplyError
from supply.core.i18n import t, today
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.inventory.parsing import parse_date_vn
from supply.planning import exports, queries, services
from supply.planning.tables import WasteRate, WasteRates
from supply.planning.typed import decimal
from supply.planning.views_common import PlanningPage, done, fault_words, here, wanted_run
from supply.planning.waste_board import NAMES, WasteBoard

__all__ = ["WasteView", "exports"]


class WasteView(PlanningPage):
    """Kilograms a day, where it is too much, who can help."""

    route_base = "/waste"
    default_view = "index"
    class_permission_name = "Waste"
    method_permission_name = {"index": "read", "set_capacity": "write"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The board of a run, and what is entered."""
        return self._page(None)

    def _page(self, error: SupplyError | None) -> Any:
        at = here()
        board = None if at.run is None else queries.waste_board(at.district.slug, wanted_run())
        return self.page(
            "waste",
            at,
            error,
            board=board,
            chart=None if board is None else _chart(board),
            rate_rows=_rate_rows,
            run_now=wanted_run() or (at.run.id if at.run else None),
            able=queries.capacities(at.district.id),
            places=catalog.facilities(at.district.id),
            may_write=may("can_write", "Waste"),
            typed=request.form,
            faults=fault_words(error),
            day=today(),
        )

    @expose("/capacity", methods=["POST"])
    @guarded
    def set_capacity(self) -> Any:
        """Say what a facility or the contractor can treat."""
        slug, form = here().district.slug, request.form

        def verb() -> None:
            try:
                kg = decimal(form.get("kg_per_day", ""))
            except ValueError:
                raise InvalidInput(
                    Text("Năng lực phải là một số kg/ngày.", "Capacity must be a number of kg.")
                ) from None
            day = form.get("valid_from", "")
            place = form.get("facility", "")
            services.set_capacity(
                slug,
                int(place) if place.isdigit() and len(place) < 10 else None,
                kg,
                form.get("source", ""),
                parse_date_vn(day, "valid_from") if day else None,
            )

        words = Text("Đã ghi năng lực xử lý.", "The capacity is kept.")
        return done(verb, words, f"/waste/?district={slug}", self._page)


def _rate_rows(rates: WasteRates) -> list[tuple[Text, WasteRate]]:
    """Every rate under what people call it."""
    names = {item.code: item.name for item in catalog.items(list(rates.items))}
    found = [(NAMES.get(key, Text(key, key)), rate) for key, rate in rates.drivers.items()]
    return found + [(names[code], rate) for code, rate in rates.items.items() if code in names]


def _chart(board: WasteBoard) -> dict[str, Any]:
    """The district's kilograms by day with the interval, and what can be treated."""
    mean, low, high = ([round(float(v), 1) for v in series] for series in board.daily)
    days = [str(board.day + dt.timedelta(days=n)) for n in range(board.days)]
    return {
        "days": days,
        "x": t("Ngày", "Day"),
        "series": [
            {"label": t("trung bình", "mean"), "values": mean},
            {"label": t("thấp (5 %)", "low (5 %)"), "values": low},
            {"label": t("cao (95 %)", "high (95 %)"), "values": high},
            {
                "label": t("năng lực xử lý", "capacity"),
                "values": [round(board.capacity_kg, 1)] * board.days,
            },
        ],
    }
