"""Another program at the door: keys made by real people on a real database."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from supply.core import api_keys, jobs
from supply.core.clock import VIETNAM
from supply.core.database import Database
from supply.core.scope import acting_as

TODAY = dt.datetime.now(VIETNAM).date()


def day(days: int) -> str:
    """A day as sent, `days` from today."""
    return (TODAY + dt.timedelta(days=days)).isoformat()


@dataclass
class Program:
    """Another program with a key of its own."""

    client: FlaskClient
    key: str

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}"} | dict(options.pop("headers", {}))
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def found(self, path: str) -> Any:
        """What a GET hands back; fails on anything but 200."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json["result"]

    def send(self, path: str, body: object, key: str | None = None, **headers: str) -> TestResponse:
        more = {"Idempotency-Key": key or str(uuid4())} | headers
        return self.call("POST", path, json=body, headers=more)

    def upload(self, path: str, content: bytes, name: str = "hóa đơn.jpg") -> TestResponse:
        return self.call("POST", path, data={"file": (io.BytesIO(content), name)})


@dataclass
class Depot:
    """The database of a file's tests, its people and places."""

    db: Database
    app: Flask
    people: dict[str, int]
    places: dict[str, int]

    def one(self, sql: str, **values: Any) -> Any:
        """One value, asked as the owner."""
        with self.db.owner_engine.begin() as connection:
            return connection.execute(text(sql), values).scalar()

    def change(self, sql: str, **values: Any) -> None:
        """A change made as the owner."""
        with self.db.owner_engine.begin() as connection:
            connection.execute(text(sql), values)

    def key(self, name: str, *, may_write: bool = True, place: str | None = None) -> str:
        with acting_as(self.people[name]):
            return api_keys.make_key(
                "Phần mềm thử",
                may_write=may_write,
                facility_id=self.places[place] if place else None,
                last_day=TODAY + dt.timedelta(days=30),
            )

    def program(self, name: str, **narrowed: Any) -> Program:
        return Program(self.app.test_client(use_cookies=False), self.key(name, **narrowed))

    def receipt(
        self, place: str = "BD-TYT-01", *lines: dict[str, Any], **head: Any
    ) -> dict[str, Any]:
        """A receipt as sent."""
        line = {
            "item": "TH001",
            "lot_number": "LO1",
            "expiry": day(400),
            "quantity": 2000,
            "fund": "NSTP",
            "unit_price_vnd": 350,
        }
        return {
            "kind": "receipt",
            "facility_id": self.places[place],
            "partner": "NCC01",
            "lines": list(lines) or [line],
        } | head

    def issue(self, quantity: int = 10, place: str = "BD-TYT-01", **head: Any) -> dict[str, Any]:
        """An issue as sent."""
        lines = [{"item": "TH001", "quantity": quantity}]
        return {"kind": "issue", "facility_id": self.places[place], "lines": lines} | head

    def book(self, place_id: int, line: dict[str, Any]) -> int:
        """What the book says of a line of a count's sheet, asked as the owner."""
        return int(
            self.one(
                "SELECT coalesce(sum(b.quantity), 0) FROM balance b JOIN location l"
                " ON l.id = b.location_id AND l.kind = 'store' JOIN lot t ON t.id = b.lot_id"
                " WHERE b.facility_id = :place AND b.item_id = :item AND t.number = :lot",
                place=place_id,
                item=line["item_id"],
                lot=line["lot_number"],
            )
        )

    def on_hand(self, place: str = "BD-TYT-01") -> int:
        return int(
            self.one(
                "SELECT coalesce(sum(b.quantity), 0) FROM balance b JOIN location l"
                " ON l.id = b.location_id AND l.kind = 'store' WHERE b.facility_id = :place",
                place=self.places[place],
            )
        )


@pytest.fixture(scope="module")
def depot(site: Flask, shared_db: Database, shared_people: dict[str, int]) -> Depot:
    """One database for a file; each test counts from what it finds."""
    jobs.queue.cache_clear()
    site.config["API_RATE_LIMIT"] = "100000 per minute"
    site.config["API_REFUSED_LIMIT"] = "100000 per minute"
    with shared_db.owner_engine.connect() as connection:
        places = {r[0]: r[1] for r in connection.execute(text("SELECT code, id FROM facility"))}
    return Depot(shared_db, site, shared_people, places)


@pytest.fixture(scope="module")
def keeper(depot: Depot) -> Program:
    """The program of the storekeeper of BD-TYT-01."""
    return depot.program("kho_px")


@pytest.fixture
def posted(depot: Depot, keeper: Program) -> Callable[..., dict[str, Any]]:
    """Post a document that must be taken."""

    def post(body: dict[str, Any], key: str | None = None) -> dict[str, Any]:
        answer = keeper.send("/documents", body, key)
        assert answer.status_code == 201, answer.text
        return dict(answer.json["result"])

    return post
