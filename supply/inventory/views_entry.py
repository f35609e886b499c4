"""Writing a document: the entry screen, what it asks while a person types, drafts, posting."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import jsonify, redirect, request
from flask_appbuilder import BaseView, expose
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from supply.catalog import queries as catalog
from supply.core.errors import AlreadyDone, Conflict
from supply.core.i18n import VIETNAM, num, t, today
from supply.core.security import guarded
from supply.core.text import Text
from supply.inventory import queries, screen_queries, services
from supply.inventory.entry_words import entry_words
from supply.inventory.kinds import KINDS, REASONS, Kind, ReasonFacts
from supply.inventory.rows import ItemHit
from supply.inventory.screen_queries import Draft
from supply.inventory.services import Posted
from supply.inventory.typed import entry_kind, read_document, read_draft, typed_of
from supply.inventory.views_common import chosen, facility, json_body


class EntryView(BaseView):
    """One screen for every kind of document a storekeeper writes."""

    route_base = "/documents"
    class_permission_name = "Documents"
    method_permission_name = dict.fromkeys(("new", "post", "items", "lots", "arrivals", "save_draft", "drafts", "draft", "discard"), "write")  # fmt: skip

    @expose("/new/<kind>")
    @guarded
    def new(self, kind: str) -> Any:
        """An empty form; `facility`, `dispatch` and `item` of the address fill it in."""
        wanted = entry_kind(kind)
        places = catalog.facilities(writable=True)
        if not places:
            raise Conflict(
                Text(
                    "Bạn chưa được giao kho nào. Xin liên hệ quản trị.",
                    "No store is yours yet. Ask the administrator.",
                )
            )
        place = facility(chosen("facility") or places[0].id, writable=True)
        form = _blank(place.id)
        dispatch = chosen("dispatch")
        if wanted == Kind.TRANSFER_RECEIPT and dispatch is not None:
            form |= {"follows_id": str(dispatch), "lines": _arrivals(dispatch)}
            form["facility_id"] = str(_receiver(dispatch) or place.id)
        return self._page(wanted, form)

    @expose("/new/<kind>", methods=["POST"])
    @guarded
    def post(self, kind: str) -> Any:
        """Post what was written. The same form sent twice is one document."""
        typed = json_body()
        posted = _post(entry_kind(kind), typed)
        return jsonify(
            url=f"/documents/{posted.document_id}?posted=1",
            label=posted.label,
            document_id=posted.document_id,
            replayed=posted.replayed,
        )

    @expose("/items")
    @guarded
    def items(self) -> Any:
        """Items for the search box, with what the store can use."""
        place = facility(chosen("facility"), writable=True)
        found = queries.item_search(request.args.get("q", "")[:100], place.id, limit=12)
        return jsonify(items=[_item(hit) for hit in found])

    @expose("/lots")
    @guarded
    def lots(self) -> Any:
        """The lots of an item in a store, first expired first, expired ones included."""
        place = facility(chosen("facility"), writable=True)
        items = catalog.items([request.args.get("item", "")[:20]])
        found = (
            queries.fefo_lots(place.id, items[0].id, today(), include_expired=True) if items else []
        )
        return jsonify(
            lots=[
                {
                    "consignment_id": lot.consignment_id,
                    "lot_number": lot.lot_number,
                    "expiry": lot.expiry.isoformat() if lot.expiry else None,
                    "quantity": lot.quantity,
                    "amount_vnd": lot.amount_vnd,
                }
                for lot in found
            ]
        )

    @expose("/arrivals/<int:dispatch_id>")
    @guarded
    def arrivals(self, dispatch_id: int) -> Any:
        """What of a dispatch is still on its way, as lines of a transfer receipt."""
        return jsonify(lines=_arrivals(dispatch_id))

    # --- drafts ----------------------------------------------------------------------------------

    @expose("/drafts/save/<kind>", methods=["POST"])
    @guarded
    def save_draft(self, kind: str) -> Any:
        """Keep a half-written document; moves nothing."""
        typed = json_body()
        known = _draft_of(typed)
        document = read_draft(entry_kind(kind), typed, known.origin if known else "")
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
        form = {**_blank(found.facility_id), **typed_of(found.document), "draft_id": found.id}
        form["stamp"] = found.updated_at.isoformat()
        form["happened_on"] = form["happened_on"] or f"{today():%d/%m/%Y}"
        form["lines"] = _with_names(form["lines"])
        if found.kind == Kind.TRANSFER_RECEIPT:
            form["lines"] = _with_on_way(form["lines"], int(form["follows_id"] or 0))
        return self._page(found.kind, _strings(form), found)

    @expose("/drafts/<int:draft_id>/discard", methods=["POST"])
    @guarded
    def discard(self, draft_id: int) -> Any:
        """Throw a draft away."""
        services.discard_draft(draft_id)
        if request.is_json:
            return jsonify(discarded=draft_id)
        return redirect("/documents/drafts/")

    def _page(self, kind: Kind, form: dict[str, Any], draft: Draft | None = None) -> Any:
        places = catalog.facilities(writable=True)
        home = int(form["facility_id"])
        config = {
            "kind": kind.value,
            "user": current_user.id,
            "today": today().isoformat(),
            "form": form,
            "draft_page": draft is not None,
            "csrf": generate_csrf(),
            "words": entry_words(kind),
            "ways": {code: _only_way(facts) for code, facts in REASONS.items()},
            "urls": {
                "items": "/documents/items",
                "lots": "/documents/lots",
                "arrivals": "/documents/arrivals/",
                "post": f"/documents/new/{kind.value}",
                "save_draft": f"/documents/drafts/save/{kind.value}",
                "drafts": "/documents/drafts/",
                "again": f"/documents/new/{kind.value}",
            },
        }
        return self.render_template(
            "inventory/entry.html",
            kind=kind.value,
            kind_name=KINDS[kind].name,
            config=config,
            places=places,
            partners=catalog.partners(),
            funds=catalog.funds(),
            neighbours=catalog.neighbours(home) if kind == Kind.TRANSFER_DISPATCH else [],
            dispatches=_dispatches(home) if kind == Kind.TRANSFER_RECEIPT else [],
            reasons=REASONS,
            draft=draft,
        )


def _blank(facility_id: int) -> dict[str, Any]:
    """An empty form with a key of its own: whatever happens, it becomes one document at most."""
    return {
        "client_key": str(uuid4()),
        "draft_id": None,
        "facility_id": str(facility_id),
        "happened_on": f"{today():%d/%m/%Y}",
        "partner_code": "",
        "recipient": "",
        "paper_reference": "",
        "note": "",
        "reason": "",
        "counterpart_facility_id": "",
        "follows_id": "",
        "fund_code": "",
        "lines": [],
    }


def _post(kind: Kind, typed: dict[str, Any]) -> Posted:
    """Post the form, through its draft where it has one, so that the draft is closed with it."""
    known = _draft_of(typed)
    document = read_document(kind, typed, known.origin if known else "")
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


def _draft_of(typed: dict[str, Any]) -> Draft | None:
    """The draft the form names, or, where the answer that named it was lost, the one with its key."""
    draft_id = typed.get("draft_id")
    if not isinstance(draft_id, int):
        draft_id = screen_queries.draft_id_of_key(str(typed.get("client_key", ""))[:40])
    return None if draft_id is None else screen_queries.draft(draft_id)


def _item(hit: ItemHit) -> dict[str, Any]:
    return {
        "code": hit.code,
        "name": t(hit.name),
        "unit": t(hit.unit),
        "quantity": num(hit.quantity),
        "has_stock": hit.quantity > 0,
        "packs": _packs(hit),
    }


def _packs(item: ItemHit | catalog.ItemRow) -> list[dict[str, Any]]:
    return [
        {
            "id": pack.id,
            "name": t(pack.name),
            "units_per_pack": pack.units_per_pack,
            "is_default": pack.is_default,
        }
        for pack in item.packs
    ]


def _with_names(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of a draft with what the screen shows of their items."""
    known = {item.code: item for item in catalog.items([line["item_code"] for line in lines])}
    named = []
    for line in lines:
        item = known.get(line["item_code"])
        shown = (
            {"name": t(item.name), "unit": t(item.base_unit), "packs": _packs(item)}
            if item
            else {"name": line["item_code"], "unit": "", "packs": []}
        )
        named.append({**line, **shown})
    return named


