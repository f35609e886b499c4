"""Pages of recalls: the list, calling a lot back, one recall with its answers and its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core.errors import Fault, InvalidInput, SupplyError
from supply.core.i18n import t
from supply.core.lists import chosen
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.inventory.parsing import parse_quantity
from supply.paper.views_common import file_answer, typed_for_print
from supply.recalls import exports, queries, services, tiles
from supply.recalls.paper import recall_paper
from supply.recalls.recalls import (
    ANSWER_HOURS,
    CLASSES,
    OUTCOMES,
    STANDING_CHIPS,
    STANDINGS,
    Recall,
    Standing,
)
from supply.recalls.rows import View
from supply.recalls.views_quarantine import QuarantineView

__all__ = ["QuarantineView", "RecallsView", "exports", "tiles"]

_WORDS = {
    "CLASSES": CLASSES,
    "OUTCOMES": OUTCOMES,
    "STANDINGS": STANDINGS,
    "STANDING_CHIPS": STANDING_CHIPS,
    "Standing": Standing,
    "purpose_of": exports.purpose_of,
}


class RecallsView(BaseView):
    """Lots called back: who holds them, who has answered."""

    route_base = "/recalls"
    default_view = "index"
    class_permission_name = "Recalls"
    method_permission_name = {
        "index": "read",
        "show": "read",
        "print": "read",
        "new": "lead",
        "start": "lead",
        "answer": "write",
        "close": "lead",
        "lift": "lead",
    }

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Recalls of one's district, open ones first."""
        show = request.args.get("show", "")
        show = show if show in {"open", "mine"} else ""
        return self.render_template(
            "recalls/list.html",
            recalls=queries.recalls(show),
            show=show,
            may_lead=may("can_lead", "Recalls"),
            may_answer=may("can_write", "Recalls"),
            **_WORDS,
        )

    @expose("/new")
    @guarded
    def new(self) -> Any:
        """Find the lot, then say why; `lot` of the address chooses it."""
        return self._form(chosen("lot"), {})

    @expose("/new", methods=["POST"])
    @guarded
    def start(self) -> Any:
        """Call the lot back, at once."""
        typed = request.form.to_dict()
        lot = _number(typed.get("lot_id", ""))
        try:
            recall_id = services.start(_recall(typed, lot))
        except SupplyError as error:
            if error.status not in {409, 422}:
                raise
            return self._form(lot, typed, error), error.status
        return redirect(f"/recalls/{recall_id}?started=1")

    def _form(
        self, lot: int | None, typed: dict[str, str], error: SupplyError | None = None
    ) -> Any:
        search = request.args.get("q", "").replace("\x00", "").strip()[:100]
        districts = [(d.id, d.name) for d in catalog.districts()]
        return self.render_template(
            "recalls/new.html",
            search=search,
            found=queries.lots(search) if search and lot is None else [],
            chosen=queries.lot(lot) if lot is not None else None,
            districts=districts,
            anywhere=may("can_lead", "Recalls") and len(districts) != 1,
            hours=ANSWER_HOURS,
            typed=typed,
            client_key=typed.get("client_key") or uuid4(),
            error=error,
            **_WORDS,
        )

    @expose("/<int:recall_id>")
    @guarded
    def show(self, recall_id: int) -> Any:
        """One recall."""
        return self._page(recall_id)

    def _page(self, recall_id: int, error: SupplyError | None = None) -> Any:
        found = queries.recall(recall_id)
        mine = {place.id for place in catalog.facilities(writable=True)}
        answers = may("can_write", "Recalls") and found.head.is_open
        leads = may("can_lead", "Recalls") and found.may_lead
        page = self.render_template(
            "recalls/show.html",
            found=found,
            head=found.head,
            goods=found.head.goods,
            own=[h for h in found.holders if h.facility_id in mine] if answers else [],
            outside_store=_outside(found),
            may_close=leads and found.head.is_open,
            may_lift=leads and not found.head.is_open and found.head.is_blocked,
            error=error,
            typed=request.form,
            keys=_keys(mine),
            **_WORDS,
        )
        return (page, error.status) if error else page

    @expose("/<int:recall_id>/print.<kind>")
    @guarded
    def print(self, recall_id: int, kind: str) -> Any:
        """The letter with its list, as PDF or workbook."""
        paper = recall_paper(queries.recall(recall_id), typed_for_print())
        return file_answer(paper, kind, "thu-hoi")

    @expose("/<int:recall_id>/answer", methods=["POST"])
    @guarded
    def answer(self, recall_id: int) -> Any:
        """Set aside what the store holds, and answer."""
        return self._done(recall_id, lambda: _answer(recall_id, request.form.to_dict()))

    @expose("/<int:recall_id>/close", methods=["POST"])
    @guarded
    def close(self, recall_id: int) -> Any:
        """End it with an outcome; the stores find their drafts."""

        def verb() -> Text:
            drafts = services.close(
                recall_id,
                request.form.get("outcome", ""),
                request.form.get("note", ""),
                request.form.get("paper_reference", ""),
            )
            return Text(
                f"Đã đóng đợt thu hồi; {drafts} phiếu nháp chờ ở các kho.",
                f"The recall is closed; {drafts} drafts wait at the stores.",
            )

        return self._done(recall_id, verb)

    @expose("/<int:recall_id>/lift", methods=["POST"])
    @guarded
    def lift(self, recall_id: int) -> Any:
        """End the block that stayed."""

        def verb() -> Text:
            services.lift(recall_id, request.form.get("note", ""))
            return Text("Đã gỡ lệnh chặn lô.", "The lot is no longer blocked.")

        return self._done(recall_id, verb)

    def _done(self, recall_id: int, verb: Callable[[], Text]) -> Any:
        try:
            words = verb()
        except SupplyError as error:
            if error.status not in {409, 422}:
                raise
            return self._page(recall_id, error)
        flash(t(words), "success")
        return redirect(f"/recalls/{recall_id}")


