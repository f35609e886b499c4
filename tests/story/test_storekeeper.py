"""A storekeeper's evening: goods come in, goods go out, the figures agree. On a desk and on a phone."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from supply.core.clock import VIETNAM

TODAY = dt.datetime.now(VIETNAM).date()
GOODS = (
    # what is typed, the item it must find, quantity, lot, days to expiry, price
    ("paracetamol 500", "Paracetamol 500 mg, viên nén", "20", "PA2201", 700, "35000"),
    ("khau trang y te", "Khẩu trang y tế 3 lớp", "40", "KT01", 60, "40000"),
    ("PH002", "Khẩu trang N95", "10", "N95A", 900, "120000"),
    ("PH005", "Găng tay khám, không bột, cỡ M", "12", "GT77", 500, "90000"),
    ("ox001", "Bình oxy 40 lít (đầy)", "8", "", None, "150000"),
)


def day(days: int) -> str:
    return f"{TODAY + dt.timedelta(days=days):%d%m%Y}"


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def type_receipt(page: Page) -> None:
    """Five lines, by keyboard alone."""
    for number, (typed, name, quantity, lot, expires, price) in enumerate(GOODS, 1):
        expect(page.locator("#search")).to_be_focused()
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        expect(page.locator(f"#line-{number}-quantity")).to_be_focused()
        expect(page.locator(".entry-line").nth(number - 1)).to_contain_text(name)
        for text in (quantity, lot, day(expires) if expires else "", price):
            if text:
                page.keyboard.type(text)
            page.keyboard.press("Enter")


def receive(page: Page, shot, tag: str) -> None:
    page.goto("/documents/new/receipt")
    page.select_option("#partner_code", "NCC01")
    page.select_option("#fund_code", "NSTP")
    page.fill("#paper_reference", "HĐ 000123")
    page.focus("#search")
    type_receipt(page)
    shot(page, f"receipt-{tag}")
    expect(page.locator(".foot")).to_contain_text("5 dòng")
    expect(page.locator(".foot")).to_contain_text("5.780.000 ₫")
    expect(page.locator(".entry-line").first).to_contain_text("20 × hộp 100 viên = 2.000 viên")
    shot(page, f"receipt-{tag}")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/documents/*?posted=1")
    expect(page.locator("main")).to_contain_text("Đã ghi sổ phiếu PN-")
    expect(page.locator("tbody tr")).to_have_count(5)
    shot(page, f"document-{tag}")


def issue(page: Page, shot, tag: str) -> None:
    """Three lines by keyboard alone; too much is refused in place, and mended."""
    page.goto("/documents/new/issue")
    expect(page.locator("#search")).to_be_focused()
    for number, (typed, quantity) in enumerate(
        (("paracetamol 500", "3000"), ("khẩu trang y tế", "150"), ("bình oxy 40", "2")), 1
    ):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        expect(page.locator(f"#line-{number}-quantity")).to_be_focused()
        page.keyboard.type(quantity)
        page.keyboard.press("Enter")
        expect(page.locator("#search")).to_be_focused()
    first = page.locator(".entry-line").first
    expect(first).to_contain_text("Không đủ tồn: còn 2.000 viên, cần 3.000.")
    expect(page.locator(".entry-line").nth(1)).to_contain_text("150 × KT01")
    shot(page, f"issue-refused-{tag}")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#summary")).to_contain_text("Dòng 1: Không đủ tồn")
    page.locator("#summary a").first.press("Enter")
    expect(page.locator("#line-1-quantity")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("500")
    expect(first).not_to_contain_text("Không đủ tồn")
    expect(first).to_contain_text("500 × PA2201 · HSD")

    page.reload()
    expect(page.locator("main")).to_contain_text("Đã mở lại phiếu đang viết dở")
    expect(page.locator(".entry-line")).to_have_count(3)
    expect(page.locator("#line-1-quantity")).to_have_value("500")
    shot(page, f"issue-{tag}")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/documents/*?posted=1")
    expect(page.locator("main")).to_contain_text("Đã ghi sổ phiếu PX-")


@pytest.mark.parametrize("width", [1280, 390])
def test_goods_come_in_and_go_out_and_the_figures_agree(page_at, sign_in, shot, width):
    page = page_at(width)
    sign_in(page, "kho_px")
    receive(page, shot, str(width))
    issue(page, shot, str(width))

    page.goto("/stock/")
    shot(page, f"stock-{width}")
    row = page.locator("tr", has_text="Paracetamol 500 mg, viên nén").first
    expect(row).to_contain_text("1.500")
    masks = page.locator("tr", has_text="Khẩu trang y tế 3 lớp").first
    expect(masks).to_contain_text("còn 60 ngày")
    masks.get_by_role("button", name="Xem lô").click()
    expect(page.locator(".lots-row:visible")).to_contain_text("KT01")
    row.get_by_role("link", name="Paracetamol 500 mg, viên nén").click()
    expect(page.locator("h1")).to_contain_text("Thẻ kho")
    expect(page.locator(".card-table tbody tr")).to_have_count(3)
    expect(page.locator(".card-table .sum-row").first).to_contain_text("1.500")
    expect(page.locator(".card-table tbody tr").nth(1)).to_contain_text("PX-")
    if width > 600:
        expect(page.locator(".chart canvas").first).to_be_visible()
    shot(page, f"card-{width}")
    page.goto("/")
    expect(page.locator(".tiles").first).to_contain_text("Tồn kho")
    shot(page, f"home-{width}")


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_overflows_the_page(page_at, sign_in, shot, width):
    page = page_at(width)
    sign_in(page, "kho_px")
    receive(page, lambda *_: None, "")
    page.goto("/lang/en")
    for url, name in (
        ("/", "home"),
        ("/stock/", "stock"),
        ("/documents/", "documents"),
        ("/documents/drafts/", "drafts"),
        ("/documents/new/receipt", "receipt-empty"),
        ("/documents/new/adjustment", "adjustment"),
        ("/documents/new/transfer_dispatch", "transfer"),
        ("/documents/new/transfer_receipt", "transfer-receipt"),
    ):
        page.goto(url)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, (url, wide)
        shot(page, f"en-{name}-{width}")


def count_documents(db) -> int:
    with db.owner_engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM document").scalar())


def test_a_lost_answer_and_a_hasty_hand_make_one_document(page_at, sign_in, shot, db):
    page = page_at(390)
    sign_in(page, "kho_px")
    page.goto("/documents/new/receipt")
    page.select_option("#fund_code", "NSTP")
    page.fill("#search", "paracetamol 500")
    page.press("#search", "Enter")
    page.locator("#line-1-quantity").fill("2")
    page.locator("#line-1-unit_price_vnd").fill("35000")

    lost = []

    def lose_the_answer(route) -> None:
        lost.append(route.fetch().status)
        route.abort("connectionreset")

    page.route("**/documents/new/receipt", lose_the_answer, times=1)
    page.locator("#post").click()
    expect(page.locator("#summary")).to_contain_text("Phiếu vẫn còn nguyên")
    expect(page.locator("#post")).to_have_text("Thử lại")
    assert lost == [200]
    shot(page, "lost-390")
    page.locator("#post").dblclick()
    page.wait_for_url("**/documents/*?posted=1")
    expect(page.locator("h1")).to_contain_text("PN-")
    assert count_documents(db) == 1
    page.goto("/documents/new/receipt")
    expect(page.locator(".entry-line")).to_have_count(0)


def test_the_server_has_the_last_word_and_points_at_the_cell(page_at, sign_in, shot, db):
    page = page_at(1280)
    sign_in(page, "kho_px")
    page.goto("/documents/new/receipt")
    for number, (typed, quantity) in enumerate((("TH001", "2"), ("PH001", "1,5")), 1):
        page.fill("#search", typed)
        page.press("#search", "Enter")
        page.locator(f"#line-{number}-quantity").fill(quantity)
    page.locator("#line-1-unit_price_vnd").fill("35000")
    expect(page.locator(".entry-line").nth(1)).to_contain_text("Số lượng phải là số nguyên")
    page.locator("#line-2-quantity").fill("3")
    page.keyboard.press("Control+Enter")
    summary = page.locator("#summary")
    expect(summary).to_contain_text("Hãy chọn nguồn quỹ.")
    expect(summary).to_contain_text("Dòng 2: Chưa có đơn giá")
    shot(page, "faults-1280")
    summary.get_by_text("Dòng 2: Chưa có đơn giá").click()
    expect(page.locator("#line-2-unit_price_vnd")).to_be_focused()
    page.keyboard.press("Control+Delete")
    expect(page.locator(".entry-line")).to_have_count(1)
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.locator(".entry-line")).to_have_count(2)
    assert count_documents(db) == 0


def test_goods_are_sent_from_one_store_and_arrive_in_the_other(page_at, sign_in, shot):
    sender = page_at(1280)
    sign_in(sender, "kho_px")
    receive(sender, lambda *_: None, "")
    sender.goto("/documents/new/transfer_dispatch")
    sender.select_option("#counterpart_facility_id", label="Trạm Y tế phường Trúc Bạch")
    sender.focus("#search")
    sender.keyboard.type("ph001")
    sender.keyboard.press("Enter")
    expect(sender.locator("#line-1-quantity")).to_be_focused()
    sender.keyboard.type("200")
    sender.keyboard.press("Enter")
    expect(sender.get_by_text("Đã lưu nháp lúc")).to_be_visible()
    sender.goto("/documents/drafts/")
    sender.get_by_role("link", name="Kiểm tra, ghi sổ").click()
    expect(sender.locator("#line-1-quantity")).to_have_value("200")
    shot(sender, "transfer-1280")
    sender.get_by_role("button", name="Ghi sổ và gửi").click()
    sender.wait_for_url("**/documents/*?posted=1")
    dispatch = sender.url.split("?")[0]

    receiver = page_at(390)
    sign_in(receiver, "kho_tb")
    expect(receiver.locator(".todos")).to_contain_text("Hàng đang chuyển đến")
    receiver.get_by_role("link", name="Hàng đang chuyển đến").click()
    shot(receiver, "arrival-start-390")
    receiver.locator("#follows_id").select_option(index=1)
    expect(receiver.locator("#line-1-quantity")).to_have_value("200")
    receiver.locator("#line-1-quantity").fill("190")
    receiver.locator("#line-1-lost_quantity").fill("10")
    receiver.locator("#reason").fill("Ướt mưa")
    shot(receiver, "arrival-390")
    receiver.get_by_role("button", name="Ghi sổ đã nhận").click()
    receiver.wait_for_url("**/documents/*?posted=1")
    expect(receiver.locator("main")).to_contain_text("Theo phiếu chuyển")
    receiver.goto("/stock/")
    expect(receiver.locator("tbody tr").first).to_contain_text("190")

    sender.goto(dispatch)
    sender.get_by_role("button", name="Lập phiếu đảo").click()
    sender.fill("#reason", "Gửi nhầm")
    shot(sender, "reverse-1280")
    sender.get_by_role("button", name="Ghi phiếu đảo").click()
    expect(sender.locator(".notice.danger")).to_contain_text("Nơi nhận đã nhận hàng")
