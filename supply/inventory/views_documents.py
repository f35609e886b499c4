"""Posted documents: the list, the page of one, its reversal."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from flask import redirect, request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core.errors import InvalidInput, SupplyError
from supply.core.i18n import today
from supply.core.lists import ListPage, args
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.inventory import queries, services
from supply.inventory.documents import Reversal
from supply.inventory.documents_table import number_wanted
from supply.inventory.entry_forms import FORMS
from supply.inventory.kinds import KINDS, LOAN_PURPOSES, PLACES, REASONS, Kind
from supply.inventory.rows import DocumentRow
from supply.inventory.rows import DocumentView as DocumentInFull
from supply.inventory.views_common import (
    asks_for_part,
    chosen,
    chosen_facility,
    day_of_address,
)

KIND_VERBS: dict[Kind, Text] = {
    Kind.RECEIPT: Text("Nhập kho", "Receive"),
    Kind.ISSUE: Text("Xuất kho", "Issue"),
    Kind.TRANSFER_DISPATCH: Text("Chuyển đi", "Send"),
    Kind.TRANSFER_RECEIPT: Text("Nhận hàng chuyển", "Receive a transfer"),
    Kind.ADJUSTMENT: Text("Điều chỉnh", "Adjust"),
}
# Written by hand, but not every day; kits and cylinders are written from their own pages.
RARER_VERBS: dict[Kind, Text] = {
    Kind.RETURN: Text("Hoàn trả", "Return"),
    Kind.OPENING: Text("Tồn đầu", "Opening balance"),
    Kind.QUARANTINE: Text("Biệt trữ", "Set aside"),
    Kind.RELEASE: Text("Giải tỏa biệt trữ", "Release"),
}


class DocumentsView(BaseView):
    """What was posted, by whom and when; never changed, undone only by a reversal."""

    route_base = "/documents"
    default_view = "index"
    class_permission_name = "Documents"
    method_permission_name = {"index": "read", "show": "read", "reverse": "write"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Posted documents, newest first; filters in the address."""
        kind = request.args.get("kind", "")
        number = request.args.get("number", "").strip()[:20]
        filters: dict[str, Any] = {
            "facility": chosen_facility(),
            "kind": kind if kind in list(Kind) else "",
            "from": request.args.get("from", ""),
            "to": request.args.get("to", ""),
            "number": number,
        }
        named, sequence, year = number_wanted(number)
        wanted_kind = named or filters["kind"]
        page = queries.documents(
            None if filters["facility"] is None else [filters["facility"]],
            [wanted_kind] if wanted_kind else None,
            first_day=day_of_address("from", None),
            last_day=day_of_address("to", None),
            after=chosen("after"),
            number=sequence,
            year=year,
        )
        kept = {k: v for k, v in filters.items() if v}
        values = {
            "page": page,
            "kinds": KINDS,
            "kind_verbs": KIND_VERBS,
            "rarer_verbs": RARER_VERBS,
            "more": f"/documents/?{urlencode({**kept, 'after': page.next_after})}"
            if page.next_after
            else None,
        }
        if asks_for_part():
            return self.render_template("inventory/_document_rows.html", **values)
        return self.render_template(
            "inventory/documents.html",
            facilities=catalog.facilities(),
            filters=filters,
            is_filtered=bool(kept),
            new_kinds=_new_kinds(),
            tools=ListPage("/documents/", args(), (), "inventory.documents"),
            **values,
        )

    @expose("/<int:document_id>")
    @guarded
    def show(self, document_id: int) -> Any:
        """One document: head, lines, totals, who and when."""
        return self._page(queries.document(document_id))

    @expose("/<int:document_id>/reverse", methods=["POST"])
    @guarded
    def reverse(self, document_id: int) -> Any:
        """Undo the document by its exact opposite, once; then show the reversal."""
        document = queries.document(document_id)
        try:
            posted = services.reverse(
                Reversal(
                    facility_id=document.head.facility_id,
                    reverses_id=document_id,
                    reason=request.form.get("reason", "").strip(),
                    client_key=_key(request.form.get("client_key", "")),
                )
            )
        except SupplyError as error:
            if error.status not in {409, 422}:
                raise
            return self._page(document, error), error.status
        return redirect(f"/documents/{posted.document_id}?posted=1")

    def _page(self, document: DocumentInFull, error: SupplyError | None = None) -> Any:
        head = document.head
        mine = {place.id for place in catalog.facilities(writable=True)}
        may_write = may("can_write", "Documents")
        return self.render_template(
            "inventory/document.html",
            document=document,
            head=head,
            kinds=KINDS,
            places=PLACES,
            reasons=REASONS,
            related=_related(document),
            is_new=request.args.get("posted") == "1",
            may_attach=may_write and head.facility_id in mine,
            may_reverse=may_write
            and head.facility_id in mine
            and head.kind != Kind.REVERSAL
            and head.reversed_by_id is None,
            may_receive=may_write
            and head.kind == Kind.TRANSFER_DISPATCH
            and head.counterpart_facility_id in mine
            and head.reversed_by_id is None
            and _is_on_way(head.id, head.counterpart_facility_id),
            next_kind=head.kind if head.kind in FORMS and may_write else None,
            may_copy=may_write
            and head.facility_id in mine
            and head.kind in FORMS
            and not FORMS[head.kind].arrives,
            may_return=may_write
            and head.facility_id in mine
            and head.kind == Kind.ISSUE
            and head.purpose not in LOAN_PURPOSES
            and head.reversed_by_id is None,
            client_key=request.form.get("client_key") or uuid4(),
            reason=request.form.get("reason", ""),
            error=error,
            today=today(),
            quantities=_quantities(document),
        )


def _new_kinds() -> list[Kind]:
    if not may("can_write", "Documents") or not catalog.facilities(writable=True):
        return []
    return [kind for kind in FORMS if kind in KIND_VERBS or kind in RARER_VERBS]


def _key(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as error:
        raise InvalidInput(
            Text("Trang đã cũ, hãy tải lại.", "The page is out of date, please reload it.")
        ) from error


_FOLLOWED = {
    Kind.TRANSFER_RECEIPT: Text("Theo phiếu chuyển", "Of the transfer"),
    Kind.RETURN: Text("Hoàn trả của phiếu xuất", "Return of the issue"),
    Kind.REVERSAL: Text("Phiếu ban đầu", "Of the document"),
}


def _related(document: DocumentInFull) -> list[tuple[Text, DocumentRow]]:
    """The papers this one belongs to."""
    head = document.head
    found: list[tuple[Text, int | None]] = [
        (Text("Đảo phiếu", "Reverses"), head.reverses_id),
        (Text("Đã đảo bằng phiếu", "Reversed by"), head.reversed_by_id),
        (_FOLLOWED.get(head.kind, _FOLLOWED[Kind.TRANSFER_RECEIPT]), head.follows_id),
        (Text("Trả cho phiếu mượn", "Gives back the loan"), head.settles_id),
    ]
    return [(name, queries.document(other).head) for name, other in found if other is not None]


def _is_on_way(dispatch_id: int, facility_id: int | None) -> bool:
    if facility_id is None:
        return False
    return bool((queries.in_transit([facility_id])["dispatch_id"] == dispatch_id).any())


def _quantities(document: DocumentInFull) -> list[tuple[Text, int]]:
    """The quantity by unit: tablets and boxes are not added up together."""
    sums: dict[Text, int] = {}
    for line in document.lines:
        sums[line.unit] = sums.get(line.unit, 0) + line.quantity
    return list(sums.items())
