"""From what the rooms below know to an allocation instance. Pure.

Ids of the instance are codes people know: facilities and items by their codes, lots by the maker's
number, which is one lot everywhere for its item. Demand is the projected burn in whole units: a
day's need is the rise of the rounded running total, so that rounding never loses or adds more than
one unit over the whole horizon (0.4 a day for 5 days: 0, 1, 0, 1, 0).

The reserve of a facility and item is `reserve_days` of its mean daily need, rounded up, or what the
approved list says, or the larger. What an open requisition asks for beyond the forecast counts as
need of the last class, so that asking for more never puts a place before another's patients.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from supply.allocation.asking.notes import notes_of
from supply.allocation.asking.world import (
    NO_COLD,
    Burn,
    Fleet,
    Goods,
    Place,
    Promise,
    Question,
    Stock,
    Wish,
    World,
)
from supply.allocation.carrying.free import free_stock
from supply.allocation.instance import (
    CLASSES,
    Arc,
    Arrival,
    Demand,
    Facility,
    Instance,
    Item,
    Lot,
    Pin,
    Reserve,
    Vehicle,
)
from supply.allocation.transport import Transport
from supply.core.text import Text

__all__ = [
    "Burn",
    "Fleet",
    "Goods",
    "Place",
    "Problem",
    "Promise",
    "Question",
    "Stock",
    "World",
    "build_problem",
    "needs_of",
    "whole_units",
]


@dataclass(frozen=True)
class Problem:
    """The instance, and what people must know about how it was made."""

    instance: Instance
    notes: tuple[Text, ...] = field(default=())


def build_problem(world: World, question: Question) -> Problem:
    """The instance for `question`. Without demand the instance has no items and the notes say so."""
    places = tuple(p for p in world.places if not p.is_private or p.code in question.partners)
    taking_part = {p.code for p in places}
    demand = needs_of(world, question)
    movable = {g.code for g in world.goods if g.movable}
    fixed_items = {d.item for d in demand} - movable
    demand = tuple(d for d in demand if d.item in movable)
    needed = {d.item for d in demand}
    in_need = {d.facility for d in demand}
    on_hand, coming = free_stock(world.on_hand, world.coming, world.promised, question.start)
    senders = {f.facility for f in world.fleet if f.trips_per_day > 0 and f.litres_per_trip > 0}
    goods = tuple(g for g in world.goods if g.code in needed)
    arcs = _arcs(places, senders, question.transport)
    weights = question.weights

    def kept(rows: Iterable[Stock]) -> list[Stock]:
        return [r for r in rows if r.facility in taking_part and r.item in needed]

    instance = Instance(
        start=question.start,
        horizon_days=question.horizon_days,
        # A medical centre that also treats patients is no mere depot: depots have no demand.
        facilities=tuple(
            Facility(
                p.code,
                depot=p.is_depot and p.code not in in_need,
                vulnerability=p.vulnerability if question.vulnerability else 1.0,
            )
            for p in places
        ),
        items=tuple(
            Item(g.code, g.pack_size, g.litres_per_unit, question.transport.min_shelf_life_days)
            for g in goods
        ),
        lots=tuple(Lot(s.facility, s.item, s.lot, s.expiry, s.quantity) for s in kept(on_hand)),
        arrivals=tuple(
            Arrival(s.facility, s.item, s.lot, s.expiry, s.day, s.quantity) for s in kept(coming)
        ),
        demand=demand,
        reserve=_reserve(world, demand, question, taking_part, needed),
        arcs=arcs,
        vehicles=_vehicles(world.fleet, taking_part, question.horizon_days),
        pins=_kept_cold(goods, arcs, world.fleet),
        weights=None if weights is None else dict(zip(CLASSES, weights, strict=True)),
    )
    return Problem(instance, notes_of(world, question, instance, senders, fixed_items))


def whole_units(units_per_day: Sequence[float]) -> list[int]:
    """Whole units a day whose running total is the rounded running total of `units_per_day`."""
    total, before, found = 0.0, 0, []
    for units in units_per_day:
        total += max(0.0, float(units))
        now = math.floor(total + 0.5)
        found.append(now - before)
        before = now
    return found


def needs_of(world: World, question: Question) -> tuple[Demand, ...]:
    """What the places that take part need, day by day: the forecast, and with `count_requests` what
    open requisitions ask for beyond it. Also of what no vehicle carries."""
    days = question.horizon_days
    taking_part = {p.code for p in world.places if not p.is_private or p.code in question.partners}
    found = [
        Demand(b.facility, b.item, b.demand_class, day, units)
        for b in world.burn
        if b.facility in taking_part
        for day, units in enumerate(whole_units(list(b.units_per_day)[:days]))
        if units > 0
    ]
    if question.count_requests:
        wishes = [w for w in world.wishes if w.facility in taking_part]
        found += _asked_beyond(found, wishes, days, question.transport.depot_lead_days)
    return tuple(found)


def _asked_beyond(
    demand: Iterable[Demand], wishes: Iterable[Wish], days: int, lead_days: int
) -> list[Demand]:
    """The part of the requisitions above the forecast, spread evenly from the day it is needed by, or
    from the first on which it can come. 500 asked, 380 forecast: 120 more."""
    forecast: defaultdict[tuple[str, str], int] = defaultdict(int)
    for d in demand:
        forecast[d.facility, d.item] += d.quantity
    asked: defaultdict[tuple[str, str], int] = defaultdict(int)
    from_day: dict[tuple[str, str], int] = {}
    for wish in wishes:
        first = lead_days if wish.day is None else max(wish.day, lead_days)
        if wish.day is not None and wish.day >= days:
            continue
        key = wish.facility, wish.item
        asked[key] += wish.quantity
        from_day[key] = min(first, from_day.get(key, first), days - 1)
    found = []
    for key, units in sorted(asked.items()):
        extra, spread = units - forecast[key], days - from_day[key]
        if extra > 0:
            found += [
                Demand(*key, CLASSES[-1], from_day[key] + day, part)
                for day, part in enumerate(whole_units([extra / spread] * spread))
                if part > 0
            ]
    return found


def _reserve(
    world: World,
    demand: Iterable[Demand],
    question: Question,
    taking_part: set[str],
    items: set[str],
) -> tuple[Reserve, ...]:
    kept: defaultdict[tuple[str, str], int] = defaultdict(int)
    if question.reserve in ("days", "both"):
        for d in demand:
            kept[d.facility, d.item] += d.quantity
        for key, units in kept.items():
            kept[key] = -(-units * question.reserve_days // question.horizon_days)
    if question.reserve in ("approved", "both"):
        for line in world.listed:
            if line.facility in taking_part and line.item in items:
                key = line.facility, line.item
                kept[key] = max(kept[key], -(-line.quantity * question.reserve_percent // 100))
    return tuple(Reserve(*key, units) for key, units in sorted(kept.items()) if units > 0)


def _arcs(places: Sequence[Place], senders: set[str], transport: Transport) -> tuple[Arc, ...]:
    """Depots to and from everybody; each station to and from the next ones by ward code."""
    ways: dict[tuple[str, str], int] = {}
    depots = [p for p in places if p.is_depot]
    stations = sorted(
        (p for p in places if p.ward_code and not p.is_depot), key=lambda p: (p.ward_code, p.code)
    )
    for depot in depots:
        for other in places:
            if other.code != depot.code:
                ways[depot.code, other.code] = transport.depot_lead_days
                ways[other.code, depot.code] = transport.depot_lead_days
    for number, one in enumerate(stations):
        for other in stations[number + 1 : number + 1 + transport.neighbours_per_station]:
            ways.setdefault((one.code, other.code), transport.station_lead_days)
            ways.setdefault((other.code, one.code), transport.station_lead_days)
    return tuple(Arc(*pair, days) for pair, days in sorted(ways.items()) if pair[0] in senders)


def _vehicles(fleet: Iterable[Fleet], taking_part: set[str], days: int) -> tuple[Vehicle, ...]:
    return tuple(
        Vehicle(f.facility, day, f.trips_per_day, f.litres_per_trip)
        for f in fleet
        if f.facility in taking_part and f.trips_per_day > 0
        for day in range(days)
    )


def _kept_cold(
    goods: Iterable[Goods], arcs: Sequence[Arc], fleet: Iterable[Fleet]
) -> tuple[Pin, ...]:
    """Goods of the cold chain leave only where a vehicle keeps their band: else "none at all"."""
    keeps = {(f.facility, f.cold) for f in fleet if f.trips_per_day > 0}
    return tuple(
        Pin(arc.origin, arc.destination, g.code, 0, 0)
        for g in goods
        if g.cold != NO_COLD
        for arc in arcs
        if (arc.origin, g.cold) not in keeps
    )
