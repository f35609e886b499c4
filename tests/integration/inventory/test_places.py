"""Goods within a facility: set aside, made into kits, at the supplier to be filled."""

from __future__ import annotations

from typing import Any

import pytest

from supply.core.errors import InvalidInput, NotEnoughStock
from supply.core.scope import acting_as
from supply.inventory import money
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
    ReceiptLine,
    Release,
    TransferDispatch,
    TransferReceipt,
)
from supply.inventory.services import Posted
from supply.inventory.verify import verify_ledger
from tests.integration.inventory.conftest import World, days

A, DEPOT = "BD-TYT-01", "BD-TTYT"
KIT = {"kit": "A", "count": 3}


def lines(world: World, quantity: int, **more: Any) -> tuple[IssueLine, ...]:
    return (IssueLine(item_code=world.items[0], quantity=quantity, **more),)


def do(world: World, of: type[Document], quantity: int, **head: Any) -> Posted:
    return world.post(
        "kho_px", of(facility_id=world.places[A], lines=lines(world, quantity), **head)
    )


def faults(error: InvalidInput) -> list[tuple[int | None, str]]:
    return [(f.line, f.field) for f in error.faults]


def test_expired_goods_are_set_aside_and_destroyed_from_there(world: World) -> None:
    old = ReceiptLine(
        item_code=world.items[0], quantity=30, lot_number="OLD", expiry=days(-3),
        fund_code=world.fund, unit_price_vnd=10,
    )  # fmt: skip
    world.post("kho_px", Opening(facility_id=world.places[A], lines=(old,)))
    with pytest.raises(NotEnoughStock):
        world.issue("kho_px", A, 1)
    do(world, Quarantine, 30, reason="hết hạn")
    assert (world.on_hand(A), world.on_hand(A, "quarantine")) == (0, 30)
    with pytest.raises(NotEnoughStock) as refused:
        do(world, Issue, 1, from_place="quarantine")
    assert "Biệt trữ không đủ" in refused.value.message("vi")
    gone = AdjustmentLine(item_code=world.items[0], quantity=30, direction="out")
    posted = world.post(
        "kho_px",
        Adjustment(
            facility_id=world.places[A], lines=(gone,), reason="disposed", from_place="quarantine"
        ),
    )
    assert posted.lines[0].amount_vnd == 300
    assert world.on_hand(A, "quarantine") == 0
    assert verify_ledger().is_sound


def test_what_is_set_aside_may_be_used_when_cleared_and_needs_a_reason(world: World) -> None:
    world.receive("kho_px", A, 30)
    for of in (Quarantine, Release):
        with pytest.raises(InvalidInput) as refused:
            do(world, of, 1)
        assert faults(refused.value) == [(None, "reason")]
    with pytest.raises(NotEnoughStock):
        do(world, Release, 1, reason="đạt")
    do(world, Quarantine, 20, reason="chờ kiểm nghiệm")
    with pytest.raises(NotEnoughStock):
        world.issue("kho_px", A, 11)
    do(world, Issue, 5, from_place="quarantine", purpose="testing")
    do(world, Release, 15, reason="đạt")
    assert (world.on_hand(A), world.on_hand(A, "quarantine")) == (25, 0)


def test_a_surplus_in_quarantine_joins_what_is_there(world: World) -> None:
    world.receive("kho_px", A, 30)
    do(world, Quarantine, 20, reason="chờ")
    more = AdjustmentLine(item_code=world.items[0], quantity=2, direction="in", lot_number="A1")
    world.post(
        "kho_px",
        Adjustment(
            facility_id=world.places[A], lines=(more,), reason="count", from_place="quarantine"
        ),
    )
    assert (world.on_hand(A), world.on_hand(A, "quarantine")) == (10, 22)
    assert verify_ledger().is_sound


def test_kits_keep_fund_and_expiry_of_their_components(world: World) -> None:
    world.receive("kho_px", A, 10, lot_number="SOON", expiry=days(30), unit_price_vnd=3)
    world.receive("kho_px", A, 50, lot_number="LATE", expiry=days(300))
    posted = do(world, KitAssembly, 15, details=KIT)
    assert [(x.lot_number, x.quantity) for x in posted.lines] == [("SOON", 10), ("LATE", 5)]
    assert (world.on_hand(A), world.on_hand(A, "kit")) == (45, 15)
    used = do(world, Issue, 10, from_place="kit", purpose="home_patient", details=KIT)
    assert (used.lines[0].lot_number, used.lines[0].amount_vnd) == ("SOON", 30)
    do(world, KitBreakup, 5, details=KIT)
    assert (world.on_hand(A), world.on_hand(A, "kit")) == (50, 0)
    with pytest.raises(NotEnoughStock) as refused:
        do(world, KitBreakup, 1, details=KIT)
    assert "Bộ cơ số không đủ" in refused.value.message("vi")
    kept = world.owner_value(
        "SELECT details->>'kit' FROM document WHERE id = :d", d=used.document_id
    )
    assert kept == "A"


