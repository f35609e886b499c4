"""A month's end: look at the stock by keyboard, at a past day, at what moved; then close the books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from supply.core.clock import VIETNAM
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory.documents import Issue, IssueLine, Receipt, ReceiptLine
from supply.inventory.services import post

TODAY = dt.datetime.now(VIETNAM).date()
LAST = TODAY.replace(day=1) - dt.timedelta(days=1)


def stock_up(db: Database, user: int) -> None:
    """Five items of three months ago, some used since, one about to expire."""
    with db.owner_engine.connect() as connection:
        place = connection.execute(
            text("SELECT id FROM facility WHERE code = 'BD-TYT-01'")
        ).scalar_one()
    then = TODAY - dt.timedelta(days=100)
    lines = tuple(
        ReceiptLine(
            item_code=code, quantity=quantity, lot_number=f"L{code}", fund_code="NSTP",
            unit_price_vnd=price, expiry=TODAY + dt.timedelta(days=days),
        )
        for code, quantity, price, days in (
            ("TH001", 2000, 350, 400), ("PH001", 900, 1200, 45), ("PH002", 120, 12000, 700),
            ("TH003", 400, 900, 300), ("PH005", 600, 1800, 500),
        )
    )  # fmt: skip
    with acting_as(user):
        post(Receipt(facility_id=place, happened_on=then, lines=lines))
        for n in range(12):
            post(
                Issue(
                    facility_id=place, happened_on=then + dt.timedelta(days=8 * n),
                    lines=(IssueLine(item_code="TH001", quantity=120),
                           IssueLine(item_code="PH002", quantity=9)),
                )
            )  # fmt: skip


@pytest.mark.parametrize("width", [1280, 390])
def test_a_month_is_looked_at_and_closed(
    db: Database,
    people: dict[str, int],
    page_at: Callable[..., Page],
    sign_in: Callable[[Page, str], None],
    shot: Callable[[Page, str], None],
    width: int,
) -> None:
    stock_up(db, people["kho_px"])
    page = page_at(width)
    sign_in(page, "kho_px")
    page.goto("/stock/")
    expect(page.locator("#totals")).to_contain_text("5 dòng")
    shot(page, f"stock-list-{width}")
    if width > 800:
        for key in ("j", "j", "k"):
            page.keyboard.press(key)
        expect(page.locator("tr.at")).to_have_count(1)
        first = page.locator("tr.at .item-link").inner_text()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text(first)
        page.goto("/stock/?sort=value&dir=desc")
        page.get_by_role("button", name="Chọn cột").click()
        shot(page, f"columns-{width}")
        page.get_by_label("Biệt trữ").check()
        page.locator("#choose-columns").get_by_role("button", name="Hiện").click()
        expect(page.locator("thead")).to_contain_text("Biệt trữ")
        page.get_by_role("button", name="Lưu khung nhìn").click()
        page.locator("#save-view input[name=name]").fill("Theo giá trị")
        page.keyboard.press("Enter")
        expect(page.locator(".saved-view.on")).to_contain_text("Theo giá trị")
        page.goto(f"/stock/?on={TODAY - dt.timedelta(days=60):%d/%m/%Y}&group=lot")
        expect(page.locator("h1")).to_contain_text("cuối ngày")
        shot(page, f"stock-past-{width}")
    else:
        row = page.locator("tbody tr").first.bounding_box()
        assert row
        assert row["y"] < 220, "rows begin near the top of a phone"
        expect(page.locator("#show")).to_be_hidden()
        page.get_by_role("button", name="Bộ lọc").click()
        expect(page.get_by_role("button", name="Bộ lọc")).to_have_attribute("aria-expanded", "true")
        page.select_option("#show", "near")
        page.wait_for_url("**show=near**")
        expect(page.locator("#show")).to_be_hidden()
        shot(page, f"stock-near-{width}")
        page.get_by_role("link", name="Bỏ lọc: Cận hạn").click()
        expect(page.locator(".facets")).to_have_count(0)
    page.goto("/stock-reports/movement/?period=last")
    expect(page.locator("main")).to_contain_text("Tồn cuối kỳ")
    shot(page, f"movement-{width}")
    for name in ("expiry", "use", "minimum"):
        page.goto(f"/stock-reports/{name}/?of=all")
        shot(page, f"{name}-{width}")
    page.goto("/periods/")
    page.get_by_role("button", name="Khóa sổ").first.click()
    dialog = page.locator("dialog[open]")
    expect(dialog.locator("select")).to_have_value(f"{LAST:%d/%m/%Y}")
    shot(page, f"close-{width}")
    dialog.get_by_role("button", name="Khóa sổ").click()
    expect(page.locator(".periods-table")).to_contain_text(f"{LAST:%d/%m/%Y}")
    shot(page, f"periods-{width}")
