"""A bound of the whole where parts were solved apart: every item over all ways, at the parts' prices.

For any prices λ ≥ 0 per litre of a sender's day, what all items cost at best, each alone and paying
for its litres, less what all vehicles are worth, is no more than the optimum (``flows.prices``, (1)). The
parts have found good prices for vehicles of their own; here the items may use the ways across the
cuts as well, so the bound holds for every plan of the whole.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from supply.allocation.arrays import Ints, Moves, build_arrays
from supply.allocation.flows.prices import Askers
from supply.allocation.instance import CLASSES, STANDARD_WEIGHTS, Facility, Instance
from supply.allocation.market import TOLERANCE
from supply.allocation.model import create_item_model
from supply.allocation.quotas import best_quotas, flows_of

Prices = Mapping[str, Sequence[float]]
"""Facility id to points per litre of its vehicles, by day; no entry: 0."""


ROUNDS_MAX, STEP = 200, 0.1
"""Of bettering the prices, which are near the best, and its first step."""

LEAST_SHARE = 1e-3
"""Of the mean price that every litre costs at first: a price of nothing would never move."""


def pooled_unmet(instance: Instance, places: set[str]) -> Ints:
    """(K,) points of each item that stay unmet even if the stock and need of ``places`` were all in
    one place.

    A unit serves from the day it comes in to its expiry wherever it is, so whatever any plan serves
    can be served there: a bound if nobody else sends to ``places``; weak where transport is short.
    """
    points = instance.weights or STANDARD_WEIGHTS
    order = tuple(sorted(range(len(CLASSES)), key=lambda c: -points[CLASSES[c]]))
    in_one_place: dict[str, Any] = {
        table: tuple(
            replace(row, facility="pool")
            for row in getattr(instance, table)
            if row.facility in places
        )
        for table in ("lots", "arrivals", "demand")
    }
    pool = Instance(
        start=instance.start,
        horizon_days=instance.horizon_days,
        facilities=(Facility("pool"),),
        items=instance.items,
        weights=instance.weights,
        **in_one_place,
    )
    problem = build_arrays(pool)
    unmet = np.zeros(len(problem.items), dtype=np.int64)
    for k, item in enumerate(problem.items):
        served = best_quotas(item, flows_of(item, problem.network, Moves.none()), order)
        missing = (item.demand - served).sum(axis=(0, 2)).astype(np.int64)
        unmet[k] = (missing * problem.weights).sum()
    return unmet


def bound_over_all_ways(instance: Instance, prices: Prices, deadline: float) -> int:
    """Points below which no plan of the instance can be, from the parts' ``prices``, which are bettered
    until ``deadline`` (``time.monotonic``); everybody is asked once however late it is. Never negative.
    """
    problem = build_arrays(instance)
    network, weights = problem.network, problem.weights
    litre_points = np.zeros(network.vehicle_litres.shape)
    for f, name in enumerate(problem.facility_ids):
        litre_points[f] = prices.get(name, 0.0)
    litre_points = np.maximum(litre_points, LEAST_SHARE * litre_points.mean())
    litre_points[~np.isfinite(network.vehicle_litres)] = 0.0
    models = [create_item_model(i, network, weights, with_pins=False) for i in problem.items]
    askers = Askers(models, network)
    seconds = deadline - time.monotonic()
    value, _ = askers.search(seconds, ROUNDS_MAX, start=litre_points, step=STEP)
    needed = sum(int((item.demand.sum(axis=(0, 2)) * weights).sum()) for item in problem.items)
    unmet = max(needed + value, float(pooled_unmet(instance, set(problem.facility_ids)).sum()))
    return max(0, int(np.ceil(unmet - TOLERANCE * max(1.0, needed))))
