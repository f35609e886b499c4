"""Looking back: what another way to allocate would have done with what lay there then. Pure.

The past is taken as it was: the stock of the first morning, what came in from outside afterwards and
when, and the need: what was used, what issues were asked for beyond what they gave, and, if wished, an
estimate for the days a store stood empty. The plan knows all of that beforehand, which nobody did, so
it is a bound of what another allocation could have done and no reproach. What is not known is read in
favour of what really happened: the ledger does not say which class a unit went to, so every place is
taken to have served its most urgent class first.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from supply.allocation.asking.world import Burn, Stock, World
from supply.allocation.instance import CLASSES, Instance
from supply.allocation.plan import Quota, served_and_needed, weighted_shortage
from supply.allocation.problem import whole_units

USUAL_DAYS_MIN = 7
"""So many days with stock are needed before a usual use is told of a place and item."""

Pair = tuple[str, str]
"""(facility, item)"""
ByDay = Mapping[Pair, Sequence[int]]


@dataclass(frozen=True)
class Moved:
    """What came onto a shelf (below 0: left it) otherwise than by use; `day` counts from the first.
    `what`: outside, sent, received, other. `sent_on`: the day a receipt was sent."""

    facility: str
    item: str
    lot: str
    expiry: dt.date | None
    day: int
    what: str
    counterpart: str
    sent_on: int
    quantity: int
    document: int


@dataclass(frozen=True)
class Past:
    """A district from the morning of `start` for `days` days. `used`, `asked` (beyond what was given),
    `empty` (1 on a day that closed with nothing) by day; `usual`: units a day where stock lay;
    `shares`: of the classes in a pair's need, from the forecast."""

    start: dt.date
    days: int
    stock: tuple[Stock, ...]
    moved: tuple[Moved, ...]
    used: ByDay
    asked: ByDay
    empty: ByDay
    usual: Mapping[Pair, float]
    shares: Mapping[Pair, Sequence[float]]


def missed(past: Past, estimate: bool) -> dict[Pair, list[int]]:
    """Units of need that were not met, by day: asked for and not given, and with `estimate` what a
    store that closed empty would have used beyond what it did."""
    found = {pair: list(units) for pair, units in past.asked.items()}
    if not estimate:
        return found
    for pair, empty in past.empty.items():
        usual = past.usual.get(pair, 0.0)
        used = past.used.get(pair, [0] * past.days)
        guess = whole_units(
            [usual - u if gone and usual > u else 0.0 for gone, u in zip(empty, used, strict=True)]
        )
        if any(guess):
            known = found.get(pair, [0] * past.days)
            found[pair] = [max(a, b) for a, b in zip(known, guess, strict=True)]
    return found


def needs(past: Past, estimate: bool) -> tuple[Burn, ...]:
    """The need by class: used and missed, shared as the forecast shares it; what the forecast does not
    know is the last class's, so that it never goes before anybody."""
    unmet = missed(past, estimate)
    found = []
    for pair in sorted({*past.used, *unmet}):
        none = [0] * past.days
        total = [
            max(0, a) + b
            for a, b in zip(past.used.get(pair, none), unmet.get(pair, none), strict=True)
        ]
        shares = past.shares.get(pair, (0.0,) * (len(CLASSES) - 1) + (1.0,))
        for name, units in zip(CLASSES, split(total, shares), strict=True):
            if any(units):
                found.append(Burn(*pair, name, units))
    return tuple(found)


def split(units: Sequence[int], shares: Sequence[float]) -> list[list[int]]:
    """Whole units of each day shared among classes: every day adds up, and no class strays by more
    than its share of a unit or two over the days."""
    whole = sum(shares)
    due = [0.0] * len(shares)
    found: list[list[int]] = [[] for _ in shares]
    for today in units:
        due = [d + today * s / whole for d, s in zip(due, shares, strict=True)]
        left, given = today, [0] * len(shares)
        for c in sorted(range(len(shares)), key=lambda c: -due[c]):
            given[c] = min(left, max(0, int(due[c])))
            left -= given[c]
        if left:
            most = max(range(len(shares)), key=lambda c: due[c] - given[c])
            given[most] += left
        for c, n in enumerate(given):
            found[c].append(n)
            due[c] -= n
    return found


def as_it_was(past: Past, world: World, estimate: bool) -> World:
    """`world` with the stock, arrivals and need of the past; its places, goods and vehicles stay.

    Goods sent before the first day and from outside the district arrive when they did. What was lost,
    set aside or left the district is taken off its lot where it happened, as far as it lay there.
    """
    here = {place.code for place in world.places}
    lost: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    coming = []
    for m in past.moved:
        inside = m.counterpart in here and (m.what == "sent" or m.sent_on >= 0)
        if m.what in ("sent", "received") and inside:
            continue  # what really moved within the district: the plan moves instead
        if m.quantity > 0:
            coming.append(Stock(m.facility, m.item, m.lot, m.expiry, m.quantity, max(0, m.day)))
        else:
            lost[m.facility, m.item, m.lot] -= m.quantity

    def left(rows: Sequence[Stock]) -> tuple[Stock, ...]:
        kept = []
        for row in rows:
            gone = min(row.quantity, lost[row.facility, row.item, row.lot])
            lost[row.facility, row.item, row.lot] -= gone
            if row.quantity > gone:
                kept.append(replace(row, quantity=row.quantity - gone))
        return tuple(kept)

    return replace(
        world,
        on_hand=left(past.stock),
        coming=left(coming),
        burn=needs(past, estimate),
        promised=(),
        wishes=(),
        listed=(),
        orders=(),
    )


