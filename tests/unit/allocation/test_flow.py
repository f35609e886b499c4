"""The picture of who sends to whom, and the sentences above it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.allocation.seeing.flow import NARROW, WIDE, Frame, busiest, picture, totals_of
from supply.allocation.story import percent, short_name
from supply.core.text import Text

names = st.sampled_from(["A", "B", "C", "D", "E", "F"])
flows = st.lists(st.tuples(names, names, st.floats(0, 5000)), max_size=60)


@given(flows, st.sampled_from([WIDE, NARROW]))
def test_every_name_has_room_and_nothing_leaves_the_picture(
    rows: list[tuple[str, str, float]], frame: Frame
) -> None:
    pairs = totals_of(rows)
    drawn = picture(pairs, frame)
    for column in (drawn.senders, drawn.receivers):
        middles = [bar.y + bar.height / 2 for bar in column]
        assert all(b - a >= frame.name_height - 0.2 for a, b in pairwise(middles))
        assert all(bar.y >= -0.1 and bar.y + bar.height <= drawn.height + 0.1 for bar in column)
        assert sum(bar.amount for bar in column) == pytest.approx(sum(pairs.values()))
    assert {(band.origin, band.destination): band.amount for band in drawn.bands} == pairs


@given(flows, st.integers(1, 4))
def test_putting_small_places_together_loses_nothing(
    rows: list[tuple[str, str, float]], most: int
) -> None:
    pairs = totals_of(rows)
    fewer = busiest(pairs, most, "…")
    assert sum(fewer.values()) == pytest.approx(sum(pairs.values()))
    for side in (0, 1):
        assert len({pair[side] for pair in fewer}) <= most + 1


def test_busier_places_stand_higher_and_the_rest_at_the_bottom() -> None:
    pairs = totals_of([("A", "C", 1), ("B", "C", 1), ("B", "D", 1), ("…", "D", 9)])
    drawn = picture(pairs, last="…")
    assert [bar.key for bar in drawn.senders] == ["B", "A", "…"]
    assert [bar.key for bar in drawn.receivers] == ["D", "C"]
    assert [band.amount for band in drawn.bands] == [9, 1, 1, 1]


def test_what_is_not_whole_is_never_called_whole() -> None:
    assert [percent(x) for x in (0.0, 0.001, 0.5, 0.999, 1.0)] == ["0", "1", "50", "99", "100"]


def test_a_short_name_keeps_what_tells_places_apart() -> None:
    long = Text("Trạm Y tế phường Phúc Xá", "Phúc Xá Ward Health Station")
    assert short_name(long) == Text("TYT Phúc Xá", "Phúc Xá WHS")
    mobile = Text("Trạm Y tế lưu động số 1, quận Ba Đình", "Mobile Health Station No. 1")
    assert short_name(mobile).vi == "Trạm lưu động số 1"