def _only_way(facts: ReasonFacts) -> str:
    """The direction a reason leaves no choice about."""
    if facts.may_come_in and facts.may_go_out:
        return ""
    return "in" if facts.may_come_in else "out"


def _strings(form: dict[str, Any]) -> dict[str, Any]:
    """Keys of selects as the text a browser compares."""
    for name in ("facility_id", "counterpart_facility_id", "follows_id"):
        form[name] = str(form.get(name) or "")
    return form


def _arrivals(dispatch_id: int) -> list[dict[str, Any]]:
    """What is still on its way of a dispatch, one line per consignment, all of it received."""
    frame = queries.in_transit([place.id for place in catalog.facilities(writable=True)])
    found = frame[frame["dispatch_id"] == dispatch_id]
    lines = [
        {
            "item_code": row["item_code"],
            "quantity": num(row["quantity"]),
            "lost_quantity": "",
            "lot_number": row["lot_number"],
            "expiry": f"{row['expiry']:%d/%m/%Y}" if row["expiry"] else "",
            "consignment_id": str(row["consignment_id"]),
            "on_way": int(row["quantity"]),
        }
        for row in found.to_dict("records")
    ]
    return _with_names(lines)


def _with_on_way(lines: list[dict[str, Any]], dispatch_id: int) -> list[dict[str, Any]]:
    left = {line["consignment_id"]: line["on_way"] for line in _arrivals(dispatch_id)}
    return [{**line, "on_way": left.get(str(line.get("consignment_id")), 0)} for line in lines]


def _receiver(dispatch_id: int) -> int | None:
    mine = {place.id for place in catalog.facilities(writable=True)}
    other = queries.document(dispatch_id).head.counterpart_facility_id
    return other if other in mine else None


def _dispatches(facility_id: int) -> list[tuple[int, str]]:
    """Transfers on their way to this store, for a select."""
    frame = queries.in_transit([facility_id])
    coming = frame[frame["to_facility_id"] == facility_id]["dispatch_id"].drop_duplicates()
    found = []
    for dispatch_id in coming.tolist():
        head = queries.document(int(dispatch_id)).head
        found.append(
            (head.id, f"{head.label} · {t(head.facility_name)} · {head.happened_on:%d/%m/%Y}")
        )
    return found
