"""What a document would change before it is posted: later balances, counts, months already over.

The document is posted and rolled back inside one transaction, so the preview chooses the very lots
that posting would choose, and refuses what posting would refuse.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import NotEnoughStock
from supply.core.text import Text
from supply.core.transaction import transaction
from supply.inventory.asking import ask
from supply.inventory.documents import Document
from supply.inventory.kinds import document_label
from supply.inventory.periods import month_before, month_ends
from supply.inventory.services import post

COUNTS_SHOWN_MAX = 20


@dataclass(frozen=True)
class ItemEffect:
    """One item in the store, base units: what the day would close with, what lies there now, how
    many later movements would show another running balance, and the least it would come to."""

    item_id: int
    item_code: str
    item_name: Text
    unit: Text
    change: int
    day_before: int
    day_after: int
    now_before: int
    now_after: int
    later_movements: int
    lowest_after: int
    lowest_on: dt.date


@dataclass(frozen=True)
class CountEffect:
    """A count of that day or later whose difference would be another; `document_id` None: it has booked
    none, either because it found none or because it is still under way."""

    document_id: int | None
    label: str
    happened_on: dt.date


LaterCounts = Callable[[int, Sequence[int], dt.date], Sequence[CountEffect]]
_without_document: list[LaterCounts] = []


def counts_without_document(find: LaterCounts) -> LaterCounts:
    """Declare who knows the counts that booked nothing: (facility, items, day) -> those from that day
    on. Counting is another room's, which this one does not know."""
    _without_document.append(find)
    return find


@dataclass(frozen=True)
class Effect:
    """What posting a document would change. `months`: ends of months that are over and whose closing
    balances, and reports, would change."""

    happened_on: dt.date
    is_back_dated: bool
    items: tuple[ItemEffect, ...]
    counts: tuple[CountEffect, ...]
    months: tuple[dt.date, ...]


@dataclass(frozen=True)
class DayBalance:
    """What lay in a store at the end of a day on which it changed."""

    day: dt.date
    quantity: int


def lowest(days: Sequence[DayBalance], change: int) -> DayBalance:
    """The day on which stock is least if `change` is added to every one of `days` (not empty); the
    first of several."""
    found = min(days, key=lambda d: (d.quantity, d.day))
    return DayBalance(found.day, found.quantity + change)


def first_short_day(days: Sequence[DayBalance], asked: int) -> DayBalance | None:
    """The first day whose stock does not cover `asked`; None where all do.

    >>> first_short_day([DayBalance(dt.date(2022, 1, 1), 5), DayBalance(dt.date(2022, 1, 3), 2)], 4)
    DayBalance(day=datetime.date(2022, 1, 3), quantity=2)
    """
    return next((d for d in days if d.quantity < asked), None)


class _Undone(Exception):
    """Leaves the transaction, so that nothing of the trial stays."""


def effect_of(document: Document) -> Effect:
    """What posting `document` would change. Nothing is posted. Not to be called inside an open
    transaction, which the trial would undo.

    Raises what posting it would raise; NotEnoughStock then names the first day on which an item
    would fall below zero, where the item as a whole would.
    """
    day = document.happened_on or today()
    effect: Effect | None = None
    try:
        with transaction():
            before = _now(document.facility_id)
            posted = post(document)
            effect = _effect(posted.document_id, document.facility_id, day, before)
            raise _Undone
    except _Undone:
        assert effect is not None
        return effect
    except NotEnoughStock as error:
        raise _named(document, day, error) from error


_NOW = """
SELECT b.item_id, sum(b.quantity)::bigint AS quantity FROM balance b
JOIN location l ON l.id = b.location_id AND l.kind = 'store'
WHERE b.facility_id = :facility_id GROUP BY b.item_id
"""


def _now(facility_id: int) -> dict[int, int]:
    return {r["item_id"]: r["quantity"] for r in ask(_NOW, facility_id=facility_id)}


