"""What holds for every kind of document: posted, posted again, back-dated, undone, and proved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest

from supply.core.errors import AlreadyDone, Conflict, KeyReused, NotFound
from supply.inventory.documents import (
    Adjustment,
    AdjustmentLine,
    CylinderEmpty,
    CylinderExchange,
    CylinderLine,
    CylinderSend,
    Document,
    EmptyLine,
    Issue,
    IssueLine,
    KitAssembly,
    KitBreakup,
    Opening,
    Quarantine,
    Receipt,
    ReceiptLine,
    Release,
    Return,
    Reversal,
    TransferDispatch,
    TransferReceipt,
    TransferReceiptLine,
)
from supply.inventory.kinds import KINDS, Kind
from supply.inventory.verify import verify_ledger
from tests.integration.inventory.conftest import World, days

A, DEPOT = "BD-TYT-01", "BD-TTYT"
KEEPER = {A: "kho_px", DEPOT: "kho_tt"}
KIT = {"kit": "A", "count": 2}


def taking(world: World, quantity: int = 10) -> tuple[IssueLine, ...]:
    """One line of the first item."""
    return (IssueLine(item_code=world.items[0], quantity=quantity),)


def bought(world: World, quantity: int = 10, **more: object) -> ReceiptLine:
    """One line that comes in at 7 đồng."""
    return ReceiptLine(
        item_code=world.items[0], quantity=quantity, lot_number="N1", expiry=days(90),
        fund_code=world.fund, unit_price_vnd=7, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _receipt(world: World, here: int) -> Document:
    return Receipt(facility_id=here, lines=(bought(world),), purpose="purchase")


def _issue(world: World, here: int) -> Document:
    return Issue(facility_id=here, lines=taking(world), purpose="home_patient")


def _dispatch(world: World, here: int) -> Document:
    return TransferDispatch(
        facility_id=here, counterpart_facility_id=world.places[DEPOT], lines=taking(world)
    )


def _arrival(world: World, here: int) -> Document:
    world.receive(KEEPER[DEPOT], DEPOT, 30, happened_on=days(-9))
    sent = world.post(
        KEEPER[DEPOT],
        TransferDispatch(
            facility_id=world.places[DEPOT], counterpart_facility_id=here, lines=taking(world),
            happened_on=days(-5),
        ),
    )  # fmt: skip
    line = TransferReceiptLine(item_code=world.items[0], quantity=8, lost_quantity=2)
    return TransferReceipt(
        facility_id=here, follows_id=sent.document_id, lines=(line,), reason="vỡ"
    )


def _opening(world: World, here: int) -> Document:
    return Opening(facility_id=here, lines=(bought(world),))


def _return(world: World, here: int) -> Document:
    issued = world.issue(KEEPER[A], A, 20, happened_on=days(-5))
    return Return(facility_id=here, follows_id=issued.document_id, lines=taking(world, 6))


def _quarantine(world: World, here: int) -> Document:
    return Quarantine(facility_id=here, lines=taking(world), reason="nghi ẩm")


def _release(world: World, here: int) -> Document:
    world.post(KEEPER[A], replace(_quarantine(world, here), happened_on=days(-5)))
    return Release(facility_id=here, lines=taking(world, 4), reason="đạt")


def _assembly(world: World, here: int) -> Document:
    return KitAssembly(facility_id=here, lines=taking(world), details=KIT)


def _breakup(world: World, here: int) -> Document:
    world.post(KEEPER[A], replace(_assembly(world, here), happened_on=days(-5)))
    return KitBreakup(facility_id=here, lines=taking(world, 5), details=KIT | {"count": 1})


def _send(world: World, here: int) -> Document:
    return CylinderSend(facility_id=here, lines=taking(world))


def _exchange(world: World, here: int) -> Document:
    full = CylinderLine(
        item_code=world.items[1], quantity=3, direction="in", fund_code=world.fund,
        unit_price_vnd=200,
    )  # fmt: skip
    empty = CylinderLine(item_code=world.items[0], quantity=3, direction="out")
    return CylinderExchange(facility_id=here, lines=(full, empty))


def _empty(world: World, here: int) -> Document:
    line = EmptyLine(item_code=world.items[0], quantity=4, fund_code=world.fund)
    return CylinderEmpty(facility_id=here, lines=(line,))


def _adjustment(world: World, here: int) -> Document:
    line = AdjustmentLine(item_code=world.items[0], quantity=4, direction="out")
    return Adjustment(facility_id=here, lines=(line,), reason="damaged")


def _reversal(world: World, here: int) -> Document:
    issued = world.issue(KEEPER[A], A, 20, happened_on=days(-5))
    return Reversal(facility_id=here, reverses_id=issued.document_id, reason="nhầm")


MAKERS: dict[Kind, Callable[[World, int], Document]] = {
    Kind.RECEIPT: _receipt,
    Kind.ISSUE: _issue,
    Kind.TRANSFER_DISPATCH: _dispatch,
    Kind.TRANSFER_RECEIPT: _arrival,
    Kind.OPENING: _opening,
    Kind.RETURN: _return,
    Kind.QUARANTINE: _quarantine,
    Kind.RELEASE: _release,
    Kind.KIT_ASSEMBLY: _assembly,
    Kind.KIT_BREAKUP: _breakup,
    Kind.CYLINDER_SEND: _send,
    Kind.CYLINDER_EXCHANGE: _exchange,
    Kind.CYLINDER_EMPTY: _empty,
    Kind.ADJUSTMENT: _adjustment,
    Kind.REVERSAL: _reversal,
}
# What the places of the store hold of the first item after 100 came in and the document was posted.
HELD = {
    Kind.RECEIPT: {"store": 110},
    Kind.ISSUE: {"store": 90},
    Kind.TRANSFER_DISPATCH: {"store": 90},
    Kind.TRANSFER_RECEIPT: {"store": 108},
    Kind.OPENING: {"store": 110},
    Kind.RETURN: {"store": 86},
    Kind.QUARANTINE: {"store": 90, "quarantine": 10},
    Kind.RELEASE: {"store": 94, "quarantine": 6},
    Kind.KIT_ASSEMBLY: {"store": 90, "kit": 10},
    Kind.KIT_BREAKUP: {"store": 95, "kit": 5},
    Kind.CYLINDER_SEND: {"store": 90, "refill": 10},
    Kind.CYLINDER_EXCHANGE: {"store": 97},
    Kind.CYLINDER_EMPTY: {"store": 104},
    Kind.ADJUSTMENT: {"store": 96},
    Kind.REVERSAL: {"store": 100},
}


def held(world: World) -> dict[str, int]:
    """What station A holds of the first item, by place, transit aside."""
    places = ("store", "quarantine", "kit", "refill")
    return {p: n for p in places if (n := world.on_hand(A, p)) != 0}


def prepared(world: World, kind: Kind) -> Document:
    """100 in the store since ten days, and a document of the kind, not yet posted."""
    world.receive(KEEPER[A], A, 100, happened_on=days(-10))
    return MAKERS[kind](world, world.places[A])


def test_every_kind_is_told_here() -> None:
    assert set(MAKERS) == set(HELD) == set(KINDS) == set(Kind)


@pytest.mark.parametrize("kind", list(Kind), ids=lambda k: k.value)
def test_posted_again_and_undone(world: World, kind: Kind) -> None:
    document = prepared(world, kind)
    before = held(world)
    posted = world.post(KEEPER[A], document)
    assert posted.kind == kind
    assert posted.label.startswith(KINDS[kind].prefix + "-")
    assert held(world) == HELD[kind]
    again = world.post(KEEPER[A], document)
    assert again.replayed
    assert replace(again, replayed=False, lines=()) == replace(posted, lines=())
    with pytest.raises(KeyReused):
        world.post(KEEPER[A], replace(document, note="khác"))
    assert held(world) == HELD[kind]
    undo = Reversal(facility_id=world.places[A], reverses_id=posted.document_id, reason="nhầm")
    if kind == Kind.REVERSAL:
        with pytest.raises(NotFound):
            world.post(KEEPER[A], undo)
    else:
        world.post(KEEPER[A], undo)
        assert held(world) == before
        with pytest.raises(AlreadyDone):
            world.post(KEEPER[A], replace(undo, client_key=uuid4()))
    assert verify_ledger().is_sound


@pytest.mark.parametrize("kind", list(Kind), ids=lambda k: k.value)
def test_back_dated_where_every_later_day_can_spare_it(world: World, kind: Kind) -> None:
    document = replace(prepared(world, kind), happened_on=days(-4))
    posted = world.post(KEEPER[A], document)
    assert posted.happened_on == days(-4)
    assert held(world) == HELD[kind]
    assert verify_ledger().is_sound


@pytest.mark.parametrize(
    "kind",
    [Kind.QUARANTINE, Kind.KIT_ASSEMBLY, Kind.CYLINDER_SEND, Kind.CYLINDER_EXCHANGE],
    ids=lambda k: k.value,
)
def test_back_dated_before_the_goods_came_is_refused(world: World, kind: Kind) -> None:
    document = replace(prepared(world, kind), happened_on=days(-11))
    before = world.fingerprint()
    with pytest.raises(Conflict) as refused:
        world.post(KEEPER[A], document)
    assert "Không đủ tồn" in refused.value.message("vi")
    assert world.fingerprint() == before


@pytest.mark.parametrize("kind", list(Kind), ids=lambda k: k.value)
def test_numbers_run_without_gaps_by_kind(world: World, kind: Kind) -> None:
    first = world.post(KEEPER[A], prepared(world, kind))
    world.items[0] = world.items[5]
    document = prepared(world, kind)
    second = world.post(KEEPER[A], document)
    prepared_by_receipt = kind == Kind.RECEIPT  # which takes a number of its own
    assert second.number == first.number + 1 + prepared_by_receipt
