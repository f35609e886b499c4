"""What is read, found and to be decided about case figures: plain values. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from supply.core.text import Text

REFUSED, ASKED, SHOWN = "refused", "asked", "shown"
DAY, WEEK = 1, 7


@dataclass(frozen=True)
class Given:
    """One figure as it was given: `line` is the row its owner sees, `days` 1 or 7 where it was said.

    `code` and `name` of the place as written, either may be empty; `column` the heading of a table
    with days across. `anomaly` None: nothing was said about it.
    """

    line: int
    name: str
    on: dt.date
    cases: int
    days: int | None = None
    code: str = ""
    note: str = ""
    anomaly: bool | None = None
    column: str = ""

    @property
    def place(self) -> str:
        """The place as it was written."""
        return self.name or self.code


@dataclass(frozen=True)
class Ward:
    """A ward as rules need it; its first and last day where it has them."""

    id: int
    code: str
    name: str
    population: int
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    def is_open(self, on: dt.date) -> bool:
        """Whether there is such a ward on a day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


@dataclass(frozen=True)
class Row:
    """One figure of one ward; `shared`: a part of a total, shared by population."""

    line: int
    ward: Ward
    on: dt.date
    days: int
    cases: int
    anomaly: bool | None = None
    note: str = ""
    shared: bool = False

    @property
    def key(self) -> Key:
        """What a later figure replaces."""
        return (self.ward.id, self.on, self.days)


Key = tuple[int, dt.date, int]
"""(ward id, day, length in days)"""


@dataclass(frozen=True)
class Counted:
    """The figure that counts now."""

    cases: int
    anomaly: bool


@dataclass(frozen=True)
class Finding:
    """What one rule found: its code, what it does (`refused`, `asked`, `shown`), in words, and the
    rows it is about (as the file's owner counts them; few of many)."""

    code: str
    does: str
    text: Text
    lines: tuple[int, ...] = ()

    def as_json(self) -> dict[str, object]:
        """For keeping beside the batch."""
        return {
            "code": self.code,
            "does": self.does,
            "vi": self.text.vi,
            "en": self.text.en,
            "lines": list(self.lines[:200]),
        }

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Finding:
        """What `as_json` kept."""
        return cls(told["code"], told["does"], Text(told["vi"], told["en"]), tuple(told["lines"]))


@dataclass(frozen=True)
class Spike:
    """A figure far above its habit: `usual` cases by habit, `times` as many. `proposed`: the mark
    "not to be believed" is ticked unless somebody unticks it."""

    row: Row
    usual: int
    times: float
    proposed: bool = True

    @property
    def token(self) -> str:
        """How a form names it."""
        return f"{self.row.ward.id}:{self.row.on.isoformat()}:{self.row.days}"


@dataclass(frozen=True)
class Change:
    """What keeping a row would do: `kind` is added, changed or unchanged."""

    row: Row
    old: Counted | None
    anomaly: bool

    @property
    def kind(self) -> str:
        """Compared with what counts now."""
        if self.old is None:
            return "added"
        same = self.old.cases == self.row.cases and self.old.anomaly == self.anomaly
        return "unchanged" if same else "changed"


def span(days: list[dt.date]) -> str:
    """Days in few words: "02/03/2022, 04/03 – 06/03/2022"; at most four spans, then how many more."""
    ordered, runs = sorted(set(days)), list[list[dt.date]]()
    for day in ordered:
        if runs and day - runs[-1][-1] == dt.timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    words = [
        f"{run[0]:%d/%m/%Y}" if len(run) == 1 else f"{run[0]:%d/%m} – {run[-1]:%d/%m/%Y}"
        for run in runs[:4]
    ]
    return ", ".join(words) + (f" … (+{len(runs) - 4})" if len(runs) > 4 else "")


def few(names: list[str], most: int = 6) -> str:
    """Names in a row, the last ones counted only."""
    return ", ".join(names[:most]) + (f" … (+{len(names) - most})" if len(names) > most else "")
