"""The stock list at 100,000 balances: our page against FAB's own list of the same table, in one run.

Both are asked through the application by the same signed-in administrator (the whole table in scope),
page by page as a person works: the first page, the next one, the list ordered by quantity, a search
by name, a page far down. Times are medians of several rounds, after some that warm both as a server of
an hour ago is warm: a question asked again and again is prepared on its connection, and its plan kept.

What is compared: the whole HTTP answer, in one process, to the same client. Both show fifty rows and
five figures or names a row, filter by the same item, and order by the same quantity. Ours adds up the
lots of an item at a facility (four balances a row), FAB's shows each balance. A person's next page is,
in ours, a part of the page (the rows), in FAB's a page anew: that is how each is used. FAB's page
counts its rows; ours brings count and worth in a second request after the page, so that request has a
line of its own, to be added to a first page or a search by whoever wants them with the count.

    python -m benchmarks.stock_list [--balances 100000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROWS = 50
WARMING = 12  # the database keeps a plan after five times, the driver prepares one before that
FACILITIES, ITEMS = 100, 250

_FILL = """
INSERT INTO facility (code, name_vi, name_en, kind, district_id, is_depot, is_private, beds, icu_beds,
                      active, search)
SELECT format('Z-%s', lpad(n::text, 3, '0')), format('Cơ sở đo %s', n), format('Bench %s', n),
       'ward_station', (SELECT min(id) FROM district), false, false, 0, 0, true, format('z-%s co so', n)
FROM generate_series(1, :facilities) n;
INSERT INTO item (code, name_vi, name_en, inn, category, base_unit_vi, base_unit_en, litres_per_unit,
                  is_essential, cold_chain, is_reusable, active, search)
SELECT format('Z%s', lpad(n::text, 4, '0')), format('Mặt hàng đo %s', n), format('Bench item %s', n),
       '', 'drug', 'viên', 'tablet', 0.01, true, 'none', false, true, format('z%s mat hang do %s', n, n)
