"""The rows of the stock list, written straight: a page has hundreds of cells, each the same but for its
figures, and a template would decide anew in each what holds for all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from markupsafe import Markup, escape

from supply.catalog.words import CATEGORY
from supply.core.export import Column
from supply.core.frame import expiry_chip
from supply.core.i18n import dmy, language, money, num, t, today
from supply.core.lists import ListPage
from supply.core.text import Text
from supply.inventory.stock_list import Group, StockFilter, StockLine
from supply.inventory.stock_table import label

_FIGURES = frozenset({"number", "money", "date"})
_CLASSES = {"quantity": "num qty", "value": "num worth"}


@lru_cache(maxsize=4096)
def _safe(words: str) -> str:
    """Escaped; the names of items and places come again and again."""
    return str(escape(words))


@dataclass(frozen=True)
class StockRows:
    """What the rows of one page share. `one_facility`: the facility of rows that are not one's own."""

    page: ListPage
    wanted: StockFilter
    one_facility: int | None
    show_place: bool
    place_head: str

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns beside item and place."""
        return tuple(c for c in self.page.shown if c.kind in _FIGURES)

    @property
    def width(self) -> int:
        """Cells of a row."""
        return len(self.columns) + 2 + self.show_place

    @cached_property
    def _words(self) -> dict[str, str]:
        return {
            "none": t("Hết hàng", "Out of stock"),
            "recalled": t("Thu hồi", "Recalled"),
            "lasting": t("Không hạn", "No expiry"),
            "expired": t("Hết hạn", "Expired"),
            "lots": t("Xem lô", "Lots"),
        }

    @cached_property
    def _language(self) -> str:
        return language()

    @cached_property
    def _day(self) -> dt.date:
        return self.wanted.on_date or today()

    @cached_property
    def _categories(self) -> dict[str, str]:
        return {code: _safe(t(name)) for code, name in CATEGORY.items()}

    @cached_property
    def _cells(self) -> Sequence[tuple[str, Callable[[StockLine], str]]]:
        """Each column's opening tag and what writes its content."""
        found: list[tuple[str, Callable[[StockLine], str]]] = []
        for column in self.columns:
            kind = _CLASSES.get(column.key) or ("" if column.kind == "date" else "num")
            opening = f'<td class="{kind}" data-label="{_safe(t(column.head))}">'
            found.append((opening, self._writer(column)))
        return found

    def _writer(self, column: Column) -> Callable[[StockLine], str]:
        value: Callable[[StockLine], Any] = column.value
        if column.key == "quantity":
            return self._quantity
        if column.key == "expiry":
            return self._expiry
        if column.key == "usable":
            return self._usable
        if column.kind == "money":
            return lambda row: money(value(row))
        return lambda row: num(value(row) or None)

    def _quantity(self, row: StockLine) -> str:
        words = self._words
        out = "" if row.usable else f' <span class="chip danger">{words["none"]}</span>'
        if row.blocked:
            out += f' <span class="chip danger">{words["recalled"]}: {num(row.blocked)}</span>'
        unit = _safe(row.unit.in_language(self._language))
        return f'<span><b>{num(row.quantity)}</b> <span class="sub">{unit}</span>{out}</span>'

    def _usable(self, row: StockLine) -> str:
        """A phone shows it only where it is not the whole."""
        figure = num(row.usable or None)
        return f'<i class="same">{figure}</i>' if row.usable == row.quantity else figure

    def _expiry(self, row: StockLine) -> str:
        chip = ""
        if row.next_expiry:
            chip = expiry_chip(row.next_expiry, self._day)
        elif row.usable:
            chip = f'<span class="text-secondary">{self._words["lasting"]}</span>'
        if row.expired:
            past = f"{self._words['expired']}: {num(row.expired)}"
            chip = f'{chip} <span class="chip danger">{past}</span>'
        return f"<span>{chip}</span>" if chip else ""

    @cached_property
    def _card_end(self) -> str:
        return f"?to={dmy(self.wanted.on_date)}" if self.wanted.on_date else ""

    def _item_address(self, row: StockLine, facility_id: int) -> str:
        if facility_id:
            return f"/stock/card/{facility_id}/{row.item_id}{self._card_end}"
        changes = {"group": None, "item": row.item_id, "show": "all"}
        return str(escape(self.page.address(**changes, cols=None, sort=None, dir=None)))

    def _row(self, row: StockLine) -> str:
        facility_id = row.facility_id or self.one_facility or 0
        place = ""
        if self.show_place:
            named = label(row, self.wanted.group)
            name = named.in_language(self._language) if isinstance(named, Text) else named
            place = f'<td data-label="{_safe(self.place_head)}">{_safe(str(name))}</td>'
        cells = "".join([f"{opening}{write(row)}</td>" for opening, write in self._cells])
        button = lots = ""
        if row.quantity and not self.wanted.on_date and self.wanted.group is Group.FACILITY:
            button, lots = self._lots(f"{facility_id}-{row.item_id}", facility_id, row.item_id)
        return (
            f'<tr><td class="main"><a class="item-link"'
            f' href="{self._item_address(row, facility_id)}">{_safe(row.item_name.in_language(self._language))}</a>'
            f' <span class="sub d-block">{_safe(row.item_code)} ·'
            f" {self._categories[row.category]}</span></td>"
            f'{place}{cells}<td class="row-actions">{button}</td></tr>\n{lots}'
        )

    def _lots(self, at: str, facility_id: int, item_id: int) -> tuple[str, str]:
        """The button that brings a row's lots, and the row that they go into."""
        button = (
            f'<button class="btn btn-sm btn-default" type="button" aria-expanded="false"'
            f' aria-controls="lots-{at}" data-lots="lots-{at}"'
            f' hx-get="/stock/lots/{facility_id}/{item_id}" hx-target="#lots-{at} > td"'
            f' hx-trigger="click once">{self._words["lots"]}</button>'
        )
        row = (
            f'<tr id="lots-{at}" class="lots-row" hidden><td colspan="{self.width}">'
            f'<span class="skeleton"></span></td></tr>\n'
        )
        return button, row

    def more(self, address: str | None) -> Markup:
        """The row that brings those after it, as `lists.more_row` writes it: without its template,
        which would be made anew for this one line."""
        if not address:
            return Markup()
        return Markup(
            '<tr class="more-row"><td colspan="{0}"><a class="btn btn-default" href="{1}"'
            ' hx-get="{1}" hx-target="closest tr" hx-swap="outerHTML">{2}</a></td></tr>'
        ).format(self.width, address, t("Xem thêm", "Show more"))

    def html(self, rows: Iterable[StockLine]) -> Markup:
        """The rows; all that comes from data is escaped."""
        return Markup("".join([self._row(row) for row in rows]))  # noqa: S704
