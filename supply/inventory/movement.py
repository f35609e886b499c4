"""The movement report: opening, in, out and closing of a period, in quantity and value.

One row per item (or item and facility, or item and fund); what came and went by kind of document.
Opening + in - out = closing holds exactly, in units and in đồng: all four come from the same entries.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from supply.core.text import Text
from supply.core.transaction import stream
from supply.inventory.asking import Row, ask, patterns
from supply.inventory.held_sql import PLACES, Where, held_on
from supply.inventory.kinds import Kind


class MovementGroup(StrEnum):
    """What a row is, beside its item."""

    ITEM = ""
    FACILITY = "facility"
    FUND = "fund"


@dataclass(frozen=True)
class MovementFilter:
    """The period (both ends included), the places, and which items. `place_kind`: the facilities'
    stores, or another of their places."""

    first_day: dt.date
    last_day: dt.date
    where: Where = Where()
    category: str | None = None
    search: str = ""
    group: MovementGroup = MovementGroup.ITEM
    place_kind: str = "store"
    item_id: int | None = None

    def params(self) -> dict[str, object]:
        """What the question binds."""
        return self.where.params() | {
            "first_day": self.first_day,
            "last_day": self.last_day,
            "patterns": patterns(self.search),
            "category": self.category,
            "place_kind": self.place_kind,
            "item_id": self.item_id,
        }


@dataclass(frozen=True)
class Flow:
    """A quantity in base units and its value in đồng."""

    quantity: int = 0
    amount_vnd: int = 0

    def __add__(self, other: Flow) -> Flow:
        return Flow(self.quantity + other.quantity, self.amount_vnd + other.amount_vnd)

    def __sub__(self, other: Flow) -> Flow:
        return Flow(self.quantity - other.quantity, self.amount_vnd - other.amount_vnd)


@dataclass(frozen=True)
class MovementRow:
    """One item (at `label`, where grouped). `came` and `went` by kind of document."""

    item_id: int
    item_code: str
    item_name: Text
    category: str
    unit: Text
    key: int
    label: Text
    opening: Flow
    came: dict[Kind, Flow] = field(default_factory=dict)
    went: dict[Kind, Flow] = field(default_factory=dict)

    @property
    def incoming(self) -> Flow:
        """All that came."""
        return sum(self.came.values(), Flow())

    @property
    def outgoing(self) -> Flow:
        """All that went."""
        return sum(self.went.values(), Flow())

    @property
    def closing(self) -> Flow:
        """What lay there at the end of the last day."""
        return self.opening + self.incoming - self.outgoing


_KEYS = {
    MovementGroup.ITEM: ("CAST(0 AS bigint)", ""),
    MovementGroup.FACILITY: ("p.facility_id", ""),
    MovementGroup.FUND: ("n.fund_id", "JOIN consignment n ON n.id = x.consignment_id"),
}
_NAMES = {
    MovementGroup.ITEM: "SELECT '' AS label_vi, '' AS label_en",
    MovementGroup.FACILITY: "SELECT name_vi AS label_vi, name_en AS label_en FROM facility"
    " WHERE id = m.key",
    MovementGroup.FUND: "SELECT name_vi AS label_vi, name_en AS label_en FROM fund"
    " WHERE id = m.key",
}


def _moves(group: MovementGroup) -> str:
    """One row per item, key and kind (kind NULL: the opening), ins and outs apart."""
    key, joins = _KEYS[group]
    opening = held_on("(CAST(:first_day AS date) - 1)")
    return f"""
