"""Several items in one programme over their common vehicles, with few of its columns at a time.

Nearly all ways a thing could be shipped are of no use. The joint programme starts with the ways
that the items take when they are asked alone, is solved by interior point, and its prices then say
which other columns would help: those join for the next round. Two or three rounds reach the optimum
of all columns (12 × 20 × 14: 6,300 of 35,800 shipments, within 0.01 % of it).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from supply.allocation.arrays import Bools, Floats, Network
from supply.allocation.model import ItemModel, join, only_columns
from supply.allocation.reserves import SENDS, without
from supply.allocation.solver import solve_interior

HELPS_POINTS = 1e-2
"""A shipment column joins when it would save this much per unit."""

JOINING_SHARE = 0.05
"""Most columns that join in a round, as a share of all shipment columns: the best first."""


@dataclass(frozen=True)
class JointAnswer:
    """``points`` one per item in the columns of its own programme; ``prices`` (F, T) per litre;
    ``grown``: columns that would help and joined for the next round."""

    points: tuple[Floats, ...]
    prices: Floats
    grown: int


class Joint:
    """The joint programme of ``models`` over the vehicles of ``network``."""

    def __init__(self, models: list[ItemModel], network: Network) -> None:
        self.models, self.network = models, network
        self.linear, self.cells = join(models, network, network.vehicle_litres)
        ends = np.cumsum([len(model.linear.cost) for model in models])
        self.starts = np.concatenate([[0], ends])
        self.ships = np.zeros(ends[-1], dtype=bool)
        for start, model in zip(self.starts, models, strict=False):
            self.ships[start + model.ship.index] = True
        self.kept = ~self.ships
        for start, model in zip(self.starts, models, strict=False):
            pinned = model.item.pin_min[model.ship.keys[0]] > 0
            self.kept[start + model.ship.index[pinned]] = True
        self.by_column = sparse.csc_matrix(self.linear.matrix)

    def admit(self, answers: list[Floats], whole_ways: bool = False) -> None:
        """Let the shipments of these points (one per item) into the programme; ``whole_ways``: each
        with all the days of its way."""
        for start, model, x in zip(self.starts, self.models, answers, strict=False):
            used = model.ship.of(x) > SENDS
            if whole_ways:
                arc, group, _ = model.ship.keys
                ways = np.zeros((self.network.n_arcs, len(model.group_expiry)), dtype=bool)
                ways[arc[used], group[used]] = True
                used = ways[arc, group]
            self.kept[start + model.ship.index] |= used

    def solve(self, room: Floats, forbidden: list[Bools], time_limit_seconds: float) -> JointAnswer:
        """Near the optimum inside ``room`` (F, T) litres with the columns kept so far and nothing
        sent on ``forbidden`` days, (F, T) each.

        Raises ``SolverError`` where there is no answer in time.
        """
        upper = np.concatenate(
            [
                without(model, self.network, model.linear, days).upper
                for model, days in zip(self.models, forbidden, strict=True)
            ]
        )
        index = np.flatnonzero(self.kept & ~(self.ships & (upper == 0.0)))
        limits = self.linear.row_upper.copy()
        limits[len(limits) - len(self.cells) :] = room.ravel()[self.cells]
        part = only_columns(
            replace(self.linear, upper=upper, row_upper=limits, matrix=self.by_column), index
        )
        solution = solve_interior(part, time_limit_seconds)
        x = np.zeros(len(upper))
        x[index] = solution.x
        prices = np.zeros(self.network.vehicle_litres.shape)
        if len(self.cells):
            prices.ravel()[self.cells] = np.maximum(-solution.duals[-len(self.cells) :], 0.0)
        grown = self._grow(solution.duals)
        points = tuple(np.split(x, self.starts[1:-1]))
        return JointAnswer(points, prices, grown)

    def columns_of(self, number: int) -> Bools:
        """The columns kept so far of one item, in the columns of its own programme."""
        return self.kept[self.starts[number] : self.starts[number + 1]]

    def _grow(self, duals: Floats) -> int:
        """Let the columns in that would help most at these duals; returns how many."""
        gain = self.by_column.T @ duals - self.linear.cost
        helping = np.flatnonzero(self.ships & ~self.kept & (gain > HELPS_POINTS))
        most = max(1, int(JOINING_SHARE * self.ships.sum()))
        chosen = helping[np.argsort(-gain[helping], kind="stable")][:most]
        self.kept[chosen] = True
        return len(chosen)
