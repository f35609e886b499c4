"""Questions about documents, posted and not yet posted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from supply.core.errors import NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.inventory.asking import Row, ask, ids
from supply.inventory.kinds import Kind
from supply.inventory.rows import (
    AskedLine,
    DocumentLine,
    DocumentRow,
    DocumentView,
    DraftRow,
    Page,
)

_DOCUMENT = """
SELECT d.id, d.facility_id, f.name_vi AS facility_vi, f.name_en AS facility_en, d.kind, d.number,
       d.year, d.happened_on, d.recorded_at, d.counterpart_facility_id, o.name_vi AS other_vi,
       o.name_en AS other_en, p.name AS partner_name, d.recipient, d.origin, d.paper_reference,
       s.line_count, s.amount_vnd, d.reverses_id, r.id AS reversed_by_id, d.follows_id, d.purpose,
       d.from_place, d.settles_id, d.details, d.note, d.reason, d.hash, concat_ws(' ', u.first_name, u.last_name) AS recorded_by
FROM document d
JOIN facility f ON f.id = d.facility_id
LEFT JOIN facility o ON o.id = d.counterpart_facility_id
LEFT JOIN partner p ON p.id = d.partner_id
LEFT JOIN document r ON r.reverses_id = d.id
LEFT JOIN ab_user u ON u.id = d.recorded_by
CROSS JOIN LATERAL (
    SELECT count(DISTINCT e.line_no) AS line_count,
           coalesce(sum(e.amount_vnd), 0)::bigint AS amount_vnd
    FROM entry e WHERE e.document_id = d.id
) s
"""
_DOCUMENTS = (
    _DOCUMENT
    + """
WHERE (CAST(:facility_ids AS int[]) IS NULL OR d.facility_id = ANY (:facility_ids)
       OR d.counterpart_facility_id = ANY (:facility_ids))
  AND (CAST(:kinds AS text[]) IS NULL OR d.kind = ANY (:kinds))
  AND (CAST(:origin AS text) IS NULL OR d.origin = :origin)
  AND (CAST(:number AS int) IS NULL OR d.number = :number)
  AND (CAST(:year AS int) IS NULL OR d.year = :year)
  AND (CAST(:first_day AS date) IS NULL OR d.happened_on >= :first_day)
  AND (CAST(:last_day AS date) IS NULL OR d.happened_on <= :last_day)
  AND (CAST(:after AS bigint) IS NULL OR d.id < :after)
ORDER BY d.id DESC LIMIT :limit
"""
)


def documents(
    facility_ids: Iterable[int] | None = None,
    kinds: Iterable[str] | None = None,
    *,
    origin: str | None = None,
    number: int | None = None,
    year: int | None = None,
    first_day: dt.date | None = None,
    last_day: dt.date | None = None,
    after: int | None = None,
    limit: int = 50,
) -> Page[DocumentRow, int]:
    """Posted documents, newest first; transfers appear to both sides."""
    found = ask(
        _DOCUMENTS,
        facility_ids=ids(facility_ids),
        kinds=None if kinds is None else [str(k) for k in kinds],
        origin=origin,
        number=number,
        year=year,
        first_day=first_day,
        last_day=last_day,
        after=after,
        limit=limit + 1,
    )
    rows = tuple(_document_row(r) for r in found[:limit])
    return Page(rows, rows[-1].id if len(found) > limit else None)


_DOCUMENT_COUNT = """
SELECT count(*) AS n FROM document d
WHERE (CAST(:facility_ids AS int[]) IS NULL OR d.facility_id = ANY (:facility_ids)
       OR d.counterpart_facility_id = ANY (:facility_ids))
  AND (CAST(:kinds AS text[]) IS NULL OR d.kind = ANY (:kinds))
  AND (CAST(:first_day AS date) IS NULL OR d.happened_on >= :first_day)
  AND (CAST(:last_day AS date) IS NULL OR d.happened_on <= :last_day)
"""


def document_count(
    facility_ids: Iterable[int] | None,
    kinds: Iterable[str] | None,
    first_day: dt.date | None,
    last_day: dt.date | None,
) -> int:
    """How many documents a list without a number would hold at most."""
    found = ask(
        _DOCUMENT_COUNT,
        facility_ids=ids(facility_ids),
        kinds=None if kinds is None else [str(k) for k in kinds],
        first_day=first_day,
        last_day=last_day,
    )
    return int(found[0]["n"])


def _document_row(r: Row) -> DocumentRow:
    other = r["counterpart_facility_id"]
    return DocumentRow(
        id=r["id"],
        facility_id=r["facility_id"],
        facility_name=Text(r["facility_vi"], r["facility_en"]),
        kind=Kind(r["kind"]),
        counterpart_name=None if other is None else Text(r["other_vi"], r["other_en"]),
        **{name: r[name] for name in _PLAIN_COLUMNS},
    )


_PLAIN_COLUMNS = (
    "number", "year", "happened_on", "recorded_at", "counterpart_facility_id", "partner_name",
    "recipient", "origin", "paper_reference", "line_count", "amount_vnd", "reverses_id",
    "reversed_by_id", "follows_id", "purpose", "from_place", "settles_id",
)  # fmt: skip

_DOCUMENT_LINES = """
SELECT e.line_no, e.item_id, i.code, i.name_vi, i.name_en, i.base_unit_vi, i.base_unit_en,
       t.number, t.expiry, e.consignment_id, u.code AS fund_code, a.kind AS from_kind,
       b.kind AS to_kind, e.quantity, c.unit_price_vnd, e.amount_vnd
