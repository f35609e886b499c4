"""The SQL of the stock list over the kept sums (`stock_sum`): stock now, of whole items. Pure.

A page is found by the sums alone, along an index where one gives its order; what depends on lots and
on the day (usable, near expiry, expired, recalled, next expiry) is then worked out for the rows of
the page only. Lists narrowed to a fund, of lots, of a past day, and those chosen or ordered by what
lots say, are `stock_sql`'s own.
"""

from __future__ import annotations

from collections.abc import Mapping

# What a row is beside its item: the SQL of its key, and the join that the key needs.
KEYS: Mapping[str, tuple[str, str]] = {
    "": ("s.facility_id", ""),
    "ward": ("coalesce(g.ward_id, 0)", "JOIN facility g ON g.id = s.facility_id"),
    "district": ("g.district_id", "JOIN facility g ON g.id = s.facility_id"),
    "item": ("CAST(0 AS bigint)", ""),
}
SORTS = frozenset({"code", "quantity", "value", "on_way", "quarantined"})
SHOWN: Mapping[str, str] = {
    "": "(h.quantity > 0 OR h.on_way > 0 OR h.quarantined > 0)",
    "quarantined": "h.quarantined > 0",
    "on_way": "h.on_way > 0",
    "all": "true",
}
_FIGURES = ("quantity", "amount_vnd", "quarantined", "on_way")
_ITEM_WORDS = "i.code, i.name_vi, i.name_en, i.category, i.base_unit_vi, i.base_unit_en"


def _stores(narrowed: bool, column: str) -> str:
    """Which stores. Where nothing was chosen, the table's own policy says it all."""
    if not narrowed:
        return ""
    return f"""AND {column} = ANY (ARRAY(
            SELECT f.id FROM facility f
            WHERE (CAST(:facility_ids AS int[]) IS NULL OR f.id = ANY (:facility_ids))
              AND (CAST(:district_id AS int) IS NULL OR f.district_id = :district_id)
              AND (CAST(:ward_id AS int) IS NULL OR f.ward_id = :ward_id)))"""


def _held(group: str, narrowed: bool, *, by_item: bool) -> str:
    """The sums as `h`: key, item and figures. `by_item`: for the one item `i` before it."""
    key, join = KEYS[group]
    own = "AND s.item_id = i.id" if by_item else ""
    stores = _stores(narrowed, "s.facility_id")
    if group == "":
        figures = ", ".join(f"s.{name}" for name in _FIGURES)
        more = ""
    else:
        figures = ", ".join(f"sum(s.{name})::bigint AS {name}" for name in _FIGURES)
        more = "GROUP BY 1" if by_item else "GROUP BY 1, 2"
    item = "" if by_item else ", s.item_id AS held_item_id"
    return f"""
        SELECT {key} AS key{item}, {figures}
        FROM stock_sum s {join}
        WHERE true {own} {stores}
        {more}"""


def rows_sql(
    group: str,
    show: str,
    *,
    item: str,
    narrowed: bool,
    by_code: bool,
    after: str,
    order: str,
    limit: int,
) -> str:
    """The rows of a page, `limit` of them, without what their lots say.

    `item`: the condition on `i`; `by_code`: in the order of items, so that each is looked up in turn;
    `after`: the condition that begins with AND, or nothing.
    """
    held = _held(group, narrowed, by_item=by_code)
    if by_code:
        source = f"item i CROSS JOIN LATERAL ({held}) h"
    else:
        source = f"({held}) h JOIN item i ON i.id = h.held_item_id"
    return f"""
    SELECT h.key, h.quantity, h.amount_vnd, h.quarantined, h.on_way, i.id AS item_id, {_ITEM_WORDS}
    FROM {source}
    WHERE {item} AND {SHOWN[show]} {after}
    ORDER BY {order} LIMIT {limit}"""


def lots_sql(group: str, sums: str, *, narrowed: bool) -> str:
    """What the lots in the stores say of the rows of `w`, as a JOIN of one row for each.

    `sums`: aggregates over balances `x` with their place `p` and lot `t`.
    """
    if group == "":
        return f"""CROSS JOIN LATERAL (
        SELECT {sums}
        FROM location p
        JOIN balance x ON x.location_id = p.id AND x.item_id = w.item_id
        JOIN lot t ON t.id = x.lot_id
        WHERE p.kind = 'store' AND p.facility_id = w.key) d"""
    key, join = (sql.replace("s.facility_id", "x.facility_id") for sql in KEYS[group])
    return f"""JOIN (
        SELECT x.item_id AS lots_item_id, {key} AS lots_key, {sums}
        FROM balance x JOIN location p ON p.id = x.location_id JOIN lot t ON t.id = x.lot_id {join}
        WHERE x.item_id = ANY (ARRAY(SELECT item_id FROM w)) {_stores(narrowed, "x.facility_id")}
        GROUP BY 1, 2) d ON d.lots_item_id = w.item_id AND d.lots_key = w.key"""


def totals_sql(group: str, show: str, *, item: str, narrowed: bool) -> str:
    """How many rows there are, and their worth. `item`: the condition on `i`, '' where any item is."""
    items = f"JOIN item i ON i.id = h.held_item_id WHERE {item} AND" if item else "WHERE"
    return f"""
SELECT count(*) AS rows, coalesce(sum(h.amount_vnd), 0)::bigint AS amount_vnd
FROM ({_held(group, narrowed, by_item=False)}) h {items} {SHOWN[show]}"""
