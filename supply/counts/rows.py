"""The shapes of what a count answers. Quantities in base units, money in whole đồng."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from supply.core.text import Text
from supply.counts.variance import Restated, Totals, Variance


def label_of(year: int, number: int) -> str:
    """The number as on the minutes: (2022, 12) -> "KK-2022-0012"."""
    return f"KK-{year}-{number:04d}"


@dataclass(frozen=True)
class CountHead:
    """A count in a list. `tallied`: lots that somebody has counted."""

    id: int
    facility_id: int
    facility_code: str
    facility_name: Text
    counted_on: dt.date
    year: int
    number: int
    scope: str
    category: str
    note: str
    state: str
    reason: str
    committee: tuple[tuple[str, str], ...]
    """name and title of each; the first is the head"""
    document_id: int | None
    opened_by: str
    opened_at: dt.datetime
    lines: int
    tallied: int

    @property
    def label(self) -> str:
        """The number of the minutes, for example KK-2022-0012."""
        return label_of(self.year, self.number)


@dataclass(frozen=True)
class CountEvent:
    """A state that was entered, by whom and when."""

    state: str
    at: dt.datetime
    by: str


@dataclass(frozen=True)
class Tally:
    """What was counted of a line in one round; `id` names it when somebody corrects it."""

    id: int
    round: int
    quantity: int
    poor: int
    spoiled: int
    note: str
    by_id: int
    by: str
    at: dt.datetime


@dataclass(frozen=True)
class SheetLine:
    """A line of the blind sheet: nothing here tells what the book says. `tally`: of this round."""

    id: int
    item_id: int
    item_code: str
    item_name: Text
    category: str
    unit: Text
    lot_number: str
    expiry: dt.date | None
    listed: bool
    round: int
    fund_code: str | None
    unit_price_vnd: int | None
    tally: Tally | None


@dataclass(frozen=True)
class ComparedLine:
    """A lot against the book. `tallies`: the count that stands of each round, first to last."""

    sheet: SheetLine
    variance: Variance
    tallies: tuple[Tally, ...]
    reason: str = ""
    adjusted_vnd: int = 0
    restated: Restated | None = None

    @property
    def counted(self) -> Tally | None:
        """The count that stands: the last round that was counted."""
        return self.tallies[-1] if self.tallies else None

    @property
    def awaits_recount(self) -> bool:
        """Asked to be counted again, not done yet."""
        return self.counted is not None and self.counted.round < self.sheet.round


@dataclass(frozen=True)
class LateMove:
    """Something recorded after the count was resolved, dated on or before its day."""

    document_id: int
    label: str
    happened_on: dt.date
    recorded_at: dt.datetime
    recorded_by: str
    item_code: str
    item_name: Text
    lot_number: str
    moved: int


@dataclass(frozen=True)
class Comparison:
    """A whole count against the book; `book_seen` names the book that was shown."""

    head: CountHead
    lines: tuple[ComparedLine, ...]
    totals: Totals
    book_seen: str
    late: tuple[LateMove, ...] = ()
    adjustment_reversed: bool = False

    @property
    def differing(self) -> tuple[ComparedLine, ...]:
        """Only the lots whose count differs from the book."""
        return tuple(line for line in self.lines if line.variance.difference)

    @property
    def restated(self) -> tuple[ComparedLine, ...]:
        """Only the lots whose book changed after the count was resolved."""
        return tuple(line for line in self.lines if line.restated and line.restated.is_restated)
