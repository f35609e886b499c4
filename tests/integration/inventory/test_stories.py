"""A store's days, told through the services."""

from __future__ import annotations

import pytest

from supply.core.errors import AlreadyDone, Conflict, InvalidInput, NotEnoughStock, NotFound
from supply.inventory.documents import (
    Adjustment,
    AdjustmentLine,
    Issue,
    IssueLine,
    Opening,
    Receipt,
    ReceiptLine,
    Reversal,
    TransferDispatch,
    TransferReceipt,
    TransferReceiptLine,
)
from supply.inventory.services import Posted
from supply.inventory.verify import verify_ledger
from tests.integration.inventory.conftest import World, days

A, B = "BD-TYT-01", "BD-TYT-02"
DEPOT = "BD-TTYT"


def send(world: World, quantity: int, **more: object) -> Posted:
    return world.post(
        "kho_tt",
        TransferDispatch(
            facility_id=world.places[DEPOT],
            counterpart_facility_id=world.places[A],
            lines=(IssueLine(item_code=world.items[0], quantity=quantity),),
            **more,  # type: ignore[arg-type]
        ),
    )


def arrive(world: World, sent: Posted, *lines: TransferReceiptLine, reason: str = "") -> Posted:
    return world.post(
        "kho_px",
        TransferReceipt(
            facility_id=world.places[A],
            follows_id=sent.document_id,
            lines=lines,
            reason=reason,
        ),
    )


def undo(world: World, user: str, place: str, document: Posted) -> Posted:
    return world.post(
        user,
        Reversal(
            facility_id=world.places[place], reverses_id=document.document_id, reason="Nhập nhầm"
        ),
    )


def test_what_is_received_is_on_hand_and_what_is_issued_is_gone(world: World) -> None:
    received = world.receive("kho_px", A, 100, unit_price_vnd=1500)
    assert received.label == f"PN-{received.year}-{received.number:04d}"
    assert received.lines[0].amount_vnd == 150_000
    issued = world.issue("kho_px", A, 30)
    assert issued.lines[0].amount_vnd == 45_000
    assert world.on_hand(A) == 70
    assert verify_ledger().is_sound


def test_the_earliest_expiry_leaves_first_across_lots(world: World) -> None:
    world.receive("kho_px", A, 10, lot_number="LATE", expiry=days(300))
    world.receive("kho_px", A, 10, lot_number="SOON", expiry=days(30))
    world.receive("kho_px", A, 10, lot_number="NEVER", expiry=None)
    issued = world.issue("kho_px", A, 25)
    assert [(x.lot_number, x.quantity) for x in issued.lines] == [
        ("SOON", 10),
        ("LATE", 10),
        ("NEVER", 5),
    ]


def test_a_named_lot_is_taken_before_the_free_choice_of_the_same_document(world: World) -> None:
    world.receive("kho_px", A, 10, lot_number="SOON", expiry=days(30))
    world.receive("kho_px", A, 10, lot_number="LATE", expiry=days(300))
    issued = world.post(
        "kho_px",
        Issue(
            facility_id=world.places[A],
            lines=(
                IssueLine(item_code=world.items[0], quantity=10),
                IssueLine(item_code=world.items[0], quantity=10, lot_number="SOON"),
            ),
        ),
    )
    assert [(x.line, x.lot_number) for x in issued.lines] == [(1, "LATE"), (2, "SOON")]


def test_packs_are_booked_in_base_units_at_the_price_of_the_pack(world: World) -> None:
    code = world.owner_value(
        "SELECT i.code FROM item i JOIN item_pack p ON p.item_id = i.id LIMIT 1"
    )
    pack_id = world.owner_value(
        "SELECT min(p.id) FROM item_pack p JOIN item i ON i.id = p.item_id WHERE i.code = :i",
        i=code,
    )
    units = world.owner_value("SELECT units_per_pack FROM item_pack WHERE id = :p", p=pack_id)
    posted = world.receive(
        "kho_px", A, 3, item_code=code, pack_id=pack_id, unit_price_vnd=100_000, lot_number="P1"
    )
    assert (posted.lines[0].quantity, posted.lines[0].amount_vnd) == (3 * int(str(units)), 300_000)


def test_value_goes_with_the_goods_and_the_last_unit_takes_the_rest(world: World) -> None:
    world.receive("kho_px", A, 3, unit_price_vnd=None, amount_vnd=100)
    amounts = [world.issue("kho_px", A, 1).lines[0].amount_vnd for _ in range(3)]
    assert amounts == [33, 34, 33]
    assert sum(amounts) == 100


def test_goods_of_a_transfer_are_on_their_way_until_received(world: World) -> None:
    world.receive("kho_tt", DEPOT, 100)
    sent = send(world, 60)
    assert (world.on_hand(DEPOT), world.on_hand(A, "transit"), world.on_hand(A)) == (40, 60, 0)
    arrive(world, sent)
    assert (world.on_hand(A, "transit"), world.on_hand(A)) == (0, 60)
    with pytest.raises(AlreadyDone):
        arrive(world, sent)
    assert verify_ledger().is_sound


def test_differences_of_a_transfer_are_named_and_the_rest_stays_on_its_way(world: World) -> None:
    world.receive("kho_tt", DEPOT, 100)
    sent = send(world, 60)
    item = world.items[0]
    arrive(
        world,
        sent,
        TransferReceiptLine(item_code=item, quantity=40, lost_quantity=5),
        reason="Vỡ trên đường",
    )
    assert (world.on_hand(A, "transit"), world.on_hand(A)) == (15, 40)
    with pytest.raises(NotEnoughStock) as refused:
        arrive(world, sent, TransferReceiptLine(item_code=item, quantity=16))
    assert refused.value.faults[0].line == 1
    arrive(world, sent, TransferReceiptLine(item_code=item, quantity=15))
    assert (world.on_hand(A, "transit"), world.on_hand(A)) == (0, 55)
    assert verify_ledger().is_sound