WITH {PLACES.replace("WHERE l.facility_id", "WHERE l.kind = :place_kind AND l.facility_id", 1)},
moved AS (
    SELECT x.item_id, {key} AS key, NULL::text AS kind, sum(x.quantity) AS q_in,
           sum(x.amount_vnd) AS v_in, 0 AS q_out, 0 AS v_out
    FROM ({opening}) x JOIN place p ON p.id = x.location_id {joins}
    GROUP BY x.item_id, {key}
    UNION ALL
    SELECT x.item_id, {key}, d.kind, sum(x.quantity), sum(x.amount_vnd), 0, 0
    FROM entry x JOIN place p ON p.id = x.to_location_id
    JOIN document d ON d.id = x.document_id {joins}
    WHERE x.to_location_id = ANY (ARRAY(SELECT id FROM place))
      AND x.happened_on BETWEEN :first_day AND :last_day
    GROUP BY x.item_id, {key}, d.kind
    UNION ALL
    SELECT x.item_id, {key}, d.kind, 0, 0, sum(x.quantity), sum(x.amount_vnd)
    FROM entry x JOIN place p ON p.id = x.from_location_id
    JOIN document d ON d.id = x.document_id {joins}
    WHERE x.from_location_id = ANY (ARRAY(SELECT id FROM place))
      AND x.happened_on BETWEEN :first_day AND :last_day
    GROUP BY x.item_id, {key}, d.kind
)"""


def _rows_sql(group: MovementGroup) -> str:
    return f"""{_moves(group)}
SELECT i.id AS item_id, i.code, i.name_vi, i.name_en, i.category, i.base_unit_vi, i.base_unit_en,
       m.key, name.label_vi, name.label_en, m.kind, sum(m.q_in)::bigint AS q_in,
       sum(m.v_in)::bigint AS v_in, sum(m.q_out)::bigint AS q_out, sum(m.v_out)::bigint AS v_out
FROM moved m JOIN item i ON i.id = m.item_id
LEFT JOIN LATERAL ({_NAMES[group]}) name ON true
WHERE i.search LIKE ALL (CAST(:patterns AS text[]))
  AND (CAST(:category AS text) IS NULL OR i.category = :category)
  AND (CAST(:item_id AS int) IS NULL OR i.id = :item_id)
GROUP BY i.id, m.key, m.kind, name.label_vi, name.label_en
ORDER BY i.code, m.key, m.kind NULLS FIRST"""


def movement(wanted: MovementFilter) -> list[MovementRow]:
    """The report's rows, by item code: everything that lay there or moved in the period."""
    return list(_folded(ask(_rows_sql(wanted.group), **wanted.params())))


def all_movement(wanted: MovementFilter) -> Iterator[MovementRow]:
    """The same from a cursor."""
    return _folded(stream(_rows_sql(wanted.group), wanted.params()))


def totals(rows: list[MovementRow]) -> dict[str, int]:
    """Values of all rows in đồng: opening, came, went, closing. Quantities of different items are
    not added."""
    return {
        "opening": sum(r.opening.amount_vnd for r in rows),
        "came": sum(r.incoming.amount_vnd for r in rows),
        "went": sum(r.outgoing.amount_vnd for r in rows),
        "closing": sum(r.closing.amount_vnd for r in rows),
    }


def kinds_of(rows: list[MovementRow]) -> tuple[list[Kind], list[Kind]]:
    """The kinds by which anything came, and by which anything went, in the order of `Kind`."""
    came = {k for r in rows for k in r.came}
    went = {k for r in rows for k in r.went}
    return [k for k in Kind if k in came], [k for k in Kind if k in went]


def _folded(found: Iterable[Row]) -> Iterator[MovementRow]:
    for _, group in groupby(found, key=lambda r: (r["item_id"], r["key"])):
        opening = Flow()
        came: dict[Kind, Flow] = {}
        went: dict[Kind, Flow] = {}
        for r in group:
            if r["kind"] is None:
                opening = Flow(r["q_in"], r["v_in"])
                continue
            kind = Kind(r["kind"])
            if r["q_in"] or r["v_in"]:
                came[kind] = Flow(r["q_in"], r["v_in"])
            if r["q_out"] or r["v_out"]:
                went[kind] = Flow(r["q_out"], r["v_out"])
        yield MovementRow(
            r["item_id"],
            r["code"],
            Text(r["name_vi"], r["name_en"]),
            r["category"],
            Text(r["base_unit_vi"], r["base_unit_en"]),
            r["key"],
            Text(r["label_vi"] or "", r["label_en"] or ""),
            opening,
            came,
            went,
        )
