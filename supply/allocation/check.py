"""Re-prove a plan without the solver: replay it day by day and list every broken rule.

Nothing here comes from the model, the solver or the repair; only the shapes of instance and plan
are shared. The order of a day and each rule are those of ``docs/formats/allocation-instance.md``.
A violation is data, not an exception: the list is empty exactly when the plan holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from supply.allocation.instance import CLASSES, Arrival, Instance
from supply.allocation.plan import Plan

LITRES_TOLERANCE = 1e-6
"""Relative rounding allowed when litres, which are not whole numbers, are added up."""

COVERAGE_TOLERANCE = 1e-5

LotKey = tuple[str, str, str]
"""(facility, item, lot)"""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: a stable code, the place in the plan, and words for a person."""

    code: str
    place: str
    text_vi: str
    text_en: str

    def line(self, language: str = "en") -> str:
        """One line: code, place, words."""
        return f"{self.code} {self.place}: {self.text_vi if language == 'vi' else self.text_en}"


def check(instance: Instance, plan: Plan) -> list[Violation]:
    """Every violation of the rules by the plan, structure first, then the days, then the figures."""
    sound = _Sound(instance, plan)
    found = list(sound.violations)
    found += _Replay(instance, sound).run()
    for prove in (_vehicles, _quota_limits):
        found += prove(instance, sound)
    for verify in (_pins_truthful, _coverage_truthful, _shortage_truthful):
        found += verify(instance, plan, sound)
    return found


class _Sound:
    """The plan's rows that can be replayed at all, added up by key; the others are violations."""

    def __init__(self, instance: Instance, plan: Plan) -> None:
        self.lead = {(arc.origin, arc.destination): arc.lead_days for arc in instance.arcs}
        self.facilities = {row.id for row in instance.facilities}
        self.items = {row.id: row for row in instance.items}
        self.expiry: dict[tuple[str, str], date | None] = {}
        for stock in instance.stock_rows:
            self.expiry[stock.item, stock.lot] = stock.expiry
        self.violations: list[Violation] = []
        self.sent: defaultdict[tuple[str, str, str, str, int], int] = defaultdict(int)
        self.given: defaultdict[tuple[str, str, str, int], int] = defaultdict(int)
        for index, row in enumerate(plan.transfers):
            faults = [
                *self._ids(facility=row.origin, item=row.item),
                *self._ids(facility=row.destination),
                *self._day(row.day, instance.horizon_days),
            ]
            if (row.item, row.lot) not in self.expiry:
                faults.append(("unknown_lot", f"không có lô {row.lot}", f"no lot {row.lot}"))
            if (row.origin, row.destination) not in self.lead:
                pair = f"{row.origin} → {row.destination}"
                faults.append(("no_arc", f"không có tuyến {pair}", f"there is no way {pair}"))
            if row.quantity <= 0:
                faults.append(("quantity", "số lượng phải lớn hơn 0", "quantity must be above 0"))
            if not self._report(f"transfers[{index}]", faults):
                key = (row.origin, row.destination, row.item, row.lot, row.day)
                self.sent[key] += row.quantity
        for index, quota in enumerate(plan.quotas):
            faults = [
                *self._ids(facility=quota.facility, item=quota.item),
                *self._day(quota.day, instance.horizon_days),
            ]
            if quota.demand_class not in CLASSES:
                name = quota.demand_class
                faults.append(("unknown_class", f"không có nhóm {name}", f"no class {name}"))
            if quota.quantity < 0:
                faults.append(("quantity", "định mức không được âm", "a quota is not negative"))
            if not self._report(f"quotas[{index}]", faults):
                named = (quota.facility, quota.item, quota.demand_class, quota.day)
                self.given[named] += quota.quantity

    def _ids(self, facility: str, item: str | None = None) -> Iterator[tuple[str, str, str]]:
        if facility not in self.facilities:
            yield "unknown_facility", f"không có cơ sở {facility}", f"no facility {facility}"
        if item is not None and item not in self.items:
            yield "unknown_item", f"không có mặt hàng {item}", f"no item {item}"

    @staticmethod
    def _day(day: int, horizon_days: int) -> Iterator[tuple[str, str, str]]:
        if not 0 <= day < horizon_days:
            yield "day", f"ngày {day} nằm ngoài kỳ", f"day {day} is outside the horizon"

    def _report(self, place: str, faults: list[tuple[str, str, str]]) -> bool:
        self.violations += [Violation(code, place, vi, en) for code, vi, en in faults]
        return bool(faults)


