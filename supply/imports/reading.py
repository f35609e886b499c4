"""An uploaded file as rows of cells: CSV, XLSX or ODS. What could harm is refused before it is opened.

Cells are str, int, float, bool, date, datetime or None; a formula is read as the value it had when saved.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import python_calamine as calamine

from supply.core.errors import InvalidInput, TooMuch
from supply.core.text import Text, group_digits
from supply.imports.coded import Coded, CodedRows

BYTES_MAX = 20 * 1024 * 1024
UNPACKED_BYTES_MAX = 400 * 1024 * 1024
MEMBERS_MAX = 500
ROWS_MAX = 1_000_000
COLUMNS_MAX = 200
CELLS_MAX = 16_000_000
CELL_CHARACTERS_MAX = 4_000

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
_ADDRESS = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,4})([0-9]{1,10})["']""")
_REPEATED = re.compile(
    rb"""<table:table-row[^>]*number-rows-repeated="([0-9]{4,})"[^>]*>\s*<table:table-cell[^>]*office:value"""
    rb"""|<table:table-cell[^>]*number-columns-repeated="([0-9]{4,})"[^>]*office:value"""
    rb"""|<table:table-cell[^>]*office:value[^>]*number-columns-repeated="([0-9]{4,})" """
)


@dataclass(frozen=True)
class Sheet:
    """The rows of the first sheet that holds any, top to bottom; `first_row` is the number the
    file's owner sees beside rows[0]."""

    rows: Sequence[Sequence[Cell]]
    first_row: int = 1

    @property
    def width(self) -> int:
        """The widest row's number of cells."""
        return max((len(r) for r in self.rows[:1000]), default=0)


def read(name: str, content: bytes, rows_max: int = ROWS_MAX) -> Sheet:
    """The file's rows. Raises InvalidInput (not such a file) or TooMuch, saying what to do."""
    if len(content) > BYTES_MAX:
        raise TooMuch(
            Text(
                f"Tệp lớn hơn {BYTES_MAX // 2**20} MB; hãy tách thành nhiều tệp.",
                f"The file is larger than {BYTES_MAX // 2**20} MB; please split it.",
            )
        )
    if not content.strip(b"\x00 \r\n\t"):
        raise InvalidInput(Text("Tệp trống.", "The file is empty."))
    if content[:4] == b"PK\x03\x04":
        return _workbook(content, rows_max)
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise InvalidInput(
            Text(
                "Tệp Excel kiểu cũ (.xls) hoặc có mật khẩu không nhập được; hãy lưu lại thành .xlsx không mật khẩu.",
                "An old .xls workbook, or one with a password, cannot be read; save it as .xlsx without a password.",
            )
        )
    return _csv(content, rows_max)


def _too_long(rows_max: int) -> TooMuch:
    return TooMuch(
        Text(
            f"Tệp có hơn {group_digits(rows_max)} dòng; hãy tách thành nhiều tệp.",
            f"The file has more than {group_digits(rows_max)} rows; please split it.",
        )
    )


# --- workbooks -----------------------------------------------------------------------------------


def _unreadable() -> InvalidInput:
    return InvalidInput(
        Text(
            "Tệp không phải bảng tính .xlsx hoặc .ods đọc được; hãy mở bằng Excel, lưu lại rồi thử lại.",
            "The file is not a readable .xlsx or .ods workbook; open it, save it again and retry.",
        )
    )


def _workbook(content: bytes, rows_max: int) -> Sheet:
    check_archive(content, rows_max)
    try:
        book = calamine.load_workbook(io.BytesIO(content))
        for sheet_name in book.sheet_names:
            sheet = book.get_sheet_by_name(sheet_name)
            if sheet.total_height and sheet.total_width:
                start = sheet.start or (0, 0)
                rows = sheet.to_python(skip_empty_area=True)
                return Sheet([[_blank(c) for c in row] for row in rows], start[0] + 1)
    except calamine.CalamineError as error:
        raise _unreadable() from error
    except BaseException as error:
        # A broken file can make the reader panic, which is no Exception.
        if type(error).__name__ == "PanicException":
            raise _unreadable() from error
        raise
    raise InvalidInput(Text("Bảng tính không có dòng nào.", "The workbook has no rows."))


def _blank(cell: Cell) -> Cell:
    return None if cell == "" else cell


def check_archive(content: bytes, rows_max: int = ROWS_MAX) -> None:
    """Unpack within limits and throw away: what the headers claim is not believed.

    Raises InvalidInput or TooMuch.
    """
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError) as error:
        raise _unreadable() from error
    names = {m.filename for m in members}
    if not ("xl/workbook.xml" in names or "content.xml" in names):
        raise _unreadable()
    if len(members) > MEMBERS_MAX or sum(m.file_size for m in members) > UNPACKED_BYTES_MAX:
        raise _bomb()
    left = UNPACKED_BYTES_MAX
    for member in members:
        unpacked = _unpack(content, member, left)
        left -= len(unpacked)
        if "worksheets/" in member.filename and member.filename.endswith(".xml"):
            _check_extent(unpacked, rows_max)
        elif member.filename == "content.xml" and _REPEATED.search(unpacked):
            raise _bomb()


def _bomb() -> TooMuch:
    return TooMuch(
        Text(
            "Tệp nén bung ra quá lớn nên không được mở; hãy chép các dòng cần nhập sang một tệp mới.",
            "The file unpacks to far too much and was not opened; copy the rows to a new file.",
        )
    )


