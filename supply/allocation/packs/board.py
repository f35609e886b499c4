"""All items' stock, shipments and vehicle room as plain arrays, as compiled code wants them.

Where an item has its own number of lots its tables lie one behind the other in one flat array:
the cell of (item, facility, lot, day) is ``cell0[k] + (f · lots + lot) · days + day``, that of a
shipment ``sent0[k] + (arc · lots + lot) · days + day``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from supply.allocation.arrays import Floats, Ints, Network, ProblemArrays

ORIGIN, DESTINATION, LEAD, INTO = range(4)
"""Columns of ``arcs``; the last holds arcs in the order of their destinations."""

IN, OUT = range(2)
"""Columns of ``ends``: where a facility's arcs begin among those sorted by destination, by origin."""

PACK, SHELF, LOTS, LOT0, CELL0, SENT0 = range(6)
"""Columns of ``item``: units of a pack, days of shelf life, lots, and where the item's tables begin."""

RESERVE, NEEDED = range(2)
"""Columns of ``place``: units to keep, units needed in all."""

LEAST, MOST, MOVED = range(3)
"""Columns of ``pins``: the planner's least and most (-1: none), and what goes."""

LEFT, BEFORE, AFTER, OUTGO, BROKEN = range(5)
"""Columns of ``stock``: units after the day's dispatches if nothing is used; units that come in before
and after dispatch; units that leave; 1 where a broken pack takes everything left."""


class Board(NamedTuple):
    """The first block is given and never changes, the second is the state of the transfers.

    ``arcs`` (A, 4), ``ends`` (F + 1, 2), ``vehicle`` (F, T) litres a sender can move, ``item`` (K, 6),
    ``volume`` (K,) litres per unit, ``expiry`` (all lots,) day, ``place`` (K, F, 2), ``demand``
    (K, F, C, T), ``order`` (C,) classes, heaviest first.

    ``pins`` (K, A, 3), ``litres`` (F, T) room left, ``stock`` (cells, 5), ``sends`` (K, F, T) lots
    sent, ``sent`` (shipments,) units; ``points`` (F, C) per unmet unit, ``missing`` (K, F, C) units and
    ``cost`` (K, F) points as last counted.
    """

    arcs: Ints
    ends: Ints
    vehicle: Floats
    item: Ints
    volume: Floats
    expiry: Ints
    place: Ints
    demand: Ints
    order: Ints

    pins: Ints
    litres: Floats
    stock: Ints
    sends: Ints
    sent: Ints
    points: Floats
    missing: Ints
    cost: Floats


def lay_out(problem: ProblemArrays) -> Board:
    """The board before anything is sent; missing units are not counted yet."""
    network, items = problem.network, problem.items
    shape, n_classes = (len(items), network.n_facilities), len(problem.weights)
    lots = np.array([item.n_lots for item in items], dtype=np.int64)
    cells, shipments = network.n_facilities * network.n_days, network.n_arcs * network.n_days
    per_item = [[item.pack_size for item in items], [item.min_shelf_life_days for item in items]]
    starts = [_starts(lots), _starts(lots * cells), _starts(lots * shipments)]
    return Board(
        arcs=_arcs(network),
        ends=_ends(network),
        vehicle=np.ascontiguousarray(network.vehicle_litres),
        item=_columns([*(np.array(one, dtype=np.int64) for one in per_item), lots, *starts]),
        volume=np.array([item.litres_per_unit for item in items], dtype=np.float64),
        expiry=_joined([item.expiry_day for item in items]),
        place=_columns(
            [
                _stacked([item.reserve for item in items], shape),
                _stacked([item.demand.sum(axis=(1, 2)) for item in items], shape),
            ]
        ),
        demand=_stacked([item.demand for item in items], (*shape, n_classes, network.n_days)),
        order=np.array(problem.class_order, dtype=np.int64),
        pins=_pins(problem),
        litres=network.vehicle_litres.copy(),
        stock=_stock(problem),
        sends=np.zeros((*shape, network.n_days), dtype=np.int64),
        sent=np.zeros(int(lots.sum()) * shipments, dtype=np.int64),
        points=np.zeros((network.n_facilities, n_classes)),
        missing=np.zeros((*shape, n_classes), dtype=np.int64),
        cost=np.zeros(shape),
    )


def _arcs(network: Network) -> Ints:
    """(A, 4); those of one origin already lie together."""
    into = np.argsort(network.destination, kind="stable")
    return _columns([network.origin, network.destination, network.lead_days, into])


def _ends(network: Network) -> Ints:
    """(F + 1, 2)."""
    places = np.arange(network.n_facilities + 1)
    destinations = np.sort(network.destination)
    return _columns([np.searchsorted(ends, places) for ends in (destinations, network.origin)])


def _pins(problem: ProblemArrays) -> Ints:
    """(K, A, 3) with nothing moved."""
    shape = (len(problem.items), problem.network.n_arcs)
    least = _stacked([item.pin_min for item in problem.items], shape)
    most = _stacked([item.pin_max for item in problem.items], shape)
    return _columns([least, most, np.zeros_like(least)])


def _stock(problem: ProblemArrays) -> Ints:
    """(cells, 5) before anything is sent."""
    supply = _joined([item.supply for item in problem.items])
    left = _joined([np.cumsum(item.supply, axis=2) for item in problem.items])
    return _columns([left, supply, *(np.zeros_like(supply) for _ in range(3))])


def _columns(tables: list[Ints]) -> Ints:
    """Tables of one shape side by side in a last dimension."""
    return np.ascontiguousarray(np.stack(tables, axis=-1))


def _joined(parts: list[Ints]) -> Ints:
    """All parts one behind the other, flat."""
    flat: Ints = np.concatenate([np.zeros(0, dtype=np.int64), *(part.ravel() for part in parts)])
    return flat


def _stacked(parts: list[Ints], shape: tuple[int, ...]) -> Ints:
    """Parts of one shape as one table; of ``shape`` where there are none."""
    table: Ints = np.stack(parts) if parts else np.zeros(shape, dtype=np.int64)
    return np.ascontiguousarray(table)


def _starts(sizes: Ints) -> Ints:
    starts: Ints = np.cumsum(sizes) - sizes
    return starts
