"""Pages of requisitions: the list, one requisition with its decision, the form to ask."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import flash, jsonify, redirect, request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core.errors import Conflict, SupplyError
from supply.core.i18n import VIETNAM, t
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.inventory import queries as inventory
from supply.inventory.views_common import asks_for_part, chosen, chosen_facility, facility
from supply.paper.views_common import file_answer, typed_for_print
from supply.requests import exports, queries, services, tiles
from supply.requests.paper import requisition_paper
from supply.requests.requisitions import (
    SHOWS,
    STATUS_CHIPS,
    STATUS_NAMES,
    SUGGESTED_DAYS,
    Status,
)
from supply.requests.rows import View
from supply.requests.typed import (
    Typed,
    TypedLine,
    read_decisions,
    read_form,
    requisition_of,
    typed_line,
)

__all__ = ["RequestsView", "exports", "tiles"]

_WORDS = {"STATUS_NAMES": STATUS_NAMES, "STATUS_CHIPS": STATUS_CHIPS, "Status": Status}


class RequestsView(BaseView):
    """What wards ask of depots and of each other."""

    route_base = "/requests"
    default_view = "index"
    class_permission_name = "Requests"
    method_permission_name = {
        "index": "read",
        "show": "read",
        "print": "read",
        "new": "write",
        "edit": "write",
        "keep": "write",
        "items": "write",
        "discard": "write",
        "withdraw": "write",
        "approve": "approve",
        "refuse": "approve",
        "prepare": "approve",
    }

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Requisitions, newest first; filters in the address."""
        show = request.args.get("show", "")
        show = show if show in SHOWS else ""
        place = chosen_facility()
        page = queries.requisitions(None if place is None else [place], show, after=chosen("after"))
        kept = {k: v for k, v in {"show": show, "facility": place}.items() if v}
        values = {
            "page": page,
            "more": f"/requests/?{urlencode({**kept, 'after': page.next_after})}"
            if page.next_after
            else None,
            **_WORDS,
        }
        if asks_for_part():
            return self.render_template("requests/_rows.html", **values)
        return self.render_template(
            "requests/list.html",
            show=show,
            place=place,
            is_filtered=bool(kept),
            export=urlencode(kept),
            facilities=catalog.facilities(),
            may_write=_may_ask(),
            may_decide=may("can_approve", "Requests"),
            **values,
        )

    @expose("/<int:requisition_id>")
    @guarded
    def show(self, requisition_id: int) -> Any:
        """One requisition, for those who ask and those who decide."""
        return self._page(requisition_id)

    def _page(self, requisition_id: int, error: SupplyError | None = None) -> Any:
        found = queries.requisition(requisition_id)
        head = found.head
        decides = may("can_approve", "Requests") and queries.may_decide(head.asked_id)
        mine = {place.id for place in catalog.facilities(writable=True)}
        page = self.render_template(
            "requests/show.html",
            found=found,
            head=head,
            figures=queries.figures(
                head.facility_id, head.asked_id, [line.item_id for line in found.lines]
            ),
            states=_bar(found),
            error=error,
            typed=request.form,
            may_decide=decides and head.status == Status.SENT,
            may_prepare=decides and _is_left(found),
            may_withdraw=head.facility_id in mine and head.status == Status.SENT,
            may_edit=head.facility_id in mine and head.status == Status.DRAFT,
            may_post=head.asked_id in mine,
            may_ask=head.facility_id in mine and _may_ask(),
            **_WORDS,
        )
        return (page, error.status) if error else page

    @expose("/<int:requisition_id>/print.<kind>")
    @guarded
    def print(self, requisition_id: int, kind: str) -> Any:
        """The requisition to sign, as PDF or workbook."""
        found = queries.requisition(requisition_id)
        sent_at = found.events[0].at if found.events else found.head.updated_at
        day = sent_at.astimezone(VIETNAM).date()
        return file_answer(requisition_paper(found, day, typed_for_print()), kind, "du-tru")

    # --- to ask ----------------------------------------------------------------------------------

    @expose("/new")
    @guarded
    def new(self) -> Any:
        """An empty form; `repeat=1` fills in what was asked last, `days` what brings stock to that
        many days, `lines` (CODE:QUANTITY,…) what another page found missing."""
        places = catalog.facilities(writable=True)
        if not places:
            raise Conflict(
                Text(
                    "Bạn chưa được giao kho nào. Xin liên hệ quản trị.",
                    "No store is yours yet. Ask the administrator.",
                )
            )
        place = facility(chosen("facility") or places[0].id, writable=True)
        typed = Typed(facility_id=place.id, asked_id=chosen("asked"))
        last_asked, last = queries.last_lines(place.id)
        if typed.asked_id is None:
            typed.asked_id = last_asked
        if request.args.get("repeat") == "1":
            typed.merge(last)
        code = request.args.get("item", "")
        if code and catalog.items([code]):
            typed.lines.append(TypedLine(code))
        typed.lines += _named_lines(request.args.get("lines", ""))
        return self._form(typed)

    @expose("/<int:requisition_id>/edit")
    @guarded
    def edit(self, requisition_id: int) -> Any:
        """A draft, to go on writing."""
        found = queries.requisition(requisition_id)
        if found.head.status != Status.DRAFT:
            return redirect(f"/requests/{requisition_id}")
        typed = Typed(
            facility_id=facility(found.head.facility_id, writable=True).id,
            asked_id=found.head.asked_id,
            needed_on=f"{found.head.needed_on:%d/%m/%Y}" if found.head.needed_on else "",
            note=found.head.note,
            requisition_id=requisition_id,
            lines=[
                TypedLine(
                    line.item_code,
                    str(line.packs if line.packs is not None else line.quantity),
                    str(line.pack_id or "") if line.packs is not None else "",
                    line.note,
                )
                for line in found.lines
            ],
        )
        return self._form(typed)

    @expose("/new", methods=["POST"])
    @guarded
    def keep(self) -> Any:
        """Save, send, or fill in: what the button says."""
        typed = read_form(request.form)
        action = request.form.get("action", "send")
        if action in {"repeat", "suggest"}:
            return self._form(typed, filled=_fill(typed, action))
        try:
            asked = requisition_of(typed)
            if action == "save":
                found = services.save(asked, typed.requisition_id)
                flash(t("Đã lưu nháp.", "Draft saved."), "success")
                return redirect(f"/requests/{found}/edit")
            found = services.ask(asked, typed.requisition_id)
        except SupplyError as error:
            if error.status not in {409, 422}:
                raise
            return self._form(typed, error), error.status
        return redirect(f"/requests/{found}?sent=1")

    def _form(
        self, typed: Typed, error: SupplyError | None = None, filled: int | None = None
    ) -> Any:
        places = catalog.facilities(writable=True)
        neighbours = sorted(
            catalog.neighbours(typed.facility_id), key=lambda place: not place.is_depot
        )
        if typed.asked_id is None and neighbours and neighbours[0].is_depot:
            typed.asked_id = neighbours[0].id
        items = {i.code: i for i in catalog.items([line.item_code for line in typed.lines])}
        figures = queries.figures(
            typed.facility_id, typed.asked_id or 0, [i.id for i in items.values()]
        )
        by_line: dict[int, dict[str, str]] = {}
        for fault in error.faults if error else ():
            if fault.line:
                by_line.setdefault(fault.line, {})[fault.field] = t(fault.text)
        return self.render_template(
            "requests/form.html",
            typed=typed,
            places=places,
            neighbours=neighbours,
            items=items,
            figures=figures,
            days=SUGGESTED_DAYS,
            error=error,
            by_line=by_line,
            filled=filled,
            **_WORDS,
        )

    @expose("/items")
    @guarded
    def items(self) -> Any:
        """Items for the search box, each as the row it becomes."""
        place = facility(chosen("facility"), writable=True)
        hits = inventory.item_search(request.args.get("q", "")[:100], place.id, limit=12)
        known = {i.code: i for i in catalog.items([hit.code for hit in hits])}
        figures = queries.figures(place.id, chosen("asked") or 0, [hit.id for hit in hits])
        return jsonify(
            items=[
                {
                    "code": hit.code,
                    "name": t(hit.name),
                    "unit": t(hit.unit),
                    "row": self.render_template(
                        "requests/_line.html",
                        line=TypedLine(hit.code),
                        item=known[hit.code],
                        figure=figures.get(hit.id),
                        number=0,
                        faults={},
                    ),
                }
                for hit in hits
            ]
        )

    # --- what happens to one ---------------------------------------------------------------------

    @expose("/<int:requisition_id>/discard", methods=["POST"])
    @guarded
    def discard(self, requisition_id: int) -> Any:
        """Throw a draft away."""
        services.discard(requisition_id)
        flash(t("Đã bỏ phiếu nháp.", "The draft is thrown away."), "success")
        return redirect("/requests/")

    @expose("/<int:requisition_id>/withdraw", methods=["POST"])
    @guarded
    def withdraw(self, requisition_id: int) -> Any:
        """Take it back while nobody has decided."""
        return self._done(
            requisition_id,
            lambda: services.withdraw(requisition_id, request.form.get("reason", "")),
            Text("Đã rút phiếu yêu cầu.", "The request is withdrawn."),
        )

    @expose("/<int:requisition_id>/approve", methods=["POST"])
    @guarded
    def approve(self, requisition_id: int) -> Any:
        """Approve line by line; the sender finds a transfer draft."""
        asked = {line.line: line.quantity for line in queries.requisition(requisition_id).lines}
        return self._done(
            requisition_id,
            lambda: services.approve(
                requisition_id,
                read_decisions(request.form, asked),
                request.form.get("note", ""),
            ),
            Text(
                "Đã duyệt. Phiếu chuyển nháp đang chờ ở kho gửi.",
                "Approved. A transfer draft waits at the sending store.",
            ),
        )

    @expose("/<int:requisition_id>/refuse", methods=["POST"])
    @guarded
    def refuse(self, requisition_id: int) -> Any:
        """Give nothing, with the reason."""
        return self._done(
            requisition_id,
            lambda: services.refuse(requisition_id, request.form.get("reason", "")),
            Text("Đã ghi: không duyệt phiếu này.", "Recorded: the request is refused."),
        )

    @expose("/<int:requisition_id>/prepare", methods=["POST"])
    @guarded
    def prepare(self, requisition_id: int) -> Any:
        """Another transfer draft for what is approved and not sent."""
        return self._done(
            requisition_id,
            lambda: services.prepare_dispatch(requisition_id),
            Text("Đã lập phiếu chuyển nháp cho phần còn lại.", "A draft for the rest is ready."),
        )

    def _done(self, requisition_id: int, verb: Any, words: Text) -> Any:
        try:
            verb()
        except SupplyError as error:
            if error.status not in {409, 422}:
                raise
            return self._page(requisition_id, error)
        flash(t(words), "success")
        return redirect(f"/requests/{requisition_id}")


