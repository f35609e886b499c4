"""Pages of quarantine: what is set aside and why; release it, write it off, send it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core.errors import Fault, InvalidInput, NotFound, SupplyError
from supply.core.i18n import t
from supply.core.lists import chosen
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.inventory.parsing import parse_quantity
from supply.inventory.services import Posted
from supply.inventory.views_common import chosen_facility, facility
from supply.recalls import queries, services
from supply.recalls.rows import SetAside

ACTIONS: dict[str, Text] = {
    "release": Text("Giải tỏa về kho", "Release to the store"),
    "dispose": Text("Tiêu hủy", "Dispose of"),
    "send": Text("Gửi kho khác", "Send back"),
}


class QuarantineView(BaseView):
    """Goods set aside."""

    route_base = "/quarantine"
    default_view = "index"
    class_permission_name = "Quarantine"
    method_permission_name = {"index": "read", "ask": "write", "act": "write"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """What lies in quarantine, where, why, since when."""
        place = chosen_facility()
        rows = queries.quarantined(None if place is None else [place])
        mine = {p.id for p in catalog.facilities(writable=True)}
        return self.render_template(
            "recalls/quarantine.html",
            rows=rows,
            place=place,
            facilities=catalog.facilities(),
            mine=mine if may("can_write", "Quarantine") else set(),
            actions=ACTIONS,
            amount_vnd=sum(row.amount_vnd for row in rows),
        )

    @expose("/<action>")
    @guarded
    def ask(self, action: str) -> Any:
        """One step out of quarantine: how much, why."""
        return self._form(action, _row(chosen("facility"), chosen("lot")), {})

    @expose("/<action>", methods=["POST"])
    @guarded
    def act(self, action: str) -> Any:
        """Post the document."""
        typed = request.form.to_dict()
        place = facility(_number(typed.get("facility_id", "")), writable=True).id
        lot = _number(typed.get("lot_id", "")) or 0
        try:  # before the row is looked up: a form sent twice finds its own document
            posted = _post(action, place, lot, typed)
        except SupplyError as error:
            if error.status not in {409, 422}:
                raise
            return self._form(action, _row(place, lot), typed, error), error.status
        flash(t(f"Đã ghi sổ phiếu {posted.label}.", f"Posted {posted.label}."), "success")
        return redirect("/quarantine/")

    def _form(
        self, action: str, row: SetAside, typed: dict[str, str], error: SupplyError | None = None
    ) -> Any:
        if action not in ACTIONS:
            raise NotFound()
        neighbours = sorted(catalog.neighbours(row.facility_id), key=lambda p: not p.is_depot)
        return self.render_template(
            "recalls/quarantine_act.html",
            action=action,
            actions=ACTIONS,
            row=row,
            neighbours=neighbours,
            typed=typed,
            client_key=typed.get("client_key") or uuid4(),
            error=error,
        )


def _row(facility_id: int | None, lot_id: int | None) -> SetAside:
    place = facility(facility_id, writable=True)
    for row in queries.quarantined([place.id], lot_id):
        return row
    words = Text(
        "Lô này không còn trong khu biệt trữ; có thể vừa được xử lý.",
        "This lot is no longer in quarantine; it may just have been dealt with.",
    )
    raise NotFound(words)


def _post(action: str, place: int, lot: int, typed: dict[str, str]) -> Posted:
    if action not in ACTIONS:
        raise NotFound()
    quantity = parse_quantity(typed.get("quantity", ""))
    why = typed.get("reason", "").strip()
    if not why:
        raise InvalidInput(faults=[Fault("reason", Text("Hãy ghi lý do.", "Give the reason."))])
    key = _key(typed.get("client_key", ""))
    if action == "release":
        return services.release(place, lot, quantity, why, key)
    if action == "dispose":
        paper = typed.get("paper_reference", "").strip()
        return services.dispose(place, lot, quantity, why, paper, key)
    to = _number(typed.get("to_facility_id", ""))
    if to is None:
        words = Text("Hãy chọn nơi nhận.", "Choose who receives it.")
        raise InvalidInput(faults=[Fault("to_facility_id", words)])
    return services.send_back(place, lot, quantity, to, why, key)


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _key(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as error:
        raise InvalidInput(
            Text("Trang đã cũ, hãy tải lại.", "The page is out of date, please reload it.")
        ) from error
