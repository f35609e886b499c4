"""Three stores that set aside, send on, make kits, take back and undo at the same time: no deadlock, all adds up."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field

from sqlalchemy import text

from supply.core.errors import SupplyError
from supply.core.scope import acting_as
from supply.inventory.documents import (
    Document,
    Issue,
    IssueLine,
    KitAssembly,
    Quarantine,
    Receipt,
    ReceiptLine,
    Release,
    Return,
    Reversal,
    TransferDispatch,
    TransferReceipt,
)
from supply.inventory.services import post
from supply.inventory.verify import verify_ledger
from tests.integration.inventory.conftest import World

A, B, DEPOT = "BD-TYT-01", "BD-TYT-02", "BD-TTYT"
KEEPERS = {A: "kho_px", B: "kho_tb", DEPOT: "kho_tt"}
RING = {A: B, B: DEPOT, DEPOT: A}
ITEMS, STOCK, STEPS = 5, 300, 30
DEADLOCK = "40P01"


@dataclass
class Churn:
    """One thread's storekeeper; `sent` is shared: dispatches by receiver, not yet received."""

    world: World
    place: str
    sent: dict[str, list[int]]
    chance: random.Random
    posted: list[tuple[str, int]] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)

    def live(self) -> None:
        with acting_as(self.world.people[KEEPERS[self.place]]):
            for _ in range(STEPS):
                document = self.next()
                try:
                    done = post(document)
                except SupplyError as error:
                    cause = getattr(getattr(error.__cause__, "orig", None), "sqlstate", "")
                    if error.status not in (409, 404) or cause == DEADLOCK:
                        self.strange.append(repr(error.__cause__ or error))
                    continue
                self.posted.append((done.kind.value, done.document_id))
                if isinstance(document, TransferDispatch):
                    self.sent[RING[self.place]].append(done.document_id)

    def lines(self) -> tuple[IssueLine, ...]:
        """Three items in any order, each a little."""
        codes = self.chance.sample(self.world.items[:ITEMS], 3)
        return tuple(IssueLine(item_code=c, quantity=self.chance.randint(1, 4)) for c in codes)

    def next(self) -> Document:
        here = {"facility_id": self.world.places[self.place]}
        to = {"counterpart_facility_id": self.world.places[RING[self.place]]}
        issues = [d for kind, d in self.posted if kind == "issue"]
        waiting = self.sent[self.place]
        choice = self.chance.randrange(8)
        if choice == 0 and waiting:
            return TransferReceipt(**here, follows_id=waiting.pop())
        if choice == 1 and self.posted:
            return Reversal(**here, reverses_id=self.chance.choice(self.posted)[1], reason="nhầm")
        if choice == 2 and issues:
            return Return(**here, follows_id=self.chance.choice(issues), lines=self.lines()[:1])
        if choice == 3:
            return Release(**here, lines=self.lines(), reason="đạt")
        if choice == 4:
            return KitAssembly(**here, lines=self.lines(), details={"kit": "A", "count": 1})
        if choice == 5:
            return TransferDispatch(**here, **to, lines=self.lines(), from_place="quarantine")
        if choice == 6:
            return TransferDispatch(**here, **to, lines=self.lines())
        return self.chance.choice(
            (
                Quarantine(**here, lines=self.lines(), reason="chờ"),
                Issue(**here, lines=self.lines()),
                Issue(**here, lines=self.lines(), from_place="kit"),
            )
        )


def test_all_kinds_at_once_do_not_lock_each_other_out(world: World) -> None:
    for place, user in KEEPERS.items():
        lines = tuple(
            ReceiptLine(
                item_code=code, quantity=STOCK, lot_number="C1", fund_code=world.fund,
                unit_price_vnd=11,
            )
            for code in world.items[:ITEMS]
        )  # fmt: skip
        world.post(user, Receipt(facility_id=world.places[place], lines=lines))
    sent: dict[str, list[int]] = {place: [] for place in KEEPERS}
    churns = [Churn(world, place, sent, random.Random(n)) for n, place in enumerate([*KEEPERS] * 2)]
    threads = [threading.Thread(target=churn.live) for churn in churns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    assert [s for churn in churns for s in churn.strange] == []
    kinds = {kind for churn in churns for kind, _ in churn.posted}
    assert len(kinds) >= 6, kinds
    with world.database.owner_engine.connect() as connection:
        held, left = connection.execute(
            text(
                "SELECT (SELECT sum(b.quantity) FROM balance b JOIN item i ON i.id = b.item_id"
                "        WHERE i.code = ANY (:codes)),"
                " (SELECT sum(CASE WHEN t.kind = 'use' THEN e.quantity ELSE -e.quantity END)"
                "  FROM entry e JOIN item i ON i.id = e.item_id"
                "  JOIN location s ON s.id = e.from_location_id"
                "  JOIN location t ON t.id = e.to_location_id"
                "  WHERE i.code = ANY (:codes) AND 'use' IN (s.kind, t.kind))"
            ),
            {"codes": world.items[:ITEMS]},
        ).one()
    assert held + (left or 0) == len(KEEPERS) * STOCK * ITEMS
    assert verify_ledger().is_sound
