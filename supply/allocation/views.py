"""Pages of a plan: what it proposes and its decision. Asking for one: `asking.views`."""

from __future__ import annotations

import json
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask.wrappers import Response
from flask_appbuilder import BaseView, expose

from supply.allocation import queries
from supply.allocation.carrying import services as decisions
from supply.allocation.seeing.overview import overview
from supply.catalog import queries as catalog
from supply.core.errors import NotFound, SupplyError
from supply.core.home import Tile, tiles_for
from supply.core.i18n import t
from supply.core.security import guarded
from supply.core.text import Text
from supply.inventory import queries as inventory


class PlansView(BaseView):
    """One plan: look at it, decide."""

    route_base = "/plans"
    class_permission_name = "Plans"
    method_permission_name = {
        "show": "read",
        "propose": "write",
        "approve": "write",
        "reject": "write",
        "download": "read",
    }

    @expose("/<int:plan_id>")
    @guarded
    def show(self, plan_id: int) -> Any:
        """One plan, for those who decide and those who carry it out."""
        return self._page(plan_id, None)

    @expose("/<int:plan_id>/propose", methods=["POST"])
    @guarded
    def propose(self, plan_id: int) -> Any:
        """Put a trial forward; a second person decides."""
        try:
            decisions.put_forward(plan_id)
        except SupplyError as error:
            if error.status != 409:
                raise
            return self._page(plan_id, error), 409
        flash(t("Đã trình duyệt.", "Put forward."), "success")
        return redirect(url_for("PlansView.show", plan_id=plan_id))

    @expose("/<int:plan_id>/approve", methods=["POST"])
    @guarded
    def approve(self, plan_id: int) -> Any:
        """Approve, once; the senders find their drafts."""
        try:
            drafts = decisions.approve(plan_id)
        except SupplyError as error:
            if error.status != 409:
                raise
            return self._page(plan_id, error), 409
        flash(
            t(
                f"Đã duyệt. {len(drafts)} phiếu chuyển nháp đã gửi đến kho của các nơi gửi.",
                f"Approved. {len(drafts)} transfer drafts are with the sending stores.",
            ),
            "success",
        )
        return redirect(url_for("PlansView.show", plan_id=plan_id))

    @expose("/<int:plan_id>/reject", methods=["POST"])
    @guarded
    def reject(self, plan_id: int) -> Any:
        """Turn down with a reason."""
        try:
            decisions.reject(plan_id, request.form.get("reason", ""))
        except SupplyError as error:
            if error.status not in {409, 422}:
                raise
            return self._page(plan_id, error), error.status
        flash(
            t("Đã ghi: không duyệt kế hoạch này.", "Recorded: the plan is turned down."), "success"
        )
        return redirect(url_for("PlansView.show", plan_id=plan_id))

    @expose("/<int:plan_id>/<part>.json")
    @guarded
    def download(self, plan_id: int, part: str) -> Response:
        """The question or the answer in the published form, to be proved again elsewhere."""
        stored = {"instance": "instance", "plan": "result"}.get(part)
        if stored is None:
            raise NotFound()
        body = json.dumps(queries.stored(plan_id, stored), ensure_ascii=False)
        response = make_response(body)
        response.mimetype = "application/json"
        response.headers["Content-Disposition"] = (
            f'attachment; filename="plan-{plan_id}-{part}.json"'
        )
        return response

    def _page(self, plan_id: int, error: SupplyError | None) -> str:
        shown = overview(plan_id)
        return str(self.render_template("allocation/plan.html", error=error, **shown))


@tiles_for("can_write", "Plans")
def _plans_to_decide() -> list[Tile]:
    """For planners: what waits for a decision."""
    waiting = queries.waiting_plans()
    if not waiting:
        return []
    only = len(waiting) == 1
    return [
        Tile(
            Text("Kế hoạch chờ duyệt", "Plans to decide"),
            str(len(waiting)),
            f"/plans/{waiting[0].id}" if only else "/plans/",
            Text("kế hoạch", "plans"),
            "warning",
            20,
            Text("Xem và duyệt, hoặc trả lại", "Look at them; approve, or give back"),
        )
    ]


@tiles_for("can_read", "Plans")
def _transfers_to_send() -> list[Tile]:
    """For storekeepers: drafts that plans left in their store."""
    mine = [f.id for f in catalog.facilities(writable=True)]
    if not mine:
        return []
    drafts = [d for d in inventory.drafts(mine, limit=1000) if d.origin.startswith("plan:")]
    if not drafts:
        return []
    origins = {d.origin for d in drafts}
    url = "/documents/drafts/" + (f"?origin={origins.pop()}" if len(origins) == 1 else "")
    return [
        Tile(
            Text("Phiếu chuyển theo kế hoạch cần gửi", "Planned transfers to send"),
            str(len(drafts)),
            url,
            Text("phiếu", "documents"),
            "warning",
            15,
            Text("Xem lô, ghi sổ và gửi", "Look at the lots, post and send"),
        )
    ]
