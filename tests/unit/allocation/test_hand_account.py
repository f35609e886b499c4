"""The figures plans are held side by side by, and what one plan costs beside another."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from supply.allocation.core import solve
from supply.allocation.hand.account import Wasted, account, value_vnd, wasted
from supply.allocation.hand.difference import Line, difference, same_need
from supply.allocation.hand.pins import pinned
from supply.allocation.instance import STANDARD_WEIGHTS, Instance
from supply.allocation.plan import weighted_shortage
from supply.allocation.seeing.fairness import fairness
from tests.unit.allocation.build import arc, instance, instances, lot, need

PRICES = {("X", "L1"): (1000, 3), ("X", "L2"): (50, 1)}


def two_stations() -> Instance:
    """A has 40 that keep and 30 that expire on day 1; B lacks 50 and is a day away."""
    return instance(
        items=[{"id": "X", "pack_size": 10, "litres_per_unit": 0.5}],
        lots=[lot("A", 40, "L1"), lot("A", 30, "L2", expiry="2022-03-02")],
        demand=[need("A", 10, 0), need("B", 50, 3)],
        arcs=[arc("A", "B", 1)],
    )


def test_the_account_adds_up() -> None:
    world = two_stations()
    found = account(world, solve(world), PRICES)
    assert found.classes["critical"].served == 50
    assert (found.points, found.bound) == (10_000, 10_000)
    assert found.gap_percent == 0.0
    assert (found.moves, found.trips, found.litres) == (1, 1, 20.0)
    assert found.moved_vnd == 13_333
    assert found.wasted == Wasted(1, 20, 1000)
    figures = found.classes["critical"]
    assert (figures.worst, figures.mean) == (0.8, 50 / 60)


def test_a_lot_without_a_price_is_counted_not_guessed() -> None:
    found = account(two_stations(), solve(two_stations()), {})
    assert (found.moved_vnd, found.unpriced) == (0, 1)
    assert value_vnd({("X", "L1"): (1, 2)}, "X", "L1", 1) == 1


def test_own_weights_are_told_in_standard_points_without_a_bound() -> None:
    world = instance(lots=[lot("A", 5)], demand=[need("A", 9)])
    own = {**STANDARD_WEIGHTS, "critical": 7}
    found = account(world, replace(solve(world), weights=own), {})
    assert (found.points, found.bound, found.gap_percent) == (4000, None, None)


@given(world=instances(), other=st.sampled_from(["least-shortage", "proportional"]))
@settings(max_examples=6, deadline=None)
def test_any_two_plans_differ_by_what_their_points_say(world: Instance, other: str) -> None:
    one, two = solve(world, time_limit_seconds=5), solve(world, other, 5)
    found = difference(world, one, two)
    first, second = (weighted_shortage(world, p.quotas, STANDARD_WEIGHTS) for p in (one, two))
    assert found.points == second - first
    assert all(s.units < 0 for s in found.losers)
    assert all(s.units > 0 for s in found.gainers)
    back = difference(world, two, one)
    assert back.points == -found.points
    assert len(back.losers) == len(found.gainers)
    lost = wasted(world, one, {})
    assert 0 <= lost.units <= sum(row.quantity for row in world.stock_rows)
    used = sum(q.quantity for q in one.quotas)
    assert used + lost.units <= sum(row.quantity for row in world.stock_rows)


def test_a_pin_costs_what_the_difference_says() -> None:
    world = two_stations()
    edited = pinned(world, [{"from": "A", "to": "B", "item": "X", "min": 20, "max": 20}])
    assert same_need(world, edited)
    found = difference(world, solve(world), solve(edited))
    assert (found.points, found.by_class) == (20_000, {"critical": -20})
    assert found.lines == (Line("A", "B", "X", 40, 20),)
    assert [(s.facility, s.units) for s in found.losers] == [("B", -20)]
    assert not same_need(world, instance(demand=[need("B", 1)]))


PAIRS = st.lists(
    st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=12,
)


@given(pairs=PAIRS, factor=st.integers(2, 1000))
def test_gini_is_a_share_and_does_not_depend_on_units(
    pairs: list[tuple[int, int]], factor: int
) -> None:
    def gini(rows: list[tuple[int, int]]) -> float:
        told = fairness({(str(at), "mild"): row for at, row in enumerate(rows)})
        return float(told["mild"]["gini"])

    assert 0 <= gini(pairs) < 1
    assert abs(gini(pairs) - gini([(factor * s, factor * n) for s, n in pairs])) < 2e-6
    assert gini([(n, n) for _, n in pairs]) == 0


@given(pairs=PAIRS)
def test_lorenz_rises_below_the_diagonal(pairs: list[tuple[int, int]]) -> None:
    told = fairness({(str(at), "mild"): row for at, row in enumerate(pairs)})["mild"]["lorenz"]
    assert (told[0], told[-1]) == ([0.0, 0.0], [1.0, 1.0])
    assert all(y <= x + 2e-6 for x, y in told)
    assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(told))
