"""What people ask about recalls and quarantine. Rows outside the person's scope do not appear."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import RowMapping, text

from supply.core.errors import NotFound
from supply.core.text import Text, fold
from supply.core.transaction import reading
from supply.inventory.kinds import document_label
from supply.recalls.rows import Answer, Event, Goods, Head, Holder, Onward, SetAside, View

_GOODS = """t.id AS lot_id, t.number AS lot_number, t.expiry, i.id AS item_id, i.code AS item_code,
       i.name_vi, i.name_en, i.base_unit_vi, i.base_unit_en"""


def _ask(sql: str, **params: object) -> Sequence[RowMapping]:
    with reading() as session:
        return session.connection().execute(text(sql), params).mappings().all()


def _goods(r: RowMapping) -> Goods:
    return Goods(
        r["lot_id"],
        r["lot_number"],
        r["expiry"],
        r["item_id"],
        r["item_code"],
        Text(r["name_vi"], r["name_en"]),
        Text(r["base_unit_vi"], r["base_unit_en"]),
    )


# Every facility of the reader's scope that the lot ever touched, by the books of this moment.
# Entries say which; balances say how much lies where now.
_TOUCHED = """
    SELECT DISTINCT l.facility_id FROM entry e
    JOIN location l ON l.id IN (e.from_location_id, e.to_location_id)
    WHERE e.lot_id = r.lot_id AND l.facility_id = ANY ((SELECT supply_read_ids())::int[])
"""
_HELD = """
    SELECT coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'store'), 0)::bigint AS held,
        coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'kit'), 0)::bigint AS in_kits,
        coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'transit'), 0)::bigint AS coming,
        coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'quarantine'), 0)::bigint AS quarantined
    FROM balance b JOIN location l ON l.id = b.location_id
    WHERE b.lot_id = r.lot_id AND b.facility_id = p.facility_id
"""
_HEADS = f"""
SELECT r.id, r.year, r.number, r.district_id, coalesce(d.name, '') AS district_name, {_GOODS},
       r.class, r.reason, r.instructions, r.paper_reference, r.started_at,
       concat_ws(' ', u.first_name, u.last_name) AS started_by,
       r.started_at + make_interval(hours => r.answer_hours) AS due_at,
       clock_timestamp() AS now, c.recorded_at AS closed_at, coalesce(c.outcome, '') AS outcome,
       EXISTS (SELECT FROM lot_block k WHERE k.recall_id = r.id AND k.until IS NULL) AS is_blocked,
       s.places, s.answered
FROM recall r
JOIN lot t ON t.id = r.lot_id
JOIN item i ON i.id = r.item_id
LEFT JOIN district d ON d.id = r.district_id
LEFT JOIN ab_user u ON u.id = r.started_by
LEFT JOIN recall_event c ON c.recall_id = r.id AND c.kind = 'closed'
CROSS JOIN LATERAL (
    SELECT count(*) AS places, count(*) FILTER (WHERE h.held + h.in_kits = 0 AND EXISTS (
        SELECT FROM recall_answer a
        WHERE a.recall_id = r.id AND a.facility_id = p.facility_id)) AS answered
    FROM ({_TOUCHED}) p CROSS JOIN LATERAL ({_HELD}) h
) s
"""


def recalls(show: str = "", limit: int = 200) -> list[Head]:
    """Recalls, newest first. `show`: 'open', 'mine' (open and waiting for the acting person's own
    facilities), '' for all."""
    where = """
WHERE CASE :show WHEN 'open' THEN c.id IS NULL
                 WHEN 'mine' THEN c.id IS NULL AND EXISTS (
                     SELECT FROM (""" + _TOUCHED + """) p CROSS JOIN LATERAL (""" + _HELD + """) h
                     WHERE p.facility_id = ANY ((SELECT supply_write_ids())::int[])
                       AND (h.held + h.in_kits > 0 OR NOT EXISTS (
                           SELECT FROM recall_answer a
                           WHERE a.recall_id = r.id AND a.facility_id = p.facility_id)))
                 ELSE true END
ORDER BY c.id IS NOT NULL, r.id DESC LIMIT :limit
"""  # fmt: skip
    return [_head(r) for r in _ask(_HEADS + where, show=show, limit=limit)]


def _head(r: RowMapping) -> Head:
    return Head(
        id=r["id"],
        year=r["year"],
        number=r["number"],
        district_id=r["district_id"],
        district_name=r["district_name"],
        goods=_goods(r),
        recall_class=r["class"],
        reason=r["reason"],
        instructions=r["instructions"],
        paper_reference=r["paper_reference"],
        started_at=r["started_at"],
        started_by=r["started_by"],
        due_at=r["due_at"],
        now=r["now"],
        closed_at=r["closed_at"],
        outcome=r["outcome"],
        is_blocked=r["is_blocked"],
        places=r["places"],
        answered=r["answered"],
    )


_HOLDERS = f"""
SELECT p.facility_id, f.code, f.name_vi, f.name_en, h.*, m.issued, m.sent, a.found, a.used,
       a.quarantined AS set_aside, a.comment, a.answered_at,
       concat_ws(' ', u.first_name, u.last_name) AS answered_by, a.document_id, q.year, q.number
