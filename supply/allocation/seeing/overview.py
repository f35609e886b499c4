"""The overview of a plan: the headline, the decision, three pictures, what to do next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from supply.allocation import queries, services
from supply.allocation.carrying.queries import SenderDay, carrying
from supply.allocation.hand.changes import needs_what_is_not_there
from supply.allocation.queries import PlanView
from supply.allocation.seeing.flow import SMALL, Picture, busiest, picture, totals_of
from supply.allocation.seeing.pictures import SMALL_LINES, DayChart, day_lines
from supply.allocation.seeing.steps import steps
from supply.allocation.story import percent, short_name, tell
from supply.allocation.words import CLASS_NAMES, POLICIES, QUANTILES, STATE_BAR, STATES
from supply.catalog import queries as catalog
from supply.core.i18n import t, today
from supply.core.security import may
from supply.core.text import Text, group_digits
from supply.forecast import queries as forecast

PLACES_SHOWN = 7
OTHERS = Text("Nơi khác", "Other places")
WAYS: dict[str, Text] = {
    "no_transfer": Text("Không chuyển", "No transfer"),
    "proportional": Text("Theo tỷ lệ", "Proportional"),
    "plan": Text("Kế hoạch này", "This plan"),
}


def overview(plan_id: int) -> dict[str, Any]:
    """What the overview page shows of a plan. Raises NotFound."""
    plan = queries.plan(plan_id)
    out_of_date = plan.status in ("trial", "proposed") and _is_out_of_date(plan)
    may_write = may("can_write", "Plans")
    return {
        "plan": plan,
        "story": tell(plan),
        "states": [(key, t(STATES[key])) for key in _bar(plan)],
        "out_of_date": out_of_date,
        "may_write": may_write,
        "no_room": _no_room(plan) if plan.status in ("trial", "proposed") else [],
        "supposed": needs_what_is_not_there(plan.params.get("changes") or ()),
        "steps": steps(plan, may_write=may_write, out_of_date=out_of_date),
        "flow": small_flow(plan),
        "days": day_chart(plan),
        "names": {key: t(words) for key, words in CLASS_NAMES.items()},
        "way_names": {key: t(words) for key, words in WAYS.items()},
        "dates": dates_of(plan, plan.head.horizon_days),
        "plain": str,
        "in_lines": lambda amount: f"{group_digits(int(amount))} {t('dòng hàng', 'lines')}",
        "weights": weights_in_words(plan.weights),
        "percent": percent,
        "short_name": short_name,
        "POLICIES": POLICIES,
        "QUANTILES": QUANTILES,
    }


def weights_in_words(weights: Mapping[str, int]) -> str:
    """ "nguy kịch 1.000, nặng 100, …" """
    return ", ".join(
        f"{t(words).lower()} {group_digits(weights[name])}" for name, words in CLASS_NAMES.items()
    )


def small_flow(plan: PlanView) -> Picture:
    """Who sends to whom by transfer lines, the busiest places by name."""
    rows = (
        (t(short_name(r.origin_name)), t(short_name(r.destination_name))) for r in plan.transfers
    )
    others = t(OTHERS)
    pairs = totals_of((origin, destination, 1.0) for origin, destination in rows)
    return picture(busiest(pairs, PLACES_SHOWN, others), SMALL, last=others)


def day_chart(plan: PlanView) -> DayChart | None:
    """Points short by day each way; None for a plan that was made before days were kept."""
    days: Mapping[str, list[int]] = plan.compared.get("days", {})
    if not days or not any(map(any, days.values())):
        return None
    return day_lines({way: days[way] for way in WAYS}, plan.head.horizon_days, SMALL_LINES)


def dates_of(plan: PlanView, days: int) -> list[dt.date]:
    """The first `days` days of a plan."""
    return [plan.head.start + dt.timedelta(days=day) for day in range(days)]


def _bar(plan: PlanView) -> tuple[str, ...]:
    if plan.head.state in ("rejected", "ended"):
        return ("proposed", *(("approved",) if plan.status == "approved" else ()), plan.head.state)
    return ("trial", *STATE_BAR) if plan.status == "trial" else STATE_BAR


@dataclass(frozen=True)
class NoRoom:
    """A sender's day whose goods its vehicles do not take, and how many litres of them."""

    sends: SenderDay
    cold_litres: float
    other_litres: float


def _no_room(plan: PlanView) -> list[NoRoom]:
    """Days whose goods the sender's vehicles do not take, the cold ones' room counted by itself: the
    plan counts a sender's litres together (asking/docs.md)."""
    return [
        NoRoom(one, one.loading.litres_left(cold=True), one.loading.litres_left(cold=False))
        for one in carrying(plan.head.id).days
        if one.loading.left
    ]


def _is_out_of_date(plan: PlanView) -> bool:
    """Its first day is past, and a plan made now would begin later."""
    if plan.head.start >= today():
        return False
    run = forecast.latest_run(catalog.district(plan.head.district_slug).id)
    return run is not None and not services.is_stale(run)
