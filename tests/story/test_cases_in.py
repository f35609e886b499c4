"""A planner pastes this week's cases, sees what is wrong, mends it, records it, and can say who knew what."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from supply.core.clock import stand_on
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.forecast.services import CaseRow, record_cases
from tests.integration.forecast.conftest import ward_codes_of

TODAY = dt.date(2022, 1, 23)
SATURDAY = dt.date(2022, 1, 22)
NAMES = ["Phúc Xá", "Trúc Bạch", "Vĩnh Phúc", "Cống Vị", "Liễu Giai", "Nguyễn Trung Trực", "Quán Thánh",
         "Ngọc Hà", "Điện Biên", "Đội Cấn", "Ngọc Khánh", "Kim Mã", "Giảng Võ", "Thành Công"]  # fmt: skip


def table(last: str = "31") -> str:
    """The district's own table: a total below, one cell still to be mended, one jump."""
    days = [SATURDAY - dt.timedelta(days=n) for n in range(6, -1, -1)]
    lines = ["TT\tPhường\t" + "\t".join(f"{d:%d/%m/%Y}" for d in days) + "\tTổng"]
    for n, name in enumerate(NAMES):
        cases = [30 + n + d for d in range(7)]
        cells = [str(c) for c in cases]
        if n == 0:
            cells[6] = last
        if n == 3:
            cells[2] = "2.400"
        lines.append(f"{n + 1}\t{name}\t" + "\t".join(cells) + f"\t{sum(cases)}")
    return "\n".join(lines)


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_week_is_pasted_mended_recorded_and_remembered(
    width: int,
    db: Database,
    people: dict[str, int],
    page_at: Callable[..., Page],
    sign_in: Callable[[Page, str], None],
    shot: Callable[[Page, str], None],
) -> None:
    stand_on(TODAY)
    with acting_as(people["duyet"]):
        record_cases(
            "ba-dinh",
            [
                CaseRow(code, SATURDAY - dt.timedelta(days=7 + n), 24 + k + (n % 7 == 0) * 5)
                for k, code in enumerate(ward_codes_of(db))
                for n in range(42)
            ],
            "Báo cáo ngày của trạm y tế",
        )
    page = page_at(width)
    sign_in(page, "kehoach")
    page.goto("/forecast/cases/")
    page.get_by_role("link", name="Dán hoặc tải số ca").click()
    expect(page.get_by_label("Dán bảng số ca vào đây")).to_be_focused()
    page.get_by_label("Dán bảng số ca vào đây").fill(table("36,5").replace("Kim Mã", "Kim Mả 2"))
    shot(page, f"cases-paste-{width}")
    page.get_by_role("button", name="Xem trước").click()

    expect(page.locator("#refused")).to_contain_text("Dòng 2: cột 22/01/2022: “36,5” có dấu phẩy")
    expect(page.get_by_role("heading", name="Phường, xã nào?")).to_be_visible()
    expect(page.get_by_role("button", name="Ghi số ca")).to_have_count(0)
    fits(page)
    shot(page, f"cases-faults-{width}")
    page.get_by_label("Bảng đã dán").fill(table().replace("Kim Mã", "Kim Mả 2"))
    page.get_by_role("button", name="Xem trước lại").click()

    page.get_by_label("“Kim Mả 2”").select_option(label="Kim Mã (00028)")
    page.get_by_role("button", name="Kiểm lại").click()
    expect(page.get_by_role("heading", name="Cao bất thường?")).to_be_visible()
    tick = page.get_by_label(re.compile("Cống Vị"))
    expect(tick).to_be_checked()
    expect(page.locator(".findings")).to_contain_text("Không dùng các cột: “TT”, “Tổng”")
    fits(page)
    shot(page, f"cases-preview-{width}")
    tick.focus()
    page.keyboard.press("Space")
    expect(tick).not_to_be_checked()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Ghi số ca").press("Enter")

    expect(page.locator("main, .toasts").first).to_be_visible()
    expect(page.get_by_text("Đã ghi: thêm 98")).to_be_visible()
    expect(page.locator("#marked")).to_contain_text("2.400")
    fits(page)
    shot(page, f"cases-{width}")
    page.goto("/forecast/cases/in/")
    page.get_by_label("Dán bảng số ca vào đây").fill(
        f"Ngày\tPhường\tSố ca\n{SATURDAY:%d/%m/%Y}\tPhúc Xá\t44"
    )
    page.get_by_label("Kỳ của số liệu").select_option("1")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_role("row", name=re.compile("Phúc Xá.*31.*44")).first).to_be_visible()
    page.get_by_role("button", name="Ghi số ca").click()
    page.goto("/forecast/cases/history/?ward=00001&changed=1")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody")).to_contain_text("Nguyễn Thị kehoach")
    fits(page)
    shot(page, f"cases-history-ward-{width}")
    page.goto("/forecast/cases/history/?known=" + f"{dt.datetime.now().date():%d/%m/%Y}")
    expect(page.get_by_role("heading", name="Số của mỗi tuần, biết khi nào")).to_be_visible()
    fits(page)
    shot(page, f"cases-history-{width}")
