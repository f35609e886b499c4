"""What a store and a district ask, at 1 M and 5 M lines: past days from closing balances against the
ledger alone; the stock card and stock on hand as the ledger grows.

Every question is put through our own queries, in a planner's scope (row-level security on); the other
side of "as of" is the same question with the closing balances forgotten. JSON lines.

    python -m benchmarks.questions [--lines 1000000 5000000] [--repeats 7]
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def _seconds(question: Callable[[], object], repeats: int) -> float:
    """The median of `repeats` askings, after one that warms."""
    question()
    found = []
    for _ in range(repeats):
        began = time.perf_counter()
        question()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def _measure(lines: int, repeats: int) -> dict[str, float]:
    """Seconds of each question on a ledger of about `lines` entries."""
    from sqlalchemy import text

    from benchmarks._big_ledger import make
    from supply.core.clock import today
    from supply.core.database import database, use_database
    from supply.core.scope import acting_as
    from supply.inventory import queries
    from supply.inventory.stock_list import StockFilter, all_stock_lines

    use_database(database().owner_url.set(database=f"supply_bench_{lines}"))
    user = make(lines)
    owner = database().owner_engine
    with owner.connect() as connection:
        entries = connection.execute(text("SELECT count(*) FROM entry")).scalar_one()
        place = connection.execute(
            text("SELECT min(id) FROM facility WHERE code LIKE 'Z-%'")
        ).scalar_one()
        item = connection.execute(
            text("SELECT min(id) FROM item WHERE code LIKE 'Z%'")
        ).scalar_one()
    day = today() - dt.timedelta(days=45)

    def as_of() -> list[object]:
        return list(all_stock_lines(StockFilter(on_date=day)))

    with acting_as(user):
        found = {
            "entries": float(entries),
            "card": _seconds(lambda: queries.stock_card(place, item, day, today()), repeats * 3),
            "on_hand": _seconds(lambda: queries.fefo_lots(place, item, today()), repeats * 3),
            "as_of": _seconds(as_of, repeats),
        }
        with_closings = as_of()
        with owner.begin() as connection:
            connection.execute(text("SELECT ledger_forget_closings()"))
        found["ledger_only"] = _seconds(as_of, max(2, repeats // 2))
        if as_of() != with_closings:
            raise SystemExit("closing balances and the ledger do not agree")
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM"))
    return found


def main() -> None:
    """Print JSON lines; runs in a throw-away server unless DATABASE_URL names one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--repeats", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="supply-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        os.environ.setdefault("SUPPLY_DATA", folder)
        sizes = {lines: _measure(lines, asked.repeats) for lines in sorted(asked.lines)}
        for lines, found in sizes.items():
            print(
                json.dumps(
                    {
                        "name": f"stock as of a day, district of 10 stores, {lines:,} lines",
                        "ours": round(found["as_of"] * 1000, 1),
                        "other": round(found["ledger_only"] * 1000, 1),
                        "other_is": "the same question from the entries alone",
                        "ratio": round(found["as_of"] / found["ledger_only"], 3),
                        "unit": "ms",
                    }
                ),
                flush=True,
            )
        small, large = sizes[min(sizes)], sizes[max(sizes)]
        for key, name in (
            ("card", "stock card of 45 days"),
            ("on_hand", "lots on hand of an item"),
        ):
            print(
                json.dumps(
                    {
                        "name": f"{name}, {max(sizes):,} lines",
                        "ours": round(large[key] * 1000, 2),
                        "other": round(small[key] * 1000, 2),
                        "other_is": f"the same at {min(sizes):,} lines",
                        "ratio": round(large[key] / small[key], 2),
                        "unit": "ms",
                    }
                ),
                flush=True,
            )


if __name__ == "__main__":
    main()
