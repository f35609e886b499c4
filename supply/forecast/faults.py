"""What is wrong with an input, said once in both languages, all faults together.

A reader collects every fault it finds and raises them at once, so that a person mends a file in one
pass and nothing is half-read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from supply.core import errors
from supply.core.text import Text


@dataclass(frozen=True)
class Fault:
    """One thing wrong: `row` counts lines of the file from 1 (the header is 1), None = whole file."""

    field: str
    vi: str
    en: str
    row: int | None = None

    def line(self) -> str:
        """The fault as one line, Vietnamese then English, naming the row and the field."""
        at_vi = f"Dòng {self.row}, " if self.row is not None else ""
        at_en = f"Row {self.row}, " if self.row is not None else ""
        return f"{at_vi}{self.field}: {self.vi} | {at_en}{self.field}: {self.en}"


class InputFaults(errors.InvalidInput):
    """An input refused as a whole, with every fault found in it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.found: tuple[Fault, ...] = tuple(faults)
        super().__init__(
            Text("Số liệu đưa vào chưa dùng được.", "The input cannot be used as it is."),
            [
                errors.Fault(f.field, Text(f"{f.field}: {f.vi}", f"{f.field}: {f.en}"), f.row)
                for f in self.found
            ],
        )

    def bilingual_lines(self, limit: int = 50) -> list[str]:
        """At most `limit` lines in both languages, the last one saying how many more there are."""
        shown = [fault.line() for fault in self.found[:limit]]
        more = len(self.found) - len(shown)
        if more:
            shown.append(f"… và {more} lỗi khác | … and {more} more faults")
        return shown
