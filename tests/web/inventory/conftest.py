"""Forms as the entry screen sends them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from supply.core.clock import VIETNAM
from supply.core.database import Database
from tests.web.conftest import Browser

TODAY = dt.datetime.now(VIETNAM).date()


def day(days: int) -> str:
    """A day as typed, `days` from today."""
    return f"{TODAY + dt.timedelta(days=days):%d/%m/%Y}"


def goods(item: str = "TH001", quantity: str = "2.000", **more: Any) -> dict[str, Any]:
    """A receipt line as typed."""
    return {
        "item_code": item,
        "quantity": quantity,
        "lot_number": "LO1",
        "expiry": day(400),
        "unit_price_vnd": "350",
        "fund_code": "NSTP",
    } | more


@dataclass
class Store:
    """A database with people, and how many rows its ledger has."""

    db: Database
    places: dict[str, int]
    counted: list[int] = field(default_factory=list)

    def one(self, sql: str, **values: Any) -> Any:
        """One value, asked as the owner."""
        with self.db.owner_engine.begin() as connection:
            return connection.execute(text(sql), values).scalar()

    def change(self, sql: str, **values: Any) -> None:
        """A change made as the owner."""
        with self.db.owner_engine.begin() as connection:
            connection.execute(text(sql), values)

    def documents(self) -> int:
        return int(self.one("SELECT count(*) FROM document"))

    def on_hand(self, place: str, item: str = "TH001") -> int:
        return int(
            self.one(
                "SELECT coalesce(sum(b.quantity), 0) FROM balance b"
                " JOIN location l ON l.id = b.location_id AND l.kind = 'store'"
                " JOIN item i ON i.id = b.item_id"
                " WHERE b.facility_id = :place AND i.code = :item",
                place=self.places[place],
                item=item,
            )
        )

    def form(self, place: str, *lines: dict[str, Any], **head: Any) -> dict[str, Any]:
        """A form with a key of its own."""
        return {
            "facility_id": str(self.places[place]),
            "happened_on": day(0),
            "client_key": str(uuid4()),
            "partner_code": "NCC01",
            "lines": list(lines),
        } | head

    def receive(self, who: Browser, place: str, *lines: dict[str, Any]) -> int:
        """Goods posted into a store; returns the document's id."""
        form = self.form(place, *(lines or (goods(),)))
        answer = who.send("/documents/new/receipt", form)
        assert answer.status_code == 200, answer.text
        return int(answer.json["document_id"])


@pytest.fixture
def store(db: Database, people: dict[str, int]) -> Store:
    with db.owner_engine.connect() as connection:
        rows = connection.execute(text("SELECT code, id FROM facility")).all()
    return Store(db, {row[0]: row[1] for row in rows})


@pytest.fixture
def refused(store: Store) -> Callable[..., list[dict[str, Any]]]:
    """Send a form that must be refused: hands back the faults, after seeing that nothing moved."""

    def send(who: Browser, kind: str, form: dict[str, Any], *statuses: int) -> list[dict[str, Any]]:
        before = store.documents(), store.one("SELECT coalesce(sum(quantity), 0) FROM balance")
        answer = who.send(f"/documents/new/{kind}", form)
        assert answer.status_code in (statuses or (422,)), answer.text[:600]
        after = store.documents(), store.one("SELECT coalesce(sum(quantity), 0) FROM balance")
        assert after == before
        return list(answer.json["errors"])

    return send
