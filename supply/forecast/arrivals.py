"""When goods on order come: from the promised day on, a share of them late. Dated table.

    arrives on the promised day:  quantity − ⌊quantity · late share⌋
    arrives so many days after:   ⌊quantity · late share⌋

An order whose day has passed is late already: all of it is counted so many days from now. Worked
number: 1,000 masks promised for the 10th by a supplier, a fifth a week late: 800 on the 10th, 200
on the 17th.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from supply.forecast.faults import Fault, InputFaults
from supply.forecast.norms import DATA_FOLDER


@dataclass(frozen=True)
class Reliability:
    """`late_share` of what a kind of partner promises comes `delay_days` late."""

    late_share: float
    delay_days: int
    source: str
    status: str


def load_reliability(on: date, folder: Path = DATA_FOLDER) -> dict[str, Reliability]:
    """Partner kind -> what holds on a day, from `order_reliability.csv`.

    Raises InputFaults naming the line where a share is outside 0..1 or a delay below 0.
    """
    with (folder / "order_reliability.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    found: dict[str, Reliability] = {}
    faults = []
    for line, row in enumerate(table, 2):
        share, delay = float(row["late_share"]), int(row["delay_days"])
        if not 0 <= share <= 1 or delay < 0:
            faults.append(
                Fault(
                    "late_share",
                    "Phần về trễ phải từ 0 đến 1, số ngày trễ không âm.",
                    "The late share must be from 0 to 1, the delay not below 0.",
                    line,
                )
            )
        until = date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max
        if date.fromisoformat(row["valid_from"]) <= on <= until:
            found[row["partner_kind"]] = Reliability(share, delay, row["source"], row["status"])
    if faults:
        raise InputFaults(faults)
    return found


def arrivals(
    orders: Iterable[tuple[int, int, str]], reliability: dict[str, Reliability]
) -> list[tuple[int, int, int]]:
    """(which order, units, day) of every part; `orders` are (units, promised day, partner kind), days
    count from today = 0. A kind the table does not know counts as punctual. No unit is lost."""
    parts = []
    for number, (units, day, kind) in enumerate(orders):
        known = reliability.get(kind)
        late = 0 if known is None else int(units * known.late_share)
        delay = 0 if known is None else known.delay_days
        if day < 0:
            parts.append((number, units, max(delay, 1)))
            continue
        if units > late:
            parts.append((number, units - late, day))
        if late:
            parts.append((number, late, day + delay))
    return parts
