"""One cell as one value, or a fault that says what to write instead. Pure.

A file comes from Vietnamese or English software, so whole numbers may be grouped by dots, commas or
spaces ("1.234.567", "1,234,567"); mixed or broken grouping and decimals are refused, never guessed.
Dates are day first or ISO; a workbook's own dates and its day numbers are taken as they are.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

from supply.catalog.words import CATEGORY, COLD_CHAIN
from supply.core.errors import InvalidInput
from supply.core.text import Text, fold, group_digits
from supply.imports.coded import Coded, coded
from supply.imports.columns import Column, Reads
from supply.inventory.kinds import KINDS, REASONS, Kind
from supply.inventory.parsing import (
    MONEY_VND_MAX,
    QUANTITY_MAX,
    YEAR_MAX,
    YEAR_MIN,
    parse_date_vn,
    parse_expiry,
)

TEXT_MAX = 2000
_SPACES = "    "
_WHOLE = re.compile(
    r"(?:[0-9]{1,18}|[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+)"
)
_ZERO_DECIMALS = re.compile(r"(.*[0-9])(?:(?<!\.)[.]0{1,2}|[,]0{1,2})")
_CURRENCY = re.compile(r"\s*(?:đ|₫|đồng|vnđ|vnd)\.?$", re.IGNORECASE)
_TIME = re.compile(r"[T ]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?$")
_EPOCH = dt.date(1899, 12, 30)
_DAY_NUMBER = re.compile(r"[34567][0-9]{4}")


class BadCell(ValueError):
    """A cell that cannot be read; `text` says what to write."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def shown(cell: object) -> str:
    """A cell as it is quoted in a message: short, on one line."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, dt.datetime | dt.date):
        cell = f"{cell:%d/%m/%Y}"
    words = " ".join(str(cell).split())
    return words if len(words) <= 40 else words[:40] + "…"


def to_text(cell: object, longest: int = TEXT_MAX) -> str:
    """Text with single spaces; numbers as they are shown. Raises BadCell beyond `longest`."""
    if cell is None:
        return ""
    words = " ".join(cell.split()) if isinstance(cell, str) else shown(cell)
    if len(words) > longest:
        raise BadCell(
            Text(
                f"dài {group_digits(len(words))} ký tự; tối đa {group_digits(longest)}",
                f"has {group_digits(len(words))} characters; at most {group_digits(longest)} are taken",
            )
        )
    if "\x00" in words:
        raise BadCell(Text("có ký tự không đọc được", "has an unreadable character"))
    return words


def to_code(cell: object) -> str:
    """A code or lot number. A workbook's date here is a lot number that Excel has turned."""
    if isinstance(cell, dt.date | dt.datetime | dt.time | dt.timedelta):
        raise BadCell(
            Text(
                "đã bị Excel đổi thành ngày; hãy định dạng cột là Văn bản rồi nhập lại",
                "was turned into a date by Excel; format the column as Text and type it again",
            )
        )
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return to_text(cell, 100)


