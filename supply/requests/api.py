"""Requisitions for other programs: ask, decide, follow."""

from __future__ import annotations

from typing import Any

from supply.core.api import Answer, Api, operation
from supply.core.shape_of import made, shape_of, taken_shape, with_also
from supply.core.shapes import Listed, Number, Obj, OneOf, Str
from supply.core.text import Text
from supply.inventory.api import FACILITY, PAGING, in_scope, one_after, page, page_answer
from supply.inventory.api_documents import KEYED, fields_as_sent
from supply.inventory.api_shapes import ID, one_of
from supply.inventory.rows import Page
from supply.requests import queries, services
from supply.requests.requisitions import Decision, Requisition
from supply.requests.rows import Figures, Head, View

TAG = "Requisitions"
LABEL = Str(longest=40, example="YC-2022-0003")
HEAD = shape_of(Head, "RequisitionHead", also={"label": LABEL})
VIEW = Obj(name="Requisition", fields={**shape_of(View).fields, "head": HEAD})
FIGURES = shape_of(Figures, "RequisitionFigures", also={"days_of_stock": Number(null=True)})
ASKED = taken_shape(Requisition, "NewRequisition", without=("client_key",))
APPROVAL = Obj(
    name="Approval",
    fields={
        "lines": Listed(of=taken_shape(Decision, "Decision"), longest=5000, lines=True),
        "note": Str(longest=500),
    },
    required=frozenset({"lines"}),
)
REASON = Obj(name="Reason", fields={"reason": Str(shortest=1, longest=500, example="Hết hàng")})
AT = {"requisition_id": ID}
STATE = {200: Answer("As it stands now", one_of(VIEW))}


class RequisitionsApi(Api):
    """What wards ask of depots."""

    class_permission_name = "Requests"

    @operation(
        method="GET",
        path="/requisitions",
        tag=TAG,
        permission="read",
        summary=Text("Phiếu yêu cầu, mới nhất trước", "Requisitions, newest first"),
        query=PAGING
        | {"facility": FACILITY, "show": OneOf(words=["to_decide", "open", "own_open", "drafts"])},
        answers=page_answer(HEAD),
        errors=(404,),
    )
    def requisitions(self, query: dict[str, Any]) -> Any:
        """Those that ask and those that are asked see it."""
        place = in_scope(query)
        found = queries.requisitions(
            None if place is None else [place],
            show=query.get("show", ""),
            after=one_after("requisitions", query),
            limit=query.get("limit", 100),
        )
        rows = Page(tuple(with_also(row, "label") for row in found.rows), found.next_after)
        return page(rows, "requisitions", found.next_after)

    @operation(
        method="GET",
        path="/requisitions/{requisition_id}",
        tag=TAG,
        permission="read",
        summary=Text("Một phiếu yêu cầu", "One requisition"),
        in_path=AT,
        answers=STATE,
    )
    def requisition(self, requisition_id: int) -> Any:
        """With what was decided, sent and received of each line."""
        return _state(requisition_id)

    @operation(
        method="GET",
        path="/requisitions/{requisition_id}/figures",
        tag=TAG,
        permission="read",
        summary=Text("Số liệu để duyệt", "Figures to decide by"),
        about="Of each item asked for: what the asker has, has on its way and uses a month, what the asked"
        " facility can give; null where it is not for you to see.",
        in_path=AT,
        answers={200: Answer("By item", Obj(fields={"result": Listed(of=FIGURES)}))},
    )
    def figures(self, requisition_id: int) -> Any:
        """As of now."""
        view = queries.requisition(requisition_id)
        asked = [line.item_id for line in view.lines]
        found = queries.figures(view.head.facility_id, view.head.asked_id, asked)
        return {"result": [with_also(found[item], "days_of_stock") for item in asked]}

    @operation(
        method="POST",
        path="/requisitions",
        tag=TAG,
        permission="write",
        summary=Text("Gửi phiếu yêu cầu", "Send a requisition"),
        headers=KEYED,
        body=ASKED,
        answers={201: Answer("Sent, or sent before with this key", one_of(VIEW))},
        errors=(404, 409),
    )
    def ask(self, body: dict[str, Any], headers: dict[str, Any]) -> Any:
        """Once per key."""
        with fields_as_sent():
            asked = made(Requisition, body, client_key=headers["Idempotency-Key"])
            return _state(services.ask(asked))

    @operation(
        method="POST",
        path="/requisitions/{requisition_id}/approval",
        tag=TAG,
        permission="approve",
        summary=Text("Duyệt toàn bộ hoặc một phần", "Approve in full or in part"),
        about="A transfer draft waits at the sender afterwards. Decided once: again, 409.",
        in_path=AT,
        body=APPROVAL,
        answers=STATE,
        errors=(409,),
    )
    def approve(self, requisition_id: int, body: dict[str, Any]) -> Any:
        """By line."""
        with fields_as_sent():
            lines = [made(Decision, one) for one in body["lines"]]
            services.approve(requisition_id, lines, body.get("note", ""))
            return _state(requisition_id)

    @operation(
        method="POST",
        path="/requisitions/{requisition_id}/refusal",
        tag=TAG,
        permission="approve",
        summary=Text("Từ chối", "Refuse"),
        in_path=AT,
        body=REASON,
        answers=STATE,
        errors=(409,),
    )
    def refuse(self, requisition_id: int, body: dict[str, Any]) -> Any:
        """With the reason."""
        services.refuse(requisition_id, body["reason"])
        return _state(requisition_id)

    @operation(
        method="POST",
        path="/requisitions/{requisition_id}/withdrawal",
        tag=TAG,
        permission="write",
        summary=Text("Rút phiếu yêu cầu", "Withdraw"),
        in_path=AT,
        body=REASON,
        answers=STATE,
        errors=(409,),
    )
    def withdraw(self, requisition_id: int, body: dict[str, Any]) -> Any:
        """Before anybody decides."""
        services.withdraw(requisition_id, body["reason"])
        return _state(requisition_id)


def _state(requisition_id: int) -> dict[str, Any]:
    view = queries.requisition(requisition_id)
    return {"result": with_also(view) | {"head": with_also(view.head, "label")}}
