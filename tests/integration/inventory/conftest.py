"""A few stores and goods to tell stories with."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from supply.core.clock import VIETNAM
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory.documents import Document, Issue, IssueLine, Receipt, ReceiptLine
from supply.inventory.services import Posted, post

TODAY = dt.datetime.now(VIETNAM).date()


def days(n: int) -> dt.date:
    """The day `n` days from today."""
    return TODAY + dt.timedelta(days=n)


@dataclass(frozen=True)
class World:
    """One database with people; short ways to act in it."""

    database: Database
    people: dict[str, int]
    places: dict[str, int]
    items: list[str]
    fund: str
    donor: str

    def post(self, user: str, document: Document) -> Posted:
        """Post as `user`."""
        with acting_as(self.people[user]):
            return post(document)

    def receive(self, user: str, place: str, quantity: int, **more: object) -> Posted:
        """One line of goods into a store."""
        head = {k: more.pop(k) for k in ("happened_on", "client_key") if k in more}
        line: dict[str, object] = {
            "item_code": self.items[0],
            "lot_number": "A1",
            "expiry": days(365),
            "fund_code": self.fund,
            "unit_price_vnd": 1000,
        } | more
        return self.post(
            user,
            Receipt(
                facility_id=self.places[place],
                lines=(ReceiptLine(quantity=quantity, **line),),  # type: ignore[arg-type]
                **head,  # type: ignore[arg-type]
            ),
        )

    def issue(self, user: str, place: str, quantity: int, **more: object) -> Posted:
        """One line of goods to use."""
        head = {k: more.pop(k) for k in ("happened_on", "client_key") if k in more}
        line: dict[str, object] = {"item_code": self.items[0]} | more
        return self.post(
            user,
            Issue(
                facility_id=self.places[place],
                lines=(IssueLine(quantity=quantity, **line),),  # type: ignore[arg-type]
                **head,  # type: ignore[arg-type]
            ),
        )

    def owner_value(self, sql: str, **params: object) -> object:
        """One value, asked as the owner."""
        with self.database.owner_engine.connect() as connection:
            return connection.execute(text(sql), params).scalar()

    def on_hand(self, place: str, kind: str = "store", item: str | None = None) -> int:
        """Units of an item (the first by default) at a facility's store or on their way to it."""
        return int(
            self.owner_value(  # type: ignore[call-overload]
                "SELECT coalesce(sum(b.quantity), 0) FROM balance b"
                " JOIN location l ON l.id = b.location_id JOIN item i ON i.id = b.item_id"
                " WHERE b.facility_id = :f AND l.kind = :k AND i.code = :i",
                f=self.places[place],
                k=kind,
                i=item or self.items[0],
            )
        )

    def fingerprint(self) -> object:
        """Every count and hash of the ledger: equal before and after means nothing changed."""
        with self.database.owner_engine.connect() as connection:
            return tuple(
                connection.execute(
                    text(
                        f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
                    )
                ).one()
                for table in (
                    "document",
                    "entry",
                    "document_line",
                    "lot",
                    "lot_block",
                    "consignment",
                    "balance",
                    "stock_sum",
                    "chain_head",
                    "draft",
                )
            )


_taken = itertools.count()


def make_world(database: Database, people: dict[str, int]) -> World:
    """Every world begins with items that no earlier test of the file has touched."""
    start = 3 * next(_taken)
    with database.owner_engine.connect() as connection:
        places = dict(connection.execute(text("SELECT code, id FROM facility")).all())
        items = list(
            connection.execute(text("SELECT code FROM item WHERE active ORDER BY code")).scalars()
        )
        items = (items[start % len(items) :] + items)[:12]
        fund = connection.execute(
            text("SELECT code FROM fund WHERE valid_to IS NULL AND active ORDER BY code LIMIT 1")
        ).scalar_one()
        donor = connection.execute(
            text("SELECT code FROM partner WHERE kind = 'donor' ORDER BY code LIMIT 1")
        ).scalar_one()
    return World(database, people, places, items, fund, donor)  # type: ignore[arg-type]


@pytest.fixture
def world(shared_db: Database, shared_people: dict[str, int]) -> World:
    return make_world(shared_db, shared_people)


@pytest.fixture
def unchanged(world: World) -> Callable[[], None]:
    """Call it at the end: nothing has changed since the fixture was taken or last called."""
    before = world.fingerprint()

    def check() -> None:
        assert world.fingerprint() == before

    return check
