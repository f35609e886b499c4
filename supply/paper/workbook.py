"""Papers as a workbook: the same heads, rows and sums as in print, with real numbers and dates.

What people typed is written as strings and nothing else: a note that begins with =, +, - or @ is
never a formula, an address never a link. Sums are formulas over the rows above them and carry their
value for readers that do not calculate.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from supply.paper.layout import NOT_SUMMED, Cell, Column, Fact, Paper, Row, plain_text
from supply.paper.render import WORDS

FONT = "Times New Roman"
CELL_LENGTH_MAX = 32_000
SHEET_NAME_MAX = 31
TEXT_WIDTH = 34.0  # characters, for a column that takes what is left
CHARACTERS_PER_MM = 0.52
LINE_POINTS = 15.5
_NUMBER, _DATE = "#,##0", "dd\\/mm\\/yyyy"
_ALIGN = {"whole": "right", "money": "right", "text": "left"}


def papers_xlsx(papers: Sequence[Paper]) -> bytes:
    """The papers, one sheet each, ready to print on A4."""
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    day = papers[0].day or dt.date(2022, 1, 1)
    workbook.set_properties({"created": dt.datetime.combine(day, dt.time())})
    flat = [one for paper in papers for one in (paper, *paper.appendix)]
    look = _Look(workbook)
    for number, paper in enumerate(flat, start=1):
        page = workbook.add_worksheet(_sheet_name(paper, number, len(flat)))
        _Sheet(page, paper, look).write()
    workbook.close()
    return out.getvalue()


def _sheet_name(paper: Paper, number: int, of: int) -> str:
    name = "".join(c for c in paper.title if c not in "[]:*?/\\'")[: SHEET_NAME_MAX - 4]
    return name if of == 1 else f"{name} {number}"


class _Look:
    """The formats, made once."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self._workbook, self._made = workbook, dict[tuple[tuple[str, Any], ...], Format]()
        workbook.formats[0].set_font_name(FONT)
        workbook.formats[0].set_font_size(11)

    def __call__(self, **wanted: Any) -> Format:
        key = tuple(sorted(wanted.items()))
        if key not in self._made:
            base = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
            self._made[key] = self._workbook.add_format({**base, **wanted})
        return self._made[key]


