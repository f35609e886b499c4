"""Which goods ride on which trip of a sender's day. Pure.

Receivers are packed by falling volume, each on the first trip that takes all of its goods, so that a
driver has few stops; what fits on no trip whole is split between trips by packs, and packs are opened
only where that brings everything along.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

NO_COLD = "none"
_SLACK_LITRES = 1e-6


@dataclass(frozen=True)
class Load:
    """A line to carry: `quantity` base units of a lot; `cold`: the band it must be kept in, °C."""

    destination: str
    item: str
    lot: str
    quantity: int
    litres_per_unit: float
    pack_size: int = 1
    cold: str = NO_COLD

    @property
    def litres(self) -> float:
        """Its volume."""
        return self.quantity * self.litres_per_unit


@dataclass(frozen=True)
class Carrier:
    """A vehicle: how often it leaves on a day, what it holds, the band it keeps, °C."""

    name: str
    trips: int
    litres_per_trip: float
    cold: str = NO_COLD


@dataclass(frozen=True)
class TripLoad:
    """One trip: the `number`-th of the day with this vehicle; lines by receiver, item and lot."""

    carrier: str
    number: int
    litres_max: float
    lines: tuple[Load, ...]

    @property
    def litres(self) -> float:
        """What is loaded."""
        return sum(line.litres for line in self.lines)


@dataclass(frozen=True)
class Loading:
    """The trips that carry something; `left`: what no vehicle of that day takes."""

    trips: tuple[TripLoad, ...]
    left: tuple[Load, ...] = ()

    def litres_left(self, *, cold: bool) -> float:
        """Litres of what no vehicle takes: of goods kept cold, or of the others."""
        return sum(one.litres for one in self.left if (one.cold != NO_COLD) == cold)


@dataclass
class _Trip:
    carrier: Carrier
    number: int
    lines: list[Load] = field(default_factory=list)
    litres: float = 0.0

    def room(self, line: Load) -> int:
        """Units of a line that still fit; 0 where the vehicle does not keep it cold."""
        if line.cold not in (NO_COLD, self.carrier.cold):
            return 0
        if line.litres_per_unit <= 0:
            return line.quantity
        free = self.carrier.litres_per_trip - self.litres + _SLACK_LITRES
        return min(line.quantity, max(0, math.floor(free / line.litres_per_unit)))

    def takes_all(self, lines: Sequence[Load]) -> bool:
        """Whether all of these fit together."""
        fits = self.litres + sum(one.litres for one in lines)
        return (
            all(one.cold in (NO_COLD, self.carrier.cold) for one in lines)
            and fits <= self.carrier.litres_per_trip + _SLACK_LITRES
        )

    def put(self, line: Load, units: int) -> None:
        """Load `units` of a line."""
        if units:
            self.lines.append(replace(line, quantity=units))
            self.litres += units * line.litres_per_unit


def load_trips(lines: Iterable[Load], carriers: Iterable[Carrier]) -> Loading:
    """Pack a sender's goods of one day onto the day's trips.

    Vehicles that keep no cold go first, the largest first, so that cold ones stay free for what
    needs them. No trip is loaded above its volume; what fits on none is `left`.
    """
    lines, carriers = tuple(lines), tuple(carriers)
    by_packs = _loaded(lines, carriers, opens_packs=False)
    if not by_packs.left:
        return by_packs
    by_units = _loaded(lines, carriers, opens_packs=True)
    return by_packs if by_units.left else by_units


def _loaded(lines: Iterable[Load], carriers: Iterable[Carrier], *, opens_packs: bool) -> Loading:
    trips = [
        _Trip(carrier, number + 1)
        for carrier in sorted(
            carriers, key=lambda c: (c.cold != NO_COLD, -c.litres_per_trip, c.name)
        )
        for number in range(carrier.trips)
    ]
    groups: defaultdict[tuple[str, str], list[Load]] = defaultdict(list)
    for line in lines:
        groups[line.destination, line.cold].append(line)
    order = sorted(groups, key=lambda key: (-sum(one.litres for one in groups[key]), key))
    left: list[Load] = []
    # What must be kept cold has fewer vehicles to choose from.
    for key in sorted(order, key=lambda key: key[1] == NO_COLD):
        whole = next((trip for trip in trips if trip.takes_all(groups[key])), None)
        for line in sorted(groups[key], key=_by_item):
            left += _spread(line, [whole] if whole else trips, opens_packs=opens_packs)
    loaded = tuple(
        TripLoad(t.carrier.name, t.number, t.carrier.litres_per_trip, _together(t.lines))
        for t in trips
        if t.lines
    )
    return Loading(loaded, tuple(left))


def _spread(line: Load, trips: Sequence[_Trip], *, opens_packs: bool) -> list[Load]:
    """Load a line trip by trip, whole packs first; what is left over."""
    # Twice by packs: the odd units at the end may fit where no whole pack did.
    for step in (line.pack_size, line.pack_size, *((1,) if opens_packs else ())):
        for trip in trips:
            room = trip.room(line)
            units = room if room == line.quantity else room - room % step
            trip.put(line, units)
            line = replace(line, quantity=line.quantity - units)
            if not line.quantity:
                return []
    return [line]


def _together(lines: Iterable[Load]) -> tuple[Load, ...]:
    """Parts of one line that came onto the same trip as one, in the order of unloading."""
    units: defaultdict[Load, int] = defaultdict(int)
    for line in lines:
        units[replace(line, quantity=0)] += line.quantity
    found = (replace(line, quantity=quantity) for line, quantity in units.items())
    return tuple(sorted(found, key=_by_item))


def _by_item(line: Load) -> tuple[str, str, str]:
    return line.destination, line.item, line.lot
