"""The instance as numpy arrays: the shape all numeric work starts from.

Rows with the same key are added up here and nowhere else. Facilities, items, arcs and lots are
numbered in the order of their ids, not of the file, so that shuffling or renaming rows cannot
change more than the numbering.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from supply.allocation.instance import CLASSES, STANDARD_WEIGHTS, Arrival, Instance

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEVER_DAY = 10**7
"""Expiry day of a lot that never expires; later than the last date there is."""

NO_LITRES, SOME_LITRES = 1e-9, 1e-6
"""Room of a trip without any, which goods of no volume may go with; and the least that is some."""


@dataclass(frozen=True)
class Network:
    """Ways and vehicles, common to all items.

    ``origin``, ``destination``, ``lead_days``: one entry per arc, shape (A,).
    ``vehicle_litres``: (F, T) litres a sender can move on a day, infinite where it has no limit.
    """

    n_facilities: int
    n_days: int
    origin: Ints
    destination: Ints
    lead_days: Ints
    vehicle_litres: Floats

    def runs_for(self, litres_per_unit: float) -> Bools:
        """(F, T) where something goes that takes goods of this volume."""
        runs: Bools = self.vehicle_litres > (SOME_LITRES if litres_per_unit > 0 else 0.0)
        return runs

    @property
    def n_arcs(self) -> int:
        """Number of arcs."""
        return len(self.origin)

    @cached_property
    def arc_index(self) -> dict[tuple[int, int], int]:
        """(origin, destination) to arc number."""
        pairs = zip(self.origin.tolist(), self.destination.tolist(), strict=True)
        return {pair: a for a, pair in enumerate(pairs)}


@dataclass(frozen=True)
class ItemArrays:
    """One item's part of the problem, quantities in whole base units.

    ``supply``: (F, L, T) stock from outside by lot and day it comes in, stock on hand on day 0;
    nothing of a lot that comes in after its expiry day. ``expiry_day``: (L,), lots in order of
    use (earliest first, ties by lot id). ``demand``: (F, C, T). ``reserve``: (F,).
    ``pin_min``, ``pin_max``: (A,), -1 where there is no upper pin.
    """

    index: int
    lot_ids: tuple[str, ...]
    expiry_day: Ints
    supply: Ints
    demand: Ints
    reserve: Ints
    pack_size: int
    litres_per_unit: float
    min_shelf_life_days: int
    pin_min: Ints
    pin_max: Ints

    @property
    def n_lots(self) -> int:
        """Number of lots of the item."""
        return len(self.lot_ids)


@dataclass(frozen=True)
class Moves:
    """Transfers of one item: arc, lot (numbered within the item), day, quantity; each (M,)."""

    arc: Ints
    lot: Ints
    day: Ints
    quantity: Ints

    @staticmethod
    def of(rows: list[tuple[int, int, int, int]]) -> Moves:
        """From (arc, lot, day, quantity) rows; rows of one key are added up."""
        total: dict[tuple[int, int, int], int] = {}
        for arc, lot, day, quantity in rows:
            total[arc, lot, day] = total.get((arc, lot, day), 0) + quantity
        keys = sorted(key for key, quantity in total.items() if quantity > 0)
        table = np.array([(*key, total[key]) for key in keys], dtype=np.int64).reshape(-1, 4)
        return Moves(table[:, 0], table[:, 1], table[:, 2], table[:, 3])

    @staticmethod
    def none() -> Moves:
        """No transfer at all."""
        return Moves.of([])

    def rows(self) -> list[tuple[int, int, int, int]]:
        """As (arc, lot, day, quantity) tuples."""
        columns = (self.arc, self.lot, self.day, self.quantity)
        return list(zip(*(column.tolist() for column in columns), strict=True))


@dataclass(frozen=True)
class ProblemArrays:
    """The whole problem: ids by number, the network, and one ``ItemArrays`` per item."""

    facility_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    depots: Bools
    network: Network
    items: tuple[ItemArrays, ...]
    vulnerability: Floats
    """(F,) how much a unit missed at a facility weighs where a policy asks."""
    weights: Ints
    """(C,) points per unmet unit."""
    unroutable_pins: tuple[tuple[str, str, str, int], ...]
    """Pins (from, to, item, at least) on pairs without an arc: they can only be reported."""

    @property
    def class_order(self) -> tuple[int, ...]:
        """Classes by what a unit missed weighs, the heaviest first; of equals the more urgent."""
        return tuple(np.argsort(-self.weights, kind="stable").tolist())


def build_arrays(instance: Instance) -> ProblemArrays:
    """Number everything, add up rows of the same key, and lay the problem out by item."""
    facility_ids = tuple(sorted(row.id for row in instance.facilities))
    item_ids = tuple(sorted(row.id for row in instance.items))
    facility = {name: f for f, name in enumerate(facility_ids)}
    item = {name: k for k, name in enumerate(item_ids)}
    network = _network(instance, facility)
    shape = (len(item_ids), len(facility_ids), len(CLASSES), instance.horizon_days)
    demand = np.zeros(shape, dtype=np.int64)
    class_index = {name: c for c, name in enumerate(CLASSES)}
    for need in instance.demand:
        key = (item[need.item], facility[need.facility], class_index[need.demand_class], need.day)
        demand[key] += need.quantity
    reserve = np.zeros(shape[:2], dtype=np.int64)
    for kept in instance.reserve:
        reserve[item[kept.item], facility[kept.facility]] += kept.quantity
    pin_min, pin_max, unroutable = _pins(instance, network, facility, item)
    lots = _lots(instance, item)
    supply = _supply(instance, facility, item, lots)
    packing = {row.id: row for row in instance.items}
    items = tuple(
        ItemArrays(
            index=k,
            lot_ids=tuple(lot for _, lot in lots[k]),
            expiry_day=np.array([day for day, _ in lots[k]], dtype=np.int64),
            supply=supply[k],
            demand=demand[k],
            reserve=reserve[k],
            pack_size=packing[name].pack_size,
            litres_per_unit=packing[name].litres_per_unit,
            min_shelf_life_days=packing[name].min_shelf_life_days,
            pin_min=pin_min[k],
            pin_max=pin_max[k],
        )
        for name, k in item.items()
    )
    is_depot = {row.id: row.depot for row in instance.facilities}
    depots = np.array([is_depot[name] for name in facility_ids], dtype=bool)
    factor = {row.id: row.vulnerability for row in instance.facilities}
    points = instance.weights or STANDARD_WEIGHTS
    return ProblemArrays(
        facility_ids,
        item_ids,
        depots,
        network,
        items,
        vulnerability=np.array([factor[name] for name in facility_ids], dtype=np.float64),
        weights=np.array([points[name] for name in CLASSES], dtype=np.int64),
        unroutable_pins=unroutable,
    )


def _network(instance: Instance, facility: dict[str, int]) -> Network:
    arcs = sorted(
        (facility[arc.origin], facility[arc.destination], arc.lead_days) for arc in instance.arcs
    )
    table = np.array(arcs, dtype=np.int64).reshape(-1, 3)
    litres = np.full((len(facility), instance.horizon_days), np.inf)
    for vehicle in instance.vehicles:
        litres[facility[vehicle.facility]] = 0.0
    for vehicle in instance.vehicles:
        if vehicle.day < instance.horizon_days:
            carried = vehicle.trips * max(vehicle.litres_per_trip, NO_LITRES)
            litres[facility[vehicle.facility], vehicle.day] += carried
    return Network(
        n_facilities=len(facility),
        n_days=instance.horizon_days,
        origin=table[:, 0],
        destination=table[:, 1],
        lead_days=table[:, 2],
        vehicle_litres=litres,
    )


def _pins(
    instance: Instance, network: Network, facility: dict[str, int], item: dict[str, int]
) -> tuple[Ints, Ints, tuple[tuple[str, str, str, int], ...]]:
    """Pins by item and arc; a pair without a highest figure in one row has none at all."""
    at_least = np.zeros((len(item), network.n_arcs), dtype=np.int64)
    at_most = np.full((len(item), network.n_arcs), -1, dtype=np.int64)
    unroutable: dict[tuple[str, str, str], int] = {}
    unlimited: set[tuple[int, int]] = set()
    for pin in instance.pins:
        arc = network.arc_index.get((facility[pin.origin], facility[pin.destination]))
        if arc is None:
            key = (pin.origin, pin.destination, pin.item)
            unroutable[key] = unroutable.get(key, 0) + pin.min_quantity
            continue
        cell = (item[pin.item], arc)
        at_least[cell] += pin.min_quantity
        if pin.max_quantity is None:
            unlimited.add(cell)
        else:
            at_most[cell] = max(0, int(at_most[cell])) + pin.max_quantity
    for cell in unlimited:
        at_most[cell] = -1
    return at_least, at_most, tuple((*key, n) for key, n in sorted(unroutable.items()) if n > 0)


def _day_of(expiry: date | None, start: date) -> int:
    return NEVER_DAY if expiry is None else (expiry - start).days


def _lots(instance: Instance, item: dict[str, int]) -> list[list[tuple[int, str]]]:
    """For each item its lots as (expiry day, lot id), in order of use."""
    found: list[set[tuple[int, str]]] = [set() for _ in item]
    for row in instance.stock_rows:
        found[item[row.item]].add((_day_of(row.expiry, instance.start), row.lot))
    return [sorted(lots) for lots in found]


def _supply(
    instance: Instance,
    facility: dict[str, int],
    item: dict[str, int],
    lots: list[list[tuple[int, str]]],
) -> list[Ints]:
    number = [{lot: index for index, (_, lot) in enumerate(found)} for found in lots]
    shape = (len(facility), instance.horizon_days)
    supply = [np.zeros((shape[0], len(found), shape[1]), dtype=np.int64) for found in lots]
    for row in instance.stock_rows:
        day = row.day if isinstance(row, Arrival) else 0
        if day < shape[1] and day <= _day_of(row.expiry, instance.start):
            k = item[row.item]
            supply[k][facility[row.facility], number[k][row.lot], day] += row.quantity
    return supply


def moves_of_plan(
    problem: ProblemArrays, transfers: Iterable[tuple[str, str, str, str, int, int]]
) -> list[Moves]:
    """Transfers (from, to, item, lot, day, quantity) by item; raises KeyError for unknown ids."""
    facility = {name: f for f, name in enumerate(problem.facility_ids)}
    number = {name: k for k, name in enumerate(problem.item_ids)}
    lots = [{lot: i for i, lot in enumerate(item.lot_ids)} for item in problem.items]
    rows: list[list[tuple[int, int, int, int]]] = [[] for _ in problem.items]
    for origin, destination, item, lot, day, quantity in transfers:
        k = number[item]
        arc = problem.network.arc_index[facility[origin], facility[destination]]
        rows[k].append((arc, lots[k][lot], day, quantity))
    return [Moves.of(found) for found in rows]
