"""Papers as workbooks: the same columns and sums as in print, safe to open, ready to print."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from supply.core.text import Text
from supply.paper.books import movement_report
from supply.paper.forms import FormTitle, Typed
from supply.paper.layout import Paper
from supply.paper.minutes import count_minutes
from supply.paper.render import papers_data
from supply.paper.vouchers import receipt_voucher, transfer_voucher
from supply.paper.workbook import papers_xlsx
from tests.unit.paper.samples import COUNT, RECEIPT, count, line, movement, voucher

MOVEMENT = FormTitle("movement", Text("Báo cáo nhập - xuất - tồn", "Movement"))


def opened(paper: Paper, *, values: bool = False) -> Worksheet:
    book = openpyxl.load_workbook(io.BytesIO(papers_xlsx([paper])), data_only=values)
    return book.worksheets[0]


def table(sheet: Worksheet, wide: int) -> list[list[object]]:
    """The rows under the head: from the first whose first cell is 1."""
    rows = [[cell.value for cell in row[:wide]] for row in sheet.iter_rows()]
    start = next(n for n, row in enumerate(rows) if row[0] == 1)
    return rows[start:]


def test_rows_and_sums_are_those_of_the_print() -> None:
    paper = receipt_voucher(voucher(4), RECEIPT, Typed())
    found = table(opened(paper, values=True), len(paper.columns))
    printed = papers_data([paper])["papers"][0]
    assert [row[1] for row in found[:4]] == [row["cells"][1] for row in printed["rows"]]
    assert [row[-1] for row in found[:4]] == [101_500] * 4
    assert found[4][-1] == 406_000
    assert printed["totals"][0]["cells"][-1] == "406.000"


def test_a_sum_is_a_formula_that_carries_its_value() -> None:
    paper = receipt_voucher(voucher(4), RECEIPT, Typed())
    formula = table(opened(paper), len(paper.columns))[4][-1]
    assert str(formula).startswith("=SUM(")


def test_group_sums_do_not_enter_the_total_twice() -> None:
    paper = movement_report(movement(), MOVEMENT, Typed())
    sheet = opened(paper, values=True)
    values = [row for row in sheet.iter_rows(values_only=True) if row[1] == "Cộng"]
    assert values[0][5] == 400


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "http://x.vn"])  # fmt: skip
def test_what_people_typed_is_never_a_formula_or_a_link(text: str) -> None:
    data = replace(
        voucher(1),
        note=text,
        party=text,
        lines=(line(1, item_name=Text(text, text), lot_number=text),),
    )
    paper = receipt_voucher(data, RECEIPT, Typed(names={"head": text}))
    sheet = opened(paper)
    formulas = [c for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert all(str(c.value).startswith("=SUM(") for c in formulas)
    assert len(formulas) == 1
    assert not sheet._hyperlinks  # type: ignore[attr-defined]
    row = table(sheet, len(paper.columns))[0]
    assert row[1] == text
    assert row[4] == text


def test_it_prints_on_a4_with_the_head_on_every_page() -> None:
    book = opened(count_minutes(count(40), COUNT, Typed()))
    assert (book.page_setup.paperSize, book.page_setup.orientation) == (9, "landscape")
    assert book.sheet_properties.pageSetUpPr.fitToPage
    first, last = str(book.print_title_rows).replace("$", "").split(":")
    heads = [c.value for row in book[int(first) : int(last)] for c in row]
    assert "Theo sổ kế toán" in heads
    standing = opened(receipt_voucher(voucher(), RECEIPT, Typed()))
    assert standing.page_setup.orientation != "landscape"


def test_a_transfer_has_a_sheet_for_its_pick_list() -> None:
    pick = FormTitle("pick_list", Text("Phiếu soạn hàng", "Pick list"))
    paper = transfer_voucher(voucher(), RECEIPT, pick, Typed())
    book = openpyxl.load_workbook(io.BytesIO(papers_xlsx([paper])))
    assert [sheet.title for sheet in book.worksheets] == ["Phiếu nhập kho 1", "Phiếu soạn hàng 2"]


def test_the_same_paper_is_the_same_workbook_again() -> None:
    paper = receipt_voucher(voucher(), RECEIPT, Typed())
    assert papers_xlsx([paper]) == papers_xlsx([paper])


def test_a_long_note_gets_the_height_it_needs() -> None:
    data = replace(voucher(1), note="Hàng giao thiếu so với hóa đơn, chờ bổ sung. " * 12)
    sheet = opened(receipt_voucher(data, RECEIPT, Typed()))
    row = next(r[0].row for r in sheet.iter_rows() if str(r[0].value).startswith("Ghi chú"))
    assert sheet.row_dimensions[row].height > 45
