"""Borrowing and lending: with a partner, and with another facility; visible until settled."""

from __future__ import annotations

from typing import Any

import pytest

from supply.core.errors import AlreadyDone, Conflict, InvalidInput, NotEnoughStock, NotFound
from supply.core.scope import acting_as
from supply.inventory import money
from supply.inventory.documents import (
    Issue,
    IssueLine,
    Receipt,
    ReceiptLine,
    Reversal,
    TransferDispatch,
    TransferReceipt,
)
from supply.inventory.services import Posted
from supply.inventory.verify import verify_ledger
from tests.integration.inventory.conftest import World, days

A, B = "BD-TYT-01", "BD-TYT-02"


def receipt(world: World, quantity: int, purpose: str, **head: Any) -> Posted:
    line = ReceiptLine(
        item_code=world.items[0], quantity=quantity, lot_number="M1", expiry=days(200),
        fund_code=world.fund, unit_price_vnd=50,
    )  # fmt: skip
    return world.post(
        "kho_px", Receipt(facility_id=world.places[A], lines=(line,), purpose=purpose, **head)
    )


def issue(world: World, quantity: int, purpose: str, **head: Any) -> Posted:
    line = IssueLine(item_code=world.items[0], quantity=quantity)
    return world.post(
        "kho_px", Issue(facility_id=world.places[A], lines=(line,), purpose=purpose, **head)
    )


def undo(world: World, posted: Posted, user: str = "kho_px") -> Posted:
    return world.post(
        user,
        Reversal(facility_id=posted.facility_id, reverses_id=posted.document_id, reason="nhầm"),
    )


def test_borrowed_goods_are_given_back_up_to_what_was_borrowed(world: World) -> None:
    borrowed = receipt(world, 100, "borrowed", partner_code=world.donor)
    issue(world, 60, "loan_return", settles_id=borrowed.document_id)
    world.receive("kho_px", A, 1)
    before = world.fingerprint()
    with pytest.raises(NotEnoughStock) as refused:
        issue(world, 41, "loan_return", settles_id=borrowed.document_id)
    assert "còn 40, ghi 41" in refused.value.message("vi")
    assert world.fingerprint() == before
    with pytest.raises(Conflict) as resting:
        undo(world, borrowed)
    assert "hãy đảo phiếu trả trước" in resting.value.message("vi")
    assert verify_ledger().is_sound


def test_lent_goods_come_back_and_the_partner_is_the_loans(world: World) -> None:
    world.receive("kho_px", A, 100)
    lent = issue(world, 30, "loan", partner_code=world.donor)
    assert world.on_hand(A) == 70
    back = receipt(world, 30, "loan_return", settles_id=lent.document_id)
    assert world.on_hand(A) == 100
    partner = "SELECT partner_id FROM document WHERE id = :d"
    assert world.owner_value(partner, d=back.document_id) == world.owner_value(
        partner, d=lent.document_id
    )
    with pytest.raises(NotEnoughStock):
        receipt(world, 1, "loan_return", settles_id=lent.document_id)
    undo(world, back)
    assert receipt(world, 30, "loan_return", settles_id=lent.document_id).document_id
    assert verify_ledger().is_sound


def test_loans_are_not_use_and_stand_apart_in_the_money(world: World) -> None:
    world.receive("kho_px", A, 100)

    def figures() -> dict[str, int]:
        with acting_as(world.people["kho_px"]):
            found = {f.fund_code: f for f in money.value_by_fund()}[world.fund]
        assert found.difference_vnd == 0
        return {n: getattr(found, n) for n in ("used_vnd", "from_lenders_vnd", "to_lenders_vnd")}

    before = figures()
    lent = issue(world, 30, "loan", partner_code=world.donor)
    receipt(world, 10, "loan_return", settles_id=lent.document_id)
    undo(world, issue(world, 5, "loan", partner_code=world.donor))
    after = figures()
    assert {n: after[n] - before[n] for n in after} == {
        "used_vnd": 0, "from_lenders_vnd": 500, "to_lenders_vnd": 30_000,
    }  # fmt: skip


def test_what_a_loan_needs(world: World) -> None:
    world.receive("kho_px", A, 100, happened_on=days(-9))
    other = world.owner_value(
        "SELECT code FROM partner WHERE code <> :c ORDER BY code LIMIT 1", c=world.donor
    )
    lent = issue(world, 30, "loan", partner_code=world.donor, happened_on=days(-3))
    wrong = undo(world, issue(world, 5, "loan", partner_code=world.donor))
    before = world.fingerprint()
    for purpose, field in (("loan", "partner_code"), ("loan_return", "settles"), ("?", "purpose")):
        with pytest.raises(InvalidInput) as refused:
            issue(world, 1, purpose)
        assert [f.field for f in refused.value.faults] == [field]
    with pytest.raises(NotFound) as unknown:
        issue(world, 1, "loan_return", settles_id=lent.document_id)  # what was lent, not borrowed
    assert unknown.value.faults[0].field == "settles"
    with pytest.raises(InvalidInput) as early:
        receipt(world, 1, "loan_return", settles_id=lent.document_id, happened_on=days(-4))
    assert early.value.faults[0].field == "happened_on"
    with pytest.raises(InvalidInput) as strange:
        receipt(world, 1, "loan_return", settles_id=lent.document_id, partner_code=other)
    assert strange.value.faults[0].field == "partner_code"
    reversed_loan = world.owner_value(
        "SELECT reverses_id FROM document WHERE id = :d", d=wrong.document_id
    )
    with pytest.raises(AlreadyDone):
        receipt(world, 1, "loan_return", settles_id=reversed_loan)
    assert world.fingerprint() == before


def test_a_loan_to_another_facility_is_given_back_by_it(world: World) -> None:
    world.receive("kho_px", A, 100)
    here, there = world.places[A], world.places[B]
    line = (IssueLine(item_code=world.items[0], quantity=40),)
    lent = world.post(
        "kho_px",
        TransferDispatch(
            facility_id=here, counterpart_facility_id=there, lines=line, purpose="loan"
        ),
    )
    world.post("kho_tb", TransferReceipt(facility_id=there, follows_id=lent.document_id))

    def give_back(quantity: int, settles_id: int) -> Posted:
        return world.post(
            "kho_tb",
            TransferDispatch(
                facility_id=there, counterpart_facility_id=here, purpose="loan_return",
                lines=(IssueLine(item_code=world.items[0], quantity=quantity),),
                settles_id=settles_id,
            ),
        )  # fmt: skip

    back = give_back(25, lent.document_id)
    world.receive("kho_tb", B, 50)
    with pytest.raises(NotEnoughStock):
        give_back(16, lent.document_id)
    with pytest.raises(NotFound):
        give_back(1, back.document_id)
    world.post("kho_px", TransferReceipt(facility_id=here, follows_id=back.document_id))
    assert (world.on_hand(A), world.on_hand(B)) == (85, 65)
    with pytest.raises(Conflict):
        undo(world, lent)
    assert verify_ledger().is_sound
