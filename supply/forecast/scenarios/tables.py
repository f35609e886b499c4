"""The dated tables of scenarios and levels, read and checked: every figure has a source and a status."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from supply.forecast.faults import Fault, InputFaults
from supply.forecast.norms import DATA_FOLDER


def read_table(
    name: str, texts: Sequence[str], numbers: Sequence[str], folder: Path = DATA_FOLDER
) -> pd.DataFrame:
    """`<name>.csv` with its numbers parsed. Raises InputFaults naming file, row and column."""
    file = f"{name}.csv"
    try:
        table = pd.read_csv(folder / file, dtype=str, na_filter=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputFaults(
            [Fault(file, "không đọc được bảng", f"cannot read the table: {error}")]
        ) from error
    wanted = (*texts, *numbers, "source", "status")
    missing = [column for column in wanted if column not in table]
    if missing:
        names = ", ".join(missing)
        raise InputFaults([Fault(file, f"thiếu cột: {names}", f"columns missing: {names}", 1)])
    faults = []
    for column in numbers:
        parsed = pd.to_numeric(table[column], errors="coerce")
        faults += [
            Fault(f"{file} {column}", "phải là một số", "must be a number", int(row) + 2)
            for row in table.index[parsed.isna()]
        ]
        table[column] = parsed
    faults += [
        Fault(f"{file} source", "thiếu nguồn", "the source is missing", int(row) + 2)
        for row in table.index[table["source"] == ""]
    ]
    if faults:
        raise InputFaults(faults)
    return table


def in_force(table: pd.DataFrame, on: date) -> pd.DataFrame:
    """The rows in force on a day (`valid_from` to `valid_to`, both included, blank = open)."""
    day = on.isoformat()
    started = table["valid_from"] <= day
    running = (table["valid_to"] == "") | (table["valid_to"] >= day)
    return table[started & running]
