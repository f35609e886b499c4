"""A scan is read as it was printed, or refused in words; the examples are made up, not of real goods."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.core.errors import InvalidInput
from supply.inventory.gs1 import GS, Scan, read_scan

GTIN = "08931234567897"
FULL = Scan(GTIN, GTIN, "A1B2", dt.date(2025, 2, 28))


def check_digit(digits: str) -> str:
    total = sum(int(d) * (1 if at % 2 else 3) for at, d in enumerate(reversed(digits)))
    return str(-total % 10)


def test_the_example_has_a_right_check_digit() -> None:
    assert check_digit(GTIN[:-1]) == GTIN[-1]


@pytest.mark.parametrize(
    "text",
    [
        f"01{GTIN}17250228" + "10A1B2",
        f"01{GTIN}10A1B2{GS}17250228",
        f"]C101{GTIN}10A1B2{GS}17250228",
        f"]d2{GS}01{GTIN}10A1B2{GS}17250228",
        f"]Q301{GTIN}17250200" + "10A1B2",
        f"01{GTIN}10A1B2{{GS}}17250228",
        f"01{GTIN}10A1B2~17250228",
        f"01{GTIN}10A1B2␝17250228",
        f"(01){GTIN}(17)250200(10)A1B2",
        f"  01{GTIN}17250228" + "10A1B2\r\n",
    ],
)
def test_item_lot_and_expiry_come_in_one_scan_however_the_separator_is_sent(text: str) -> None:
    assert read_scan(text) == FULL


def test_day_00_is_the_last_day_of_the_month_leap_years_too() -> None:
    assert read_scan(f"01{GTIN}17240200").expiry == dt.date(2024, 2, 29)
    assert read_scan(f"01{GTIN}17251200").expiry == dt.date(2025, 12, 31)


def test_two_digit_years_are_of_the_nearest_century() -> None:
    year = dt.date.today().year
    ahead = read_scan(f"01{GTIN}17{(year + 40) % 100:02d}0101").expiry
    behind = read_scan(f"01{GTIN}17{(year - 40) % 100:02d}0101").expiry
    assert ahead is not None
    assert behind is not None
    assert (ahead.year, behind.year) == (year + 40, year - 40)


@pytest.mark.parametrize("identifier", ["30", "37"])
def test_a_count_and_a_serial_come_with_it(identifier: str) -> None:
    found = read_scan(f"01{GTIN}17250228{identifier}12{GS}21X9{GS}10A1B2")
    assert (found.count, found.serial, found.lot_number) == (12, "X9", "A1B2")


def test_the_contents_of_a_case_are_the_item_inside() -> None:
    assert read_scan(f"02{GTIN}3740").code == GTIN


def test_best_before_stands_in_where_there_is_no_expiry() -> None:
    assert read_scan(f"01{GTIN}15250228").expiry == dt.date(2025, 2, 28)


def test_a_separator_the_wedge_dropped_is_put_back_and_said() -> None:
    found = read_scan(f"01{GTIN}10A1B2" + "17250228")
    assert (found.lot_number, found.expiry, found.guessed) == ("A1B2", dt.date(2025, 2, 28), True)


def test_a_lot_that_only_looks_like_an_expiry_in_two_ways_is_left_whole() -> None:
    found = read_scan(f"01{GTIN}10A17250228" + "17250331")
    assert (found.guessed, found.expiry, found.lot_number) == (False, None, "A1725022817250331")


@pytest.mark.parametrize("plain", ["8931234567897", "08931234567897", "036000291452", "96385074"])
def test_a_plain_code_is_looked_up_by_its_fourteen_digits(plain: str) -> None:
    assert read_scan(plain) == Scan(plain.zfill(14), plain.zfill(14))
    assert read_scan(f"]E0{plain}").code == plain.zfill(14)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("8931234567890", "sai số kiểm tra"),
        (f"01{GTIN[:-1]}017250228", "sai số kiểm tra"),
        (f"01{GTIN}17251331", "không đúng cấu trúc"),
        (f"01{GTIN}17250230", "không"),
        ("00089312345678901232", "mã kiện"),
        ("]C110A1B2", "không nói mặt hàng"),
        ("", "Chưa đọc được"),
        ("x" * 201, "Chưa đọc được"),
        ("ab\x00cd", "ký tự không đọc được"),
    ],
)
def test_what_cannot_be_what_was_printed_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_scan(text)
    assert words in refused.value.faults[0].text.vi
    assert refused.value.faults[0].field == "scan"


def test_any_other_text_is_a_code_of_its_own() -> None:
    assert read_scan("KHO-0012") == Scan("KHO-0012")


LOTS = st.text("ABCDEFGHIJ0123456789-", min_size=1, max_size=20)
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2050, 12, 31))


@given(payload=st.text("0123456789", min_size=13, max_size=13), lot=LOTS, expiry=DAYS)
def test_whatever_was_printed_is_what_is_read(payload: str, lot: str, expiry: dt.date) -> None:
    gtin = payload + check_digit(payload)
    text = f"]d201{gtin}10{lot}{GS}17{expiry:%y%m%d}"
    assert read_scan(text) == Scan(gtin, gtin, lot, expiry)


@given(st.text(max_size=220))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        code = read_scan(text).code
    except InvalidInput as refused:
        code = refused.faults[0].text.vi
    assert code
