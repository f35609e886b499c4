"""A history file into the ledger against SQLAlchemy Core's executemany of the very rows it makes.

Ours reads the CSV, looks codes up, chooses lots, shares values, proves every rule, numbers, hashes and
writes, through `supply.imports`. The other is given the finished rows as dicts and writes them the usual
way, `connection.execute(insert(table), rows)` table by table with psycopg 3, into a second database with
the same tables, indexes, checks and references, in one transaction with the same durability: far less
work. It writes every row that ours does (documents with their hashes, lots, consignments, lines, entries,
balances, sums, closings, heads of the chains); afterwards both databases are compared row for row. Same
run, same server, each on a fresh database, in turns; the quickest turn of each side counts.

    python -m benchmarks.import_history [--lines 200000] [--turns 3]
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
import os
import random
import tempfile
import time
from pathlib import Path
from typing import Any

FACILITIES = 8
ITEMS = 40
LINES_PER_DOCUMENT = 5
ISSUES_PER_RECEIPT = 4
TABLES = ("document", "lot", "consignment", "document_line", "entry", "balance", "stock_sum",
          "closing_balance", "chain_head")  # fmt: skip
Rows = dict[str, list[dict[str, Any]]]


def _prepare(url: Any, name: str) -> tuple[Any, int]:
    """A database of its own: the district, and one storekeeper for all of it."""
    from sqlalchemy.orm import Session

    from supply.catalog.data import load_district
    from supply.core.accounts import NewUser, create_user
    from supply.core.database import use_database
    from supply.core.deploy import deploying, load_reference_data, migrate

    db = use_database(url.set(database=name), f"{name}_web")
    with deploying() as connection:
        migrate(connection)
        load_reference_data(connection)
        with Session(connection) as session:
            load_district(session, "ba-dinh")
            new = NewUser(
                "bulk", "Đo", "Tốc độ", "storekeeper", "kho@example.invalid", (), ("ba-dinh",)
            )
            user = create_user(session, new, "Duong-dai-2022!").id
            session.commit()
    return db, user


def _file(db: Any, lines: int) -> bytes:
    """A history of `lines` rows: a receipt of 5 lots, then four issues of 5 lines, store by store."""
    from sqlalchemy import text

    with db.owner_engine.connect() as connection:
        places = connection.execute(
            text("SELECT code FROM facility ORDER BY id LIMIT :n"), {"n": FACILITIES}
        ).scalars().all()  # fmt: skip
        items = connection.execute(
            text("SELECT code FROM item WHERE active ORDER BY code LIMIT :n"), {"n": ITEMS}
        ).scalars().all()  # fmt: skip
    rng = random.Random(1)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ("Ngày", "Mã cơ sở", "Loại phiếu", "Số chứng từ", "Mã đối tác", "Mã hàng", "Số lô", "Hạn dùng",
         "Nguồn quỹ", "Số lượng", "Đơn giá")
    )  # fmt: skip
    rounds = lines // (LINES_PER_DOCUMENT * (1 + ISSUES_PER_RECEIPT))
    first = dt.date(2021, 1, 1)
    for n in range(rounds):
        place = places[n % len(places)]
        day = first + dt.timedelta(days=n * 500 // rounds)
        start = (n // len(places)) * LINES_PER_DOCUMENT
        chosen = [items[(start + k) % len(items)] for k in range(LINES_PER_DOCUMENT)]
        lot = f"L{n // 40}"
        for item in chosen:
            writer.writerow((f"{day:%d/%m/%Y}", place, "PN", f"HD{n}", "NCC01", item, lot,
                             "31/12/2024", "NSTP", "1.000", rng.randrange(1, 99) * 100))  # fmt: skip
        for k in range(ISSUES_PER_RECEIPT):
            for item in chosen:
                writer.writerow((f"{day:%d/%m/%Y}", place, "PX", f"PX{n}-{k}", "", item, "", "", "",
                                 rng.randrange(1, 240), ""))  # fmt: skip
    return out.getvalue().encode()


def _ours(content: bytes, user: int) -> tuple[float, int]:
    from supply.core.scope import acting_as
    from supply.imports.columns import FileKind
    from supply.imports.running import open_file, run

    started = time.perf_counter()
    with acting_as(user):
        table = open_file(FileKind.HISTORY, "history.csv", content)
        outcome = run(table, "import:1")
    if not outcome.posted:
        raise SystemExit(str([f.text.en for f in outcome.faults.listed(5)]))
    return time.perf_counter() - started, len(table)


def _tables(db: Any) -> Any:
    """The tables as Core describes them."""
    from sqlalchemy import MetaData

    described = MetaData()
    with db.owner_engine.connect() as connection:
        described.reflect(connection, only=TABLES)
    return described.tables


def _rows(db: Any) -> Rows:
    """What was written, in the order of keys, ready for executemany."""
    from sqlalchemy import select

    tables = _tables(db)
    found = {}
    with db.owner_engine.connect() as connection:
        for name in TABLES:
            query = select(tables[name]).order_by(*tables[name].primary_key.columns)
            found[name] = [dict(row) for row in connection.execute(query).mappings()]
    return found


def _other(db: Any, rows: Rows) -> float:
    from sqlalchemy import bindparam, insert, update

    tables = _tables(db)
    chain = tables["chain_head"]
    heads = [{f"new_{name}": value for name, value in row.items()} for row in rows["chain_head"]]
    move_on = (
        update(chain)
        .where(chain.c.facility_id == bindparam("new_facility_id"))
        .values(hash=bindparam("new_hash"), documents=bindparam("new_documents"))
    )
    started = time.perf_counter()
    with db.owner_engine.begin() as connection:
        for name in TABLES:
            if name != "chain_head" and rows[name]:
                connection.execute(insert(tables[name]), rows[name])
        connection.execute(move_on, heads)
    return time.perf_counter() - started


def measure(lines: int, turns: int) -> dict[str, object]:
    """One row: lines of the file per second of both sides, each at its quickest of so many turns."""
    taken = [_turn(lines, turn) for turn in range(turns)]
    ours_seconds, other_seconds = (min(side) for side in list(zip(*taken, strict=True))[:2])
    count = taken[0][2]
    return {
        "name": f"import_history_{count}_lines",
        "ours": round(count / ours_seconds),
        "other": round(count / other_seconds),
        "other_is": "SQLAlchemy Core executemany of the same finished rows into the same tables",
        "ratio": round(other_seconds / ours_seconds, 2),
        "unit": "lines/s",
        "turns": [round(other / ours, 2) for ours, other, _ in taken],
    }


def _turn(lines: int, turn: int) -> tuple[float, float, int]:
    """Seconds of ours and of the other on fresh databases, and the lines."""
    from sqlalchemy import make_url

    from supply.core.database import use_database
    from supply.core.embedded import start_embedded
    from supply.core.settings import settings
    from supply.inventory.verify import verify_ledger

    url = make_url(settings().database_url or start_embedded(Path(os.environ["SUPPLY_DATA"])))
    empty, same_user = _prepare(url, f"bench_other_{turn}")
    empty.dispose()
    db, user = _prepare(url, f"bench_ours_{turn}")
    if user != same_user:
        raise SystemExit("the two databases differ")
    content = _file(db, lines)
    ours_seconds, count = _ours(content, user)
    report = verify_ledger()
    if not report.is_sound:
        raise SystemExit(f"the ledger is not sound: {report.discrepancies}")
    rows = _rows(db)
    db.dispose()
    other = use_database(url.set(database=f"bench_other_{turn}"), "bench_other_web")
    other_seconds = _other(other, rows)
    if _rows(other) != rows:
        raise SystemExit("the other did not write the same rows")
    other.dispose()
    return ours_seconds, other_seconds, count


def main() -> None:
    """Print JSON lines; runs on throw-away databases unless DATABASE_URL names a server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="supply-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        os.environ.setdefault("SUPPLY_DATA", folder)
        print(json.dumps(measure(asked.lines, asked.turns)), flush=True)


if __name__ == "__main__":
    main()