def _may_ask() -> bool:
    return may("can_write", "Requests") and bool(catalog.facilities(writable=True))


def _fill(typed: Typed, action: str) -> int:
    """Add lines of the last requisition, or what brings the stock to some days; how many came."""
    facility(typed.facility_id, writable=True)
    if action == "repeat":
        return typed.merge(queries.last_lines(typed.facility_id)[1])
    days = request.form.get("days", "14")
    wanted = int(days) if days.isdigit() and int(days) in SUGGESTED_DAYS else 14
    asked = queries.suggestion(typed.facility_id, typed.asked_id or 0, wanted)
    blank = {line.item_code: line for line in typed.lines if not line.quantity.strip()}
    came = 0
    for line in asked:
        if line.item_code in blank:
            at = typed.lines.index(blank[line.item_code])
            typed.lines[at] = typed_line(line)
            came += 1
    return came + typed.merge(asked)


def _is_left(found: View) -> bool:
    """Something approved was neither sent nor is in a draft."""
    if found.head.status in {Status.DRAFT, Status.SENT, Status.REFUSED, Status.WITHDRAWN}:
        return False
    drafted = queries.drafted(found.head.id)
    return any(line.left_to_send > drafted.get(line.item_code, 0) for line in found.lines)


def _bar(found: View) -> list[tuple[str, str]]:
    """The states on the way, for the state bar."""
    now = found.head.status
    if now in {Status.WITHDRAWN, Status.REFUSED}:
        way = [Status.DRAFT, Status.SENT, now]
    else:
        way = [Status.DRAFT, Status.SENT, Status.APPROVED, Status.ON_WAY]
        way += [Status.PART_RECEIVED] if now == Status.PART_RECEIVED else [Status.RECEIVED]
    return [(status.value, t(STATUS_NAMES[status])) for status in way]


def _named_lines(named: str) -> list[TypedLine]:
    """Lines of an address, "TH001:200,PH002:50"; what is no item of the catalogue is left out."""
    wanted = [part.partition(":") for part in named[:4000].split(",") if part]
    known = {item.code for item in catalog.items([code for code, _, _ in wanted])}
    return [TypedLine(code, quantity) for code, _, quantity in wanted if code in known]
