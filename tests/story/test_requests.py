"""A ward runs short, asks the depot by keyboard, the depot gives part of it, the goods arrive."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from supply.core.database import Database
from tests.integration.inventory.conftest import World, make_world

WARD, DEPOT = "BD-TYT-01", "BD-TTYT"


@pytest.fixture
def world(db: Database, people: dict[str, int]) -> World:
    found = make_world(db, people)
    found.receive("kho_tt", DEPOT, 2000, item_code="TH001")
    found.receive("kho_tt", DEPOT, 300, item_code="PH002", lot_number="N95A")
    found.receive("kho_px", WARD, 60, item_code="TH001")
    return found


def add(page: Page, typed: str, quantity: str) -> None:
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.locator("input[name=quantity]:focus")).to_have_count(1)
    page.keyboard.type(quantity)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_ward_asks_the_depot_gives_part_and_the_goods_arrive(
    page_at, sign_in, shot, world: World, width: int
) -> None:
    ward = page_at(width)
    sign_in(ward, "kho_px")
    ward.goto("/requests/")
    shot(ward, f"requests-empty-{width}")
    ward.keyboard.press("Alt+n")
    ward.wait_for_url("**/requests/new")
    add(ward, "TH001", "5")
    add(ward, "khau trang n95", "40")
    expect(ward.locator("#count")).to_have_text("2")
    expect(ward.locator(".ask-line").first).to_contain_text("60")
    expect(ward.locator(".ask-line").first).to_contain_text("2.000")
    shot(ward, f"request-form-{width}")
    ward.keyboard.press("Control+Enter")
    ward.wait_for_url("**/requests/*?sent=1")
    expect(ward.locator("main")).to_contain_text("Đã gửi DY-")
    url = ward.url.split("?")[0]

    depot = page_at(width)
    sign_in(depot, "kho_tt")
    depot.get_by_role("link", name="Phiếu yêu cầu chờ duyệt").click()
    depot.locator("tbody a").first.click()
    shot(depot, f"request-decide-{width}")
    second = depot.locator("#line-2")
    expect(second.locator("input").first).to_have_value("300")
    expect(second.locator("input").nth(1)).to_have_value("Kho không đủ")
    depot.get_by_role("button", name="Duyệt", exact=True).click()
    expect(depot.locator("main")).to_contain_text("Đã duyệt, chờ xuất")
    shot(depot, f"request-approved-{width}")
    depot.get_by_role("link", name="Kiểm tra, xuất hàng").click()
    depot.wait_for_url("**/documents/drafts/*")
    expect(depot.locator(".entry-line")).to_have_count(2)
    depot.keyboard.press("Control+Enter")
    depot.wait_for_url("**/documents/*?posted=1")

    ward.goto(url)
    expect(ward.locator(".steps .on")).to_have_text("Đang chuyển")
    ward.get_by_role("link", name="PC-").click()
    ward.get_by_role("link", name="Nhận hàng").click()
    expect(ward.locator(".entry-line")).to_have_count(2)
    ward.keyboard.press("Control+Enter")
    ward.wait_for_url("**/documents/*?posted=1")
    ward.goto(url)
    expect(ward.locator(".steps .on")).to_have_text("Đã nhận đủ")
    shot(ward, f"request-received-{width}")
    ward.goto("/requests/")
    expect(ward.locator("tbody")).to_contain_text("duyệt một phần")
    shot(ward, f"requests-{width}")
    wide = ward.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert wide
