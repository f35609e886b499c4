"""Pages of kits: what there is, making and giving them, what they are made of, lists by beds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import flash, redirect, request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.catalog.queries import FacilityRow
from supply.core.errors import Conflict, Fault, SupplyError
from supply.core.home import Tile, tiles_for
from supply.core.i18n import num, t, today
from supply.core.security import guarded, may
from supply.core.text import Text, group_digits
from supply.inventory.kinds import KINDS, PURPOSES, Kind
from supply.inventory.services import Posted
from supply.inventory.views_common import chosen, facility
from supply.kits import queries, services
from supply.kits.asked import KitOrder, NewVersion
from supply.kits.rows import Kit
from supply.kits.typed import kit_of, order_of, version_of
from supply.kits.words import BEDS_MAX, ISSUE_PURPOSES, KIT_KINDS

Verb = Callable[[KitOrder], Posted]
_VERBS: dict[str, tuple[Text, Verb]] = {
    "assemble": (Text("Đã lắp", "Assembled"), services.assemble),
    "issue": (Text("Đã cấp", "Issued"), services.issue_kits),
    "send": (Text("Đã chuyển", "Sent"), services.send_kits),
    "break_up": (Text("Đã tháo", "Broken up"), services.break_up),
}
_PURPOSE_NAMES = {key: PURPOSES[Kind.ISSUE][key] for key in ISSUE_PURPOSES}
_MENDED_IN_PLACE = {409, 422}


class KitsView(BaseView):
    """Kits of one's facilities."""

    route_base = "/kits"
    default_view = "index"
    class_permission_name = "Kits"
    method_permission_name = {
        "index": "read",
        "show": "read",
        "act": "write",
        "draft": "read",
        "edit": "define",
        "keep": "define",
        "new": "define",
        "create": "define",
    }

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Every kit at a facility: how many are ready, how many more the store gives."""
        places = catalog.facilities()
        place = _place(places)
        return self.render_template(
            "kits/kits.html",
            places=places,
            place=place,
            board=queries.board(place.id),
            may_define=may("can_define", "Kits"),
            KIT_KINDS=KIT_KINDS,
        )

    @expose("/<code>")
    @guarded
    def show(self, code: str) -> Any:
        """One kit at a facility, with what can be done with it."""
        return self._page(code)

    @expose("/<code>/<verb>", methods=["POST"])
    @guarded
    def act(self, code: str, verb: str) -> Any:
        """Assemble, issue, send or break up. The same form twice is one document."""
        place = facility(_number(request.form.get("facility", "")), writable=True)
        if verb not in _VERBS:
            return redirect(f"/kits/{code}")
        words, do = _VERBS[verb]
        try:
            order = order_of(request.form, place.id, code)
            posted = do(order)
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE:
                raise
            return self._page(code, verb, error), error.status
        flash(
            t(
                f"{words.vi} {num(order.count)} bộ, phiếu {posted.label}.",
                f"{words.en} {group_digits(order.count)}: {posted.label}.",
            ),
            "success",
        )
        return redirect(f"/kits/{code}?facility={place.id}")

    @expose("/<code>/draft", methods=["POST"])
    @guarded
    def draft(self, code: str) -> Any:
        """Prepare a transfer of what is missing from another store; its storekeeper posts it."""
        place = facility(_number(request.form.get("facility", "")))
        source = facility(_number(request.form.get("from_facility", "")))
        count = _number(request.form.get("count", "")) or 0
        try:
            services.draft_transfer_of_missing(place.id, code, min(count, BEDS_MAX), source.id)
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE:
                raise
            return self._page(code, "draft", error), error.status
        flash(
            t(
                f"Đã lập phiếu chuyển nháp tại {source.name.vi}; thủ kho nơi đó kiểm tra rồi ghi sổ.",
                f"A draft transfer now waits at {source.name.en} for its storekeeper.",
            ),
            "success",
        )
        return redirect(f"/kits/{code}?facility={place.id}&count={count}")

    def _page(self, code: str, verb: str = "", error: SupplyError | None = None) -> Any:
        places = catalog.facilities()
        place = _place(places)
        state = queries.state(place.id, code)
        count = _number(request.values.get("count", "").replace(".", "")) or (
            place.beds or 10 if state.kit.by_beds else 1
        )
        needs = queries.needs(place.id, code, min(count, BEDS_MAX * 10))
        writable = {p.id for p in catalog.facilities(writable=True)}
        return self.render_template(
            "kits/kit.html",
            places=places,
            place=place,
            state=state,
            kit=state.kit,
            count=count,
            needs=needs,
            missing=[row for row in needs if row.need.missing],
            ask_url=_ask_url(place.id, [(r.need.item_code, r.need.missing) for r in needs]),
            sources=[p for p in places if p.id != place.id],
            neighbours=catalog.neighbours(place.id),
            documents=queries.documents(place.id, code),
            purposes=[(key, t(name)) for key, name in _PURPOSE_NAMES.items()],
            kinds=KINDS,
            may_write=may("can_write", "Kits") and place.id in writable,
            may_define=may("can_define", "Kits"),
            may_ask=place.id in writable,
            may_draft=may("can_define", "Kits") or may("can_write", "Kits"),
            typed=request.form,
            verb=verb,
            error=error,
            key=request.form.get("client_key") if error else uuid4(),
            fault_of={f.field: f.text.vi for f in error.faults} if error else {},
            KIT_KINDS=KIT_KINDS,
        )

    # --- what kits are made of -------------------------------------------------------------------

    @expose("/new")
    @guarded
    def new(self) -> Any:
        """The form of a kit that is not there yet."""
        return self._form(None, (), [])

    @expose("/new", methods=["POST"])
    @guarded
    def create(self) -> Any:
        """Keep a new kit with what it is made of."""
        rows = _rows()
        try:
            kit = kit_of(request.form)
            services.add_kit(kit, _version(rows, kit.code))
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE:
                raise
            faults = error.faults or (Fault("code", error.text),)
            return self._form(None, faults, rows), error.status
        flash(t(f"Đã thêm bộ {kit.code}.", f"Kit {kit.code} is kept."), "success")
        return redirect(f"/kits/{kit.code}")

    @expose("/<code>/edit")
    @guarded
    def edit(self, code: str) -> Any:
        """The form of a new version, filled in with the present one."""
        return self._form(queries.kit(code), (), None)

    @expose("/<code>/edit", methods=["POST"])
    @guarded
    def keep(self, code: str) -> Any:
        """Keep a new version; the older ones stay."""
        rows = _rows()
        try:
            version = services.add_version(_version(rows, code))
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE:
                raise
            faults = error.faults or (Fault("source", error.text),)
            return self._form(queries.kit(code), faults, rows), error.status
        flash(t(f"Đã lưu phiên bản {version}.", f"Version {version} is kept."), "success")
        return redirect(f"/kits/{code}")

    def _form(
        self, kit: Kit | None, faults: tuple[Fault, ...], rows: list[tuple[str, str, str]] | None
    ) -> Any:
        now = [
            (
                f"{row.component.item_code} {t(row.name)}",
                num(row.component.quantity),
                str(row.component.per_beds or ""),
            )
            for row in (kit.version.components if kit else ())
        ]
        shown = rows if rows is not None else now
        return self.render_template(
            "kits/edit.html",
            kit=kit,
            with_beds=kit is None or kit.by_beds,
            versions=queries.versions(kit.code) if kit else (),
            rows=[*shown, *[("", "", "")] * 5],
            items=catalog.items(),
            faults=faults,
            typed={"valid_from": f"{today():%d/%m/%Y}"} | request.form.to_dict(),
            KIT_KINDS=KIT_KINDS,
        )


def _rows() -> list[tuple[str, str, str]]:
    """Item, quantity and beds of each component, as typed."""
    form = request.form
    columns = (form.getlist(name) for name in ("item", "quantity", "per_beds"))
    return [row for row in zip(*columns, strict=False) if any(cell.strip() for cell in row)]


def _version(rows: list[tuple[str, str, str]], code: str) -> NewVersion:
    items, quantities, beds = ([row[n] for row in rows] for n in range(3))
    return version_of({**request.form.to_dict(), "kit": code}, items, quantities, beds)


def _place(places: list[FacilityRow]) -> FacilityRow:
    """The facility of the page: chosen, else the first one may post at, else the first."""
    asked = _number(request.values.get("facility", "")) or chosen("facility")
    if asked is not None:
        return facility(asked)
    mine = catalog.facilities(writable=True) or places
    if not mine:
        raise Conflict(
            Text(
                "Bạn chưa được giao cơ sở nào. Xin liên hệ quản trị.",
                "No facility is yours yet. Ask the administrator.",
            )
        )
    return mine[0]


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _ask_url(facility_id: int, missing: list[tuple[str, int]]) -> str:
    """The form of a requisition with what is missing: `lines=CODE:QUANTITY,…`."""
    lines = ",".join(f"{code}:{n}" for code, n in missing if n)
    return f"/requests/new?{urlencode({'facility': facility_id, 'lines': lines})}"


@tiles_for("can_read", "Kits")
def kit_tiles() -> list[Tile]:
    """Kits ready to be given."""
    ready = queries.assembled_in_scope()
    return [
        Tile(
            Text("Bộ cơ số sẵn sàng", "Kits ready"),
            num(ready),
            "/kits/",
            Text("bộ", "kits"),
            "",
            75,
        )
    ]
