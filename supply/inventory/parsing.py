"""Numbers and dates as people in Vietnam type them. Pure.

A dot groups thousands, a comma is the decimal mark: "1.234" is one thousand two hundred and
thirty-four, "1,5" is one and a half. Stock is counted in whole units and money in whole đồng, so a
decimal is refused, never rounded.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re

from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text, group_digits

QUANTITY_MAX = 1_000_000_000
MONEY_VND_MAX = 1_000_000_000_000_000
YEAR_MIN, YEAR_MAX = 2000, 2100

_PLAIN = re.compile(r"[0-9]{1,30}")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.  ][0-9]{3}){1,9}")
_DECIMAL = re.compile(r"[0-9][0-9.  ]*,[0-9]*|[0-9]+\.[0-9]+")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4}|[0-9]{2})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_RUN = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_MONTH = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{4})")


def refuse(field: str, text: Text, line: int | None = None) -> InvalidInput:
    """One fault as an error ready to raise."""
    return InvalidInput(faults=[Fault(field, text, line)])


def parse_quantity(text: str, field: str = "quantity", line: int | None = None) -> int:
    """A whole number of at least 1: "1.234" -> 1234. Raises InvalidInput naming the mend."""
    return _whole(
        text, field, line, lowest=1, highest=QUANTITY_MAX, name=Text("Số lượng", "The quantity")
    )


def parse_money_vnd(text: str, field: str = "unit_price_vnd", line: int | None = None) -> int:
    """Whole đồng, zero allowed: "1.250.000 đ" -> 1250000. Raises InvalidInput."""
    bare = re.sub(r"\s*(?:đ|₫|đồng|vnđ|vnd)\.?$", "", text.strip(), flags=re.IGNORECASE)
    return _whole(
        bare, field, line, lowest=0, highest=MONEY_VND_MAX, name=Text("Số tiền", "The amount")
    )


def _whole(
    text: str, field: str, line: int | None, *, lowest: int, highest: int, name: Text
) -> int:
    bare = text.strip()
    if not (_PLAIN.fullmatch(bare) or _GROUPED.fullmatch(bare)):
        raise refuse(field, _why_not_whole(bare, name), line)
    number = int(re.sub(r"\D", "", bare))
    if not lowest <= number <= highest:
        raise refuse(
            field,
            Text(
                f"{name.vi} phải từ {lowest} đến {group_digits(highest)}.",
                f"{name.en} must be between {lowest} and {group_digits(highest)}.",
            ),
            line,
        )
    return number


def _why_not_whole(bare: str, name: Text) -> Text:
    if not bare:
        return Text(f"{name.vi} chưa nhập.", f"{name.en} is missing.")
    shown = bare if len(bare) <= 30 else bare[:30] + "…"
    if _DECIMAL.fullmatch(bare):
        return Text(
            f"{name.vi} “{shown}” có phần lẻ; hãy nhập số nguyên, ví dụ 1.234.",
            f"{name.en} “{shown}” has a decimal part; type a whole number, for example 1.234.",
        )
    return Text(
        f"{name.vi} “{shown}” không phải là số; hãy nhập số nguyên, ví dụ 1.234.",
        f"{name.en} “{shown}” is not a number; type a whole number, for example 1.234.",
    )


def parse_date_vn(text: str, field: str = "happened_on", line: int | None = None) -> dt.date:
    """Day first, or ISO: "5/3/2022", "05-03-22", "05032022", "2022-03-05". Raises InvalidInput."""
    bare = text.strip()
    if found := _ISO.fullmatch(bare):
        year, month, day = (int(g) for g in found.groups())
    elif found := _DAY_FIRST.fullmatch(bare) or _RUN.fullmatch(bare):
        day, month, year = (int(g) for g in found.groups())
        year += 2000 if len(found[3]) == 2 else 0
    else:
        raise refuse(field, _bad_date(bare, Text("đọc được", "a date")), line)
    try:
        date = dt.date(year, month, day)
    except ValueError as error:
        raise refuse(
            field, _bad_date(bare, Text("có trong lịch", "in the calendar")), line
        ) from error
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise refuse(field, _bad_date(bare, Text("hợp lệ", "a plausible date")), line)
    return date


def parse_expiry(text: str, field: str = "expiry", line: int | None = None) -> dt.date | None:
    """An expiry date; "03/2025", as printed on boxes, is the last day of that month; "" is None."""
    bare = text.strip()
    if not bare:
        return None
    found = _MONTH.fullmatch(bare)
    if found and 1 <= int(found[1]) <= 12 and YEAR_MIN <= int(found[2]) <= YEAR_MAX:
        month, year = int(found[1]), int(found[2])
        return dt.date(year, month, calendar.monthrange(year, month)[1])
    return parse_date_vn(bare, field, line)


def _bad_date(bare: str, what: Text) -> Text:
    shown = bare if len(bare) <= 30 else bare[:30] + "…"
    return Text(
        f"Ngày “{shown}” không {what.vi}; hãy nhập ngày/tháng/năm, ví dụ 28/02/2022.",
        f"“{shown}” is not {what.en}; type day/month/year, for example 28/02/2022.",
    )
