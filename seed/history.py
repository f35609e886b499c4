"""Ninety days in the stores of a district, planned before a single document is posted. Pure.

The plan is a list of events in the words of the stores, made from what patients would have used
(`use`, from real cases and norms) and from a few habits of supply: a depot that orders when it runs
low, weekly deliveries that cover some stations amply and others barely, donations, breakage, counts,
goods past their date, a slip of the pen that is reversed. The same arguments make the same plan, and
no plan issues what was not received before: the shelves are kept while planning.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seed.shelves import Batch, Parts, Shelf

NEVER = dt.date.max
OPENING_COVER_DAYS = 18
DEPOT_LOW_DAYS, DEPOT_FULL_DAYS = 20, 34
DIRECT_COVER_DAYS = 13
# Days of recent use a delivery fills up to. Which one applies turns with the place and the item, so
# that every station has too much of something and too little of something else.
COVER_DAYS = (5, 12, 22, 9, 16, 7, 28)
BED_COVER_DAYS = 14
SCARCE_FROM_END_DAYS = 24
MISSED_FROM_END_DAYS = 9
SLOW_UNITS_PER_DAY, SLOW_EVERY_DAYS = 15, 4
DONATION_DAYS = (27, 51, 74)


@dataclass(frozen=True)
class Place:
    """A facility of the plan, by its code."""

    code: str
    kind: str
    is_depot: bool = False
    is_private: bool = False


@dataclass(frozen=True)
class Goods:
    """An item of the plan: its pack, its life, what it costs and who supplies it."""

    item_code: str
    units_per_pack: int
    shelf_life_days: int | None
    unit_price_vnd: int
    partner_code: str
    delivered_directly: bool = False
    """to the place that uses it, as oxygen is, instead of through the depot"""


@dataclass(frozen=True)
class Money:
    """Which funds and donors a district draws on, by code."""

    main_fund: str
    emergency_fund: str
    local_fund: str
    own_fund: str = "KHAC"
    donation_fund: str = "TAITRO"
    donors: tuple[str, ...] = ("NTT01", "NTT02", "NTT03")


@dataclass(frozen=True)
class EventLine:
    """A line of an event; what does not apply is None or 0."""

    item_code: str
    quantity: int
    lot_number: str | None = None
    expiry: dt.date | None = None
    fund_code: str | None = None
    unit_price_vnd: int | None = None
    direction: str = ""
    lost_quantity: int = 0


@dataclass(frozen=True)
class Event:
    """A document to be posted. `kind` as in `supply.inventory.kinds`; `follows` and `reverses` are
    keys of earlier events; `key` is unique in the plan and the same in every run."""

    key: str
    day: dt.date
    kind: str
    facility: str
    lines: tuple[EventLine, ...] = ()
    partner_code: str | None = None
    counterpart: str | None = None
    follows: str | None = None
    reverses: str | None = None
    paper_reference: str = ""
    recipient: str = ""
    reason: str = ""
    note: str = ""


def plan_history(
    places: Sequence[Place],
    goods: Sequence[Goods],
    use: NDArray[np.float64],
    first_day: dt.date,
    money: Money,
    seed: int,
) -> list[Event]:
    """The events of `use.shape[2]` days from `first_day`, in the order in which they are posted.

    `use[place, item, day]`: base units the patients of a place would use, in the order of `places`
    and `goods`. Exactly one place is the depot. Raises ValueError for shapes that do not fit.
    """
    if use.shape[:2] != (len(places), len(goods)) or sum(p.is_depot for p in places) != 1:
        raise ValueError("use must be [place, item, day] and exactly one place the depot")
    district = _District(places, goods, use, first_day, money, seed)
    for day in range(use.shape[2]):
        district.live(day)
    return district.events


def drawn_together(wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """[place, item, day]: what is used slowly is drawn from the store for several days at once.

    Less than `SLOW_UNITS_PER_DAY` on average: every `SLOW_EVERY_DAYS` days, on the place's own days.
    Totals stay; the days after the last draw are not drawn any more.
    """
    drawn = wanted.copy()
    slow = wanted.mean(axis=2) < SLOW_UNITS_PER_DAY
    for place in range(len(wanted)):
        of_place = slow[place]
        running = np.zeros(int(of_place.sum()), dtype=wanted.dtype)
        for day in range(wanted.shape[2]):
            running += wanted[place, of_place, day]
            if day % SLOW_EVERY_DAYS == place % SLOW_EVERY_DAYS:
                drawn[place, of_place, day] = running
                running[:] = 0
            else:
                drawn[place, of_place, day] = 0
    return drawn


class _District:
    """The stores while the plan is made."""

    def __init__(
        self,
        places: Sequence[Place],
        goods: Sequence[Goods],
        use: NDArray[np.float64],
        first_day: dt.date,
        money: Money,
        seed: int,
    ) -> None:
        self.rng = np.random.default_rng(seed)
        self.places, self.goods, self.money, self.first_day = places, goods, money, first_day
        self.days = use.shape[2]
        noise = self.rng.gamma(25.0, 1.0 / 25.0, size=use.shape)
        self.wanted = drawn_together(self.rng.poisson(use * noise))
        self.shelves = [Shelf() for _ in places]
        self.depot = next(n for n, p in enumerate(places) if p.is_depot)
        self.events: list[Event] = []
        self.on_the_way: list[tuple[int, int, Event, dict[str, Parts]]] = []
        self.batches = 0
        self.numbers: dict[str, int] = {}

    # --- one day --------------------------------------------------------------------------------

    def live(self, day: int) -> None:
        """What happens on a day: goods come, go out, arrive, are used; then the odd things."""
        if day == 0:
            for place in range(len(self.places)):
                self._open(place)
        self._supply_depot(day)
        self._donate(day)
        self._deliver(day)
        self._arrive(day)
        for place in range(len(self.places)):
            self._supply_directly(place, day)
            self._use(place, day)
            self._mishaps(place, day)

    def date(self, day: int) -> dt.date:
        """The date of day `day`."""
        return self.first_day + dt.timedelta(days=day)

    def add(self, kind: str, day: int, place: int, **more: object) -> Event:
        """Write an event down."""
        code = self.places[place].code
        stem = f"{self.date(day)}/{code}/{kind}"
        self.numbers[stem] = self.numbers.get(stem, 0) + 1
        event = Event(f"{stem}/{self.numbers[stem]}", self.date(day), kind, code, **more)  # type: ignore[arg-type]
        self.events.append(event)
        return event

    def paper(self, letters: str, day: int) -> str:
        """A number of a paper voucher: "HĐ-014/2021"."""
        year = self.date(day).year
        stem = f"{letters}{year}"
        self.numbers[stem] = self.numbers.get(stem, 0) + 1
        return f"{letters}-{self.numbers[stem]:03d}/{year}"

    def batch(self, item: int, day: int, life_days: int | None = None) -> Batch:
        """A new lot: most of its shelf life is still ahead, unless `life_days` says otherwise."""
        self.batches += 1
        goods = self.goods[item]
        # A lot number means one lot everywhere, so each district's own letters stand in it.
        letters = self.places[self.depot].code.split("-")[0]
        number = f"{letters}{self.date(day):%y%m}-{self.batches:04d}"
        if goods.shelf_life_days is None:
            return Batch(NEVER, self.batches, number)
        left = life_days or int(goods.shelf_life_days * self.rng.uniform(0.45, 0.9))
        return Batch(self.date(day) + dt.timedelta(days=left), self.batches, number)

    def recent(self, place: int, item: int, day: int, days: int = 8) -> float:
        """Mean units a day wanted over the last `days` days; of the first days at the start."""
        start = max(0, day - days)
        return float(self.wanted[place, item, start : max(day, start + days)].mean())

    def packs(self, item: int, quantity: float) -> int:
        """`quantity` in whole packs, rounded up."""
        pack = self.goods[item].units_per_pack
        return max(0, math.ceil(quantity / pack)) * pack

    # --- goods come in --------------------------------------------------------------------------

    def _open(self, place: int) -> None:
        """Stock that was there when the books were opened."""
        fund = self.money.own_fund if self.places[place].is_private else self.money.local_fund
        lines = []
        for item in range(len(self.goods)):
            recent = self.recent(place, item, 0, days=30)
            if place == self.depot:
                recent = float(self.wanted[:, item, :30].mean(axis=1).sum())
            quantity = self.packs(item, recent * OPENING_COVER_DAYS)
            if quantity:
                old = (place + item) % 9 == 0 and place != self.depot
                life = int(self.rng.integers(35, 110)) if old else None
                lines.append(self._come_in(place, item, 0, quantity, fund, life))
        if lines:
            self.add("opening", 0, place, lines=tuple(lines), note="Tồn kho khi mở sổ")

    def _come_in(
        self, place: int, item: int, day: int, quantity: int, fund: str, life: int | None = None
    ) -> EventLine:
        goods = self.goods[item]
        batch = self.batch(item, day, life)
        self.shelves[place].put(goods.item_code, [(batch, quantity)])
        price = int(goods.unit_price_vnd * self.rng.uniform(0.93, 1.08))
        return EventLine(
            goods.item_code,
            quantity,
            batch.number,
            None if batch.expiry == NEVER else batch.expiry,
            fund,
            price,
        )

    def _supply_depot(self, day: int) -> None:
        """The depot orders what runs low, once a week and supplier; some things come late."""
        if day % 7 != 2:
            return
        fund = self.money.emergency_fund if day > 40 and day % 14 == 2 else self.money.main_fund
        orders: dict[str, list[EventLine]] = {}
        for item, goods in enumerate(self.goods):
            scarce = item % 6 == 1 and day > self.days - SCARCE_FROM_END_DAYS
            if scarce or goods.delivered_directly:
                continue
            recent = sum(
                self.recent(p, item, day)
                for p, place in enumerate(self.places)
                if not place.is_private
            )
            held = self.shelves[self.depot].usable(goods.item_code, self.date(day))
            if held < recent * DEPOT_LOW_DAYS:
                quantity = self.packs(item, recent * DEPOT_FULL_DAYS - held)
                line = self._come_in(self.depot, item, day, quantity, fund)
                orders.setdefault(goods.partner_code, []).append(line)
        for partner, lines in sorted(orders.items()):
            self._receive(self.depot, day, partner, lines, "HĐ")

    def _receive(
        self, place: int, day: int, partner: str, lines: list[EventLine], letters: str
    ) -> None:
        self.add(
            "receipt",
            day,
            place,
            lines=tuple(lines),
            partner_code=partner,
            paper_reference=self.paper(letters, day),
        )

    def _donate(self, day: int) -> None:
        """Donations to the depot: a few everyday things, the last ones soon past their date."""
        if day not in DONATION_DAYS:
            return
        nth = DONATION_DAYS.index(day)
        life = self.days - day + 25 if day == DONATION_DAYS[-1] else None
        chosen = [i for i in range(len(self.goods)) if i % 11 == nth * 3 % 11][:6]
        lines = []
        for item in chosen:
            recent = float(self.wanted[:, item, max(0, day - 7) : day].mean(axis=1).sum())
            quantity = self.packs(item, recent * 8)
            if quantity and not self.goods[item].delivered_directly:
                fund = self.money.donation_fund
                lines.append(self._come_in(self.depot, item, day, quantity, fund, life))
        if lines:
            self._receive(self.depot, day, self.money.donors[nth], lines, "BBTN")

    def _supply_directly(self, place: int, day: int) -> None:
        """What suppliers bring to the place itself: oxygen, and all of a private clinic's goods."""
        where = self.places[place]
        if day % 7 != 1 + place % 5:
            return
        orders: dict[str, list[EventLine]] = {}
        for item, goods in enumerate(self.goods):
            if not (goods.delivered_directly or where.is_private):
                continue
            wanted = self.recent(place, item, day) * DIRECT_COVER_DAYS
            held = self.shelves[place].usable(goods.item_code, self.date(day))
            quantity = self.packs(item, wanted - held)
            if quantity:
                fund = self.money.own_fund if where.is_private else self.money.emergency_fund
                line = self._come_in(place, item, day, quantity, fund)
                orders.setdefault(goods.partner_code, []).append(line)
        for partner, lines in sorted(orders.items()):
            self._receive(place, day, partner, lines, "HĐ")

    # --- from the depot to the others -----------------------------------------------------------

    def _deliver(self, day: int) -> None:
        """Each place has its weekday; two deliveries leave on the last day and are still on the way."""
        for place, where in enumerate(self.places):
            if where.is_depot or where.is_private:
                continue
            due = day % 7 == place % 5 or (day == self.days - 1 and place in self._late_receivers())
            if due:
                self._send(place, day)

    def _late_receivers(self) -> list[int]:
        others = [n for n, p in enumerate(self.places) if not (p.is_depot or p.is_private)]
        return others[2:12:6]

    def _send(self, place: int, day: int) -> None:
        sent: dict[str, Parts] = {}
        for item, goods in enumerate(self.goods):
            cover = COVER_DAYS[(place * 3 + item * 5) % len(COVER_DAYS)]
            if self.places[place].kind == "treatment_facility":
                cover = max(cover, BED_COVER_DAYS)
            missed = cover < 8 and day > self.days - MISSED_FROM_END_DAYS
            if goods.delivered_directly or (missed and day != self.days - 1):
                continue
            held = self.shelves[place].usable(goods.item_code, self.date(day))
            wanted = self.packs(item, self.recent(place, item, day) * cover - held)
            free = self.shelves[self.depot].usable(goods.item_code, self.date(day)) * 0.6
            quantity = min(wanted, int(free) // goods.units_per_pack * goods.units_per_pack)
            if quantity > 0:
                parts = self.shelves[self.depot].take(goods.item_code, quantity, self.date(day))
                sent[goods.item_code] = parts
        if sent:
            dispatch = self.add(
                "transfer_dispatch",
                day,
                self.depot,
                lines=tuple(EventLine(c, sum(q for _, q in ps)) for c, ps in sent.items()),
                counterpart=self.places[place].code,
                paper_reference=self.paper("LX", day),
            )
            self.on_the_way.append((day + 1, place, dispatch, sent))

    def _arrive(self, day: int) -> None:
        """Yesterday's deliveries; once in a while a pack is broken on the way."""
        due = [one for one in self.on_the_way if one[0] == day]
        self.on_the_way = [one for one in self.on_the_way if one[0] != day]
        for nth, (_, place, dispatch, sent) in enumerate(due):
            broken = self._broken(sent) if (day + nth) % 29 == 0 else None
            lines = () if broken is None else self._arrival_lines(sent, broken)
            for code, parts in sent.items():
                batch, quantity = parts[0]
                first = quantity - 1 if code == broken else quantity
                left = [(batch, first)] if first else []
                self.shelves[place].put(code, left + parts[1:])
            self.add(
                "transfer_receipt",
                day,
                place,
                lines=lines,
                follows=dispatch.key,
                reason="" if broken is None else "Vỡ khi vận chuyển",
            )

    @staticmethod
    def _broken(sent: dict[str, Parts]) -> str | None:
        return next((code for code, parts in sent.items() if len(parts) == 1), None)

    @staticmethod
    def _arrival_lines(sent: dict[str, Parts], broken: str) -> tuple[EventLine, ...]:
        lines = []
        for code, parts in sent.items():
            lost = int(code == broken)
            lines.append(EventLine(code, sum(q for _, q in parts) - lost, lost_quantity=lost))
        return tuple(lines)

    # --- goods go out ---------------------------------------------------------------------------

    def _use(self, place: int, day: int) -> None:
        """What the patients of the day take, as far as it reaches."""
        lines = []
        for item, goods in enumerate(self.goods):
            wanted = int(self.wanted[place, item, day])
            usable = self.shelves[place].usable(goods.item_code, self.date(day)) if wanted else 0
            quantity = min(wanted, usable)
            if quantity:
                self.shelves[place].take(goods.item_code, quantity, self.date(day))
                lines.append(EventLine(goods.item_code, quantity))
        if lines:
            in_bed = self.places[place].kind in ("treatment_facility", "medical_centre")
            recipient = "Khoa điều trị" if in_bed else "Tổ chăm sóc người bệnh tại nhà"
            self.add("issue", day, place, lines=tuple(lines), recipient=recipient)

    def _mishaps(self, place: int, day: int) -> None:
        if (day * 7 + place * 11) % 61 == 0:
            self._slip(place, day)
        if (day * 5 + place * 13) % 47 == 0:
            self._lose(place, day)
        if self.date(day).day == 1:
            self._count(place, day)
        # One store in six leaves what is past its date on the shelf.
        if self.date(day).day == 15 and place % 6 != 5:
            self._throw_away(place, day)

    def _pick(self, place: int, day: int, least: int) -> tuple[str, Batch, int] | None:
        """A lot on the shelf with at least `least` units, chosen by the seed."""
        held = [
            (code, batch, quantity)
            for code, lots in sorted(self.shelves[place].lots.items())
            for batch, quantity in sorted(lots.items())
            if quantity >= least and batch.expiry >= self.date(day)
        ]
        return held[int(self.rng.integers(len(held)))] if held else None

    def _slip(self, place: int, day: int) -> None:
        """A wrong quantity is written, seen, and reversed on the same day."""
        if len([e for e in self.events if e.kind == "reversal"]) >= 3 or day < 20:
            return
        found = self._pick(place, day, 30)
        if found is None:
            return
        code, batch, quantity = found
        wrong = self.add(
            "issue",
            day,
            place,
            lines=(EventLine(code, quantity // 2, batch.number),),
            recipient="Tổ chăm sóc người bệnh tại nhà",
        )
        self.add("reversal", day, place, reverses=wrong.key, reason="Ghi nhầm số lượng")

    def _lose(self, place: int, day: int) -> None:
        found = self._pick(place, day, 40)
        if found is None:
            return
        code, batch, quantity = found
        gone = max(1, quantity // 40)
        self.shelves[place].take_lot(code, batch, gone)
        reason = ("damaged", "lost")[(day + place) % 4 == 0]
        self._adjust(place, day, reason, [EventLine(code, gone, batch.number, direction="out")])

    def _count(self, place: int, day: int) -> None:
        """The monthly count finds one thing a little more or less than the books say."""
        found = self._pick(place, day, 50)
        if found is None:
            return
        code, batch, quantity = found
        by = max(1, quantity // 100)
        direction = "in" if (place + day) % 3 == 0 else "out"
        if direction == "in":
            self.shelves[place].put(code, [(batch, by)])
        else:
            self.shelves[place].take_lot(code, batch, by)
        self._adjust(place, day, "count", [EventLine(code, by, batch.number, direction=direction)])

    def _throw_away(self, place: int, day: int) -> None:
        lines = []
        for code, batch, quantity in self.shelves[place].expired(self.date(day)):
            self.shelves[place].take_lot(code, batch, quantity)
            lines.append(EventLine(code, quantity, batch.number, direction="out"))
        if lines:
            self._adjust(place, day, "expired", lines)

    def _adjust(self, place: int, day: int, reason: str, lines: list[EventLine]) -> None:
        self.add("adjustment", day, place, lines=tuple(lines), reason=reason)