class _Replay:
    """The days in order, on dictionaries of whole units."""

    def __init__(self, instance: Instance, sound: _Sound) -> None:
        self.instance, self.sound = instance, sound
        self.found: list[Violation] = []
        self.stock: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        self.morning: defaultdict[int, list[tuple[LotKey, int]]] = defaultdict(list)
        self.leaving: defaultdict[int, dict[LotKey, dict[str, int]]] = defaultdict(dict)
        self.lead_zero: defaultdict[int, list[tuple[LotKey, int]]] = defaultdict(list)
        self.use: defaultdict[int, defaultdict[tuple[str, str], int]] = defaultdict(
            lambda: defaultdict(int)
        )
        self.claims: defaultdict[LotKey, dict[int, int]] = defaultdict(dict)
        self.receipts: defaultdict[LotKey, list[tuple[int, bool, int]]] = defaultdict(list)
        self.reserve: defaultdict[tuple[str, str], int] = defaultdict(int)
        for row in instance.reserve:
            self.reserve[row.facility, row.item] += row.quantity
        self._lay_out_supply()
        self._lay_out_plan()

    def _lay_out_supply(self) -> None:
        for row in self.instance.stock_rows:
            day = row.day if isinstance(row, Arrival) else 0
            self._comes_in((row.facility, row.item, row.lot), day, row.quantity)

    def _lay_out_plan(self) -> None:
        for (origin, destination, item, lot, day), quantity in self.sound.sent.items():
            source, target = (origin, item, lot), (destination, item, lot)
            self.leaving[day].setdefault(source, {})[destination] = quantity
            self.claims[source][day] = self.claims[source].get(day, 0) + quantity
            lead = self.sound.lead[origin, destination]
            if lead == 0:
                self.lead_zero[day].append((target, quantity))
                self.receipts[target].append((day, True, quantity))
            else:
                self._comes_in(target, day + lead, quantity)
        for (facility, item, _, day), quantity in self.sound.given.items():
            self.use[day][facility, item] += quantity

    def _comes_in(self, key: LotKey, day: int, quantity: int) -> None:
        self.morning[day].append((key, quantity))
        self.receipts[key].append((day, False, quantity))

    def run(self) -> list[Violation]:
        """All days; what is found along the way is in the order of the days."""
        for day in range(self.instance.horizon_days):
            self._receive(self.morning[day])
            self._dispatch(day)
            self._keep_reserve(day)
            self._receive(self.lead_zero[day])
            self._dispense(day)
        return self.found

    def _alive(self, item: str, lot: str, day: int) -> bool:
        expiry = self.sound.expiry[item, lot]
        return expiry is None or expiry >= self.instance.start + timedelta(days=day)

    def _receive(self, rows: list[tuple[LotKey, int]]) -> None:
        for (facility, item, lot), quantity in rows:
            held = self.stock[facility, item]
            held[lot] = held.get(lot, 0) + quantity

    def _dispatch(self, day: int) -> None:
        for (facility, item, lot), loads in self.leaving[day].items():
            place = f"{facility} {item} {lot} day {day}"
            held = self.stock[facility, item]
            there = held.get(lot, 0) if self._alive(item, lot, day) else 0
            wanted = sum(loads.values())
            if wanted > there:
                self._add(
                    "stock",
                    place,
                    f"chuyển {wanted} nhưng chỉ có {there}",
                    f"sends {wanted} but holds {there}",
                )
            self._packs(place, item, loads, there)
            self._shelf_life(place, (facility, item, lot), loads, day)
            held[lot] = max(0, there - wanted)

    def _packs(self, place: str, item: str, loads: dict[str, int], there: int) -> None:
        pack = self.sound.items[item].pack_size
        odd = sorted(to for to, quantity in loads.items() if quantity % pack)
        if not odd:
            return
        if len(odd) > 1:
            names = ", ".join(odd)
            self._add(
                "packs",
                place,
                f"quá một chuyến lẻ hộp trong ngày ({names})",
                f"more than one broken pack that day ({names})",
            )
        if sum(loads.values()) != there:
            self._add(
                "packs",
                place,
                f"chuyến lẻ hộp đến {odd[0]} không lấy hết lô (hộp {pack})",
                f"the broken pack to {odd[0]} leaves some of the lot behind (packs of {pack})",
            )

    def _shelf_life(self, place: str, key: LotKey, loads: dict[str, int], day: int) -> None:
        facility, item, lot = key
        expiry = self.sound.expiry[item, lot]
        least = self.sound.items[item].min_shelf_life_days
        for destination in loads:
            arrival_day = day + self.sound.lead[facility, destination]
            if expiry is None:
                continue
            left = (expiry - self.instance.start).days - arrival_day
            if left < least:
                self._add(
                    "shelf_life",
                    place,
                    f"đến {destination} còn hạn {left} ngày, cần ít nhất {least}",
                    f"reaches {destination} with {left} days of shelf life, {least} needed",
                )

    def _keep_reserve(self, day: int) -> None:
        for facility, item in {(f, k) for f, k, _ in self.leaving[day]}:
            kept = self._unexpired(facility, item, day)
            if kept < self.reserve[facility, item]:
                self._add(
                    "reserve",
                    f"{facility} {item} day {day}",
                    f"sau khi chuyển chỉ còn {kept}, dự trữ {self.reserve[facility, item]}",
                    f"keeps {kept} after dispatch, reserve {self.reserve[facility, item]}",
                )

    def _unexpired(self, facility: str, item: str, day: int) -> int:
        held = self.stock[facility, item]
        return sum(n for lot, n in held.items() if self._alive(item, lot, day))

    def _dispense(self, day: int) -> None:
        for (facility, item), wanted in self.use[day].items():
            held = self.stock[facility, item]
            lots = [lot for lot in held if self._alive(item, lot, day)]
            lots.sort(key=lambda lot: (self.sound.expiry[item, lot] or date.max, lot))
            missing = wanted
            for lot in lots:
                free = held[lot] - self._held_for_later((facility, item, lot), day)
                taken = max(0, min(missing, free))
                held[lot] -= taken
                missing -= taken
            if missing > 0:
                self._add(
                    "quota_stock",
                    f"{facility} {item} day {day}",
                    f"cấp phát {wanted} nhưng thiếu {missing}",
                    f"dispenses {wanted} but {missing} are not there",
                )

    def _held_for_later(self, key: LotKey, day: int) -> int:
        """Units that must stay today so that every later shipment of the lot can still leave."""
        claims = self.claims.get(key)
        if not claims:
            return 0
        hold = owed = 0
        seen = day
        for later in sorted(d for d in claims if d > day):
            for at, lead_zero, quantity in self.receipts[key]:
                in_time = at + lead_zero
                if max(seen, day) < in_time <= later and at > day:
                    owed -= quantity
            seen = later
            owed += claims[later]
            hold = max(hold, owed)
        return hold

    def _add(self, code: str, place: str, text_vi: str, text_en: str) -> None:
        self.found.append(Violation(code, place, text_vi, text_en))


