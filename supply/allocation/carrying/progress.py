"""A plan against what really moved: planned, drafted, left, received, line by line. Pure.

A line is everything of one item that one place sends another on one day: stores choose lots as they
find them, so what moved is compared by item.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Trip = tuple[str, str, int]
"""Sender, receiver, day of the plan."""

WAITING, LATE, UNDER_WAY, OVERDUE = "waiting", "late", "under_way", "overdue"
RECEIVED, SHORT, OVER = "received", "short", "over"
DISCARDED, WITHDRAWN, REVERSED = "discarded", "withdrawn", "reversed"
LINE_STATES = (
    LATE, OVERDUE, SHORT, OVER, DISCARDED, REVERSED, WAITING, UNDER_WAY, RECEIVED, WITHDRAWN,
)  # fmt: skip
"""What needs a look first comes first."""
ODD = frozenset({LATE, OVERDUE, SHORT, OVER, DISCARDED, REVERSED})


@dataclass(frozen=True)
class Moved:
    """Of one document and item, base units; `undone`: the dispatch was reversed."""

    item: str
    sent: int
    received: int
    lost: int
    undone: int
    sent_on: dt.date
    received_on: dt.date | None


@dataclass(frozen=True)
class Draft:
    """What became of a trip's draft: "waiting", "discarded", "withdrawn" or "posted"."""

    id: int
    state: str
    document_id: int | None = None
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True)
class Line:
    """One item of a trip; quantities in base units. `planned` 0: sent beyond the plan. `late_days`:
    how long it should have left, or arrived, already."""

    origin: str
    destination: str
    day: dt.date
    item: str
    planned: int
    sent: int
    received: int
    lost: int
    state: str
    late_days: int
    draft_id: int | None
    document_id: int | None
    lots: tuple[str, ...] = ()

    @property
    def on_way(self) -> int:
        """Sent, and neither received nor lost."""
        return self.sent - self.received - self.lost if self.state != REVERSED else 0


@dataclass(frozen=True)
class _Planned:
    units: int = 0
    lots: tuple[str, ...] = field(default=())


def lines_of(
    transfers: Iterable[Mapping[str, Any]],
    drafts: Mapping[Trip, Draft],
    start: dt.date,
    lead_days: Mapping[tuple[str, str], int],
    today: dt.date,
) -> list[Line]:
    """The lines of a plan, those that need a look first, then by day, sender, receiver, item.

    `transfers`: as in docs/formats; `drafts`: of the trips the reader may see; `lead_days`: of each
    way. Trips without a draft (not approved, or not the reader's) wait.
    """
    planned: defaultdict[Trip, dict[str, _Planned]] = defaultdict(dict)
    for t in transfers:
        of_trip = planned[t["from"], t["to"], t["day"]]
        before = of_trip.get(t["item"], _Planned())
        of_trip[t["item"]] = _Planned(before.units + t["quantity"], (*before.lots, t["lot"]))
    found = []
    for trip, items in planned.items():
        draft = drafts.get(trip)
        moved = {m.item: m for m in draft.moved} if draft else {}
        for item in sorted({*items, *moved}):
            found.append(
                _line(
                    trip,
                    start + dt.timedelta(days=trip[2]),
                    item,
                    items.get(item, _Planned()),
                    draft,
                    moved.get(item),
                    lead_days.get(trip[:2], 0),
                    today,
                )
            )
    rank = {state: n for n, state in enumerate(LINE_STATES)}
    return sorted(found, key=lambda x: (rank[x.state], x.day, x.origin, x.destination, x.item))


def _line(
    trip: Trip,
    day: dt.date,
    item: str,
    planned: _Planned,
    draft: Draft | None,
    moved: Moved | None,
    lead_days: int,
    today: dt.date,
) -> Line:
    sent = moved.sent if moved else 0
    received, lost = (moved.received, moved.lost) if moved else (0, 0)
    state, late_days = _state(planned.units, draft, moved, day, lead_days, today)
    return Line(
        origin=trip[0],
        destination=trip[1],
        day=day,
        item=item,
        planned=planned.units,
        sent=sent,
        received=received,
        lost=lost,
        state=state,
        late_days=late_days,
        draft_id=draft.id if draft else None,
        document_id=draft.document_id if draft else None,
        lots=planned.lots,
    )


def _state(
    planned: int,
    draft: Draft | None,
    moved: Moved | None,
    day: dt.date,
    lead_days: int,
    today: dt.date,
) -> tuple[str, int]:
    """(state, days late). A posted document without the item left it out: short."""
    if draft is None or draft.state == WAITING:
        late = (today - day).days
        return (LATE, late) if draft is not None and late > 0 else (WAITING, 0)
    if draft.state in (DISCARDED, WITHDRAWN):
        return draft.state, 0
    if moved is None:
        return SHORT, 0
    if moved.undone:
        return REVERSED, 0
    if moved.sent > moved.received + moved.lost:
        late = (today - moved.sent_on).days - lead_days
        return (OVERDUE, late) if late > 0 else (UNDER_WAY, 0)
    if moved.received == planned:
        return RECEIVED, 0
    return (SHORT if moved.received < planned else OVER), 0


@dataclass(frozen=True)
class Totals:
    """Lines by state, and how many there are."""

    lines: int
    by_state: Mapping[str, int]

    @property
    def odd(self) -> int:
        """Lines that need a look."""
        return sum(self.by_state.get(state, 0) for state in ODD)

    @property
    def arrived(self) -> int:
        """Lines whose goods are there, whatever the quantity."""
        return sum(self.by_state.get(state, 0) for state in (RECEIVED, SHORT, OVER))


def totals_of(lines: Iterable[Line]) -> Totals:
    """The lines counted by state."""
    counted: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        counted[line.state] += 1
    return Totals(sum(counted.values()), dict(counted))
