"""Spending by fund, to the đồng: one set-based question over the ledger's entries.

Rows outside the acting person's scope do not appear. Reads the ledger's tables, writes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import text

from supply.core.errors import NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.finance.figures import Figures, SpendingRow
from supply.inventory.kinds import document_label

SplitBy = Literal["fund", "facility", "item"]


@dataclass(frozen=True)
class Asked:
    """What is asked about. None: no limit. Days are included on both ends."""

    district: str | None = None
    facility_ids: tuple[int, ...] | None = None
    fund_id: int | None = None
    item_id: int | None = None
    first_day: dt.date | None = None
    last_day: dt.date | None = None

    def params(self) -> dict[str, Any]:
        """For the questions below."""
        ids = None if self.facility_ids is None else list(self.facility_ids)
        return {
            "district": self.district,
            "facility_ids": ids,
            "fund_id": self.fund_id,
            "item_id": self.item_id,
            "first_day": self.first_day or dt.date.min,
            "last_day": self.last_day or dt.date.max,
        }


# A leg is what an entry does to one of the places asked about: `net` is positive for what enters
# it. An entry between two of them has two legs, which cancel.
_LEGS = """
WITH place AS (
    SELECT l.id, l.kind, l.facility_id FROM location l
    JOIN facility f ON f.id = l.facility_id
    JOIN district d ON d.id = f.district_id
    WHERE f.id = ANY ((SELECT supply_read_ids())::int[])
      AND (CAST(:facility_ids AS int[]) IS NULL OR f.id = ANY (:facility_ids))
      AND (CAST(:district AS text) IS NULL OR d.slug = :district)
), leg AS (
    {into}
    UNION ALL
    {out_of}
)
"""
_LEG = """
    SELECT e.id, e.document_id, e.happened_on, e.item_id, e.lot_id, e.consignment_id, c.fund_id,
           p.facility_id, p.kind, o.kind AS other, o.facility_id AS other_facility_id,
           {sign}e.amount_vnd AS net, {sign}e.quantity AS quantity, {border} AS crosses,
           o.kind = 'lender' AND EXISTS (SELECT FROM document d WHERE d.id = e.document_id
                                         AND d.kind = 'reversal') AS undoes
    FROM place p
    JOIN entry e ON e.{here}_location_id = p.id
    JOIN location o ON o.id = e.{there}_location_id
    JOIN consignment c ON c.id = e.consignment_id
    WHERE e.happened_on <= :last_day
      AND (CAST(:fund_id AS int) IS NULL OR c.fund_id = :fund_id)
      AND (CAST(:item_id AS int) IS NULL OR e.item_id = :item_id)"""
_OTHER_FACILITY = "o.facility_id IS DISTINCT FROM p.facility_id"
_OUTSIDE_ALL = "o.id NOT IN (SELECT id FROM place)"

# figure -> (which legs, sign). The period's flows, then what lies there at its end.
_IN_PERIOD = "happened_on >= :first_day"
_FIGURES: dict[str, tuple[str, int]] = {
    "brought_forward": ("happened_on < :first_day", 1),
    "received": (f"{_IN_PERIOD} AND other IN ('supplier', 'donor')", 1),
    "opening": (f"{_IN_PERIOD} AND other = 'opening'", 1),
    "adjusted": (f"{_IN_PERIOD} AND other = 'adjustment'", 1),
    "from_lenders": (f"{_IN_PERIOD} AND other = 'lender' AND (net > 0) <> undoes", 1),
    "transferred_in": (
        f"{_IN_PERIOD} AND crosses AND other_facility_id IS NOT NULL AND net > 0",
        1,
    ),
    "used": (f"{_IN_PERIOD} AND other = 'use'", -1),
    "lost": (f"{_IN_PERIOD} AND other = 'loss'", -1),
    "to_lenders": (f"{_IN_PERIOD} AND other = 'lender' AND (net > 0) = undoes", -1),
    "transferred_out": (
        f"{_IN_PERIOD} AND crosses AND other_facility_id IS NOT NULL AND net < 0",
        -1,
    ),
    "in_stock": ("kind <> 'transit'", 1),
    "in_transit": ("kind = 'transit'", 1),
}
_COLUMNS = ",\n".join(
    f"coalesce({'-' if sign < 0 else ''}sum(net) FILTER (WHERE {legs}), 0)::bigint AS {name}"
    for name, (legs, sign) in _FIGURES.items()
)
_SPLIT: dict[SplitBy, tuple[str, str, str]] = {
    "fund": ("NULL::int", "", ""),
    "facility": (
        "facility_id",
        "LEFT JOIN facility x ON x.id = k.key",
        "x.code, x.name_vi, x.name_en",
    ),
    "item": ("item_id", "LEFT JOIN item x ON x.id = k.key", "x.code, x.name_vi, x.name_en"),
}


def _legs(by: SplitBy) -> str:
    border = _OTHER_FACILITY if by == "facility" else _OUTSIDE_ALL
    return _LEGS.format(
        into=_LEG.format(sign="", here="to", there="from", border=border),
        out_of=_LEG.format(sign="-", here="from", there="to", border=border),
    )


def spending(asked: Asked, by: SplitBy = "fund") -> list[SpendingRow]:
    """The figures of each fund, or of each fund at each facility, or in each item; by fund code.

    Split by facility, a transfer between two of them is shown by both; otherwise only transfers
    from or to facilities outside of what was asked about are.
    """
    key, join, names = _SPLIT[by]
    sql = f"""{_legs(by)}, k AS (
        SELECT fund_id, {key} AS key, {_COLUMNS} FROM leg GROUP BY 1, 2
    )
    SELECT k.*, u.code AS fund_code, u.name_vi AS fund_vi, u.name_en AS fund_en,
           {names or "'' AS code, '' AS name_vi, '' AS name_en"}
    FROM k JOIN fund u ON u.id = k.fund_id {join}
    ORDER BY u.code, {"x.code" if join else "1"}"""
    with reading() as session:
        found = session.connection().execute(text(sql), asked.params()).mappings().all()
    return [_row(row) for row in found]


def _row(row: Mapping[Any, Any]) -> SpendingRow:
    return SpendingRow(
        row["fund_id"],
        row["fund_code"],
        Text(row["fund_vi"], row["fund_en"]),
        row["key"],
        row["code"],
        Text(row["name_vi"], row["name_en"]),
        Figures(**{name: row[name] for name in _FIGURES}),
    )


# --- the rows behind a figure --------------------------------------------------------------------


@dataclass(frozen=True)
class Behind:
    """One movement behind a figure; for stock, one lot that lies there (`document_id` None)."""

    entry_id: int
    day: dt.date | None
    document_id: int | None
    document_label: str
    facility_id: int
    facility_name: Text
    item_id: int
    item_code: str
    item_name: Text
    unit: Text
    lot_number: str
    fund_code: str
    paper_reference: str
    quantity: int
    amount_vnd: int


@dataclass(frozen=True)
class BehindPage:
    """Some of the rows, how many there are and what they come to in all."""

    rows: tuple[Behind, ...]
    count: int
    amount_vnd: int
    next_after: int | None


_MOVES = """{legs}, chosen AS (
    SELECT id, document_id, happened_on, item_id, lot_id, consignment_id, facility_id,
           {sign} * net AS amount_vnd, {sign} * quantity AS quantity
    FROM leg WHERE {which}
)"""
# What lies in a place is the sum of its legs per consignment; rows are numbered to page through.
_HELD = """{legs}, chosen AS (
    SELECT row_number() OVER (ORDER BY facility_id DESC, item_id DESC, consignment_id DESC) AS id,
           NULL::bigint AS document_id, NULL::date AS happened_on, item_id, lot_id,
           consignment_id, facility_id, sum(net)::bigint AS amount_vnd,
           sum(quantity)::bigint AS quantity
    FROM leg WHERE {which}
    GROUP BY item_id, lot_id, consignment_id, facility_id
    HAVING sum(quantity) <> 0 OR sum(net) <> 0
)"""
_BEHIND = """
SELECT m.*, f.name_vi AS facility_vi, f.name_en AS facility_en,
       i.code, i.name_vi, i.name_en, i.base_unit_vi, i.base_unit_en, t.number AS lot_number,
       u.code AS fund_code, c.paper_reference, d.kind, d.year, d.number,
       (SELECT count(*) FROM chosen) AS all_count,
       (SELECT coalesce(sum(amount_vnd), 0)::bigint FROM chosen) AS all_amount
