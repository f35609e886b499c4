"""What is asked of counts. One set-based question each; rows outside one's scope do not appear."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, text

from supply.core.errors import NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.counts.rows import (
    ComparedLine,
    Comparison,
    CountEvent,
    CountHead,
    LateMove,
    SheetLine,
    Tally,
    label_of,
)
from supply.counts.variance import Held, Restated, Variance, totals
from supply.counts.words import ACTIVE_STATES
from supply.inventory.backdating import CountEffect, counts_without_document
from supply.inventory.kinds import document_label

Lot = tuple[int, str]
"""An item's id and a lot number; what a line of a sheet stands for."""


def _ask(sql: str, **params: object) -> Sequence[RowMapping]:
    with reading() as session:
        return session.connection().execute(text(sql), params).mappings().all()


_HEADS = """
SELECT c.id, c.facility_id, f.code AS facility_code, f.name_vi AS facility_vi,
       f.name_en AS facility_en, c.counted_on, c.year, c.number, c.scope, c.category, c.note, c.state, c.reason,
       c.committee, c.document_id, concat_ws(' ', u.first_name, u.last_name) AS opened_by,
       o.happened_at AS opened_at,
       (SELECT count(*) FROM stock_count_line l WHERE l.count_id = c.id) AS lines,
       (SELECT count(DISTINCT t.line_id) FROM stock_count_tally t WHERE t.count_id = c.id) AS tallied
FROM stock_count c
JOIN facility f ON f.id = c.facility_id
JOIN stock_count_event o ON o.count_id = c.id AND o.state = 'open'
JOIN ab_user u ON u.id = o.by_user
"""


def counts(
    facility_id: int | None = None,
    states: Sequence[str] | None = None,
    *,
    after: int | None = None,
    limit: int = 50,
) -> tuple[list[CountHead], int | None]:
    """Counts, newest first, and what to pass as `after` for the next page (None: no more)."""
    found = _ask(
        _HEADS
        + """
WHERE (CAST(:facility AS int) IS NULL OR c.facility_id = :facility)
  AND (CAST(:states AS text[]) IS NULL OR c.state = ANY (:states))
  AND (CAST(:after AS bigint) IS NULL OR c.id < :after)
ORDER BY c.id DESC LIMIT :limit""",
        facility=facility_id,
        states=None if states is None else list(states),
        after=after,
        limit=limit + 1,
    )
    heads = [_head(r) for r in found[:limit]]
    return heads, heads[-1].id if len(found) > limit else None


def active_counts() -> int:
    """How many counts are under way in one's facilities."""
    found = _ask(
        "SELECT count(*) AS n FROM stock_count WHERE state = ANY (:states)",
        states=list(ACTIVE_STATES),
    )
    return int(found[0]["n"])


def count(count_id: int) -> CountHead:
    """One count. Raises NotFound."""
    found = _ask(_HEADS + "WHERE c.id = :id", id=count_id)
    if not found:
        raise NotFound(Text("Không có đợt kiểm kê này.", "There is no such count."))
    return _head(found[0])


def _head(r: RowMapping) -> CountHead:
    plain = {
        name: r[name]
        for name in CountHead.__dataclass_fields__
        if name not in {"facility_name", "committee"}
    }
    return CountHead(
        **plain,
        facility_name=Text(r["facility_vi"], r["facility_en"]),
        committee=tuple((m["name"], m["title"]) for m in r["committee"]),
    )


def events(count_id: int) -> list[CountEvent]:
    """Each state the count entered, oldest first."""
    found = _ask(
        """
SELECT e.state, e.happened_at, concat_ws(' ', u.first_name, u.last_name) AS by
FROM stock_count_event e JOIN ab_user u ON u.id = e.by_user
WHERE e.count_id = :id ORDER BY e.id""",
        id=count_id,
    )
    return [CountEvent(r["state"], r["happened_at"], r["by"]) for r in found]


_LINES = """
SELECT l.id, l.item_id, i.code AS item_code, i.name_vi, i.name_en, i.category, i.base_unit_vi,
       i.base_unit_en, l.lot_number, l.expiry, l.listed, l.round, u.code AS fund_code,
       l.unit_price_vnd
FROM stock_count_line l JOIN item i ON i.id = l.item_id LEFT JOIN fund u ON u.id = l.fund_id
WHERE l.count_id = :id ORDER BY i.category, i.code, l.expiry NULLS LAST, l.lot_number
"""
_TALLIES = """
SELECT DISTINCT ON (t.line_id, t.round) t.line_id, t.id, t.round, t.quantity, t.poor, t.spoiled,
       t.note, t.counted_by AS by_id, concat_ws(' ', u.first_name, u.last_name) AS by,
       t.counted_at AS at
FROM stock_count_tally t JOIN ab_user u ON u.id = t.counted_by
WHERE t.count_id = :id AND (CAST(:lines AS bigint[]) IS NULL OR t.line_id = ANY (:lines))
ORDER BY t.line_id, t.round, t.id DESC
"""


