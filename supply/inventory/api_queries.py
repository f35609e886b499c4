"""What only other programs ask: whole lists, page by page, in an order that new rows do not disturb."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from supply.core.errors import NotFound
from supply.core.text import Text
from supply.inventory.asking import Row, ask, patterns
from supply.inventory.document_queries import documents
from supply.inventory.rows import Page

__all__ = ["documents"]


@dataclass(frozen=True)
class LotFilter:
    """Which lots are wanted; None: all."""

    facility_id: int | None = None
    item: str | None = None
    place: str | None = None
    expires_before: dt.date | None = None


_FACILITIES = """
SELECT id, code, name_vi, name_en, kind, district_id, is_depot,
       id = ANY ((SELECT supply_write_ids())::int[]) AS may_write
FROM facility
WHERE active AND id = ANY ((SELECT supply_read_ids())::int[])
  AND (CAST(:after AS text) IS NULL OR code > :after)
ORDER BY code LIMIT :limit
"""


def facilities(after: str | None, limit: int) -> Page[dict[str, Any], str]:
    """The active facilities in scope, by code."""
    found = ask(_FACILITIES, after=after, limit=limit + 1)
    rows = tuple(_named(r) for r in found[:limit])
    return Page(rows, rows[-1]["code"] if len(found) > limit else None)


_ITEMS = """
SELECT i.id, i.code AS item, i.name_vi, i.name_en, i.category, i.base_unit_vi, i.base_unit_en,
       i.is_essential,
       coalesce((SELECT jsonb_agg(jsonb_build_object(
                    'id', p.id, 'name_vi', p.name_vi, 'name_en', p.name_en,
                    'units_per_pack', p.units_per_pack, 'is_default', p.is_default)
                    ORDER BY p.is_default DESC, p.units_per_pack, p.id)
                 FROM item_pack p WHERE p.item_id = i.id), '[]') AS packs
FROM item i
WHERE i.active AND i.search LIKE ALL (CAST(:patterns AS text[]))
  AND (CAST(:category AS text) IS NULL OR i.category = :category)
  AND (CAST(:code AS text) IS NULL OR i.code = :code)
  AND (CAST(:after AS text) IS NULL OR i.code > :after)
ORDER BY i.code LIMIT :limit
"""


def items(
    search: str, category: str | None, after: str | None, limit: int
) -> Page[dict[str, Any], str]:
    """The catalogue by code, each item with its packs."""
    values = {"patterns": patterns(search), "category": category, "code": None, "after": after}
    found = ask(_ITEMS, **values, limit=limit + 1)
    rows = tuple(_item(r) for r in found[:limit])
    return Page(rows, rows[-1]["item"] if len(found) > limit else None)


def item(code: str) -> dict[str, Any]:
    """One item by its code. Raises NotFound."""
    found = ask(_ITEMS, patterns=[], category=None, code=code, after=None, limit=1)
    if not found:
        raise NotFound(Text("Không có mặt hàng này.", "There is no such item."))
    return _item(found[0])


_LOTS = """
SELECT b.facility_id, b.item_id, i.code AS item, b.lot_id, t.number AS lot_number, t.expiry,
       b.consignment_id, u.code AS fund, c.unit_price_vnd, l.kind AS place, b.quantity,
       b.amount_vnd, b.location_id
FROM balance b
JOIN location l ON l.id = b.location_id
JOIN item i ON i.id = b.item_id
JOIN lot t ON t.id = b.lot_id
JOIN consignment c ON c.id = b.consignment_id
JOIN fund u ON u.id = c.fund_id
WHERE b.quantity > 0
  AND (CAST(:facility_id AS int) IS NULL OR b.facility_id = :facility_id)
  AND (CAST(:item AS text) IS NULL OR i.code = :item)
  AND (CAST(:place AS text) IS NULL OR l.kind = :place)
  AND (CAST(:expires_before AS date) IS NULL OR t.expiry < :expires_before)
  AND (b.consignment_id, b.location_id) > (:after_consignment, :after_location)
