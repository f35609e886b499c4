"""The arithmetic of a count: the numbers of the docstrings, and what must always hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from supply.counts.variance import Counted, Held, Restated, Variance, corrections, totals

quantities = st.integers(0, 10**9)


def test_good_is_what_is_left_of_the_quantity():
    assert Counted(100, poor=7, spoiled=3).good == 90


def test_a_missing_unit_of_three_worth_100_dong_is_worth_33():
    one = Variance(3, 100, 2)
    assert (one.difference, one.shortage, one.surplus) == (-1, 1, 0)
    assert one.difference_vnd == -33
    assert one.counted_vnd == 67


def test_a_lot_found_without_a_book_is_worth_its_price():
    found = Variance(0, 0, 4, unit_price_vnd=2500)
    assert (found.surplus, found.difference_vnd, found.counted_vnd) == (4, 10_000, 10_000)


def test_what_was_not_counted_differs_by_nothing():
    blank = Variance(10, 5000, None)
    assert (blank.difference, blank.difference_vnd, blank.counted_vnd) == (0, 0, None)


@given(quantities.filter(bool), st.integers(0, 10**13))
def test_nothing_counted_takes_the_whole_value_away(book, amount):
    assert Variance(book, amount, 0).counted_vnd == 0
    assert Variance(book, amount, book).counted_vnd == amount


def test_a_late_issue_restates_the_variance_and_keeps_what_was_counted():
    late = Restated(book_then=100, book_now=95, counted=95)
    assert (late.difference_then, late.difference_now, late.is_restated) == (-5, 0, True)
    assert not Restated(100, 100, 95).is_restated


def test_a_shortage_is_taken_from_the_oldest_and_a_surplus_joins_the_newest():
    held = [Held(1, 10, 10), Held(2, 5, 5), Held(3, 0, 40)]
    assert [(c.direction, c.quantity, c.consignment_id) for c in corrections(-12, held)] == [
        ("out", 10, 1),
        ("out", 2, 2),
    ]
    assert [(c.direction, c.quantity, c.consignment_id) for c in corrections(4, held)] == [
        ("in", 4, 2)
    ]
    assert corrections(4, [])[0].consignment_id is None
    assert corrections(0, held) == []


held_lots = st.lists(st.tuples(quantities, quantities), max_size=5).map(
    lambda pairs: [Held(n, then, now) for n, (then, now) in enumerate(pairs, 1)]
)


@given(st.integers(-(10**9), 10**9), held_lots)
def test_corrections_always_add_up_to_the_difference(difference, held):
    lines = corrections(difference, held)
    signed = sum(c.quantity if c.direction == "in" else -c.quantity for c in lines)
    assert signed == difference or (difference < 0 and not held)
    assert all(c.quantity > 0 for c in lines)
    assert len({c.consignment_id for c in lines}) == len(lines)


def test_a_sheet_adds_up():
    sheet = [Variance(3, 100, 2), Variance(0, 0, 4, 2500), Variance(5, 50, 5), Variance(1, 1, None)]
    foot = totals(sheet)
    assert (foot.lines, foot.counted, foot.uncounted, foot.differing) == (4, 3, 1, 2)
    assert (foot.surplus_vnd, foot.shortage_vnd) == (10_000, 33)
