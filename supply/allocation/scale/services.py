"""Many districts at once: each district's plan is a job, done by as many workers as there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from supply.allocation.asking.request import PlanRequest
from supply.allocation.check import Violation, check
from supply.allocation.instance_json import parse_instance
from supply.allocation.models import PlanRow
from supply.allocation.plan import plan_from_json
from supply.allocation.scale.uniting import UnitingError, Whole, united
from supply.allocation.services import start_plan
from supply.catalog import queries as catalog
from supply.core import jobs
from supply.core.errors import Conflict, NotFound, SupplyError
from supply.core.text import Text
from supply.core.transaction import reading


@dataclass(frozen=True)
class Started:
    """A district's job, or why it has none (no forecast, not the person's to plan)."""

    district_slug: str
    job_id: int | None
    refused: Text | None = None


@dataclass(frozen=True)
class Standing:
    """How far the jobs are: district → plan id, and district → reason where a job failed."""

    waiting: int
    plans: dict[str, int]
    failed: dict[str, Text]


def start_plans(request: PlanRequest, district_slugs: Sequence[str] = ()) -> list[Started]:
    """Ask for a plan of each district (default: all the acting person sees) as a job of its own.

    `request`'s own district does not count. A district that cannot be planned is named with the
    reason and keeps no other from being planned.
    """
    started = []
    for slug in district_slugs or [row.slug for row in catalog.districts()]:
        try:
            started.append(Started(slug, start_plan(replace(request, district_slug=slug))))
        except SupplyError as error:
            words = Text("; ".join(error.lines("vi")), "; ".join(error.lines("en")))
            started.append(Started(slug, None, words))
    return started


def standing(started: Sequence[Started]) -> Standing:
    """How the jobs of `start_plans` stand now."""
    plans, failed, waiting = {}, {}, 0
    for one in started:
        if one.job_id is None:
            failed[one.district_slug] = one.refused or SupplyError.default
            continue
        state = jobs.state(one.job_id)
        if not state.is_over:
            waiting += 1
        elif state.status == "succeeded" and state.result:
            plans[one.district_slug] = int(state.result["plan_id"])
        else:
            failed[one.district_slug] = state.message
    return Standing(waiting, plans, failed)


def together(plan_ids: Sequence[int]) -> tuple[Whole, list[Violation]]:
    """The plans of several districts as one, proven as a whole: what a province looks at.

    Raises NotFound (a plan is not the reader's), Conflict (not of one time).
    """
    with reading() as session:
        rows = session.scalars(select(PlanRow).where(PlanRow.id.in_(plan_ids))).all()
        if len(rows) < len(set(plan_ids)):
            raise NotFound(Text("Không có kế hoạch này.", "There is no such plan."))
        names = {row.id: row.slug for row in catalog.districts()}
        found = {
            names[row.district_id]: (parse_instance(row.instance), plan_from_json(row.result))
            for row in rows
        }
    if len(found) < len(rows):
        raise Conflict(
            Text("Mỗi địa bàn chỉ chọn một kế hoạch.", "Choose one plan of each district.")
        )
    try:
        whole = united(found)
    except UnitingError as error:
        raise Conflict(
            Text(
                f"Các kế hoạch không cùng kỳ hoặc không cùng danh mục ({error}).",
                f"The plans are not of one time or one catalogue ({error}).",
            )
        ) from error
    return whole, check(whole.instance, whole.plan)
