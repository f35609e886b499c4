"""Reports that are computed whole, shown a page at a time: one sort key per row, paging by it.

A report is the SQL of a table `r`; its orders are texts over `r` (numbers padded), so that one
comparison pages all of them. Rows outside the person's scope do not appear.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from supply.core.transaction import stream
from supply.inventory.asking import Row, ask, patterns
from supply.inventory.held_sql import PLACES, Where


@dataclass(frozen=True)
class Report:
    """`body`: the SQL of the rows, after the CTE `place`; `sorts`: name -> text to sort by, the
    first is the usual; `tail`: makes each row's key its own; `ctes`: further CTEs."""

    body: str
    sorts: Mapping[str, str]
    tail: str
    ctes: str = ""


@dataclass(frozen=True)
class Asked:
    """What every report may be asked: which stores, category, words, order."""

    where: Where = Where()
    category: str | None = None
    search: str = ""
    sort: str = ""
    descending: bool = False

    def params(self) -> dict[str, object]:
        """What reports bind."""
        return self.where.params() | {
            "category": self.category,
            "patterns": patterns(self.search),
        }


ITEM_WANTED = """i.search LIKE ALL (CAST(:patterns AS text[]))
  AND (CAST(:category AS text) IS NULL OR i.category = :category)"""
ITEM_COLUMNS = """i.id AS item_id, i.code AS item_code, i.name_vi, i.name_en, i.category,
       i.base_unit_vi, i.base_unit_en"""
PLACE_COLUMNS = (
    "f.id AS facility_id, f.code AS facility_code, f.name_vi AS facility_vi,"
    " f.name_en AS facility_en"
)


def padded(number: str) -> str:
    """A whole number (or NULL, which comes first) as text that sorts like it."""
    return f"coalesce(lpad(({number})::text, 20, '0'), '')"


def _sql(report: Report, asked: Asked, end: str) -> str:
    sort = report.sorts.get(asked.sort) or next(iter(report.sorts.values()))
    ctes = f", {report.ctes}" if report.ctes else ""
    return f"""
WITH {PLACES}{ctes}, keyed AS (
    SELECT r.*, ({sort} || '~' || {report.tail}) COLLATE "C" AS sort_key FROM ({report.body}) r
)
{end}"""


def page(
    report: Report, asked: Asked, more: Mapping[str, object], after: str | None, limit: int = 100
) -> tuple[list[Row], str | None]:
    """A page of rows and the key to ask for those after it; None at the end."""
    sign, down = ("<", " DESC") if asked.descending else (">", "")
    begin = f"WHERE sort_key {sign} :after" if after is not None else ""
    sql = _sql(report, asked, f"SELECT * FROM keyed {begin} ORDER BY sort_key{down} LIMIT :limit")
    params = asked.params() | dict(more) | {"limit": limit + 1}
    if after is not None:
        params["after"] = after
    found = list(ask(sql, **params))
    if len(found) <= limit:
        return found, None
    return found[:limit], str(found[limit - 1]["sort_key"])


def rows(report: Report, asked: Asked, more: Mapping[str, object]) -> Iterator[Row]:
    """Every row in order, from a cursor."""
    down = " DESC" if asked.descending else ""
    sql = _sql(report, asked, f"SELECT * FROM keyed ORDER BY sort_key{down}")
    return stream(sql, asked.params() | dict(more))


def count(report: Report, asked: Asked, more: Mapping[str, object]) -> int:
    """How many rows there are."""
    sql = _sql(report, asked, "SELECT count(*) AS n FROM keyed")
    return int(ask(sql, **asked.params(), **more)[0]["n"])


def sums(report: Report, asked: Asked, more: Mapping[str, object], *columns: str) -> dict[str, int]:
    """How many rows there are (`rows`), and the sums of columns over all of them."""
    added = "".join(f", coalesce(sum({c}), 0)::bigint AS {c}" for c in columns)
    sql = _sql(report, asked, f"SELECT count(*) AS rows{added} FROM keyed")
    return {k: int(v) for k, v in ask(sql, **asked.params(), **more)[0].items()}
