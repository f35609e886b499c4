"""Packs taken back and sent anew: never worse, always sound, and found where only that helps."""

from __future__ import annotations

import time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.allocation.arrays import build_arrays
from supply.allocation.check import check
from supply.allocation.instance import Instance
from supply.allocation.packing import depots_of
from supply.allocation.packs.board import Board
from supply.allocation.packs.counting import recount
from supply.allocation.packs.search import improve
from supply.allocation.proportional import proportional_moves
from tests.unit.allocation.build import arc, instance, instances, lot, need
from tests.unit.allocation.test_neighbourhood import plan_of

SECONDS = 2.0


def counted(board: Board) -> tuple[float, float]:
    """Points as the search told them, and counted anew."""
    told = float(board.cost.sum())
    recount(board)
    return told, float(board.cost.sum())


@settings(max_examples=60, deadline=None)
@given(instances(), st.booleans(), st.integers(1, 2))
def test_whatever_is_rebuilt_is_sound_no_worse_and_truly_counted(
    asked: Instance, fairly: bool, workers: int
) -> None:
    problem = build_arrays(asked)
    depots = depots_of(problem)
    for depot, moves in zip(depots, proportional_moves(problem), strict=True):
        for row in moves.rows():
            depot.ship(*row)
    board = depots[0].board
    board.points[:] = problem.weights
    recount(board)
    before = float(board.cost.sum())
    improve(board, time.monotonic() + SECONDS, fairly, workers)
    told, true = counted(board)
    assert told == true <= before
    assert check(asked, plan_of(asked, problem, [depot.moves() for depot in depots])) == []
    finite = np.isfinite(board.litres)
    assert (board.litres[finite] >= -1e-6).all()


def test_a_full_vehicle_gives_up_what_is_worth_less() -> None:
    """A's only trip takes one box. B's mild cases have it; C's critical ones need it."""
    box = {"id": "X", "pack_size": 10, "litres_per_unit": 1.0}
    asked = instance(
        items=[box],
        facilities=[{"id": "A"}, {"id": "B"}, {"id": "C"}],
        lots=[lot("A", 20)],
        demand=[need("B", 10, 1, "mild"), need("C", 10, 1)],
        arcs=[arc("A", "B"), arc("A", "C")],
        vehicles=[{"facility": "A", "day": 0, "trips": 1, "litres_per_trip": 10.0}],
    )
    problem = build_arrays(asked)
    (depot,) = depots_of(problem)
    to_b, to_c = (depot.network.arc_index[pair] for pair in ((0, 1), (0, 2)))
    depot.ship(to_b, 0, 0, 10)
    depot.board.points[:] = problem.weights
    improve(depot.board, time.monotonic() + SECONDS, fairly=False, workers=1)
    assert depot.moves().rows() == [(to_c, 0, 0, 10)]


def test_what_serves_nobody_stays_and_what_can_go_together_does() -> None:
    """B needs 20 on day 3; they went on two days, and 10 more for nobody."""
    asked = instance(
        items=[{"id": "X", "pack_size": 10}],
        lots=[lot("A", 40)],
        demand=[need("B", 20, 3)],
        arcs=[arc("A", "B")],
    )
    problem = build_arrays(asked)
    (depot,) = depots_of(problem)
    for day in range(3):
        depot.ship(0, 0, day, 10)
    depot.board.points[:] = problem.weights
    improve(depot.board, time.monotonic() + SECONDS, fairly=False, workers=1)
    ((_, _, _, units),) = depot.moves().rows()
    assert units == 20
