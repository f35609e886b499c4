"""An item as a flow is the item's programme; prices and mixtures keep what vehicles can carry."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.allocation.arrays import Floats, ProblemArrays, build_arrays
from supply.allocation.flows.item import ItemFlow, Keeping
from supply.allocation.flows.mixture import mixed
from supply.allocation.flows.prices import Askers
from supply.allocation.instance import Instance
from supply.allocation.model import ItemModel, create_item_model, join, vehicle_rows
from supply.allocation.reserves import days_to_send, kept_days, least_by_group, sending_days
from supply.allocation.solver import solve_linear
from supply.allocation.synthetic import synthetic_instance
from tests.unit.allocation.build import instances

SECONDS = 20.0


def models_of(problem: ProblemArrays) -> list[ItemModel]:
    return [
        create_item_model(item, problem.network, problem.weights, with_pins=False)
        for item in problem.items
    ]


def at_prices(model: ItemModel, seed: int) -> Floats:
    """The programme's costs with something to pay for every shipment."""
    cost = model.linear.cost.copy()
    cost[model.ship.index] += np.random.default_rng(seed).exponential(40.0, model.ship.size)
    return cost


def assert_keeps_its_rows(model: ItemModel, x: Floats) -> None:
    activity, linear = model.linear.matrix @ x, model.linear
    assert (activity >= linear.row_lower - 1e-6).all()
    assert (activity <= linear.row_upper + 1e-6).all()
    assert (x >= linear.lower - 1e-6).all()
    assert (x <= linear.upper + 1e-6).all()


@given(instances(), st.lists(st.integers(0, 1000), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_flow_answers_as_the_programme_does_however_prices_change(
    made: Instance, seeds: list[int]
) -> None:
    problem = build_arrays(made)
    for model in models_of(problem):
        flow = ItemFlow(model, problem.network)
        for seed in seeds:  # each from where the last answer stood
            cost = at_prices(model, seed)
            x, least = flow.answer(cost)
            assert_keeps_its_rows(model, x)
            optimum = solve_linear(replace(model.linear, cost=cost), SECONDS).objective
            assert float(cost @ x) == pytest.approx(optimum, rel=1e-6, abs=1e-3)
            assert least <= optimum + 1e-3
            assert least == pytest.approx(optimum, rel=1e-6, abs=1e-3)


@given(instances(limits=False), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_a_flow_that_is_to_keep_the_reserve_keeps_it_when_it_sends(
    made: Instance, seed: int
) -> None:
    problem = build_arrays(made)
    network = problem.network
    for model in models_of(problem):
        free, _ = ItemFlow(model, network).answer(model.linear.cost)
        days = days_to_send(model, network, free)
        keeping = Keeping(days, least_by_group(model, network, free, days))
        flow = ItemFlow(model, network, keeping)
        for cost in (model.linear.cost, at_prices(model, seed)):
            x, _ = flow.answer(cost)
            assert_keeps_its_rows(model, x)
            assert (kept_days(model, network, x) | ~sending_days(model, network, x)).all()


@pytest.fixture(scope="module")
def problem() -> ProblemArrays:
    return build_arrays(synthetic_instance(6, 5, 7, seed=2))


def test_prices_and_the_mixture_close_in_on_the_optimum_of_all_items_together(
    problem: ProblemArrays,
) -> None:
    network, models = problem.network, models_of(problem)
    whole, _ = join(models, network, network.vehicle_litres)
    served = np.concatenate([np.isin(np.arange(len(m.linear.cost)), m.serve.index) for m in models])
    least = solve_linear(replace(whole, cost=np.where(served, whole.cost, 0.0)), SECONDS).objective
    needed = float(sum((i.demand.sum(axis=(0, 2)) * problem.weights).sum() for i in problem.items))
    askers = Askers(models, network)
    best, prices = askers.search(SECONDS, 150, keep_last=100)
    assert best <= least + 1e-6 * abs(least)
    found = mixed(askers, network.vehicle_litres, prices, time.monotonic() + 9, (1e-6, needed))
    assert best <= found.best <= least + 1e-6 * abs(least)
    assert least - 1e-6 * abs(least) <= found.cost
    shortage = needed + least
    assert found.cost - found.best <= 0.02 * shortage
    litres = sum(vehicle_rows(m, network) @ x for m, x in zip(models, found.points, strict=True))
    assert (litres <= network.vehicle_litres.ravel() + 1e-5).all()
    for model, x in zip(models, found.points, strict=True):
        assert_keeps_its_rows(model, x)


def test_where_there_is_no_room_nothing_is_sent(problem: ProblemArrays) -> None:
    room = problem.network.vehicle_litres.copy()
    room[::2] = 0.0
    network = replace(problem.network, vehicle_litres=room)
    askers = Askers(models_of(problem), network)
    _, prices = askers.search(SECONDS, 20, keep_last=20)
    assert askers.litres[:, ::2].max() == 0.0
    found = mixed(askers, room, prices, time.monotonic() + 9, (0.01, 1.0))
    litres = sum(
        vehicle_rows(m, network) @ x for m, x in zip(askers.models, found.points, strict=True)
    )
    assert litres.reshape(room.shape)[::2].max() == 0.0
    assert litres.sum() > 0


def test_items_left_out_of_a_mixture_send_nothing(problem: ProblemArrays) -> None:
    askers = Askers(models_of(problem), problem.network)
    _, prices = askers.search(SECONDS, 20, keep_last=20)
    room = problem.network.vehicle_litres
    found = mixed(askers, room, prices, time.monotonic() + 9, (0.01, 1.0), without={1})
    sent = [float(m.ship.of(x).sum()) for m, x in zip(askers.models, found.points, strict=True)]
    assert sent[1] == 0
    assert sum(sent) > 0
