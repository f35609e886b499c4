"""Any sequence of documents, back-dated and reversed, against the simplest ledger possible."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from supply.core.errors import Conflict, InvalidInput, NotFound
from supply.core.scope import acting_as
from supply.core.transaction import transaction
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
from supply.inventory.money import value_by_fund
from supply.inventory.movement import MovementFilter, MovementGroup, movement
from supply.inventory.services import Posted, post
from supply.inventory.verify import verify_ledger
from tests.integration.inventory.conftest import TODAY, World, make_world
from tests.integration.inventory.plain_ledger import Goods, PlainLedger, Refused, Written

FACILITIES = {"BD-TTYT": "kho_tt", "BD-TYT-01": "kho_px", "BD-TYT-02": "kho_tb"}
SPAN_DAYS = 12
day = st.integers(-SPAN_DAYS, 0).map(lambda n: TODAY + dt.timedelta(days=n))
facility = st.sampled_from(sorted(FACILITIES))
quantity = st.integers(1, 9)
much = st.integers(5, 40)
lot = st.integers(0, 2)

step = st.one_of(
    st.tuples(st.just("receive"), facility, day, lot, much, st.integers(0, 99)),
    st.tuples(st.just("issue"), facility, day, quantity),
    st.tuples(st.just("send"), facility, facility, day, quantity),
    st.tuples(st.just("arrive"), day, quantity, st.integers(0, 4), st.integers(0, 99)),
    st.tuples(st.just("lose"), facility, day, quantity),
    st.tuples(st.just("open"), facility, day, lot, much, st.integers(0, 99)),
    st.tuples(st.just("undo"), day, st.integers(0, 99)),
    st.tuples(st.just("give_back"), day, quantity, st.integers(0, 99)),
    st.tuples(
        st.just("within"),
        st.sampled_from(("quarantine", "release", "kit_assembly", "kit_breakup", "cylinder_send")),
        facility, day, quantity,
    ),
    st.tuples(st.just("issue_kit"), facility, day, quantity),
    st.tuples(st.just("send_aside"), facility, facility, day, quantity),
    st.tuples(st.just("exchange"), facility, day, lot, quantity, st.booleans(), st.integers(0, 99)),
    st.tuples(st.just("empties"), facility, day, quantity),
    st.tuples(st.just("lend"), facility, day, quantity),
    st.tuples(st.just("repaid"), day, lot, quantity, st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("recall"), lot),
    st.tuples(st.just("end_recall"), lot),
)  # fmt: skip
WITHIN = {
    "quarantine": (Quarantine, "store", "quarantine"),
    "release": (Release, "quarantine", "store"),
    "kit_assembly": (KitAssembly, "store", "kit"),
    "kit_breakup": (KitBreakup, "kit", "store"),
    "cylinder_send": (CylinderSend, "store", "refill"),
}


@dataclass
class Both:
    """The two ledgers side by side, for one item of one world."""

    world: World
    item: str
    prefix: str
    expiries: list[dt.date | None]
    plain: PlainLedger = field(default_factory=lambda: PlainLedger(TODAY))
    documents: list[Document] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)

    def try_post(self, user: str, document: Document) -> Posted | None:
        with acting_as(self.world.people[user]):
            try:
                posted = post(document)
            except (NotFound, Conflict, InvalidInput):
                return None
            again = post(document)
        assert again.replayed
        assert (again.document_id, again.hash, again.lines) == (
            posted.document_id, posted.hash, posted.lines,
        )  # fmt: skip
        self.documents.append(document)
        self.posted.append(posted)
        return posted

    def head(self, where: str, on: dt.date) -> dict[str, Any]:
        return {"facility_id": self.world.places[where], "happened_on": on}

    def goods(self, nth: int) -> Goods:
        return Goods(self.item, f"{self.prefix}{nth}", self.expiries[nth])

    def receive(self, where: str, on: dt.date, nth: int, many: int, amount: int) -> None:
        goods = self.goods(nth)
        line = ReceiptLine(
            item_code=self.item, quantity=many, lot_number=goods.lot, expiry=goods.expiry,
            fund_code=self.world.fund, amount_vnd=amount,
        )  # fmt: skip
        posted = self.try_post(FACILITIES[where], Receipt(lines=(line,), **self.head(where, on)))
        may = goods.expiry is None or goods.expiry >= on
        assert (posted is not None) == may
        if posted:
            self.plain.bring_in(
                posted.document_id, "receipt", on, where, "supplier",
                posted.lines[0].consignment_id, goods, many, amount,
            )  # fmt: skip

    def open(self, where: str, on: dt.date, nth: int, many: int, amount: int) -> None:
        goods = self.goods(nth)
        line = ReceiptLine(
            item_code=self.item, quantity=many, lot_number=goods.lot, expiry=goods.expiry,
            fund_code=self.world.fund, amount_vnd=amount,
        )  # fmt: skip
        document = Opening(lines=(line,), **self.head(where, on))
        posted = self.try_post(FACILITIES[where], document)
        assert posted is not None
        self.plain.bring_in(
            posted.document_id, "opening", on, where, "opening",
            posted.lines[0].consignment_id, goods, many, amount,
        )  # fmt: skip

    def _out(
        self, document: Document, source: tuple[str, str], target: tuple[str, str], **rules: bool
    ) -> None:
        """A document of one line that goes out of a place, in both ledgers."""
        line, on = document.lines[0], document.happened_on
        assert on is not None
        try:
            chosen = self.plain.choose(source, self.item, line.quantity, on, **rules)
        except Refused:
            chosen = None
        posted = self.try_post(FACILITIES[source[1]], document)
        assert (posted is None) == (chosen is None), (document, chosen)
        if posted and chosen:
            moves = self.plain.taken(on, source, target, chosen)
            self.plain.apply(posted.document_id, Written(document.kind, source[1], on, moves))
            assert [(x.consignment_id, x.quantity) for x in posted.lines] == chosen

    def issue(self, where: str, on: dt.date, many: int) -> None:
        lines = (IssueLine(item_code=self.item, quantity=many),)
        document = Issue(lines=lines, **self.head(where, on))
        self._out(document, ("store", where), ("use", ""))

    def issue_kit(self, where: str, on: dt.date, many: int) -> None:
        lines = (IssueLine(item_code=self.item, quantity=many),)
        document = Issue(lines=lines, from_place="kit", **self.head(where, on))
        self._out(document, ("kit", where), ("use", ""))

    def lend(self, where: str, on: dt.date, many: int) -> None:
        lines = (IssueLine(item_code=self.item, quantity=many),)
        document = Issue(
            lines=lines, purpose="loan", partner_code=self.world.donor, **self.head(where, on)
        )
        self._out(document, ("store", where), ("lender", ""))

    def lose(self, where: str, on: dt.date, many: int) -> None:
        lines = (AdjustmentLine(item_code=self.item, quantity=many, direction="out"),)
        document = Adjustment(lines=lines, reason="damaged", **self.head(where, on))
        rules = {"expired_too": True, "recalled_too": True}
        self._out(document, ("store", where), ("loss", ""), **rules)

    def send(self, where: str, to: str, on: dt.date, many: int) -> None:
        self._send(where, to, on, many, "store")

    def send_aside(self, where: str, to: str, on: dt.date, many: int) -> None:
        rules = {"expired_too": True, "recalled_too": True}
        self._send(where, to, on, many, "quarantine", **rules)

    def _send(self, where: str, to: str, on: dt.date, many: int, place: str, **rules: bool) -> None:
        if where == to:
            return
        lines = (IssueLine(item_code=self.item, quantity=many),)
        document = TransferDispatch(
            lines=lines, counterpart_facility_id=self.world.places[to], from_place=place,
            **self.head(where, on),
        )  # fmt: skip
        self._out(document, (place, where), ("transit", to), **rules)

    def within(self, kind: str, where: str, on: dt.date, many: int) -> None:
        make, source, target = WITHIN[kind]
        more = {"details": {"kit": "A", "count": 1}} if kind.startswith("kit") else {}
        lines = (IssueLine(item_code=self.item, quantity=many),)
        document = make(lines=lines, reason="xem lại", **more, **self.head(where, on))
        self._out(
            document, (source, where), (target, where),
            expired_too=kind != "kit_assembly",
            recalled_too=kind not in ("kit_assembly", "release"),
        )  # fmt: skip

    def give_back(self, on: dt.date, many: int, pick: int) -> None:
        issues = [p for p in self.posted if p.kind == "issue"]
        if not issues:
            return
        issue = issues[pick % len(issues)]
        where = self.plain.written[issue.document_id].facility
        on = max(on, issue.happened_on) if pick % 3 else on
        try:
            moves = self.plain.give_back(on, issue.document_id, many)
        except Refused:
            moves = []
        lines = (IssueLine(item_code=self.item, quantity=many),)
        document = Return(lines=lines, follows_id=issue.document_id, **self.head(where, on))
        posted = self.try_post(FACILITIES[where], document)
        assert (posted is not None) == bool(moves), (document, moves)
        if posted:
            written = Written("return", where, on, moves, follows=issue.document_id)
            self.plain.apply(posted.document_id, written)

    def exchange(
        self, where: str, on: dt.date, nth: int, many: int, direct: bool, amount: int
    ) -> None:
        goods, source = self.goods(nth), ("store" if direct else "refill", where)
        lines = (
            CylinderLine(item_code=self.item, quantity=many, direction="out"),
            CylinderLine(
                item_code=self.item, quantity=many, direction="in", lot_number=goods.lot,
                expiry=goods.expiry, fund_code=self.world.fund, amount_vnd=amount,
            ),
        )  # fmt: skip
        document = CylinderExchange(lines=lines, from_place=source[0], **self.head(where, on))
        try:
            rules = {"expired_too": True, "recalled_too": True}
            chosen = self.plain.choose(source, self.item, many, on, **rules)
            may = goods.expiry is None or goods.expiry >= on
        except Refused:
            may = False
        posted = self.try_post(FACILITIES[where], document)
        assert (posted is not None) == may, document
        if posted:
            moves = self.plain.taken(on, source, ("supplier", ""), chosen)
            arrived = self.plain.new_goods(
                on, where, "supplier", posted.lines[-1].consignment_id, goods, many, amount
            )
            written = Written("cylinder_exchange", where, on, [*moves, arrived])
            self.plain.apply(posted.document_id, written)

    def empties(self, where: str, on: dt.date, many: int) -> None:
        line = EmptyLine(item_code=self.item, quantity=many, fund_code=self.world.fund)
        posted = self.try_post(
            FACILITIES[where], CylinderEmpty(lines=(line,), **self.head(where, on))
        )
        assert posted is not None
        goods = Goods(self.item, "", None)
        self.plain.bring_in(
            posted.document_id, "cylinder_empty", on, where, "use",
            posted.lines[0].consignment_id, goods, many, 0,
        )  # fmt: skip

    def repaid(self, on: dt.date, nth: int, many: int, amount: int, pick: int) -> None:
        loans = [
            p for p in self.posted
            if p.kind == "issue" and self.plain.written[p.document_id].moves[0].target[0] == "lender"
        ]  # fmt: skip
        if not loans:
            return
        loan = loans[pick % len(loans)]
        written, goods = self.plain.written[loan.document_id], self.goods(nth)
        on = max(on, loan.happened_on) if pick % 3 else on
        line = ReceiptLine(
            item_code=self.item, quantity=many, lot_number=goods.lot, expiry=goods.expiry,
            fund_code=self.world.fund, amount_vnd=amount,
        )  # fmt: skip
        document = Receipt(
            lines=(line,), purpose="loan_return", settles_id=loan.document_id,
            **self.head(written.facility, on),
        )  # fmt: skip
        may = (
            not written.reversed
            and on >= loan.happened_on
            and (goods.expiry is None or goods.expiry >= on)
            and many <= self.plain.owed(loan.document_id)
        )
        posted = self.try_post(FACILITIES[written.facility], document)
        assert (posted is not None) == may, document
        if posted:
            self.plain.bring_in(
                posted.document_id, "receipt", on, written.facility, "lender",
                posted.lines[0].consignment_id, goods, many, amount, settles=loan.document_id,
            )  # fmt: skip

    def recall(self, nth: int) -> None:
        lot = self.goods(nth).lot
        if (self.item, lot) in self.plain.lot_order:
            self._block("ledger_block_lot(l.id, l.id)", lot)
            self.plain.recalled.add(lot)

    def end_recall(self, nth: int) -> None:
        lot = self.goods(nth).lot
        if lot in self.plain.recalled:
            self._block("ledger_unblock_lot(l.id)", lot)
            self.plain.recalled.discard(lot)

    def _block(self, call: str, lot: str) -> None:
        asked = text(
            f"SELECT {call} FROM lot l JOIN item i ON i.id = l.item_id"
            " WHERE i.code = :item AND l.number = :lot"
        )
        with acting_as(self.world.people["kehoach"]), transaction() as session:
            session.execute(asked, {"item": self.item, "lot": lot})

    def arrive(self, on: dt.date, many: int, lost: int, pick: int) -> None:
        sent = [p for p in self.posted if p.kind == "transfer_dispatch"]
        if not sent:
            return
        chosen = sent[pick % len(sent)]
        where = self.plain.written[chosen.document_id].moves[0].target[1]
        if pick % 3:  # most arrivals are of a kind that may be; the others try their luck
            on = max(on, chosen.happened_on)
            many = 1 + many % max(1, sum(self.plain.outstanding(chosen.document_id).values()))
            lost = 0 if pick % 2 else lost
        line = TransferReceiptLine(item_code=self.item, quantity=many, lost_quantity=lost)
        document = TransferReceipt(
            lines=(line,), follows_id=chosen.document_id, reason="vỡ", **self.head(where, on)
        )
        try:
            moves = self.plain.receive(on, where, chosen.document_id, many, lost)
        except Refused:
            moves = []
        posted = self.try_post(FACILITIES[where], document)
        assert (posted is not None) == bool(moves)
        if posted:
            self.plain.apply(
                posted.document_id,
                Written("transfer_receipt", where, on, moves, follows=chosen.document_id),
            )

    def undo(self, on: dt.date, pick: int) -> None:
        if not self.posted:
            return
        original = self.posted[pick % len(self.posted)]
        written = self.plain.written[original.document_id]
        document = Reversal(
            reverses_id=original.document_id, reason="nhầm", **self.head(written.facility, on)
        )
        try:
            moves = self.plain.undo(on, original.document_id)
        except Refused:
            moves = []
        posted = self.try_post(FACILITIES[written.facility], document)
        assert (posted is not None) == bool(moves), (document, written)
        if posted:
            follows = (
                original.document_id if written.kind == "transfer_dispatch" else written.follows
            )
            written.reversed = True
            self.plain.apply(
                posted.document_id,
                Written("reversal", written.facility, on, moves, follows=follows),
            )

    def compare_movement(self, first: dt.date, last: dt.date) -> None:
        """The movement report of a period says what the plain ledger says, store by store."""
        with self.world.database.owner_engine.connect() as connection:
            asked = text("SELECT id FROM item WHERE code = :item")
            item_id = int(connection.execute(asked, {"item": self.item}).scalar_one())
        wanted = MovementFilter(first, last, group=MovementGroup.FACILITY, item_id=item_id)
        with acting_as(self.world.people["kehoach"]):
            rows = {row.key: row for row in movement(wanted)}
        for where in FACILITIES:
            flows = self.plain.flows(("store", where), first, last)
            row = rows.get(self.world.places[where])
            reported = (row.opening, row.incoming, row.outgoing, row.closing) if row else ()
            assert [(f.quantity, f.amount_vnd) for f in reported] == (flows if row else [])
            assert row or not any(q or v for q, v in flows)

    def compare_sums(self) -> None:
        """The sums that lists show are those of all lots, place by place."""
        with self.world.database.owner_engine.connect() as connection:
            kept = {row[0]: list(row[1:]) for row in connection.execute(_SUMS, {"item": self.item})}
        assert set(kept) == set(FACILITIES)
        for where, sums in kept.items():
            held: dict[str, list[int]] = {}
            for ((kind, place), _consignment), (many, worth) in self.plain.stock.items():
                if place == where:
                    so_far = held.setdefault(kind, [0, 0])
                    held[kind] = [so_far[0] + many, so_far[1] + worth]
            store, aside, coming = (
                held.get(kind, [0, 0]) for kind in ("store", "quarantine", "transit")
            )
            assert sums == [*store, aside[0], coming[0]]

    def compare(self) -> None:
        """Same balances now and on every day, quantity and value; nothing negative."""
        mine = _movements(self.world, self.item)
        for (place, consignment), (held, worth) in self.plain.stock.items():
            of_place = [m for m in mine if m[:3] == (*place, consignment)]
            assert sum(m[4] for m in of_place) == held >= 0
            assert sum(m[5] for m in of_place) == worth >= 0
            for back in range(SPAN_DAYS + 1):
                on = TODAY - dt.timedelta(days=back)
                theirs = sum(m[4] for m in of_place if m[3] <= on)
                assert theirs == self.plain.on_day(place, consignment, on) >= 0
        with self.world.database.owner_engine.connect() as connection:
            balances = connection.execute(_BALANCES, {"item": self.item}).all()
        assert {
            ((r.kind, r.facility), r.consignment_id): [r.quantity, r.amount_vnd] for r in balances
        } == {k: v for k, v in self.plain.stock.items() if v != [0, 0]}
        self.compare_sums()
        self.compare_movement(
            TODAY - dt.timedelta(days=SPAN_DAYS // 2), TODAY - dt.timedelta(days=1)
        )
        for written in self.plain.written.values():
            if written.kind == "issue":
                for move in written.moves:
                    expiry = self.plain.goods[move.consignment].expiry
                    assert expiry is None or expiry >= written.day


_BALANCES = text(
    "SELECT l.kind, f.code AS facility, b.consignment_id, b.quantity, b.amount_vnd FROM balance b"
    " JOIN location l ON l.id = b.location_id JOIN facility f ON f.id = b.facility_id"
    " JOIN item i ON i.id = b.item_id WHERE i.code = :item AND b.quantity > 0"
)
_SUMS = text(
    "SELECT f.code, s.quantity, s.amount_vnd, s.quarantined, s.on_way FROM stock_sum s"
    " JOIN facility f ON f.id = s.facility_id JOIN item i ON i.id = s.item_id WHERE i.code = :item"
)
_MOVEMENTS = text(
    "SELECT l.kind, f.code, e.consignment_id, e.happened_on, s.sign * e.quantity,"
    " s.sign * e.amount_vnd FROM entry e CROSS JOIN LATERAL (VALUES"
    " (e.to_location_id, 1), (e.from_location_id, -1)) s (location_id, sign)"
    " JOIN location l ON l.id = s.location_id JOIN facility f ON f.id = l.facility_id"
    " JOIN item i ON i.id = e.item_id WHERE i.code = :item"
)


def _movements(world: World, item: str) -> list[Any]:
    with world.database.owner_engine.connect() as connection:
        return [tuple(r) for r in connection.execute(_MOVEMENTS, {"item": item})]


def new_item(world: World, nth: int) -> str:
    """An item nobody has touched: every sequence starts from nothing."""
    with world.database.owner_engine.begin() as connection:
        return str(connection.execute(_NEW_ITEM, {"code": f"NGAU{nth}"}).scalar_one())


_NEW_ITEM = text(
    "INSERT INTO item (code, name_vi, name_en, inn, category, base_unit_vi, base_unit_en,"
    " litres_per_unit, is_essential, cold_chain, is_reusable, active, search)"
    " VALUES (:code, :code, :code, '', 'drug', 'viên', 'tablet', 1, false, 'none', false, true, '')"
    " RETURNING code"
)


def test_random_sequences_agree_with_the_plain_ledger(
    shared_db: Any, shared_people: dict[str, int]
) -> None:
    world = make_world(shared_db, shared_people)
    fresh = itertools.count()

    @settings(
        max_examples=25,
        deadline=None,
        # A failing sequence is printed as found: shrinking it would take minutes of posting.
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        steps=st.lists(step, min_size=15, max_size=40),
        lasting=st.lists(st.integers(-SPAN_DAYS // 2, 5) | st.none(), min_size=3, max_size=3),
    )
    def run(steps: list[tuple[Any, ...]], lasting: list[int | None]) -> None:
        expiries = [None if n is None else TODAY + dt.timedelta(days=n) for n in lasting]
        both = Both(world, new_item(world, next(fresh)), "R", expiries)
        for where in FACILITIES:
            first = TODAY - dt.timedelta(days=SPAN_DAYS)
            both.open(where, first, 2, 40, 333)
            for kind in ("quarantine", "kit_assembly", "cylinder_send"):
                both.within(kind, where, first, 7)
        for name, *values in steps:
            getattr(both, name)(*values)
        both.compare()

    run()
    assert verify_ledger().discrepancies == ()
    with acting_as(world.people["taichinh"]):
        funds = value_by_fund("ba-dinh")
    assert funds
    assert all(f.difference_vnd == 0 for f in funds)
