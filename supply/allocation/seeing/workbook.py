"""Sheets of plain rows as an XLSX file, with the spreadsheet's own charts. Pure: rows in, bytes out.

Numbers and dates are real ones, so that they sort, filter and sum. Text is written as text: nothing in
it is ever taken for a formula or a link. Charts are drawn from the cells of their sheet.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.utility import xl_range

from supply.core.text import Text

Kind = Literal["text", "long", "whole", "decimal", "percent", "date"]
Cell = str | int | float | dt.date | Text | None
NUMBER_FORMATS: dict[Kind, str] = {
    "text": "@",
    "long": "@",
    "whole": "#,##0",
    "decimal": "#,##0.0",
    "percent": "0.0%",
    "date": "dd\\/mm\\/yyyy",
}
NUMBERS: frozenset[Kind] = frozenset({"whole", "decimal", "percent"})
FONT = "Arial"  # has every Vietnamese letter and is on every office computer
TEXT_MAX, NAME_MAX = 32_000, 31
LINE_POINTS = 13.5  # the height of a line of the font
TITLE_POINTS = 21.0
MARGIN_INCHES = 0.4
CHART_ROWS = 18  # rows that a chart covers, with room below
COLOURS = ("#8A94A0", "#D68A00", "#0F766E", "#1D5FA8")


@dataclass(frozen=True)
class Column:
    """A column: its head, what it holds, its width in characters, and whether its sum stands on top."""

    title: Text
    kind: Kind = "text"
    width: float = 12.0
    sums: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart of some columns over all rows; `label` names the rows, `at` is the cell it hangs on."""

    title: Text
    kind: Literal["column", "line"]
    label: int
    values: tuple[int, ...]
    axis: Text
    at: tuple[int, int]


@dataclass(frozen=True)
class Sheet:
    """One table under its title; `shaded` columns carry the colours of coverage."""

    name: Text
    title: Text
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    notes: tuple[Text, ...] = ()
    charts: tuple[Chart, ...] = ()
    shaded: tuple[int, ...] = ()
    fixed: int = 1


def to_bytes(sheets: Sequence[Sheet], language: str) -> bytes:
    """The workbook in one language."""
    out = io.BytesIO()
    file = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    file.formats[0].set_font_name(FONT)
    file.formats[0].set_font_size(10)
    looks = _looks(file)
    for sheet in sheets:
        _Page(file, sheet, language, looks).write()
    file.close()
    return out.getvalue()


def _looks(file: Any) -> dict[str, Any]:
    def made(**more: Any) -> Any:
        return file.add_format({"font_name": FONT, "font_size": 10, "valign": "top", **more})

    # Numbers keep a step from the words to their right; days stand under their head, like words.
    number: dict[str, Any] = {"align": "right", "indent": 1}
    sides = {kind: number if kind in NUMBERS else {"align": "left"} for kind in NUMBER_FORMATS}
    looks = {
        f"cell {kind}": made(num_format=code, **sides[kind])
        for kind, code in NUMBER_FORMATS.items()
    }
    looks["cell long"] = made(text_wrap=True)
    looks |= {
        f"sum {kind}": made(num_format=code, bold=True, **sides[kind])
        for kind, code in NUMBER_FORMATS.items()
    }
    head: dict[str, Any] = {"bold": True, "text_wrap": True, "bg_color": "#E6F4F2", "bottom": 1}
    looks |= {
        "head": made(**head),
        "head number": made(**head, **number),
        "title": made(bold=True, font_size=14),
        "note": made(font_color="#5A6675", italic=True),
        "high": made(bg_color="#E3F3EA", font_color="#0D4A29"),
        "fair": made(bg_color="#FFF1CF", font_color="#5C3900"),
        "low": made(bg_color="#FFD9B8", font_color="#6A2D00"),
        "bad": made(bg_color="#F9B9B0", font_color="#6B0F07"),
    }
    return looks


