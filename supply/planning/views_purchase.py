"""Purchase plans: propose under terms, save, approve by a second person, order."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose

from supply.catalog import queries as catalog
from supply.catalog.words import CATEGORY
from supply.core.address import query_of
from supply.core.errors import SupplyError
from supply.core.lists import args
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.planning import exports, queries, services, tiles
from supply.planning.purchase_plans import SERVICE_LEVELS, STATUS_NAMES, Proposal, by_fund
from supply.planning.typed import asked_of
from supply.planning.views_common import PlanningPage, done, fault_words, here, typed
from supply.planning.words import lateness, why

__all__ = ["PurchaseView", "exports", "tiles"]


class PurchaseView(PlanningPage):
    """What to buy, by when, for how much."""

    route_base = "/purchase"
    default_view = "index"
    class_permission_name = "Purchase"
    method_permission_name = {
        "index": "read", "show": "read", "save": "write", "withdraw": "write", "order": "write",
        "approve": "approve", "send_back": "approve",
    }  # fmt: skip

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The terms, what they come to today, and the plans kept before."""
        return self._page(None)

    def _page(self, error: SupplyError | None) -> Any:
        at = here()
        said = typed()
        made: Proposal | None = None
        if at.run is not None:
            try:
                made = queries.propose(at.district.slug, asked_of(said))
            except SupplyError as fault:
                if fault.status not in {409, 422}:
                    raise
                error = error or fault
        return self.page(
            "purchase",
            at,
            error,
            made=made,
            by_fund=by_fund(made.rows) if made else (),
            plans=queries.purchase_plans(at.district.id),
            said=said,
            query=query_of(args(), plan=None),
            faults=fault_words(error),
            levels=SERVICE_LEVELS,
            funds=catalog.funds(),
            categories=CATEGORY,
            may_write=may("can_write", "Purchase"),
            STATUS_NAMES=STATUS_NAMES,
            why=why,
            lateness=lateness,
        )

    @expose("/save", methods=["POST"])
    @guarded
    def save(self) -> Any:
        """Keep what is proposed."""
        slug = here().district.slug
        return done(
            lambda: services.save_purchase(slug, asked_of(request.form)),
            Text(
                "Đã lưu kế hoạch. Người thứ hai duyệt thì mới đặt hàng.",
                "The plan is kept. A second person approves it before anything is ordered.",
            ),
            "/purchase/{}",
            self._page,
        )

    @expose("/<int:plan_id>")
    @guarded
    def show(self, plan_id: int) -> Any:
        """One plan as it was made."""
        return self._show(plan_id, None)

    def _show(self, plan_id: int, error: SupplyError | None) -> Any:
        plan = queries.purchase_plan(plan_id)
        places = catalog.facilities(plan.head.district_id)
        return self.page(
            "purchase_plan",
            here(),
            error,
            plan=plan,
            head=plan.head,
            by_fund=by_fund(plan.rows),
            depots=[f for f in places if f.is_depot] or places,
            partners=catalog.partners(),
            categories=CATEGORY,
            may_write=may("can_write", "Purchase"),
            may_decide=may("can_approve", "Purchase") and plan.may_decide and not plan.is_mine,
            STATUS_NAMES=STATUS_NAMES,
            why=why,
            lateness=lateness,
        )

    @expose("/<int:plan_id>/approve", methods=["POST"])
    @guarded
    def approve(self, plan_id: int) -> Any:
        """A second person approves."""
        return self._done(
            plan_id,
            lambda: services.approve_purchase(plan_id),
            Text("Đã duyệt kế hoạch mua.", "The purchase plan is approved."),
        )

    @expose("/<int:plan_id>/return", methods=["POST"])
    @guarded
    def send_back(self, plan_id: int) -> Any:
        """A second person sends it back, with the reason."""
        return self._done(
            plan_id,
            lambda: services.return_purchase(plan_id, request.form.get("reason", "")),
            Text("Đã trả lại kế hoạch.", "The plan is sent back."),
        )

    @expose("/<int:plan_id>/withdraw", methods=["POST"])
    @guarded
    def withdraw(self, plan_id: int) -> Any:
        """The author takes it back."""
        return self._done(
            plan_id,
            lambda: services.withdraw_purchase(plan_id),
            Text("Đã rút kế hoạch.", "The plan is withdrawn."),
        )

    @expose("/<int:plan_id>/order", methods=["POST"])
    @guarded
    def order(self, plan_id: int) -> Any:
        """Write the lines of an approved plan as orders to come."""
        form = request.form
        facility = form.get("facility_id", "")

        def verb() -> int:
            made = services.order_from_plan(
                plan_id,
                int(facility) if facility.isdigit() and len(facility) < 10 else 0,
                form.get("partner", ""),
                form.getlist("item"),
                form.get("paper_reference", ""),
            )
            return len(made)

        words = Text("Đã ghi các dòng thành hàng đã đặt.", "The lines are on order now.")
        return done(
            verb,
            words,
            f"/on-order/?district={_slug(plan_id)}",
            lambda error: self._show(plan_id, error),
        )

    def _done(self, plan_id: int, verb: Any, words: Text) -> Any:
        return done(verb, words, f"/purchase/{plan_id}", lambda error: self._show(plan_id, error))


def _slug(plan_id: int) -> str:
    """The district of a plan, for addresses."""
    head = queries.purchase_plan(plan_id).head
    return next(d.slug for d in catalog.districts() if d.id == head.district_id)
