"""A station borrows masks from the depot, gives part back, and the rest is made regular by a paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory.documents import IssueLine, TransferReceipt
from supply.inventory.services import post
from supply.lending import services
from tests.integration.inventory.conftest import World, days, make_world

A, DEPOT = "BD-TYT-01", "BD-TTYT"


@pytest.fixture
def world(db: Database, people: dict[str, int]) -> World:
    found = make_world(db, people)
    found.receive("kho_tt", DEPOT, 1000, item_code="PH002")
    with acting_as(people["kho_tt"]):
        sent = services.lend(
            services.Lend(
                facility_id=found.places[DEPOT],
                to_facility_id=found.places[A],
                lines=(IssueLine(item_code="PH002", quantity=200),),
                due_on=days(-4),
                note="Mượn cho điểm lấy mẫu tập trung",
            )
        )
    with acting_as(people["kho_px"]):
        post(TransferReceipt(facility_id=found.places[A], follows_id=sent.document_id))
    return found


@pytest.mark.parametrize("width", [1280, 390])
def test_borrowed_masks_are_given_back_in_part_and_the_rest_made_regular(
    page_at, sign_in, shot, world: World, width: int
) -> None:
    page = page_at(width)
    sign_in(page, "kho_px")
    expect(page.locator(".todos")).to_contain_text("Hàng mượn chưa trả")
    page.goto("/loans/")
    expect(page.locator("tbody")).to_contain_text("quá hẹn 4 ngày")
    shot(page, f"loans-{width}")
    page.locator("tbody a").first.click()
    quantity = page.locator("input.back")
    expect(quantity).to_have_value("200")
    quantity.fill("150")
    shot(page, f"loan-{width}")
    page.get_by_role("button", name="Ghi phiếu trả").click()
    expect(page.locator("main")).to_contain_text("đã trả một phần")
    page.get_by_role("button", name="Hợp thức hóa").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("#regular-paper").fill("QĐ 45/QĐ-TTYT")
    expect(dialog.locator("#quantity")).to_have_value("50")
    shot(page, f"loan-regular-{width}")
    dialog.get_by_role("button", name="Ghi hợp thức hóa").click()
    expect(page.locator("main")).to_contain_text("đã xong")
    expect(page.locator("main")).to_contain_text("QĐ 45/QĐ-TTYT")
    shot(page, f"loan-settled-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/")
    expect(page.locator("main")).not_to_contain_text("Hàng mượn chưa trả")
