"""A storekeeper prints: voucher, stock book, usage report; an officer confirms a form's name.

Told at 1280 and 390 px; with SCREENSHOTS=1 the forms themselves become pictures too."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from supply.core.clock import VIETNAM
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory.documents import Issue, IssueLine, Receipt, ReceiptLine
from supply.inventory.services import post
from supply.paper import services
from supply.paper.forms import Typed
from supply.paper.render import png_pages
from tests.story.conftest import IMAGES

TODAY = dt.datetime.now(VIETNAM).date()
PRICES = (1_015, 350, 12_500, 84_000, 6_200, 152_000)
Shown = Callable[[Page, str], None]


@pytest.fixture
def posted(db: Database, people: dict[str, int]) -> dict[str, int]:
    """A receipt of six drugs and a month of issues of the first."""
    with db.owner_engine.connect() as connection:
        asked = "SELECT id, code FROM item WHERE category = 'drug' AND active ORDER BY code LIMIT 6"
        items = connection.execute(text(asked)).all()
        place = connection.execute(
            text("SELECT id FROM facility WHERE code = 'BD-TTYT'")
        ).scalar_one()
    with acting_as(people["kho_tt"]):
        receipt = post(
            Receipt(
                facility_id=place,
                partner_code="NCC01",
                paper_reference="HĐ 0000123",
                recipient="Trần Văn Giao",
                happened_on=TODAY - dt.timedelta(days=20),
                lines=[
                    ReceiptLine(
                        item_code=item.code,
                        quantity=2_000 * (n + 1),
                        lot_number=f"22{n}B{n}7",
                        expiry=TODAY + dt.timedelta(days=200 + 90 * n),
                        fund_code="NSTP",
                        unit_price_vnd=PRICES[n],
                    )
                    for n, item in enumerate(items)
                ],
            )
        )
        for days in range(18, 0, -2):
            issue = post(
                Issue(
                    facility_id=place,
                    purpose="patient" if days % 4 else "home_patient",
                    recipient="Khoa Khám bệnh",
                    happened_on=TODAY - dt.timedelta(days=days),
                    lines=[IssueLine(item_code=items[0].code, quantity=40 + days)],
                )
            )
    return {"place": place, "item": items[0].id, "receipt": receipt.document_id,
            "issue": issue.document_id}  # fmt: skip


@pytest.mark.parametrize("width", [1280, 390])
def test_a_storekeeper_prints_from_the_document_and_the_card(
    page_at: Callable[..., Page],
    sign_in: Callable[[Page, str], None],
    shot: Shown,
    posted: dict[str, int],
    width: int,
) -> None:
    page = page_at(width)
    sign_in(page, "kho_tt")
    page.goto(f"/documents/{posted['receipt']}")
    button = page.get_by_role("link", name="In phiếu")
    answer = page.request.get(str(button.get_attribute("href")))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")

    page.get_by_role("link", name="Tùy chọn in").click()
    page.get_by_label("Người giao hàng").fill("Trần Văn Giao")
    page.get_by_label("Số chứng từ kèm theo").fill("02")
    expect(page.get_by_role("button", name="Biên bản giao nhận")).to_be_visible()
    shot(page, f"print-{width}")

    page.goto(f"/paper/usage/?month={TODAY:%Y-%m}")
    expect(page.get_by_text("Báo cáo sử dụng thuốc")).not_to_have_count(0)
    shot(page, f"usage-{width}")
    page.goto(f"/stock/card/{posted['place']}/{posted['item']}")
    book = page.get_by_role("link", name="In sổ kho")
    assert page.request.get(str(book.get_attribute("href"))).body().startswith(b"%PDF")


def test_an_officer_confirms_a_form(
    page_at: Callable[..., Page], sign_in: Callable[[Page, str], None], shot: Shown
) -> None:
    page = page_at(1280)
    sign_in(page, "taichinh")
    page.goto("/form-titles/")
    shot(page, "form-titles-1280")
    row = page.get_by_role("row").filter(has_text="Biên bản giao nhận")
    row.get_by_role("link", name="Biên bản giao nhận").click()
    page.get_by_label("Mẫu số").fill("BBGN-01")
    page.get_by_label("Tôi đã đối chiếu").check()
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Đã lưu biểu mẫu.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="BBGN-01")
    expect(row.get_by_text("đã xác nhận")).to_be_visible()


def test_the_forms_as_pictures(posted: dict[str, int], people: dict[str, int]) -> None:
    typed = Typed(names={"preparer": "Nguyễn Thị Hoa", "storekeeper": "Nguyễn Thị Hoa"})
    with acting_as(people["kho_tt"]):
        papers = {
            "paper-voucher": services.voucher(posted["receipt"], typed),
            "paper-stock-book": services.stock_book_paper(
                posted["place"], posted["item"], TODAY - dt.timedelta(days=25), TODAY, typed
            ),
        }
    for name, paper in papers.items():
        (picture,) = png_pages([paper])
        assert picture.startswith(b"\x89PNG")
        if os.environ.get("SCREENSHOTS") == "1":
            folder = Path(os.environ.get("SCREENSHOTS_DIR", IMAGES))
            (folder / f"{name}.png").write_bytes(picture)
