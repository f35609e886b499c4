"""Recalled lots: they leave no store, but may be set aside, gathered and destroyed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from supply.core.errors import Conflict, NotAllowed, NotFound
from supply.core.scope import acting_as
from supply.core.transaction import transaction
from supply.inventory.documents import (
    Adjustment,
    AdjustmentLine,
    Document,
    Issue,
    IssueLine,
    KitAssembly,
    Quarantine,
    Release,
    Reversal,
    TransferDispatch,
    TransferReceipt,
)
from supply.inventory.verify import verify_ledger
from tests.integration.inventory.conftest import World, days

A, DEPOT = "BD-TYT-01", "BD-TTYT"


def block(world: World, lot: str, recall_id: int, user: str = "kehoach") -> None:
    lot_id = world.owner_value(
        "SELECT l.id FROM lot l JOIN item i ON i.id = l.item_id"
        " WHERE l.number = :n AND i.code = :i",
        n=lot, i=world.items[0],
    )  # fmt: skip
    with acting_as(world.people[user]), transaction() as session:
        session.execute(
            text("SELECT ledger_block_lot(:lot, :recall)"), {"lot": lot_id, "recall": recall_id}
        )


def unblock(world: World, recall_id: int) -> int:
    with acting_as(world.people["kehoach"]), transaction() as session:
        return int(
            session.execute(text("SELECT ledger_unblock_lot(:r)"), {"r": recall_id}).scalar_one()
        )


def lines(world: World, quantity: int = 5, lot: str | None = None) -> tuple[IssueLine, ...]:
    return (IssueLine(item_code=world.items[0], quantity=quantity, lot_number=lot),)


def test_fefo_passes_over_a_recalled_lot_and_a_named_one_is_refused(world: World) -> None:
    world.receive("kho_px", A, 10, lot_number="SOON", expiry=days(30))
    world.receive("kho_px", A, 10, lot_number="LATE", expiry=days(300))
    block(world, "SOON", 1)
    block(world, "SOON", 1)
    assert [x.lot_number for x in world.issue("kho_px", A, 4).lines] == ["LATE"]
    before = world.fingerprint()
    with pytest.raises(Conflict) as refused:
        world.issue("kho_px", A, 1, lot_number="SOON")
    assert "đang bị thu hồi" in refused.value.message("vi")
    with pytest.raises(Conflict) as short:
        world.issue("kho_px", A, 7)
    assert "Có 10 đang bị thu hồi." in short.value.message("vi")
    assert world.fingerprint() == before
    assert unblock(world, 1) == 1
    assert world.issue("kho_px", A, 1).lines[0].lot_number == "SOON"


def test_a_lot_of_two_recalls_stays_blocked_until_both_end(world: World) -> None:
    world.receive("kho_px", A, 10)
    block(world, "A1", 2)
    block(world, "A1", 3)
    unblock(world, 2)
    with pytest.raises(Conflict):
        world.issue("kho_px", A, 1)
    unblock(world, 3)
    world.issue("kho_px", A, 1)


def test_a_recalled_lot_is_gathered_and_destroyed(world: World) -> None:
    here, depot = world.places[A], world.places[DEPOT]
    issued = world.receive("kho_px", A, 40) and world.issue("kho_px", A, 10)
    block(world, "A1", 4)
    for document in (
        Issue(facility_id=here, lines=lines(world)),
        TransferDispatch(facility_id=here, counterpart_facility_id=depot, lines=lines(world)),
        KitAssembly(facility_id=here, lines=lines(world), details={"kit": "A", "count": 1}),
    ):
        assert isinstance(document, Document)
        with pytest.raises(Conflict):
            world.post("kho_px", document)
        with pytest.raises(Conflict) as refused:
            world.post("kho_px", replace(document, lines=lines(world, lot="A1")))
        assert refused.value.faults[0].field == "lot_number"
    world.post("kho_px", Reversal(facility_id=here, reverses_id=issued.document_id, reason="nhầm"))
    world.post("kho_px", Quarantine(facility_id=here, lines=lines(world, 40), reason="thu hồi"))
    with pytest.raises(Conflict):
        world.post("kho_px", Release(facility_id=here, lines=lines(world), reason="?"))
    with pytest.raises(Conflict):
        world.post("kho_px", Issue(facility_id=here, lines=lines(world), from_place="quarantine"))
    sent = world.post(
        "kho_px",
        TransferDispatch(
            facility_id=here, counterpart_facility_id=depot, lines=lines(world, 30),
            from_place="quarantine",
        ),
    )  # fmt: skip
    world.post("kho_tt", TransferReceipt(facility_id=depot, follows_id=sent.document_id))
    assert (world.on_hand(DEPOT), world.on_hand(DEPOT, "quarantine")) == (0, 30)
    gone = AdjustmentLine(item_code=world.items[0], quantity=30, direction="out")
    world.post(
        "kho_tt",
        Adjustment(facility_id=depot, lines=(gone,), reason="disposed", from_place="quarantine"),
    )
    assert world.on_hand(DEPOT, "quarantine") == 0
    assert verify_ledger().is_sound


def test_who_may_block_what(world: World) -> None:
    world.receive("kho_px", A, 10)
    with pytest.raises(NotAllowed) as refused:
        block(world, "A1", 5, user="kho_px")
    assert "người lập kế hoạch" in refused.value.message("vi")
    block(world, "A1", 5, user="quantri")
    with pytest.raises(NotFound), acting_as(world.people["kehoach"]), transaction() as session:
        session.execute(text("SELECT ledger_block_lot(-1, 5)"))
    assert unblock(world, 5) == 1
    assert unblock(world, 5) == 0
