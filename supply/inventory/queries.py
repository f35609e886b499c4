"""What a store asks. One set-based question each; rows outside the person's scope do not appear.

`facility_ids=None` means all facilities of the person's scope. Other modules ask here: what is
written in `document_queries` and `planning_queries` is handed on.
"""

from __future__ import annotations

import datetime as dt

from supply.core.text import Text, fold
from supply.inventory.asking import Row, ask, patterns
from supply.inventory.document_queries import document, documents, drafts
from supply.inventory.held_sql import held_on
from supply.inventory.kinds import Kind, document_label
from supply.inventory.movement import movement
from supply.inventory.on_order import on_order
from supply.inventory.past_queries import asked_not_given, held_lots_on, lot_values, shelf_moves
from supply.inventory.planning_queries import (
    consumption_daily,
    empty_spans,
    in_transit,
    moved_of,
    on_hand_lots,
)
from supply.inventory.prices import LastPrice, last_prices
from supply.inventory.reports import amc, expiring_lots
from supply.inventory.rows import (
    CardLine,
    ItemHit,
    LotRow,
    PackHit,
    StockCard,
)
from supply.inventory.stock_list import stock_lines, stock_totals

__all__ = [
    "LastPrice",
    "amc",
    "asked_not_given",
    "consumption_daily",
    "document",
    "documents",
    "drafts",
    "empty_spans",
    "expiring_lots",
    "fefo_lots",
    "held_lots_on",
    "in_transit",
    "item_search",
    "last_prices",
    "lot_values",
    "moved_of",
    "movement",
    "on_hand_lots",
    "on_order",
    "shelf_moves",
    "stock_card",
    "stock_lines",
    "stock_totals",
]

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


# The opening is what lay there at the end of the day before (the nearest closing balance and what
# moved since), so that a card costs what it shows and not what the ledger holds.
_CARD = f"""
WITH place AS MATERIALIZED (
    SELECT id, kind, facility_id FROM location
    WHERE facility_id = :facility_id AND kind = :place_kind
      AND facility_id = ANY ((SELECT supply_read_ids())::int[])
), moved AS (
    SELECT e.id, e.document_id, e.happened_on, e.lot_id, e.quantity AS moved
    FROM entry e WHERE e.to_location_id = (SELECT id FROM place) AND e.item_id = :item_id
      AND e.happened_on BETWEEN :first_day AND :last_day
    UNION ALL
    SELECT e.id, e.document_id, e.happened_on, e.lot_id, -e.quantity
    FROM entry e WHERE e.from_location_id = (SELECT id FROM place) AND e.item_id = :item_id
      AND e.happened_on BETWEEN :first_day AND :last_day
), opening AS (
    SELECT coalesce(sum(h.quantity), 0)::bigint AS quantity
    FROM ({held_on("(CAST(:first_day AS date) - 1)", "AND x.item_id = :item_id")}) h
)
SELECT m.happened_on, m.document_id, d.kind, d.year, d.number, t.number AS lot_number, t.expiry,
       coalesce(nullif(d.recipient, ''), p.name, o.name_vi, nullif(d.reason, ''), '') AS words,
       m.moved, opening.quantity AS opening,
       (opening.quantity + sum(m.moved) OVER (ORDER BY m.happened_on, m.id))::bigint AS balance
FROM opening
LEFT JOIN moved m ON true
LEFT JOIN document d ON d.id = m.document_id
LEFT JOIN lot t ON t.id = m.lot_id
LEFT JOIN partner p ON p.id = d.partner_id
LEFT JOIN facility o ON o.id = d.counterpart_facility_id
ORDER BY m.happened_on, m.id
"""


def stock_card(
    facility_id: int,
    item_id: int,
    first_day: dt.date,
    last_day: dt.date,
    place_kind: str = "store",
) -> StockCard:
    """Every movement of an item in a store (or a facility's other place) from `first_day` to
    `last_day`, with running balance, days before and after in their order."""
    found = ask(
        _CARD,
        facility_id=facility_id,
        item_id=item_id,
        place_kind=place_kind,
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
