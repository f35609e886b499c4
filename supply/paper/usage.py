"""What a facility used in a period, by item and purpose: for the usage reports 05D, 08D, 09D.

Consumption as the glossary defines it and `ledger_consumption` counts it: out of the store or of kits
to use, less what came back, a return taken off the day of its issue; reversed documents never were.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from supply.core.text import Text
from supply.inventory.asking import Row, ask
from supply.inventory.kinds import PURPOSES, Kind
from supply.paper.forms import Unit, Usage, UsageLine

CATEGORIES: dict[str, tuple[str, ...]] = {
    "usage_05d": ("drug", "vaccine", "oxygen"),
    "usage_08d": ("chemical",),
    "usage_09d": ("consumable", "ppe", "test_kit"),
}
UNNAMED = Text("Khác", "Other")

_USED = """
WITH place AS (
    SELECT id FROM location WHERE facility_id = :facility_id AND kind IN ('store', 'kit')
), undone AS (
    SELECT reverses_id FROM document WHERE reverses_id IS NOT NULL
), used AS (
    SELECT e.item_id, d.purpose, e.quantity, e.amount_vnd
    FROM entry e JOIN document d ON d.id = e.document_id
    WHERE e.from_location_id = ANY (ARRAY(SELECT id FROM place))
      AND e.to_location_id = (SELECT id FROM location WHERE kind = 'use')
      AND e.happened_on BETWEEN :first_day AND :last_day
      AND d.id NOT IN (SELECT reverses_id FROM undone)
    UNION ALL
    SELECT e.item_id, i.purpose, -e.quantity, -e.amount_vnd
    FROM document r
    JOIN document i ON i.id = r.follows_id
    JOIN entry e ON e.document_id = r.id
    WHERE r.kind = 'return' AND r.facility_id = :facility_id
      AND i.happened_on BETWEEN :first_day AND :last_day
      AND e.to_location_id = ANY (ARRAY(SELECT id FROM place))
      AND r.id NOT IN (SELECT reverses_id FROM undone)
      AND i.id NOT IN (SELECT reverses_id FROM undone)
)
SELECT i.id, i.code, i.name_vi, i.name_en, i.base_unit_vi, i.base_unit_en, u.purpose,
       sum(u.quantity)::bigint AS quantity, sum(u.amount_vnd)::bigint AS amount_vnd
FROM used u JOIN item i ON i.id = u.item_id
WHERE i.category = ANY (:categories)
GROUP BY i.id, u.purpose
HAVING sum(u.quantity) <> 0 OR sum(u.amount_vnd) <> 0
ORDER BY i.code, u.purpose
"""


def usage(code: str, facility_id: int, unit: Unit, first_day: dt.date, last_day: dt.date) -> Usage:
    """The figures of one of CATEGORIES' reports; a column for each purpose that occurs."""
    found = ask(
        _USED,
        facility_id=facility_id,
        first_day=first_day,
        last_day=last_day,
        categories=list(CATEGORIES[code]),
    )
    named = PURPOSES[Kind.ISSUE]
    order = [*named, ""]
    present = {str(r["purpose"]) for r in found}
    purposes = sorted(present, key=lambda p: order.index(p) if p in order else len(order))
    users = tuple(named.get(p, Text(p, p) if p else UNNAMED) for p in purposes)
    by_item: dict[int, list[Row]] = {}
    for row in found:
        by_item.setdefault(row["id"], []).append(row)
    lines = tuple(_line(rows, purposes) for rows in by_item.values())
    return Usage(code, unit, first_day, last_day, users or (UNNAMED,), lines)


def _line(rows: Sequence[Row], purposes: Sequence[str]) -> UsageLine:
    first = rows[0]
    used = {str(r["purpose"]): int(r["quantity"]) for r in rows}
    return UsageLine(
        first["code"],
        Text(first["name_vi"], first["name_en"]),
        Text(first["base_unit_vi"], first["base_unit_en"]),
        tuple(used.get(p, 0) for p in purposes),
        sum(r["amount_vnd"] for r in rows),
    )


def month_days(month: str) -> tuple[dt.date, dt.date] | None:
    """ "2022-03" as its first and last day; None where it names no month."""
    try:
        first = dt.date.fromisoformat(f"{month}-01")
    except ValueError:
        return None
    return first, (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
