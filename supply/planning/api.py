"""Purchase plans and reserve lists for other programs: reading only; people decide on the pages."""

from __future__ import annotations

from typing import Any

from supply.catalog import queries as catalog
from supply.core.api import Answer, Api, operation
from supply.core.shape_of import INT4_MAX, shape_of, with_also
from supply.core.shapes import Int, Listed, Obj
from supply.core.text import Text
from supply.inventory.api import PAGING, page_answer, paged
from supply.inventory.api_shapes import ID, one_of
from supply.planning import queries
from supply.planning.purchase_plans import PlanHead, PlanRow
from supply.planning.reserve_lists import ListHead, ListLine

TAG = "Planning"
DISTRICT = {"district": Int(lowest=1, highest=INT4_MAX, about="Only this district, by its id")}
PLAN = shape_of(PlanHead, "PurchasePlan")
PLAN_VIEW = Obj(
    name="PurchasePlanView",
    fields={**PLAN.fields, "lines": Listed(of=shape_of(PlanRow, "PurchasePlanLine"))},
)
RESERVE = shape_of(ListHead, "ReserveList")
RESERVE_VIEW = Obj(
    name="ReserveListView",
    fields={
        **RESERVE.fields,
        "lines": Listed(of=shape_of(ListLine, "ReserveListLine", also={"missing": Int()})),
    },
)


def _districts(query: dict[str, Any]) -> list[int]:
    """Those in scope that are asked for; another one has no rows."""
    return [d.id for d in catalog.districts() if query.get("district") in (None, d.id)]


class PurchasePlansApi(Api):
    """What is to be bought."""

    class_permission_name = "Purchase"

    @operation(
        method="GET",
        path="/purchase-plans",
        tag=TAG,
        permission="read",
        summary=Text("Các kế hoạch mua, mới nhất trước", "Purchase plans, newest first"),
        query=PAGING | DISTRICT,
        answers=page_answer(PLAN),
    )
    def plans(self, query: dict[str, Any]) -> Any:
        """Of the districts in scope."""
        found = [p for at in _districts(query) for p in queries.purchase_plans(at, 10_000)]
        return paged(found, lambda p: p.id, "purchase plans", query, newest_first=True)

    @operation(
        method="GET",
        path="/purchase-plans/{plan_id}",
        tag=TAG,
        permission="read",
        summary=Text("Một kế hoạch mua", "One purchase plan"),
        in_path={"plan_id": ID},
        answers={200: Answer("With its lines", one_of(PLAN_VIEW))},
    )
    def plan(self, plan_id: int) -> Any:
        """As it was on the day it was made."""
        found = queries.purchase_plan(plan_id)
        return {"result": with_also(found.head) | {"lines": list(found.rows)}}


class ReserveListsApi(Api):
    """What is kept for the worst case."""

    class_permission_name = "ReserveLists"

    @operation(
        method="GET",
        path="/reserve-lists",
        tag=TAG,
        permission="read",
        summary=Text("Các danh mục dự trữ, mới nhất trước", "Reserve lists, newest first"),
        query=PAGING | DISTRICT,
        answers=page_answer(RESERVE),
    )
    def lists(self, query: dict[str, Any]) -> Any:
        """All versions of the districts in scope."""
        found = [p for at in _districts(query) for p in queries.reserve_lists(at)]
        return paged(found, lambda p: p.id, "reserve lists", query, newest_first=True)

    @operation(
        method="GET",
        path="/reserve-lists/{list_id}",
        tag=TAG,
        permission="read",
        summary=Text("Một danh mục dự trữ", "One reserve list"),
        in_path={"list_id": ID},
        answers={200: Answer("With its lines against what is held now", one_of(RESERVE_VIEW))},
    )
    def reserve_list(self, list_id: int) -> Any:
        """Lines of the facilities in scope."""
        found = queries.reserve_list(list_id)
        lines = [with_also(line, "missing") for line in found.lines]
        return {"result": with_also(found.head) | {"lines": lines}}
