"""The planner's morning: the projection, a plan, the decision, and less shortage than before."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from supply.allocation import queries
from supply.core import jobs
from supply.core.database import Database
from supply.core.scope import acting_as
from tests.integration.allocation.conftest import build_town


@pytest.mark.parametrize("width", [1280, 390])
def test_a_planner_plans_approves_and_sees_the_shortage_fall(
    width: int,
    db: Database,
    people: dict[str, int],
    page_at: Callable[..., Page],
    sign_in: Callable[[Page, str], None],
    shot: Callable[[Page, str], None],
) -> None:
    build_town(db, people)
    page = page_at(width)
    sign_in(page, "kehoach")
    page.goto("/forecast/projection/")
    expect(page.locator("h1")).to_contain_text("Dự báo")

    page.goto("/plans/")
    page.get_by_label("Nơi khó nhất trước").check()
    page.get_by_label("Lo cho bao nhiêu ngày").select_option("7")
    shot(page, f"plans-{width}")
    page.get_by_role("button", name="Lập kế hoạch", exact=True).click()
    page.wait_for_url(re.compile(r"/jobs/\d+"))
    jobs.run_now(int(page.url.rsplit("/", 1)[1]))
    page.wait_for_url(re.compile(r"/plans/\d+"), timeout=20_000)

    expect(page.locator(".headline")).to_contain_text("điểm thiếu giảm")
    expect(page.locator(".steps .on")).to_have_text("Chờ duyệt")
    expect(page.locator("#transfers")).to_contain_text("TYT Phúc Xá")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"plan-{width}")

    page.get_by_role("button", name="Duyệt kế hoạch").click()
    expect(page.get_by_role("dialog")).to_contain_text("Phiếu chuyển nháp")
    page.get_by_role("dialog").get_by_role("button", name="Đồng ý").click()
    expect(page.locator(".steps .on")).to_have_text("Đã duyệt")
    expect(page.get_by_role("button", name="Duyệt kế hoạch")).to_have_count(0)
    expect(page.get_by_role("heading", name="Thực hiện")).to_be_visible()
    shot(page, f"plan-approved-{width}")

    with acting_as(people["kehoach"]):
        plan = queries.plan(int(page.url.rstrip("/").rsplit("/", 1)[1]))
    assert plan.head.plan < plan.head.no_transfer
    assert plan.progress.waiting == len({(t.origin, t.destination, t.day) for t in plan.transfers})
    expect(page.locator("#transfers")).to_contain_text("Chờ gửi")
    expect(page.get_by_role("link", name="Xem phiếu chờ gửi")).to_have_count(0)

    keeper = page_at(width)
    sign_in(keeper, "kho_tt")
    keeper.get_by_role("link", name=re.compile("Phiếu chuyển theo kế hoạch cần gửi")).click()
    expect(keeper).to_have_url(re.compile(r"/documents/drafts/\?origin=plan"))
