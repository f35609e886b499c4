"""Recalls and quarantine for other programs: who holds a lot, who has answered, what is set aside."""

from __future__ import annotations

from typing import Any

from supply.core.api import Answer, Api, operation
from supply.core.shape_of import INT4_MAX, made, shape_of, taken_shape
from supply.core.shapes import Bool, Int, Obj, OneOf, Str
from supply.core.text import Text
from supply.inventory.api import FACILITY, PAGING, in_scope, page_answer, paged
from supply.inventory.api_documents import KEYED, fields_as_sent
from supply.inventory.api_shapes import ID, one_of
from supply.recalls import queries, services
from supply.recalls.recalls import OUTCOMES, Recall
from supply.recalls.rows import Head, SetAside, View

TAG = "Recalls"
AT = {"recall_id": ID}
HEAD = shape_of(Head, "RecallHead")
VIEW = Obj(name="RecallView", fields={**shape_of(View).fields, "head": HEAD})
SET_ASIDE = shape_of(SetAside, "SetAside")
ANSWER = Obj(
    name="NewRecallAnswer",
    fields={
        "facility_id": Int(lowest=1, highest=INT4_MAX, example=12),
        "found": Int(highest=INT4_MAX, null=True, about="Absent: what the books say"),
        "used": Int(highest=INT4_MAX, null=True, about="Absent: what the books say"),
        "comment": Str(longest=1000),
        "again": Bool(about="Answer once more although nothing is left to set aside"),
    },
    required=frozenset({"facility_id"}),
)
CLOSING = Obj(
    name="RecallClosing",
    fields={
        "outcome": OneOf(words=list(OUTCOMES)),
        "note": Str(longest=1000),
        "paper_reference": Str(longest=100, about="The number of the minutes"),
    },
    required=frozenset({"outcome"}),
)
LIFTING = Obj(
    name="RecallLifting",
    fields={
        "note": Str(
            shortest=1,
            longest=1000,
            about="Why the lot may leave again",
            example="Kết luận đạt chất lượng",
        )
    },
    required=frozenset({"note"}),
)
STATE = {200: Answer("As it stands now", one_of(VIEW))}


class RecallsApi(Api):
    """A lot called back."""

    class_permission_name = "Recalls"

    @operation(
        method="GET",
        path="/recalls",
        tag=TAG,
        permission="read",
        summary=Text("Các đợt thu hồi, mới nhất trước", "Recalls, newest first"),
        query=PAGING,
        answers=page_answer(HEAD),
    )
    def recalls(self, query: dict[str, Any]) -> Any:
        """Those that touch the facilities in scope."""
        found = queries.recalls("", 10_000)
        return paged(found, lambda row: row.id, "recalls", query, newest_first=True)

    @operation(
        method="GET",
        path="/recalls/{recall_id}",
        tag=TAG,
        permission="read",
        summary=Text("Một đợt thu hồi", "One recall"),
        in_path=AT,
        answers=STATE,
    )
    def recall(self, recall_id: int) -> Any:
        """Who holds it, what went onward, who has answered."""
        return {"result": queries.recall(recall_id)}

    @operation(
        method="POST",
        path="/recalls",
        tag=TAG,
        permission="lead",
        summary=Text("Thu hồi một lô", "Recall a lot"),
        about="From now on no store issues or sends the lot.",
        headers=KEYED,
        body=taken_shape(Recall, "NewRecall", without=("client_key",)),
        answers={201: Answer("Begun, or begun before with this key", one_of(VIEW))},
        errors=(404, 409),
    )
    def start(self, body: dict[str, Any], headers: dict[str, Any]) -> Any:
        """Once per key."""
        recall = made(Recall, body, client_key=headers["Idempotency-Key"])
        return {"result": queries.recall(services.start(recall))}

    @operation(
        method="POST",
        path="/recalls/{recall_id}/answers",
        tag=TAG,
        permission="write",
        summary=Text("Trả lời thu hồi", "Answer a recall"),
        about="All of the lot that the store holds is set aside in the same moment.",
        in_path=AT,
        headers=KEYED,
        body=ANSWER,
        answers=STATE,
        errors=(409,),
    )
    def answer(self, recall_id: int, body: dict[str, Any], headers: dict[str, Any]) -> Any:
        """Once per key."""
        with fields_as_sent():
            said = {name: value for name, value in body.items() if name != "facility_id"}
            services.answer(recall_id, body["facility_id"], headers["Idempotency-Key"], **said)
            return {"result": queries.recall(recall_id)}

    @operation(
        method="POST",
        path="/recalls/{recall_id}/closing",
        tag=TAG,
        permission="lead",
        summary=Text("Kết thúc thu hồi", "Close a recall"),
        about="Each store finds a draft for what lies in its quarantine. Destroyed or returned: only"
        " when nothing is left outside quarantine, and the lot stays blocked until it is lifted.",
        in_path=AT,
        body=CLOSING,
        answers=STATE,
        errors=(409,),
    )
    def close(self, recall_id: int, body: dict[str, Any]) -> Any:
        """Once; a second time says that it is over."""
        services.close(recall_id, **body)
        return {"result": queries.recall(recall_id)}

    @operation(
        method="POST",
        path="/recalls/{recall_id}/lifting",
        tag=TAG,
        permission="lead",
        summary=Text("Gỡ chặn lô sau thu hồi", "Lift the block of a closed recall"),
        in_path=AT,
        body=LIFTING,
        answers=STATE,
        errors=(409,),
    )
    def lift(self, recall_id: int, body: dict[str, Any]) -> Any:
        """Once."""
        services.lift(recall_id, body["note"])
        return {"result": queries.recall(recall_id)}


class QuarantineApi(Api):
    """What is set aside."""

    class_permission_name = "Quarantine"

    @operation(
        method="GET",
        path="/quarantine",
        tag=TAG,
        permission="read",
        summary=Text("Hàng đang biệt trữ", "What is in quarantine"),
        query=PAGING | {"facility": FACILITY},
        answers=page_answer(SET_ASIDE),
        errors=(404,),
    )
    def quarantine(self, query: dict[str, Any]) -> Any:
        """By lot. Goods are set aside and released as documents (`POST /documents`)."""
        place = in_scope(query)
        found = queries.quarantined(None if place is None else [place])
        return paged(found, lambda r: (r.goods.lot_id, r.facility_id), "quarantine", query)
