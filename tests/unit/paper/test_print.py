"""The print itself: pages, heads, sums, the QR code, and what people typed."""

from __future__ import annotations

import io
import json
import re
import resource
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
import segno
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from supply.core.text import Text
from supply.paper.books import movement_report
from supply.paper.forms import FormTitle, Typed
from supply.paper.layout import Paper, Row
from supply.paper.minutes import count_minutes
from supply.paper.render import FONTS, papers_data, papers_pdf, pdf, png_pages, qr_svg
from supply.paper.vouchers import general_voucher, issue_voucher, receipt_voucher, write_off_minutes
from tests.unit.paper.samples import COUNT, LINK, RECEIPT, count, line, movement, voucher

TYPED = Typed(names={"storekeeper": "Phạm Thị Kho"}, attached="02")


def receipt(lines: int = 3, typed: Typed = TYPED) -> Paper:
    return receipt_voucher(voucher(lines), RECEIPT, typed)


def pages_of(papers: list[Paper]) -> list[str]:
    read = pypdf.PdfReader(io.BytesIO(papers_pdf(papers))).pages
    return [" ".join(page.extract_text().replace("\u200b", "").split()) for page in read]


def test_a_voucher_says_all_that_its_form_asks_for() -> None:
    (page,) = pages_of([receipt()])
    for words in (
        "Đơn vị: Trung tâm Y tế quận Ba Đình",
        "Mẫu số: C30-HD",
        "PHIẾU NHẬP KHO",
        "Ngày 03 tháng 03 năm 2022",
        "Số: PN-2022-0012",
        "Họ và tên người giao: Công ty Dược phẩm Trung ương 1",
        "Paracetamol 500 mg viên nén",
        "31/12/2023",
        "304.500",
        "Tổng số tiền (viết bằng chữ): Ba trăm lẻ bốn nghìn năm trăm đồng.",
        "Số chứng từ kèm theo: 02",
        "Người lập phiếu",
        "Nguyễn Thị Thủ",
        "Phạm Thị Kho",
        "Thủ trưởng đơn vị",
        "0123456789ab",
        "Trang 1/1",
    ):
        assert words in page, words


@pytest.mark.parametrize("lines", [1, 31, 32, 33, 34, 100])
def test_heads_repeat_on_every_page_of_the_table_and_signatures_stay_together(lines: int) -> None:
    pages = pages_of([receipt(lines)])
    of_table = [page for page in pages if re.search(r"TH\d{3}", page)]
    assert all("Tên, nhãn hiệu" in page for page in of_table)
    signed = [page for page in pages if "Thủ trưởng đơn vị" in page]
    assert signed == [pages[-1]]
    assert all(title in pages[-1] for title in ("Người lập phiếu", "Kế toán trưởng", "Thủ kho"))
    assert "viết bằng chữ" in pages[-1]
    assert [f"Trang {n}/{len(pages)}" in page for n, page in enumerate(pages, 1)] == [True] * len(
        pages
    )
    assert all("PN-2022-0012" in page for page in pages)
    assert f"{lines * 101_500:,}".replace(",", ".") in " ".join(pages)


def test_signatures_never_stand_on_a_page_without_lines_and_sums() -> None:
    alone = 0
    for lines in range(18, 34, 2):
        pages = pages_of([receipt(lines)])
        alone += len(pages) > 1
        for words in ("Thủ trưởng đơn vị", "Cộng", "Đơn giá"):
            assert words in pages[-1], (lines, words)
        assert "".join(pages).count("Đơn giá") == len(pages)  # names of columns once a page
    assert alone  # the range does cross a page


def test_each_paper_of_a_file_counts_its_own_pages() -> None:
    pages = pages_of([receipt(60), receipt(1)])
    numbers = [found for page in pages for found in re.findall(r"Trang (\d+/\d+)", page)]
    first = len(pages) - 1
    assert first > 1
    assert numbers == [*(f"{n}/{first}" for n in range(1, first + 1)), "1/1"]


