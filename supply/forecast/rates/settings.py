"""How much past counts and how far it is believed: dated settings, `data/learning.csv`.

An officer edits the table; no value stands in the code. Each row says where it comes from.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from supply.forecast.faults import Fault, InputFaults

SETTINGS_FILE = Path(__file__).parent / "data" / "learning.csv"


@dataclass(frozen=True)
class Settings:
    """In force on one day. Freedoms are how many degrees of freedom a guess weighs as much as."""

    days: int
    half_life_days: float
    window_days: int
    book_gap_days: int
    multiplier_low: float
    multiplier_high: float
    norm_guess: float
    norm_low: float
    norm_high: float
    norm_freedom: float
    between_guess: float
    between_low: float
    between_high: float
    between_freedom: float
    noise_limit: float
    window_share: float


def load_settings(on: date, file: Path = SETTINGS_FILE) -> Settings:
    """The settings in force on a day, of several rows of one name the latest `valid_from`.

    Raises `InputFaults` naming the row: a name missing, a value that is not a positive number.
    """
    faults: list[Fault] = []
    found: dict[str, float] = {}
    since: dict[str, str] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            if row["valid_from"] > on.isoformat() or row["valid_from"] < since.get(row["name"], ""):
                continue
            try:
                value = float(row["value"])
            except ValueError:
                value = 0.0
            if not 0 < value < float("inf"):
                faults.append(
                    Fault("learning.csv value", "phải là số dương", "must be above 0", number)
                )
            found[row["name"]], since[row["name"]] = value, row["valid_from"]
    missing = [field.name for field in fields(Settings) if field.name not in found]
    if missing:
        names = ", ".join(missing)
        faults.append(Fault("learning.csv name", f"thiếu dòng: {names}", f"rows missing: {names}"))
    if faults:
        raise InputFaults(faults)
    whole = {"days", "window_days", "book_gap_days"}
    values = {f.name: found[f.name] for f in fields(Settings)}
    return Settings(**{name: int(v) if name in whole else v for name, v in values.items()})  # type: ignore[arg-type]