FROM chosen m
JOIN facility f ON f.id = m.facility_id
JOIN item i ON i.id = m.item_id
JOIN lot t ON t.id = m.lot_id
JOIN consignment c ON c.id = m.consignment_id
JOIN fund u ON u.id = c.fund_id
LEFT JOIN document d ON d.id = m.document_id
WHERE (CAST(:after AS bigint) IS NULL OR m.id < :after)
ORDER BY m.id DESC LIMIT :limit
"""


def behind(
    figure: str,
    asked: Asked,
    by: SplitBy = "fund",
    *,
    after: int | None = None,
    limit: int = 100,
) -> BehindPage:
    """The movements that make up a figure, newest first; for stock, the lots that lie there.

    Raises NotFound for a figure that does not exist.
    """
    if figure not in _FIGURES:
        raise NotFound(Text(f"Không có chỉ tiêu {figure}.", f"There is no figure {figure}."))
    which, sign = _FIGURES[figure]
    held = figure in ("brought_forward", "in_stock", "in_transit")
    sql = (_HELD if held else _MOVES).format(legs=_legs(by), which=which, sign=sign) + _BEHIND
    params = asked.params() | {"after": after, "limit": limit + 1}
    with reading() as session:
        found = session.connection().execute(text(sql), params).mappings().all()
    rows = tuple(_behind(row) for row in found[:limit])
    more = rows[-1].entry_id if len(found) > limit else None
    if not found:
        return BehindPage((), 0, 0, None)
    return BehindPage(rows, found[0]["all_count"], found[0]["all_amount"], more)


def _behind(row: Mapping[Any, Any]) -> Behind:
    label = "" if row["kind"] is None else document_label(row["kind"], row["year"], row["number"])
    return Behind(
        entry_id=row["id"],
        day=row["happened_on"],
        document_id=row["document_id"],
        document_label=label,
        facility_id=row["facility_id"],
        facility_name=Text(row["facility_vi"], row["facility_en"]),
        item_id=row["item_id"],
        item_code=row["code"],
        item_name=Text(row["name_vi"], row["name_en"]),
        unit=Text(row["base_unit_vi"], row["base_unit_en"]),
        lot_number=row["lot_number"],
        fund_code=row["fund_code"],
        paper_reference=row["paper_reference"],
        quantity=row["quantity"],
        amount_vnd=row["amount_vnd"],
    )
