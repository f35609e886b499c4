"""``solve``: from an instance to a proven plan, whatever happens on the way.

Figures to compare with, the policy's programme, whole packs, quotas, then ``check``. If the solver
fails or the check finds anything, the proportional plan stands in and the status says so.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, replace

import numpy as np

from supply.allocation.arrays import Ints, Moves, ProblemArrays, build_arrays, moves_of_plan
from supply.allocation.check import check
from supply.allocation.explain import reasons_for
from supply.allocation.instance import CLASSES, Instance
from supply.allocation.market import Market, open_market
from supply.allocation.plan import (
    Plan,
    Quota,
    Shortage,
    Transfer,
    coverage_of,
    pins_unmet_of,
)
from supply.allocation.policies import (
    POLICIES,
    through_stages,
)
from supply.allocation.proportional import proportional_moves, quotas_for, shortage_points
from supply.allocation.repair import carry_over, improve_moves, to_packs
from supply.allocation.solver import in_parallel

MODEL_VERSION = "allocation-2026.6"
"""Changes with anything that can change a plan, so that a published plan can be made again."""

SUM_FIRST = frozenset({"least-shortage", "own-weights"})
"""Policies whose plan may not be worse, in points, than the proportional one."""

REPAIR_SECONDS_MIN = 0.5
MARKET_SHARE, SOLE_MARKET_SHARE, REPAIR_SHARE = 0.6, 0.6, 0.15
"""Parts of the time limit for sharing vehicles (the second where a policy has no stages of its own)
and for whole packs; the policy has the rest."""


class PolicyError(ValueError):
    """The policy's name is not one of ``POLICIES``."""


class UnprovenPlanError(RuntimeError):
    """Even the proportional plan failed the check: a fault of this program, never of the input."""


@dataclass
class _Clock:
    started: float = field(default_factory=time.monotonic)
    seconds: dict[str, float] = field(default_factory=dict)
    mark: float = field(default_factory=time.monotonic)

    def lap(self, phase: str) -> None:
        """Book the time since the last lap under ``phase``."""
        now = time.monotonic()
        self.seconds[phase] = round(self.seconds.get(phase, 0.0) + now - self.mark, 3)
        self.mark = now


def solve(
    instance: Instance,
    policy: str = "lexicographic",
    time_limit_seconds: float = 30.0,
    start: Sequence[Transfer] = (),
) -> Plan:
    """A checked plan for the instance under the policy; raises ``PolicyError`` for an unknown one.

    The time limit steers the solver and the repair; arrays, figures and the check come on top.
    ``start``: transfers of a plan made for much the same question. What of them still holds,
    improved, is taken where a fresh plan is no better: asking again with one thing changed does not
    turn everything round.
    """
    if policy not in POLICIES:
        raise PolicyError(f"{policy}: {', '.join(POLICIES)}")
    clock = _Clock()
    problem = build_arrays(instance)
    weights = problem.weights
    by_hand = proportional_moves(problem)
    hand_quotas = quotas_for(problem, by_hand)
    idle = quotas_for(problem, [Moves.none()] * len(problem.items))
    figures = Shortage(
        bound=0,
        plan=shortage_points(problem, hand_quotas, weights),
        proportional=shortage_points(problem, hand_quotas, weights),
        no_transfer=shortage_points(problem, idle, weights),
    )
    clock.lap("build")
    moves, status, market = _by_policy(problem, weights, policy, time_limit_seconds, clock, by_hand)
    figures = replace(figures, bound=min(market.bound, figures.proportional, figures.no_transfer))
    plan = _assemble(instance, problem, moves, figures, weights, policy, status)
    if start and POLICIES[policy] is not None:
        limit = time.monotonic() + REPAIR_SHARE * time_limit_seconds
        moves = _carried(problem, start, limit, fairly=bool(POLICIES[policy]))
        again = _assemble(instance, problem, moves, figures, weights, policy, "feasible")
        if worth(again, policy) <= worth(plan, policy) and not check(instance, again):
            plan = again
    behind = policy in SUM_FIRST and plan.shortage.plan > figures.proportional
    if behind and not any(pin.min_quantity for pin in instance.pins):
        # Whole packs or too little time put it behind: then better what is done by hand, bettered.
        limit = time.monotonic() + REPAIR_SHARE * time_limit_seconds
        moves = improve_moves(problem, by_hand, weights, limit)
        plan = _assemble(instance, problem, moves, figures, weights, policy, status)
    if check(instance, plan):
        plan = _assemble(instance, problem, by_hand, figures, weights, policy, "fallback")
        if check(instance, plan):
            raise UnprovenPlanError("; ".join(v.line() for v in check(instance, plan)[:5]))
    clock.lap("check")
    priced = np.flatnonzero(market.prices.any(axis=1))
    litre_points = {problem.facility_ids[f]: tuple(market.prices[f].tolist()) for f in priced}
    return replace(plan, seconds=clock.seconds, litre_points=litre_points)


