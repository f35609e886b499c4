"""A scenario goes on from today, never infects more than there are, and follows its factor."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.forecast.cases import FloatArray
from supply.forecast.scenarios.renewal import expected_paths, level_today, scenario_paths
from supply.forecast.scenarios.spec import Change, Generation, ScenarioSpec, Variant, WardOverride

DAY_0 = date(2022, 1, 23)
PLAIN = ScenarioSpec(
    library_key="test",
    changes=(),
    generation=Generation(4.7, 2.0),
    rt_from=0.0,
    rt_least=0.0,
    reporting_share=0.5,
    susceptible_share=1.0,
    immunity_days=180,
    rt_window_days=14,
    ward_prior_cases=50.0,
    rt_dispersion=1.0,
    drift_sd_per_week=0.0,
    dispersion=1.0,
    delay_days=0,
    horizon_days=90,
)
VARIANT = Variant("omicron", DAY_0 + timedelta(days=7), 14, 2.0, 0.5, Generation(3.0, 1.5))


def weeks_of(*levels: float, weeks: int = 10, growth: float = 1.0) -> FloatArray:
    """[ward, week] ending at `levels`, growing by a factor a week."""
    return np.array(levels)[:, None] * growth ** np.arange(1 - weeks, 1)


def recent(history: FloatArray) -> FloatArray:
    return np.repeat(history[:, -3:] / 7.0, 7, axis=1)


def mean_of(history: FloatArray, spec: ScenarioSpec, days: int = 60, **more: Any) -> FloatArray:
    """The expected paths [draw, ward, day], always with the same chance."""
    population = more.get("population", np.full(len(history), 50_000.0))
    codes = [f"w{n}" for n in range(len(history))]
    rng = np.random.default_rng(7)
    return expected_paths(
        history,
        recent(history),
        population,
        spec,
        more.get("draws", 20),
        days,
        rng,
        day_0=DAY_0,
        ward_codes=codes,
    ).mean


histories = st.lists(
    st.lists(st.integers(0, 3000), min_size=8, max_size=8), min_size=1, max_size=3
).map(lambda rows: np.array(rows, dtype=np.float64))
specs = st.builds(
    lambda factor, share, drift, delay, variant, imports, least: replace(
        PLAIN,
        changes=(Change(DAY_0, factor),),
        reporting_share=share,
        drift_sd_per_week=drift,
        delay_days=delay,
        variant=VARIANT if variant else None,
        imports_per_100k_day=imports,
        rt_least=least,
        dispersion=4.0,
    ),
    st.floats(0.1, 5.0),
    st.floats(0.05, 1.0),
    st.floats(0.0, 0.4),
    st.integers(0, 10),
    st.booleans(),
    st.sampled_from([0.0, 0.0, 20.0]),
    st.sampled_from([0.0, 1.5]),
)


@settings(max_examples=40, deadline=None)
@given(histories, specs, st.integers(1, 180))
def test_day_0_is_today_and_nobody_is_infected_twice_and_nothing_explodes(
    history: FloatArray, spec: ScenarioSpec, days: int
) -> None:
    population = np.full(len(history), 40_000.0)
    mean = mean_of(history, spec, days, population=population, draws=10)
    today = np.minimum(level_today(recent(history)), 40_000.0 * spec.reporting_share)
    assert np.allclose(mean[:, :, 0], today, rtol=1e-9)
    assert np.isfinite(mean).all()
    assert (mean >= 0).all()
    infected = mean.sum(axis=-1) / spec.reporting_share
    assert (infected <= population * (1 + 1e-9)).all()
    cases = scenario_paths(
        history,
        recent(history),
        population,
        spec,
        10,
        days,
        np.random.default_rng(3),
        day_0=DAY_0,
        ward_codes=[f"w{n}" for n in range(len(history))],
    )
    assert cases.shape == (10, len(history), days)
    assert (cases >= 0).all()
    assert (cases.sum(axis=-1) <= population).all()
    if spec.imports_per_100k_day == 0:
        assert (cases[:, history[:, -1] == 0] == 0).all()


@settings(max_examples=25, deadline=None)
@given(histories, specs, st.floats(1.0, 2.0))
def test_a_higher_factor_never_means_fewer_cases_up_to_any_day(
    history: FloatArray, spec: ScenarioSpec, more: float
) -> None:
    steady = replace(spec, drift_sd_per_week=0.0, delay_days=0, variant=None)
    higher = replace(steady, changes=(Change(DAY_0, steady.changes[0].factor * more),))
    low = mean_of(history, steady, 90).cumsum(axis=-1)
    high = mean_of(history, higher, 90).cumsum(axis=-1)
    assert (high >= low * (1 - 1e-9)).all()


def test_r_of_one_and_a_factor_of_one_keep_the_level() -> None:
    history = weeks_of(70.0, 700.0)
    still = replace(PLAIN, fixed_rt=True)  # the posterior's mean: R = 1
    mean = mean_of(history, still, 60, population=np.full(2, 1e9))
    assert np.allclose(mean, np.array([10.0, 100.0])[None, :, None], rtol=1e-3)


def test_growth_goes_on_as_it_was() -> None:
    history = weeks_of(200.0, growth=1.4)
    mean = mean_of(history, replace(PLAIN, rt_dispersion=0.01), 15, population=np.array([1e9]))
    assert mean[:, 0, 14].mean() / mean[:, 0, 7].mean() == pytest.approx(1.4, rel=0.06)


def test_a_dated_measure_bends_the_curve_from_its_day_and_after_the_delay() -> None:
    history = weeks_of(700.0)
    measure = replace(PLAIN, changes=(Change(DAY_0 + timedelta(days=20), 0.5),))
    plain, bent = mean_of(history, PLAIN, 60), mean_of(history, measure, 60)
    assert np.allclose(plain[..., :20], bent[..., :20])
    assert (bent[..., 20:] < plain[..., 20:]).all()
    slow = mean_of(history, replace(measure, delay_days=10), 60)
    assert (slow[..., 20:40] > bent[..., 20:40]).all()


def test_a_measure_in_force_while_rt_was_estimated_is_not_counted_twice() -> None:
    history = weeks_of(700.0)
    old = replace(PLAIN, changes=(Change(DAY_0 - timedelta(days=60), 0.5),))
    assert np.allclose(mean_of(history, old), mean_of(history, PLAIN))


def test_imports_light_a_ward_that_had_none() -> None:
    history = weeks_of(0.0, 700.0)
    spec = replace(PLAIN, overrides=(WardOverride("w0", 1.0, 2.0),))
    mean = mean_of(history, spec)
    assert (mean[:, 0, 0] == 0).all()
    assert (mean[:, 0, 1:] >= 2.0 - 1e-9).all()


def test_a_wards_own_factor_touches_that_ward_alone() -> None:
    history = weeks_of(350.0, 350.0)
    spec = replace(PLAIN, overrides=(WardOverride("w1", 1.3),))
    plain, own = mean_of(history, PLAIN), mean_of(history, spec)
    assert np.allclose(plain[:, 0], own[:, 0])
    assert (own[:, 1, 1:30] > plain[:, 1, 1:30]).all()


def test_a_variant_that_spreads_faster_and_escapes_immunity_infects_more() -> None:
    history = weeks_of(700.0)
    immune = replace(PLAIN, susceptible_share=0.4)
    faster = replace(immune, variant=replace(VARIANT, immune_escape=0.0))
    escaping = replace(immune, variant=VARIANT)
    plain, fast, escapes = (mean_of(history, s, 120).sum() for s in (immune, faster, escaping))
    assert plain < fast < escapes


def test_the_same_seed_gives_the_same_paths() -> None:
    history = np.random.default_rng(1).poisson(200, (3, 16)).astype(float)
    first, again = mean_of(history, PLAIN), mean_of(history.copy(), PLAIN)
    assert np.array_equal(first, again)


def test_too_long_a_horizon_is_refused() -> None:
    with pytest.raises(ValueError, match="180"):
        mean_of(weeks_of(70.0), PLAIN, 181)
