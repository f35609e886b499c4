"""Sharing the vehicles between items: prices per litre, the proven bound, and each item's share.

Vehicles are the only thing items compete for. With a price λ ≥ 0 per litre of a (sender, day)
every item is solved alone, and by weak duality, for any prices whatever,

    Σ_k min (cost_k + λ · litres_k)  −  λ · capacity  ≤  the optimum of the joint programme,    (1)

so the best value seen is a bound however early the clock stops. Items are first asked without
prices; if their answers fit the vehicles nothing has to be shared. Otherwise the items that load
scarce vehicles most, as many as the time allows, are solved jointly (``joint``), which prices the
litres; days on which the joint answer sends and breaks a reserve are forbidden, and round again.
What the joint answer takes of the vehicles is each item's share; the other items get of what is
left as much as they ask for at the prices. From there on items are apart.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from supply.allocation.arrays import Bools, Floats, Ints, ProblemArrays
from supply.allocation.joint import Joint, JointAnswer
from supply.allocation.model import ItemModel, create_item_model, vehicle_rows, within_room
from supply.allocation.policies import ItemSolution
from supply.allocation.reserves import broken_days, kept_days, solve_keeping_reserves
from supply.allocation.solver import SolverError, in_parallel, solve_linear

INTERIOR_SECONDS, INTERIOR_COLUMNS, INTERIOR_POWER = 2.5, 29_000, 1.4
"""What a joint programme took on one core of a busy machine, and how that grows with its columns."""

ROUNDS = 5
"""Rounds of the joint programme to find time for; more follow while they help."""

LIGHT_SHARE_MAX = 0.9
"""Most of a vehicle's room that is set aside for items outside the joint programme."""

TRADING_ROUNDS = 2
"""Rounds whose prices everybody is asked at: later ones carry forbidden days and prove no more."""

TAKING_PRICE = 0.5
"""Part of the prices an item pays inside its share: it leaves room that others need more."""

HALF = 0.5

CLOSE, SETTLED_ROUNDS = 2e-3, 3
"""The joint rounds end when so many of them in a row saved less than this share of the shortage."""

TOLERANCE = 1e-6
"""Relative solver tolerance taken off the bound."""

FIRST_SECONDS_MIN = 1.0
"""Every item gets this long for a first solution even when the time is up."""


@dataclass(frozen=True)
class Market:
    """``bound`` in points; one solution per item inside its share of the vehicles; ``optimal`` says
    that no better programme exists: the solutions reach the bound."""

    bound: int
    solutions: tuple[ItemSolution, ...]
    optimal: bool


def open_market(
    problem: ProblemArrays, weights: Ints, time_limit_seconds: float, confined: bool = False
) -> Market:
    """Bound in ``weights`` (C,) and first solutions, which aim at ``weights`` × vulnerability;
    ``confined``: in programmes fit for further stages. An item that finds no time weakens the bound
    and ships nothing."""
    trading = _Trading(problem, weights, time.monotonic() + time_limit_seconds)
    trading.trade(np.zeros(trading.capacity.shape))
    if trading.fits(trading.asked):
        everyone = range(len(trading.aiming))
        trading.serve(everyone, np.full(trading.asked.shape, np.inf))
    if trading.served_none or not trading.fits(trading.litres):
        trading.share()
    return Market(trading.bound(), trading.solutions(confined), trading.is_optimal())


