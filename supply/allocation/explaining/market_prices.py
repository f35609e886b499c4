"""Which packs, trips and ways are worth showing a price of, within a time. Pure.

Items are priced heaviest first; the prices rank the changes; each change shown is then solved for
again (``prices``). A trip is worth what it is to the one item that wants it most: carrying several it
may be worth more, never less.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from supply.allocation.arrays import Floats, Ints, Moves, ProblemArrays
from supply.allocation.explaining.prices import (
    Priced,
    UnsoundPriceError,
    Worth,
    kept_days,
    lead_rank,
    lead_worth,
    pack_worth,
    price_item,
    trip_worth,
)
from supply.allocation.instance import Instance
from supply.allocation.quotas import flows_of
from supply.allocation.solver import WORKERS, SolverError, in_parallel

PACKS_SHOWN, TRIPS_SHOWN, LEADS_SHOWN = 8, 6, 5
PRICING_SHARE = 0.5
"""Part of the time for the first solutions; the second solutions have the rest."""

SAME_PRICE = 0.999
"""A depot is told, or a later day, when a pack there is worth at least this share of the best."""

AGAIN_SECONDS_MIN = 0.5
"""Time for second solutions even when it is up."""

ITEMS_MIN = 2
"""Items priced even when the time is up."""


def prices_of(
    instance: Instance,
    problem: ProblemArrays,
    moves: list[Moves],
    quotas: list[Ints],
    litres: Floats,
    heavy: list[int],
    until: float,
) -> dict[str, Any]:
    """{items, of, refused, packs, trips, lead_times}; ``heavy``: items with unmet need, the heaviest
    first; ``quotas`` (F, C, T) by item; ``litres`` (F, T) left by the plan."""
    now = time.monotonic()
    pricing_until = now + PRICING_SHARE * max(0.0, until - now)
    priced: dict[int, Priced] = {}
    refused = 0
    for start in range(0, len(heavy), WORKERS):
        if time.monotonic() > pricing_until and start >= ITEMS_MIN:
            break
        batch = heavy[start : start + WORKERS]
        answers = in_parallel(
            lambda k: _priced(problem, moves[k], quotas[k], litres, k, pricing_until), batch
        )
        for k, answer in zip(batch, answers, strict=True):
            if answer is None:
                refused += 1
            else:
                priced[k] = answer
    trials = [*_packs(problem, priced), *_trips(instance, problem, priced)]
    trials += _leads(problem, priced)
    rows: dict[str, list[dict[str, Any]]] = {"packs": [], "trips": [], "lead_times": []}
    for name, row in _verified(problem, trials, max(until, time.monotonic() + AGAIN_SECONDS_MIN)):
        rows[name].append(row)
    for table in rows.values():
        table.sort(key=lambda row: -row["points"])
    del rows["lead_times"][LEADS_SHOWN:]
    return {"items": len(priced), "of": len(heavy), "refused": refused, **rows}


def _priced(
    problem: ProblemArrays, moves: Moves, quotas: Ints, litres: Floats, k: int, until: float
) -> Priced | None:
    """The item's programme with prices; None if it is not solved, not sound or misses a pin."""
    item, network = problem.items[k], problem.network
    own = np.zeros(litres.shape)
    np.add.at(own, (network.origin[moves.arc], moves.day), moves.quantity * item.litres_per_unit)
    days = kept_days(item, network, flows_of(item, network, moves), quotas)
    room = np.maximum(litres + own, 0.0)
    seconds = max(1.0, until - time.monotonic())
    try:
        found = price_item(item, network, problem.weights, days, room, seconds)
    except (SolverError, UnsoundPriceError):
        return None
    return None if found.model.pin.of(found.solution.x).any() else found


Trial = tuple[str, int, Callable[[float], Worth], dict[str, Any]]
"""Table, item, the second solution, and what the row says of it besides its figures."""


