"""The proportional plan: what careful people do by hand, and what every other plan is held against.

Each day every donor splits what exceeds its reserve and its own remaining demand, pro rata to the
receivers' unmet demand along its arcs, in whole packs, as far as its vehicles go; everyone then
uses stock as need comes, the most urgent class first, the earliest expiry first. It needs no
solver, so it is also the plan to fall back on.

Donors and receivers have their turn in an order that comes from their figures and ways, not from
their ids (``naming``): renaming places changes nothing.
"""

from __future__ import annotations

import numpy as np

from supply.allocation.arrays import Floats, Ints, ItemArrays, Moves, Network, ProblemArrays
from supply.allocation.naming import order_by_nature
from supply.allocation.quotas import best_quotas, flows_of


def proportional_moves(problem: ProblemArrays) -> list[Moves]:
    """Transfers of the proportional plan, one ``Moves`` per item."""
    network = problem.network
    states = [_ItemState(item, network) for item in problem.items]
    rank = order_by_nature(problem)
    ways = np.argsort(rank[network.destination], kind="stable")
    leaving = {f: ways[network.origin[ways] == f] for f in np.argsort(rank).tolist()}
    for day in range(network.n_days):
        for state in states:
            state.begin(day)
        for donor, arcs in leaving.items():
            if len(arcs) and network.vehicle_litres[donor, day] > 0:
                _dispatch(states, donor, arcs, day, network)
        for state in states:
            state.use(day)
    return [Moves.of(state.sent) for state in states]


def _dispatch(states: list[_ItemState], donor: int, arcs: Ints, day: int, network: Network) -> None:
    """One donor's day: every item's split, then all cut alike to what the vehicles carry."""
    wanted = [state.split(donor, arcs, day) for state in states]
    litres = sum(
        float(shares.sum()) * state.item.litres_per_unit
        for shares, state in zip(wanted, states, strict=True)
    )
    room = float(network.vehicle_litres[donor, day])
    cut = 1.0 if litres <= room else room / litres
    for shares, state in zip(wanted, states, strict=True):
        for arc, share in zip(arcs.tolist(), (shares * cut).tolist(), strict=True):
            if share >= state.item.pack_size:
                state.send(donor, arc, day, int(share))


class _ItemState:
    """One item's stock and remaining demand as the days go by; all (F, …) arrays of units."""

    def __init__(self, item: ItemArrays, network: Network) -> None:
        self.item, self.network = item, network
        self.stock = np.zeros(item.supply.shape[:2], dtype=np.int64)
        self.coming = item.supply.copy()
        self.coming_today = np.zeros_like(self.stock)
        self.in_transit = np.zeros(len(item.reserve), dtype=np.int64)
        self.remaining = np.cumsum(item.demand.sum(axis=1)[:, ::-1], axis=1)[:, ::-1]
        self.sent: list[tuple[int, int, int, int]] = []

    def begin(self, day: int) -> None:
        """Expired lots drop out, the day's receipts come in."""
        self.stock[:, self.item.expiry_day < day] = 0
        self.stock += self.coming[:, :, day]
        self.in_transit -= (self.coming[:, :, day] - self.item.supply[:, :, day]).sum(axis=1)

    def split(self, donor: int, arcs: Ints, day: int) -> Floats:
        """(arcs,) units the donor would send along each arc, before packs and vehicles."""
        own = int(self.item.reserve[donor] + self.remaining[donor, day])
        spare = int(self.stock[donor].sum()) - own
        if spare < self.item.pack_size:
            return np.zeros(len(arcs))
        unmet = np.array([self._unmet(arc, day) for arc in arcs.tolist()], dtype=np.float64)
        total = float(unmet.sum())
        return unmet * min(1.0, spare / total) if total > 0 else unmet

    def _unmet(self, arc: int, day: int) -> int:
        """Units the receiver will miss from the day the goods would come in."""
        receiver = int(self.network.destination[arc])
        arrival = day + int(self.network.lead_days[arc])
        if arrival >= self.network.n_days:
            return 0
        expected = self.stock[receiver].sum() + self.coming_today[receiver].sum()
        return max(0, int(self.remaining[receiver, arrival] - expected - self.in_transit[receiver]))

    def send(self, donor: int, arc: int, day: int, quantity: int) -> None:
        """Ship whole packs of the earliest lots that keep their shelf life; within any upper pin."""
        item, lead = self.item, int(self.network.lead_days[arc])
        if item.pin_max[arc] >= 0:
            already = sum(row[3] for row in self.sent if row[0] == arc)
            quantity = min(quantity, int(item.pin_max[arc]) - already)
        for lot in np.flatnonzero(item.expiry_day >= day + lead + item.min_shelf_life_days):
            packs = min(quantity, int(self.stock[donor, lot])) // item.pack_size
            if packs <= 0:
                continue
            units = packs * item.pack_size
            quantity -= units
            self.stock[donor, lot] -= units
            self.sent.append((arc, int(lot), day, units))
            self._receive(int(self.network.destination[arc]), int(lot), day + lead, day, units)

    def _receive(self, receiver: int, lot: int, arrival: int, day: int, units: int) -> None:
        if arrival == day:
            self.coming_today[receiver, lot] += units
        elif arrival < self.network.n_days:
            self.coming[receiver, lot, arrival] += units
            self.in_transit[receiver] += units

    def use(self, day: int) -> None:
        """Goods of the day come in, then everyone uses, earliest expiry first."""
        self.stock += self.coming_today
        self.coming_today[:] = 0
        needed = self.item.demand[:, :, day].sum(axis=1)
        for lot in range(self.item.n_lots):
            taken = np.minimum(needed, self.stock[:, lot])
            self.stock[:, lot] -= taken
            needed = needed - taken


def quotas_for(
    problem: ProblemArrays, moves: list[Moves], class_order: tuple[int, ...] | None = None
) -> list[Ints]:
    """Best quotas of every item, each (F, C, T), for the given transfers."""
    return [
        best_quotas(
            item, flows_of(item, problem.network, moved), class_order or problem.class_order
        )
        for item, moved in zip(problem.items, moves, strict=True)
    ]


def shortage_points(problem: ProblemArrays, quotas: list[Ints], weights: Ints) -> int:
    """Weighted unmet need of all items in points; ``weights`` (C,) points per unit."""
    return sum(
        int(((item.demand - given).sum(axis=(0, 2)) * weights).sum())
        for item, given in zip(problem.items, quotas, strict=True)
    )
