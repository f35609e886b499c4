"""From case quantiles to patients, shifts and tests."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.sparse import csr_array

from supply.forecast.care.inputs import ACTIVITIES, CareInputs
from supply.forecast.care.stays import Spread
from supply.forecast.drivers import (
    CaseShares,
    Driven,
    days_in_care,
    drive,
    hospital_census,
    oxygen_litres_per_day,
    split_by_tier,
)
from supply.forecast.norms import DRIVERS, TIERS, Norms, load_norms
from supply.forecast.paths import Dependence, daily_paths, weekly_paths
from supply.forecast.projection import project, shipped_prior
from supply.forecast.score import HUB_QUANTILES

NORMS = load_norms(date(2022, 3, 1))
SEVERE, CRITICAL = TIERS.index("severe"), TIERS.index("critical")


def _rng() -> np.random.Generator:
    return np.random.default_rng(7)


def _paths(draws: int = 2000, places: int = 2) -> tuple[np.ndarray, np.ndarray]:
    quantiles = project(np.full((places, 12), 60.0) + np.arange(12))
    return quantiles, weekly_paths(quantiles, draws, shipped_prior().dependence, _rng())


def test_draws_have_the_quantiles_they_were_drawn_from() -> None:
    quantiles, paths = _paths()
    drawn = np.moveaxis(np.quantile(paths, HUB_QUANTILES, axis=0), 0, -1)
    np.testing.assert_allclose(drawn, quantiles, rtol=0.03, atol=0.2)
    assert (paths >= 0).all()


def test_weeks_and_places_are_correlated_as_said() -> None:
    quantiles = np.broadcast_to(np.linspace(0, 100, 23), (2, 4, 23))
    paths = weekly_paths(quantiles, 4000, Dependence(0.8, 0.3), _rng())
    weeks = np.corrcoef(paths[:, 0, 0], paths[:, 0, 1])[0, 1]
    places = np.corrcoef(paths[:, 0, 0], paths[:, 1, 0])[0, 1]
    assert weeks == pytest.approx(0.8, abs=0.05)
    assert places == pytest.approx(0.3, abs=0.06)


def test_the_same_seed_draws_the_same_paths() -> None:
    assert np.array_equal(_paths(50)[1], _paths(50)[1])


def test_a_week_is_spread_over_its_days_and_not_beyond() -> None:
    _, paths = _paths(10)
    days = daily_paths(paths, 28)
    np.testing.assert_allclose(days.reshape(10, 2, 4, 7).sum(axis=-1), paths)
    with pytest.raises(ValueError, match="29 days"):
        daily_paths(paths, 29)


def test_100_cases_split_by_esft_are_40_40_15_5_on_average() -> None:
    counts = split_by_tier(np.full((4000, 1, 1), 100.0), NORMS.severity_share, _rng())
    np.testing.assert_allclose(counts.mean(axis=(1, 2, 3)), [40, 40, 15, 5], rtol=0.02)
    assert (counts == np.round(counts)).all()


CODES = ("ward", "hospital")


def _two_facilities() -> CaseShares:
    return CaseShares(csr_array(np.array([[1.0], [0.0]])), csr_array(np.array([[0.0], [1.0]])))


def _driven(
    daily: np.ndarray,
    recent: np.ndarray | None = None,
    care: CareInputs | None = None,
    norms: Norms = NORMS,
    capped: bool = False,
) -> Driven:
    return drive(daily, norms, _rng(), recent, _two_facilities(), CODES, care, capped)


def _census(severe: float = np.nan, critical: float = np.nan, days: int = 14) -> CareInputs:
    care = CareInputs.none(2, days)
    care.census[1, SEVERE:] = severe, critical
    return care


def test_ten_severe_a_day_for_a_week_fill_70_beds() -> None:
    here = _driven(np.full((400, 1, 14), 10 / 0.15)).drivers.present()
    assert here[SEVERE, :, 1, 6].mean() == pytest.approx(70, rel=0.02)
    assert here[SEVERE, :, 1, 13].mean() == pytest.approx(70, rel=0.02)


def test_patients_are_conserved_those_present_came_within_their_stay() -> None:
    drivers = _driven(_rng().uniform(0, 50, (20, 1, 21))).drivers
    for tier, stay in enumerate(NORMS.stay_days.astype(int)):
        came = drivers.of(f"new_case_{TIERS[tier]}")
        padded = np.concatenate([np.zeros((20, 2, stay)), came.cumsum(axis=-1)], axis=-1)
        expected = padded[..., stay:] - padded[..., :-stay]
        np.testing.assert_allclose(drivers.present()[tier], expected, atol=1e-9)


def test_recent_cases_are_still_patients_on_day_0() -> None:
    drivers = _driven(np.zeros((1, 1, 10)), np.full((1, 20), 100.0)).drivers
    np.testing.assert_allclose(drivers.present()[SEVERE, 0, 1, :7], 15.0 * np.arange(6, -1, -1))


def test_day_0_census_equals_the_one_entered_in_every_draw() -> None:
    here = _driven(
        np.full((50, 1, 14), 9.0), np.full((1, 14), 20.0), _census(33, 7)
    ).drivers.present()
    assert (here[SEVERE, :, 1, 0] == 33).all()
    assert (here[CRITICAL, :, 1, 0] == 7).all()
    assert (here[0, :, 0, 0] > 0).all()  # not entered: from recent cases


def test_a_census_without_history_leaves_evenly_over_the_stay() -> None:
    here = _driven(np.zeros((1, 1, 9)), care=_census(70, 0, 9)).drivers.present()
    np.testing.assert_allclose(here[SEVERE, 0, 1, :8], np.arange(70, -1, -10), atol=1e-9)


def test_the_hospital_census_counts_intensive_care() -> None:
    driven = _driven(np.full((50, 1, 14), 9.0), care=_census(33, 7))
    hospital = hospital_census(driven.drivers.present(), NORMS)
    assert (hospital[:, 1, 0] == 40).all()
    assert driven.care.of("hospital").by_day[1, 0].tolist() == [40.0] * 5
    assert driven.care.of("icu").by_day[1, 0].tolist() == [7.0] * 5


def test_home_patients_go_to_the_ward_and_beds_to_the_hospital() -> None:
    drivers = _driven(np.full((30, 1, 14), 40.0)).drivers
    assert drivers.of("patient_day_severe")[:, 1].any()
    assert not drivers.of("patient_day_severe")[:, 0].any()
    assert not drivers.of("new_case")[:, 1].any()
    np.testing.assert_allclose(
        drivers.of("test"), drivers.of("new_case") * NORMS.testing["tests_per_new_case"]
    )
    np.testing.assert_allclose(
        drivers.of("home_patient_day"),
        drivers.of("patient_day_mild") + drivers.of("patient_day_moderate"),
    )


def test_one_critical_patient_day_takes_32_69_staff_hours_in_shifts_of_8() -> None:
    drivers = _driven(np.zeros((1, 1, 1)), care=_census(0, 1, 1)).drivers
    assert drivers.of("staff_shift")[0, 1, 0] == pytest.approx(32.69 / 8, abs=0.01)
    assert drivers.of("cleaner_shift")[0, 1, 0] == pytest.approx(0.75 / 8)


def test_shares_above_one_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 1"):
        CaseShares(csr_array(np.array([[0.6], [0.6]])), csr_array(np.array([[1.0], [0.0]])))


def test_one_severe_patient_uses_14400_litres_of_oxygen_a_day() -> None:
    present = np.zeros((4, 1))
    present[SEVERE] = 1
    assert oxygen_litres_per_day(present, NORMS)[0] == 14_400


def test_within_capacity_nobody_is_lost_and_no_bed_is_full_twice() -> None:
    care = CareInputs.none(2, 21)
    care.beds[:], care.icu_beds[:] = (0, 60), (0, 20)
    care.staff_shifts_per_day[:] = 100
    care.lab_tests_per_day[:] = 300
    daily, recent = np.full((50, 1, 21), 60.0), np.full((1, 14), 60.0)
    need = _driven(daily, recent, care)
    done = _driven(daily, recent, care, capped=True)
    assert need.unmet is None
    assert done.unmet is not None
    here = done.drivers.present()
    np.testing.assert_allclose(
        here.sum(axis=2) + done.unmet.sum(axis=2), need.drivers.present().sum(axis=2)
    )
    assert here[SEVERE].max() <= 60 + 1e-9
    assert here[CRITICAL].max() <= 20 + 1e-9
    assert done.drivers.of("staff_shift").max() == 100
    assert done.drivers.of("test").max() == 300
    assert (done.drivers.values <= need.drivers.values + 1e-9).all()
    np.testing.assert_array_equal(here[:2], need.drivers.present()[:2])  # at home needs no bed
    assert done.care.of("no_bed").by_day[1, -1, 2] > 0
    assert done.care.of("shifts_short").by_day.max() > 0
    np.testing.assert_array_equal(need.care.of("no_bed").peak, done.care.of("no_bed").peak)
    assert need.care.of("tests_short").peak.max() > 0


def test_without_caps_known_a_capped_run_is_the_need() -> None:
    daily = np.full((10, 1, 9), 60.0)
    np.testing.assert_array_equal(
        _driven(daily).drivers.values, _driven(daily, capped=True).drivers.values
    )


def test_planned_work_is_added_to_what_cases_bring() -> None:
    care = CareInputs.none(2, 5)
    for activity, number in zip(ACTIVITIES, (100, 20, 2, 150, 3, 4, 7), strict=True):
        care.activity(activity)[0] = number
    norms = replace(NORMS, test_share=(0.8, 0.2))
    drivers = _driven(np.zeros((3, 1, 5)), None, care, norms).drivers
    mean = {name: drivers.of(name)[:, 0].mean() for name in DRIVERS}
    assert mean["test_antigen"] == 100
    assert mean["test_pcr"] == 20
    assert mean["test"] == mean["screening_test"] == 120
    assert mean["vaccination_session"] == 2
    assert mean["vaccination_dose"] == 150
    assert mean["community_team_day"] == 3
    assert mean["cleaner_shift"] == 4
    assert mean["home_patient_day"] == mean["patient_day_mild"] == 7
    assert mean["new_case"] == 0


def test_tests_around_cases_are_split_by_the_dated_share() -> None:
    norms = replace(NORMS, test_share=(0.25, 0.75))
    drivers = _driven(np.full((20, 1, 5), 40.0), norms=norms).drivers
    np.testing.assert_allclose(drivers.of("test_antigen"), drivers.of("test") * 0.25)
    np.testing.assert_allclose(drivers.of("test_pcr"), drivers.of("test") * 0.75)


def test_a_delay_puts_off_admission_and_no_patient() -> None:
    norms = replace(NORMS, delay=(Spread(0), Spread(0), Spread(5), Spread(3, "geometric")))
    daily = np.zeros((30, 1, 120))
    daily[..., :10] = 200
    late, early = (_driven(daily, norms=n).drivers for n in (norms, NORMS))
    np.testing.assert_allclose(
        late.of("new_case_severe")[..., 5:], early.of("new_case_severe")[..., :-5]
    )
    for tier in (SEVERE, CRITICAL):
        assert late.present()[tier].sum() == pytest.approx(early.present()[tier].sum(), rel=1e-6)


def test_intensive_care_is_followed_by_days_in_a_bed_where_the_table_says() -> None:
    norms = replace(NORMS, step_down_days=(0, 0, 0, 4.0))
    daily = np.zeros((30, 1, 60))
    daily[..., :5] = 200
    more = _driven(daily, norms=norms).drivers.present() - _driven(daily).drivers.present()
    critical = _driven(daily).drivers.of("new_case_critical").sum()
    assert more[SEVERE].sum() == pytest.approx(4 * critical)
    assert not more[CRITICAL].any()


def test_as_many_past_days_are_read_as_patients_may_still_be_in_care() -> None:
    assert days_in_care(NORMS) == 14
    late = replace(NORMS, delay=(Spread(0),) * 3 + (Spread(5),), step_down_days=(0, 0, 0, 4.0))
    assert days_in_care(late) == 14 + 5 + 4
    long = replace(NORMS, stay_shape=("gamma",) * 4, stay_variation=(0.5,) * 4)
    assert 28 < days_in_care(long) < 45