def test_books_lie_and_vouchers_stand() -> None:
    book = movement_report(movement(), FormTitle("movement", Text("Báo cáo", "Report")), Typed())
    sizes = [
        pypdf.PdfReader(io.BytesIO(papers_pdf([p]))).pages[0].mediabox for p in (receipt(), book)
    ]
    a4 = (595, 842)
    assert [(round(s.width), round(s.height)) for s in sizes] == [a4, a4[::-1]]


def test_the_same_paper_is_the_same_file_and_another_is_not() -> None:
    assert papers_pdf([receipt()]) == papers_pdf([receipt()])
    assert papers_pdf([receipt()]) != papers_pdf([receipt(2)])


def test_only_our_own_fonts_are_in_the_file() -> None:
    reader = pypdf.PdfReader(io.BytesIO(papers_pdf([receipt()])))
    resources = reader.pages[0]["/Resources"]
    names = {str(font.get_object()["/BaseFont"]) for font in resources["/Font"].values()}  # type: ignore[index]
    assert names
    assert all("Tinos" in name for name in names), names
    assert (FONTS / "LICENSE").read_text().count("SIL OPEN FONT LICENSE") >= 1


def test_the_qr_code_is_the_documents_address() -> None:
    made = segno.make(LINK, error="m", micro=False)
    out = io.BytesIO()
    made.save(out, kind="svg", border=1, xmldecl=False)
    assert qr_svg(LINK) == out.getvalue().decode()
    assert papers_data([receipt()])["papers"][0]["qr"] == qr_svg(LINK)


def test_the_qr_code_on_the_page_is_whole() -> None:
    """Each of its modules is looked at where it was printed."""
    (picture,) = png_pages([receipt()], ppi=400)
    page = Image.open(io.BytesIO(picture)).convert("L")
    mm = 400 / 25.4
    area = page.crop((int(18 * mm), int(20 * mm), int(42 * mm), int(46 * mm)))
    dark = area.point(lambda v: 255 * (v < 128))
    left, top, right, _ = dark.getbbox() or (0, 0, 0, 0)
    matrix = [list(row) for row in segno.make(LINK, error="m", micro=False).matrix]
    step = (right - left) / len(matrix)
    seen = [
        [
            int(dark.getpixel((left + (x + 0.5) * step, top + (y + 0.5) * step)) > 0)
            for x in range(len(matrix))
        ]
        for y in range(len(matrix))
    ]
    assert seen == matrix


def test_a_line_is_read_on_one_page() -> None:
    """Names of several lines, so many that a page would end within one."""
    data = count(60)
    words = (
        "Test nhanh kháng nguyên SARS-CoV-2 mẫu dịch tỵ hầu hộp hai mươi lăm test kèm que lấy mẫu"
    )
    lines = tuple(
        replace(one, item_name=Text(f"Đầu{n} {words * (1 + n % 4)} cuối{n}", "Long"))
        for n, one in enumerate(data.lines)
    )
    pages = pages_of([count_minutes(replace(data, lines=lines), COUNT, Typed())])
    assert len(pages) > 3
    for n in range(60):
        (start,) = (at for at, page in enumerate(pages) if f"Đầu{n} " in page)
        assert f"cuối{n}" in pages[start]


def test_papers_set_at_the_same_time_do_not_mix() -> None:
    papers = [
        receipt_voucher(replace(voucher(2), party=f"Người {n}"), RECEIPT, TYPED) for n in range(8)
    ]
    alone = [papers_pdf([paper]) for paper in papers]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda paper: papers_pdf([paper]), papers)) == alone


def test_a_thousand_lines_are_one_file_in_a_few_seconds() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    made = papers_pdf([receipt(1000)])
    seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    assert 0.1 < seconds < 6, "set in a process of its own, about 1 s of a core"
    assert len(made) < 400_000
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    assert "101.500.000" in pages[-1].extract_text()
    assert all("Tên, nhãn" in page.extract_text() for page in pages[:3])


NASTY = [
    '#import "/etc/passwd": *',
    '#read("/etc/passwd")',
    '#{ panic("x") }',
    "$ integral_0^1 $ *b* _i_ `c` <lab> @ref // bình luận",
    "= Tiêu đề\n- mục\n+ số \\ #set text(size: 90pt)",
    "]]} ) \" ' \\ \u0000 \u202e đảo",
    "=SUM(A1:A9)",
]


