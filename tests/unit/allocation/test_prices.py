"""Prices prove the optimum, and every figure shown is what a second, independent solution says."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.allocation.arrays import NEVER_DAY, Floats, ItemArrays, ProblemArrays, build_arrays
from supply.allocation.explaining.insight import insight
from supply.allocation.explaining.prices import (
    DUALITY_TOLERANCE,
    Priced,
    duality_gap,
    kept_days,
    lead_worth,
    pack_worth,
    price_item,
    trip_worth,
)
from supply.allocation.instance import Instance
from supply.allocation.model import create_item_model, within_room
from supply.allocation.neighbourhood import litres_left
from supply.allocation.proportional import proportional_moves, quotas_for
from supply.allocation.quotas import flows_of
from supply.allocation.solver import solve_linear
from supply.allocation.synthetic import synthetic_instance
from tests.unit.allocation.build import arc, instance, instances, lot, need
from tests.unit.allocation.test_neighbourhood import plan_of

SECONDS = 20.0


def priced_of(problem: ProblemArrays, k: int) -> Priced:
    """Item k of the proportional plan, in the room it uses."""
    moves = proportional_moves(problem)
    item, network = problem.items[k], problem.network
    flows = flows_of(item, network, moves[k])
    days = kept_days(item, network, flows, quotas_for(problem, moves)[k])
    room = litres_left(problem, moves)
    litres = moves[k].quantity * item.litres_per_unit
    np.add.at(room, (network.origin[moves[k].arc], moves[k].day), litres)
    return price_item(item, network, problem.weights, days, room, SECONDS)


def optimum(problem: ProblemArrays, priced: Priced, item: ItemArrays, room: Floats) -> float:
    """The programme built afresh, without prices and without a place for gifts."""
    model = create_item_model(item, problem.network, problem.weights, priced.dispatch_days)
    return solve_linear(within_room(model, problem.network, room), SECONDS).objective


def with_pack(item: ItemArrays, facility: int, day: int) -> ItemArrays:
    """The item with a pack of a new lot that never expires."""
    given_lot = np.zeros((len(item.reserve), 1, item.supply.shape[2]), dtype=np.int64)
    given_lot[facility, 0, day] = item.pack_size
    return replace(
        item,
        lot_ids=(*item.lot_ids, "gift"),
        expiry_day=np.append(item.expiry_day, NEVER_DAY),
        supply=np.concatenate([item.supply, given_lot], axis=1),
    )


@settings(max_examples=15, deadline=None)
@given(instances(), st.data())
def test_prices_prove_the_optimum_and_what_is_shown_is_solved_again(
    asked: Instance, data: st.DataObject
) -> None:
    problem = build_arrays(asked)
    network = problem.network
    for k, item in enumerate(problem.items):
        priced = priced_of(problem, k)
        assert duality_gap(priced.linear, priced.solution) <= DUALITY_TOLERANCE
        base = optimum(problem, priced, item, priced.room)
        assert priced.solution.objective == pytest.approx(base, abs=1e-3)
        served = quotas_for(problem, proportional_moves(problem))[k].sum(axis=(0, 2))
        assert base <= -float(served @ problem.weights) + 1.0  # the plan is one of its points

        facility = data.draw(st.integers(0, network.n_facilities - 1))
        day = data.draw(st.integers(0, network.n_days - 1))
        pack = pack_worth(priced, facility, day, SECONDS)
        more = optimum(problem, priced, with_pack(item, facility, day), priced.room)
        assert pack.points == pytest.approx(max(0.0, base - more), abs=0.6)
        assert 0 <= pack.points <= pack.at_most + 0.1

        if priced.trip[facility, day] >= 0:
            trip = trip_worth(priced, facility, day, 5.0, SECONDS)
            room = priced.room.copy()
            room[facility, day] += 5.0
            again = optimum(problem, priced, item, room)
            assert trip.points == pytest.approx(max(0.0, base - again), abs=0.6)


def test_a_gift_that_could_leave_asks_for_no_reserve_on_a_day_when_nothing_else_can() -> None:
    """The last unit may go on day 0; on day 1 it is too old to leave, so no reserve is kept then."""
    asked = instance(
        items=[{"id": "X", "min_shelf_life_days": 2}],
        lots=[lot("A", 5, "old", "2022-03-01"), lot("A", 3, "fresh", "2022-03-03")],
        demand=[need("A", 7), need("B", 1)],
        reserve=[{"facility": "A", "item": "X", "quantity": 1}],
        arcs=[arc("A", "B")],
    )
    problem = build_arrays(asked)
    priced = priced_of(problem, 0)
    assert priced.solution.objective == pytest.approx(
        optimum(problem, priced, problem.items[0], priced.room), abs=1e-3
    )
    assert priced.solution.objective == pytest.approx(-8000, abs=1)


def test_a_pack_is_worth_most_where_it_is_missed_and_a_day_less_what_it_brings() -> None:
    asked = instance(
        items=[{"id": "X", "pack_size": 5, "litres_per_unit": 1.0}],
        lots=[lot("A", 10)],
        demand=[need("B", 30, 3), need("B", 4, 0)],
        arcs=[arc("A", "B", 1)],
        vehicles=[{"facility": "A", "day": 0, "trips": 1, "litres_per_trip": 10.0}],
    )
    problem = build_arrays(asked)
    priced = priced_of(problem, 0)
    assert pack_worth(priced, 1, 0, SECONDS).points == pytest.approx(5000, abs=1)
    assert pack_worth(priced, 1, 4, SECONDS).points == 0
    assert pack_worth(priced, 0, 0, SECONDS).points == 0
    assert trip_worth(priced, 0, 0, 10.0, SECONDS).points == 0
    # Sooner helps nobody: the ten units are used on day 3 or on day 0 alike.
    assert lead_worth(priced, problem.network, problem.weights, 0, SECONDS).points == 0
    still = replace(problem.network, lead_days=np.zeros(1, dtype=np.int64))
    with pytest.raises(ValueError, match="lead 0"):
        lead_worth(priced, still, problem.weights, 0, SECONDS)


def test_a_day_less_on_the_road_is_worth_what_comes_in_time() -> None:
    asked = instance(
        lots=[lot("A", 10)], demand=[need("B", 6, 1), need("B", 2, 2)], arcs=[arc("A", "B", 2)]
    )
    problem = build_arrays(asked)
    worth = lead_worth(priced_of(problem, 0), problem.network, problem.weights, 0, SECONDS)
    assert worth.points == pytest.approx(6000, abs=1)


def test_an_insight_holds_together_and_says_how_far_it_looked() -> None:
    asked = synthetic_instance(6, 4, 5, seed=3)
    problem = build_arrays(asked)
    plan = plan_of(asked, problem, proportional_moves(problem))
    found = insight(asked, plan, seconds=30.0)
    assert json.loads(json.dumps(found)) == found
    assert found["looked_at"]["items"] == found["looked_at"]["of"] > 0
    unmet = sum(row["missing"] * plan.weights[row["class"]] for row in found["short"])
    assert unmet == plan.shortage.plan
    assert all(row["kinds"] for row in found["short"])
    assert found["prices"]["items"] + found["prices"]["refused"] == found["prices"]["of"]
    assert found["prices"]["packs"][0]["points"] > 0
    given = sum(row["out"] for row in found["moved"])
    assert given == sum(row["in"] for row in found["moved"])
    assert given == sum(t.quantity for t in plan.transfers)
    assert sum(side["gives"]["lines"] for side in found["sides"]) == len(plan.transfers)

    hurried = insight(asked, plan, seconds=0.0)
    assert hurried["looked_at"]["items"] == 0
    assert hurried["looked_at"]["of"] == found["looked_at"]["of"]
    assert hurried["prices"]["items"] < hurried["prices"]["of"]
    assert hurried["sides"] == found["sides"]
