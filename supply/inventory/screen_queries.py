"""What only the storekeeper's screens ask: the stock list with its filters, drafts, home figures.

Rows outside the person's scope do not appear.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import RowMapping, text

from supply.core.errors import NotFound
from supply.core.text import Text, fold
from supply.core.transaction import reading
from supply.inventory.documents import Document, document_from_payload
from supply.inventory.kinds import Kind
from supply.inventory.rows import Page

NEAR_EXPIRY_DAYS = 90


class Show(StrEnum):
    """Which rows of the stock list are wanted."""

    HELD = ""
    NEAR = "near"
    EXPIRED = "expired"
    ZERO = "zero"
    ALL = "all"


@dataclass(frozen=True)
class StockFilter:
    """What a person asked the stock list for. `facility_id` None: every facility in scope."""

    facility_id: int | None = None
    category: str | None = None
    search: str = ""
    show: Show = Show.HELD


@dataclass(frozen=True)
class StockLine:
    """One item at one facility, base units. `quantity` is all that lies in the store;
    `usable` of it has not expired, `near` of that expires within NEAR_EXPIRY_DAYS."""

    facility_id: int
    facility_name: Text
    item_id: int
    item_code: str
    item_name: Text
    category: str
    unit: Text
    quantity: int
    usable: int
    near: int
    expired: int
    on_way: int
    next_expiry: dt.date | None
    amount_vnd: int


@dataclass(frozen=True)
class StockTotals:
    """Of all rows under a filter, not only those of a page."""

    rows: int
    amount_vnd: int


StockKey = tuple[str, int]

_STOCK = """
WITH held AS (
    SELECT b.facility_id, b.item_id,
        coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'store'), 0)::bigint AS quantity,
        coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'store'
            AND (t.expiry IS NULL OR t.expiry >= supply_today())), 0)::bigint AS usable,
        coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'store'
            AND t.expiry BETWEEN supply_today() AND supply_today() + :near_days), 0)::bigint
            AS near,
        coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'transit'), 0)::bigint AS on_way,
        min(t.expiry) FILTER (WHERE l.kind = 'store' AND b.quantity > 0
            AND t.expiry >= supply_today()) AS next_expiry,
        coalesce(sum(b.amount_vnd) FILTER (WHERE l.kind = 'store'), 0)::bigint AS amount_vnd
    FROM balance b
    JOIN location l ON l.id = b.location_id
    JOIN lot t ON t.id = b.lot_id
    WHERE (CAST(:facility_id AS int) IS NULL OR b.facility_id = :facility_id)
    GROUP BY b.facility_id, b.item_id
), wanted AS (
    SELECT h.*, i.code, i.name_vi, i.name_en, i.category, i.base_unit_vi, i.base_unit_en
    FROM held h JOIN item i ON i.id = h.item_id
    WHERE i.search LIKE ALL (CAST(:patterns AS text[]))
      AND (CAST(:category AS text) IS NULL OR i.category = :category)
      AND CASE :show WHEN '' THEN h.quantity > 0 OR h.on_way > 0
                     WHEN 'near' THEN h.near > 0
                     WHEN 'expired' THEN h.quantity > h.usable
                     WHEN 'zero' THEN h.usable = 0
                     ELSE true END
)
"""
_STOCK_ROWS = (
    _STOCK
    + """
SELECT w.*, f.name_vi AS facility_vi, f.name_en AS facility_en
FROM wanted w JOIN facility f ON f.id = w.facility_id
WHERE (CAST(:after_code AS text) IS NULL OR (w.code, w.facility_id) > (:after_code, :after_facility))
ORDER BY w.code, w.facility_id LIMIT :limit
"""
)
_STOCK_TOTALS = (
    _STOCK
    + "SELECT count(*) AS rows, coalesce(sum(amount_vnd), 0)::bigint AS amount_vnd FROM wanted"
)


def stock_lines(
    wanted: StockFilter, after: StockKey | None = None, limit: int = 50
) -> Page[StockLine, StockKey]:
    """Rows of the stock list by item code; `after` is the last page's `next_after`."""
    found = _ask(
        _STOCK_ROWS,
        **_stock_values(wanted),
        after_code=after[0] if after else None,
        after_facility=after[1] if after else 0,
        limit=limit + 1,
    )
    rows = tuple(_stock_line(r) for r in found[:limit])
    more = len(found) > limit
    return Page(rows, (rows[-1].item_code, rows[-1].facility_id) if more else None)


def stock_totals(wanted: StockFilter) -> StockTotals:
    """How many rows the filter finds, and their worth in đồng."""
    return StockTotals(**_ask(_STOCK_TOTALS, **_stock_values(wanted))[0])