@pytest.mark.parametrize("details", [{}, {"kit": "A"}, {"kit": "A", "count": 0}, {"count": 2}])
def test_a_kit_is_named_and_counted(world: World, details: dict[str, Any]) -> None:
    world.receive("kho_px", A, 30)
    for of in (KitAssembly, KitBreakup):
        with pytest.raises(InvalidInput) as refused:
            do(world, of, 3, details=details)
        assert faults(refused.value) == [(None, "details")]


def test_kits_arrive_in_the_receivers_store(world: World) -> None:
    world.receive("kho_px", A, 30)
    do(world, KitAssembly, 12, details=KIT)
    sent = world.post(
        "kho_px",
        TransferDispatch(
            facility_id=world.places[A], counterpart_facility_id=world.places[DEPOT],
            lines=lines(world, 12), from_place="kit", details=KIT,
        ),
    )  # fmt: skip
    world.post(
        "kho_tt", TransferReceipt(facility_id=world.places[DEPOT], follows_id=sent.document_id)
    )
    assert (world.on_hand(A, "kit"), world.on_hand(DEPOT), world.on_hand(DEPOT, "kit")) == (
        0,
        12,
        0,
    )


def cylinder(world: World, item: int, quantity: int, direction: str, **more: Any) -> CylinderLine:
    return CylinderLine(item_code=world.items[item], quantity=quantity, direction=direction, **more)


def test_a_cylinders_round(world: World) -> None:
    full, empty = world.items[1], world.items[0]
    shells = EmptyLine(item_code=empty, quantity=8, fund_code=world.fund)
    back = world.post("kho_px", CylinderEmpty(facility_id=world.places[A], lines=(shells,)))
    assert back.lines[0].amount_vnd == 0
    do(world, CylinderSend, 6)
    assert (world.on_hand(A), world.on_hand(A, "refill")) == (2, 6)
    bought = cylinder(world, 1, 6, "in", fund_code=world.fund, unit_price_vnd=200)
    world.post(
        "kho_px",
        CylinderExchange(
            facility_id=world.places[A], from_place="refill",
            lines=(bought, cylinder(world, 0, 6, "out")),
        ),
    )  # fmt: skip
    assert (world.on_hand(A), world.on_hand(A, "refill")) == (2, 0)
    assert world.on_hand(A, item=full) == 6
    with pytest.raises(NotEnoughStock) as refused:
        world.post(
            "kho_px",
            CylinderExchange(
                facility_id=world.places[A], from_place="refill",
                lines=(bought, cylinder(world, 0, 1, "out")),
            ),
        )  # fmt: skip
    assert refused.value.faults[0].line == 2
    assert world.on_hand(A, item=full) == 6
    assert verify_ledger().is_sound


def test_what_cylinder_lines_need(world: World) -> None:
    here = world.places[A]
    for bad, field in (
        (CylinderExchange(facility_id=here, lines=(cylinder(world, 0, 1, "?"),)), "direction"),
        (
            CylinderExchange(
                facility_id=here, lines=(cylinder(world, 0, 1, "in", unit_price_vnd=1),)
            ),
            "fund_code",
        ),
        (
            CylinderExchange(
                facility_id=here, lines=(cylinder(world, 0, 1, "in", fund_code=world.fund),)
            ),
            "unit_price_vnd",
        ),
        (
            CylinderEmpty(
                facility_id=here, lines=(EmptyLine(item_code=world.items[0], quantity=1),)
            ),
            "fund_code",
        ),
    ):
        with pytest.raises(InvalidInput) as refused:
            world.post("kho_px", bad)
        assert faults(refused.value) == [(1, field)]


@pytest.mark.parametrize(
    ("of", "place"), [(Issue, "refill"), (TransferDispatch, "transit"), (Adjustment, "kit")]
)
def test_each_kind_draws_on_its_places_only(world: World, of: type[Document], place: str) -> None:
    more: dict[str, Any] = {"reason": "count"} if of is Adjustment else {}
    line: Any = lines(world, 1)
    if of is Adjustment:
        line = (AdjustmentLine(item_code=world.items[0], quantity=1, direction="out"),)
    if of is TransferDispatch:
        more["counterpart_facility_id"] = world.places[DEPOT]
    with pytest.raises(InvalidInput) as refused:
        world.post("kho_px", of(facility_id=world.places[A], lines=line, from_place=place, **more))
    assert faults(refused.value) == [(None, "from_place")]


def test_all_places_of_the_facility_are_stock_held_in_the_money(world: World) -> None:
    def held() -> int:
        with acting_as(world.people["kho_px"]):
            found = {f.fund_code: f for f in money.value_by_fund()}[world.fund]
        assert found.difference_vnd == 0
        return found.in_stock_vnd

    world.receive("kho_px", A, 30, unit_price_vnd=7)
    before = held()
    do(world, Quarantine, 5, reason="chờ")
    do(world, KitAssembly, 6, details=KIT)
    do(world, CylinderSend, 7)
    assert held() == before
