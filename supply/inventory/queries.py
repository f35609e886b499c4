"""What a store asks. One set-based question each; rows outside the person's scope do not appear.

`facility_ids=None` means all facilities of the person's scope.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import pandas as pd
from sqlalchemy import RowMapping, text

from supply.core.errors import NotFound
from supply.core.text import Text, fold
from supply.core.transaction import reading
from supply.inventory.kinds import Kind, document_label
from supply.inventory.rows import (
    CardLine,
    DocumentLine,
    DocumentRow,
    DocumentView,
    DraftRow,
    ExpiringRow,
    ItemHit,
    LotRow,
    PackHit,
    Page,
    StockCard,
    StockRow,
)

Row = RowMapping


def _ask(sql: str, **params: object) -> Sequence[Row]:
    with reading() as session:
        return session.connection().execute(text(sql), params).mappings().all()


def _ids(facility_ids: Iterable[int] | None) -> list[int] | None:
    return None if facility_ids is None else list(facility_ids)


def _patterns(search: str) -> list[str]:
    """Every word must appear; `%` and `_` mean themselves."""
    escaped = (
        w.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        for w in fold(search).split()
    )
    return [f"%{word}%" for word in escaped]


# --- stock ---------------------------------------------------------------------------------------

_STOCK = """
WITH held AS (
    SELECT b.facility_id, b.item_id,
        coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'store'), 0)::bigint AS quantity,
        coalesce(sum(b.quantity) FILTER (
            WHERE l.kind = 'store' AND t.expiry < supply_today()), 0)::bigint AS expired_quantity,
        coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'transit'), 0)::bigint AS in_transit_quantity,
        min(t.expiry) FILTER (
            WHERE l.kind = 'store' AND b.quantity > 0 AND t.expiry >= supply_today()) AS next_expiry,
        coalesce(sum(b.amount_vnd) FILTER (WHERE l.kind = 'store'), 0)::bigint AS amount_vnd
    FROM balance b
    JOIN location l ON l.id = b.location_id
    JOIN lot t ON t.id = b.lot_id
    WHERE (CAST(:facility_ids AS int[]) IS NULL OR b.facility_id = ANY (:facility_ids))
    GROUP BY b.facility_id, b.item_id
)
SELECT h.*, f.code AS facility_code, f.name_vi AS facility_vi, f.name_en AS facility_en,
       i.code AS item_code, i.name_vi, i.name_en, i.category, i.base_unit_vi, i.base_unit_en
FROM held h JOIN facility f ON f.id = h.facility_id JOIN item i ON i.id = h.item_id
WHERE i.search LIKE ALL (CAST(:patterns AS text[]))
  AND (CAST(:category AS text) IS NULL OR i.category = :category)
  AND (:include_empty OR h.quantity > 0 OR h.in_transit_quantity > 0)
  AND (CAST(:expiring_before AS date) IS NULL
       OR h.next_expiry < :expiring_before OR h.expired_quantity > 0)
  AND (CAST(:after_code AS text) IS NULL OR (i.code, h.facility_id) > (:after_code, :after_facility))
ORDER BY i.code, h.facility_id
LIMIT :limit
"""


def stock_list(
    facility_ids: Iterable[int] | None = None,
    search: str = "",
    category: str | None = None,
    *,
    expiring_before: dt.date | None = None,
    include_empty: bool = False,
    after: tuple[str, int] | None = None,
    limit: int = 50,
) -> Page[StockRow, tuple[str, int]]:
    """Stock by item and facility, ordered by item code; `after` is the last page's `next_after`."""
    found = _ask(
        _STOCK,
        facility_ids=_ids(facility_ids),
        patterns=_patterns(search),
        category=category,
        expiring_before=expiring_before,
        include_empty=include_empty,
        after_code=after[0] if after else None,
        after_facility=after[1] if after else 0,
        limit=limit + 1,
    )
    rows = tuple(_stock_row(r) for r in found[:limit])
    more = len(found) > limit
    return Page(rows, (rows[-1].item_code, rows[-1].facility_id) if more else None)


