"""Replay: what another way to allocate would have done in a past period, from a plan or by itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import BaseView, expose

from supply.allocation import queries
from supply.allocation.queries import PlanView
from supply.allocation.seeing import pictures
from supply.allocation.seeing.hindsight import WAYS, caveats, headline
from supply.allocation.seeing.replay import Replay, ReplayRequest
from supply.allocation.seeing.services import (
    DAYS,
    kept,
    policies,
    result_of,
    start_replay,
    under_way,
)
from supply.allocation.story import percent
from supply.allocation.words import CLASS_NAMES, POLICIES
from supply.catalog import queries as catalog
from supply.core.errors import Fault, NotFound, SupplyError
from supply.core.i18n import t, today
from supply.core.lists import chosen
from supply.core.security import guarded, may

DRAWN = ("real", "plan")
"""The ways drawn by day; with nothing moved the shortage would dwarf both."""


class ReplayView(BaseView):
    """A past period under another policy, as a job, told beside what happened."""

    route_base = "/plans"
    class_permission_name = "Plans"
    method_permission_name = {
        "district": "read",
        "ask_district": "write",
        "plan": "read",
        "ask_plan": "write",
    }

    @expose("/replay")
    @guarded
    def district(self) -> Any:
        """Of a district; with `job=<id>` what was found."""
        return self._page(None, {}, ())

    @expose("/replay", methods=["POST"])
    @guarded
    def ask_district(self) -> Any:
        """Ask for a replay; goes on to its progress."""
        return self._ask(None)

    @expose("/<int:plan_id>/replay")
    @guarded
    def plan(self, plan_id: int) -> Any:
        """From a plan: its district, its policy, its period where that is over."""
        return self._page(queries.plan(plan_id), {}, ())

    @expose("/<int:plan_id>/replay", methods=["POST"])
    @guarded
    def ask_plan(self, plan_id: int) -> Any:
        """The same asked from a plan's page."""
        return self._ask(queries.plan(plan_id))

    def _ask(self, plan: PlanView | None) -> Any:
        typed = request.form.to_dict()
        try:
            job_id = start_replay(_request(typed, plan))
        except SupplyError as error:
            if error.status not in {409, 422}:
                raise
            faults = error.faults or (Fault("start", error.text),)
            return self._page(plan, typed, faults), error.status
        return redirect(url_for("JobView.show", job_id=job_id))

    def _page(self, plan: PlanView | None, typed: dict[str, str], faults: Any) -> str:
        job_id = chosen("job")
        found = None if job_id is None else result_of(job_id)
        if found is not None and found.request.plan_id != (plan.head.id if plan else 0):
            raise NotFound()
        districts = catalog.districts()
        return str(
            self.render_template(
                "allocation/replay.html",
                plan=plan,
                found=found,
                under_way=under_way([d.slug for d in districts], plan.head.id if plan else 0),
                kept=kept([d.slug for d in districts], plan.head.id if plan else 0),
                POLICIES=POLICIES,
                day_of=dt.date.fromisoformat,
                names_of_districts={d.slug: d.name for d in districts},
                faults=faults,
                typed=_usual(plan, found) | typed,
                districts=[(d.slug, d.name) for d in districts],
                days=[(str(n), str(n)) for n in DAYS],
                policies=[(name, t(POLICIES[name].name)) for name in policies()],
                may_write=may("can_write", "Plans"),
                names={key: t(words) for key, words in CLASS_NAMES.items()},
                ways=[(key, t(words)) for key, words in WAYS.items()],
                percent=percent,
                **(_told(found) if found else {}),
            )
        )


def _told(found: Replay) -> dict[str, Any]:
    """What the page says and draws of a replay."""
    start, days = dt.date.fromisoformat(found.request.start), found.request.days
    series = {way: getattr(found, way).points_by_day for way in DRAWN}
    return {
        "headline": headline(found),
        "caveats": caveats(found),
        "classes": [name for name in CLASS_NAMES if name in found.real.classes],
        "dates": [start + dt.timedelta(days=day) for day in range(days)],
        "way_names": {way: t(WAYS[way]) for way in DRAWN},
        "charts": [
            ("wide", pictures.day_lines(series, days, pictures.WIDE_LINES)),
            ("narrow", pictures.day_lines(series, days, pictures.NARROW_LINES)),
        ],
    }


def _usual(plan: PlanView | None, found: Replay | None) -> dict[str, str]:
    """What the form shows first: what was asked last, else the plan's own period if it is over, else
    the days up to yesterday."""
    if found is not None:
        asked = found.request
    else:
        days = plan.head.horizon_days if plan and plan.head.horizon_days in DAYS else 14
        start = today() - dt.timedelta(days=days)
        if plan and plan.head.start + dt.timedelta(days=days) <= today():
            start = plan.head.start
        policy = plan.head.policy if plan and plan.head.policy in policies() else "lexicographic"
        asked = ReplayRequest("", start.isoformat(), days, policy)
    return {
        "district": asked.district_slug,
        "start": f"{dt.date.fromisoformat(asked.start):%d/%m/%Y}",
        "days": str(asked.days),
        "policy": asked.policy,
        "reserve_days": str(asked.reserve_days),
        "estimate": "1" if asked.estimate else "",
    }


def _request(typed: dict[str, str], plan: PlanView | None) -> ReplayRequest:
    """What the form says; a number that is none becomes one that is refused by name."""

    def whole(name: str) -> int:
        words = typed.get(name, "").strip()
        return int(words) if words.isdecimal() and len(words) < 6 else -1

    return ReplayRequest(
        district_slug=plan.head.district_slug if plan else typed.get("district", ""),
        start=_day(typed.get("start", "")),
        days=whole("days"),
        policy=typed.get("policy", ""),
        reserve_days=whole("reserve_days"),
        estimate=typed.get("estimate") == "1",
        plan_id=plan.head.id if plan else 0,
    )


def _day(typed: str) -> str:
    """A day as a date field sends it, or as people write it: dd/mm/yyyy."""
    parts = typed.strip().split("/")
    if len(parts) == 3 and all(part.isdecimal() for part in parts):
        return f"{parts[2]:0>4}-{parts[1]:0>2}-{parts[0]:0>2}"
    return typed.strip()
