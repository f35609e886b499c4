"""Stock on hand and the stock card."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.catalog.words import CATEGORY as CATEGORY_NAMES
from supply.core.errors import NotFound
from supply.core.i18n import num, t, today
from supply.core.security import guarded
from supply.core.text import Text
from supply.inventory import queries, screen_queries
from supply.inventory.kinds import KINDS, REASONS
from supply.inventory.rows import StockCard
from supply.inventory.screen_queries import NEAR_EXPIRY_DAYS, Show, StockFilter
from supply.inventory.views_common import (
    asks_for_part,
    category_choices,
    chosen_facility,
    csv_response,
    day_of_address,
    facility,
)

SHOW_NAMES: dict[Show, Text] = {
    Show.HELD: Text("Đang có hàng", "In stock"),
    Show.NEAR: Text(f"Cận hạn ({NEAR_EXPIRY_DAYS} ngày)", f"Near expiry ({NEAR_EXPIRY_DAYS} days)"),
    Show.EXPIRED: Text("Có hàng hết hạn", "With expired goods"),
    Show.ZERO: Text("Hết hàng", "Out of stock"),
    Show.ALL: Text("Tất cả", "All"),
}
CARD_DAYS = 90


class StockView(BaseView):
    """What lies in the stores, and how each item came and went."""

    route_base = "/stock"
    default_view = "index"
    class_permission_name = "Stock"
    method_permission_name = {"index": "read", "lots": "read", "export": "read", "card": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The stock list; its filters live in the address, `after` asks for the rows that follow."""
        wanted = address_filter()
        page = screen_queries.stock_lines(wanted, address_after())
        facilities = catalog.facilities()
        values = {
            "page": page,
            "show_facility": wanted.facility_id is None and len(facilities) > 1,
            "wanted": wanted,
            "more": _address(wanted, page.next_after) if page.next_after else None,
            "category_names": CATEGORY_NAMES,
        }
        if asks_for_part():
            return self.render_template("inventory/_stock_rows.html", **values)
        return self.render_template(
            "inventory/stock.html",
            totals=screen_queries.stock_totals(wanted),
            facilities=facilities,
            categories=category_choices(),
            shows=[(show.value, t(name)) for show, name in SHOW_NAMES.items()],
            export=_address(wanted, None, "/stock/export.csv"),
            is_filtered=wanted != StockFilter(),
            writable=bool(catalog.facilities(writable=True)),
            **values,
        )

    @expose("/lots/<int:facility_id>/<int:item_id>")
    @guarded
    def lots(self, facility_id: int, item_id: int) -> Any:
        """The lots behind a row."""
        place = facility(facility_id)
        found = queries.fefo_lots(place.id, item_id, today(), include_expired=True)
        return self.render_template(
            "inventory/_lots.html",
            lots=found,
        )

    @expose("/export.csv")
    @guarded
    def export(self) -> Response:
        """The rows of the list under its filters, all of them."""
        head = [
            t("Cơ sở", "Facility"),
            t("Mã hàng", "Code"),
            t("Mặt hàng", "Item"),
            t("Nhóm", "Category"),
            t("Đơn vị", "Unit"),
            t("Tồn kho", "On hand"),
            t("Dùng được", "Usable"),
            t("Cận hạn", "Near expiry"),
            t("Hết hạn", "Expired"),
            t("Đang chuyển đến", "On the way"),
            t("Hạn gần nhất", "Next expiry"),
            t("Giá trị (đồng)", "Value (VND)"),
        ]
        return csv_response("ton-kho", head, _export_rows(address_filter()))

    @expose("/card/<int:facility_id>/<int:item_id>")
    @guarded
    def card(self, facility_id: int, item_id: int) -> Any:
        """The stock card of an item in a store, for a period."""
        place = facility(facility_id)
        item = _item(item_id)
        last = day_of_address("to", today()) or today()
        first = day_of_address("from", last - dt.timedelta(days=CARD_DAYS - 1)) or last
        card = queries.stock_card(place.id, item.id, min(first, last), last)
        return self.render_template(
            "inventory/card.html",
            card=card,
            item=item,
            place=place,
            lots=queries.fefo_lots(place.id, item.id, today(), include_expired=True),
            sentence=_sentence(card, t(item.base_unit)),
            chart=_chart(card, t(item.base_unit)),
            total_in=sum(line.quantity_in for line in card.lines),
            total_out=sum(line.quantity_out for line in card.lines),
            kinds=KINDS,
            reasons=REASONS,
        )


def address_filter() -> StockFilter:
    """The filter of the address; unknown words mean no filter."""
    category = request.args.get("category", "")
    show = request.args.get("show", "")
    return StockFilter(
        facility_id=chosen_facility(),
        category=category if category in CATEGORY_NAMES else None,
        search=request.args.get("q", "")[:100],
        show=Show(show) if show in list(Show) else Show.HELD,
    )


def address_after() -> tuple[str, int] | None:
    """The row after which the page starts; None for the first page."""
    code, _, place = request.args.get("after", "").rpartition("~")
    is_number = place.isascii() and place.isdigit() and len(place) < 10
    return (code[:20], int(place)) if code and is_number else None


def _address(wanted: StockFilter, after: tuple[str, int] | None, path: str = "/stock/") -> str:
    """The address of the same filter, from a row on."""
    values = {
        "facility": wanted.facility_id,
        "category": wanted.category,
        "q": wanted.search,
        "show": wanted.show.value,
        "after": f"{after[0]}~{after[1]}" if after else None,
    }
    query = urlencode({k: v for k, v in values.items() if v})
    return f"{path}?{query}" if query else path


def _export_rows(wanted: StockFilter) -> Iterator[list[object]]:
    after: tuple[str, int] | None = None
    while True:
        page = screen_queries.stock_lines(wanted, after, limit=1000)
        for r in page.rows:
            yield [
                t(r.facility_name),
                r.item_code,
                t(r.item_name),
                t(CATEGORY_NAMES[r.category]),
                t(r.unit),
                r.quantity,
                r.usable,
                r.near,
                r.expired,
                r.on_way,
                r.next_expiry,
                r.amount_vnd,
            ]
        after = page.next_after
        if after is None:
            return


def _item(item_id: int) -> catalog.ItemRow:
    for item in catalog.items():
        if item.id == item_id:
            return item
    raise NotFound(Text("Không có mặt hàng này.", "There is no such item."))


def _sentence(card: StockCard, unit: str) -> str:
    """What the chart shows, in words."""
    days = (card.last_day - card.first_day).days + 1
    return t(
        f"Trong {days} ngày, tồn từ {num(card.opening)} còn {num(card.closing)} {unit}"
        if card.closing <= card.opening
        else f"Trong {days} ngày, tồn từ {num(card.opening)} lên {num(card.closing)} {unit}",
        f"Over {days} days the stock went from {num(card.opening)} to {num(card.closing)} {unit}",
    )


def _chart(card: StockCard, unit: str) -> dict[str, Any]:
    """The balance at the end of each day, as steps, for `charts.js`."""
    ends: dict[dt.date, int] = {card.first_day: card.opening}
    for line in card.lines:
        ends[line.happened_on] = line.balance
    ends.setdefault(card.last_day, card.closing)
    days = sorted(ends)
    return {
        "x": t("Ngày", "Day"),
        "days": [d.isoformat() for d in days],
        "series": [
            {
                "label": t(f"Tồn cuối ngày ({unit})", f"Balance at day's end ({unit})"),
                "values": [ends[d] for d in days],
                "stepped": True,
            }
        ],
    }
