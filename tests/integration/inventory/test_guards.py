"""What protects the ledger when somebody goes round the services."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from supply.core.errors import NotAllowed, SupplyError
from supply.core.scope import acting_as
from supply.core.transaction import reading, transaction
from supply.inventory import queries
from supply.inventory.commands import ledger
from supply.inventory.documents import Receipt, ReceiptLine, Reversal, payload_of
from supply.inventory.money import value_by_fund
from supply.inventory.stock_list import StockFilter
from supply.inventory.verify import verify_ledger
from tests.integration.inventory.conftest import World, days

A = "BD-TYT-01"
LEDGER = ("document", "entry", "lot", "consignment", "balance", "chain_head", "location")


def test_another_facilitys_storekeeper_sees_nothing_by_service_or_sql(world: World) -> None:
    posted = world.receive("kho_px", A, 100)
    with acting_as(world.people["kho_rg"]):
        assert queries.stock_lines(StockFilter(search=world.items[0])).rows == ()
        assert queries.documents([world.places[A]]).rows == ()
        assert queries.on_hand_lots().empty
        assert value_by_fund() == []
        assert queries.item_search(world.items[0], world.places[A])[0].quantity == 0
        card = queries.stock_card(world.places[A], 1, days(-99), days(0))
        assert (card.opening, card.lines) == (0, ())
        with reading() as session:
            for table in ("document", "entry", "balance", "draft"):
                assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
            found = session.execute(
                text("SELECT count(*) FROM document WHERE id = :id"), {"id": posted.document_id}
            )
            assert found.scalar() == 0


def test_another_facilitys_storekeeper_changes_nothing(world: World) -> None:
    posted = world.receive("kho_px", A, 100)
    before = world.fingerprint()
    undo = Reversal(
        facility_id=world.places[A], reverses_id=posted.document_id, reason="không phải của tôi"
    )
    own = Reversal(
        facility_id=world.places["RG-TYT-01"], reverses_id=posted.document_id, reason="thử"
    )
    for document in (undo, own):
        with pytest.raises(SupplyError):
            world.post("kho_rg", document)
    with pytest.raises(NotAllowed):
        world.issue("kho_rg", A, 1)
    forged = json.dumps(payload_of(undo))
    with acting_as(world.people["kho_rg"]), pytest.raises(NotAllowed), transaction() as session:
        session.execute(text("SELECT post_document(CAST(:p AS jsonb))"), {"p": forged})
    assert world.fingerprint() == before


@pytest.mark.parametrize("table", LEDGER)
@pytest.mark.parametrize("verb", ["UPDATE {0} SET id = id", "DELETE FROM {0}", "TRUNCATE {0}"])
def test_the_web_role_cannot_write_the_ledger(world: World, table: str, verb: str) -> None:
    before = world.fingerprint()
    statement = verb.format(table)
    if table in ("balance", "chain_head"):
        statement = statement.replace("id = id", "facility_id = facility_id")
    with acting_as(world.people["kho_px"]), pytest.raises(NotAllowed), transaction() as session:
        session.execute(text(statement))
    assert world.fingerprint() == before


@pytest.mark.parametrize(
    "call",
    [
        "ledger_take(1, 1, 1, 1)",
        "ledger_place('store', 1)",
        "ledger_put(1, 1, NULL::ledger_move)",
    ],
)
def test_the_parts_of_the_door_are_not_doors(world: World, call: str) -> None:
    with acting_as(world.people["kho_px"]), pytest.raises(NotAllowed), transaction() as session:
        session.execute(text(f"SELECT {call}"))


@pytest.mark.parametrize("table", ["document", "entry", "lot", "consignment"])
@pytest.mark.parametrize(
    "verb", ["UPDATE {0} SET id = id", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"]
)
def test_even_the_owner_is_refused_changes(world: World, table: str, verb: str) -> None:
    world.receive("kho_px", A, 1)
    before = world.fingerprint()
    with (
        pytest.raises(DBAPIError, match="never_changed"),
        world.database.owner_engine.begin() as owner,
    ):
        owner.execute(text(verb.format(table)))
    assert world.fingerprint() == before


TAMPERED = {
    "a quantity": ("entry", "UPDATE entry SET quantity = quantity + 1 WHERE document_id = :d"),
    "a value": ("entry", "UPDATE entry SET amount_vnd = amount_vnd + 1 WHERE document_id = :d"),
    "a date": ("document", "UPDATE document SET happened_on = happened_on - 1 WHERE id = :d"),
    "a reason": ("document", "UPDATE document SET reason = 'khác' WHERE id = :d"),
    "an expiry": (
        "lot",
        "UPDATE lot SET expiry = expiry + 90 WHERE id IN"
        " (SELECT lot_id FROM entry WHERE document_id = :d)",
    ),
    "a price": (
        "consignment",
        "UPDATE consignment SET unit_price_vnd = unit_price_vnd + 1 WHERE document_id = :d",
    ),
    "a removed entry": ("entry", "DELETE FROM entry WHERE document_id = :d"),
    "a balance": (
        "balance",
        "UPDATE balance SET quantity = quantity + 5 WHERE consignment_id IN"
        " (SELECT consignment_id FROM entry WHERE document_id = :d)",
    ),
    "a sum": (
        "stock_sum",
        "UPDATE stock_sum SET on_way = on_way + 1 WHERE (item_id, facility_id) IN (SELECT e.item_id,"
        " d.facility_id FROM entry e JOIN document d ON d.id = e.document_id WHERE d.id = :d)",
    ),
    "a sum too many": (
        "stock_sum",
        "INSERT INTO stock_sum SELECT i.id, d.facility_id, 0, 0, 0, 0 FROM document d, item i"
        " WHERE d.id = :d AND NOT EXISTS (SELECT FROM stock_sum s WHERE s.item_id = i.id"
        " AND s.facility_id = d.facility_id) LIMIT 1",
    ),
    "a document with a hash made to fit": (
        "document",
        "UPDATE document d SET note = 'khác', hash = ledger_hash('x') WHERE id = :d",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tampered_row_is_found(world: World, what: str) -> None:
    posted = world.receive("kho_px", A, 100)
    assert verify_ledger().is_sound
    table, change = TAMPERED[what]
    with world.database.owner_engine.connect() as owner:
        if owner.execute(text("SHOW is_superuser")).scalar() != "on":
            pytest.skip("only a superuser of this server could tamper past foreign keys")
        owner.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        owner.execute(text("CREATE TABLE kept AS TABLE " + table))
        changed = owner.execute(text(change), {"d": posted.document_id}).rowcount
        owner.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        owner.commit()
        assert changed > 0
        report = verify_ledger()
        # Put it back for the next test.
        owner.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        owner.execute(text(f"DELETE FROM {table}"))
        owner.execute(text(f"INSERT INTO {table} SELECT * FROM kept"))
        owner.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER ALL"))
        owner.execute(text("DROP TABLE kept"))
        owner.commit()
    assert not report.is_sound
    assert verify_ledger().is_sound


def test_verify_counts_and_says_where(world: World) -> None:
    posted = world.post(
        "kho_px",
        Receipt(
            facility_id=world.places[A],
            lines=(
                ReceiptLine(
                    item_code=world.items[0], quantity=3, fund_code=world.fund, unit_price_vnd=1
                ),
            ),
        ),
    )
    with world.database.owner_engine.begin() as owner:
        owner.execute(
            text("UPDATE balance SET quantity = 4 WHERE consignment_id = :c"),
            {"c": posted.lines[0].consignment_id},
        )
    report = verify_ledger()
    with world.database.owner_engine.begin() as owner:
        owner.execute(
            text("UPDATE balance SET quantity = 3 WHERE consignment_id = :c"),
            {"c": posted.lines[0].consignment_id},
        )
    # The balance contradicts its entries, and the sum of its item contradicts the balance.
    assert [(d.check, d.count) for d in report.discrepancies] == [("balance", 1), ("sum", 1)]
    assert "balance 4" in report.discrepancies[0].examples[0]
    assert report.documents > 0


def test_a_new_facility_gets_its_places_and_its_chain(world: World) -> None:
    with acting_as(world.people["quantri"]), transaction() as session:
        new = session.execute(
            text(
                "INSERT INTO facility (code, name_vi, name_en, kind, district_id, is_depot,"
                " is_private, beds, icu_beds, active, search) SELECT 'MOI', 'Trạm mới',"
                " 'New station', 'mobile_station', min(id), false, false, 0, 0, true, ''"
                " FROM district RETURNING id"
            )
        ).scalar_one()
    kinds = world.owner_value(
        "SELECT string_agg(kind, ',' ORDER BY kind) FROM location WHERE facility_id = :f", f=new
    )
    assert kinds == "kit,quarantine,refill,store,transit"
    assert world.owner_value("SELECT documents FROM chain_head WHERE facility_id = :f", f=new) == 0


def test_the_verify_command_counts_and_exits_1_on_a_discrepancy(world: World) -> None:
    posted = world.receive("kho_px", A, 3)
    runner = CliRunner()
    sound = runner.invoke(ledger, ["verify"])
    assert sound.exit_code == 0
    assert "discrepancies 0" in sound.output
    change = text(
        "UPDATE stock_sum SET quantity = quantity + :n WHERE (item_id, facility_id) IN"
        " (SELECT item_id, facility_id FROM balance WHERE consignment_id = :c)"
    )
    at = {"c": posted.lines[0].consignment_id}
    with world.database.owner_engine.begin() as owner:
        owner.execute(change, at | {"n": 1})
    broken = runner.invoke(ledger, ["verify"])
    with world.database.owner_engine.begin() as owner:
        owner.execute(change, at | {"n": -1})
    assert broken.exit_code == 1
    assert "discrepancies 1" in broken.output
