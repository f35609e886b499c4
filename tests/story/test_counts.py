"""A count of a whole store on a desk and on a phone: 1,000 lots, blind, kept through a lost connection."""

from __future__ import annotations

import datetime as dt
import re
import statistics

import pytest
from playwright.sync_api import expect

from supply.core.scope import acting_as
from supply.inventory.documents import Issue, IssueLine
from supply.inventory.services import post
from tests.web.counts.conftest import TODAY, goods  # noqa: F401  a store full of lots


def keep_waiting(page) -> None:
    expect(page.locator("#saving")).to_have_text("Đã lưu hết")


def use_late(people: dict[str, int], place: int) -> None:
    """A document of yesterday that turns up after the count was resolved."""
    line = IssueLine(item_code="HC001", lot_number="L0000", quantity=5)
    with acting_as(people["kho_px"]):
        post(Issue(facility_id=place, lines=(line,), happened_on=TODAY - dt.timedelta(days=1)))


@pytest.mark.parametrize("width", [1280, 390])
def test_a_small_store_is_counted_compared_recounted_and_resolved(
    page_at,
    sign_in,
    shot,
    goods,  # noqa: F811
    people,
    width,
):
    place = goods(5)
    page = page_at(width)
    sign_in(page, "kho_px")
    page.goto("/counts/new")
    shot(page, f"count-new-{width}")
    page.get_by_role("button", name="Mở và bắt đầu đếm").click()
    page.wait_for_url("**/sheet")
    expect(page.locator(".grid-row")).to_have_count(5)
    page.locator("#find").press("ArrowDown")
    for quantity in ("100", "97", "4x20+20", "1.04", "0"):
        page.keyboard.type(quantity)
        page.keyboard.press("Enter")
    expect(page.locator(".grid-row").nth(3)).to_contain_text("Hãy nhập số nguyên")
    expect(page.locator(".grid-row").nth(0)).not_to_contain_text("Hãy nhập")
    expect(page.locator(".grid-row").nth(2)).to_contain_text("= 100 ml")
    page.fill("#line-4-quantity", "104")
    page.locator(".grid-row").nth(1).get_by_role("button", name="Chất lượng, ghi chú").click()
    page.keyboard.type("2")
    page.fill("#line-2-note", "hộp móp")
    keep_waiting(page)
    expect(page.locator("#progress-text")).to_have_text("Đã đếm 5/5")
    shot(page, f"count-sheet-{width}")
    page.get_by_role("button", name="Đếm xong, đối chiếu").click()
    page.wait_for_url(re.compile(r"/counts/\d+$"))
    expect(page.locator("main")).to_contain_text("thiếu 100")
    expect(page.locator("main")).to_contain_text("thừa 4")
    shot(page, f"count-compare-{width}")
    page.locator(".compare-table tbody tr", has_text="thiếu 100").locator("[type=checkbox]").check()
    page.get_by_role("button", name="Kiểm lại dòng đã chọn").click()
    page.wait_for_url("**/sheet?show=recount")
    expect(page.locator(".grid-row")).to_have_count(1)
    expect(page.locator("#line-1-quantity")).to_have_value("")
    page.fill("#line-1-quantity", "99")
    keep_waiting(page)
    page.get_by_role("button", name="Đếm xong, đối chiếu").click()
    page.wait_for_url(re.compile(r"/counts/\d+$"))
    expect(page.locator("main")).to_contain_text("lần 1: 0")
    page.get_by_role("button", name="Xử lý, ghi sổ").click()
    expect(page.locator("#faults")).to_contain_text("trưởng ban")
    page.get_by_label("Trưởng ban").fill("Trần Thị Hoa")
    page.get_by_label("Ủy viên 1").fill("Lê Văn Kho")
    page.get_by_label("Lý do chung").fill("Đếm, ghi sổ nhầm trước đây")
    shot(page, f"count-resolve-{width}")
    page.get_by_role("button", name="Xử lý, ghi sổ").click()
    expect(page.locator("main")).to_contain_text("Đã điều chỉnh sổ bằng")
    shot(page, f"count-resolved-{width}")
    page.get_by_role("link", name="phiếu điều chỉnh").click()
    expect(page.locator("h1")).to_contain_text("DC-")
    page.go_back()
    use_late(people, place)
    page.reload()
    late = page.locator("#restated")
    expect(late).to_contain_text("Có phiếu ghi lùi ngày sau khi xử lý")
    expect(late).to_contain_text("L0000")
    late.scroll_into_view_if_needed()
    shot(page, f"count-restated-{width}")