def _keys(facility_ids: set[int]) -> dict[int, str]:
    """A key for each facility's form; one that was just sent keeps its own."""
    keys = {place: str(uuid4()) for place in facility_ids}
    sent = _number(request.form.get("facility_id", ""))
    if sent in keys and request.form.get("client_key"):
        keys[sent] = request.form["client_key"]
    return keys


def _answer(recall_id: int, typed: dict[str, str]) -> Text:
    faults: list[Fault] = []

    def amount(name: str) -> int | None:
        text = typed.get(name, "").strip()
        if text in ("", "0"):
            return 0 if text else None
        try:
            return parse_quantity(text, name)
        except InvalidInput as error:
            faults.extend(error.faults)
            return None

    found, used = amount("found"), amount("used")
    if faults:
        raise InvalidInput(faults=faults)
    done = services.answer(
        recall_id,
        _number(typed.get("facility_id", "")) or 0,
        _key(typed.get("client_key", "")),
        found=found,
        used=used,
        comment=typed.get("comment", ""),
        again=typed.get("again") == "1",
    )
    if done.document is None:
        return Text("Đã ghi câu trả lời.", "The answer is recorded.")
    return Text(
        f"Đã đưa {done.quarantined} vào biệt trữ bằng phiếu {done.document.label} và đã trả lời.",
        f"{done.quarantined} set aside by {done.document.label}; the answer is recorded.",
    )


def _recall(typed: dict[str, str], lot: int | None) -> Recall:
    faults = []
    if lot is None:
        faults.append(Fault("lot_id", Text("Hãy chọn lô cần thu hồi.", "Choose the lot.")))
    hours = _number(typed.get("answer_hours", "").strip())
    if hours is None:
        words = Text("Hạn trả lời là số giờ, ví dụ 24.", "The answer is due in hours, as 24.")
        faults.append(Fault("answer_hours", words))
    if faults:
        raise InvalidInput(faults=faults)
    return Recall(
        lot_id=lot or 0,
        district_id=_number(typed.get("district_id", "")),
        reason=typed.get("reason", ""),
        recall_class=typed.get("recall_class", ""),
        instructions=typed.get("instructions", ""),
        paper_reference=typed.get("paper_reference", ""),
        answer_hours=hours or 0,
        client_key=_key(typed.get("client_key", "")),
    )


def _outside(found: View) -> int:
    """Units of the lot outside quarantine, in the reader's scope."""
    return sum(h.held + h.in_kits + h.coming for h in found.holders)


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _key(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as error:
        raise InvalidInput(
            Text("Trang đã cũ, hãy tải lại.", "The page is out of date, please reload it.")
        ) from error
