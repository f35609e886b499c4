"""What only the storekeeper's screens ask: drafts, home figures.

Rows outside the person's scope do not appear.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, text

from supply.core.errors import NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.inventory.documents import Document, document_from_payload
from supply.inventory.kinds import Kind
from supply.inventory.stock_list import stock_figures

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
    """What needs a storekeeper today: rows of the stock list by what they show, transfers, drafts."""

    held: int
    near: int
    expired: int
    out: int
    arriving: int
    drafts: int


_HOME = """
SELECT (SELECT count(DISTINCT coalesce(d.follows_id, d.id)) FROM document d
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
"""


def home_figures() -> HomeFigures:
    """The figures of the home page, those of the lists they open; arrivals and drafts of the
    facilities the person writes for."""
    rows = stock_figures()
    mine = _ask(_HOME)[0]
    return HomeFigures(
        rows["held"], rows["near"], rows["expired"], rows["zero"], mine["arriving"], mine["drafts"]
    )


def _ask(sql: str, **params: object) -> Sequence[RowMapping]:
    with reading() as session:
        return session.connection().execute(text(sql), params).mappings().all()
