"""What is on order: the list, a new order, how each one ends."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose

from supply.catalog import queries as catalog
from supply.core.address import number
from supply.core.errors import InvalidInput, SupplyError
from supply.core.i18n import today
from supply.core.lists import chosen
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.inventory import on_order as orders
from supply.inventory.parsing import parse_date_vn, parse_quantity
from supply.planning import exports  # noqa: F401  declares the files
from supply.planning.typed import order_of
from supply.planning.views_common import PlanningPage, done, fault_words, here


class OrdersView(PlanningPage):
    """What suppliers and donors have promised."""

    route_base = "/on-order"
    default_view = "index"
    class_permission_name = "OnOrder"
    method_permission_name = {
        "index": "read", "add": "write", "receive": "write", "cancel": "write", "change": "write",
    }  # fmt: skip

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Open orders, the soonest first; closed ones on demand; a form for a new one."""
        return self._list(None)

    def _list(self, error: SupplyError | None) -> Any:
        at = here()
        places = catalog.facilities(at.district.id)
        wanted = chosen("facility")
        closed = request.args.get("closed") == "1"
        ids = [f.id for f in places if wanted in (None, f.id)]
        rows = orders.orders(ids, closed=closed)
        may_write = may("can_write", "OnOrder")
        still_open = [row.id for row in rows if row.is_open] if may_write else []
        return self.page(
            "orders",
            at,
            error,
            rows=rows,
            receipts=orders.receipts_to_name(still_open),
            closed=closed,
            places=sorted(places, key=lambda f: not f.is_depot),
            wanted=wanted,
            may_write=may_write,
            partners=catalog.partners(),
            funds=catalog.funds(),
            items=catalog.items(),
            typed=request.form or request.args,
            faults=fault_words(error),
            day=today(),
            CLOSINGS=orders.CLOSINGS,
        )

    @expose("/new", methods=["POST"])
    @guarded
    def add(self) -> Any:
        """Write an order."""
        return done(
            lambda: orders.place_order(order_of(request.form)),
            Text("Đã ghi hàng đặt.", "The order is kept."),
            _back(),
            self._list,
        )

    @expose("/<int:order_id>/receive", methods=["POST"])
    @guarded
    def receive(self, order_id: int) -> Any:
        """All or part of it came."""

        def verb() -> int | None:
            units = parse_quantity(request.form.get("quantity", ""))
            document = number(request.form, "document_id")
            if request.form.get("document_id", "").strip() and document is None:
                raise InvalidInput(
                    Text("Mã phiếu nhập phải là một số.", "The receipt's id must be a number.")
                )
            return orders.receive_order(order_id, units, document)

        words = Text("Đã ghi hàng về; phần còn lại vẫn chờ.", "Kept; what is left stays on order.")
        return done(verb, words, _back(), self._list)

    @expose("/<int:order_id>/cancel", methods=["POST"])
    @guarded
    def cancel(self, order_id: int) -> Any:
        """It will not come."""
        return done(
            lambda: orders.cancel_order(order_id, request.form.get("reason", "")),
            Text("Đã hủy đơn đặt.", "The order is cancelled."),
            _back(),
            self._list,
        )

    @expose("/<int:order_id>/change", methods=["POST"])
    @guarded
    def change(self, order_id: int) -> Any:
        """Another quantity or day."""

        def verb() -> int:
            form = request.form
            return orders.change_order(
                order_id,
                parse_quantity(form.get("quantity", "")),
                parse_date_vn(form.get("expected_on", ""), "expected_on"),
                form.get("reason", ""),
            )

        return done(verb, Text("Đã đổi đơn đặt.", "The order is changed."), _back(), self._list)


def _back() -> str:
    """The list again, of the same district."""
    return f"/on-order/?district={here().district.slug}"
