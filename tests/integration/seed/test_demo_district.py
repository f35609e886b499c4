"""The demo districts, loaded through the services once for the whole file."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from sqlalchemy import text

from seed.district import Loaded, load_district_demo
from seed.people import DemoUser
from supply.catalog import queries as catalog
from supply.core.accounts import password_faults
from supply.core.database import Database
from supply.core.errors import Conflict
from supply.core.scope import acting_as
from supply.forecast import needs
from supply.forecast import queries as forecast
from supply.inventory import queries as inventory
from supply.inventory.stock_list import StockFilter
from supply.inventory.verify import verify_ledger
from tests.books import post_books

TABLES = ("document", "entry", "consignment", "lot", "case_report", "forecast_run", "ab_user")


class Demo:
    """What the load said."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.users: list[DemoUser] = []
        self.loaded: Loaded = load_district_demo("ba-dinh", self.users.extend)

    def user_id(self, name: str) -> int:
        with self.database.owner_engine.connect() as connection:
            query = text("SELECT id FROM ab_user WHERE username = :name")
            return int(connection.execute(query, {"name": name}).scalar_one())

    def counts(self) -> dict[str, int]:
        with self.database.owner_engine.connect() as connection:
            return {
                table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
                for table in TABLES
            }


@pytest.fixture(scope="module")
def demo(shared_db: Database) -> Demo:
    return Demo(shared_db)


def test_ninety_days_load_through_the_services_and_the_ledger_is_sound(demo: Demo) -> None:
    print({step: round(seconds, 1) for step, seconds in demo.loaded.seconds.items()})
    assert demo.loaded.fresh
    # Under a minute on two free cores; other tests run beside this one.
    assert sum(demo.loaded.seconds.values()) < 240
    report = verify_ledger()
    assert report.is_sound, report.discrepancies
    assert report.documents == demo.loaded.documents > 1500


def test_a_second_load_says_it_is_there_and_changes_nothing(demo: Demo) -> None:
    before = demo.counts()
    shown: list[DemoUser] = []
    again = load_district_demo("ba-dinh", shown.extend)
    assert not again.fresh
    assert not shown
    assert demo.counts() == before


def test_a_load_that_was_broken_off_is_taken_up_again(demo: Demo) -> None:
    """As if it had ended before the forecast: the documents are known by their keys."""
    before = demo.counts()
    with demo.database.owner_engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE forecast_run SET district_id = (SELECT id FROM district"
                " WHERE slug = 'rach-gia')"
            )
        )
    again: list[DemoUser] = []
    loaded = load_district_demo("ba-dinh", again.extend)
    with demo.database.owner_engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE forecast_run SET district_id = (SELECT id FROM district WHERE slug = 'ba-dinh')"
            )
        )
    assert loaded.fresh
    assert all(user.password is None for user in again)
    after = demo.counts()
    for table in ("document", "entry", "consignment", "lot", "ab_user"):
        assert after[table] == before[table], table
    assert verify_ledger().is_sound


def test_everybody_gets_one_generated_password_that_obeys_the_rules(demo: Demo) -> None:
    passwords = [user.password for user in demo.users]
    assert len(passwords) == len(set(passwords)) == 24
    assert all(p is not None and not password_faults(p) for p in passwords)
    roles = Counter(user.role for user in demo.users)
    assert roles == {
        "storekeeper": 18,
        "facility_head": 2,
        "planner": 2,
        "finance": 1,
        "auditor": 1,
    }


def test_a_demo_storekeeper_sees_one_facility(demo: Demo) -> None:
    with acting_as(demo.user_id("kho_bd_tyt_03")):
        assert {f.code for f in catalog.facilities()} == {"BD-TYT-03"}
        rows = inventory.stock_lines(StockFilter(), limit=500).rows
    assert rows
    assert len({row.facility_id for row in rows}) == 1
    with acting_as(demo.user_id("kehoach1_bd")):
        assert len(catalog.facilities()) == 18


def test_the_plan_has_work_some_are_short_and_some_have_too_much(demo: Demo) -> None:
    with acting_as(demo.user_id("kehoach1_bd")):
        run = forecast.latest_run(catalog.district("ba-dinh").id)
        assert run is not None
        assert run.origin == demo.loaded.last_day
        rows = needs.shortage_rows(needs.shortage(run.id, "ba-dinh", run.day_0))
        waiting = inventory.in_transit()
    levels = Counter(row.level for row in rows)
    assert 50 < levels["danger"] < 250
    assert levels["ok"] > 250
    assert sum(row.expiring for row in rows) > 0
    assert waiting["dispatch_id"].nunique() == 3  # two sent to wards short of them, one lent


def test_goods_past_their_date_and_near_it_lie_in_some_stores(demo: Demo) -> None:
    last = demo.loaded.last_day
    with acting_as(demo.user_id("thanhtra_bd")):
        expired = inventory.expiring_lots(last)
        near = inventory.expiring_lots(last + dt.timedelta(days=60))
    assert expired
    assert len(near) > len(expired)


def test_a_district_with_documents_of_its_own_gets_no_demo(
    db: Database, people: dict[str, int]
) -> None:
    post_books(db, people, seed=2, days=2)
    with pytest.raises(Conflict):
        load_district_demo("ba-dinh")
    with db.owner_engine.connect() as connection:
        count = "SELECT count(*) FROM ab_user WHERE username LIKE 'kho_bd%'"
        assert connection.execute(text(count)).scalar_one() == 0
