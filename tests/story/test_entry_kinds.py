"""Every kind of document that is written by hand, on a desk and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.story.stocked import KNOWN, count, day, lot, posted


def write(page: Page, number: int, letters: str, quantity: str, **cells: str) -> None:
    """A line by keyboard, then what else its cells say."""
    page.focus("#search")
    page.keyboard.type(letters, delay=20)
    page.keyboard.press("Enter")
    expect(page.locator(f"#line-{number}-quantity")).to_be_focused()
    page.keyboard.type(quantity, delay=20)
    for name, value in cells.items():
        found = page.locator(f"#line-{number}-{name}")
        if found.evaluate("e => e.tagName") == "SELECT":
            expect(found.locator(f"option[value='{value}']")).to_be_attached()
            found.select_option(value)
        else:
            found.fill(value)


def post(page: Page, shot, name: str, prefix: str) -> int:
    """Look at it, see that nothing hangs over the edge, post it; the document's id."""
    page.wait_for_timeout(150)
    shot(page, name)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    page.keyboard.press("Control+Enter")
    posted(page, prefix)
    found = re.search(r"/documents/(\d+)", page.url)
    assert found
    return int(found[1])


@pytest.mark.parametrize("width", [1280, 390])
def test_goods_go_out_with_their_reasons_and_come_back(page_at, sign_in, shot, stocked, width):
    stocked(*KNOWN, lot("TH001", "PA1999", 300, 60))
    page = page_at(width)
    sign_in(page, "kho_px")
    page.goto("/documents/new/issue")
    page.select_option("#purpose", "home_patient")
    page.fill("#recipient", "Tổ dân phố 5")
    write(page, 1, "pa", "50", lot_number="PA2201")
    first = page.locator(".entry-line").first
    expect(first).to_contain_text("Lô PA1999 hết hạn trước")
    write(page, 2, "n95", "900")
    page.locator("[data-act=short]").click()
    expect(page.locator("#line-2-asked_quantity")).to_have_value("900")
    expect(page.locator("#line-2-quantity")).to_have_value("100")
    expect(page.locator("#line-2-reason")).to_have_value("Không đủ tồn")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#summary")).to_contain_text("Dòng 1: Lô PA1999")
    page.locator("#summary a").first.press("Enter")
    expect(page.locator("#line-1-reason")).to_be_focused()
    page.keyboard.type("Lô cũ để ở điểm tiêm")
    issued = post(page, shot, f"entry-issue-{width}", "PX")
    expect(page.locator("main")).to_contain_text("Lô cũ để ở điểm tiêm")
    expect(page.locator("main")).to_contain_text("Người bệnh điều trị tại nhà")
    expect(page.get_by_text("In phiếu").first).to_be_visible()

    page.goto("/documents/new/return")
    shot(page, f"entry-return-empty-{width}")
    page.locator("#follows_id").select_option(str(issued))
    expect(page.locator(".entry-line")).to_have_count(2)
    page.locator("#line-1-quantity").fill("51")
    expect(page.locator(".entry-line").first).to_contain_text("Nhiều hơn số đã xuất chưa trả (50)")
    page.locator("#line-1-quantity").fill("20")
    page.locator("#line-2-quantity").fill("5")
    page.fill("#reason", "Người bệnh ra viện")
    post(page, shot, f"entry-return-{width}", "PT")

    page.goto(f"/documents/{issued}")
    page.get_by_role("link", name="Chép thành phiếu mới").click()
    expect(page.locator("#line-2-quantity")).to_have_value("900")
    expect(page.locator("#purpose")).to_have_value("home_patient")


@pytest.mark.parametrize("width", [1280, 390])
def test_goods_are_set_aside_released_found_and_counted_in(page_at, sign_in, shot, stocked, width):
    stocked(*KNOWN)
    page = page_at(width)
    sign_in(page, "kho_px")
    page.goto("/documents/new/quarantine")
    page.fill("#reason", "Chờ kiểm tra chất lượng")
    write(page, 1, "ib", "20")
    post(page, shot, f"entry-quarantine-{width}", "BT")

    page.goto("/documents/new/release")
    page.fill("#reason", "Kiểm nghiệm đạt")
    write(page, 1, "ib", "30")
    expect(page.locator(".entry-line").first).to_contain_text("còn 20 viên, cần 30")
    page.locator("#line-1-quantity").fill("20")
    post(page, shot, f"entry-release-{width}", "GT")

    page.goto("/documents/new/opening")
    page.select_option("#fund_code", "NSTP")
    write(page, 1, "TH003", "30", lot_number="TD1", expiry=day(-20), unit_price_vnd="12000")
    post(page, shot, f"entry-opening-{width}", "TD")

    page.goto("/documents/new/adjustment")
    page.select_option("#reason", "count")
    write(page, 1, "pa", "5", direction="in", lot_number="PA2201")
    write(page, 2, "gt", "2")
    post(page, shot, f"entry-adjustment-{width}", "DC")


@pytest.mark.parametrize("width", [1280, 390])
def test_goods_are_lent_borrowed_and_a_past_day_says_what_it_changes(
    page_at,
    sign_in,
    shot,
    stocked,
    db,
    width,
):
    stocked(*KNOWN)
    page = page_at(width)
    sign_in(page, "kho_px")
    page.goto("/documents/new/issue")
    expect(page.locator("#partner_code")).to_be_hidden()
    page.select_option("#purpose", "loan")
    page.select_option("#partner_code", "NCC01")
    write(page, 1, "gt", "60")
    loan = post(page, shot, f"entry-loan-{width}", "PX")

    page.goto("/documents/new/receipt")
    page.select_option("#purpose", "loan_return")
    page.locator("#settles_id").select_option(str(loan))
    expect(page.locator("#line-1-quantity")).to_have_value("60")
    page.locator("#line-1-lot_number").fill("GT88")
    page.locator("#line-1-expiry").fill(day(600))
    page.locator("#line-1-unit_price_vnd").fill("1800")
    post(page, shot, f"entry-loan-return-{width}", "PN")

    page.goto("/documents/new/transfer_dispatch")
    page.locator("#counterpart_facility_id").select_option(index=1)
    page.fill("#happened_on", day(-5))
    write(page, 1, "pa", "100")
    expect(page.locator("#ahead")).to_contain_text("Ghi lùi về")
    expect(page.locator("#ahead")).to_contain_text("Paracetamol 500 mg")
    page.locator("#ahead").scroll_into_view_if_needed()
    post(page, shot, f"entry-past-{width}", "PC")
    assert count(db, "SELECT count(*) FROM document WHERE purpose <> ''") == 2