FROM generate_series(1, :items) n;
INSERT INTO lot (item_id, number, expiry)
SELECT i.id, format('L%s', k), supply_today() + (i.id * 7 + k * 90) % 900 - 30
FROM item i CROSS JOIN generate_series(1, :lots) k WHERE i.code LIKE 'Z%';
ALTER TABLE consignment DROP CONSTRAINT consignment_document_id_fkey;
INSERT INTO consignment (lot_id, fund_id, paper_reference, unit_price_vnd, document_id)
SELECT l.id, (SELECT min(id) FROM fund), 'Z', 100 + l.id % 900, 1 FROM lot l;
INSERT INTO balance (location_id, consignment_id, facility_id, item_id, lot_id, quantity, amount_vnd)
SELECT p.id, c.id, p.facility_id, l.item_id, l.id, q.n, q.n * c.unit_price_vnd
FROM lot l JOIN consignment c ON c.lot_id = l.id
CROSS JOIN location p JOIN facility f ON f.id = p.facility_id AND f.code LIKE 'Z-%'
CROSS JOIN LATERAL (SELECT 1 + (hashint8((l.id * 1009 + p.id)::bigint) & 1023) AS n) q
WHERE p.kind = 'store';
SELECT ledger_make_sums()
"""


def _prepare(balances: int) -> int:
    """A database of its own with that many balances; returns an administrator's id."""
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
                session, NewUser("bench", "Đo", "Đo", "administrator", "a@example.invalid")
            ).id
            session.commit()
    params = {
        "facilities": FACILITIES,
        "items": ITEMS,
        "lots": max(1, balances // (FACILITIES * ITEMS)),
    }
    with database().owner_engine.begin() as connection:
        for statement in _FILL.split(";\n"):
            wanted = {k: v for k, v in params.items() if f":{k}" in statement}
            connection.execute(text(statement), wanted)
    with (
        database()
        .owner_engine.connect()
        .execution_options(isolation_level="AUTOCOMMIT") as connection
    ):
        connection.execute(text("VACUUM ANALYZE"))
    return user


def _application(user: int) -> Any:
    """The application, with FAB's list of the balance table beside our pages; its client, signed in."""
    from flask_appbuilder import ModelView
    from flask_appbuilder.models.sqla.interface import SQLAInterface
    from sqlalchemy.orm import Session, registry, relationship

    from app import create_app
    from supply.catalog.models import Facility, Item
    from supply.core.commands import declared_pairs
    from supply.core.database import database
    from supply.core.model import Base
    from supply.core.roles import sync_roles
    from supply.inventory.models import Lot

    class BenchBalance(
        registry(
            metadata=Base.metadata, class_registry=Base.registry._class_registry
        ).generate_base()
    ):  # type: ignore[misc]
        """The balances with the names a person reads: item, facility and lot as relations."""

        __table__ = Base.metadata.tables["balance"]
        item = relationship(Item, viewonly=True)
        facility = relationship(Facility, viewonly=True)
        lot = relationship(Lot, viewonly=True)

        def __repr__(self) -> str:
            return str(self.quantity)

    class BalancePlain(ModelView):
        """As FAB makes it by itself: the rows with the names they need, searched by whatever there is."""

        datamodel = SQLAInterface(BenchBalance)
        route_base = "/bench-balances"
        list_columns = ["item", "facility", "lot", "quantity", "amount_vnd"]
        search_columns = ["item", "facility", "lot", "quantity"]
        page_size = ROWS
        base_permissions = ["can_list", "can_show"]

    app = create_app()
    app.config["PROPAGATE_EXCEPTIONS"] = True
    with app.app_context(), Session(database().owner_engine) as session:
        app.appbuilder.add_view_no_menu(BalancePlain)
        sync_roles(session, declared_pairs(app))
        session.commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = str(user), True
    return client


def _get(client: Any, address: str, *, part: bool = False) -> str:
    answer = client.get(address, headers={"HX-Request": "true"} if part else None)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    return str(answer.text)


def _ours(client: Any) -> list[Callable[[], object]]:
    """The steps on our list, one row per lot and facility being FAB's balance: grouped by facility
    and item ours sums the lots besides."""
    first = _get(client, "/stock/")
    found = re.search(r'href="(/stock/\?after=[^"]+)"', first)
    if found is None:
        raise SystemExit("our list has no next page")
    following = found[1].replace("&amp;", "&")
    return [
        lambda: _get(client, "/stock/"),
        lambda: _get(client, following, part=True),  # "more" brings rows, not the page
        lambda: _get(client, "/stock/?sort=quantity&dir=desc"),
        lambda: _get(client, "/stock/?q=mat+hang+do+77"),
        lambda: _get(client, "/stock/?after=Z0245%7EZ0245%7E1", part=True),
    ]


def _searched_item() -> int:
    """The item that the search by name finds on our list."""
    from sqlalchemy import text

    from supply.core.database import database

    with database().owner_engine.connect() as connection:
        found = connection.execute(text("SELECT id FROM item WHERE code = 'Z0077'"))
        return int(found.scalar_one())


def _fab(client: Any, balances: int) -> list[Callable[[], object]]:
    """The same steps on FAB's list."""
    item = _searched_item()
    at = "/bench-balances/list/?psize_BalancePlain=50"
    far = balances * 98 // 100 // ROWS
    return [
        lambda: _get(client, at),
        lambda: _get(client, f"{at}&page_BalancePlain=1"),
        lambda: _get(client, f"{at}&_oc_BalancePlain=quantity&_od_BalancePlain=desc"),
        lambda: _get(client, f"{at}&_flt_0_item={item}"),
        lambda: _get(client, f"{at}&page_BalancePlain={far}"),
    ]


STEPS = ("first page", "next page", "by quantity", "search", "far down")


def main() -> None:
    """Print JSON lines; runs in a throw-away server unless DATABASE_URL names one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--balances", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="supply-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        os.environ.setdefault("SUPPLY_DATA", folder)
        client = _application(_prepare(asked.balances))
        sides = {"ours": _ours(client), "other": _fab(client, asked.balances)}
        spent: dict[str, list[list[float]]] = {side: [[] for _ in STEPS] for side in sides}
        for _ in range(WARMING + asked.rounds):  # both sides take turns
            for side, steps in sides.items():
                for nth, step in enumerate(steps):
                    began = time.perf_counter()
                    step()
                    spent[side][nth].append(time.perf_counter() - began)
        counted = []
        for _ in range(WARMING + asked.rounds):
            began = time.perf_counter()
            _get(client, "/stock/totals", part=True)
            counted.append(time.perf_counter() - began)
        medians = {
            side: [statistics.median(times[WARMING:]) for times in found]
            for side, found in spent.items()
        }
        for name, ours, other in (
            *zip(STEPS, medians["ours"], medians["other"], strict=True),
            ("all five", sum(medians["ours"]), sum(medians["other"])),
        ):
            print(
                json.dumps(
                    {
                        "name": f"stock list at {asked.balances:,} balances, {name}",
                        "ours": round(ours * 1000, 1),
                        "other": round(other * 1000, 1),
                        "other_is": "FAB's ModelView list of the balances with item, facility and lot",
                        "ratio": round(other / ours, 2),
                        "unit": "ms (ratio: how many times faster)",
                    }
                ),
                flush=True,
            )
        print(
            json.dumps(
                {
                    "name": "stock list, count and worth of all rows, brought after our page",
                    "ours": round(statistics.median(counted[WARMING:]) * 1000, 1),
                    "unit": "ms",
                }
            )
        )


if __name__ == "__main__":
    main()
