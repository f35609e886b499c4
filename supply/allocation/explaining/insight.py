"""``insight``: everything a plan can say of itself, as one JSON object kept beside it. Pure.

Heaviest first and within a time: the items that miss most points are looked at and priced first, and
how many were is part of the answer. The form is in docs/formats/allocation-plan.md.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np

from supply.allocation.arrays import (
    Floats,
    Moves,
    ProblemArrays,
    build_arrays,
    moves_of_plan,
)
from supply.allocation.envy import Lift, lifts_of
from supply.allocation.explaining.causes import Cause, causes_of
from supply.allocation.explaining.market_prices import prices_of
from supply.allocation.explaining.sides import moved_rows, sides_of
from supply.allocation.instance import CLASSES, Instance
from supply.allocation.neighbourhood import (
    Neighbourhood,
    litres_left,
    neighbourhood,
)
from supply.allocation.plan import Plan
from supply.allocation.proportional import quotas_for

SECONDS_MIN, SECONDS_MAX, SHARE_OF_SOLVE = 3.0, 8.0, 0.1
LOOKING_SHARE = 0.6
"""Part of the time for causes and envy; the prices have the rest."""

LIFTS_SHOWN = 40
FULL = 0.98
"""Share of a day's litres from which a vehicle counts as full."""


@dataclass(frozen=True)
class Asked:
    """A plan in arrays, as every part of an insight reads it."""

    instance: Instance
    plan: Plan
    problem: ProblemArrays
    moves: list[Moves]
    litres: Floats


def insight(instance: Instance, plan: Plan, seconds: float | None = None) -> dict[str, Any]:
    """Why, what binds, what would help, who gives and gets, who could be lifted.

    ``seconds``: the time to take, by default a tenth of what the plan took, 3 to 8 s; the sides are
    always whole. Raises KeyError for a plan of another instance.
    """
    started = time.monotonic()
    if seconds is None:
        tenth = SHARE_OF_SOLVE * sum(plan.seconds.values())
        seconds = min(max(SECONDS_MIN, tenth), SECONDS_MAX)
    problem = build_arrays(instance)
    moves = moves_of_plan(problem, (astuple(t) for t in plan.transfers))
    asked = Asked(instance, plan, problem, moves, litres_left(problem, moves))
    idle = quotas_for(problem, [Moves.none()] * len(problem.items))
    given = quotas_for(problem, moves)
    found: dict[str, Any] = {
        "sides": sides_of(problem, moves, idle, given),
        "moved": moved_rows(problem, moves),
        "vehicles": _vehicles(asked),
    }
    missed = [
        int(((item.demand - quota).sum(axis=(0, 2)) * problem.weights).sum())
        for item, quota in zip(problem.items, given, strict=True)
    ]
    heavy = [k for k in sorted(range(len(missed)), key=lambda k: -missed[k]) if missed[k] > 0]
    near = list(_looked_at(asked, heavy, started + LOOKING_SHARE * seconds))
    found["short"] = [row for one in near for row in _short(asked, one)]
    found["envy"] = _envy(asked, near)
    found["looked_at"] = {"items": len(near), "of": len(heavy)}
    found["prices"] = prices_of(
        instance, problem, moves, given, asked.litres, heavy, started + seconds
    )
    found["seconds"] = round(time.monotonic() - started, 2)
    return found


def _looked_at(asked: Asked, heavy: list[int], until: float) -> Iterator[Neighbourhood]:
    for k in heavy:
        if time.monotonic() > until:
            return
        item, moves = asked.problem.items[k], asked.moves[k]
        yield neighbourhood(item, asked.problem.network, moves, asked.litres)


def _short(asked: Asked, near: Neighbourhood) -> list[dict[str, Any]]:
    """{facility, item, class, missing, needed, and what ``Cause`` says} for all that is missed."""
    problem = asked.problem
    everybody = np.ones(problem.network.n_facilities, dtype=bool)
    causes = causes_of(near, problem.network, asked.litres, problem.weights, everybody)
    return [
        {
            "facility": problem.facility_ids[f],
            "item": problem.item_ids[near.item.index],
            "class": CLASSES[c],
            "missing": int(near.missing[f, c]),
            "needed": int(near.needed[f, c]),
        }
        | _cause_row(problem, near, cause)
        for (f, c), cause in causes.items()
    ]


