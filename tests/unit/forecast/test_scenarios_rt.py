"""Rt is found again where it is known, with an interval that holds it, and is sane with few cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.forecast.cases import FloatArray
from supply.forecast.scenarios.rt import (
    RtPosterior,
    estimate_rt,
    generation_weights,
    smooth_days,
)
from supply.forecast.scenarios.spec import Generation

DELTA = Generation(4.7, 2.0)


def simulated(rt: float, start: float, weeks: int, wards: int, seed: int) -> FloatArray:
    """[ward, week] of a Poisson renewal process with a known R, after a start of 28 even days."""
    rng, weights = np.random.default_rng(seed), generation_weights(DELTA)
    growth = np.linspace(-0.3, 0.3, 6001)
    ages = np.arange(1, len(weights) + 1)
    r = np.interp(rt, 1 / (np.exp(-np.outer(growth, ages)) @ weights), growth)
    days = list(rng.poisson(start * np.exp(r * np.arange(-28, 0))[:, None], (28, wards)))
    for _ in range(weeks * 7):
        past = np.array(days[-len(weights) :])[::-1]
        days.append(rng.poisson(rt * (weights @ past)))
    return np.array(days[28:], dtype=float).T.reshape(wards, weeks, 7).sum(axis=-1)


def rt_of(weekly: FloatArray, dispersion: float = 1.0) -> RtPosterior:
    return estimate_rt(weekly, DELTA, 14, 50.0, dispersion)


@pytest.mark.parametrize("rt", [0.6, 0.8, 1.0, 1.2, 1.5])
def test_a_known_rt_is_found_within_a_twentieth(rt: float) -> None:
    found = [rt_of(simulated(rt, 400.0, 7, 5, seed)).mean for seed in range(8)]
    assert np.mean(found) == pytest.approx(rt, rel=0.05)


def test_the_interval_holds_the_known_rt_as_often_as_it_says() -> None:
    held = []
    for seed in range(150):
        low, high = rt_of(simulated(1.1, 30.0, 7, 3, 100 + seed)).interval(0.90)
        held.append(low <= 1.1 <= high)
    assert 0.83 <= np.mean(held) <= 0.97


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5000), st.floats(1.5, 8.0), st.integers(1, 12))
def test_constant_cases_give_one_whatever_the_interval(
    cases: int, mean_days: float, weeks: int
) -> None:
    weekly = np.full((2, weeks), float(cases))
    found = estimate_rt(weekly, Generation(mean_days, mean_days / 2), 14, 50.0, 1.0)
    assert found.mean == pytest.approx(1.0)
    assert found.ward_mean() == pytest.approx(np.ones(2))


def test_a_ward_with_few_cases_takes_its_districts_rt() -> None:
    large = simulated(1.4, 400.0, 7, 4, 1)
    small = np.array([[0, 0, 0, 0, 0, 0, 1.0]])
    found = rt_of(np.concatenate([large, small]))
    assert found.ward_mean()[-1] == pytest.approx(found.mean, rel=0.1)
    none = rt_of(np.concatenate([large, small * 0]))
    assert none.ward_mean()[-1] == pytest.approx(none.mean)


def test_without_any_case_rt_is_about_one_and_wide() -> None:
    found = rt_of(np.zeros((3, 6)))
    low, high = found.interval()
    assert found.mean == pytest.approx(1.0)
    assert low < 0.4
    assert high > 1.8


def test_a_larger_dispersion_widens_the_interval() -> None:
    weekly = simulated(1.2, 100.0, 7, 3, 3)
    narrow, wide = rt_of(weekly).interval(), rt_of(weekly, 8.0).interval()
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])


def test_the_worst_part_of_the_posterior_is_above_the_whole() -> None:
    found = rt_of(simulated(1.2, 30.0, 7, 3, 3))
    whole = found.draws(400, np.random.default_rng(0))
    worst = found.draws(400, np.random.default_rng(0), lowest=0.8)
    assert whole.mean(axis=0) == pytest.approx(found.ward_mean(), rel=0.05)
    assert (worst.mean(axis=0) > whole.mean(axis=0)).all()
    assert (found.draws(400, np.random.default_rng(0), least=2.0) >= 2.0).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 9999), min_size=2, max_size=12))
def test_days_are_not_negative_and_sum_to_their_week(weeks: list[int]) -> None:
    days = smooth_days(np.array([weeks], dtype=float))
    assert (days >= 0).all()
    assert days.reshape(1, -1, 7).sum(axis=-1)[0] == pytest.approx(weeks, abs=1e-6)


@given(st.floats(1.2, 7.0), st.floats(0.3, 0.75))
def test_generation_weights_are_a_distribution_with_its_mean(mean: float, ratio: float) -> None:
    weights = generation_weights(Generation(mean, mean * ratio))
    assert weights.sum() == pytest.approx(1.0)
    assert weights @ np.arange(1, len(weights) + 1) == pytest.approx(mean, abs=0.45)


def test_weeks_before_a_wards_first_report_are_not_taken_for_none() -> None:
    late = np.array([[np.nan, np.nan, np.nan, np.nan, 70.0, 70.0]])
    assert rt_of(late).mean == pytest.approx(1.0)
