"""Entry that flies: keys counted, sheets pasted, boxes scanned, every kind written, on desk and phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory import services
from supply.inventory.documents import Receipt, ReceiptLine

TODAY = dt.date.today()
KEYS_MAX = 45
GTIN = "08931234567897"


def day(days: int) -> str:
    """A day as typed on the screen."""
    return f"{TODAY + dt.timedelta(days=days):%d/%m/%Y}"


@pytest.fixture
def place(db: Database) -> Callable[[str], int]:
    """A facility's id by its code."""

    def find(code: str) -> int:
        with db.owner_engine.connect() as connection:
            sql = text("SELECT id FROM facility WHERE code = :code")
            return int(connection.execute(sql, {"code": code}).scalar_one())

    return find


def lot(item: str, number: str, quantity: int, days: int, price: int = 350) -> ReceiptLine:
    """Goods that came in before the story begins."""
    return ReceiptLine(
        item_code=item,
        quantity=quantity,
        lot_number=number,
        expiry=TODAY + dt.timedelta(days=days),
        fund_code="NSTP",
        unit_price_vnd=price,
    )


@pytest.fixture
def stocked(
    db: Database, people: dict[str, int], place: Callable[[str], int]
) -> Callable[..., Any]:
    """`stocked(lot(…), …)`: goods in the store of Phúc Xá, posted as its storekeeper."""

    def receive(*lines: ReceiptLine, days_ago: int = 20) -> services.Posted:
        with acting_as(people["kho_px"]):
            return services.post(
                Receipt(
                    facility_id=place("BD-TYT-01"),
                    partner_code="NCC01",
                    happened_on=TODAY - dt.timedelta(days=days_ago),
                    lines=lines,
                )
            )

    return receive


KNOWN = (
    lot("TH001", "PA2201", 2000, 700),
    lot("PH001", "KT01", 500, 300, 900),
    lot("PH002", "N95A", 100, 900, 6000),
    lot("PH005", "GT77", 200, 500, 1800),
    lot("TH004", "IB09", 400, 600, 500),
)


def count(db: Database, sql: str) -> int:
    """One number, asked as the owner."""
    with db.owner_engine.connect() as connection:
        return int(connection.exec_driver_sql(sql).scalar_one())


def posted(page: Page, prefix: str) -> None:
    """The document's page, after posting."""
    page.wait_for_url("**/documents/*?posted=1")
    expect(page.locator("main")).to_contain_text(f"Đã ghi sổ phiếu {prefix}-")


def test_five_known_lines_are_received_in_at_most_45_keys_and_no_mouse(
    page_at, sign_in, shot, stocked, db
):
    """Every key is counted, modifiers too, from the opened page to the posted document."""
    stocked(*KNOWN)
    page = page_at(1280)
    sign_in(page, "kho_px")
    page.add_init_script(
        "addEventListener('keydown', () => sessionStorage.setItem('keys',"
        " Number(sessionStorage.getItem('keys')) + 1), true)"
    )
    page.goto("/documents/new/receipt")
    lines = (("pa", "20"), ("ktr", "40"), ("n95", "10"), ("gt", "12"), ("ib", "15"))
    for number, (letters, quantity) in enumerate(lines, 1):
        expect(page.locator("#search")).to_be_focused()
        page.keyboard.type(letters, delay=40)
        page.keyboard.press("Enter")
        expect(page.locator(f"#line-{number}-quantity")).to_be_focused()
        page.keyboard.type(quantity, delay=40)
        page.keyboard.press("Enter")
    shot(page, "entry-45-keys-1280")
    page.keyboard.press("Control+Enter")
    posted(page, "PN")
    keys = int(page.evaluate("sessionStorage.getItem('keys')"))
    print(f"keys: {keys}")
    assert keys <= KEYS_MAX
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(5)
    for name, number in (("Paracetamol 500", "PA2201"), ("Khẩu trang y tế", "KT01"),
                         ("Khẩu trang N95", "N95A"), ("Găng tay", "GT77"), ("Ibuprofen", "IB09")):  # fmt: skip
        expect(rows.filter(has_text=name)).to_contain_text(number)
    newest = "(SELECT max(id) FROM document)"
    assert count(db, f"SELECT sum(quantity) FROM entry WHERE document_id = {newest}") == (
        20 * 100 + 40 * 50 + 10 * 20 + 12 * 50 + 15 * 100
    )
