"""Sharing the vehicles between items: prices per litre, the proven bound, and each item's share.

Vehicles are the only thing items compete for. With a price λ ≥ 0 per litre of a (sender, day)
every item is solved alone, and by weak duality, for any prices whatever,

    Σ_k min (cost_k + λ · litres_k)  −  λ · capacity  ≤  the optimum of the joint programme,    (1)

so the best value seen is a bound however early the clock stops. Items are first asked without
prices; if their answers fit the vehicles nothing has to be shared. Otherwise the items that load
scarce vehicles most, as many as the time allows, are solved jointly (``joint``) without reserves,
which prices the litres. At those prices the light items choose for themselves; the heavy ones are
solved jointly in what is left, now with reserves, on the days ``reserves`` chooses, and what the
answer takes of the vehicles is each one's share. While time is left, some items at a time put their
shares together and are solved jointly again, others together each time: every step is at least as
good as the last.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from supply.allocation.arrays import Bools, Floats, Ints, ProblemArrays
from supply.allocation.joint import Joint, JointAnswer, columns_taken, first_columns
from supply.allocation.model import (
    ItemModel,
    create_item_model,
    keep_reserves,
    vehicle_rows,
    within_room,
)
from supply.allocation.policies import ItemSolution
from supply.allocation.reserves import days_to_send, solve_keeping_reserves
from supply.allocation.solver import WORKERS, SolverError, in_parallel, solve_linear

INTERIOR_SECONDS, INTERIOR_COLUMNS, INTERIOR_POWER = 2.5, 29_000, 1.4
"""What a joint programme took on one core of a busy machine, and how that grows with its columns."""

ROUNDS = 9
"""As long as so many joint programmes would take there is time for, beside asking everybody."""

LIGHT_SHARE_MAX = 0.9
"""Most of a vehicle's room that is set aside for light items while prices are sought."""

PRICING_ROUNDS = 3
"""Rounds without reserves, whose prices everybody is asked at: later ones prove no more."""

PRICE_SPREAD = 0.1
"""Every light item sees each price up to so much higher or lower: at the right prices it is nearly
indifferent between many days and senders, and without this all would choose the same ones
(30 × 60 × 14: 228,000 points lost to crowding, with it none)."""

TAKING_PRICE = 0.5
"""Part of the prices an item pays inside its share: it leaves room that others need more."""

CLOSE, SETTLED = 2e-3, 2e-2
"""Rounds end when one saved less than this share of the shortage: of all items, of the heavy ones."""

TOGETHER = 15
"""Items that put their shares together."""

TOLERANCE = 1e-6
"""Relative solver tolerance taken off the bound."""

GRACE_SECONDS = 1.0
"""So long after the time is up first solutions are still sought, for all items together."""

