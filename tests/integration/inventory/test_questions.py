"""What is asked of the ledger agrees with what was written into it."""

from __future__ import annotations

import pytest

from supply.core.errors import NotFound
from supply.core.scope import acting_as
from supply.inventory import queries
from supply.inventory.documents import IssueLine, Reversal, TransferDispatch, TransferReceipt
from supply.inventory.kinds import Kind
from supply.inventory.money import value_by_fund
from supply.inventory.stock_list import StockFilter
from tests.integration.inventory.conftest import World, days

A, DEPOT = "BD-TYT-01", "BD-TTYT"


def item_id(world: World, nth: int = 0) -> int:
    return int(str(world.owner_value("SELECT id FROM item WHERE code = :c", c=world.items[nth])))


def test_the_stock_list_shows_the_balance_and_pages_by_key(world: World) -> None:
    for nth, quantity in enumerate((5, 7, 9)):
        world.receive("kho_px", A, quantity, item_code=world.items[nth], lot_number=f"Q{nth}")
    with acting_as(world.people["kho_px"]):
        whole = queries.stock_lines(StockFilter(), limit=200)
        first = queries.stock_lines(StockFilter(), limit=2)
        second = queries.stock_lines(StockFilter(), first.next_after, limit=200)
        found = queries.stock_lines(StockFilter(search=world.items[1]))
    assert {(r.item_code, r.quantity) for r in whole.rows} >= {
        (world.items[0], 5), (world.items[1], 7), (world.items[2], 9),
    }  # fmt: skip
    assert first.rows + second.rows == whole.rows
    assert [r.item_code for r in found.rows] == [world.items[1]]


def test_expired_and_soon_expiring_goods_are_told_apart(world: World) -> None:
    world.receive("kho_px", A, 5, lot_number="OLD", expiry=days(-1), happened_on=days(-9))
    world.receive("kho_px", A, 7, lot_number="NEW", expiry=days(20))
    with acting_as(world.people["kho_px"]):
        row = queries.stock_lines(StockFilter(search=world.items[0])).rows[0]
        usable = queries.fefo_lots(world.places[A], item_id(world), days(0))
        all_lots = queries.fefo_lots(world.places[A], item_id(world), days(0), include_expired=True)
        soon = queries.expiring_lots(days(30))
        hit = queries.item_search(world.items[0].lower(), world.places[A])[0]
    assert (row.quantity, row.expired, row.next_expiry) == (12, 5, days(20))
    assert [x.lot_number for x in usable] == ["NEW"]
    assert [x.lot_number for x in all_lots] == ["OLD", "NEW"]
    mine = [x.lot_number for x in soon if x.item_code == world.items[0]]
    assert mine == ["OLD", "NEW"]
    assert (hit.code, hit.quantity) == (world.items[0], 7)


def test_the_stock_card_runs_from_opening_to_closing(world: World) -> None:
    world.receive("kho_px", A, 100, happened_on=days(-20))
    world.issue("kho_px", A, 10, happened_on=days(-10))
    world.issue("kho_px", A, 20, happened_on=days(-5))
    world.receive("kho_px", A, 50, happened_on=days(-7))
    world.issue("kho_px", A, 5, happened_on=days(-1))
    with acting_as(world.people["kho_px"]):
        card = queries.stock_card(world.places[A], item_id(world), days(-10), days(-2))
        before = queries.stock_card(world.places[A], item_id(world), days(-40), days(-30))
    assert (card.opening, card.closing) == (100, 120)
    assert [(x.quantity_in, x.quantity_out, x.balance) for x in card.lines] == [
        (0, 10, 90), (50, 0, 140), (0, 20, 120),
    ]  # fmt: skip
    assert (before.opening, before.closing, before.lines) == (0, 0, ())


def test_both_sides_of_a_transfer_see_it_and_what_is_still_on_its_way(world: World) -> None:
    world.receive("kho_tt", DEPOT, 100)
    sent = world.post(
        "kho_tt",
        TransferDispatch(
            facility_id=world.places[DEPOT],
            counterpart_facility_id=world.places[A],
            lines=(IssueLine(item_code=world.items[0], quantity=30),),
        ),
    )
    for user in ("kho_tt", "kho_px"):
        with acting_as(world.people[user]):
            rows = queries.in_transit()
            assert rows[rows.dispatch_id == sent.document_id].quantity.tolist() == [30]
            assert queries.document(sent.document_id).lines[0].to_kind == "transit"
    arrived = world.post(
        "kho_px", TransferReceipt(facility_id=world.places[A], follows_id=sent.document_id)
    )
    for user in ("kho_tt", "kho_px"):
        with acting_as(world.people[user]):
            assert sent.document_id not in queries.in_transit().dispatch_id.tolist()
            assert queries.document(arrived.document_id).lines[0].quantity == 30
    with acting_as(world.people["kho_tb"]), pytest.raises(NotFound):
        queries.document(sent.document_id)


def test_consumption_counts_use_and_not_what_was_reversed(world: World) -> None:
    world.receive("kho_px", A, 100, happened_on=days(-20))
    world.issue("kho_px", A, 10, happened_on=days(-10))
    wrong = world.issue("kho_px", A, 40, happened_on=days(-10))
    world.post(
        "kho_px",
        Reversal(
            facility_id=world.places[A], reverses_id=wrong.document_id, reason="Ghi nhầm phiếu"
        ),
    )
    with acting_as(world.people["kehoach"]):
        used = queries.consumption_daily([world.places[A]], days(-30), days(0))
        lots = queries.on_hand_lots("ba-dinh")
    mine = used[used.item_id == item_id(world)]
    assert mine[["date", "quantity"]].values.tolist() == [[days(-10), 10]]
    assert lots[lots.item_code == world.items[0]].quantity.tolist() == [90]


def test_documents_are_listed_newest_first_and_by_kind(world: World) -> None:
    received = world.receive("kho_px", A, 10)
    issued = world.issue("kho_px", A, 1)
    with acting_as(world.people["kho_px"]):
        newest = queries.documents(limit=2)
        issues = queries.documents(kinds=[Kind.ISSUE], limit=1)
        rest = queries.documents(after=newest.next_after, limit=500)
    assert [d.id for d in newest.rows] == [issued.document_id, received.document_id]
    assert issues.rows[0].id == issued.document_id
    assert all(d.id < received.document_id for d in rest.rows)


def test_the_value_of_every_fund_adds_up_for_any_set_of_facilities(world: World) -> None:
    world.receive("kho_tt", DEPOT, 7, unit_price_vnd=None, amount_vnd=1000)
    world.post(
        "kho_tt",
        TransferDispatch(
            facility_id=world.places[DEPOT],
            counterpart_facility_id=world.places[A],
            lines=(IssueLine(item_code=world.items[0], quantity=3),),
        ),
    )
    world.issue("kho_tt", DEPOT, 1)
    with acting_as(world.people["taichinh"]):
        whole = value_by_fund("ba-dinh")
        depot = value_by_fund(facility_ids=[world.places[DEPOT]])
        ward = value_by_fund(facility_ids=[world.places[A]])
    assert whole
    assert all(f.difference_vnd == 0 for f in whole + depot + ward)
    assert all(f.transferred_in_vnd == f.transferred_out_vnd == 0 for f in whole)
    assert sum(f.transferred_out_vnd for f in depot) > 0
