"""Pages that ask for a plan: the list with its form, the inputs looked over first, the terms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.datastructures import MultiDict

from supply.allocation import queries, services
from supply.allocation.asking import terms
from supply.allocation.asking.findings import Finding, Row, look_over
from supply.allocation.asking.form import USUAL, query_pairs, request_of
from supply.allocation.asking.reading import Asked, read_asked, run_notes
from supply.allocation.asking.request import OWN_WEIGHTS, PlanRequest
from supply.allocation.asking.tables import item_inputs, place_inputs
from supply.allocation.instance import CLASSES, STANDARD_WEIGHTS
from supply.allocation.problem import build_problem
from supply.allocation.story import percent, short_name
from supply.allocation.words import CLASS_NAMES, HORIZON_DAYS, POLICIES, QUANTILES, STATES
from supply.catalog import queries as catalog
from supply.catalog.words import VEHICLE_COLD_CHAIN
from supply.core import jobs
from supply.core.errors import Fault, InvalidInput, SupplyError
from supply.core.i18n import t, today
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.forecast import queries as forecast
from supply.inventory.parsing import parse_date_vn
from supply.planning.queries import approved_reserve
from supply.planning.runs import choices_in_words, run_words

ITEMS_SHOWN, ROWS_SHOWN = 30, 20
_MENDED_IN_PLACE = {403, 409, 422}
RESERVE_NAMES = {
    "days": Text("Số ngày dùng của chính nơi đó", "Days of the place's own use"),
    "approved": Text("Danh mục dự trữ đã duyệt", "The approved reserve list"),
    "both": Text("Mức lớn hơn trong hai mức", "The larger of the two"),
}
LEVEL_NAMES = {
    "danger": Text("Cần xử lý", "To be mended"),
    "warning": Text("Nên xem", "To be looked at"),
    "info": Text("Để biết", "To know"),
}


class AskPlansView(BaseView):
    """Ask for a plan, and see what it would be asked with."""

    route_base = "/plans"
    default_view = "index"
    class_permission_name = "Plans"
    method_permission_name = {
        "index": "read",
        "create": "write",
        "inputs": "write",
        "agreement": "write",
        "vulnerability": "write",
    }

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The plans of one's districts, and the form to ask for one."""
        return self._list(request.args, ())

    @expose("/", methods=["POST"])
    @guarded
    def create(self) -> Any:
        """Ask for a plan; goes on to its progress."""
        try:
            job_id = services.start_plan(_request(request.form))
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE - {403}:
                raise
            return self._list(request.form, _faults(error)), error.status
        return redirect(url_for("JobView.show", job_id=job_id))

    def _list(self, typed: MultiDict[str, str], faults: tuple[Fault, ...]) -> str:
        districts = catalog.districts()
        slug = typed.get("district", "")
        here = next((d for d in districts if d.slug == slug), districts[0] if districts else None)
        planner = may("can_write", "Plans") and here is not None
        return str(
            self.render_template(
                "allocation/plans.html",
                plans=queries.plans(),
                under_way=jobs.under_way(services.KIND) if planner else [],
                districts=districts,
                here=here,
                run=None if here is None else forecast.latest_run(here.id),
                choice=_choice(here) if planner and here is not None else {},
                typed=typed,
                ticked=typed.getlist("partner"),
                faults=faults,
                usual=USUAL,
                horizons=HORIZON_DAYS,
                own=OWN_WEIGHTS,
                classes=[(c, CLASS_NAMES[c], STANDARD_WEIGHTS[c]) for c in CLASSES],
                RESERVE_NAMES=RESERVE_NAMES,
                may_write=planner,
                percent=percent,
                POLICIES=POLICIES,
                QUANTILES=QUANTILES,
                STATES=STATES,
            )
        )

    @expose("/inputs")
    @guarded
    def inputs(self) -> Any:
        """Everything a plan would be asked with, and what is missing or odd, before solving."""
        return self._inputs(None, request.args)

    def _inputs(self, refused: SupplyError | None, said: MultiDict[str, str]) -> Any:
        districts = catalog.districts()
        values: dict[str, Any] = {"found": None}
        error = refused
        try:
            asked = _request(said)
            if not asked.district_slug and districts:
                asked = PlanRequest.of({**asked.params(), "district_slug": districts[0].slug})
            values = {"query": urlencode(query_pairs(asked)), "pairs": query_pairs(asked)}
            values |= _seen(asked, read_asked(asked), request.args.get("all") == "1")
        except SupplyError as broken:
            if broken.status not in _MENDED_IN_PLACE - {403}:
                raise
            error = error or broken
        here = next(
            (d for d in districts if d.slug == said.get("district")),
            districts[0] if districts else None,
        )
        page = self.render_template(
            "allocation/inputs.html",
            **{"query": "", "pairs": [], "found": None, **values},
            error=error,
            here=here,
            agreements=[] if here is None else terms.agreements(here.id),
            vulnerabilities=[] if here is None else terms.vulnerabilities(here.id),
            day=today(),
            typed=request.form,
            short_name=short_name,
            LEVEL_NAMES=LEVEL_NAMES,
            POLICIES=POLICIES,
            QUANTILES=QUANTILES,
            COLD=VEHICLE_COLD_CHAIN,
        )
        return (page, error.status) if error is not None else page

    @expose("/inputs/agreement", methods=["POST"])
    @guarded
    def agreement(self) -> Any:
        """Record that a private facility takes part, or no longer does."""
        form = request.form

        def verb() -> None:
            last = form.get("valid_to", "").strip()
            terms.record_agreement(
                _id(form, "facility", Text("cơ sở", "the facility")),
                form.get("agreed") == "1",
                parse_date_vn(form.get("valid_from", ""), "valid_from"),
                parse_date_vn(last, "valid_to") if last else None,
                form.get("paper_reference", ""),
            )

        return self._kept(verb, Text("Đã ghi thỏa thuận.", "The agreement is recorded."))

    @expose("/inputs/vulnerability", methods=["POST"])
    @guarded
    def vulnerability(self) -> Any:
        """Set a ward's weight from a day on."""
        form = request.form

        def verb() -> None:
            try:
                weight = float(form.get("weight", "").strip().replace(",", "."))
            except ValueError:
                weight = float("nan")
            terms.set_vulnerability(
                _id(form, "ward", Text("phường, xã", "the ward")),
                weight,
                parse_date_vn(form.get("valid_from", ""), "valid_from"),
                form.get("source", ""),
            )

        return self._kept(verb, Text("Đã ghi hệ số.", "The weight is recorded."))

    def _kept(self, verb: Callable[[], None], words: Text) -> Any:
        said: MultiDict[str, str] = MultiDict({"district": request.form.get("district", "")})
        try:
            verb()
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE:
                raise
            return self._inputs(error, said)
        flash(t(words), "success")
        return redirect(f"/plans/inputs?{urlencode(said)}#terms")


