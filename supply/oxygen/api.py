"""Oxygen for other programs: cylinders, liquid, hours left; flows, use, exchange."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from supply.core.api import Answer, Api, Sent, operation
from supply.core.shape_of import INT4_MAX, made, shape_of, taken_shape, with_also
from supply.core.shapes import Bool, Int, Listed, MapOf, Number, OneOf, Shape, Str
from supply.core.text import Text
from supply.inventory.api import PAGING, page_answer, paged
from supply.inventory.api_documents import KEYED, POSTED, fields_as_sent, posted_answer
from supply.inventory.api_shapes import one_of
from supply.inventory.parsing import MONEY_VND_MAX
from supply.inventory.services import Posted
from supply.oxygen import queries, services
from supply.oxygen.asked import CylinderOrder, ExchangeOrder, FlowEntry
from supply.oxygen.rows import FacilityOxygen, OpenCylinder

TAG = "Oxygen"
_MORE: dict[str, Shape] = {
    "gas_litres": Number(),
    "litres_per_minute": Number(),
    "is_estimated": Bool(),
    "is_stale": Bool(),
    "hours_left": Number(null=True, about="null: nothing flows"),
    "urgency": OneOf(words=["", "good", "warning", "danger"]),
}
STATE = shape_of(FacilityOxygen, "FacilityOxygen", also=_MORE)
_SIZES = MapOf(of=Int(highest=1_000_000), about="Size (code of the full cylinder) -> how many")
FLOW = taken_shape(
    FlowEntry,
    "NewFlow",
    without=("client_key",),
    known={
        "litres_per_minute": Number(null=True),
        "open_cylinders": Listed(of=taken_shape(OpenCylinder, "NewOpenCylinder"), longest=200),
    },
)
ORDER = taken_shape(
    CylinderOrder, "NewCylinderOrder", without=("client_key",), known={"cylinders": _SIZES}
)
EXCHANGE = taken_shape(
    ExchangeOrder,
    "NewExchange",
    without=("client_key",),
    known={
        "full": _SIZES,
        "empties": _SIZES,
        "prices_vnd": MapOf(of=Int(highest=MONEY_VND_MAX), about="Size -> price of one"),
        "fund_code": Str(longest=20, example="NSTP"),
    },
)
DOES: dict[str, Callable[[CylinderOrder], Posted]] = {
    "use": services.use_cylinders,
    "empties-back": services.take_empties_back,
    "empties-sent": services.send_empties,
}
AT = {"facility_id": Int(lowest=1, highest=INT4_MAX)}


class OxygenApi(Api):
    """What there is, what flows, how long it lasts."""

    class_permission_name = "Oxygen"

    @operation(
        method="GET",
        path="/oxygen",
        tag=TAG,
        permission="read",
        summary=Text("Oxy ở từng cơ sở", "Oxygen by facility"),
        query=PAGING,
        answers=page_answer(STATE),
    )
    def board(self, query: dict[str, Any]) -> Any:
        """By facility code."""
        got = paged(queries.board(), lambda one: one.code, "oxygen", query)
        return got | {"result": [with_also(one, *_MORE) for one in got["result"]]}

    @operation(
        method="GET",
        path="/oxygen/{facility_id}",
        tag=TAG,
        permission="read",
        summary=Text("Oxy của một cơ sở", "Oxygen of one facility"),
        in_path=AT,
        answers={200: Answer("As it stands now", one_of(STATE))},
    )
    def at(self, facility_id: int) -> Any:
        """Cylinders by size, liquid, hours left."""
        return {"result": with_also(queries.at(facility_id), *_MORE)}

    @operation(
        method="POST",
        path="/oxygen-flows",
        tag=TAG,
        permission="write",
        summary=Text("Ghi lưu lượng oxy", "Say what flows"),
        headers=KEYED,
        body=FLOW,
        answers={201: Answer("How long it lasts now", one_of(STATE))},
        errors=(404, 409),
    )
    def flow(self, body: dict[str, Any], headers: dict[str, Any]) -> Any:
        """Patients of each tier, or the total."""
        with fields_as_sent():
            entry = made(FlowEntry, body, client_key=headers["Idempotency-Key"])
            services.record_flow(entry)
            return {"result": with_also(queries.at(entry.facility_id), *_MORE)}

    @operation(
        method="POST",
        path="/oxygen-cylinders/{does}",
        tag=TAG,
        permission="write",
        summary=Text("Dùng bình, thu vỏ, gửi vỏ", "Use cylinders, take shells back, send them"),
        in_path={"does": OneOf(words=list(DOES))},
        headers=KEYED,
        body=ORDER,
        answers=POSTED,
        errors=(409,),
    )
    def cylinders(self, does: str, body: dict[str, Any], headers: dict[str, Any]) -> Sent:
        """One document."""
        with fields_as_sent():
            order = made(CylinderOrder, body, client_key=headers["Idempotency-Key"])
            return posted_answer(DOES[does](order))

    @operation(
        method="POST",
        path="/oxygen-exchanges",
        tag=TAG,
        permission="write",
        summary=Text("Đổi bình", "Exchange cylinders"),
        headers=KEYED,
        body=EXCHANGE,
        answers=POSTED,
        errors=(404, 409),
    )
    def exchange(self, body: dict[str, Any], headers: dict[str, Any]) -> Sent:
        """Full ones in, empty ones out."""
        with fields_as_sent():
            order = made(ExchangeOrder, body, client_key=headers["Idempotency-Key"])
            return posted_answer(services.exchange(order))
