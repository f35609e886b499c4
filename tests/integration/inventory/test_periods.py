"""Closed periods refuse, the right role reopens, and closings stay right while stores post."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from supply.core.errors import AlreadyDone, Conflict, InvalidInput, NotAllowed, NotEnoughStock
from supply.core.scope import acting_as
from supply.core.transaction import transaction
from supply.inventory.backdating import effect_of
from supply.inventory.documents import Adjustment, AdjustmentLine, Issue, IssueLine, Reversal
from supply.inventory.periods import (
    close_months,
    close_period,
    closed_through,
    month_before,
    period_events,
    period_states,
    reopen_period,
)
from supply.inventory.verify import verify_ledger
from tests.integration.inventory.conftest import TODAY, World

A, B = "BD-TYT-01", "BD-TYT-02"
LAST = month_before(TODAY)
BEFORE = month_before(LAST)


@pytest.fixture
def closed(world: World) -> Iterator[World]:
    """BD-TYT-01 holds 100 since before last month, and is closed through last month."""
    world.receive("kho_px", A, 100, happened_on=BEFORE - dt.timedelta(days=3), expiry=None)
    with acting_as(world.people["kho_px"]):
        if closed_through(world.places[A]) != LAST:
            close_period(world.places[A], LAST)
    yield world
    with acting_as(world.people["taichinh"]):
        if closed_through(world.places[A]) is not None:
            reopen_period(world.places[A], None, "hết phần thử")


def test_nothing_is_posted_into_a_closed_period_reversals_included(closed: World) -> None:
    posted = closed.issue("kho_px", A, 3, happened_on=LAST + dt.timedelta(days=1))
    assert posted.happened_on == LAST + dt.timedelta(days=1)
    before = closed.fingerprint()
    for day in (LAST, BEFORE):
        with pytest.raises(Conflict) as refused:
            closed.issue("kho_px", A, 1, happened_on=day)
        assert f"{LAST:%d/%m/%Y}" in refused.value.message("vi")
        assert "kế toán" in refused.value.message("vi")
        assert refused.value.faults[0].field == "happened_on"
    with pytest.raises(Conflict):
        closed.post(
            "kho_px",
            Reversal(
                facility_id=closed.places[A], reverses_id=posted.document_id, happened_on=LAST,
                reason="nhầm",
            ),
        )  # fmt: skip
    assert closed.fingerprint() == before
    assert closed.receive("kho_tb", B, 5, happened_on=LAST, expiry=None).happened_on == LAST


def test_only_finance_or_the_administrator_reopens_and_says_why(closed: World) -> None:
    place = closed.places[A]
    for name in ("kho_px", "truong", "kehoach", "thanhtra"):
        with acting_as(closed.people[name]), pytest.raises(NotAllowed):
            reopen_period(place, BEFORE, "quên phiếu")
    with acting_as(closed.people["taichinh"]):
        with pytest.raises(InvalidInput):
            reopen_period(place, BEFORE, "  ")
        with pytest.raises(AlreadyDone):
            reopen_period(place, LAST, "quên phiếu")
        with pytest.raises(InvalidInput):
            reopen_period(place, BEFORE - dt.timedelta(days=1), "quên phiếu")
        reopen_period(place, BEFORE, "quên phiếu")
        assert closed_through(place) == BEFORE
    closed.issue("kho_px", A, 1, happened_on=LAST)
    with acting_as(closed.people["taichinh"]):
        newest = period_events(place)[0]
    assert (newest.action, newest.through, newest.reason) == ("reopen", BEFORE, "quên phiếu")
    assert newest.by.endswith("taichinh") or "taichinh" in newest.by


def test_only_who_writes_for_a_store_closes_it_at_the_end_of_a_month_that_is_over(
    closed: World,
) -> None:
    place = closed.places[A]
    for name in ("kho_tb", "taichinh", "kehoach", "quantri"):
        with acting_as(closed.people[name]), pytest.raises(NotAllowed):
            close_period(place, LAST)
    with acting_as(closed.people["truong"]):
        with pytest.raises(AlreadyDone):
            close_period(place, LAST)
        for day in (TODAY, LAST - dt.timedelta(days=1), LAST + dt.timedelta(days=400)):
            with pytest.raises(InvalidInput):
                close_period(place, day)
    with acting_as(closed.people["kho_px"]):
        (state,) = period_states()
    assert state.closed_through == LAST
    assert state.months_open(LAST) == []


def test_what_happened_to_a_period_is_never_changed(closed: World) -> None:
    for sql in ("UPDATE period_event SET reason = 'x'", "DELETE FROM period_event"):
        with pytest.raises(DBAPIError), closed.database.owner_engine.begin() as connection:
            connection.execute(text(sql))
    with acting_as(closed.people["kho_px"]), pytest.raises(NotAllowed), transaction() as session:
        session.execute(
            text(
                "INSERT INTO period_event (facility_id, action, reason, recorded_by)"
                " VALUES (:f, 'reopen', 'x', 1)"
            ),
            {"f": closed.places[A]},
        )


def test_closings_made_while_stores_post_miss_nothing_and_count_nothing_twice(world: World) -> None:
    """Two stores post back-dated documents from two threads while months are made, forgotten and
    made again in a third."""
    errors: list[BaseException] = []
    start = threading.Barrier(3)

    def post_many(user: str, place: str) -> None:
        try:
            start.wait()
            for n in range(12):
                world.receive(
                    user, place, 10 + n, happened_on=TODAY - dt.timedelta(days=9 * n), expiry=None
                )
        except BaseException as error:
            errors.append(error)

    def make_months() -> None:
        try:
            start.wait()
            for _ in range(6):
                with world.database.owner_engine.begin() as connection:
                    connection.execute(text("SELECT ledger_forget_closings()"))
                with acting_as(world.people["kehoach"]):
                    close_months()
        except BaseException as error:
            errors.append(error)

    threads = [
        threading.Thread(target=post_many, args=("kho_px", A)),
        threading.Thread(target=post_many, args=("kho_tb", B)),
        threading.Thread(target=make_months),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with acting_as(world.people["kehoach"]):
        close_months()
    assert verify_ledger().discrepancies == ()


def test_verify_finds_a_closing_that_was_changed(world: World) -> None:
    world.receive("kho_px", A, 10, happened_on=BEFORE, expiry=None)
    with acting_as(world.people["kehoach"]):
        close_months()
    sql = "UPDATE closing_balance SET quantity = quantity + :n WHERE month_end = :m"
    with world.database.owner_engine.begin() as connection:
        connection.execute(text(sql), {"n": 1, "m": LAST})
    assert "closing" in {d.check for d in verify_ledger().discrepancies}
    with world.database.owner_engine.begin() as connection:
        connection.execute(text(sql), {"n": -1, "m": LAST})
    assert verify_ledger().discrepancies == ()


def test_a_preview_says_what_changes_and_changes_nothing(world: World) -> None:
    world.receive("kho_px", A, 50, happened_on=BEFORE - dt.timedelta(days=2), expiry=None)
    world.issue("kho_px", A, 20, happened_on=LAST)
    count = Adjustment(
        facility_id=world.places[A], happened_on=LAST, reason="count",
        lines=(AdjustmentLine(item_code=world.items[0], quantity=2, direction="out"),),
    )  # fmt: skip
    counted = world.post("kho_px", count)
    before = world.fingerprint()
    trial = Issue(
        facility_id=world.places[A], happened_on=BEFORE,
        lines=(IssueLine(item_code=world.items[0], quantity=8),),
    )  # fmt: skip
    with acting_as(world.people["kho_px"]):
        effect = effect_of(trial)
        with pytest.raises(NotEnoughStock) as refused:
            effect_of(
                Issue(
                    facility_id=world.places[A], happened_on=BEFORE,
                    lines=(IssueLine(item_code=world.items[0], quantity=40),),
                )
            )  # fmt: skip
    (item,) = effect.items
    assert effect.is_back_dated
    assert (item.change, item.day_before, item.day_after) == (-8, 50, 42)
    assert (item.now_before, item.now_after) == (28, 20)
    assert (item.later_movements, item.lowest_after, item.lowest_on) == (2, 20, LAST)
    assert [c.label for c in effect.counts] == [counted.label]
    assert effect.months[:2] == (BEFORE, LAST)
    assert f"{LAST:%d/%m/%Y}" in refused.value.message("vi")
    assert "còn 28" in refused.value.message("vi")
    assert world.fingerprint() == before
