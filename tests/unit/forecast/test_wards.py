"""A district's cases split to wards: exact sums, fair over time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.forecast.wards import BA_DINH, RACH_GIA, district_cases, largest_remainder, ward_cases

PEOPLE = st.lists(st.integers(1, 40_000), min_size=1, max_size=14)


def test_ten_cases_over_weights_3_3_1_go_4_4_2_by_largest_remainder() -> None:
    # exact shares 4.29, 4.29, 1.43: the one unit left goes to the third
    parts = largest_remainder(np.array([10]), np.array([3.0, 3.0, 1.0]))
    assert parts[:, 0].tolist() == [4, 4, 2]


@settings(max_examples=60, deadline=None)
@given(PEOPLE, st.lists(st.integers(-20, 300), min_size=1, max_size=20))
def test_wards_sum_to_the_district_every_day(people: list[int], days: list[int]) -> None:
    district = np.array(days, dtype=float)
    wards = ward_cases(district, np.array(people, dtype=float))
    np.testing.assert_array_equal(wards.sum(axis=0), district)
    np.testing.assert_array_equal(largest_remainder(np.array(days), np.array(people)).sum(0), days)


def test_over_time_each_ward_gets_its_share_of_people() -> None:
    people = np.array([24_000.0, 8_000, 3_000])
    wards = ward_cases(np.full(300, 2.0), people)
    assert (wards >= 0).all()
    np.testing.assert_allclose(wards.sum(axis=1), 600 * people / people.sum(), atol=1.5)


def test_a_day_not_known_stays_not_known() -> None:
    wards = ward_cases(np.array([4.0, np.nan, 2.0]), np.array([1.0, 1.0]))
    assert np.isnan(wards[:, 1]).all()
    assert wards[:, [0, 2]].sum() == 6


def test_a_district_is_its_share_of_the_province_to_the_case() -> None:
    days = district_cases(np.full(100, 100.0), BA_DINH)
    assert days.sum() == round(10_000 * 259_900 / 8_330_000)
    assert (days == np.round(days)).all()
    assert "confirmed" in BA_DINH.status
    assert RACH_GIA.share == pytest.approx(0.132, abs=0.001)


@pytest.mark.parametrize("weight", [[0.0, 0.0], [1.0, -1.0], [np.nan, 1.0]])
def test_impossible_weights_are_refused(weight: list[float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        ward_cases(np.array([1.0]), np.array(weight))
