"""A plan that is carried out: what waits, what moved, the papers of a sender's day, ending, planning again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose

from supply.allocation.carrying import limits, services
from supply.allocation.carrying.grouping import (
    DayOfSenders,
    days_of,
    first_open,
    quotas_of,
    trips_of,
)
from supply.allocation.carrying.paper import loading_list, pick_list
from supply.allocation.carrying.progress import LINE_STATES, ODD, Line
from supply.allocation.carrying.queries import Carrying, carrying, sender_day
from supply.allocation.carrying.words import (
    DRAFT_STATE_NAMES,
    DRAFT_TONES,
    LINE_STATE_NAMES,
    LINE_TONES,
)
from supply.allocation.story import short_name
from supply.allocation.words import CLASS_NAMES, POLICIES
from supply.catalog import queries as catalog
from supply.core.errors import NotFound, SupplyError
from supply.core.i18n import t
from supply.core.security import guarded, may
from supply.paper.views_common import file_answer, typed_for_print

SHOWN_TRIPS = 40
OPENED_LINES = 20
"""A filter that leaves no more lines than these shows them at once."""
FILTERS = ("state", "day", "from", "to")
PAPERS = {"pick": pick_list, "load": loading_list}


class CarryView(BaseView):
    """Carrying a plan out."""

    route_base = "/plans"
    class_permission_name = "Plans"
    method_permission_name = {"show": "read", "paper": "read", "end": "write", "again": "write"}

    @expose("/<int:plan_id>/carry")
    @guarded
    def show(self, plan_id: int) -> Any:
        """Progress line by line; state and places are in the address."""
        return self._page(plan_id, None)

    @expose("/<int:plan_id>/carry/<origin>/<day>/<which>.<kind>")
    @guarded
    def paper(self, plan_id: int, origin: str, day: str, which: str, kind: str) -> Any:
        """The pick list or the loading list of a sender's day, as PDF or XLSX."""
        try:
            on = dt.date.fromisoformat(day)
            make = PAPERS[which]
        except (ValueError, KeyError):
            raise NotFound() from None
        _, found = sender_day(plan_id, origin, on)
        name = {"pick": "soan-hang", "load": "xep-xe"}[which]
        return file_answer(make(plan_id, found, typed_for_print()), kind, name)

    @expose("/<int:plan_id>/carry/end", methods=["POST"])
    @guarded
    def end(self, plan_id: int) -> Any:
        """End the plan: what waits is withdrawn."""
        try:
            gone = services.end(plan_id, request.form.get("reason", ""))
        except SupplyError as error:
            return self._refused(plan_id, error)
        flash(
            t(
                f"Đã kết thúc kế hoạch. {len(gone)} phiếu chờ gửi đã được rút lại.",
                f"The plan has ended. {len(gone)} waiting drafts were withdrawn.",
            ),
            "success",
        )
        return redirect(url_for("CarryView.show", plan_id=plan_id))

    @expose("/<int:plan_id>/carry/again", methods=["POST"])
    @guarded
    def again(self, plan_id: int) -> Any:
        """Plan again from today's state; goes on to its progress."""
        reason = request.form.get("reason", "") if request.form.get("ends") == "1" else ""
        try:
            if request.form.get("ends") == "1" and not reason.strip():
                services.end(plan_id, "")  # raises: a reason is asked for
            job_id = services.replan(plan_id, reason)
        except SupplyError as error:
            return self._refused(plan_id, error)
        return redirect(url_for("JobView.show", job_id=job_id))

    def _refused(self, plan_id: int, error: SupplyError) -> Any:
        if error.status not in {409, 422}:
            raise error
        return self._page(plan_id, error), error.status

    def _page(self, plan_id: int, error: SupplyError | None) -> str:
        found = carrying(plan_id)
        asked = {name: request.args.get(name, "") for name in FILTERS}
        lines = [line for line in found.lines if _matches(line, asked)]
        everything = request.args.get("all") == "1"
        places = {r.origin: r.origin_name for r in found.plan.transfers}
        places |= {r.destination: r.destination_name for r in found.plan.transfers}
        trips, days = trips_of(lines), days_of(found.days)
        few = any(asked.values()) and len(lines) <= OPENED_LINES
        items = {i.code: i for i in catalog.items(sorted({line.item for line in found.lines}))}
        given_out = limits.given_out(plan_id) if found.plan.status == "approved" else []
        return str(
            self.render_template(
                "allocation/carry.html",
                plan=found.plan,
                totals=found.totals,
                days=days,
                open_day=_opened_day(asked, days),
                line_count=len(lines),
                trip_count=len(trips),
                trips=trips if everything else trips[:SHOWN_TRIPS],
                everything=everything,
                opened=few or request.args.get("open") == "1",
                asked=asked,
                choices=_choices(found, places),
                place=lambda code: t(short_name(places[code])) if code in places else code,
                items=items,
                quotas=quotas_of(given_out),
                error=error,
                may_write=may("can_write", "Plans"),
                may_send=may("can_write", "Documents"),
                short_name=short_name,
                CLASS_NAMES=CLASS_NAMES,
                POLICIES=POLICIES,
                STATE_NAMES=LINE_STATE_NAMES,
                TONES=LINE_TONES,
                DRAFT_STATES=DRAFT_STATE_NAMES,
                DRAFT_TONES=DRAFT_TONES,
                LINE_STATES=LINE_STATES,
                ODD=ODD,
            )
        )


def _opened_day(asked: dict[str, str], days: Sequence[DayOfSenders]) -> str:
    """The day of papers that stands open: the one asked for; none while lines are looked for."""
    if asked["day"] or any(asked.values()):
        return asked["day"]
    day = first_open(days)
    return day.isoformat() if day else ""


def _matches(line: Line, asked: dict[str, str]) -> bool:
    state = asked["state"]
    return (
        (state == "" or line.state == state or (state == "odd" and line.state in ODD))
        and asked["day"] in ("", line.day.isoformat())
        and asked["from"] in ("", line.origin)
        and asked["to"] in ("", line.destination)
    )


def _choices(found: Carrying, places: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """What the lines can be filtered by."""

    def named(codes: set[str]) -> list[tuple[str, str]]:
        return sorted(((code, t(places[code])) for code in codes), key=lambda pair: pair[1])

    states = [s for s in LINE_STATES if found.totals.by_state.get(s)]
    odd = [("odd", t("Cần xem lại", "Needs a look"))] if found.totals.odd else []
    return {
        "state": odd + [(s, t(LINE_STATE_NAMES[s])) for s in states],
        "day": [
            (day.isoformat(), f"{day:%d/%m/%Y}") for day in sorted({x.day for x in found.lines})
        ],
        "from": named({line.origin for line in found.lines}),
        "to": named({line.destination for line in found.lines}),
    }
