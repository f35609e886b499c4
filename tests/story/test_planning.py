"""A planner sees what runs out, plans what to buy and to keep; a second person approves both."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from supply.core.clock import VIETNAM
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.forecast.services import record_cases, run_forecast
from tests.integration.forecast.conftest import SOURCE, ward_codes_of, weekly_rows
from tests.integration.inventory.conftest import World, make_world


@pytest.fixture
def world(db: Database, people: dict[str, int]) -> World:
    """Some stock with a price, cases to last Saturday and a run."""
    found = make_world(db, people)
    found.receive("kho_tt", "BD-TTYT", 5000, item_code="PH001")
    found.receive("kho_px", "BD-TYT-01", 300, item_code="XN001")
    day = dt.datetime.now(VIETNAM).date()
    last = day - dt.timedelta(days=(day.weekday() - 5) % 7)
    with acting_as(people["kehoach"]):
        record_cases("ba-dinh", weekly_rows(ward_codes_of(db), last), SOURCE)
        run_forecast("ba-dinh", draws=100)
    return found


def agree(page: Page, button: str) -> None:
    """Press a button that asks, and say yes."""
    page.get_by_role("button", name=button, exact=True).click()
    page.locator("dialog[open] button.btn-primary").click()


@pytest.mark.parametrize("width", [1280, 390])
def test_shortage_leads_to_a_purchase_and_a_reserve_approved_by_another(
    page_at, sign_in, shot, world: World, width: int
) -> None:
    planner = page_at(width)
    sign_in(planner, "kehoach")
    planner.goto("/forecast/shortage/?within=all")
    expect(planner.locator(".chance-curve").first).to_be_visible()
    shot(planner, f"shortage-chance-{width}")
    planner.goto("/purchase/")
    planner.select_option("#fund", "QCOVID")
    planner.get_by_role("button", name="Tính", exact=True).click()
    planner.wait_for_url("**fund=QCOVID**")
    expect(planner.locator(".lead-line")).to_contain_text("Cần mua")
    planner.locator("tbody details summary").first.click()
    expect(planner.locator("tbody details").first).to_contain_text("có thể dùng tới")
    shot(planner, f"purchase-{width}")
    assert planner.evaluate("document.documentElement.scrollWidth <= innerWidth")
    planner.get_by_role("button", name="Lưu kế hoạch để duyệt").click()
    planner.wait_for_url("**/purchase/*")
    expect(planner.locator("main")).to_contain_text("Chờ người thứ hai duyệt")
    plan = planner.url

    planner.goto("/reserve/")
    planner.get_by_role("button", name="Tính danh mục", exact=True).click()
    planner.wait_for_url("**/reserve/*")
    expect(planner.locator(".steps .on")).to_have_text("Nháp")
    shot(planner, f"reserve-{width}")
    assert planner.evaluate("document.documentElement.scrollWidth <= innerWidth")
    planner.get_by_role("button", name="Gửi duyệt").click()
    expect(planner.locator(".steps .on")).to_have_text("Chờ duyệt")
    reserve = planner.url

    second = page_at(width)
    sign_in(second, "duyet")
    second.get_by_role("link", name="Kế hoạch mua chờ duyệt").click()
    second.goto(plan)
    agree(second, "Duyệt kế hoạch mua")
    expect(second.locator(".notice.good .chip")).to_have_text("Đã duyệt")
    second.goto(reserve)
    agree(second, "Duyệt danh mục")
    expect(second.locator(".steps .on")).to_have_text("Đã duyệt")

    planner.goto(plan)
    planner.locator("#partner").select_option(index=1)
    planner.get_by_role("button", name="Ghi hàng đã đặt").click()
    planner.wait_for_url("**/on-order/?district=*")
    expect(planner.locator("tbody")).to_contain_text("KHM-")
    shot(planner, f"on-order-{width}")
    assert planner.evaluate("document.documentElement.scrollWidth <= innerWidth")
    planner.goto("/waste/")
    expect(planner.locator("#waste-chart canvas")).to_be_visible()
    shot(planner, f"waste-{width}")
    assert planner.evaluate("document.documentElement.scrollWidth <= innerWidth")