def _stock_row(r: Row) -> StockRow:
    return StockRow(
        r["facility_id"],
        r["facility_code"],
        Text(r["facility_vi"], r["facility_en"]),
        r["item_id"],
        r["item_code"],
        Text(r["name_vi"], r["name_en"]),
        r["category"],
        Text(r["base_unit_vi"], r["base_unit_en"]),
        r["quantity"],
        r["expired_quantity"],
        r["in_transit_quantity"],
        r["next_expiry"],
        r["amount_vnd"],
    )


_LOTS = """
SELECT b.facility_id, b.item_id, b.lot_id, t.number, t.expiry, b.consignment_id,
       u.code AS fund_code, c.unit_price_vnd, b.quantity, b.amount_vnd
FROM balance b
JOIN location l ON l.id = b.location_id AND l.kind = 'store'
JOIN lot t ON t.id = b.lot_id
JOIN consignment c ON c.id = b.consignment_id
JOIN fund u ON u.id = c.fund_id
WHERE b.facility_id = :facility_id AND b.item_id = :item_id AND b.quantity > 0
  AND (:include_expired OR t.expiry IS NULL OR t.expiry >= :on_date)
ORDER BY t.expiry NULLS LAST, b.lot_id, b.consignment_id
"""


def fefo_lots(
    facility_id: int, item_id: int, on_date: dt.date, *, include_expired: bool = False
) -> list[LotRow]:
    """What a store holds of an item, in the order in which it is taken: first expired first."""
    found = _ask(
        _LOTS,
        facility_id=facility_id,
        item_id=item_id,
        on_date=on_date,
        include_expired=include_expired,
    )
    return [LotRow(*r.values()) for r in found]


_EXPIRING = """
SELECT b.facility_id, f.name_vi AS facility_vi, f.name_en AS facility_en, b.item_id,
       i.code AS item_code, i.name_vi, i.name_en, i.base_unit_vi, i.base_unit_en, t.number,
       t.expiry, sum(b.quantity)::bigint AS quantity, sum(b.amount_vnd)::bigint AS amount_vnd
FROM lot t
JOIN balance b ON b.lot_id = t.id AND b.quantity > 0
JOIN location l ON l.id = b.location_id AND l.kind = 'store'
JOIN facility f ON f.id = b.facility_id
JOIN item i ON i.id = b.item_id
WHERE t.expiry < :before
  AND (CAST(:facility_ids AS int[]) IS NULL OR b.facility_id = ANY (:facility_ids))
GROUP BY b.facility_id, f.id, b.item_id, i.id, t.id
ORDER BY t.expiry, i.code, b.facility_id, t.number
LIMIT :limit
"""


def expiring_lots(
    before: dt.date, facility_ids: Iterable[int] | None = None, limit: int = 200
) -> list[ExpiringRow]:
    """Lots in stores that expire before a day, those long expired first."""
    found = _ask(_EXPIRING, before=before, facility_ids=_ids(facility_ids), limit=limit)
    return [
        ExpiringRow(
            r["facility_id"],
            Text(r["facility_vi"], r["facility_en"]),
            r["item_id"],
            r["item_code"],
            Text(r["name_vi"], r["name_en"]),
            Text(r["base_unit_vi"], r["base_unit_en"]),
            r["number"],
            r["expiry"],
            r["quantity"],
            r["amount_vnd"],
        )
        for r in found
    ]