def _unpack(content: bytes, member: zipfile.ZipInfo, limit: int) -> bytes:
    """One member's bytes, at most `limit`; the size in its header plays no part."""
    at = member.header_offset
    try:
        name_length, extra_length = struct.unpack("<HH", content[at + 26 : at + 30])
    except struct.error as error:
        raise _unreadable() from error
    packed = content[at + 30 + name_length + extra_length :][: member.compress_size]
    if member.flag_bits & 1 or member.compress_type not in (
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
    ):
        raise _unreadable()
    if member.compress_type == zipfile.ZIP_STORED:
        unpacked = packed
    else:
        try:
            unpacked = zlib.decompressobj(-15).decompress(packed, limit + 1)
        except zlib.error as error:
            raise _unreadable() from error
    if len(unpacked) > limit:
        raise _bomb()
    return unpacked


def _check_extent(sheet: bytes, rows_max: int) -> None:
    """The reader lays out the whole rectangle, so one far cell is as bad as a million."""
    wide: dict[bytes, int] = {b"": 0}
    row_max = column_max = 0
    for letters, digits in _ADDRESS.findall(sheet):
        row = int(digits)
        if row > row_max:
            row_max = row
        if letters not in wide:
            number = 0
            for letter in letters:
                number = number * 26 + letter - 64
            wide[letters] = number
            column_max = max(column_max, number)
    if row_max > rows_max + 1:
        raise _too_long(rows_max)
    if column_max > COLUMNS_MAX or row_max * column_max > CELLS_MAX:
        raise TooMuch(
            Text(
                f"Bảng trải ra {group_digits(row_max)} dòng × {group_digits(column_max)} cột; "
                f"tối đa {COLUMNS_MAX} cột. Hãy xóa các ô thừa ở xa hoặc tách tệp.",
                f"The sheet spans {group_digits(row_max)} rows × {group_digits(column_max)} columns; at most {COLUMNS_MAX} "
                "columns are taken. Clear the far cells or split the file.",
            )
        )


# --- CSV -----------------------------------------------------------------------------------------


def _csv(content: bytes, rows_max: int) -> Sheet:
    text = _decode(content)
    if "\x00" in text[:4096]:
        raise _no_table()
    mark = _delimiter(text)
    columns = _by_columns(text, mark)
    rows: Sequence[Sequence[Cell]]
    rows = columns if columns is not None else _by_rows(text, mark, rows_max)
    if len(rows) > rows_max + 1:
        raise _too_long(rows_max)
    if max((len(r) for r in rows[:50]), default=0) > COLUMNS_MAX:
        raise _no_table()
    return Sheet(rows)


def _by_columns(text: str, mark: str) -> CodedRows | None:
    """A table whose rows are not longer than its first, each different cell of a column made once;
    None where it is not so regular (then it is read row by row)."""
    if "\x00" in text:
        return None
    try:
        frame = pd.read_csv(
            io.BytesIO(text.encode()), sep=mark, header=None, index_col=False, dtype="category",
            na_filter=False, skip_blank_lines=False, low_memory=False, on_bad_lines="error",
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeEncodeError):
        return None
    columns = [series.cat for _name, series in frame.items()]
    # Where a column has no heading but numbers, pandas takes its cells for numbers: "007" would be 7.
    if any(column.categories.dtype != "str" for column in columns):
        return None
    return CodedRows([Coded(np.asarray(c.codes, np.int64), c.categories.tolist()) for c in columns])


def _by_rows(text: str, mark: str, rows_max: int) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark):
            rows.append(row)  # type: ignore[arg-type]  # a list of str is read as cells
            if len(rows) > rows_max + 1:
                raise _too_long(rows_max)
    except csv.Error as error:
        raise _no_table() from error
    return rows


def _no_table() -> InvalidInput:
    return InvalidInput(
        Text(
            "Tệp không phải bảng CSV, XLSX hay ODS; hãy tải tệp mẫu và điền vào đó.",
            "The file is not a CSV, XLSX or ODS table; download the template and fill it in.",
        )
    )


def _decode(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif content[1:2] == b"\x00" and content[3:4] == b"\x00":
        encoding = "utf-16-le"
    elif content[:1] == b"\x00" and content[2:3] == b"\x00":
        encoding = "utf-16-be"
    else:
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if b"\x00" in content[:4096] or content[:4] in (b"%PDF", b"\x89PNG", b"\xff\xd8\xff\xe0"):
            raise _no_table() from error
        raise InvalidInput(
            Text(
                "Tệp CSV không viết bằng Unicode; trong Excel hãy chọn “Lưu thành… CSV UTF-8”.",
                "The CSV is not written in Unicode; in Excel choose “Save as… CSV UTF-8”.",
            )
        ) from error


def _delimiter(text: str) -> str:
    """The mark that is most often outside quotes in the first lines; a comma where none is."""
    head = re.sub(r'"[^"]*"', "", text[:8000])
    lines = head.splitlines()[:20]
    counts = {mark: sum(line.count(mark) for line in lines) for mark in ";\t,"}
    # A decimal comma is common, so a semicolon or tab wins when there are as many as half of them.
    first = lines[0] if lines else ""
    for mark in (";", "\t"):
        if counts[mark] and (first.count(mark) or counts[mark] * 2 >= counts[","]):
            return mark
    return ","