class _Sheet:
    """One paper on one sheet, from top to bottom."""

    def __init__(self, page: Worksheet, paper: Paper, look: _Look) -> None:
        self.page, self.paper, self.look = page, paper, look
        self.row, self.last, self.tall = 0, len(paper.columns) - 1, 1
        self.words = WORDS[paper.language]

    def write(self) -> None:
        """The whole sheet."""
        self._set_up()
        self._head()
        for line in self.paper.facts:
            self._facts(line)
        self.row += 1
        self._table()
        self.row += 1
        for fact in self.paper.notes:
            self._facts((fact,))
        self._signatures()

    def _set_up(self) -> None:
        page = self.page
        page.set_paper(9)  # A4
        page.set_margins(left=0.6, right=0.4, top=0.5, bottom=0.6)
        page.fit_to_pages(1, 0)
        page.hide_gridlines(2)
        if self.paper.landscape:
            page.set_landscape()
        footer = _plain(" · ".join(t for t in (self.paper.title, self.paper.number) if t))
        page.set_footer(f"&L&8{footer.replace('&', '&&')}&R&8{self.words['page']} &P/&N")
        for number, column in enumerate(self.paper.columns):
            page.set_column(number, number, _width(column))

    # --- lines over the whole width, or over its halves -----------------------------------------

    def _next(self) -> None:
        """To the next row; programs do not find the height of merged cells by themselves."""
        if self.tall > 1:
            self.page.set_row(self.row, LINE_POINTS * self.tall)
        self.row, self.tall = self.row + 1, 1

    def _span(self, first: int, last: int, text: str, look: Format) -> None:
        wide = sum(_width(column) for column in self.paper.columns[first : last + 1])
        self.tall = max(self.tall, math.ceil(len(text) / wide))
        if first == last:
            self.page.write_string(self.row, first, _plain(text), look)
        else:
            self.page.merge_range(self.row, first, self.row, last, "", look)
            self.page.write_string(self.row, first, _plain(text), look)

    def _line(self, text: str, **style: Any) -> None:
        if text:
            self._span(0, self.last, text, self.look(align="center", text_wrap=True, **style))
            self._next()

    def _halves(self, left: str, right: str, **style: Any) -> None:
        middle = self.last // 2
        self._span(0, middle, left, self.look(text_wrap=True, **style))
        self._span(middle + 1, self.last, right, self.look(align="center", text_wrap=True, **style))
        self._next()

    def _head(self) -> None:
        paper, words = self.paper, self.words
        unit = f"{words['unit']}: {paper.unit}"
        department = f"{words['department']}: {paper.department}" if paper.department else ""
        form = f"{words['form_number']}: {paper.form_number}" if paper.form_number else ""
        basis = f"({paper.basis})" if paper.basis else ""
        if paper.national:
            self._halves(unit, words["nation"], bold=True)
            self._halves(department, words["motto"], bold=True)
            self._halves(form, "", bold=True)
            self._halves(basis, "", italic=True)
        else:
            self._halves(unit, form, bold=True)
            self._halves(department, basis, italic=False)
        self.row += 1
        self._line(paper.title.upper(), bold=True, font_size=15)
        self._line(paper.subtitle)
        self._line(paper.date_line, italic=True)
        self._line(f"{words['number']}: {paper.number}" if paper.number else "", bold=True)
        for fact in paper.accounts:
            self._halves("", _said(fact))
        self._line(paper.banner, bold=True)
        self.row += 1

    def _facts(self, line: Sequence[Fact]) -> None:
        wide = (self.last + 1) / len(line)
        for number, fact in enumerate(line):
            first, last = round(number * wide), round((number + 1) * wide) - 1
            self._span(first, last, _said(fact), self.look(text_wrap=True))
        self._next()

    # --- the table ------------------------------------------------------------------------------

    def _table(self) -> None:
        columns = self.paper.columns
        top = self.row
        self._table_head(columns)
        self.page.repeat_rows(top, self.row - 1)
        first = self.row
        for row in self.paper.rows:
            self._table_row(row, first)
        if not self.paper.rows:
            self._line(self.paper.empty_note, italic=True, border=1)
        for row in self.paper.totals:
            self._table_row(row, first)

    def _table_head(self, columns: Sequence[Column]) -> None:
        look = self.look(bold=True, border=1, align="center", text_wrap=True)
        if any(c.group for c in columns):
            self._group_heads(columns, look)
        else:
            for number, column in enumerate(columns):
                self.page.write_string(self.row, number, column.title, look)
        self.row += 1
        if any(c.mark for c in columns):
            mark = self.look(italic=True, border=1, align="center", font_size=9)
            for number, column in enumerate(columns):
                self.page.write_string(self.row, number, column.mark, mark)
            self.row += 1

    def _group_heads(self, columns: Sequence[Column], look: Format) -> None:
        at = 0
        while at <= self.last:
            group = columns[at].group
            if not group:
                self.page.merge_range(self.row, at, self.row + 1, at, columns[at].title, look)
                at += 1
                continue
            wide = 1
            while at + wide <= self.last and columns[at + wide].group == group:
                wide += 1
            self._span(at, at + wide - 1, group, look)
            for number in range(at, at + wide):
                self.page.write_string(self.row + 1, number, columns[number].title, look)
            at += wide
        self.row += 1

    def _table_row(self, row: Row, first: int) -> None:
        if row.style == "heading":
            text = "  ".join(str(c) for c in row.cells if c not in (None, ""))
            self._span(0, self.last, text, self.look(bold=True, border=1))
        else:
            for number, (cell, column) in enumerate(
                zip(row.cells, self.paper.columns, strict=True)
            ):
                self._cell(number, cell, column, row, first)
        self.row += 1

    def _cell(self, number: int, cell: Cell, column: Column, row: Row, first: int) -> None:
        align = "center" if cell == NOT_SUMMED else _ALIGN.get(column.kind, "center")
        style: dict[str, Any] = {"border": 1, "align": align, "bold": row.style == "sum"}
        page, at = self.page, self.row
        match cell:
            case None | "":
                page.write_blank(at, number, None, self.look(**style))
            case str():
                page.write_string(at, number, _plain(cell), self.look(text_wrap=True, **style))
            case dt.date():
                page.write_datetime(at, number, cell, self.look(num_format=_DATE, **style))
            case _:
                look = self.look(num_format=_NUMBER, **style)
                if row.style == "sum" and column.sums and self.paper.rows:
                    self._sum(number, cell, first, look)
                else:
                    page.write_number(at, number, cell, look)

    def _sum(self, number: int, value: int, first: int, look: Format) -> None:
        """A formula where the rows above add up to the sum (they do not where group sums stand among
        them), else the plain figure."""
        lines = self.paper.rows
        if value != sum(v for r in lines if isinstance(v := r.cells[number], int)):
            self.page.write_number(self.row, number, value, look)
            return
        top = xl_rowcol_to_cell(first, number)
        bottom = xl_rowcol_to_cell(first + len(lines) - 1, number)
        self.page.write_formula(self.row, number, f"=SUM({top}:{bottom})", look, value)

    # --- foot -----------------------------------------------------------------------------------

    def _signatures(self) -> None:
        paper = self.paper
        if not paper.signatures:
            return
        self.row += 1
        if paper.signed_on:
            self._span(0, self.last, paper.signed_on, self.look(align="right", italic=True))
            self.row += 1
        wide = (self.last + 1) / len(paper.signatures)
        for style, name in (
            ({"bold": True}, "title"),
            ({"italic": True, "font_size": 9}, "hint"),
            ({}, ""),
            ({"bold": True}, "name"),
        ):
            if not name:
                self.row += 3  # room for the hand
                continue
            for number, signature in enumerate(paper.signatures):
                first, last = round(number * wide), round((number + 1) * wide) - 1
                look = self.look(align="center", text_wrap=True, **style)
                if first <= last:
                    self._span(first, last, getattr(signature, name), look)
            self._next()
        if paper.seal is not None:
            self.row += 1
            said = f"{paper.seal.link} · {self.words['hash']} {paper.seal.hash}"
            self._span(0, self.last, said, self.look(font_size=9))


def _said(fact: Fact) -> str:
    if not fact.label:
        return fact.value
    return f"{fact.label}: {fact.value or '…' * 12}"


def _plain(text: str) -> str:
    """Text as a cell can hold it: what paper shows, not too long."""
    kept = plain_text(text)
    return kept if len(kept) <= CELL_LENGTH_MAX else kept[: CELL_LENGTH_MAX - 1] + "…"


def _width(column: Column) -> float:
    """Characters: what takes a share in print is wide here."""
    if column.width.endswith("fr"):
        return TEXT_WIDTH * float(column.width.removesuffix("fr"))
    return max(6.0, float(column.width.removesuffix("mm")) * CHARACTERS_PER_MM + 1.5)
