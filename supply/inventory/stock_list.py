"""The stock list: what lies where, now or on any day, as rows of items at something.

A row is always one item at one facility, ward, district, lot or fund (or over all of them), so that
its quantities can be added. Rows outside the person's scope do not appear.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from supply.core.clock import today
from supply.core.errors import InvalidInput
from supply.core.text import Text
from supply.core.transaction import stream
from supply.inventory.asking import Row, ask, patterns
from supply.inventory.held_sql import Where
from supply.inventory.rows import Page
from supply.inventory.stock_sql import SORTS, Shape, figures_sql, rows_sql, totals_sql

NEAR_EXPIRY_DAYS = 90


class Show(StrEnum):
    """Which rows are wanted."""

    HELD = ""
    NEAR = "near"
    EXPIRED = "expired"
    ZERO = "zero"
    QUARANTINED = "quarantined"
    ON_WAY = "on_way"
    ALL = "all"


class Group(StrEnum):
    """What a row is, beside its item."""

    FACILITY = ""
    WARD = "ward"
    DISTRICT = "district"
    ITEM = "item"
    LOT = "lot"
    FUND = "fund"


class Sort(StrEnum):
    """By what rows are ordered; ties by item code, then by what the row stands for."""

    CODE = "code"
    QUANTITY = "quantity"
    USABLE = "usable"
    EXPIRY = "expiry"
    VALUE = "value"
    ON_WAY = "on_way"
    QUARANTINED = "quarantined"
    PLACE = "place"


@dataclass(frozen=True)
class StockFilter:
    """What a person asked the list for. `on_date` None: now; `facility_id` None: all in scope."""

    facility_id: int | None = None
    category: str | None = None
    search: str = ""
    show: Show = Show.HELD
    group: Group = Group.FACILITY
    sort: Sort = Sort.CODE
    descending: bool = False
    on_date: dt.date | None = None
    district_id: int | None = None
    ward_id: int | None = None
    item_id: int | None = None
    fund_id: int | None = None
    near_days: int = NEAR_EXPIRY_DAYS

    @property
    def where(self) -> Where:
        """The stores looked at."""
        one = None if self.facility_id is None else (self.facility_id,)
        return Where(one, self.district_id, self.ward_id)

    def params(self) -> dict[str, object]:
        """What the questions bind."""
        return self.where.params() | {
            "patterns": patterns(self.search),
            "category": self.category,
            "item_id": self.item_id,
            "fund_id": self.fund_id,
            "show": self.show.value,
            "near_days": self.near_days,
            "day": self.on_date or today(),
            "on_date": self.on_date,
        }

    def shape(self, *, after: bool = False) -> Shape:
        """What decides the text of the question."""
        return Shape(
            group=self.group.value,
            sort=self.sort.value,
            descending=self.descending,
            dated=self.on_date is not None,
            by_fund=self.fund_id is not None,
            after=after,
            narrowed=self.where != Where(),
            show=self.show.value,
            any_item=not self.search and self.category is None and self.item_id is None,
        )


@dataclass(frozen=True)
class StockKey:
    """Where a page ends: the value sorted by, the item's code, the row's own key."""

    value: str
    code: str
    key: int


@dataclass(frozen=True)
class StockLine:
    """One item at one facility (or ward, district, lot, fund: `label`), base units.

    `quantity` is all that lies in the store; `usable` of it has neither expired nor is blocked by a
    recall, `near` of that expires within the near-expiry days. `quarantined` and `on_way` lie
    elsewhere and are not part of it. `facility_id` only where the row is one facility's.
    """

    facility_id: int
    facility_name: Text
    item_id: int
    item_code: str
    item_name: Text
    category: str
    unit: Text
    quantity: int
    usable: int
    near: int
    expired: int
    on_way: int
    next_expiry: dt.date | None
    amount_vnd: int
    blocked: int = 0
    quarantined: int = 0
    key: int = 0
    label: Text = field(default=Text("", ""))


@dataclass(frozen=True)
class StockTotals:
    """Of all rows under a filter, not only those of a page."""

    rows: int
    amount_vnd: int


def stock_lines(
    wanted: StockFilter, after: StockKey | None = None, limit: int = 50
) -> Page[StockLine, StockKey]:
    """A page of the list; `after` is the last page's `next_after`.

    Raises InvalidInput for a key that is not of this order.
    """
    params = wanted.params()
    if after is not None:
        _check_key(wanted, after)
        params |= {"after_value": after.value, "after_code": after.code, "after_key": after.key}
    found = ask(rows_sql(wanted.shape(after=after is not None), limit + 1), **params)
    rows = tuple(_line(wanted, r) for r in found[:limit])
    if len(found) <= limit:
        return Page(rows, None)
    last = found[limit - 1]
    return Page(rows, StockKey(last["sorted_by"], last["code"], last["key"]))


_KEY_VALUES = {"bigint": re.compile(r"\d{1,18}"), "date": re.compile(r"\d{4}-\d\d-\d\d|infinity")}


def _check_key(wanted: StockFilter, after: StockKey) -> None:
    shape = _KEY_VALUES.get(SORTS[wanted.sort.value][1])
    if shape is not None and not shape.fullmatch(after.value):
        raise InvalidInput(
            Text(
                "Địa chỉ của trang kế không đúng; hãy mở lại danh sách.",
                "The address of the next page is not right; open the list again.",
            )
        )


def all_stock_lines(wanted: StockFilter) -> Iterator[StockLine]:
    """Every row under the filter, in its order, from a cursor: memory does not grow with them."""
    for r in stream(rows_sql(wanted.shape(), None), wanted.params()):
        yield _line(wanted, r)


def stock_totals(wanted: StockFilter) -> StockTotals:
    """How many rows the filter finds, and their worth in đồng."""
    return StockTotals(**ask(totals_sql(wanted.shape()), **wanted.params())[0])


def stock_figures() -> dict[str, int]:
    """How many rows of the usual list each `Show` finds ("held" for Show.HELD)."""
    return dict(ask(figures_sql(), **StockFilter(show=Show.ALL).params())[0])


def _line(wanted: StockFilter, r: Row) -> StockLine:
    label = Text(r["label_vi"] or "", r["label_en"] or "")
    of_facility = wanted.group is Group.FACILITY
    return StockLine(
        facility_id=r["key"] if of_facility else (wanted.facility_id or 0),
        facility_name=label if of_facility else Text("", ""),
        item_id=r["item_id"],
        item_code=r["code"],
        item_name=Text(r["name_vi"], r["name_en"]),
        category=r["category"],
        unit=Text(r["base_unit_vi"], r["base_unit_en"]),
        quantity=r["quantity"],
        usable=r["usable"],
        near=r["near"],
        expired=r["expired"],
        on_way=r["on_way"],
        next_expiry=r["lot_expiry"] if wanted.group is Group.LOT else r["next_expiry"],
        amount_vnd=r["amount_vnd"],
        blocked=r["blocked"],
        quarantined=r["quarantined"],
        key=r["key"],
        label=label,
    )
