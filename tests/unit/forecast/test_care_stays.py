"""Stays and delays as distributions: means kept, patient-days conserved, worked numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.forecast.care.presence import Census, Inflow, leaving, present, reported_to_care
from supply.forecast.care.stays import Spread, after_delay, arriving, remaining, staying

spreads = st.one_of(
    st.builds(Spread, st.floats(0, 20)),
    st.builds(Spread, st.floats(1, 8), st.just("geometric")),
    st.builds(Spread, st.floats(0.5, 15), st.just("gamma"), st.floats(0.1, 1.2)),
)


def test_worked_numbers() -> None:
    np.testing.assert_allclose(staying(Spread(7), 9), [1] * 7 + [0, 0])
    np.testing.assert_allclose(staying(Spread(2.5), 4), [1, 1, 0.5, 0])
    np.testing.assert_allclose(staying(Spread(2, "geometric"), 4), [1, 0.5, 0.25, 0.125])
    np.testing.assert_allclose(arriving(Spread(1.5), 4), [0, 0.5, 0.5, 0])
    np.testing.assert_allclose(arriving(Spread(1, "geometric"), 3), [0.5, 0.25, 0.125])
    np.testing.assert_allclose(arriving(Spread(0), 3), [1, 0, 0])
    np.testing.assert_allclose(remaining(staying(Spread(7), 9), 7)[:8], np.arange(7, -1, -1) / 7)


@given(spreads)
def test_a_stay_sums_to_its_mean_and_never_rises(spread: Spread) -> None:
    kernel = staying(spread, 400)
    assert kernel.sum() == pytest.approx(spread.mean_days, abs=1e-3)
    assert (np.diff(kernel) <= 1e-12).all()
    assert (kernel >= -1e-12).all()
    assert (kernel <= 1 + 1e-12).all()


@given(spreads)
def test_a_delay_brings_everybody_after_its_mean(spread: Spread) -> None:
    chance = arriving(spread, 600)
    assert (chance >= 0).all()
    assert chance.sum() == pytest.approx(1, abs=1e-3)
    assert chance @ np.arange(600) == pytest.approx(spread.mean_days, abs=0.05)


@given(spreads)
def test_who_is_left_starts_at_all_and_only_falls(spread: Spread) -> None:
    left = remaining(staying(spread, 60), spread.mean_days)
    assert left[0] == pytest.approx(1)
    assert (np.diff(left) <= 1e-9).all()
    assert (left >= 0).all()


@pytest.mark.parametrize("bad", [{"shape": "weibull"}, {"mean_days": -1.0}, {"shape": "gamma"}])
def test_a_duration_that_cannot_be_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must be|needs"):
        Spread(**{"mean_days": 3.0, **bad})  # type: ignore[arg-type]


short = st.one_of(
    st.builds(Spread, st.floats(0, 20)),
    st.builds(Spread, st.floats(1, 5), st.just("geometric")),
    st.builds(Spread, st.floats(0.5, 10), st.just("gamma"), st.floats(0.1, 0.8)),
)


@settings(max_examples=40, deadline=None)
@given(short, short, st.integers(0, 10**6))
def test_arrivals_times_stay_are_the_patient_days_when_the_horizon_covers_all(
    stay: Spread, delay: Spread, seed: int
) -> None:
    reported = np.zeros((1, 3, 260))
    reported[..., :20] = np.random.default_rng(seed).integers(0, 9, (1, 3, 20))
    came = after_delay(reported, delay)
    here = present([Inflow(came, stay)], Census(np.full(3, np.nan), np.zeros(3, dtype=np.int64)))
    total = reported.sum()
    assert came.sum() == pytest.approx(total, rel=1e-3)
    assert here.sum() == pytest.approx(total * stay.mean_days, rel=1e-2, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    spreads,
    st.integers(0, 15),
    st.lists(st.one_of(st.none(), st.integers(0, 500)), min_size=3, max_size=3),
    st.integers(0, 10**6),
)
def test_on_its_day_the_census_is_the_one_entered_in_every_draw(
    stay: Spread, at: int, counted: list[int | None], seed: int
) -> None:
    came = np.random.default_rng(seed).poisson(4.0, (5, 3, 30)).astype(float)
    patients = np.array([np.nan if n is None else n for n in counted])
    census = Census(patients, np.full(3, at))
    free = present([Inflow(came, stay)], Census(np.full(3, np.nan), np.full(3, at)))
    here = present([Inflow(came, stay)], census)
    for row, count in enumerate(counted):
        if count is None:
            np.testing.assert_array_equal(here[:, row], free[:, row])
        else:
            assert (here[:, row, at] == count).all()
            np.testing.assert_array_equal(here[:, row, :at], free[:, row, :at])
    assert (here >= -1e-9).all()


def test_a_census_equal_to_what_the_cases_say_changes_nothing() -> None:
    came = np.full((1, 1, 40), 3.0)
    stay = Spread(6, "gamma", 0.7)
    free = present([Inflow(came, stay)], Census(np.array([np.nan]), np.array([20])))
    fixed = present([Inflow(came, stay)], Census(free[0, :, 20], np.array([20])))
    np.testing.assert_allclose(fixed, free)


def test_who_leaves_intensive_care_goes_on_in_a_bed() -> None:
    came = np.zeros((1, 1, 30))
    came[..., 2] = 10
    nobody = Census(np.array([np.nan]), np.array([0]))
    here = present([Inflow(came, Spread(14))], nobody)
    left = leaving(came, here, nobody)
    np.testing.assert_allclose(np.flatnonzero(left[0, 0]), [16])
    beds = present([Inflow(left, Spread(3))], nobody)
    np.testing.assert_allclose(np.flatnonzero(beds[0, 0]), [16, 17, 18])
    assert beds.max() == pytest.approx(10)


def test_the_past_is_the_same_in_every_draw_and_the_delay_reaches_over_it() -> None:
    coming = np.random.default_rng(1).poisson(3.0, (4, 2, 5)).astype(float)
    past = np.array([[1.0, 2, 3], [4, 5, 6]])
    came = reported_to_care(coming, past, Spread(2))
    np.testing.assert_allclose(came[:, :, :2], 0)
    np.testing.assert_allclose(came[:, 0, 2:5], [[1, 2, 3]] * 4)
    np.testing.assert_allclose(came[..., 5:], coming[..., :3])
