"""Kits taken apart: the numbers of the docstrings, and what must always hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from supply.kits.explode import Component, Need, against_stock, explode, needed, possible, take

BAG_B = (Component("TH007", 14), Component("TH014", 7))


def test_three_bags_b():
    assert explode(BAG_B, 3) == {"TH007": 42, "TH014": 21}


def test_a_monitor_for_every_four_beds_rounds_up():
    assert needed(Component("TB004", 1, per_beds=4), 10) == 3
    assert needed(Component("TB004", 1, per_beds=4), 0) == 0


def test_how_many_kits_the_stock_gives():
    assert possible((Component("A", 28), Component("B", 14)), {"A": 100, "B": 40}) == 2
    assert possible(BAG_B, {"TH007": 1000}) == 0
    assert possible((), {"A": 5}) == 0


def test_what_is_missing_and_what_is_there():
    assert Need("A", 560, 500).missing == 60
    assert Need("A", 560, 500).available == 500
    assert Need("A", 5, 500).missing == 0


def test_the_oldest_kits_go_first():
    assert take({1: 15, 2: 10}, 20) == {1: 15, 2: 5}
    assert take({1: 15, 2: 10}, 26) is None
    assert take({}, 1) is None


components = st.lists(
    st.tuples(st.text("ABCDEF", min_size=1, max_size=2), st.integers(1, 500)),
    min_size=1,
    max_size=6,
    unique_by=lambda pair: pair[0],
).map(lambda pairs: [Component(item, n) for item, n in pairs])
stocks = st.dictionaries(st.text("ABCDEF", min_size=1, max_size=2), st.integers(0, 100_000))


@given(components, stocks)
def test_what_is_possible_is_there_and_one_more_is_not(parts, stock):
    most = possible(parts, stock)
    assert not any(n.missing for n in against_stock(parts, most, stock))
    assert any(n.missing for n in against_stock(parts, most + 1, stock))


@given(st.dictionaries(st.integers(1, 9), st.integers(0, 50)), st.integers(1, 200))
def test_taking_adds_up_and_never_takes_more_than_there_is(counts, wanted):
    taken = take(counts, wanted)
    assert (taken is None) == (sum(counts.values()) < wanted)
    if taken is not None:
        assert sum(taken.values()) == wanted
        assert all(0 < n <= counts[version] for version, n in taken.items())
