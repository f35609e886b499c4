"""A `Book` as an XLSX file. Pure: rows in, bytes out.

Numbers and dates are real numbers and dates, so they sort, filter and sum. Their formats are
Excel's neutral ones: `#,##0` shows as 1.234.567 where the reader's computer is set to Vietnamese and
as 1,234,567 where it is set to English. Text is written as text and nothing else: a cell that begins
with =, +, - or @ is never a formula, an address never a link.
"""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from supply.report.book import Book, Cell, Chart, Column, Kind, Sheet

ROWS_MAX = 1_000_000
TEXT_LENGTH_MAX = 32_000
HEADER_COLOUR, ACCENT_COLOUR, SOFT_COLOUR = "#E6F4F2", "#0F766E", "#5A6675"
FONT = "Arial"  # has every Vietnamese letter and is on every office computer
NUMBER_FORMATS: dict[Kind, str] = {
    "text": "@",
    "whole": "#,##0",
    "money": "#,##0",
    "decimal": "#,##0.0",
    "percent": "0.0%",
    "date": "dd\\/mm\\/yyyy",
}
WIDTH_MIN, WIDTH_MAX, WIDTH_ROWS = 8.0, 46.0, 2_000
SERIES_COLOURS = ("#0F766E", "#1D5FA8", "#D68A00", "#B42318")


class TooManyRows(ValueError):
    """A sheet would not fit into a workbook; the text names it."""


def to_bytes(book: Book) -> bytes:
    """The workbook as a file's content. Raises TooManyRows."""
    too_long = next((sheet for sheet in book.sheets if len(sheet.rows) > ROWS_MAX), None)
    if too_long is not None:
        raise TooManyRows(f"{too_long.name}: {len(too_long.rows)} rows")
    out = io.BytesIO()
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    workbook = xlsxwriter.Workbook(out, options)
    workbook.formats[0].set_font_name(FONT)
    workbook.formats[0].set_font_size(10)
    look = _Look(workbook)
    cover = workbook.add_worksheet(book.cover_name)
    written = [_Written(sheet, _write_sheet(workbook, sheet, book, look)) for sheet in book.sheets]
    _write_cover(workbook, cover, book, written, look)
    workbook.close()
    return out.getvalue()


class _Written:
    """A sheet and the row its data begins in."""

    def __init__(self, sheet: Sheet, first_row: int) -> None:
        self.sheet, self.first_row = sheet, first_row


