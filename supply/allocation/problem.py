"""From what the rooms below know to an allocation instance. Pure.

Ids of the instance are codes people know: facilities and items by their codes, lots by the maker's
number, which is one lot everywhere for its item. Demand is the projected burn in whole units: a
day's need is the rise of the rounded running total, so that rounding never loses or adds more than
one unit over the whole horizon (0.4 a day for 5 days: 0, 1, 0, 1, 0). The reserve of a facility and
item is `reserve_days` of its mean daily need, rounded up.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from supply.allocation.instance import (
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
from supply.allocation.transport import Transport
from supply.core.text import Text


@dataclass(frozen=True)
class Place:
    """A facility; `ward_code` orders the stations into neighbours ("" for none)."""

    code: str
    kind: str
    ward_code: str
    is_depot: bool
    is_private: bool


@dataclass(frozen=True)
class Goods:
    """An item: base units in its usual pack (1 without one), litres per unit; `movable`: a lorry or
    motorcycle can carry it (liquid oxygen in a tank is not)."""

    code: str
    pack_size: int
    litres_per_unit: float
    movable: bool = True


@dataclass(frozen=True)
class Stock:
    """Units of a lot at a facility: on hand (`day` 0), or coming in on the morning of `day`."""

    facility: str
    item: str
    lot: str
    expiry: date | None
    quantity: int
    day: int = 0


@dataclass(frozen=True)
class Promise:
    """A transfer of an earlier approved plan that has not left yet: it is no longer free to plan."""

    origin: str
    destination: str
    item: str
    lot: str
    quantity: int
    day: int


@dataclass(frozen=True)
class Burn:
    """Projected use of an item by one class, in base units per day (floats), from day 0."""

    facility: str
    item: str
    demand_class: str
    units_per_day: Sequence[float]


@dataclass(frozen=True)
class Fleet:
    """What one vehicle of a facility carries."""

    facility: str
    trips_per_day: int
    litres_per_trip: float


@dataclass(frozen=True)
class World:
    """Everything known of a district on the morning the plan starts."""

    places: tuple[Place, ...]
    goods: tuple[Goods, ...]
    on_hand: tuple[Stock, ...] = ()
    coming: tuple[Stock, ...] = ()
    promised: tuple[Promise, ...] = ()
    burn: tuple[Burn, ...] = ()
    fleet: tuple[Fleet, ...] = ()


@dataclass(frozen=True)
class Question:
    """What the planner asks: from when, how far, how much is kept back, who takes part."""

    start: date
    horizon_days: int
    reserve_days: int
    transport: Transport
    include_private: bool = False


@dataclass(frozen=True)
class Problem:
    """The instance, and what people must know about how it was made."""

    instance: Instance
    notes: tuple[Text, ...] = field(default=())


def build_problem(world: World, question: Question) -> Problem:
    """The instance for `question`. Without demand the instance has no items and the notes say so."""
    places = tuple(p for p in world.places if question.include_private or not p.is_private)
    taking_part = {p.code for p in places}
    demand = _demand(world.burn, taking_part, question.horizon_days)
    movable = {g.code for g in world.goods if g.movable}
    fixed_items = {d.item for d in demand} - movable
    demand = tuple(d for d in demand if d.item in movable)
    needed = {d.item for d in demand}
    in_need = {d.facility for d in demand}
    on_hand, coming = _free_stock(world, question)
    senders = {f.facility for f in world.fleet if f.trips_per_day > 0 and f.litres_per_trip > 0}

    def kept(rows: Iterable[Stock]) -> list[Stock]:
        return [r for r in rows if r.facility in taking_part and r.item in needed]

    instance = Instance(
        start=question.start,
        horizon_days=question.horizon_days,
        # A medical centre that also treats patients is no mere depot: depots have no demand.
        facilities=tuple(
            Facility(p.code, depot=p.is_depot and p.code not in in_need) for p in places
        ),
        items=tuple(
            Item(g.code, g.pack_size, g.litres_per_unit, question.transport.min_shelf_life_days)
            for g in world.goods
            if g.code in needed
        ),
        lots=tuple(Lot(s.facility, s.item, s.lot, s.expiry, s.quantity) for s in kept(on_hand)),
        arrivals=tuple(
            Arrival(s.facility, s.item, s.lot, s.expiry, s.day, s.quantity) for s in kept(coming)
        ),
        demand=demand,
        reserve=_reserve(demand, question),
        arcs=_arcs(places, senders, question.transport),
        vehicles=_vehicles(world.fleet, taking_part, question.horizon_days),
    )
    return Problem(instance, _notes(world, question, instance, senders, fixed_items))


def whole_units(units_per_day: Sequence[float]) -> list[int]:
    """Whole units a day whose running total is the rounded running total of `units_per_day`."""
    total, before, found = 0.0, 0, []
    for units in units_per_day:
        total += max(0.0, float(units))
        now = math.floor(total + 0.5)
        found.append(now - before)
        before = now
    return found


def _demand(burn: Iterable[Burn], taking_part: set[str], days: int) -> tuple[Demand, ...]:
    return tuple(
        Demand(b.facility, b.item, b.demand_class, day, units)
        for b in burn
        if b.facility in taking_part
        for day, units in enumerate(whole_units(list(b.units_per_day)[:days]))
        if units > 0
    )


def _reserve(demand: Iterable[Demand], question: Question) -> tuple[Reserve, ...]:
    needed: defaultdict[tuple[str, str], int] = defaultdict(int)
    for d in demand:
        needed[d.facility, d.item] += d.quantity
    if question.reserve_days == 0:
        return ()
    return tuple(
        Reserve(*key, -(-units * question.reserve_days // question.horizon_days))
        for key, units in sorted(needed.items())
    )


def _free_stock(world: World, question: Question) -> tuple[list[Stock], list[Stock]]:
    """Stock on hand and coming in, with what earlier plans promised already moved."""
    owed: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    expiry = {(s.item, s.lot): s.expiry for s in (*world.on_hand, *world.coming)}
    for p in world.promised:
        owed[p.origin, p.item, p.lot] += p.quantity
    on_hand = []
    for s in world.on_hand:
        if s.expiry is not None and s.expiry < question.start:
            continue
        key = (s.facility, s.item, s.lot)
        taken = min(owed[key], s.quantity)
        owed[key] -= taken
        if s.quantity > taken:
            on_hand.append(Stock(s.facility, s.item, s.lot, s.expiry, s.quantity - taken))
    coming = [s for s in world.coming if s.quantity > 0]
    coming += [
        Stock(p.destination, p.item, p.lot, expiry[p.item, p.lot], p.quantity, p.day)
        for p in world.promised
        if (p.item, p.lot) in expiry
    ]
    return on_hand, coming


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


def _notes(
    world: World, question: Question, instance: Instance, senders: set[str], fixed: set[str]
) -> tuple[Text, ...]:
    """What a person defending the plan must be able to say of how it was asked."""
    at = question.transport
    notes = [
        Text(
            f"Giả định cần xác nhận: chuyển từ kho trung tâm mất {at.depot_lead_days} ngày, giữa hai "
            f"trạm mất {at.station_lead_days} ngày; mỗi trạm trao đổi với kho trung tâm và "
            f"{at.neighbours_per_station} trạm liền trước, liền sau theo mã phường; hàng đến nơi còn "
            f"hạn ít nhất {at.min_shelf_life_days} ngày.",
            f"Assumptions to be confirmed: {at.depot_lead_days} day from the depot, "
            f"{at.station_lead_days} day between stations; each station exchanges with the depot and "
            f"the {at.neighbours_per_station} stations before and after it by ward code; goods "
            f"arrive with at least {at.min_shelf_life_days} days of shelf life.",
        )
    ]
    private = sum(p.is_private for p in world.places)
    if private and not question.include_private:
        notes.append(
            Text(
                f"{private} cơ sở ngoài công lập chưa tham gia điều phối (chỉ tham gia khi đồng ý).",
                f"{private} private facilities take no part (they do only by agreement).",
            )
        )
    if idle := sorted({f.id for f in instance.facilities} - senders):
        notes.append(
            Text(
                f"Chưa khai phương tiện nên không gửi hàng đi được: {', '.join(idle)}.",
                f"No vehicle recorded, so these cannot send: {', '.join(idle)}.",
            )
        )
    if fixed:
        notes.append(
            Text(
                f"Không chuyển được bằng xe thường nên không đưa vào kế hoạch: {', '.join(sorted(fixed))}.",
                f"Cannot be carried by ordinary vehicles, so left out: {', '.join(sorted(fixed))}.",
            )
        )
    if world.promised:
        notes.append(
            Text(
                f"Đã trừ {len(world.promised)} dòng hàng của các kế hoạch đã duyệt mà chưa gửi đi.",
                f"{len(world.promised)} lines of approved plans that have not left yet are set aside.",
            )
        )
    return tuple(notes)
