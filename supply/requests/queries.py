"""What people ask about requisitions. Rows outside the person's scope do not appear.

How far one is follows from its events and from the documents with its origin, read together here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import RowMapping, text

from supply.catalog import queries as catalog
from supply.core.clock import VIETNAM
from supply.core.errors import NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.inventory import queries as inventory
from supply.inventory.kinds import document_label
from supply.inventory.rows import Page
from supply.requests.requisitions import (
    AskedLine,
    Progress,
    origin_of,
    status_of,
)
from supply.requests.rows import Event, Figures, Head, Line, Paper, View

# What left and what arrived, per item: dispatches with this origin that stand, and what followed
# them. What a receipt names as lost has left transit without arriving.
_MOVED = """
    SELECT e.item_id,
        coalesce(sum(e.quantity) FILTER (WHERE b.kind = 'transit'), 0)::bigint AS sent,
        coalesce(sum(e.quantity) FILTER (WHERE a.kind = 'transit' AND b.kind <> 'loss'), 0)::bigint
            AS received,
        coalesce(sum(e.quantity) FILTER (WHERE a.kind = 'transit' AND b.kind = 'loss'), 0)::bigint
            AS lost
    FROM document d
    JOIN document f ON f.id = d.id OR (f.follows_id = d.id AND f.kind = 'transfer_receipt')
    JOIN entry e ON e.document_id = f.id
    JOIN location a ON a.id = e.from_location_id
    JOIN location b ON b.id = e.to_location_id
    WHERE starts_with(d.origin, 'requisition:') AND d.origin = 'requisition:' || r.id
      AND d.kind = 'transfer_dispatch' AND d.facility_id = r.asked_id
      AND d.counterpart_facility_id = r.facility_id
      AND NOT EXISTS (SELECT FROM document x WHERE x.reverses_id = f.id)
      AND NOT EXISTS (SELECT FROM document x WHERE x.reverses_id = d.id)
    GROUP BY e.item_id
"""
_HEADS = f"""
SELECT r.id, r.facility_id, f.name_vi AS facility_vi, f.name_en AS facility_en, r.asked_id,
       o.name_vi AS asked_vi, o.name_en AS asked_en, r.year, r.number, r.needed_on, r.note,
       s.line_count, coalesce(s.cut, false) AS cut, s.any_sent, s.all_sent, s.on_way,
       last.kind AS last_kind, coalesce(last.recorded_at, r.updated_at) AS updated_at,
       concat_ws(' ', u.first_name, u.last_name) AS by
FROM requisition r
JOIN facility f ON f.id = r.facility_id
JOIN facility o ON o.id = r.asked_id
LEFT JOIN LATERAL (
    SELECT e.kind, e.recorded_at, e.recorded_by FROM requisition_event e
    WHERE e.requisition_id = r.id ORDER BY e.id DESC LIMIT 1) last ON true
LEFT JOIN ab_user u ON u.id = coalesce(last.recorded_by, r.updated_by)
CROSS JOIN LATERAL (
    SELECT count(*) AS line_count, bool_or(d.approved_quantity < l.quantity) AS cut,
           coalesce(bool_or(m.sent > 0), false) AS any_sent,
           coalesce(bool_and(coalesce(m.sent, 0) >= d.approved_quantity), false) AS all_sent,
           coalesce(bool_or(m.sent > m.received + m.lost), false) AS on_way
    FROM requisition_line l
    LEFT JOIN requisition_decision d USING (requisition_id, line_no)
    LEFT JOIN LATERAL ({_MOVED}) m ON m.item_id = l.item_id AND last.kind = 'approved'
    WHERE l.requisition_id = r.id
) s
"""
_LIST = (
    _HEADS
    + """
WHERE (CAST(:facility_ids AS int[]) IS NULL OR r.facility_id = ANY (:facility_ids)
       OR r.asked_id = ANY (:facility_ids))
  -- What needs only the last event stands apart, so that progress is worked out for few.
  AND (:show <> 'to_decide' OR (last.kind = 'sent' AND requisition_may_decide(r.asked_id)))
  AND (:show <> 'drafts' OR last.kind IS NULL)
  AND (:show <> 'own_open' OR r.facility_id = ANY ((SELECT supply_write_ids())::int[]))
  AND (:show NOT IN ('open', 'own_open') OR last.kind = 'sent'
       OR (last.kind = 'approved' AND last.recorded_at > now() - interval '90 days'))
  AND (:show NOT IN ('open', 'own_open') OR last.kind = 'sent' OR NOT s.all_sent OR s.on_way)
  AND (CAST(:after AS bigint) IS NULL OR r.id < :after)
