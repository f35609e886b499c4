"""A page that only shows: one look at the person, one transaction, and nothing kept that has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, session
from flask_login import current_user
from sqlalchemy import event, text

from supply.catalog import queries as catalog
from supply.core import kept
from supply.core.database import Database, database
from supply.core.errors import NotAllowed, SupplyError
from supply.core.scope import acting_as
from supply.core.transaction import reading, transaction
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent meanwhile."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(database().web_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database().web_engine, "before_cursor_execute", note)


@contextmanager
def asked_by(app: Flask, user_id: int, method: str = "GET") -> Iterator[None]:
    """Inside a request of that person, signed in by cookie."""
    with app.test_request_context("/stock/", method=method):
        session["_user_id"], session["_fresh"] = str(user_id), True
        assert current_user.is_authenticated
        yield


def change(db: Database, sql: str) -> None:
    with db.owner_engine.begin() as owner:
        assert owner.execute(text(sql)).rowcount > 0


def test_a_page_known_to_the_process_asks_for_its_person_and_its_rows_only(
    client_for: ClientFor,
) -> None:
    planner = client_for("kehoach")
    planner.text("/stock/")
    with counted() as sent:
        planner.text("/stock/")
    assert len(sent) == 2, sent


def test_a_page_leaves_its_questions_prepared_on_the_connection(client_for: ClientFor) -> None:
    planner = client_for("kehoach")
    for _ in range(3):
        planner.text("/stock/")
    assert any("stock_sum" in statement for statement in prepared())


def test_what_is_read_outside_a_page_is_prepared_too(db: Database) -> None:
    question = text("SELECT 'asked again and again'")
    for _ in range(3):
        with reading() as look:
            look.execute(question)
    assert any("asked again and again" in statement for statement in prepared())


def prepared() -> list[str]:
    """What is prepared on the connection that is given out next."""
    with database().web_engine.connect() as connection:
        found = connection.execute(text("SELECT statement FROM pg_prepared_statements"))
        return list(found.scalars())


def test_what_is_kept_is_asked_anew_once_it_has_changed(
    db: Database, client_for: ClientFor
) -> None:
    planner = client_for("kehoach")
    assert "Trạm dời" not in planner.text("/stock/")
    change(db, "UPDATE facility SET name_vi = 'Trạm dời đi' WHERE code = 'BD-TYT-01'")
    assert "Trạm dời đi" in planner.text("/stock/")
    change(db, "UPDATE facility SET active = false WHERE code = 'BD-TYT-01'")
    assert "Trạm dời" not in planner.text("/stock/")


def test_a_role_or_a_place_taken_away_is_gone_with_the_next_page(
    db: Database, people: dict[str, int], client_for: ClientFor
) -> None:
    keeper = client_for("kho_px")
    assert "/documents/new/receipt" in keeper.text("/stock/")
    change(db, f"DELETE FROM user_scope WHERE user_id = {people['kho_px']}")
    assert '/documents/new/receipt" data-new' not in keeper.text("/stock/")
    change(db, f"DELETE FROM ab_user_role WHERE user_id = {people['kho_px']}")
    assert keeper.get("/stock/").status_code == 403
    change(db, f"UPDATE ab_user SET active = false WHERE id = {people['kho_px']}")
    assert keeper.get("/stock/").status_code == 302


def test_what_one_person_may_see_is_not_kept_for_another(client_for: ClientFor) -> None:
    planner, keeper = client_for("kehoach"), client_for("kho_px")
    for _ in range(2):
        assert "<option value" in planner.text("/stock/").split('name="facility"')[1]
        assert 'name="facility"' not in keeper.text("/stock/")


def test_a_count_is_not_moved_by_what_was_rolled_back(db: Database) -> None:
    count = text("SELECT changes FROM shared_version")
    with db.owner_engine.connect() as owner:
        before = owner.execute(count).scalar_one()
        owner.execute(text("UPDATE fund SET name_vi = name_vi"))
        owner.execute(text("UPDATE item SET name_vi = name_vi"))
        assert owner.execute(count).scalar_one() == before + 1  # once a transaction
        owner.rollback()
        assert owner.execute(count).scalar_one() == before
        owner.execute(text("UPDATE item SET name_vi = name_vi"))
        owner.commit()
        assert owner.execute(count).scalar_one() == before + 1


def test_a_failed_question_leaves_the_page_its_person(app: Flask, people: dict[str, int]) -> None:
    with asked_by(app, people["kehoach"]):
        with pytest.raises(SupplyError), reading() as look:
            look.execute(text("SELECT 1 / 0"))
        with reading() as look:
            assert look.execute(text("SELECT supply_user_id()")).scalar() == people["kehoach"]
        assert current_user.username == "kehoach"


def test_a_page_that_only_shows_cannot_write_by_its_own_connection(
    app: Flask, people: dict[str, int]
) -> None:
    add = text("INSERT INTO saved_view (user_id, page, name, query) VALUES (:u, '/x/', 'x', '')")
    values = {"u": people["kehoach"]}
    with asked_by(app, people["kehoach"]):
        with pytest.raises(NotAllowed), reading() as look:
            look.execute(add, values)
        with transaction() as work:  # what is meant to write has a connection of its own
            work.execute(add, values)
        with reading() as look:
            assert look.execute(text("SELECT count(*) FROM saved_view")).scalar() == 1


def test_whoever_acts_for_another_reads_in_that_persons_scope(
    app: Flask, people: dict[str, int]
) -> None:
    with asked_by(app, people["kehoach"]):
        mine = catalog.facilities()
        with acting_as(people["kho_px"]):
            assert [f.code for f in catalog.facilities()] == ["BD-TYT-01"]
        assert catalog.facilities() == mine
        assert len(mine) > 1


def test_what_writes_keeps_nothing(app: Flask, people: dict[str, int]) -> None:
    made = []

    def make() -> int:
        made.append(1)
        return len(made)

    with asked_by(app, people["kehoach"]):
        assert [kept.kept("probe", make), kept.kept("probe", make)] == [1, 1]
        with transaction():
            assert kept.kept("probe", make) == 2
        assert kept.kept("probe", make) == 3
    with asked_by(app, people["kehoach"], "POST"):
        assert [kept.kept("probe", make), kept.kept("probe", make)] == [4, 5]