PASSES_FOR_ALL_COLUMNS, PASSES_TO_PROVE, PASSES_TO_PRICE = 3, 6, 3
"""Asking every item once takes a while. With less than so many times that left, an item looks only
at ways it has taken before; with less than that left, prices are not asked about for the bound."""


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
    ``confined``: in programmes fit for further stages. An item that finds no time weakens the bound
    and ships nothing."""
    started = time.monotonic()
    trading = _Trading(problem, weights, started + time_limit_seconds)
    trading.trade(np.zeros(trading.capacity.shape))
    trading.pass_seconds = time.monotonic() - started
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
    days of sending then keep. ``asked`` (K, F, T): litres of the last answers to prices; ``litres``:
    of the plan ``x`` so far; ``columns``: those of each item worth looking at so far."""

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
        self.columns = [first_columns(model) for model in self.aiming]
        self.best, self.best_prices = -float(sum(self.needed)), np.zeros(self.capacity.shape)
        self.served_none, self.complete = True, True
        self.pass_seconds = 0.0

    # --- the bound ---------------------------------------------------------------------------

    def trade(self, prices: Floats) -> None:
        """Every item's answer to the prices (F, T); their value (1) may raise the bound."""
        values = in_parallel(lambda k: self._answer(k, prices), range(len(self.bounding)))
        finite = np.isfinite(self.capacity)
        paid = float((prices[finite] * self.capacity[finite]).sum())
        if sum(values) - paid > self.best:
            self.best, self.best_prices = sum(values) - paid, prices

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
        self,
        k: int,
        room: Floats,
        days: Bools | None = None,
        prices: Floats | None = None,
        columns: Bools | None = None,
    ) -> None:
        """One item inside its ``room`` (F, T), sending on these ``days``, paying ``prices`` (F, T) per
        litre, in these ``columns``; without time it ships what of its last answer has room."""
        model = self.aiming[k]
        limit = self.deadline + GRACE_SECONDS
        try:
            inside = within_room(model, self.network, room)
            if prices is not None:
                inside = replace(inside, cost=self._priced(model, prices))
            x = solve_keeping_reserves(model, self.network, inside, limit, days, columns)
        except SolverError:
            x = self._cut_down(k, room)
            self.complete = False
        self.x[k], self.litres[k] = x, self._litres(model, x)

    def _cut_down(self, k: int, room: Floats) -> Floats:
        """The shipments (columns,) of the item's last answer, each less by what its vehicle has no room
        (F, T) for. Serves nobody: what it is worth only whole packs tell."""
        model = self.aiming[k]
        part = np.minimum(room / np.maximum(self.asked[k], 1e-9), 1.0)
        arc, _, day = model.ship.keys
        x = np.zeros(len(model.linear.cost))
        shipped = model.ship.of(self.answers[k])
        x[model.ship.index] = shipped * part[self.network.origin[arc], day]
        return x

    def share(self) -> None:
        """Light items at the prices, heavy ones jointly in what is left, then in ever new company."""
        over = self.asked.sum(axis=0) > self.capacity
        weight = (self.asked * over).sum(axis=(1, 2))
        weight[[self._is_pinned(k) for k in range(len(weight))]] = np.inf
        heavy = self._affordable(np.argsort(-weight, kind="stable").tolist())
        light = [k for k in range(len(self.x)) if k not in set(heavy)]
        self.litres[:] = 0.0  # what was planned without sharing may not stand
        self.x = [np.zeros(len(x)) for x in self.x]
        answer = self._price(heavy, light) if heavy else None
        if answer is None:
            self._serve_by_worth()
        else:
            self._serve_at_prices(light, answer.prices)
            self._settle(heavy, answer)
        self._mix()

    def _is_pinned(self, k: int) -> bool:
        return bool((self.problem.items[k].pin_min > 0).any())

    def _affordable(self, by_weight: list[int]) -> list[int]:
        """The first items whose joint programme leaves time for all the rounds."""
        left = self.deadline - time.monotonic() - PASSES_TO_PRICE * self.pass_seconds
        seconds = left / ROUNDS
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

    def _price(self, heavy: list[int], light: list[int]) -> JointAnswer | None:
        """The heavy items without reserves, beside what the light ones ask for; None without time."""
        self._look_at(range(len(self.x)))
        load = self.asked.sum(axis=0)
        part = np.where(load > 0, self.asked[light].sum(axis=0) / np.maximum(load, 1e-9), 0.0)
        joint = self._joint(heavy)
        answer = None
        for _ in range(PRICING_ROUNDS):
            started = time.monotonic()
            room = self.capacity * (1 - np.minimum(part, LIGHT_SHARE_MAX))
            try:
                answer = joint.solve(room, None, self.deadline - started)
            except SolverError:
                return answer
            self._keep_columns(joint, heavy)
            if not self._has_time_for(PASSES_TO_PROVE):
                break
            self.trade(answer.prices)
            self._look_at(range(len(self.x)))
            # Halfway: what the light ones ask for swings from round to round, and prices with it.
            part = (part + self.asked[light].sum(axis=0) / np.maximum(self.capacity, 1e-9)) / 2
            for number, k in enumerate(heavy):
                joint.admit(number, self.columns[k])
            if time.monotonic() + PRICING_ROUNDS * (time.monotonic() - started) > self.deadline:
                break
        return answer

    def _has_time_for(self, passes: int) -> bool:
        """Whether there is time left to ask everybody so many times."""
        return time.monotonic() + passes * self.pass_seconds < self.deadline

    def _serve_at_prices(self, items: list[int], prices: Floats) -> None:
        """Each of the items in what those before it left, the pinned and the lightest first."""
        draw = np.random.default_rng(0)
        left = np.maximum(self.capacity - self.litres.sum(axis=0), 0.0)
        asked, plenty = self.asked.sum(axis=(1, 2)), self._has_time_for(PASSES_FOR_ALL_COLUMNS)
        for k in sorted(items, key=lambda k: (not self._is_pinned(k), asked[k], k)):
            spread = 1 + PRICE_SPREAD * draw.uniform(-1, 1, prices.shape)
            columns = None if plenty else self.columns[k]
            self._serve(k, left, prices=prices * spread, columns=columns)
            left = np.maximum(left - self.litres[k], 0.0)

    def _serve_by_worth(self) -> None:
        """Each item in what those before it left, the pinned and the most points per litre first."""
        worth = [
            -self._answered(k) / max(float(self.asked[k].sum()), 1e-9) for k in range(len(self.x))
        ]
        left = self.capacity.copy()
        for k in sorted(range(len(worth)), key=lambda k: (not self._is_pinned(k), -worth[k], k)):
            self._serve(k, left)
            left = np.maximum(left - self.litres[k], 0.0)

    def _answered(self, k: int) -> float:
        """Points of what an item's last answer serves, as a cost."""
        serve = self.bounding[k].serve
        return float(self.bounding[k].linear.cost[serve.index] @ serve.of(self.answers[k]))

    def _settle(self, items: list[int], priced: JointAnswer) -> None:
        """The items jointly in the room that is left, with reserves, as long as another choice of days
        helps; by asking where there is no time for that."""
        room = np.maximum(self.capacity - self.litres.sum(axis=0), 0.0)
        joint, points, least = self._joint(items), priced.points, np.inf
        while True:
            started = time.monotonic()
            days = self._days(items, points)
            try:
                answer = joint.solve(room, days, self.deadline - started)
            except SolverError:
                break
            self._keep_columns(joint, items)
            cost, points = self._take(items, answer, room, days), answer.points
            short = sum(self.needed[k] for k in items) + min(least, cost)
            settled = cost > least - SETTLED * short
            least = min(least, cost)
            if settled or time.monotonic() + (time.monotonic() - started) > self.deadline:
                break
        if least == np.inf:
            self._serve_by_asking(items)

    def _look_at(self, items: Iterable[int]) -> None:
        """The ways of the last answers become columns worth looking at."""
        for k in items:
            taken = columns_taken(self.bounding[k], self.network, self.answers[k])
            self.columns[k][: len(taken)] |= taken  # programmes that plan have pins besides, last

    def _joint(self, items: list[int]) -> Joint:
        models = [self.aiming[k] for k in items]
        return Joint(models, self.network, [self.columns[k] for k in items])

    def _keep_columns(self, joint: Joint, items: list[int]) -> None:
        for number, k in enumerate(items):
            self.columns[k] = joint.columns_of(number).copy()

    def _days(self, items: list[int], points: Sequence[Floats]) -> list[Bools]:
        return [
            days_to_send(self.aiming[k], self.network, x)
            for k, x in zip(items, points, strict=True)
        ]

    def _take(
        self, items: list[int], answer: JointAnswer, room: Floats, days: list[Bools]
    ) -> float:
        """Each item in turn inside what the joint answer gives it and what those before it left; kept
        if together they cost less than what stood. Returns the cost in points."""
        before = [(self.x[k], self.litres[k].copy()) for k in items]
        shares = [
            self._litres(self.aiming[k], x) for k, x in zip(items, answer.points, strict=True)
        ]
        stood = self._cost(items)
        left = np.maximum(room - sum(shares), 0.0)
        spare = np.where(np.isfinite(room), left, np.inf)
        for k, share, on in zip(items, shares, days, strict=True):
            self._serve(k, share + spare, on, TAKING_PRICE * answer.prices, self.columns[k])
            spare = np.maximum(spare + share - self.litres[k], 0.0)
        cost = self._cost(items)
        if cost > stood:
            for k, (x, litres) in zip(items, before, strict=True):
                self.x[k], self.litres[k] = x, litres
        return cost

    def _cost(self, items: Iterable[int]) -> float:
        """Points of what the items' plans cost, with what they pay for tidiness."""
        return sum(float(self.aiming[k].linear.cost @ self.x[k]) for k in items)

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

    def _mix(self) -> None:
        """Some items at a time put their shares together, others together each time, as long as there
        is time and a round of all of them helps."""
        everyone, finite = np.arange(len(self.x)), np.isfinite(self.capacity)
        draw, seconds = np.random.default_rng(0), 0.0
        while time.monotonic() + seconds < self.deadline:
            before, started = self._cost(everyone), time.monotonic()
            groups = np.array_split(draw.permutation(everyone), -(-len(everyone) // TOGETHER))
            left = np.maximum(self.capacity - self.litres.sum(axis=0), 0.0)
            spare = np.where(finite, left / len(groups), np.inf)
            in_parallel(partial(self._together, spare=spare), [group.tolist() for group in groups])
            seconds = (time.monotonic() - started) * WORKERS / len(groups)
            short = sum(self.needed) + before
            if before - self._cost(everyone) < CLOSE * short:
                return

    def _together(self, items: list[int], spare: Floats) -> None:
        """These items again inside their shares and what is ``spare`` (F, T); taken if it costs less."""
        if time.monotonic() > self.deadline:
            return
        room = self.litres[items].sum(axis=0) + spare
        joint = self._joint(items)
        days = self._days(items, [self.x[k] for k in items])
        try:
            answer = joint.solve(room, days, self.deadline - time.monotonic())
        except SolverError:
            return
        self._keep_columns(joint, items)
        self._take(items, answer, room, days)

    def solutions(self, confined: bool) -> tuple[ItemSolution, ...]:
        """What was planned, each with the room the item may use from here on; ``confined``: in
        programmes that keep the reserve by themselves, on the days on which the plan keeps it."""
        finite = np.isfinite(self.capacity)
        spare = np.where(finite, np.maximum(self.capacity - self.litres.sum(axis=0), 0.0), 0.0)
        spare /= max(1, len(self.aiming))
        found = []
        for k, (model, x) in enumerate(zip(self.aiming, self.x, strict=True)):
            room = np.where(finite, self.litres[k] + spare, np.inf)
            linear = within_room(model, self.network, room)
            if confined:
                days = days_to_send(model, self.network, x)
                linear = keep_reserves(model, self.network, linear, days)
            found.append(ItemSolution(model, linear, x))
        return tuple(found)
