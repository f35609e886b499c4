"""The stock list page by page, found by the kept sums, against the same list worked out as a whole."""

from __future__ import annotations

import itertools

import pytest

from supply.core.database import Database
from supply.core.scope import acting_as
from supply.core.text import Text
from supply.inventory.documents import (
    IssueLine,
    KitAssembly,
    Opening,
    Quarantine,
    ReceiptLine,
    TransferDispatch,
)
from supply.inventory.stock_list import (
    Group,
    Show,
    Sort,
    StockFilter,
    StockLine,
    all_stock_lines,
    stock_lines,
    stock_totals,
)
from tests.integration.inventory.conftest import World, days, make_world

A, B, DEPOT = "BD-TYT-01", "BD-TYT-02", "BD-TTYT"


@pytest.fixture(scope="module")
def filled(shared_db: Database, shared_people: dict[str, int]) -> World:
    """Goods of every state in three stores: lots fresh, near expiry and expired; set aside, sent on,
    made into kits, all used."""
    world = make_world(shared_db, shared_people)
    for nth, item in enumerate(world.items[:6]):
        for user, place in (("kho_px", A), ("kho_tb", B), ("kho_tt", DEPOT)):
            world.receive(user, place, 20 + nth, item_code=item, expiry=days(20))
            world.receive(
                user, place, 5, item_code=item, lot_number="B1", expiry=None, unit_price_vnd=7 * nth
            )
    late = ReceiptLine(
        item_code=world.items[1], quantity=4, lot_number="CU", expiry=days(-3),
        fund_code=world.fund, unit_price_vnd=10,
    )  # fmt: skip
    world.post("kho_px", Opening(facility_id=world.places[A], lines=(late,)))
    some = (IssueLine(item_code=world.items[2], quantity=3),)
    here = {"facility_id": world.places[A], "lines": some}
    world.post("kho_px", Quarantine(**here, reason="xem lại"))
    world.post("kho_px", KitAssembly(**here, details={"kit": "A", "count": 1}))
    world.post("kho_px", TransferDispatch(**here, counterpart_facility_id=world.places[B]))
    world.issue("kho_px", A, 28, item_code=world.items[3])
    return world


def pages(wanted: StockFilter, size: int) -> list[StockLine]:
    """All rows, a page at a time."""
    found: list[StockLine] = []
    after = None
    for _ in range(200):
        page = stock_lines(wanted, after, size)
        found += page.rows
        after = page.next_after
        if after is None:
            return found
    raise AssertionError("no end of pages")


CHOICES = list(itertools.product(Group, Sort, (False, True)))


def test_pages_are_the_whole_list_however_it_is_grouped_ordered_and_chosen(filled: World) -> None:
    for user, every in (("kehoach", 1), ("kho_px", 5)):
        with acting_as(filled.people[user]):
            for nth, (group, sort, down) in enumerate(CHOICES[::every]):
                show = list(Show)[nth % len(Show)]
                wanted = StockFilter(group=group, sort=sort, descending=down, show=show)
                whole = list(all_stock_lines(wanted))
                assert pages(wanted, 13) == whole, (user, wanted)
                total = stock_totals(wanted)
                assert (total.rows, total.amount_vnd) == (
                    len(whole), sum(row.amount_vnd for row in whole),
                ), (user, wanted)  # fmt: skip


@pytest.mark.parametrize("show", [Show.HELD, Show.ALL, Show.QUARANTINED, Show.ON_WAY])
@pytest.mark.parametrize("sort", [Sort.CODE, Sort.QUANTITY, Sort.VALUE])
def test_pages_are_the_whole_list_wherever_it_is_narrowed(
    filled: World, show: Show, sort: Sort
) -> None:
    with acting_as(filled.people["kehoach"]):
        wholly = list(all_stock_lines(StockFilter(sort=sort, show=show)))
        item = next(row for row in wholly if row.item_code == filled.items[2])
        for more in (
            {"facility_id": filled.places[A]},
            {"search": item.item_name.vi},
            {"category": item.category},
            {"item_id": item.item_id},
            {"item_id": item.item_id, "facility_id": filled.places[B], "group": Group.ITEM},
            {"search": "không có gì như thế"},
        ):
            wanted = StockFilter(sort=sort, show=show, **more)
            whole = list(all_stock_lines(wanted))
            assert pages(wanted, 3) == whole, more
            assert stock_totals(wanted).rows == len(whole), more
        one = StockFilter(sort=sort, show=show, facility_id=filled.places[A])
        assert list(all_stock_lines(one)) == [
            r for r in wholly if r.facility_id == filled.places[A]
        ]


def test_a_row_says_what_lies_where_and_what_of_it_may_be_used(filled: World) -> None:
    wanted = StockFilter(facility_id=filled.places[A], show=Show.ALL)
    with acting_as(filled.people["kho_px"]):
        rows = {row.item_code: row for row in stock_lines(wanted, limit=200).rows}
    late, parted, used = (rows[filled.items[n]] for n in (1, 2, 3))
    assert (late.quantity, late.usable, late.near, late.expired) == (30, 26, 21, 4)
    assert (parted.quantity, parted.quarantined, parted.on_way) == (27 - 9, 3, 0)
    assert (used.quantity, used.amount_vnd, used.next_expiry) == (0, 0, None)
    assert late.facility_name != Text("", "")
    with acting_as(filled.people["kho_tb"]):
        theirs = {row.item_code: row for row in stock_lines(StockFilter(), limit=200).rows}
    assert theirs[filled.items[2]].on_way == 3
    assert {row.facility_id for row in theirs.values()} == {filled.places[B]}
