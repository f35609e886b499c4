"""One facility in plain numbers and all of them in arrays: the same quotas, whatever is shipped."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from supply.allocation.arrays import build_arrays
from supply.allocation.instance import Instance
from supply.allocation.proportional import proportional_moves
from supply.allocation.quotas import best_quotas, flows_of
from supply.allocation.quotas_of_one import missing_of_one
from tests.unit.allocation.build import instances


@given(instances())
@settings(max_examples=60, deadline=None)
def test_one_facility_misses_what_it_misses_among_all(made: Instance) -> None:
    problem = build_arrays(made)
    for item, moves in zip(problem.items, proportional_moves(problem), strict=True):
        flows = flows_of(item, problem.network, moves)
        quotas = best_quotas(item, flows, problem.class_order)
        for facility in range(problem.network.n_facilities):
            alone = missing_of_one(item, flows, facility, problem.class_order)
            assert (np.array(alone) == item.demand[facility] - quotas[facility]).all()
