"""What-if: nothing changed is the run itself; more cases never use less."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.forecast import chain
from supply.forecast.history import WeeklyHistory
from supply.forecast.norms import load_norms
from supply.forecast.seeing import whatif
from supply.forecast.seeing.common_draws import Recorded, Replayed
from supply.forecast.seeing.whatif import Base, Extra, Factors
from supply.forecast.sharing import Place
from supply.forecast.shortage import StockLots

WARDS = 3
CODES = ("TYT-1", "TYT-2", "TYT-3", "TTYT", "CSDT")
PLACES = (
    *(Place("commune_station", n, 5) for n in range(WARDS)),
    Place("medical_centre", None, 60),
    Place("treatment_facility", None, 100),
)


def _inputs(draws: int = 1000) -> chain.Inputs:
    params = chain.Params(date(2022, 3, 5), 28, "hanoi_2021", 7, draws)
    ends = np.datetime64("2022-03-05") - 7 * np.arange(12)[::-1]
    cases = np.array([[40.0 + 5 * week + n for week in range(12)] for n in range(WARDS)])
    history = WeeklyHistory(ends, cases, np.zeros(cases.shape, dtype=bool))
    items = chain.norms_of(params).item_codes()
    return chain.Inputs(params, ("A", "B", "C"), history, CODES, PLACES, items)


@cache
def _base() -> Base:
    return whatif.prepare(_inputs())


def _lots(units: int = 200) -> StockLots:
    size = len(CODES) * len(_base().inputs.item_codes)
    f, i = np.divmod(np.arange(size), len(_base().inputs.item_codes))
    whole = np.full(size, units)
    return StockLots(f, i, whole, np.full(size, 400), np.zeros(size, dtype=np.int64))


def test_nothing_changed_is_the_run_at_200_draws_bit_for_bit() -> None:
    run = chain.compute(replace(_inputs(), params=replace(_inputs().params, draws=200)))
    _, burn = whatif.changed(_base(), Factors())
    for name in ("mean", "sd", "total_sd", "cumulative_sd", "driver_mean"):
        np.testing.assert_array_equal(np.round(getattr(burn, name), 6), getattr(run.burn, name))


def test_a_replay_of_the_same_means_gives_the_same_numbers() -> None:
    """Also through the changed path, where factors of 1 are written out."""
    norms = whatif.changed_norms(_base().norms, Factors())
    again = whatif._drive(_base().inputs, norms, Replayed(_base().record), 1.0)
    np.testing.assert_array_equal(again.values, _base().drivers.values)


def test_the_runs_own_means_lie_within_draw_noise() -> None:
    stored = chain.compute(_inputs()).burn
    seen = _base().burn
    noise = stored.cumulative_sd[..., -1] / np.sqrt(200)
    gap = np.abs(seen.total_mean.sum(axis=-1) - stored.total_mean.sum(axis=-1))
    assert (gap <= 5 * noise + 1e-6).all()


@given(
    low=st.floats(0.2, 3.0),
    more=st.floats(0.0, 1.0),
    stay=st.floats(0.5, 2.0),
    use=st.floats(0.5, 2.0),
)
@settings(max_examples=8, deadline=None)
def test_more_cases_never_use_less(low: float, more: float, stay: float, use: float) -> None:
    before = Factors(cases=low, stay=stay, use=use)
    after = replace(before, cases=low + more)
    fewer, burn = (whatif.changed(_base(), f)[1].total_mean for f in (before, after))
    assert (burn >= fewer - 1e-9).all()
    less, then = (whatif.figures(_base(), _lots(), f) for f in (before, after))
    assert all(b.mean >= a.mean - 1e-9 for a, b in zip(less.present, then.present, strict=True))
    assert (then.days_of_stock <= less.days_of_stock + 1e-9).all()
    assert then.lines_out_total >= less.lines_out_total


@given(severe=st.floats(0.0, 12.0))
@settings(max_examples=30, deadline=None)
def test_shares_stay_shares(severe: float) -> None:
    norms = whatif.changed_norms(_base().norms, Factors(severe=severe))
    assert norms.severity_share.sum() == pytest.approx(1.0)
    assert (norms.severity_share >= -1e-12).all()
    heavy = _base().norms.severity_share[2:].sum()
    assert norms.severity_share[2:].sum() == pytest.approx(min(heavy * severe, 1.0))


def test_the_worked_number_of_the_severe_share() -> None:
    norms = replace(load_norms(date(2022, 3, 1)), severity_share=np.array([0.45, 0.40, 0.10, 0.05]))
    found = whatif.changed_norms(norms, Factors(severe=2.0)).severity_share
    np.testing.assert_allclose(found, [0.3705882, 0.3294118, 0.2, 0.1], atol=1e-6)


def test_longer_stays_fill_more_beds_and_leave_new_cases_alone() -> None:
    plain, longer = (whatif.figures(_base(), _lots(), f) for f in (Factors(), Factors(stay=2.0)))
    assert all(b.mean > a.mean for a, b in zip(plain.present, longer.present, strict=True))
    assert longer.oxygen_litres_per_minute.mean > plain.oxygen_litres_per_minute.mean
    first = whatif.changed(_base(), Factors(stay=2.0))[0].mean[0]
    np.testing.assert_array_equal(first, _base().drivers.mean[0])


def test_use_multiplies_every_burn() -> None:
    _, burn = whatif.changed(_base(), Factors(use=1.5))
    np.testing.assert_allclose(burn.total_mean, _base().burn.total_mean * 1.5)
    np.testing.assert_allclose(burn.cumulative_sd, _base().burn.cumulative_sd * 1.5)


def test_more_units_last_longer_where_they_lie() -> None:
    item = max(
        range(len(_base().inputs.item_codes)), key=lambda i: _base().burn.total_mean[3, i].sum()
    )
    code = _base().inputs.item_codes[item]
    plain = whatif.figures(_base(), _lots())
    more = whatif.figures(_base(), _lots(), Factors(extra=Extra("TTYT", code, 10_000_000)))
    assert more.days_of_stock[item] > plain.days_of_stock[item]
    assert more.lines_out[item, 2] == plain.lines_out[item, 2] - 1
    other = np.arange(len(plain.days_of_stock)) != item
    np.testing.assert_array_equal(more.days_of_stock[other], plain.days_of_stock[other])


def test_goods_that_arrive_later_help_later() -> None:
    lots = _lots()
    coming = replace(lots, arrival_day=np.arange(len(lots.quantity)) % 2)  # every other lot
    soon, late = (whatif.figures(_base(), coming, f) for f in (Factors(), Factors(later_days=7)))
    assert (late.days_of_stock <= soon.days_of_stock).all()
    assert late.days_of_stock.sum() < soon.days_of_stock.sum()
    here = whatif.figures(_base(), lots, Factors(later_days=7))
    assert here.lines_out_total == whatif.figures(_base(), lots).lines_out_total


def test_pooled_days_of_stock_by_hand() -> None:
    """100 units, 30 a day: three days and a third; with 20 more from day 2, four days."""
    burn = replace(_base().burn, item_codes=("X",))
    use = np.full((1, 6), 30.0)
    one = np.array([0])
    lots = StockLots(one, one, np.array([100]), np.array([99]), one)
    assert whatif._pooled_days(use, lots, burn)[0] == pytest.approx(10 / 3)
    two = np.array([0, 0])
    more = StockLots(two, two, np.array([100, 20]), np.array([99, 99]), np.array([0, 2]))
    assert whatif._pooled_days(use, more, burn)[0] == pytest.approx(4.0)


def test_days_that_have_passed_are_cut_off() -> None:
    whole, rest = (whatif.figures(_base(), _lots(), days_passed=d) for d in (0, 10))
    assert rest.horizon_days == whole.horizon_days - 10
    assert (rest.burn[:, 1] <= whole.burn[:, 1] + 1e-9).all()


def test_a_negative_factor_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Factors(cases=-0.1)


def test_a_replay_of_other_counts_is_refused() -> None:
    first = Recorded(3)
    first.poisson(np.ones(4))
    with pytest.raises(ValueError, match="other random numbers"):
        Replayed(first).poisson(np.ones(5))
    again = Replayed(first)
    again.poisson(np.ones(4))
    with pytest.raises(ValueError, match="other random numbers"):
        again.poisson(np.ones(4))


def test_a_replay_scales_counts_and_keeps_the_other_draws() -> None:
    first = Recorded(3)
    counts = first.poisson(np.array([5.0, 0.0]))
    after = first.standard_normal(4)
    again = Replayed(first)
    np.testing.assert_allclose(again.poisson(np.array([6.0, 2.0])), [counts[0] * 1.2, 2.0])
    np.testing.assert_array_equal(again.standard_normal(4), after)
