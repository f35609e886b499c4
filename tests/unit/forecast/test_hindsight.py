"""Past forecasts against what came: by hand, and calibrated ones found calibrated."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from supply.forecast.score import HUB_QUANTILES, baseline_quantiles, weighted_interval_score
from supply.forecast.seeing.hindsight import (
    CasePairs,
    UsePairs,
    case_lines,
    case_pairs,
    from_json,
    hindsight,
    pit_histogram,
    to_json,
    use_lines,
)

Z = norm.ppf(np.asarray(HUB_QUANTILES))


def _pairs(quantiles: np.ndarray, truth: np.ndarray) -> CasePairs:
    zero = np.zeros(len(truth), dtype=np.int64)
    return CasePairs(zero, zero, zero + 1, quantiles, quantiles + 1.0, truth)


def _use(expected: list[float], used: list[float], spread: float = 5.0) -> UsePairs:
    n, e = np.zeros(len(used), dtype=np.int64), np.array(expected)
    return UsePairs(n, n, n + 14, e, e - spread, e + spread, np.array(used))


def test_a_right_forecast_is_found_right() -> None:
    truth = np.random.default_rng(1).normal(100.0, 10.0, 4000)
    pairs = _pairs(np.tile(100.0 + 10.0 * Z, (4000, 1)), truth)
    (line,) = case_lines(pairs, pairs.place)
    assert line.coverage_50 == pytest.approx(0.5, abs=0.03)
    assert line.coverage_95 == pytest.approx(0.95, abs=0.02)
    assert line.above_median == pytest.approx(0.5, abs=0.03)
    assert line.log_ratio == pytest.approx(0.0, abs=0.02)
    assert pit_histogram(pairs) == pytest.approx(np.full(10, 0.1), abs=0.02)


def test_what_was_projected_too_low_is_said_to_be_too_low() -> None:
    pairs = _pairs(np.tile(50.0 + 5.0 * Z, (30, 1)), np.full(30, 101.0))
    (line,) = case_lines(pairs, pairs.place)
    assert line.above_median == 1.0
    assert line.log_ratio == pytest.approx(np.log(102 / 51))
    assert line.coverage_95 == 0.0
    assert pit_histogram(pairs)[-1] == pytest.approx(1.0)


def test_pairs_are_those_that_have_come_with_the_hubs_baseline() -> None:
    past = np.array([[10.0, 20.0, 30.0], [np.nan, np.nan, 5.0]])
    ahead = np.tile(np.asarray(HUB_QUANTILES) * 60, (2, 4, 1))
    came = np.array([[31.0, 40.0, np.nan, np.nan], [6.0, np.nan, np.nan, np.nan]])
    pairs = case_pairs([ahead, ahead], [past, past], [came, came])
    assert pairs.place.tolist() == [0, 0, 0, 0]  # the second place has no baseline yet
    assert pairs.origin.tolist() == [0, 0, 1, 1]
    assert pairs.horizon_weeks.tolist() == [1, 2, 1, 2]
    base = baseline_quantiles(past[:1])
    np.testing.assert_array_equal(pairs.baseline[0], base[0, 0])
    lines = case_lines(pairs, pairs.horizon_weeks)
    ours, theirs = (weighted_interval_score(q, np.array(31.0)) for q in (ahead[0, 0], base[0, 0]))
    assert lines[0].relative_wis == pytest.approx(float(ours / theirs))
    assert [line.pairs for line in lines] == [2, 2]


def test_nothing_has_come_yet() -> None:
    empty = case_pairs([], [], [])
    found = hindsight(empty, _use([], []))
    assert (found.case_pairs, found.use_windows, found.by_horizon) == (0, 0, ())
    assert sum(found.pit) == 0.0


def test_an_outcome_equal_to_many_quantiles_is_spread_over_them() -> None:
    q = np.zeros((1, 23))
    q[0, 16:] = 5.0  # quantiles up to 0.7 are 0
    pit = pit_histogram(_pairs(q, np.array([0.0])))
    np.testing.assert_allclose(pit[:7], 1 / 7)
    assert pit.sum() == pytest.approx(1.0)


@given(
    st.lists(st.floats(0, 1000), min_size=23, max_size=23).map(sorted),
    st.lists(st.floats(-5, 1500), min_size=1, max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_the_histogram_always_sums_to_one(q: list[float], truth: list[float]) -> None:
    pit = pit_histogram(_pairs(np.tile(np.array(q), (len(truth), 1)), np.array(truth)))
    assert pit.sum() == pytest.approx(1.0)
    assert (pit >= 0).all()


def test_use_by_hand() -> None:
    (line,) = use_lines(_use([14.0, 24.0], [10.0, 30.0]), np.array([3, 3]))
    assert (line.key, line.pairs, line.expected, line.used) == (3, 2, 38.0, 40.0)
    assert line.wape == pytest.approx(0.25)
    assert line.bias == pytest.approx(-0.05)
    assert line.coverage_90 == 0.5  # 10 lies in 9..19, 30 not in 19..29


def test_nothing_used_has_no_wape() -> None:
    (line,) = use_lines(_use([14.0], [0.0]), np.array([0]))
    assert np.isnan(line.wape)
    assert np.isnan(line.bias)


def test_no_day_counts_twice_by_item() -> None:
    one = _use([10.0, 20.0], [11.0, 22.0])
    both = UsePairs(**{**vars(one), "days": np.array([14, 28])})
    found = hindsight(case_pairs([], [], []), both)
    assert [line.key for line in found.use_by_days] == [14, 28]
    assert [line.used for line in found.use_by_item] == [11.0]


def test_a_result_survives_json() -> None:
    pairs = _pairs(np.tile(50.0 + 5.0 * Z, (3, 1)), np.array([48.0, 52.0, 70.0]))
    found = hindsight(pairs, _use([14.0, 3.0], [10.0, 0.0]))
    assert from_json(json.loads(json.dumps(to_json(found)))) == found
    nothing = hindsight(pairs, _use([3.0], [0.0]))
    again = from_json(json.loads(json.dumps(to_json(nothing))))
    assert np.isnan(again.use_by_days[0].wape)
