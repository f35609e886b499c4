"""Every plan that is one pack away from a plan, weighed exactly, item by item. Pure.

A pack more from g to f changes what g can dispense and what f can dispense, and nothing else. What
it does to g depends on the lot and the day it leaves alone, what it does to f on the lot and the day
it comes in alone, so two tables, `gives` and `gets`, hold every such plan of an item; `best_quotas`
works them out in one call, one row a table cell. Whether the pack may leave is arithmetic on what is
left: `stock`, `spare` (above the reserve) and `litres`.

Worked number: 10 units at A, reserve 4, A needs nothing, packs of 5: stock 10, spare 6, so one pack
may leave; B, which misses 3 units, gets 3 of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from supply.allocation.arrays import Bools, Floats, Ints, ItemArrays, Moves, Network, ProblemArrays
from supply.allocation.quotas import Flows, best_quotas, flows_of

CLASS_ORDER = (0, 1, 2, 3)
PLENTY = 2**60
LITRES_SLACK = 1e-7
ROWS_MAX = 20_000
"""Table cells worked out in one call; more go in several, to keep memory small."""


@dataclass(frozen=True)
class Neighbourhood:
    """One item of a plan and the plans one pack away; axes facility F, lot L, day T, class C.

    ``served`` (F, C) units with the plan. ``stock`` (F, L, T): units of the lot that nothing later
    needs for shipping, if they leave on the day. ``spare`` (F, L, T): units above the reserve then and
    on every later day of dispatch. ``gives`` (F, L, T, C): units served at a place after a pack has
    left it; ``gets`` (2, F, L, T, C): after a pack came in, [0] before the day's dispatches (lead of
    a day or more), [1] after them (lead 0). Cells not worked out hold ``served``; ``known`` (F, L, T)
    are those of ``gives`` that were. ``moved`` (A,): units the plan ships over each arc.
    ``last_day_helped`` (F,): the last day on which a pack that comes in can serve more, -1 where
    nothing is missed. ``emptied_until`` (F, L): the last day on which a broken pack takes everything
    left of the lot, -1 where none does; before it nothing of the lot may come in.
    """

    item: ItemArrays
    flows: Flows
    served: Ints
    stock: Ints
    spare: Ints
    known: Bools
    gives: Ints
    gets: Ints
    moved: Ints
    last_day_helped: Ints
    emptied_until: Ints

    @property
    def needed(self) -> Ints:
        """(F, C) units needed over the days."""
        total: Ints = self.item.demand.sum(axis=2)
        return total

    @property
    def missing(self) -> Ints:
        """(F, C) units missed."""
        return self.needed - self.served


def litres_left(problem: ProblemArrays, moves: list[Moves]) -> Floats:
    """(F, T) litres that every sender's vehicles have left, infinite where there is no limit."""
    network = problem.network
    left = network.vehicle_litres.copy()
    for item, moved in zip(problem.items, moves, strict=True):
        used = moved.quantity * item.litres_per_unit
        np.subtract.at(left, (network.origin[moved.arc], moved.day), used)
    return left


def neighbourhood(
    item: ItemArrays,
    network: Network,
    moves: Moves,
    litres: Floats,
    receivers: Bools | None = None,
    thorough: bool = True,
) -> Neighbourhood:
    """The tables of one item, with ``litres`` (F, T) left on the vehicles, for the given receivers
    (F,), all of them when None. Every pack that may leave under all rules has its cell worked out;
    of those that may not, the first and the last day on which the lot is there. Without
    ``thorough`` of those that may also the first and the last day only: enough for a cause."""
    if receivers is None:
        receivers = np.ones(network.n_facilities, dtype=bool)
    flows = flows_of(item, network, moves)
    quotas = best_quotas(item, flows, CLASS_ORDER)
    served = quotas.sum(axis=2)
    stock, spare = _free_units(item, flows)
    last_day = _last_day_helped(item, quotas)
    wanted = np.where(receivers, last_day, -1)
    fits = (stock >= item.pack_size) & (spare >= item.pack_size)
    fits &= (litres >= item.pack_size * item.litres_per_unit - LITRES_SLACK)[:, None, :]
    fits &= (network.vehicle_litres > 0)[:, None, :]
    leaves, comes = _ways(
        item, network, (fits if thorough else _ends(fits)) | _ends(stock >= 1), wanted
    )
    shape = (*stock.shape, served.shape[1])
    base = np.broadcast_to(served[:, None, None, :], shape)
    gives, gets = base.copy(), np.stack([base, base])
    gives[leaves] = _served_after(item, flows, np.argwhere(leaves), "out", stock, spare)
    lasting = np.flatnonzero(item.expiry_day >= network.n_days - 1)  # alike to who receives them
    comes[:, :, lasting[:1]] = comes[:, :, lasting].any(axis=2, keepdims=True)
    comes[:, :, lasting[1:]] = False
    for kind, name in enumerate(("before_dispatch", "after_dispatch")):
        gets[kind][comes[kind]] = _served_after(item, flows, np.argwhere(comes[kind]), name)
    gets[:, :, lasting[1:]] = gets[:, :, lasting[:1]]
    moved = np.bincount(moves.arc, weights=moves.quantity, minlength=network.n_arcs)
    return Neighbourhood(
        item,
        flows,
        served,
        stock,
        spare,
        leaves,
        gives,
        gets,
        moved.astype(np.int64),
        last_day,
        _emptied_until(item, network, moves),
    )