FROM recall r
CROSS JOIN LATERAL ({_TOUCHED}) p
JOIN facility f ON f.id = p.facility_id
CROSS JOIN LATERAL ({_HELD}) h
CROSS JOIN LATERAL (
    SELECT (coalesce(sum(e.quantity) FILTER (WHERE y.kind = 'use'), 0)
            - coalesce(sum(e.quantity) FILTER (WHERE x.kind = 'use'), 0))::bigint AS issued,
           (coalesce(sum(e.quantity) FILTER (WHERE y.kind = 'transit' AND x.facility_id = f.id), 0)
            - coalesce(sum(e.quantity) FILTER (
                WHERE x.kind = 'transit' AND y.facility_id = f.id AND x.facility_id <> f.id), 0)
           )::bigint AS sent
    FROM entry e
    JOIN location x ON x.id = e.from_location_id
    JOIN location y ON y.id = e.to_location_id
    WHERE e.lot_id = r.lot_id AND f.id IN (x.facility_id, y.facility_id)
      AND NOT (x.facility_id IS NOT DISTINCT FROM y.facility_id)
) m
LEFT JOIN LATERAL (
    SELECT * FROM recall_answer z WHERE z.recall_id = r.id AND z.facility_id = f.id
    ORDER BY z.id DESC LIMIT 1) a ON true
LEFT JOIN ab_user u ON u.id = a.answered_by
LEFT JOIN document q ON q.id = a.document_id
WHERE r.id = :id
ORDER BY f.code
"""
# To whom it went: what of each issue and dispatch stands, less what came back to it.
_ONWARD = """
SELECT d.id, d.kind, d.year, d.number, d.happened_on, d.purpose, f.name_vi, f.name_en,
       coalesce(nullif(d.recipient, ''), p.name, o.name_vi, '') AS to_vi,
       coalesce(nullif(d.recipient, ''), p.name, o.name_en, '') AS to_en,
       (sum(e.quantity) - coalesce((
           SELECT sum(b.quantity) FROM document c JOIN entry b ON b.document_id = c.id
           WHERE c.follows_id = d.id AND c.kind = 'return' AND b.lot_id = r.lot_id
             AND NOT EXISTS (SELECT FROM document x WHERE x.reverses_id = c.id)), 0))::bigint
           AS quantity
FROM recall r
JOIN entry e ON e.lot_id = r.lot_id
JOIN document d ON d.id = e.document_id AND d.kind IN ('issue', 'transfer_dispatch')
JOIN facility f ON f.id = d.facility_id
LEFT JOIN facility o ON o.id = d.counterpart_facility_id
LEFT JOIN partner p ON p.id = d.partner_id
WHERE r.id = :id AND NOT EXISTS (SELECT FROM document x WHERE x.reverses_id = d.id)
GROUP BY r.id, d.id, f.id, o.id, p.id
ORDER BY d.happened_on DESC, d.id DESC LIMIT :limit
"""
_EVENTS = """
SELECT e.kind, e.outcome, e.note, e.paper_reference,
       concat_ws(' ', u.first_name, u.last_name) AS by, e.recorded_at
FROM recall_event e LEFT JOIN ab_user u ON u.id = e.recorded_by
WHERE e.recall_id = :id ORDER BY e.id
"""


def recall(recall_id: int, onward_limit: int = 500) -> View:
    """One recall in full. Raises NotFound, also for what is outside the scope."""
    heads = _ask(_HEADS + "WHERE r.id = :id", id=recall_id)
    if not heads:
        raise NotFound(Text("Không có đợt thu hồi này.", "There is no such recall."))
    head = _head(heads[0])
    may = _ask(
        "SELECT recall_may_lead(:d) AS lead, recall_outside(:id) AS outside",
        d=head.district_id,
        id=recall_id,
    )[0]
    return View(
        head=head,
        holders=tuple(_holder(r, head) for r in _ask(_HOLDERS, id=recall_id)),
        onward=tuple(_onward(r) for r in _ask(_ONWARD, id=recall_id, limit=onward_limit)),
        events=tuple(
            Event(
                r["kind"], r["outcome"], r["note"], r["paper_reference"], r["by"], r["recorded_at"]
            )
            for r in _ask(_EVENTS, id=recall_id)
        ),
        outside=may["outside"],
        may_lead=may["lead"],
    )


def _holder(r: RowMapping, head: Head) -> Holder:
    answer = None
    if r["answered_at"] is not None:
        answer = Answer(
            r["found"],
            r["used"],
            r["set_aside"],
            r["comment"],
            r["answered_by"],
            r["answered_at"],
            r["document_id"],
            document_label("quarantine", r["year"], r["number"]) if r["number"] else "",
        )
    return Holder(
        facility_id=r["facility_id"],
        facility_code=r["code"],
        facility_name=Text(r["name_vi"], r["name_en"]),
        held=r["held"],
        in_kits=r["in_kits"],
        coming=r["coming"],
        quarantined=r["quarantined"],
        issued=r["issued"],
        sent=r["sent"],
        answer=answer,
        overdue=head.clock.overdue,
    )


def _onward(r: RowMapping) -> Onward:
    return Onward(
        r["id"],
        document_label(r["kind"], r["year"], r["number"]),
        Text(r["name_vi"], r["name_en"]),
        r["happened_on"],
        Text(r["to_vi"], r["to_en"]),
        r["purpose"],
        r["kind"],
        r["quantity"],
    )


_LOTS = f"""
SELECT {_GOODS}, s.quantity, s.places FROM lot t JOIN item i ON i.id = t.item_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(b.quantity), 0)::bigint AS quantity,
           count(DISTINCT b.facility_id) FILTER (WHERE b.quantity > 0) AS places
    FROM balance b WHERE b.lot_id = t.id) s
