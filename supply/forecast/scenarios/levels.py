"""The epidemic level of a ward, 1 to 4, worked out from dated thresholds. Pure.

    rate = cases of the week / population · 100,000
    level = the last threshold that the rate reaches, then a step up or down for each criterion known

The thresholds and criteria stand in `data/levels_*.csv` with their decision, source and status. A
criterion that nobody entered is not counted, and the result says so. Worked number: 40 cases in a ward
of 50,000 are 80 per 100,000, level 3 by QĐ 4800 (50 to under 150); with 70 % vaccinated, level 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from supply.core.text import Text
from supply.forecast.faults import Fault, InputFaults
from supply.forecast.norms import DATA_FOLDER
from supply.forecast.scenarios.tables import in_force, read_table

LEVELS = (1, 2, 3, 4)
LEVEL_WORDS = {
    1: Text("Cấp 1 (xanh)", "Level 1 (green)"),
    2: Text("Cấp 2 (vàng)", "Level 2 (yellow)"),
    3: Text("Cấp 3 (cam)", "Level 3 (orange)"),
    4: Text("Cấp 4 (đỏ)", "Level 4 (red)"),
}
VACCINATED, CARE = "vaccinated_share", "care_enough"
CRITERIA = {
    VACCINATED: Text("Tỷ lệ tiêm chủng", "Vaccination share"),
    CARE: Text("Khả năng thu dung, điều trị", "Capacity to admit and treat"),
}


@dataclass(frozen=True)
class Adjustment:
    """A criterion: `step_if_met` or `step_if_not` is added between `level_least` and `level_most`."""

    criterion: str
    at_least: float
    step_if_met: int
    step_if_not: int
    level_least: int
    level_most: int
    source: str
    status: str


@dataclass(frozen=True)
class LevelRule:
    """The rule in force: `cases_from[level − 1]` new cases per 100,000 and week, its criteria."""

    name: str
    valid_from: date
    cases_from: tuple[float, ...]
    adjustments: tuple[Adjustment, ...]
    source: str
    status: str


@dataclass(frozen=True)
class WardLevel:
    """What a level was worked out from. `level` None: the week's cases are not all known.

    `by_cases`: before the criteria; `counted`: criterion -> step; `not_counted`: nobody entered it.
    """

    rule: str
    cases: float | None
    population: int
    rate: float | None
    by_cases: int | None
    level: int | None
    counted: tuple[tuple[str, int], ...] = ()
    not_counted: tuple[str, ...] = ()

    def figures(self) -> dict[str, object]:
        """Plain values, as they are kept beside an officer's confirmation."""
        return {
            "rule": self.rule,
            "cases": self.cases,
            "population": self.population,
            "rate": None if self.rate is None else round(self.rate, 2),
            "by_cases": self.by_cases,
            "counted": dict(self.counted),
            "not_counted": list(self.not_counted),
        }


@lru_cache(maxsize=32)
def level_rule(on: date, folder: Path = DATA_FOLDER) -> LevelRule:
    """The rule in force on a day; before the first one, the first. Raises InputFaults."""
    table = read_table(
        "levels_thresholds", ("rule", "valid_from", "valid_to"), ("level", "cases_from"), folder
    )
    numbers = ("at_least", "step_if_met", "step_if_not", "level_least", "level_most")
    more = read_table(
        "levels_adjustments", ("rule", "valid_from", "valid_to", "criterion"), numbers, folder
    )
    day = max(on, date.fromisoformat(str(table["valid_from"].min())))
    rows = in_force(table, day).sort_values("level")
    starts = tuple(float(v) for v in rows["cases_from"])
    if tuple(rows["level"]) != LEVELS or list(starts) != sorted(starts):
        raise InputFaults(
            [
                Fault(
                    "levels_thresholds.csv level",
                    f"ngày {day:%d/%m/%Y} phải có đúng bốn cấp, ngưỡng tăng dần",
                    f"four levels with rising thresholds must be in force on {day:%d/%m/%Y}",
                )
            ]
        )
    first = rows.iloc[0]
    adjustments = tuple(_adjustment(row) for _, row in in_force(more, day).iterrows())
    start = date.fromisoformat(str(first["valid_from"]))
    source, status = str(first["source"]), str(first["status"])
    return LevelRule(str(first["rule"]), start, starts, adjustments, source, status)


def _adjustment(row: pd.Series[Any]) -> Adjustment:
    return Adjustment(
        str(row["criterion"]),
        float(row["at_least"]),
        int(row["step_if_met"]),
        int(row["step_if_not"]),
        int(row["level_least"]),
        int(row["level_most"]),
        str(row["source"]),
        str(row["status"]),
    )


def ward_level(
    rule: LevelRule, cases: float | None, population: int, known: dict[str, float]
) -> WardLevel:
    """The level of one ward and week; `known`: criterion -> figure, where one was entered."""
    if cases is None or population <= 0:
        return WardLevel(rule.name, cases, population, None, None, None)
    rate = cases * 100_000.0 / population
    by_cases = sum(rate >= start for start in rule.cases_from)
    level, counted, not_counted = by_cases, [], []
    for a in rule.adjustments:
        figure = known.get(a.criterion)
        if figure is None:
            not_counted.append(a.criterion)
            continue
        step = a.step_if_met if figure >= a.at_least else a.step_if_not
        if not a.level_least <= level <= a.level_most:
            step = 0
        level += step
        counted.append((a.criterion, step))
    return WardLevel(
        rule.name, cases, population, rate, by_cases, level, tuple(counted), tuple(not_counted)
    )
