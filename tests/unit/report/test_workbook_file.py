"""The workbook's file: real numbers and dates, text that stays text, panes, filters, print set-up."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from supply.report.book import Book, Chart, Column, Sheet
from supply.report.workbook import ROWS_MAX, TooManyRows, safe_text, to_bytes

RISKY = (
    "=1+1",
    "+84 912",
    "-5",
    "@SUM(A1)",
    '=HYPERLINK("http://example.invalid")',
    "http://x.invalid",
)


def book(rows: list[tuple[object, ...]] | None = None) -> Book:
    found = [
        ("BD-01", "Khẩu trang", 1_234_567, 0.5, dt.date(2022, 1, 22), 1_000_000_000_000_000),
        ("BD-02", "Găng tay", 3, 2.25, None, 0),
    ]
    sheet = Sheet(
        "Tồn kho",
        "Tồn kho theo lô",
        (
            Column("Mã"),
            Column("Tên"),
            Column("Số lượng", "whole", sums=True),
            Column("Số ngày", "decimal"),
            Column("Hạn dùng", "date"),
            Column("Giá trị", "money", sums=True),
        ),
        found if rows is None else rows,  # type: ignore[arg-type]
        notes=("Ghi chú một", "Ghi chú hai"),
        fixed_columns=2,
        warn_column=3,
        charts=(Chart("Số ngày", "bar", (0, 1), (3,), 2),),
    )
    facts = (("Địa bàn", "Ba Đình"), ("Ngày", dt.date(2022, 1, 22)), ("Số", 12))
    return Book("Sổ", "Lập lúc", facts, (sheet,), "Các bảng", "Cộng", "Chưa có số liệu.")


def opened(found: Book) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(to_bytes(found)))


def test_numbers_and_dates_are_real_and_formatted() -> None:
    page = opened(book())["Tồn kho"]
    head = [cell.value for cell in page[7]]
    assert head == ["Mã", "Tên", "Số lượng", "Số ngày", "Hạn dùng", "Giá trị"]
    assert page["C8"].value == 1_234_567
    assert page["C8"].number_format == "#,##0"
    assert page["D8"].number_format == "#,##0.0"
    assert page["E8"].value == dt.datetime(2022, 1, 22)
    assert page["E8"].number_format.replace("\\", "") == "dd/mm/yyyy"
    assert page["F8"].value == 1_000_000_000_000_000
    assert page["E9"].value is None


def test_panes_filter_widths_and_print_set_up() -> None:
    page = opened(book())["Tồn kho"]
    assert page.freeze_panes == "C8"
    assert page.auto_filter.ref == "A7:F9"
    assert page.page_setup.orientation == "landscape"
    assert int(page.page_setup.paperSize) == 9
    assert page.print_title_rows == "$7:$7"
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page["A7"].font.b
    assert page.column_dimensions["F"].width > 20  # a quadrillion with its separators fits


def test_totals_follow_the_filter_and_are_there_without_calculating() -> None:
    page = opened(book())["Tồn kho"]
    assert page["C6"].value == "=SUBTOTAL(109,C8:C9)"
    read = CalamineWorkbook.from_filelike(io.BytesIO(to_bytes(book()))).get_sheet_by_name("Tồn kho")
    assert read.to_python()[5][2] == 1_234_570


@pytest.mark.parametrize("text", RISKY)
def test_text_that_looks_like_a_formula_or_address_stays_text(text: str) -> None:
    found = opened(book([(text, text, 1, 1.0, None, 1)]))
    for cell in (found["Tồn kho"]["A8"], found["Tồn kho"]["B8"]):
        assert cell.value == text
        assert cell.data_type == "s"
        assert cell.hyperlink is None


def test_letters_are_composed_and_unreadable_signs_left_out() -> None:
    assert safe_text("To\u0302\u0300n\x00\x07 kho") == "Tồn kho"
    assert len(safe_text("a" * 50_000)) == 32_000


def test_the_cover_has_facts_links_and_the_chart() -> None:
    content = to_bytes(book())
    cover = openpyxl.load_workbook(io.BytesIO(content))["Giới thiệu"]
    texts = {cell.value for row in cover.iter_rows() for cell in row}
    assert {"Sổ", "Địa bàn", "Ba Đình", "Các bảng", "Tồn kho", 12} <= texts
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert any(name.startswith("xl/charts/chart") for name in names)


def test_an_empty_table_says_so_and_draws_no_chart() -> None:
    content = to_bytes(book([]))
    page = openpyxl.load_workbook(io.BytesIO(content))["Tồn kho"]
    assert page["A8"].value == "Chưa có số liệu."
    assert not any("chart" in name for name in zipfile.ZipFile(io.BytesIO(content)).namelist())


def test_what_does_not_fit_a_sheet_is_refused_by_name() -> None:
    class Long(list[tuple[object, ...]]):
        def __len__(self) -> int:
            return ROWS_MAX + 1

    with pytest.raises(TooManyRows, match="Tồn kho"):
        to_bytes(book(Long()))