WHERE t.number <> '' AND EXISTS (SELECT FROM entry e WHERE e.lot_id = t.id)
  AND (CAST(:lot AS bigint) IS NULL OR t.id = :lot)
  AND (i.search || ' ' || lower(t.number)) LIKE ALL (CAST(:patterns AS text[]))
ORDER BY (lower(t.number) = :typed) DESC, s.quantity DESC, i.code, t.number LIMIT :limit
"""


def lots(typed: str, limit: int = 20, lot_id: int | None = None) -> list[tuple[Goods, int, int]]:
    """Lots whose item or number holds every word typed, with the units held in the reader's scope
    and in how many facilities."""
    words = [
        w.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for w in fold(typed).split()
    ]
    found = _ask(
        _LOTS,
        patterns=[f"%{w}%" for w in words],
        typed=fold(typed),
        lot=lot_id,
        limit=limit,
    )
    return [(_goods(r), r["quantity"], r["places"]) for r in found]


def lot(lot_id: int) -> tuple[Goods, int, int]:
    """One lot. Raises NotFound."""
    for found in lots("", 1, lot_id):
        return found
    raise NotFound(Text("Không có lô này trong phạm vi của bạn.", "No such lot in your scope."))


_SET_ASIDE = f"""
SELECT b.facility_id, f.name_vi AS facility_vi, f.name_en AS facility_en, {_GOODS},
       sum(b.quantity)::bigint AS quantity, sum(b.amount_vnd)::bigint AS amount_vnd,
       w.id AS document_id, w.kind, w.year, w.number, w.happened_on, w.origin,
       coalesce(nullif(w.reason, ''), nullif(w.note, ''), '') AS why, k.recall_id
FROM balance b
JOIN location l ON l.id = b.location_id AND l.kind = 'quarantine'
JOIN facility f ON f.id = b.facility_id
JOIN lot t ON t.id = b.lot_id
JOIN item i ON i.id = t.item_id
LEFT JOIN LATERAL (
    SELECT d.* FROM entry e JOIN document d ON d.id = e.document_id
    WHERE e.to_location_id = l.id AND e.lot_id = b.lot_id AND d.kind <> 'reversal'
    ORDER BY e.id DESC LIMIT 1) w ON true
LEFT JOIN LATERAL (
    SELECT z.recall_id FROM lot_block z WHERE z.lot_id = b.lot_id AND z.until IS NULL
    ORDER BY z.id LIMIT 1) k ON true
WHERE b.quantity > 0
  AND (CAST(:facility_ids AS int[]) IS NULL OR b.facility_id = ANY (:facility_ids))
  AND (CAST(:lot AS bigint) IS NULL OR b.lot_id = :lot)
GROUP BY b.facility_id, f.id, t.id, i.id, l.id, w.id, w.kind, w.year, w.number, w.happened_on,
         w.origin, w.reason, w.note, k.recall_id
ORDER BY w.happened_on, f.code, i.code, t.number
"""


def quarantined(
    facility_ids: Iterable[int] | None = None, lot_id: int | None = None
) -> list[SetAside]:
    """What lies in quarantine per facility and lot, longest there first."""
    found = _ask(
        _SET_ASIDE,
        facility_ids=None if facility_ids is None else list(facility_ids),
        lot=lot_id,
    )
    return [_set_aside(r) for r in found]


def _set_aside(r: RowMapping) -> SetAside:
    since: dt.date | None = r["happened_on"]
    return SetAside(
        facility_id=r["facility_id"],
        facility_name=Text(r["facility_vi"], r["facility_en"]),
        goods=_goods(r),
        quantity=r["quantity"],
        amount_vnd=r["amount_vnd"],
        why=r["why"],
        since=since,
        document_id=r["document_id"],
        document_label=document_label(r["kind"], r["year"], r["number"]) if r["kind"] else "",
        recall_id=r["recall_id"],
        blocked=r["recall_id"] is not None,
    )