def _request(said: MultiDict[str, str]) -> PlanRequest:
    return request_of(said.to_dict(), said.getlist("partner"))


def _faults(error: SupplyError) -> tuple[Fault, ...]:
    return tuple(error.faults) or (Fault("policy", error.text),)


def _id(form: MultiDict[str, str], field: str, name: Text) -> int:
    typed = form.get(field, "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        told = Text(f"Hãy chọn {name.vi}.", f"Choose {name.en}.")
        raise InvalidInput(faults=[Fault(field, told)])
    return int(typed)


def _choice(here: catalog.DistrictRow) -> dict[str, Any]:
    """What the form offers beyond what is always there."""
    return {
        "runs": [(str(id_), t(words)) for id_, words in choices_in_words(here.id)],
        "partners": [one for one in terms.agreements(here.id) if one.agreed],
        "listed": len(approved_reserve(here.id)),
        "weighed": sum(one.weight != 1 for one in terms.vulnerabilities(here.id)),
    }


def _seen(asked: PlanRequest, found: Asked, everything: bool) -> dict[str, Any]:
    """What the page shows of the inputs."""
    problem = build_problem(found.world, found.question)
    instance = problem.instance
    findings = look_over(found.world, found.question, instance)
    items = item_inputs(found.world, instance)
    names = {f.code: f.name for f in catalog.facilities(found.district.id)}
    goods = {item.code: item for item in catalog.items()}
    return {
        "asked": asked,
        "found": found,
        "run_name": t(run_words(found.run)),
        "run_notes": run_notes(found.run),
        "instance": instance,
        "notes": problem.notes,
        "findings": [(one, [_told(row, names, goods) for row in one.rows]) for one in findings],
        "grave": _count(findings, "danger"),
        "odd": _count(findings, "warning"),
        "rows_shown": ROWS_SHOWN,
        "items": items if everything else items[:ITEMS_SHOWN],
        "item_count": len(items),
        "short_items": sum(row.cover < 1 for row in items),
        "places": place_inputs(found.world, found.question, instance),
        "names": names,
        "goods": goods,
    }


def _count(findings: tuple[Finding, ...], level: str) -> int:
    return sum(one.level == level for one in findings)


def _told(row: Row, names: dict[str, Text], goods: dict[str, catalog.ItemRow]) -> tuple[str, str]:
    """(where and what, in words; the detail)."""
    place = t(short_name(names[row.facility])) if row.facility in names else row.facility
    item = t(goods[row.item].name) if row.item in goods else row.item
    return " · ".join(part for part in (place, item) if part), t(row.what)
