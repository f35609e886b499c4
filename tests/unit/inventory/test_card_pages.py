"""A stock card is read from its newest line on, page by page, without losing or doubling a line."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from supply.inventory.kinds import Kind
from supply.inventory.rows import CardLine, newest_first

DAY = dt.date(2022, 1, 1)


def line(document: int, balance: int) -> CardLine:
    return CardLine(DAY, document, Kind.ISSUE, f"PX-{document}", "", "", None, 0, 1, balance)


def card(sizes: list[int]) -> list[CardLine]:
    """Documents 1, 2, … with so many lines each, oldest first."""
    documents = [number for number, size in enumerate(sizes, 1) for _ in range(size)]
    return [line(document, at) for at, document in enumerate(documents)]


@given(sizes=st.lists(st.integers(1, 7), max_size=30), size=st.integers(1, 9))
def test_pages_are_the_card_turned_round_and_part_no_document(sizes: list[int], size: int) -> None:
    lines = card(sizes)
    read: list[CardLine] = []
    after: int | None = None
    while True:
        page, last = newest_first(lines, after, size)
        assert len(page) < size + 7
        if read and page:
            assert page[0].document_id != read[-1].document_id
        read += page
        if last is None:
            break
        assert len(page) >= size
        after = last
    assert read == lines[::-1]


def test_what_is_posted_meanwhile_shifts_nothing() -> None:
    lines = card([1] * 8)
    first, after = newest_first(lines, None, 3)
    rest, _ = newest_first([*lines, line(9, 99)], after, 10)
    assert first + rest == lines[::-1]


def test_a_key_that_is_not_of_the_card_begins_anew() -> None:
    assert newest_first(card([1, 1]), 77, 5)[0] == card([1, 1])[::-1]
