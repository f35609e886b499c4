"""One file from its rows to what it changes: checked without a trace, then carried out in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from supply.core.errors import InvalidInput
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.imports import items as item_files
from supply.imports import mapping, posting, queries
from supply.imports.collecting import uncollected
from supply.imports.columns import FileKind
from supply.imports.gathering import gather
from supply.imports.papers import Paper, kinds_of
from supply.imports.reading import Sheet, read
from supply.imports.table import Faults, Table, read_table

Tick = Callable[[int, Text], None]
STEPS = 5


def silent(_done: int, _what: Text) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Layout:
    """Where the headings stand and which column is which."""

    heading_at: int
    headings: tuple[str, ...]
    mapped: dict[str, int]


@dataclass
class Outcome:
    """What a file would do, or did. With faults nothing was or would be done."""

    kind: FileKind
    rows: int
    faults: Faults
    new: dict[str, int] = field(default_factory=dict)
    """documents by kind, or items and packs"""
    already: int = 0
    facilities: tuple[str, ...] = ()
    first_day: str = ""
    last_day: str = ""
    lines: int = 0
    entries: int = 0
    posted: bool = False

    def summary(self) -> dict[str, Any]:
        """As it is kept beside the file."""
        return {
            "rows": self.rows,
            "faults": self.faults.count,
            "first_faults": [
                {"row": f.line, "field": f.field, "vi": f.text.vi, "en": f.text.en}
                for f in self.faults.listed(50)
            ],
            "new": self.new,
            "already": self.already,
            "facilities": list(self.facilities[:200]),
            "first_day": self.first_day,
            "last_day": self.last_day,
            "lines": self.lines,
            "entries": self.entries,
        }


def lay_out(kind: FileKind, sheet: Sheet) -> Layout:
    """Find the headings and guess the columns."""
    at = mapping.heading_row(kind, sheet.rows)
    headings = tuple(" ".join(str(h or "").split()) for h in sheet.rows[at]) if sheet.rows else ()
    return Layout(at, headings, mapping.guess(kind, headings))


def table_of(kind: FileKind, sheet: Sheet, layout: Layout) -> Table:
    """The typed rows. Raises InvalidInput where a needed column is missing or there are no rows."""
    if faults := mapping.mapping_faults(kind, layout.mapped, len(layout.headings)):
        raise InvalidInput(faults=faults)
    table = read_table(kind, sheet.rows, layout.heading_at, layout.mapped, sheet.first_row)
    if not len(table):
        raise InvalidInput(
            Text("Tệp không có dòng nào dưới dòng tiêu đề.", "No rows below the headings.")
        )
    return table


@uncollected()
def open_file(
    kind: FileKind, name: str, content: bytes, mapped: Mapping[str, int] | None = None
) -> Table:
    """A file's typed rows under its own headings, or under a chosen mapping."""
    sheet = read(name, content)
    layout = lay_out(kind, sheet)
    if mapped is not None:
        layout = Layout(layout.heading_at, layout.headings, dict(mapped))
    return table_of(kind, sheet, layout)


@uncollected()
def check(table: Table, tick: Tick = silent) -> Outcome:
    """What the file would do now; changes nothing."""
    outcome = Outcome(table.kind, len(table), table.faults)
    if table.kind == FileKind.ITEMS:
        item_files.check(table, outcome)
        return outcome
    tick(1, Text("Tra danh mục", "Looking up the catalogue"))
    with reading() as session:
        known = queries.known()
        papers = gather(table, known)
        _describe(outcome, papers)
        if table.faults:
            return outcome
        tick(2, Text("Tìm phiếu đã nhập", "Finding what was imported before"))
        prepared = posting.prepare(session, papers, known, table.faults)
        _count(outcome, prepared)
        if not table.faults:
            tick(3, Text("Tính tồn kho từng ngày", "Working out the stock of each day"))
            posting.try_out(prepared, known, table.faults)
    return outcome


@uncollected()
def run(table: Table, origin: str, tick: Tick = silent) -> Outcome:
    """Carry the file out: all of it, or nothing where there are faults."""
    outcome = Outcome(table.kind, len(table), table.faults)
    if table.kind == FileKind.ITEMS:
        item_files.run(table, outcome)
        return outcome
    tick(1, Text("Tra danh mục", "Looking up the catalogue"))
    known = queries.known()
    papers = gather(table, known)
    _describe(outcome, papers)
    if table.faults or not papers:
        return outcome
    try:
        with transaction() as session:
            posting.begin(session, papers)
            tick(2, Text("Tìm phiếu đã nhập", "Finding what was imported before"))
            prepared = posting.prepare(session, papers, known, table.faults)
            _count(outcome, prepared)
            if not table.faults and prepared.papers:

                def say(what: Text) -> None:
                    tick(3 if what.en != "Posting" else 4, what)

                if prepared.in_bulk:
                    done = posting.post_in_bulk(session, prepared, known, origin, table.faults, say)
                else:
                    done = posting.post_one_by_one(prepared, origin, table.faults, say)
                outcome.entries = done["entries"]
            if table.faults:
                raise _NothingDone
    except _NothingDone:
        outcome.entries = 0
        return outcome
    outcome.posted = True
    return outcome


class _NothingDone(Exception):
    """Leaves the transaction without a trace."""


def _describe(outcome: Outcome, papers: list[Paper]) -> None:
    if papers:
        outcome.facilities = tuple(sorted({p.facility.code for p in papers}))
        outcome.first_day = min(p.happened_on for p in papers).isoformat()
        outcome.last_day = max(p.happened_on for p in papers).isoformat()
    outcome.new = dict(kinds_of(papers))


def _count(outcome: Outcome, prepared: posting.Prepared) -> None:
    outcome.new = dict(kinds_of(prepared.papers))
    outcome.already = prepared.already
    outcome.lines = sum(len(p.lines) for p in prepared.papers)
