"""What a plan comes to, in the figures by which plans are held side by side. Pure.

Points are in the standard weights whatever the plan's own, so that one measure holds for all; the
bound is told only where the plan was made in them. Money is what the moved lots cost when they came
in: q units of a lot of which u came in for a đồng are worth round(q · a / u).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from supply.allocation.arrays import Ints, ItemArrays, Moves, ProblemArrays, build_arrays
from supply.allocation.instance import CLASSES, STANDARD_WEIGHTS, Instance
from supply.allocation.plan import Plan, served_and_needed, weighted_shortage
from supply.allocation.quotas import Flows, flows_of
from supply.allocation.seeing.fairness import fairness

Values = Mapping[tuple[str, str], tuple[int, int]]
"""(item, lot) → (whole đồng, units it bought)"""


@dataclass(frozen=True)
class ClassFigures:
    """One class: units served and needed; coverage 0 … 1 in the mean and at the worst facility;
    Gini coefficient and Lorenz points of coverage over facilities (``seeing.fairness``)."""

    served: int
    needed: int
    mean: float
    worst: float
    gini: float
    lorenz: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Wasted:
    """Stock that expires unused within the plan's days: lots, their units, what they cost."""

    lots: int
    units: int
    value_vnd: int


@dataclass(frozen=True)
class Account:
    """A plan in figures. ``moves`` transfer lines, ``trips`` (from, to, day); ``unpriced`` lines
    whose lot has no known price, left out of ``moved_vnd``; ``bound`` None where not comparable."""

    points: int
    no_transfer: int | None
    bound: int | None
    classes: Mapping[str, ClassFigures]
    moves: int
    trips: int
    litres: float
    wasted: Wasted
    moved_vnd: int
    unpriced: int

    @property
    def gap_percent(self) -> float | None:
        """At most how far the points are from the best there can be, in % of themselves."""
        if self.bound is None:
            return None
        return 100.0 * (self.points - self.bound) / self.points if self.points else 0.0


def account(instance: Instance, plan: Plan, values: Values) -> Account:
    """The figures of one plan for its instance."""
    standard = dict(plan.weights) == STANDARD_WEIGHTS
    litres = {item.id: item.litres_per_unit for item in instance.items}
    worth = [value_vnd(values, t.item, t.lot, t.quantity) for t in plan.transfers]
    return Account(
        points=weighted_shortage(instance, plan.quotas, STANDARD_WEIGHTS),
        no_transfer=plan.shortage.no_transfer if standard else None,
        bound=plan.shortage.bound if standard else None,
        classes=class_figures(instance, plan),
        moves=len(plan.transfers),
        trips=len({(t.origin, t.destination, t.day) for t in plan.transfers}),
        litres=sum(litres[t.item] * t.quantity for t in plan.transfers),
        wasted=wasted(instance, plan, values),
        moved_vnd=sum(amount for amount in worth if amount is not None),
        unpriced=sum(amount is None for amount in worth),
    )


def value_vnd(values: Values, item: str, lot: str, quantity: int) -> int | None:
    """What a quantity of a lot cost, rounded half up; None where nobody knows."""
    known = values.get((item, lot))
    if known is None:
        return None
    amount, units = known
    return (2 * quantity * amount + units) // (2 * units)


def class_figures(instance: Instance, plan: Plan) -> dict[str, ClassFigures]:
    """Coverage and fairness of each class that is needed, the most urgent first."""
    served = served_and_needed(instance, plan.quotas)
    told: dict[str, dict[str, Any]] = fairness(served)
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for (_, name), (given, needed) in served.items():
        sums[name][0] += given
        sums[name][1] += needed
    return {
        name: ClassFigures(
            served=sums[name][0],
            needed=sums[name][1],
            mean=sums[name][0] / sums[name][1],
            worst=told[name]["min"],
            gini=told[name]["gini"],
            lorenz=tuple((x, y) for x, y in told[name]["lorenz"]),
        )
        for name in CLASSES
        if name in told
    }


def wasted(instance: Instance, plan: Plan, values: Values) -> Wasted:
    """What is left of every lot after its last day, where that day lies within the plan's days."""
    problem = build_arrays(instance)
    moves, used = _moves_and_use(problem, plan)
    lots = units = total_vnd = 0
    for item, moved, taken in zip(problem.items, moves, used, strict=True):
        left = _left_at_expiry(item, flows_of(item, problem.network, moved), taken).sum(axis=0)
        for lot in np.flatnonzero(left).tolist():
            lots, units = lots + 1, units + int(left[lot])
            name = problem.item_ids[item.index]
            total_vnd += value_vnd(values, name, item.lot_ids[lot], int(left[lot])) or 0
    return Wasted(lots, units, total_vnd)


def _left_at_expiry(item: ItemArrays, flows: Flows, used: Ints) -> Ints:
    """(F, L) units left when a lot's last day is over. ``used``: (F, T). Use takes the earliest
    expiry first from what is not held for a later shipment, as the day's rules have it."""
    n_days = used.shape[1]
    received = np.cumsum(flows.before_dispatch + flows.after_dispatch, axis=2)
    usable = np.maximum(received - flows.out.sum(axis=2, keepdims=True), 0)
    comes = np.diff(usable, axis=2, prepend=0)
    stock = np.zeros(usable.shape[:2], dtype=np.int64)
    left = np.zeros_like(stock)
    for day in range(n_days):
        stock += comes[:, :, day]
        alive = np.where(item.expiry_day >= day, stock, 0)
        before = np.cumsum(alive, axis=1) - alive
        stock -= np.clip(used[:, day, None] - before, 0, alive)
        last = item.expiry_day == day
        left[:, last] = stock[:, last]
    return left


def _moves_and_use(problem: ProblemArrays, plan: Plan) -> tuple[list[Moves], list[Ints]]:
    """The plan's transfers as moves, and (F, T) units used, item by item."""
    place = {name: f for f, name in enumerate(problem.facility_ids)}
    number = {name: k for k, name in enumerate(problem.item_ids)}
    lots = [{lot: at for at, lot in enumerate(item.lot_ids)} for item in problem.items]
    rows: list[list[tuple[int, int, int, int]]] = [[] for _ in problem.items]
    for t in plan.transfers:
        k = number[t.item]
        arc = problem.network.arc_index[place[t.origin], place[t.destination]]
        rows[k].append((arc, lots[k][t.lot], t.day, t.quantity))
    shape = (len(place), problem.network.n_days)
    used = [np.zeros(shape, dtype=np.int64) for _ in problem.items]
    for q in plan.quotas:
        used[number[q.item]][place[q.facility], q.day] += q.quantity
    return [Moves.of(found) for found in rows], used
