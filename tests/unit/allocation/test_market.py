"""Sharing vehicles: the joint programme with few columns, reserves kept by choice of days, packs."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from supply.allocation.arrays import Floats, Network, ProblemArrays, build_arrays
from supply.allocation.check import check
from supply.allocation.core import solve
from supply.allocation.instance import Lot, Pin
from supply.allocation.market import _Trading, open_market
from supply.allocation.model import (
    ItemModel,
    create_item_model,
    keep_reserves,
    vehicle_rows,
)
from supply.allocation.plan import Plan
from supply.allocation.proportional import quotas_for, shortage_points
from supply.allocation.repair import to_packs
from supply.allocation.reserves import (
    days_to_send,
    kept_days,
    sending_days,
    solve_keeping_reserves,
)
from supply.allocation.solver import solve_linear
from supply.allocation.synthetic import synthetic_instance

SECONDS = 20.0


@pytest.fixture(scope="module")
def problem() -> ProblemArrays:
    return build_arrays(synthetic_instance(6, 5, 7, seed=2, vehicles="tight"))


@pytest.fixture(scope="module")
def models(problem: ProblemArrays) -> list[ItemModel]:
    return [create_item_model(i, problem.network, problem.weights) for i in problem.items]


def _breaks(model: ItemModel, network: Network, x: Floats) -> int:
    return int((sending_days(model, network, x) & ~kept_days(model, network, x)).sum())


def test_reserves_are_kept_on_the_days_of_sending_alone(
    problem: ProblemArrays, models: list[ItemModel]
) -> None:
    network = problem.network
    broke = 0
    for model in models:
        alone = solve_linear(model.linear, SECONDS)
        broke += _breaks(model, network, alone.x)
        x = solve_keeping_reserves(model, network, model.linear, time.monotonic() + SECONDS)
        assert _breaks(model, network, x) == 0
        assert float(model.linear.cost @ x) >= alone.objective - 1e-3
    assert broke > 0  # otherwise nothing was tried


def test_days_chosen_again_never_cost_more(problem: ProblemArrays, models: list[ItemModel]) -> None:
    network = problem.network
    for model in models:
        days = days_to_send(model, network, solve_linear(model.linear, SECONDS).x)
        costs = []
        for _ in range(4):
            point = solve_linear(keep_reserves(model, network, model.linear, days), SECONDS)
            costs.append(point.objective)
            days = days_to_send(model, network, point.x)
        assert all(b <= a + 1e-6 * abs(a) for a, b in pairwise(costs))


def test_shares_fit_the_vehicles_and_the_plan_is_near_the_bound(problem: ProblemArrays) -> None:
    market = open_market(problem, problem.weights, SECONDS)
    network = problem.network
    litres = sum(
        (vehicle_rows(s.model, network) @ s.x).reshape(network.vehicle_litres.shape)
        for s in market.solutions
    )
    assert (litres <= network.vehicle_litres * (1 + 1e-6) + 1e-4).all()
    needed = sum(int((i.demand.sum(axis=(0, 2)) * problem.weights).sum()) for i in problem.items)
    planned = needed + sum(float(s.model.linear.cost @ s.x) for s in market.solutions)
    assert market.bound <= planned + 1
    assert planned - market.bound <= 0.005 * needed


def test_when_the_time_is_up_items_ship_what_of_their_last_answer_has_room(
    problem: ProblemArrays,
) -> None:
    trading = _Trading(problem, problem.weights, time.monotonic() + SECONDS)
    trading.offer(np.zeros(trading.capacity.shape))
    trading.deadline = time.monotonic() - SECONDS
    trading.share()
    assert trading.litres.sum() > 0
    assert trading.fits(trading.litres)
    moves = to_packs(problem, list(trading.solutions(False)), problem.weights, time.monotonic() + 2)
    assert sum(int(moved.quantity.sum()) for moved in moves) > 0


def test_exchanging_packs_saves_points(problem: ProblemArrays) -> None:
    market = open_market(problem, problem.weights, SECONDS)
    solutions = list(market.solutions)
    at_once = to_packs(problem, solutions, problem.weights, time.monotonic())
    with_time = to_packs(problem, solutions, problem.weights, time.monotonic() + SECONDS)
    points = [
        shortage_points(problem, quotas_for(problem, moves), problem.weights)
        for moves in (at_once, with_time)
    ]
    assert points[1] < points[0]
    assert points[1] >= market.bound


def test_own_weights_turn_the_order_of_the_classes() -> None:
    made = synthetic_instance(4, 2, 5, seed=3, vehicles="slack")
    turned = replace(made, weights={"critical": 1, "severe": 2, "staff": 3, "mild": 4})
    plan = solve(turned, "own-weights", 5)
    assert check(turned, plan) == []
    assert plan.weights == turned.weights
    assert plan.shortage.plan <= plan.shortage.proportional

    def served(whose: Plan, name: str) -> int:
        return sum(q.quantity for q in whose.quotas if q.demand_class == name)

    usual = solve(made, "least-shortage", 5)
    assert served(plan, "mild") >= served(usual, "mild")
    assert build_arrays(turned).class_order == (3, 2, 1, 0)


@pytest.mark.parametrize("policy", ["lexicographic", "least-shortage"])
def test_what_the_planner_locked_stays_when_vehicles_are_tight(policy: str) -> None:
    made = synthetic_instance(6, 5, 7, seed=2, vehicles="tight")
    base = solve(made, policy, 8)
    moved: Counter[tuple[str, str, str]] = Counter()
    for sent in base.transfers:
        moved[sent.origin, sent.destination, sent.item] += sent.quantity
    locked = [Pin(*key, units, units) for key, units in moved.most_common()[::3]]
    assert len(locked) >= 5
    again = solve(replace(made, pins=tuple(locked)), policy, 8, start=base.transfers)
    assert again.pins_unmet == ()
    assert again.shortage.plan <= 1.2 * base.shortage.plan


def test_asked_again_with_more_stock_a_plan_is_no_worse_and_keeps_most_of_itself() -> None:
    made = synthetic_instance(6, 5, 7, seed=2, vehicles="tight")
    base = solve(made, "least-shortage", 8)
    gift = Lot(made.facilities[0].id, made.items[0].id, "GIFT", None, 20)
    richer = replace(made, lots=(*made.lots, gift))
    again = solve(richer, "least-shortage", 8, start=base.transfers)
    assert check(richer, again) == []
    assert again.shortage.plan <= base.shortage.plan


def test_asked_again_without_a_way_the_rest_of_the_plan_is_carried_over() -> None:
    made = synthetic_instance(6, 5, 7, seed=2, vehicles="tight")
    base = solve(made, "least-shortage", 8)
    gone = base.transfers[0]
    closed = tuple(
        row for row in made.arcs if (row.origin, row.destination) != (gone.origin, gone.destination)
    )
    fewer = replace(made, arcs=closed)
    again = solve(fewer, "least-shortage", 8, start=base.transfers)
    assert check(fewer, again) == []
    assert all(
        (t.origin, t.destination) != (gone.origin, gone.destination) for t in again.transfers
    )
