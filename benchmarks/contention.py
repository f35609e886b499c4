"""Eight storekeepers empty the same eight items of three stores at once, sending to each other meanwhile.

What must come out whatever the speed: every unit is accounted for, nobody is refused for anything but
too little stock, nothing waits for itself. Prints the units accounted for against the units stocked, the
deadlocks the server counted, and the documents per second against one storekeeper doing it alone.

    python -m benchmarks.contention [--clients 8] [--quantity 400]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import threading
import time
from pathlib import Path
from uuid import uuid4

from sqlalchemy import text

from benchmarks.posting import _prepare

HOT_ITEMS = 8
STORES = 3


def _stock(places: list[int], items: list[str], fund: str, quantity: int) -> None:
    from supply.inventory.documents import Receipt, ReceiptLine
    from supply.inventory.services import post

    for place in places:
        lines = tuple(
            ReceiptLine(
                item_code=code, quantity=quantity, lot_number=f"N{n}", fund_code=fund,
                unit_price_vnd=700 + n,
            )
            for code in items
            for n in range(2)
        )  # fmt: skip
        post(Receipt(facility_id=place, lines=lines))


def _client(seed: int, user: int, places: list[int], items: list[str], counts: list[int]) -> None:
    """Issue and send, in any order of items, until every store is empty of all of them."""
    from supply.core.errors import NotEnoughStock
    from supply.core.scope import acting_as
    from supply.inventory.documents import Issue, IssueLine, TransferDispatch
    from supply.inventory.services import post

    dice = random.Random(seed)
    wanted = {(place, item) for place in places for item in items}
    with acting_as(user):
        while wanted:
            place = dice.choice(sorted({place for place, _ in wanted}))
            here = [item for at, item in wanted if at == place]
            chosen = dice.sample(here, min(len(here), dice.randint(1, 5)))
            lines = tuple(IssueLine(item_code=i, quantity=dice.randint(1, 6)) for i in chosen)
            head = {"facility_id": place, "lines": lines, "client_key": uuid4()}
            try:
                if dice.random() < 0.3:
                    other = dice.choice([p for p in places if p != place])
                    post(TransferDispatch(counterpart_facility_id=other, **head))
                else:
                    post(Issue(**head))
                counts[seed] += 1
            except NotEnoughStock:
                if len(chosen) == 1 and lines[0].quantity == 1:
                    wanted.discard((place, chosen[0]))
                elif len(chosen) == 1:
                    _last_units(place, chosen[0])
                    wanted.discard((place, chosen[0]))


def _last_units(place: int, item: str) -> None:
    """One by one until there is none."""
    from supply.core.errors import NotEnoughStock
    from supply.inventory.documents import Issue, IssueLine
    from supply.inventory.services import post

    while True:
        try:
            post(Issue(facility_id=place, lines=(IssueLine(item_code=item, quantity=1),)))
        except NotEnoughStock:
            return


def _empty(clients: int, user: int, places: list[int], items: list[str]) -> float:
    """Documents per second of `clients` storekeepers emptying the stores."""
    counts = [0] * clients
    threads = [
        threading.Thread(target=_client, args=(n, user, places, items, counts))
        for n in range(clients)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


_ACCOUNTED = text("""
SELECT coalesce(sum(e.quantity) FILTER (WHERE t.kind = 'use'), 0)
     + coalesce((SELECT sum(b.quantity) FROM balance b JOIN item i ON i.id = b.item_id
                 WHERE i.code = ANY (:items)), 0) AS accounted,
       coalesce(sum(e.quantity) FILTER (WHERE f.kind = 'supplier'), 0) AS stocked
FROM entry e JOIN item i ON i.id = e.item_id
JOIN location f ON f.id = e.from_location_id JOIN location t ON t.id = e.to_location_id
WHERE i.code = ANY (:items)
""")
_DEADLOCKS = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def measure(clients: int, quantity: int) -> list[dict[str, object]]:
    """Three rows: conservation, deadlocks, speed."""
    database, places, user, items, fund = _prepare()
    from supply.core.scope import acting_as
    from supply.inventory.verify import verify_ledger

    stores, hot = places[:STORES], items[:HOT_ITEMS]
    with acting_as(user):
        _stock(stores, hot, fund, quantity)
    alone = _empty(1, user, stores, hot)
    with acting_as(user):
        _stock(stores, hot, fund, quantity)
    together = _empty(clients, user, stores, hot)
    with database.owner_engine.connect() as connection:  # type: ignore[attr-defined]
        accounted, stocked = connection.execute(_ACCOUNTED, {"items": hot}).one()
        deadlocks = connection.execute(_DEADLOCKS).scalar_one()
    assert verify_ledger().discrepancies == ()
    name = f"contention_{clients}_clients_{HOT_ITEMS}_items"
    return [
        {
            "name": f"{name}_units", "ours": int(accounted), "other": int(stocked),
            "other_is": "units stocked", "ratio": accounted / stocked, "unit": "units",
        },
        {
            "name": f"{name}_deadlocks", "ours": deadlocks, "other": 0,
            "other_is": "what may be", "ratio": 1.0 if deadlocks == 0 else 0.0, "unit": "deadlocks",
        },
        {
            "name": f"{name}_speed", "ours": round(together, 1), "other": round(alone, 1),
            "other_is": "one storekeeper alone", "ratio": round(together / alone, 2),
            "unit": "documents/s",
        },
    ]  # fmt: skip


def main() -> None:
    """Print JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--quantity", type=int, default=400)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="supply-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        os.environ.setdefault("SUPPLY_DATA", folder)
        for row in measure(asked.clients, asked.quantity):
            print(json.dumps(row, default=float), flush=True)


if __name__ == "__main__":
    main()
