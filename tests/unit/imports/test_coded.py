"""Columns of few values read as lists do; a CSV by columns is what it is row by row."""

from __future__ import annotations

import csv
import io
from uuid import uuid5

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.imports.coded import coded
from supply.imports.papers import NAMESPACE, key_of
from supply.imports.reading import _by_columns, _by_rows, read

CELLS = st.one_of(st.none(), st.text("ab1 ", max_size=2), st.sampled_from([1, 1.0, True, 0, False]))


@given(st.lists(CELLS, max_size=12))
def test_a_coded_column_is_its_cells(cells):
    column = coded(cells)
    assert [(type(c), c) for c in column] == [(type(c), c) for c in cells]
    assert [column[n] for n in range(len(cells))] == cells
    assert column[1:] == cells[1:]
    assert len(set(map(type, column.values))) <= len(column.values) <= len(cells)
    assert column.where([v is None for v in column.values]).tolist() == [c is None for c in cells]


def test_numbers_of_a_column():
    assert coded([7, None, 7]).numbers(blank=-1).tolist() == [7, -1, 7]
    assert coded([]).numbers().dtype == np.int64


@settings(max_examples=300, deadline=None)
@given(st.text("ab01,\"\n\r '\t;é_#NA\\.", max_size=40))
def test_a_csv_by_columns_as_row_by_row(text):
    text = "h,h,h\n" + text
    columns = _by_columns(text, ",")
    rows = _by_rows(text, ",", 1000)
    if columns is None:  # a row longer than the first, an open quote, a column of bare numbers
        return
    assert [list(row) for row in columns] == [row + [""] * (3 - len(row)) for row in rows]
    assert list(columns[1:]) == [list(row) for row in columns][1:]


# What may part cells or end rows in other programs' files is left out: it makes the mark a guess.
WRITTEN = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\t;"), max_size=5)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(WRITTEN, min_size=2, max_size=2), min_size=1, max_size=6))
def test_whatever_a_program_writes_is_read_back(rows):
    out = io.StringIO()
    csv.writer(out).writerows([["Mã hàng", "Số lượng"], *rows])
    content = out.getvalue().encode()
    assert [list(row) for row in read("f.csv", content).rows][1:] == rows


def test_codes_of_digits_keep_their_noughts():
    assert [list(r) for r in read("f.csv", b"007,1\n010,2\n").rows] == [["007", "1"], ["010", "2"]]
    assert read("f.csv", "Mã,SL\n007,1\n".encode()).rows[1] == ["007", "1"]


@given(st.text(max_size=30).filter(lambda t: t.isprintable()))
def test_a_documents_key_is_the_uuid_of_its_content(content):
    assert key_of(content) == str(uuid5(NAMESPACE, content))
