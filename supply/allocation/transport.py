"""What is assumed about moving goods within a district: dated figures with their source, each to be
confirmed by the district, in `data/transport.csv`. Never constants in code."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "transport.csv"


@dataclass(frozen=True)
class Transport:
    """Lead times in whole days; how many stations next by ward code a station may exchange with;
    the shelf life in days that goods must still have when they arrive."""

    depot_lead_days: int
    station_lead_days: int
    neighbours_per_station: int
    min_shelf_life_days: int


def transport_on(day: date, table: Path = TABLE) -> Transport:
    """The figures in force on `day`: of each name the row with the latest `valid_from` not after it.

    Before the first row the first holds. Raises KeyError for a missing name, ValueError for a value
    that is not a whole number.
    """
    with table.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["valid_from"], reverse=True)
    values: dict[str, int] = {}
    for name in {row["name"] for row in rows}:
        dated = [row for row in rows if row["name"] == name]
        in_force = [row for row in dated if date.fromisoformat(row["valid_from"]) <= day]
        values[name] = int((in_force or dated[-1:])[0]["value"])
    return Transport(
        depot_lead_days=values["depot_lead_days"],
        station_lead_days=values["station_lead_days"],
        neighbours_per_station=values["neighbours_per_station"],
        min_shelf_life_days=values["min_shelf_life_days"],
    )
