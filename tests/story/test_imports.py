"""A storekeeper brings the old notebook in: a template, a file with mistakes, the mended file."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from supply.core import jobs

WRONG = (
    "Ngày CT,Kho,Loại,Số CT,NCC,Mã thuốc,Số lô,HSD,Nguồn,SL,Đơn giá\n"
    "01/03/2022,BD-TYT-01,PN,HĐ 12,NCC01,TH001,PA22,12/2024,NSTP,1.200,350\n"
    "01/03/2022,BD-TYT-01,PN,HĐ 12,NCC01,TH002,PA23,31/02/2024,NSTP,500,900\n"
    "04/03/2022,BD-TYT-01,PX,PX 7,,TH001,,,,200,\n"
    "05/03/2022,BD-TYT-01,PX,PX 8,,TH999,,,,10,\n"
)
MENDED = WRONG.replace("31/02/2024", "28/02/2024").replace("TH999,,,,10", "TH001,,,,10")


def choose(page, content: str) -> None:
    page.goto("/imports/")
    page.locator("#file-history").set_input_files(
        {"name": "so-kho-2022.csv", "mimeType": "text/csv", "buffer": content.encode()}
    )


def do_waiting_jobs(people) -> None:
    """The worker's part, in this process."""
    with jobs.database().owner_engine.connect() as connection:
        waiting = [
            row[0]
            for row in connection.exec_driver_sql("SELECT id FROM job WHERE status = 'waiting'")
        ]
    for job_id in waiting:
        jobs.run_now(job_id)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_notebook_comes_in_from_a_file(page_at, sign_in, people, shot, width):
    page = page_at(width)
    sign_in(page, "kho_px")
    choose(page, WRONG)
    shot(page, f"imports-{width}")
    page.locator("#file-history").locator("xpath=ancestor::form").get_by_role(
        "button", name="Tải lên"
    ).click()
    expect(page.locator("#column-quantity")).to_have_value("9")
    expect(page.locator("#column-facility")).to_have_value("1")
    shot(page, f"imports-columns-{width}")
    page.get_by_role("button", name="Kiểm tệp").click()
    expect(page.locator("main")).to_contain_text("Tệp có 2 lỗi; chưa ghi dòng nào")
    expect(page.locator("main")).to_contain_text("Không có mặt hàng mã “TH999”")
    shot(page, f"imports-faults-{width}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải tệp kết quả").click()
    assert download.value.suggested_filename == "so-kho-2022-loi.xlsx"

    choose(page, MENDED)
    page.locator("#file-history").locator("xpath=ancestor::form").get_by_role(
        "button", name="Tải lên"
    ).click()
    page.get_by_role("button", name="Kiểm tệp").click()
    expect(page.locator("main")).to_contain_text("Không có lỗi. Chưa ghi gì")
    expect(page.locator(".tiles")).to_contain_text("Phiếu xuất kho")
    shot(page, f"imports-preview-{width}")
    page.get_by_role("button", name="Nhập", exact=True).click()
    sure = page.locator("dialog[open] button.btn-primary, dialog[open] [value=yes]")
    if sure.count():
        sure.first.click()
    expect(page.locator("#job")).to_be_visible()
    do_waiting_jobs(people)
    expect(page.locator("main")).to_contain_text("Đã nhập xong")
    expect(page.locator("tbody")).to_contain_text("PX-2022-0002")
    shot(page, f"imports-done-{width}")
    page.get_by_role("link", name="PN-2022-0001").click()
    expect(page.locator("main")).to_contain_text("HĐ 12")