class _Look:
    """The formats, made once."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        def made(**more: Any) -> Format:
            return workbook.add_format(
                {"font_name": FONT, "font_size": 10, "valign": "top", **more}
            )

        self.title = made(bold=True, font_size=14)
        self.subtitle = made(font_color=SOFT_COLOUR)
        self.note = made(font_color=SOFT_COLOUR, italic=True)
        self.fact = made(font_color=SOFT_COLOUR)
        self.fact_text = made(bold=True, text_wrap=True)
        self.fact_date = made(bold=True, num_format=NUMBER_FORMATS["date"], align="left")
        self.fact_time = made(bold=True, num_format="dd\\/mm\\/yyyy hh:mm", align="left")
        self.fact_number = made(bold=True, num_format=NUMBER_FORMATS["whole"], align="left")
        self.link = made(font_color=ACCENT_COLOUR, underline=1)
        head = {"bold": True, "text_wrap": True, "bg_color": HEADER_COLOUR, "bottom": 1}
        self.head = made(**head)
        self.head_number = made(**head, align="right")
        self.total_title = made(bold=True)
        self.cells = {kind: made(num_format=code) for kind, code in NUMBER_FORMATS.items()}
        self.cells["text"] = made(text_wrap=False)
        self.totals = {
            kind: made(num_format=code, bold=True) for kind, code in NUMBER_FORMATS.items()
        }
        self.danger = workbook.add_format({"bg_color": "#FDECEA", "font_color": "#B42318"})
        self.warning = workbook.add_format({"bg_color": "#FFF3DC", "font_color": "#8A5300"})


def safe_text(text: str) -> str:
    """Text as a cell can hold it: composed letters, no control characters, not too long."""
    kept = "".join(c for c in unicodedata.normalize("NFC", text) if c >= " " or c in "\n\t")
    return kept if len(kept) <= TEXT_LENGTH_MAX else kept[: TEXT_LENGTH_MAX - 1] + "…"


def _write_cell(page: Worksheet, row: int, column: int, value: Cell, look: Format) -> None:
    match value:
        case None:
            page.write_blank(row, column, None, look)
        case str():
            page.write_string(row, column, safe_text(value), look)
        case dt.datetime():
            page.write_datetime(row, column, value.replace(tzinfo=None), look)
        case dt.date():
            page.write_datetime(row, column, value, look)
        case _:
            page.write_number(row, column, value, look)


def _write_sheet(workbook: xlsxwriter.Workbook, sheet: Sheet, book: Book, look: _Look) -> int:
    """One sheet; returns the row in which its data begins (from 0)."""
    page = workbook.add_worksheet(sheet.name)
    page.write_string(0, 0, sheet.title, look.title)
    page.write_string(1, 0, book.subtitle, look.subtitle)
    for n, note in enumerate(sheet.notes):
        page.write_string(2 + n, 0, note, look.note)
    head = 2 + len(sheet.notes) + 1
    if any(column.sums for column in sheet.columns):
        _write_totals(page, sheet, head, book.total_title, look)
        head += 1
    for number, column in enumerate(sheet.columns):
        style = look.head if column.kind in ("text", "date") else look.head_number
        page.write_string(head, number, column.title, style)
    first = head + 1
    for number, row in enumerate(sheet.rows):
        for at, value in enumerate(row):
            _write_cell(page, first + number, at, value, look.cells[sheet.columns[at].kind])
    if not sheet.rows:
        page.write_string(first, 0, book.empty_note, look.note)
    _dress(page, sheet, head, look)
    return first


def _write_totals(page: Worksheet, sheet: Sheet, row: int, title: str, look: _Look) -> None:
    """Sums above the head: they follow the filter, and stand there as numbers for readers that do
    not calculate."""
    page.write_string(row, 0, title, look.total_title)
    for number, column in enumerate(sheet.columns):
        if not column.sums:
            continue
        first, last = row + 2, row + 1 + max(1, len(sheet.rows))
        cells = f"{xl_rowcol_to_cell(first, number)}:{xl_rowcol_to_cell(last, number)}"
        value = sum(_number(line[number]) for line in sheet.rows)
        page.write_formula(row, number, f"=SUBTOTAL(109,{cells})", look.totals[column.kind], value)


def _number(value: Cell) -> int | float:
    return value if isinstance(value, (int, float)) else 0


def _dress(page: Worksheet, sheet: Sheet, head: int, look: _Look) -> None:
    """Frozen panes, filter, widths, print set-up, marks."""
    last_row, last_column = head + max(1, len(sheet.rows)), len(sheet.columns) - 1
    page.freeze_panes(head + 1, sheet.fixed_columns)
    page.autofilter(head, 0, last_row, last_column)
    for number, column in enumerate(sheet.columns):
        page.set_column(number, number, _width(sheet, number, column))
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(head)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer("&L&8&A&R&8&P / &N")
    if sheet.warn_column is not None and sheet.rows:
        danger, warning = sheet.warn_below
        where = (head + 1, sheet.warn_column, last_row, sheet.warn_column)
        page.conditional_format(
            *where, {"type": "cell", "criteria": "<", "value": danger, "format": look.danger}
        )
        page.conditional_format(
            *where, {"type": "cell", "criteria": "<", "value": warning, "format": look.warning}
        )


def _width(sheet: Sheet, number: int, column: Column) -> float:
    """Wide enough for the longest word of the head and what the column shows, within limits."""
    words = column.title.split() or [""]
    widest = max(len(word) for word in words)
    for row in sheet.rows[:WIDTH_ROWS]:
        widest = max(widest, _shown_length(row[number], column.kind))
    if column.sums:
        total = sum(_number(row[number]) for row in sheet.rows)
        widest = max(widest, _shown_length(total, column.kind) + 1)
    return min(WIDTH_MAX, max(WIDTH_MIN, widest + 2.0))


def _shown_length(value: Cell, kind: Kind) -> int:
    match value:
        case None:
            return 0
        case str():
            return len(value)
        case dt.date():
            return 10
        case _ if kind == "decimal":
            return len(f"{value:,.1f}")
        case _ if kind == "percent":
            return 6
        case _:
            return len(f"{value:,.0f}")


def _write_cover(
    workbook: xlsxwriter.Workbook,
    page: Worksheet,
    book: Book,
    written: list[_Written],
    look: _Look,
) -> None:
    page.hide_gridlines(2)
    page.set_column(0, 0, 34)
    page.set_column(1, 1, 62)
    page.write_string(0, 0, safe_text(book.title), look.title)
    page.write_string(1, 0, safe_text(book.subtitle), look.subtitle)
    row = 3
    for name, value in book.facts:
        page.write_string(row, 0, safe_text(name), look.fact)
        _write_cell(page, row, 1, value, _fact_look(value, look))
        row += 1
    for note in book.cover_notes:
        row += 1
        page.write_string(row, 0, safe_text(note), look.note)
    row += 2
    page.write_string(row, 0, book.contents_title, look.total_title)
    for one in written:
        row += 1
        page.write_url(row, 0, f"internal:'{one.sheet.name}'!A1", look.link, one.sheet.name)
        page.write_string(row, 1, safe_text(one.sheet.title))
    row += 2
    for one in written:
        for chart in one.sheet.charts:
            if one.sheet.rows:
                page.insert_chart(row, 0, _chart(workbook, one, chart))
                row += 23
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&L&8&A&R&8&P / &N")


def _fact_look(value: Cell, look: _Look) -> Format:
    if isinstance(value, dt.datetime):
        return look.fact_time
    if isinstance(value, dt.date):
        return look.fact_date
    return look.fact_number if isinstance(value, (int, float)) else look.fact_text


def _chart(workbook: xlsxwriter.Workbook, one: _Written, chart: Chart) -> Any:
    kind: dict[str, str] = {"type": chart.kind}
    if chart.stacked:
        kind["subtype"] = "stacked"
    made = workbook.add_chart(kind)
    assert made is not None
    first, last = one.first_row, one.first_row + min(chart.rows, len(one.sheet.rows)) - 1
    left, right = chart.label_columns
    for n, column in enumerate(chart.value_columns):
        made.add_series(
            {
                "name": one.sheet.columns[column].title,
                "categories": [one.sheet.name, first, left, last, right],
                "values": [one.sheet.name, first, column, last, column],
                "fill": {"color": SERIES_COLOURS[n % len(SERIES_COLOURS)]},
                "gap": 60,
            }
        )
    made.set_title({"name": chart.title, "name_font": {"size": 11, "name": FONT}})
    numbers = {
        "num_format": "#,##0",
        "major_gridlines": {"visible": True, "line": {"color": "#DFE3E8"}},
    }
    values = {"name": chart.value_title, **numbers} if chart.value_title else numbers
    labels = {"reverse": True} if chart.kind == "bar" else {}
    # In a lying chart xlsxwriter calls the axis of the labels x too.
    made.set_x_axis({**labels, "num_font": {"name": FONT, "size": 8}})
    made.set_y_axis(values)
    if len(chart.value_columns) == 1:
        made.set_legend({"none": True})
    else:
        made.set_legend({"position": "bottom"})
    made.set_size({"width": 900, "height": 440})
    return made
