"""Reading the planner's rows: one value at a time, every fault with its row, field and mend. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text

QUANTITY_MAX = 10**12
"""As in an instance: above it weighted sums would leave exact 64-bit integers."""


@dataclass
class Rows:
    """The faults found so far in a list of rows; ``name`` of the list stands before each field."""

    name: str
    faults: list[Fault] = field(default_factory=list)

    def add(self, line: int, column: str, text_vi: str, text_en: str) -> None:
        """A fault of row ``line`` (from 1)."""
        self.faults.append(Fault(f"{self.name}.{column}", Text(text_vi, text_en), line))

    def done(self) -> None:
        """Raises InvalidInput with all faults, if there are any."""
        if self.faults:
            raise InvalidInput(faults=self.faults)


@dataclass
class Row:
    """One row as typed or stored; reading a bad value notes the fault and goes on."""

    rows: Rows
    line: int
    values: Mapping[str, Any]

    def fault(self, column: str, text_vi: str, text_en: str) -> None:
        """Something wrong with a column of this row."""
        self.rows.add(self.line, column, text_vi, text_en)

    def word(self, column: str, known: frozenset[str], what: Text) -> str:
        """An id that the problem knows; ``what`` it is the id of."""
        value = self.values.get(column)
        if not isinstance(value, str) or not value.strip():
            self.fault(column, f"còn thiếu {what.vi}, xin chọn.", f"choose the {what.en}.")
            return ""
        if value not in known:
            self.fault(
                column,
                f"{what.vi} “{value[:40]}” không có trong bài toán này, xin chọn trong danh sách.",
                f"{what.en} “{value[:40]}” is not part of this problem, choose one from the list.",
            )
        return value

    def whole(self, column: str, least: int, most: int = QUANTITY_MAX, default: int = -1) -> int:
        """A whole number in a range; ``default`` where nothing is said, if it is not below 0."""
        value = self.values.get(column)
        if value is None and default >= 0:
            return default
        if type(value) is int and least <= value <= most:
            return value
        told = "trống" if value is None else str(value)[:40]
        self.fault(
            column,
            f"cần số nguyên từ {least} đến {most}, đang là {told}.",
            f"give a whole number from {least} to {most}, not {'blank' if value is None else told}.",
        )
        return least

    def optional_whole(self, column: str, least: int) -> int | None:
        """A whole number of at least ``least``, or None."""
        return None if self.values.get(column) is None else self.whole(column, least)

    def day(self, column: str) -> date | None:
        """A date as YYYY-MM-DD, or None."""
        value = self.values.get(column)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            told = str(value)[:40]
            self.fault(
                column,
                f"cần ngày dạng NĂM-THÁNG-NGÀY (2022-03-01), đang là {told}.",
                f"give a date as YEAR-MONTH-DAY (2022-03-01), not {told}.",
            )
            return None

    def only(self, columns: frozenset[str]) -> None:
        """Refuse columns that nobody would read."""
        for column in sorted(map(str, set(self.values) - columns)):
            self.fault(
                column, "không có cột này, xin bỏ.", "there is no such column, leave it out."
            )


def each_row(name: str, rows: Any, read: Callable[[Row], None]) -> Rows:
    """Read every row of a list that is an object; the faults are in what is returned."""
    found = Rows(name)
    if isinstance(rows, str | bytes | Mapping) or not hasattr(rows, "__iter__"):
        found.add(1, "row", "cần một danh sách các dòng.", "give a list of rows.")
        return found
    for line, values in enumerate(rows, 1):
        if isinstance(values, Mapping):
            read(Row(found, line, values))
        else:
            found.add(line, "row", "cần một đối tượng với các cột.", "give an object with columns.")
    return found
