"""Made-up instances at any scale, the same for the same numbers: districts in shortage.

Facilities lie in districts of sixteen, the first of each a depot. Stock is too little and in the
wrong places: some facilities hold for weeks, most for days. Nothing here claims to be real.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from supply.allocation.arrays import Floats, Ints
from supply.allocation.instance import (
    CLASSES,
    Arc,
    Arrival,
    Demand,
    Facility,
    Instance,
    Item,
    Lot,
    Reserve,
    Vehicle,
)

DISTRICT_SIZE = 16
NEIGHBOURS = 6
START = date(2022, 3, 1)
PACK_SIZES, PACK_LITRES_MAX = (1, 5, 10, 20, 50), 10.0
"""A pack is a box that one person carries."""

TRIP_SHARES = {"tight": 0.05, "firm": 0.25, "slack": 20.0}
"""Litres of a trip as a part of what a place needs a day: see decision 19."""

CLASS_SHARES = (0.12, 0.20, 0.18, 0.50)
"""Share of each class in the need of an item, in the order of ``CLASSES``."""


def synthetic_instance(
    facilities: int, items: int, days: int, seed: int = 1, vehicles: str = "tight"
) -> Instance:
    """A deterministic instance; ``vehicles`` is one of ``TRIP_SHARES`` or ``none`` (no limit)."""
    rng = np.random.default_rng([facilities, items, days, seed])
    places = tuple(
        Facility(f"F{f + 1:04d}", depot=facilities > 1 and f % DISTRICT_SIZE == 0)
        for f in range(facilities)
    )
    goods = tuple(_item(k, rng) for k in range(items))
    daily = _daily_need(places, goods, days, rng)
    lots, arrivals = _stock(places, goods, daily, rng)
    on_site = daily.sum(axis=2).mean(axis=2) * rng.uniform(0.5, 2.0, size=daily.shape[:2])
    return Instance(
        start=START,
        horizon_days=days,
        facilities=places,
        items=goods,
        lots=lots,
        arrivals=arrivals,
        demand=_demand(places, goods, daily),
        reserve=tuple(
            Reserve(places[f].id, goods[k].id, int(on_site[f, k]))
            for f, k in zip(*np.nonzero(on_site >= 1), strict=True)
        ),
        arcs=_arcs(places, rng),
        vehicles=_vehicles(places, goods, daily, vehicles, rng),
    )


def _item(k: int, rng: np.random.Generator) -> Item:
    drawn, litres = int(rng.choice(PACK_SIZES)), float(rng.choice([0.01, 0.05, 0.2, 1.0]))
    return Item(
        id=f"I{k + 1:04d}",
        pack_size=max(n for n in PACK_SIZES if n <= drawn and n * litres <= PACK_LITRES_MAX),
        litres_per_unit=litres,
        min_shelf_life_days=int(rng.choice([0, 2, 5])),
    )


def _daily_need(
    places: tuple[Facility, ...], goods: tuple[Item, ...], days: int, rng: np.random.Generator
) -> Ints:
    """(F, K, C, T) units: sizes of places and items, a rising wave, Poisson noise."""
    size = rng.lognormal(0.0, 0.5, len(places)) * np.array([not place.depot for place in places])
    rate = rng.lognormal(3.3, 0.7, len(goods))
    wave = np.linspace(0.8, 1.4, days)
    mean = np.einsum("f,k,c,t->fkct", size, rate, np.array(CLASS_SHARES), wave)
    return rng.poisson(mean).astype(np.int64)


def _stock(
    places: tuple[Facility, ...], goods: tuple[Item, ...], daily: Ints, rng: np.random.Generator
) -> tuple[tuple[Lot, ...], tuple[Arrival, ...]]:
    """A few lots per item, together 55-90 % of need, held unevenly; depots also receive."""
    days = daily.shape[3]
    lots, arrivals = [], []
    depots = np.array([place.depot for place in places])
    for k, good in enumerate(goods):
        need = float(daily[:, k].sum())
        share = rng.pareto(1.2, len(places)) + 0.05
        share[depots] += share.sum() / max(1, depots.sum()) * 0.6
        held = need * rng.uniform(0.55, 0.9) * share / share.sum()
        keeps = [int(rng.integers(1, days + 1)), int(rng.integers(days, 90)), 180]
        expiry = [START + timedelta(days=n) for n in keeps]
        split = rng.dirichlet([1.0, 2.0, 4.0], len(places))
        for f, lot in zip(*np.nonzero(held[:, None] * split >= 1), strict=True):
            quantity = int(held[f] * split[f, lot])
            lots.append(Lot(places[f].id, good.id, f"L{lot + 1}", expiry[lot], quantity))
        for f in np.flatnonzero(depots):
            day, quantity = int(rng.integers(1, days + 1)) - 1, int(need * 0.05)
            if quantity:
                arrivals.append(Arrival(places[f].id, good.id, "L9", None, day, quantity))
    return tuple(lots), tuple(arrivals)


def _demand(
    places: tuple[Facility, ...], goods: tuple[Item, ...], daily: Ints
) -> tuple[Demand, ...]:
    rows = zip(*np.nonzero(daily), strict=True)
    return tuple(
        Demand(places[f].id, goods[k].id, CLASSES[c], int(t), int(daily[f, k, c, t]))
        for f, k, c, t in rows
    )


def _arcs(places: tuple[Facility, ...], rng: np.random.Generator) -> tuple[Arc, ...]:
    """Depot to its district, each place to its nearest; lead 0 when near, a day or two when far."""
    at = rng.uniform(0, 10, (len(places), 2))
    district = np.arange(len(places)) // DISTRICT_SIZE
    at += 12.0 * np.stack([district % 8, district // 8], axis=1)
    found: dict[tuple[int, int], int] = {}
    for f in range(len(places)):
        apart = np.hypot(*(at - at[f]).T)
        near = np.argsort(apart, kind="stable")[1 : NEIGHBOURS + 1].tolist()
        if places[f].depot:
            near += [g for g in np.flatnonzero(district == district[f]).tolist() if g != f]
            near += np.flatnonzero([place.depot for place in places]).tolist()
        for g in near:
            if g != f:
                found[f, g] = int(min(2, apart[g] // 6))
    return tuple(Arc(places[f].id, places[g].id, lead) for (f, g), lead in sorted(found.items()))


def _vehicles(
    places: tuple[Facility, ...],
    goods: tuple[Item, ...],
    daily: Ints,
    kind: str,
    rng: np.random.Generator,
) -> tuple[Vehicle, ...]:
    """A trip a day and place, three from a depot; each carries at least one box."""
    if kind == "none":
        return ()
    litres: Floats = np.array([good.litres_per_unit for good in goods])
    mean = float(np.einsum("fkct,k->", daily, litres)) / daily.shape[3] / max(1, len(places))
    room = max(mean * TRIP_SHARES[kind], PACK_LITRES_MAX)
    rows = []
    for place in places:
        trips = 3 if place.depot else 1
        each = round(float(room * rng.uniform(0.7, 1.3)), 1)
        rows += [Vehicle(place.id, day, trips, each) for day in range(daily.shape[3])]
    return tuple(rows)
