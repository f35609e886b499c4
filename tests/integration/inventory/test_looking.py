"""Past days, movements, use and closing balances against a calculation by hand over the same events."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from supply.core.scope import acting_as
from supply.inventory import queries
from supply.inventory.held_sql import Where
from supply.inventory.movement import Flow, MovementFilter, MovementGroup, movement
from supply.inventory.periods import close_months
from supply.inventory.stock_list import (
    Group,
    Show,
    StockFilter,
    all_stock_lines,
    stock_figures,
    stock_lines,
    stock_totals,
)
from supply.inventory.verify import verify_ledger
from tests.integration.inventory.conftest import TODAY, make_world
from tests.integration.inventory.plain_ledger import PlainLedger
from tests.integration.inventory.test_random_sequences import FACILITIES, Both, new_item

SPAN_DAYS = 100  # several month ends lie in it
day = st.integers(-SPAN_DAYS, 0).map(lambda n: TODAY + dt.timedelta(days=n))
facility = st.sampled_from(sorted(FACILITIES))
few, much = st.integers(1, 9), st.integers(5, 40)
step = st.one_of(
    st.tuples(st.just("receive"), facility, day, st.integers(0, 2), much, st.integers(0, 99)),
    st.tuples(st.just("issue"), facility, day, few),
    st.tuples(st.just("issue"), facility, day, few),
    st.tuples(st.just("send"), facility, facility, day, few),
    st.tuples(st.just("arrive"), day, few, st.integers(0, 4), st.integers(0, 99)),
    st.tuples(st.just("lose"), facility, day, few),
    st.tuples(st.just("undo"), day, st.integers(0, 99)),
    st.tuples(st.just("give_back"), day, few, st.integers(0, 99)),
    st.tuples(st.just("within"), st.sampled_from(("quarantine", "release")), facility, day, few),
    st.tuples(st.just("close_months")),
)
SETTINGS = settings(
    max_examples=12,
    deadline=None,
    # A failing sequence is printed as found: shrinking it would take minutes of posting.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Looked(Both):
    """The two ledgers, and the questions put to both."""

    def close_months(self) -> None:
        """At any moment between two postings."""
        with acting_as(self.world.people["kehoach"]):
            close_months()

    def held(self, kind: str, where: str, on: dt.date) -> Flow:
        """What the plain ledger has at a place at the end of a day."""
        quantity = amount = 0
        for written in self.plain.written.values():
            for move in written.moves:
                if move.day <= on:
                    sign = (move.target == (kind, where)) - (move.source == (kind, where))
                    quantity += sign * move.quantity
                    amount += sign * move.amount
        return Flow(quantity, amount)

    def check_day(self, on: dt.date) -> None:
        """The stock list of a day, by facility and by lot."""
        for group in (Group.FACILITY, Group.LOT):
            wanted = StockFilter(item_id=self.item_id(), show=Show.ALL, on_date=on, group=group)
            rows = stock_lines(wanted, limit=500).rows
            assert list(all_stock_lines(wanted)) == list(rows)
            for kind, name in (("store", "quantity"), ("transit", "on_way"),
                               ("quarantine", "quarantined")):  # fmt: skip
                expected = sum(self.held(kind, where, on).quantity for where in FACILITIES)
                assert sum(getattr(r, name) for r in rows) == expected, (on, kind)
            worth = sum(self.held("store", where, on).amount_vnd for where in FACILITIES)
            assert sum(r.amount_vnd for r in rows) == worth
            if group is Group.FACILITY:
                places = {r.facility_id: r.quantity for r in rows}
                for where in FACILITIES:
                    at = places.get(self.world.places[where], 0)
                    assert at == self.held("store", where, on).quantity

    def check_movement(self, first: dt.date, last: dt.date) -> None:
        """Opening + in - out = closing, and each of them as by hand."""
        for group in (MovementGroup.FACILITY, MovementGroup.ITEM, MovementGroup.FUND):
            found = movement(MovementFilter(first, last, item_id=self.item_id(), group=group))
            opening = closing = came = went = Flow()
            for row in found:
                opening, closing = opening + row.opening, closing + row.closing
                came, went = came + row.incoming, went + row.outgoing
            before = first - dt.timedelta(days=1)
            assert opening == sum((self.held("store", w, before) for w in FACILITIES), Flow())
            assert closing == sum((self.held("store", w, last) for w in FACILITIES), Flow())
            assert opening + came - went == closing
            by_hand = sum(
                m.quantity
                for written in self.plain.written.values()
                for m in written.moves
                if m.target[0] == "store" and first <= m.day <= last
            )
            assert came.quantity == by_hand

    def check_card(self, where: str, first: dt.date, last: dt.date) -> None:
        """The card begins and ends as the plain ledger does."""
        card = queries.stock_card(self.world.places[where], self.item_id(), first, last)
        assert card.opening == self.held("store", where, first - dt.timedelta(days=1)).quantity
        assert card.closing == self.held("store", where, last).quantity
        assert (
            card.opening + sum(x.quantity_in - x.quantity_out for x in card.lines) == card.closing
        )

    def check_use(self) -> None:
        """Consumption, days in stock and out of it, AMC: as the glossary says, day by day."""
        first, last = TODAY - dt.timedelta(days=90), TODAY - dt.timedelta(days=1)
        span = [first + dt.timedelta(days=n) for n in range(90)]
        found = {r.facility_id: r for r in queries.amc() if r.item_id == self.item_id()}
        for where in FACILITIES:
            begun = [
                m.day for w in self.plain.written.values() for m in w.moves
                if m.target == ("store", where) and m.day <= last
            ]  # fmt: skip
            row = found.get(self.world.places[where])
            assert (row is not None) == bool(begun), where
            if row is None:
                continue
            stocks = {d: self.held("store", where, d).quantity for d in span}
            in_stock = sum(q > 0 for q in stocks.values())
            out = sum(q == 0 and d >= min(begun) for d, q in stocks.items())
            used = _consumed(self.plain, where, first, last)
            assert (row.in_stock_days, row.stock_out_days) == (in_stock, out), where
            assert row.consumed == used
            if in_stock < 30:
                assert row.amc is None
            else:
                assert row.amc is not None
                assert abs(row.amc - used * 30 / in_stock) < 0.006

    def item_id(self) -> int:
        return int(str(self.world.owner_value("SELECT id FROM item WHERE code = :c", c=self.item)))


def _consumed(plain: PlainLedger, where: str, first: dt.date, last: dt.date) -> int:
    """Issued to use and not come back; what was reversed never happened."""
    total = 0
    for number, written in plain.written.items():
        if written.kind != "issue" or written.facility != where or written.reversed:
            continue
        if written.moves[0].target[0] != "use" or not first <= written.day <= last:
            continue
        total += sum(m.quantity for m in written.moves)
        for other in plain.written.values():
            if other.kind == "return" and other.follows == number and not other.reversed:
                total -= sum(m.quantity for m in other.moves)
    return total


def test_any_past_day_any_period_and_use_agree_with_a_calculation_by_hand(
    shared_db: Any, shared_people: dict[str, int]
) -> None:
    world = make_world(shared_db, shared_people)
    fresh = itertools.count()

    @SETTINGS
    @given(
        steps=st.lists(step, min_size=15, max_size=35),
        asked=st.lists(day, min_size=3, max_size=3),
    )
    def run(steps: list[tuple[Any, ...]], asked: list[dt.date]) -> None:
        both = Looked(world, new_item(world, 5000 + next(fresh)), "L", [None, None, None])
        both.plain = PlainLedger(TODAY)
        for where in FACILITIES:
            both.open(where, TODAY - dt.timedelta(days=SPAN_DAYS), 2, 20, 333)
        for name, *values in steps:
            getattr(both, name)(*values)
        first, last = min(asked), max(asked)
        with acting_as(world.people["kehoach"]):
            for on in (*asked, first.replace(day=1) - dt.timedelta(days=1)):
                both.check_day(on)
            both.check_movement(first, last)
            both.check_use()
        with acting_as(world.people["kho_px"]):
            both.check_card("BD-TYT-01", first, last)

    run()
    assert verify_ledger().discrepancies == ()
    kept = _closings(world.database)
    with world.database.owner_engine.begin() as connection:
        connection.execute(text("SELECT ledger_forget_closings()"))
        assert connection.execute(text("SELECT ledger_close_months()")).scalar_one() > 0
    assert _closings(world.database) == kept


def _closings(database: Any) -> set[tuple[Any, ...]]:
    """Rows that say something: one that came to nothing may stay as zero."""
    with database.owner_engine.connect() as connection:
        return {
            tuple(r)
            for r in connection.execute(
                text(
                    "SELECT location_id, month_end, consignment_id, item_id, lot_id, facility_id,"
                    " quantity, amount_vnd FROM closing_balance WHERE quantity <> 0 OR amount_vnd <> 0"
                )
            )
        }


def test_a_reader_sees_only_the_stores_of_the_scope(
    shared_db: Any, shared_people: dict[str, int]
) -> None:
    world = make_world(shared_db, shared_people)
    before = TODAY - dt.timedelta(days=40)
    world.receive("kho_px", "BD-TYT-01", 9, happened_on=before, expiry=None)
    world.receive("kho_tb", "BD-TYT-02", 5, happened_on=before, expiry=None)
    with acting_as(world.people["kehoach"]):
        close_months()
    wanted = StockFilter(search=world.items[0], on_date=TODAY - dt.timedelta(days=1))
    with acting_as(world.people["kho_px"]):
        rows = stock_lines(wanted).rows
        other = Where((world.places["BD-TYT-02"],))
        moved = movement(MovementFilter(before, TODAY, where=other))
        use = queries.amc([world.places["BD-TYT-02"]])
        card = queries.stock_card(world.places["BD-TYT-02"], rows[0].item_id, before, TODAY)
    assert [r.facility_id for r in rows] == [world.places["BD-TYT-01"]]
    assert (moved, use, card.lines, card.closing) == ([], [], (), 0)


def test_every_number_of_the_home_page_is_that_of_the_list_it_opens(
    shared_db: Any, shared_people: dict[str, int]
) -> None:
    world = make_world(shared_db, shared_people)
    world.receive("kho_px", "BD-TYT-01", 9, expiry=TODAY + dt.timedelta(days=20))
    world.receive(
        "kho_px", "BD-TYT-01", 5, lot_number="CU", happened_on=TODAY - dt.timedelta(days=9),
        expiry=TODAY - dt.timedelta(days=1),
    )  # fmt: skip
    world.receive("kho_px", "BD-TYT-01", 2, item_code=world.items[1], expiry=None)
    world.issue("kho_px", "BD-TYT-01", 2, item_code=world.items[1])
    for name in ("kho_px", "kehoach"):
        with acting_as(world.people[name]):
            figures = stock_figures()
            for show in Show:
                if show is not Show.ALL:
                    found = stock_totals(StockFilter(show=show)).rows
                    assert figures["held" if show is Show.HELD else show.value] == found, show