def _packs(problem: ProblemArrays, priced: dict[int, Priced]) -> list[Trial]:
    """The best place and the latest day for one more pack of each item, the best items first."""
    found = []
    for k, one in priced.items():
        worth = one.row_price(one.gift)
        best = float(worth[:, 0].max(initial=0.0))
        if best <= 0:
            continue
        alike = np.flatnonzero(worth[:, 0] >= SAME_PRICE * best)
        depots = alike[problem.depots[alike]]
        place = int(depots[0] if len(depots) else worth[:, 0].argmax())
        day = int(np.flatnonzero(worth[place] >= SAME_PRICE * worth[place, 0]).max())
        found.append((best * problem.items[k].pack_size, k, place, day))
    return [
        (
            "packs",
            k,
            partial(pack_worth, priced[k], place, day),
            {"facility": problem.facility_ids[place], "day": day},
        )
        for _, k, place, day in sorted(found, reverse=True)[:PACKS_SHOWN]
    ]


def _trips(instance: Instance, problem: ProblemArrays, priced: dict[int, Priced]) -> list[Trial]:
    """The best day for one more trip of each sender, for the item that wants it most."""
    litres_of = np.zeros(problem.network.n_facilities)
    number = {name: f for f, name in enumerate(problem.facility_ids)}
    for vehicle in instance.vehicles:
        f = number[vehicle.facility]
        litres_of[f] = max(litres_of[f], vehicle.litres_per_trip)
    best: dict[int, tuple[float, int, int]] = {}
    for k, one in priced.items():
        worth = one.row_price(one.trip)
        for f in np.flatnonzero(worth.max(axis=1) > 0).tolist():
            day = int(worth[f].argmax())
            best[f] = max(best.get(f, (0.0, -1, -1)), (float(worth[f, day]) * litres_of[f], k, day))
    ranked = sorted(((points, f, k, day) for f, (points, k, day) in best.items()), reverse=True)
    return [
        (
            "trips",
            k,
            partial(trip_worth, priced[k], f, day, float(litres_of[f])),
            {"facility": problem.facility_ids[f], "day": day},
        )
        for points, f, k, day in ranked[:TRIPS_SHOWN]
        if points > 0
    ]


def _leads(problem: ProblemArrays, priced: dict[int, Priced]) -> list[Trial]:
    """The ways that carry most worth and could be a day faster, one per item and way."""
    network = problem.network
    ranked = sorted(
        (
            (float(rank), k, a)
            for k, one in priced.items()
            for a, rank in enumerate(lead_rank(one, network).tolist())
            if rank > 0
        ),
        reverse=True,
    )
    return [
        (
            "lead_times",
            k,
            partial(lead_worth, priced[k], network, problem.weights, a),
            {
                "from": problem.facility_ids[network.origin[a]],
                "to": problem.facility_ids[network.destination[a]],
                "lead_days": int(network.lead_days[a]),
            },
        )
        for _, k, a in ranked[: 2 * LEADS_SHOWN]
    ]


def _verified(
    problem: ProblemArrays, trials: list[Trial], until: float
) -> list[tuple[str, dict[str, Any]]]:
    """The rows whose change, solved for again in time, does save points."""

    def row(trial: Trial) -> tuple[str, dict[str, Any]] | None:
        table, k, solve_again, said = trial
        try:
            worth = solve_again(max(0.0, until - time.monotonic()))
        except (SolverError, UnsoundPriceError):
            return None
        if worth.points <= 0:
            return None
        figures = {"step": round(worth.step, 2), "points": round(worth.points)}
        return table, {"item": problem.item_ids[k], **said, **figures}

    # One trial of each table in turn, so that a short time leaves no table empty.
    turn = sorted(range(len(trials)), key=lambda i: sum(t[0] == trials[i][0] for t in trials[:i]))
    return [found for found in in_parallel(row, [trials[i] for i in turn]) if found]
