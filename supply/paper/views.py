"""Pages of paper: a document's forms, stock books, usage reports."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core.errors import InvalidInput, NotFound
from supply.core.i18n import t, today
from supply.core.security import guarded
from supply.core.text import Text
from supply.inventory.attachments import of_document
from supply.inventory.kinds import Kind
from supply.inventory.views_common import chosen_facility, day_of_address, facility
from supply.paper import services
from supply.paper.document_queries import printable
from supply.paper.orders import Order
from supply.paper.phrases import ROLES
from supply.paper.usage import CATEGORIES, month_days
from supply.paper.views_common import answer, typed_for_print

BOOK_DAYS = 90
_FILE = "<any(pdf, xlsx):kind>"


class VoucherView(BaseView):
    """The forms of a posted document."""

    route_base = "/documents"
    default_view = "choose"
    class_permission_name = "Documents"
    method_permission_name = {"choose": "read", "voucher": "read", "handover": "read"}

    @expose("/<int:document_id>/print")
    @guarded
    def choose(self, document_id: int) -> Any:
        """Who signs, how many papers are attached, in which language; then the file."""
        found = printable(document_id)
        paper = services.voucher(document_id, typed_for_print())
        return self.render_template(
            "paper/print.html",
            voucher=found.voucher,
            document_id=document_id,
            title=paper.title,
            roles=_roles(found.voucher.kind),
            role_names=ROLES,
            known={"preparer": found.voucher.prepared_by},
            attached=len([a for a in of_document(document_id) if a.removed_at is None]),
            handed_over=Kind(found.voucher.kind) in services.HANDED_OVER,
        )

    @expose(f"/<int:document_id>/voucher.{_FILE}")
    @guarded
    def voucher(self, document_id: int, kind: str) -> Any:
        """The voucher."""
        return answer(Order("voucher", {"document_id": document_id}, typed_for_print()), kind)

    @expose(f"/<int:document_id>/handover.{_FILE}")
    @guarded
    def handover(self, document_id: int, kind: str) -> Any:
        """The handover minutes."""
        order = Order("handover", {"document_id": document_id}, typed_for_print())
        return answer(order, kind, f"giao-nhan-{document_id}")


def _roles(kind: str) -> tuple[str, ...]:
    """Who may be named on the forms of a kind."""
    if kind == Kind.ADJUSTMENT:
        return ("storekeeper", "accountant", "committee", "member_1", "member_2", "head")
    if kind in (Kind.RECEIPT, Kind.RETURN, Kind.TRANSFER_RECEIPT):
        return ("preparer", "deliverer", "storekeeper", "accountant", "head")
    if kind == Kind.TRANSFER_DISPATCH:
        return ("preparer", "storekeeper", "driver", "recipient", "head")
    return ("preparer", "recipient", "storekeeper", "accountant", "head")


class BooksView(BaseView):
    """Stock books and usage reports on paper."""

    route_base = "/paper"
    default_view = "usage"
    class_permission_name = "Stock"
    method_permission_name = {
        "stock_book": "read",
        "movement": "read",
        "usage": "read",
        "usage_file": "read",
    }

    @expose(f"/stock-book/<int:facility_id>/<int:item_id>.{_FILE}")
    @guarded
    def stock_book(self, facility_id: int, item_id: int, kind: str) -> Any:
        """The stock book of an item in a store; the period is in the address as on the card's page."""
        place = facility(facility_id)
        item = next((i for i in catalog.items() if i.id == item_id), None)
        if item is None:
            raise NotFound(Text("Không có mặt hàng này.", "There is no such item."))
        last = day_of_address("to", today()) or today()
        first = day_of_address("from", last - dt.timedelta(days=BOOK_DAYS - 1)) or last
        about = {"facility_id": place.id, "item_id": item.id,
                 "first_day": min(first, last), "last_day": last}  # fmt: skip
        name = f"the-kho-{place.code}-{item.code}-{last:%Y%m%d}"
        return answer(Order("stock_book", about, typed_for_print()), kind, name)

    @expose(f"/movement.{_FILE}")
    @guarded
    def movement(self, kind: str) -> Any:
        """The movement report under the filters of its page, which are in the address."""
        query = request.query_string.decode(errors="replace")
        order = Order("movement", {"query": query}, typed_for_print())
        return answer(order, kind, f"nhap-xuat-ton-{today():%Y%m%d}")

    @expose("/usage/")
    @guarded
    def usage(self) -> Any:
        """Choose facility and month; the three reports as they stand now."""
        places = catalog.facilities()
        chosen = chosen_facility() or (places[0].id if places else None)
        month = request.args.get("month", "") or _last_whole_month(today())
        days = month_days(month)
        if days is None:
            raise InvalidInput(Text("Tháng không đúng.", "That is no month."))
        reports = [
            services.usage_paper(code, chosen, *days, typed_for_print())
            for code in CATEGORIES
            if chosen is not None
        ]
        return self.render_template(
            "paper/usage.html",
            places=[(p.id, t(p.name)) for p in places],
            chosen=chosen,
            months=_months(today()),
            month=month,
            reports=reports,
        )

    @expose(f"/usage/<any({', '.join(CATEGORIES)}):code>.{_FILE}")
    @guarded
    def usage_file(self, code: str, kind: str) -> Any:
        """One usage report."""
        place = facility(chosen_facility())
        month = request.args.get("month", "")
        days = month_days(month)
        if days is None:
            raise InvalidInput(Text("Tháng không đúng.", "That is no month."))
        about = {"code": code, "facility_id": place.id, "first_day": days[0], "last_day": days[1]}
        name = f"{code.replace('_', '-')}-{place.code}-{month}"
        return answer(Order("usage", about, typed_for_print()), kind, name)


def _last_whole_month(day: dt.date) -> str:
    return f"{day.replace(day=1) - dt.timedelta(days=1):%Y-%m}"


def _months(day: dt.date) -> list[tuple[str, str]]:
    """The present month and the two years before it."""
    found, first = [], day.replace(day=1)
    for _ in range(25):
        found.append((f"{first:%Y-%m}", f"{first:%m/%Y}"))
        first = (first - dt.timedelta(days=1)).replace(day=1)
    return found