def _emptied_until(item: ItemArrays, network: Network, moves: Moves) -> Ints:
    """``emptied_until`` of ``Neighbourhood``."""
    until = np.full(item.supply.shape[:2], -1, dtype=np.int64)
    odd = moves.quantity % item.pack_size > 0
    np.maximum.at(until, (network.origin[moves.arc[odd]], moves.lot[odd]), moves.day[odd])
    return until


def _last_day_helped(item: ItemArrays, quotas: Ints) -> Ints:
    """(F,) the last day on which anything is missed, or later: a pack that comes in for the more
    urgent on a later day frees what was held for them, and serves the less urgent before it."""
    missed = item.demand > quotas
    classes = np.arange(missed.shape[1])
    least_urgent = np.where(missed.any(axis=2), classes, -1).max(axis=1, initial=-1)
    given_before = (quotas > 0) & (classes < least_urgent[:, None])[:, :, None]
    days = np.arange(missed.shape[2])
    last: Ints = np.where((missed | given_before).any(axis=1), days, -1).max(axis=1, initial=-1)
    return last


def _ends(there: Bools) -> Bools:
    """Of the days on which a lot is at a place, the first and the last."""
    first, last = there.copy(), there.copy()
    first[:, :, 1:] &= ~np.logical_or.accumulate(there, axis=2)[:, :, :-1]
    last[:, :, :-1] &= ~np.logical_or.accumulate(there[:, :, ::-1], axis=2)[:, :, ::-1][:, :, 1:]
    ends: Bools = first | last
    return ends


def _ways(item: ItemArrays, network: Network, chosen: Bools, wanted: Ints) -> tuple[Bools, Bools]:
    """(F, L, T) cells a pack can leave from, and (2, F, L, T) cells it can come in at and serve.

    A cell to come in at stands for the day of arrival, and also for the day of leaving, which tells
    whether a faster way would have helped.
    """
    leaves = np.zeros(chosen.shape, dtype=bool)
    comes = np.zeros((2, *chosen.shape), dtype=bool)
    days = np.arange(chosen.shape[2])
    keeps = item.expiry_day[:, None] >= days
    for origin, target, lead in zip(
        network.origin.tolist(),
        network.destination.tolist(),
        network.lead_days.tolist(),
        strict=True,
    ):
        if wanted[target] < 0:
            continue
        there = chosen[origin] & (days <= wanted[target])
        leaves[origin] |= there
        comes[1, target] |= there
        if lead:
            comes[0, target, :, lead:] |= there[:, :-lead] & (days[lead:] <= wanted[target])
    return leaves, comes & keeps


def _free_units(item: ItemArrays, flows: Flows) -> tuple[Ints, Ints]:
    """``stock`` and ``spare`` of ``Neighbourhood``, nothing used: use keeps what is shipped later."""
    days = np.arange(flows.out.shape[2])
    alive = item.expiry_day[:, None] >= days
    left = np.cumsum(flows.before_dispatch - flows.out, axis=2)
    left[:, :, 1:] += np.cumsum(flows.after_dispatch, axis=2)[:, :, :-1]
    stock = _least_from_on(np.where(alive, left, PLENTY))
    kept = (left * alive).sum(axis=1) - item.reserve[:, None]
    later = np.where(flows.out.sum(axis=1) > 0, kept, PLENTY)[:, None, :]
    spare = _least_from_on(np.where(alive, later, PLENTY))
    spare = np.minimum(spare, kept[:, None, :])
    gone = np.broadcast_to(~alive, stock.shape)
    return np.where(gone, 0, np.maximum(stock, 0)), np.where(gone, 0, np.maximum(spare, 0))


def _least_from_on(values: Ints) -> Ints:
    """For each day the least of that day and the later ones."""
    least: Ints = np.minimum.accumulate(values[:, :, ::-1], axis=2)[:, :, ::-1]
    return least


def _served_after(
    item: ItemArrays,
    flows: Flows,
    places: Ints,
    table: str,
    stock: Ints | None = None,
    spare: Ints | None = None,
) -> Ints:
    """(N, C) units served at ``places`` (N; facility, lot, day) with a pack more in ``table``.

    A pack that leaves is no larger than ``stock``; where ``spare`` is too little for it the
    reserve is left out, since then the reserve is what binds, not the place's own need.
    """
    found = [np.zeros((0, item.demand.shape[1]), dtype=np.int64)]
    for start in range(0, len(places), ROWS_MAX):
        rows = slice(start, start + ROWS_MAX)
        facility, lot, day = places[rows].T
        quantity = np.full(len(facility), item.pack_size)
        reserve = item.reserve[facility]
        if stock is not None and spare is not None:
            quantity = np.minimum(quantity, stock[facility, lot, day])
            reserve = np.where(spare[facility, lot, day] >= quantity, reserve, 0)
        tables = {
            name: getattr(flows, name)[facility]
            for name in ("before_dispatch", "after_dispatch", "out")
        }
        tables[table][np.arange(len(facility)), lot, day] += quantity
        part = replace(
            item, supply=item.supply[facility], demand=item.demand[facility], reserve=reserve
        )
        found.append(best_quotas(part, Flows(**tables), CLASS_ORDER).sum(axis=2))
    return np.concatenate(found)
