"""Movement and periods for other programs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from supply.catalog import queries as catalog
from supply.catalog.words import CATEGORY
from supply.core.api import Answer, Api, operation
from supply.core.errors import Fault, InvalidInput
from supply.core.i18n import today
from supply.core.shape_of import shape_of, with_also
from supply.core.shapes import Day, Int, Obj, OneOf, Shape, Str
from supply.core.text import Text
from supply.inventory import movement, periods, queries
from supply.inventory.api import FACILITY, ITEM, PAGING, SEARCH, in_scope, page_answer, paged
from supply.inventory.api_shapes import INT4_MAX, one_of
from supply.inventory.held_sql import Where
from supply.inventory.kinds import INSIDE_PLACES
from supply.inventory.movement import Flow, MovementFilter, MovementGroup, MovementRow
from supply.inventory.periods import PeriodState
from supply.inventory.reports import UseRow
from supply.inventory.views_common import facility

TAG = "Reports"
USE = shape_of(UseRow, "AverageUse", also={"item": Str(longest=50), "facility": Str(longest=50)})
_SUMS: dict[str, Shape] = {
    "incoming": shape_of(Flow, "Flow"),
    "outgoing": shape_of(Flow, "Flow"),
    "closing": shape_of(Flow, "Flow"),
}
_ROW = shape_of(MovementRow, "MovementRow", also=_SUMS)
MOVED = Obj(name="MovementRow", fields={**_ROW.fields, "opening": shape_of(Flow, "Flow")})
PERIOD = shape_of(PeriodState, "PeriodState")
CLOSING = Obj(
    name="NewClosing",
    fields={
        "through": Day(about="The last day of an ended month", example="2022-02-28"),
        "reason": Str(longest=500),
    },
    required=frozenset({"through"}),
)
REOPENING = Obj(
    name="NewReopening",
    fields={
        "through": Day(null=True, about="Closed up to here afterwards; absent: nothing is"),
        "reason": Str(shortest=1, longest=500, example="Bổ sung hóa đơn tháng 2"),
    },
    required=frozenset({"reason"}),
)
AT = {"facility_id": Int(lowest=1, highest=INT4_MAX)}
STATE = {200: Answer("As it stands now", one_of(PERIOD))}


class ReportsApi(Api):
    """What came and went."""

    class_permission_name = "Stock"

    @operation(
        method="GET",
        path="/movement",
        tag=TAG,
        permission="read",
        summary=Text("Nhập xuất tồn một kỳ", "Opening, in, out, closing of a period"),
        query=PAGING
        | {
            "from": Day(about="First day; absent: the first of this month"),
            "to": Day(about="Last day; absent: today"),
            "facility": FACILITY,
            "district": Int(lowest=1, highest=INT4_MAX),
            "ward": Int(lowest=1, highest=INT4_MAX),
            "category": OneOf(words=list(CATEGORY)),
            "q": SEARCH,
            "group": OneOf(words=list(MovementGroup)),
            "place": OneOf(words=list(INSIDE_PLACES)),
        },
        answers=page_answer(MOVED),
        errors=(404,),
    )
    def movement(self, query: dict[str, Any]) -> Any:
        """opening + incoming − outgoing = closing, by item."""
        last = query.get("to", today())
        first = query.get("from", last.replace(day=1))
        if first > last or first < dt.date(2000, 1, 1):
            words = Text("Từ ngày phải trước đến ngày.", "The first day must come before the last.")
            raise InvalidInput(words, [Fault("from", words)])
        place = in_scope(query)
        where = Where(None if place is None else (place,), query.get("district"), query.get("ward"))
        wanted = MovementFilter(
            first,
            last,
            where,
            query.get("category"),
            query.get("q", ""),
            MovementGroup(query.get("group", "")),
            query.get("place", "store"),
        )
        what = f"movement {wanted.group} {first} {last}"
        got = paged(movement.movement(wanted), lambda r: (r.item_code, r.key), what, query)
        return got | {"result": [with_also(row, *_SUMS) for row in got["result"]]}

    @operation(
        method="GET",
        path="/average-use",
        tag=TAG,
        permission="read",
        summary=Text("Lượng dùng bình quân tháng (AMC)", "Average monthly consumption (AMC)"),
        about="Of the 90 whole days before the day, adjusted for days without stock; `amc` is null with"
        " fewer than 30 days in stock. The one definition: docs/glossary.md.",
        query=PAGING | {"facility": FACILITY, "item": ITEM, "day": Day(about="Absent: today")},
        answers=page_answer(USE),
        errors=(404,),
    )
    def average_use(self, query: dict[str, Any]) -> Any:
        """By facility and item, of every item a store ever held."""
        place = in_scope(query)
        day = min(query.get("day", today()), today())
        places = {f.id: f.code for f in catalog.facilities() if place in (None, f.id)}
        items = {i.id: i.code for i in catalog.items()}
        wanted = query.get("item")
        found = [
            with_also(row) | {"item": items[row.item_id], "facility": places[row.facility_id]}
            for row in queries.amc(places, day)
            if row.item_id in items and wanted in (None, items[row.item_id])
        ]
        return paged(found, lambda r: (r["facility_id"], r["item_id"]), f"use {day}", query)


class PeriodsApi(Api):
    """How far the books are closed."""

    class_permission_name = "Periods"

    @operation(
        method="GET",
        path="/periods",
        tag=TAG,
        permission="read",
        summary=Text("Khóa sổ theo cơ sở", "Closed periods by facility"),
        query=PAGING | {"facility": FACILITY},
        answers=page_answer(PERIOD),
        errors=(404,),
    )
    def periods(self, query: dict[str, Any]) -> Any:
        """What each has closed and what is still open."""
        place = in_scope(query)
        found = periods.period_states(Where(None if place is None else (place,)))
        return paged(found, lambda one: one.facility_id, "periods", query)

    @operation(
        method="POST",
        path="/facilities/{facility_id}/closing",
        tag=TAG,
        permission="write",
        summary=Text("Khóa sổ", "Close the books"),
        in_path=AT,
        body=CLOSING,
        answers=STATE,
        errors=(409,),
    )
    def close(self, facility_id: int, body: dict[str, Any]) -> Any:
        """Through a month's end."""
        place = facility(facility_id).id
        periods.close_period(place, body["through"], body.get("reason", ""))
        return _state(place)

    @operation(
        method="POST",
        path="/facilities/{facility_id}/reopening",
        tag=TAG,
        permission="reopen",
        summary=Text("Mở lại sổ", "Open the books again"),
        in_path=AT,
        body=REOPENING,
        answers=STATE,
        errors=(409,),
    )
    def reopen(self, facility_id: int, body: dict[str, Any]) -> Any:
        """With a reason; finance and administrators only."""
        place = facility(facility_id).id
        periods.reopen_period(place, body.get("through"), body["reason"])
        return _state(place)


def _state(facility_id: int) -> dict[str, Any]:
    return {"result": periods.period_states(Where((facility_id,)))[0]}