def _vehicles(instance: Instance, sound: _Sound) -> Iterator[Violation]:
    limited = {row.facility for row in instance.vehicles}
    room: defaultdict[tuple[str, int], float] = defaultdict(float)
    trips: defaultdict[tuple[str, int], int] = defaultdict(int)
    for row in instance.vehicles:
        room[row.facility, row.day] += row.trips * row.litres_per_trip
        trips[row.facility, row.day] += row.trips
    load: defaultdict[tuple[str, int], float] = defaultdict(float)
    for (origin, _, item, _, day), quantity in sound.sent.items():
        load[origin, day] += quantity * sound.items[item].litres_per_unit
    for (facility, day), litres in sorted(load.items()):
        space = room[facility, day]
        if facility not in limited:
            continue
        if not trips[facility, day]:
            # Rows of a day add up, so rows of no trips are no row: no transport, whatever the volume.
            yield Violation(
                "vehicles",
                f"{facility} day {day}",
                f"gửi {litres:.3f} lít, hôm đó không có chuyến xe nào",
                f"sends {litres:.3f} litres on a day without a trip",
            )
        elif litres > space + LITRES_TOLERANCE * max(1.0, space):
            yield Violation(
                "vehicles",
                f"{facility} day {day}",
                f"chở {litres:.3f} lít, xe chỉ chở được {space:.3f}",
                f"carries {litres:.3f} litres, vehicles take {space:.3f}",
            )


