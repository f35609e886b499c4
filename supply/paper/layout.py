"""What a printed form is, whatever it says: head, facts, one table, foot, signatures. Pure.

A `Paper` is written once by a form's builder and set twice from the same rows: as PDF
(`render.py`) and as XLSX (`workbook.py`), so that columns and sums cannot differ between them.
Everything in it is data: text typed by people is never read as markup or as a formula.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Cell = str | int | dt.date | None
Kind = Literal["index", "text", "code", "unit", "whole", "money", "date", "tick"]
NOT_SUMMED = "x"  # what the State's forms print where a column has no sum

# Control characters, and those that turn the direction of what is read: "0012" could be made to
# look like "2100" on paper.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def plain_text(text: str) -> str:
    """Text as paper shows it: composed letters, nothing that cannot be seen."""
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


@dataclass(frozen=True)
class Column:
    """A column. `width`: "12mm" or "1fr" (a share of what is left). `mark`: the letter or number
    under its head. Neighbours of one `group` share a head above theirs."""

    title: str
    kind: Kind = "text"
    width: str = "1fr"
    mark: str = ""
    group: str = ""
    sums: bool = False


@dataclass(frozen=True)
class Row:
    """One row. `style`: an ordinary line, a heading over the lines below it (its text stands in
    the first cell that holds one), or a sum."""

    cells: tuple[Cell, ...]
    style: Literal["line", "heading", "sum"] = "line"


@dataclass(frozen=True)
class Fact:
    """A line before or after the table, "label: value": an empty value is printed as a dotted line to
    write on, an empty label leaves the value alone."""

    label: str
    value: str = ""


@dataclass(frozen=True)
class Signature:
    """Who signs; `name` is printed under the space for the hand where it is known."""

    title: str
    name: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Seal:
    """What leads back from paper to ledger: the address in the QR code, and the first characters of
    the document's hash."""

    link: str
    hash: str


@dataclass(frozen=True)
class Paper:
    """One form. Texts are in the language of the print already."""

    code: str
    language: str
    landscape: bool
    unit: str
    department: str
    form_number: str
    basis: str
    title: str
    date_line: str
    number: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[Row, ...] = ()
    subtitle: str = ""
    national: bool = False
    accounts: tuple[Fact, ...] = ()
    banner: str = ""
    facts: tuple[tuple[Fact, ...], ...] = ()
    notes: tuple[Fact, ...] = ()
    signed_on: str = ""
    signatures: tuple[Signature, ...] = ()
    seal: Seal | None = None
    day: dt.date | None = None
    empty_note: str = ""
    running: str = ""
    """what the foot of every page says beside the title, where there is no number"""
    appendix: tuple[Paper, ...] = field(default=())

    def __post_init__(self) -> None:
        wide = len(self.columns)
        for row in (*self.rows, *self.totals):
            if len(row.cells) != wide:
                raise ValueError(f"{self.code}: a row of {len(row.cells)} cells in {wide} columns")


def with_sums(paper: Paper, label: str) -> Paper:
    """The paper with a row of sums: `label` in the first text column, the sum under each column
    that sums, and "x" where a figure would have no meaning."""
    return replace(paper, totals=(*paper.totals, sum_row(paper.columns, paper.rows, label)))


def sum_row(columns: Sequence[Column], rows: Iterable[Row], label: str) -> Row:
    """The sums of the ordinary lines among `rows`."""
    lines = [row for row in rows if row.style == "line"]
    at = next(n for n, column in enumerate(columns) if column.kind == "text")
    cells: list[Cell] = []
    for n, column in enumerate(columns):
        if n == at:
            cells.append(label)
        elif column.sums:
            cells.append(sum(v for line in lines if isinstance(v := line.cells[n], int)))
        else:
            cells.append("" if column.kind == "index" else NOT_SUMMED)
    return Row(tuple(cells), "sum")
