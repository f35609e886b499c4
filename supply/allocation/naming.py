"""An order of the facilities that does not depend on what they are called. Pure.

Rules that go through places one after another give other plans when the places are renamed, unless
the order comes from what the places are. Each starts with its own figures (stock, need, reserve,
vehicles); then, again and again, with those of the places it has ways to and from (colour refinement).
Places still alike are told apart by singling one of them out, which tells its neighbours apart too,
and so on: whoever is singled out, the outcome is the same but for places that may change roles.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from supply.allocation.arrays import Ints, Network, ProblemArrays

SINGLED_OUT_MAX = 50
"""After so many the numbering decides: that many places alike in everything are a made-up question."""


def order_by_nature(problem: ProblemArrays) -> Ints:
    """(F,) the rank of each facility, 0 the first, from its figures and its ways."""
    network = problem.network
    colours = _ranks(_own_figures(problem, f) for f in range(network.n_facilities))
    ways = _ways(problem)
    colours = _refined(colours, network, ways)
    for _ in range(SINGLED_OUT_MAX):
        values, counts = np.unique(colours, return_counts=True)
        if (counts == 1).all():
            break
        one = int(np.flatnonzero(colours == values[counts > 1][0])[0])
        colours = 2 * colours + 1
        colours[one] -= 1
        colours = _refined(colours, network, ways)
    return np.argsort(np.argsort(colours, kind="stable"), kind="stable")


def _own_figures(problem: ProblemArrays, f: int) -> tuple[Any, ...]:
    """Who needs most, in packs, comes first, then who has most, then whatever tells them apart."""
    return (
        -math.fsum(int(item.demand[f].sum()) / item.pack_size for item in problem.items),
        -math.fsum(int(item.supply[f].sum()) / item.pack_size for item in problem.items),
        problem.network.vehicle_litres[f].tobytes(),
        *(
            (item.supply[f].tobytes(), item.demand[f].tobytes(), int(item.reserve[f]))
            for item in problem.items
        ),
    )


def _ways(problem: ProblemArrays) -> Ints:
    """(A,) a number for what each way is but for its ends: its lead time and what is pinned."""
    lead = problem.network.lead_days
    pins = [np.stack([item.pin_min, item.pin_max], axis=1) for item in problem.items]
    table = np.concatenate([lead[:, None], *pins], axis=1)
    return _ranks(map(tuple, table.tolist()))


def _refined(colours: Ints, network: Network, ways: Ints) -> Ints:
    """Colours told apart by those of the neighbours, until that tells nothing more."""
    while True:
        seen: list[list[tuple[int, int, int]]] = [[] for _ in colours]
        rows = zip(
            network.origin.tolist(), network.destination.tolist(), ways.tolist(), strict=True
        )
        for origin, target, way in rows:
            seen[origin].append((0, way, int(colours[target])))
            seen[target].append((1, way, int(colours[origin])))
        known = colours.tolist()
        finer = _ranks((known[f], *sorted(around)) for f, around in enumerate(seen))
        if finer.max(initial=0) == _ranks(known).max(initial=0):
            return finer
        colours = finer


def _ranks(keys: Iterable[Hashable]) -> Ints:
    """Equal keys get equal numbers, in the order of the keys."""
    found: list[Any] = list(keys)
    number = {key: rank for rank, key in enumerate(sorted(set(found)))}
    return np.array([number[key] for key in found], dtype=np.int64)
