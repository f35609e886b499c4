"""Addresses are read forgivingly; files hold no formula and the columns that were chosen."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.core.address import address, args_of, day, number, query_of
from supply.core.export import Column, Table, plain, write_csv, write_xlsx
from supply.core.lists import shown
from supply.core.text import Text

COLUMNS = (
    Column("name", Text("Tên", "Name"), lambda r: r[0]),
    Column("count", Text("Số lượng", "Quantity"), lambda r: r[1], "number"),
    Column("day", Text("Ngày", "Day"), lambda r: r[2], "date"),
    Column("note", Text("Ghi chú", "Note"), lambda r: Text(r[0], "x"), usual=False),
)


def table(rows: list[tuple[Any, ...]]) -> Table:
    return Table(
        "ton-kho", Text("Tồn kho", "Stock"), COLUMNS[:3], rows, ((Text("Ngày", "Day"), "=1"),)
    )


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_whatever_stands_in_an_address_is_read_without_an_error(typed: str) -> None:
    said = args_of(query_of(args_of(""), on=typed, facility=typed))
    assert day(said, "on") is None or isinstance(day(said, "on"), dt.date)
    found = number(said, "facility")
    assert found is None or 0 <= found < 10**9


def test_an_address_keeps_what_was_not_changed() -> None:
    said = args_of("q=a+b&cols=x&cols=y&after=1")
    assert address("/stock/", said, after=None, sort="value") == (
        "/stock/?q=a+b&cols=x&cols=y&sort=value"
    )
    assert day(args_of("on=05%2F03%2F2022"), "on") == dt.date(2022, 3, 5)
    assert day(args_of("on=2022-03-05"), "on") == dt.date(2022, 3, 5)
    assert day(args_of("on=31/02/2022"), "on", dt.date(2022, 1, 1)) == dt.date(2022, 1, 1)


def test_the_chosen_columns_come_in_the_lists_order_and_the_usual_ones_without_a_choice() -> None:
    assert [c.key for c in shown(COLUMNS, args_of("cols=note&cols=name"))] == ["name", "note"]
    assert [c.key for c in shown(COLUMNS, args_of("cols=nonsense"))] == ["name", "count", "day"]


@pytest.mark.parametrize("risky", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_taken_for_a_formula(tmp_path: Path, risky: str) -> None:
    rows = [(risky, 3, dt.date(2022, 3, 5)), ("http://x", 0, None)]
    write_csv(tmp_path / "a.csv", table(rows), "vi")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.reader(file))
    assert read[1] == [f"'{risky}", "3", "05/03/2022"]
    assert write_xlsx(tmp_path / "a.xlsx", table(rows), "vi") == 2
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    cells = {c.value: c for row in sheet.iter_rows() for c in row if c.value is not None}
    assert all(c.data_type != "f" and c.hyperlink is None for c in cells.values())
    assert any(risky.strip() in str(v) for v in cells)
    assert "Số lượng" in cells


def test_rows_are_taken_one_by_one_and_told(tmp_path: Path) -> None:
    told: list[int] = []

    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(2500):
            yield ("a", n, None)

    made = Table("x", Text("Bảng", "Table"), COLUMNS[:2], rows())
    assert write_xlsx(tmp_path / "b.xlsx", made, "en", told.append) == 2500
    assert told == [1000, 2000]
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx", read_only=True).active
    assert [c.value for c in list(sheet.iter_rows(min_row=3, max_row=4))[1]] == ["a", 0]


def test_numbers_stay_numbers() -> None:
    assert plain(-5) == -5
    assert plain(Text("=a", "b"), "vi") == "'=a"
    assert plain(None) is None