def tallies(count_id: int, line_ids: Sequence[int] | None = None) -> dict[int, list[Tally]]:
    """line -> the count that stands of each round, first to last."""
    found: dict[int, list[Tally]] = defaultdict(list)
    for r in _ask(_TALLIES, id=count_id, lines=None if line_ids is None else list(line_ids)):
        found[r["line_id"]].append(Tally(**{n: r[n] for n in Tally.__dataclass_fields__}))
    return found


def sheet(count_id: int) -> list[SheetLine]:
    """The blind sheet, in the order of shelves: category, item, expiry. Raises NotFound."""
    count(count_id)
    counted = tallies(count_id)
    return [_sheet_line(r, counted.get(r["id"], [])) for r in _ask(_LINES, id=count_id)]


def _sheet_line(r: RowMapping, counted: Sequence[Tally]) -> SheetLine:
    return SheetLine(
        r["id"],
        r["item_id"],
        r["item_code"],
        Text(r["name_vi"], r["name_en"]),
        r["category"],
        Text(r["base_unit_vi"], r["base_unit_en"]),
        r["lot_number"],
        r["expiry"],
        r["listed"],
        r["round"],
        r["fund_code"],
        r["unit_price_vnd"],
        next((tally for tally in counted if tally.round == r["round"]), None),
    )


# --- against the book ----------------------------------------------------------------------------

_BOOK = """
SELECT k.item_id, t.number, k.consignment_id, k.quantity, k.quantity_now, k.amount_vnd
FROM stock_count c CROSS JOIN LATERAL store_book(c.facility_id, c.counted_on) k
JOIN lot t ON t.id = k.lot_id
WHERE c.id = :id AND k.item_id IN (SELECT item_id FROM stock_count_line WHERE count_id = :id)
ORDER BY k.consignment_id
"""


def held_lots(count_id: int) -> dict[Lot, list[Held]]:
    """What the store held of each lot of the sheet's items on the count's day, and holds now."""
    found: dict[Lot, list[Held]] = defaultdict(list)
    for r in _ask(_BOOK, id=count_id):
        found[r["item_id"], r["number"]].append(
            Held(r["consignment_id"], r["quantity"], r["quantity_now"])
        )
    return found


def _book(count_id: int) -> dict[Lot, tuple[int, int]]:
    found: dict[Lot, tuple[int, int]] = {}
    for r in _ask(_BOOK, id=count_id):
        key = (r["item_id"], r["number"])
        quantity, amount = found.get(key, (0, 0))
        found[key] = (quantity + r["quantity"], amount + r["amount_vnd"])
    return found


def compare(count_id: int) -> Comparison:
    """The count against the book: as it stands today for one under way, as it stood when it was
    resolved for one that is done, with what was back-dated since. Raises NotFound."""
    head = count(count_id)
    counted = tallies(count_id)
    lines = [(_sheet_line(r, counted.get(r["id"], [])), r["id"]) for r in _ask(_LINES, id=count_id)]
    if head.state == "resolved":
        return _resolved(head, lines, counted)
    book = _book(count_id)
    compared = []
    for line, key in lines:
        quantity, amount = book.get((line.item_id, line.lot_number), (0, 0))
        stands = tuple(counted.get(key, ()))
        value = stands[-1].quantity if stands else None
        variance = Variance(quantity, amount, value, line.unit_price_vnd or 0)
        compared.append(ComparedLine(line, variance, stands))
    return Comparison(
        head, tuple(compared), totals(c.variance for c in compared), _digest(compared)
    )


def _digest(lines: Sequence[ComparedLine]) -> str:
    """Names the book and the counts that a person looked at before resolving."""
    seen = "|".join(
        f"{line.sheet.id}:{line.variance.book_quantity}:{line.variance.counted_quantity}"
        for line in sorted(lines, key=lambda one: one.sheet.id)
    )
    return hashlib.sha256(seen.encode()).hexdigest()[:32]