def test_1000_lots_open_and_stay_smooth_on_a_phone_and_survive_a_lost_connection(
    page_at,
    sign_in,
    shot,
    goods,  # noqa: F811
):
    goods(1000)
    page = page_at(390)
    sign_in(page, "kho_px")
    page.goto("/counts/new")
    page.get_by_role("button", name="Mở và bắt đầu đếm").click()
    page.wait_for_url("**/sheet")
    page.reload()
    expect(page.locator("#progress-text")).to_have_text("Đã đếm 0/1.000")
    own_ms = page.evaluate(
        """() => {
            const seen = performance.getEntriesByType("navigation")[0];
            return seen.domContentLoadedEventEnd - seen.responseEnd;
        }"""
    )
    assert own_ms < 3000, own_ms  # what the page itself takes; 0.2 s on a machine that is not busy
    assert page.locator(".grid-row input").count() < 200  # only those near the screen hold cells

    page.locator("#find").fill("L0777")
    page.locator("#find").press("Enter")
    expect(page.locator("#line-1-quantity")).to_be_focused()
    page.keyboard.type("98")
    keep_waiting(page)

    page.context.set_offline(True)
    page.fill("#find", "L0003")
    page.locator("#find").press("Enter")
    page.keyboard.type("55")
    expect(page.locator("#saving")).to_contain_text("chờ gửi")
    shot(page, "count-offline-390")
    page.context.set_offline(False)
    page.reload()
    keep_waiting(page)
    page.reload()
    expect(page.locator("#progress-text")).to_have_text("Đã đếm 2/1.000")
    page.fill("#find", "L0003")
    expect(page.locator("#line-1-quantity")).to_have_value("55")

    page.fill("#find", "")
    page.locator("#find").press("ArrowDown")
    jumps = page.evaluate(
        """async () => {
            const jumps = [];
            for (let i = 1; i <= 20; i++) {
                const began = performance.now();
                window.scrollTo(0, i * 4000);
                await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
                jumps.push([performance.now() - began, document.querySelectorAll(".grid-row input").length]);
            }
            return jumps;
        }"""
    )
    assert max(inputs for _, inputs in jumps) < 200
    assert statistics.median(ms for ms, _ in jumps) < 400  # two frames; the machine is shared
    shot(page, "count-1000-390")


def test_two_storekeepers_count_one_store(page_at, sign_in, shot, goods):  # noqa: F811
    goods(4)
    first, second = page_at(1280), page_at(390)
    sign_in(first, "kho_px")
    sign_in(second, "truong")
    first.goto("/counts/new")
    first.get_by_role("button", name="Mở và bắt đầu đếm").click()
    first.wait_for_url("**/sheet")
    second.goto(first.url)
    first.fill("#line-1-quantity", "100")
    keep_waiting(first)
    second.fill("#line-2-quantity", "100")
    keep_waiting(second)
    second.fill("#line-1-quantity", "90")
    expect(second.locator(".grid-row").first).to_contain_text("vừa ghi 100")
    shot(second, "count-two-390")
    second.get_by_role("button", name="Lấy số 100").click()
    expect(second.locator("#line-1-quantity")).to_have_value("100")
    first.reload()
    expect(first.locator("#line-2-quantity")).to_have_value("100")
    expect(first.locator("#progress-text")).to_have_text("Đã đếm 2/4")
