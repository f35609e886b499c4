"""Stock for other programs: facilities, the catalogue, what lies where, the stock card."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from supply.catalog.words import CATEGORY
from supply.core.api import Answer, Api, cursor_of, cursor_read, operation
from supply.core.errors import Fault, InvalidInput
from supply.core.i18n import today
from supply.core.shapes import Day, Int, Obj, OneOf, Shape, Str
from supply.core.text import Text
from supply.inventory import api_queries, queries, stock_list
from supply.inventory import api_shapes as shapes
from supply.inventory.api_queries import LotFilter
from supply.inventory.kinds import INSIDE_PLACES
from supply.inventory.rows import Page
from supply.inventory.stock_list import Group, Show, Sort, StockFilter, StockKey, StockLine
from supply.inventory.views_common import facility

LIMIT_MAX = 500
LIMIT = 100
PAGING: dict[str, Shape] = {
    "limit": Int(lowest=1, highest=LIMIT_MAX, about=f"Rows of a page; {LIMIT} if absent"),
    "after": Str(longest=1000, about="The `next_after` of the page before"),
}
FACILITY = Int(lowest=1, highest=shapes.INT4_MAX, about="Only this facility, by its id")
ITEM = Str(shortest=1, longest=50, about="Only this item, by its code", example="TH001")
CATEGORIES = OneOf(words=list(CATEGORY))
SEARCH = Str(longest=100, about="Words of the name or code, diacritics or not")
TAG = "Stock"


def page_answer(row: Obj) -> dict[int, Answer]:
    """What a list hands back."""
    return {200: Answer("Rows, and where the next page begins", shapes.page_of(row))}


def page(found: Page[Any, Any], what: str, *after: str | int | None) -> dict[str, Any]:
    """A page as JSON; `after` names its end where there is another."""
    more = found.next_after is not None
    return {"result": list(found.rows), "next_after": cursor_of(what, *after) if more else None}


def one_after(what: str, query: dict[str, Any]) -> Any:
    """The single value a simple list goes on after."""
    found = cursor_read(what, query.get("after"))
    return None if found is None else found[0]


def paged(
    rows: Iterable[Any],
    key: Callable[[Any], Any],
    what: str,
    query: dict[str, Any],
    *,
    newest_first: bool = False,
) -> dict[str, Any]:
    """A page of a list that its room hands out whole; in the order of `key`, which no later row
    disturbs."""
    after = cursor_read(what, query.get("after"))
    ordered = sorted(rows, key=key, reverse=newest_first)
    if after is not None:
        last = after[0] if len(after) == 1 else tuple(after)
        ordered = [r for r in ordered if (key(r) < last if newest_first else key(r) > last)]
    limit = query.get("limit", LIMIT)
    shown = ordered[:limit]
    end = key(shown[-1]) if len(ordered) > limit else None
    values = end if isinstance(end, tuple) else (end,)
    return page(Page(tuple(shown), end), what, *values)


class StockApi(Api):
    """What there is, and where."""

    class_permission_name = "Stock"

    @operation(
        method="GET",
        path="/facilities",
        tag=TAG,
        permission="read",
        summary=Text("Các cơ sở trong phạm vi", "Facilities in scope"),
        query=PAGING,
        answers=page_answer(shapes.FACILITY),
    )
    def facilities(self, query: dict[str, Any]) -> Any:
        """By code."""
        found = api_queries.facilities(one_after("facilities", query), query.get("limit", LIMIT))
        return page(found, "facilities", found.next_after)

    @operation(
        method="GET",
        path="/items",
        tag=TAG,
        permission="read",
        summary=Text("Danh mục mặt hàng", "Items of the catalogue"),
        query=PAGING | {"q": SEARCH, "category": CATEGORIES},
        answers=page_answer(shapes.ITEM),
    )
    def items(self, query: dict[str, Any]) -> Any:
        """By code, each with its packs."""
        found = api_queries.items(
            query.get("q", ""),
            query.get("category"),
            one_after("items", query),
            query.get("limit", LIMIT),
        )
        return page(found, "items", found.next_after)

    @operation(
        method="GET",
        path="/items/{item}",
        tag=TAG,
        permission="read",
        summary=Text("Một mặt hàng", "One item"),
        in_path={"item": Str(shortest=1, longest=50, example="TH001")},
        answers={200: Answer("The item", shapes.one_of(shapes.ITEM))},
    )
    def item(self, item: str) -> Any:
        """By its code."""
        return {"result": api_queries.item(item)}

    @operation(
        method="GET",
        path="/partners",
        tag=TAG,
        permission="read",
        summary=Text("Nhà cung cấp, nhà tài trợ", "Suppliers and donors"),
        query=PAGING,
        answers=page_answer(shapes.NAMED),
    )
    def partners(self, query: dict[str, Any]) -> Any:
        """By code."""
        found = api_queries.named(
            "partners", one_after("partners", query), query.get("limit", LIMIT)
        )
        return page(found, "partners", found.next_after)

    @operation(
        method="GET",
        path="/funds",
        tag=TAG,
        permission="read",
        summary=Text("Nguồn quỹ", "Funds"),
        query=PAGING,
        answers=page_answer(shapes.NAMED),
    )
    def funds(self, query: dict[str, Any]) -> Any:
        """By code."""
        found = api_queries.named("funds", one_after("funds", query), query.get("limit", LIMIT))
        return page(found, "funds", found.next_after)

    @operation(
        method="GET",
        path="/stock",
        tag=TAG,
        permission="read",
        summary=Text("Tồn kho, bây giờ hoặc đến hết một ngày", "Stock, now or as of a day"),
        query=PAGING
        | {
            "facility": FACILITY,
            "district": Int(lowest=1, highest=shapes.INT4_MAX),
            "ward": Int(lowest=1, highest=shapes.INT4_MAX),
            "item": ITEM,
            "category": CATEGORIES,
            "q": SEARCH,
            "show": OneOf(words=list(Show), about="Absent: what is held"),
            "group": OneOf(words=list(Group), about="What a row is beside its item"),
            "sort": OneOf(words=list(Sort)),
            "on": Day(about="As of the end of this day; absent: now"),
            "near_days": Int(lowest=1, highest=3650, about="What counts as near expiry; 90"),
        },
        answers=page_answer(shapes.STOCK_LINE),
        errors=(404,),
    )
    def stock(self, query: dict[str, Any]) -> Any:
        """The stock list."""
        wanted = _stock_filter(query)
        what = f"stock {wanted.sort} {wanted.group}"
        after = cursor_read(what, query.get("after"))
        found = stock_list.stock_lines(
            wanted, None if after is None else StockKey(*after), query.get("limit", LIMIT)
        )
        end = found.next_after or StockKey("", "", 0)
        rows = Page(tuple(_stock_line(row) for row in found.rows), found.next_after)
        return page(rows, what, end.value, end.code, end.key)

    @operation(
        method="GET",
        path="/lots",
        tag=TAG,
        permission="read",
        summary=Text("Từng lô đang có", "What is held, lot by lot"),
        query=PAGING
        | {
            "facility": FACILITY,
            "item": ITEM,
            "place": OneOf(words=list(INSIDE_PLACES)),
            "expires_before": Day(),
        },
        answers=page_answer(shapes.LOT),
        errors=(404,),
    )
    def lots(self, query: dict[str, Any]) -> Any:
        """Consignment by consignment."""
        wanted = LotFilter(
            in_scope(query), query.get("item"), query.get("place"), query.get("expires_before")
        )
        found = api_queries.lots(
            wanted, cursor_read("lots", query.get("after")), query.get("limit", LIMIT)
        )
        return page(found, "lots", *(found.next_after or ()))

    @operation(
        method="GET",
        path="/stock-card/{facility_id}/{item}",
        tag=TAG,
        permission="read",
        summary=Text("Thẻ kho", "Stock card"),
        in_path={
            "facility_id": shapes.SMALL_ID,
            "item": Str(shortest=1, longest=50, example="TH001"),
        },
        query={
            "from": Day(about="First day; absent: 30 days before the last"),
            "to": Day(about="Last day; absent: today"),
        },
        answers={200: Answer("The card", shapes.one_of(shapes.CARD))},
    )
    def stock_card(self, facility_id: int, item: str, query: dict[str, Any]) -> Any:
        """Every movement of an item in a store, with the balance after it; at most 400 days."""
        place = facility(facility_id)
        item_id = api_queries.item(item)["id"]
        last = query.get("to", today())
        first = query.get("from", max(last, dt.date(1, 2, 1)) - dt.timedelta(days=30))
        if not dt.timedelta(0) <= last - first <= dt.timedelta(days=400):
            words = Text(
                "Từ ngày phải trước đến ngày, cách nhau nhiều nhất 400 ngày.",
                "The first day must come before the last, by at most 400 days.",
            )
            raise InvalidInput(words, [Fault("from", words)])
        return {"result": queries.stock_card(place.id, item_id, first, last)}


def in_scope(query: dict[str, Any]) -> int | None:
    """The facility of the address, which must be in scope; None for all."""
    found = query.get("facility")
    return None if found is None else facility(found).id


def _stock_filter(query: dict[str, Any]) -> StockFilter:
    code = query.get("item")
    return StockFilter(
        facility_id=in_scope(query),
        category=query.get("category"),
        search=query.get("q", ""),
        show=Show(query.get("show", "")),
        group=Group(query.get("group", "")),
        sort=Sort(query.get("sort", "code")),
        on_date=query.get("on"),
        district_id=query.get("district"),
        ward_id=query.get("ward"),
        item_id=None if code is None else api_queries.item(code)["id"],
        near_days=query.get("near_days", stock_list.NEAR_EXPIRY_DAYS),
    )


def _stock_line(row: StockLine) -> dict[str, Any]:
    found = {
        name: getattr(row, name)
        for name in shapes.STOCK_LINE.fields
        if name not in {"item", "name", "near_expiry"}
    }
    return found | {"item": row.item_code, "name": row.item_name, "near_expiry": row.near}
