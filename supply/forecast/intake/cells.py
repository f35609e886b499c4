"""One cell, one value: days and numbers of cases as people in a health office write them. Pure."""

from __future__ import annotations

import datetime as dt
import re

from supply.core.text import Text, fold
from supply.forecast.intake.found import DAY, WEEK
from supply.imports.reading import Cell

_EXCEL_DAY_0 = dt.date(1899, 12, 30)
_SERIAL_MIN, _SERIAL_MAX = 36_526, 73_050  # 2000-01-01 to 2099-12-31
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00)?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})(?:\s*[-/.]\s*(\d{4}|\d{2}))?")
_BEFORE_DAY = re.compile(
    r"^(?:(?:tuan|week|den|ket thuc|ending|to|ngay|day|thu (?:hai|ba|tu|nam|sau|bay)|chu nhat"
    r"|thu [2-7]|t[2-7]|cn|sun|mon|tue|wed|thu|fri|sat)\b[\s.,:]*)+"
)
_WEEKLY = re.compile(r"\b(tuan|week)\b")
_WHOLE = re.compile(r"[+-]?\d{1,9}")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+")
_SPACED = re.compile(r"[+-]?\d{1,3}(?: \d{3})+")
_WITH_COMMA = re.compile(r"[+-]?\d[\d. ]*,\d+")
_DECIMAL = re.compile(r"[+-]?\d+\.\d+")
_UNIT = re.compile(r"\s*(?:ca mac|ca|f0|cases?)$")
_NOTHING = frozenset(
    {
        "",
        "-",
        "–",
        "—",
        "x",
        ".",
        "..",
        "...",
        "na",
        "n/a",
        "khong co so",
        "chua co",
        "chua bao cao",
    }
)


class WrongCell(ValueError):
    """A cell that cannot be read; `text` says what is wrong and the mend."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


def shown(cell: Cell) -> str:
    """A cell as its owner sees it, in short."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime | dt.date):
        return f"{cell:%d/%m/%Y}"
    return str(cell).strip()[:40]


def words(cell: Cell) -> str:
    """A cell as text, spaces evened out; a whole number without its point."""
    if cell is None or isinstance(cell, bool):
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return " ".join(str(cell).replace("\u00a0", " ").split())[:200]


def is_weekly_heading(cell: Cell) -> bool:
    """Whether a heading says that its day ends a week."""
    return isinstance(cell, str) and bool(_WEEKLY.search(fold(cell)))


def day_of(cell: Cell, today: dt.date) -> dt.date | None:
    """The day a cell says; None where it is empty. A day without a year is the last such day that
    is not in the future. Raises WrongCell."""
    if cell is None:
        return None
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _serial(float(cell))
    text = str(cell).replace("\u00a0", " ").strip()
    if not text:
        return None
    if re.fullmatch(r"\d{5}(?:\.0+)?", text):
        return _serial(float(text))
    bare = _BEFORE_DAY.sub("", fold(text))
    try:
        if match := _ISO.fullmatch(bare):
            return dt.date(int(match[1]), int(match[2]), int(match[3]))
        if match := _DAY_FIRST.fullmatch(bare):
            return _day_first(int(match[1]), int(match[2]), match[3], today)
    except ValueError:
        raise WrongCell(
            Text(
                f"“{text[:40]}” không có trong lịch; hãy viết ngày/tháng/năm, ví dụ 05/03/2022.",
                f"“{text[:40]}” is not in the calendar; write day/month/year, such as 05/03/2022.",
            )
        ) from None
    raise WrongCell(
        Text(
            f"“{text[:40]}” không phải ngày; hãy viết ngày/tháng/năm, ví dụ 05/03/2022.",
            f"“{text[:40]}” is not a date; write day/month/year, such as 05/03/2022.",
        )
    )


def _serial(number: float) -> dt.date:
    """A day as a spreadsheet counts it, from 30/12/1899."""
    if not _SERIAL_MIN <= number <= _SERIAL_MAX or not number.is_integer():
        raise WrongCell(
            Text(
                f"“{shown(number)}” không phải ngày; trong Excel hãy định dạng cột này là Ngày.",
                f"“{shown(number)}” is not a date; in Excel format this column as Date.",
            )
        )
    return _EXCEL_DAY_0 + dt.timedelta(days=int(number))


def _day_first(day: int, month: int, year: str | None, today: dt.date) -> dt.date:
    if year is not None:
        return dt.date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    for back in range(8):  # 29/02 stands in one year of four, with one gap of eight
        try:
            found = dt.date(today.year - back, month, day)
        except ValueError:
            continue
        if found <= today:
            return found
    raise ValueError


def lacks_year(cell: Cell) -> bool:
    """Whether a day was written without its year."""
    if not isinstance(cell, str):
        return False
    match = _DAY_FIRST.fullmatch(_BEFORE_DAY.sub("", fold(cell)))
    return match is not None and match[3] is None


