"""What lines say beyond their movements: asked and given, packs as typed, reasons; and the seal on it."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from supply.core.errors import InvalidInput
from supply.core.scope import acting_as
from supply.inventory import queries
from supply.inventory.document_queries import document
from supply.inventory.documents import Issue, IssueLine, Receipt, ReceiptLine, Return
from supply.inventory.verify import QUESTIONS, verify_ledger
from tests.integration.inventory.conftest import World, days

A = "BD-TYT-01"


def asked_issue(world: World, *lines: IssueLine) -> Issue:
    return Issue(
        facility_id=world.places[A], lines=lines, purpose="community_team", details={"team": 4}
    )


def test_less_given_than_asked_is_kept_with_its_reason(world: World) -> None:
    world.receive("kho_px", A, 30)
    posted = world.post(
        "kho_px",
        asked_issue(
            world,
            IssueLine(item_code=world.items[0], quantity=30, asked_quantity=50, reason="không đủ"),
            IssueLine(item_code=world.items[1], quantity=0, asked_quantity=5, note="hẹn tuần sau"),
        ),
    )
    with acting_as(world.people["kho_px"]):
        view = document(posted.document_id)
    first, second = view.asked
    assert (first.asked_quantity, first.given_quantity, first.reason) == (50, 30, "không đủ")
    assert (second.asked_quantity, second.given_quantity, second.note) == (5, 0, "hẹn tuần sau")
    assert view.asked_by_line[2].item_code == world.items[1]
    assert [line.line for line in view.lines] == [1]
    assert (view.head.purpose, view.details) == ("community_team", {"team": 4})
    assert view.head.purpose_name is not None
    assert verify_ledger().is_sound


def test_packs_are_kept_as_they_were_typed(world: World) -> None:
    code = world.owner_value(
        "SELECT i.code FROM item i JOIN item_pack p ON p.item_id = i.id LIMIT 1"
    )
    pack_id = world.owner_value(
        "SELECT min(p.id) FROM item_pack p JOIN item i ON i.id = p.item_id WHERE i.code = :i",
        i=code,
    )
    posted = world.receive(
        "kho_px", A, 3, item_code=code, pack_id=pack_id, lot_number="P1", asked_quantity=4
    )
    with acting_as(world.people["kho_px"]):
        (line,) = document(posted.document_id).asked
    units = posted.lines[0].quantity // 3
    assert (line.entered_quantity, line.pack_id, line.asked_quantity) == (3, pack_id, 4 * units)
    assert line.pack_name is not None


def test_a_plain_line_has_no_row(world: World) -> None:
    posted = world.receive("kho_px", A, 30)
    with acting_as(world.people["kho_px"]):
        assert document(posted.document_id).asked == ()


def test_a_document_gives_something(world: World) -> None:
    world.receive("kho_px", A, 30)
    before = world.fingerprint()
    nothing = IssueLine(item_code=world.items[0], quantity=0, asked_quantity=5)
    with pytest.raises(InvalidInput) as refused:
        world.post("kho_px", asked_issue(world, nothing))
    assert [f.field for f in refused.value.faults] == ["lines"]
    with pytest.raises(InvalidInput) as unasked:
        world.post("kho_px", asked_issue(world, IssueLine(item_code=world.items[0], quantity=0)))
    assert (1, "quantity") in [(f.line, f.field) for f in unasked.value.faults]
    assert world.fingerprint() == before


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("document", "purpose = 'patient'"),
        ("document", "purpose = ''"),
        ("document", "from_place = 'kit'"),
        ("document", "details = '{\"team\": 5}'"),
        ("document", "details = details || '{\"x\": null}'"),
        ("document", "settles_id = id"),
        ("document_line", "asked_quantity = 51"),
        ("document_line", "asked_quantity = NULL"),
        ("document_line", "reason = 'khác'"),
        ("document_line", "note = 'thêm'"),
        ("document_line", "entered_quantity = 7"),
        ("document_line", "DELETE"),
    ],
)
def test_verify_finds_what_was_changed_behind_the_ledgers_back(
    world: World, table: str, change: str
) -> None:
    world.receive("kho_px", A, 30)
    line = IssueLine(item_code=world.items[0], quantity=3, asked_quantity=50, reason="không đủ")
    posted = world.post("kho_px", asked_issue(world, line))
    key = "id" if table == "document" else "document_id"
    verb = f"DELETE FROM {table}" if change == "DELETE" else f"UPDATE {table} SET {change}"
    with world.database.owner_engine.connect() as connection:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER never_changed"))
        connection.execute(text(f"{verb} WHERE {key} = :id"), {"id": posted.document_id})
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        report = [str(row[0]) for row in connection.execute(text(QUESTIONS["hash"]))]
        connection.rollback()
    assert [d for d in report if f"document {posted.document_id} " in d]
    assert verify_ledger().is_sound


def test_a_returned_days_use_is_taken_off_the_issues_day(world: World) -> None:
    world.receive("kho_px", A, 30, happened_on=days(-9))
    issued = world.issue("kho_px", A, 20, happened_on=days(-5))
    back = IssueLine(item_code=world.items[0], quantity=8)
    world.post(
        "kho_px", Return(facility_id=world.places[A], follows_id=issued.document_id, lines=(back,))
    )
    world.post(
        "kho_px",
        Issue(
            facility_id=world.places[A], purpose="loan", partner_code=world.donor,
            lines=(IssueLine(item_code=world.items[0], quantity=4),),
        ),
    )  # fmt: skip
    with acting_as(world.people["kho_px"]):
        used = queries.consumption_daily([world.places[A]], days(-9), days(0))
    mine = used[used["item_code"] == world.items[0]]
    assert [(r.date, r.quantity) for r in mine.itertuples()] == [(days(-5), 12)]
    assert isinstance(mine.iloc[0]["date"], dt.date)


def test_a_line_of_a_receipt_may_say_why(world: World) -> None:
    line = ReceiptLine(
        item_code=world.items[0], quantity=4, asked_quantity=5, reason="giao thiếu",
        fund_code=world.fund, unit_price_vnd=1, lot_number="Q1", expiry=days(40),
    )  # fmt: skip
    posted = world.post("kho_px", Receipt(facility_id=world.places[A], lines=(line,)))
    with acting_as(world.people["kho_px"]):
        assert document(posted.document_id).asked[0].reason == "giao thiếu"
