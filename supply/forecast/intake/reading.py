"""A file or what was pasted, to figures: layout first, then every cell, all faults together. Pure.

What could harm (size, bombs, broken workbooks) is refused by `imports.reading`; here a table of
cases is made of the cells.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from supply.core.errors import Fault, InvalidInput, TooMuch
from supply.core.text import Text, group_digits
from supply.forecast.intake import cells
from supply.forecast.intake.cells import WrongCell
from supply.forecast.intake.found import SHOWN, WEEK, Finding, Given
from supply.forecast.intake.layout import Layout, lay_out
from supply.imports.reading import Cell, Sheet, read

ROWS_MAX = 20_000
FIGURES_MAX = 100_000
NOTE_MAX = 500
FAULTS_MAX = 500
LINES_OF_CELL_MAX = 3
PASTE_CHARACTERS_MAX = 2_000_000
# In a workbook a formula without the value it had when saved (<f> and no <v> in the cell).
_UNVALUED = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)


T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """What the person said beside the table: the day of a table that has none, the length of its
    figures (None: find out), today."""

    today: dt.date
    on: dt.date | None = None
    days: int | None = None


@dataclass
class Table:
    """What was read. `blanks`: cells that say that nothing is known."""

    kind: str
    given: list[Given] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    blanks: int = 0
    rows: int = 0


def read_file(name: str, content: bytes, asked: Asked) -> Table:
    """The figures of an uploaded CSV, XLSX or ODS. Raises InvalidInput or TooMuch where it cannot be
    understood as a whole; faults of single cells are collected in the table."""
    sheet = read(name, content, ROWS_MAX)
    if content[:4] == b"PK\x03\x04":
        _refuse_unvalued(content)
    return read_sheet(sheet, asked)


def read_paste(pasted: str, asked: Asked) -> Table:
    """The figures of a pasted table: cells between tabs (a spreadsheet), semicolons, commas, or
    "name: number" lines as in a chat. Raises as `read_file`."""
    if len(pasted) > PASTE_CHARACTERS_MAX:
        most = group_digits(PASTE_CHARACTERS_MAX)
        raise TooMuch(
            Text(
                f"Đoạn dán dài quá {most} ký tự; hãy tải lên bằng tệp.",
                f"More than {PASTE_CHARACTERS_MAX:,} characters were pasted; upload a file.",
            )
        )
    if not pasted.strip("\x00 \r\n\t\ufeff;,"):
        raise InvalidInput(
            faults=[Fault("pasted", Text("Chưa dán số liệu nào.", "Nothing was pasted."))]
        )
    return read_sheet(Sheet(_cells(pasted.lstrip("\ufeff"))), asked)


def _cells(pasted: str) -> list[list[Cell]]:
    lines = pasted.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    head = [line for line in lines if line.strip()][:20]
    for mark in ("\t", ";"):
        if sum(mark in line for line in head) * 2 >= len(head):
            return _split(pasted, lines, mark)
    if sum(bool(re.search(r":\s*[^:]*\d[^:]*$", line)) for line in head) * 2 > len(head):
        return [[p.strip() or None for p in line.rpartition(":")[::2]] for line in lines]
    if not any("," in line for line in head):
        # "Phúc Xá 12": a name and the number after its last space
        return [list(_name_and_number(line)) for line in lines]
    return _split(pasted, lines, ",")


def _split(pasted: str, lines: list[str], mark: str) -> list[list[Cell]]:
    """The cells between the marks. A spreadsheet puts a cell of several lines between quotes; where
    a quote was never closed, quotes mean nothing."""
    rows = list(csv.reader(io.StringIO(pasted, newline=""), delimiter=mark))
    if any(cell.count("\n") > LINES_OF_CELL_MAX for row in rows for cell in row):
        rows = [line.split(mark) for line in lines]
    return [[cell.strip().strip('"').strip() or None for cell in row] for row in rows]


def _name_and_number(line: str) -> tuple[Cell, ...]:
    match = re.fullmatch(r"\s*(.*\D)\s+([+-]?\d[\d.]*)(?:\s*ca)?\s*", line, re.IGNORECASE)
    return (match[1].strip(" -–:"), match[2]) if match else (line.strip() or None,)


def read_sheet(sheet: Sheet, asked: Asked) -> Table:
    """The figures of a table of cells."""
    rows = [(n, list(r)) for n, r in enumerate(sheet.rows, sheet.first_row) if _has_any(r)]
    if not rows:
        raise InvalidInput(
            faults=[Fault("file", Text("Không có dòng số liệu nào.", "There are no rows."))]
        )
    if len(rows) > ROWS_MAX:
        raise TooMuch()
    layout = _layout([r for _, r in rows], [n for n, _ in rows], asked)
    table = Table(layout.kind)
    body = rows[layout.heading_at + 1 :]
    if layout.kind == "wide":
        _read_wide(rows[layout.heading_at], body, layout, asked, table)
    else:
        _read_long(body, layout, asked, table)
    table.rows = len(body)
    written = list(rows[layout.heading_at][1]) if layout.kind == "wide" else []
    if layout.kind == "long":
        written = [_cell(row, layout.columns["date"]) for _, row in body]
    _tell(layout, table, any(cells.lacks_year(cell) for cell in written))
    if not table.given and not table.faults:
        raise InvalidInput(
            faults=[
                Fault(
                    "file",
                    Text("Không có số ca nào trong bảng.", "There is no figure in the table."),
                )
            ]
        )
    return table


def _has_any(row: Sequence[Cell]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


def _layout(rows: Sequence[Sequence[Cell]], numbers: Sequence[int], asked: Asked) -> Layout:
    """The layout; its faults name the rows as their owner sees them."""
    try:
        return lay_out(rows, asked.today)
    except InvalidInput as wrong:
        raise InvalidInput(
            faults=[
                Fault(f.field, f.text, numbers[min((f.line or 1), len(numbers)) - 1])
                for f in wrong.faults
            ]
        ) from wrong


def _cell(row: Sequence[Cell], at: int | None) -> Cell:
    return row[at] if at is not None and at < len(row) else None


def _read_long(
    rows: Sequence[tuple[int, Sequence[Cell]]], layout: Layout, asked: Asked, table: Table
) -> None:
    at = layout.columns.get
    if layout.kind == "short" and asked.on is None:
        table.faults.append(
            Fault(
                "on",
                Text(
                    "Bảng không có ngày; hãy chọn ngày (hoặc thứ Bảy cuối tuần) của số liệu.",
                    "The table has no date; choose the day (or the week's Saturday) it is of.",
                ),
            )
        )
        return
    width = max(layout.columns.values()) + 1
    day_of = partial(cells.day_of, today=asked.today)
    for line, row in rows:
        if layout.heading_at < 0 and len(row) > width and any(c is not None for c in row[width:]):
            table.faults.append(_too_wide(line))
            continue
        number, good_number = _value(table, line, "cases", cells.cases_of, _cell(row, at("cases")))
        on, good_day = asked.on, True
        if layout.kind == "long":
            on, good_day = _value(table, line, "on", day_of, _cell(row, at("date")))
        days, good_length = _value(table, line, "days", cells.length_of, _cell(row, at("days")))
        mark, good_mark = _value(table, line, "anomaly", cells.mark_of, _cell(row, at("anomaly")))
        if not (good_number and good_day and good_length and good_mark):
            continue
        if number is None and on is None:  # a line under the table, such as "Người lập biểu"
            continue
        name, code = cells.words(_cell(row, at("name"))), cells.words(_cell(row, at("code")))
        if number is None:
            table.blanks += 1
        elif on is None:
            table.faults.append(
                Fault("on", Text("Thiếu ngày của số ca này.", "The day is missing."), line)
            )
        elif layout.columns.keys() & {"name", "code"} and not (name or code):
            table.faults.append(_no_name(line))
        else:
            table.given.append(
                Given(
                    line,
                    name,
                    on,
                    number,
                    days or asked.days or (WEEK if layout.weekly else None),
                    code,
                    cells.words(_cell(row, at("note")))[:NOTE_MAX],
                    mark,
                )
            )
        _refuse_too_many(table)


def _too_wide(line: int) -> Fault:
    return Fault(
        "cases",
        Text(
            "Dòng có nhiều ô hơn các dòng khác; nếu số có dấu phẩy (12,5 hoặc 1,234) hãy viết số"
            " nguyên, hàng nghìn là 1.234.",
            "The row has more cells than the others; if a number has a comma (12,5 or 1,234), write"
            " a whole number, thousands as 1.234.",
        ),
        line,
    )


def _read_wide(
    head: tuple[int, Sequence[Cell]],
    rows: Sequence[tuple[int, Sequence[Cell]]],
    layout: Layout,
    asked: Asked,
    table: Table,
) -> None:
    days: dict[int, tuple[dt.date, bool]] = {}
    day_of = partial(cells.day_of, today=asked.today)
    for at in layout.days_across:
        on, _ = _value(table, head[0], "on", day_of, head[1][at])
        if on is not None:
            days[at] = (on, cells.is_weekly_heading(head[1][at]))
    name_at, code_at = layout.columns.get("name"), layout.columns.get("code")
    unnamed: list[int] = []
    for line, row in rows:
        name, code = cells.words(_cell(row, name_at)), cells.words(_cell(row, code_at))
        for at, (on, weekly) in days.items():
            said = f"{on:%d/%m/%Y}"
            number, good = _value(table, line, "cases", cells.cases_of, _cell(row, at), said)
            if not good:
                continue
            if number is None:
                table.blanks += bool(name or code)
            elif not (name or code):
                unnamed.append(line)
            else:
                length = asked.days or (WEEK if weekly or layout.weekly else None)
                column = cells.shown(head[1][at])
                table.given.append(Given(line, name, on, number, length, code, column=column))
            _refuse_too_many(table)
    table.faults += [_no_name(line) for line in sorted(set(unnamed))]


def _no_name(line: int) -> Fault:
    return Fault("ward", Text("Thiếu tên phường, xã.", "The ward's name is missing."), line)


def _refuse_too_many(table: Table) -> None:
    if len(table.given) > FIGURES_MAX:
        raise TooMuch(
            Text(
                f"Có hơn {group_digits(FIGURES_MAX)} số liệu; hãy tách thành nhiều tệp.",
                f"There are more than {FIGURES_MAX:,} figures; please split the file.",
            )
        )


def _value(
    table: Table,
    line: int,
    name: str,
    reader: Callable[[Cell], T | None],
    cell: Cell,
    column: str = "",
) -> tuple[T | None, bool]:
    """(the cell by its reader, True), or (None, False) with the fault kept: reading goes on."""
    try:
        return reader(cell), True
    except WrongCell as wrong:
        at = Text(f"cột {column}: ", f"column {column}: ") if column else Text("", "")
        if len(table.faults) < FAULTS_MAX:
            words = Text(at.vi + wrong.text.vi, at.en + wrong.text.en)
            table.faults.append(Fault(name, words, line))
        return None, False


def _tell(layout: Layout, table: Table, without_year: bool) -> None:
    if without_year and table.given:
        first, last = min(g.on for g in table.given), max(g.on for g in table.given)
        table.findings.append(
            Finding(
                "year_assumed",
                SHOWN,
                Text(
                    f"Ngày không ghi năm được hiểu là ngày gần nhất đã qua: {first:%d/%m/%Y} –"
                    f" {last:%d/%m/%Y}.",
                    f"Dates without a year are taken as the last such day: {first:%d/%m/%Y} –"
                    f" {last:%d/%m/%Y}.",
                ),
            )
        )
    if table.blanks:
        table.findings.append(
            Finding(
                "blank",
                SHOWN,
                Text(
                    f"{group_digits(table.blanks)} ô trống hoặc “-” được để là chưa biết, không phải 0.",
                    f"{table.blanks:,} empty or “-” cells are left as not known, not as 0.",
                ),
            )
        )
    if layout.ignored:
        names = ", ".join(f"“{name}”" for name in layout.ignored[:8])
        table.findings.append(
            Finding(
                "ignored_column",
                SHOWN,
                Text(f"Không dùng các cột: {names}.", f"Columns not used: {names}."),
            )
        )


def _refuse_unvalued(content: bytes) -> None:
    """Formulas that were saved without their value would be read as empty: refuse them by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for member in sorted(n for n in book.namelist() if n.startswith("xl/worksheets/")):
            found = _UNVALUED.findall(book.read(member))
            if found:
                where = ", ".join(cell.decode() for cell in found[:6])
                raise InvalidInput(
                    faults=[
                        Fault(
                            "file",
                            Text(
                                f"Ô {where} là công thức chưa có giá trị; hãy mở tệp bằng Excel, lưu"
                                " lại rồi tải lên, hoặc dán giá trị.",
                                f"Cell {where} is a formula without a value; open the file in Excel,"
                                " save it again and upload, or paste values.",
                            ),
                        )
                    ]
                )
