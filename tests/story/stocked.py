"""A store with goods in it, before a story begins; what stories of entry share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from supply.core.clock import VIETNAM
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory import services
from supply.inventory.documents import Receipt, ReceiptLine

TODAY = dt.datetime.now(VIETNAM).date()
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