def test_a_dispatch_is_received_only_where_it_was_sent(world: World) -> None:
    world.receive("kho_tt", DEPOT, 100)
    sent = send(world, 60)
    with pytest.raises(NotFound):
        world.post(
            "kho_tb",
            TransferReceipt(facility_id=world.places[B], follows_id=sent.document_id),
        )


def test_a_dispatch_is_reversed_only_while_nothing_has_arrived(world: World) -> None:
    world.receive("kho_tt", DEPOT, 100)
    sent = send(world, 60)
    arrived = arrive(world, sent)
    with pytest.raises(Conflict):
        undo(world, "kho_tt", DEPOT, sent)
    undo(world, "kho_px", A, arrived)
    undo(world, "kho_tt", DEPOT, sent)
    assert (world.on_hand(DEPOT), world.on_hand(A, "transit"), world.on_hand(A)) == (100, 0, 0)
    assert verify_ledger().is_sound


def test_a_document_is_reversed_once(world: World) -> None:
    world.receive("kho_px", A, 100)
    issued = world.issue("kho_px", A, 30)
    undo(world, "kho_px", A, issued)
    assert world.on_hand(A) == 100
    with pytest.raises(AlreadyDone):
        undo(world, "kho_px", A, issued)


def test_a_receipt_whose_goods_were_used_cannot_be_reversed(world: World) -> None:
    received = world.receive("kho_px", A, 100)
    world.issue("kho_px", A, 1)
    before = world.fingerprint()
    with pytest.raises(NotEnoughStock):
        undo(world, "kho_px", A, received)
    assert world.fingerprint() == before


def test_a_reversal_is_not_reversed(world: World) -> None:
    received = world.receive("kho_px", A, 100)
    undone = undo(world, "kho_px", A, received)
    with pytest.raises(NotFound):
        undo(world, "kho_px", A, undone)


def adjustment(world: World, reason: str, direction: str, quantity: int, **more: object) -> Posted:
    line = AdjustmentLine(
        item_code=world.items[0],
        quantity=quantity,
        direction=direction,
        **more,  # type: ignore[arg-type]
    )
    return world.post(
        "kho_px", Adjustment(facility_id=world.places[A], reason=reason, lines=(line,))
    )


def test_adjustments_bring_in_and_take_out(world: World) -> None:
    old = ReceiptLine(
        item_code=world.items[0], quantity=50, lot_number="OLD", expiry=days(-5),
        fund_code=world.fund, unit_price_vnd=10,
    )  # fmt: skip
    world.post("kho_px", Opening(facility_id=world.places[A], lines=(old,)))
    adjustment(world, "count", "in", 5, lot_number="OLD")
    lost = adjustment(world, "expired", "out", 20)
    assert lost.lines[0].amount_vnd == 200
    assert world.on_hand(A) == 35
    assert verify_ledger().is_sound


def test_a_reason_that_does_not_fit_the_direction_is_refused(world: World) -> None:
    world.receive("kho_px", A, 100)
    with pytest.raises(InvalidInput) as refused:
        adjustment(world, "damaged", "in", 5, lot_number="A1")
    assert refused.value.faults[0].field == "direction"


def test_a_donors_goods_come_from_the_donor(world: World) -> None:
    world.post(
        "kho_px",
        Receipt(
            facility_id=world.places[A],
            partner_code=world.donor,
            lines=(
                ReceiptLine(
                    item_code=world.items[0], quantity=5, fund_code=world.fund, unit_price_vnd=0
                ),
            ),
        ),
    )
    assert (
        world.owner_value(
            "SELECT l.kind FROM entry e JOIN location l ON l.id = e.from_location_id"
            " JOIN item i ON i.id = e.item_id WHERE i.code = :i",
            i=world.items[0],
        )
        == "donor"
    )


def test_back_dated_goods_leave_only_if_every_later_day_can_spare_them(world: World) -> None:
    world.receive("kho_px", A, 100, happened_on=days(-10))
    world.issue("kho_px", A, 80, happened_on=days(-2))
    with pytest.raises(NotEnoughStock) as refused:
        world.issue("kho_px", A, 30, happened_on=days(-5))
    assert "20" in refused.value.faults[0].text.vi
    world.issue("kho_px", A, 20, happened_on=days(-5))
    with pytest.raises(NotEnoughStock):
        world.issue("kho_px", A, 1, happened_on=days(-11))
    assert verify_ledger().is_sound


def test_later_receipts_do_not_serve_earlier_days(world: World) -> None:
    world.receive("kho_px", A, 10, happened_on=days(-10), lot_number="L1")
    world.receive("kho_px", A, 10, happened_on=days(-3), lot_number="L2")
    with pytest.raises(NotEnoughStock) as refused:
        world.issue("kho_px", A, 15, happened_on=days(-5))
    assert "10" in refused.value.faults[0].text.en


def test_numbers_have_no_gaps_even_after_refusals(world: World) -> None:
    world.receive("kho_px", A, 100)
    numbers = []
    for quantity in (1, 1000, 2, 1000, 3):
        try:
            numbers.append(world.issue("kho_px", A, quantity).number)
        except NotEnoughStock:
            continue
    assert numbers == list(range(numbers[0], numbers[0] + 3))
