"""What planning asks of the stores: whole districts, as frames."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from supply.inventory.asking import frame, ids

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
  AND (:recalled OR NOT EXISTS (
      SELECT FROM lot_block k WHERE k.lot_id = b.lot_id AND k.until IS NULL))
ORDER BY f.code, i.code, t.expiry NULLS LAST, b.lot_id, b.consignment_id
"""


def on_hand_lots(district: str | None = None, *, recalled: bool = False) -> pd.DataFrame:
    """What lies in the stores of a district (slug), one row per consignment, in FEFO order; without
    what is being recalled and may not be used, unless `recalled`.

    Columns: facility_id, facility_code, item_id, item_code, lot_id, lot_number, consignment_id,
    expiry (date or None), quantity (base units).
    """
    return frame(_ON_HAND, district=district, recalled=recalled)


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
  AND (NOT :usable OR NOT EXISTS (
      SELECT FROM lot_block k WHERE k.lot_id = e.lot_id AND k.until IS NULL))
GROUP BY coalesce(d.follows_id, d.id), l.facility_id, e.item_id, i.id, e.lot_id, t.id,
         e.consignment_id
HAVING sum(CASE WHEN e.to_location_id = l.id THEN e.quantity ELSE -e.quantity END) > 0
   AND (NOT :usable OR bool_and(d.from_place <> 'quarantine'))
ORDER BY dispatch_id, i.code, e.consignment_id
"""


def in_transit(facility_ids: Iterable[int] | None = None, *, usable: bool = False) -> pd.DataFrame:
    """What is on its way to or from these facilities, per dispatch and consignment. `usable`: without
    what is recalled or goes from one quarantine to another, which serves nobody on arrival.

    Columns: dispatch_id, dispatched_on, from_facility_id, to_facility_id, item_id, item_code,
    lot_id, lot_number, consignment_id, expiry, quantity (base units).
    """
    return frame(_IN_TRANSIT, facility_ids=ids(facility_ids), usable=usable)


_USED = """
SELECT c.facility_id, c.item_id, i.code AS item_code, c.day AS date, c.quantity
FROM ledger_consumption(coalesce(CAST(:facility_ids AS int[]), supply_read_ids()),
                        CAST(:first_day AS date), CAST(:last_day AS date),
                        CAST(:known_by AS timestamptz)) c
JOIN item i ON i.id = c.item_id
ORDER BY c.facility_id, c.item_id, c.day
"""


def consumption_daily(
    facility_ids: Iterable[int] | None,
    first_day: dt.date,
    last_day: dt.date,
    known_by: dt.datetime | None = None,
) -> pd.DataFrame:
    """Units consumed per facility, item and day: issued to use from the store or from kits, less what
    came back, which is taken off the day of its issue. Loans, transfers and losses are not
    consumption; documents that were reversed never happened. `known_by`: only as documents recorded
    by that moment tell it.

    Columns: facility_id, item_id, item_code, date, quantity (base units). Days without use have
    no row.
    """
    return frame(
        _USED,
        facility_ids=ids(facility_ids),
        first_day=first_day,
        last_day=last_day,
        known_by=known_by,
    )


_EMPTY = """
SELECT s.facility_id, s.item_id, s.held_since, s.empty_from, s.empty_to
FROM ledger_empty_spans(coalesce(CAST(:facility_ids AS int[]), supply_read_ids()),
                        CAST(:first_day AS date), CAST(:last_day AS date),
                        CAST(:known_by AS timestamptz)) s
ORDER BY s.facility_id, s.item_id, s.empty_from NULLS FIRST
"""


def empty_spans(
    facility_ids: Iterable[int] | None,
    first_day: dt.date,
    last_day: dt.date,
    known_by: dt.datetime | None = None,
) -> pd.DataFrame:
    """Spans of stock-out days (docs/glossary.md) of every item a store ever held: one row without a
    span for each such item, and one for each span.

    Columns: facility_id, item_id, held_since (first held), empty_from, empty_to (date or None).
    """
    return frame(
        _EMPTY,
        facility_ids=ids(facility_ids),
        first_day=first_day,
        last_day=last_day,
        known_by=known_by,
    )


_MOVED = """
SELECT d.id AS dispatch_id, d.facility_id AS from_facility_id,
       d.counterpart_facility_id AS to_facility_id, d.happened_on AS sent_on,
       i.code AS item_code, t.number AS lot_number,
       coalesce(sum(e.quantity) FILTER (WHERE x.id = d.id), 0)::bigint AS sent,
       coalesce(sum(CASE WHEN e.from_location_id = w.id THEN e.quantity ELSE -e.quantity END)
           FILTER (WHERE o.facility_id = d.counterpart_facility_id), 0)::bigint AS received,
       coalesce(sum(CASE WHEN e.from_location_id = w.id THEN e.quantity ELSE -e.quantity END)
           FILTER (WHERE o.kind = 'loss'), 0)::bigint AS lost,
       coalesce(sum(e.quantity) FILTER (WHERE x.reverses_id = d.id), 0)::bigint AS undone,
       max(x.happened_on) FILTER (WHERE x.kind = 'transfer_receipt') AS received_on
FROM document d
JOIN document x ON x.id = d.id OR x.follows_id = d.id
JOIN entry e ON e.document_id = x.id
JOIN location w ON w.kind = 'transit' AND w.facility_id = d.counterpart_facility_id
               AND w.id IN (e.from_location_id, e.to_location_id)
JOIN location o ON o.id = CASE WHEN e.from_location_id = w.id
                               THEN e.to_location_id ELSE e.from_location_id END
JOIN item i ON i.id = e.item_id
JOIN lot t ON t.id = e.lot_id
WHERE d.kind = 'transfer_dispatch' AND d.origin = :origin
GROUP BY d.id, i.code, t.id
ORDER BY d.id, i.code, t.expiry NULLS LAST, t.id
"""


def moved_of(origin: str) -> pd.DataFrame:
    """What the transfers of an origin ("plan:17") really moved, by dispatch, item and lot.

    Columns: dispatch_id, from_facility_id, to_facility_id, sent_on, item_code, lot_number, sent,
    received, lost, undone (base units; the rest of what was sent is on its way), received_on (the
    last receipt's day, or None).
    """
    return frame(_MOVED, origin=origin)
