"""Who gives and who receives, and what that does to each side. Pure.

Days of stock of an item at a place = units it has in the period ÷ mean need a day, with what it sends
taken off and what it gets put on; None where it needs none of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from supply.allocation.arrays import Floats, Ints, Moves, ProblemArrays
from supply.allocation.instance import CLASSES


def sides_of(
    problem: ProblemArrays, moves: list[Moves], idle: list[Ints], given: list[Ints]
) -> list[dict[str, Any]]:
    """One row per facility with any need or move; ``idle``, ``given``: quotas (F, C, T) by item without
    transfers and with the plan.

    {facility, gives, gets: {items, lines, litres, places}, coverage: {class: [before, after]},
    days: [median before, after] over what moved there and it needs, lowest: [before, after]}.
    """
    network, names = problem.network, problem.facility_ids
    needed = np.array([item.demand.sum(axis=2) for item in problem.items])
    before, after = (np.array([q.sum(axis=2) for q in quotas]) for quotas in (idle, given))
    days_before, days_after, moved = _days(problem, moves)
    rows = []
    for f, name in enumerate(names):
        gives = _lines(problem, moves, network.origin, network.destination, f)
        gets = _lines(problem, moves, network.destination, network.origin, f)
        if not needed[:, f].any() and not gives["lines"] and not gets["lines"]:
            continue
        known = moved[:, f] & np.isfinite(days_before[:, f])
        pair = (days_before[known, f], days_after[known, f])
        rows.append(
            {
                "facility": name,
                "gives": gives,
                "gets": gets,
                "coverage": {
                    CLASSES[c]: [
                        round(float(ways[:, f, c].sum() / needed[:, f, c].sum()), 4)
                        for ways in (before, after)
                    ]
                    for c in np.flatnonzero(needed[:, f].sum(axis=0)).tolist()
                },
                "days": [round(float(np.median(d)), 1) for d in pair] if known.any() else None,
                "lowest": [round(float(d.min()), 1) for d in pair] if known.any() else None,
            }
        )
    return rows


def moved_rows(problem: ProblemArrays, moves: list[Moves]) -> list[dict[str, Any]]:
    """{facility, item, out, in, days: [before, after] | None, reserve} for every pair that moves."""
    network = problem.network
    days_before, days_after, moved = _days(problem, moves)
    rows = []
    for k, f in np.argwhere(moved).tolist():
        out = int(moves[k].quantity[network.origin[moves[k].arc] == f].sum())
        into = int(moves[k].quantity[network.destination[moves[k].arc] == f].sum())
        pair = [days_before[k, f], days_after[k, f]]
        rows.append(
            {
                "facility": problem.facility_ids[f],
                "item": problem.item_ids[k],
                "out": out,
                "in": into,
                "days": [round(float(d), 1) for d in pair] if np.isfinite(pair[0]) else None,
                "reserve": int(problem.items[k].reserve[f]),
            }
        )
    return rows


def _lines(
    problem: ProblemArrays, moves: list[Moves], here: Ints, there: Ints, facility: int
) -> dict[str, Any]:
    """What goes from or to the facility."""
    places: set[int] = set()
    items = lines = 0
    litres = 0.0
    for item, moved in zip(problem.items, moves, strict=True):
        mine = here[moved.arc] == facility
        if mine.any():
            items += 1
            lines += int(mine.sum())
            litres += float(moved.quantity[mine].sum()) * item.litres_per_unit
            places |= set(there[moved.arc[mine]].tolist())
    return {"items": items, "lines": lines, "litres": round(litres, 1), "places": len(places)}


def _days(problem: ProblemArrays, moves: list[Moves]) -> tuple[Floats, Floats, Floats]:
    """(K, F) days of stock before and after, infinite without need, and whether anything moves."""
    network = problem.network
    shape = (len(problem.items), network.n_facilities)
    has, net, moved = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
    need = np.zeros(shape)
    for k, (item, move) in enumerate(zip(problem.items, moves, strict=True)):
        has[k] = item.supply.sum(axis=(1, 2))
        need[k] = item.demand.sum(axis=(1, 2)) / network.n_days
        np.subtract.at(net[k], network.origin[move.arc], move.quantity)
        np.add.at(net[k], network.destination[move.arc], move.quantity)
        moved[k, network.origin[move.arc]] = True
        moved[k, network.destination[move.arc]] = True
    with np.errstate(divide="ignore", invalid="ignore"):
        before = np.where(need > 0, has / need, np.inf)
        after = np.where(need > 0, (has + net) / need, np.inf)
    return before, after, moved
