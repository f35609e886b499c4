"""Bad input gets a message that names line and field in both languages, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import text

from supply.core.errors import InvalidInput, KeyReused, NotAllowed, NotEnoughStock, SupplyError
from supply.core.scope import acting_as, scope_proof
from supply.core.transaction import transaction
from supply.inventory.documents import (
    Document,
    Issue,
    IssueLine,
    Receipt,
    ReceiptLine,
    TransferDispatch,
    payload_of,
)
from supply.inventory.services import discard_draft, post, post_draft, save_draft
from tests.integration.inventory.conftest import World, days

A, B = "BD-TYT-01", "BD-TYT-02"
Unchanged = Callable[[], None]


def good_line(world: World, nth: int = 0) -> dict[str, object]:
    return {
        "item_code": world.items[nth],
        "quantity": 10,
        "lot_number": "G1",
        "expiry": days(100),
        "fund_code": world.fund,
        "unit_price_vnd": 100,
    }


def receipt(world: World, *lines: dict[str, object], **more: object) -> Receipt:
    made = tuple(ReceiptLine(**line) for line in lines)  # type: ignore[arg-type]
    return Receipt(facility_id=world.places[A], lines=made, **more)  # type: ignore[arg-type]


BAD_LINES = {
    "unknown item": ({"item_code": "KHONGCO"}, "item_code"),
    "expired lot": ({"expiry": days(-1)}, "expiry"),
    "no fund": ({"fund_code": None}, "fund_code"),
    "unknown fund": ({"fund_code": "QUYLA"}, "fund_code"),
    "zero quantity": ({"quantity": 0}, "quantity"),
    "negative quantity": ({"quantity": -5}, "quantity"),
    "decimal quantity": ({"quantity": 1.5}, "quantity"),
    "quantity beyond reason": ({"quantity": 10**12}, "quantity"),
    "quantity as text": ({"quantity": "1,5"}, "quantity"),
    "negative price": ({"unit_price_vnd": -1}, "unit_price_vnd"),
    "no price": ({"unit_price_vnd": None}, "unit_price_vnd"),
    "expiry without lot": ({"lot_number": None}, "lot_number"),
    "lot number of 5 MB": ({"lot_number": "x" * 5_000_000}, "lot_number"),
    "NUL byte": ({"lot_number": "a\x00b"}, "lot_number"),
    "year 9999": ({"expiry": days(0).replace(year=9999)}, "expiry"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_named_and_nothing_changes(
    world: World, unchanged: Unchanged, name: str
) -> None:
    change, field = BAD_LINES[name]
    with pytest.raises(InvalidInput) as refused:
        world.post("kho_px", receipt(world, good_line(world), good_line(world, 1) | change))
    assert [(f.line, f.field) for f in refused.value.faults] == [(2, field)]
    words = refused.value.faults[0].text
    assert words.vi != words.en
    assert len(words.vi) < 250
    assert refused.value.lines("vi")[0].startswith("Dòng 2: ")
    unchanged()


def test_all_faults_of_a_document_come_at_once(world: World, unchanged: Unchanged) -> None:
    bad = good_line(world) | {"item_code": "KHONGCO"}
    worse = good_line(world) | {"fund_code": "QUYLA", "expiry": days(-9)}
    with pytest.raises(InvalidInput) as refused:
        world.post("kho_px", receipt(world, bad, good_line(world, 1), worse))
    assert [(f.line, f.field) for f in refused.value.faults] == [
        (1, "item_code"), (3, "fund_code"), (3, "expiry"),
    ]  # fmt: skip
    unchanged()


def test_a_pack_of_another_item_is_refused(world: World, unchanged: Unchanged) -> None:
    other = world.owner_value(
        "SELECT min(p.id) FROM item_pack p JOIN item i ON i.id = p.item_id WHERE i.code <> :c",
        c=world.items[0],
    )
    with pytest.raises(InvalidInput) as refused:
        world.post("kho_px", receipt(world, good_line(world) | {"pack_id": other}))
    assert refused.value.faults[0].field == "pack_id"
    unchanged()


def test_one_lot_number_has_one_expiry_and_both_are_named(world: World) -> None:
    world.post("kho_px", receipt(world, good_line(world)))
    before = world.fingerprint()
    with pytest.raises(InvalidInput) as refused:
        world.post("kho_px", receipt(world, good_line(world) | {"expiry": days(50)}))
    for day in (days(100), days(50)):
        assert f"{day:%d/%m/%Y}" in refused.value.faults[0].text.vi
    assert world.fingerprint() == before


def test_a_blank_expiry_does_not_overwrite_a_known_one(world: World) -> None:
    world.post("kho_px", receipt(world, good_line(world)))
    again = world.post("kho_px", receipt(world, good_line(world) | {"expiry": None}))
    assert again.lines[0].expiry == days(100)


def test_more_than_there_is_says_how_much_there_is(world: World) -> None:
    world.receive("kho_px", A, 120)
    before = world.fingerprint()
    with pytest.raises(NotEnoughStock) as refused:
        world.issue("kho_px", A, 200)
    fault = refused.value.faults[0]
    assert (fault.line, fault.field) == (1, "quantity")
    assert "còn 120 " in fault.text.vi
    assert "cần 200" in fault.text.vi
    assert world.fingerprint() == before


def test_an_expired_lot_is_not_issued_even_when_named(world: World) -> None:
    world.receive("kho_px", A, 50, happened_on=days(-30), expiry=days(-2))
    before = world.fingerprint()
    with pytest.raises(NotEnoughStock) as refused:
        world.issue("kho_px", A, 1, lot_number="A1")
    assert "hết hạn" in refused.value.faults[0].text.vi
    with pytest.raises(NotEnoughStock):
        world.issue("kho_px", A, 1)
    assert world.fingerprint() == before


def test_a_later_line_that_fails_undoes_the_earlier_ones(world: World) -> None:
    world.receive("kho_px", A, 10)
    before = world.fingerprint()
    lines = (
        IssueLine(item_code=world.items[0], quantity=5),
        IssueLine(item_code=world.items[1], quantity=5),
    )
    with pytest.raises(NotEnoughStock) as refused:
        world.post("kho_px", Issue(facility_id=world.places[A], lines=lines))
    assert [f.line for f in refused.value.faults] == [2]
    assert world.fingerprint() == before


def test_a_future_date_is_refused(world: World, unchanged: Unchanged) -> None:
    with pytest.raises(InvalidInput) as refused:
        world.post("kho_px", receipt(world, good_line(world), happened_on=days(3)))
    assert refused.value.faults[0].field == "happened_on"
    unchanged()


def test_ten_thousand_lines_are_refused_at_once(world: World, unchanged: Unchanged) -> None:
    lines = [good_line(world)] * 10_000
    with pytest.raises(InvalidInput) as refused:
        world.post("kho_px", receipt(world, *lines))
    assert [f.field for f in refused.value.faults] == ["lines"]
    unchanged()


def test_a_note_of_5_mb_is_refused(world: World, unchanged: Unchanged) -> None:
    with pytest.raises(InvalidInput) as refused:
        world.post("kho_px", receipt(world, good_line(world), note="x" * 5_000_000))
    assert [f.field for f in refused.value.faults] == ["note"]
    unchanged()


def test_a_transfer_needs_another_open_facility(world: World) -> None:
    world.receive("kho_px", A, 10)
    before = world.fingerprint()
    for counterpart in (world.places[A], 999_999):
        with pytest.raises(InvalidInput) as refused:
            world.post(
                "kho_px",
                TransferDispatch(
                    facility_id=world.places[A],
                    counterpart_facility_id=counterpart,
                    lines=(IssueLine(item_code=world.items[0], quantity=1),),
                ),
            )
        assert refused.value.faults[0].field == "counterpart_facility"
    assert world.fingerprint() == before


@pytest.mark.parametrize("user", ["kho_tb", "kehoach", "taichinh", "thanhtra", "quantri"])
def test_only_the_stores_own_people_post(world: World, unchanged: Unchanged, user: str) -> None:
    with pytest.raises(NotAllowed):
        world.post(user, receipt(world, good_line(world)))
    unchanged()


def test_without_a_person_nothing_is_posted(world: World, unchanged: Unchanged) -> None:
    with acting_as(None), pytest.raises(NotAllowed):
        post(receipt(world, good_line(world)))
    unchanged()


def test_the_same_key_posts_once_and_other_content_is_refused(world: World) -> None:
    document = receipt(world, good_line(world))
    first = world.post("kho_px", document)
    before = world.fingerprint()
    again = world.post("kho_px", document)
    assert again.replayed
    assert (again.document_id, again.hash) == (first.document_id, first.hash)
    other = receipt(world, good_line(world) | {"quantity": 11}, client_key=document.client_key)
    with pytest.raises(KeyReused):
        world.post("kho_px", other)
    elsewhere = Receipt(
        facility_id=world.places[B], lines=document.lines, client_key=document.client_key
    )
    with pytest.raises(KeyReused):
        world.post("kho_tb", elsewhere)
    assert world.fingerprint() == before


def test_a_connection_closed_in_the_middle_leaves_nothing(
    world: World, unchanged: Unchanged
) -> None:
    address = world.database.web_url.set(drivername="postgresql").render_as_string(False)
    user = world.people["kho_px"]
    connection = psycopg.connect(address)
    connection.execute("SELECT supply_enter(%s, %s)", (user, scope_proof(user)))
    body = json.dumps(payload_of(receipt(world, good_line(world))))
    found = connection.execute("SELECT post_document(%s::jsonb)", (body,)).fetchone()
    assert found is not None
    connection.pgconn.finish()  # the plug is pulled: no rollback is said
    world.post("kho_px", receipt(world, good_line(world, 1)))  # the facility is not left locked
    assert world.on_hand(A) == 0


def test_a_service_whose_connection_dies_says_so_and_leaves_nothing(
    world: World, unchanged: Unchanged
) -> None:
    def cut_off() -> None:
        with transaction() as session:
            post(receipt(world, good_line(world)))
            pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with world.database.web_engine.begin() as same_role:
                same_role.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            post(receipt(world, good_line(world, 1)))

    with acting_as(world.people["kho_px"]), pytest.raises(SupplyError) as refused:
        cut_off()
    assert refused.value.status == 503
    unchanged()


def test_a_draft_moves_nothing_until_posted_and_posts_once(world: World) -> None:
    document = receipt(world, good_line(world))
    with acting_as(world.people["kho_px"]):
        draft = save_draft(document)
        assert world.on_hand(A) == 0
        assert save_draft(receipt(world, good_line(world) | {"quantity": 7}), draft) == draft
        posted = post_draft(draft)
        assert post_draft(draft).replayed
        with pytest.raises(SupplyError):
            discard_draft(draft)
    assert posted.lines[0].quantity == world.on_hand(A) == 7


def test_a_draft_may_be_incomplete_but_not_oversized(world: World) -> None:
    with acting_as(world.people["kho_px"]):
        save_draft(receipt(world))
        save_draft(receipt(world, good_line(world) | {"quantity": 0, "fund_code": None}))
        before = world.fingerprint()
        for lines in ([good_line(world)] * 6000, [good_line(world) | {"lot_number": "x" * 10**6}]):
            with pytest.raises(InvalidInput):
                save_draft(receipt(world, *lines))
    assert world.fingerprint() == before


def test_a_planner_prepares_a_transfer_but_does_not_post_it(world: World) -> None:
    world.receive("kho_px", A, 10)
    transfer: Document = TransferDispatch(
        facility_id=world.places[A],
        counterpart_facility_id=world.places[B],
        lines=(IssueLine(item_code=world.items[0], quantity=4),),
        origin="plan:17",
    )
    with acting_as(world.people["kehoach"]):
        draft = save_draft(transfer)
        with pytest.raises(NotAllowed):
            post_draft(draft)
        with pytest.raises(NotAllowed):
            save_draft(receipt(world, good_line(world)))
    with acting_as(world.people["kho_tb"]), pytest.raises(SupplyError):
        post_draft(draft)
    with acting_as(world.people["kho_px"]):
        assert post_draft(draft).lines[0].quantity == 4