def _carried(
    problem: ProblemArrays, start: Sequence[Transfer], limit: float, fairly: bool
) -> list[Moves]:
    """What of the transfers this question still has a way and a lot for, and more."""
    place = {name: f for f, name in enumerate(problem.facility_ids)}
    ways = problem.network.arc_index
    lots = {
        (name, lot)
        for name, item in zip(problem.item_ids, problem.items, strict=True)
        for lot in item.lot_ids
    }
    known = [
        astuple(t)
        for t in start
        if (place.get(t.origin, -1), place.get(t.destination, -1)) in ways
        and (t.item, t.lot) in lots
    ]
    return carry_over(problem, moves_of_plan(problem, known), problem.weights, limit, fairly)


def worth(plan: Plan, policy: str) -> tuple[float, ...]:
    """What makes a plan the better of two, the smaller first: what is pinned and missed, then what
    the policy looks at: the worst coverage class by class to a hundredth, then the shortage."""
    missed = float(sum(row.short + row.over for row in plan.pins_unmet))
    if policy in SUM_FIRST:
        return missed, float(plan.shortage.plan)
    worst = [
        min((row.coverage for row in plan.coverage if row.demand_class == name), default=1.0)
        for name in CLASSES
    ]
    return missed, *(-round(share, 2) for share in worst), float(plan.shortage.plan)


def improved(instance: Instance, plan: Plan, time_limit_seconds: float) -> Plan:
    """A sound plan with packs added and exchanged over all ways of the instance, those too that its
    maker could not see (``scale``); the plan itself where that makes it no better."""
    started = time.monotonic()
    problem = build_arrays(instance)
    moves = moves_of_plan(problem, (astuple(t) for t in plan.transfers))
    deadline = started + time_limit_seconds
    fairly = bool(POLICIES[plan.policy])
    moves = improve_moves(problem, moves, problem.weights, deadline, fairly)
    better = _assemble(
        instance, problem, moves, plan.shortage, problem.weights, plan.policy, plan.status
    )
    if check(instance, better) or worth(better, plan.policy) >= worth(plan, plan.policy):
        return plan
    border = round(time.monotonic() - started, 3)
    seconds = {**plan.seconds, "border": border}
    return replace(better, seconds=seconds, litre_points=plan.litre_points)


def _by_policy(
    problem: ProblemArrays,
    weights: Ints,
    policy: str,
    time_limit_seconds: float,
    clock: _Clock,
    by_hand: list[Moves],
) -> tuple[list[Moves], str, Market]:
    """Transfers, status, and the market with the bound."""
    started = time.monotonic()
    stages = POLICIES[policy]
    share = MARKET_SHARE if stages else SOLE_MARKET_SHARE
    market = open_market(problem, weights, share * time_limit_seconds, bool(stages))
    if stages is None:
        clock.lap("solve")
        return by_hand, "computed", market
    until = started + (1 - REPAIR_SHARE) * time_limit_seconds
    solutions = in_parallel(lambda item: through_stages(item, stages, until), market.solutions)
    clock.lap("solve")
    limit = max(time.monotonic() + REPAIR_SECONDS_MIN, started + time_limit_seconds)
    moves = to_packs(problem, solutions, weights, limit, fairly=bool(stages))
    clock.lap("repair")
    finished = market.optimal and all(solution.finished for solution in solutions)
    return moves, "optimal" if finished else "feasible", market


def _assemble(
    instance: Instance,
    problem: ProblemArrays,
    moves: list[Moves],
    figures: Shortage,
    weights: Ints,
    policy: str,
    status: str,
) -> Plan:
    """Quotas for the final transfers, then everything that is said about the plan."""
    given = quotas_for(problem, moves)
    transfers = tuple(_transfers(problem, moves))
    quotas = tuple(_quotas(problem, given))
    return Plan(
        status=status,
        policy=policy,
        model_version=MODEL_VERSION,
        shortage=replace(figures, plan=shortage_points(problem, given, weights)),
        transfers=transfers,
        quotas=quotas,
        pins_unmet=pins_unmet_of(instance, transfers),
        coverage=coverage_of(instance, quotas),
        reasons=reasons_for(problem, moves, given),
        weights=dict(zip(CLASSES, weights.tolist(), strict=True)),
    )


def _transfers(problem: ProblemArrays, moves: list[Moves]) -> list[Transfer]:
    network, names = problem.network, problem.facility_ids
    rows = [
        Transfer(
            origin=names[network.origin[arc]],
            destination=names[network.destination[arc]],
            item=problem.item_ids[item.index],
            lot=item.lot_ids[lot],
            day=day,
            quantity=quantity,
        )
        for item, moved in zip(problem.items, moves, strict=True)
        for arc, lot, day, quantity in moved.rows()
    ]
    return sorted(rows, key=lambda row: (row.day, row.origin, row.destination, row.item, row.lot))


def _quotas(problem: ProblemArrays, given: list[Ints]) -> list[Quota]:
    return [
        Quota(problem.facility_ids[f], problem.item_ids[k], CLASSES[c], t, int(units[f, c, t]))
        for k, units in enumerate(given)
        for f, c, t in np.argwhere(units > 0).tolist()
    ]
