"""The inputs of a plan as two tables: by place, by item. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from supply.allocation.asking.world import NO_COLD, Question, World
from supply.allocation.instance import Instance


@dataclass(frozen=True)
class PlaceInput:
    """What a plan knows of a place; `takes_part` False: everything else is 0.

    `needs`, `holds`: items; `coming`, `wishes`, `reserves`: lines; `ways_in`, `ways_out`: places.
    """

    code: str
    takes_part: bool
    is_depot: bool
    needs: int
    holds: int
    coming: int
    wishes: int
    reserves: int
    ways_in: int
    ways_out: int
    trips_per_day: int
    litres_per_day: float
    cold: tuple[str, ...]
    vulnerability: float


@dataclass(frozen=True)
class ItemInput:
    """An item that is needed, in base units over all places and days. `free` is what nobody has been
    promised and has not expired; `kept` what reserves hold back."""

    code: str
    needed: int
    free: int
    coming: int
    ordered: int
    kept: int
    wished: int
    needed_at: int
    held_at: int

    @property
    def cover(self) -> float:
        """What there is and comes, over what is needed: below 1 somebody goes short."""
        return (self.free + self.coming) / self.needed if self.needed else 1.0


def place_inputs(world: World, question: Question, instance: Instance) -> list[PlaceInput]:
    """Every place of the district, depots first, then by code."""
    part = {f.id for f in instance.facilities}
    needs = _items_of(instance.demand)
    holds = _items_of(instance.lots)
    coming = Counter(a.facility for a in instance.arrivals)
    reserves = Counter(r.facility for r in instance.reserve)
    wishes = Counter(w.facility for w in world.wishes)
    ways_in = Counter(a.destination for a in instance.arcs)
    ways_out = Counter(a.origin for a in instance.arcs)
    rows = []
    for p in sorted(world.places, key=lambda p: (not p.is_depot, p.code)):
        fleet = [f for f in world.fleet if f.facility == p.code and f.trips_per_day > 0]
        rows.append(
            PlaceInput(
                p.code,
                p.code in part,
                p.is_depot,
                len(needs[p.code]),
                len(holds[p.code]),
                coming[p.code],
                wishes[p.code],
                reserves[p.code],
                ways_in[p.code],
                ways_out[p.code],
                sum(f.trips_per_day for f in fleet),
                sum(f.trips_per_day * f.litres_per_trip for f in fleet),
                tuple(sorted({f.cold for f in fleet} - {NO_COLD})),
                p.vulnerability if question.vulnerability else 1.0,
            )
        )
    return rows


def item_inputs(world: World, instance: Instance) -> list[ItemInput]:
    """Every item that is needed, the scarcest first."""
    orders = {(s.facility, s.item, s.lot) for s in world.coming if s.is_order}
    ordered: Counter[str] = Counter()
    for a in instance.arrivals:
        if (a.facility, a.item, a.lot) in orders:
            ordered[a.item] += a.quantity
    needed, free = _sum(instance.demand), _sum(instance.lots)
    coming, kept, wished = _sum(instance.arrivals), _sum(instance.reserve), _sum(world.wishes)
    needed_at, held_at = _places_of(instance.demand), _places_of(instance.lots)
    rows = [
        ItemInput(
            i.id,
            needed[i.id],
            free[i.id],
            coming[i.id],
            ordered[i.id],
            kept[i.id],
            wished[i.id],
            len(needed_at[i.id]),
            len(held_at[i.id]),
        )
        for i in instance.items
    ]
    return sorted(rows, key=lambda row: (row.cover, -row.needed, row.code))


def _items_of(rows: Iterable[Any]) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row.facility].add(row.item)
    return found


def _places_of(rows: Iterable[Any]) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row.item].add(row.facility)
    return found


def _sum(rows: Iterable[Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        found[row.item] += row.quantity
    return found
