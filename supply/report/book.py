"""What a workbook holds, before any of it is written: plain rows under typed columns. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Cell = str | int | float | dt.date | dt.datetime | None
Kind = Literal["text", "whole", "decimal", "percent", "money", "date"]


@dataclass(frozen=True)
class Column:
    """A column: its head, what it holds, and whether its sum stands above it."""

    title: str
    kind: Kind = "text"
    sums: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart of some of a sheet's columns over its first rows, drawn on the cover.

    `kind`: 'bar' (lying) or 'column' (standing); `stacked` puts the series on each other.
    `label_columns`: first and last of the columns that name a row.
    """

    title: str
    kind: Literal["bar", "column"]
    label_columns: tuple[int, int]
    value_columns: tuple[int, ...]
    rows: int
    stacked: bool = False
    value_title: str = ""


@dataclass(frozen=True)
class Sheet:
    """One table: `columns` and `rows` of the same width; `notes` stand under the title.

    `fixed_columns` stay in view when scrolling sideways. `warn_column`: cells of this column that
    hold a number below `warn_below` are marked, in words too where another column says so.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    notes: tuple[str, ...] = ()
    fixed_columns: int = 0
    charts: tuple[Chart, ...] = ()
    warn_column: int | None = None
    warn_below: tuple[float, float] = (7.0, 14.0)


@dataclass(frozen=True)
class Book:
    """A cover with facts and the sheets behind it."""

    title: str
    subtitle: str
    facts: tuple[tuple[str, Cell], ...]
    sheets: tuple[Sheet, ...]
    contents_title: str
    total_title: str
    empty_note: str
    cover_name: str = "Giới thiệu"
    cover_notes: tuple[str, ...] = field(default=())
