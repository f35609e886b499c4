"""The dated tables of planning: lead times, days kept on site, waste rates. Pure.

Every row says from when to when it holds, its source and a status; an officer edits the tables, no
value stands in the code. All faults of a table are raised together, by line.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text

DATA_FOLDER = Path(__file__).parent / "data"
Row = dict[str, str]


@dataclass(frozen=True)
class LeadTimes:
    """Days from order to delivery: of a category, and of items that have their own."""

    by_category: dict[str, int]
    by_item: dict[str, int]
    is_assumed: bool

    def days(self, item_code: str, category: str) -> int:
        """Lead time in days. Raises KeyError for a category the table does not know."""
        return self.by_item.get(item_code, self.by_category[category])


@dataclass(frozen=True)
class OnSite:
    """What a category is kept for: days of use at each facility, days of the district's use at the
    depot, and at least so many packs of each essential item."""

    days_on_site: int
    days_at_depot: int
    essential_packs: int
    source: str
    status: str


@dataclass(frozen=True)
class WasteRate:
    """Kilograms of infectious waste for one unit of a driver or an item: usual, low, high."""

    kg_per_unit: float
    low: float
    high: float
    source: str
    status: str

    @property
    def sd(self) -> float:
        """Standard deviation: low to high is read as four of them."""
        return (self.high - self.low) / 4


@dataclass(frozen=True)
class WasteRates:
    """Rates by driver (`patient_in_bed`, `patient_at_home` and the forecast's own) and by item."""

    drivers: dict[str, WasteRate]
    items: dict[str, WasteRate]


def load_lead_times(on: date, folder: Path = DATA_FOLDER) -> LeadTimes:
    """`lead_times.csv` as it holds on a day. Raises InvalidInput."""
    by_category, by_item, assumed = dict[str, int](), dict[str, int](), False
    for row, whole in _in_force(folder / "lead_times.csv", on, ("lead_days",)):
        known = by_item if row["item_code"] else by_category
        known[row["item_code"] or row["category"]] = int(whole["lead_days"])
        assumed = assumed or "assumed" in row["status"]
    return LeadTimes(by_category, by_item, assumed)


def load_on_site(on: date, folder: Path = DATA_FOLDER) -> dict[str, OnSite]:
    """Category -> `days_on_site.csv` as it holds on a day. Raises InvalidInput."""
    names = ("days_on_site", "days_at_depot", "essential_packs")
    return {
        row["category"]: OnSite(
            int(whole["days_on_site"]),
            int(whole["days_at_depot"]),
            int(whole["essential_packs"]),
            row["source"],
            row["status"],
        )
        for row, whole in _in_force(folder / "days_on_site.csv", on, names)
    }


def load_waste_rates(on: date, folder: Path = DATA_FOLDER) -> WasteRates:
    """`waste_rates.csv` as it holds on a day. Raises InvalidInput."""
    found = WasteRates({}, {})
    names = ("kg_per_unit", "low", "high")
    for row, value in _in_force(folder / "waste_rates.csv", on, names, whole=False):
        into = found.items if row["kind"] == "item" else found.drivers
        into[row["name"]] = WasteRate(
            value["kg_per_unit"], value["low"], value["high"], row["source"], row["status"]
        )
    return found


def _in_force(
    file: Path, on: date, numbers: tuple[str, ...], *, whole: bool = True
) -> Iterator[tuple[Row, dict[str, float]]]:
    """The rows that hold on a day with their numbers; a later row of the same key stands above an
    earlier one, as the readers keep the last."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    faults: list[Fault] = []
    good = []
    read: Callable[[str], float] = int if whole else float
    for line, row in enumerate(rows, 2):
        try:
            values = {name: read(row[name]) for name in numbers}
            first = date.fromisoformat(row["valid_from"])
            last = date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max
        except (KeyError, ValueError) as error:
            faults.append(_fault(file, line, str(error)))
            continue
        if min(values.values()) < 0:
            faults.append(_fault(file, line, "< 0"))
        if first <= on <= last:
            good.append((first, row, values))
    if faults:
        raise InvalidInput(faults=faults)
    good.sort(key=lambda one: one[0])
    yield from ((row, values) for _, row, values in good)


def _fault(file: Path, line: int, what: str) -> Fault:
    words = Text(
        f"Bảng {file.name}: số hoặc ngày không đọc được ({what}).",
        f"Table {file.name}: a number or date cannot be read ({what}).",
    )
    return Fault(file.stem, words, line)
