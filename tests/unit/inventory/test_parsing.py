"""Numbers and dates as they are typed in Vietnam."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.core.errors import InvalidInput
from supply.core.text import group_digits
from supply.inventory.parsing import (
    MONEY_VND_MAX,
    QUANTITY_MAX,
    parse_date_vn,
    parse_expiry,
    parse_money_vnd,
    parse_quantity,
)


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1", 1), ("1234", 1234), ("1.234", 1234), (" 12.345.678 ", 12_345_678), ("1 234", 1234)],
)
def test_a_whole_quantity_is_read(typed: str, number: int) -> None:
    assert parse_quantity(typed) == number


@given(st.integers(1, QUANTITY_MAX))
def test_what_is_shown_with_dots_is_read_back(number: int) -> None:
    assert parse_quantity(group_digits(number)) == number


@pytest.mark.parametrize(
    "typed",
    ["", "  ", "1,5", "1.5", "1.23", "1.2345", "1,234", "1.234,0", "abc", "-5", "0", "1e3",
     "12.34.567", "９", "1.000.000.001", "9" * 400, "1..234", ".5", "½"],
)  # fmt: skip
def test_anything_else_is_refused_with_the_mend_in_both_languages(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_quantity(typed, line=7)
    fault = refused.value.faults[0]
    assert (fault.field, fault.line) == ("quantity", 7)
    assert fault.message("vi").startswith("Dòng 7: ")
    assert fault.message("en").startswith("Line 7: ")
    assert len(fault.text.vi) < 150


def test_a_decimal_is_named_as_a_decimal() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_quantity("1,5")
    assert "phần lẻ" in refused.value.faults[0].text.vi


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("0", 0), ("1.250.000", 1_250_000), ("1250000đ", 1_250_000), ("15.000 ₫", 15_000),
     ("2.000 đồng", 2_000), ("3000 VND", 3_000)],
)  # fmt: skip
def test_money_is_read_in_whole_dong(typed: str, amount: int) -> None:
    assert parse_money_vnd(typed) == amount


@pytest.mark.parametrize("typed", ["1.500,50", "-1", "đ", "1,5 đ", str(MONEY_VND_MAX + 1)])
def test_money_with_a_fraction_or_beyond_reason_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        parse_money_vnd(typed)


@pytest.mark.parametrize(
    "typed", ["5/3/2022", "05/03/2022", "05-03-2022", "5.3.22", "05032022", "2022-03-05"]
)
def test_a_date_is_read_day_first_or_iso(typed: str) -> None:
    assert parse_date_vn(typed) == dt.date(2022, 3, 5)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 12, 31)))
def test_every_date_of_the_calendar_is_read(date: dt.date) -> None:
    assert parse_date_vn(f"{date.day}/{date.month}/{date.year}") == date


@pytest.mark.parametrize(
    "typed", ["31/02/2022", "29/02/2023", "00/01/2022", "1/13/2022", "hôm nay", "", "1/1/1999",
              "32012022", "2022-02-30", "5/3", "1/1/0022"],
)  # fmt: skip
def test_an_impossible_date_is_refused_and_shown(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_date_vn(typed)
    assert f"“{typed}”" in refused.value.faults[0].text.vi


def test_an_expiry_by_month_lasts_to_the_end_of_the_month() -> None:
    assert parse_expiry("02/2024") == dt.date(2024, 2, 29)
    assert parse_expiry("12-2025") == dt.date(2025, 12, 31)
    assert parse_expiry("  ") is None
    with pytest.raises(InvalidInput):
        parse_expiry("13/2024")
