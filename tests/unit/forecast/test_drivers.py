"""From case quantiles to patients, shifts and tests."""

from datetime import date

import numpy as np
import pytest
from scipy.sparse import csr_array

from supply.forecast.drivers import (
    CaseShares,
    facility_drivers,
    oxygen_litres_per_day,
    patients,
    split_by_tier,
)
from supply.forecast.norms import DRIVERS, TIERS, load_norms
from supply.forecast.paths import Dependence, daily_paths, weekly_paths
from supply.forecast.projection import project, shipped_prior
from supply.forecast.score import HUB_QUANTILES

NORMS = load_norms(date(2022, 3, 1))
SEVERE = TIERS.index("severe")


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


def test_ten_severe_a_day_for_a_week_fill_70_beds() -> None:
    cases = np.full((400, 1, 14), 10 / 0.15)
    found = patients(cases, NORMS, _rng())
    assert found.present[SEVERE, :, 0, 6].mean() == pytest.approx(70, rel=0.02)
    assert found.present[SEVERE, :, 0, 13].mean() == pytest.approx(70, rel=0.02)


def test_patients_are_conserved_those_present_came_within_their_stay() -> None:
    cases = _rng().uniform(0, 50, (20, 3, 21))
    found = patients(cases, NORMS, _rng())
    for tier, stay in enumerate(NORMS.stay_days.astype(int)):
        padded = np.concatenate([np.zeros((20, 3, stay)), found.new[tier].cumsum(axis=-1)], axis=-1)
        expected = padded[..., stay:] - padded[..., :-stay]
        np.testing.assert_allclose(found.present[tier], expected)


def test_recent_cases_are_still_patients_on_day_0() -> None:
    found = patients(np.zeros((1, 1, 10)), NORMS, _rng(), recent_cases=np.full((1, 20), 100.0))
    np.testing.assert_allclose(found.present[SEVERE, 0, 0, :7], 15.0 * np.arange(6, -1, -1))


def test_day_0_census_equals_the_one_entered_in_every_draw() -> None:
    census = np.array([[120, np.nan, 33, 7], [0, 10, 0, 0.0]])
    recent = np.full((2, 14), 20.0)
    found = patients(np.full((50, 2, 14), 9.0), NORMS, _rng(), recent, census)
    for tier in range(4):
        for place in range(2):
            if not np.isnan(census[place, tier]):
                assert (found.present[tier, :, place, 0] == census[place, tier]).all()
    assert (found.present[1, :, 0, 0] > 0).all()  # not entered: from recent cases


def test_a_census_without_history_leaves_evenly_over_the_stay() -> None:
    census = np.array([[0, 0, 70, 0.0]])
    found = patients(np.zeros((1, 1, 9)), NORMS, _rng(), census=census)
    np.testing.assert_allclose(found.present[SEVERE, 0, 0, :8], np.arange(70, -1, -10))


def _two_facilities() -> CaseShares:
    return CaseShares(csr_array(np.array([[1.0], [0.0]])), csr_array(np.array([[0.0], [1.0]])))


def test_home_patients_go_to_the_ward_and_beds_to_the_hospital() -> None:
    found = patients(np.full((30, 1, 14), 40.0), NORMS, _rng())
    drivers = facility_drivers(found, NORMS, ("ward", "hospital"), _two_facilities())
    index = {name: n for n, name in enumerate(DRIVERS)}
    values = drivers.values
    np.testing.assert_allclose(
        values[index["patient_day_severe"], :, 1], found.present[SEVERE, :, 0]
    )
    assert not values[index["patient_day_severe"], :, 0].any()
    assert not values[index["new_case"], :, 1].any()
    np.testing.assert_allclose(
        values[index["test"], :, 0],
        found.new.sum(axis=0)[:, 0] * NORMS.testing["tests_per_new_case"],
    )


def test_one_critical_patient_day_takes_32_69_staff_hours_in_shifts_of_8() -> None:
    census = np.array([[0, 0, 0, 1.0]])
    found = patients(np.zeros((1, 1, 1)), NORMS, _rng(), census=census)
    drivers = facility_drivers(found, NORMS, ("ward", "hospital"), _two_facilities())
    shifts = drivers.mean[DRIVERS.index("staff_shift"), 1, 0]
    assert shifts == pytest.approx(32.69 / 8, abs=0.01)


def test_shares_above_one_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 1"):
        CaseShares(csr_array(np.array([[0.6], [0.6]])), csr_array(np.array([[1.0], [0.0]])))


def test_one_severe_patient_uses_14400_litres_of_oxygen_a_day() -> None:
    present = np.zeros((4, 1))
    present[SEVERE] = 1
    assert oxygen_litres_per_day(present, NORMS)[0] == 14_400
