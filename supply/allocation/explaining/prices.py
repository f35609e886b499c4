"""What one more pack, one more trip, one day less on the road would be worth, in shortage points. Pure.

The programme of one item (``model``) is solved with prices inside the room the plan uses: the litres
that the other items leave it, and the reserve held on the days on which the plan leaves it whole,
so that the plan itself is a point of the programme. By linear duality, with y the price of a row
and r = c − Aᵀy what a column's cost still exceeds,

    c·x  =  Σ_rows (y⁺ · lower + y⁻ · upper)  +  Σ_columns (r⁺ · lower + r⁻ · upper)           (1)

at the optimum; an item for which (1) fails by more than ``DUALITY_TOLERANCE`` is not priced. A price
holds for the next unit only, and shortage is convex in what there is, so a step of n units saves at
most n times the price: it ranks what is tried. **What is shown is never a price**: each figure is the
difference to a second solution of the programme with the thing changed.

Worked number: A holds 10, B misses 30 critical units (1,000 points each), packs of 5, one trip of 10
units: a pack more at B saves 5,000 points; at A nothing, the trip is full; a trip more nothing, A is
empty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from supply.allocation.arrays import NEVER_DAY, Bools, Floats, Ints, ItemArrays, Network
from supply.allocation.model import ItemModel, Linear, create_item_model, within_room
from supply.allocation.quotas import Flows
from supply.allocation.solver import Solution, solve_linear

DUALITY_TOLERANCE = 1e-6
"""Largest relative difference of the two sides of (1)."""

PRICE_ZERO = 1e-5
"""A price of a missing limit this small is the solver's rounding."""

CONVEXITY_SLACK = 1e-4
"""How much a verified saving may exceed price times step, relative, for rounding's sake."""

POINTS_MIN = 0.5
"""A saving below half a point is none."""


class UnsoundPriceError(RuntimeError):
    """The solver's prices do not prove its optimum, so nothing may be read from them."""


@dataclass(frozen=True)
class Priced:
    """An item's programme with its solution; prices in points per unit.

    ``gift`` (F, T): row of the balance of a lot that keeps, -1 where the programme has none.
    ``trip`` (F, T): row of the vehicles, -1 where they do not limit it.
    """

    model: ItemModel
    linear: Linear
    solution: Solution
    dispatch_days: Bools
    room: Floats
    gift: Ints
    trip: Ints

    def row_price(self, rows: Ints) -> Floats:
        """Points saved per unit more on the right-hand side of ``rows``; 0 for row -1."""
        prices: Floats = np.where(rows >= 0, -self.solution.duals[rows], 0.0)
        return prices


@dataclass(frozen=True)
class Worth:
    """``points`` saved by a change, by a second solution; ``at_most`` by the price; ``step`` units or
    litres. ``kind`` pack (facility, day), trip (facility, day) or lead_time (arc, day -1)."""

    kind: str
    place: int
    day: int
    step: float
    points: float
    at_most: float


def kept_days(item: ItemArrays, network: Network, flows: Flows, quotas: Ints) -> Bools:
    """(F, T) days on which the plan leaves the reserve whole after dispatch; use takes the earliest
    expiry first of what is not shipped later (quotas name no lot)."""
    n_facilities, n_lots, n_days = flows.out.shape
    stock = np.zeros((n_facilities, n_lots), dtype=np.int64)
    later = flows.out.sum(axis=2)
    holds = np.zeros((n_facilities, n_days), dtype=bool)
    for day in range(n_days):
        stock[:, item.expiry_day < day] = 0
        stock += flows.before_dispatch[:, :, day] - flows.out[:, :, day]
        later -= flows.out[:, :, day]
        holds[:, day] = stock.sum(axis=1) >= item.reserve
        stock += flows.after_dispatch[:, :, day]
        wanted = quotas[:, :, day].sum(axis=1)
        for lot in range(n_lots):
            taken = np.minimum(wanted, np.maximum(stock[:, lot] - later[:, lot], 0))
            stock[:, lot] -= taken
            wanted = wanted - taken
    return holds


def price_item(
    item: ItemArrays,
    network: Network,
    weights: Ints,
    dispatch_days: Bools,
    room: Floats,
    seconds: float,
) -> Priced:
    """The item's programme inside ``room`` (F, T) litres, solved with prices. Raises ``SolverError``
    without a solution, ``UnsoundPriceError`` if the prices do not prove it."""
    # The gift could leave on days on which nothing else can: no reserve is asked for on those.
    dispatch_days = dispatch_days & _days_with_goods(item, network, weights)
    model = create_item_model(
        with_gift(item, network.n_facilities), network, weights, dispatch_days
    )
    linear, gift = _without_gift(model, network)
    bounded = within_room(replace(model, linear=linear), network, room)
    solution = solve_linear(bounded, seconds, with_duals=True)
    gap = duality_gap(bounded, solution)
    if gap > DUALITY_TOLERANCE:
        raise UnsoundPriceError(f"relative duality gap {gap:.2g}")
    trip = np.full(room.shape, -1)
    first = len(linear.row_lower)
    extra = len(bounded.row_lower) - first
    if extra:
        arc, _, day = model.ship.keys
        cells = np.unique(network.origin[arc] * network.n_days + day)
        cells = cells[np.isfinite(room.ravel()[cells])]
        trip.ravel()[cells] = first + np.arange(extra)
    return Priced(model, bounded, solution, dispatch_days, room, gift, trip)


