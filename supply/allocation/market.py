"""Sharing the vehicles between items: prices per litre, the proven bound, and each item's share.

Vehicles are the only thing items compete for. With a price λ ≥ 0 per litre of a (sender, day)
every item is solved alone, and by weak duality, for any prices whatever,

    Σ_k min (cost_k + λ · litres_k)  −  λ · capacity  ≤  the optimum of the joint programme,    (1)

so the best value seen is a bound however early the clock stops. If the answers at price zero fit
the vehicles, they are the optimum and nothing has to be shared. Otherwise a few rounds raise the
prices where vehicles are overfull, and the items are then served in turn, most shortage saved per
litre first, each inside what the earlier ones left and paying the prices, so that little gain
leaves room for more. What an item used, and a part of what nobody used, is its share.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from supply.allocation.arrays import Bools, Floats, Ints, Moves, ProblemArrays
from supply.allocation.model import create_item_model, vehicle_rows, within_room
from supply.allocation.quotas import best_quotas, flows_of
from supply.allocation.solver import SolverError, in_parallel, solve_linear

PRICE_ROUNDS = 2
START_QUANTILE = 0.1
"""First price: the shortage saved per litre by an item near the bottom, where there is a queue."""

TOLERANCE = 1e-6
"""Relative solver tolerance taken off the bound."""

SHIPS = 1e-6
"""Units above which a programme's shipment counts as one."""


@dataclass(frozen=True)
class Market:
    """``bound`` in points; ``shares`` (K, F, T) litres per item, infinite where there is no limit;
    ``dispatch_days`` per item (F, T), when the item would send; ``slack``: nothing was shared."""

    bound: int
    shares: Floats
    dispatch_days: tuple[Bools, ...]
    slack: bool


def open_market(
    problem: ProblemArrays, weights: Ints, deadline: float, last_deadline: float
) -> Market:
    """Bound and shares; prices are raised until ``deadline``, all ends by ``last_deadline``
    (``time.monotonic``). An item that finds no time weakens the bound and shares in what is left.
    """
    trading = _Trading(problem, weights, deadline, last_deadline)
    nothing = np.zeros(problem.network.vehicle_litres.shape)
    best = trading.trade(nothing)
    capacity = problem.network.vehicle_litres
    if (trading.litres.sum(axis=0) <= capacity + 1e-6).all():
        shares = np.where(np.isfinite(capacity), trading.litres, np.inf)
        spare = np.where(np.isfinite(capacity), capacity - trading.litres.sum(axis=0), 0.0)
        shares = shares + spare / max(1, len(problem.items))
        return Market(trading.bound(best), shares, tuple(trading.days), True)
    prices, best = trading.negotiate(best)
    shares = trading.serve_in_turn(prices)
    return Market(trading.bound(best), shares, tuple(trading.days), False)


class _Trading:
    """Rounds of prices and answers. ``litres`` (K, F, T) and ``days`` are of the last answers."""

    def __init__(
        self, problem: ProblemArrays, weights: Ints, deadline: float, last_deadline: float
    ) -> None:
        self.problem, self.weights = problem, weights
        self.deadline, self.last_deadline = deadline, last_deadline
        self.capacity = problem.network.vehicle_litres
        self.models = [
            create_item_model(item, problem.network, weights, with_pins=False)
            for item in problem.items
        ]
        self.needed = [
            int((item.demand.sum(axis=(0, 2)) * weights).sum()) for item in problem.items
        ]
        self.total = sum(self.needed)
        self.litres = np.zeros((len(self.models), *self.capacity.shape))
        self.gain = np.zeros(len(self.models))
        self.days: list[Bools] = [np.zeros(self.capacity.shape, dtype=bool) for _ in self.models]

    def bound(self, value: float) -> int:
        """Down by the tolerance and to a whole figure; shortage is never negative."""
        points = self.total + value
        return max(0, int(np.floor(points - TOLERANCE * max(1.0, abs(self.total)))))

    def trade(self, prices: Floats) -> float:
        """Every item's answer to the prices (F, T); returns the value (1) of the prices."""
        values = in_parallel(lambda k: self._answer(k, prices, None, 0.0), range(len(self.models)))
        finite = np.isfinite(self.capacity)
        return sum(values) - float((prices[finite] * self.capacity[finite]).sum())

    def _answer(self, k: int, prices: Floats, room: Floats | None, effort: float) -> float:
        """Solve one item at the prices, inside ``room`` if given; keep what it used."""
        model, network = self.models[k], self.problem.network
        arc, _, day = model.ship.keys
        sender = network.origin[arc]
        per_unit = model.item.litres_per_unit
        cost = model.linear.cost.copy()
        cost[model.ship.index] = prices[sender, day] * per_unit + effort
        linear = model.linear if room is None else within_room(model, network, room)
        try:
            left = self.last_deadline - time.monotonic()
            solution = solve_linear(replace(linear, cost=cost), left)
        except SolverError:
            self.litres[k], self.gain[k] = 0.0, 0.0
            self.days[k] = np.ones(self.capacity.shape, dtype=bool)
            return -float(self.needed[k])  # nobody can be served more than the need
        used = vehicle_rows(model, network) @ solution.x
        self.litres[k] = used.reshape(self.capacity.shape)
        sends = np.zeros(self.capacity.shape, dtype=bool)
        moved = model.ship.of(solution.x) > SHIPS
        sends[sender[moved], day[moved]] = True
        self.days[k] = sends
        self.gain[k] = -float(cost[model.serve.index] @ model.serve.of(solution.x))
        return solution.objective

    def negotiate(self, best: float) -> tuple[Floats, float]:
        """Raise prices where vehicles are overfull, lower them elsewhere; keep the best value."""
        density = self._density()
        start = float(np.quantile(density, START_QUANTILE))
        load = self.litres.sum(axis=0)
        kept = prices = np.zeros(self.capacity.shape)
        prices = np.where(load > self.capacity, 0.05 * start, 0.0)
        for _ in range(PRICE_ROUNDS):
            started = time.monotonic()
            if started >= self.deadline:
                break
            value = self.trade(prices)
            if value > best:
                kept, best = prices, value
            load = self.litres.sum(axis=0)
            ratio = load / np.maximum(self.capacity, 1e-9)
            risen = prices * np.clip(ratio, 0.25, 3.0) ** 0.7
            prices = np.where(prices > 0, risen, np.where(ratio > 1.0, 0.02 * start, 0.0))
        return kept, best

    def _density(self) -> Floats:
        """(K,) shortage saved per litre moved at the last answers."""
        network = self.problem.network
        saved = np.zeros(len(self.models))
        for k, item in enumerate(self.problem.items):
            idle = best_quotas(item, flows_of(item, network, Moves.none()), (0, 1, 2, 3))
            saved[k] = self.gain[k] - float((idle.sum(axis=(0, 2)) * self.weights).sum())
        return saved / np.maximum(self.litres.sum(axis=(1, 2)), 1e-9)

    def serve_in_turn(self, prices: Floats) -> Floats:
        """(K, F, T) shares: items in order of ``_density``, each inside what is left."""
        order = np.argsort(-self._density(), kind="stable")
        left = self.capacity.copy()
        for k in order.tolist():
            self._answer(k, prices, left, 1e-3)
            left = np.maximum(left - self.litres[k], 0.0)
        finite = np.isfinite(self.capacity)
        spare = np.where(finite, left, 0.0) / max(1, len(self.models))
        return np.where(finite[None], self.litres + spare[None], np.inf)
