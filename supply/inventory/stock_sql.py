"""The SQL of the stock list: one definition for now and any day, every grouping and every order. Pure.

Stock now of whole items is found by the kept sums (`stock_sum_sql`). For all else three shapes give the
same rows. `walk` goes through the items in the order of their codes and looks
into the stores from each, so that a first page costs a page and not the whole stock. `whole` sums
everything once: other orders, days in the past, totals, exports. For a page ordered by a figure that
needs no expiry, `top` finds the page's rows by that figure alone and sums the rest for them only.
"""

from __future__ import annotations

from dataclasses import dataclass

from supply.inventory import stock_sum_sql as kept
from supply.inventory.held_sql import HELD_NOW, PLACES, held_on

# What a row is beside its item: the SQL of its key, and the joins that the key needs.
GROUP_KEYS: dict[str, tuple[str, str]] = {
    "": ("p.facility_id", ""),
    "ward": ("coalesce(g.ward_id, 0)", "JOIN facility g ON g.id = p.facility_id"),
    "district": ("g.district_id", "JOIN facility g ON g.id = p.facility_id"),
    "item": ("CAST(0 AS bigint)", ""),
    "lot": ("x.lot_id", ""),
    "fund": ("n.fund_id", "JOIN consignment n ON n.id = x.consignment_id"),
}

# The name of a row's key, looked up for the rows that are shown.
GROUP_NAMES: dict[str, str] = {
    "": "SELECT name_vi AS label_vi, name_en AS label_en, NULL::date AS expiry FROM facility"
    " WHERE id = w.key",
    "ward": "SELECT name AS label_vi, name AS label_en, NULL::date AS expiry FROM ward"
    " WHERE id = w.key",
    "district": "SELECT name AS label_vi, name AS label_en, NULL::date AS expiry FROM district"
    " WHERE id = w.key",
    "item": "SELECT '' AS label_vi, '' AS label_en, NULL::date AS expiry",
    "lot": "SELECT number AS label_vi, number AS label_en, expiry FROM lot WHERE id = w.key",
    "fund": "SELECT name_vi AS label_vi, name_en AS label_en, NULL::date AS expiry FROM fund"
    " WHERE id = w.key",
}

# Orders: the SQL of what is sorted by, and its type for the key of the next page.
SORTS: dict[str, tuple[str, str]] = {
    "code": ("i.code::text", "text"),
    "quantity": ("h.quantity", "bigint"),
    "usable": ("h.usable", "bigint"),
    "expiry": ("coalesce(h.next_expiry, 'infinity'::date)", "date"),
    "value": ("h.amount_vnd", "bigint"),
    "on_way": ("h.on_way", "bigint"),
    "quarantined": ("h.quarantined", "bigint"),
    "place": ("coalesce((SELECT code FROM facility WHERE id = h.key), '')::text", "text"),
}

# Bound once: a function of the day would be asked for every row.
_DAY = "CAST(:day AS date)"
_BLOCKED_LOTS = f"""
blocked AS MATERIALIZED (
    SELECT coalesce(array_agg(lot_id), '{{}}') AS lots FROM lot_block
    WHERE (since AT TIME ZONE 'Asia/Ho_Chi_Minh')::date <= {_DAY}
      AND coalesce((until AT TIME ZONE 'Asia/Ho_Chi_Minh')::date > {_DAY}, true)
)"""
_BLOCKED = "x.lot_id = ANY ((SELECT lots FROM blocked)::bigint[])"
_FRESH = f"(t.expiry IS NULL OR t.expiry >= {_DAY})"
# What lots say of what is in the store, today.
_LOT_SUMS = f"""
        coalesce(sum(x.quantity) FILTER (WHERE p.kind = 'store' AND {_FRESH}
            AND NOT {_BLOCKED}), 0)::bigint AS usable,
        coalesce(sum(x.quantity) FILTER (WHERE p.kind = 'store' AND NOT {_BLOCKED}
            AND t.expiry BETWEEN {_DAY} AND {_DAY} + :near_days), 0)::bigint AS near,
        coalesce(sum(x.quantity) FILTER (WHERE p.kind = 'store' AND t.expiry < {_DAY}), 0)::bigint
            AS expired,
        coalesce(sum(x.quantity) FILTER (WHERE p.kind = 'store' AND {_FRESH} AND {_BLOCKED}),
            0)::bigint AS blocked,
        min(t.expiry) FILTER (WHERE p.kind = 'store' AND x.quantity > 0 AND t.expiry >= {_DAY})
            AS next_expiry"""
