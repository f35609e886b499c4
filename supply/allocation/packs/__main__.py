"""Compile what this room and ``flows`` compile, so that nobody's first plan waits for it:

python -m supply.allocation.packs
"""

from __future__ import annotations

import time

from supply.allocation.arrays import build_arrays
from supply.allocation.flows.item import ItemFlow
from supply.allocation.model import create_item_model
from supply.allocation.packing import depots_of
from supply.allocation.packs.search import improve
from supply.allocation.synthetic import synthetic_instance


def compile_all() -> float:
    """Use every function that Python calls once; the seconds that took."""
    started = time.monotonic()
    problem = build_arrays(synthetic_instance(4, 2, 3))
    depot = depots_of(problem)[0]
    depot.ship(0, 0, 0, depot.room(0, 0, 0) * 0)
    depot.can_take_back(0, 0, 0, 1)
    depot.missing_at([0])
    depot.board.points[:] = problem.weights
    improve(depot.board, time.monotonic() + 1.0, fairly=False, workers=1)
    model = create_item_model(problem.items[0], problem.network, problem.weights)
    ItemFlow(model, problem.network).answer(model.linear.cost)
    return time.monotonic() - started


if __name__ == "__main__":
    print(f"{compile_all():.1f} s")
