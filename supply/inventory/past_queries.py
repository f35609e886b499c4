"""What lay in the stores of a district then, what moved since, and what lots cost: for looking back.

"Store" here is the shelf of a facility: its store and the kits made up from it, so that putting a kit
together moves nothing. Documents that were undone, and what undid them, never happened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from supply.inventory.asking import frame
from supply.inventory.held_sql import PLACES, Where, held_on

_HELD_THEN = f"""
WITH {PLACES}
SELECT f.code AS facility_code, i.code AS item_code, t.number AS lot_number, t.expiry,
       sum(h.quantity)::bigint AS quantity
FROM ({held_on()}) h
JOIN place p ON p.id = h.location_id AND p.kind IN ('store', 'kit')
JOIN facility f ON f.id = p.facility_id
JOIN item i ON i.id = h.item_id
JOIN lot t ON t.id = h.lot_id
GROUP BY f.code, i.code, t.number, t.expiry
HAVING sum(h.quantity) > 0
ORDER BY f.code, i.code, t.expiry NULLS LAST, t.number
"""


def held_lots_on(facility_ids: Iterable[int], day: dt.date) -> pd.DataFrame:
    """What lay on the shelves at the end of a day, by lot.

    Columns: facility_code, item_code, lot_number, expiry (date or None), quantity (base units).
    """
    return frame(_HELD_THEN, on_date=day, **Where.of(facility_ids).params())


_MOVES = """
WITH shelf AS MATERIALIZED (
    SELECT l.id, l.facility_id FROM location l
    WHERE l.kind IN ('store', 'kit') AND l.facility_id = ANY (:facility_ids)
      AND l.facility_id = ANY ((SELECT supply_read_ids())::int[])
), undone AS MATERIALIZED (
    SELECT unnest(ARRAY[id, reverses_id]) AS id FROM document WHERE reverses_id IS NOT NULL
), moved AS (
    SELECT s.facility_id, e.item_id, e.lot_id, e.document_id, e.happened_on, e.from_location_id
               AS other_id, e.quantity
    FROM shelf s JOIN entry e ON e.to_location_id = s.id
    WHERE e.happened_on BETWEEN :first_day AND :last_day
    UNION ALL
    SELECT s.facility_id, e.item_id, e.lot_id, e.document_id, e.happened_on, e.to_location_id,
           -e.quantity
    FROM shelf s JOIN entry e ON e.from_location_id = s.id
    WHERE e.happened_on BETWEEN :first_day AND :last_day
)
SELECT f.code AS facility_code, i.code AS item_code, t.number AS lot_number, t.expiry,
       m.happened_on AS day, d.id AS document_id,
       CASE WHEN d.kind = 'transfer_dispatch' THEN 'sent'
            WHEN d.kind = 'transfer_receipt' THEN 'received'
            WHEN o.kind IN ('supplier', 'donor', 'opening') THEN 'outside'
            ELSE 'other' END AS what,
       c.code AS counterpart_code, coalesce(n.happened_on, m.happened_on) AS dispatched_on,
       sum(m.quantity)::bigint AS quantity
FROM moved m
JOIN location o ON o.id = m.other_id AND o.kind NOT IN ('use', 'store', 'kit')
JOIN document d ON d.id = m.document_id
LEFT JOIN document n ON n.id = d.follows_id
LEFT JOIN facility c ON c.id = coalesce(
    CASE WHEN d.kind = 'transfer_receipt' THEN n.facility_id END, d.counterpart_facility_id)
JOIN facility f ON f.id = m.facility_id
JOIN item i ON i.id = m.item_id
JOIN lot t ON t.id = m.lot_id
WHERE m.document_id NOT IN (SELECT id FROM undone WHERE id IS NOT NULL)
GROUP BY f.code, i.code, t.number, t.expiry, m.happened_on, d.id, o.kind, c.code, n.happened_on
ORDER BY m.happened_on, d.id, f.code, i.code, t.number
"""


def shelf_moves(facility_ids: Iterable[int], first_day: dt.date, last_day: dt.date) -> pd.DataFrame:
    """What came onto and left the shelves otherwise than by use.

    Columns: facility_code, item_code, lot_number, expiry, day, document_id, what (`outside`: from a
    supplier, donor or opening; `sent`, `received`: transfers; `other`: counts, losses, quarantine,
    loans), counterpart_code (of a transfer), dispatched_on (of a receipt: when it was sent),
    quantity (base units, negative where it left).
    """
    return frame(_MOVES, facility_ids=list(facility_ids), first_day=first_day, last_day=last_day)


_ASKED = """
SELECT f.code AS facility_code, i.code AS item_code, d.happened_on AS day,
       sum(n.asked_quantity - coalesce(g.given, 0))::bigint AS quantity
FROM document d
JOIN document_line n ON n.document_id = d.id AND n.asked_quantity IS NOT NULL
LEFT JOIN LATERAL (
    SELECT sum(e.quantity) AS given FROM entry e
    WHERE e.document_id = d.id AND e.line_no = n.line_no
) g ON true
JOIN facility f ON f.id = d.facility_id
JOIN item i ON i.id = n.item_id
WHERE d.kind = 'issue' AND d.facility_id = ANY (:facility_ids)
  AND d.happened_on BETWEEN :first_day AND :last_day
  AND NOT EXISTS (SELECT FROM document r WHERE r.reverses_id = d.id)
  AND n.asked_quantity > coalesce(g.given, 0)
GROUP BY f.code, i.code, d.happened_on
ORDER BY f.code, i.code, d.happened_on
"""


def asked_not_given(
    facility_ids: Iterable[int], first_day: dt.date, last_day: dt.date
) -> pd.DataFrame:
    """What issues were asked for beyond what they gave, by facility, item and day.

    Columns: facility_code, item_code, day, quantity (base units, > 0).
    """
    return frame(_ASKED, facility_ids=list(facility_ids), first_day=first_day, last_day=last_day)


_LOT_VALUES = """
SELECT i.code AS item_code, t.number AS lot_number,
       coalesce(sum(c.unit_price_vnd * r.units), sum(c.unit_price_vnd))::bigint AS amount_vnd,
       coalesce(sum(r.units), count(*))::bigint AS units
FROM item i
JOIN lot t ON t.item_id = i.id
JOIN consignment c ON c.lot_id = t.id
LEFT JOIN LATERAL (
    SELECT sum(e.quantity) AS units FROM entry e
    WHERE e.document_id = c.document_id AND e.consignment_id = c.id
) r ON true
WHERE i.code = ANY (:item_codes)
GROUP BY i.code, t.number
ORDER BY i.code, t.number
"""


def lot_values(item_codes: Iterable[str]) -> pd.DataFrame:
    """What each lot of these items cost: `units` of it came in for `amount_vnd` together, over all its
    consignments the reader sees come in (one unit of each where none is seen), so that q units are
    worth round(q · amount_vnd / units).

    Columns: item_code, lot_number, amount_vnd (whole đồng), units (> 0).
    """
    return frame(_LOT_VALUES, item_codes=list(item_codes))
