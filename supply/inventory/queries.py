"""What a store asks. One set-based question each; rows outside the person's scope do not appear.

`facility_ids=None` means all facilities of the person's scope. Other modules ask here: what is
written in `document_queries` and `planning_queries` is handed on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from supply.core.text import Text, fold
from supply.inventory.asking import Row, ask, ids, patterns
from supply.inventory.document_queries import document, documents, drafts
from supply.inventory.kinds import Kind, document_label
from supply.inventory.planning_queries import consumption_daily, in_transit, on_hand_lots
from supply.inventory.rows import (
    CardLine,
    ExpiringRow,
    ItemHit,
    LotRow,
    PackHit,
    Page,
    StockCard,
    StockRow,
)

__all__ = [
    "consumption_daily",
    "document",
    "documents",
    "drafts",
    "expiring_lots",
    "fefo_lots",
    "in_transit",
    "item_search",
    "on_hand_lots",
    "stock_card",
    "stock_list",
]

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
    found = ask(
        _STOCK,
        facility_ids=ids(facility_ids),
        patterns=patterns(search),
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
    found = ask(
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
    found = ask(_EXPIRING, before=before, facility_ids=ids(facility_ids), limit=limit)
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
    found = ask(
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
    words = patterns(typed)
    found = ask(
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
