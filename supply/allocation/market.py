"""Sharing the vehicles between items: prices per litre, the proven bound, and each item's share.

Vehicles are the only thing items compete for. Items are first asked without prices; if their answers
fit the vehicles nothing has to be shared. Otherwise ``flows.prices`` finds what a litre of each
sender's day should cost, which proves the bound, and ``flows.mixture`` the best mixture of what the
items answered: a plan in fractions, without reserves. What it takes of the vehicles is each item's
share, inside which the item is solved once more, now with reserves, on the days ``reserves`` chooses.
Items the planner has pinned are served first, at the prices.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from supply.allocation.arrays import Bools, Floats, Ints, ProblemArrays
from supply.allocation.flows.item import Keeping
from supply.allocation.flows.mixture import mixed
from supply.allocation.flows.prices import Askers
from supply.allocation.model import (
    PIN_COST,
    ItemModel,
    create_item_model,
    keep_reserves,
    vehicle_rows,
    within_room,
)
from supply.allocation.policies import ItemSolution
from supply.allocation.reserves import days_to_send, least_by_group, solve_keeping_reserves
from supply.allocation.solver import SolverError, in_parallel

PRICING_SHARE, PRICING_ROUNDS = 0.3, 500
"""Part of the time for finding prices, and rounds after which they hardly get better."""

KEPT_ROUNDS = 100
"""Of the last rounds' answers a plan is mixed."""

AGAIN_ROUNDS, AGAIN_STEP = 200, 0.2
"""How prices are found again when reserves are kept."""

MIXING_SHARE = 0.8
"""Part of the time that is then left for mixing."""

NEAR_FOR_DAYS, NEAR = 0.05, 0.005
"""Parts of the shortage by which a mixture may be above the bound: good enough to choose days by, and
to plan by."""

TAKING_PRICE = 0.5
"""Part of the prices an item pays inside its share: it leaves room that others need more."""

PIN_SHARE, LEAST_LITRES = 10.0, 1e-9
"""A pinned item first pays so much less than a missed pin costs, more than any need is worth; goods
without volume count as so much, to divide by."""

TOLERANCE = 1e-6
"""Relative solver tolerance taken off the bound."""

GRACE_SECONDS = 1.0
"""So long after the time is up first solutions are still sought, for all items together."""


@dataclass(frozen=True)
class Market:
    """``bound`` in points, found at ``prices`` (F, T) per litre; one solution per item inside its
    share of the vehicles; ``optimal`` says that no better programme exists: they reach the bound."""

    bound: int
    prices: Floats
    solutions: tuple[ItemSolution, ...]
    optimal: bool


def open_market(
    problem: ProblemArrays, weights: Ints, time_limit_seconds: float, confined: bool = False
) -> Market:
    """Bound in ``weights`` (C,) and first solutions, which aim at ``weights`` × vulnerability;
    ``confined``: in programmes fit for further stages. An item that finds no time ships what of its
    answer there is room for."""
    trading = _Trading(problem, weights, time.monotonic() + time_limit_seconds)
    trading.offer(np.zeros(trading.capacity.shape))
    if trading.fits(trading.asked):
        everyone = range(len(trading.aiming))
        trading.serve(everyone, np.full(trading.asked.shape, np.inf))
    if trading.served_none or not trading.fits(trading.litres):
        trading.share()
    return Market(
        trading.bound(), trading.best_prices, trading.solutions(confined), trading.is_optimal()
    )