class _Trading:
    """``bounding`` programmes prove, ``aiming`` ones plan; both leave the reserve out, which
    ``forbidden`` (F, T) days of each item then keep. ``asked`` (K, F, T): litres of the last answers
    to prices; ``litres``: of the plan so far."""

    def __init__(self, problem: ProblemArrays, weights: Ints, deadline: float) -> None:
        self.problem, self.network, self.deadline = problem, problem.network, deadline
        self.capacity = problem.network.vehicle_litres
        self.bounding = [
            create_item_model(item, problem.network, weights, with_pins=False)
            for item in problem.items
        ]
        self.points = weights[None, :] * problem.vulnerability[:, None]
        same = bool((problem.vulnerability == 1.0).all())
        self.aiming = [
            model
            if same and not (item.pin_min > 0).any() and not (item.pin_max > 0).any()
            else create_item_model(item, problem.network, self.points)
            for item, model in zip(problem.items, self.bounding, strict=True)
        ]
        self.needed = [
            int((item.demand.sum(axis=(0, 2)) * weights).sum()) for item in problem.items
        ]
        shape = (len(self.aiming), *self.capacity.shape)
        self.asked, self.litres = np.zeros(shape), np.zeros(shape)
        self.answers = [np.zeros(len(model.linear.cost)) for model in self.bounding]
        self.x = [np.zeros(len(model.linear.cost)) for model in self.aiming]
        self.forbidden: list[Bools] = [np.zeros(self.capacity.shape, dtype=bool)] * len(self.x)
        self.best = -float(sum(self.needed))
        self.served_none, self.complete = True, True

    # --- the bound ---------------------------------------------------------------------------

    def trade(self, prices: Floats) -> None:
        """Every item's answer to the prices (F, T); their value (1) may raise the bound."""
        values = in_parallel(lambda k: self._answer(k, prices), range(len(self.bounding)))
        finite = np.isfinite(self.capacity)
        paid = float((prices[finite] * self.capacity[finite]).sum())
        self.best = max(self.best, sum(values) - paid)

    def _answer(self, k: int, prices: Floats) -> float:
        model = self.bounding[k]
        arc, _, day = model.ship.keys
        cost = model.linear.cost.copy()
        litres = model.item.litres_per_unit  # what moving costs for tidiness is no shortage
        cost[model.ship.index] = prices[self.network.origin[arc], day] * litres
        try:
            linear = replace(model.linear, cost=cost)
            x = solve_linear(linear, self.deadline - time.monotonic()).x
        except SolverError:
            self.complete = False
            return -float(self.needed[k])  # nobody can be served more than the need
        self.answers[k], self.asked[k] = x, self._litres(model, x)
        return float(cost @ x)

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

    def _litres(self, model: ItemModel, x: Floats) -> Floats:
        used: Floats = vehicle_rows(model, self.network) @ x
        return used.reshape(self.capacity.shape)

    def _priced(self, model: ItemModel, prices: Floats) -> Floats:
        arc, _, day = model.ship.keys
        cost = model.linear.cost.copy()
        cost[model.ship.index] += prices[self.network.origin[arc], day] * model.item.litres_per_unit
        return cost

    def fits(self, litres: Floats) -> bool:
        """Whether these litres (K, F, T) fit the vehicles together."""
        return bool((litres.sum(axis=0) <= self.capacity + 1e-6).all())

    def serve(self, items: Iterable[int], room: Floats) -> None:
        """Plan each of the items inside its ``room`` (K, F, T), keeping reserves."""
        in_parallel(lambda k: self._serve(k, room[k]), items)
        self.served_none = False

    def _serve(
        self, k: int, room: Floats, prices: Floats | None = None, columns: Bools | None = None
    ) -> None:
        """One item inside its ``room`` (F, T), paying ``prices`` (F, T) per litre, in these
        ``columns``; without time it ships nothing."""
        model = self.aiming[k]
        limit = max(self.deadline, time.monotonic() + FIRST_SECONDS_MIN)
        try:
            inside = within_room(model, self.network, room)
            if prices is not None:
                inside = replace(inside, cost=self._priced(model, prices))
            x, self.forbidden[k] = solve_keeping_reserves(
                model, self.network, inside, self.forbidden[k], limit, columns
            )
        except SolverError:
            x = np.zeros(len(model.linear.cost))
            self.complete = False
        self.x[k], self.litres[k] = x, self._litres(model, x)

    def share(self) -> None:
        """Plan the heavy items jointly as long as that helps, then the others in what is left."""
        over = self.asked.sum(axis=0) > self.capacity
        weight = (self.asked * over).sum(axis=(1, 2))
        weight[[self._is_pinned(k) for k in range(len(weight))]] = np.inf
        heavy = self._affordable(np.argsort(-weight, kind="stable").tolist())
        light = [k for k in range(len(self.x)) if k not in set(heavy)]
        self.litres[:] = 0.0  # what was planned without sharing may not stand
        self.x = [np.zeros(len(x)) for x in self.x]
        taken = bool(heavy) and self._trade_jointly(heavy, light)
        others = light if taken else list(range(len(self.x)))
        for k in others:  # what is pinned was asked of no price: it has the first of what is left
            if self._is_pinned(k):
                self._serve(k, np.maximum(self.capacity - self.litres.sum(axis=0), 0.0))
        self._serve_by_asking([k for k in others if not self._is_pinned(k)])
        self._polish()

    def _is_pinned(self, k: int) -> bool:
        return bool((self.problem.items[k].pin_min > 0).any())

    def _affordable(self, by_weight: list[int]) -> list[int]:
        """The first items whose joint programme leaves time for all the rounds."""
        seconds = (self.deadline - time.monotonic()) / ROUNDS
        most = INTERIOR_COLUMNS * (max(0.0, seconds) / INTERIOR_SECONDS) ** (1 / INTERIOR_POWER)
        chosen, columns = [], 0
        for k in by_weight:
            model = self.aiming[k]
            columns += len(model.linear.cost) - model.ship.size
            columns += int((self.answers[k][model.ship.index] > 0).sum()) * self.network.n_days
            if columns > most:
                break
            chosen.append(k)
        return chosen

    def _trade_jointly(self, heavy: list[int], light: list[int]) -> bool:
        """Rounds of the joint programme; the best shares stay. Tells whether there are any."""
        joint = Joint([self.aiming[k] for k in heavy], self.network)
        joint.admit([self.answers[k] for k in heavy], whole_ways=True)
        load = self.asked.sum(axis=0)
        part = np.where(load > 0, self.asked[light].sum(axis=0) / np.maximum(load, 1e-9), 0.0)
        least, rounds, settled, at_reset = np.inf, 0, 0, np.inf
        while True:
            started = time.monotonic()
            room = self.capacity * (1 - np.minimum(part, LIGHT_SHARE_MAX))
            try:
                answer = joint.solve(
                    room, [self.forbidden[k] for k in heavy], self.deadline - started
                )
            except SolverError:
                return least < np.inf
            rounds += 1
            if rounds <= TRADING_ROUNDS:
                self.trade(answer.prices)
                joint.admit([self.answers[k] for k in heavy])
                part = self.asked[light].sum(axis=0) / np.maximum(self.capacity, 1e-9)
            seconds = time.monotonic() - started
            if rounds > TRADING_ROUNDS or time.monotonic() + 3 * seconds > self.deadline:
                cost = self._take(joint, heavy, answer, room)
                short = sum(self.needed[k] for k in heavy) + min(least, cost)
                settled = settled + 1 if cost > least - CLOSE * short else 0
                least = min(least, cost)
                if settled == SETTLED_ROUNDS:
                    if least > at_reset - CLOSE * short:
                        return True
                    at_reset, settled = least, 0
                    self._allow_again(heavy)
            if time.monotonic() + 1.3 * (time.monotonic() - started) > self.deadline:
                return least < np.inf

    def _allow_again(self, items: list[int]) -> None:
        """Forbid only the days on which the plan that stands does not hold the reserve: what was
        forbidden on the way to it may be of use now."""
        for k in items:
            self.forbidden[k] = ~kept_days(self.aiming[k], self.network, self.x[k])

    def _take(self, joint: Joint, heavy: list[int], answer: JointAnswer, room: Floats) -> float:
        """Each heavy item in turn inside what the joint answer gives it and what those before it
        left; kept if it costs less than what stood. Returns the cost in points."""
        before = [(self.x[k], self.litres[k].copy()) for k in heavy]
        shares = np.zeros(self.litres.shape)
        for k, x in zip(heavy, answer.points, strict=True):
            shares[k] = self._litres(self.aiming[k], x)
            least = HALF * self.aiming[k].item.pack_size  # it sends a little everywhere
            broken = broken_days(self.aiming[k], self.network, x, least)
            self.forbidden[k] = self.forbidden[k] | broken
        stood = sum(float(self.aiming[k].linear.cost @ self.x[k]) for k in heavy)
        spare = np.where(np.isfinite(room), np.maximum(room - shares.sum(axis=0), 0.0), np.inf)
        for number, k in enumerate(heavy):
            columns = joint.columns_of(number)
            self._serve(k, shares[k] + spare, TAKING_PRICE * answer.prices, columns)
            spare = np.maximum(spare + shares[k] - self.litres[k], 0.0)
        cost = sum(float(self.aiming[k].linear.cost @ self.x[k]) for k in heavy)
        if cost > stood:
            for k, (x, litres) in zip(heavy, before, strict=True):
                self.x[k], self.litres[k] = x, litres
        return cost

    def _serve_by_asking(self, items: list[int]) -> None:
        """What is left goes by what they ask for at the prices, the rest in even parts."""
        if not items:
            return
        finite = np.isfinite(self.capacity)
        left = np.where(finite, np.maximum(self.capacity - self.litres.sum(axis=0), 0.0), np.inf)
        asked = self.asked[items].sum(axis=0)
        part = np.where(asked > left, left / np.maximum(asked, 1e-9), 1.0)
        spare = np.maximum(left - asked, 0.0) / len(items)
        self.serve(items, self.asked * part + spare)

    def _polish(self) -> None:
        """Each item once more in its share and what is spare, with only those days forbidden on
        which its plan does not hold the reserve; taken where it costs less."""
        spare = np.maximum(self.capacity - self.litres.sum(axis=0), 0.0)
        for k in np.argsort([self._served(k) + self.needed[k] for k in range(len(self.x))])[::-1]:
            if time.monotonic() > self.deadline:
                return
            x, litres, forbidden = self.x[k], self.litres[k].copy(), self.forbidden[k]
            self._allow_again([int(k)])
            self._serve(int(k), litres + spare)
            cost = self.aiming[k].linear.cost
            if cost @ self.x[k] >= cost @ x:
                self.x[k], self.litres[k], self.forbidden[k] = x, litres, forbidden
            spare = np.maximum(spare + litres - self.litres[k], 0.0)

    def solutions(self, confined: bool) -> tuple[ItemSolution, ...]:
        """What was planned, each with the room the item may use from here on; ``confined``: in
        programmes that keep the reserve by themselves, on the days on which the plan keeps it."""
        finite = np.isfinite(self.capacity)
        spare = np.where(finite, np.maximum(self.capacity - self.litres.sum(axis=0), 0.0), 0.0)
        spare /= max(1, len(self.aiming))
        found = []
        for k, (model, x) in enumerate(zip(self.aiming, self.x, strict=True)):
            room = np.where(finite, self.litres[k] + spare, np.inf)
            if confined:
                days = kept_days(model, self.network, x)
                arc, _, day = model.ship.keys
                stays = np.ones(len(x), dtype=bool)
                stays[model.ship.index] = days[self.network.origin[arc], day]
                model, x = create_item_model(model.item, self.network, self.points, days), x[stays]
            found.append(ItemSolution(model, within_room(model, self.network, room), x))
        return tuple(found)
