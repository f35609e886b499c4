"""A run as a workbook: stamp, fans with charts, use, shortage, norms. Pure but for the file it writes.

Charts are the spreadsheet's own, drawn from the cells beside them, so that they can be worked on. Text
is written as text: nothing in it is ever taken for a formula.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from supply.core.text import Text

FAN_ROWS = 20  # what a chart takes of the sheet
CHARTS_A_ROW = 2
BARS_MAX = 12


@dataclass(frozen=True)
class FanPlace:
    """A place's weeks: (week end, reported, 0.025, 0.25, 0.5, 0.75, 0.975); None where not said."""

    name: str
    rows: Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Sheet:
    """A plain table: heads with their width, rows; numbers as numbers, texts in both languages."""

    title: Text
    heads: Sequence[tuple[Text, int]]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Book:
    """All that goes into a workbook. `bars`: (item, units) of the chart of use."""

    stamp: Sequence[tuple[Text, Any]]
    fans: Sequence[FanPlace]
    use: Sheet
    bars: Sequence[tuple[Text, float]]
    shortage: Sheet
    norms: Sheet


_FAN_HEADS = (
    Text("Nơi", "Place"),
    Text("Tuần đến", "Week to"),
    Text("Đã báo cáo", "Reported"),
    Text("0,025", "0.025"),
    Text("0,25", "0.25"),
    Text("Giữa", "Median"),
    Text("0,75", "0.75"),
    Text("0,975", "0.975"),
    Text("Nền", "Base"),
    Text("Dải 95 % dưới", "95 % band, lower"),
    Text("Dải 50 %", "50 % band"),
    Text("Dải 95 % trên", "95 % band, upper"),
)


def write_book(path: Path, book: Book, language: str) -> None:
    """Write the workbook in one language."""
    file = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    say = _say(language)
    formats = {
        "head": file.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "bold": file.add_format({"bold": True}),
        "title": file.add_format({"bold": True, "font_size": 14}),
        "date": file.add_format({"num_format": "dd/mm/yyyy"}),
        "number": file.add_format({"num_format": "#,##0.0"}),
        "whole": file.add_format({"num_format": "#,##0"}),
    }
    _stamp(file.add_worksheet(say(Text("Tem", "Stamp"))), book.stamp, say, formats)
    charts = file.add_worksheet(say(Text("Biểu đồ ca mắc", "Case charts")))
    fans = file.add_worksheet(say(Text("Ca mắc", "Cases")))
    _fans(file, fans, charts, book.fans, say, formats)
    used = _table(file, book.use, say, formats)
    _bars(file, used, len(book.use.heads) + 1, book.bars, say, formats)
    _table(file, book.shortage, say, formats)
    _table(file, book.norms, say, formats)
    file.close()


Say = Callable[[Any], Any]


def _say(language: str) -> Say:
    return lambda value: value.in_language(language) if isinstance(value, Text) else value


def _put(sheet: Any, row: int, column: int, value: Any, formats: dict[str, Any]) -> None:
    """A cell by the kind of its value; empty for None."""
    if value is None:
        return
    if isinstance(value, (dt.date, dt.datetime)):
        sheet.write_datetime(
            row, column, dt.datetime(value.year, value.month, value.day), formats["date"]
        )
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        sheet.write_string(row, column, str(value)[:32_000])
    else:
        whole = isinstance(value, int) or float(value).is_integer()
        sheet.write_number(row, column, value, formats["whole" if whole else "number"])


def _stamp(
    sheet: Any, lines: Sequence[tuple[Text, Any]], say: Say, formats: dict[str, Any]
) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    sheet.write_string(
        0, 0, say(Text("Lượt dự báo và cách làm lại", "The run and how to make it again")),
        formats["title"],
    )  # fmt: skip
    for row, (name, value) in enumerate(lines, start=2):
        sheet.write_string(row, 0, say(name), formats["bold"])
        shown = say(value)
        if isinstance(shown, int):
            shown = str(shown)  # a run's number or seed is a name, not a quantity
        _put(sheet, row, 1, shown, formats)


def _table(file: Any, table: Sheet, say: Say, formats: dict[str, Any]) -> Any:
    sheet = file.add_worksheet(say(table.title)[:31])
    for column, (head, width) in enumerate(table.heads):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, say(head), formats["head"])
    for row, values in enumerate(table.rows, start=1):
        for column, value in enumerate(values):
            _put(sheet, row, column, say(value), formats)
    sheet.freeze_panes(1, 1)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.heads) - 1)
    return sheet


