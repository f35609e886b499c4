"""Searching is blind to diacritics; numbers are written as people here write them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.core.text import Text, counted, fold, group_digits


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Khẩu trang  N95", "khau trang n95"),
        ("ĐỒNG THÁP", "dong thap"),
        ("Cồn 70°", "con 70°"),
        ("oxy y tế", "oxy y te"),
    ],
)
def test_what_is_typed_is_folded(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(st.text())
def test_folding_twice_changes_nothing_and_forms_do_not_matter(text: str) -> None:
    once = fold(text)
    assert fold(once) == once or unicodedata.normalize("NFKC", text) != text
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(st.integers(min_value=0, max_value=10**15))
def test_grouped_digits_read_back(number: int) -> None:
    assert int(group_digits(number).replace(".", "")) == number


@pytest.mark.parametrize(
    ("plural", "one"),
    [("lots", "lot"), ("facilities", "facility"), ("m³ of gas", "m³ of gas"), ("on order",) * 2],
)
def test_one_is_counted_in_the_singular(plural: str, one: str) -> None:
    assert counted(1, Text("lô", plural)) == counted("1", Text("lô", plural)) == Text("lô", one)
    assert counted(21, Text("lô", plural)).en == counted("1,5", Text("lô", plural)).en == plural


def test_a_text_is_vietnamese_unless_english_is_asked() -> None:
    text = Text("Còn {n}", "{n} left").fill(n=3)
    assert [text.in_language(code) for code in ("vi", "en", "fr")] == ["Còn 3", "3 left", "Còn 3"]
