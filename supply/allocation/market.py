"""Sharing the vehicles between items: prices per litre, the proven bound, and each item's share.

Vehicles are the only thing items compete for. With a price λ ≥ 0 per litre of a (sender, day)
every item is solved alone, and by weak duality, for any prices whatever,

    Σ_k min (cost_k + λ · litres_k)  −  λ · capacity  ≤  the optimum of the joint programme,    (1)

so the best value seen is a bound however early the clock stops. Items are first solved apart without
prices; if that fits the vehicles it is the optimum and nothing has to be shared. Otherwise the
items that load the vehicles most are solved together, inside their part of the room, which also
prices the litres; the others follow one by one, most shortage saved per litre first, each inside
what is left and paying the prices, so that little gain leaves room for more. What an item used,
and an even part of what nobody used, is its share, and from there on items are apart.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from supply.allocation.arrays import Floats, Ints, Moves, ProblemArrays
from supply.allocation.model import (
    ItemModel,
    create_item_model,
    join,
    vehicle_rows,
    within_room,
)
from supply.allocation.policies import ItemSolution, pinned_senders, reserve_can_hold
from supply.allocation.quotas import best_quotas, flows_of
from supply.allocation.solver import SolverError, in_parallel, solve_linear

COLUMNS_PER_SECOND = 1000
"""Size of the joint programme per second of the time limit; its time grows with the power 1.7."""

MOVED_UNIT_POINTS = 1e-3
"""Cost of a unit moved when items follow one by one: no litres for nothing."""

TOLERANCE = 1e-6
"""Relative solver tolerance taken off the bound."""

FIRST_SECONDS_MIN = 1.0
"""Every item gets this long for a first solution even when the time is up."""

SHIPS = 1e-6
"""Units above which a programme's shipment counts as one."""


@dataclass(frozen=True)
class Market:
    """``bound`` in points; one solution per item inside its share of the vehicles; ``optimal`` says
    that the vehicles did not bind and every item found its optimum."""

    bound: int
    solutions: tuple[ItemSolution, ...]
    optimal: bool


def open_market(problem: ProblemArrays, weights: Ints, time_limit_seconds: float) -> Market:
    """Bound and first solutions. An item that finds no time weakens the bound and ships nothing."""
    trading = _Trading(problem, weights, time_limit_seconds)
    best = trading.trade(np.zeros(problem.network.vehicle_litres.shape))
    trading.keep_reserves()
    slack = trading.serve_apart()
    if not slack:
        prices = trading.serve_heaviest_together()
        if prices.any():
            best = max(best, trading.trade(prices))
        trading.serve_in_turn(prices)
    return Market(trading.bound(best), trading.solutions(), slack and trading.complete)


