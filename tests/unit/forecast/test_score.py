"""Scores: the hub baseline, WIS, relative WIS and coverage on numbers worked by hand."""

import numpy as np
import pytest

from supply.forecast.score import (
    HUB_QUANTILES,
    baseline_quantiles,
    score_pairs,
    weighted_interval_score,
)

MIDDLE = HUB_QUANTILES.index(0.5)


def test_wis_of_a_point_forecast_is_its_error() -> None:
    quantiles = np.full((1, 23), 8.0)
    assert weighted_interval_score(quantiles, np.array([10.0]))[0] == pytest.approx(2.0)


def test_wis_of_one_wide_interval_worked_by_hand() -> None:
    quantiles = np.zeros((1, 23))
    quantiles[0, MIDDLE:] = 10.0  # median 10, lower half at 0, truth 10
    lower = sum(HUB_QUANTILES[:MIDDLE]) * 10 * 2 / 23
    assert weighted_interval_score(quantiles, np.array([10.0]))[0] == pytest.approx(lower)


def test_baseline_first_week_is_last_value_plus_quantiles_of_symmetric_differences() -> None:
    history = np.array([[10.0, 12, 11, 15, 15]])  # differences 2 -1 4 0 and negatives
    expected = 15 + np.quantile([2, -1, 4, 0, -2, 1, -4, 0], HUB_QUANTILES)
    np.testing.assert_allclose(baseline_quantiles(history)[0, 0], expected, atol=0.05)


def test_baseline_keeps_its_median_widens_and_is_clipped() -> None:
    base = baseline_quantiles(np.array([[10.0, 30, 5, 40, 20]]))[0]
    np.testing.assert_allclose(base[:, MIDDLE], 20, atol=1e-9)
    assert (base >= 0).all()
    assert base[3, -1] > base[0, -1]
    assert np.array_equal(base, baseline_quantiles(np.array([[10.0, 30, 5, 40, 20]]))[0])


def test_baseline_of_a_place_does_not_depend_on_leading_blanks_or_neighbours() -> None:
    alone = baseline_quantiles(np.array([[10.0, 12, 11, 15]]))
    among = baseline_quantiles(np.array([[np.nan, 10, 12, 11, 15], [1, 2, 30, 4, 5]]))
    np.testing.assert_allclose(alone[0], among[0])


def test_relative_wis_is_the_ratio_of_means_and_the_geometric_mean_is_over_places() -> None:
    truth = np.zeros(4)
    ours = np.repeat([[1.0], [1.0], [4.0], [4.0]], 23, axis=1)
    base = np.repeat([[2.0], [2.0], [2.0], [2.0]], 23, axis=1)
    line = score_pairs(ours, base, truth, np.array([0, 0, 1, 1]), np.ones(4, dtype=np.int64))[0]
    assert line.pairs == 4
    assert line.relative_wis == pytest.approx(10 / 8)
    assert line.relative_wis_place_geometric == pytest.approx(np.sqrt(0.5 * 2.0))


def test_coverage_counts_the_ends_as_inside() -> None:
    quantiles = np.tile(np.asarray(HUB_QUANTILES) * 100, (4, 1))
    truth = np.array([25.0, 75.0, 97.5, 98.0])
    line = score_pairs(quantiles, quantiles, truth, np.zeros(4, int), np.ones(4, int))[0]
    assert line.coverage_50 == 0.5
    assert line.coverage_95 == 0.75
    assert line.relative_wis == 1.0
