"""A list of 100,000 rows as XLSX: our writer against plain xlsxwriter (constant_memory) with the same
rows and formats, in the same run; the peak memory of each in a process of its own.

    python -m benchmarks.export [--rows 100000]
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


@dataclass(frozen=True)
class Row:
    """As wide as the stock list with all its columns."""

    code: str
    name: str
    category: str
    place: str
    unit: str
    quantity: int
    usable: int
    on_way: int
    expiry: dt.date
    amount_vnd: int


def rows(count: int) -> Iterator[Row]:
    """One after the other, as a cursor gives them."""
    day = dt.date(2023, 1, 1)
    for n in range(count):
        yield Row(
            f"TH{n:05d}", f"Mặt hàng số {n}, viên nén 500 mg", "Thuốc", f"Trạm y tế {n % 30}", "viên",
            n * 7 % 10_000, n * 5 % 10_000, n % 50, day + dt.timedelta(days=n % 900), n * 350,
        )  # fmt: skip


def ours(path: Path, count: int) -> None:
    """By the shared writer."""
    from supply.core.export import Column, Table, write_xlsx
    from supply.core.text import Text

    columns = tuple(
        Column(key, Text(key, key), lambda r, key=key: getattr(r, key), kind)
        for key, kind in (
            ("code", "text"), ("name", "text"), ("category", "text"), ("place", "text"),
            ("unit", "text"), ("quantity", "number"), ("usable", "number"), ("on_way", "number"),
            ("expiry", "date"), ("amount_vnd", "money"),
        )
    )  # fmt: skip
    write_xlsx(path, Table("x", Text("Tồn kho", "Stock"), columns, rows(count)), "vi")


def plain(path: Path, count: int) -> None:
    """As its manual says: write() each cell with its format."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    number = book.add_format({"num_format": "#,##0"})
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    for line, row in enumerate(rows(count)):
        sheet.write(line, 0, row.code)
        sheet.write(line, 1, row.name)
        sheet.write(line, 2, row.category)
        sheet.write(line, 3, row.place)
        sheet.write(line, 4, row.unit)
        sheet.write(line, 5, row.quantity, number)
        sheet.write(line, 6, row.usable, number)
        sheet.write(line, 7, row.on_way, number)
        sheet.write(line, 8, row.expiry, date)
        sheet.write(line, 9, row.amount_vnd, number)
    book.close()


def _alone(side: str, count: int) -> dict[str, float]:
    """One side in a process of its own: processor seconds (other work on the machine does not
    count) and peak memory."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.export", "--rows", str(count), "--side", side],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[1],
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure and print JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--side", choices=("ours", "plain"))
    asked = parser.parse_args()
    if asked.side:
        with tempfile.TemporaryDirectory() as folder:
            began = time.process_time()
            {"ours": ours, "plain": plain}[asked.side](Path(folder) / "x.xlsx", asked.rows)
            spent = time.process_time() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"rate": asked.rows / spent, "peak": peak}))
        return
    sides = {side: [_alone(side, asked.rows) for _ in range(2)] for side in ("ours", "plain")}
    best = {side: max(f["rate"] for f in found) for side, found in sides.items()}
    print(
        json.dumps(
            {
                "name": f"export of {asked.rows:,} rows as XLSX",
                "ours": round(best["ours"]),
                "other": round(best["plain"]),
                "other_is": "plain xlsxwriter, constant_memory, the same rows and formats",
                "ratio": round(best["ours"] / best["plain"], 3),
                "unit": "rows per processor second",
            }
        )
    )
    few = _alone("ours", asked.rows // 10)["peak"]
    many = max(f["peak"] for f in sides["ours"])
    print(
        json.dumps(
            {
                "name": f"peak memory of an export of {asked.rows:,} rows",
                "ours": round(many, 1),
                "other": round(few, 1),
                "other_is": f"the same of {asked.rows // 10:,} rows",
                "ratio": round(many / few, 3),
                "unit": "MiB",
            }
        )
    )


if __name__ == "__main__":
    main()
