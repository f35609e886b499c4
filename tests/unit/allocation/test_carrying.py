"""What is free to send, and what rides on which trip."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supply.allocation.asking.world import Promise, Stock
from supply.allocation.carrying.free import free_stock, missing
from supply.allocation.carrying.loading import Carrier, Load, Loading, load_trips
from supply.allocation.carrying.progress import Draft, Line, Moved, lines_of, totals_of

START = dt.date(2022, 1, 23)


def held(facility: str, quantity: int, lot: str = "L1", day: int = 0) -> Stock:
    return Stock(facility, "A", lot, dt.date(2022, 12, 31), quantity, day)


def test_goods_passed_on_by_waiting_drafts_are_free_once_only() -> None:
    chain = [Promise("K", "T1", "A", "L1", 60, 1), Promise("T1", "T2", "A", "L1", 60, 2)]
    here, coming = free_stock([held("K", 100)], [], chain, START)
    assert [(s.facility, s.quantity) for s in here] == [("K", 40)]
    assert [(s.facility, s.quantity, s.day) for s in coming] == [("T2", 60, 2)]
    # So a plan that sends on what T1 only passes through is refused, and one from K is not.
    at_t1 = {"from": "T1", "to": "T3", "item": "A", "lot": "L1", "quantity": 1}
    at_k = {"from": "K", "to": "T3", "item": "A", "lot": "L1", "quantity": 40}
    (short,) = missing([at_t1], [*here, *coming])
    assert (short.facility, short.lot, short.free, short.wanted) == ("T1", "L1", 0, 1)
    assert missing([at_k], [*here, *coming]) == []


def test_a_draft_whose_goods_are_gone_promises_what_is_left_and_blocks_nothing_else() -> None:
    waiting = [Promise("K", "T1", "A", "L1", 100, 1)]
    here, coming = free_stock([held("K", 30), held("K", 50, "L2")], [], waiting, START)
    assert [(s.lot, s.quantity) for s in here] == [("L2", 50)]
    assert [(s.facility, s.quantity) for s in coming] == [("T1", 30)]
    sends = [{"from": "K", "to": "T2", "item": "A", "lot": "L2", "quantity": 50}]
    assert missing(sends, [*here, *coming]) == []


def test_goods_on_order_are_compared_by_item_since_they_have_no_lot_yet() -> None:
    sends = [{"from": "K", "to": "T1", "item": "A", "lot": "ĐĐH-7", "quantity": 50}]
    assert missing(sends, [held("K", 50, "L9")]) == []
    (short,) = missing(sends, [held("K", 49, "L9")])
    assert (short.lot, short.free, short.wanted) == ("", 49, 50)


@given(
    st.lists(
        st.tuples(st.sampled_from("KXY"), st.integers(1, 40), st.sampled_from(["L1", "L2"])),
        max_size=8,
    ),
    st.lists(
        st.tuples(
            st.sampled_from("KXY"),
            st.sampled_from("KXY"),
            st.sampled_from(["L1", "L2", ""]),
            st.integers(1, 60),
            st.integers(0, 3),
        ),
        max_size=8,
    ),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_promises_move_stock_and_never_make_or_lose_any(
    stock: list[tuple[str, int, str]], claims: list[tuple[str, str, str, int, int]]
) -> None:
    rows = [held(facility, quantity, lot) for facility, quantity, lot in stock]
    promised = [Promise(a, b, "A", lot, units, day) for a, b, lot, units, day in claims]
    here, coming = free_stock(rows, [], promised, START)
    before, after = Counter[str](), Counter[str]()
    for s in rows:
        before[s.lot] += s.quantity
    for s in (*here, *coming):
        assert s.quantity > 0
        after[s.lot] += s.quantity
    assert before == after


# --- what rides on which trip --------------------------------------------------------------------


def test_each_receiver_rides_whole_where_it_fits_and_the_largest_goes_first() -> None:
    lines = [
        Load("T1", "A", "L1", 30, 1.0),
        Load("T2", "A", "L1", 60, 1.0),
        Load("T3", "B", "L2", 35, 1.0),
    ]
    found = load_trips(lines, [Carrier("Xe máy", 3, 70.0)])
    assert [[line.destination for line in trip.lines] for trip in found.trips] == [
        ["T2"],
        ["T1", "T3"],
    ]
    assert found.left == ()


def test_what_fits_on_no_trip_whole_is_split_by_packs() -> None:
    found = load_trips([Load("T1", "A", "L1", 100, 1.0, 10)], [Carrier("Xe", 3, 45.0)])
    assert [trip.lines[0].quantity for trip in found.trips] == [40, 40, 20]


def test_packs_are_opened_only_where_that_brings_everything_along() -> None:
    line = Load("T1", "A", "L1", 40, 1.0, 20)
    opened = load_trips([line], [Carrier("Xe", 2, 25.0)])
    assert [trip.lines[0].quantity for trip in opened.trips] == [20, 20]
    assert [
        trip.lines[0].quantity for trip in load_trips([line], [Carrier("Xe", 1, 39.0)]).trips
    ] == [20]
    tight = load_trips([line], [Carrier("a", 1, 29.0), Carrier("b", 1, 11.0)])
    assert [trip.lines[0].quantity for trip in tight.trips] == [29, 11]


def test_cold_goods_ride_in_the_vehicle_that_keeps_them_and_nothing_is_hidden() -> None:
    vaccine = Load("T1", "V", "L1", 50, 1.0, cold="2-8")
    found = load_trips([vaccine], [Carrier("Xe tải", 2, 500.0), Carrier("Xe lạnh", 1, 30.0, "2-8")])
    assert [(trip.carrier, trip.litres) for trip in found.trips] == [("Xe lạnh", 30.0)]
    assert [line.quantity for line in found.left] == [20]
    assert load_trips([vaccine], []).left == (vaccine,)


loads = st.builds(
    Load,
    st.sampled_from(["T1", "T2", "T3"]),
    st.sampled_from(["A", "B"]),
    st.sampled_from(["L1", "L2"]),
    st.integers(1, 80),
    st.sampled_from([0.0, 0.3, 1.0, 7.5]),
    st.sampled_from([1, 10]),
    st.sampled_from(["none", "2-8"]),
)
carriers = st.builds(
    Carrier,
    st.sampled_from(["a", "b"]),
    st.integers(0, 3),
    st.sampled_from([10.0, 45.0, 300.0]),
    st.sampled_from(["none", "2-8"]),
)


@given(st.lists(loads, max_size=8), st.lists(carriers, max_size=3))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_trip_is_overloaded_nothing_is_lost_and_nothing_is_left_that_would_fit(
    lines: list[Load], fleet: list[Carrier]
) -> None:
    found = load_trips(lines, fleet)
    assert _units(found) == sum((Counter({_key(x): x.quantity}) for x in lines), Counter())
    kept = {(c.name, c.litres_per_trip): set[str]() for c in fleet}
    for c in fleet:
        kept[c.name, c.litres_per_trip].add(c.cold)
    for trip in found.trips:
        assert trip.litres <= trip.litres_max + 1e-3
        for line in trip.lines:
            assert line.cold == "none" or line.cold in kept[trip.carrier, trip.litres_max]
    for line in found.left:
        for trip in found.trips:
            if line.cold == "none":
                step = min(line.pack_size, line.quantity)
                assert trip.litres_max - trip.litres < step * line.litres_per_unit + 1e-3


def _key(line: Load) -> tuple[object, ...]:
    return line.destination, line.item, line.lot, line.litres_per_unit, line.pack_size, line.cold


def _units(found: Loading) -> Counter[tuple[object, ...]]:
    units = Counter[tuple[object, ...]]()
    for line in (*(x for trip in found.trips for x in trip.lines), *found.left):
        units[_key(line)] += line.quantity
    return units


# --- planned against real ------------------------------------------------------------------------

SENDS = [
    {"from": "K", "to": "T1", "item": "A", "lot": "L1", "day": 0, "quantity": 60},
    {"from": "K", "to": "T1", "item": "A", "lot": "L2", "day": 0, "quantity": 40},
]


def line_of(draft: Draft | None, days_later: int = 0) -> Line:
    drafts = {} if draft is None else {("K", "T1", 0): draft}
    today = START + dt.timedelta(days=days_later)
    (line,) = lines_of(SENDS, drafts, START, {("K", "T1"): 1}, today)
    return line


def moved(sent: int, received: int, lost: int = 0, undone: int = 0) -> Draft:
    one = Moved("A", sent, received, lost, undone, START, None)
    return Draft(7, "posted", 70, (one,))


@pytest.mark.parametrize(
    ("draft", "days_later", "state", "late_days"),
    [
        (None, 9, "waiting", 0),
        (Draft(7, "waiting"), 0, "waiting", 0),
        (Draft(7, "waiting"), 2, "late", 2),
        (Draft(7, "discarded"), 2, "discarded", 0),
        (Draft(7, "withdrawn"), 2, "withdrawn", 0),
        (moved(100, 0), 1, "under_way", 0),
        (moved(100, 30), 3, "overdue", 2),
        (moved(100, 100), 3, "received", 0),
        (moved(100, 90, lost=10), 3, "short", 0),
        (moved(80, 80), 3, "short", 0),
        (moved(120, 120), 3, "over", 0),
        (moved(100, 0, undone=100), 3, "reversed", 0),
        (Draft(7, "posted", 70, ()), 3, "short", 0),
    ],
)
def test_a_line_says_what_became_of_it(
    draft: Draft | None, days_later: int, state: str, late_days: int
) -> None:
    line = line_of(draft, days_later)
    assert (line.planned, line.state, line.late_days) == (100, state, late_days)


def test_what_was_sent_beyond_the_plan_is_a_line_of_its_own_and_what_is_odd_comes_first() -> None:
    extra = Moved("B", 5, 5, 0, 0, START, START)
    draft = Draft(7, "posted", 70, (*moved(100, 100).moved, extra))
    lines = lines_of(SENDS, {("K", "T1", 0): draft}, START, {}, START)
    assert [(line.item, line.planned, line.state) for line in lines] == [
        ("B", 0, "over"),
        ("A", 100, "received"),
    ]
    counted = totals_of(lines)
    assert (counted.lines, counted.odd, counted.arrived) == (2, 1, 2)
