"""A bad lot: the planner calls it back, two stores answer with one button, the planner closes it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from supply.core.database import Database
from tests.integration.inventory.conftest import World, make_world

A, B = "BD-TYT-01", "BD-TYT-02"


@pytest.fixture
def world(db: Database, people: dict[str, int]) -> World:
    found = make_world(db, people)
    for user, place, quantity in (("kho_px", A, 400), ("kho_tb", B, 150)):
        found.receive(user, place, quantity, item_code="TH001", lot_number="PA2207")
    found.issue("kho_px", A, 120, item_code="TH001")
    return found


def open_from_home(page: Page, tile: str) -> None:
    page.goto("/")
    page.get_by_role("link", name=tile).click()
    expect(page.locator("h1")).to_contain_text("TH-")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_lot_is_called_back_answered_and_closed(
    page_at, sign_in, shot, world: World, width: int
) -> None:
    planner = page_at(width)
    sign_in(planner, "kehoach")
    planner.goto("/recalls/")
    planner.keyboard.press("Alt+n")
    planner.wait_for_url("**/recalls/new")
    planner.fill("#lot_id", "pa2207")
    planner.keyboard.press("Enter")
    planner.get_by_role("link", name="Chọn lô này").click()
    planner.fill("#reason", "Không đạt chỉ tiêu độ hòa tan")
    shot(planner, f"recall-new-{width}")
    planner.get_by_role("button", name="Thu hồi ngay").click()
    planner.get_by_role("button", name="Đồng ý").click()
    planner.wait_for_url("**/recalls/*?started=1")
    expect(planner.locator("main")).to_contain_text("Lô bị chặn xuất ở mọi kho")
    shot(planner, f"recall-started-{width}")
    url = planner.url.split("?")[0]

    for user, left in (("kho_px", "280"), ("kho_tb", "150")):
        keeper = page_at(width)
        sign_in(keeper, user)
        if user == "kho_px":
            shot(keeper, f"recall-home-{width}")
        open_from_home(keeper, "Thu hồi: cần biệt trữ và trả lời")
        expect(keeper.locator(".mine")).to_contain_text(f"Sổ ghi còn {left}")
        if user == "kho_px":
            shot(keeper, f"recall-answer-{width}")
        keeper.get_by_role("button", name="Đưa vào biệt trữ và trả lời").click()
        expect(keeper.locator(".mine")).to_contain_text("đã trả lời lúc")
        if user == "kho_px":
            keeper.goto("/quarantine/")
            expect(keeper.locator("tbody")).to_contain_text("280")
            shot(keeper, f"quarantine-{width}")

    planner.goto(url)
    expect(planner.locator(".recall-tiles")).to_contain_text("2/2")
    shot(planner, f"recall-answered-{width}")
    planner.get_by_role("button", name="Đóng đợt thu hồi").first.click()
    planner.select_option("#outcome", "destroyed")
    planner.fill("#paper_reference", "BB-12")
    planner.locator("dialog[open]").get_by_role("button", name="Đóng đợt thu hồi").click()
    expect(planner.locator("main")).to_contain_text("BB-12")
    planner.goto("/recalls/")
    expect(planner.locator("tbody")).to_contain_text("Tiêu hủy")
    shot(planner, f"recalls-{width}")
    assert planner.evaluate("document.documentElement.scrollWidth <= innerWidth")