def _stock_values(wanted: StockFilter) -> dict[str, object]:
    escaped = (
        word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        for word in fold(wanted.search).split()
    )
    return {
        "facility_id": wanted.facility_id,
        "category": wanted.category,
        "patterns": [f"%{word}%" for word in escaped],
        "show": wanted.show.value,
        "near_days": NEAR_EXPIRY_DAYS,
    }


def _stock_line(r: RowMapping) -> StockLine:
    return StockLine(
        facility_id=r["facility_id"],
        facility_name=Text(r["facility_vi"], r["facility_en"]),
        item_id=r["item_id"],
        item_code=r["code"],
        item_name=Text(r["name_vi"], r["name_en"]),
        category=r["category"],
        unit=Text(r["base_unit_vi"], r["base_unit_en"]),
        quantity=r["quantity"],
        usable=r["usable"],
        near=r["near"],
        expired=r["quantity"] - r["usable"],
        on_way=r["on_way"],
        next_expiry=r["next_expiry"],
        amount_vnd=r["amount_vnd"],
    )


# --- drafts --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    """A draft with what was written so far."""

    id: int
    kind: Kind
    facility_id: int
    origin: str
    updated_at: dt.datetime
    posted_document_id: int | None
    document: Document


def draft(draft_id: int) -> Draft:
    """One draft. Raises NotFound, also for one outside the person's scope."""
    found = _ask(
        "SELECT id, kind, facility_id, origin, updated_at, posted_document_id, payload"
        " FROM draft WHERE id = :id",
        id=draft_id,
    )
    if not found:
        raise NotFound(Text("Không tìm thấy phiếu nháp này.", "There is no such draft."))
    r = found[0]
    return Draft(
        r["id"],
        Kind(r["kind"]),
        r["facility_id"],
        r["origin"],
        r["updated_at"],
        r["posted_document_id"],
        document_from_payload({"facility_id": r["facility_id"], **r["payload"]}),
    )


def draft_id_of_key(client_key: str) -> int | None:
    """The draft in scope, posted or not, that a form with this key was kept in."""
    found = _ask("SELECT id FROM draft WHERE payload->>'client_key' = :key LIMIT 1", key=client_key)
    return int(found[0]["id"]) if found else None


# --- the home page -------------------------------------------------------------------------------


@dataclass(frozen=True)
class HomeFigures:
    """What needs a storekeeper today: counts of item and facility pairs, lots, transfers, drafts."""

    held: int
    near: int
    expired: int
    out: int
    arriving: int
    drafts: int


_HOME = """
WITH held AS (
    SELECT b.facility_id, b.item_id,
        coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'store'), 0) AS quantity,
        coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'store'
            AND (t.expiry IS NULL OR t.expiry >= supply_today())), 0) AS usable,
        coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'store'
            AND t.expiry BETWEEN supply_today() AND supply_today() + :near_days), 0) AS near
    FROM balance b JOIN location l ON l.id = b.location_id JOIN lot t ON t.id = b.lot_id
    GROUP BY b.facility_id, b.item_id
)
SELECT count(*) FILTER (WHERE quantity > 0) AS held,
       count(*) FILTER (WHERE near > 0) AS near,
       count(*) FILTER (WHERE quantity > usable) AS expired,
       count(*) FILTER (WHERE usable = 0) AS out,
       (SELECT count(DISTINCT coalesce(d.follows_id, d.id)) FROM document d
        WHERE d.kind = 'transfer_dispatch'
          AND d.counterpart_facility_id = ANY ((SELECT supply_write_ids())::int[])
          AND EXISTS (
            SELECT FROM location l
            JOIN entry e ON l.id IN (e.from_location_id, e.to_location_id)
            JOIN document m ON m.id = e.document_id
            WHERE l.kind = 'transit' AND l.facility_id = d.counterpart_facility_id
              AND (m.id = d.id OR m.follows_id = d.id)
            GROUP BY e.consignment_id
            HAVING sum(CASE WHEN e.to_location_id = l.id THEN e.quantity ELSE -e.quantity END) > 0
          )) AS arriving,
       (SELECT count(*) FROM draft
        WHERE posted_document_id IS NULL
          AND facility_id = ANY ((SELECT supply_write_ids())::int[])) AS drafts
FROM held
"""


def home_figures() -> HomeFigures:
    """The figures of the home page; arrivals and drafts of the facilities the person writes for."""
    return HomeFigures(**_ask(_HOME, near_days=NEAR_EXPIRY_DAYS)[0])


def _ask(sql: str, **params: object) -> Sequence[RowMapping]:
    with reading() as session:
        return session.connection().execute(text(sql), params).mappings().all()