def _days_with_goods(item: ItemArrays, network: Network, weights: Ints) -> Bools:
    """(F, T) days on which anything of the item could leave."""
    arc, _, day = create_item_model(item, network, weights).ship.keys
    found = np.zeros((network.n_facilities, network.n_days), dtype=bool)
    found[network.origin[arc], day] = True
    return found


def with_gift(item: ItemArrays, n_facilities: int) -> ItemArrays:
    """The item with one more lot that never expires: a unit of it at every place on day 0."""
    lot = np.zeros((n_facilities, 1, item.supply.shape[2]), dtype=np.int64)
    lot[:, :, 0] = 1
    return replace(
        item,
        lot_ids=(*item.lot_ids, ""),
        expiry_day=np.append(item.expiry_day, NEVER_DAY),
        supply=np.concatenate([item.supply, lot], axis=1),
    )


def _without_gift(model: ItemModel, network: Network) -> tuple[Linear, Ints]:
    """The programme without the gift's units but with its rows, and those rows (F, T).

    Balance rows come first in a programme, one for each ``end`` column (tests hold that).
    """
    facility, group, day = model.end.keys
    keeps = np.flatnonzero(group == len(model.group_expiry) - 1)
    rows = np.full(network.vehicle_litres.shape, -1)
    rows[facility[keeps], day[keeps]] = keeps
    given = rows[:, 0]
    lower, upper = model.linear.row_lower.copy(), model.linear.row_upper.copy()
    lower[given] -= 1
    upper[given] -= 1
    return replace(model.linear, row_lower=lower, row_upper=upper), rows


def duality_gap(linear: Linear, solution: Solution) -> float:
    """Relative difference of the two sides of (1); infinite if a price leans on a missing limit."""
    reduced = linear.cost - linear.matrix.T @ solution.duals
    total = 0.0
    for price, lower, upper in (
        (solution.duals, linear.row_lower, linear.row_upper),
        (reduced, linear.lower, linear.upper),
    ):
        total += _leaning(price, lower) + _leaning(-price, -upper)
    return abs(total - solution.objective) / max(1.0, abs(solution.objective))


def _leaning(price: Floats, limit: Floats) -> float:
    """Σ of the positive prices times their limits, tiny ones on a missing limit left out."""
    up = np.maximum(price, 0.0)
    up = np.where(~np.isfinite(limit) & (up <= PRICE_ZERO), 0.0, up)
    if (~np.isfinite(limit) & (up > 0)).any():
        return float("inf")
    return float(up @ np.where(np.isfinite(limit), limit, 0.0))


def pack_worth(priced: Priced, facility: int, day: int, seconds: float) -> Worth:
    """One more pack of a lot that keeps, at ``facility`` on ``day``."""
    row = int(priced.gift[facility, day])
    step = float(priced.model.item.pack_size)
    return _worth(priced, "pack", facility, day, step, row, (True, True), seconds)


def trip_worth(priced: Priced, facility: int, day: int, litres: float, seconds: float) -> Worth:
    """``litres`` more on the vehicles of ``facility`` on ``day``, all for this item."""
    row = int(priced.trip[facility, day])
    return _worth(priced, "trip", facility, day, litres, row, (False, True), seconds)


def _worth(
    priced: Priced,
    kind: str,
    place: int,
    day: int,
    step: float,
    row: int,
    sides: tuple[bool, bool],
    seconds: float,
) -> Worth:
    """Move a row's limits by ``step`` and solve again."""
    lower, upper = priced.linear.row_lower.copy(), priced.linear.row_upper.copy()
    lower[row] += step * sides[0]
    upper[row] += step * sides[1]
    changed = solve_linear(replace(priced.linear, row_lower=lower, row_upper=upper), seconds)
    at_most = float(priced.row_price(np.array([row]))[0]) * step
    return _checked(kind, place, day, step, priced.solution.objective - changed.objective, at_most)


def _checked(kind: str, place: int, day: int, step: float, points: float, at_most: float) -> Worth:
    if points > at_most + CONVEXITY_SLACK * max(1.0, abs(at_most)):
        raise UnsoundPriceError(f"{kind}: {points:.1f} saved, price says at most {at_most:.1f}")
    return Worth(kind, place, day, step, points if points >= POINTS_MIN else 0.0, at_most)


def lead_rank(priced: Priced, network: Network) -> Floats:
    """(A,) units the programme ships over each arc times what a unit is worth where they arrive; 0 for
    an arc that takes no day. Says what to try first, nothing more."""
    arc, _, _ = priced.model.ship.keys
    total = np.zeros(network.n_arcs)
    np.add.at(total, arc, priced.model.ship.of(priced.solution.x))
    worth = priced.row_price(priced.gift)[:, 0]
    rank: Floats = np.where(network.lead_days > 0, total * worth[network.destination], 0.0)
    return rank


def lead_worth(priced: Priced, network: Network, weights: Ints, arc: int, seconds: float) -> Worth:
    """A day less on the road over ``arc``: the programme is built and solved anew. Raises
    ValueError for an arc that takes no day."""
    lead = network.lead_days.copy()
    if lead[arc] < 1:
        raise ValueError("an arc of lead 0 cannot be faster")
    lead[arc] -= 1
    faster = replace(network, lead_days=lead)
    model = create_item_model(priced.model.item, faster, weights, priced.dispatch_days)
    linear, _ = _without_gift(model, faster)
    linear = within_room(replace(model, linear=linear), faster, priced.room)
    changed = solve_linear(linear, seconds)
    points = priced.solution.objective - changed.objective
    return Worth("lead_time", arc, -1, 1.0, points if points >= POINTS_MIN else 0.0, float("nan"))
