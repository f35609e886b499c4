"""How a table of cases is laid out: a figure a row (long), days across (wide), or one day (short).

Headings are recognised in Vietnamese and English, blind to diacritics, in the first rows; a table
without headings is understood where its columns leave no doubt. Pure.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text, fold
from supply.forecast.intake.cells import WrongCell, cases_of, looks_like_day, words
from supply.imports.reading import Cell

HEADING_ROWS = 15
_HEADINGS: dict[str, frozenset[str]] = {
    "code": frozenset({"ma", "ma phuong", "ma xa", "ma phuong xa", "ma dia ban", "ma dvhc", "code", "ward code", "ward_code"}),
    "name": frozenset({"phuong", "xa", "phuong xa", "xa phuong", "phuong xa thi tran", "xa phuong thi tran", "dia ban", "dia phuong", "ten phuong", "ten phuong xa", "ten xa phuong", "ten dia ban", "don vi", "ten don vi", "noi o", "dia chi", "ward", "ward name", "place", "name", "ten", "quan huyen", "quan", "huyen", "tinh", "tinh thanh pho", "district", "province", "khu vuc"}),
    "date": frozenset({"ngay", "ngay bao cao", "ngay mac", "ngay phat hien", "ngay thang", "date", "day", "reported on", "on", "tuan", "tuan den", "tuan ket thuc", "tuan ket thuc ngay", "ngay cuoi tuan", "week", "week ending", "week_end", "ngay thang nam", "den ngay"}),
    "cases": frozenset({"so ca", "ca", "ca mac", "so ca mac", "ca moi", "so ca moi", "so ca mac moi", "ca mac moi", "so mac", "so mac moi", "f0", "so f0", "f0 moi", "so f0 moi", "duong tinh", "so duong tinh", "so ca duong tinh", "ca benh", "so ca benh", "so ca trong ngay", "so ca trong tuan", "ca trong ngay", "ca trong tuan", "cases", "new cases", "case"}),
    "note": frozenset({"ghi chu", "note", "notes", "ly do", "chu thich"}),
    "days": frozenset({"ky", "ky bao cao", "so ngay", "days", "period", "loai"}),
    "anomaly": frozenset({"bat thuong", "anomaly", "so bat thuong"}),
}  # fmt: skip
_IGNORED = frozenset({"stt", "tt", "so tt", "no", "no.", "#", "dan so", "population", "tong", "cong", "tong cong", "tong so", "total", "nguon", "source"})  # fmt: skip
_RUNNING = re.compile(r"luy ke|luy tich|cong don|cumulative|tich luy")
_WEEKLY = frozenset({"tuan", "tuan den", "tuan ket thuc", "tuan ket thuc ngay", "ngay cuoi tuan", "week", "week ending", "week_end", "so ca trong tuan", "ca trong tuan"})  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """`kind`: long, wide or short. `heading_at`: index of the row of headings, -1 without.

    `columns`: name -> column; `days_across`: columns of a wide table that hold days. `weekly`: a
    heading says that the figures are of weeks. `ignored`: headings that are not read.
    """

    kind: str
    heading_at: int
    columns: dict[str, int]
    days_across: tuple[int, ...] = ()
    weekly: bool = False
    ignored: tuple[str, ...] = ()


@dataclass
class _Head:
    """What a row of headings says."""

    columns: dict[str, int] = field(default_factory=dict)
    days: list[int] = field(default_factory=list)
    weekly: bool = False
    running: bool = False
    twice: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def heading(cell: Cell) -> str:
    """A heading to compare by: "Phường/Xã (*)" -> "phuong xa"."""
    plain = re.sub(r"\(.*?\)|[*:?]", " ", fold(words(cell)))
    return " ".join(re.sub(r"[/,.\-–&]| va ", " ", plain).split()) or fold(words(cell))


def lay_out(rows: Sequence[Sequence[Cell]], today: dt.date) -> Layout:
    """How the table is laid out. Raises InvalidInput (line = index of the row + 1) naming what is
    missing and the mend."""
    above: dict[str, int] = {}
    for at, row in enumerate(rows[:HEADING_ROWS]):
        head = _read_head(row, today)
        if head.twice:
            raise _twice(at, head.twice)
        columns = above | head.columns
        layout = _layout_of(head, columns, at)
        if layout is not None:
            return layout
        if head.running and "cases" not in columns:
            raise _running(at)
        if head.columns:
            above = columns  # a heading of two rows: the days stand under "Số ca theo ngày"
    if above:
        raise _missing(above)
    return _without_headings(rows, today)


def _read_head(row: Sequence[Cell], today: dt.date) -> _Head:
    head = _Head()
    named = {name for cell in row for name, known in _HEADINGS.items() if heading(cell) in known}
    for at, cell in enumerate(row):
        said = heading(cell)
        name = next((n for n, known in _HEADINGS.items() if said and said in known), None)
        if name is not None:
            if name in head.columns:
                head.twice.append(words(cell))
            head.columns.setdefault(name, at)
            head.weekly |= said in _WEEKLY
        elif looks_like_day(cell, today, numbers=bool(named & {"name", "code"})):
            head.days.append(at)
        elif said and _RUNNING.search(said):
            head.running = True
            head.ignored.append(words(cell))
        elif said in _IGNORED:
            head.ignored.append(words(cell))
    return head


def _layout_of(head: _Head, columns: dict[str, int], at: int) -> Layout | None:
    place = columns.keys() & {"name", "code"}
    if "date" in columns and "cases" in columns and head.columns:
        return Layout("long", at, columns, (), head.weekly, tuple(head.ignored))
    if head.days and place and not columns.keys() & {"date", "cases"} & head.columns.keys():
        kept = {n: c for n, c in columns.items() if n in ("name", "code") and c not in head.days}
        if kept:
            return Layout("wide", at, kept, tuple(head.days), head.weekly, tuple(head.ignored))
    if place and "cases" in columns and head.columns:
        return Layout("short", at, columns, (), head.weekly, tuple(head.ignored))
    return None


def _without_headings(rows: Sequence[Sequence[Cell]], today: dt.date) -> Layout:
    """By what the first full row holds: a day, words, a number."""
    row = next((r for r in rows if sum(1 for c in r if words(c) or c is not None) >= 2), None)
    if row is None:
        raise InvalidInput(faults=[Fault("file", _NEEDED, 1)])
    days = [n for n, c in enumerate(row) if looks_like_day(c, today)]
    numbers = [n for n, c in enumerate(row) if n not in days and _is_number(c)]
    names = [n for n, c in enumerate(row) if n not in days + numbers and words(c)]
    if len(days) == 1 and len(numbers) == 1 and len(names) == 1:
        return Layout("long", -1, {"date": days[0], "name": names[0], "cases": numbers[0]})
    if len(days) == 1 and len(numbers) == 1 and not names:
        return Layout("long", -1, {"date": days[0], "cases": numbers[0]})
    if len(days) == 1 and len(numbers) == 2 and not names and _all_codes(rows, numbers[0]):
        return Layout("long", -1, {"date": days[0], "code": numbers[0], "cases": numbers[1]})
    if not days and len(numbers) == 1 and len(names) == 1:
        return Layout("short", -1, {"name": names[0], "cases": numbers[0]})
    if len(days) > 1 and not numbers:
        kept = {"name": names[0]} if names else {"name": 0}
        return Layout("wide", list(rows).index(row), kept, tuple(days))
    raise InvalidInput(faults=[Fault("file", _NEEDED, 1)])


def _is_number(cell: Cell) -> bool:
    try:
        return cases_of(cell) is not None
    except WrongCell:
        return False


def _all_codes(rows: Sequence[Sequence[Cell]], at: int) -> bool:
    said = [words(r[at]) for r in rows if len(r) > at]
    return all(re.fullmatch(r"\d{5}", s) for s in said if s)


_NEEDED = Text(
    "Không nhận ra các cột. Cần dòng tiêu đề có “Phường, xã” và “Số ca” (thêm “Ngày” nếu nhiều ngày),"
    " hoặc các ngày ở hàng đầu; có thể tải tệp mẫu.",
    "The columns were not recognised. A row of headings is needed with “Ward” and “Cases” (and “Date”"
    " where there are several days), or the days across the top; a template can be downloaded.",
)
_NAMES = {
    "name": Text("“Phường, xã”", "“Ward”"),
    "date": Text("“Ngày”", "“Date”"),
    "cases": Text("“Số ca”", "“Cases”"),
}


def _missing(columns: dict[str, int]) -> InvalidInput:
    found = set(columns) | ({"name"} if "code" in columns else set())
    lacking = [n for n in ("name", "date", "cases") if n not in found]
    vi = ", ".join(_NAMES[n].vi for n in lacking)
    en = ", ".join(_NAMES[n].en for n in lacking)
    return InvalidInput(
        faults=[
            Fault(
                "file",
                Text(
                    f"Tiêu đề thiếu cột {vi}. {_NEEDED.vi}", f"Column missing: {en}. {_NEEDED.en}"
                ),
                1,
            )
        ]
    )


def _twice(at: int, names: list[str]) -> InvalidInput:
    said = ", ".join(f"“{name}”" for name in names)
    words_ = Text(
        f"Hai cột cùng nghĩa: {said}; hãy bỏ bớt một cột.",
        f"Two columns mean the same: {said}; remove one of them.",
    )
    return InvalidInput(faults=[Fault("file", words_, at + 1)])


def _running(at: int) -> InvalidInput:
    words_ = Text(
        "Tệp chỉ có số lũy kế; cần số ca mới của từng ngày hoặc tuần.",
        "The file has running totals only; new cases by day or week are needed.",
    )
    return InvalidInput(faults=[Fault("file", words_, at + 1)])
