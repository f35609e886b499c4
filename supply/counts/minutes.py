"""The minutes of a count (C33-HD) as a paper: what `supply.paper` sets, filled from a comparison."""

from __future__ import annotations

import datetime as dt

from supply.core.clock import VIETNAM
from supply.counts import queries
from supply.counts.rows import ComparedLine, Comparison
from supply.counts.words import SCOPES
from supply.inventory import queries as inventory
from supply.paper.forms import CountLine, CountMinutes, Member
from supply.paper.layout import Seal
from supply.paper.queries import facility_units, seal


def count_minutes(count_id: int) -> CountMinutes:
    """A count's minutes: as resolved, or, before that, as compared so far. Raises NotFound."""
    found = queries.compare(count_id)
    head = found.head
    return CountMinutes(
        number=head.label,
        counted_on=head.counted_on,
        unit=facility_units([head.facility_id])[head.facility_id],
        members=tuple(
            Member(name, title, is_head=n == 0) for n, (name, title) in enumerate(head.committee)
        ),
        lines=tuple(_line(line) for line in found.lines),
        time=_time(head.counted_on, count_id),
        scope=SCOPES[head.scope],
        opinion=_opinion(found),
        seal=_seal(head.document_id),
    )


def _line(line: ComparedLine) -> CountLine:
    sheet, variance, tally = line.sheet, line.variance, line.counted
    book = variance.book_quantity
    price = round(variance.book_amount_vnd / book) if book else variance.unit_price_vnd
    return CountLine(
        item_code=sheet.item_code,
        item_name=sheet.item_name,
        unit=sheet.unit,
        lot_number=sheet.lot_number,
        expiry=sheet.expiry,
        unit_price_vnd=price,
        book=book,
        book_vnd=variance.book_amount_vnd,
        counted=variance.counted_quantity,
        counted_vnd=variance.counted_vnd or 0,
        poor=tally.poor if tally else 0,
        spoiled=tally.spoiled if tally else 0,
        note=line.reason or (tally.note if tally else ""),
    )


def _time(day: dt.date, count_id: int) -> str:
    """When it was compared, the day itself standing for the stock."""
    compared = [e.at for e in queries.events(count_id) if e.state == "compared"]
    said = f"đến hết ngày {day:%d/%m/%Y}"
    if compared:
        said += f", đối chiếu lúc {compared[-1].astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}"
    return said


def _opinion(found: Comparison) -> str:
    reasons = sorted({line.reason for line in found.lines if line.reason})
    if not reasons:
        return ""
    label = ""
    if found.head.document_id is not None:
        label = (
            f" Điều chỉnh sổ theo phiếu {inventory.document(found.head.document_id).head.label}."
        )
    return "; ".join(reasons) + "." + label


def _seal(document_id: int | None) -> Seal | None:
    if document_id is None:
        return None
    return seal(document_id, inventory.document(document_id).hash)