# The opening is worked back from today's balance, so that a card costs what it shows and not what
# the ledger holds.
_CARD = """
WITH place AS (
    SELECT id FROM location WHERE facility_id = :facility_id AND kind = 'store'
), moved AS (
    SELECT e.id, e.document_id, e.happened_on, e.lot_id, e.quantity AS moved
    FROM entry e WHERE e.to_location_id = (SELECT id FROM place) AND e.item_id = :item_id
      AND e.happened_on >= :first_day
    UNION ALL
    SELECT e.id, e.document_id, e.happened_on, e.lot_id, -e.quantity
    FROM entry e WHERE e.from_location_id = (SELECT id FROM place) AND e.item_id = :item_id
      AND e.happened_on >= :first_day
), opening AS (
    SELECT coalesce((SELECT sum(quantity) FROM balance
                     WHERE location_id = (SELECT id FROM place) AND item_id = :item_id), 0)
           - coalesce((SELECT sum(moved) FROM moved), 0) AS quantity
)
SELECT m.happened_on, m.document_id, d.kind, d.year, d.number, t.number AS lot_number, t.expiry,
       coalesce(nullif(d.recipient, ''), p.name, o.name_vi, nullif(d.reason, ''), '') AS words,
       m.moved, opening.quantity::bigint AS opening,
       (opening.quantity + sum(m.moved) OVER (ORDER BY m.happened_on, m.id))::bigint AS balance
FROM opening
LEFT JOIN moved m ON m.happened_on <= :last_day
LEFT JOIN document d ON d.id = m.document_id
LEFT JOIN lot t ON t.id = m.lot_id
LEFT JOIN partner p ON p.id = d.partner_id
LEFT JOIN facility o ON o.id = d.counterpart_facility_id
ORDER BY m.happened_on, m.id
"""


def stock_card(facility_id: int, item_id: int, first_day: dt.date, last_day: dt.date) -> StockCard:
    """Every movement of an item in a store from `first_day` to `last_day`, with running balance."""
    found = _ask(
        _CARD,
        facility_id=facility_id,
        item_id=item_id,
        first_day=first_day,
        last_day=last_day,
    )
    opening = found[0]["opening"]
    lines = tuple(_card_line(r) for r in found if r["document_id"] is not None)
    closing = lines[-1].balance if lines else opening
    return StockCard(facility_id, item_id, first_day, last_day, opening, closing, lines)


def _card_line(r: Row) -> CardLine:
    return CardLine(
        r["happened_on"],
        r["document_id"],
        Kind(r["kind"]),
        document_label(r["kind"], r["year"], r["number"]),
        r["words"],
        r["lot_number"],
        r["expiry"],
        max(r["moved"], 0),
        max(-r["moved"], 0),
        r["balance"],
    )


# --- for planning: frames ------------------------------------------------------------------------


def _frame(sql: str, **params: object) -> pd.DataFrame:
    with reading() as session:
        result = session.connection().execute(text(sql), params)
        columns = list(result.keys())
        return pd.DataFrame.from_records([tuple(row) for row in result], columns=columns)


_ON_HAND = """
SELECT b.facility_id, f.code AS facility_code, b.item_id, i.code AS item_code, b.lot_id,
       t.number AS lot_number, b.consignment_id, t.expiry, b.quantity
FROM balance b
JOIN location l ON l.id = b.location_id AND l.kind = 'store'
JOIN facility f ON f.id = b.facility_id
JOIN district d ON d.id = f.district_id
JOIN item i ON i.id = b.item_id
JOIN lot t ON t.id = b.lot_id
WHERE b.quantity > 0 AND (CAST(:district AS text) IS NULL OR d.slug = :district)
ORDER BY f.code, i.code, t.expiry NULLS LAST, b.lot_id, b.consignment_id
"""


def on_hand_lots(district: str | None = None) -> pd.DataFrame:
    """What lies in the stores of a district (slug), one row per consignment, in FEFO order.

    Columns: facility_id, facility_code, item_id, item_code, lot_id, lot_number, consignment_id,
    expiry (date or None), quantity (base units).
    """
    return _frame(_ON_HAND, district=district)


