"""The demo districts, loaded through the services once for the whole file."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from seed.district import Loaded, load_district_demo
from seed.people import DemoUser
from supply.core.database import Database
from supply.inventory.verify import verify_ledger

TABLES = ("document", "entry", "consignment", "lot", "case_report", "forecast_run", "ab_user")


class Demo:
    """What the load said."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.users: list[DemoUser] = []
        self.loaded: Loaded = load_district_demo("ba-dinh", self.users.extend)

    def counts(self) -> dict[str, int]:
        with self.database.owner_engine.connect() as connection:
            return {
                table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
                for table in TABLES
            }


@pytest.fixture(scope="module")
def demo(shared_db: Database) -> Demo:
    return Demo(shared_db)


def test_ninety_days_load_in_under_a_minute_and_the_ledger_is_sound(demo: Demo) -> None:
    print({step: round(seconds, 1) for step, seconds in demo.loaded.seconds.items()})
    assert demo.loaded.fresh
    assert sum(demo.loaded.seconds.values()) < 60
    report = verify_ledger()
    assert report.is_sound, report.discrepancies
    assert report.documents == demo.loaded.documents > 1500
