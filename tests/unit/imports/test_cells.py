"""Cells as people and programs write them."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.imports.cells import (
    BadCell,
    read_column,
    to_code,
    to_date,
    to_expiry,
    to_litres,
    to_money,
    to_text,
    to_whole,
)
from supply.imports.columns import FileKind, column

MAX = 1_000_000_000
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2100, 12, 31))


@given(
    st.integers(0, MAX),
    st.sampled_from([".", ",", " ", " ", ""]),
    st.sampled_from(["", ".00", ",0"]),
)
def test_a_whole_number_reads_the_same_however_it_is_grouped(number, mark, zeros):
    text = f"{number:,}".replace(",", mark)
    if zeros and (mark == zeros[0] or (not mark and number < 1)):
        zeros = ""
    assert to_whole(f" {text}{zeros} ", 0, MAX) == number


@given(st.integers(0, MAX))
def test_a_workbooks_own_number_is_taken_as_it_is(number):
    assert to_whole(number, 0, MAX) == to_whole(float(number), 0, MAX) == number


@pytest.mark.parametrize(
    "cell",
    ["1,5", "1.23", "12.34.567", "1.234,567", "1,234.567", "abc", "1e3", "--5", 1.5, True, "½",
     dt.date(2022, 1, 1), "-3", "9" * 25],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused_never_rounded(cell):
    with pytest.raises(BadCell):
        to_whole(cell, 1, MAX)


@given(
    DAYS,
    st.sampled_from(["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%d%m%Y", "%d/%m/%Y 08:30"]),
)
def test_a_day_reads_the_same_in_every_way_of_writing_it(day, form):
    assert to_date(day.strftime(form)) == day


@given(DAYS)
def test_a_workbooks_day_is_a_date_a_moment_or_a_number(day):
    number = (day - dt.date(1899, 12, 30)).days
    moment = dt.datetime.combine(day, dt.time(13, 5))
    assert to_date(day) == to_date(moment) == to_date(number) == to_date(float(number)) == day
    assert to_date(str(number)) == day


@pytest.mark.parametrize(
    "cell", ["31/02/2022", "2022", "13/13/2022", "hôm qua", 5, 99999999, "01/01/1899", True]
)
def test_what_is_no_day_is_refused(cell):
    with pytest.raises(BadCell):
        to_date(cell)


def test_words_of_boxes_and_money():
    assert to_expiry("02/2024") == dt.date(2024, 2, 29)
    assert to_expiry(None) is None
    assert to_expiry(dt.datetime(2024, 2, 1)) == dt.date(2024, 2, 1)
    assert [to_money(x) for x in ("1.250.000 đ", "350", 0, "1,000 VND")] == [
        1_250_000,
        350,
        0,
        1000,
    ]
    assert str(to_litres("0,05")) == "0.05"
    with pytest.raises(BadCell):
        to_litres("0")


def test_a_lot_number_that_excel_turned_into_a_date_is_told():
    assert to_code(123.0) == "123"
    assert to_code("  A 1 ") == "A 1"
    with pytest.raises(BadCell) as told:
        to_code(dt.datetime(2022, 3, 25))
    assert "Excel" in told.value.text.vi


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(words):
    for read in (to_text, to_code, to_date, to_expiry, to_money):
        with suppress(BadCell):
            read(words)


def test_every_fault_of_a_column_is_told_at_its_row():
    told = []
    values = read_column(
        column(FileKind.OPENING, "quantity"),
        ["1", "x", None, 2.0, "x", 1.5, ""],
        lambda index, text: told.append((index, text.en)),
    )
    assert list(values) == [1, None, None, 2, None, None, None]
    assert [index for index, _ in told] == [1, 2, 4, 5, 6]
    assert all("Quantity" in words for _, words in told)
