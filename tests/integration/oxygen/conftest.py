"""A ward of its own for each test, with cylinders full and empty."""

from __future__ import annotations

import pytest

from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory.documents import Opening, ReceiptLine
from supply.inventory.services import post
from tests.integration.inventory.conftest import days
from tests.integration.kits.conftest import Ward, make_ward


@pytest.fixture
def ward(shared_db: Database, shared_people: dict[str, int]) -> Ward:
    """Ten full cylinders of 40 L, four of 10 L, six empty shells of 40 L, a tonne of liquid."""
    made = make_ward(shared_db, shared_people)
    lines = [
        ReceiptLine(item_code=code, quantity=n, fund_code=made.world.fund, unit_price_vnd=price)
        for code, n, price in (
            ("OX001", 10, 150_000),
            ("OX002", 4, 60_000),
            ("OX005", 6, 0),
            ("OX004", 1000, 8_000),
        )
    ]
    with acting_as(made.world.people[made.keeper]):
        post(Opening(facility_id=made.id, lines=lines, happened_on=days(-20)))
    return made
