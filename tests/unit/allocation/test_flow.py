"""The picture of who sends to whom, and the sentences above it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from supply.allocation.flow import NAME_HEIGHT, picture
from supply.allocation.story import percent, short_name
from supply.core.text import Text

names = st.sampled_from(["A", "B", "C", "D", "E", "F"])


@given(st.lists(st.tuples(names, names), max_size=60))
def test_every_name_has_room_and_nothing_leaves_the_picture(flows: list[tuple[str, str]]) -> None:
    drawn = picture(flows)
    for column in (drawn.senders, drawn.receivers):
        middles = [bar.y + bar.height / 2 for bar in column]
        assert all(b - a >= NAME_HEIGHT - 0.2 for a, b in pairwise(middles))
        assert all(bar.y >= -0.1 and bar.y + bar.height <= drawn.height + 0.1 for bar in column)
    assert sum(bar.lines for bar in drawn.senders) == len(flows)
    assert sum(band.lines for band in drawn.bands) == len(flows)
    assert len(drawn.bands) == len(set(flows))


def test_busier_places_stand_higher() -> None:
    drawn = picture([("A", "C"), ("B", "C"), ("B", "D")])
    assert [bar.name for bar in drawn.senders] == ["B", "A"]
    assert [bar.name for bar in drawn.receivers] == ["C", "D"]


def test_what_is_not_whole_is_never_called_whole() -> None:
    assert [percent(x) for x in (0.0, 0.001, 0.5, 0.999, 1.0)] == ["0", "1", "50", "99", "100"]


def test_a_short_name_keeps_what_tells_places_apart() -> None:
    long = Text("Trạm Y tế phường Phúc Xá", "Phúc Xá Ward Health Station")
    assert short_name(long) == Text("TYT Phúc Xá", "Phúc Xá WHS")
    mobile = Text("Trạm Y tế lưu động số 1, quận Ba Đình", "Mobile Health Station No. 1")
    assert short_name(mobile).vi == "Trạm lưu động số 1"
