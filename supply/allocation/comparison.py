"""What a plan is held against: the same district with no transfer, and with the proportional rule.

All three are given the best quotas for their own transfers (the plan has its own), so what differs
is the transfers alone. Pure; the result is a JSON object kept beside the plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from supply.allocation.arrays import Moves, ProblemArrays, build_arrays, moves_of_plan
from supply.allocation.instance import CLASSES, Instance
from supply.allocation.ordinary import effects
from supply.allocation.plan import Plan, Quota, coverage_of, served_and_needed
from supply.allocation.proportional import proportional_moves, quotas_for
from supply.allocation.seeing.fairness import fairness

WAYS = ("no_transfer", "proportional", "plan")


def compare(instance: Instance, plan: Plan) -> dict[str, Any]:
    """Coverage by facility and class, unmet units by class, and pairs left badly short, each way.

    `coverage`: way → rows {facility, class, coverage}. `classes`: class → {needed, way: unmet}
    in base units. `effects`: what transfers save by themselves and quotas on top. `short_pairs`: way → number of (facility, item) pairs with under half the need met.
    `transfers`: way → number of transfers. `items`: every item that is short without
    transfers, the shortest first, {item, needed, way: unmet}. `days`: way → points short on each
    day, in the plan's weights. `fairness`: way → class → min, mean, gini, lorenz (`seeing.fairness`).
    """
    problem = build_arrays(instance)
    by_rule = proportional_moves(problem)
    quotas = {
        "no_transfer": _quotas(problem, [Moves.none()] * len(problem.items)),
        "proportional": _quotas(problem, by_rule),
        "plan": plan.quotas,
    }
    unmet = {way: _unmet(instance, quotas[way]) for way in WAYS}
    return {
        "coverage": {
            way: [
                {"facility": c.facility, "class": c.demand_class, "coverage": c.coverage}
                for c in coverage_of(instance, quotas[way])
            ]
            for way in WAYS
        },
        "classes": _by(instance, unmet, lambda key: key[2], CLASSES),
        "short_pairs": {way: _badly_short(instance, unmet[way]) for way in WAYS},
        "transfers": {
            "no_transfer": 0,
            "proportional": sum(len(moves.rows()) for moves in by_rule),
            "plan": len(plan.transfers),
        },
        "items": _short_items(instance, unmet),
        "days": {way: points_by_day(instance, quotas[way], plan.weights) for way in WAYS},
        "effects": effects(
            problem,
            moves_of_plan(problem, (astuple(t) for t in plan.transfers)),
            plan.shortage.plan,
        ),
        "fairness": {way: fairness(served_and_needed(instance, quotas[way])) for way in WAYS},
    }


def idle_quotas(instance: Instance) -> tuple[Quota, ...]:
    """The best quotas if nothing is moved at all."""
    problem = build_arrays(instance)
    return _quotas(problem, [Moves.none()] * len(problem.items))


def points_by_day(
    instance: Instance, quotas: tuple[Quota, ...], weights: Mapping[str, int]
) -> list[int]:
    """Weighted unmet units on each day of the horizon; they add up to the shortage."""
    days = [0] * instance.horizon_days
    for need in instance.demand:
        days[need.day] += weights[need.demand_class] * need.quantity
    for given in quotas:
        days[given.day] -= weights[given.demand_class] * given.quantity
    return days


def _quotas(problem: ProblemArrays, moves: list[Moves]) -> tuple[Quota, ...]:
    found = []
    for item, given in zip(problem.items, quotas_for(problem, moves), strict=True):
        for f, c, day in zip(*given.nonzero(), strict=True):
            found.append(
                Quota(
                    problem.facility_ids[f],
                    problem.item_ids[item.index],
                    CLASSES[c],
                    int(day),
                    int(given[f, c, day]),
                )
            )
    return tuple(found)


Key = tuple[str, str, str]
"""(facility, item, class)"""


def _unmet(instance: Instance, quotas: tuple[Quota, ...]) -> dict[Key, int]:
    left: defaultdict[Key, int] = defaultdict(int)
    for need in instance.demand:
        left[need.facility, need.item, need.demand_class] += need.quantity
    for given in quotas:
        left[given.facility, given.item, given.demand_class] -= given.quantity
    return {key: units for key, units in left.items() if units > 0}


def _by(
    instance: Instance, unmet: dict[str, dict[Key, int]], group: Any, order: tuple[str, ...]
) -> dict[str, dict[str, int]]:
    """Unmet units each way, added up by `group` of (facility, item, class), with the need."""
    found = {name: {"needed": 0, **dict.fromkeys(WAYS, 0)} for name in order}
    for need in instance.demand:
        name = group((need.facility, need.item, need.demand_class))
        found[name]["needed"] += need.quantity
    for way in WAYS:
        for key, units in unmet[way].items():
            found[group(key)][way] += units
    return {name: row for name, row in found.items() if row["needed"]}


def _badly_short(instance: Instance, unmet: dict[Key, int]) -> int:
    """(facility, item) pairs with less than half of the need met."""
    needed: defaultdict[tuple[str, str], int] = defaultdict(int)
    short: defaultdict[tuple[str, str], int] = defaultdict(int)
    for need in instance.demand:
        needed[need.facility, need.item] += need.quantity
    for (facility, item, _), units in unmet.items():
        short[facility, item] += units
    return sum(2 * units > needed[pair] for pair, units in short.items())


def _short_items(instance: Instance, unmet: dict[str, dict[Key, int]]) -> list[dict[str, Any]]:
    names = tuple(sorted({need.item for need in instance.demand}))
    rows = _by(instance, unmet, lambda key: key[1], names)
    worst = sorted(rows, key=lambda name: (-rows[name]["no_transfer"] / rows[name]["needed"], name))
    return [{"item": name, **rows[name]} for name in worst if rows[name]["no_transfer"]]
