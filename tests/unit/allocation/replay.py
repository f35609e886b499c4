"""A plan carried out day by day on paper, for the tests: written from ``docs/formats`` alone.

Shares nothing with ``check`` or the solver. Whatever a rule forbids is an AssertionError that says
which; what becomes of every unit of every lot is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from supply.allocation.instance import Arrival, Instance
from supply.allocation.plan import Plan, Transfer

Place = tuple[str, str, str]
"""(facility, item, lot)"""


@dataclass
class Fate:
    """What became of the units of each (item, lot)."""

    came: Counter[tuple[str, str]] = field(default_factory=Counter)
    used: Counter[tuple[str, str]] = field(default_factory=Counter)
    expired: Counter[tuple[str, str]] = field(default_factory=Counter)
    on_the_road: Counter[tuple[str, str]] = field(default_factory=Counter)
    left: Counter[tuple[str, str]] = field(default_factory=Counter)


class Paper:
    """The books of all facilities, kept by hand."""

    def __init__(self, instance: Instance, plan: Plan) -> None:
        self.instance, self.plan = instance, plan
        self.items = {row.id: row for row in instance.items}
        self.lead = {(row.origin, row.destination): row.lead_days for row in instance.arcs}
        self.expiry = {(row.item, row.lot): row.expiry for row in instance.stock_rows}
        self.stock: Counter[Place] = Counter()
        self.fate = Fate()

    def carry_out(self) -> Fate:
        """All days of the plan."""
        for day in range(self.instance.horizon_days):
            self.drop_expired(day)
            self.come_in(day)
            self.send(day)
            self.take_in(t for t in self.sent_on(day) if self.lead[t.origin, t.destination] == 0)
            self.dispense(day)
        for (_, item, lot), units in self.stock.items():
            self.fate.left[item, lot] += units
        for t in self.plan.transfers:
            if t.day + self.lead[t.origin, t.destination] >= self.instance.horizon_days:
                self.fate.on_the_road[t.item, t.lot] += t.quantity
        return self.fate

    def date_of(self, day: int) -> date:
        return self.instance.start + timedelta(days=day)

    def sent_on(self, day: int) -> list[Transfer]:
        return [t for t in self.plan.transfers if t.day == day]

    def drop_expired(self, day: int) -> None:
        for place, units in list(self.stock.items()):
            last = self.expiry[place[1:]]
            if last is not None and last < self.date_of(day):
                self.fate.expired[place[1:]] += units
                del self.stock[place]

    def come_in(self, day: int) -> None:
        for row in self.instance.stock_rows:
            if day == (row.day if isinstance(row, Arrival) else 0):
                last = self.expiry[row.item, row.lot]
                self.fate.came[row.item, row.lot] += row.quantity
                if last is not None and last < self.date_of(day):
                    self.fate.expired[row.item, row.lot] += row.quantity
                else:
                    self.stock[row.facility, row.item, row.lot] += row.quantity
        self.take_in(
            t
            for t in self.plan.transfers
            if (lead := self.lead[t.origin, t.destination]) > 0 and t.day + lead == day
        )

    def take_in(self, arrived: Iterator[Transfer]) -> None:
        for t in arrived:
            self.stock[t.destination, t.item, t.lot] += t.quantity

    def send(self, day: int) -> None:
        broken: Counter[Place] = Counter()
        for t in self.sent_on(day):
            arrival = self.date_of(day + self.lead[t.origin, t.destination])
            last = self.expiry[t.item, t.lot]
            if last is not None:
                assert last >= self.date_of(day), "nothing leaves after its expiry"
                kept = (last - arrival).days
                assert kept >= self.items[t.item].min_shelf_life_days, "it arrives with shelf life"
            place = (t.origin, t.item, t.lot)
            self.stock[place] -= t.quantity
            assert self.stock[place] >= 0, "nobody sends what is not there"
            broken[place] += t.quantity % self.items[t.item].pack_size > 0
        for place, times in broken.items():
            assert times == 0 or (times == 1 and self.stock[place] == 0), (
                "whole packs, or all of it"
            )
        self.hold_reserve(day)
        self.fit_vehicles(day)

    def hold_reserve(self, day: int) -> None:
        for origin, item in {(t.origin, t.item) for t in self.sent_on(day)}:
            kept = sum(n for (f, k, _), n in self.stock.items() if (f, k) == (origin, item))
            rows = self.instance.reserve
            asked = sum(r.quantity for r in rows if (r.facility, r.item) == (origin, item))
            assert kept >= asked, "the reserve stays on site after every dispatch"

    def fit_vehicles(self, day: int) -> None:
        vehicles = self.instance.vehicles
        for origin in {row.facility for row in vehicles}:
            mine = [row for row in vehicles if (row.facility, row.day) == (origin, day)]
            room = sum(row.trips * row.litres_per_trip for row in mine)
            loads = [t for t in self.sent_on(day) if t.origin == origin]
            litres = sum(t.quantity * self.items[t.item].litres_per_unit for t in loads)
            assert litres <= room * (1 + 1e-9) + 1e-9, "vehicles carry what they can"
            assert sum(row.trips for row in mine) or not loads, "no trip, no dispatch"

    def dispense(self, day: int) -> None:
        wanted: Counter[tuple[str, str]] = Counter()
        for q in self.plan.quotas:
            if q.day == day:
                wanted[q.facility, q.item] += q.quantity
        for (facility, item), units in wanted.items():
            lots = [lot for f, k, lot in self.stock if (f, k) == (facility, item)]
            for lot in sorted(lots, key=lambda lot: (self.expiry[item, lot] or date.max, lot)):
                place = (facility, item, lot)
                taken = max(0, min(units, self.stock[place] - self.spoken_for(place, day)))
                self.stock[place] -= taken
                self.fate.used[item, lot] += taken
                units -= taken
            assert units == 0, "nobody dispenses what is not there"

    def spoken_for(self, place: Place, day: int) -> int:
        """Units that later shipments of the lot need today's stock for."""
        facility, item, lot = place
        most = so_far = 0
        for later in range(day + 1, self.instance.horizon_days):
            for row in self.instance.arrivals:
                if (row.facility, row.item, row.lot, row.day) == (*place, later):
                    so_far -= row.quantity
            for t in self.plan.transfers:
                if (t.item, t.lot) != (item, lot):
                    continue
                lead = self.lead[t.origin, t.destination]
                if t.destination == facility and t.day + max(lead, 1) == later > day + (lead == 0):
                    so_far -= t.quantity
                if t.origin == facility and t.day == later:
                    so_far += t.quantity
            most = max(most, so_far)
        return most
