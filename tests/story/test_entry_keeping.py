"""What is written is not lost: no connection, two tabs, templates, and Ctrl K to anywhere."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.story.stocked import KNOWN, count, posted


def line(page: Page, letters: str, quantity: str) -> None:
    page.focus("#search")
    page.keyboard.type(letters, delay=20)
    page.keyboard.press("Enter")
    page.keyboard.type(quantity, delay=20)
    page.keyboard.press("Enter")


def test_without_a_connection_the_document_waits_and_goes_out_by_itself(
    page_at, sign_in, shot, stocked, db
):
    stocked(*KNOWN)
    page = page_at(390)
    sign_in(page, "kho_px")
    page.goto("/documents/new/issue")
    line(page, "pa", "30")
    expect(page.locator(".entry-line").first).to_contain_text("30 × PA2201")
    page.context.set_offline(True)
    page.locator("#line-1-quantity").fill("40")
    expect(page.locator("#saved")).to_contain_text("Chưa gửi: giữ trên máy này từ")
    page.locator("#post").click()
    expect(page.locator("#summary")).to_contain_text("sẽ tự ghi sổ khi có mạng lại")
    expect(page.locator("#post")).to_contain_text("Chờ có mạng")
    shot(page, "entry-offline-390")
    assert count(db, "SELECT count(*) FROM document WHERE kind = 'issue'") == 0
    page.context.set_offline(False)
    posted(page, "PX")
    assert count(db, "SELECT count(*) FROM document WHERE kind = 'issue'") == 1
    assert count(db, "SELECT count(*) FROM draft WHERE posted_document_id IS NULL") == 0


def test_two_tabs_write_two_documents(page_at, sign_in, stocked, db):
    stocked(*KNOWN)
    first = page_at(1280)
    sign_in(first, "kho_px")
    first.goto("/documents/new/issue")
    line(first, "pa", "30")
    second = first.context.new_page()
    second.goto("/documents/new/issue")
    expect(second.locator("#restored")).to_contain_text("đang được viết ở một thẻ khác")
    expect(second.locator(".entry-line")).to_have_count(0)
    line(second, "gt", "5")
    second.keyboard.press("Control+Enter")
    posted(second, "PX")
    first.bring_to_front()
    first.keyboard.press("Control+Enter")
    posted(first, "PX")
    assert count(db, "SELECT count(*) FROM document WHERE kind = 'issue'") == 2


def test_a_template_is_kept_and_used_and_anything_is_a_few_letters_away(
    page_at, sign_in, shot, stocked
):
    stocked(*KNOWN)
    page = page_at(1280)
    sign_in(page, "kho_px")
    page.goto("/documents/new/issue")
    page.fill("#recipient", "Tổ COVID cộng đồng số 3")
    line(page, "pa", "30")
    line(page, "kt", "50")
    page.get_by_role("button", name="Mẫu phiếu").click()
    page.fill("#template-name", "Cấp hằng tuần cho tổ")
    page.press("#template-name", "Enter")
    expect(page.locator("#template-said")).to_contain_text("Đã lưu mẫu “Cấp hằng tuần cho tổ”")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    posted(page, "PX")

    page.keyboard.press("Control+k")
    page.keyboard.type("xuat kho", delay=20)
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/new/issue")
    page.get_by_role("button", name="Mẫu phiếu").click()
    shot(page, "entry-templates-1280")
    page.get_by_role("link", name="Cấp hằng tuần cho tổ").click()
    expect(page.locator(".entry-line")).to_have_count(2)
    expect(page.locator("#recipient")).to_have_value("Tổ COVID cộng đồng số 3")
    page.locator("#line-2-quantity").focus()
    page.keyboard.press("Control+d")  # copied down from the line above
    expect(page.locator("#line-2-quantity")).to_have_value("30")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#line-1-quantity")).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("gang tay kham", delay=20)
    hit = page.locator("#palette a[data-found]").first
    expect(hit).to_contain_text("Găng tay khám")
    shot(page, "entry-palette-1280")
    hit.click()
    expect(page.locator("h1")).to_contain_text("Thẻ kho")