_IN_TRANSIT = """
SELECT min(d.id) FILTER (WHERE d.kind = 'transfer_dispatch') AS dispatch_id,
       min(d.happened_on) FILTER (WHERE d.kind = 'transfer_dispatch') AS dispatched_on,
       min(d.facility_id) FILTER (WHERE d.kind = 'transfer_dispatch') AS from_facility_id,
       l.facility_id AS to_facility_id, e.item_id, i.code AS item_code, e.lot_id,
       t.number AS lot_number, e.consignment_id, t.expiry,
       sum(CASE WHEN e.to_location_id = l.id THEN e.quantity ELSE -e.quantity END)::bigint
           AS quantity
FROM document d
JOIN entry e ON e.document_id = d.id
JOIN location l ON l.kind = 'transit' AND l.id IN (e.from_location_id, e.to_location_id)
JOIN item i ON i.id = e.item_id
JOIN lot t ON t.id = e.lot_id
WHERE (d.kind = 'transfer_dispatch' OR d.follows_id IS NOT NULL)
  AND (CAST(:facility_ids AS int[]) IS NULL OR d.facility_id = ANY (:facility_ids)
       OR d.counterpart_facility_id = ANY (:facility_ids))
GROUP BY coalesce(d.follows_id, d.id), l.facility_id, e.item_id, i.id, e.lot_id, t.id,
         e.consignment_id
HAVING sum(CASE WHEN e.to_location_id = l.id THEN e.quantity ELSE -e.quantity END) > 0
ORDER BY dispatch_id, i.code, e.consignment_id
"""


def in_transit(facility_ids: Iterable[int] | None = None) -> pd.DataFrame:
    """What is on its way to or from these facilities, per dispatch and consignment.

    Columns: dispatch_id, dispatched_on, from_facility_id, to_facility_id, item_id, item_code,
    lot_id, lot_number, consignment_id, expiry, quantity (base units).
    """
    return _frame(_IN_TRANSIT, facility_ids=_ids(facility_ids))


# Places first, as arrays, so that the index by place and day serves a few facilities as well as all.
_USED = """
WITH used AS (
    SELECT e.from_location_id, e.item_id, e.happened_on, sum(e.quantity)::bigint AS quantity
    FROM entry e
    WHERE e.from_location_id = ANY (ARRAY(
            SELECT id FROM location WHERE kind = 'store'
            AND facility_id = ANY (coalesce(CAST(:facility_ids AS int[]), supply_read_ids()))))
      AND e.to_location_id = (SELECT id FROM location WHERE kind = 'use')
      AND e.happened_on BETWEEN :first_day AND :last_day
      AND e.document_id NOT IN (
          SELECT reverses_id FROM document WHERE reverses_id IS NOT NULL)
    GROUP BY e.from_location_id, e.item_id, e.happened_on
)
SELECT l.facility_id, u.item_id, i.code AS item_code, u.happened_on AS date, u.quantity
FROM used u JOIN location l ON l.id = u.from_location_id JOIN item i ON i.id = u.item_id
ORDER BY l.facility_id, u.item_id, u.happened_on
"""


def consumption_daily(
    facility_ids: Iterable[int] | None, first_day: dt.date, last_day: dt.date
) -> pd.DataFrame:
    """Units issued to use per facility, item and day; issues that were reversed do not count.

    Columns: facility_id, item_id, item_code, date, quantity (base units). Days without use have
    no row.
    """
    return _frame(_USED, facility_ids=_ids(facility_ids), first_day=first_day, last_day=last_day)


# --- documents -----------------------------------------------------------------------------------

