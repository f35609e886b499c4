"""A shortage to its end: a plan, two ways compared, a pin, a second person, vouchers, a broken box."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from supply.allocation import queries
from supply.core import jobs
from supply.core.database import Database
from supply.core.scope import acting_as
from tests.integration.allocation.conftest import DEPOT, SHORT, build_town

Open = Callable[..., Page]


def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def worked_out(page: Page) -> int:
    """The job on the page is done; the number of the plan it leads to (0 for a comparison)."""
    page.wait_for_url(re.compile(r"/jobs/\d+"))
    jobs.run_now(int(page.url.rsplit("/", 1)[1]))
    page.wait_for_url(re.compile(r"/plans/\d+"), timeout=60_000)
    found = re.search(r"/plans/(\d+)", page.url)
    assert found
    return int(found[1])


@pytest.mark.parametrize("width", [1280, 390])
def test_from_a_shortage_to_goods_received_with_a_difference(
    width: int,
    db: Database,
    people: dict[str, int],
    page_at: Open,
    sign_in: Callable[[Page, str], None],
    shot: Callable[[Page, str], None],
) -> None:
    town = build_town(db, people)
    planner = page_at(width)
    sign_in(planner, "kehoach")
    planner.goto("/forecast/shortage/")
    expect(planner.locator("main")).to_contain_text(re.compile(r"[1-9]\d* dòng hàng"))

    first = plan(planner)
    compare_two_ways(planner, first, width, shot)
    second = pin_a_line(planner, first, town.items[0], width, shot)

    put_forward(planner, second)
    other = page_at(width)
    sign_in(other, "duyet")
    approve(other, second)
    with acting_as(people["duyet"]):
        rows = [
            r for r in queries.plan(second).transfers if (r.origin, r.destination) == (DEPOT, SHORT)
        ]
    keeper = page_at(width)
    sign_in(keeper, "kho_tt")
    send(keeper, min((r.day, r.draft_id or 0) for r in rows)[1])
    receiver = page_at(width)
    sign_in(receiver, "kho_px")
    receive_one_short(receiver)

    other.goto(f"/plans/{second}")
    other.get_by_role("navigation", name="Các phần của kế hoạch").get_by_role(
        "link", name="Thực hiện"
    ).click()
    expect(other.locator("#lines")).to_contain_text("Nhận thiếu")
    expect(other.locator("#progress-title")).to_have_text("1 dòng cần xem lại")
    fits(other)
    shot(other, f"plan-carry-{width}")


def plan(page: Page) -> int:
    """Ask for the usual plan of a week."""
    page.goto("/plans/")
    page.get_by_label("Nơi khó nhất trước").check()
    page.get_by_label("Lo cho bao nhiêu ngày").select_option("7")
    page.get_by_role("button", name="Lập kế hoạch", exact=True).click()
    number = worked_out(page)
    expect(page.locator(".headline")).to_contain_text("điểm thiếu giảm")
    return number


def compare_two_ways(
    page: Page, number: int, width: int, shot: Callable[[Page, str], None]
) -> None:
    """The same question by the proportional rule, side by side with the plan."""
    page.get_by_role("link", name="Điều chỉnh").click()
    expect(page.get_by_role("heading", name="Các dòng chuyển")).to_be_visible()
    page.get_by_role("combobox", name="Cách phân bổ").select_option("proportional")
    page.get_by_role("button", name="Tính lại").click()
    other = worked_out(page)
    expect(page.get_by_role("heading", name=f"So với kế hoạch số {number}")).to_be_visible()
    page.get_by_role("link", name="So sánh cạnh nhau").first.click()
    page.wait_for_url(re.compile(f"ids={number},{other}"))
    expect(page.locator("table.beside")).to_contain_text("Điểm thiếu")
    expect(page.locator("table.beside")).to_contain_text("Chia theo tỷ lệ")
    expect(page.get_by_role("img", name=re.compile("^Nguy kịch: .*Gini"))).to_be_visible()
    fits(page)
    shot(page, f"plan-compare-{width}")


def pin_a_line(
    page: Page, number: int, item: str, width: int, shot: Callable[[Page, str], None]
) -> int:
    """The depot must send an item to the short ward, which the first plan left out; the plan that comes
    out does."""
    page.goto(f"/plans/{number}/adjust")
    must = [DEPOT, SHORT, item]
    for name, value in zip(("from", "to", "item"), must, strict=True):
        page.locator(f"#{name}-0").select_option(value)
    page.locator("#kind-0").select_option("must")
    fits(page)
    shot(page, f"plan-adjust-{width}")
    page.get_by_role("button", name="Tính lại").click()
    made = worked_out(page)
    expect(page.get_by_role("heading", name=f"So với kế hoạch số {number}")).to_be_visible()
    expect(page.locator(".kept")).to_contain_text("ít nhất")
    expect(page.locator(f'[name=row][value^="{"|".join(must)}|"]')).to_have_count(1)
    fits(page)
    shot(page, f"plan-adjusted-{width}")
    return made


def put_forward(page: Page, number: int) -> None:
    """What was worked out again is a trial, until its maker asks for a decision."""
    page.goto(f"/plans/{number}")
    expect(page.locator(".steps .on")).to_have_text("Phương án thử")
    page.get_by_role("button", name="Trình duyệt").click()
    expect(page.locator(".steps .on")).to_have_text("Chờ duyệt")


def approve(page: Page, number: int) -> None:
    """The second person decides; the drafts are made."""
    page.goto(f"/plans/{number}")
    page.get_by_role("button", name="Duyệt kế hoạch").click()
    page.get_by_role("dialog").get_by_role("button", name="Đồng ý").click()
    expect(page.locator(".steps .on")).to_have_text("Đã duyệt")


def send(page: Page, draft: int) -> None:
    """The depot finds its drafts from its home page, and posts one."""
    page.get_by_role("link", name=re.compile("Phiếu chuyển theo kế hoạch cần gửi")).click()
    expect(page).to_have_url(re.compile(r"/documents/drafts/\?origin=plan"))
    page.goto(f"/documents/drafts/{draft}")
    page.get_by_role("button", name="Ghi sổ và gửi").click()
    page.wait_for_url("**/documents/*?posted=1")


def receive_one_short(page: Page) -> None:
    """The ward receives, one unit of the first line broken on the way."""
    page.get_by_role("link", name="Hàng đang chuyển đến").click()
    page.locator("#follows_id").select_option(index=1)
    quantity = page.locator("#line-1-quantity")
    expect(quantity).not_to_have_value("")
    units = int(quantity.input_value().replace(".", ""))
    quantity.fill(str(units - 1))
    page.locator("#line-1-lost_quantity").fill("1")
    page.locator("#reason").fill("Vỡ khi vận chuyển")
    page.get_by_role("button", name="Ghi sổ đã nhận").click()
    page.wait_for_url("**/documents/*?posted=1")
