"""Writing a document: the entry screen, drafts, posting."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import jsonify, redirect, request
from flask_appbuilder import BaseView, expose
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from supply.catalog import queries as catalog
from supply.core.errors import AlreadyDone, Conflict, InvalidInput, NotFound
from supply.core.i18n import VIETNAM, today
from supply.core.security import guarded
from supply.core.text import Text
from supply.inventory import entry_json, entry_queries, queries, screen_queries, services
from supply.inventory.documents import Document
from supply.inventory.entry_checks import lots_passed_over
from supply.inventory.entry_forms import FORMS, EntryForm, form_of
from supply.inventory.entry_page import head_fields, page_config
from supply.inventory.kinds import KINDS, Kind
from supply.inventory.screen_queries import Draft
from supply.inventory.services import Posted
from supply.inventory.typed import read_document, read_draft, typed_of
from supply.inventory.views_common import chosen, facility, json_body


class EntryView(BaseView):
    """One screen for every kind of document a storekeeper writes."""

    route_base = "/documents"
    class_permission_name = "Documents"
    method_permission_name = dict.fromkeys(("new", "post", "save_draft", "drafts", "draft", "discard"), "write")  # fmt: skip

    @expose("/new/<kind>")
    @guarded
    def new(self, kind: str) -> Any:
        """An empty form; the address may fill it: `facility`, `dispatch` or `issue` (what it
        follows), `copy` (a document, or "last"), `template`, `item`."""
        wanted, shape = form_of(kind)
        places = catalog.facilities(writable=True)
        if not places:
            raise Conflict(
                Text(
                    "Bạn chưa được giao kho nào. Xin liên hệ quản trị.",
                    "No store is yours yet. Ask the administrator.",
                )
            )
        place = facility(chosen("facility") or places[0].id, writable=True)
        form = _remembered(_blank(place.id), wanted, shape)
        filled = _filled(wanted, place.id)
        form |= filled
        return self._page(wanted, _strings(form), filled=bool(filled))

    @expose("/new/<kind>", methods=["POST"])
    @guarded
    def post(self, kind: str) -> Any:
        """Post what was written. The same form sent twice is one document."""
        posted = _post(form_of(kind)[0], json_body())
        return jsonify(
            url=f"/documents/{posted.document_id}?posted=1",
            label=posted.label,
            document_id=posted.document_id,
            replayed=posted.replayed,
        )

    # --- drafts ----------------------------------------------------------------------------------

    @expose("/drafts/save/<kind>", methods=["POST"])
    @guarded
    def save_draft(self, kind: str) -> Any:
        """Keep a half-written document; moves nothing."""
        typed = json_body()
        known = _draft_of(typed)
        document = read_draft(form_of(kind)[0], typed, known.origin if known else "")
        draft_id = services.save_draft(document, known.id if known else None)
        kept = screen_queries.draft(draft_id)
        return jsonify(
            draft_id=draft_id,
            saved_at=f"{kept.updated_at.astimezone(VIETNAM):%H:%M}",
            stamp=kept.updated_at.isoformat(),
        )

    @expose("/drafts/")
    @guarded
    def drafts(self) -> Any:
        """Documents being written, and transfers proposed by an approved plan."""
        mine = {place.id: place for place in catalog.facilities(writable=True)}
        return self.render_template(
            "inventory/drafts.html",
            drafts=queries.drafts(mine.keys(), origin=request.args.get("origin") or None),
            places=mine,
            kinds=KINDS,
        )

    @expose("/drafts/<int:draft_id>")
    @guarded
    def draft(self, draft_id: int) -> Any:
        """A draft, to check and post."""
        found = screen_queries.draft(draft_id)
        if found.posted_document_id is not None:
            return redirect(f"/documents/{found.posted_document_id}")
        facility(found.facility_id, writable=True)
        kind, shape = form_of(found.kind.value)
        form = {**_blank(found.facility_id), **typed_of(found.document), "draft_id": found.id}
        form["stamp"] = found.updated_at.isoformat()
        form["happened_on"] = form["happened_on"] or f"{today():%d/%m/%Y}"
        if shape.brings:
            _take_common_fund(form)
        if shape.arrives:
            open_lines = _open_lines(kind, int(form["follows_id"] or 0))
            form["lines"] = entry_json.with_on_way(form["lines"], open_lines)
        return self._page(kind, _strings(form), found)

    @expose("/drafts/<int:draft_id>/discard", methods=["POST"])
    @guarded
    def discard(self, draft_id: int) -> Any:
        """Throw a draft away."""
        services.discard_draft(draft_id)
        if request.is_json:
            return jsonify(discarded=draft_id)
        return redirect("/documents/drafts/")

    def _page(
        self, kind: Kind, form: dict[str, Any], draft: Draft | None = None, *, filled: bool = False
    ) -> Any:
        home = int(form["facility_id"])
        codes = [line["item_code"] for line in form["lines"]]
        config = page_config(kind, home) | {
            "user": current_user.id,
            "form": form,
            "items": entry_json.items_json(codes, home, kind) if codes else {},
            "draft_page": draft is not None,
            "filled": filled,
            "csrf": generate_csrf(),
        }
        return self.render_template(
            "inventory/entry.html",
            kind=kind.value,
            shape=FORMS[kind],
            kind_name=KINDS[kind].name,
            config=config,
            head=head_fields(kind, home, form),
            places=catalog.facilities(writable=True),
            templates=entry_queries.templates(home, kind),
            draft=draft,
        )


def _blank(facility_id: int) -> dict[str, Any]:
    """An empty form with a key of its own: whatever happens, it becomes one document at most."""
    head = dict.fromkeys(
        ("partner_code", "recipient", "paper_reference", "note", "reason", "purpose",
         "counterpart_facility_id", "follows_id", "settles_id", "fund_code"),
        "",
    )  # fmt: skip
    return head | {
        "client_key": str(uuid4()),
        "draft_id": None,
        "facility_id": str(facility_id),
        "happened_on": f"{today():%d/%m/%Y}",
        "from_place": "store",
        "lines": [],
    }


def _remembered(form: dict[str, Any], kind: Kind, shape: EntryForm) -> dict[str, Any]:
    """Partner, fund and receiver as on the store's last document of the kind: most days they are
    the same, and they stand in sight to be changed."""
    last = entry_queries.last_head(int(form["facility_id"]), kind)
    if last is None or shape.arrives:
        return form
    kept = {"partner_code", "fund_code"} if shape.brings else {"counterpart_facility_id"}
    wanted = kept & set(shape.head)
    if last.purpose in {"borrowed", "loan", "loan_return"}:
        wanted -= {"partner_code"}
    return form | {name: getattr(last, name) or "" for name in wanted}


# Other rooms' pages lead here with these filled in, such as a loan to give back.
_FROM_ADDRESS = ("purpose", "settles_id", "partner_code", "counterpart_facility_id")


def _filled(kind: Kind, facility_id: int) -> dict[str, Any]:
    """What the address asks to be filled in."""
    shape = FORMS[kind]
    follows = chosen("dispatch") if kind == Kind.TRANSFER_RECEIPT else chosen("issue")
    if shape.arrives and follows is not None:
        receiver = _receiver(follows) if kind == Kind.TRANSFER_RECEIPT else None
        return {
            "follows_id": str(follows),
            "facility_id": str(receiver or facility_id),
            "lines": _open_lines(kind, follows),
        }
    if shape.arrives:
        return {}
    if template := chosen("template"):
        payload = entry_queries.template_payload(template)
        if payload is None:
            raise NotFound(Text("Không tìm thấy mẫu phiếu này.", "There is no such template."))
        return entry_json.template_form(payload, facility_id, kind)
    if request.args.get("copy"):
        return _copied(kind, facility_id)
    if item := request.args.get("item", "")[:20]:
        return {"lines": [{"item_code": item, "quantity": ""}]} if catalog.items([item]) else {}
    return {
        name: request.args[name][:20]
        for name in _FROM_ADDRESS
        if name in shape.head and request.args.get(name)
    }


def _copied(kind: Kind, facility_id: int) -> dict[str, Any]:
    number = chosen("copy")
    head = (
        entry_queries.last_head(facility_id, kind)
        if number is None
        else entry_queries.head_of(number)
    )
    if head is None or head.kind != kind:
        raise NotFound(
            Text("Chưa có phiếu loại này để lặp lại.", "There is no document to repeat yet.")
        )
    return entry_json.copied_form(head)


def _post(kind: Kind, typed: dict[str, Any]) -> Posted:
    """Post the form, through its draft where it has one, so that the draft is closed with it."""
    known = _draft_of(typed)
    document = read_document(kind, typed, known.origin if known else "")
    _check_lots(document)
    if known is None:
        return services.post(document)
    try:
        services.save_draft(document, known.id)
        return services.post_draft(known.id)
    except AlreadyDone:
        if screen_queries.draft(known.id).posted_document_id is None:
            raise
        # The answer to an earlier sending was lost: the form's key finds what was posted then.
        return services.post(document)


def _check_lots(document: Document) -> None:
    """A lot that is passed over needs its reason; asked only where a line names a lot."""
    codes = [line.item_code for line in document.lines if line.lot_number and not line.reason]
    if not codes or not FORMS[document.kind].fefo:
        return
    place = str(getattr(document, "from_place", "store"))
    lots = entry_queries.lots_of(codes, document.facility_id, place)
    units = {pack.id: pack.units_per_pack for item in catalog.items(codes) for pack in item.packs}
    faults = lots_passed_over(document, lots, units, document.happened_on or today())
    if faults and not entry_queries.was_posted(document.client_key):
        raise InvalidInput(faults=faults)


def _draft_of(typed: dict[str, Any]) -> Draft | None:
    """The draft the form names, or, where the answer that named it was lost, the one with its key."""
    draft_id = typed.get("draft_id")
    if not isinstance(draft_id, int):
        draft_id = screen_queries.draft_id_of_key(str(typed.get("client_key", ""))[:40])
    return None if draft_id is None else screen_queries.draft(draft_id)


def _take_common_fund(form: dict[str, Any]) -> None:
    """A fund that every line of a draft has is the head's, as it was typed."""
    funds = {line.get("fund_code") or "" for line in form["lines"]}
    if len(funds) == 1:
        form["fund_code"] = funds.pop()
        for line in form["lines"]:
            line["fund_code"] = ""


def _strings(form: dict[str, Any]) -> dict[str, Any]:
    """Keys of selects as the text a browser compares."""
    for name in ("facility_id", "counterpart_facility_id", "follows_id", "settles_id"):
        form[name] = str(form.get(name) or "")
    return form


def _open_lines(kind: Kind, follows_id: int) -> list[dict[str, Any]]:
    if kind == Kind.RETURN:
        return entry_json.returning_lines(follows_id)
    mine = [place.id for place in catalog.facilities(writable=True)]
    return entry_json.arriving_lines(follows_id, mine)


def _receiver(dispatch_id: int) -> int | None:
    mine = {place.id for place in catalog.facilities(writable=True)}
    other = queries.document(dispatch_id).head.counterpart_facility_id
    return other if other in mine else None
