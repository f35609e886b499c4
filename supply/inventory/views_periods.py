"""The closing of periods: how far each facility's books are closed, close, open again."""

from __future__ import annotations

from typing import Any

from flask import redirect as go_to
from flask import request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core.address import day, number
from supply.core.errors import SupplyError
from supply.core.i18n import dmy, t, today
from supply.core.lists import args
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.inventory import periods
from supply.inventory.periods import PeriodState, month_before
from supply.inventory.places import places_of
from supply.inventory.views_common import facility


class PeriodsView(BaseView):
    """Who closed the books through which day, what is not yet closed."""

    route_base = "/periods"
    default_view = "index"
    class_permission_name = "Periods"
    method_permission_name = {"index": "read", "close": "write", "reopen": "reopen"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The facilities in scope, those furthest behind first, and what was done lately."""
        return self._page()

    @expose("/close", methods=["POST"])
    @guarded
    def close(self) -> Any:
        """Close a facility's books through a month's end."""
        place = facility(number(request.form, "facility"))
        through = day(request.form, "through")
        try:
            periods.close_period(
                place.id, through or today(), request.form.get("reason", "").strip()
            )
        except SupplyError as error:
            return self._refused(error)
        return go_to(f"/periods/?done={place.id}")

    @expose("/reopen", methods=["POST"])
    @guarded
    def reopen(self) -> Any:
        """Open them again, with a reason."""
        place = facility(number(request.form, "facility"))
        through = day(request.form, "through")
        try:
            periods.reopen_period(place.id, through, request.form.get("reason", "").strip())
        except SupplyError as error:
            return self._refused(error)
        return go_to(f"/periods/?done={place.id}")

    def _refused(self, error: SupplyError) -> Any:
        if error.status not in {403, 409, 422}:
            raise error
        return self._page(error), error.status

    def _page(self, error: SupplyError | None = None) -> Any:
        said = args()
        places = places_of(said)
        states = periods.period_states(places.where)
        mine = {f.id for f in catalog.facilities(writable=True)}
        upto = month_before(today())
        return self.render_template(
            "inventory/periods.html",
            states=states,
            open_months={s.facility_id: s.months_open(upto) for s in states},
            back_to={s.facility_id: _back_to(s) for s in states},
            behind=sum(bool(s.months_open(upto)) for s in states),
            events=periods.period_events(places.facility_id),
            places=places,
            mine=mine if may("can_write", "Periods") else set(),
            may_reopen=may("can_reopen", "Periods"),
            done=number(said, "done"),
            upto=upto,
            error=error,
        )


def _back_to(state: PeriodState) -> list[tuple[str, str]]:
    """The days to which the books can be opened again, nearest first; '' for all of them."""
    if state.closed_through is None:
        return []
    found: list[tuple[str, str]] = []
    end = state.closed_through
    for _ in range(12):
        end = month_before(end)
        if state.first_document is not None and end < state.first_document.replace(day=1):
            break
        found.append((dmy(end), t(f"mở từ ngày sau {dmy(end)}", f"open after {dmy(end)}")))
    found.append(("", t(Text("mở tất cả các kỳ", "open all periods"))))
    return found
