"""Paper as pages hand it out: the file, its name, whom it is for."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.web.conftest import Browser
from tests.web.paper.conftest import TODAY, Depot

Client = Callable[[str], Browser]
Read = Callable[[TestResponse], str]


def test_the_documents_page_leads_to_its_voucher(
    client_for: Client, depot: Depot, read_pdf: Read
) -> None:
    who = client_for("kho_tt")
    page = who.text(f"/documents/{depot.receipt_id}")
    address = f"/documents/{depot.receipt_id}/voucher.pdf"
    assert f'href="{address}"' in page
    assert f'href="/documents/{depot.receipt_id}/print"' in page
    answer = who.get(address)
    read = read_pdf(answer)
    assert "PHIẾU NHẬP KHO" in read
    assert "Một triệu không trăm mười lăm nghìn đồng." in read
    assert answer.headers["Content-Disposition"].startswith("inline; filename=")
    assert "no-store" in answer.headers["Cache-Control"]


def test_what_is_typed_on_the_print_page_stands_on_the_voucher(
    client_for: Client, depot: Depot, read_pdf: Read
) -> None:
    who = client_for("kho_tt")
    page = who.text(f"/documents/{depot.issue_id}/print")
    assert 'name="name_recipient"' in page
    assert 'name="attached"' in page
    query = "?name_recipient=Lê+Thị+%23strong[Nhận]&attached=02&name_x<script>=1&lang=vi"
    read = read_pdf(who.get(f"/documents/{depot.issue_id}/voucher.pdf{query}"))
    assert "Lê Thị #strong[Nhận]" in read
    assert "Số chứng từ kèm theo: 02" in read


def test_a_voucher_comes_as_a_workbook_too(client_for: Client, depot: Depot) -> None:
    answer = client_for("kho_tt").get(f"/documents/{depot.receipt_id}/voucher.xlsx")
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data), data_only=True).worksheets[0]
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert 1_015_000 in cells
    assert "PHIẾU NHẬP KHO" in cells


def test_english_is_printed_where_asked(client_for: Client, depot: Depot, read_pdf: Read) -> None:
    who = client_for("kho_tt")
    read = read_pdf(who.get(f"/documents/{depot.receipt_id}/voucher.pdf?lang=en"))
    assert "GOODS RECEIVED VOUCHER" in read


def test_a_stranger_gets_no_paper(client_for: Client, depot: Depot) -> None:
    who = client_for("kho_tb")
    for path in (
        f"/documents/{depot.receipt_id}/voucher.pdf",
        f"/documents/{depot.receipt_id}/voucher.xlsx",
        f"/documents/{depot.receipt_id}/print",
        f"/documents/{depot.receipt_id}/handover.pdf",
        f"/paper/stock-book/{depot.facility_id}/{depot.item_id}.pdf",
        f"/paper/usage/usage_05d.pdf?facility={depot.facility_id}&month=2022-03",
    ):
        assert who.get(path).status_code == 404, path


def test_the_stock_book_is_for_the_period_of_the_card(
    client_for: Client, depot: Depot, read_pdf: Read
) -> None:
    who = client_for("kho_tt")
    days = f"?from={TODAY:%d/%m/%Y}&to={TODAY:%d/%m/%Y}"
    address = f"/paper/stock-book/{depot.facility_id}/{depot.item_id}.pdf{days}"
    card = who.text(f"/stock/card/{depot.facility_id}/{depot.item_id}{days}")
    assert address in card
    read = read_pdf(who.get(address))
    assert "S21-H" in read
    assert "Tồn đầu kỳ 1.000" in read
    assert "Tồn cuối kỳ 985" in read


def test_usage_reports_follow_facility_and_month(
    client_for: Client, depot: Depot, read_pdf: Read
) -> None:
    who = client_for("kho_tt")
    chosen = f"?facility={depot.facility_id}&month={TODAY:%Y-%m}"
    page = who.text(f"/paper/usage/{chosen}")
    assert "Người bệnh tại cơ sở" in page
    assert "Báo cáo sử dụng hóa chất" in page
    read = read_pdf(who.get(f"/paper/usage/usage_05d.pdf{chosen}"))
    assert "05D" in read
    assert f"Tháng {TODAY:%m/%Y}" in read
    assert depot.item in read
    assert who.get(f"/paper/usage/?facility={depot.facility_id}&month=2022-13").status_code == 422
    assert who.get(f"/paper/usage/usage_07d.pdf{chosen}").status_code == 404


def test_an_officer_confirms_a_forms_name_and_the_print_follows_the_date(
    client_for: Client, depot: Depot, read_pdf: Read
) -> None:
    officer, keeper = client_for("taichinh"), client_for("kho_tt")
    page = officer.text("/form-titles/")
    assert "cần xác nhận" in page
    title_id = _title_id(depot, "receipt")
    fields = {
        "valid_from": f"{TODAY:%d/%m/%Y}",
        "valid_to": "",
        "number": "01-NEW",
        "title_vi": "Phiếu nhập kho mới",
        "title_en": "New receipt",
        "basis": "Thông tư thử",
        "debit": "152",
        "credit": "",
        "confirmed": "1",
    }
    answer = officer.submit(f"/form-titles/{title_id}/new", **fields)
    assert answer.status_code == 302, answer.text[:500]
    assert "đã xác nhận" in officer.text("/form-titles/")
    # The receipt is dated three days ago: the old name holds for it; a new one carries the new.
    assert "C30-HD" in read_pdf(keeper.get(f"/documents/{depot.receipt_id}/voucher.pdf"))
    again = officer.submit(f"/form-titles/{title_id}/new", **fields)
    assert again.status_code == 422
    assert "đã có dòng áp dụng từ ngày đó" in again.text
    change = {**fields, "valid_from": "01/01/2025", "number": "C30-X", "confirmed": ""}
    assert officer.submit(f"/form-titles/{title_id}", **change).status_code == 302
    read = read_pdf(keeper.get(f"/documents/{depot.receipt_id}/voucher.pdf"))
    assert "Mẫu số: C30-X" in read
    assert "Nợ: 152" in read


def test_faults_of_a_form_name_say_where_and_change_nothing(
    client_for: Client, depot: Depot
) -> None:
    officer = client_for("taichinh")
    title_id = _title_id(depot, "receipt")
    bad = {"title_vi": "", "title_en": "x", "number": "n" * 41, "basis": ""}
    for days in ({"valid_from": "40/01/2022"}, {"valid_from": ""},
                 {"valid_from": "01/02/2022", "valid_to": "01/01/2022"}):  # fmt: skip
        answer = officer.submit(f"/form-titles/{title_id}", **bad, **days)
        assert answer.status_code == 422
        assert "Cần sửa các mục dưới đây" in answer.text
    assert _title_id(depot, "receipt") == title_id


def test_only_finance_and_administrators_write_form_names(client_for: Client, depot: Depot) -> None:
    title_id = _title_id(depot, "receipt")
    assert client_for("kho_tt").get("/form-titles/").status_code == 403
    assert client_for("quantri").get(f"/form-titles/{title_id}").status_code == 200
    auditor = client_for("thanhtra")
    assert "Thêm kỳ áp dụng" not in auditor.text("/form-titles/")
    assert auditor.submit(f"/form-titles/{title_id}", title_vi="x").status_code == 403


def _title_id(depot: Depot, code: str) -> int:
    with depot.db.owner_engine.connect() as connection:
        in_force = """SELECT id FROM form_title WHERE code = :code AND valid_from < :day
                      ORDER BY valid_from DESC LIMIT 1"""
        found = connection.execute(text(in_force), {"code": code, "day": TODAY})
        return int(found.scalar_one())


def test_the_movement_report_is_printed_under_the_filters_of_its_page(
    client_for: Client, depot: Depot, read_pdf: Read
) -> None:
    who = client_for("kho_tt")
    page = who.text(f"/stock-reports/movement/?facility={depot.facility_id}&category=drug")
    address = f"/paper/movement.pdf?facility={depot.facility_id}&category=drug"
    assert address in page
    read = read_pdf(who.get(address))
    assert "BÁO CÁO NHẬP - XUẤT - TỒN" in read
    assert depot.item in read
    assert depot.item not in read_pdf(who.get("/paper/movement.pdf?category=ppe"))
    stranger = client_for("kho_tb").get(address)
    assert stranger.status_code == 404
