"""Shortage told as stories: what is on the shelf, what comes, what expires."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.forecast.burn import BurnTable
from supply.forecast.norms import CLASSES, DRIVERS
from supply.forecast.shortage import NEVER, ShortageTable, StockLots, shortage

DAY_0 = date(2022, 3, 1)


def _burn(per_day: list[float], spread: float = 0.0) -> BurnTable:
    days = len(per_day)
    mean = np.zeros((1, 1, len(CLASSES), days))
    mean[0, 0, 0] = per_day
    running = np.cumsum(per_day)[None, None]
    return BurnTable(
        ("F",), ("I",), mean, mean * 0, mean[:, :, 0] * spread, running * spread,
        np.zeros((len(DRIVERS), 1, days)),
    )  # fmt: skip


def _lots(*lots: tuple[int, int, int]) -> StockLots:
    quantity, expiry, arrival = np.array(lots, dtype=np.int64).reshape(-1, 3).T
    zero = np.zeros(len(lots), dtype=np.int64)
    return StockLots(zero, zero, quantity, expiry, arrival)


def _days(found: ShortageTable) -> float:
    return found.interval(0, 0)[1]


def test_100_units_at_30_a_day_last_3_and_a_third_days() -> None:
    found = shortage(_burn([30.0] * 5), _lots((100, NEVER, 0)))
    assert _days(found) == pytest.approx(10 / 3)
    assert found.stock_out_date(0, 0, DAY_0) == date(2022, 3, 4)
    assert found.units_short[0, 0].tolist() == [50] * 5


def test_enough_stock_has_no_stock_out_within_the_horizon() -> None:
    found = shortage(_burn([30.0] * 5), _lots((150, NEVER, 0)))
    assert found.stock_out_date(0, 0, DAY_0) is None
    assert _days(found) == 5
    assert not found.units_short.any()


def test_no_stock_at_all_is_out_today() -> None:
    found = shortage(_burn([30.0] * 2), _lots())
    assert _days(found) == 0
    assert found.stock_out_date(0, 0, DAY_0) == DAY_0
    assert found.units_short[0, 0, 2] == 60


def test_an_item_nobody_uses_never_runs_out() -> None:
    found = shortage(_burn([0.0] * 5), _lots())
    assert found.stock_out_date(0, 0, DAY_0) is None
    assert _days(found) == 5


def test_a_lot_is_used_on_its_expiry_day_and_what_is_left_is_not_counted() -> None:
    found = shortage(_burn([10.0] * 6), _lots((100, 1, 0), (20, NEVER, 0)))
    assert _days(found) == 4  # two days of the first lot, two of the second
    assert found.units_expiring[0, 0, 2] == 80
    assert found.units_short[0, 0, 2] == 20


def test_the_earliest_expiry_is_used_first() -> None:
    found = shortage(_burn([10.0] * 4), _lots((20, NEVER, 0), (20, 1, 0)))
    assert not found.units_expiring.any()
    assert _days(found) == 4


def test_goods_in_transit_count_from_the_day_they_arrive() -> None:
    early = shortage(_burn([10.0] * 6), _lots((20, NEVER, 0), (40, NEVER, 2)))
    late = shortage(_burn([10.0] * 6), _lots((20, NEVER, 0), (40, NEVER, 3)))
    assert _days(early) == 6
    assert not early.units_short.any()
    assert _days(late) == 2
    assert late.units_short[0, 0, 2] == 10  # lost, not carried over


def test_goods_that_expire_on_the_road_serve_nobody() -> None:
    found = shortage(_burn([10.0] * 3), _lots((30, 0, 1)))
    assert found.units_short[0, 0, 2] == 30


def test_an_uncertain_burn_makes_days_of_stock_an_interval() -> None:
    low, middle, high = shortage(_burn([10.0] * 20, 0.4), _lots((100, NEVER, 0))).interval(0, 0)
    assert low < middle < high
    assert middle == pytest.approx(10, abs=1)


def test_a_horizon_beyond_the_burn_is_refused() -> None:
    with pytest.raises(ValueError, match="horizon"):
        shortage(_burn([1.0]), _lots(), horizon_days=2)


def test_negative_lots_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        _lots((-1, NEVER, 0))


LOT = st.tuples(st.integers(0, 60), st.integers(0, 9), st.integers(0, 6))


@settings(max_examples=60, deadline=None)
@given(st.lists(LOT, max_size=5), st.lists(st.integers(0, 30), min_size=7, max_size=7), LOT)
def test_units_are_conserved_and_more_stock_is_never_worse(
    lots: list[tuple[int, int, int]], use: list[int], more: tuple[int, int, int]
) -> None:
    burn = _burn([float(count) for count in use])
    found = shortage(burn, _lots(*lots))
    served = sum(use) - found.units_short[0, 0, 2]
    stock = sum(quantity for quantity, _, _ in lots)
    assert 0 <= served <= stock - found.units_expiring[0, 0, 2]
    richer = shortage(burn, _lots(*lots, more))
    assert richer.units_short[0, 0, 2] <= found.units_short[0, 0, 2]
    assert _days(richer) >= _days(found) - 1e-9
