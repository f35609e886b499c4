"""The small charts: nothing leaves its frame, figures on the axis are round and hold what is drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.allocation.seeing.pictures import (
    NARROW_BARS,
    NARROW_LINES,
    WIDE_LINES,
    axis,
    day_bars,
    day_lines,
)

amounts = st.lists(st.integers(0, 10**10), min_size=1, max_size=28)


@given(st.integers(1, 10**12))
def test_an_axis_holds_its_highest_in_few_round_steps(highest: int) -> None:
    found = axis(highest)
    assert found.top >= highest * (1 - 1e-9)
    assert found.top <= 2.51 * highest
    assert 2 <= len(found.ticks) <= 6
    assert found.ticks[-1] * found.factor == pytest.approx(found.top)
    assert found.factor <= found.top or found.factor == 1


def test_an_axis_of_nothing_still_stands() -> None:
    assert axis(0).ticks == (0.0, 1.0)
    assert axis(1_250_000).words.vi == "triệu "
    assert axis(740).ticks == (0.0, 200.0, 400.0, 600.0, 800.0)


@given(amounts, amounts)
def test_lines_and_bars_stay_in_their_frame(one: list[int], other: list[int]) -> None:
    days = max(len(one), len(other))
    for box in (WIDE_LINES, NARROW_LINES):
        drawn = day_lines({"a": one, "b": other}, days, box)
        for line, values in zip(drawn.lines, (one, other), strict=True):
            assert [value for _, _, value in line.points] == values
            assert all(box.left <= x <= box.width for x, _, _ in line.points)
            assert all(box.top - 0.1 <= y <= box.height - box.bottom for _, y, _ in line.points)
    bars = day_bars({"a": one, "b": other}, days, NARROW_BARS).bars
    assert sum(bar.amount for bar in bars) == sum(one) + sum(other)
    assert all(bar.y >= NARROW_BARS.top - 0.1 and bar.height >= 1 for bar in bars)
