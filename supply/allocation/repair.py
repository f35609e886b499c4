"""Whole packs from a programme's fractions, keeping every rule on the way.

``round_down`` each way's total to packs, passing the remainder on to the next way into the same
receiver, and let each pack leave on the day its first unit is wanted. Every pack is admitted only
if stock, the reserve on this and later dispatch days, vehicles and pins still hold, so the result
is sound by construction; where a lot has less than a pack left, that much goes. ``packs`` then
exchanges them where that saves weighted shortage, counted by the exact quotas of the facilities
concerned. Later shipments count as gone from the start of the day they leave; what is used is
decided afterwards by ``quotas``, which holds stock for them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from supply.allocation.arrays import Ints, Moves, ProblemArrays
from supply.allocation.lifting import lift_worst_off
from supply.allocation.packing import Depot, depots_of
from supply.allocation.packs.search import improve
from supply.allocation.policies import ItemSolution
from supply.allocation.solver import WORKERS

HALF = 0.5
LIFTING_SHARE = 0.25
"""Part of the time for improving that is kept for the packs which lift the worst-off."""


def to_packs(
    problem: ProblemArrays,
    solutions: list[ItemSolution],
    weights: Ints,
    deadline: float,
    fairly: bool = False,
) -> list[Moves]:
    """Whole-pack transfers per item; improving stops at ``deadline`` (``time.monotonic``) and is
    ``fairly`` done where the worst-off come first."""
    depots = depots_of(problem)
    for pinned in (True, False):  # the planner's ways first, while the vehicles are empty
        for depot, solution in zip(depots, solutions, strict=True):
            _round(depot, solution, pinned)
        for depot in depots:
            _meet_pins(depot)
    return _improved(problem, depots, weights, deadline, fairly)


def improve_moves(
    problem: ProblemArrays, moves: list[Moves], weights: Ints, deadline: float, fairly: bool = False
) -> list[Moves]:
    """The same transfers with packs added and exchanged where that saves; ``moves`` must be sound."""
    depots = depots_of(problem)
    for depot, sent in zip(depots, moves, strict=True):
        for row in sent.rows():
            depot.ship(*row)
    return _improved(problem, depots, weights, deadline, fairly)


def carry_over(
    problem: ProblemArrays, moves: list[Moves], weights: Ints, deadline: float, fairly: bool = False
) -> list[Moves]:
    """As much of these transfers, made for a question a little different, as this one allows; the
    planner's ways first; then improved."""
    depots = depots_of(problem)
    left = [sorted(sent.rows(), key=lambda row: row[2]) for sent in moves]
    for pinned in (True, False, True):  # again, for what others had to leave first
        for depot, rows in zip(depots, left, strict=True):
            for n, (arc, lot, day, units) in enumerate(rows):
                if (depot.item.pin_min[arc] > 0) == pinned:
                    gone = depot.ship_up_to(arc, np.array([lot]), day, units)
                    rows[n] = (arc, lot, day, units - gone)
        for depot, rows in zip(depots, left, strict=True):
            _meet_pins(depot, rows)
    for depot in depots:
        _meet_pins(depot)
    return _improved(problem, depots, weights, deadline, fairly)


def _improved(
    problem: ProblemArrays, depots: list[Depot], weights: Ints, deadline: float, fairly: bool
) -> list[Moves]:
    now = time.monotonic()
    until = now + (1 - LIFTING_SHARE * fairly) * (deadline - now)
    if depots:
        board = depots[0].board
        board.points[:] = weights[None, :] * problem.vulnerability[:, None]
        improve(board, until, fairly, WORKERS)
    if fairly:
        lift_worst_off(depots, weights, deadline)
    return [depot.moves() for depot in depots]


def _round(depot: Depot, solution: ItemSolution, pinned: bool) -> None:
    """Packs of each way that is ``pinned`` or is not, entered in the order of the days they leave."""
    model, pack = solution.model, depot.item.pack_size
    lots_of = [np.flatnonzero(model.group_of_lot == g) for g in range(len(model.group_expiry))]
    orders = sorted(_orders(depot, solution, pack))
    for day, arc, group, left in orders:
        if (depot.item.pin_min[arc] > 0) != pinned:
            continue
        for later in range(day, depot.network.n_days - int(depot.network.lead_days[arc])):
            left -= depot.ship_up_to(arc, lots_of[group], later, left)
            if left <= 0:
                break


def _orders(depot: Depot, solution: ItemSolution, pack: int) -> list[tuple[int, int, int, int]]:
    """(day, arc, group, units): totals per way rounded to packs with the remainder passed on; to
    units where the planner's least is no whole packs, since then something left is meant to go."""
    ways: dict[tuple[int, int], list[tuple[int, float]]] = {}
    columns = zip(*(key.tolist() for key in solution.model.ship.keys), strict=True)
    for (arc, group, day), units in zip(columns, solution.shipped.tolist(), strict=True):
        if units > 1e-6:
            ways.setdefault((arc, group), []).append((day, units))
    total = {way: sum(units for _, units in rows) for way, rows in ways.items()}
    receiver = depot.network.destination
    remainder: dict[int, float] = {}
    orders: dict[tuple[int, int, int], int] = {}
    for way in sorted(ways, key=lambda way: (int(receiver[way[0]]), -total[way], way)):
        if depot.item.pin_min[way[0]] % pack:
            orders |= _by_units(way, ways[way])
            continue
        carry = remainder.get(int(receiver[way[0]]), 0.0)
        packs = max(0, int(np.floor((total[way] + carry) / pack + HALF)))
        remainder[int(receiver[way[0]])] = carry + total[way] - packs * pack
        so_far, done = 0.0, 0
        for day, units in sorted(ways[way]):
            so_far += units
            due = min(packs, int(np.ceil(so_far / pack - 1e-6)))
            if due > done:
                orders[day, *way] = (due - done) * pack
                done = due
        if done < packs:
            last = (max(day for day, _ in ways[way]), *way)
            orders[last] = orders.get(last, 0) + (packs - done) * pack
    return [(*key, units) for key, units in orders.items()]


def _by_units(
    way: tuple[int, int], rows: list[tuple[int, float]]
) -> dict[tuple[int, int, int], int]:
    """Orders of one way whose running total is that of ``rows`` (day, units), rounded."""
    orders, so_far, done = {}, 0.0, 0
    for day, units in sorted(rows):
        so_far += units
        orders[day, *way] = round(so_far) - done
        done = round(so_far)
    return orders


def _meet_pins(depot: Depot, owed: Sequence[tuple[int, int, int, int]] = ()) -> None:
    """What rounding left below a pin's least goes out as soon as it can: exactly if whole packs and
    what is left of a lot allow it, else a pack too much rather than too little. ``owed``: shipments
    still to come, of which the broken packs are waited for."""
    lots, pack = np.arange(depot.item.n_lots), depot.item.pack_size
    least = depot.item.pin_min.copy()
    for arc, _, _, units in owed:
        least[arc] -= units % pack
    for up in (0, pack - 1):
        for arc in np.flatnonzero(least > depot.moved).tolist():
            for day in range(depot.network.n_days):
                short = int(least[arc] - depot.moved[arc])
                if short <= 0:
                    break
                depot.ship_up_to(arc, lots, day, (short + up) // pack * pack if up else short)
