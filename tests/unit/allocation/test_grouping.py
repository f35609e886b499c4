"""Lines by trip, senders by day, quotas by place: nothing is lost, and what needs a look comes first."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from supply.allocation.carrying.grouping import days_of, first_open, quotas_of, trips_of
from supply.allocation.carrying.limits import GivenOut
from supply.allocation.carrying.loading import Loading
from supply.allocation.carrying.progress import LINE_STATES, ODD, Line
from supply.allocation.carrying.queries import SenderDay
from supply.core.text import Text

DAY = dt.date(2022, 1, 23)
STATES = st.sampled_from(LINE_STATES)


def line(origin: str, destination: str, day: int, state: str, item: str = "A") -> Line:
    return Line(
        origin=origin,
        destination=destination,
        day=DAY + dt.timedelta(days=day),
        item=item,
        planned=10,
        sent=0,
        received=0,
        lost=0,
        state=state,
        late_days=day,
        draft_id=7,
        document_id=None,
    )


LINES = st.lists(
    st.builds(line, st.sampled_from("KX"), st.sampled_from("TY"), st.integers(0, 2), STATES)
)


@given(LINES)
def test_every_line_is_in_exactly_one_trip_and_what_needs_a_look_comes_first(
    lines: list[Line],
) -> None:
    trips = trips_of(lines)
    assert Counter(x for trip in trips for x in trip.lines) == Counter(lines)
    keys = [(trip.origin, trip.destination, trip.day) for trip in trips]
    assert len(set(keys)) == len(keys)
    for trip in trips:
        assert {(x.origin, x.destination, x.day) for x in trip.lines} == {
            (trip.origin, trip.destination, trip.day)
        }
        assert sum(trip.by_state.values()) == len(trip.lines)
    odd = [trip.is_odd for trip in trips]
    assert odd == sorted(odd, reverse=True)
    calm = [(trip.day, trip.origin, trip.destination) for trip in trips if not trip.is_odd]
    assert calm == sorted(calm)


def test_a_trip_says_its_states_with_the_worst_first_and_how_late_it_is() -> None:
    lines = [line("K", "T", 1, "received"), line("K", "T", 1, "overdue", "B")]
    (trip,) = trips_of(lines)
    assert list(trip.by_state.items()) == [("overdue", 1), ("received", 1)]
    assert (trip.is_odd, trip.late_days, trip.draft_id, trip.document_id) == (True, 1, 7, None)
    assert "overdue" in ODD


def sender(origin: str, day: int, states: dict[str, int]) -> SenderDay:
    loading = Loading((), ())
    on = DAY + dt.timedelta(days=day)
    return SenderDay(origin, Text(origin, origin), on, (), loading, states)


def test_the_day_looked_at_first_is_the_earliest_that_still_waits() -> None:
    done, waits = {"posted": 2}, {"waiting": 1, "posted": 1}
    days = days_of([sender("X", 2, waits), sender("K", 0, done), sender("K", 1, waits)])
    assert [(one.day - DAY).days for one in days] == [0, 1, 2]
    assert first_open(days) == DAY + dt.timedelta(days=1)
    assert days[1].states == waits
    assert first_open(days[:1]) is None  # all gone: nothing to pick
    nothing_yet = days_of([sender("K", 0, {"": 1}), sender("K", 1, {"": 1})])
    assert first_open(nothing_yet) == DAY  # not approved: show what a day is like
    assert first_open([]) is None


def quota(facility: str, item: str, used: int) -> GivenOut:
    name = Text(facility, facility)
    return GivenOut(facility, name, item, Text(item, item), Text("viên", "tablets"), 10, 20, used)


def test_places_that_go_beyond_their_quota_come_first() -> None:
    rows = [quota("B", "x", 11), quota("A", "x", 4), quota("A", "y", 0)]
    places = quotas_of(rows)
    assert [(p.facility, p.over, p.used, len(p.rows)) for p in places] == [
        ("B", 1, 1, 1),
        ("A", 0, 1, 2),
    ]
