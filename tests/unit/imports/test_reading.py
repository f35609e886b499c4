"""Files as programs write them, and files meant to harm."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile

import pytest
import xlsxwriter

from supply.core.errors import InvalidInput, TooMuch
from supply.imports.columns import COLUMNS, FileKind
from supply.imports.mapping import guess, heading_key, heading_row, mapping_faults
from supply.imports.reading import read

ROWS = [["Mã hàng", "Số lượng"], ["TH001", "1.200"], ["Đường, muối", "3"]]


def book(fill) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    fill(made)
    made.close()
    return out.getvalue()


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_csv_is_read_in_every_usual_way_of_saving_it(mark, encoding):
    lines = [mark.join(f'"{c}"' if mark in c else c for c in row) for row in ROWS]
    if encoding == "utf-16-be":
        lines[0] = lines[0].replace("Mã", "Ma")  # the first letters tell the order of bytes
    found = read("f.csv", "\r\n".join(lines).encode(encoding))
    assert [r[1] for r in found.rows] == ["Số lượng", "1.200", "3"]
    assert found.rows[2][0] == "Đường, muối"


def test_a_semicolon_file_with_decimal_commas_stays_whole():
    found = read("f.csv", b"a;b;c\n1,5;2,5;3,5\n1,5;2,5;3,5\n")
    assert found.rows[1] == ["1,5", "2,5", "3,5"]


def test_a_workbook_gives_values_of_formulas_and_real_dates():
    def fill(made):
        sheet = made.add_worksheet()
        sheet.write_row(1, 0, ["Mã", "Ngày", "SL"])
        sheet.write_string(2, 0, "=1+1")
        sheet.write_datetime(
            2, 1, dt.datetime(2022, 3, 5), made.add_format({"num_format": "dd/mm/yyyy"})
        )
        sheet.write_formula(2, 2, "=40+2", None, 42)

    found = read("f.xlsx", book(fill))
    assert found.first_row == 2
    assert found.rows[1] == ["=1+1", dt.date(2022, 3, 5), 42.0]


def test_one_far_cell_is_not_laid_out():
    def fill(made):
        sheet = made.add_worksheet()
        sheet.write(0, 0, 1)
        sheet.write(1_000_000, 16_000, 1)

    with pytest.raises(TooMuch):
        read("f.xlsx", book(fill))


def test_sizes_in_headers_are_not_believed():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 450_000_000)
    raw = bytearray(out.getvalue())
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 10)  # "ten bytes"
    with pytest.raises(TooMuch):
        read("f.xlsx", bytes(raw))


@pytest.mark.parametrize(
    "content",
    [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, b"\x89PNG\r\n\x1a\n\x00\x00", b"PK\x03\x04", b" \n",
     "Mã;Tên".encode("cp1258", "replace") + b"\xc3\x28;\xff"],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_the_mend(content):
    with pytest.raises(InvalidInput) as told:
        read("f.xlsx", content)
    assert told.value.text.vi


def test_too_many_rows_are_refused_early():
    with pytest.raises(TooMuch):
        read("f.csv", b"a,b\n" + b"1,2\n" * 1001, rows_max=1000)
    with pytest.raises(TooMuch):
        read("f.csv", b"0" * (20 * 2**20 + 1))


@pytest.mark.parametrize("kind", list(FileKind))
@pytest.mark.parametrize("language", ["vi", "en"])
def test_our_own_headings_are_known_in_any_order_and_without_diacritics(kind, language):
    from supply.core.text import fold

    names = [c.name for c in COLUMNS[kind]][::-1]
    for write in (str, fold, str.upper, lambda x: f"{x} (*)"):
        headings = [write(c.label.in_language(language)) for c in COLUMNS[kind]][::-1]
        assert guess(kind, headings) == {name: n for n, name in enumerate(names)}
        assert not mapping_faults(kind, guess(kind, headings), len(headings))


def test_headings_are_found_below_a_title_and_remembered_by_their_words():
    rows = [["SỔ KHO 2022"], [], ["Ngày", "Kho", "Loại", "Mã thuốc", "SL"], ["1"]]
    assert heading_row(FileKind.HISTORY, rows) == 2
    assert heading_key(FileKind.HISTORY, ["Số lượng "]) == heading_key(
        FileKind.HISTORY, ["SO LUONG"]
    )
    assert heading_key(FileKind.HISTORY, ["a"]) != heading_key(FileKind.OPENING, ["a"])


def test_a_column_used_twice_is_told():
    faults = mapping_faults(FileKind.OPENING, {"item": 0, "facility": 0, "fund": 9}, 5)
    assert {f.field for f in faults} == {"facility", "fund", "happened_on", "quantity"} or {
        f.field for f in faults
    } == {"item", "fund", "happened_on", "quantity"}