ORDER BY b.consignment_id, b.location_id LIMIT :limit
"""


def lots(
    wanted: LotFilter, after: Sequence[int] | None, limit: int
) -> Page[dict[str, Any], tuple[int, int]]:
    """What is held, consignment by consignment, oldest consignment first."""
    consignment, location = after or (0, 0)
    found = ask(
        _LOTS,
        **wanted.__dict__,
        after_consignment=consignment,
        after_location=location,
        limit=limit + 1,
    )
    page = found[:limit]
    rows = tuple({k: v for k, v in r.items() if k != "location_id"} for r in page)
    if len(found) <= limit:
        return Page(rows, None)
    return Page(rows, (page[-1]["consignment_id"], page[-1]["location_id"]))


_DRAFTS = """
SELECT id, kind, facility_id, origin, updated_at, posted_document_id,
       coalesce(jsonb_array_length(payload->'lines'), 0) AS line_count,
       CAST(nullif(payload->>'happened_on', '') AS date) AS happened_on
FROM draft
WHERE (CAST(:facility_id AS int) IS NULL OR facility_id = :facility_id)
  AND (CAST(:kind AS text) IS NULL OR kind = :kind)
  AND (:include_posted OR posted_document_id IS NULL)
  AND (CAST(:after AS bigint) IS NULL OR id < :after)
ORDER BY id DESC LIMIT :limit
"""


def drafts(
    facility_id: int | None,
    kind: str | None,
    include_posted: bool,
    after: int | None,
    limit: int,
) -> Page[dict[str, Any], int]:
    """Drafts, newest first."""
    found = ask(
        _DRAFTS,
        facility_id=facility_id,
        kind=kind,
        include_posted=include_posted,
        after=after,
        limit=limit + 1,
    )
    rows = tuple(dict(r) for r in found[:limit])
    return Page(rows, rows[-1]["id"] if len(found) > limit else None)


def draft_payload(draft_id: int) -> dict[str, Any]:
    """A draft as it was kept. Raises NotFound."""
    found = ask(
        "SELECT id, kind, facility_id, origin, updated_at, posted_document_id, payload"
        " FROM draft WHERE id = :id",
        id=draft_id,
    )
    if not found:
        raise NotFound(Text("Không tìm thấy phiếu nháp này.", "There is no such draft."))
    row = dict(found[0])
    kept = row.pop("payload")
    row["document"] = {k: v for k, v in kept.items() if k not in {"client_key", "origin"}}
    return row


def draft_of_key(client_key: str) -> int | None:
    """The draft in scope that was made with this key."""
    found = ask(
        "SELECT id FROM draft WHERE payload->>'client_key' = :key ORDER BY id LIMIT 1",
        key=client_key,
    )
    return int(found[0]["id"]) if found else None


_NAMES = {
    "partners": "SELECT id, code, name AS name_vi, name AS name_en FROM partner WHERE active",
    "funds": "SELECT id, code, name_vi, name_en FROM fund WHERE active",
}


def named(of: str, after: str | None, limit: int) -> Page[dict[str, Any], str]:
    """Partners or funds by code."""
    sql = f"{_NAMES[of]} AND (CAST(:after AS text) IS NULL OR code > :after) ORDER BY code LIMIT :limit"
    found = ask(sql, after=after, limit=limit + 1)
    rows = tuple(_named(r) for r in found[:limit])
    return Page(rows, rows[-1]["code"] if len(found) > limit else None)


def _named(r: Row) -> dict[str, Any]:
    found = {k: v for k, v in r.items() if k not in {"name_vi", "name_en"}}
    return found | {"name": Text(r["name_vi"], r["name_en"])}


def _item(r: Row) -> dict[str, Any]:
    return {
        "id": r["id"],
        "item": r["item"],
        "name": Text(r["name_vi"], r["name_en"]),
        "category": r["category"],
        "unit": Text(r["base_unit_vi"], r["base_unit_en"]),
        "is_essential": r["is_essential"],
        "packs": [
            {
                "id": pack["id"],
                "name": Text(pack["name_vi"], pack["name_en"]),
                "units_per_pack": pack["units_per_pack"],
                "is_default": pack["is_default"],
            }
            for pack in r["packs"]
        ],
    }
