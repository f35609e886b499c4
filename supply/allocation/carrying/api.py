"""Plans for other programs: read, follow, decide."""

from __future__ import annotations

from typing import Any

from supply.allocation import queries
from supply.allocation.carrying import services
from supply.allocation.carrying.progress import LINE_STATES, Line
from supply.allocation.carrying.queries import carrying
from supply.allocation.queries import PlanHead, Progress, TransferRow
from supply.allocation.words import STATES
from supply.core.api import Answer, Api, Sent, operation
from supply.core.shape_of import shape_of, with_also
from supply.core.shapes import Int, Listed, Moment, Number, Obj, OneOf, Str
from supply.core.text import Text
from supply.inventory.api import PAGING, page_answer, paged
from supply.inventory.api_documents import KEYED
from supply.inventory.api_shapes import ID, one_of

TAG = "Plans"
PERCENT = Number(about="Of the shortage without transfers, how much the plan takes away, %")
HEAD = shape_of(
    PlanHead,
    "PlanHead",
    also={
        "state": OneOf(words=list(STATES)),
        "policy": Str(longest=40, example="lexicographic"),
        "relief_percent": PERCENT,
        "gap_percent": Number(about="At most how far from the best there can be, %"),
    },
)
DECISION = {
    "approved_by": Str(about="Empty while it is not approved"),
    "approved_at": Moment(null=True),
    "rejected_by": Str(),
    "reject_reason": Str(),
    "ended_by": Str(),
    "end_reason": Str(),
}
PLAN = Obj(
    name="Plan",
    fields={"head": HEAD, **DECISION, "progress": shape_of(Progress, "PlanProgress")},
)
TRANSFER = shape_of(TransferRow, "PlanTransfer")
LINE = shape_of(
    Line,
    "PlanLine",
    also={
        "state": OneOf(words=list(LINE_STATES)),
        "on_way": Int(about="Sent, and neither received nor lost; base units"),
    },
)
APPROVED = Obj(
    name="PlanApproval",
    fields={"plan_id": ID, "drafts": Listed(of=ID)},
)
REASON = Obj(
    name="PlanReason",
    fields={"reason": Str(shortest=1, longest=500, example="Đã có đợt cấp bổ sung của Sở")},
    required=frozenset({"reason"}),
)
AT = {"plan_id": ID}
STATE = {200: Answer("As it stands now", one_of(PLAN))}


class PlansApi(Api):
    """Allocation plans."""

    class_permission_name = "Plans"

    @operation(
        method="GET",
        path="/plans",
        tag=TAG,
        permission="read",
        summary=Text("Các kế hoạch phân bổ, mới nhất trước", "Allocation plans, newest first"),
        query=PAGING
        | {
            "district": Str(longest=60, about="Only this district", example="ba-dinh"),
            "status": OneOf(words=["trial", "proposed", "approved", "rejected"]),
        },
        answers=page_answer(HEAD),
    )
    def plans(self, query: dict[str, Any]) -> Any:
        """Of the caller's districts."""
        found = queries.plans(query.get("district"), query.get("status"), limit=1000)
        return paged(
            [_head(head) for head in found],
            lambda row: row["id"],
            "plans",
            query,
            newest_first=True,
        )

    @operation(
        method="GET",
        path="/plans/{plan_id}",
        tag=TAG,
        permission="read",
        summary=Text("Một kế hoạch phân bổ", "One allocation plan"),
        in_path=AT,
        answers=STATE,
    )
    def plan(self, plan_id: int) -> Any:
        """Who decided, and how far it is."""
        return _state(plan_id)

    @operation(
        method="GET",
        path="/plans/{plan_id}/transfers",
        tag=TAG,
        permission="read",
        summary=Text("Hàng chuyển của kế hoạch", "A plan's transfers"),
        in_path=AT,
        query=PAGING,
        answers=page_answer(TRANSFER),
    )
    def transfers(self, plan_id: int, query: dict[str, Any]) -> Any:
        """Each lot from one place to another, by day, sender, receiver, item, lot."""

        def key(row: TransferRow) -> tuple[str, ...]:
            return row.day.isoformat(), row.origin, row.destination, row.item, row.lot

        return paged(queries.plan(plan_id).transfers, key, "plan_transfers", query)

    @operation(
        method="GET",
        path="/plans/{plan_id}/progress",
        tag=TAG,
        permission="read",
        summary=Text("Kế hoạch và thực tế, từng dòng", "Planned and real, line by line"),
        about="A line is all of one item that one place sends another on one day.",
        in_path=AT,
        query=PAGING | {"state": OneOf(words=list(LINE_STATES))},
        answers=page_answer(LINE),
    )
    def progress(self, plan_id: int, query: dict[str, Any]) -> Any:
        """Of the stores the caller may see."""
        wanted = query.get("state")
        rows = [
            with_also(line, "on_way")
            for line in carrying(plan_id).lines
            if wanted in (None, line.state)
        ]

        def key(row: dict[str, Any]) -> tuple[str, ...]:
            return row["day"].isoformat(), row["origin"], row["destination"], row["item"]

        return paged(rows, key, "plan_progress", query)

    @operation(
        method="POST",
        path="/plans/{plan_id}/approval",
        tag=TAG,
        permission="write",
        summary=Text("Duyệt kế hoạch", "Approve a plan"),
        about="By a second person: 403 for whoever made it. Transfer drafts wait at the senders "
        "afterwards. Approved once: with another key, 409; 409 also where the stock has changed.",
        in_path=AT,
        headers=KEYED,
        answers={
            201: Answer("Approved", one_of(APPROVED)),
            200: Answer("Approved before with this key", one_of(APPROVED)),
        },
        errors=(409,),
    )
    def approve(self, plan_id: int, headers: dict[str, Any]) -> Any:
        """Once per key."""
        key = headers["Idempotency-Key"]
        before = services.approved_with(plan_id, key)
        drafts = services.approve(plan_id, key) if before is None else before
        answer = {"result": {"plan_id": plan_id, "drafts": drafts}}
        return Sent(answer, 201 if before is None else 200)

    @operation(
        method="POST",
        path="/plans/{plan_id}/rejection",
        tag=TAG,
        permission="write",
        summary=Text("Không duyệt kế hoạch", "Turn a plan down"),
        in_path=AT,
        body=REASON,
        answers=STATE,
        errors=(409,),
    )
    def reject(self, plan_id: int, body: dict[str, Any]) -> Any:
        """With the reason."""
        services.reject(plan_id, body["reason"])
        return _state(plan_id)

    @operation(
        method="POST",
        path="/plans/{plan_id}/end",
        tag=TAG,
        permission="write",
        summary=Text("Kết thúc kế hoạch sớm", "End an approved plan early"),
        about="Drafts that still wait are thrown away; what has left goes on its way.",
        in_path=AT,
        body=REASON,
        answers=STATE,
        errors=(409,),
    )
    def end(self, plan_id: int, body: dict[str, Any]) -> Any:
        """With the reason."""
        services.end(plan_id, body["reason"])
        return _state(plan_id)


def _head(head: PlanHead) -> dict[str, Any]:
    return with_also(head, "relief_percent", "gap_percent")


def _state(plan_id: int) -> dict[str, Any]:
    plan = queries.plan(plan_id)
    decided = {name: getattr(plan, name) for name in DECISION}
    return {"result": {"head": _head(plan.head), **decided, "progress": plan.progress}}
