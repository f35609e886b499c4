"""What needs attention in the stores: expiring, below minimum, not moved, often out of stock.

Each is one `Report` (see `keyed`); definitions as in docs/glossary.md. The stores' figures are those of
`supply_today()`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from supply.core.text import Text
from supply.inventory import keyed
from supply.inventory.asking import ask, ids
from supply.inventory.held_sql import Where
from supply.inventory.keyed import ITEM_COLUMNS, ITEM_WANTED, PLACE_COLUMNS, Asked, Report, padded
from supply.inventory.rows import ExpiringRow

_BY_ITEM = "r.item_code || '~' || r.facility_code"
_BY_PLACE = "r.facility_code || '~' || r.item_code"

# Lots in stores whose last day comes before :before; expired ones have fewer than 0 days left.
# `unused`: what average use will not have reached by the lot's last day, first expired first out.
EXPIRY = Report(
    ctes="""
use AS MATERIALIZED (
    SELECT facility_id, item_id, amc FROM ledger_amc(
        ARRAY(SELECT facility_id FROM place WHERE kind = 'store'), supply_today())
)""",
    body=f"""
    SELECT {PLACE_COLUMNS}, {ITEM_COLUMNS}, t.id AS lot_id, t.number AS lot_number, t.expiry,
           t.expiry - supply_today() AS days_left, b.quantity, b.amount_vnd,
           EXISTS (SELECT FROM lot_block k WHERE k.lot_id = t.id AND k.until IS NULL) AS is_blocked,
           least(b.quantity, greatest(0, b.upto - coalesce(
               floor(u.amc * greatest(0, t.expiry - supply_today() + 1) / 30), 0)))::bigint AS unused
    FROM (
        SELECT x.facility_id, x.item_id, x.lot_id, sum(x.quantity)::bigint AS quantity,
               sum(x.amount_vnd)::bigint AS amount_vnd,
               sum(sum(x.quantity)) OVER (
                   PARTITION BY x.facility_id, x.item_id
                   ORDER BY y.expiry NULLS LAST, x.lot_id) AS upto
        FROM balance x
        JOIN place p ON p.id = x.location_id AND p.kind = 'store'
        JOIN lot y ON y.id = x.lot_id
        WHERE x.quantity > 0
        GROUP BY x.facility_id, x.item_id, x.lot_id, y.expiry
    ) b
    JOIN lot t ON t.id = b.lot_id AND t.expiry < :before
        AND (NOT :expired_only OR t.expiry < supply_today())
    JOIN facility f ON f.id = b.facility_id
    JOIN item i ON i.id = b.item_id
    LEFT JOIN use u ON u.facility_id = b.facility_id AND u.item_id = b.item_id
    WHERE {ITEM_WANTED}""",
    sorts={
        "expiry": "to_char(r.expiry, 'YYYYMMDD') || '~' || r.item_code",
        "code": _BY_ITEM,
        "place": _BY_PLACE,
        "value": padded("r.amount_vnd"),
        "unused": padded("r.unused"),
    },
    tail="r.facility_id || '~' || r.lot_id",
)

# Items whose usable stock lies below the minimum: the quantity entered, or so many days of average
# use. Items without either are not judged. What is on its way is named beside it.
MINIMUM = Report(
    ctes="""
