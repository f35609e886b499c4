"""Parts solved side by side, each in a process of its own, and joined: any file, any machine."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace

from supply.allocation import core, solver
from supply.allocation.check import check
from supply.allocation.instance import Instance
from supply.allocation.plan import Plan
from supply.allocation.scale.bounding import bound_over_all_ways
from supply.allocation.scale.joining import joined
from supply.allocation.scale.parts import arcs_across, parts_of

Border = Callable[[Instance, Plan], Plan]
"""What a plan of the whole becomes when the arcs across the cuts are used as well."""

Progress = Callable[[int, int], None]

WHOLE_FACILITIES = 64
"""Up to so many facilities an instance is solved whole: cutting it would cost more than it saves."""

BORDER_SHARE, BOUND_SHARE = 0.2, 0.2
"""Parts of the time limit for the ways across the cuts and for the bound over all ways."""


def solve_in_time(
    instance: Instance,
    policy: str,
    time_limit_seconds: float,
    workers: int,
    progress: Progress | None = None,
) -> Plan:
    """The instance whole if it is small, else in parts that share the time limit, then across the
    cuts. Reading, the parts' own figures and the proof come on top of the limit."""
    if len(instance.facilities) <= WHOLE_FACILITIES:
        return core.solve(instance, policy, time_limit_seconds)
    rounds = -(-len(parts_of(instance)) // workers)
    parts_share = 1 - BORDER_SHARE - BOUND_SHARE
    part_seconds = max(1.0, parts_share * time_limit_seconds / rounds)
    border_seconds = BORDER_SHARE * time_limit_seconds
    return solve_parts(
        instance,
        policy,
        part_seconds,
        workers,
        progress,
        border=lambda whole, plan: core.improved(whole, plan, border_seconds),
        bound_seconds=BOUND_SHARE * time_limit_seconds,
    )


def solve_parts(
    instance: Instance,
    policy: str,
    part_seconds: float,
    workers: int,
    progress: Progress | None = None,
    border: Border | None = None,
    bound_seconds: float = 0.0,
) -> Plan:
    """Cut, solve every part, join, use the border, prove; ``part_seconds`` is the limit of one part.

    ``seconds`` gets ``wall`` beside the parts' summed work. ``border``'s plan is taken only if the
    whole of it holds and it is no worse. ``bound_seconds``: time for a bound over the ways
    across the cuts as well, where there are any. Raises ``core.PolicyError``,
    ``core.UnprovenPlanError``.
    """
    started = time.monotonic()
    parts = parts_of(instance)
    plan = joined(instance, parts, plans_of(parts, policy, part_seconds, workers, progress))
    if border is not None:
        wider = border(instance, plan)
        if not check(instance, wider) and core.worth(wider, policy) <= core.worth(plan, policy):
            plan = wider
    if bound_seconds and arcs_across(instance, parts):
        limit = time.monotonic() + bound_seconds
        figures = plan.shortage
        bound = bound_over_all_ways(instance, plan.litre_points, limit)
        least = max(figures.bound, min(bound, figures.plan))
        plan = replace(plan, shortage=replace(figures, bound=least))
    found = check(instance, plan)
    if found:
        raise core.UnprovenPlanError("; ".join(violation.line() for violation in found[:5]))
    return replace(plan, seconds={**plan.seconds, "wall": round(time.monotonic() - started, 3)})


def plans_of(
    parts: Sequence[Instance],
    policy: str,
    part_seconds: float,
    workers: int,
    progress: Progress | None = None,
) -> list[Plan]:
    """A plan of each part, in the parts' order; one worker is this process itself."""
    if workers == 1 or len(parts) == 1:
        return [
            _told(core.solve(p, policy, part_seconds), n, parts, progress)
            for n, p in enumerate(parts)
        ]
    plans: dict[int, Plan] = {}
    # Spawned, not forked: a solver's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(parts)), context, _one_thread) as pool:
        waiting = {pool.submit(core.solve, p, policy, part_seconds): n for n, p in enumerate(parts)}
        for done in as_completed(waiting):
            plans[waiting[done]] = _told(done.result(), len(plans), parts, progress)
    return [plans[number] for number in range(len(parts))]


def _one_thread() -> None:
    """The processes are the parallel work; each solves its items one after the other."""
    solver.WORKERS = 1


def _told(plan: Plan, so_far: int, parts: Sequence[Instance], progress: Progress | None) -> Plan:
    if progress is not None:
        progress(so_far + 1, len(parts))
    return plan
