"""The workbooks an import hands out: templates to fill in, and the person's own rows with their faults."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from supply.catalog.words import CATEGORY, COLD_CHAIN
from supply.core.errors import Fault
from supply.core.text import Text
from supply.imports.columns import COLUMNS, NAMES, FileKind
from supply.imports.reading import ROWS_MAX, Cell
from supply.inventory.kinds import KINDS, PURPOSES, REASONS, Kind

FAULT_HEADING = Text("Lỗi", "Error")
_HEAD = {"bold": True, "bg_color": "#0f766e", "font_color": "#ffffff", "valign": "top"}
Codes = Mapping[str, Sequence[tuple[str, str]]]
"""name of a list -> (code, name) of each"""


def _book(out: io.BytesIO) -> xlsxwriter.Workbook:
    return xlsxwriter.Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )


def template(kind: FileKind, language: str, codes: Codes) -> bytes:
    """An empty file of `kind`: headings with notes, one example row, the valid codes on a second
    sheet, what to know on a third."""

    def say(text: Text) -> str:
        return text.in_language(language)

    out = io.BytesIO()
    book = _book(out)
    head = book.add_format(_HEAD)
    needed = book.add_format({**_HEAD, "bg_color": "#134e4a"})
    grey = book.add_format({"font_color": "#6b7280", "italic": True, "num_format": "@"})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet(say(NAMES[kind])[:31])
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(COLUMNS[kind]):
        label = say(column.label) + (" *" if column.required else "")
        sheet.set_column(at, at, max(12, len(label) + 3))
        sheet.write_string(0, at, label, needed if column.required else head)
        if column.note.vi:
            sheet.write_comment(0, at, say(column.note))
    for at, column in enumerate(COLUMNS[kind]):
        if column.example:
            sheet.write_string(1, at, column.example, grey)
    lists = book.add_worksheet(say(Text("Mã dùng được", "Valid codes")))
    _write_lists(lists, codes, bold)
    notes = book.add_worksheet(say(Text("Hướng dẫn", "How to")))
    notes.set_column(0, 0, 100)
    for row, line in enumerate(_how_to(kind)):
        notes.write_string(row, 0, say(line))
    book.close()
    return out.getvalue()


def _write_lists(sheet: Any, codes: Codes, bold: Any) -> None:
    """Lists side by side, written row by row (constant memory knows no way back)."""
    names = list(codes)
    for at, name in enumerate(names):
        sheet.set_column(at * 3, at * 3, 16)
        sheet.set_column(at * 3 + 1, at * 3 + 1, 34)
        sheet.write_string(0, at * 3, name, bold)
    for row in range(max((len(c) for c in codes.values()), default=0)):
        for at, name in enumerate(names):
            if row < len(codes[name]):
                code, words = codes[name][row]
                sheet.write_string(row + 1, at * 3, code)
                sheet.write_string(row + 1, at * 3 + 1, words)


def fixed_codes(kind: FileKind, language: str) -> dict[str, list[tuple[str, str]]]:
    """The lists that are the same everywhere."""

    def say(text: Text) -> str:
        return text.in_language(language)

    if kind == FileKind.ITEMS:
        return {
            say(Text("Nhóm", "Category")): [(c, say(n)) for c, n in CATEGORY.items()],
            say(Text("Bảo quản lạnh", "Cold chain")): [(c, say(n)) for c, n in COLD_CHAIN.items()],
        }
    if kind == FileKind.OPENING:
        return {}
    left_out = {Kind.REVERSAL, Kind.KIT_ASSEMBLY, Kind.KIT_BREAKUP}
    return {
        say(Text("Loại phiếu", "Kind")): [
            (f.prefix, say(f.name)) for k, f in KINDS.items() if k not in left_out
        ],
        say(Text("Lý do điều chỉnh", "Reason to adjust")): [
            (c, say(r.name)) for c, r in REASONS.items()
        ],
        say(Text("Mục đích", "Purpose")): [
            (p, f"{KINDS[k].prefix}: {say(n)}")
            for k, names in PURPOSES.items()
            for p, n in names.items()
            if p != "loan_return"
        ],
    }


def _how_to(kind: FileKind) -> list[Text]:
    lines = [
        Text(
            "Cột có dấu * phải điền. Xóa dòng ví dụ trước khi nhập.",
            "Columns marked * are needed. Delete the example row before importing.",
        ),
        Text(
            "Ngày ghi ngày/tháng/năm. Số ghi số nguyên, có thể ngăn hàng nghìn: 1.234.567.",
            "Dates are day/month/year. Numbers are whole, thousands may be grouped: 1,234,567.",
        ),
        Text(
            "Tệp được kiểm hết trước khi ghi: có lỗi thì không dòng nào được ghi, và tệp trả lại "
            "có cột “Lỗi” chỉ chỗ cần sửa.",
            "Everything is checked before anything is written: with a fault nothing is, and the file "
            "that comes back has an “Error” column saying what to mend.",
        ),
        Text(
            "Nhập lại cùng một tệp không thay đổi gì; phiếu đã có được bỏ qua.",
            "Importing the same file again changes nothing; what is there is passed over.",
        ),
    ]
    if kind == FileKind.HISTORY:
        lines.append(
            Text(
                "Các dòng cùng ngày, cơ sở, loại phiếu, số chứng từ, cơ sở đối ứng và đối tác là một "
                "phiếu. Phiếu được ghi theo ngày; trong ngày hàng vào trước, hàng ra sau.",
                "Rows with the same date, facility, kind, paper number, counterpart and partner are one "
                "document. Documents are posted by day; within a day goods come in before they leave.",
            )
        )
    if kind == FileKind.ITEMS:
        lines.append(
            Text(
                "Mặt hàng đã có giữ nguyên; chỉ thêm quy cách còn thiếu.",
                "Items that are there stay as they are; only packs that are missing are added.",
            )
        )
    return lines


def returned(
    rows: Sequence[Sequence[Cell]],
    first_row: int,
    heading_at: int,
    faults: Mapping[int, Sequence[Fault]],
    language: str,
) -> bytes:
    """The person's own rows as they were read, with one more column naming field and mend."""
    out = io.BytesIO()
    book = _book(out)
    head, wrong = (
        book.add_format(_HEAD),
        book.add_format({"bg_color": "#fee2e2", "text_wrap": True}),
    )
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet(FAULT_HEADING.in_language(language))
    width = max((len(r) for r in rows), default=0)
    sheet.freeze_panes(heading_at + 1, 0)
    sheet.set_column(0, max(0, width - 1), 14)
    sheet.set_column(width, width, 70)
    if faults:
        sheet.autofilter(heading_at, 0, len(rows) - 1, width)
    for at, row in enumerate(rows[:ROWS_MAX]):
        for column, cell in enumerate(row):
            _write(sheet, at, column, cell, head if at == heading_at else None, day)
        if at == heading_at:
            sheet.write_string(at, width, FAULT_HEADING.in_language(language), head)
        found = faults.get(first_row + at)
        if found:
            words = "; ".join(f.text.in_language(language) for f in found)
            sheet.write_string(at, width, words[:32_000], wrong)
    book.close()
    return out.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, form: Any, day: Any) -> None:
    """A cell as it was; text stays text, whatever it begins with."""
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, form)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell, form)
    elif isinstance(cell, dt.datetime | dt.date):
        sheet.write_datetime(row, column, cell, day)
    else:
        sheet.write_string(row, column, str(cell)[:32_000], form)