def _fans(
    file: Any,
    sheet: Any,
    charts: Any,
    places: Sequence[FanPlace],
    say: Say,
    formats: dict[str, Any],
) -> None:
    """All places one under the other in one table, and a chart of each on a sheet of its own."""
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, len(_FAN_HEADS) - 1, 12)
    for column, head in enumerate(_FAN_HEADS):
        sheet.write_string(0, column, say(head), formats["head"])
    row = 1
    for number, place in enumerate(places):
        first = row
        for week, reported, low, low_50, median, high_50, high in place.rows:
            sheet.write_string(row, 0, place.name)
            values = [week, reported, low, low_50, median, high_50, high]
            if low is not None and low_50 is not None and high_50 is not None and high is not None:
                # What the chart stacks: a base without colour, then the three bands.
                values += [low, low_50 - low, high_50 - low_50, high - high_50]
            for column, value in enumerate(values, start=1):
                _put(sheet, row, column, value, formats)
            row += 1
        chart = _fan_chart(file, sheet.get_name(), place.name, first, row - 1, say)
        across, down = number % CHARTS_A_ROW, number // CHARTS_A_ROW
        charts.insert_chart(down * FAN_ROWS, across * 10, chart)
    sheet.freeze_panes(1, 2)


def _fan_chart(file: Any, sheet: str, name: str, first: int, last: int, say: Say) -> Any:
    """Stacked areas for the bands, lines for what was reported and the median."""

    def cells(column: int) -> list[Any]:
        return [sheet, first, column, last, column]

    bands = file.add_chart({"type": "area", "subtype": "stacked"})
    colours = (None, "#CFE5E2", "#8FC4BE", "#CFE5E2")
    for column, colour in enumerate(colours, start=8):
        fill = {"none": True} if colour is None else {"color": colour}
        bands.add_series(
            {
                "name": say(_FAN_HEADS[column]),
                "categories": cells(1),
                "values": cells(column),
                "fill": fill,
                "border": {"none": True},
            }
        )
    lines = file.add_chart({"type": "line"})
    for column, line in (
        (2, {"color": "#1B2430", "width": 1.75}),
        (5, {"color": "#0F766E", "width": 1.75, "dash_type": "dash"}),
    ):
        lines.add_series(
            {
                "name": say(_FAN_HEADS[column]),
                "categories": cells(1),
                "values": cells(column),
                "line": line,
                "marker": {"type": "circle", "size": 4} if column == 2 else {"type": "none"},
            }
        )
    bands.combine(lines)
    bands.set_title({"name": name, "name_font": {"size": 12}})
    bands.set_x_axis({"num_format": "dd/mm", "text_axis": True})
    bands.set_y_axis({"num_format": "#,##0", "min": 0, "major_gridlines": {"visible": True}})
    bands.set_legend({"position": "bottom", "delete_series": [0, 1, 3]})
    bands.set_size({"width": 620, "height": 380})
    return bands


def _bars(
    file: Any,
    sheet: Any,
    column: int,
    bars: Sequence[tuple[Text, float]],
    say: Say,
    formats: dict[str, Any],
) -> None:
    """Use by item as bars on a logarithmic scale: pills and gowns differ by thousands."""
    if not bars:
        return
    for row, (name, units) in enumerate(bars, start=1):
        sheet.write_string(row, column, say(name))
        sheet.write_number(row, column + 1, units, formats["whole"])
    sheet.set_column(column, column, 34)
    chart = file.add_chart({"type": "bar"})
    title = say(
        Text("Dùng trong 14 ngày (đơn vị, thang log)", "Use over 14 days (units, log scale)")
    )
    chart.add_series(
        {
            "name": title,
            "categories": [sheet.get_name(), 1, column, len(bars), column],
            "values": [sheet.get_name(), 1, column + 1, len(bars), column + 1],
            "fill": {"color": "#0F766E"},
        }
    )
    chart.set_x_axis({"log_base": 10, "num_format": "#,##0"})
    chart.set_y_axis({"reverse": True})
    chart.set_legend({"none": True})
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_size({"width": 720, "height": 420})
    sheet.insert_chart(1, column + 3, chart)
