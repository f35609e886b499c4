"""A store with goods for home bags, and the short way to a form's key."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory.documents import Opening, ReceiptLine
from supply.inventory.services import post


@pytest.fixture
def stocked(db: Database, people: dict[str, int]) -> Callable[..., int]:
    """`stocked(TH001=100)`: those goods are in the store of BD-TYT-01; gives its id."""
    with db.owner_engine.connect() as connection:
        place = connection.execute(
            text("SELECT id FROM facility WHERE code = 'BD-TYT-01'")
        ).scalar_one()

    def stock(**goods: int) -> int:
        lines = [
            ReceiptLine(item_code=code, quantity=n, fund_code="NSTP", unit_price_vnd=1000)
            for code, n in goods.items()
        ]
        with acting_as(people["kho_px"]):
            post(Opening(facility_id=place, lines=lines))
        return int(place)

    return stock


def key_of(page: str) -> str:
    """The key of the first form."""
    found = re.search(r'name="client_key" value="([^"]+)"', page)
    assert found
    return found[1]
