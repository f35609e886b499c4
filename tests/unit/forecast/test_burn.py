"""Burn: drivers × norms, moments to quantiles, and a figure explained."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.stats import expon

from supply.forecast.burn import QUANTILES, BurnTable, burn_table, gamma_quantiles
from supply.forecast.drivers import FacilityDrivers
from supply.forecast.explain import explain
from supply.forecast.norms import CLASSES, DRIVERS, load_norms
from supply.forecast.rates.learned import Learned

NORMS = load_norms(date(2022, 3, 1))


def _drivers(draws: int = 3000, facilities: int = 2, days: int = 5) -> FacilityDrivers:
    rng = np.random.default_rng(11)
    level = rng.gamma(4.0, 10.0, (1, draws, facilities, 1))
    values = rng.poisson(level, (len(DRIVERS), draws, facilities, days)).astype(float)
    return FacilityDrivers(tuple(f"F{n}" for n in range(facilities)), values)


def _direct(drivers: FacilityDrivers, burn: BurnTable) -> np.ndarray:
    """Draw by draw, [draw, f, i, d]: what the moments stand for."""
    rate = NORMS.rate_array(burn.item_codes).sum(axis=1)
    return np.einsum("ik,knfd->nfid", rate, drivers.values)


def test_mean_and_sd_are_those_of_the_draws() -> None:
    drivers = _drivers(draws=200)
    burn = burn_table(drivers, NORMS)
    direct = _direct(drivers, burn)
    np.testing.assert_allclose(burn.total_mean, direct.mean(axis=0))
    np.testing.assert_allclose(burn.total_sd, direct.std(axis=0, ddof=1), rtol=1e-8, atol=1e-6)
    running = direct.cumsum(axis=-1).std(axis=0, ddof=1)
    np.testing.assert_allclose(burn.cumulative_sd, running, rtol=1e-8, atol=1e-6)


def test_matched_quantiles_are_near_the_draws_own() -> None:
    drivers = _drivers()
    burn = burn_table(drivers, NORMS)
    drawn = np.moveaxis(
        np.quantile(_direct(drivers, burn).cumsum(axis=-1), QUANTILES, axis=0), 0, -1
    )
    scale = burn.total_mean.cumsum(axis=-1)[..., None] + 1e-9
    assert (np.abs(burn.cumulative_quantiles() - drawn) / scale).max() < 0.1


def test_classes_sum_to_the_whole() -> None:
    burn = burn_table(_drivers(50), NORMS)
    np.testing.assert_allclose(burn.mean.sum(axis=2), burn.total_mean)
    assert burn.classes == CLASSES
    assert burn.class_quantiles("staff").shape == (2, len(burn.item_codes), 5, 5)


def test_gamma_quantiles_with_sd_equal_to_mean_are_exponential() -> None:
    found = gamma_quantiles(np.array([100.0]), np.array([100.0]))
    np.testing.assert_allclose(found[0], expon.ppf(QUANTILES, scale=100), rtol=0.02)


def test_no_spread_gives_the_mean_and_no_mean_gives_nothing() -> None:
    found = gamma_quantiles(np.array([5.0, 0.0]), np.array([0.0, 0.0]))
    np.testing.assert_allclose(found, [[5.0] * 5, [0.0] * 5])


def test_an_item_without_a_norm_burns_nothing() -> None:
    burn = burn_table(_drivers(20), NORMS, ("no such item",))
    assert not burn.total_quantiles().any()


def test_the_parts_of_an_explained_figure_sum_to_it_and_name_their_source() -> None:
    burn = burn_table(_drivers(20), NORMS)
    for item in burn.item_codes[:20]:
        told = explain(burn, NORMS, "F1", item, 0, 4)
        expected = burn.total_mean[1, burn.item_codes.index(item)].sum()
        assert told.units == pytest.approx(expected)
        assert all(part.source for part in told.parts)
    assert "nguồn" in told.text().vi
    assert "source" in told.text().en


def test_explaining_an_unknown_item_or_day_is_refused() -> None:
    burn = burn_table(_drivers(5), NORMS)
    with pytest.raises(KeyError):
        explain(burn, NORMS, "F9", burn.item_codes[0], 0, 1)
    with pytest.raises(ValueError, match="outside"):
        explain(burn, NORMS, "F1", burn.item_codes[0], 0, 5)


def test_what_the_ledger_taught_goes_into_mean_and_spread() -> None:
    """Draw by draw: a multiplier and a base that are themselves drawn, and uneven days."""
    drivers = _drivers(draws=40_000, facilities=1, days=3)
    codes = NORMS.item_codes()[:2]
    taught = replace(
        Learned.neutral(1, 2),
        multiplier=np.array([[2.0, 0.5]]),
        multiplier_sd=np.array([[0.4, 0.1]]),
        base_per_day=np.array([[3.0, 0.0]]),
        base_sd=np.array([[0.5, 0.0]]),
        dispersion=np.array([[1.0, 4.0]]),
    )
    burn = burn_table(drivers, NORMS, codes, taught)
    rng = np.random.default_rng(5)
    rate = NORMS.rate_array(codes).sum(axis=1)
    use = np.einsum("ik,knfd->nfid", rate, drivers.values)
    size = (use.shape[0], 1, 2, 1)
    multiplier = rng.normal(taught.multiplier, taught.multiplier_sd, size[:-1])[..., None]
    base = rng.normal(taught.base_per_day, taught.base_sd, size[:-1])[..., None]
    drawn = multiplier * use + base
    drawn += np.sqrt(taught.dispersion[..., None] * burn.total_mean) * rng.standard_normal(
        drawn.shape
    )
    np.testing.assert_allclose(burn.total_mean, drawn.mean(axis=0), rtol=0.02)
    np.testing.assert_allclose(burn.total_sd, drawn.std(axis=0), rtol=0.03)
    running = drawn.cumsum(axis=-1).std(axis=0)
    np.testing.assert_allclose(burn.cumulative_sd, running, rtol=0.03)
    np.testing.assert_allclose(burn.mean.sum(axis=2), burn.total_mean)


def test_nothing_learned_leaves_the_norms() -> None:
    drivers = _drivers(100)
    plain, neutral = (
        burn_table(drivers, NORMS, None, learned)
        for learned in (None, Learned.neutral(2, len(NORMS.item_codes())))
    )
    np.testing.assert_array_equal(plain.mean, neutral.mean)
    np.testing.assert_array_equal(plain.cumulative_sd, neutral.cumulative_sd)
