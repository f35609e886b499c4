"""The heat table: ward × item group, how long stock lasts or how likely it runs out. Pure.

A cell holds the stock lines (an item at a facility of the ward) of one group. `days` is the median line's
days of stock, so that half of the lines last less; `chance` the mean chance of running out within
`WITHIN_DAYS`, which is the share of lines to be expected without stock by then. Worked number: lines
of 2, 5 and 28 days have 5 days; chances 1, 0.5 and 0 have 50 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from supply.catalog.queries import WardRow
from supply.forecast.needs import ShortageRow

WITHIN_DAYS = 14
SHOWS = ("days", "low", "chance")
_DAYS_STYLES = ((7.0, "h4c"), (14.0, "h3c"), (21.0, "h2c"))
_CHANCE_STYLES = ((0.1, "h1c"), (0.25, "h2c"), (0.5, "h3c"))


@dataclass(frozen=True)
class Cell:
    """`lines` stock lines, `out` of them without stock within `WITHIN_DAYS` at the median; days of stock
    of the median line (`low`: at high use), at most `horizon_days`."""

    lines: int
    out: int
    days: float
    low: float
    chance: float
    horizon_days: int

    def value(self, show: str) -> float:
        """The figure shown: of `SHOWS`."""
        return {"days": self.days, "low": self.low, "chance": self.chance}[show]

    def style(self, show: str) -> str:
        """The colour's class; never the only sign, the figure stands beside it."""
        if not self.lines:
            return "h0"
        value = self.value(show)
        if show == "chance":
            return next((name for limit, name in _CHANCE_STYLES if value < limit), "h4c")
        return next((name for limit, name in _DAYS_STYLES if value < limit), "h1c")


@dataclass(frozen=True)
class WardLine:
    """A ward's cells, in the order of the groups; `ward` None = facilities of the whole district."""

    ward: WardRow | None
    cells: tuple[Cell, ...]


def heat_table(
    lines: Iterable[ShortageRow], wards: Sequence[WardRow], categories: Sequence[str]
) -> tuple[WardLine, ...]:
    """A row for every ward that uses anything, the district's own facilities last."""
    found: dict[tuple[int | None, str], list[ShortageRow]] = {}
    for line in lines:
        found.setdefault((line.facility.ward_id, line.item.category), []).append(line)
    table = []
    for ward in (*wards, None):
        key = None if ward is None else ward.id
        cells = tuple(cell_of(found.get((key, name), [])) for name in categories)
        if any(cell.lines for cell in cells):
            table.append(WardLine(ward, cells))
    return tuple(table)


def cell_of(lines: Sequence[ShortageRow]) -> Cell:
    """One cell's figures; zeros where it has no lines."""
    if not lines:
        return Cell(0, 0, 0.0, 0.0, 0.0, 0)
    horizon = min(line.horizon_days for line in lines)
    return Cell(
        len(lines),
        sum(line.days < min(WITHIN_DAYS, horizon) for line in lines),
        median(line.days for line in lines),
        median(line.days_low for line in lines),
        fmean(line.out_within(WITHIN_DAYS) for line in lines),
        horizon,
    )
