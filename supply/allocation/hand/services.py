"""The same question again with the planner's hand in it: a new plan each time, the old one stays."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from supply.allocation.asking.request import OWN_WEIGHTS, PlanRequest
from supply.allocation.hand import queries
from supply.allocation.hand.changes import apply, supposed
from supply.allocation.hand.pins import pinned, read_pins
from supply.allocation.hand.queries import Sheet
from supply.allocation.instance import Instance
from supply.allocation.services import SOLVE_SECONDS, propose
from supply.allocation.words import POLICIES
from supply.core import jobs
from supply.core.errors import Conflict, Fault, InvalidInput
from supply.core.jobs import Progress, job
from supply.core.text import Text

Rows = Iterable[Mapping[str, Any]]


def start_adjust(plan_id: int, policies: Sequence[str], pins: Rows, changes: Rows) -> int:
    """Ask for the plan's question again under each policy, with these pins and further changes; returns
    the job's id. Refuses at once what could not succeed: InvalidInput, NotFound, Conflict."""
    pins, changes = list(pins), list(changes)
    _asked(queries.sheet(plan_id), policies, pins, changes)
    return jobs.enqueue(
        "allocation.adjust", plan_id=plan_id, policies=list(policies), pins=pins, changes=changes
    )


def other_policies(base: Sheet) -> list[str]:
    """What the plan can be held against: own weights only where it has some."""
    return [
        name
        for name in POLICIES
        if name != base.policy and (name != OWN_WEIGHTS or base.instance.weights is not None)
    ]


def start_policies(plan_id: int) -> int:
    """Ask for the same question under every other policy, as one job; returns its id."""
    base = queries.sheet(plan_id)
    pins = [pin.to_json() for pin in base.pins]
    return start_adjust(plan_id, other_policies(base), pins, ())


@job(
    "allocation.adjust",
    Text("Tính lại kế hoạch phân bổ", "Work the allocation plan out again"),
    lambda params: f"/plans/{params['plan_id']}/adjust",
)
def adjust_job(progress: Progress, **params: Any) -> dict[str, object]:
    """The same as a job: one plan leads to its page, several to their comparison."""
    made = adjust(**params, progress=progress)
    if len(made) == 1:
        return {"plan_id": made[0], "url": f"/plans/{made[0]}/adjust"}
    ids = ",".join(map(str, [params["plan_id"], *made]))
    return {"plan_ids": made, "url": f"/plans/compare?ids={ids}"}


def adjust(
    plan_id: int,
    policies: Sequence[str],
    pins: Rows = (),
    changes: Rows = (),
    progress: Progress | None = None,
) -> list[int]:
    """A new plan under each policy for a stored plan's question; returns their ids.

    ``pins`` take the place of the plan's pins, ``changes`` come on top of what it supposes. The stock,
    the need and the ways are those of the stored plan, so that what the hand costs can be read off.
    An open plan made before from the same with the same hand is taken as it is. What is made is a
    trial, which waits for nobody's decision until its maker puts it forward.
    """
    pins, changes = list(pins), list(changes)
    base = queries.sheet(plan_id)
    instance = _asked(base, policies, pins, changes)
    rows = [pin.to_json() for pin in read_pins(replace(instance, pins=()), pins)]
    suppose = [*base.changes, *map(dict, changes)]
    known = queries.made_before(plan_id, json.dumps(rows), json.dumps(suppose))
    made = []
    for done, policy in enumerate(policies):
        if progress is not None:
            words = POLICIES[policy].name
            solving = Text(f"Đang tính: {words.vi}", f"Solving: {words.en}")
            progress.at(done, len(policies), solving, SOLVE_SECONDS)
        made.append(known.get(policy) or _propose(base, policy, instance, rows, suppose))
    return made


def _propose(
    base: Sheet,
    policy: str,
    instance: Instance,
    pins: list[dict[str, Any]],
    changes: list[dict[str, Any]],
) -> int:
    request = replace(
        PlanRequest.of(base.params),
        policy=policy,
        pins=tuple(pins),
        changes=tuple(changes),
        based_on=base.id,
    )
    told = set(supposed(base.changes))  # said anew with what comes on top
    notes = [note for note in base.notes if note not in told]
    inputs = {} if base.inputs is None else {"inputs": base.inputs}
    start = base.plan.transfers if policy == base.policy else ()
    return propose(
        base.district_id,
        base.run_id,
        request,
        instance,
        inputs,
        notes,
        start=start,
        status="trial",
    )


def _asked(
    base: Sheet,
    policies: Sequence[str],
    pins: Sequence[Mapping[str, Any]],
    changes: Sequence[Mapping[str, Any]],
) -> Instance:
    """The instance to solve, if all that is asked can be."""
    if base.status == "approved":
        raise Conflict(
            Text(
                "Kế hoạch này đã duyệt nên không điều chỉnh được; hãy lập lại từ hiện trạng.",
                "This plan is approved and cannot be adjusted; plan again from the present state.",
            )
        )
    allowed = {base.policy, *other_policies(base)}
    if not policies or not set(policies) <= allowed:
        raise InvalidInput(
            faults=[
                Fault("policy", Text("Hãy chọn một cách phân bổ.", "Choose a way to allocate."))
            ]
        )
    instance = replace(base.instance, pins=base.given)
    return pinned(apply(instance, changes), pins)