@pytest.mark.parametrize("text", NASTY)
def test_markup_typed_by_people_is_printed_not_obeyed(text: str) -> None:
    shown = " ".join(re.sub(r"[\x00\u202e]", "", text).split())
    data = replace(
        voucher(1),
        party=text,
        note=text,
        lines=(line(1, item_name=Text(text, text), note=text),),
    )
    typed = Typed(names={"head": text}, attached=text)
    (page,) = pages_of([receipt_voucher(data, RECEIPT, typed)])
    assert page.replace(" ", "").count(shown.replace(" ", "")[:14]) >= 4


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text(min_size=1, max_size=60))
def test_no_text_breaks_the_print(text: str) -> None:
    data = replace(voucher(1), note=text, party=text, lines=(line(1, lot_number=text, note=text),))
    paper = receipt_voucher(data, RECEIPT, TYPED)
    assert papers_pdf([paper]).startswith(b"%PDF")


def test_a_template_reads_nothing_outside_its_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("mật")
    with pytest.raises(Exception, match=r"form|file|outside|not found"):
        pdf(str(secret), {})


def test_a_voucher_of_kits_says_how_many_of_which() -> None:
    title = FormTitle("general", Text("Phiếu lắp bộ cơ số", "Kit assembly"))
    data = replace(voucher(), kind="kit_assembly", kit="TUI-A × 20")
    (page,) = pages_of([general_voucher(data, title, TYPED)])
    assert "PHIẾU LẮP BỘ CƠ SỐ" in page
    assert "Bộ cơ số: TUI-A × 20" in page


def test_what_a_document_rests_on_is_printed_on_every_kind() -> None:
    title = FormTitle("any", Text("Phiếu", "Paper"))
    for form in (receipt_voucher, issue_voucher, write_off_minutes, general_voucher):
        (page,) = pages_of([form(voucher(), title, TYPED)])
        assert "Theo chứng từ số: HĐ 0012 ngày 02/03/2022" in page, form
    (page,) = pages_of([write_off_minutes(voucher(based_on=""), title, TYPED)])
    assert "Theo chứng từ số" not in page


def test_count_minutes_state_surplus_shortage_and_quality() -> None:
    paper = count_minutes(count(), COUNT, Typed())
    assert [row.cells[11:] for row in paper.rows] == [
        (None, None, None, None, 98, 2, None),
        (None, None, 4, 60_000, 94, 2, None),
        (7, 105_000, None, None, 105, 2, None),
    ]
    assert paper.totals[0].cells[8] == 4_500_000
    read = " ".join(pages_of([paper]))
    for words in (
        "C33-HD",
        "Trưởng ban: Lê Văn Trưởng",
        "Phẩm chất",
        "Chênh lệch thiếu",
        "105.000",
    ):
        assert words in read, words


def test_what_was_not_counted_is_said_and_summed_nowhere() -> None:
    data = count(1)
    lines = (replace(data.lines[0], counted=None, counted_vnd=0),)
    paper = count_minutes(replace(data, lines=lines), COUNT, Typed())
    assert paper.rows[0].cells[9] == "chưa kiểm"
    assert paper.totals[0].cells[10] == 0
    assert paper.totals[0].cells[14] == 0


def test_group_sums_of_a_movement_report_are_not_summed_twice() -> None:
    paper = movement_report(movement(), FormTitle("movement", Text("Báo cáo", "Report")), Typed())
    assert [row.style for row in paper.rows] == [
        "heading", "line", "line", "sum", "heading", "line", "line", "sum",
    ]  # fmt: skip
    assert paper.totals[0].cells[5] == 400
    assert paper.rows[3].cells[5] == 200


def test_a_row_of_the_wrong_width_is_refused() -> None:
    with pytest.raises(ValueError, match="cells"):
        replace(receipt(1), rows=(Row(("a",)),))


def test_the_data_is_json_and_numbers_are_written_as_people_write_them() -> None:
    data = json.loads(json.dumps(papers_data([receipt()])))
    assert data["papers"][0]["rows"][0]["cells"][-1] == "101.500"
