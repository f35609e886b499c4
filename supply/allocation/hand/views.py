"""Pages of the planner's hand: adjust a plan, hold plans side by side."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import BaseView, expose

from supply.allocation import queries as plans
from supply.allocation.hand import exports, queries, services
from supply.allocation.hand.changes import TRIPS_MAX
from supply.allocation.hand.difference import moved
from supply.allocation.hand.forms import NEW_PINS, Hand, read_hand
from supply.allocation.hand.pins import KINDS
from supply.allocation.hand.queries import Sheet
from supply.allocation.hand.table import LORENZ_SIDE, classes_of, lorenz_path, measures
from supply.allocation.queries import Names
from supply.allocation.story import percent, short_name
from supply.allocation.words import CLASS_NAMES, POLICIES, STATES
from supply.core.errors import Fault, SupplyError
from supply.core.i18n import t
from supply.core.security import guarded, may
from supply.core.text import Text

__all__ = ["HandView", "exports"]

LINES_SHOWN, SHIFTS_SHOWN, PLANS_OFFERED = 60, 6, 12
FILTERS = ("from", "to", "item")
_MENDED_IN_PLACE = {404, 409, 422}


class HandView(BaseView):
    """Adjust a plan and see what it costs; hold plans side by side."""

    route_base = "/plans"
    class_permission_name = "Plans"
    method_permission_name = {
        "adjust": "read",
        "again": "write",
        "policies": "write",
        "compare": "read",
    }

    @expose("/<int:plan_id>/adjust")
    @guarded
    def adjust(self, plan_id: int) -> Any:
        """The plan's lines with what can be pinned, edited and supposed."""
        return self._adjust(queries.sheet(plan_id), ())

    @expose("/<int:plan_id>/adjust", methods=["POST"])
    @guarded
    def again(self, plan_id: int) -> Any:
        """Work it out again with the planner's hand; goes on to its progress."""
        sheet = queries.sheet(plan_id)
        form = request.form
        hand = Hand("")
        try:
            hand = read_hand(
                form.to_dict(),
                form.getlist("row"),
                form.getlist("keep"),
                sheet.instance,
                sheet.policy,
            )
            job_id = services.start_adjust(plan_id, [hand.policy], hand.pins, hand.changes)
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE:
                raise
            faults = hand.on_page(error.faults) or [Fault("policy", error.text)]
            return self._adjust(sheet, tuple(faults)), error.status
        return redirect(url_for("JobView.show", job_id=job_id))

    @expose("/<int:plan_id>/policies", methods=["POST"])
    @guarded
    def policies(self, plan_id: int) -> Any:
        """The same question under every other policy, as one job."""
        job_id = services.start_policies(plan_id)
        return redirect(url_for("JobView.show", job_id=job_id))

    @expose("/compare")
    @guarded
    def compare(self) -> Any:
        """The plans of `ids` side by side, and which others there are."""
        ids = queries.ids_of(",".join(request.args.getlist("ids")))
        beside = queries.side_by_side(ids) if ids else None
        found = measures(beside.accounts) if beside else []
        groups = list(dict.fromkeys(measure.group for measure in found))
        heads = {head.id: head for head in plans.plans()}
        return self.render_template(
            "allocation/compare.html",
            beside=beside,
            ids=",".join(str(sheet.id) for sheet in beside.sheets) if beside else "",
            groups=[(group, [m for m in found if m.group == group]) for group in groups],
            lorenz=_lorenz(beside) if beside else [],
            side=LORENZ_SIDE,
            heads=heads,
            offered=list(heads.values())[:PLANS_OFFERED],
            plans_max=queries.PLANS_MAX,
            may_write=may("can_write", "Plans"),
            **_WORDS,
        )

    def _adjust(self, sheet: Sheet, faults: tuple[Fault, ...]) -> str:
        names = Names.read()
        plan = plans.plan(sheet.id)
        beside = queries.beside_its_base(sheet)
        asked = {name: request.args.get(name, "") for name in FILTERS}
        lines = _lines(sheet, asked)
        everything = request.args.get("all") == "1"
        shown = lines if everything else lines[:LINES_SHOWN]
        return str(
            self.render_template(
                "allocation/adjust.html",
                plan=plan,
                sheet=sheet,
                names=names,
                asked=asked,
                choices=_choices(sheet, names),
                lines=lines,
                shown=shown,
                locked={pin.key: pin for pin in sheet.pins},
                unmet=sheet.plan.pins_unmet,
                days=[
                    (day, f"{sheet.instance.start + dt.timedelta(days=day):%d/%m/%Y}")
                    for day in range(sheet.instance.horizon_days)
                ],
                base=beside[0] if beside else None,
                cost=beside[1] if beside else None,
                shifts_shown=SHIFTS_SHOWN,
                made=queries.made_from(sheet.id),
                policies=[sheet.policy, *services.other_policies(sheet)],
                typed=request.form,
                faults=faults,
                new_pins=NEW_PINS,
                trips_max=TRIPS_MAX,
                open=sheet.status != "approved",
                may_write=may("can_write", "Plans"),
                **_WORDS,
            )
        )


_WORDS = {
    "CLASS_NAMES": CLASS_NAMES,
    "KINDS": KINDS,
    "POLICIES": POLICIES,
    "STATES": STATES,
    "percent": percent,
    "short_name": short_name,
}


def _lines(sheet: Sheet, asked: dict[str, str]) -> list[tuple[str, str, str, int]]:
    """(from, to, item, units) of what moves, as filtered."""
    return [
        (*key, units)
        for key, units in sorted(moved(sheet.plan.transfers).items())
        if all(asked[name] in ("", part) for name, part in zip(FILTERS, key, strict=True))
    ]


def _choices(sheet: Sheet, names: Names) -> dict[str, list[tuple[str, str]]]:
    """What the selects offer: (value, words), by name."""
    instance = sheet.instance
    stock = {(row.item, row.lot, row.expiry) for row in instance.stock_rows if row.expiry}

    def place(code: str) -> tuple[str, str]:
        return code, t(short_name(names.facility(code)))

    def item(code: str) -> tuple[str, str]:
        return code, t(names.item(code))

    items = sorted((item(row.id) for row in instance.items), key=lambda pair: pair[1])
    moves = moved(sheet.plan.transfers)
    return {
        "senders": [place(code) for code in sorted({a.origin for a in instance.arcs})],
        "receivers": [place(code) for code in sorted({a.destination for a in instance.arcs})],
        "places": [place(row.id) for row in instance.facilities],
        "items": items,
        "lots": [
            (f"{code}|{lot}", f"{t(names.item(code))}, {t('lô', 'lot')} {lot}, {expiry:%d/%m/%Y}")
            for code, lot, expiry in sorted(stock, key=lambda row: (row[2] or dt.date.max, row))
        ],
        "from": sorted({place(key[0]) for key in moves}),
        "to": sorted({place(key[1]) for key in moves}),
        "item": sorted({item(key[2]) for key in moves}, key=lambda pair: pair[1]),
    }


def _lorenz(beside: queries.Beside) -> list[tuple[Text, list[tuple[int, str, float]]]]:
    """Each class: its name, and (plan's number, path, Gini) of every plan that serves it."""
    return [
        (
            CLASS_NAMES[name],
            [
                (at, lorenz_path(one.classes[name].lorenz), one.classes[name].gini)
                for at, one in enumerate(beside.accounts)
                if name in one.classes
            ],
        )
        for name in classes_of(beside.accounts)
    ]
