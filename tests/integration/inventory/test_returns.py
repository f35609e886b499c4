"""Goods that come back of an issue: up to what is still out, at their exact share of its value."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supply.core.errors import AlreadyDone, Conflict, InvalidInput, NotEnoughStock, NotFound
from supply.core.scope import acting_as
from supply.inventory.documents import Issue, IssueLine, Return, Reversal
from supply.inventory.queries import consumption_daily
from supply.inventory.services import Posted
from supply.inventory.verify import verify_ledger
from tests.integration.inventory.conftest import World, days

A = "BD-TYT-01"


def give_back(world: World, issued: Posted, quantity: int, **more: object) -> Posted:
    head = {k: more.pop(k) for k in ("happened_on",) if k in more}
    line = IssueLine(item_code=world.items[0], quantity=quantity, **more)  # type: ignore[arg-type]
    document = Return(
        facility_id=world.places[A],
        follows_id=issued.document_id,
        lines=(line,),
        **head,  # type: ignore[arg-type]
    )
    return world.post("kho_px", document)


def undo(world: World, posted: Posted) -> Posted:
    return world.post(
        "kho_px",
        Reversal(facility_id=world.places[A], reverses_id=posted.document_id, reason="nhầm"),
    )


def test_value_comes_back_to_the_dong_whatever_the_parts(world: World) -> None:
    world.receive("kho_px", A, 3, unit_price_vnd=None, amount_vnd=100)
    issued = world.issue("kho_px", A, 3)
    amounts = [give_back(world, issued, 1).lines[0].amount_vnd for _ in range(3)]
    assert amounts == [33, 34, 33]
    assert world.on_hand(A) == 3
    with pytest.raises(AlreadyDone) as refused:
        give_back(world, issued, 1)
    assert refused.value.message("vi") == "Hàng của phiếu xuất này đã hoàn trả hết."
    assert verify_ledger().is_sound


def test_more_than_is_still_out_is_refused(world: World) -> None:
    world.receive("kho_px", A, 50)
    issued = world.issue("kho_px", A, 20)
    give_back(world, issued, 15)
    before = world.fingerprint()
    with pytest.raises(NotEnoughStock) as refused:
        give_back(world, issued, 6)
    assert refused.value.lines("vi") == [
        f"Dòng 1: Hoàn trả nhiều hơn số đã xuất của {world.items[0]}: còn 5, ghi 6."
    ]
    assert world.fingerprint() == before


def test_a_lot_that_was_not_issued_does_not_come_back(world: World) -> None:
    world.receive("kho_px", A, 50)
    world.receive("kho_px", A, 50, lot_number="Z9", expiry=days(900))
    issued = world.issue("kho_px", A, 20)
    with pytest.raises(NotEnoughStock):
        give_back(world, issued, 1, lot_number="Z9")
    assert give_back(world, issued, 1, lot_number="A1").lines[0].lot_number == "A1"


def test_a_reversed_issue_cannot_be_returned_nor_a_returned_one_reversed(world: World) -> None:
    world.receive("kho_px", A, 50)
    issued = world.issue("kho_px", A, 20)
    returned = give_back(world, issued, 5)
    with pytest.raises(Conflict) as refused:
        undo(world, issued)
    assert "hãy đảo phiếu hoàn trả trước" in refused.value.message("vi")
    undo(world, returned)
    assert world.on_hand(A) == 30
    undo(world, issued)
    assert world.on_hand(A) == 50
    with pytest.raises(AlreadyDone) as gone:
        give_back(world, issued, 5)
    assert "đã bị đảo" in gone.value.message("vi")
    assert verify_ledger().is_sound


def test_after_a_reversed_return_all_is_out_again(world: World) -> None:
    world.receive("kho_px", A, 50)
    issued = world.issue("kho_px", A, 20)
    undo(world, give_back(world, issued, 20))
    assert give_back(world, issued, 20).lines[0].amount_vnd == 20_000


def test_only_issues_to_use_of_the_own_store_come_back(
    world: World, unchanged: Callable[[], None]
) -> None:
    world.receive("kho_tb", "BD-TYT-02", 50)
    theirs = world.issue("kho_tb", "BD-TYT-02", 20)
    received = world.receive("kho_px", A, 50)
    lent = world.post(
        "kho_px",
        Issue(
            facility_id=world.places[A], purpose="loan", partner_code=world.donor,
            lines=(IssueLine(item_code=world.items[0], quantity=5),),
        ),
    )  # fmt: skip
    before = world.fingerprint()
    for other in (theirs, received, lent):
        with pytest.raises(NotFound):
            give_back(world, other, 1)
    assert world.fingerprint() == before


def test_goods_do_not_come_back_before_they_left(world: World) -> None:
    world.receive("kho_px", A, 50, happened_on=days(-5))
    issued = world.issue("kho_px", A, 20, happened_on=days(-2))
    with pytest.raises(InvalidInput) as refused:
        give_back(world, issued, 1, happened_on=days(-3))
    assert refused.value.faults[0].field == "happened_on"
    assert f"{days(-2):%d/%m/%Y}" in refused.value.message("vi")


def test_a_return_that_is_undone_was_no_use_of_its_own(world: World) -> None:
    """Undoing a return moves goods to use again; what was used is what was issued."""
    world.receive("kho_px", A, 20, happened_on=days(-3))
    issued = world.issue("kho_px", A, 10, happened_on=days(-2))
    undo(world, give_back(world, issued, 4))
    with acting_as(world.people["kho_px"]):
        used = consumption_daily([world.places[A]], days(-5), days(0))
    mine = used[used["item_code"] == world.items[0]]
    assert mine[["date", "quantity"]].to_numpy().tolist() == [[days(-2), 10]]
