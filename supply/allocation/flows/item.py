"""An item's programme without pins as a flow of whole units.

Nodes: what a (facility, group, day) holds before dispatch and after it, what a (facility, day) uses,
and the ground, which takes what is served, left over or spoilt. So what comes in with lead 0 enters
after dispatch and cannot leave on the same day, and a reserve is the least that passes over dispatch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.allocation.arrays import Bools, Floats, Ints, Network
from supply.allocation.flows import simplex
from supply.allocation.flows.simplex import LOWER, Flow
from supply.allocation.model import ItemModel

PIVOTS_MAX = 10_000_000


@dataclass(frozen=True)
class Keeping:
    """``days`` (F, T) to send on, and the ``least`` (F, G, T) units left after dispatch, which own
    supply alone must provide."""

    days: Bools
    least: Ints


class ItemFlow:
    """The flow of one item, and where its last answer stood. Not for two threads at once."""

    def __init__(self, model: ItemModel, network: Network, keeping: Keeping | None = None) -> None:
        self.model = model
        self.supply, tails, heads, limits, first_tree = _laid_out(model, network)
        held = self._held()
        n_arcs, n_nodes = len(tails), len(self.supply)
        self.flow = Flow(
            tails,
            heads,
            limits,
            np.zeros(n_arcs, np.int64),
            np.full(n_arcs, LOWER, np.int64),
            np.zeros(n_arcs),
            np.empty((n_nodes, 6), np.int64),
            np.zeros(n_nodes),
        )
        simplex.grow(self.flow, first_tree)
        # Nothing shipped, nothing used: every unit stays until it is over.
        n = model.end.size
        self.flow.flow[model.end.index] = held
        self.flow.flow[n_arcs - n :] = held
        if keeping is not None:
            self._keep(keeping, network)

    def answer(self, cost: Floats) -> tuple[Floats, float]:
        """The least-cost point for the ``cost`` (columns,) of the programme's columns, and a figure
        that no point of it costs less than."""
        self.flow.cost[: len(cost)] = cost
        simplex.solve(self.flow, PIVOTS_MAX)
        return self.point(), float(simplex.bound(self.flow, self.supply))

    def point(self) -> Floats:
        """The last answer (columns,)."""
        n_columns = len(self.model.linear.cost)
        return self.flow.flow[:n_columns].astype(np.float64)

    def _held(self) -> Ints:
        """Units of each cell if nothing moves."""
        cells = _by_cell(self.supply[: self.model.end.size], self.model)
        held: Ints = np.cumsum(cells, axis=2)[self.model.end.keys]
        return held

    def _keep(self, keeping: Keeping, network: Network) -> None:
        """Send on these days alone; what must pass over dispatch passes before anything is decided."""
        model, n = self.model, self.model.end.size
        arc, _, day = model.ship.keys
        closed = ~keeping.days[network.origin[arc], day]
        self.flow.limit[model.ship.index[closed]] = 0
        least = keeping.least[model.end.keys]
        for table in (self.flow.flow, self.flow.limit):
            table[len(table) - n :] -= least
        self.supply[:n] -= least
        self.supply[n : 2 * n] += least


def _by_cell(values: Ints, model: ItemModel) -> Ints:
    """(F, G, T) of what is given by columns of ``end``; 0 elsewhere."""
    facility, group, day = model.end.keys
    shape = (len(model.item.reserve), len(model.group_expiry), model.item.supply.shape[2])
    table = np.zeros(shape, dtype=np.int64)
    table[facility, group, day] = values
    return table


def _laid_out(model: ItemModel, network: Network) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Supplies (N,), tails, heads and limits (A,), in the order of the programme's columns, then the
    arcs over dispatch; and the arcs of a first tree."""
    n, n_days = model.end.size, network.n_days
    cell = _by_cell(np.arange(n) + 1, model) - 1
    facility, group, day = model.end.keys
    at_use = np.full((network.n_facilities, n_days), -1, dtype=np.int64)
    used = np.nonzero(model.item.demand.sum(axis=1) > 0)
    at_use[used] = 2 * n + np.arange(len(used[0]))
    ground = 2 * n + len(used[0])
    supply = np.zeros(ground + 1, dtype=np.int64)
    np.add.at(supply, _cells_of_supply(model, cell), model.item.supply[model.item.supply > 0])
    supply[-1] = -supply.sum()

    arc, ship_group, ship_day = model.ship.keys
    lead = network.lead_days[arc]
    into = cell[network.destination[arc], ship_group, ship_day + lead] + np.where(lead == 0, n, 0)
    later = np.append(cell, np.full((*cell.shape[:2], 1), -1), axis=2)[facility, group, day + 1]
    use_facility, _, use_day = model.use.keys
    serve_facility, _, serve_day = model.serve.keys
    parts = [
        (cell[network.origin[arc], ship_group, ship_day], into, model.ship),
        (n + np.arange(n), np.where(later >= 0, later, ground), model.end),
        (n + cell[model.use.keys], at_use[use_facility, use_day], model.use),
        (at_use[serve_facility, serve_day], np.full(model.serve.size, ground), model.serve),
    ]
    tails = np.concatenate([*(tail for tail, _, _ in parts), np.arange(n)])
    heads = np.concatenate([*(head for _, head, _ in parts), n + np.arange(n)])
    total = -float(supply[-1])
    limits = np.full(len(tails), total)
    for _, _, columns in parts:
        limits[columns.index] = np.minimum(model.linear.upper[columns.index], total)
    first_of = np.unique(at_use[serve_facility, serve_day], return_index=True)[1]
    tree = np.concatenate(
        [model.end.index, model.serve.start + first_of, len(tails) - n + np.arange(n)]
    )
    return supply, tails, heads, np.floor(limits).astype(np.int64), tree


def _cells_of_supply(model: ItemModel, cell: Ints) -> Ints:
    """The cell in which each supply that is not 0 comes in."""
    facility, lot, day = np.nonzero(model.item.supply > 0)
    found: Ints = cell[facility, model.group_of_lot[lot], day]
    return found
