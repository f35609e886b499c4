"""The reserve list: versions, lines against what is held, sending and approving."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose

from supply.catalog.words import CATEGORY
from supply.core.errors import InvalidInput, SupplyError
from supply.core.i18n import t, today
from supply.core.lists import chosen
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.inventory.parsing import parse_date_vn
from supply.paper.views_common import file_answer, typed_for_print
from supply.planning import exports, queries, services, tiles
from supply.planning.paper import reserve_paper
from supply.planning.purchase_plans import SERVICE_LEVELS
from supply.planning.reserve import QUANTILE_USUAL
from supply.planning.reserve_lists import STATUS_NAMES, ListLine
from supply.planning.runs import worst_run
from supply.planning.tables import load_on_site
from supply.planning.typed import decimal, reserve_units
from supply.planning.views_common import PlanningPage, done, fault_words, here

__all__ = ["ReserveView", "exports", "tiles"]


class ReserveView(PlanningPage):
    """What each facility and the depot keep for the worst case."""

    route_base = "/reserve"
    default_view = "index"
    class_permission_name = "ReserveLists"
    method_permission_name = {
        "index": "read", "show": "read", "print": "read", "make": "write", "edit": "write", "submit": "write",
        "approve": "approve", "send_back": "approve",
    }  # fmt: skip

    @expose("/")
    @guarded
    def index(self) -> Any:
        """All versions, and a form to reckon the next."""
        return self._index(None)

    def _index(self, error: SupplyError | None) -> Any:
        at = here()
        return self.page(
            "reserve_lists",
            at,
            error,
            lists=queries.reserve_lists(at.district.id),
            worst=worst_run(at.district.id),
            levels=SERVICE_LEVELS,
            usual=QUANTILE_USUAL,
            on_site=load_on_site(today()),
            categories=CATEGORY,
            typed=request.form,
            faults=fault_words(error),
            may_write=may("can_write", "ReserveLists"),
            day=today(),
            STATUS_NAMES=STATUS_NAMES,
        )

    @expose("/make", methods=["POST"])
    @guarded
    def make(self) -> Any:
        """Reckon the next version from a run."""
        slug, form = here().district.slug, request.form

        def verb() -> int:
            try:
                quantile = decimal(form.get("level", "95")) / 100
            except ValueError:
                raise InvalidInput(
                    Text("Mức bảo đảm phải là một số.", "The level must be a number.")
                ) from None
            day = form.get("valid_from", "")
            run = form.get("run", "")
            return services.make_reserve(
                slug,
                int(run) if run.isdigit() and len(run) < 10 else None,
                quantile,
                parse_date_vn(day, "valid_from") if day else None,
                form.get("note", ""),
            )

        words = Text("Đã tính danh mục; xem rồi gửi duyệt.", "Reckoned; look and send it.")
        return done(verb, words, "/reserve/{}", self._index)

    @expose("/<int:list_id>")
    @guarded
    def show(self, list_id: int) -> Any:
        """One version: one facility at a time, or what is missing everywhere."""
        return self._show(list_id, None)

    def _show(self, list_id: int, error: SupplyError | None) -> Any:
        saved = queries.reserve_list(list_id)
        places = list({line.facility_id: line.facility_name for line in saved.lines}.items())
        place = chosen("facility")
        show = request.args.get("show", "")
        shown = [line for line in saved.lines if _shown(line, place, show)]
        head = saved.head
        planner = may("can_write", "ReserveLists")
        return self.page(
            "reserve_list",
            here(),
            error,
            saved=saved,
            head=head,
            lines=shown,
            places=places,
            place=place,
            show=show,
            held=_by_place(saved.lines),
            missing=sum(line.missing > 0 for line in saved.lines),
            categories=CATEGORY,
            typed=request.form,
            states=[(key, t(name)) for key, name in STATUS_NAMES.items() if _on_bar(key, head.status)],
            may_edit=planner and place is not None and head.status != "submitted",
            may_submit=planner and saved.is_mine and head.status == "draft",
            may_decide=may("can_approve", "ReserveLists") and saved.may_decide
            and not saved.is_mine and head.status == "submitted",
            STATUS_NAMES=STATUS_NAMES,
        )  # fmt: skip

    @expose("/<int:list_id>/print.<kind>")
    @guarded
    def print(self, list_id: int, kind: str) -> Any:
        """The list of one facility (or all) to sign, as PDF or workbook."""
        saved = queries.reserve_list(list_id)
        place = chosen("facility")
        lines = [line for line in saved.lines if _shown(line, place, request.args.get("show", ""))]
        unit = lines[0].facility_name if place and lines else Text(*[here().district.name] * 2)
        paper = reserve_paper(saved.head, lines, unit, today(), typed_for_print())
        return file_answer(paper, kind, "danh-muc-du-tru")

    @expose("/<int:list_id>/edit", methods=["POST"])
    @guarded
    def edit(self, list_id: int) -> Any:
        """Other figures by hand: the next version."""
        place = request.form.get("facility", "")
        return done(
            lambda: services.change_reserve(
                list_id, reserve_units(request.form), request.form.get("note", "")
            ),
            Text("Đã lưu thành lần mới của danh mục.", "Kept as the next version of the list."),
            f"/reserve/{{}}?facility={place}" if place.isdigit() else "/reserve/{}",
            lambda error: self._show(list_id, error),
        )

    @expose("/<int:list_id>/submit", methods=["POST"])
    @guarded
    def submit(self, list_id: int) -> Any:
        """Send for approval."""
        return self._done(
            list_id,
            lambda: services.submit_reserve(list_id),
            Text("Đã gửi duyệt.", "Sent for approval."),
        )

    @expose("/<int:list_id>/approve", methods=["POST"])
    @guarded
    def approve(self, list_id: int) -> Any:
        """A second person approves."""
        return self._done(
            list_id,
            lambda: services.approve_reserve(list_id),
            Text("Đã duyệt danh mục dự trữ.", "The reserve list is approved."),
        )

    @expose("/<int:list_id>/return", methods=["POST"])
    @guarded
    def send_back(self, list_id: int) -> Any:
        """A second person sends it back, with the reason."""
        return self._done(
            list_id,
            lambda: services.return_reserve(list_id, request.form.get("reason", "")),
            Text("Đã trả lại danh mục.", "The list is sent back."),
        )

    def _done(self, list_id: int, verb: Any, words: Text) -> Any:
        return done(verb, words, f"/reserve/{list_id}", lambda error: self._show(list_id, error))


def _shown(line: ListLine, place: int | None, show: str) -> bool:
    if place not in (None, line.facility_id):
        return False
    return line.missing > 0 if show == "missing" else True


def _on_bar(status: str, now: str) -> bool:
    """A list that was sent back has that as its end, every other one its approval."""
    return status != ("approved" if now == "returned" else "returned")


def _by_place(lines: tuple[ListLine, ...]) -> list[tuple[int, Text, int, int]]:
    """(facility, name, lines held in full, lines) in the order of the list."""
    found: dict[int, list[Any]] = {}
    for line in lines:
        row = found.setdefault(line.facility_id, [line.facility_name, 0, 0])
        row[1] += line.missing == 0
        row[2] += 1
    return [(id_, *row) for id_, row in found.items()]
