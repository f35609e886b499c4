"""A sheet under a mapping: typed columns, and the faults found while reading. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from supply.core.errors import Fault
from supply.core.text import Text
from supply.imports.cells import read_column
from supply.imports.columns import COLUMNS, FileKind


@dataclass
class Faults:
    """Faults by the row of the file they stand in; every one is kept, in the order of rows."""

    by_row: dict[int, list[Fault]] = field(default_factory=dict)
    count: int = 0

    def add(self, row: int, name: str, text: Text) -> None:
        """One more; the same words for the same cell are said once."""
        fault = Fault(name, text, row)
        known = self.by_row.setdefault(row, [])
        if fault not in known:
            known.append(fault)
            self.count += 1

    def __bool__(self) -> bool:
        return self.count > 0

    def listed(self, limit: int | None = None) -> list[Fault]:
        """In the order of rows."""
        found = [f for row in sorted(self.by_row) for f in self.by_row[row]]
        return found if limit is None else found[:limit]


@dataclass(frozen=True)
class Table:
    """The rows that say something: `rows[i]` is the number of row i in the file, `columns[name][i]`
    its value. A column that is not mapped holds None."""

    kind: FileKind
    rows: Sequence[int]
    columns: Mapping[str, Sequence[Any]]
    faults: Faults

    def __len__(self) -> int:
        return len(self.rows)


def read_table(
    kind: FileKind,
    sheet_rows: Sequence[Sequence[object]],
    heading_at: int,
    mapped: Mapping[str, int],
    first_row: int = 1,
) -> Table:
    """Every row below the headings, as typed values; `first_row` is the number of sheet_rows[0]."""
    used = sorted(set(mapped.values()))
    kept: list[Sequence[object]] = []
    numbers: list[int] = []
    # The first column is hardly ever blank: most rows are kept by one look.
    often = used[0] if used else 0
    for at, row in enumerate(sheet_rows[heading_at + 1 :], first_row + heading_at + 1):
        width = len(row)
        if often < width and (cell := row[often]) is not None and cell != "":
            kept.append(row)
            numbers.append(at)
            continue
        for index in used:
            if index < width and row[index] is not None and row[index] != "":
                kept.append(row)
                numbers.append(at)
                break
    shortest = min(map(len, kept), default=0)
    faults = Faults()
    columns: dict[str, list[Any]] = {}
    for column in COLUMNS[kind]:
        index_of = mapped.get(column.name)
        if index_of is None:
            columns[column.name] = [None] * len(kept)
            continue
        cells = (
            list(map(itemgetter(index_of), kept))
            if index_of < shortest
            else [row[index_of] if index_of < len(row) else None for row in kept]
        )
        name = column.name

        def told(index: int, text: Text, name: str = name) -> None:
            faults.add(numbers[index], name, text)

        columns[name] = read_column(column, cells, told)
    return Table(kind, numbers, columns, faults)