def _cause_row(problem: ProblemArrays, near: Neighbourhood, cause: Cause) -> dict[str, Any]:
    row: dict[str, Any] = {"kinds": list(cause.kinds)}
    if cause.origin >= 0:
        row |= {"from": problem.facility_ids[cause.origin], "stock": max(0, cause.stock)}
        row["reserve"] = int(near.item.reserve[cause.origin])
    if cause.lot >= 0:
        row |= {"lot": near.item.lot_ids[cause.lot], "pack": near.item.pack_size}
    if cause.day >= 0:
        row |= {"day": cause.day, "arrival": cause.arrival_day}
    return row


def _envy(asked: Asked, near: list[Neighbourhood]) -> dict[str, Any]:
    """{packs_tried, count, places, lifts: the heaviest}; why a lift was not done: ``aim`` (the policy
    looks at the sum, and it adds to the shortage), ``costs`` (lifts the worst-off, adds to the
    shortage) or ``missed`` (it would have been better, the time or whole packs stopped it)."""
    lifts: list[tuple[int, Lift]] = []
    tried = 0
    for one in near:
        found, packs = lifts_of(one, asked.problem.network, asked.litres, asked.problem.weights)
        tried += packs
        lifts += [(one.item.index, lift) for lift in found]
    lifts.sort(key=lambda pair: (pair[1].cls, -pair[1].points))
    return {
        "packs_tried": tried,
        "count": len(lifts),
        "places": len({lift.facility for _, lift in lifts}),
        "classes": {
            name: sum(CLASSES[lift.cls] == name for _, lift in lifts)
            for name in CLASSES
            if any(CLASSES[lift.cls] == name for _, lift in lifts)
        },
        "lifts": [_lift_row(asked, k, lift) for k, lift in lifts[:LIFTS_SHOWN]],
    }


def _lift_row(asked: Asked, k: int, lift: Lift) -> dict[str, Any]:
    names, item = asked.problem.facility_ids, asked.problem.items[k]
    sum_first = asked.plan.policy in {"least-shortage", "own-weights"}
    why = "missed" if lift.points > 0 else "aim" if sum_first else "costs"
    if asked.plan.policy == "proportional":
        why = "aim"
    return {
        "facility": names[lift.facility],
        "class": CLASSES[lift.cls],
        "item": asked.problem.item_ids[k],
        "from": names[lift.origin],
        "lot": item.lot_ids[lift.lot],
        "day": lift.day,
        "pack": item.pack_size,
        "served": list(lift.served),
        "needed": lift.needed,
        "giver": [*lift.giver_served, lift.giver_needed],
        "points": lift.points,
        "why": why,
    }


def _vehicles(asked: Asked) -> list[dict[str, Any]]:
    """{facility, litres, used, full_days, days} of every sender with a limit, the fullest first."""
    network = asked.problem.network
    rows = []
    for f in range(network.n_facilities):
        room = network.vehicle_litres[f]
        if not np.isfinite(room).all() or not room.any():
            continue
        used = room - asked.litres[f]
        full = (room > 0) & (used >= FULL * room)
        rows.append(
            {
                "facility": asked.problem.facility_ids[f],
                "litres": round(float(room.sum()), 1),
                "used": round(float(used.sum()), 1),
                "days": int((room > 0).sum()),
                "full_days": np.flatnonzero(full).tolist(),
            }
        )
    return sorted(rows, key=lambda row: (-row["used"] / row["litres"], row["facility"]))


def causes_by_place(found: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The ``short`` rows of an insight by facility."""
    places: dict[str, list[dict[str, Any]]] = {}
    for row in found["short"]:
        places.setdefault(row["facility"], []).append(row)
    return places