def looks_like_day(cell: Cell, today: dt.date, *, numbers: bool = False) -> bool:
    """Whether a cell can be read as a day; `numbers`: a plain number counts as a spreadsheet's day."""
    if isinstance(cell, int | float) and not numbers:
        return False
    if isinstance(cell, str) and re.fullmatch(r"[\d\s.]*", cell.strip()):
        # 1.234 is a number, 05.03.2022 and 2022.03.05 are days, 44625 one where numbers count
        pointed = re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}\.\d{1,2}\.\d{1,2}", cell.strip())
        if not pointed and not (numbers and re.fullmatch(r"\d{5}", cell.strip())):
            return False
    try:
        return day_of(cell, today) is not None
    except WrongCell:
        return False


def cases_of(cell: Cell) -> int | None:
    """The whole number of cases a cell says; None where it says that nothing is known.

    Points group thousands; a comma is refused, since 12,5 and 1,234 cannot be told apart safely.
    Raises WrongCell.
    """
    if cell is None:
        return None
    if isinstance(cell, bool | dt.date | dt.time | dt.timedelta):
        raise WrongCell(_no_number(shown(cell)))
    if isinstance(cell, int | float):
        return _whole(cell)
    raw = str(cell).replace("\u00a0", " ").replace("\u202f", " ").replace("−", "-").strip()
    bare = _UNIT.sub("", fold(raw))
    if bare in _NOTHING:
        return None
    if _WHOLE.fullmatch(bare):
        return int(bare)
    if _GROUPED.fullmatch(bare) or _SPACED.fullmatch(bare):
        return int(bare.replace(".", "").replace(" ", ""))
    raise WrongCell(_why_no_number(raw, bare))


def _whole(number: int | float) -> int:
    if isinstance(number, float) and not number.is_integer():
        raise WrongCell(
            Text(
                f"“{f'{number:g}'.replace('.', ',')}” có phần lẻ; số ca phải là số nguyên.",
                f"“{number:g}” has decimals; cases are whole numbers.",
            )
        )
    if abs(number) > 10**9:
        raise WrongCell(_no_number(shown(number)))
    return int(number)


def _no_number(said: str) -> Text:
    return Text(
        f"“{said}” không phải số ca; hãy ghi số nguyên, chưa có số thì để trống.",
        f"“{said}” is not a number of cases; write a whole number, leave it empty if not known.",
    )


def _why_no_number(raw: str, bare: str) -> Text:
    said = raw[:40]
    if bare.startswith("="):
        return Text(
            f"“{said}” là công thức; trong Excel hãy dán giá trị (Paste Values) rồi chép lại.",
            f"“{said}” is a formula; paste values in Excel and copy again.",
        )
    if bare.startswith("#"):
        return Text(
            f"“{said}” là ô lỗi của Excel; hãy sửa công thức hoặc để trống.",
            f"“{said}” is an error cell of Excel; mend the formula or leave it empty.",
        )
    if _WITH_COMMA.fullmatch(bare):
        return Text(
            f"“{said}” có dấu phẩy: số ca là số nguyên; hàng nghìn hãy viết 1.234 hoặc 1234.",
            f"“{said}” has a comma: cases are whole numbers; write thousands as 1.234 or 1234.",
        )
    if _DECIMAL.fullmatch(bare):
        return Text(
            f"“{said}” có phần lẻ; số ca phải là số nguyên (hàng nghìn viết 1.234).",
            f"“{said}” has decimals; cases are whole numbers (thousands are written 1.234).",
        )
    return _no_number(said)


def length_of(cell: Cell) -> int | None:
    """1 for a day, 7 for a week; None where nothing is said. Raises WrongCell."""
    said = fold(words(cell))
    if not said:
        return None
    if said in {"1", "ngay", "day", "daily", "theo ngay"}:
        return DAY
    if said in {"7", "tuan", "week", "weekly", "theo tuan"}:
        return WEEK
    raise WrongCell(
        Text(
            f"“{words(cell)[:40]}”: kỳ báo cáo chỉ nhận “ngày” hoặc “tuần”.",
            f"“{words(cell)[:40]}”: the period is “day” or “week”.",
        )
    )


def mark_of(cell: Cell) -> bool | None:
    """Whether a figure is marked as not to be believed; None where nothing is said. Raises WrongCell."""
    said = fold(words(cell))
    if not said:
        return None
    if said in {"1", "x", "co", "yes", "true"}:
        return True
    if said in {"0", "khong", "no", "false"}:
        return False
    raise WrongCell(
        Text("Cột bất thường chỉ nhận 1, 0 hoặc trống.", "The anomaly column is 1, 0 or empty.")
    )
