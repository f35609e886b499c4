"""Sizes of cylinders and figures that come with the system, entered at deploy."""

from __future__ import annotations

import csv
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

FOLDER = Path(__file__).parent / "data"

_SIZE = """
INSERT INTO oxygen_size (full_item_id, empty_item_id, name_vi, name_en, water_litres, pressure_bar,
                         gas_litres, valid_from, source, confirmed)
SELECT f.id, e.id, :name_vi, :name_en, CAST(:water_litres AS numeric), CAST(:pressure_bar AS int),
       CAST(:gas_litres AS int), CAST(:valid_from AS date), :source, CAST(:confirmed AS boolean)
FROM item f LEFT JOIN item e ON e.code = :empty WHERE f.code = :full
ON CONFLICT ON CONSTRAINT oxygen_size_once DO NOTHING
"""
_NORM = """
INSERT INTO oxygen_norm (name, value, low, high, valid_from, source, confirmed)
VALUES (:name, CAST(:value AS numeric), CAST(nullif(:low, '') AS numeric),
        CAST(nullif(:high, '') AS numeric), CAST(:valid_from AS date), :source,
        CAST(:confirmed AS boolean))
ON CONFLICT ON CONSTRAINT oxygen_norm_once DO NOTHING
"""


def load_oxygen(session: Session) -> None:
    """Enter what is not there yet; what an officer has added stays."""
    for name, sql in (("sizes.csv", _SIZE), ("norms.csv", _NORM)):
        with (FOLDER / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                session.execute(text(sql), row)