_SUMS = f"""
        coalesce(sum(x.quantity) FILTER (WHERE p.kind = 'store'), 0)::bigint AS quantity,
        {_LOT_SUMS},
        coalesce(sum(x.quantity) FILTER (WHERE p.kind = 'quarantine'), 0)::bigint AS quarantined,
        coalesce(sum(x.quantity) FILTER (WHERE p.kind = 'transit'), 0)::bigint AS on_way,
        coalesce(sum(x.amount_vnd) FILTER (WHERE p.kind = 'store'), 0)::bigint AS amount_vnd"""
# Which rows are wanted: by what their sums say.
SHOWN: dict[str, str] = {
    "": "h.quantity > 0 OR h.on_way > 0 OR h.quarantined > 0",
    "near": "h.near > 0",
    "expired": "h.expired > 0",
    "zero": "h.usable = 0",
    "quarantined": "h.quarantined > 0",
    "on_way": "h.on_way > 0",
}
_CASES = " ".join(f"WHEN '{k}' THEN {sql}" for k, sql in SHOWN.items())
_SHOWN = f"CASE :show {_CASES} ELSE true END"
_ITEM = """i.search LIKE ALL (CAST(:patterns AS text[]))
      AND (CAST(:category AS text) IS NULL OR i.category = :category)
      AND (CAST(:item_id AS int) IS NULL OR i.id = :item_id)"""
_COLUMNS = (
    "h.*, i.id AS item_id, i.code, i.name_vi, i.name_en, i.category, i.base_unit_vi, i.base_unit_en"
)


@dataclass(frozen=True)
class Shape:
    """What decides the text of the question; everything else is bound."""

    group: str = ""
    sort: str = "code"
    descending: bool = False
    dated: bool = False
    by_fund: bool = False
    after: bool = False
    narrowed: bool = True
    """stores were chosen: not all of the person's scope is looked at"""
    show: str = ""
    """decides the text only where a page is found by its figures; else it is bound"""
    any_item: bool = False
    """no condition on items: neither searched nor of one category"""

    @property
    def is_kept(self) -> bool:
        """Whether the kept sums find its rows: stock now of whole items, chosen by what they sum."""
        kept_show = self.show in kept.SHOWN and self.group in kept.KEYS
        return kept_show and not self.dated and not self.by_fund


def _joins(shape: Shape) -> str:
    joins = GROUP_KEYS[shape.group][1]
    if shape.by_fund and shape.group != "fund":
        joins += " JOIN consignment n ON n.id = x.consignment_id"
    return joins


def _fund(shape: Shape) -> str:
    return "AND n.fund_id = :fund_id" if shape.by_fund else ""


def _stores(shape: Shape) -> str:
    """Which stores' balances. Where nothing was chosen, the table's own policy says it all, and a
    second condition on the same column turns the planner away from the index by item."""
    if not shape.narrowed:
        return ""
    return "AND x.facility_id = ANY (ARRAY(SELECT DISTINCT facility_id FROM place))"


