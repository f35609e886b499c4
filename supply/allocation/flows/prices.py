"""What a litre of each sender's day should cost, found by asking every item again and again.

Items meet in the vehicles alone. At prices λ ≥ 0 per litre of a (sender, day) each is asked alone
what it would send (``item.ItemFlow``: warm, a millisecond), and by weak duality, for any prices,

    Σ_k min (cost_k + λ · litres_k)  −  λ · capacity  ≤  the optimum over all items.             (1)

The prices start as one for all, the best power of two, and then follow what is asked too much or too
little, each in its own proportion: steps in the logarithm of the price, scaled by how much that price
swings (Adam; Kingma & Ba 2015), smaller and smaller. At 30 × 60 × 14 that comes within 0.1 % of the
best bound known in a few hundred rounds; steps along the plain subgradient or cutting planes in a box
were within 10 to 15 % by then.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from supply.allocation.arrays import Bools, Floats, Network
from supply.allocation.flows.item import ItemFlow, Keeping
from supply.allocation.model import ItemModel
from supply.allocation.solver import in_parallel

STEP, STEP_FALL = 0.3, 2.0
"""First step in the logarithm of a price, and the power by which steps become nothing in the end."""

MEMORY, SWING_MEMORY = 0.9, 0.99
"""How much of the last direction, and of the last swing, stays at every step."""

Narrow = npt.NDArray[np.int32]
"""Answers are many: half the memory."""

LEAST_PRICE = 1e-6
NEVER = 1e6
"""Points per unit that nobody pays: more than a unit can save."""

UNIFORM_START, UNIFORM_ROUNDS = 2.0**-10, 24
"""The first price for all, as a part of what a litre would cost if all need were paid for, and how
often it is doubled at most."""


@dataclass(frozen=True)
class Answer:
    """What an item sends at some prices: ``points`` it serves, as a cost; ``litres`` (F·T,); and the
    columns of its programme that are not nothing, with their units."""

    points: float
    litres: Floats
    columns: Narrow
    units: Narrow


class Askers:
    """All items of ``models``, without pins, and without reserves but for ``keeping``. ``litres`` (K, F, T) and ``points`` (K,) of
    the last answers; ``kept``: different answers of each item, by request."""

    def __init__(
        self,
        models: Sequence[ItemModel],
        network: Network,
        keeping: Sequence[Keeping | None] | None = None,
    ) -> None:
        self.models, self.network = models, network
        self.keeping = keeping or [None] * len(models)
        self.capacity = network.vehicle_litres
        self.flows: list[ItemFlow | None] = [None] * len(models)
        self.priced: Bools = np.isfinite(self.capacity) & (self.capacity > 0)
        self.costs = [model.linear.cost.copy() for model in models]
        self.cells = [
            network.origin[model.ship.keys[0]] * network.n_days + model.ship.keys[2]
            for model in models
        ]
        self.litres = np.zeros((len(models), *self.capacity.shape))
        self.kept: list[dict[bytes, Answer]] = [{} for _ in models]
        self.rounds = 0
        self.seconds = 0.0
        """Of the last round."""

    def ask(self, prices: Floats, keep: bool = False) -> float:
        """Everybody's answer to the prices (F, T); the value (1), as a cost."""
        started = time.monotonic()
        values = in_parallel(lambda k: self._ask(k, prices, keep), range(len(self.models)))
        self.seconds, self.rounds = time.monotonic() - started, self.rounds + 1
        finite = np.isfinite(self.capacity)
        return sum(values) - float((prices[finite] * self.capacity[finite]).sum())

    def _ask(self, k: int, prices: Floats, keep: bool) -> float:
        model, cost = self.models[k], self.costs[k]
        flow = self._flow(k)
        litres, cells = model.item.litres_per_unit, self.cells[k]
        at_cell = np.where(self.capacity > 0, prices * litres, NEVER if litres > 0 else 0.0)
        cost[model.ship.index] = at_cell.ravel()[cells]
        x, value = flow.answer(cost)
        by_cell = np.bincount(cells, model.ship.of(x) * litres, self.capacity.size)
        used: Floats = by_cell.astype(np.float64)
        self.litres[k] = used.reshape(self.capacity.shape)
        if keep:
            self._keep(k, x, used)
        return value

    def last_answers(self) -> list[Floats]:
        """Everybody's last answer (columns,)."""
        return [flow.point() for flow in self.flows if flow is not None]

    def keep_idle(self) -> None:
        """Among the answers of each item: to send nothing."""
        for k, model in enumerate(self.models):
            self.costs[k][model.ship.index] = NEVER
            self._keep(k, self._flow(k).answer(self.costs[k])[0], np.zeros(self.capacity.size))

    def _flow(self, k: int) -> ItemFlow:
        flow = self.flows[k] or ItemFlow(self.models[k], self.network, self.keeping[k])
        self.flows[k] = flow
        return flow

    def _keep(self, k: int, x: Floats, used: Floats) -> None:
        model, columns = self.models[k], np.flatnonzero(x)
        points = float(model.linear.cost[model.serve.index] @ model.serve.of(x))
        units = x[columns].astype(np.int32)
        sent = np.flatnonzero(model.ship.of(x))
        name = sent.tobytes() + model.ship.of(x)[sent].tobytes()
        self.kept[k][name] = Answer(points, used, columns.astype(np.int32), units)

    def search(
        self,
        seconds: float,
        rounds_max: int,
        keep_last: int = 0,
        start: Floats | None = None,
        step: float = STEP,
    ) -> tuple[float, Floats]:
        """The best value (1) found and its prices (F, T), in at most so much time and so many rounds;
        the answers of the last ``keep_last`` rounds are kept. ``start``: prices near the best, from
        which a smaller ``step`` is enough."""
        started = time.monotonic()
        if start is None:
            best, prices = self._uniform(started + seconds)
        else:
            best, prices = self.ask(start), start
        left = seconds - (time.monotonic() - started)
        rounds = min(rounds_max, int(left / max(self.seconds, 1e-4)))
        log_price = np.log(np.where(self.priced, np.maximum(prices, LEAST_PRICE), 1.0))
        way, swing = np.zeros(prices.shape), np.zeros(prices.shape)
        for n in range(1, rounds + 1):
            over = np.where(self.priced, self.litres.sum(axis=0) - self.capacity, 0.0)
            pull = np.where(self.priced, over * np.exp(log_price), 0.0)
            way = MEMORY * way + (1 - MEMORY) * pull
            swing = SWING_MEMORY * swing + (1 - SWING_MEMORY) * pull**2
            typical = np.sqrt(swing / (1 - SWING_MEMORY**n))
            length = step * (1 - n / rounds) ** STEP_FALL
            log_price += length * way / (1 - MEMORY**n) / np.maximum(typical, 1e-12)
            tried = np.where(self.priced, np.exp(log_price), 0.0)
            value = self.ask(tried, keep=n > rounds - keep_last)
            if value > best:
                best, prices = value, tried
            if time.monotonic() > started + seconds:
                break
        return best, prices

    def _uniform(self, deadline: float) -> tuple[float, Floats]:
        """The best of one price for all litres, doubled as long as that helps."""
        room = float(self.capacity[self.priced].sum())
        needed = sum(
            float(-m.linear.cost[m.serve.index] @ m.linear.upper[m.serve.index])
            for m in self.models
        )
        price = UNIFORM_START * needed / max(room, 1e-9)
        best, prices = -np.inf, np.where(self.priced, price, 0.0)
        for _ in range(UNIFORM_ROUNDS):
            tried = np.where(self.priced, price, 0.0)
            value = self.ask(tried)
            if value <= best:
                break
            best, prices, price = value, tried, 2 * price
            if time.monotonic() > deadline:
                break
        return best, prices
