"""A planner sets two scenarios, bends one, looks at them side by side and confirms the week's levels."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from supply.core import jobs
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.forecast.services import record_cases, run_forecast
from tests.integration.forecast.conftest import SOURCE, ward_codes_of, weekly_rows
from tests.web.forecast.test_pages import last_saturday


@pytest.mark.parametrize("width", [1280, 390])
def test_a_planner_prepares_for_what_may_come(
    width: int,
    db: Database,
    people: dict[str, int],
    page_at: Callable[..., Page],
    sign_in: Callable[[Page, str], None],
    shot: Callable[[Page, str], None],
) -> None:
    with acting_as(people["kehoach"]):
        record_cases("ba-dinh", weekly_rows(ward_codes_of(db), last_saturday()), SOURCE)
        run_forecast("ba-dinh", draws=50)
    page = page_at(width)
    sign_in(page, "kehoach")
    page.goto("/forecast/scenarios/")
    expect(page.locator("main")).to_contain_text("Chưa có kịch bản nào")
    shot(page, f"scenarios-empty-{width}")

    card = page.locator(".library .card", has_text="Tình huống xấu nhất")
    card.get_by_role("link", name="Lập từ mẫu này").click()
    sentence = page.locator("#preview .lead-line")
    expect(sentence).to_contain_text("Nếu đúng như giả định")
    before = sentence.inner_text()
    page.get_by_label("Hệ số", exact=True).first.fill("0,6")
    expect(sentence).not_to_have_text(before)
    page.get_by_label("Số ngày", exact=True).fill("chín mươi")
    expect(page.locator("#preview")).to_contain_text("không phải là số")
    page.get_by_label("Số ngày", exact=True).fill("42")
    expect(page.locator("#preview")).to_contain_text("Tổng số ca trong 42 ngày")
    expect(page.locator("#preview canvas")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"scenario-form-{width}")
    page.get_by_role("button", name="Lưu kịch bản").click()
    expect(page.locator("h1")).to_contain_text("Tình huống xấu nhất")
    expect(page.locator(".assume")).to_contain_text("lây lan bằng 0,6 lần hiện nay")
    shot(page, f"scenario-{width}")

    page.goto("/forecast/scenarios/new?template=variant_dangerous")
    page.get_by_label("Số ngày", exact=True).fill("42")
    expect(page.locator("#preview")).to_contain_text("Tổng số ca trong 42 ngày")
    page.get_by_role("button", name="Lưu kịch bản").click()
    expect(page.locator("h1")).to_contain_text("Biến chủng mới nguy hiểm")
    page.goto("/forecast/scenarios/")
    shot(page, f"scenarios-{width}")
    page.get_by_role("button", name="Chạy tất cả").click()
    page.wait_for_url(re.compile(r"/jobs/\d+"))
    jobs.run_now(int(page.url.rsplit("/", 1)[1]))
    page.wait_for_url(re.compile(r"/forecast/scenarios/compare"), timeout=30_000)
    expect(page.locator("main")).to_contain_text("Người bệnh nằm giường cao nhất: nguy kịch")
    expect(page.locator("main canvas")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"scenario-compare-{width}")

    page.goto("/forecast/levels/")
    shot(page, f"levels-{width}")
    page.get_by_role("button", name="Xác nhận tất cả").click()
    page.get_by_role("dialog").get_by_role("button", name="Đồng ý").click()
    expect(page.locator("main")).to_contain_text("✓")
    row = page.locator(".levels-table tbody tr").first
    row.get_by_role("combobox").select_option("4")
    row.get_by_role("textbox").fill("có ổ dịch ở chợ")
    page.get_by_role("button", name="Lưu các cấp đã chọn").click()
    expect(page.locator(".ward-map a").first).to_contain_text("Cấp 4")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"levels-done-{width}")
