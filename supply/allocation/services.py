"""Making a plan: ask, solve, prove, compare, keep. What is decided on it: `carrying.services`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from supply.allocation import core
from supply.allocation.asking.findings import findings_json, look_over
from supply.allocation.asking.reading import district_and_run, is_stale, read_asked, run_notes
from supply.allocation.asking.request import HORIZON_DAYS_MAX, PlanRequest, faults_of
from supply.allocation.comparison import compare
from supply.allocation.explaining.insight import insight
from supply.allocation.hand.changes import apply, supposed
from supply.allocation.hand.pins import pinned
from supply.allocation.instance import Instance
from supply.allocation.instance_json import instance_to_json
from supply.allocation.models import PlanRow
from supply.allocation.plan import Transfer, plan_to_json
from supply.allocation.problem import build_problem
from supply.core import jobs
from supply.core.errors import Conflict
from supply.core.jobs import Progress, job
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import transaction

__all__ = [
    "HORIZON_DAYS_MAX",
    "KIND",
    "PlanRequest",
    "faults_of",
    "is_stale",
    "make_plan",
    "plan_job",
    "propose",
    "start_plan",
]

KIND = "allocation.plan"
SOLVE_SECONDS = 60.0


def start_plan(request: PlanRequest) -> int:
    """Ask for a plan as a job; returns the job's id. Refuses at once what could not succeed."""
    district_and_run(request)
    return jobs.enqueue(KIND, **request.params())


@job(KIND, Text("Lập kế hoạch phân bổ", "Make an allocation plan"), lambda params: "/plans/")
def plan_job(progress: Progress, **params: Any) -> dict[str, object]:
    """The same as a job: its result leads to the plan's page."""
    plan_id = make_plan(**params, progress=progress)
    return {"plan_id": plan_id, "url": f"/plans/{plan_id}"}


def make_plan(
    district_slug: str,
    policy: str = "lexicographic",
    *,
    progress: Progress | None = None,
    on: dt.date | None = None,
    **asked: Any,
) -> int:
    """Plan for a district from a run and its stock now; returns the plan's id.

    `asked`: the other fields of `PlanRequest`. `on`: the plan's first day (default today), the day the
    stock stands for. Raises InvalidInput (fields named), NotFound (district, run), Conflict (no
    forecast, nothing needed), NotAllowed. Nothing is moved: a plan is a proposal.
    """
    request = PlanRequest.of({"district_slug": district_slug, "policy": policy, **asked})
    _tell(
        progress, 0, Text("Đọc dự báo, tồn kho, phương tiện", "Reading forecast, stock, vehicles")
    )
    found = read_asked(request, on)
    problem = build_problem(found.world, found.question)
    if request.changes:
        problem = replace(problem, instance=apply(problem.instance, request.changes))
    instance = pinned(problem.instance, request.pins)
    if not instance.demand:
        raise Conflict(
            Text(
                "Dự báo không có nhu cầu nào trong kỳ này, chưa có gì để phân bổ.",
                "The forecast shows no need in this period, so there is nothing to allocate.",
            )
        )
    inputs = findings_json(look_over(found.world, found.question, instance))
    notes = (*run_notes(found.run), *problem.notes)
    return propose(
        found.district.id, found.run.id, request, instance, {"inputs": inputs}, notes, progress
    )


def propose(
    district_id: int,
    run_id: int,
    request: PlanRequest,
    instance: Instance,
    beside: Mapping[str, Any],
    notes: Iterable[Text],
    progress: Progress | None = None,
    start: Sequence[Transfer] = (),
    status: str = "proposed",
) -> int:
    """Solve, prove, compare, explain and keep: what every plan goes through, whatever asked for it.

    `start`: the transfers of the plan this one is made from, where it asks much the same.
    `beside`: what is kept in the comparison besides what is worked out here; `notes`: what the plan's
    readers must know; `status`: "trial" for what is only to be looked at. Returns the plan's id.
    """
    solving = Text("Tính phương án và kiểm tra lại", "Solving and proving the plan")
    _tell(progress, 1, solving, SOLVE_SECONDS)
    plan = core.solve(instance, request.policy, SOLVE_SECONDS, start)
    _tell(progress, 2, Text("So sánh, tìm lý do từng nơi", "Comparing, finding the reasons"))
    compared = {**beside, **compare(instance, plan), "insight": insight(instance, plan)}
    _tell(progress, 3, Text("Lưu kế hoạch", "Storing the plan"))
    told = (*notes, *supposed(request.changes))
    return _store(
        district_id, run_id, request, status, instance, plan_to_json(plan), compared, told
    )


def _tell(
    progress: Progress | None, done: int, what: Text, within_seconds: float | None = None
) -> None:
    if progress is not None:
        progress.at(done, 4, what, within_seconds)


def _store(
    district_id: int,
    run_id: int,
    request: PlanRequest,
    status: str,
    instance: Instance,
    result: dict[str, Any],
    compared: dict[str, Any],
    notes: tuple[Text, ...],
) -> int:
    told = [{"vi": note.vi, "en": note.en} for note in notes]
    with transaction() as session:
        row = PlanRow(
            district_id=district_id,
            run_id=run_id,
            policy=request.policy,
            status=status,
            params=request.params(),
            instance=instance_to_json(instance),
            result=result,
            comparison=compared | {"notes": told},
            created_by=acting_user_id(),
        )
        session.add(row)
        session.flush()
        return row.id
