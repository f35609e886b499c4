"""The library leads where it says, and a scenario survives being written down."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.forecast.norms import load_norms
from supply.forecast.scenarios import library
from supply.forecast.scenarios.check import faults_of
from supply.forecast.scenarios.levels import level_rule
from supply.forecast.scenarios.library import Present, Template, build
from supply.forecast.scenarios.outlook import outlook, patients_in_beds
from supply.forecast.scenarios.renewal import expected_paths
from supply.forecast.scenarios.spec import Change, Generation, ScenarioSpec, Variant, WardOverride

DAY_0 = date(2022, 1, 23)
WARDS = tuple(f"w{n}" for n in range(5))
NORMS = load_norms(DAY_0, "hanoi_2021")


def district(cases_a_week: float, growth: float = 1.1, beds: int = 300) -> Present:
    weeks = cases_a_week * growth ** np.arange(-9, 1)
    history = np.repeat(weeks[None, :], len(WARDS), axis=0)
    recent = np.repeat(history[:, -3:] / 7.0, 7, axis=1)
    people = np.full(len(WARDS), 40_000.0)
    rule = level_rule(DAY_0)
    return Present(DAY_0, history, recent, people, WARDS, NORMS, rule, beds, 30)


def rate_at(spec: ScenarioSpec, now: Present, day: int) -> float:
    """Expected cases per 100,000 and week on a day."""
    mean = expected_paths(
        now.history,
        now.recent_daily,
        now.population,
        replace(spec, drift_sd_per_week=0.0),
        30,
        spec.horizon_days,
        np.random.default_rng(0),
        day_0=DAY_0,
        ward_codes=WARDS,
    ).mean.sum(axis=1)
    return float(mean[:, day].mean()) * 7.0 / now.population.sum() * 100_000.0


@pytest.mark.parametrize("now_a_week", [4.0, 60.0, 250.0])
@pytest.mark.parametrize(("key", "low", "high"), [("level_2", 20, 50), ("level_3", 50, 150)])
def test_a_level_is_reached_within_four_weeks_and_kept(
    key: str, low: float, high: float, now_a_week: float
) -> None:
    now = district(now_a_week)
    found = library.template(key)
    assert found is not None
    spec = build(found, now)
    for day in (30, 50, spec.horizon_days - 1):
        assert low <= rate_at(spec, now, day) < high


def test_a_district_without_cases_gets_some_from_outside() -> None:
    found = library.template("level_3")
    assert found is not None
    spec = build(found, district(0.0))
    assert spec.imports_per_100k_day > 0


def test_beyond_capacity_more_need_a_bed_than_there_are() -> None:
    now = district(60.0, beds=400)
    found = library.template("beyond_capacity")
    assert found is not None
    spec = build(found, now)
    assert spec.capped
    mean = expected_paths(
        now.history,
        now.recent_daily,
        now.population,
        spec,
        30,
        spec.horizon_days,
        np.random.default_rng(0),
        day_0=DAY_0,
        ward_codes=WARDS,
    ).mean
    present = patients_in_beds(mean.sum(axis=1), now.recent_daily.sum(axis=0), NORMS)
    assert present.sum(axis=0).mean(axis=0).max() > 1.2 * now.beds


def test_the_dangerous_variant_raises_severe_shares_and_stays() -> None:
    found = library.template("variant_dangerous")
    assert found is not None
    norms = build(found, district(60.0)).norms(NORMS)
    assert norms.severity_share.sum() == pytest.approx(1.0, abs=1e-5)
    assert norms.severity_share[2:] == pytest.approx(1.5 * NORMS.severity_share[2:], rel=1e-4)
    assert norms.stay_days[2:] == pytest.approx(1.2 * NORMS.stay_days[2:], rel=1e-3)


def every_template() -> list[Template]:
    return library.templates(DAY_0)


@pytest.mark.parametrize("found", every_template(), ids=lambda t: t.key)
def test_every_template_is_sound_has_a_source_and_its_doubt(found: Template) -> None:
    spec = build(found, district(60.0))
    assert faults_of(spec, WARDS, DAY_0) == []
    assert found.source
    assert "to be confirmed" in found.status
    assert found.name.vi != found.name.en


days = st.dates(date(2021, 1, 1), date(2023, 1, 1))
specs = st.builds(
    ScenarioSpec,
    library_key=st.sampled_from(["level_1", "của tôi"]),
    changes=st.lists(st.builds(Change, days, st.floats(0.05, 10)), max_size=3).map(tuple),
    generation=st.builds(Generation, st.floats(1, 9), st.floats(0.5, 4)),
    rt_from=st.floats(0, 0.9),
    rt_least=st.floats(0, 5),
    reporting_share=st.floats(0.01, 1),
    susceptible_share=st.floats(0.02, 1),
    immunity_days=st.integers(7, 999),
    rt_window_days=st.integers(7, 28),
    ward_prior_cases=st.floats(0, 500),
    rt_dispersion=st.floats(1, 50),
    drift_sd_per_week=st.floats(0, 0.5),
    dispersion=st.floats(1, 50),
    delay_days=st.integers(0, 21),
    horizon_days=st.integers(7, 180),
    imports_per_100k_day=st.floats(0, 100),
    fixed_rt=st.booleans(),
    capped=st.booleans(),
    variant=st.none()
    | st.builds(
        Variant,
        st.text(max_size=20),
        days,
        st.integers(1, 60),
        st.floats(0.1, 5),
        st.floats(0, 1),
        st.builds(Generation, st.floats(1, 9), st.floats(0.5, 4)),
        st.none() | st.just((0.7, 0.2, 0.06, 0.04)),
        st.none() | st.just((14.0, 14.0, 7.5, 14.0)),
    ),
    overrides=st.lists(
        st.builds(WardOverride, st.sampled_from(WARDS), st.floats(0.1, 5), st.floats(0, 9)),
        max_size=3,
    ).map(tuple),
)


@settings(max_examples=60)
@given(specs, st.integers(-60, 60))
def test_a_scenario_is_the_same_after_json_and_after_moving_there_and_back(
    spec: ScenarioSpec, shift: int
) -> None:
    assert ScenarioSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert spec.moved(shift).moved(-shift) == spec
    if all(c.day <= DAY_0 + timedelta(days=400) for c in spec.changes):
        assert spec.factors(DAY_0, 60).shape == (60,)


def test_ten_severe_cases_a_day_fill_seventy_beds_and_the_day_before_counts() -> None:
    plain = replace(
        NORMS, severity_share=np.array([0.0, 0.0, 1.0, 0.0]), stay_days=np.array([14, 14, 7, 14.0])
    )
    before, cases = np.full(21, 10.0), np.full((3, 30), 10.0)
    assert np.allclose(patients_in_beds(cases, before, plain)[2], 70.0)
    empty = patients_in_beds(cases, np.zeros(21), plain)[2]
    assert empty[0, 0] == 10.0
    assert empty[0, 6] == 70.0


def test_the_outlook_names_the_peak() -> None:
    day = np.arange(60)
    wave = 100 * np.exp(-((day - 30.0) ** 2) / 50)
    seen = outlook(np.repeat(wave[None, None, :], 4, axis=0), np.zeros((1, 21)), NORMS)
    assert seen.peak_day == 33  # the mean of seven days that end there
    assert seen.total[0] == pytest.approx(wave.sum())
    assert set(seen.beds) == {
        t
        for t, bed in zip(("mild", "moderate", "severe", "critical"), NORMS.in_bed, strict=True)
        if bed
    }