# The trial's own entries are among them; `later` does not count them.
_ITEMS = """
WITH place AS (
    SELECT id FROM location WHERE facility_id = :facility_id AND kind = 'store'
), mine AS (
    SELECT e.item_id, sum(CASE WHEN e.to_location_id = p.id THEN e.quantity
                               ELSE -e.quantity END)::bigint AS change
    FROM entry e JOIN place p ON p.id IN (e.to_location_id, e.from_location_id)
    WHERE e.document_id = :document_id GROUP BY e.item_id
), moved AS (
    SELECT e.item_id, e.happened_on, e.document_id, e.quantity
    FROM entry e JOIN mine m ON m.item_id = e.item_id
    WHERE e.to_location_id = (SELECT id FROM place) AND e.happened_on > :day
    UNION ALL
    SELECT e.item_id, e.happened_on, e.document_id, -e.quantity
    FROM entry e JOIN mine m ON m.item_id = e.item_id
    WHERE e.from_location_id = (SELECT id FROM place) AND e.happened_on > :day
), held AS (
    SELECT m.item_id, m.change, coalesce((
               SELECT sum(b.quantity) FROM balance b
               WHERE b.location_id = (SELECT id FROM place) AND b.item_id = m.item_id), 0)::bigint
           AS now_after
    FROM mine m
), days AS (
    -- Worked back from now: the close of the document's day, and of every later day that moved.
    SELECT h.item_id, :day AS day,
           (h.now_after - coalesce((SELECT sum(v.quantity) FROM moved v
                                    WHERE v.item_id = h.item_id), 0))::bigint AS quantity
    FROM held h
    UNION ALL
    SELECT h.item_id, v.happened_on, (h.now_after - coalesce((
               SELECT sum(w.quantity) FROM moved w
               WHERE w.item_id = h.item_id AND w.happened_on > v.happened_on), 0))::bigint
    FROM held h JOIN (SELECT DISTINCT item_id, happened_on FROM moved) v ON v.item_id = h.item_id
)
SELECT i.id, i.code, i.name_vi, i.name_en, i.base_unit_vi, i.base_unit_en, h.change, h.now_after,
       (SELECT quantity FROM days d WHERE d.item_id = i.id ORDER BY d.day LIMIT 1) AS day_after,
       (SELECT count(*) FROM moved v WHERE v.item_id = i.id) AS later,
       low.quantity AS lowest_after, low.day AS lowest_on
FROM held h JOIN item i ON i.id = h.item_id
CROSS JOIN LATERAL (SELECT d.quantity, d.day FROM days d WHERE d.item_id = i.id
                    ORDER BY d.quantity, d.day LIMIT 1) low
ORDER BY i.code
"""
_COUNTS = """
SELECT DISTINCT d.id, d.kind, d.year, d.number, d.happened_on
FROM document d JOIN entry e ON e.document_id = d.id
WHERE d.facility_id = :facility_id AND d.kind = 'adjustment' AND d.reason = 'count'
  AND d.happened_on >= :day AND d.id <> :document_id
  AND e.item_id IN (SELECT item_id FROM entry WHERE document_id = :document_id)
  AND NOT EXISTS (SELECT FROM document r WHERE r.reverses_id = d.id)
ORDER BY d.happened_on, d.id LIMIT :limit
"""


def _effect(document_id: int, facility_id: int, day: dt.date, before: dict[int, int]) -> Effect:
    params = {"document_id": document_id, "facility_id": facility_id, "day": day}
    items = tuple(
        ItemEffect(
            r["id"], r["code"], Text(r["name_vi"], r["name_en"]),
            Text(r["base_unit_vi"], r["base_unit_en"]), r["change"], r["day_after"] - r["change"],
            r["day_after"], before.get(r["id"], 0), r["now_after"], r["later"], r["lowest_after"],
            r["lowest_on"],
        )
        for r in ask(_ITEMS, **params)
    )  # fmt: skip
    counts = [
        CountEffect(r["id"], document_label(r["kind"], r["year"], r["number"]), r["happened_on"])
        for r in ask(_COUNTS, **params, limit=COUNTS_SHOWN_MAX)
    ]
    for find in _without_document:
        counts += find(facility_id, [i.item_id for i in items], day)
    counts.sort(key=lambda c: (c.happened_on, c.label))
    months = tuple(month_ends(month_before(day), month_before(today())))
    return Effect(day, day < today(), items, tuple(counts[:COUNTS_SHOWN_MAX]), months)


_DAYS = """
WITH place AS (
    SELECT id FROM location WHERE facility_id = :facility_id AND kind = 'store'
), moved AS (
    SELECT e.happened_on AS day, e.quantity FROM entry e
    WHERE e.to_location_id = (SELECT id FROM place) AND e.item_id = :item_id
    UNION ALL
    SELECT e.happened_on, -e.quantity FROM entry e
    WHERE e.from_location_id = (SELECT id FROM place) AND e.item_id = :item_id
), days AS (
    SELECT greatest(day, CAST(:day AS date)) AS day, sum(quantity) AS quantity FROM moved
    GROUP BY 1
    UNION ALL SELECT CAST(:day AS date), 0
)
SELECT day, sum(sum(quantity)) OVER (ORDER BY day)::bigint AS quantity
FROM days GROUP BY day ORDER BY day
"""


def days_from(facility_id: int, item_id: int, day: dt.date) -> list[DayBalance]:
    """What the store held at the end of `day`, and of every later day on which it changed."""
    found = ask(_DAYS, facility_id=facility_id, item_id=item_id, day=day)
    return [DayBalance(r["day"], r["quantity"]) for r in found]


def _named(document: Document, day: dt.date, error: NotEnoughStock) -> NotEnoughStock:
    """The refusal with the day on which an item would fall below zero."""
    codes = [line.item_code for line in document.lines]
    packs = {p.id: p.units_per_pack for item in catalog.items(codes) for p in item.packs}
    asked: dict[str, int] = {}
    for line in document.lines:
        if getattr(line, "direction", "out") == "out" and line.quantity is not None:
            units = line.quantity * packs.get(line.pack_id or 0, 1)
            asked[line.item_code] = asked.get(line.item_code, 0) + units
    for code, quantity in asked.items():
        found = ask("SELECT id, base_unit_vi, base_unit_en FROM item WHERE code = :code", code=code)
        if not found:
            continue
        short = first_short_day(days_from(document.facility_id, found[0]["id"], day), quantity)
        if short is None:
            continue
        return NotEnoughStock(
            Text(
                f"{code} sẽ âm vào ngày {short.day:%d/%m/%Y}: hôm đó còn {short.quantity} "
                f"{found[0]['base_unit_vi']}, phiếu cần {quantity}.",
                f"{code} would fall below zero on {short.day:%d/%m/%Y}: {short.quantity} "
                f"{found[0]['base_unit_en']} are there that day, the document needs {quantity}.",
            ),
            error.faults,
        )
    return error