def _walk(shape: Shape) -> str:
    key = GROUP_KEYS[shape.group][0]
    begin = ""
    if shape.after:
        begin = f"AND i.code {'<=' if shape.descending else '>='} :after_code"
    return f"""
    SELECT {_COLUMNS}
    FROM item i
    CROSS JOIN LATERAL (
        SELECT {key} AS key, {_SUMS}
        FROM balance x JOIN location p ON p.id = x.location_id JOIN lot t ON t.id = x.lot_id
        {_joins(shape)}
        WHERE x.item_id = i.id
          {_stores(shape)} {_fund(shape)}
        GROUP BY {key}
    ) h
    WHERE {_ITEM} {begin} AND {_SHOWN}"""


def _whole(shape: Shape) -> str:
    key = GROUP_KEYS[shape.group][0]
    return f"""
    SELECT {_COLUMNS}
    FROM (
        SELECT x.item_id AS held_item_id, {key} AS key, {_SUMS}
        FROM ({held_on() if shape.dated else HELD_NOW}) x
        JOIN place p ON p.id = x.location_id JOIN lot t ON t.id = x.lot_id {_joins(shape)}
        WHERE true {_fund(shape)}
        GROUP BY x.item_id, {key}
    ) h JOIN item i ON i.id = h.held_item_id
    WHERE {_ITEM} AND {_SHOWN}"""


_TOP_SORTS = frozenset({"quantity", "value", "on_way", "quarantined"})
# What a page ordered by such a figure needs, over sums that need no lot: only those it asks for.
_TOP_SUMS: dict[str, str] = {
    "quantity": "sum(x.quantity) FILTER (WHERE p.kind = 'store')",
    "quarantined": "sum(x.quantity) FILTER (WHERE p.kind = 'quarantine')",
    "on_way": "sum(x.quantity) FILTER (WHERE p.kind = 'transit')",
    "amount_vnd": "sum(x.amount_vnd) FILTER (WHERE p.kind = 'store')",
    # No balance is below nothing, so one sum says whether any of the three is above it.
    "somewhere": "sum(x.quantity) FILTER (WHERE p.kind IN ('store', 'quarantine', 'transit'))",
}
_TOP_SHOWN: dict[str, tuple[str, str]] = {
    "": ("somewhere", "h.somewhere > 0"),
    "on_way": ("on_way", "h.on_way > 0"),
    "quarantined": ("quarantined", "h.quarantined > 0"),
    "all": ("quantity", "true"),
}


def _top(shape: Shape, after: str, order: str, limit: int) -> str:
    key = GROUP_KEYS[shape.group][0]
    needed, shown = _TOP_SHOWN[shape.show]
    wanted = sorted({needed, SORTS[shape.sort][0].removeprefix("h.")})
    sums = ", ".join(f"coalesce({_TOP_SUMS[name]}, 0)::bigint AS {name}" for name in wanted)
    return f"""
    SELECT {_COLUMNS}
    FROM (
        SELECT i.id AS top_item_id, h.key AS top_key
        FROM (
            SELECT x.item_id AS held_item_id, {key} AS key,
                {sums}
            FROM balance x JOIN place p ON p.id = x.location_id {_joins(shape)}
            WHERE true {_stores(shape)} {_fund(shape)}
            GROUP BY x.item_id, {key}
        ) h JOIN item i ON i.id = h.held_item_id
        WHERE {_ITEM} AND {shown} {after}
        ORDER BY {order} LIMIT {limit}
    ) top
    JOIN item i ON i.id = top.top_item_id
    CROSS JOIN LATERAL (
        SELECT {key} AS key, {_SUMS}
        FROM balance x JOIN location p ON p.id = x.location_id JOIN lot t ON t.id = x.lot_id
        {_joins(shape)}
        WHERE x.item_id = top.top_item_id AND {key} = top.top_key
          {_stores(shape)} {_fund(shape)}
        GROUP BY {key}
    ) h
    WHERE true"""


