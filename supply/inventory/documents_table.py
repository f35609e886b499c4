"""The list of posted documents as an address and a table."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from supply.core.address import Args, day, number
from supply.core.export import Cell, Column, Table
from supply.core.files import exportable
from supply.core.lists import shown
from supply.core.text import Text
from supply.inventory import document_queries
from supply.inventory.kinds import KINDS, Kind
from supply.inventory.rows import DocumentRow

_LABEL = re.compile(r"(?:([A-Z]{2})-?)?(?:(\d{4})-)?0*(\d{1,9})", re.IGNORECASE)
_PREFIXES = {facts.prefix: kind for kind, facts in KINDS.items()}
_AT_ONCE = 500


@dataclass(frozen=True)
class DocumentsFilter:
    """What a person asked the list for."""

    facility_id: int | None = None
    kind: Kind | None = None
    number: int | None = None
    year: int | None = None
    first_day: dt.date | None = None
    last_day: dt.date | None = None


def number_wanted(typed: str) -> tuple[Kind | None, int | None, int | None]:
    """ "PX-2022-0012", "2022-12" or "12" as kind, number and year; nonsense finds nothing."""
    if not typed:
        return None, None, None
    found = _LABEL.fullmatch(typed)
    if not found or (found[1] and found[1].upper() not in _PREFIXES):
        return None, -1, None
    kind = _PREFIXES.get((found[1] or "").upper())
    return kind, int(found[3]), int(found[2]) if found[2] else None


def documents_filter(said: Args) -> DocumentsFilter:
    """The filter of an address."""
    kind = said.get("kind", "")
    named, sequence, year = number_wanted(said.get("number", "").strip()[:20])
    return DocumentsFilter(
        number(said, "facility"),
        named or (Kind(kind) if kind in list(Kind) else None),
        sequence,
        year,
        day(said, "from"),
        day(said, "to"),
    )


def all_documents(wanted: DocumentsFilter) -> Iterator[DocumentRow]:
    """Every document under the filter, newest first, some hundreds at a time."""
    after: int | None = None
    while True:
        page = document_queries.documents(
            None if wanted.facility_id is None else [wanted.facility_id],
            None if wanted.kind is None else [wanted.kind],
            number=wanted.number,
            year=wanted.year,
            first_day=wanted.first_day,
            last_day=wanted.last_day,
            after=after,
            limit=_AT_ONCE,
        )
        yield from page.rows
        after = page.next_after
        if after is None:
            return


def _state(row: DocumentRow) -> Text:
    if row.reversed_by_id is not None:
        return Text("Đã đảo", "Reversed")
    return Text("Phiếu đảo", "Reversal") if row.reverses_id else Text("Đã ghi sổ", "Posted")


def _other(row: DocumentRow) -> Cell | Text:
    return row.counterpart_name or row.partner_name or row.recipient


COLUMNS = (
    Column("label", Text("Số phiếu", "Number"), lambda r: r.label, width=16),
    Column("kind", Text("Loại phiếu", "Kind"), lambda r: r.title, width=24),
    Column("day", Text("Ngày", "Date"), lambda r: r.happened_on, "date"),
    Column("place", Text("Cơ sở", "Facility"), lambda r: r.facility_name, width=28),
    Column("other", Text("Đối tác, nơi nhận", "Partner, receiver"), _other, width=28),
    Column("paper", Text("Chứng từ gốc", "Paper"), lambda r: r.paper_reference, width=18),
    Column("lines", Text("Số dòng", "Lines"), lambda r: r.line_count, "number"),
    Column("value", Text("Giá trị (đồng)", "Value (VND)"), lambda r: r.amount_vnd, "money", 16),
    Column("state", Text("Trạng thái", "State"), _state),
)


@exportable("inventory.documents", "Documents")
def documents_table(said: Args) -> Table:
    """The documents under an address, all of them."""
    wanted = documents_filter(said)
    facts: tuple[tuple[Text, Cell | Text], ...] = tuple(
        (name, value)
        for name, value in (
            (Text("Từ ngày", "From"), wanted.first_day),
            (Text("Đến ngày", "To"), wanted.last_day),
        )
        if value is not None
    )
    return Table(
        name="phieu",
        title=Text("Phiếu đã ghi sổ", "Posted documents"),
        columns=shown(COLUMNS, said),
        rows=all_documents(wanted),
        facts=facts,
        count=lambda: document_queries.document_count(
            None if wanted.facility_id is None else [wanted.facility_id],
            None if wanted.kind is None else [wanted.kind],
            wanted.first_day,
            wanted.last_day,
        ),
    )
