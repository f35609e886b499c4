"""What people paste and upload is read as they mean it; what cannot be read is named with its mend."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
import xlsxwriter

from supply.core.errors import InvalidInput, SupplyError, TooMuch
from supply.forecast.intake import cells
from supply.forecast.intake.reading import Asked, Table, read_file, read_paste

TODAY = dt.date(2022, 3, 12)
ASKED = Asked(TODAY)


def pasted(text: str, **said: Any) -> Table:
    return read_paste(text, Asked(TODAY, **said))


def figures(table: Table) -> list[tuple[str, str, int]]:
    assert not table.faults, [f.message() for f in table.faults]
    return [(g.place, g.on.isoformat(), g.cases) for g in table.given]


TWO = [("Phúc Xá", "2022-03-03", 12), ("Phúc Xá", "2022-03-04", 1234)]


@pytest.mark.parametrize(
    "text",
    [
        "Phường\t03/03/2022\t04/03/2022\nPhúc Xá\t12\t1.234",
        "Phường;03/03/2022;04/03/2022\r\nPhúc Xá;12;1 234\r\n",
        "Phường,2022-03-03,2022-03-04\nPhúc Xá,12,1234",
        "TT\tPhường/Xã\t03/3\t4/3\tTổng\n1\tPhúc Xá\t12\t1.234\t1.246",
        "Ngày\tPhường\tSố ca\n03/03/2022\tPhúc Xá\t12\n2022-03-04\tPhúc Xá\t1.234 ca",
        "Số ca mới;Ngày báo cáo;Địa bàn\n12;3-3-2022;Phúc Xá\n1234;T6 4/3/2022;Phúc Xá",
        "03/03/2022\tPhúc Xá\t12\n04/03/2022\tPhúc Xá\t1.234",
        "Phúc Xá,2022-03-03,12\nPhúc Xá,2022-03-04,1234",
        "Báo cáo số ca mắc quận Ba Đình\n\nNgày\tPhường\tSố ca\n44623\tPhúc Xá\t12\n44624\tPhúc Xá\t1234",
        '"Phường\n(xã)"\t03/03/2022\t04/03/2022\n"Phúc Xá"\t12\t1.234',
        'Phường,03/03/2022,04/03/2022\n"Phúc Xá",12,"1.234"',
        "Phường\tSố ca theo ngày\t\n\t03/03/2022\t04/03/2022\nPhúc Xá\t12\t1.234",
    ],
)
def test_the_ways_people_write_a_table_mean_the_same(text: str) -> None:
    assert figures(pasted(text)) == TWO


@pytest.mark.parametrize(
    "text", ["Phúc Xá: 12 ca\nTrúc Bạch: 3", "Phúc Xá 12\nTrúc Bạch 3", "Phường\tF0\nPhúc Xá\t12\nTrúc Bạch\t3"]
)  # fmt: skip
def test_a_chat_of_one_day_takes_its_day_from_the_form(text: str) -> None:
    day = dt.date(2022, 3, 5)
    found = pasted(text, on=day, days=7)
    assert [(g.place, g.cases, g.days, g.on) for g in found.given] == [
        ("Phúc Xá", 12, 7, day),
        ("Trúc Bạch", 3, 7, day),
    ]
    assert "chọn ngày" in pasted(text).faults[0].text.vi


def test_a_heading_may_say_weeks_and_a_column_may_say_which() -> None:
    week = pasted("Phường\tTuần đến 05/03/2022\nPhúc Xá\t12")
    assert [g.days for g in week.given] == [7]
    both = pasted("Ngày;Phường;Số ca;Kỳ\n05/03/2022;Phúc Xá;12;tuần\n05/03/2022;Trúc Bạch;2;ngày")
    assert [g.days for g in both.given] == [7, 1]


def test_blank_is_not_known_and_zero_is_zero() -> None:
    found = pasted("Phường\t03/03/2022\t04/03/2022\nPhúc Xá\t-\t0\nTrúc Bạch\t\tchưa báo cáo")
    assert figures(found) == [("Phúc Xá", "2022-03-04", 0)]
    assert found.blanks == 3
    assert found.findings[0].code == "blank"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("12,5", "có dấu phẩy"),
        ("1,234", "hàng nghìn hãy viết 1.234"),
        ("1.5", "có phần lẻ"),
        ("=SUM(B2:B9)", "là công thức"),
        ("#REF!", "ô lỗi của Excel"),
        ("nhiều", "không phải số ca"),
        ("1e3", "không phải số ca"),
        ("12345678901", "không phải số ca"),
    ],
)
def test_a_number_that_is_none_is_named_with_its_row_and_mend(cell: str, words: str) -> None:
    found = pasted(f"Ngày\tPhường\tSố ca\n03/03/2022\tPhúc Xá\t4\n04/03/2022\tPhúc Xá\t{cell}")
    (fault,) = found.faults
    assert (fault.line, fault.field) == (3, "cases")
    assert words in fault.text.vi
    assert fault.text.en != fault.text.vi


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("31/02/2022", "không có trong lịch"),
        ("03/25/2022", "không có trong lịch"),
        ("hôm qua", "không phải ngày"),
        ("44623,5", "không phải ngày"),
        ("", "Thiếu ngày"),
    ],
)
def test_a_day_that_is_none_is_named_with_its_row_and_mend(cell: str, words: str) -> None:
    (fault,) = pasted(f"Ngày\tPhường\tSố ca\n{cell}\tPhúc Xá\t4").faults
    assert (fault.line, fault.field) == (2, "on")
    assert words in fault.text.vi


def test_a_missing_name_a_bad_period_and_a_bad_mark_are_named() -> None:
    found = pasted("Ngày;Phường;Số ca;Kỳ;Bất thường\n03/03/2022;;4;;\n03/03/2022;A;4;tháng;\n03/03/2022;A;4;;?")  # fmt: skip
    assert [(f.line, f.field) for f in found.faults] == [(2, "ward"), (3, "days"), (4, "anomaly")]
    assert [f.field for f in pasted("Phường\t03/03/2022\n\t5").faults] == ["ward"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" \n\t\n", "Chưa dán số liệu nào"),
        ("Đơn vị\tGhi chú\nPhúc Xá\tkhông", "thiếu cột"),
        ("xin chào", "Không nhận ra các cột"),
        ("Phường;Lũy kế\nPhúc Xá;30", "chỉ có số lũy kế"),
        ("Ngày;Ngày báo cáo;Phường;Số ca\n1;2;3;4", "Hai cột cùng nghĩa"),
        ("Phường\t03/03/2022\nPhúc Xá\t-", "Không có số ca nào"),
    ],
)
def test_what_is_no_table_of_cases_is_refused(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        pasted(text)
    assert words in refused.value.faults[0].text.vi


def test_a_quote_that_is_never_closed_swallows_no_rows() -> None:
    rows = "\n".join(f"0{n}/03/2022\tPhúc Xá\t{n}" for n in range(1, 9))
    found = pasted(f'Ngày\tPhường\tSố ca\n01/02/2022\t"Phúc Xá\t7\n{rows}')
    assert len(found.given) == 9


def test_a_decimal_comma_in_a_table_of_commas_is_seen() -> None:
    (fault,) = pasted("2022-03-03,Phúc Xá,5\n2022-03-04,Phúc Xá,1,5").faults
    assert (fault.line, "nhiều ô hơn" in fault.text.vi) == (2, True)


def test_too_much_is_refused_early() -> None:
    with pytest.raises(TooMuch):
        pasted("Phúc Xá\t1\n" * 210_000)
    with pytest.raises(TooMuch, match="20 MB"):
        read_file("to.csv", b"x" * (60 * 2**20), ASKED)
    rows = "Ngày,Phường,Số ca\n" + "2022-03-03,A,1\n" * 20_100
    with pytest.raises(TooMuch, match="rows"):
        read_file("dai.csv", rows.encode(), ASKED)


# --- workbooks -----------------------------------------------------------------------------------


def workbook(rows: list[list[Any]], formula: str = "") -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, dt.date):
                sheet.write_datetime(r, c, dt.datetime(cell.year, cell.month, cell.day), day)
            else:
                sheet.write(r, c, cell)
    if formula:
        sheet.write_formula(formula, "=1+2", None, 3)
    book.close()
    return out.getvalue()


def test_a_workbook_gives_days_as_days_or_as_numbers() -> None:
    days = [dt.date(2022, 3, 3), 44624]
    assert (
        figures(read_file("a.xlsx", workbook([["Phường", *days], ["Phúc Xá", 12, 1234]]), ASKED))
        == TWO
    )
    long = [["Ngày", "Phường", "Số ca"], [44623, "Phúc Xá", 12.0], [44624, "Phúc Xá", "1.234"]]
    assert figures(read_file("b.xlsx", workbook(long), ASKED)) == TWO
    (fault,) = read_file("c.xlsx", workbook([*long, [3, "Phúc Xá", 4]]), ASKED).faults
    assert "định dạng cột này là Ngày" in fault.text.vi


def test_a_decimal_of_a_workbook_is_refused() -> None:
    rows = [["Ngày", "Phường", "Số ca"], [44623, "Phúc Xá", 12.5]]
    (fault,) = read_file("a.xlsx", workbook(rows), ASKED).faults
    assert fault.text.vi.startswith("“12,5” có phần lẻ")


def test_a_formula_is_its_value_and_one_without_a_value_is_named() -> None:
    rows = [["Phường", dt.date(2022, 3, 3)], ["Phúc Xá", 1]]
    made = workbook(rows, "B2")
    assert [g.cases for g in read_file("a.xlsx", made, ASKED).given] == [3]
    with pytest.raises(InvalidInput) as refused:
        read_file("a.xlsx", _without_value(made), ASKED)
    assert "Ô B2 là công thức chưa có giá trị" in refused.value.faults[0].text.vi


def test_an_open_document_sheet_reads_the_same() -> None:
    def row(*cells: str) -> str:
        return f"<table:table-row>{''.join(cells)}</table:table-row>"

    def words(text: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    def day(text: str) -> str:
        return f'<table:table-cell office:value-type="date" office:date-value="{text}"/>'

    def number(value: int) -> str:
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    body = row(words("Phường"), day("2022-03-03"), day("2022-03-04"))
    body += row(words("Phúc Xá"), number(12), number(1234))
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<office:document-content xmlns:office="{space}office:1.0" xmlns:table="{space}table:1.0"'
        f' xmlns:text="{space}text:1.0"><office:body><office:spreadsheet><table:table'
        f' table:name="Ca">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr("META-INF/manifest.xml", "<manifest/>")
    assert figures(read_file("a.ods", out.getvalue(), ASKED)) == TWO


def _without_value(book: bytes) -> bytes:
    """As some programs save: the formula alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b"</f><v>3</v>" in content
                content = content.replace(b"</f><v>3</v>", b"</f>")
            new.writestr(name, content)
    return out.getvalue()


def test_a_bomb_and_an_old_workbook_are_not_opened() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * (450 * 2**20))
    with pytest.raises(TooMuch, match="unpacks"):
        read_file("bom.xlsx", out.getvalue(), ASKED)
    with pytest.raises(InvalidInput, match=r"old \.xls"):
        read_file("cu.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ASKED)
    with pytest.raises(SupplyError):
        read_file("hong.xlsx", b"PK\x03\x04" + b"x" * 100, ASKED)


def test_a_day_without_a_year_is_the_last_such_day() -> None:
    assert cells.day_of("10/03", TODAY) == dt.date(2022, 3, 10)
    assert cells.day_of("20/12", TODAY) == dt.date(2021, 12, 20)
    assert cells.day_of("29/2", TODAY) == dt.date(2020, 2, 29)
    assert [f.code for f in pasted("Phường\t10/03\nPhúc Xá\t5").findings] == ["year_assumed"]
