"""A bound of the whole where parts were solved apart: every item over all ways, at the parts' prices.

For any prices λ ≥ 0 per litre of a sender's day, what all items cost at best, each alone and paying
for its litres, less what all vehicles are worth, is no more than the optimum (``market``, (1)). The
parts have found good prices for vehicles of their own; here the items may use the ways across the
cuts as well, so the bound holds for every plan of the whole.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from supply.allocation.arrays import Floats, Ints, Moves, ProblemArrays, build_arrays
from supply.allocation.instance import CLASSES, STANDARD_WEIGHTS, Facility, Instance
from supply.allocation.market import TOLERANCE
from supply.allocation.model import create_item_model, vehicle_rows
from supply.allocation.quotas import best_quotas, flows_of
from supply.allocation.solver import SolverError, in_parallel, solve_linear

Prices = Mapping[str, Sequence[float]]
"""Facility id to points per litre of its vehicles, by day; no entry: 0."""


STEPS_MAX, STEP_SHARE = 30, 0.5
"""Steps of the prices; part of the way to the plan's points that a step reaches for."""


def pooled_unmet(instance: Instance, places: set[str]) -> Ints:
    """(K,) points of each item that stay unmet even if the stock and need of ``places`` were all in
    one place.

    A unit serves from the day it comes in to its expiry wherever it is, so whatever any plan serves
    can be served there: a bound if nobody else sends to ``places``; weak where transport is short.
    """
    points = instance.weights or STANDARD_WEIGHTS
    order = tuple(sorted(range(len(CLASSES)), key=lambda c: -points[CLASSES[c]]))
    in_one_place: dict[str, Any] = {
        table: tuple(
            replace(row, facility="pool")
            for row in getattr(instance, table)
            if row.facility in places
        )
        for table in ("lots", "arrivals", "demand")
    }
    pool = Instance(
        start=instance.start,
        horizon_days=instance.horizon_days,
        facilities=(Facility("pool"),),
        items=instance.items,
        weights=instance.weights,
        **in_one_place,
    )
    problem = build_arrays(pool)
    unmet = np.zeros(len(problem.items), dtype=np.int64)
    for k, item in enumerate(problem.items):
        served = best_quotas(item, flows_of(item, problem.network, Moves.none()), order)
        missing = (item.demand - served).sum(axis=(0, 2)).astype(np.int64)
        unmet[k] = (missing * problem.weights).sum()
    return unmet


def bound_over_all_ways(instance: Instance, prices: Prices, planned: int, deadline: float) -> int:
    """Points below which no plan of the instance can be; ``planned``: those of a plan.

    While there is time the prices move along what is asked too much or too little (a subgradient
    step, as long as part of the way to ``planned`` asks for) and the best bound stays. Items that
    find no time before ``deadline`` (``time.monotonic``) count as if they were all in one place,
    those that miss least first. Never negative.
    """
    problem = build_arrays(instance)
    capacity = problem.network.vehicle_litres
    finite = np.isfinite(capacity)
    litre_points = np.zeros(capacity.shape)
    for f, name in enumerate(problem.facility_ids):
        litre_points[f] = prices.get(name, 0.0)
    litre_points[~finite] = 0.0
    pooled = pooled_unmet(instance, set(problem.facility_ids)).astype(np.float64)
    best = float(pooled.sum())  # at prices of nothing
    for _ in range(STEPS_MAX):
        value, asked = _value_at(problem, pooled, litre_points, deadline)
        best = max(best, value)
        if time.monotonic() >= deadline:
            break
        over = np.where(finite, asked - np.where(finite, capacity, 0.0), 0.0)
        over[(litre_points <= 0.0) & (over < 0.0)] = 0.0
        if not over.any() or planned <= value:
            break
        step = STEP_SHARE * (planned - value) / float((over**2).sum())
        litre_points = np.maximum(litre_points + step * over, 0.0)
    return max(0, int(np.ceil(best - TOLERANCE * max(1.0, best))))


def _value_at(
    problem: ProblemArrays, pooled: Floats, litre_points: Floats, deadline: float
) -> tuple[float, Floats]:
    """The bound at these prices (F, T), and the litres asked for at them."""
    unmet, asked = pooled.copy(), np.zeros((len(pooled), *litre_points.shape))
    needed = [
        float((item.demand.sum(axis=(0, 2)) * problem.weights).sum()) for item in problem.items
    ]

    def ask(k: int) -> None:
        answer = _answer(problem, k, litre_points, deadline)
        if answer is not None:
            unmet[k] = max(unmet[k], needed[k] - answer[0])
            asked[k] = answer[1]

    in_parallel(ask, sorted(range(len(needed)), key=lambda k: -needed[k]))
    finite = np.isfinite(problem.network.vehicle_litres)
    paid = litre_points[finite] * problem.network.vehicle_litres[finite]
    return float(unmet.sum() - paid.sum()), asked.sum(axis=0)


def _answer(
    problem: ProblemArrays, k: int, litre_points: Floats, deadline: float
) -> tuple[float, Floats] | None:
    """Most points that an item can serve less what it pays, and its litres (F, T); None where there
    is no time."""
    if time.monotonic() >= deadline:
        return None
    network = problem.network
    model = create_item_model(problem.items[k], network, problem.weights, with_pins=False)
    arc, _, day = model.ship.keys
    cost = model.linear.cost.copy()
    cost[model.ship.index] = litre_points[network.origin[arc], day] * model.item.litres_per_unit
    try:
        linear = replace(model.linear, cost=cost)
        solution = solve_linear(linear, deadline - time.monotonic())
    except SolverError:
        return None
    litres = (vehicle_rows(model, network) @ solution.x).reshape(litre_points.shape)
    return -solution.objective, litres
