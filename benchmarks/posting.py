"""Posting documents of 5 lines: our service against psycopg calling the same function.

Both sides do what a request needs: begin, enter the person's scope, post, commit. Same run, same
database, taking turns, so that the ratio holds where the machine's speed does not.

    python -m benchmarks.posting [--seconds 3] [--rounds 2]
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

LINES = 5
CLIENTS = (1, 8)
LOTS_PER_ITEM = 3


def _prepare() -> tuple[object, list[int], int, list[str], str]:
    """A database of its own: 8 facilities, one storekeeper for all, stock in several lots."""
    from sqlalchemy import text
    from sqlalchemy.orm import Session

    from supply.catalog.data import load_district
    from supply.core.accounts import NewUser, create_user
    from supply.core.database import database
    from supply.core.deploy import deploying, load_reference_data, migrate

    with deploying() as connection:
        migrate(connection)
        load_reference_data(connection)
        with Session(connection) as session:
            load_district(session, "ba-dinh")
            user = create_user(
                session,
                NewUser(
                    "benchmark",
                    "Đo",
                    "Tốc độ",
                    "storekeeper",
                    "kho@example.invalid",
                    (),
                    ("ba-dinh",),
                ),
                "Duong-dai-2022!",
            ).id
            session.commit()
    with database().owner_engine.connect() as connection:
        places = connection.execute(text("SELECT id FROM facility ORDER BY id LIMIT 8")).scalars()
        items = connection.execute(text("SELECT code FROM item ORDER BY code LIMIT 40")).scalars()
        fund = connection.execute(
            text("SELECT code FROM fund WHERE active AND valid_to IS NULL ORDER BY code LIMIT 1")
        ).scalar_one()
        return database(), list(places), user, list(items), fund


def _stock_up(places: list[int], items: list[str], fund: str) -> None:
    from supply.inventory.documents import Receipt, ReceiptLine
    from supply.inventory.services import post_receipt

    expiry = dt.date.today() + dt.timedelta(days=300)
    lines = tuple(
        ReceiptLine(
            item_code=code, quantity=10_000_000, lot_number=f"B{n}", fund_code=fund,
            expiry=expiry + dt.timedelta(days=n), unit_price_vnd=1000,
        )
        for code in items
        for n in range(LOTS_PER_ITEM)
    )  # fmt: skip
    for place in places:
        post_receipt(Receipt(facility_id=place, lines=lines))


def _rate(clients: int, seconds: float, make: Callable[[int], Callable[[int], None]]) -> float:
    """Documents per second of `clients` threads for about `seconds`."""
    counts = [0] * clients
    start = threading.Barrier(clients + 1)
    until = [0.0]

    def client(nth: int) -> None:
        post_one = make(nth)
        post_one(0)  # the first call opens the connection and warms the plans
        start.wait()
        while time.perf_counter() < until[0]:
            counts[nth] += 1
            post_one(counts[nth])

    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    until[0] = time.perf_counter() + 3600
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    until[0] = began + seconds
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


def measure(seconds: float, rounds: int) -> list[dict[str, object]]:
    """One row per kind and number of clients: documents per second of both sides."""
    import psycopg

    from supply.core.scope import acting_as, scope_proof
    from supply.inventory.documents import (
        Document,
        Issue,
        IssueLine,
        Receipt,
        ReceiptLine,
        payload_of,
    )
    from supply.inventory.services import post

    db, places, user, items, fund = _prepare()
    with acting_as(user):
        _stock_up(places, items, fund)
    address = db.web_url.set(drivername="postgresql").render_as_string(False)  # type: ignore[attr-defined]

    def document(kind: str, client: int, nth: int) -> Document:
        codes = [items[(nth * LINES + k) % len(items)] for k in range(LINES)]
        place = places[client % len(places)]
        if kind == "issue":
            return Issue(
                facility_id=place, lines=tuple(IssueLine(item_code=c, quantity=2) for c in codes)
            )
        return Receipt(
            facility_id=place,
            lines=tuple(
                ReceiptLine(
                    item_code=c, quantity=50, lot_number="B0", fund_code=fund, unit_price_vnd=1000
                )
                for c in codes
            ),
        )

    def ours(kind: str) -> Callable[[int], Callable[[int], None]]:
        def make(client: int) -> Callable[[int], None]:
            def post_one(nth: int) -> None:
                with acting_as(user):
                    post(document(kind, client, nth))

            return post_one

        return make

    def direct(kind: str) -> Callable[[int], Callable[[int], None]]:
        proof = scope_proof(user)
        template = {"issue": document("issue", 0, 0), "receipt": document("receipt", 0, 0)}[kind]
        body = payload_of(template)

        def make(client: int) -> Callable[[int], None]:
            connection = psycopg.connect(address)

            def post_one(nth: int) -> None:
                lines = [
                    line | {"item": items[(nth * LINES + k) % len(items)]}
                    for k, line in enumerate(body["lines"])
                ]
                mine = body | {
                    "client_key": str(uuid4()),
                    "facility_id": places[client % len(places)],
                    "lines": lines,
                }
                connection.execute("SELECT supply_enter(%s, %s)", (user, proof))
                connection.execute(
                    "SELECT post_document(%s::jsonb)", (json.dumps(mine),)
                ).fetchone()
                connection.commit()

            return post_one

        return make

    rows = []
    for kind in ("receipt", "issue"):
        for clients in CLIENTS:
            best = {"ours": 0.0, "other": 0.0}
            for _ in range(rounds):
                best["ours"] = max(best["ours"], _rate(clients, seconds, ours(kind)))
                best["other"] = max(best["other"], _rate(clients, seconds, direct(kind)))
            rows.append(
                {
                    "name": f"post_{kind}_{LINES}_lines_{clients}_clients",
                    "ours": round(best["ours"], 1),
                    "other": round(best["other"], 1),
                    "other_is": "psycopg calling post_document in the same scope",
                    "ratio": round(best["ours"] / best["other"], 3),
                    "unit": "documents/s",
                }
            )
    return rows


def main() -> None:
    """Print JSON lines; runs on a throw-away database unless DATABASE_URL names one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.2, help="per round, side and case")
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="supply-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        os.environ.setdefault("SUPPLY_DATA", folder)
        for row in measure(asked.seconds, asked.rounds):
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