def real_quotas(instance: Instance, used: ByDay) -> tuple[Quota, ...]:
    """What was really used, given to the most urgent class of each place, item and day first."""
    left = {
        (*pair, day): max(0, units)
        for pair, by_day in used.items()
        for day, units in enumerate(by_day)
    }
    found = []
    for need in sorted(instance.demand, key=lambda n: CLASSES.index(n.demand_class)):
        key = (need.facility, need.item, need.day)
        given = min(need.quantity, left.get(key, 0))
        if given:
            left[key] -= given
            found.append(Quota(need.facility, need.item, need.demand_class, need.day, given))
    return tuple(found)


def real_trips(past: Past, instance: Instance) -> tuple[int, int]:
    """(trips, lines) that really went between the instance's facilities, of its items: a trip is a
    sender, receiver and day, a line a lot on it."""
    here = {f.id for f in instance.facilities}
    items = {item.id for item in instance.items}
    lines = {
        (m.facility, m.counterpart, m.day, m.item, m.lot)
        for m in past.moved
        if m.what == "sent" and m.facility in here and m.counterpart in here and m.item in items
    }
    return len({line[:3] for line in lines}), len(lines)


@dataclass(frozen=True)
class Outcome:
    """How a period went. `points`: weighted unmet units; `short_days`: (place, item, day) with need
    unmet; `short_pairs`: (place, item) with under half met; `classes`: (served, needed, worst)."""

    points: int
    points_by_day: tuple[int, ...]
    short_days: int
    short_pairs: int
    trips: int
    lines: int
    classes: Mapping[str, tuple[int, int, float]]

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads them back."""
        return {
            **{name: getattr(self, name) for name in _NUMBERS},
            "points_by_day": list(self.points_by_day),
            "classes": {name: list(row) for name, row in self.classes.items()},
        }

    @staticmethod
    def from_json(told: Mapping[str, Any]) -> Outcome:
        """What `to_json` wrote."""
        classes = {name: (int(s), int(n), float(w)) for name, (s, n, w) in told["classes"].items()}
        days = tuple(told["points_by_day"])
        return Outcome(
            points_by_day=days, classes=classes, **{name: told[name] for name in _NUMBERS}
        )


_NUMBERS = ("points", "short_days", "short_pairs", "trips", "lines")


def outcome(
    instance: Instance,
    quotas: tuple[Quota, ...],
    weights: Mapping[str, int],
    trips: int = 0,
    lines: int = 0,
) -> Outcome:
    """How the period goes if `quotas` are given."""
    left: defaultdict[tuple[str, str, int], int] = defaultdict(int)
    needed: defaultdict[Pair, int] = defaultdict(int)
    by_day = [0] * instance.horizon_days
    for need in instance.demand:
        left[need.facility, need.item, need.day] += need.quantity
        needed[need.facility, need.item] += need.quantity
        by_day[need.day] += weights[need.demand_class] * need.quantity
    for given in quotas:
        left[given.facility, given.item, given.day] -= given.quantity
        by_day[given.day] -= weights[given.demand_class] * given.quantity
    unmet: defaultdict[Pair, int] = defaultdict(int)
    for (facility, item, _), units in left.items():
        unmet[facility, item] += units
    return Outcome(
        points=weighted_shortage(instance, quotas, weights),
        points_by_day=tuple(by_day),
        short_days=sum(units > 0 for units in left.values()),
        short_pairs=sum(2 * units > needed[pair] for pair, units in unmet.items()),
        trips=trips,
        lines=lines,
        classes=_classes(instance, quotas),
    )


def _classes(instance: Instance, quotas: tuple[Quota, ...]) -> dict[str, tuple[int, int, float]]:
    found = served_and_needed(instance, quotas)
    told = {}
    for name in CLASSES:
        pairs = [pair for (_, of), pair in found.items() if of == name]
        if pairs:
            worst = min(s / n for s, n in pairs)
            told[name] = (sum(s for s, _ in pairs), sum(n for _, n in pairs), round(worst, 6))
    return told


@dataclass(frozen=True)
class ReplayRequest:
    """What to look back at. `start`: ISO day. `estimate`: guess what empty stores would have used.
    `plan_id`: the plan whose page asked, 0 for none."""

    district_slug: str
    start: str
    days: int = 28
    policy: str = "lexicographic"
    reserve_days: int = 3
    estimate: bool = True
    plan_id: int = 0


@dataclass(frozen=True)
class Replay:
    """What was found: `real`, `idle` (nothing moved), `plan`; units known to be missed and guessed;
    pairs whose class the forecast does not tell."""

    request: ReplayRequest
    real: Outcome
    idle: Outcome
    plan: Outcome
    bound: int
    status: str
    asked_units: int
    guessed_units: int
    unknown_classes: int
    run_id: int
