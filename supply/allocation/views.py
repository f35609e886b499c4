"""Pages of allocation: the plans, one plan with its decision."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask.wrappers import Response
from flask_appbuilder import BaseView, expose

from supply.allocation import queries, services
from supply.allocation.carrying import services as decisions
from supply.allocation.flow import picture
from supply.allocation.queries import ItemRow, PlanView, TransferRow
from supply.allocation.services import PlanRequest
from supply.allocation.story import percent, short_name, tell
from supply.allocation.words import (
    CLASS_NAMES,
    HORIZON_DAYS,
    POLICIES,
    QUANTILES,
    STATE_BAR,
    STATES,
    TRIP_STATES,
)
from supply.catalog import queries as catalog
from supply.core.errors import Fault, InvalidInput, NotFound, SupplyError
from supply.core.home import Tile, tiles_for
from supply.core.i18n import t, today
from supply.core.security import guarded, may
from supply.core.text import Text, group_digits
from supply.forecast import queries as forecast
from supply.inventory import queries as inventory

SHOWN_TRANSFERS, SHOWN_ITEMS = 40, 8
_WORDS = {
    "CLASS_NAMES": CLASS_NAMES,
    "POLICIES": POLICIES,
    "QUANTILES": QUANTILES,
    "STATES": STATES,
    "TRIP_STATES": TRIP_STATES,
    "percent": percent,
    "short_name": short_name,
}


class PlansView(BaseView):
    """Allocation plans: ask for one, look at it, decide."""

    route_base = "/plans"
    class_permission_name = "Plans"
    method_permission_name = {
        "index": "read",
        "create": "write",
        "show": "read",
        "approve": "write",
        "reject": "write",
        "download": "read",
    }

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The plans of one's districts, and the form to ask for one."""
        return self._list({}, ())

    @expose("/", methods=["POST"])
    @guarded
    def create(self) -> Any:
        """Ask for a plan; goes on to its progress."""
        typed = request.form
        try:
            job_id = services.start_plan(_request(typed.to_dict()))
        except SupplyError as error:
            if error.status not in {409, 422}:
                raise
            faults = error.faults or (Fault("policy", error.text),)
            return self._list(typed.to_dict(), faults), error.status
        return redirect(url_for("JobView.show", job_id=job_id))

    def _list(self, typed: dict[str, str], faults: tuple[Fault, ...]) -> str:
        districts = catalog.districts()
        chosen = typed.get("district") or (districts[0].slug if districts else "")
        run = next((forecast.latest_run(d.id) for d in districts if d.slug == chosen), None)
        return str(
            self.render_template(
                "allocation/plans.html",
                plans=queries.plans(),
                districts=districts,
                district_pairs=[(d.slug, d.name) for d in districts],
                run=run,
                typed=typed,
                faults=faults,
                horizons=HORIZON_DAYS,
                may_write=may("can_write", "Plans"),
                **_WORDS,
            )
        )

    @expose("/<int:plan_id>")
    @guarded
    def show(self, plan_id: int) -> Any:
        """One plan, for those who decide and those who carry it out."""
        return self._page(plan_id, None)

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
        plan = queries.plan(plan_id)
        asked = {k: request.args.get(k, "") for k in ("from", "to", "item", "day")}
        found = [row for row in plan.transfers if _matches(row, asked)]
        everything = request.args.get("all") == "1"
        return str(
            self.render_template(
                "allocation/plan.html",
                plan=plan,
                story=tell(plan),
                weights=", ".join(
                    f"{t(words).lower()} {group_digits(plan.weights[name])}"
                    for name, words in CLASS_NAMES.items()
                ),
                states=[(key, t(STATES[key])) for key in _bar(plan)],
                error=error,
                asked=asked,
                choices=_choices(plan),
                may_send=may("can_write", "Documents"),
                relieved=_most(plan, lambda row: (row.no_transfer - row.plan) / row.needed),
                still_short=_most(plan, lambda row: row.plan / row.needed),
                found=found,
                shown=found if everything else found[:SHOWN_TRANSFERS],
                trips=_trips(plan),
                flow=picture(
                    (t(short_name(r.origin_name)), t(short_name(r.destination_name)))
                    for r in plan.transfers
                ),
                out_of_date=plan.status == "proposed" and _is_out_of_date(plan),
                may_write=may("can_write", "Plans"),
                **_WORDS,
            )
        )


def _most(plan: PlanView, share: Callable[[ItemRow], float]) -> list[ItemRow]:
    """The few items with the largest share of their need, none with nothing."""
    rows = sorted(plan.items, key=lambda row: (-share(row), row.code))
    return [row for row in rows if share(row) > 0][:SHOWN_ITEMS]


def _bar(plan: PlanView) -> tuple[str, ...]:
    return ("proposed", "rejected") if plan.status == "rejected" else STATE_BAR


def _is_out_of_date(plan: PlanView) -> bool:
    """Its first day is past, and a plan made now would begin later."""
    if plan.head.start >= today():
        return False
    run = forecast.latest_run(catalog.district(plan.head.district_slug).id)
    return run is not None and not services.is_stale(run)


def _request(typed: dict[str, str]) -> PlanRequest:
    """What the form says. Raises InvalidInput for what is not a number."""
    faults = []

    def number(name: str, default: str) -> float:
        try:
            return float(typed.get(name, default).strip().replace(",", ".") or default)
        except ValueError:
            faults.append(
                Fault(
                    name,
                    Text(f"“{typed[name]}” không phải là số.", f"“{typed[name]}” is not a number."),
                )
            )
            return float(default)

    asked = PlanRequest(
        district_slug=typed.get("district", ""),
        policy=typed.get("policy", ""),
        horizon_days=int(number("horizon_days", "14")),
        quantile=number("quantile", "0.5"),
        reserve_days=int(number("reserve_days", "3")),
        include_private=typed.get("include_private") == "1",
    )
    if faults:
        raise InvalidInput(faults=faults)
    return asked


def _matches(row: TransferRow, asked: dict[str, str]) -> bool:
    return (
        asked["from"] in ("", row.origin)
        and asked["to"] in ("", row.destination)
        and asked["item"] in ("", row.item)
        and asked["day"] in ("", row.day.isoformat())
    )


def _choices(plan: PlanView) -> dict[str, list[tuple[str, str]]]:
    """What the transfers can be filtered by."""
    rows = plan.transfers
    return {
        "from": sorted({(r.origin, t(r.origin_name)) for r in rows}),
        "to": sorted({(r.destination, t(r.destination_name)) for r in rows}),
        "item": sorted({(r.item, t(r.item_name)) for r in rows}, key=lambda pair: pair[1]),
        "day": sorted({(r.day.isoformat(), r.day.strftime("%d/%m/%Y")) for r in rows}),
    }


def _trips(plan: PlanView) -> list[tuple[Text, Text, int, float]]:
    """(from, to, lines, litres) of each pair, the fullest first."""
    pairs: dict[tuple[Text, Text], list[float]] = {}
    for row in plan.transfers:
        pairs.setdefault((row.origin_name, row.destination_name), []).append(row.litres)
    rows = [(*pair, len(litres), sum(litres)) for pair, litres in pairs.items()]
    return sorted(rows, key=lambda row: (-row[3], row[0], row[1]))


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
        )
    ]
