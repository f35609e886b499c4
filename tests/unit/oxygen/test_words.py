"""Hours and ages as people say them."""

from __future__ import annotations

import pytest

from supply.oxygen.words import ago, hours_in_words


@pytest.mark.parametrize(
    ("hours", "said"),
    [(10 / 3, "3 giờ 20 phút"), (10, "10 giờ"), (30, "30 giờ"), (100, "4,2 ngày"), (0, "0 giờ")],
)
def test_hours(hours, said):
    assert hours_in_words(hours).vi == said


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0.001, "vừa xong"), (0.5, "30 phút trước"), (5.2, "5 giờ trước"), (60, "2 ngày trước")],
)
def test_age(hours, said):
    assert ago(hours).vi == said