_RESULTS = """
SELECT r.line_id, r.book_quantity, r.book_amount_vnd, r.counted_quantity, r.adjusted_amount_vnd,
       r.reason
FROM stock_count_result r WHERE r.count_id = :id
"""
# The count's own adjustment, and what undid it, are not part of the book it is compared with.
_OWN = """
SELECT e.item_id, t.number, sum(CASE WHEN p.kind = 'store' THEN e.quantity ELSE -e.quantity END)
FROM stock_count c
JOIN document d ON d.id = c.document_id OR d.reverses_id = c.document_id
JOIN entry e ON e.document_id = d.id AND e.happened_on <= c.counted_on
JOIN lot t ON t.id = e.lot_id
JOIN location p ON p.id = e.to_location_id
WHERE c.id = :id GROUP BY e.item_id, t.number
"""
_LATE = """
SELECT d.id, d.kind, d.year, d.number, d.happened_on, d.recorded_at,
       concat_ws(' ', u.first_name, u.last_name) AS by, i.code, i.name_vi, i.name_en,
       t.number AS lot_number,
       sum(CASE WHEN e.to_location_id = p.id THEN e.quantity ELSE -e.quantity END)::bigint AS moved
FROM stock_count c
JOIN location p ON p.facility_id = c.facility_id AND p.kind = 'store'
JOIN document d ON d.facility_id = c.facility_id AND d.id > coalesce(c.document_id, 0)
 AND d.happened_on <= c.counted_on AND d.recorded_at > (
    SELECT max(happened_at) FROM stock_count_event v WHERE v.count_id = c.id AND v.state = 'resolved')
JOIN entry e ON e.document_id = d.id AND p.id IN (e.from_location_id, e.to_location_id)
JOIN lot t ON t.id = e.lot_id
JOIN item i ON i.id = e.item_id
JOIN ab_user u ON u.id = d.recorded_by
WHERE c.id = :id AND d.reverses_id IS DISTINCT FROM c.document_id
  AND (c.scope = 'all' OR e.item_id IN (SELECT item_id FROM stock_count_line WHERE count_id = c.id))
GROUP BY d.id, u.id, i.id, t.id ORDER BY d.id, i.code, t.number LIMIT 500
"""


def _resolved(
    head: CountHead,
    lines: Sequence[tuple[SheetLine, int]],
    counted: Mapping[int, Sequence[Tally]],
) -> Comparison:
    kept = {r["line_id"]: r for r in _ask(_RESULTS, id=head.id)}
    own = {(r["item_id"], r["number"]): r["sum"] for r in _ask(_OWN, id=head.id)}
    book = _book(head.id)
    late = _ask(_LATE, id=head.id)
    compared = [
        _resolved_line(line, kept[key], tuple(counted.get(key, ())), book, own)
        for line, key in lines
        if key in kept
    ]
    undone = _ask("SELECT FROM document WHERE reverses_id = :id", id=head.document_id)
    return Comparison(
        head,
        tuple(compared),
        totals(c.variance for c in compared),
        _digest(compared),
        tuple(_late(r) for r in late),
        bool(undone),
    )


def _resolved_line(
    line: SheetLine,
    kept: RowMapping,
    stands: tuple[Tally, ...],
    book: Mapping[Lot, tuple[int, int]],
    own: Mapping[Lot, int],
) -> ComparedLine:
    variance = Variance(
        kept["book_quantity"],
        kept["book_amount_vnd"],
        kept["counted_quantity"],
        line.unit_price_vnd or 0,
    )
    key = (line.item_id, line.lot_number)
    now = book.get(key, (0, 0))[0] - int(own.get(key, 0))
    restated = None
    if variance.counted_quantity is not None:
        restated = Restated(variance.book_quantity, now, variance.counted_quantity)
    return ComparedLine(
        line, variance, stands, kept["reason"], kept["adjusted_amount_vnd"], restated
    )


def _late(r: Mapping[Any, Any]) -> LateMove:
    return LateMove(
        r["id"],
        document_label(r["kind"], r["year"], r["number"]),
        r["happened_on"],
        r["recorded_at"],
        r["by"],
        r["code"],
        Text(r["name_vi"], r["name_en"]),
        r["lot_number"],
        r["moved"],
    )


# --- for whoever back-dates ----------------------------------------------------------------------

_BOOKED_NOTHING = """
SELECT c.year, c.number, c.counted_on FROM stock_count c
WHERE c.facility_id = :facility AND c.counted_on >= :day AND c.state <> 'cancelled'
  AND c.document_id IS NULL
  AND EXISTS (SELECT FROM stock_count_line l
              WHERE l.count_id = c.id AND l.item_id = ANY (CAST(:items AS int[])))
ORDER BY c.counted_on, c.id LIMIT 20
"""


@counts_without_document
def booked_nothing(facility_id: int, item_ids: Sequence[int], day: dt.date) -> list[CountEffect]:
    """Counts of that day or later, of any of these items, that booked no difference: one that found
    none, or one still under way. What is back-dated before them gives them one."""
    found = _ask(_BOOKED_NOTHING, facility=facility_id, items=list(item_ids), day=day)
    return [CountEffect(None, label_of(r["year"], r["number"]), r["counted_on"]) for r in found]
