"""The projection, and the button that makes a new one."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask_appbuilder import expose

from supply.core.i18n import t
from supply.core.jobs import enqueue
from supply.core.lists import chosen
from supply.core.security import guarded
from supply.core.text import Text
from supply.forecast import queries, screens, services
from supply.forecast.seeing import multiples
from supply.forecast.views_common import ForecastPage, here

ORDER_WORDS = {
    "growth": Text("Tăng nhanh nhất trước", "Fastest growing first"),
    "cases": Text("Nhiều ca nhất trước", "Most cases first"),
    "name": Text("Theo tên", "By name"),
}


class ProjectionView(ForecastPage):
    """The fan of the weeks to come, and the button that makes a new one."""

    route_base = "/forecast"
    default_view = "projection"
    class_permission_name = "Projection"
    method_permission_name = {"projection": "read", "run": "write"}

    @expose("/projection/")
    @guarded
    def projection(self) -> Any:
        """Fan of the district, small ones of the wards, all figures as a table."""
        at = here()
        if at.run is None:
            return self.page("projection", at, view=None)
        view = queries.projection(at.run.id)
        ward = next((w for w in view.wards if w.ward_id == chosen("ward")), None)
        series = ward or view.district
        words = {
            "x": t("Tuần đến", "Week to"),
            "history": t("Đã báo cáo", "Reported"),
            "median": t("Dự báo (giữa)", "Projected (middle)"),
            "band50": "50 %",
            "band95": "95 %",
        }
        order = request.args.get("order", "")
        order = order if order in multiples.ORDERS else multiples.ORDERS[0]
        shared = request.args.get("scale") == "shared"
        return self.page(
            "projection",
            at,
            view=view,
            ward=ward,
            sentence=screens.projection_sentence(view) if ward is None else None,
            chart=screens.fan_chart(view, series, words),
            fan_rows=multiples.fan_rows(view, series),
            panels=multiples.panels(view, shared=shared, order=order),
            panel_size=(multiples.WIDTH, multiples.HEIGHT),
            order=order,
            orders=ORDER_WORDS,
            shared=shared,
            rows=screens.projection_rows(view),
        )

    @expose("/run", methods=["POST"])
    @guarded
    def run(self) -> Any:
        """Queue a run and watch it."""
        at = here()
        chosen_set = request.form.get("severity_set", services.DEFAULT_SET)
        if chosen_set not in screens.SEVERITY_SETS:
            chosen_set = services.DEFAULT_SET
        back = request.form.get("next", "")
        job_id = enqueue(
            "forecast.run",
            district=at.district.slug,
            severity_set=chosen_set,
            next_url=back if back.startswith("/forecast/") else "",
            capped=request.form.get("capped") == "1",
        )
        return redirect(f"/jobs/{job_id}")
