"""Learning on made-up use: a wrong norm is put right, gaps do not count, a district lends what it knows."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.forecast.cases import FloatArray
from supply.forecast.rates.blend import rates_of
from supply.forecast.rates.learned import FIGURES, Learned
from supply.forecast.rates.learning import learn
from supply.forecast.rates.past import Past
from supply.forecast.rates.settings import load_settings

SETTINGS = load_settings(dt.date(2022, 1, 23))
DAYS = SETTINGS.days


def past_of(expected: FloatArray, observed: FloatArray) -> Past:
    """A past in which every day counts."""
    seen = np.ones(expected.shape, dtype=bool)
    return Past(expected, observed, seen, ~seen)


def weekly_issues(use: FloatArray) -> FloatArray:
    """What is used daily, handed out once a week for the week gone by."""
    lumps = np.zeros_like(use)
    for last in range(6, use.shape[-1], 7):
        lumps[..., last] = use[..., last - 6 : last + 1].sum(axis=-1)
    return lumps


@pytest.mark.parametrize("factor", [0.5, 2.0])
@pytest.mark.parametrize("lumpy", [False, True])
def test_a_norm_wrong_by_two_is_put_right_within_a_fifth_in_four_weeks(
    factor: float, lumpy: bool
) -> None:
    rng = np.random.default_rng(7)
    expected = np.zeros((10, 8, DAYS))
    expected[..., -28:] = rng.uniform(5, 60, (10, 8, 1))
    observed = rng.poisson(factor * expected).astype(float)
    past = past_of(expected, weekly_issues(observed) if lumpy else observed)
    past = replace(past, seen=expected > 0)
    found = learn(past, SETTINGS).multiplier / factor
    assert (np.abs(found - 1.0) <= 0.2).mean() >= 0.95
    assert abs(np.median(found) - 1.0) < 0.08  # a week dated by its last day looks newer than it is


def test_without_days_that_count_the_norm_stands() -> None:
    expected = np.full((3, 2, DAYS), 10.0)
    nothing = np.zeros(expected.shape, dtype=bool)
    past = Past(expected, np.zeros_like(expected), nothing, ~nothing)
    found = rates_of(past, np.zeros((3, 2)), np.zeros((3, 2), dtype=bool), SETTINGS)
    assert (found.multiplier == 1.0).all()
    assert (found.weight == 0.0).all()
    assert (found.method == "norm").all()
    assert (found.days_stocked_out == DAYS).all()


def test_days_out_of_stock_are_not_days_without_need() -> None:
    rng = np.random.default_rng(8)
    expected = np.full((6, 3, DAYS), 20.0)
    observed = rng.poisson(expected).astype(float)
    out = np.zeros(expected.shape, dtype=bool)
    out[:, :, 60:120] = True
    observed[out] = 0.0
    blind = learn(past_of(expected, observed), SETTINGS).multiplier
    found = learn(Past(expected, observed, ~out, out), SETTINGS)
    assert np.allclose(found.multiplier, 1.0, atol=0.08)
    assert (found.days_stocked_out == 60).all()
    assert (blind < 0.9).all()


def test_a_facility_without_a_book_is_told_by_its_district() -> None:
    rng = np.random.default_rng(9)
    expected = np.full((8, 4, DAYS), 15.0)
    observed = rng.poisson(1.6 * expected).astype(float)
    seen = np.ones(expected.shape, dtype=bool)
    seen[0] = False
    found = learn(Past(expected, observed, seen, ~seen), SETTINGS)
    assert (found.method[0] == "norm").all()
    assert np.allclose(found.multiplier[0], 1.6, atol=0.15)
    assert (found.own_weight[0] == 0).all()
    assert (found.weight[0] > 0.5).all()
    assert (found.multiplier_sd[0] > found.multiplier_sd[1]).all()


def test_the_blended_rate_lies_between_its_own_ratio_and_the_district() -> None:
    rng = np.random.default_rng(10)
    expected = rng.uniform(0.05, 3.0, (12, 6, 1)) * np.ones(DAYS)
    observed = rng.poisson(expected * rng.lognormal(0, 0.5, (12, 6, 1))).astype(float)
    found = learn(past_of(expected, observed), SETTINGS)
    age = np.arange(DAYS - 1, -1, -1)
    recency = 2.0 ** (-age / SETTINGS.half_life_days)
    own = (observed @ recency) / (expected @ recency)
    mixed = found.own_weight * own + (1 - found.own_weight) * found.district_multiplier
    inside = (mixed > SETTINGS.multiplier_low) & (mixed < SETTINGS.multiplier_high)
    assert inside.any()
    assert np.allclose(found.multiplier[inside], mixed[inside])


def test_weekly_lumps_add_little_to_a_fortnight_and_random_ones_a_lot() -> None:
    rng = np.random.default_rng(11)
    expected = np.full((12, 5, DAYS), 30.0)
    steady = weekly_issues(rng.poisson(expected).astype(float))
    at_random = np.where(rng.random(expected.shape) < 1 / 7, 7 * expected, 0.0)
    regular = learn(past_of(expected, steady), SETTINGS)
    random = learn(past_of(expected, at_random), SETTINGS)
    assert np.median(regular.dispersion + 30 * regular.lump_days) < 5
    # A week's need at random times: variance 7 · 30 · (1 − 1/7) of a mean of 1.
    assert np.median(random.dispersion + 30 * random.lump_days) == pytest.approx(180, rel=0.4)


def test_use_without_a_driver_becomes_base_and_beyond_five_times_the_norm_too() -> None:
    rng = np.random.default_rng(12)
    expected = np.zeros((4, 3, DAYS))
    expected[:, 1:] = 2.0
    use = np.array([3.0, 2.0, 20.0])[None, :, None] * np.ones((4, 3, DAYS))
    past = past_of(expected, rng.poisson(use).astype(float))
    fixed, pinned = np.zeros((4, 3)), np.zeros((4, 3), dtype=bool)
    found = rates_of(past, fixed, pinned, SETTINGS)
    assert set(found.method[:, 0]) <= {"tsb", "sba"}
    assert np.allclose(found.base_per_day[:, 0], 3.0, atol=1.0)
    assert np.allclose(found.base_per_day[:, 1], 0.0)
    assert np.allclose(found.multiplier[:, 2], 5.0)
    assert np.allclose(2.0 * 5.0 + found.base_per_day[:, 2], 20.0, atol=0.6)


def test_a_fixed_term_is_corrected_by_use_and_a_pin_holds_to_the_norm() -> None:
    rng = np.random.default_rng(13)
    nothing = np.zeros((6, 2, DAYS))
    fixed = np.full((6, 2), 12.0)
    past = past_of(nothing, rng.poisson(24.0, nothing.shape).astype(float))
    pinned = np.zeros((6, 2), dtype=bool)
    pinned[0, 0] = True
    found = rates_of(past, fixed, pinned, SETTINGS)
    assert found.method[0, 0] == "pinned"
    assert found.base_per_day[0, 0] == 12.0
    assert (found.method[1:] == "fixed").all()
    assert np.allclose(found.base_per_day[1:], 24.0, rtol=0.1)


def test_figures_that_make_no_sense_are_refused() -> None:
    expected = np.ones((1, 1, 5))
    with pytest.raises(ValueError, match="observed"):
        past_of(expected, np.full((1, 1, 5), -1.0))
    with pytest.raises(ValueError, match="one shape"):
        past_of(expected, np.ones((1, 2, 5)))
    with pytest.raises(ValueError, match="one shape"):
        replace(Learned.neutral(2, 3), multiplier=np.ones((2, 2)))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 2**31),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)
def test_whatever_happened_rates_are_finite_and_in_bounds(
    facilities: int, items: int, seed: int, seen_share: float, used_share: float
) -> None:
    rng = np.random.default_rng(seed)
    size = (facilities, items, DAYS)
    expected = rng.exponential(10.0, size) * (rng.random((facilities, items, 1)) < 0.7)
    observed = np.round(rng.exponential(1e4, size)) * (rng.random(size) < used_share)
    seen = rng.random(size) < seen_share
    found = rates_of(
        Past(expected, observed, seen, ~seen),
        rng.exponential(1.0, (facilities, items)),
        rng.random((facilities, items)) < 0.2,
        SETTINGS,
    )
    for name in FIGURES:
        figures = getattr(found, name)
        if name not in ("norm_per_day", "observed_per_day"):
            assert np.isfinite(figures).all(), name
        assert (np.nan_to_num(figures) >= 0).all(), name
    assert (found.weight <= 1).all()
    assert (found.multiplier <= SETTINGS.multiplier_high).all()


def test_rates_are_the_same_whatever_the_order_of_facilities() -> None:
    rng = np.random.default_rng(14)
    expected = rng.exponential(5.0, (5, 4, DAYS))
    observed = rng.poisson(expected).astype(float)
    order = rng.permutation(5)
    straight = learn(past_of(expected, observed), SETTINGS).multiplier
    turned = learn(past_of(expected[order], observed[order]), SETTINGS).multiplier
    assert np.allclose(straight[order], turned)
