"""A planner asks “what if”, follows a number down to the ledger, and walks the heat table by keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from supply.core.database import Database
from supply.forecast.seeing import bases
from tests.integration.allocation.conftest import build_town


@pytest.mark.parametrize("width", [1280, 390])
def test_a_planner_moves_a_slider_and_follows_a_number_down(
    width: int,
    db: Database,
    people: dict[str, int],
    page_at: Callable[..., Page],
    sign_in: Callable[[Page, str], None],
    shot: Callable[[Page, str], None],
) -> None:
    bases.forget()
    build_town(db, people)
    page = page_at(width)
    sign_in(page, "kehoach")

    page.goto("/forecast/what-if/")
    said = page.locator("#said")
    expect(said).to_contain_text("(không đổi)")
    before = said.inner_text()
    slider = page.get_by_role("slider", name="Số ca sắp tới")
    slider.focus()
    for _ in range(20):
        slider.press("ArrowRight")
    expect(page.locator("#cases")).to_have_value("200")
    expect(said).not_to_have_text(before)
    expect(page).to_have_url(re.compile("cases=200"))
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")
    after = said.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"what-if-{width}")

    page.reload()  # the values stand in the address
    expect(page.locator("#cases")).to_have_value("200")
    expect(slider).to_have_value("200")
    expect(said).to_have_text(after)

    page.goto("/forecast/heat/")
    cells = page.locator("table.heat td a")
    cells.first.focus()
    page.keyboard.press("ArrowDown")
    expect(cells.first).not_to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(cells.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#lines h2")).to_be_visible()
    shot(page, f"heat-{width}")

    page.locator("#lines").get_by_role("link", name="Vì sao?").first.click()
    expect(page.get_by_role("heading", name="Cách tính")).to_be_visible()
    expect(page.get_by_role("heading", name="Số lượng từ đâu")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name=re.compile("^Dự báo ca mắc, lượt")).click()
    expect(page.locator("h1")).to_contain_text("Dự báo ca mắc")

    page.locator(".panel").first.click()
    expect(page.locator(".panel.on")).to_have_count(1)
    page.get_by_text("Bảng số của biểu đồ").click()
    expect(page.get_by_role("table", name="Ca đã báo cáo và dự báo theo tuần")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"ward-fan-{width}")
