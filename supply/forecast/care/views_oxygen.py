"""The page of oxygen to come: flow against capacity, hours left, what binds."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import expose

from supply.core.clock import today
from supply.core.i18n import t
from supply.core.security import guarded, may
from supply.forecast.care import screens
from supply.forecast.care.tables import oxygen_rows_of
from supply.forecast.norms import load_norms
from supply.forecast.views_common import ForecastPage, here
from supply.oxygen.gas import urgency
from supply.oxygen.queries import norms
from supply.oxygen.words import URGENCY, hours_in_words


class OxygenForecastView(ForecastPage):
    """How much oxygen will flow, whether its sources can give it, how long the gas lasts."""

    route_base = "/forecast/oxygen"
    default_view = "index"
    class_permission_name = "OxygenForecast"
    method_permission_name = {"index": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Every facility that will need oxygen, the shortest first."""
        at = here()
        if at.run is None:
            return self.page("care_oxygen", at, rows=None)
        rows, care = oxygen_rows_of(at.run)
        codes = list(care.facility_codes)
        flow = care.of("oxygen_flow").by_day
        words = {
            "x": t("Ngày", "Day"),
            "history": t("Nguồn cấp được", "Sources give"),
            "median": t("Cần (giữa), lít/phút", "Needed (middle), L/min"),
            "band50": "50 %",
            "band95": "90 %",
        }
        charts = [
            (
                row,
                screens.fan(
                    flow[codes.index(row.facility.code)],
                    row.sources.flow_limit_litres_per_minute if row.sources.known else None,
                    at.run.day_0,
                    today(),
                    words,
                ),
            )
            for row in rows
            if row.peak[2] > 0
        ]
        limits = norms().limits
        return self.page(
            "care_oxygen",
            at,
            rows=rows,
            charts=charts,
            binds=screens.BINDS,
            oxygen=load_norms(at.run.origin, at.run.params.severity_set).oxygen,
            urgency_of={row.facility.id: urgency(row.hours[1], limits) for row in rows},
            urgency_words=URGENCY,
            hours_in_words=hours_in_words,
            may_define=may("can_define", "Care"),
        )
