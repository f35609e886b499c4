"""Spending by fund equals the ledger, to the đồng, however it is cut."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import pytest
from sqlalchemy import text

from supply.core.database import Database
from supply.core.errors import NotFound
from supply.core.scope import acting_as
from supply.finance.figures import CAME, FIGURE_NAMES, WENT, Figures, total
from supply.finance.queries import Asked, behind, spending
from supply.inventory import money
from supply.inventory.documents import Reversal
from supply.inventory.services import reverse
from tests.books import FIRST_DAY, Books, post_books

HALF = FIRST_DAY + dt.timedelta(days=19)


@pytest.fixture(scope="module")
def books(shared_db: Database, shared_people: dict[str, int]) -> Books:
    books = post_books(shared_db, shared_people, seed=11)
    _reverse_a_dispatch(shared_db, books)
    return books


def _reverse_a_dispatch(db: Database, books: Books) -> None:
    """The last dispatch is still on its way: undone, so that reversals of transfers are in too."""
    with db.owner_engine.connect() as connection:
        last = connection.execute(
            text(
                "SELECT d.id, d.facility_id, d.happened_on FROM document d"
                " WHERE d.kind = 'transfer_dispatch' AND NOT EXISTS"
                " (SELECT FROM document r WHERE r.follows_id = d.id) ORDER BY d.id DESC LIMIT 1"
            )
        ).one()
    with acting_as(books.storekeepers["BD-TTYT"]):
        reverse(
            Reversal(
                facility_id=last.facility_id,
                reverses_id=last.id,
                reason="Xe hỏng",
                happened_on=last.happened_on,
            )
        )


def from_the_ledger(db: Database) -> dict[str, Figures]:
    """The same figures counted by hand from the entries and balances, as the owner."""
    found: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    with db.owner_engine.connect() as connection:
        entries = connection.execute(
            text(
                "SELECT u.code, a.kind AS came_from, b.kind AS went_to, e.amount_vnd FROM entry e"
                " JOIN consignment c ON c.id = e.consignment_id JOIN fund u ON u.id = c.fund_id"
                " JOIN location a ON a.id = e.from_location_id"
                " JOIN location b ON b.id = e.to_location_id"
            )
        ).all()
        balances = connection.execute(
            text(
                "SELECT u.code, l.kind, sum(b.amount_vnd)::bigint AS amount FROM balance b"
                " JOIN consignment c ON c.id = b.consignment_id JOIN fund u ON u.id = c.fund_id"
                " JOIN location l ON l.id = b.location_id GROUP BY 1, 2"
            )
        ).all()
    outside = {"supplier": ("received", 1), "donor": ("received", 1), "opening": ("opening", 1)}
    outside |= {"adjustment": ("adjusted", 1), "use": ("used", -1), "loss": ("lost", -1)}
    for e in entries:
        if e.came_from in outside:
            figure, sign = outside[e.came_from]
            found[e.code][figure] += sign * e.amount_vnd
        if e.went_to in outside:
            figure, sign = outside[e.went_to]
            found[e.code][figure] -= sign * e.amount_vnd
    for b in balances:
        found[b.code]["in_transit" if b.kind == "transit" else "in_stock"] += b.amount
    return {code: Figures(**figures) for code, figures in found.items()}


def test_spending_equals_the_ledger_to_the_dong(books: Books, shared_db: Database) -> None:
    with acting_as(books.people["taichinh"]):
        rows = spending(Asked())
    assert {row.fund_code: row.figures for row in rows} == from_the_ledger(shared_db)
    assert len(rows) >= 3
    assert all(row.figures.difference == 0 for row in rows)
    whole = total(rows)
    assert whole.used > 0
    assert whole.lost > 0
    assert whole.in_transit > 0
    assert whole.adjusted != 0


def test_it_agrees_with_what_the_inventory_says_of_each_fund(books: Books) -> None:
    asked = (None, [books.facility_ids["BD-TYT-01"], books.facility_ids["BD-TTYT"]])
    for ids in asked:
        with acting_as(books.people["taichinh"]):
            ours = spending(Asked(facility_ids=None if ids is None else tuple(ids)))
            theirs = {f.fund_code: f for f in money.value_by_fund(facility_ids=ids)}
        assert {row.fund_code for row in ours} == set(theirs)
        for row in ours:
            for name in (*CAME, *WENT):
                if name != "brought_forward":
                    expected = getattr(theirs[row.fund_code], f"{name}_vnd")
                    assert getattr(row.figures, name) == expected, (row.fund_code, name)


@pytest.mark.parametrize("by", ["facility", "item"])
def test_split_by_facility_or_item_it_adds_up_to_the_fund(books: Books, by: str) -> None:
    with acting_as(books.people["taichinh"]):
        whole, parts = spending(Asked()), spending(Asked(), by)  # type: ignore[arg-type]
    assert all(part.figures.difference == 0 for part in parts)
    for row in whole:
        summed = total([part for part in parts if part.fund_id == row.fund_id])
        for name in (*CAME, *WENT):
            if not name.startswith("transferred"):
                assert getattr(summed, name) == getattr(row.figures, name), name
        assert summed.transferred_in >= row.figures.transferred_in
    if by == "facility":
        assert sum(part.figures.transferred_out for part in parts) > 0


def test_periods_join_without_a_gap(books: Books) -> None:
    after = HALF + dt.timedelta(days=1)
    with acting_as(books.people["taichinh"]):
        whole = total(spending(Asked()))
        first = total(spending(Asked(last_day=HALF)))
        second = total(spending(Asked(first_day=after)))
    assert second.brought_forward == first.in_stock + first.in_transit > 0
    assert first.difference == second.difference == 0
    for name in ("received", "opening", "adjusted", "used", "lost"):
        assert getattr(first, name) + getattr(second, name) == getattr(whole, name), name
    assert (second.in_stock, second.in_transit) == (whole.in_stock, whole.in_transit)


@pytest.mark.parametrize("figure", [*CAME, *WENT])
def test_each_figure_opens_exactly_the_rows_behind_it(books: Books, figure: str) -> None:
    facility = books.facility_ids["BD-TYT-01"]
    asked = Asked(facility_ids=(facility,), first_day=HALF)
    with acting_as(books.people["thanhtra"]):
        expected = getattr(total(spending(asked)), figure)
        rows, after = [], None
        while True:
            page = behind(figure, asked, after=after, limit=7)
            rows += page.rows
            assert page.amount_vnd == expected
            after = page.next_after
            if after is None:
                break
    assert sum(row.amount_vnd for row in rows) == expected
    assert len(rows) == page.count == len({row.entry_id for row in rows})


def test_an_unknown_figure_is_not_found(books: Books) -> None:
    with acting_as(books.people["taichinh"]), pytest.raises(NotFound):
        behind("profit", Asked())
    assert set(FIGURE_NAMES) == {*CAME, *WENT}


def test_a_storekeeper_sees_the_money_of_the_own_store_only(books: Books) -> None:
    with acting_as(books.people["kho_px"]):
        rows = spending(Asked(), "facility")
    assert {row.code for row in rows} == {"BD-TYT-01"}
    with acting_as(books.people["kho_rg"]):
        assert spending(Asked()) == []
    with acting_as(None):
        assert spending(Asked()) == []