FROM entry e
JOIN item i ON i.id = e.item_id
JOIN lot t ON t.id = e.lot_id
JOIN consignment c ON c.id = e.consignment_id
JOIN fund u ON u.id = c.fund_id
JOIN location a ON a.id = e.from_location_id
JOIN location b ON b.id = e.to_location_id
WHERE e.document_id = :id
ORDER BY e.line_no, e.id
"""

_ASKED_LINES = """
SELECT x.line_no, x.item_id, i.code, i.name_vi, i.name_en, i.base_unit_vi, i.base_unit_en,
       x.asked_quantity, x.entered_quantity, x.pack_id, p.name_vi AS pack_vi, p.name_en AS pack_en,
       x.reason, x.note,
       coalesce((SELECT sum(e.quantity) FROM entry e
                 WHERE e.document_id = x.document_id AND e.line_no = x.line_no), 0)::bigint AS given
FROM document_line x
JOIN item i ON i.id = x.item_id
LEFT JOIN item_pack p ON p.id = x.pack_id
WHERE x.document_id = :id
ORDER BY x.line_no
"""


def document(document_id: int) -> DocumentView:
    """One document with its lines. Raises NotFound, also for one outside the person's scope."""
    with reading():
        heads = ask(_DOCUMENT + " WHERE d.id = :id", id=document_id)
        if not heads:
            raise NotFound(Text("Không tìm thấy phiếu này.", "There is no such document."))
        lines = ask(_DOCUMENT_LINES, id=document_id)
        asked = ask(_ASKED_LINES, id=document_id)
    head = heads[0]
    return DocumentView(
        _document_row(head),
        head["recorded_by"],
        head["note"],
        head["reason"],
        head["hash"],
        tuple(_document_line(r) for r in lines),
        tuple(_asked_line(r) for r in asked),
        head["details"],
    )


def _asked_line(r: Row) -> AskedLine:
    return AskedLine(
        line=r["line_no"],
        item_id=r["item_id"],
        item_code=r["code"],
        item_name=Text(r["name_vi"], r["name_en"]),
        unit=Text(r["base_unit_vi"], r["base_unit_en"]),
        asked_quantity=r["asked_quantity"],
        given_quantity=r["given"],
        entered_quantity=r["entered_quantity"],
        pack_id=r["pack_id"],
        pack_name=None if r["pack_id"] is None else Text(r["pack_vi"], r["pack_en"]),
        reason=r["reason"],
        note=r["note"],
    )


def _document_line(r: Row) -> DocumentLine:
    return DocumentLine(
        line=r["line_no"],
        item_id=r["item_id"],
        item_code=r["code"],
        item_name=Text(r["name_vi"], r["name_en"]),
        unit=Text(r["base_unit_vi"], r["base_unit_en"]),
        lot_number=r["number"],
        expiry=r["expiry"],
        consignment_id=r["consignment_id"],
        fund_code=r["fund_code"],
        from_kind=r["from_kind"],
        to_kind=r["to_kind"],
        quantity=r["quantity"],
        unit_price_vnd=r["unit_price_vnd"],
        amount_vnd=r["amount_vnd"],
    )


_DRAFTS = """
SELECT id, facility_id, kind, origin,
       coalesce(jsonb_array_length(payload->'lines'), 0) AS line_count, updated_at,
       posted_document_id, nullif(payload->>'happened_on', '')::date AS happened_on
FROM draft
WHERE (CAST(:facility_ids AS int[]) IS NULL OR facility_id = ANY (:facility_ids))
  AND (CAST(:origin AS text) IS NULL OR origin = :origin OR starts_with(origin, :origin || ':'))
  AND (:include_posted OR posted_document_id IS NULL)
ORDER BY nullif(payload->>'happened_on', '')::date NULLS FIRST, id DESC LIMIT :limit
"""


def drafts(
    facility_ids: Iterable[int] | None = None,
    *,
    origin: str | None = None,
    include_posted: bool = False,
    limit: int = 200,
) -> list[DraftRow]:
    """Documents being prepared, those of the earliest day first; `origin` is one ("plan:17") or a kind of them ("plan")."""
    found = ask(
        _DRAFTS,
        facility_ids=ids(facility_ids),
        origin=origin,
        include_posted=include_posted,
        limit=limit,
    )
    return [
        DraftRow(
            r["id"],
            r["facility_id"],
            Kind(r["kind"]),
            r["origin"],
            r["line_count"],
            r["updated_at"],
            r["posted_document_id"],
            r["happened_on"],
        )
        for r in found
    ]
