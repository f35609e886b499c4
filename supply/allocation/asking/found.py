"""What the checks of a plan's inputs look at, and what they say. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from supply.allocation.asking.world import Question, World
from supply.allocation.instance import Instance
from supply.core.text import Text, group_digits

LEVELS = ("danger", "warning", "info")
ROWS_KEPT = 200


@dataclass(frozen=True)
class Row:
    """Where it is: codes ("" where it does not apply) and what exactly."""

    facility: str
    item: str
    what: Text


@dataclass(frozen=True)
class Finding:
    """One thing to know; `count` rows in all, of which the first `ROWS_KEPT` are kept."""

    key: str
    level: str
    text: Text
    rows: tuple[Row, ...]
    count: int


@dataclass(frozen=True)
class Seen:
    """The three things each check looks at, and sums they share."""

    world: World
    question: Question
    instance: Instance
    needed: dict[tuple[str, str], int]
    taking_part: frozenset[str]


def finding(key: str, level: str, text: Text, rows: list[Row]) -> Finding | None:
    """None without rows; `{n}` in the text is their number."""
    if not rows:
        return None
    told = text.fill(n=len(rows))
    return Finding(key, level, told, tuple(rows[:ROWS_KEPT]), len(rows))


def units_in_words(units: int) -> str:
    """1234 -> "1.234"."""
    return group_digits(units)
