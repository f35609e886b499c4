"""Home bags on a desk and on a phone: assembled, given, one too many refused, a set by beds worked out."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.kits.conftest import stocked  # noqa: F401  a store with goods


@pytest.mark.parametrize("width", [1280, 390])
def test_home_bags_are_made_and_given_and_beds_are_worked_out(
    page_at,
    sign_in,
    shot,
    stocked,  # noqa: F811
    width,
):
    stocked(TH001=300, TH024=70, TB029=6, TB002=4)
    page = page_at(width)
    sign_in(page, "kho_px")
    page.goto("/kits/")
    expect(page.locator("tr", has_text="Túi thuốc A")).to_contain_text("Vitamin")
    shot(page, f"kits-{width}")
    page.get_by_role("link", name="Túi thuốc A").click()
    page.locator("#assemble-count").fill("5")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Đã lắp 5 bộ, phiếu LB-")
    expect(page.locator(".tile").first).to_contain_text("5 bộ")
    page.locator("#issue-count").fill("6")
    page.locator("#recipient").fill("Tổ 5, bà Tư")
    page.get_by_role("button", name="Cấp bộ, ghi sổ").click()
    expect(page.locator("#faults")).to_contain_text("còn 5 bộ đã lắp, cần 6")
    expect(page.locator("#recipient")).to_have_value("Tổ 5, bà Tư")
    shot(page, f"kit-refused-{width}")
    page.locator("#issue-count").fill("2")
    page.get_by_role("button", name="Cấp bộ, ghi sổ").dblclick()
    expect(page.locator("main")).to_contain_text("Đã cấp 2 bộ, phiếu PX-")
    expect(page.locator(".tile").first).to_contain_text("3 bộ")
    shot(page, f"kit-{width}")
    page.goto("/kits/MO-GIUONG?count=10")
    expect(page.locator("tr", has_text="Giường bệnh")).to_contain_text("thiếu 4")
    expect(page.get_by_role("link", name="Lập phiếu yêu cầu phần thiếu")).to_be_visible()
    shot(page, f"kit-beds-{width}")


def test_an_officer_changes_what_a_bag_is_made_of(page_at, sign_in, shot):
    page = page_at(1280)
    sign_in(page, "kehoach")
    page.goto("/kits/TUI-A/edit")
    page.get_by_role("button", name="Lưu phiên bản mới").click()
    basis = page.get_by_label("Căn cứ")
    expect(basis).to_be_focused()
    assert basis.evaluate("e => e.validationMessage") == "Hãy điền “Căn cứ”."
    basis.fill("Công văn 99/YT ngày 01/11/2026")
    page.get_by_label("Số lượng 1").fill("20")
    shot(page, "kit-edit-1280")
    page.get_by_role("button", name="Lưu phiên bản mới").click()
    expect(page.locator("main")).to_contain_text("Đã lưu phiên bản 2")
    expect(page.locator("tr", has_text="Paracetamol")).to_contain_text("20 viên")
    page.goto("/oxygen/figures")
    expect(page.locator("tr", has_text="Bình 40 lít")).to_contain_text("6.000")
    shot(page, "oxygen-figures-1280")
