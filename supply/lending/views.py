"""Pages of lending: who owes what to whom, giving back, making regular."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core.errors import Fault, InvalidInput, SupplyError
from supply.core.i18n import num, t
from supply.core.security import guarded, may
from supply.core.text import Text, group_digits
from supply.inventory.parsing import parse_date_vn, parse_quantity
from supply.inventory.views_common import chosen_facility
from supply.lending import exports, queries, services, tiles
from supply.lending.loans import SIDES, Loan, Side

__all__ = ["LoansView", "exports", "tiles"]


class LoansView(BaseView):
    """Lent and borrowed goods, visible until settled."""

    route_base = "/loans"
    default_view = "index"
    class_permission_name = "Loans"
    method_permission_name = {
        "index": "read",
        "show": "read",
        "give_back": "write",
        "regularise": "write",
        "due": "write",
    }

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Loans that stand, the oldest first; `settled=1`: all."""
        place = chosen_facility()
        settled = request.args.get("settled") == "1"
        side = request.args.get("side", "")
        mine = _mine()
        found = queries.loans(None if place is None else [place], settled=settled)
        if side in list(Side):
            found = [loan for loan in found if loan.side_of(mine) == side]
        return self.render_template(
            "lending/list.html",
            groups=_groups(found, mine),
            count=len(found),
            place=place,
            side=side,
            settled=settled,
            sides=[(key.value, t(words)) for key, words in SIDES.items()] if mine else [],
            facilities=catalog.facilities(),
            may_write=bool(mine) and may("can_write", "Loans"),
        )

    @expose("/<int:document_id>")
    @guarded
    def show(self, document_id: int) -> Any:
        """One loan: what is owed, what settled it, what can be done."""
        return self._page(document_id)

    def _page(self, document_id: int, error: SupplyError | None = None) -> Any:
        loan = queries.loan(document_id)
        mine = _mine() if may("can_write", "Loans") else set()
        side = loan.side_of(mine)
        page = self.render_template(
            "lending/show.html",
            loan=loan,
            side=side,
            settlements=queries.settlements(document_id),
            names={line.item_code: line for line in loan.lines},
            may_settle=loan.is_open and _settles(loan, mine),
            comes_back=loan.document_kind == "issue",
            may_record=loan.is_open and side is not None,
            client_key=request.form.get("client_key") or uuid4(),
            typed=request.form,
            error=error,
        )
        return (page, error.status) if error else page

    @expose("/<int:document_id>/return", methods=["POST"])
    @guarded
    def give_back(self, document_id: int) -> Any:
        """Post what is given back."""

        def verb() -> Text:
            loan = queries.loan(document_id)
            posted = services.give_back(
                document_id,
                _quantities(loan),
                client_key=_key(),
                paper_reference=request.form.get("paper_reference", "").strip(),
                note=request.form.get("note", "").strip(),
                received=queries.lent_facts(document_id) if loan.document_kind == "issue" else None,
            )
            return Text(f"Đã ghi sổ phiếu {posted.label}.", f"Posted {posted.label}.")

        return self._done(document_id, verb)

    @expose("/<int:document_id>/regularise", methods=["POST"])
    @guarded
    def regularise(self, document_id: int) -> Any:
        """Record that part of it need not come back, by this paper."""

        def verb() -> Text:
            form = request.form
            quantity = parse_quantity(form.get("quantity", ""))
            services.regularise(
                document_id,
                form.get("item", "")[:20],
                quantity,
                form.get("paper_reference", ""),
                form.get("note", ""),
                _key(),
            )
            return Text(
                f"Đã ghi hợp thức hóa {num(quantity)} theo {form.get('paper_reference', '')}.",
                f"{group_digits(quantity)} made regular by {form.get('paper_reference', '')}.",
            )

        return self._done(document_id, verb)

    @expose("/<int:document_id>/due", methods=["POST"])
    @guarded
    def due(self, document_id: int) -> Any:
        """Agree on a day to give back."""

        def verb() -> Text:
            day = parse_date_vn(request.form.get("due_on", ""), "due_on")
            services.agree_due(document_id, day, request.form.get("note", ""))
            return Text(f"Đã hẹn trả ngày {day:%d/%m/%Y}.", f"To be returned by {day:%d/%m/%Y}.")

        return self._done(document_id, verb)

    def _done(self, document_id: int, verb: Callable[[], Text]) -> Any:
        try:
            words = verb()
        except SupplyError as error:
            if error.status not in {409, 422}:
                raise
            return self._page(document_id, error)
        flash(t(words), "success")
        return redirect(f"/loans/{document_id}")


def _mine() -> set[int]:
    return {place.id for place in catalog.facilities(writable=True)}


def _groups(loans: list[Loan], mine: set[int]) -> list[tuple[Text, str, list[Loan]]]:
    """(head, side, loans): by side for who keeps a store, one list for who reads a district."""
    words = {side.value: name for side, name in SIDES.items()}
    words[""] = Text("Giữa các cơ sở", "Between facilities")
    sides = [(side, [x for x in loans if (x.side_of(mine) or "") == side]) for side in words]
    return [(words[side], side, rows) for side, rows in sides if rows]


def _settles(loan: Loan, mine: set[int]) -> bool:
    """Who posts the giving back: the borrower, or the lender where the borrower is outside."""
    return (loan.lender_id if loan.document_kind == "issue" else loan.borrower_id) in mine


def _quantities(loan: Loan) -> dict[str, int]:
    """What was typed for each item; an empty cell is 0."""
    faults: list[Fault] = []
    found: dict[str, int] = {}
    for number, line in enumerate(loan.lines, 1):
        typed = request.form.get(f"back-{line.item_id}", "").strip()
        if typed in ("", "0"):
            continue
        try:
            found[line.item_code] = parse_quantity(typed, "quantity", number)
        except InvalidInput as error:
            faults += error.faults
    if faults:
        raise InvalidInput(faults=faults)
    return found


def _key() -> UUID:
    try:
        return UUID(request.form.get("client_key", ""))
    except ValueError as error:
        raise InvalidInput(
            Text("Trang đã cũ, hãy tải lại.", "The page is out of date, please reload it.")
        ) from error
