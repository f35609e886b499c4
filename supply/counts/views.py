"""Pages of counts: the list, opening one, comparing, deciding."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from flask import Response, flash, redirect, request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core.errors import Conflict, Fault, InvalidInput, SupplyError
from supply.core.home import Tile, tiles_for
from supply.core.i18n import language, num, t, today
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.counts import queries, services
from supply.counts.asked import CountRequest, Member, Resolution
from supply.counts.minutes import count_minutes
from supply.counts.rows import ComparedLine, Comparison, CountHead
from supply.counts.words import (
    ACTIVE_STATES,
    QUALITY,
    REASONS,
    SCOPES,
    STATE_BAR,
    STATE_CHIPS,
    STATES,
)
from supply.inventory.parsing import parse_date_vn, parse_money_vnd
from supply.inventory.views_common import (
    asks_for_part,
    category_choices,
    chosen,
    chosen_facility,
    facility,
)
from supply.paper import services as printing
from supply.paper.forms import Typed
from supply.paper.orders import MIME

SHOWN = ("differences", "all", "uncounted")
_WORDS = {
    "STATES": STATES,
    "STATE_CHIPS": STATE_CHIPS,
    "SCOPES": SCOPES,
    "QUALITY": QUALITY,
    "REASONS": REASONS,
}
_MENDED_IN_PLACE = {409, 422}


class CountsView(BaseView):
    """Counts of one's stores: open, compare, have recounted, resolve."""

    route_base = "/counts"
    default_view = "index"
    class_permission_name = "Counts"
    method_permission_name = {
        "index": "read",
        "new": "write",
        "create": "write",
        "show": "read",
        "blank": "read",
        "minutes": "read",
        "compare": "write",
        "recount": "write",
        "resolve": "write",
        "cancel": "write",
    }

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Counts, newest first; filters in the address."""
        state = request.args.get("state", "")
        place = chosen_facility()
        states = list(ACTIVE_STATES) if state == "active" else [state] if state in STATES else None
        rows, after = queries.counts(place, states, after=chosen("after"))
        kept = {k: v for k, v in {"facility": place, "state": state}.items() if v}
        values = {
            "counts": rows,
            "more": f"/counts/?{urlencode({**kept, 'after': after})}" if after else None,
            **_WORDS,
        }
        if asks_for_part():
            return self.render_template("counts/_count_rows.html", **values)
        return self.render_template(
            "counts/counts.html",
            facilities=catalog.facilities(),
            filters={"facility": place, "state": state},
            is_filtered=bool(kept),
            may_write=_may_write(),
            **values,
        )

    @expose("/new")
    @guarded
    def new(self) -> Any:
        """The form to open a count."""
        return self._form({"client_key": str(uuid4())}, ())

    @expose("/new", methods=["POST"])
    @guarded
    def create(self) -> Any:
        """Open a count and go on to its sheet. The same form twice is one count."""
        typed = request.form.to_dict() | {"items": ",".join(request.form.getlist("items"))}
        try:
            count_id = services.open_count(_request(typed))
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE:
                raise
            return self._form(typed, error.faults or (Fault("scope", error.text),)), error.status
        return redirect(f"/counts/{count_id}/sheet")

    def _form(self, typed: dict[str, str], faults: tuple[Fault, ...]) -> Any:
        places = catalog.facilities(writable=True)
        if not places:
            raise Conflict(
                Text(
                    "Bạn chưa được giao kho nào. Xin liên hệ quản trị.",
                    "No store is yours yet. Ask the administrator.",
                )
            )
        place = facility(_number(typed.get("facility", "")) or chosen("facility") or places[0].id)
        under_way, _ = queries.counts(place.id, list(ACTIVE_STATES))
        return self.render_template(
            "counts/new.html",
            places=places,
            place=place,
            categories=category_choices(),
            items=catalog.items(),
            chosen_items=set(filter(None, typed.get("items", "").split(","))),
            typed={"counted_on": f"{today():%d/%m/%Y}", "scope": "all"} | typed,
            faults=faults,
            fault_of={f.field: f.message() for f in faults},
            under_way=under_way,
            **_WORDS,
        )

    @expose("/<int:count_id>")
    @guarded
    def show(self, count_id: int) -> Any:
        """A count: under way, compared, or as it was resolved. While people count, what the book
        says is not shown here either."""
        return self._page(count_id)

    @expose("/<int:count_id>/blank")
    @guarded
    def blank(self, count_id: int) -> Any:
        """The blind sheet on paper."""
        return self.render_template(
            "counts/blank.html",
            head=queries.count(count_id),
            lines=queries.sheet(count_id),
            **_WORDS,
        )

    @expose("/<int:count_id>/minutes.<any(pdf, xlsx):kind>")
    @guarded
    def minutes(self, count_id: int, kind: str) -> Response:
        """The minutes of the count (C33-HD)."""
        data = count_minutes(count_id)
        paper = printing.count_minutes_paper(data, Typed(language()))
        wanted: printing.FileKind = "xlsx" if kind == "xlsx" else "pdf"
        how = "attachment" if wanted == "xlsx" else "inline"
        return Response(
            printing.file_of([paper], wanted),
            mimetype=MIME[wanted],
            headers={
                "Content-Disposition": f'{how}; filename="{data.number}.{wanted}"',
                "Cache-Control": "private, no-store",
            },
        )

    @expose("/<int:count_id>/compare", methods=["POST"])
    @guarded
    def compare(self, count_id: int) -> Any:
        """Counting is over: set against the book."""
        try:
            services.compare(count_id)
        except Conflict as error:
            return self._page(count_id, error), error.status
        return redirect(f"/counts/{count_id}")

    @expose("/<int:count_id>/recount", methods=["POST"])
    @guarded
    def recount(self, count_id: int) -> Any:
        """Have the ticked lines counted once more."""
        lines = [n for n in map(_number, request.form.getlist("line")) if n is not None]
        try:
            services.recount(count_id, lines)
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE:
                raise
            return self._page(count_id, error), error.status
        return redirect(f"/counts/{count_id}/sheet?show=recount")

    @expose("/<int:count_id>/resolve", methods=["POST"])
    @guarded
    def resolve(self, count_id: int) -> Any:
        """Put the book right, once."""
        try:
            posted = services.resolve(count_id, _resolution())
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE:
                raise
            return self._page(count_id, error), error.status
        flash(
            t(
                f"Đã xử lý kiểm kê, ghi sổ phiếu {posted.label}.",
                f"Resolved; posted {posted.label}.",
            )
            if posted
            else t(
                "Sổ khớp với thực tế, không cần điều chỉnh.", "The book is right; nothing to post."
            ),
            "success",
        )
        return redirect(f"/counts/{count_id}")

    @expose("/<int:count_id>/cancel", methods=["POST"])
    @guarded
    def cancel(self, count_id: int) -> Any:
        """Give the count up, with a reason."""
        try:
            services.cancel(count_id, request.form.get("cancel_reason", ""))
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE:
                raise
            return self._page(count_id, error), error.status
        return redirect(f"/counts/{count_id}")

    def _page(self, count_id: int, error: SupplyError | None = None) -> Any:
        head = queries.count(count_id)
        found = queries.compare(count_id) if head.state in ("compared", "resolved") else None
        show = request.values.get("show", "")
        show = show if show in SHOWN else "differences" if found and found.differing else "all"
        return self.render_template(
            "counts/count.html",
            head=head,
            events=queries.events(count_id),
            found=found,
            lines=_shown(found, show) if found else (),
            show=show,
            states=[(key, t(STATES[key])) for key in _bar(head)],
            may_write=_may_write(head),
            funds=catalog.funds() if found else (),
            needs_fund=_needs_fund(found) if found else set(),
            typed=request.form,
            error=error,
            fault_of={f.field: f.message() for f in error.faults} if error else {},
            **_WORDS,
        )


def _bar(head: CountHead) -> tuple[str, ...]:
    return ("open", "counting", "cancelled") if head.state == "cancelled" else STATE_BAR


def _may_write(head: CountHead | None = None) -> bool:
    if not may("can_write", "Counts"):
        return False
    mine = {place.id for place in catalog.facilities(writable=True)}
    return bool(mine) if head is None else head.facility_id in mine


def _shown(found: Comparison, show: str) -> tuple[ComparedLine, ...]:
    if show == "differences":
        return found.differing
    if show == "uncounted":
        return tuple(line for line in found.lines if line.variance.counted_quantity is None)
    return found.lines


def _needs_fund(found: Comparison) -> set[int]:
    """Lots the store never held: their fund and price are asked for."""
    if found.head.state != "compared":
        return set()
    held = queries.held_lots(found.head.id)
    return {
        line.sheet.id
        for line in found.differing
        if not held.get((line.sheet.item_id, line.sheet.lot_number))
    }


def _request(typed: dict[str, str]) -> CountRequest:
    place = _number(typed.get("facility", ""))
    return CountRequest(
        facility_id=facility(place, writable=True).id,
        counted_on=_day(typed.get("counted_on", "")),
        scope=typed.get("scope", ""),
        category=typed.get("category", ""),
        item_codes=[code for code in typed.get("items", "").split(",") if code],
        note=typed.get("note", "").strip(),
        client_key=_key(typed.get("client_key", "")),
    )


def _resolution() -> Resolution:
    form = request.form
    names, titles = form.getlist("member"), form.getlist("member_title")
    members = [
        Member(name.strip(), title.strip())
        for name, title in zip(names, titles, strict=False)
        if name.strip()
    ]
    funds = {}
    for key, value in form.items():
        if key.startswith("fund-") and value and (line := _number(key[5:])) is not None:
            price = parse_money_vnd(form.get(f"price-{line}", "") or "0", f"fund-{line}")
            funds[line] = (value, price)
    reasons = {
        int(key[7:]): value.strip()
        for key, value in form.items()
        if key.startswith("reason-") and key[7:].isdigit()
    }
    return Resolution(
        head=Member(form.get("head", "").strip(), form.get("head_title", "").strip()),
        members=members,
        book_seen=form.get("book_seen", ""),
        reason=form.get("reason", "").strip(),
        reasons=reasons,
        uncounted=form.get("uncounted", ""),
        funds=funds,
    )


def _day(typed: str) -> dt.date:
    return parse_date_vn(typed, "counted_on")


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else None


def _key(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as error:
        raise InvalidInput(
            Text("Trang đã cũ, hãy tải lại.", "The page is out of date, please reload it.")
        ) from error


@tiles_for("can_read", "Counts")
def count_tiles() -> list[Tile]:
    """Counts under way."""
    active = queries.active_counts()
    return [
        Tile(
            Text("Kiểm kê đang làm", "Counts under way"),
            num(active),
            "/counts/?state=active",
            Text("đợt", "counts"),
            "warning" if active else "",
            65,
            Text("Đếm tiếp, rồi chốt số", "Go on counting, then resolve"),
        )
    ]
