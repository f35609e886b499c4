"""The chance of running out: closed form against the paths, and against the days of stock."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.forecast.arrivals import Reliability, arrivals, load_reliability
from supply.forecast.burn import QUANTILES, BurnTable
from supply.forecast.norms import CLASSES, DRIVERS
from supply.forecast.outage import exceeds, stock_out_probability
from supply.forecast.shortage import NEVER, NO_STOCK_OUT, StockLots, shortage

Lot = tuple[int, int, int]


def _burn(per_day: list[float], variation: float) -> BurnTable:
    """One item; the running use has the same coefficient of variation on every day."""
    days = len(per_day)
    mean = np.zeros((1, 1, len(CLASSES), days))
    mean[0, 0, 0] = per_day
    running = np.cumsum(per_day)[None, None]
    return BurnTable(
        ("F",), ("I",), mean, mean * 0, mean[:, :, 0] * variation, running * variation,
        np.zeros((len(DRIVERS), 1, days)),
    )  # fmt: skip


def _lots(*lots: Lot) -> StockLots:
    quantity, expiry, arrival = np.array(lots, dtype=np.int64).reshape(-1, 3).T
    zero = np.zeros(len(lots), dtype=np.int64)
    return StockLots(zero, zero, quantity, expiry, arrival)


def test_an_exponential_use_exceeds_its_mean_with_chance_1_over_e() -> None:
    chance = stock_out_probability(_burn([10.0] * 10, 1.0), _lots((100, NEVER, 0)), 10)
    assert chance[0, 0, -1] == pytest.approx(np.exp(-1))


def test_a_certain_use_runs_out_on_its_day_and_not_before() -> None:
    chance = stock_out_probability(_burn([30.0] * 5, 0.0), _lots((100, NEVER, 0)), 5)[0, 0]
    assert chance.tolist() == [0, 0, 0, 1, 1]


def test_no_stock_is_out_today_and_no_use_never() -> None:
    assert stock_out_probability(_burn([3.0] * 2, 0.5), _lots(), 2).min() > 0.999
    assert stock_out_probability(_burn([0.0] * 2, 0.5), _lots(), 2).max() == 0


def test_an_item_hardly_ever_used_is_not_certain_to_run_out_of_an_empty_store() -> None:
    burn = _burn([0.5] * 8, 8.0)  # now and then a whole box, mostly nothing
    chance = stock_out_probability(burn, _lots((250, NEVER, 1)), 8)[0, 0]
    found = shortage(burn, _lots((250, NEVER, 1)))
    assert found.interval(0, 0)[2] == 8  # at the low end of the use it never runs out
    assert 0.05 < chance[-1] < 0.95


def test_what_arrives_too_late_does_not_undo_a_stock_out() -> None:
    chance = stock_out_probability(
        _burn([10.0] * 6, 0.0), _lots((20, NEVER, 0), (500, NEVER, 4)), 6
    )[0, 0]
    assert chance.tolist() == [0, 0, 1, 1, 1, 1]


def test_what_expires_unused_is_not_counted() -> None:
    burn = _burn([10.0] * 6, 0.05)
    kept = stock_out_probability(burn, _lots((100, NEVER, 0), (20, NEVER, 0)), 6)
    lost = stock_out_probability(burn, _lots((100, 1, 0), (20, NEVER, 0)), 6)
    assert kept[0, 0, -1] < 0.01
    assert lost[0, 0, 2] < 0.01
    assert lost[0, 0, 4] > 0.99


def test_a_horizon_beyond_the_burn_is_refused() -> None:
    with pytest.raises(ValueError, match="horizon"):
        stock_out_probability(_burn([1.0], 0.1), _lots(), 2)


def test_the_chance_agrees_with_draws() -> None:
    rng = np.random.default_rng(3)
    for variation in (0.2, 0.7, 1.4):
        shape = 1 / variation**2
        drawn = rng.gamma(shape, 100 / shape, 40_000)
        level = np.array([40.0, 100.0, 180.0])
        share = (drawn[:, None] > level).mean(axis=0)
        told = exceeds(np.full(3, 100.0), np.full(3, 100.0 * variation), level)
        assert told == pytest.approx(share, abs=0.012)


LOT = st.tuples(st.integers(0, 80), st.sampled_from([1, 3, 6, 30]), st.integers(0, 6))
USE = st.lists(st.integers(0, 30), min_size=8, max_size=8).filter(lambda use: sum(use) > 0)


@settings(max_examples=80, deadline=None)
@given(st.lists(LOT, min_size=1, max_size=4), USE, st.sampled_from([0.15, 0.4, 0.9]))
def test_the_days_of_stock_are_where_the_chance_crosses_5_50_and_95_percent(
    lots: list[Lot], use: list[int], variation: float
) -> None:
    burn = _burn([float(n) for n in use], variation)
    chance = stock_out_probability(burn, _lots(*lots), 8)[0, 0]
    assert (np.diff(chance) >= -1e-12).all()
    assert 0 <= chance.min() <= chance.max() <= 1
    found = shortage(burn, _lots(*lots))
    for quantile in (0.05, 0.5, 0.95):
        out = found.stock_out_day[0, 0, QUANTILES.index(quantile)]
        first = len(chance) if out == NO_STOCK_OUT else out
        # The burn's quantiles are read from a table: a hundredth on either side is the same day.
        assert (chance[first:] >= 1 - quantile - 0.01).all()
        assert (chance[:first] <= 1 - quantile + 0.01).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(LOT, max_size=4), USE, LOT)
def test_more_stock_never_makes_running_out_likelier(
    lots: list[Lot], use: list[int], more: Lot
) -> None:
    burn = _burn([float(n) for n in use], 0.4)
    poor = stock_out_probability(burn, _lots(*lots), 8)
    rich = stock_out_probability(burn, _lots(*lots, more), 8)
    # Exact form against the grid of paths: half a step of the grid where a lot begins to expire.
    assert (rich <= poor + 0.026).all()


def test_of_1000_masks_promised_a_fifth_comes_a_week_late() -> None:
    told = {"supplier": Reliability(0.2, 7, "", "")}
    assert arrivals([(1000, 3, "supplier")], told) == [(0, 800, 3), (0, 200, 10)]
    assert arrivals([(1000, -1, "supplier")], told) == [(0, 1000, 7)]
    assert arrivals([(5, 0, "lender")], told) == [(0, 5, 0)]


@given(st.integers(1, 10**9), st.integers(-30, 60), st.floats(0, 1), st.integers(0, 30))
def test_no_unit_of_an_order_is_lost_and_none_comes_early(
    units: int, day: int, late: float, delay: int
) -> None:
    parts = arrivals([(units, day, "donor")], {"donor": Reliability(late, delay, "", "")})
    assert sum(part[1] for part in parts) == units
    assert all(part[1] > 0 and part[2] >= max(day, 0) for part in parts)


def test_the_table_of_reliability_says_it_is_assumed() -> None:
    told = load_reliability(dt.date(2022, 1, 23))
    assert set(told) == {"supplier", "donor"}
    assert all("assumed" in one.status for one in told.values())
