"""Nobody sees or takes more than the database lets them."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from supply.core.database import Database
from supply.core.errors import SupplyError
from supply.core.scope import acting_as
from supply.core.transaction import reading, transaction


def test_without_a_person_there_is_no_scope(db: Database) -> None:
    with reading() as session:
        assert session.execute(text("SELECT supply_user_id(), supply_read_ids()")).one() == (
            None,
            [],
        )


def test_a_forged_scope_counts_for_nothing(db: Database) -> None:
    with reading() as session:
        session.execute(
            text(
                "SELECT set_config('supply.scope', :s, true), set_config('supply.seal', 'x', true)"
            ),
            {"s": '{"user": 1, "read": "{1,2,3}"}'},
        )
        assert session.execute(text("SELECT supply_read_ids()")).scalar() == []


def test_another_persons_scope_cannot_be_entered_without_the_key(db: Database) -> None:
    with db.web_engine.connect() as connection, pytest.raises(DBAPIError, match="scope_refused"):
        connection.execute(text("SELECT supply_enter(1, 'guess')"))


def test_the_web_role_owns_nothing(db: Database) -> None:
    with acting_as(None), reading() as session:
        owned = session.execute(
            text("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        ).scalar()
        assert owned == 0


def test_each_person_sees_their_own_facilities(db: Database, people: dict[str, int]) -> None:
    def sees(name: str) -> int:
        with acting_as(people[name]), reading() as session:
            return len(session.execute(text("SELECT supply_read_ids()")).scalar() or [])

    assert sees("kho_px") == 1
    assert sees("kehoach") == sees("thanhtra") == 18
    assert sees("quantri") == 34


def test_who_reads_a_district_writes_nowhere(db: Database, people: dict[str, int]) -> None:
    for name in ("kehoach", "taichinh", "thanhtra", "quantri"):
        with acting_as(people[name]), reading() as session:
            assert session.execute(text("SELECT supply_write_ids()")).scalar() == []


def test_a_storekeeper_cannot_make_themselves_administrator(
    db: Database, people: dict[str, int]
) -> None:
    with acting_as(people["kho_px"]), pytest.raises(SupplyError), transaction() as session:
        session.execute(
            text(
                "INSERT INTO ab_user_role (user_id, role_id)"
                " SELECT :me, id FROM ab_role WHERE name = 'administrator'"
            ),
            {"me": people["kho_px"]},
        )
