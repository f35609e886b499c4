"""Lines of a plan that is carried out, put together as people handle them: a trip (one sender, one
receiver, one day), a day's senders, a place's quotas."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from supply.allocation.carrying.limits import GivenOut
from supply.allocation.carrying.progress import LINE_STATES, ODD, Line, totals_of
from supply.allocation.carrying.queries import SenderDay
from supply.core.text import Text

One = TypeVar("One")
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class TripLines:
    """What one place sends another on one day, line by line; the lines are as they were asked for, so
    a filter by state may leave some of the trip out."""

    origin: str
    destination: str
    day: dt.date
    lines: tuple[Line, ...]

    @property
    def by_state(self) -> Mapping[str, int]:
        """Lines by state, what needs a look first."""
        counted = totals_of(self.lines).by_state
        return {state: counted[state] for state in LINE_STATES if state in counted}

    @property
    def is_odd(self) -> bool:
        """Something of it needs a look."""
        return any(line.state in ODD for line in self.lines)

    @property
    def late_days(self) -> int:
        """The longest that something of it should have left, or arrived, already."""
        return max((line.late_days for line in self.lines), default=0)

    @property
    def draft_id(self) -> int | None:
        """Its draft; a trip has one."""
        return self.lines[0].draft_id if self.lines else None

    @property
    def document_id(self) -> int | None:
        """The document its draft became."""
        return next((x.document_id for x in self.lines if x.document_id is not None), None)


def trips_of(lines: Iterable[Line]) -> list[TripLines]:
    """The lines by trip: trips that need a look first, the worst before the others, then by day,
    sender and receiver; in a trip the lines keep their order."""
    rank = {state: n for n, state in enumerate(LINE_STATES)}
    grouped = _together(lines, lambda line: (line.origin, line.destination, line.day))
    trips = [TripLines(*key, tuple(group)) for key, group in grouped.items()]
    return sorted(
        trips,
        key=lambda x: (
            min(rank[line.state] for line in x.lines) if x.is_odd else len(rank),
            x.day,
            x.origin,
            x.destination,
        ),
    )


@dataclass(frozen=True)
class DayOfSenders:
    """A day of the plan and who sends on it."""

    day: dt.date
    senders: tuple[SenderDay, ...]

    @property
    def lines(self) -> int:
        """How many lines leave."""
        return sum(len(one.rows) for one in self.senders)

    @property
    def trips(self) -> int:
        """How many trips of vehicles they take."""
        return sum(len(one.loading.trips) for one in self.senders)

    @property
    def has_left_out(self) -> bool:
        """Something finds no vehicle."""
        return any(one.loading.left for one in self.senders)

    @property
    def states(self) -> Mapping[str, int]:
        """Drafts by what became of them."""
        counted: defaultdict[str, int] = defaultdict(int)
        for one in self.senders:
            for state, n in one.states.items():
                counted[state] += n
        return dict(counted)

    @property
    def is_open(self) -> bool:
        """Something of it waits to leave."""
        return any(one.is_open for one in self.senders)


def days_of(senders: Iterable[SenderDay]) -> list[DayOfSenders]:
    """The senders by day, in order."""
    grouped = _together(senders, lambda one: one.day)
    return [DayOfSenders(day, tuple(group)) for day, group in sorted(grouped.items())]


def first_open(days: Sequence[DayOfSenders]) -> dt.date | None:
    """The day that is looked at first: the earliest of which something still waits, else the first
    one there is where nothing has been drafted at all."""
    waiting = next((one.day for one in days if one.is_open), None)
    if waiting is None and days and not any(state for one in days for state in one.states):
        return days[0].day
    return waiting


@dataclass(frozen=True)
class PlaceQuotas:
    """A place's quotas and what it gave out, those beyond the quota first."""

    facility: str
    name: Text
    rows: tuple[GivenOut, ...]

    @property
    def over(self) -> int:
        """Items given out beyond what the plan allowed to the day."""
        return sum(one.over > 0 for one in self.rows)

    @property
    def used(self) -> int:
        """Items of which something was given out."""
        return sum(one.used > 0 for one in self.rows)


def quotas_of(rows: Iterable[GivenOut]) -> list[PlaceQuotas]:
    """The quotas by place, where most items go beyond first; in a place the rows keep their order."""
    grouped = _together(rows, lambda one: one.facility)
    places = [
        PlaceQuotas(key, group[0].facility_name, tuple(group)) for key, group in grouped.items()
    ]
    return sorted(places, key=lambda place: (-place.over, place.facility))


def _together(things: Iterable[One], key: Callable[[One], Key]) -> dict[Key, list[One]]:
    grouped: defaultdict[Key, list[One]] = defaultdict(list)
    for thing in things:
        grouped[key(thing)].append(thing)
    return grouped
