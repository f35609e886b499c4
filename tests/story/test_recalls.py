"""A bad lot: the planner calls it back, a store answers with one button, the planner closes it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from supply.core.database import Database
from supply.core.scope import acting_as
from supply.recalls.services import answer
from tests.integration.inventory.conftest import World, make_world

A, B = "BD-TYT-01", "BD-TYT-02"


@pytest.fixture
def world(db: Database, people: dict[str, int]) -> World:
    found = make_world(db, people)
    for user, place, quantity in (("kho_px", A, 400), ("kho_tb", B, 150)):
        found.receive(user, place, quantity, item_code="TH001", lot_number="PA2207")
    found.issue("kho_px", A, 120, item_code="TH001")
    return found


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

    keeper = page_at(width)
    sign_in(keeper, "kho_px")
    shot(keeper, f"recall-home-{width}")
    keeper.get_by_role("link", name="Thu hồi: cần biệt trữ và trả lời").click()
    expect(keeper.locator(".mine")).to_contain_text("Sổ ghi còn 280")
    shot(keeper, f"recall-answer-{width}")
    keeper.get_by_role("button", name="Đưa vào biệt trữ và trả lời").click()
    expect(keeper.locator(".mine")).to_contain_text("đã trả lời lúc")
    keeper.goto("/quarantine/")
    expect(keeper.locator("tbody")).to_contain_text("280")
    shot(keeper, f"quarantine-{width}")
    with acting_as(world.people["kho_tb"]):  # the other store does the same
        answer(int(url.rsplit("/", 1)[1]), world.places[B], uuid4())

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
