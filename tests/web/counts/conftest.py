"""Goods to count: `goods(1000)` puts that many lots into the store of BD-TYT-01."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import text

from supply.core.clock import VIETNAM
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory.documents import Receipt, ReceiptLine
from supply.inventory.services import post

TODAY = dt.datetime.now(VIETNAM).date()


@pytest.fixture
def goods(db: Database, people: dict[str, int]) -> Callable[[int], int]:
    """Receive lots in turn over the catalogue, 100 units each; gives the facility's id."""
    with db.owner_engine.connect() as connection:
        place = connection.execute(
            text("SELECT id FROM facility WHERE code = 'BD-TYT-01'")
        ).scalar_one()
        codes = list(
            connection.execute(text("SELECT code FROM item WHERE active ORDER BY code")).scalars()
        )

    def receive(lots: int, day: dt.date = TODAY - dt.timedelta(days=2)) -> int:
        lines = [
            ReceiptLine(
                item_code=codes[n % len(codes)],
                quantity=100,
                lot_number=f"L{n:04d}",
                expiry=TODAY + dt.timedelta(days=100 + n),
                fund_code="NSTP",
                unit_price_vnd=1000,
            )
            for n in range(lots)
        ]
        with acting_as(people["kho_px"]):
            post(Receipt(facility_id=place, lines=lines, happened_on=day, partner_code="NCC01"))
        return int(place)

    return receive
