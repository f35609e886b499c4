"""The page that tells why: what binds, what would help, who gives and gets, who could be lifted."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import BaseView, expose

from supply.allocation import queries
from supply.allocation.explaining.queries import WHY_NOT, moved, why
from supply.allocation.story import percent, short_name
from supply.allocation.words import CLASS_NAMES, POLICIES
from supply.core.errors import NotFound
from supply.core.i18n import t
from supply.core.security import guarded, may
from supply.core.text import Text, group_digits

ITEMS_SHOWN, VEHICLES_SHOWN, LIFTS_SHOWN = 5, 5, 10
MARKS = dict(zip(WHY_NOT, "¹²³", strict=True))


class WhyView(BaseView):
    """Why each place gets what it gets."""

    route_base = "/plans"
    class_permission_name = "Plans"
    method_permission_name = {"show": "read"}

    @expose("/<int:plan_id>/why")
    @guarded
    def show(self, plan_id: int) -> Any:
        """The whole plan, or with `?place=` one place item by item."""
        plan = queries.plan(plan_id)
        names = queries.Names.read()
        found = why(plan, names)
        code = request.args.get("place", "")
        place = next((one for one in found.places if one.code == code), None)
        if code and place is None:
            raise NotFound(
                Text("Nơi này không có trong kế hoạch.", "This place is not in the plan.")
            )
        shown = {row["why"] for row in found.envy.get("lifts", ())[:LIFTS_SHOWN]}
        weights = [
            f"{t(words).lower()} {group_digits(plan.weights[name])}"
            for name, words in CLASS_NAMES.items()
        ]
        return self.render_template(
            "allocation/why_place.html" if place else "allocation/why.html",
            plan=plan,
            why=found,
            place=place,
            side=next((side for side in found.sides if side.code == code), None),
            moved=moved(plan, names, code) if place else (),
            weights=", ".join(weights),
            items_shown=ITEMS_SHOWN,
            vehicles_shown=VEHICLES_SHOWN,
            lifts_shown=LIFTS_SHOWN,
            marks=MARKS,
            reasons_not=[(key, words) for key, words in WHY_NOT.items() if key in shown],
            class_names={key: t(words) for key, words in CLASS_NAMES.items()},
            POLICIES=POLICIES,
            percent=percent,
            may_write=may("can_write", "Plans"),
            short_name=short_name,
        )