def to_whole(cell: object, lowest: int, highest: int) -> int | None:
    """A whole number within bounds; None where blank. Raises BadCell."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool | dt.date | dt.time | dt.timedelta):
        raise _no_number(cell)
    if isinstance(cell, int):
        number = cell
    elif isinstance(cell, float):
        if not cell.is_integer() or abs(cell) > 2**53:
            raise _decimal(cell)
        number = int(cell)
    else:
        found = _whole_of(str(cell))
        if found is None:
            return None
        number = found
    if not lowest <= number <= highest:
        raise BadCell(
            Text(
                f"“{shown(cell)}” phải từ {lowest} đến {group_digits(highest)}",
                f"“{shown(cell)}” must be between {lowest} and {group_digits(highest)}",
            )
        )
    return number


def _whole_of(text: str) -> int | None:
    bare = text.strip()
    for space in _SPACES:
        bare = bare.replace(space, " ")
    if not bare:
        return None
    if bare.isascii() and bare.isdigit() and len(bare) <= 18:
        return int(bare)
    negative = bare.startswith("-")
    body = bare[1:] if negative else bare
    if not _WHOLE.fullmatch(body):
        found = _ZERO_DECIMALS.fullmatch(body)
        if not (found and _WHOLE.fullmatch(found[1])):
            raise _decimal(text) if re.fullmatch(r"[0-9][0-9., ]*", body) else _no_number(text)
        body = found[1]
    number = int(re.sub(r"[., ]", "", body))
    return -number if negative else number


def _decimal(cell: object) -> BadCell:
    return BadCell(
        Text(
            f"“{shown(cell)}” có phần lẻ hoặc dấu ngăn không rõ; hãy ghi số nguyên, ví dụ 1.234",
            f"“{shown(cell)}” has decimals or unclear separators; write a whole number, e.g. 1.234",
        )
    )


def _no_number(cell: object) -> BadCell:
    return BadCell(
        Text(
            f"“{shown(cell)}” không phải là số; hãy ghi số nguyên, ví dụ 1.234",
            f"“{shown(cell)}” is not a number; write a whole number, for example 1.234",
        )
    )


def to_money(cell: object) -> int | None:
    """Whole đồng, zero allowed: "1.250.000 đ" -> 1250000."""
    if isinstance(cell, str):
        cell = _CURRENCY.sub("", cell.strip())
    return to_whole(cell, 0, MONEY_VND_MAX)


def to_litres(cell: object) -> Decimal | None:
    """A decimal above 0 with comma or dot: "0,05"."""
    if cell is None or cell == "":
        return None
    try:
        number = Decimal(str(cell).strip().replace(",", "."))
    except InvalidOperation:
        number = Decimal(0)
    if isinstance(cell, bool) or not Decimal("0.000001") <= number <= 100_000:
        raise BadCell(
            Text(
                f"“{shown(cell)}” không phải là số lít lớn hơn 0; ví dụ 0,05",
                f"“{shown(cell)}” is not a number of litres above 0; for example 0.05",
            )
        )
    return number


def to_date(cell: object) -> dt.date | None:
    """A day: a workbook's date or day number, day first, or ISO; a time after it is left out."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, dt.datetime):
        return _plausible(cell.date(), cell)
    if isinstance(cell, dt.date):
        return _plausible(cell, cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if not 30_000 <= cell < 80_000:
            raise _bad_date(cell)
        return _plausible(_EPOCH + dt.timedelta(days=int(cell)), cell)
    text = _TIME.sub("", str(cell).strip())
    if not text:
        return None
    if _DAY_NUMBER.fullmatch(text):
        return _plausible(_EPOCH + dt.timedelta(days=int(text)), cell)
    try:
        return parse_date_vn(text)
    except InvalidInput as error:
        raise _bad_date(cell) from error


def to_expiry(cell: object) -> dt.date | None:
    """An expiry: as a date, or "03/2025" for the last day of that month."""
    if isinstance(cell, str) and cell.strip():
        try:
            return parse_expiry(cell)
        except InvalidInput:
            return to_date(cell)
    return to_date(cell)


def _plausible(day: dt.date, cell: object) -> dt.date:
    if not YEAR_MIN <= day.year <= YEAR_MAX:
        raise _bad_date(cell)
    return day


def _bad_date(cell: object) -> BadCell:
    return BadCell(
        Text(
            f"“{shown(cell)}” không phải là ngày hợp lệ; hãy ghi ngày/tháng/năm, ví dụ 28/02/2022",
            f"“{shown(cell)}” is not a plausible date; write day/month/year, for example 28/02/2022",
        )
    )


# --- words with a fixed meaning --------------------------------------------------------------------


def _words_of(names: dict[str, Text], more: dict[str, tuple[str, ...]]) -> dict[str, str]:
    found = {}
    for code, name in names.items():
        for word in (code, name.vi, name.en, *more.get(code, ())):
            found[fold(word)] = code
    return found


_KIND_ALSO: dict[str, tuple[str, ...]] = {
    "receipt": ("nhập", "nhập kho", "nhập hàng", "phiếu nhập", "receive", "in", "goods in"),
    "issue": ("xuất", "xuất kho", "xuất dùng", "phiếu xuất", "out", "goods out"),
    "transfer_dispatch": ("chuyển", "chuyển đi", "chuyển kho", "xuất chuyển", "dispatch", "transfer"),
    "transfer_receipt": ("nhận chuyển", "nhận hàng chuyển", "nhập chuyển", "receive transfer"),
    "adjustment": ("điều chỉnh", "adjust"),
    "opening": ("tồn đầu kỳ", "tồn đầu", "opening balance", "td"),
    "return": ("hoàn trả", "trả lại", "nhập trả", "pt"),
}  # fmt: skip
KIND_WORDS = _words_of(
    {k.value: f.name for k, f in KINDS.items() if k != Kind.REVERSAL},
    {k.value: (f.prefix, *_KIND_ALSO.get(k.value, ())) for k, f in KINDS.items()},
)
REASON_WORDS = _words_of({code: facts.name for code, facts in REASONS.items()}, {})
CATEGORY_WORDS = _words_of(CATEGORY, {"ppe": ("PTPH",), "drug": ("thuốc",)})
COLD_WORDS = _words_of(COLD_CHAIN, {"none": ("không", "no", "thường"), "2-8": ("2-8", "2-8°C")})
DIRECTION_WORDS = {
    fold(w): c
    for c, words in {
        "in": ("tăng", "nhập", "thừa", "+", "in", "more", "increase"),
        "out": ("giảm", "xuất", "thiếu", "-", "out", "less", "decrease"),
    }.items()
    for w in words
}
YES_WORDS = {
    fold(w): yes
    for yes, words in {
        True: ("có", "x", "yes", "y", "true", "đúng", "1"),
        False: ("không", "no", "n", "false", "sai", "0", ""),
    }.items()
    for w in words
}


def _one_of(words: dict[str, Any], offered: Sequence[str]) -> Callable[[object], Any]:
    def read(cell: object) -> Any:
        if cell is None or cell == "":
            return None
        if isinstance(cell, bool):
            cell = "yes" if cell else "no"
        found = words.get(fold(shown(cell)))
        if found is None:
            raise BadCell(
                Text(
                    f"“{shown(cell)}” không có trong danh sách: {', '.join(offered)}",
                    f"“{shown(cell)}” is none of: {', '.join(offered)}",
                )
            )
        return found

    return read


def to_reason(cell: object) -> str:
    """An adjustment's reason by its code or name; other kinds' reasons are text."""
    words = to_text(cell, 200)
    return REASON_WORDS.get(fold(words), words)


READERS: dict[Reads, Callable[[object], Any]] = {
    Reads.TEXT: to_text,
    Reads.CODE: to_code,
    Reads.QUANTITY: lambda cell: to_whole(cell, 1, QUANTITY_MAX),
    Reads.QUANTITY_OR_NONE: lambda cell: to_whole(cell, 0, QUANTITY_MAX),
    Reads.MONEY: to_money,
    Reads.DATE: to_date,
    Reads.EXPIRY: to_expiry,
    Reads.LITRES: to_litres,
    Reads.DAYS: lambda cell: to_whole(cell, 1, 36_500),
    Reads.YES_NO: _one_of(YES_WORDS, ("có", "không")),
    Reads.KIND: _one_of(KIND_WORDS, [f.prefix for k, f in KINDS.items() if k != Kind.REVERSAL]),
    Reads.DIRECTION: _one_of(DIRECTION_WORDS, ("tăng", "giảm")),
    Reads.REASON: to_reason,
    Reads.CATEGORY: _one_of(CATEGORY_WORDS, [name.vi for name in CATEGORY.values()]),
    Reads.COLD_CHAIN: _one_of(COLD_WORDS, [name.vi for name in COLD_CHAIN.values()]),
}


def read_column(
    column: Column, cells: Sequence[object], told: Callable[[int, Text], None]
) -> Coded:
    """The values of a column, None where blank or not readable; `told(index, text)` hears of each
    fault. A cell is read once however often it stands in the column."""
    read = READERS[column.reads]
    missing = Text(f"Thiếu “{column.label.vi}”.", f"“{column.label.en}” is missing.")
    raw = coded(cells)
    places: dict[Any, int] = {}
    faults: dict[int, Text] = {}
    code_of = np.zeros(len(raw.values), np.int64)
    for code in np.flatnonzero(np.bincount(raw.codes, minlength=len(raw.values))).tolist():
        value: Any = None
        try:
            value = read(raw.values[code])
            if column.required and (value is None or value == ""):
                faults[code], value = missing, None
        except BadCell as error:
            vi, en = error.text
            faults[code] = Text(f"{column.label.vi} {vi}.", f"{column.label.en} {en}.")
        code_of[code] = places.setdefault(value, len(places))
    if faults:
        is_fault = np.zeros(len(raw.values), np.bool_)
        is_fault[list(faults)] = True
        for index in np.flatnonzero(is_fault[raw.codes]).tolist():
            told(index, faults[int(raw.codes[index])])
    return Coded(code_of[raw.codes], list(places))
