"""Learned rates on made-up ledgers over a real hospital census beat AMC, and their intervals are honest.

The whole figures stand in docs/forecast_rates.md (`python -m benchmarks.learning`); here a part of them
is made, so that a change for the worse is found. The ledgers are synthetic, the census is not.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import numpy as np
import pytest

from supply.forecast.rates.proof import ITALY, Census, judged, put_right, read_census
from supply.forecast.rates.settings import load_settings
from supply.forecast.rates.synthetic import Habits, make_ledger

REPOSITORY = Path(__file__).parents[3]
SHARED = Path(os.environ.get("SUPPLY_SHARED", REPOSITORY.parent / "shared")) / "data"
SETTINGS = load_settings(dt.date(2022, 1, 23))
real = pytest.mark.skipif(
    not (SHARED / ITALY).exists(), reason=f"no hospital census in {SHARED} (set SUPPLY_SHARED)"
)


@pytest.fixture(scope="module")
def census() -> list[Census]:
    """All the places of the shared data."""
    return list(read_census(SHARED).values())


@real
@pytest.mark.parametrize("projected", [True, False])
def test_use_of_a_fortnight_is_forecast_better_than_by_amc(
    census: list[Census], projected: bool
) -> None:
    found = judged(census[:3], Habits(), SETTINGS, seed=1, projected=projected, every_weeks=26)
    assert found.wape <= 0.8 * found.wape_amc
    assert found.wape < found.wape_norm
    assert abs(found.bias - 1.0) < 0.12
    # A few districts and days: within 10 points here, within 3 over all (see the page).
    for level, share in found.covered.items():
        assert abs(share - level) < 0.1, (level, share)


@real
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_norm_wrong_by_two_is_put_right_on_a_real_wave(
    census: list[Census], factor: float
) -> None:
    items, _ = put_right(census[:2], factor, SETTINGS, seed=2)
    assert items >= 0.9


def test_made_up_ledgers_hold_together() -> None:
    census = np.abs(np.cumsum(np.random.default_rng(1).normal(0, 3, (2, 200)), axis=1)) + 5
    ledger = make_ledger(census, Habits(facilities=4, items=6), np.random.default_rng(2))
    assert (ledger.issued <= ledger.wanted).all()
    assert (ledger.issued >= 0).all()
    assert ledger.empty.any()
    unmet = (ledger.wanted > ledger.issued) & ~ledger.empty
    assert not unmet.any()  # who gets less than asked finds an empty store behind it
    again = make_ledger(census, Habits(facilities=4, items=6), np.random.default_rng(2))
    assert np.array_equal(ledger.issued, again.issued)
    assert ledger.expected().shape == (4, 6, 200)
