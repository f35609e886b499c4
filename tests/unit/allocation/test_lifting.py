"""After the last pass of a fair plan no pack that may still move lifts anybody: by the tables that
explain a plan, and by brute force."""

from __future__ import annotations

import time

import numpy as np
from hypothesis import given, settings

from supply.allocation.arrays import Moves, ProblemArrays, build_arrays
from supply.allocation.check import check
from supply.allocation.envy import Lift, lifts_of
from supply.allocation.instance import Instance
from supply.allocation.lifting import lift_worst_off
from supply.allocation.neighbourhood import litres_left, neighbourhood
from supply.allocation.packing import depots_of
from supply.allocation.proportional import quotas_for
from supply.allocation.repair import improve_moves
from tests.unit.allocation.build import arc, instance, instances, lot, need
from tests.unit.allocation.test_neighbourhood import brute_lifts, plan_of

SECONDS = 60.0
"""Far more than any of these takes."""


def lifts_left(problem: ProblemArrays, moves: list[Moves]) -> list[Lift]:
    """All of all items."""
    network, litres = problem.network, litres_left(problem, moves)
    return [
        lift
        for item, moved in zip(problem.items, moves, strict=True)
        for lift in lifts_of(
            neighbourhood(item, network, moved, litres), network, litres, problem.weights
        )[0]
    ]


def sorted_coverages(problem: ProblemArrays, moves: list[Moves], k: int) -> list[list[float]]:
    """By class, the most urgent first: the coverages of all places in one item, the worst first."""
    needed = problem.items[k].demand.sum(axis=2)
    served = quotas_for(problem, moves)[k].sum(axis=2)
    return [
        sorted((served[:, c] / np.maximum(needed[:, c], 1))[needed[:, c] > 0].tolist())
        for c in range(needed.shape[1])
    ]


@settings(max_examples=60, deadline=None)
@given(instances())
def test_no_lift_is_left_and_the_worst_off_never_lose(asked: Instance) -> None:
    problem = build_arrays(asked)
    none = [Moves.none()] * len(problem.items)
    depots = depots_of(problem)
    went = lift_worst_off(depots, problem.weights, time.monotonic() + SECONDS)
    moves = [depot.moves() for depot in depots]
    assert lifts_left(problem, moves) == []
    assert (went == 0) == (lifts_left(problem, none) == [])
    assert check(asked, plan_of(asked, problem, moves)) == []
    for k in range(len(problem.items)):
        assert sorted_coverages(problem, moves, k) >= sorted_coverages(problem, none, k)


@settings(max_examples=40, deadline=None)
@given(instances())
def test_improving_fairly_leaves_no_lift(asked: Instance) -> None:
    problem = build_arrays(asked)
    none = [Moves.none()] * len(problem.items)
    until = time.monotonic() + SECONDS
    moves = improve_moves(problem, none, problem.weights, until, fairly=True)
    assert lifts_left(problem, moves) == []
    for k in range(len(problem.items)):
        assert brute_lifts(asked, problem, moves, k) == {}
    assert check(asked, plan_of(asked, problem, moves)) == []


def test_who_has_most_gives_though_no_point_is_saved() -> None:
    """A has 9 of 10 and B 1 of 10, packs of 2: two packs go, and then each has 5."""
    asked = instance(
        items=[{"id": "X", "pack_size": 2}],
        lots=[lot("A", 9), lot("B", 1)],
        demand=[need("A", 10), need("B", 10)],
        arcs=[arc("A", "B")],
    )
    problem = build_arrays(asked)
    for fairly, sent in ((True, 4), (False, 0)):
        until = time.monotonic() + SECONDS
        moves = improve_moves(problem, [Moves.none()], problem.weights, until, fairly)
        assert int(moves[0].quantity.sum()) == sent


def test_no_time_no_lift() -> None:
    asked = instance(lots=[lot("A", 9)], demand=[need("B", 6)], arcs=[arc("A", "B")])
    problem = build_arrays(asked)
    depots = depots_of(problem)
    assert lift_worst_off(depots, problem.weights, time.monotonic() - 1) == 0
    assert lift_worst_off(depots, problem.weights, time.monotonic() + SECONDS) == 6