use AS MATERIALIZED (
    SELECT facility_id, item_id, amc FROM ledger_amc(
        ARRAY(SELECT facility_id FROM place WHERE kind = 'store'), supply_today())
), held AS MATERIALIZED (
    SELECT p.facility_id, x.item_id,
           coalesce(sum(x.quantity) FILTER (WHERE p.kind = 'store'
               AND (t.expiry IS NULL OR t.expiry >= supply_today())
               AND NOT EXISTS (SELECT FROM lot_block k
                               WHERE k.lot_id = x.lot_id AND k.until IS NULL)), 0)::bigint AS usable,
           coalesce(sum(x.quantity) FILTER (WHERE p.kind = 'transit'), 0)::bigint AS on_way
    FROM balance x JOIN place p ON p.id = x.location_id JOIN lot t ON t.id = x.lot_id
    GROUP BY p.facility_id, x.item_id
), rule AS MATERIALIZED (
    SELECT p.facility_id, stock_minimum_days(p.facility_id, supply_today()) AS days
    FROM place p WHERE p.kind = 'store'
)""",
    body=f"""
    SELECT * FROM (
        SELECT {PLACE_COLUMNS}, {ITEM_COLUMNS}, coalesce(h.usable, 0) AS usable,
               coalesce(h.on_way, 0) AS on_way, u.amc, m.quantity AS entered, n.days AS rule_days,
               coalesce(m.quantity, ceil(u.amc * n.days / 30)::bigint) AS minimum
        FROM (SELECT facility_id, item_id FROM held
              UNION SELECT s.facility_id, s.item_id FROM stock_minimum s
              WHERE s.facility_id IN (SELECT facility_id FROM place)) k
        JOIN facility f ON f.id = k.facility_id
        JOIN item i ON i.id = k.item_id AND i.active
        LEFT JOIN held h ON h.facility_id = k.facility_id AND h.item_id = k.item_id
        LEFT JOIN use u ON u.facility_id = k.facility_id AND u.item_id = k.item_id
        LEFT JOIN stock_minimum m ON m.facility_id = k.facility_id AND m.item_id = k.item_id
        JOIN rule n ON n.facility_id = k.facility_id
        WHERE {ITEM_WANTED}
    ) judged
    WHERE :all_items OR usable < minimum""",
    sorts={
        # Nearest to empty first: usable stock in thousandths of the minimum.
        "share": padded("r.usable * 1000 / greatest(r.minimum, 1)"),
        "code": _BY_ITEM,
        "place": _BY_PLACE,
        "missing": padded("greatest(r.minimum - r.usable, 0)"),
    },
    tail="r.item_code || '~' || r.facility_id",
)

# Items in a store that neither came nor left there for :days days.
NOT_MOVED = Report(
    body=f"""
    SELECT {PLACE_COLUMNS}, {ITEM_COLUMNS}, b.quantity, b.amount_vnd, b.next_expiry, m.last_moved,
           supply_today() - m.last_moved AS days_still
    FROM (
        SELECT x.location_id, x.facility_id, x.item_id, sum(x.quantity)::bigint AS quantity,
               sum(x.amount_vnd)::bigint AS amount_vnd, min(t.expiry) AS next_expiry
        FROM balance x
        JOIN place p ON p.id = x.location_id AND p.kind = 'store'
        JOIN lot t ON t.id = x.lot_id
        WHERE x.quantity > 0
        GROUP BY x.location_id, x.facility_id, x.item_id
    ) b
    JOIN facility f ON f.id = b.facility_id
    JOIN item i ON i.id = b.item_id
    CROSS JOIN LATERAL (
        SELECT greatest(
            (SELECT max(e.happened_on) FROM entry e
             WHERE e.to_location_id = b.location_id AND e.item_id = b.item_id),
            (SELECT max(e.happened_on) FROM entry e
             WHERE e.from_location_id = b.location_id AND e.item_id = b.item_id)) AS last_moved
    ) m
    WHERE m.last_moved <= supply_today() - CAST(:days AS int) AND {ITEM_WANTED}""",
    sorts={
        "days": padded("r.days_still"),
        "code": _BY_ITEM,
        "place": _BY_PLACE,
        "value": padded("r.amount_vnd"),
    },
    tail="r.item_code || '~' || r.facility_id",
)

# Average monthly consumption and days out of stock in the 90 whole days before today.
USE = Report(
    body=f"""
    SELECT {PLACE_COLUMNS}, {ITEM_COLUMNS}, u.consumed, u.in_stock_days, u.stock_out_days, u.amc,
           s.on_hand,
           CASE WHEN u.amc > 0 THEN round(s.on_hand / u.amc, 1) END AS months_left
    FROM ledger_amc(ARRAY(SELECT facility_id FROM place WHERE kind = 'store'), supply_today()) u
    JOIN facility f ON f.id = u.facility_id
    JOIN item i ON i.id = u.item_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(b.quantity), 0)::bigint AS on_hand
        FROM balance b JOIN place p ON p.id = b.location_id AND p.kind = 'store'
        WHERE b.facility_id = u.facility_id AND b.item_id = u.item_id
    ) s
    WHERE {ITEM_WANTED} AND (NOT :out_only OR u.stock_out_days > 0)""",
    sorts={
        "code": _BY_ITEM,
        "place": _BY_PLACE,
        "out": padded("r.stock_out_days"),
        "use": padded("round(coalesce(r.amc, 0) * 100)::bigint"),
        "months": padded("round(coalesce(r.months_left, 99999999) * 10)::bigint"),
    },
    tail="r.item_code || '~' || r.facility_id",
)


def expiring_lots(
    before: dt.date, facility_ids: Iterable[int] | None = None, limit: int = 200
) -> list[ExpiringRow]:
    """Lots in stores that expire before a day, those long expired first."""
    asked = Asked(where=Where.of(facility_ids))
    found, _ = keyed.page(EXPIRY, asked, {"before": before, "expired_only": False}, None, limit)
    return [
        ExpiringRow(
            r["facility_id"],
            Text(r["facility_vi"], r["facility_en"]),
            r["item_id"],
            r["item_code"],
            Text(r["name_vi"], r["name_en"]),
            Text(r["base_unit_vi"], r["base_unit_en"]),
            r["lot_number"],
            r["expiry"],
            r["quantity"],
            r["amount_vnd"],
        )
        for r in found
    ]


@dataclass(frozen=True)
class UseRow:
    """How much of an item a facility consumes: units in the last 90 whole days, days that closed
    with stock and without (after it was first held), units a month (None: not enough days)."""

    facility_id: int
    item_id: int
    consumed: int
    in_stock_days: int
    stock_out_days: int
    amc: float | None


def amc(facility_ids: Iterable[int] | None = None, day: dt.date | None = None) -> list[UseRow]:
    """Average monthly consumption as `ledger_amc` has it, before `day` (today), for every item these
    facilities ever held. The one definition: docs/glossary.md."""
    found = ask(
        "SELECT facility_id, item_id, consumed, in_stock_days, stock_out_days,"
        " amc::double precision AS amc FROM ledger_amc(CAST(:ids AS int[]), CAST(:day AS date))"
        " ORDER BY facility_id, item_id",
        ids=ids(facility_ids),
        day=day,
    )
    return [UseRow(**r) for r in found]
