"""How evenly a plan serves, and what it leaves short on each day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.allocation import core
from supply.allocation.comparison import WAYS, compare
from supply.allocation.seeing.fairness import fairness
from supply.allocation.synthetic import synthetic_instance

pairs = st.integers(1, 500).flatmap(lambda need: st.tuples(st.integers(0, need), st.just(need)))


@given(st.dictionaries(st.sampled_from([f"T{n}" for n in range(9)]), pairs, min_size=1))
def test_the_curve_lies_below_the_diagonal_and_the_gini_within_its_bounds(
    places: dict[str, tuple[int, int]],
) -> None:
    told = fairness({(place, "severe"): pair for place, pair in places.items()})["severe"]
    curve = told["lorenz"]
    assert curve[0] == [0, 0]
    assert curve[-1] == [1, 1]
    assert all(y <= x + 2e-6 for x, y in curve)
    assert 0 <= told["gini"] < 1
    assert told["min"] == pytest.approx(min(s / n for s, n in places.values()), abs=1e-6)
    assert told["min"] <= told["mean"] + 1e-6


def test_known_cases() -> None:
    even = fairness({("A", "mild"): (5, 10), ("B", "mild"): (50, 100)})
    assert (even["mild"]["gini"], even["mild"]["min"]) == (0.0, 0.5)
    all_to_one = fairness({("A", "mild"): (0, 10), ("B", "mild"): (10, 10)})["mild"]
    assert (all_to_one["gini"], all_to_one["mean"]) == (0.5, 0.5)
    assert fairness({("A", "mild"): (0, 3)})["mild"]["gini"] == 0.0


def test_the_days_add_up_to_the_shortage() -> None:
    instance = synthetic_instance(6, 3, 5, seed=3)
    plan = core.solve(instance, "proportional", 2)
    told = compare(instance, plan)
    assert sum(told["days"]["plan"]) == plan.shortage.plan
    assert sum(told["days"]["no_transfer"]) == plan.shortage.no_transfer
    assert sum(told["days"]["proportional"]) == plan.shortage.proportional
    assert set(told["fairness"]) == set(WAYS)
