"""Forms on demand: which one a document takes, its name on its day, and the file. Nothing is kept:
the same document gives the same bytes again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from supply.core.errors import InvalidInput
from supply.core.text import Text
from supply.inventory.kinds import REASONS, Kind
from supply.paper import queries
from supply.paper.books import movement_report, stock_book, usage_report
from supply.paper.document_queries import Printable, printable
from supply.paper.forms import CountMinutes, FormTitle, Handover, Party, Typed, Unit
from supply.paper.layout import Paper
from supply.paper.minutes import count_minutes, handover_minutes
from supply.paper.render import papers_pdf
from supply.paper.titles import form_title
from supply.paper.usage import usage
from supply.paper.vouchers import (
    general_voucher,
    issue_voucher,
    receipt_voucher,
    transfer_voucher,
    write_off_minutes,
)
from supply.paper.workbook import papers_xlsx

FileKind = Literal["pdf", "xlsx"]
HANDED_OVER = (Kind.TRANSFER_DISPATCH, Kind.TRANSFER_RECEIPT, Kind.RECEIPT, Kind.ISSUE)
_RECEIVED = (Kind.RECEIPT, Kind.TRANSFER_RECEIPT, Kind.RETURN)


def file_of(papers: Sequence[Paper], kind: FileKind) -> bytes:
    """The papers as a file."""
    return papers_pdf(papers) if kind == "pdf" else papers_xlsx(papers)


def voucher(document_id: int, typed: Typed) -> Paper:
    """The form of a document, by its kind. Raises NotFound outside the person's scope."""
    found = printable(document_id)
    data = found.voucher
    title = _title(_form_of(found), data.happened_on, data.kind_name)
    match Kind(data.kind):
        case kind if kind in _RECEIVED:
            return receipt_voucher(data, title, typed)
        case Kind.ISSUE:
            return issue_voucher(data, title, typed)
        case Kind.TRANSFER_DISPATCH:
            pick = form_title("pick_list", data.happened_on).as_title()
            return transfer_voucher(data, title, pick, typed)
        case Kind.ADJUSTMENT:
            return write_off_minutes(data, title, typed)
        case _:
            return general_voucher(data, title, typed)


def _form_of(found: Printable) -> str:
    """The code of the document's form; "" where the kind's own name is the title."""
    match Kind(found.voucher.kind):
        case kind if kind in _RECEIVED:
            return "receipt"
        case Kind.ISSUE:
            return "issue"
        case Kind.TRANSFER_DISPATCH:
            return "transfer"
        case Kind.ADJUSTMENT:
            known = REASONS.get(found.reason)
            return "write_off" if known and known.place == "loss" else "adjustment"
        case _:
            return ""


def _title(code: str, day: dt.date, kind_name: Text) -> FormTitle:
    return form_title(code, day).as_title() if code else FormTitle("general", kind_name)


def handover(document_id: int, typed: Typed) -> Paper:
    """Handover minutes of what changed hands by a document: transfer, receipt or issue.

    Raises InvalidInput for a document by which nothing was handed over to anybody.
    """
    found = printable(document_id)
    data = found.voucher
    kind = Kind(data.kind)
    if kind not in HANDED_OVER:
        raise InvalidInput(
            Text(
                "Phiếu này không giao hàng cho ai nên không có biên bản giao nhận.",
                "Nothing changes hands by this document, so it has no handover minutes.",
            )
        )
    ours = Party(data.unit.name)
    theirs = Party(Text(data.party, data.party)) if data.party else Party(data.other)
    giver, taker = (theirs, ours) if kind == Kind.RECEIPT else (ours, theirs)
    if kind in (Kind.TRANSFER_DISPATCH, Kind.TRANSFER_RECEIPT):
        giver, taker = _side(found.sender), _side(found.receiver)
    giver = replace(giver, person=typed.names.get("giver", ""))
    taker = replace(taker, person=typed.names.get("taker", ""))
    minutes = Handover(
        label=data.label,
        happened_on=data.happened_on,
        giver=giver,
        taker=taker,
        lines=data.lines,
        seal=data.seal,
        unit=data.unit,
        reason=data.reason,
    )
    title = form_title("handover", data.happened_on).as_title()
    return handover_minutes(minutes, title, typed)


def _side(unit: Unit | None) -> Party:
    return Party(unit.name if unit else Text("", ""))


def stock_book_paper(
    facility_id: int, item_id: int, first_day: dt.date, last_day: dt.date, typed: Typed
) -> Paper:
    """The stock book (S21-H) of an item in a store for a period."""
    data = queries.stock_book(facility_id, item_id, first_day, last_day)
    return stock_book(data, form_title("stock_book", last_day).as_title(), typed)


def count_minutes_paper(data: CountMinutes, typed: Typed) -> Paper:
    """The minutes of a stock count (C33-HD)."""
    return count_minutes(data, form_title("count_minutes", data.counted_on).as_title(), typed)


def usage_paper(
    code: str, facility_id: int, first_day: dt.date, last_day: dt.date, typed: Typed
) -> Paper:
    """A usage report ("usage_05d", "usage_08d", "usage_09d") of a facility for a period."""
    unit = queries.facility_units([facility_id])[facility_id]
    data = usage(code, facility_id, unit, first_day, last_day)
    return usage_report(data, form_title(code, last_day).as_title(), typed)


def movement_paper(query: str, typed: Typed) -> Paper:
    """The movement report under the filters of its page's address."""
    data = queries.movement(query)
    return movement_report(data, form_title("movement", data.last_day).as_title(), typed)
