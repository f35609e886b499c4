"""A head of a facility says at the bedside, on a phone, who lies there; the forecast starts from it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.scope import acting_as
from supply.forecast.care import queries


def test_a_head_counts_patients_on_a_phone_by_keyboard_alone(
    page_at: Callable[..., Page],
    sign_in: Callable[[Page, str], None],
    people: dict[str, int],
    shot: Callable[[Page, str], None],
) -> None:
    page = page_at(390)
    sign_in(page, "truong")
    page.goto("/forecast/care/census/")
    page.locator("#mild").focus()
    page.keyboard.type("12")
    page.keyboard.press("Tab")
    page.keyboard.type("3x")
    page.keyboard.press("Enter")
    expect(page.locator("#faults")).to_contain_text("Vừa: “3x” không phải là số")
    expect(page.locator("#mild")).to_have_value("12")
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
    page.locator("#moderate").fill("3")
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text(
        "Đã ghi số người bệnh của Trạm Y tế phường Phúc Xá"
    )
    expect(page.locator("body")).to_contain_text("Lần trước: 12")
    shot(page, "census-390")
    with acting_as(people["truong"]):
        own = [place.id for place in catalog.facilities(writable=True)]
        rows = queries.census(own, today(), today())
    assert {row.tier: row.patients for row in rows} == {"mild": 12, "moderate": 3}
