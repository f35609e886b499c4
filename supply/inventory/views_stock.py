"""Stock on hand, now or on any day, and the stock card."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import render_template
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.catalog.words import CATEGORY
from supply.core.address import Args, day, number
from supply.core.export import Cell, Column, Table
from supply.core.files import exportable
from supply.core.i18n import dmy, num, t, today
from supply.core.lists import ListPage, args, asks_for_part
from supply.core.security import guarded
from supply.core.text import Text
from supply.core.transaction import reading
from supply.inventory import queries, stock_list
from supply.inventory.kinds import INSIDE_PLACES, KINDS, REASONS
from supply.inventory.places import Places, places_of
from supply.inventory.rows import CardLine, StockCard, newest_first
from supply.inventory.stock_list import Group, Show, StockFilter
from supply.inventory.stock_rows import StockRows
from supply.inventory.stock_table import (
    GROUP_NAMES,
    LABEL_HEADS,
    NEAR_DAYS,
    SHOW_NAMES,
    after_of,
    after_text,
    columns,
    stock_filter,
)
from supply.inventory.views_common import category_choices, facility, item_of

CARD_DAYS = 90


class StockView(BaseView):
    """What lies in the stores, and how each item came and went."""

    route_base = "/stock"
    default_view = "index"
    class_permission_name = "Stock"
    method_permission_name = {"index": "read", "totals": "read", "lots": "read", "card": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The stock list; its filters live in the address, `after` asks for the rows that follow."""
        with reading():  # one look for all the page asks, in one transaction
            return self._index()

    def _index(self) -> Any:
        said = args()
        wanted = stock_filter(said)
        places = places_of(said)
        found = stock_list.stock_lines(wanted, after_of(said))
        page = ListPage("/stock/", said, columns(wanted), "inventory.stock")
        rows = StockRows(
            page,
            wanted,
            one_facility=wanted.facility_id or places.only_facility_id,
            show_place=wanted.group not in {Group.ITEM, Group.FACILITY}
            or (wanted.group is Group.FACILITY and wanted.facility_id is None and places.several),
            place_head=t(LABEL_HEADS.get(wanted.group, LABEL_HEADS[Group.FACILITY])),
        )
        values = {
            "found": found,
            "page": page,
            "wanted": wanted,
            "rows": rows,
            "more": page.address(after=after_text(found.next_after)) if found.next_after else None,
        }
        if asks_for_part():
            return self.render_template("inventory/_stock_rows.html", **values)
        return self.render_template("inventory/stock.html", **_filters(wanted, places), **values)

    @expose("/totals")
    @guarded
    def totals(self) -> Any:
        """How many rows the filter finds and their worth: brought after the list itself."""
        return render_template(
            "inventory/_stock_totals.html", totals=stock_list.stock_totals(stock_filter(args()))
        )

    @expose("/lots/<int:facility_id>/<int:item_id>")
    @guarded
    def lots(self, facility_id: int, item_id: int) -> Any:
        """The lots behind a row of the list."""
        place = facility(facility_id)
        lots = queries.fefo_lots(place.id, item_id, today(), include_expired=True)
        return self.render_template("inventory/_lots.html", lots=lots)

    @expose("/card/<int:facility_id>/<int:item_id>")
    @guarded
    def card(self, facility_id: int, item_id: int) -> Any:
        """The stock card of an item in a store, for a period."""
        place = facility(facility_id)
        item = item_of(item_id)
        said = args()
        card, kind = _card_of(facility_id, item_id, said)
        page = ListPage(f"/stock/card/{facility_id}/{item_id}", said)
        lines, last = newest_first(card.lines, number(said, "after"))
        values = {
            "lines": lines,
            "more": page.address(after=last) if last else None,
            "kinds": KINDS,
            "reasons": REASONS,
        }
        if asks_for_part():
            return self.render_template("inventory/_card_rows.html", **values)
        return self.render_template(
            "inventory/card.html",
            card=card,
            item=item,
            place=place,
            place_kind=kind,
            place_kinds=[(k, t(name)) for k, name in INSIDE_PLACES.items()],
            files=[
                (name, page.address(facility=facility_id, item=item_id).replace(
                    page.path, f"/lists/inventory.card.{kind_}"))
                for name, kind_ in (("Excel", "xlsx"), ("CSV", "csv"))
            ],
            lots=queries.fefo_lots(place.id, item.id, today(), include_expired=True),
            sentence=_sentence(card, t(item.base_unit)),
            chart=_chart(card, t(item.base_unit)),
            total_in=sum(line.quantity_in for line in card.lines),
            total_out=sum(line.quantity_out for line in card.lines),
            **values,
        )  # fmt: skip


