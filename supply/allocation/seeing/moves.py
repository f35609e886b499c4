"""What a plan's transfers come to: by pair, by day leaving and arriving, in lines, litres and đồng. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supply.allocation.queries import TransferRow
from supply.core.text import Text

MEASURES: dict[str, tuple[Text, Text]] = {
    "lines": (Text("Dòng hàng", "Lines"), Text("dòng hàng", "lines")),
    "litres": (Text("Thể tích", "Volume"), Text("lít", "litres")),
    "value": (Text("Giá trị", "Value"), Text("đồng", "VND")),
}
"""What a flow is measured in: the button's word and the unit."""

LotCosts = Mapping[tuple[str, str], tuple[int, int]]
"""(item, lot) → (đồng, units): so many units of it cost so much together"""


@dataclass(frozen=True)
class Move:
    """A transfer line with the day it arrives and what it is worth (None where no cost is known)."""

    row: TransferRow
    arrives: dt.date
    value_vnd: int | None

    def measure(self, by: str) -> float:
        """The line in a measure of `MEASURES`."""
        if by == "lines":
            return 1.0
        return self.row.litres if by == "litres" else float(self.value_vnd or 0)


@dataclass(frozen=True)
class Sum:
    """Lines added up; `trips` are (from, to, day). `value_vnd` is of the lines whose cost is known."""

    trips: int
    lines: int
    litres: float
    value_vnd: int
    unpriced: int

    def measure(self, by: str) -> float:
        """The sum in a measure of `MEASURES`."""
        return float({"lines": self.lines, "litres": self.litres, "value": self.value_vnd}[by])


@dataclass(frozen=True)
class DayRow:
    """A day: what leaves and arrives, and the points short without transfers, by the rule, by plan
    (None on days after the horizon)."""

    day: dt.date
    leaves: Sum
    arrives: Sum
    short: Mapping[str, int] | None


@dataclass(frozen=True)
class PairRow:
    """A sender and a receiver with what goes between them."""

    origin: str
    origin_name: Text
    destination: str
    destination_name: Text
    total: Sum


def cost_of(quantity: int, cost: tuple[int, int] | None) -> int | None:
    """Round half up of quantity · đồng / units, in whole numbers all the way."""
    if cost is None:
        return None
    amount, units = cost
    return (2 * quantity * amount + units) // (2 * units)


def moves_of(
    rows: Sequence[TransferRow], lead_days: Mapping[tuple[str, str], int], costs: LotCosts
) -> tuple[Move, ...]:
    """The lines with their day of arrival and cost."""
    return tuple(
        Move(
            row,
            row.day + dt.timedelta(days=lead_days.get((row.origin, row.destination), 0)),
            cost_of(row.quantity, costs.get((row.item, row.lot))),
        )
        for row in rows
    )


def total(moves: Sequence[Move]) -> Sum:
    """Everything together."""
    return Sum(
        trips=len({(m.row.origin, m.row.destination, m.row.day) for m in moves}),
        lines=len(moves),
        litres=round(sum(m.row.litres for m in moves), 3),
        value_vnd=sum(m.value_vnd or 0 for m in moves),
        unpriced=sum(m.value_vnd is None for m in moves),
    )


def pairs(moves: Sequence[Move]) -> list[PairRow]:
    """One row for each sender and receiver, the largest value first."""
    found: dict[tuple[str, str], list[Move]] = {}
    for move in moves:
        found.setdefault((move.row.origin, move.row.destination), []).append(move)
    rows = [
        PairRow(a, group[0].row.origin_name, b, group[0].row.destination_name, total(group))
        for (a, b), group in found.items()
    ]
    return sorted(rows, key=lambda r: (-r.total.value_vnd, -r.total.lines, r.origin, r.destination))


def by_day(
    moves: Sequence[Move],
    start: dt.date,
    horizon_days: int,
    short: Mapping[str, Sequence[int]],
) -> list[DayRow]:
    """A row for each day of the horizon and for later ones on which something still arrives."""
    last = max((move.arrives for move in moves), default=start)
    days = max(horizon_days, (last - start).days + 1)
    rows = []
    for number in range(days):
        day = start + dt.timedelta(days=number)
        known = number < horizon_days and short
        rows.append(
            DayRow(
                day,
                total([m for m in moves if m.row.day == day]),
                total([m for m in moves if m.arrives == day]),
                {way: values[number] for way, values in short.items()} if known else None,
            )
        )
    return rows