def rows_sql(shape: Shape, limit: int | None) -> str:
    """The rows in order with their names; `limit` of them from the key on, None: all.

    The number stands in the text: bound, it would be unknown to a plan that is kept.
    """
    value, kind = SORTS[shape.sort]
    down = " DESC" if shape.descending else ""
    now_page = limit is not None and not shape.dated
    after = ""
    if shape.after:
        sign = "<" if shape.descending else ">"
        after = f"""AND ({value}, i.code::text, h.key::bigint)
          {sign} (CAST(:after_value AS {kind}), :after_code, CAST(:after_key AS bigint))"""
    order = f"{value}{down}, i.code::text{down}, h.key::bigint{down}"
    if shape.sort == "code":
        order = f"i.code::text{down}, h.key::bigint{down}"
    if limit is not None and shape.is_kept and shape.sort in kept.SORTS:
        return _kept_rows(shape, after, order, limit)
    if now_page and shape.sort == "code":
        source = _walk(shape)
    elif (
        limit is not None
        and not shape.dated
        and shape.show in _TOP_SHOWN
        and shape.sort in _TOP_SORTS
    ):
        source, after = _top(shape, after, order, limit), ""
    else:
        source = _whole(shape)
    return f"""
WITH {PLACES}, {_BLOCKED_LOTS}, w AS (
    {source} {after}
    ORDER BY {order} {"" if limit is None else f"LIMIT {limit}"}
)
SELECT w.*, ({_sorted_by(shape)})::text AS sorted_by, name.label_vi, name.label_en,
       name.expiry AS lot_expiry
FROM w LEFT JOIN LATERAL ({GROUP_NAMES[shape.group]}) name ON true
ORDER BY {_sorted_by(shape)}{down}, w.code::text{down}, w.key{down}"""


def _kept_rows(shape: Shape, after: str, order: str, limit: int) -> str:
    down = " DESC" if shape.descending else ""
    by_code = shape.sort == "code"
    if shape.after:  # what comes before the key is not looked at: an index begins there
        value, kind = ("i.code", "text") if by_code else SORTS[shape.sort]
        key = ":after_code" if by_code else f"CAST(:after_value AS {kind})"
        after += f" AND {value} {'<=' if shape.descending else '>='} {key}"
    page = kept.rows_sql(
        shape.group, shape.show, item="true" if shape.any_item else _ITEM,
        narrowed=shape.narrowed, by_code=by_code, after=after, order=order, limit=limit,
    )  # fmt: skip
    lots = kept.lots_sql(shape.group, _LOT_SUMS, narrowed=shape.narrowed)
    return f"""
WITH {_BLOCKED_LOTS}, w AS ({page})
SELECT w.*, d.*, ({_sorted_by(shape)})::text AS sorted_by, name.label_vi, name.label_en,
       name.expiry AS lot_expiry
FROM w {lots} LEFT JOIN LATERAL ({GROUP_NAMES[shape.group]}) name ON true
ORDER BY {_sorted_by(shape)}{down}, w.code::text{down}, w.key{down}"""


def _sorted_by(shape: Shape) -> str:
    return SORTS[shape.sort][0].replace("h.", "w.").replace("i.", "w.")


def totals_sql(shape: Shape) -> str:
    """How many rows the filter finds, and their worth."""
    if shape.is_kept:
        item = "" if shape.any_item else _ITEM
        return kept.totals_sql(shape.group, shape.show, item=item, narrowed=shape.narrowed)
    return f"""
WITH {PLACES}, {_BLOCKED_LOTS}
SELECT count(*) AS rows, coalesce(sum(amount_vnd), 0)::bigint AS amount_vnd
FROM ({_whole(shape)}) w"""


def figures_sql() -> str:
    """How many rows each choice of what to show would find, in one pass: the home page's numbers."""
    counts = ", ".join(
        f"count(*) FILTER (WHERE {sql}) AS {'held' if k == '' else k}" for k, sql in SHOWN.items()
    )
    return f"""
WITH {PLACES}, {_BLOCKED_LOTS}
SELECT {counts} FROM ({_whole(Shape())}) h"""
