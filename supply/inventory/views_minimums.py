"""The page of minimum rules: how many days of use are a minimum, for whom, from which day."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask_appbuilder import BaseView, expose

from supply.core.address import day
from supply.core.errors import Fault, InvalidInput, SupplyError
from supply.core.i18n import t, today
from supply.core.security import guarded
from supply.core.text import Text
from supply.inventory import minimum_rules
from supply.inventory.minimum_rules import Settable

OF = {
    "store": Text("riêng cơ sở", "the store's own"),
    "district": Text("của quận, huyện", "the district's"),
    "all": Text("chung", "general"),
}


class MinimumRulesView(BaseView):
    """Rules are added, never changed: what held last month can still be read."""

    route_base = "/minimum-rules"
    default_view = "index"
    class_permission_name = "Stock"
    method_permission_name = {"index": "read", "set": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """What holds for each store, what was set when, and the form."""
        return self._page()

    @expose("/set", methods=["POST"])
    @guarded
    def set(self) -> Any:
        """Set a rule."""
        form = request.form
        try:
            kind, _, number = form.get("of", "").partition("-")
            at = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
            if kind not in ("facility", "district", "all") or (at is None) != (kind == "all"):
                words = Text("Hãy chọn nơi áp dụng.", "Choose what the rule is for.")
                raise InvalidInput(faults=[Fault("of", words)])
            since = day(form, "from", None if form.get("from", "").strip() else today())
            if since is None:
                words = Text("Hãy ghi ngày dạng 31/01/2022.", "Write the day as 31/01/2022.")
                raise InvalidInput(faults=[Fault("from", words)])
            minimum_rules.set_rule(
                _days(form.get("days", "")),
                since,
                facility_id=at if kind == "facility" else None,
                district_id=at if kind == "district" else None,
                reason=form.get("reason", ""),
            )
        except SupplyError as error:
            if error.status not in {403, 422}:
                raise
            return self._page(error), error.status
        return redirect("/minimum-rules/?done=1")

    def _page(self, error: SupplyError | None = None) -> Any:
        may_set = minimum_rules.settable()
        return self.render_template(
            "inventory/minimum_rules.html",
            stores=minimum_rules.store_rules(),
            rules=minimum_rules.rules(),
            options=_options(may_set),
            typed=request.form,
            fault={f.field: t(f.text) for f in error.faults} if error else {},
            error=error,
            done="done" in request.args,
            of_names=OF,
            day=today(),
        )


def _days(typed: str) -> int | None:
    """The number typed; blank: None. Raises InvalidInput."""
    typed = typed.strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 6):
        words = Text("Số ngày dùng phải là số nguyên.", "Days of use must be a whole number.")
        raise InvalidInput(faults=[Fault("days", words)])
    return int(typed)


def _options(may_set: Settable) -> list[tuple[str, str]]:
    found = [("all", t("Toàn hệ thống", "The whole installation"))] if may_set.all else []
    found += [(f"district-{at}", name) for at, name in may_set.districts]
    return found + [(f"facility-{at}", t(name)) for at, name in may_set.facilities]
