"""A sheet under a mapping: typed columns, and the faults found while reading. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np

from supply.core.errors import Fault
from supply.core.text import Text
from supply.imports.cells import read_column
from supply.imports.coded import Coded, CodedRows, constant
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
    columns: Mapping[str, Coded]
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
    cells_of, kept = (
        _coded_cells(sheet_rows, heading_at, mapped)
        if isinstance(sheet_rows, CodedRows)
        else _listed_cells(sheet_rows, heading_at, mapped)
    )
    numbers = [at + first_row + heading_at + 1 for at in kept]
    faults = Faults()
    columns: dict[str, Coded] = {}
    for column in COLUMNS[kind]:
        if column.name not in mapped:
            columns[column.name] = constant(None, len(kept))
            continue
        name = column.name

        def told(index: int, text: Text, name: str = name) -> None:
            faults.add(numbers[index], name, text)

        columns[name] = read_column(column, cells_of[mapped[name]], told)
    return Table(kind, numbers, columns, faults)


Cells = dict[int, Sequence[object]]


def _coded_cells(
    rows: CodedRows, heading_at: int, mapped: Mapping[str, int]
) -> tuple[Cells, list[int]]:
    """The cells of each mapped column in rows that say something, and the places of these rows."""
    body = {
        at: Coded(rows.columns[at].codes[heading_at + 1 :], rows.columns[at].values)
        for at in set(mapped.values())
        if at < len(rows.columns)
    }
    says = np.zeros(max(0, len(rows) - heading_at - 1), np.bool_)
    for column in body.values():
        says |= column.where([cell is not None and cell != "" for cell in column.values])
    kept = np.flatnonzero(says)
    count = len(kept)
    cells: Cells = {at: Coded(c.codes[kept], c.values) for at, c in body.items()}
    for at in set(mapped.values()) - set(cells):
        cells[at] = constant(None, count)
    return cells, kept.tolist()


def _listed_cells(
    rows: Sequence[Sequence[object]], heading_at: int, mapped: Mapping[str, int]
) -> tuple[Cells, list[int]]:
    """The same of rows as lists, of any length."""
    used = sorted(set(mapped.values()))
    kept: list[Sequence[object]] = []
    places: list[int] = []
    for at, row in enumerate(rows[heading_at + 1 :]):
        width = len(row)
        for index in used:
            if index < width and row[index] is not None and row[index] != "":
                kept.append(row)
                places.append(at)
                break
    shortest = min(map(len, kept), default=0)
    return {
        index: list(map(itemgetter(index), kept))
        if index < shortest
        else [row[index] if index < len(row) else None for row in kept]
        for index in used
    }, places
