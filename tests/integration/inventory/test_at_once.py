"""Many at once: nothing oversold, nothing twice, nobody stuck."""

from __future__ import annotations

import multiprocessing as mp
import os
import threading
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from supply.core.database import use_database
from supply.core.errors import NotEnoughStock, SupplyError
from supply.core.scope import acting_as
from supply.inventory.documents import (
    Issue,
    IssueLine,
    Receipt,
    ReceiptLine,
    TransferDispatch,
)
from supply.inventory.services import Posted, post
from supply.inventory.verify import verify_ledger
from tests.integration.inventory.conftest import World

A, B, DEPOT = "BD-TYT-01", "BD-TYT-02", "BD-TTYT"
WORKERS = 8
HOT_ITEMS = 8
STOCK = 40


def test_the_same_request_sent_twice_at_once_posts_once(world: World) -> None:
    world.receive("kho_px", A, 100)
    document = Issue(
        facility_id=world.places[A],
        lines=(IssueLine(item_code=world.items[0], quantity=10),),
        client_key=uuid4(),
    )
    start = threading.Barrier(2)
    results: list[Posted] = []

    def send() -> None:
        start.wait()
        results.append(world.post("kho_px", document))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(r.replayed for r in results) == [False, True]
    assert results[0].document_id == results[1].document_id
    assert world.on_hand(A) == 90


def _drain(url: str, role: str, user: int, job: dict[str, Any], out: Any) -> None:
    """One process: small documents of all hot items in an order of its own until nothing is left."""
    use_database(url, role)
    taken, errors, key = 0, [], int(job["nth"])
    items = list(job["items"])
    items = items[key:] + items[:key]
    with acting_as(user):
        while items:
            lines = tuple(IssueLine(item_code=code, quantity=1) for code in items[:3])
            head: dict[str, Any] = {"facility_id": job["facility"], "lines": lines}
            try:
                if job["to"] is None:
                    post(Issue(**head))
                else:
                    post(TransferDispatch(counterpart_facility_id=job["to"], **head))
                taken += len(lines)
            except NotEnoughStock as refused:
                gone = {f.line for f in refused.faults}
                items = [c for n, c in enumerate(items, 1) if n not in gone]
            except SupplyError as error:
                errors.append(repr(error.__cause__ or error))
                break
    out.put((taken, errors))
    os._exit(0)  # the embedded server belongs to the parent: leave without its exit hooks


def _fill(world: World, user: str, place: str) -> None:
    lines = tuple(
        ReceiptLine(
            item_code=code, quantity=STOCK // 2, lot_number=f"H{half}", fund_code=world.fund,
            unit_price_vnd=7,
        )
        for code in world.items[:HOT_ITEMS]
        for half in (1, 2)
    )  # fmt: skip
    world.post(user, Receipt(facility_id=world.places[place], lines=lines))


def _run(world: World, jobs: list[tuple[str, dict[str, Any]]]) -> tuple[int, list[str]]:
    context = mp.get_context("fork")
    out = context.SimpleQueue()
    url = world.database.owner_url.render_as_string(False)
    world.database.dispose()
    workers = [
        context.Process(
            target=_drain, args=(url, world.database.web_role, world.people[user], job, out)
        )
        for user, job in jobs
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
        assert worker.exitcode == 0, "a process hangs or died"
    results = [out.get() for _ in workers]
    return sum(r[0] for r in results), [e for r in results for e in r[1]]


def test_eight_processes_draining_eight_hot_items_oversell_nothing(world: World) -> None:
    _fill(world, "kho_px", A)
    job = {"items": world.items[:HOT_ITEMS], "facility": world.places[A], "to": None}
    taken, errors = _run(world, [("kho_px", job | {"nth": n}) for n in range(WORKERS)])
    assert errors == []
    assert taken == STOCK * HOT_ITEMS
    assert all(world.on_hand(A, item=code) == 0 for code in world.items[:HOT_ITEMS])
    assert verify_ledger().is_sound


def test_facilities_that_send_to_each_other_at_once_do_not_lock_each_other_out(
    world: World,
) -> None:
    users = {A: "kho_px", B: "kho_tb", DEPOT: "kho_tt"}
    ring = {A: B, B: DEPOT, DEPOT: A}
    for place, user in users.items():
        _fill(world, user, place)
    hot = world.items[:HOT_ITEMS]
    jobs = [
        (
            users[place],
            {
                "items": hot,
                "nth": n,
                "facility": world.places[place],
                "to": world.places[ring[place]],
            },
        )
        for n, place in enumerate([A, B, DEPOT] * 2)
    ]
    taken, errors = _run(world, jobs)
    assert errors == []
    assert taken == 3 * STOCK * HOT_ITEMS
    with world.database.owner_engine.connect() as connection:
        moving = connection.execute(
            text(
                "SELECT sum(b.quantity) FROM balance b JOIN location l ON l.id = b.location_id"
                " JOIN item i ON i.id = b.item_id WHERE l.kind = 'transit' AND i.code = ANY (:c)"
            ),
            {"c": hot},
        ).scalar()
    assert moving == 3 * STOCK * HOT_ITEMS
    assert verify_ledger().is_sound
