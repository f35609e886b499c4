"""The list of a district's runs, and the switch that has a forecast made every night."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask_appbuilder import expose

from supply.core.security import guarded
from supply.forecast.runs import queries, services
from supply.forecast.services import DEFAULT_SET
from supply.forecast.views_common import ForecastPage, here


class RunsView(ForecastPage):
    """Every run with what it was made from, each to be opened again."""

    route_base = "/forecast/runs"
    default_view = "runs"
    class_permission_name = "Projection"
    method_permission_name = {"runs": "read", "nightly": "write"}

    @expose("/")
    @guarded
    def runs(self) -> Any:
        """The runs, newest first."""
        at = here()
        return self.page(
            "runs",
            at,
            lines=queries.lines(at.district.id),
            most=queries.MOST,
            schedule=queries.schedule(at.district.id),
        )

    @expose("/nightly", methods=["POST"])
    @guarded
    def nightly(self) -> Any:
        """Switch the nightly forecast on or off."""
        at = here()
        services.schedule(
            at.district.slug,
            request.form.get("active") == "1",
            request.form.get("severity_set") or DEFAULT_SET,
        )
        return redirect(f"/forecast/runs/?district={at.district.slug}")