_DOCUMENT = """
SELECT d.id, d.facility_id, f.name_vi AS facility_vi, f.name_en AS facility_en, d.kind, d.number,
       d.year, d.happened_on, d.recorded_at, d.counterpart_facility_id, o.name_vi AS other_vi,
       o.name_en AS other_en, p.name AS partner_name, d.recipient, d.origin, d.paper_reference,
       s.line_count, s.amount_vnd, d.reverses_id, r.id AS reversed_by_id, d.follows_id, d.note,
       d.reason, d.hash, concat_ws(' ', u.last_name, u.first_name) AS recorded_by
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
    found = _ask(
        _DOCUMENTS,
        facility_ids=_ids(facility_ids),
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
    "reversed_by_id", "follows_id",
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


def document(document_id: int) -> DocumentView:
    """One document with its lines. Raises NotFound, also for one outside the person's scope."""
    with reading():
        heads = _ask(_DOCUMENT + " WHERE d.id = :id", id=document_id)
        if not heads:
            raise NotFound(Text("Không tìm thấy phiếu này.", "There is no such document."))
        lines = _ask(_DOCUMENT_LINES, id=document_id)
    head = heads[0]
    return DocumentView(
        _document_row(head),
        head["recorded_by"],
        head["note"],
        head["reason"],
        head["hash"],
        tuple(_document_line(r) for r in lines),
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


# --- for entry -----------------------------------------------------------------------------------

_ITEMS = """
WITH hits AS (
    SELECT i.* FROM item i
    WHERE i.active AND (i.search LIKE ALL (CAST(:patterns AS text[])) OR i.id = (
        SELECT p.item_id FROM item_pack p WHERE lpad(p.gtin, 14, '0') = :gtin))
    ORDER BY (lower(i.code) = :typed) DESC, (i.search LIKE :start) DESC, i.is_essential DESC, i.code
    LIMIT :limit
)
SELECT h.id, h.code, h.name_vi, h.name_en, h.category, h.base_unit_vi, h.base_unit_en,
    coalesce((
        SELECT sum(b.quantity) FROM balance b JOIN lot t ON t.id = b.lot_id
        WHERE b.item_id = h.id AND (t.expiry IS NULL OR t.expiry >= supply_today())
          AND b.location_id = (SELECT id FROM location
                               WHERE kind = 'store' AND facility_id = :facility_id)), 0)::bigint
        AS quantity,
    (SELECT jsonb_agg(jsonb_build_array(p.id, p.name_vi, p.name_en, p.units_per_pack, p.is_default)
                      ORDER BY p.is_default DESC, p.units_per_pack)
     FROM item_pack p WHERE p.item_id = h.id) AS packs
FROM hits h
ORDER BY (lower(h.code) = :typed) DESC, (h.search LIKE :start) DESC, h.is_essential DESC, h.code
"""


def item_search(typed: str, facility_id: int | None = None, limit: int = 20) -> list[ItemHit]:
    """Items whose code, names or INN contain every word typed (diacritics or not), exact code
    first, each with what the facility's store can use today. A scanned GTIN finds its item."""
    words = _patterns(typed)
    found = _ask(
        _ITEMS,
        patterns=words,
        typed=fold(typed),
        gtin=typed.strip().zfill(14) if typed.strip().isdigit() else None,
        start=words[0][1:] if words else "%",
        facility_id=facility_id,
        limit=limit,
    )
    return [
        ItemHit(
            r["id"],
            r["code"],
            Text(r["name_vi"], r["name_en"]),
            r["category"],
            Text(r["base_unit_vi"], r["base_unit_en"]),
            r["quantity"],
            tuple(PackHit(p[0], Text(p[1], p[2]), p[3], p[4]) for p in r["packs"] or ()),
        )
        for r in found
    ]


_DRAFTS = """
SELECT id, facility_id, kind, origin,
       coalesce(jsonb_array_length(payload->'lines'), 0) AS line_count, updated_at,
       posted_document_id
FROM draft
WHERE (CAST(:facility_ids AS int[]) IS NULL OR facility_id = ANY (:facility_ids))
  AND (CAST(:origin AS text) IS NULL OR origin = :origin)
  AND (:include_posted OR posted_document_id IS NULL)
ORDER BY id DESC LIMIT :limit
"""


def drafts(
    facility_ids: Iterable[int] | None = None,
    *,
    origin: str | None = None,
    include_posted: bool = False,
    limit: int = 200,
) -> list[DraftRow]:
    """Documents being prepared, newest first."""
    found = _ask(
        _DRAFTS,
        facility_ids=_ids(facility_ids),
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
        )
        for r in found
    ]