def _filters(wanted: StockFilter, places: Places) -> dict[str, Any]:
    """What the filter form offers."""
    plain = StockFilter(sort=wanted.sort, descending=wanted.descending)
    return {
        "places": places,
        "categories": category_choices(),
        "funds": [(f.id, f"{f.code} · {t(f.name)}") for f in catalog.funds()],
        "shows": [(show.value, t(name)) for show, name in SHOW_NAMES.items()],
        "groups": [(group.value, t(name)) for group, name in GROUP_NAMES.items()],
        "near_choices": [(n, t(f"{n} ngày", f"{n} days")) for n in NEAR_DAYS],
        "is_filtered": wanted != plain,
        "facets": _facets(wanted, places),
        "writable": catalog.may_post_anywhere(),
    }


def _facets(wanted: StockFilter, places: Places) -> list[tuple[str, str]]:
    """What narrows the list, in words, each with its key in the address; the search says itself."""
    names = dict(places.facility_names)
    funds = {f.id: t(f.name) for f in catalog.funds()}
    found = (
        ("facility", wanted.facility_id and names[wanted.facility_id]),
        ("ward", next((t(w.name) for w in places.wards if w.id == places.ward_id), "")),
        ("district", next((d.name for d in places.districts if d.id == places.district_id), "")),
        ("category", wanted.category and t(CATEGORY[wanted.category])),
        ("show", wanted.show is not Show.HELD and t(SHOW_NAMES[wanted.show])),
        ("group", wanted.group is not Group.FACILITY and t(GROUP_NAMES[wanted.group])),
        ("fund", wanted.fund_id and funds.get(wanted.fund_id, "")),
        ("on", wanted.on_date and t("Cuối ngày %s", "End of %s") % dmy(wanted.on_date)),
    )
    return [(words, key) for key, words in found if words]


def _card_of(facility_id: int, item_id: int, said: Args) -> tuple[StockCard, str]:
    """The card of an address: period and place."""
    last = day(said, "to", today()) or today()
    first = day(said, "from", last - dt.timedelta(days=CARD_DAYS - 1)) or last
    kind = said.get("place", "store")
    kind = kind if kind in INSIDE_PLACES else "store"
    return queries.stock_card(facility_id, item_id, min(first, last), last, kind), kind


def _particulars(line: CardLine) -> Text:
    """The kind of document, and with whom or why."""
    words = REASONS[line.words].name if line.words in REASONS else Text(line.words, line.words)
    name = KINDS[line.kind].name
    return Text(f"{name.vi} · {words.vi}", f"{name.en} · {words.en}") if words.vi else name


@exportable("inventory.card", "Stock")
def card_table(said: Args) -> Table:
    """A stock card as a file."""
    place = facility(int(said.get("facility", "0") or 0))
    item = item_of(int(said.get("item", "0") or 0))
    card, kind = _card_of(place.id, item.id, said)
    facts: tuple[tuple[Text, Cell | Text], ...] = (
        (Text("Mặt hàng", "Item"), Text(f"{item.code} {item.name.vi}", f"{item.code} {item.name.en}")),
        (Text("Cơ sở", "Facility"), place.name),
        (Text("Nơi để", "Place"), INSIDE_PLACES[kind]),
        (Text("Đơn vị", "Unit"), item.base_unit),
        (Text("Từ ngày", "From"), card.first_day),
        (Text("Đến ngày", "To"), card.last_day),
        (Text("Tồn đầu kỳ", "Opening balance"), card.opening),
        (Text("Tồn cuối kỳ", "Closing balance"), card.closing),
    )  # fmt: skip
    return Table(
        name="the-kho",
        title=Text("Thẻ kho", "Stock card"),
        columns=(
            Column("day", Text("Ngày", "Date"), lambda r: r.happened_on, "date"),
            Column("label", Text("Số phiếu", "Document"), lambda r: r.label),
            Column("words", Text("Diễn giải", "Particulars"), _particulars, width=40),
            Column("lot", Text("Số lô", "Lot"), lambda r: r.lot_number),
            Column("expiry", Text("Hạn dùng", "Expiry"), lambda r: r.expiry, "date"),
            Column("in", Text("Nhập", "In"), lambda r: r.quantity_in or None, "number"),
            Column("out", Text("Xuất", "Out"), lambda r: r.quantity_out or None, "number"),
            Column("balance", Text("Tồn", "Balance"), lambda r: r.balance, "number"),
        ),
        rows=card.lines,
        facts=facts,
        count=lambda: len(card.lines),
    )


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
