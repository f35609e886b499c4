"""Tables as files: XLSX and CSV, row by row, so that memory stays flat; no cell taken for a formula.

A `Table` says what a list shows: columns and rows. The same one is drawn on a page, written to a
file at once when it is short, or by a job when it is long.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from supply.core.text import Text

Cell = str | int | float | dt.date | None
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
MEDIA_TYPES = {"xlsx": XLSX, "csv": CSV}
ROWS_MAX = 1_048_000  # what a sheet holds, less the head
TEXT_MAX = 32_000  # what a cell holds is 32,767
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
_EPOCH = dt.date(1899, 12, 30).toordinal()
_FORMATS = {
    "number": "#,##0",
    "money": "#,##0",
    "decimal": "#,##0.0",
    "date": "dd/mm/yyyy",
}


@dataclass(frozen=True)
class Column:
    """One column. `value` takes a row and gives its cell, as the language has it; `kind`: text,
    number, decimal, money (whole đồng) or date; `usual`: shown where nothing was chosen."""

    key: str
    head: Text
    value: Callable[[Any], Any]
    kind: str = "text"
    width: int = 14
    usual: bool = True


@dataclass(frozen=True)
class Table:
    """What is to be written. `name` begins the file's name; `facts` stand above the head: of which
    day, which place, which filters; `rows` is gone through once."""

    name: str
    title: Text
    columns: tuple[Column, ...]
    rows: Iterable[Any]
    facts: tuple[tuple[Text, Cell | Text], ...] = ()
    count: Callable[[], int] | None = None
    """how many rows there will be, where that is not plainly few"""


Told = Callable[[int], None]


def write_file(path: Path, table: Table, kind: str, language: str, told: Told | None = None) -> int:
    """Write the table as `kind` ("xlsx" or "csv"); returns the number of rows. `told` hears how many
    rows are done, every thousand."""
    write = {"xlsx": write_xlsx, "csv": write_csv}[kind]
    return write(path, table, language, told)


def write_csv(path: Path, table: Table, language: str, told: Told | None = None) -> int:
    """UTF-8 with its mark, as spreadsheets open it; only head and rows, for other programs."""
    values = [c.value for c in table.columns]
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(c.head.in_language(language) for c in table.columns)
        for count, row in enumerate(table.rows, 1):
            writer.writerow([plain(value(row), language) for value in values])
            if told and count % 1000 == 0:
                told(count)
    return count


def plain(cell: Cell | Text, language: str = "vi") -> object:
    """A cell of a CSV: text that a spreadsheet would run as a formula gets a mark before it."""
    if isinstance(cell, Text):
        cell = cell.in_language(language)
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_RISKY) else cell
    if isinstance(cell, dt.date):
        return f"{cell:%d/%m/%Y}"
    return cell


def write_xlsx(path: Path, table: Table, language: str, told: Told | None = None) -> int:
    """A workbook of one sheet: title, facts, head, rows. Text is written as text, whatever it
    begins with, so nothing in it is ever a formula or a link."""
    book = xlsxwriter.Workbook(
        str(path),
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    sheet = book.add_worksheet(table.title.in_language(language)[:31].translate(_NO_SHEET_NAME))
    formats = {kind: book.add_format({"num_format": f}) for kind, f in _FORMATS.items()}
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, column.width, formats.get(column.kind))
    top = _head(book, sheet, table, language)
    count = _rows(sheet, table, language, formats, top, told)
    sheet.freeze_panes(top, 1)
    if count:
        sheet.autofilter(top - 1, 0, top - 1 + count, len(table.columns) - 1)
    book.close()
    return count


_NO_SHEET_NAME = str.maketrans("[]:*?/\\", "()-    ")


def _head(book: Any, sheet: Any, table: Table, language: str) -> int:
    """Title, facts and the head of the columns; returns the first row of the table."""
    bold = book.add_format({"bold": True})
    big = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, table.title.in_language(language), big)
    at = 1
    for name, value in table.facts:
        sheet.write_string(at, 0, name.in_language(language), bold)
        shown = plain(value, language)
        sheet.write_string(at, 1, "" if shown is None else str(shown))
        at += 1
    for column, facts in enumerate(table.columns):
        sheet.write_string(at + 1, column, facts.head.in_language(language), head)
    return at + 2


def _rows(
    sheet: Any, table: Table, language: str, formats: dict[str, Any], top: int, told: Told | None
) -> int:
    """Each cell by the writer of its column's kind: no cell is looked at twice."""
    text, numeric = sheet.write_string, sheet.write_number
    columns = [(at, c.value, c.kind, formats.get(c.kind)) for at, c in enumerate(table.columns)]
    count = 0
    for count, row in enumerate(table.rows, 1):
        line = top + count - 1
        for at, value, kind, shape in columns:
            cell = value(row)
            if cell is None or cell == "":
                continue
            if kind == "text":
                if isinstance(cell, Text):
                    cell = cell.in_language(language)
                text(line, at, cell if len(cell) < TEXT_MAX else cell[:TEXT_MAX])
            elif kind == "date":
                numeric(line, at, cell.toordinal() - _EPOCH, shape)
            else:
                numeric(line, at, cell, shape)
        if told and count % 1000 == 0:
            told(count)
        if count >= ROWS_MAX:
            break
    return count
