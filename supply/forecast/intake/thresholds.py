"""The limits of the rules: dated rows of `data/case_rules.csv`, each with its source. Pure."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parents[1] / "data" / "case_rules.csv"
NAMES = frozenset(
    {
        "first_day_year",
        "spike_mads",
        "spike_ratio",
        "spike_cases_min",
        "spike_scale_min",
        "spike_days_back",
        "spike_weeks_back",
        "spike_neighbour_ratio",
        "late_days",
        "late_share",
        "late_week_share",
        "late_expected_min",
        "late_deviations",
        "gap_weeks_back",
        "cases_of_population_max",
    }
)
Limits = Mapping[str, float]


@lru_cache(maxsize=8)
def limits(on: dt.date, file: Path = FILE) -> Limits:
    """The limits in force on a day, by name.

    Raises ValueError naming what is missing, unknown or said twice: the table is a part of the
    program, so a fault in it is not the user's.
    """
    found: dict[str, float] = {}
    with file.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            if not _in_force(row["valid_from"], row["valid_to"], on):
                continue
            if row["rule"] in found:
                raise ValueError(f"{file.name}: {row['rule']} is said twice for {on}")
            found[row["rule"]] = float(row["value"])
    if found.keys() != NAMES:
        wrong = ", ".join(sorted(found.keys() ^ NAMES))
        raise ValueError(f"{file.name}: missing or unknown on {on}: {wrong}")
    return found


def _in_force(first: str, last: str, on: dt.date) -> bool:
    return (not first or dt.date.fromisoformat(first) <= on) and (
        not last or on <= dt.date.fromisoformat(last)
    )
