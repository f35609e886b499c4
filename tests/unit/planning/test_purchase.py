"""A purchase covers what may be used, in whole packs, to the đồng, and less where there is more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.forecast.shortage import NEVER
from supply.planning.purchase import (
    Line,
    Stock,
    Terms,
    Use,
    Wanted,
    plan_lines,
    together,
    total_vnd,
)

Lot = tuple[int, int, int, int]


def _use(per_day: list[float], variation: float = 0.0) -> Use:
    running = np.cumsum(per_day, dtype=float)
    return Use(running, running * variation)


def _stock(*lots: Lot) -> Stock:
    return Stock(*np.array(lots, dtype=np.int64).reshape(-1, 4).T)


def _plan(use: Use, stock: Stock, **more: object) -> Line:
    told = {"lead_days": 14, "pack_units": 50, "unit_price_vnd": 1_500, "reserve": 0} | more
    level, review = told.pop("level", 0.95), told.pop("review", 14)
    wanted = Wanted(use, stock, **told)  # type: ignore[arg-type]
    return plan_lines([wanted], Terms(review, level))[0]  # type: ignore[arg-type]


def test_840_to_cover_less_300_there_plus_40_expiring_is_600_in_packs_of_50() -> None:
    line = _plan(
        _use([30.0] * 28),
        _stock((60, NEVER, 0, 0), (40, 0, 5, 0), (200, NEVER, 10, 2)),
    )
    assert (line.use_quantile, line.on_hand, line.on_order, line.expiring) == (840, 100, 200, 40)
    assert (line.wanted, line.packs, line.units, line.amount_vnd) == (580, 12, 600, 900_000)
    assert line.out_day == 2
    assert line.order_by_day == 2 - 14


def test_stock_that_lasts_the_cover_needs_no_order_and_no_day() -> None:
    line = _plan(_use([1.0] * 28), _stock((28, NEVER, 0, 0)))
    assert (line.units, line.amount_vnd, line.out_day, line.order_by_day) == (0, 0, None, None)


def test_beyond_the_forecast_the_last_week_goes_on() -> None:
    line = _plan(_use([0.0] * 7 + [10.0] * 7, 0.0), _stock(), lead_days=20, review=8)
    assert line.use_quantile == 70 + 14 * 10
    assert line.forecast_days == 14


def test_the_reserve_counts_where_it_is_more_than_the_use() -> None:
    bare = _plan(_use([1.0] * 28), _stock((10, NEVER, 0, 0)))
    kept = _plan(_use([1.0] * 28), _stock((10, NEVER, 0, 0)), reserve=500)
    assert (bare.wanted, kept.wanted) == (18, 490)


def test_without_a_price_there_is_no_amount_and_the_total_counts_the_rest() -> None:
    lines = [_plan(_use([1.0] * 28), _stock(), unit_price_vnd=price) for price in (None, 7)]
    assert lines[0].amount_vnd is None
    assert total_vnd(lines) == 350


def test_many_together_are_as_each_alone() -> None:
    rng = np.random.default_rng(5)
    wanted = [
        Wanted(
            _use(rng.integers(0, 40, 20).astype(float).tolist(), 0.4),
            _stock(*[(int(rng.integers(0, 300)), int(rng.integers(0, 30)), 0, 0)] * int(n % 3)),
            lead_days=int(n % 4),
            pack_units=int(n + 1),
            unit_price_vnd=None,
        )
        for n in range(12)
    ]
    terms = Terms(14, 0.9)
    assert plan_lines(wanted, terms) == [plan_lines([one], terms)[0] for one in wanted]


def test_facilities_together_share_what_they_have_in_common() -> None:
    found = together(np.array([[80.0], [20.0]]), np.array([[40.0], [30.0]]))
    assert found.mean.tolist() == [100.0]
    assert found.sd[0] == pytest.approx(np.sqrt(50**2 + 30**2 - 10**2))


SPREAD = st.lists(st.tuples(st.floats(0, 90), st.floats(0, 60)), min_size=1, max_size=6)


@given(SPREAD)
def test_together_is_between_all_alone_and_all_as_one(places: list[tuple[float, float]]) -> None:
    mean, sd = np.array(places).T[:, :, None]
    sd = np.where(mean > 0, sd, 0.0)
    found = together(mean, sd).sd[0]
    assert found <= sd.sum() + 1e-6
    assert found**2 >= (sd**2).sum() - 1e-6 * max((sd**2).sum(), 1)


def test_a_senseless_service_level_is_refused() -> None:
    with pytest.raises(ValueError, match="service level"):
        _plan(_use([1.0]), _stock(), level=1.0)


LOT = st.tuples(
    st.integers(0, 400), st.sampled_from([0, 2, 9, 20, NEVER]), st.integers(0, 30),
    st.integers(0, 2),
)  # fmt: skip
USES = st.lists(st.integers(0, 40), min_size=5, max_size=28)


@settings(max_examples=120, deadline=None)
@given(
    USES,
    st.floats(0, 1.5),
    st.lists(LOT, max_size=4),
    LOT,
    st.integers(0, 20),
    st.integers(1, 30),
    st.integers(1, 120),
    st.sampled_from([0.5, 0.8, 0.95, 0.99]),
    st.one_of(st.none(), st.integers(0, 10**9)),
    st.integers(0, 300),
)
def test_what_is_bought_covers_the_quantile_in_whole_packs_and_less_with_more_stock(
    per_day: list[int],
    variation: float,
    lots: list[Lot],
    more: Lot,
    lead: int,
    review: int,
    pack: int,
    level: float,
    price: int | None,
    reserve: int,
) -> None:
    use = _use([float(n) for n in per_day], variation)
    told = {
        "lead_days": lead, "review": review, "pack_units": pack, "level": level,
        "unit_price_vnd": price, "reserve": reserve,
    }  # fmt: skip
    line = _plan(use, _stock(*lots), **told)
    assert line.units >= 0
    assert line.units == line.packs * pack
    usable = line.on_hand + line.in_transit + line.on_order - line.expiring
    assert usable >= 0
    assert usable + line.units >= max(line.use_quantile, reserve)
    assert line.units - line.wanted < pack
    assert line.amount_vnd == (None if price is None else line.units * price)
    assert line.amount_vnd is None or isinstance(line.amount_vnd, int)
    richer = _plan(use, _stock(*lots, more), **told)
    assert richer.units <= line.units
    surer = _plan(use, _stock(*lots), **(told | {"level": 0.995}))
    assert surer.use_quantile >= line.use_quantile
