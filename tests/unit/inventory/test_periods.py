"""Months and the day on which stock would not suffice."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from supply.inventory.backdating import DayBalance, first_short_day, lowest
from supply.inventory.periods import month_before, month_ends

days = st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31))


@given(days, days)
def test_month_ends_are_every_last_day_between(a: dt.date, b: dt.date) -> None:
    found = month_ends(a, b)
    expected = [
        d
        for n in range(1, max((b - a).days, 0) + 1)
        if ((d := a + dt.timedelta(days=n)) + dt.timedelta(days=1)).day == 1
    ]
    assert found == expected


@given(days)
def test_the_month_before_ended_the_day_before_this_month(day: dt.date) -> None:
    assert month_before(day) + dt.timedelta(days=1) == day.replace(day=1)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=9), st.integers(0, 9))
def test_the_first_day_too_low_is_named(quantities: list[int], asked: int) -> None:
    start = dt.date(2022, 1, 1)
    held = [DayBalance(start + dt.timedelta(days=n), q) for n, q in enumerate(quantities)]
    short = first_short_day(held, asked)
    assert (short is None) == (min(quantities) >= asked)
    if short:
        assert all(d.quantity >= asked for d in held if d.day < short.day)
    assert lowest(held, -asked).quantity == min(quantities) - asked
