"""Use that goes on whatever comes: so much a day at each facility of a kind (cleaning, hand hygiene).

`data/norms_fixed.csv`, dated, each row with its source and status; an officer edits the table.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from supply.forecast.cases import FloatArray
from supply.forecast.faults import Fault, InputFaults

FIXED_FILE = Path(__file__).parent.parent / "data" / "norms_fixed.csv"


def fixed_per_day(
    on: date, kinds: Sequence[str], item_codes: Sequence[str], file: Path = FIXED_FILE
) -> FloatArray:
    """[facility, item] base units a day in force on a day, for facilities of these kinds; of several
    rows of one kind and item the latest `valid_from` stands. Raises `InputFaults` naming the row."""
    faults: list[Fault] = []
    found: dict[tuple[str, str], tuple[str, float]] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            since, until = row["valid_from"], row["valid_to"]
            value = _number(row["quantity_per_day"])
            if value is None:
                vi, en = "phải là số không âm", "must be a number, 0 or more"
                faults.append(Fault("norms_fixed.csv quantity_per_day", vi, en, number))
                continue
            if since > on.isoformat() or (until and until < on.isoformat()):
                continue
            key = row["facility_kind"], row["item_code"]
            if since >= found.get(key, ("", 0.0))[0]:
                found[key] = since, value
    if faults:
        raise InputFaults(faults)
    table = np.zeros((len(kinds), len(item_codes)))
    place = {code: number for number, code in enumerate(item_codes)}
    for (kind, code), (_, value) in found.items():
        if code in place:
            table[[n for n, k in enumerate(kinds) if k == kind], place[code]] = value
    return table


def fixed_item_codes(file: Path = FIXED_FILE) -> frozenset[str]:
    """Items that have a fixed term at any time."""
    with file.open(encoding="utf-8", newline="") as lines:
        return frozenset(row["item_code"] for row in csv.DictReader(lines))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