class _Page:
    """One sheet, from top to bottom."""

    def __init__(self, file: Any, sheet: Sheet, language: str, looks: Mapping[str, Any]) -> None:
        self.file, self.sheet, self.language, self.looks = file, sheet, language, looks
        self.page = file.add_worksheet(self.say(sheet.name)[:NAME_MAX])
        self.has_sums = any(column.sums for column in sheet.columns)
        self.head = 2 + len(sheet.notes) + self.has_sums
        self.last = self.head + max(1, len(sheet.rows))

    def say(self, value: Cell) -> Any:
        """A text in the workbook's language; anything else as it is."""
        return value.in_language(self.language) if isinstance(value, Text) else value

    def write(self) -> None:
        """Everything on the sheet."""
        self.page.set_row(0, TITLE_POINTS)
        self.page.write_string(0, 0, self.say(self.sheet.title), self.looks["title"])
        for number, note in enumerate(self.sheet.notes, start=1):
            self.page.write_string(number, 0, self.say(note), self.looks["note"])
        self._table()
        self._dress()
        for chart in self.sheet.charts:
            self._chart(chart)

    def _table(self) -> None:
        # Set, since not every program fits a row to its wrapped head by itself.
        lines = max(_lines(self.say(c.title), c.width) for c in self.sheet.columns)
        self.page.set_row(self.head, LINE_POINTS * lines)
        for at, column in enumerate(self.sheet.columns):
            words = column.kind not in NUMBERS
            self.page.write_string(
                self.head,
                at,
                self.say(column.title),
                self.looks["head" if words else "head number"],
            )
            if column.sums:
                self._sum(at, column.kind)
        for row, values in enumerate(self.sheet.rows, start=self.head + 1):
            for at, value in enumerate(values):
                look = self.looks[f"cell {self.sheet.columns[at].kind}"]
                self._put(row, at, self.say(value), look)
            self._fit(row, values)

    def _fit(self, row: int, values: Sequence[Cell]) -> None:
        """Room for the wrapped words of a row: not every program makes it by itself."""
        lines = (
            _lines(str(self.say(value)), column.width)
            for column, value in zip(self.sheet.columns, values, strict=True)
            if column.kind == "long" and value
        )
        if (most := max(lines, default=1)) > 1:
            self.page.set_row(row, LINE_POINTS * most)

    def _put(self, row: int, at: int, value: Any, look: Any) -> None:
        match value:
            case None:
                self.page.write_blank(row, at, None, look)
            case str():
                self.page.write_string(row, at, value[:TEXT_MAX], look)
            case dt.datetime():
                self.page.write_datetime(row, at, value.replace(tzinfo=None), look)
            case dt.date():
                self.page.write_datetime(row, at, dt.datetime.combine(value, dt.time()), look)
            case _:
                self.page.write_number(row, at, value, look)

    def _sum(self, at: int, kind: str) -> None:
        """Above the head: it follows the filter, and stands there as a number for other readers."""
        cells = xl_range(self.head + 1, at, self.last, at)
        value = sum(v for row in self.sheet.rows if isinstance(v := row[at], (int, float)))
        self.page.write_formula(
            self.head - 1, at, f"=SUBTOTAL(109,{cells})", self.looks[f"sum {kind}"], value
        )

    def _dress(self) -> None:
        """Widths, frozen panes, filter, colours, A4."""
        for at, column in enumerate(self.sheet.columns):
            self.page.set_column(at, at, column.width)
        self.page.freeze_panes(self.head + 1, self.sheet.fixed)
        if self.sheet.rows:
            self.page.autofilter(self.head, 0, self.last, len(self.sheet.columns) - 1)
        for at in self.sheet.shaded:
            where = (self.head + 1, at, self.last, at)
            self.page.conditional_format(*where, {"type": "blanks", "stop_if_true": True})
            for look, least in (("high", 0.95), ("fair", 0.8), ("low", 0.5), ("bad", 0.0)):
                rule = {"type": "cell", "criteria": ">=", "value": least, "stop_if_true": True}
                self.page.conditional_format(*where, rule | {"format": self.looks[look]})
        self.page.set_landscape()
        self.page.set_paper(9)  # A4
        self.page.set_margins(MARGIN_INCHES, MARGIN_INCHES, top=0.5, bottom=0.6)
        # A sheet with charts is one page, so that none is cut in two.
        self.page.fit_to_pages(1, 1 if self.sheet.charts else 0)
        self.page.repeat_rows(self.head)
        self.page.set_footer("&L&8&A&R&8&P / &N")

    def _chart(self, chart: Chart) -> None:
        if not self.sheet.rows:
            return
        made = self.file.add_chart({"type": chart.kind})
        name = self.page.get_name()

        def cells(column: int) -> list[Any]:
            return [name, self.head + 1, column, self.last, column]

        for number, column in enumerate(chart.values):
            colour = COLOURS[number % len(COLOURS)]
            look = {"line": {"color": colour, "width": 2}} if chart.kind == "line" else {}
            made.add_series(
                {
                    "name": self.say(self.sheet.columns[column].title),
                    "categories": cells(chart.label),
                    "values": cells(column),
                    **(look | {"smooth": False} if look else {"fill": {"color": colour}}),
                }
            )
        dates = self.sheet.columns[chart.label].kind == "date"
        made.set_title({"name": self.say(chart.title), "name_font": {"size": 12}})
        made.set_x_axis({"num_format": "dd/mm", "text_axis": True} if dates else {})
        percent = self.sheet.columns[chart.values[0]].kind == "percent"
        scale = {"min": 0, "max": 1, "num_format": "0%"} if percent else {"min": 0}
        made.set_y_axis({"name": self.say(chart.axis), "num_format": "#,##0"} | scale)
        made.set_legend({"position": "bottom"})
        made.set_size({"width": 640, "height": 320})
        self.page.insert_chart(*chart.at, made)


def _lines(words: str, width: float) -> int:
    """How many lines words take in a column so many characters wide, bold ones too."""
    room, lines, used = max(1, int(width * 0.9)), 1, 0
    for word in words.split():
        if used and used + 1 + len(word) > room:
            lines, used = lines + 1, len(word)
        else:
            used += len(word) + (1 if used else 0)
    return lines