def _quota_limits(instance: Instance, sound: _Sound) -> Iterator[Violation]:
    needed: defaultdict[tuple[str, str, str, int], int] = defaultdict(int)
    for row in instance.demand:
        needed[row.facility, row.item, row.demand_class, row.day] += row.quantity
    for key, quantity in sorted(sound.given.items()):
        if quantity > needed[key]:
            facility, item, name, day = key
            yield Violation(
                "quota_demand",
                f"{facility} {item} {name} day {day}",
                f"định mức {quantity} vượt nhu cầu {needed[key]}",
                f"quota {quantity} is above demand {needed[key]}",
            )


def _pins_truthful(instance: Instance, plan: Plan, sound: _Sound) -> Iterator[Violation]:
    moved: defaultdict[LotKey, int] = defaultdict(int)
    for (origin, destination, item, _, _), quantity in sound.sent.items():
        moved[origin, destination, item] += quantity
    least: defaultdict[LotKey, int] = defaultdict(int)
    most: defaultdict[LotKey, float] = defaultdict(float)
    for pin in instance.pins:
        key = (pin.origin, pin.destination, pin.item)
        least[key] += pin.min_quantity
        most[key] += float("inf") if pin.max_quantity is None else pin.max_quantity
    truth = {}
    for key, quantity in least.items():
        missed = (max(0, quantity - moved[key]), max(0, moved[key] - most[key]))
        if any(missed):
            truth[key] = missed
    told = {(r.origin, r.destination, r.item): (r.short, r.over) for r in plan.pins_unmet}
    for key in sorted(truth.keys() | told.keys()):
        if truth.get(key) != told.get(key) or len(told) != len(plan.pins_unmet):
            short, over = truth.get(key, (0, 0))
            yield Violation(
                "pins_unmet",
                f"{key[0]} → {key[1]} {key[2]}",
                f"thật ra thiếu {short}, thừa {over}",
                f"in truth short {short}, over {over}",
            )


def _coverage_truthful(instance: Instance, plan: Plan, sound: _Sound) -> Iterator[Violation]:
    needed: defaultdict[tuple[str, str], int] = defaultdict(int)
    served: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in instance.demand:
        needed[row.facility, row.demand_class] += row.quantity
    for (facility, _, name, _), quantity in sound.given.items():
        served[facility, name] += quantity
    truth = {key: served[key] / total for key, total in needed.items() if total > 0}
    told = {(row.facility, row.demand_class): row.coverage for row in plan.coverage}
    for key in sorted(truth.keys() | told.keys()):
        gap = abs(truth.get(key, -1.0) - told.get(key, -1.0))
        if gap > COVERAGE_TOLERANCE or len(told) != len(plan.coverage):
            shown = f"{truth[key]:.6f}" if key in truth else "-"
            yield Violation(
                "coverage",
                f"{key[0]} {key[1]}",
                f"tỷ lệ đáp ứng đúng là {shown}",
                f"the true coverage is {shown}",
            )


def _shortage_truthful(instance: Instance, plan: Plan, sound: _Sound) -> Iterator[Violation]:
    points = plan.weights
    needed = sum(points[row.demand_class] * row.quantity for row in instance.demand)
    truth = needed - sum(points[name] * n for (_, _, name, _), n in sound.given.items())
    told = plan.shortage
    if told.plan != truth:
        yield Violation(
            "shortage", "plan", f"đúng là {truth}", f"is {truth}, the plan says {told.plan}"
        )
    for name in ("plan", "proportional", "no_transfer"):
        if getattr(told, name) < told.bound:
            yield Violation(
                "shortage",
                name,
                f"thấp hơn cận dưới {told.bound}",
                f"is below the bound {told.bound}",
            )
