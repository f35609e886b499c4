"""Which heading of a file is which of our columns: guessed, then changed by hand, then remembered. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache

from supply.core.errors import Fault
from supply.core.text import Text, fold
from supply.imports.columns import COLUMNS, FileKind

HEADING_ROWS_LOOKED_AT = 30
_MARKS = re.compile(r"[^a-z0-9/]+")

Mapped = dict[str, int]
"""column name -> index of the file's column, from 0"""


def plain(heading: object) -> str:
    """A heading without diacritics, marks and notes in brackets: "Số lượng (*)" -> "so luong"."""
    bare = _MARKS.sub(" ", fold(re.sub(r"\(\s*\*?\s*\)|\*", " ", str(heading or ""))))
    return " ".join(bare.split())


def guess(kind: FileKind, headings: Sequence[object]) -> Mapped:
    """Column name -> index, for every heading that is known; a heading is used once, and a column's
    own name goes before its other names."""
    plains = [plain(h) for h in headings]
    found: Mapped = {}
    for names_of in (_own_names, _all_names):
        for column in COLUMNS[kind]:
            names = names_of(kind, column.name)
            at = next(
                (
                    n
                    for n, text in enumerate(plains)
                    if text in names and n not in found.values() and text
                ),
                None,
            )
            if at is not None and column.name not in found:
                found[column.name] = at
    return found


@cache
def _own_names(kind: FileKind, name: str) -> frozenset[str]:
    column = next(c for c in COLUMNS[kind] if c.name == name)
    return frozenset({plain(column.label.vi), plain(column.label.en), plain(column.name)})


@cache
def _all_names(kind: FileKind, name: str) -> frozenset[str]:
    column = next(c for c in COLUMNS[kind] if c.name == name)
    return _own_names(kind, name) | {plain(a) for a in column.also}


def heading_row(kind: FileKind, rows: Sequence[Sequence[object]]) -> int:
    """The index of the row that looks most like headings; titles and blank rows may stand above.

    0 where none does.
    """
    scores = [len(guess(kind, row)) for row in rows[:HEADING_ROWS_LOOKED_AT]]
    best = max(scores, default=0)
    return scores.index(best) if best >= 2 else 0


def heading_key(kind: FileKind, headings: Sequence[object]) -> str:
    """The same for the same headings in the same order, however they are written."""
    text = "\x1f".join([kind.value, *(plain(h) for h in headings)])
    return hashlib.sha256(text.encode()).hexdigest()


def mapping_faults(kind: FileKind, mapped: Mapping[str, int], width: int) -> list[Fault]:
    """What is missing or said twice."""
    faults = [
        Fault(
            c.name,
            Text(
                f"Chưa chọn cột cho “{c.label.vi}”.",
                f"No column is chosen for “{c.label.en}”.",
            ),
        )
        for c in COLUMNS[kind]
        if c.required and c.name not in mapped
    ]
    used: dict[int, str] = {}
    labels = {c.name: c.label for c in COLUMNS[kind]}
    for name, at in mapped.items():
        if name not in labels or not 0 <= at < width:
            faults.append(
                Fault(name, Text("Tệp không có cột này.", "The file has no such column."))
            )
        elif at in used:
            other = labels[used[at]]
            faults.append(
                Fault(
                    name,
                    Text(
                        f"“{labels[name].vi}” và “{other.vi}” cùng chọn một cột.",
                        f"“{labels[name].en}” and “{other.en}” use the same column.",
                    ),
                )
            )
        else:
            used[at] = name
    return faults