class _Trading:
    """``relaxed`` programmes bound, ``strict`` ones plan; ``litres`` (K, F, T) of the plan so far,
    ``load`` of the last answers to prices."""

    def __init__(self, problem: ProblemArrays, weights: Ints, time_limit_seconds: float) -> None:
        self.problem, self.network, self.weights = problem, problem.network, weights
        self.deadline = time.monotonic() + time_limit_seconds
        self.columns_max = COLUMNS_PER_SECOND * time_limit_seconds
        self.capacity = problem.network.vehicle_litres
        self.relaxed = [
            create_item_model(item, problem.network, weights, with_pins=False)
            for item in problem.items
        ]
        self.strict = self.relaxed
        self.needed = [
            int((item.demand.sum(axis=(0, 2)) * weights).sum()) for item in problem.items
        ]
        shape = (len(self.relaxed), *self.capacity.shape)
        self.load, self.litres = np.zeros(shape), np.zeros(shape)
        self.last_day = np.full(shape[:2], -1)
        self.complete = True
        self.heavy: list[int] = []
        self.saved = np.zeros(len(self.relaxed))
        self.x: list[Floats] = [np.zeros(0)] * len(self.relaxed)

    def bound(self, value: float) -> int:
        """Down by the tolerance, then up to a whole figure, since shortage is one; never negative."""
        total = sum(self.needed)
        return max(0, int(np.ceil(total + value - TOLERANCE * max(1.0, total))))

    def trade(self, prices: Floats) -> float:
        """Every item's answer to the prices (F, T); returns the value (1) of the prices."""
        values = in_parallel(lambda k: self._answer(k, prices), range(len(self.relaxed)))
        finite = np.isfinite(self.capacity)
        return sum(values) - float((prices[finite] * self.capacity[finite]).sum())

    def _answer(self, k: int, prices: Floats) -> float:
        model = self.relaxed[k]
        cost = self._cost(model, prices, 0.0)
        try:
            linear = replace(model.linear, cost=cost)
            x = solve_linear(linear, self.deadline - time.monotonic()).x
        except SolverError:
            self.last_day[k] = self.network.n_days
            self.complete = False
            return -float(self.needed[k])  # nobody can be served more than the need
        self.load[k] = self._litres(model, x)
        arc, _, day = model.ship.keys
        moved = model.ship.of(x) > SHIPS
        np.maximum.at(self.last_day[k], self.network.origin[arc[moved]], day[moved])
        return float(cost @ x)

    def _cost(self, model: ItemModel, prices: Floats, effort: float) -> Floats:
        arc, _, day = model.ship.keys
        litres = model.item.litres_per_unit
        cost = model.linear.cost.copy()
        cost[model.ship.index] = prices[self.network.origin[arc], day] * litres + effort
        return cost

    def _litres(self, model: ItemModel, x: Floats) -> Floats:
        used: Floats = vehicle_rows(model, self.network) @ x
        return used.reshape(self.capacity.shape)

    def keep_reserves(self) -> None:
        """Programmes with the reserve, on all days up to each sender's last day of sending: where
        nothing comes in, stock only falls, so the earlier days ask nothing more."""
        days = np.arange(self.network.n_days)
        self.strict = [
            create_item_model(
                item,
                self.network,
                self.weights,
                reserve_can_hold(item, self.network)
                & (
                    (days <= self.last_day[item.index][:, None])
                    | pinned_senders(item, self.network)
                ),
            )
            for item in self.problem.items
        ]

    def serve_apart(self) -> bool:
        """Each item as if alone; true if all of them fit the vehicles together."""
        everywhere = np.full(self.capacity.shape, np.inf)
        nothing = np.zeros(self.capacity.shape)
        in_parallel(lambda k: self._serve(k, everywhere, nothing), range(len(self.strict)))
        return bool((self.litres.sum(axis=0) <= self.capacity + 1e-6).all())

    def _serve(self, k: int, room: Floats, prices: Floats) -> None:
        """Plan one item inside ``room`` at the prices; without time it ships nothing."""
        model = self.strict[k]
        cost = self._cost(model, prices, MOVED_UNIT_POINTS)
        try:
            linear = replace(within_room(model, self.network, room), cost=cost)
            x = solve_linear(linear, max(FIRST_SECONDS_MIN, self.deadline - time.monotonic())).x
        except SolverError:
            x = np.zeros(len(cost))
            self.complete = False
        self._enter(k, x)

    def _enter(self, k: int, x: Floats) -> None:
        model, item = self.strict[k], self.problem.items[k]
        self.x[k], self.litres[k] = x, self._litres(model, x)
        idle = best_quotas(item, flows_of(item, self.network, Moves.none()), (0, 1, 2, 3))
        served = -float(model.linear.cost[model.serve.index] @ model.serve.of(x))
        self.saved[k] = served - float((idle.sum(axis=(0, 2)) * self.weights).sum())

    def serve_heaviest_together(self) -> Floats:
        """Joint programme of the items with most litres; returns prices (F, T), 0 if it fails."""
        prices = np.zeros(self.capacity.shape)
        heavy, columns = [], 0
        for k in np.argsort(-self.litres.sum(axis=(1, 2)), kind="stable").tolist():
            columns += len(self.strict[k].linear.cost)
            if columns > self.columns_max:
                break
            heavy.append(k)
        self.heavy = heavy
        if not heavy:
            return prices
        load = self.litres.sum(axis=0)
        part = self.litres[heavy].sum(axis=0) / np.maximum(load, 1e-9)
        part = np.where(load > 0, part, 1.0)
        room = np.where(np.isfinite(self.capacity), self.capacity * part, np.inf)
        joint, cells = join([self.strict[k] for k in heavy], self.network, room)
        try:
            solution = solve_linear(joint, self.deadline - time.monotonic(), with_duals=True)
        except SolverError:
            self.heavy = []
            return prices
        ends = np.cumsum([len(self.strict[k].linear.cost) for k in heavy])[:-1]
        for k, x in zip(heavy, np.split(solution.x, ends), strict=True):
            self._enter(k, x)
        prices.ravel()[cells] = np.maximum(-solution.duals[-len(cells) :], 0.0) if len(cells) else 0
        return prices

    def serve_in_turn(self, prices: Floats) -> None:
        """The others, most saved per litre first, each inside what is left."""
        others = [k for k in range(len(self.strict)) if k not in self.heavy]
        density = self.saved / np.maximum(self.litres.sum(axis=(1, 2)), 1e-9)
        left = self.capacity - self.litres[self.heavy].sum(axis=0)
        for k in sorted(others, key=lambda k: -density[k]):
            self._serve(k, left, prices)
            left = np.maximum(left - self.litres[k], 0.0)

    def solutions(self) -> tuple[ItemSolution, ...]:
        """What was planned, each with the room the item may use from here on."""
        finite = np.isfinite(self.capacity)
        spare = np.where(finite, np.maximum(self.capacity - self.litres.sum(axis=0), 0.0), 0.0)
        spare /= max(1, len(self.strict))
        return tuple(
            ItemSolution(
                model,
                within_room(model, self.network, np.where(finite, self.litres[k] + spare, np.inf)),
                self.x[k],
            )
            for k, model in enumerate(self.strict)
        )
