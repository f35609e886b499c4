"""Kits for other programs: what they are made of, how many there are, assemble, break up, give out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from supply.core.api import Api, Sent, operation
from supply.core.shape_of import INT4_MAX, made, shape_of, taken_shape, with_also
from supply.core.shapes import Int, OneOf
from supply.core.text import Text
from supply.inventory.api import PAGING, page_answer, paged
from supply.inventory.api_documents import KEYED, POSTED, fields_as_sent, posted_answer
from supply.inventory.api_shapes import COUNT
from supply.inventory.kinds import PURPOSES, Kind
from supply.inventory.services import Posted
from supply.inventory.views_common import facility
from supply.kits import queries, services
from supply.kits.asked import KitOrder
from supply.kits.rows import Kit, KitState

TAG = "Kits"
KIT = shape_of(Kit, "Kit")
STATE = shape_of(KitState, "KitState", also={"assembled": COUNT, "possible": COUNT})
ORDER = taken_shape(
    KitOrder,
    "NewKitOrder",
    without=("client_key",),
    known={"purpose": OneOf(words=["", *PURPOSES[Kind.ISSUE]])},
)
DOES: dict[str, Callable[[KitOrder], Posted]] = {
    "assembly": services.assemble,
    "break-up": services.break_up,
    "issue": services.issue_kits,
    "dispatch": services.send_kits,
}


class KitsApi(Api):
    """Home bags, a mobile station's set, an opening set."""

    class_permission_name = "Kits"

    @operation(
        method="GET",
        path="/kits",
        tag=TAG,
        permission="read",
        summary=Text("Các bộ cơ số", "Kits"),
        query=PAGING,
        answers=page_answer(KIT),
    )
    def kits(self, query: dict[str, Any]) -> Any:
        """As they are made today."""
        return paged(queries.kits(), lambda kit: kit.code, "kits", query)

    @operation(
        method="GET",
        path="/facilities/{facility_id}/kits",
        tag=TAG,
        permission="read",
        summary=Text("Bộ cơ số ở một cơ sở", "Kits at a facility"),
        in_path={"facility_id": Int(lowest=1, highest=INT4_MAX)},
        query=PAGING,
        answers=page_answer(STATE),
    )
    def board(self, facility_id: int, query: dict[str, Any]) -> Any:
        """Assembled, and how many more the store gives."""
        found = queries.board(facility(facility_id).id)
        got = paged(found, lambda state: state.kit.code, "kit board", query)
        return got | {"result": [with_also(s, "assembled", "possible") for s in got["result"]]}

    @operation(
        method="POST",
        path="/kits/{does}",
        tag=TAG,
        permission="write",
        summary=Text("Lắp, tháo, cấp, chuyển bộ cơ số", "Assemble, break up, issue, send kits"),
        in_path={"does": OneOf(words=list(DOES))},
        headers=KEYED,
        body=ORDER,
        answers=POSTED,
        errors=(409,),
    )
    def carry_out(self, does: str, body: dict[str, Any], headers: dict[str, Any]) -> Sent:
        """One document of components."""
        with fields_as_sent():
            order = made(KitOrder, body, client_key=headers["Idempotency-Key"])
            return posted_answer(DOES[does](order))
