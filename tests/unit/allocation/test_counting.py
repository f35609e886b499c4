"""One facility compiled and all of them in arrays: the same quotas, whatever is shipped."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from supply.allocation.arrays import build_arrays
from supply.allocation.instance import Instance
from supply.allocation.packing import depots_of
from supply.allocation.packs.counting import recount
from supply.allocation.proportional import proportional_moves
from supply.allocation.quotas import best_quotas, flows_of
from tests.unit.allocation.build import instances


@given(instances())
@settings(max_examples=100, deadline=None)
def test_one_facility_misses_what_it_misses_among_all(made: Instance) -> None:
    problem = build_arrays(made)
    depots = depots_of(problem)
    by_hand = proportional_moves(problem)
    for depot, moves in zip(depots, by_hand, strict=True):
        for row in moves.rows():
            depot.ship(*row)
    places = range(problem.network.n_facilities)
    for depot, moves in zip(depots, by_hand, strict=True):
        quotas = best_quotas(
            depot.item, flows_of(depot.item, problem.network, moves), problem.class_order
        )
        missed = (depot.item.demand - quotas).sum(axis=2)
        assert (depot.missing_at(places) == missed).all()
    if depots:
        board = depots[0].board
        board.points[:] = problem.weights
        recount(board)
        costs = (board.missing * board.points).sum(axis=2)
        assert np.allclose(board.cost, costs)