class _Trading:
    """``bounding`` programmes prove, ``aiming`` ones plan; both leave the reserve out, which the
    days of sending then keep. ``asked`` (K, F, T): litres of the first answers, without prices;
    ``litres``: of the plan ``x`` so far."""

    def __init__(self, problem: ProblemArrays, weights: Ints, deadline: float) -> None:
        self.problem, self.network, self.deadline = problem, problem.network, deadline
        self.capacity = problem.network.vehicle_litres
        self.bounding = [
            create_item_model(item, problem.network, weights, with_pins=False)
            for item in problem.items
        ]
        points = weights[None, :] * problem.vulnerability[:, None]
        self.same = bool((problem.vulnerability == 1.0).all())
        free = [
            model
            if self.same
            else create_item_model(item, problem.network, points, with_pins=False)
            for item, model in zip(problem.items, self.bounding, strict=True)
        ]
        self.aiming = [
            create_item_model(item, problem.network, points) if self._is_pinned(k) else model
            for k, (item, model) in enumerate(zip(problem.items, free, strict=True))
        ]
        self.askers = Askers(free, problem.network)
        self.provers = self.askers if self.same else Askers(self.bounding, problem.network)
        self.needed = [
            int((item.demand.sum(axis=(0, 2)) * weights).sum()) for item in problem.items
        ]
        shape = (len(self.aiming), *self.capacity.shape)
        self.asked, self.litres = np.zeros(shape), np.zeros(shape)
        self.answers = [np.zeros(len(model.linear.cost)) for model in free]
        self.x = [np.zeros(len(model.linear.cost)) for model in self.aiming]
        self.best, self.best_prices = -float(sum(self.needed)), np.zeros(self.capacity.shape)
        self.served_none, self.complete = True, True

    # --- the bound ---------------------------------------------------------------------------

    def offer(self, prices: Floats) -> None:
        """Everybody's answer to the prices (F, T), which may raise the bound."""
        self._prove(self.provers.ask(prices), prices)
        if not self.same:
            self.askers.ask(prices)
        self.asked = self.askers.litres.copy()
        self.answers = self.askers.last_answers()

    def _prove(self, value: float, prices: Floats) -> None:
        if value > self.best:
            self.best, self.best_prices = value, prices

    def bound(self) -> int:
        """Down by the tolerance, then up to a whole figure, since shortage is one; never negative."""
        total = sum(self.needed)
        return max(0, int(np.ceil(total + self.best - TOLERANCE * max(1.0, total))))

    def is_optimal(self) -> bool:
        """Whether the solutions reach the bound, all found in time."""
        planned = sum(self._served(k) for k in range(len(self.x)))
        return self.complete and planned <= self.best + TOLERANCE * max(1.0, abs(self.best))

    def _served(self, k: int) -> float:
        """Points of what an item's plan serves, as a cost."""
        serve = self.aiming[k].serve
        return float(self.aiming[k].linear.cost[serve.index] @ serve.of(self.x[k]))

    # --- the plan ----------------------------------------------------------------------------

    def fits(self, litres: Floats) -> bool:
        """Whether these litres (K, F, T) fit the vehicles together."""
        return bool((litres.sum(axis=0) <= self.capacity + 1e-6).all())

    def serve(self, items: Iterable[int], room: Floats) -> None:
        """Plan each of the items inside its ``room`` (K, F, T), keeping reserves."""
        in_parallel(lambda k: self._serve(k, room[k]), items)
        self.served_none = False

    def share(self) -> None:
        """Prices, then the pinned items, then each inside what the best mixture gives it and what
        those before it left, the light ones first."""
        self.litres[:] = 0.0  # what was planned without sharing may not stand
        self.x = [np.zeros(len(x)) for x in self.x]
        prices = self._find_prices()
        pinned = [k for k in range(len(self.x)) if self._is_pinned(k)]
        for k in pinned:  # what the planner wants of each before anything else of any
            litres = self.problem.items[k].litres_per_unit
            most = np.full(prices.shape, PIN_COST / PIN_SHARE / max(litres, LEAST_LITRES))
            self._serve(k, self._left(), prices=most)
        for k in pinned:
            self._serve(k, self._left() + self.litres[k], prices=prices)
        try:
            points = self._mixture(self.askers, prices, set(pinned), NEAR_FOR_DAYS)
            points, prices = self._keeping_reserves(points, prices, set(pinned))
        except SolverError:
            self.complete = False
            self._serve_by_asking(set(pinned))
        else:
            self._take(points, prices, set(pinned))

    def _serve_by_asking(self, without: set[int]) -> None:
        """In need of time: what is left goes by what they first asked for, the rest in even parts."""
        others = [k for k in range(len(self.x)) if k not in without]
        left, asked = self._left(), self.asked[others].sum(axis=0)
        room = np.where(np.isfinite(left), left, 0.0)
        part = np.where(asked > room, room / np.maximum(asked, 1e-9), 1.0)
        spare = np.where(
            np.isfinite(left), np.maximum(room - asked, 0.0) / max(1, len(others)), np.inf
        )
        self.serve(others, self.asked * part + spare)

    def _take(self, points: list[Floats], prices: Floats, without: set[int]) -> None:
        """Each item inside what ``points`` give it and what those before it left, the light ones first:
        a mixture is in many small pieces, a programme's answer in few."""
        others = sorted(set(range(len(points))) - without)
        shares = {k: self._litres(self.aiming[k], points[k]) for k in others}
        spare = np.maximum(self._left() - sum(shares.values(), np.zeros(self.capacity.shape)), 0.0)
        for k in sorted(others, key=lambda k: (float(shares[k].sum()), k)):
            days = days_to_send(self.aiming[k], self.network, points[k])
            self._serve(k, shares[k] + spare, days, TAKING_PRICE * prices)
            spare = np.maximum(spare + shares[k] - self.litres[k], 0.0)

    def _keeping_reserves(
        self, points: list[Floats], prices: Floats, without: set[int]
    ) -> tuple[list[Floats], Floats]:
        """The same again, sending on days on which ``points`` keep the reserve, and keeping it."""
        keeping = []
        for model, x in zip(self.askers.models, points, strict=True):
            days = days_to_send(model, self.network, x)
            keeping.append(Keeping(days, least_by_group(model, self.network, x, days)))
        askers = Askers(self.askers.models, self.network, keeping)
        seconds = PRICING_SHARE * max(0.0, self.deadline - time.monotonic())
        _, prices = askers.search(seconds, AGAIN_ROUNDS, KEPT_ROUNDS, prices, AGAIN_STEP)
        return self._mixture(askers, prices, without, NEAR), prices

    def _find_prices(self) -> Floats:
        """Prices (F, T) to plan at; both searches raise the bound."""
        seconds = PRICING_SHARE * max(0.0, self.deadline - time.monotonic())
        if not self.same:
            seconds /= 2
            self._prove(*self.provers.search(seconds, PRICING_ROUNDS))
        value, prices = self.askers.search(seconds, PRICING_ROUNDS, KEPT_ROUNDS)
        if self.same:
            self._prove(value, prices)
        return prices

    def _mixture(
        self, askers: Askers, prices: Floats, without: set[int], near: float
    ) -> list[Floats]:
        """The best mixture (columns,) of each item's answers in what is left; raises ``SolverError``
        where there is no time for one."""
        now = time.monotonic()
        limit = now + MIXING_SHARE * max(0.0, self.deadline - now)
        enough = (near, float(sum(self.needed)))
        found = mixed(askers, self._left(), prices, limit, enough, without)
        if self.same and askers is self.askers:
            self._prove(found.best, found.prices)
        return found.points

    def _left(self) -> Floats:
        """Litres (F, T) that nobody has."""
        return np.where(
            np.isfinite(self.capacity),
            np.maximum(self.capacity - self.litres.sum(axis=0), 0.0),
            np.inf,
        )

    def _is_pinned(self, k: int) -> bool:
        item = self.problem.items[k]
        return bool((item.pin_min > 0).any() or (item.pin_max > 0).any())

    def _litres(self, model: ItemModel, x: Floats) -> Floats:
        used: Floats = vehicle_rows(model, self.network) @ x
        return used.reshape(self.capacity.shape)

    def _priced(self, model: ItemModel, prices: Floats) -> Floats:
        arc, _, day = model.ship.keys
        cost = model.linear.cost.copy()
        cost[model.ship.index] += prices[self.network.origin[arc], day] * model.item.litres_per_unit
        return cost

    def _serve(
        self, k: int, room: Floats, days: Bools | None = None, prices: Floats | None = None
    ) -> None:
        """One item inside its ``room`` (F, T), sending on these ``days``, paying ``prices`` (F, T) per
        litre; without time it ships what of its first answer has room."""
        model = self.aiming[k]
        limit = self.deadline + GRACE_SECONDS
        try:
            inside = within_room(model, self.network, room)
            if prices is not None:
                inside = replace(inside, cost=self._priced(model, prices))
            x = solve_keeping_reserves(model, self.network, inside, limit, days)
        except SolverError:
            x = self._cut_down(k, room)
            self.complete = False
        self.x[k], self.litres[k] = x, self._litres(model, x)

    def _cut_down(self, k: int, room: Floats) -> Floats:
        """The shipments (columns,) of the item's first answer, each less by what its vehicle has no
        room (F, T) for. Serves nobody: what it is worth only whole packs tell."""
        model = self.aiming[k]
        part = np.minimum(room / np.maximum(self.asked[k], 1e-9), 1.0)
        arc, _, day = model.ship.keys
        x = np.zeros(len(model.linear.cost))
        x[model.ship.index] = model.ship.of(self.answers[k]) * part[self.network.origin[arc], day]
        return x

    def solutions(self, confined: bool) -> tuple[ItemSolution, ...]:
        """What was planned, each with the room the item may use from here on; ``confined``: in
        programmes that keep the reserve by themselves, on the days on which the plan keeps it."""
        finite = np.isfinite(self.capacity)
        spare = np.where(finite, self._left(), 0.0) / max(1, len(self.aiming))
        found = []
        for k, (model, x) in enumerate(zip(self.aiming, self.x, strict=True)):
            room = np.where(finite, self.litres[k] + spare, np.inf)
            linear = within_room(model, self.network, room)
            if confined:
                days = days_to_send(model, self.network, x)
                linear = keep_reserves(model, self.network, linear, days)
            found.append(ItemSolution(model, linear, x))
        return tuple(found)
