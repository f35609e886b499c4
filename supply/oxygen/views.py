"""Pages of oxygen: the board of all facilities, one facility with what can be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import flash, redirect, request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core.errors import NotFound, SupplyError
from supply.core.home import Tile, tiles_for
from supply.core.i18n import num, t, today
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.inventory.services import Posted
from supply.inventory.views_common import facility
from supply.oxygen import queries, services
from supply.oxygen.typed import cylinders_of, exchange_of, flow_of, norm_of, size_of
from supply.oxygen.words import DONE, NORM_NAMES, URGENCY, ago, hours_in_words

_MENDED_IN_PLACE = {409, 422}
_WORDS = {"URGENCY": URGENCY, "hours_in_words": hours_in_words, "ago": ago}


class OxygenView(BaseView):
    """Where the cylinders are, how much gas there is, how long it lasts."""

    route_base = "/oxygen"
    default_view = "index"
    class_permission_name = "Oxygen"
    method_permission_name = {"index": "read", "show": "read", "flow": "write", "act": "write", "figures": "read", "add_norm": "define", "add_size": "define"}  # fmt: skip

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Every facility with oxygen, the shortest first."""
        board = queries.board()
        with_oxygen = [one for one in board if one.holds_anything]
        return self.render_template(
            "oxygen/board.html",
            board=with_oxygen,
            without=[one for one in board if not one.holds_anything],
            sizes=queries.sizes(),
            **_WORDS,
        )

    @expose("/<int:facility_id>")
    @guarded
    def show(self, facility_id: int) -> Any:
        """One facility: cylinders, gas, flow, and what can be done."""
        return self._page(facility_id)

    @expose("/<int:facility_id>/flow", methods=["POST"])
    @guarded
    def flow(self, facility_id: int) -> Any:
        """Say what flows now."""
        place = facility(facility_id, writable=True)
        codes = [size.code for size in queries.sizes()]
        try:
            services.record_flow(flow_of(request.form, place.id, codes))
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE:
                raise
            return self._page(facility_id, "flow", error), error.status
        flash(t("Đã ghi lưu lượng hiện tại.", "The present flow is kept."), "success")
        return redirect(f"/oxygen/{place.id}")

    @expose("/<int:facility_id>/<verb>", methods=["POST"])
    @guarded
    def act(self, facility_id: int, verb: str) -> Any:
        """Move cylinders. The same form twice is one document."""
        place = facility(facility_id, writable=True)
        if verb not in DONE:
            raise NotFound()
        try:
            posted = _do(verb, place.id)
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE:
                raise
            return self._page(facility_id, verb, error), error.status
        flash(f"{t(DONE[verb])}: {t('phiếu', 'document')} {posted.label}.", "success")
        return redirect(f"/oxygen/{place.id}")

    # --- figures ---------------------------------------------------------------------------------

    @expose("/figures")
    @guarded
    def figures(self) -> Any:
        """What a cylinder holds, what a patient needs, when it is urgent; dated, with sources."""
        return self._figures(None)

    @expose("/figures/norm", methods=["POST"])
    @guarded
    def add_norm(self) -> Any:
        """A figure from a day on."""
        return self._keep(lambda: services.add_norm(norm_of(request.form)))

    @expose("/figures/size", methods=["POST"])
    @guarded
    def add_size(self) -> Any:
        """What a size holds from a day on."""
        return self._keep(lambda: services.add_size(size_of(request.form)))

    def _keep(self, verb: Callable[[], None]) -> Any:
        try:
            verb()
        except SupplyError as error:
            if error.status not in _MENDED_IN_PLACE:
                raise
            return self._figures(error), error.status
        flash(t("Đã lưu định mức.", "The figure is kept."), "success")
        return redirect("/oxygen/figures")

    def _figures(self, error: SupplyError | None) -> Any:
        return self.render_template(
            "oxygen/figures.html",
            sizes=queries.sizes(),
            norms=queries.norm_rows(),
            may_define=may("can_define", "Oxygen"),
            typed={"valid_from": f"{today():%d/%m/%Y}"} | request.form.to_dict(),
            error=error,
            NORM_NAMES=NORM_NAMES,
        )

    def _page(self, facility_id: int, verb: str = "", error: SupplyError | None = None) -> Any:
        one = queries.at(facility(facility_id).id)
        writable = {place.id for place in catalog.facilities(writable=True)}
        return self.render_template(
            "oxygen/facility.html",
            one=one,
            sizes=[c.size for c in one.cylinders],
            history=queries.flow_history(facility_id),
            may_write=may("can_write", "Oxygen") and facility_id in writable,
            funds=catalog.funds(),
            partners=catalog.partners("supplier"),
            typed=request.form,
            verb=verb,
            error=error,
            key=request.form.get("client_key") if error else uuid4(),
            **_WORDS,
        )


def _do(verb: str, facility_id: int) -> Posted:
    codes = [size.code for size in queries.sizes()]
    if verb == "exchange":
        return services.exchange(exchange_of(request.form, facility_id, codes))
    order = cylinders_of(request.form, facility_id, codes)
    if verb == "use":
        return services.use_cylinders(order)
    return services.take_empties_back(order) if verb == "empty" else services.send_empties(order)


@tiles_for("can_read", "Oxygen")
def oxygen_tiles() -> list[Tile]:
    """For one facility the hours left; for several how many are short of oxygen."""
    board = [one for one in queries.board() if one.holds_anything]
    if len(board) == 1:
        (one,) = board
        hours = one.hours_left
        return [
            Tile(
                Text("Oxy còn dùng được", "Oxygen lasts"),
                t(hours_in_words(hours)) if hours is not None else num(one.gas_litres / 1000, 1),
                f"/oxygen/{one.facility_id}",
                URGENCY[one.urgency] if hours is not None else Text("m³ khí", "m³ of gas"),
                one.urgency if one.urgency in ("danger", "warning") else "",
                70,
                Text("Đổi bình đầy, báo nhà cung cấp", "Exchange cylinders, tell the supplier"),
            )
        ]
    short = sum(one.urgency == "danger" for one in board)
    return [
        Tile(
            Text("Nơi sắp hết oxy", "Short of oxygen"),
            num(short),
            "/oxygen/",
            Text("cơ sở", "facilities"),
            "danger" if short else "",
            70,
            Text("Xem nơi nào, đưa bình đến", "See which, and send cylinders"),
        )
    ]