ORDER BY r.id DESC LIMIT :limit
"""
)


def _ask(sql: str, **params: object) -> Sequence[RowMapping]:
    with reading() as session:
        return session.connection().execute(text(sql), params).mappings().all()


def requisitions(
    facility_ids: Iterable[int] | None = None,
    show: str = "",
    *,
    after: int | None = None,
    limit: int = 50,
) -> Page[Head, int]:
    """Requisitions of these facilities as asker or asked, newest first.

    `show`: 'to_decide' (waits for the acting person), 'open' (undecided, or approved in the last 90
    days and not sent and received in full), 'own_open' (of these what the acting person's
    facilities asked), 'drafts', '' for all.
    """
    found = _ask(
        _LIST,
        facility_ids=None if facility_ids is None else list(facility_ids),
        show=show,
        after=after,
        limit=limit + 1,
    )
    rows = tuple(_head(r) for r in found[:limit])
    return Page(rows, rows[-1].id if len(found) > limit else None)


def _head(r: RowMapping) -> Head:
    decision = r["last_kind"] if r["last_kind"] not in (None, "sent") else None
    return Head(
        id=r["id"],
        facility_id=r["facility_id"],
        facility_name=Text(r["facility_vi"], r["facility_en"]),
        asked_id=r["asked_id"],
        asked_name=Text(r["asked_vi"], r["asked_en"]),
        year=r["year"],
        number=r["number"],
        needed_on=r["needed_on"],
        note=r["note"],
        line_count=r["line_count"],
        status=status_of(
            Progress(r["number"] is not None, decision, r["any_sent"], r["all_sent"], r["on_way"])
        ),
        cut=r["cut"],
        updated_at=r["updated_at"],
        by=r["by"],
    )


_LINES = f"""
SELECT r.id AS requisition_id, l.line_no, l.item_id, i.code, i.name_vi, i.name_en, i.base_unit_vi, i.base_unit_en,
       l.quantity, l.pack_id, k.name_vi AS pack_vi, k.name_en AS pack_en,
       coalesce(k.units_per_pack, 1) AS units_per_pack, l.note, d.approved_quantity,
       coalesce(d.reason, '') AS reason, coalesce(m.sent, 0) AS sent,
       coalesce(m.received, 0) AS received, coalesce(m.lost, 0) AS lost
FROM requisition r
JOIN requisition_line l ON l.requisition_id = r.id
JOIN item i ON i.id = l.item_id
LEFT JOIN item_pack k ON k.id = l.pack_id
LEFT JOIN requisition_decision d USING (requisition_id, line_no)
LEFT JOIN LATERAL ({_MOVED}) m ON m.item_id = l.item_id
WHERE r.id = ANY (:ids) ORDER BY r.id, l.line_no
"""
_EVENTS = """
SELECT e.kind, e.reason, concat_ws(' ', u.first_name, u.last_name) AS by, e.recorded_at
FROM requisition_event e LEFT JOIN ab_user u ON u.id = e.recorded_by
WHERE e.requisition_id = :id ORDER BY e.id
"""
_PAPERS = """
SELECT d.id, d.kind, d.year, d.number, d.happened_on
FROM document d LEFT JOIN document f ON f.id = d.follows_id
WHERE ((starts_with(d.origin, 'requisition:') AND d.origin = :origin
        AND d.kind = 'transfer_dispatch')
       OR (d.kind = 'transfer_receipt' AND starts_with(f.origin, 'requisition:')
           AND f.origin = :origin))
  AND NOT EXISTS (SELECT FROM document x WHERE x.reverses_id = d.id)
ORDER BY d.id
"""


def requisition(requisition_id: int) -> View:
    """One requisition in full. Raises NotFound, also for what is outside the scope."""
    heads = _ask(_HEADS + "WHERE r.id = :id", id=requisition_id)
    if not heads:
        raise NotFound(Text("Không có phiếu yêu cầu này.", "There is no such request."))
    origin = origin_of(requisition_id)
    papers = _ask(_PAPERS, origin=origin)
    events = _ask(_EVENTS, id=requisition_id)
    return View(
        head=_head(heads[0]),
        lines=tuple(lines([requisition_id]).get(requisition_id, ())),
        events=tuple(Event(r["kind"], r["reason"], r["by"], r["recorded_at"]) for r in events),
        dispatches=tuple(_paper(r) for r in papers if r["kind"] == "transfer_dispatch"),
        receipts=tuple(_paper(r) for r in papers if r["kind"] == "transfer_receipt"),
        drafts=tuple(Paper(d.id, "", d.happened_on) for d in inventory.drafts(origin=origin)),
    )


def lines(requisition_ids: Iterable[int]) -> dict[int, list[Line]]:
    """The lines of these requisitions, with what became of each."""
    found: dict[int, list[Line]] = {}
    for r in _ask(_LINES, ids=list(requisition_ids)):
        found.setdefault(r["requisition_id"], []).append(_line(r))
    return found


def _line(r: RowMapping) -> Line:
    return Line(
        line=r["line_no"],
        item_id=r["item_id"],
        item_code=r["code"],
        item_name=Text(r["name_vi"], r["name_en"]),
        unit=Text(r["base_unit_vi"], r["base_unit_en"]),
        quantity=r["quantity"],
        pack_id=r["pack_id"],
        pack_name=None if r["pack_id"] is None else Text(r["pack_vi"], r["pack_en"]),
        units_per_pack=r["units_per_pack"],
        note=r["note"],
        approved=r["approved_quantity"],
        reason=r["reason"],
        sent=r["sent"],
        received=r["received"],
        lost=r["lost"],
    )


def _paper(r: RowMapping) -> Paper:
    return Paper(r["id"], document_label(r["kind"], r["year"], r["number"]), r["happened_on"])


_DRAFTED = """
SELECT line ->> 'item' AS item,
       sum((line ->> 'quantity')::numeric * coalesce(k.units_per_pack, 1))::bigint AS units
