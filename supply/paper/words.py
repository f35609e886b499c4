"""A sum of money in words, as vouchers must carry it: Vietnamese and English. Pure.

Vietnamese rules (worked example: 1 015 -> "Một nghìn không trăm mười lăm đồng"):

* digits are read in groups of three: nghìn (10^3), triệu (10^6), tỷ (10^9), then nghìn tỷ, triệu
  tỷ, tỷ tỷ; a group of zeros is silent;
* after the first group a zero hundred is said ("không trăm"), and a lone unit after a zero ten
  follows "lẻ";
* after "mươi": 1 is "mốt", 4 is "tư", 5 is "lăm"; after "mười" only 5 changes ("mười lăm").

"tỷ" is the spelling of the State's own forms; "tỉ" (which the test's oracle writes) is the same word.
"""

from __future__ import annotations

AMOUNT_VND_MAX = 10**18

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_AFTER_TENS = {1: "mốt", 4: "tư", 5: "lăm"}
_GROUPS = ((10**6, "triệu"), (10**3, "nghìn"), (1, ""))
_BILLION = 10**9


def amount_in_words(amount_vnd: int) -> str:
    """Whole đồng in Vietnamese words: first letter capital, ends in "đồng".

    Exact from 0 to 10^18. Raises ValueError outside of that: a voucher never states a negative sum.
    """
    _check(amount_vnd)
    return _sentence([*_vietnamese(amount_vnd), "đồng"])


def amount_in_english(amount_vnd: int) -> str:
    """The same in English: 1 015 -> "One thousand and fifteen dong"; same range, same errors."""
    _check(amount_vnd)
    return _sentence([*_english(amount_vnd), "dong"])


def _check(amount_vnd: int) -> None:
    if not 0 <= amount_vnd <= AMOUNT_VND_MAX:
        raise ValueError(f"an amount in words is from 0 to 10^18 đồng, not {amount_vnd}")


def _sentence(words: list[str]) -> str:
    text = " ".join(words)
    return text[0].upper() + text[1:]


def _vietnamese(number: int) -> list[str]:
    if number == 0:
        return [_DIGITS[0]]
    # What stands before "tỷ" is itself a number: 10^12 is "một nghìn tỷ", 10^18 "một tỷ tỷ".
    high, low = divmod(number, _BILLION)
    words = [*_vietnamese(high), "tỷ"] if high else []
    for size, name in _GROUPS:
        group = low // size % 1000
        if group:
            words += _three_digits(group, is_first=not words)
            words += [name] if name else []
    return words


def _three_digits(group: int, *, is_first: bool) -> list[str]:
    """1 to 999; only what begins the number leaves its empty hundreds and tens unsaid."""
    hundreds, tens, units = group // 100, group // 10 % 10, group % 10
    words: list[str] = []
    if hundreds or not is_first:
        words += [_DIGITS[hundreds], "trăm"]
    if tens == 0:
        if units:
            words += ["lẻ", _DIGITS[units]] if words else [_DIGITS[units]]
        return words
    if tens == 1:
        words.append("mười")
        return words + ([] if units == 0 else ["lăm" if units == 5 else _DIGITS[units]])
    words += [_DIGITS[tens], "mươi"]
    return words + ([] if units == 0 else [_AFTER_TENS.get(units, _DIGITS[units])])


_BELOW_TWENTY = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = [
    "zero",
    "ten",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
]
_SCALES = (
    (10**18, "quintillion"),
    (10**15, "quadrillion"),
    (10**12, "trillion"),
    (10**9, "billion"),
    (10**6, "million"),
    (10**3, "thousand"),
    (1, ""),
)


def _english(number: int) -> list[str]:
    if number == 0:
        return [_BELOW_TWENTY[0]]
    words: list[str] = []
    for size, name in _SCALES:
        group = number // size % 1000
        if not group:
            continue
        hundreds, rest = divmod(group, 100)
        if hundreds:
            words += [_BELOW_TWENTY[hundreds], "hundred"]
        if rest:
            # "and" stands between hundreds and tens, and before a last group without hundreds.
            words += ["and"] if hundreds or (size == 1 and words) else []
            words.append(_two_digits(rest))
        words += [name] if name else []
    return words


def _two_digits(number: int) -> str:
    if number < 20:
        return _BELOW_TWENTY[number]
    tens, units = divmod(number, 10)
    return _TENS[tens] if units == 0 else f"{_TENS[tens]}-{_BELOW_TWENTY[units]}"
