"""A column as its few different values and, for each row, which of them it holds. Pure.

A long file says the same few things again and again: a code is looked up once, a date is read once, and what
holds for a row is asked of whole columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import NoneType
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]


class Coded(Sequence[Any]):
    """Row i holds `values[codes[i]]`. Reads like the list of all of them."""

    __slots__ = ("codes", "values")

    def __init__(self, codes: Codes, values: list[Any]) -> None:
        self.codes = codes
        self.values = values

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return self.at(self.codes[at])
        return self.values[self.codes[at]]

    def __iter__(self) -> Iterator[Any]:
        return map(self.values.__getitem__, self.codes.tolist())

    def at(self, codes: Codes) -> list[Any]:
        """What these codes stand for."""
        return list(map(self.values.__getitem__, codes.tolist()))

    def numbers(self, blank: int = 0) -> NDArray[np.int64]:
        """The rows as whole numbers, `blank` for None."""
        values = np.array([blank if v is None else v for v in self.values], np.int64)
        return values[self.codes]

    def where(self, values: Sequence[bool]) -> NDArray[np.bool_]:
        """Which rows hold a value that is marked; `values` beside self.values."""
        return np.array(values, np.bool_)[self.codes]


def constant(value: Any, count: int) -> Coded:
    """A column that holds one value."""
    return Coded(np.zeros(count, np.int64), [value])


def coded(cells: Sequence[Any]) -> Coded:
    """Any cells, hashable; 1, 1.0 and True are three values."""
    if isinstance(cells, Coded):
        return cells
    if set(map(type, cells)) <= {str, NoneType}:
        places: dict[Any, int] = dict.fromkeys(cells, 0)
        values = list(places)
        keys: Sequence[Any] = cells
    else:
        keys = list(zip(map(type, cells), cells, strict=True))
        places = dict.fromkeys(keys, 0)
        values = [cell for _type, cell in places]
    for number, key in enumerate(places):
        places[key] = number
    return Coded(np.fromiter(map(places.__getitem__, keys), np.int64, len(cells)), values)


class CodedRows(Sequence[Sequence[Any]]):
    """Columns of one length, read as rows; blank cells are ""."""

    def __init__(self, columns: list[Coded]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    @overload
    def __getitem__(self, at: int) -> Sequence[Any]: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Sequence[Any]]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return [list(row) for row in zip(*(c[at] for c in self.columns), strict=True)]
        return [column[at] for column in self.columns]