FROM draft d
CROSS JOIN LATERAL jsonb_array_elements(coalesce(d.payload -> 'lines', '[]')) line
LEFT JOIN item_pack k ON k.id::text = line ->> 'pack_id'
WHERE d.origin = :origin AND d.posted_document_id IS NULL
GROUP BY line ->> 'item'
"""


def drafted(requisition_id: int) -> dict[str, int]:
    """Item code → units in transfer drafts that are not posted yet."""
    found = _ask(_DRAFTED, origin=origin_of(requisition_id))
    return {r["item"]: r["units"] for r in found}


def sent_with_key(client_key: UUID) -> int | None:
    """The requisition that was sent with this key."""
    found = _ask(
        "SELECT id FROM requisition WHERE client_key = :key AND number IS NOT NULL",
        key=client_key,
    )
    return int(found[0]["id"]) if found else None


def decided_by(requisition_id: int) -> tuple[str, str, str] | None:
    """(kind, who, when) of the decision; None while there is none."""
    for r in _ask(_EVENTS, id=requisition_id):
        if r["kind"] != "sent":
            return r["kind"], r["by"], f"{r['recorded_at'].astimezone(VIETNAM):%H:%M %d/%m/%Y}"
    return None


def may_decide(asked_id: int) -> bool:
    """Whether the acting person decides for this facility."""
    return bool(_ask("SELECT requisition_may_decide(:id) AS may", id=asked_id)[0]["may"])


def figures(facility_id: int, asked_id: int, item_ids: Iterable[int]) -> dict[int, Figures]:
    """Item id → what helps to ask `asked_id` for it, or to approve it (see `Figures`)."""
    found = _ask(
        "SELECT * FROM requisition_figures(:facility, :asked, CAST(:items AS int[]))",
        facility=facility_id,
        asked=asked_id,
        items=sorted(set(item_ids)),
    )
    return {
        r["item_id"]: Figures(
            r["item_id"],
            r["on_hand"],
            r["on_way"],
            None if r["amc"] is None else float(r["amc"]),
            r["free"],
        )
        for r in found
    }


_SHORT = """
SELECT a.item_id, i.code
FROM ledger_amc(ARRAY[CAST(:facility AS int)]) a JOIN item i ON i.id = a.item_id AND i.active
WHERE a.amc > 0 ORDER BY i.code
"""


def suggestion(facility_id: int, asked_id: int, days: int) -> list[AskedLine]:
    """What to ask for so that everything the facility uses lasts `days` days, in whole packs.

    Only items whose usual pace is known (AMC of the glossary); what is on hand and on the way counts.
    """
    codes = {r["item_id"]: r["code"] for r in _ask(_SHORT, facility=facility_id)}
    known = {item.code: item for item in catalog.items(list(codes.values()))}
    found = figures(facility_id, asked_id, codes)
    asked_for = []
    for item_id, code in codes.items():
        pack = next((p for p in known[code].packs if p.is_default), None)
        units = pack.units_per_pack if pack else 1
        asked = found[item_id].suggested(days, units)
        if asked:
            asked_for.append(
                AskedLine(
                    item_code=code, quantity=asked // units, pack_id=pack.id if pack else None
                )
            )
    return asked_for


_LAST = """
SELECT i.code, l.quantity, l.pack_id, coalesce(k.units_per_pack, 1) AS units_per_pack, l.note,
       r.asked_id
FROM requisition_line l JOIN item i ON i.id = l.item_id AND i.active
LEFT JOIN item_pack k ON k.id = l.pack_id
JOIN requisition r ON r.id = l.requisition_id
WHERE r.id = (SELECT max(id) FROM requisition
              WHERE facility_id = :facility AND number IS NOT NULL
                AND (CAST(:asked AS int) IS NULL OR asked_id = :asked))
ORDER BY l.line_no
"""


def last_lines(facility_id: int, asked_id: int | None = None) -> tuple[int | None, list[AskedLine]]:
    """The facility asked last and what was asked for, to ask for it again."""
    found = _ask(_LAST, facility=facility_id, asked=asked_id)
    again = [
        AskedLine(
            item_code=r["code"],
            quantity=r["quantity"] // r["units_per_pack"],
            pack_id=r["pack_id"],
            note=r["note"],
        )
        for r in found
    ]
    return (found[0]["asked_id"] if found else None), again


def count(show: str, facility_ids: Iterable[int] | None = None) -> int:
    """How many requisitions `requisitions(facility_ids, show)` lists."""
    sql = f"SELECT count(*) AS n FROM ({_LIST}) found"
    places = None if facility_ids is None else list(facility_ids)
    found = _ask(sql, facility_ids=places, show=show, after=None, limit=1_000_000)
    return int(found[0]["n"])
