"""Oxygen at night on a desk and on a phone: what flows, how long it lasts, cylinders round their circle."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.kits.conftest import stocked  # noqa: F401  a store with goods


@pytest.mark.parametrize("width", [1280, 390])
def test_a_ward_says_what_flows_and_exchanges_its_empties(
    page_at,
    sign_in,
    shot,
    stocked,  # noqa: F811
    width,
):
    place = stocked(OX001=8, OX002=4, OX003=2, OX005=5, OX004=200)
    page = page_at(width)
    sign_in(page, "kho_px")
    page.goto(f"/oxygen/{place}")
    page.locator("#severe_patients").fill("3")
    page.locator("#critical_patients").fill("1")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Đã ghi lưu lượng hiện tại")
    expect(page.locator(".tile").nth(2)).to_contain_text("60,0 lít/phút")
    expect(page.locator(".tile").first).to_contain_text("Đủ")
    page.locator("#use-n-OX001").fill("3")
    page.locator("#use-recipient").fill("Buồng cấp cứu")
    page.get_by_role("button", name="Cấp bình, ghi sổ").click()
    expect(page.locator("main")).to_contain_text("Đã cấp bình cho buồng bệnh: phiếu PX-")
    page.locator("#empty-n-OX001").fill("2")
    page.locator("#empty-fund").select_option("NSTP")
    page.get_by_role("button", name="Thu vỏ, ghi sổ").click()
    expect(page.locator("main")).to_contain_text("Đã thu vỏ bình: phiếu VT-")
    page.locator("#send-n-OX001").fill("4")
    page.get_by_role("button", name="Gửi vỏ, ghi sổ").click()
    expect(page.locator("main")).to_contain_text("Đã gửi vỏ đi nạp: phiếu GV-")
    row = page.locator("tr", has_text="Bình 40 lít")
    for cell, text in enumerate(("5", "3", "4", "1"), 1):
        expect(row.locator("td").nth(cell)).to_have_text(text)
    page.get_by_label("Đầy nhận về Bình 40 lít").fill("4")
    page.get_by_label("Vỏ trả Bình 40 lít").fill("3")
    page.get_by_label("Đơn giá nạp Bình 40 lít").fill("150000")
    page.get_by_label("đã gửi nhà cung cấp").check()
    page.locator("#exchange-fund").select_option("NSTP")
    page.get_by_role("button", name="Đổi bình, ghi sổ").click()
    expect(page.locator("#faults")).to_contain_text("Không đổi một lấy một (Bình 40 lít +1)")
    shot(page, f"oxygen-refused-{width}")
    page.get_by_label("Vỏ trả Bình 40 lít").fill("4")
    page.get_by_role("button", name="Đổi bình, ghi sổ").dblclick()
    expect(page.locator("main")).to_contain_text("Đã đổi bình: phiếu DV-")
    expect(row.locator("td").nth(1)).to_have_text("9")
    expect(row.locator("td").nth(3)).to_have_text("0")
    page.mouse.wheel(0, -9000)
    shot(page, f"oxygen-{width}")
    page.goto("/oxygen/")
    expect(page.locator("tbody tr").first).to_contain_text("Trạm Y tế")
    shot(page, f"oxygen-board-{width}")
    page.goto("/")
    expect(page.locator(".tile", has_text="Oxy còn dùng được")).to_contain_text("Đủ")
