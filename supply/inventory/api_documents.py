"""Documents and drafts for other programs: read, post once, keep, reverse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any
from uuid import UUID

from supply.core.api import Answer, Api, Sent, operation
from supply.core.errors import KeyReused, SupplyError
from supply.core.shapes import Bool, Day, Int, OneOf, Str, Uuid, example_of
from supply.core.text import Text
from supply.core.transaction import transaction
from supply.inventory import api_queries, queries, screen_queries, services
from supply.inventory import api_shapes as shapes
from supply.inventory.api import FACILITY, PAGING, in_scope, one_after, page, page_answer
from supply.inventory.documents import (
    CLASSES,
    LINE_CLASSES,
    Document,
    Line,
    Reversal,
    payload_of,
)
from supply.inventory.kinds import KINDS, Kind
from supply.inventory.rows import DocumentView, Page
from supply.inventory.services import Posted

TAG = "Documents"
KEY = Uuid(
    about="Made once per document; the same key with the same content posts once",
    example="5a2f8c1e-7d0b-4c55-9d0e-2f5b7f6f3f10",
)
KEYED = {"Idempotency-Key": KEY}
POSTED = {
    201: Answer("Posted", shapes.one_of(shapes.POSTED)),
    200: Answer("Posted before with this key: what was posted then", shapes.one_of(shapes.POSTED)),
}
KEPT = Answer("The draft as it is kept", shapes.one_of(shapes.DRAFT_VIEW))


def _example(kind: Kind) -> dict[str, Any]:
    """A document of this kind to show: what must be there, and what such a document usually has."""
    shape = shapes.document_shape(kind)
    lean = {n: example_of(s) for n, s in shape.fields.items() if n in (shape.required or ())}
    lean["kind"] = kind.value
    if "lines" in lean:
        line = shapes.document_shape(kind).fields["lines"].of  # type: ignore[attr-defined]
        shown = {"fund", "unit_price_vnd", "lot_number", "expiry", "direction"}
        lean["lines"] = [
            {n: example_of(s) for n, s in line.fields.items() if n in line.required or n in shown}
        ]
    if kind == Kind.ADJUSTMENT:
        lean["reason"] = "damaged"
        lean["lines"] = [{"item": "TH001", "quantity": 5, "direction": "out"}]
    elif kind in {Kind.QUARANTINE, Kind.RELEASE, Kind.REVERSAL}:
        lean["reason"] = "Nghi ngờ chất lượng"
    return lean


class DocumentsApi(Api):
    """What was posted, and posting."""

    class_permission_name = "Documents"

    @operation(
        method="GET",
        path="/documents",
        tag=TAG,
        permission="read",
        summary=Text("Các phiếu đã ghi sổ, mới nhất trước", "Posted documents, newest first"),
        query=PAGING
        | {
            "facility": FACILITY,
            "kind": shapes.KIND,
            "from": Day(about="Happened on this day or later"),
            "to": Day(about="Happened on this day or earlier"),
            "origin": Str(longest=100),
            "number": Int(lowest=1, highest=shapes.INT4_MAX),
            "year": Int(lowest=1, highest=9999),
        },
        answers=page_answer(shapes.DOCUMENT_ROW),
        errors=(404,),
    )
    def documents(self, query: dict[str, Any]) -> Any:
        """Transfers appear to both sides."""
        place = in_scope(query)
        found = queries.documents(
            None if place is None else [place],
            [query["kind"]] if "kind" in query else None,
            origin=query.get("origin"),
            number=query.get("number"),
            year=query.get("year"),
            first_day=query.get("from"),
            last_day=query.get("to"),
            after=one_after("documents", query),
            limit=query.get("limit", 100),
        )
        rows = Page(tuple(_head(row) for row in found.rows), found.next_after)
        return page(rows, "documents", found.next_after)

    @operation(
        method="GET",
        path="/documents/{document_id}",
        tag=TAG,
        permission="read",
        summary=Text("Một phiếu đã ghi sổ", "One posted document"),
        in_path={"document_id": shapes.ID},
        answers={200: Answer("The document", shapes.one_of(shapes.DOCUMENT_VIEW))},
    )
    def document(self, document_id: int) -> Any:
        """With its lines."""
        return {"result": _document(queries.document(document_id))}

    @operation(
        method="POST",
        path="/documents",
        tag=TAG,
        permission="write",
        summary=Text("Ghi sổ một phiếu", "Post a document"),
        about="All of it or nothing. `docs/formats/document.md` says what each kind takes.",
        headers=KEYED,
        body=shapes.DOCUMENT,
        examples={kind.value: _example(kind) for kind in CLASSES},
        answers=POSTED,
        errors=(404, 409),
    )
    def post(self, body: dict[str, Any], headers: dict[str, Any]) -> Any:
        """Post once."""
        with fields_as_sent():
            return posted_answer(services.post(document_sent(body, headers["Idempotency-Key"])))

    @operation(
        method="POST",
        path="/documents/{document_id}/reversal",
        tag=TAG,
        permission="write",
        summary=Text("Đảo một phiếu", "Reverse a document"),
        in_path={"document_id": shapes.ID},
        headers=KEYED,
        body=shapes.REVERSAL,
        answers=POSTED,
        errors=(409,),
    )
    def reverse(self, document_id: int, body: dict[str, Any], headers: dict[str, Any]) -> Any:
        """Undo it by its exact opposite, once."""
        with fields_as_sent():
            reversal = Reversal(
                facility_id=queries.document(document_id).head.facility_id,
                reverses_id=document_id,
                client_key=headers["Idempotency-Key"],
                **{name: value for name, value in body.items() if value is not None},
            )
            return posted_answer(services.post(reversal))


class DraftsApi(Api):
    """Documents that are still being written; they move nothing."""

    class_permission_name = "Documents"

    @operation(
        method="GET",
        path="/drafts",
        tag="Drafts",
        permission="read",
        summary=Text("Phiếu nháp, mới nhất trước", "Drafts, newest first"),
        query=PAGING
        | {
            "facility": FACILITY,
            "kind": OneOf(words=[kind.value for kind in KINDS]),
            "include_posted": Bool(),
        },
        answers=page_answer(shapes.DRAFT_ROW),
        errors=(404,),
    )
    def drafts(self, query: dict[str, Any]) -> Any:
        """Those not posted, unless asked."""
        found = api_queries.drafts(
            in_scope(query),
            query.get("kind"),
            query.get("include_posted", False),
            one_after("drafts", query),
            query.get("limit", 100),
        )
        return page(found, "drafts", found.next_after)

    @operation(
        method="GET",
        path="/drafts/{draft_id}",
        tag="Drafts",
        permission="read",
        summary=Text("Một phiếu nháp", "One draft"),
        in_path={"draft_id": shapes.ID},
        answers={200: KEPT},
    )
    def draft(self, draft_id: int) -> Any:
        """As it was sent."""
        return {"result": api_queries.draft_payload(draft_id)}

    @operation(
        method="POST",
        path="/drafts",
        tag="Drafts",
        permission="write",
        summary=Text("Tạo phiếu nháp", "Keep a draft"),
        headers=KEYED,
        body=shapes.DRAFT,
        examples={"issue": _example(Kind.ISSUE)},
        answers={
            201: Answer("Kept", shapes.one_of(shapes.DRAFT_VIEW)),
            200: Answer("Kept before with this key", shapes.one_of(shapes.DRAFT_VIEW)),
        },
        errors=(404, 409),
    )
    def make(self, body: dict[str, Any], headers: dict[str, Any]) -> Any:
        """Once per key."""
        key: UUID = headers["Idempotency-Key"]
        with fields_as_sent(), transaction():
            known = api_queries.draft_of_key(str(key))
            wanted = document_sent(body, key)
            if known is None:
                kept = services.save_draft(wanted)
                return Sent({"result": api_queries.draft_payload(kept)}, 201)
            found = api_queries.draft_payload(known)
            if found["document"] != _kept(wanted):
                raise KeyReused()
            return Sent({"result": found}, 200)

    @operation(
        method="PUT",
        path="/drafts/{draft_id}",
        tag="Drafts",
        permission="write",
        summary=Text("Sửa phiếu nháp", "Replace a draft"),
        in_path={"draft_id": shapes.ID},
        body=shapes.DRAFT,
        examples={"issue": _example(Kind.ISSUE)},
        answers={200: KEPT},
        errors=(409,),
    )
    def replace(self, draft_id: int, body: dict[str, Any]) -> Any:
        """All of it; its key stays."""
        with fields_as_sent(), transaction():
            found = screen_queries.draft(draft_id).document
            wanted = replace(document_sent(body, found.client_key), origin=found.origin)
            services.save_draft(wanted, draft_id)
            return {"result": api_queries.draft_payload(draft_id)}

    @operation(
        method="DELETE",
        path="/drafts/{draft_id}",
        tag="Drafts",
        permission="write",
        summary=Text("Bỏ phiếu nháp", "Throw a draft away"),
        in_path={"draft_id": shapes.ID},
        answers={204: Answer("Thrown away")},
        errors=(409,),
    )
    def discard(self, draft_id: int) -> Any:
        """With its attachments."""
        services.discard_draft(draft_id)
        return Sent(None, 204)

    @operation(
        method="POST",
        path="/drafts/{draft_id}/post",
        tag="Drafts",
        permission="write",
        summary=Text("Ghi sổ phiếu nháp", "Post a draft"),
        about="A draft is posted once by nature: again, it says what was posted then.",
        in_path={"draft_id": shapes.ID},
        answers=POSTED,
        errors=(409,),
    )
    def post(self, draft_id: int) -> Any:
        """As it stands."""
        with fields_as_sent():
            return posted_answer(services.post_draft(draft_id))


def document_sent(body: Mapping[str, Any], key: UUID) -> Document:
    """The document of a body that was held to its shape; what a draft lacks is blank or zero."""
    kind = Kind(body["kind"])
    values = _values(CLASSES[kind], body)
    if kind != Kind.REVERSAL and body.get("lines") is not None:
        values["lines"] = tuple(
            LINE_CLASSES[kind](**_values(LINE_CLASSES[kind], one)) for one in body["lines"]
        )
    elif kind != Kind.REVERSAL:
        values["lines"] = ()
    return CLASSES[kind](**values, client_key=key)


def _values(of: type[Document] | type[Line], sent: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in fields(of):
        if one.name in {"lines", "client_key", "origin"}:
            continue
        value = sent.get(shapes.SENT_NAMES.get(one.name, one.name))
        if value is not None:
            found[one.name] = value
        elif shapes.is_needed(one):
            found[one.name] = 0 if one.type == "int" else ""
    return found


def _kept(document: Document) -> dict[str, Any]:
    return {k: v for k, v in payload_of(document).items() if k not in {"client_key", "origin"}}


@contextmanager
def fields_as_sent() -> Iterator[None]:
    """Faults name fields as they are sent here (`item`), not as forms call them (`item_code`)."""
    try:
        yield
    except SupplyError as error:
        error.faults = tuple(
            replace(f, field=shapes.SENT_NAMES.get(f.field, f.field)) for f in error.faults
        )
        raise


def posted_answer(posted: Posted) -> Sent:
    """What was posted: 201, or 200 where it had been posted before."""
    found = {name: getattr(posted, name) for name in shapes.POSTED.fields if name != "lines"}
    found["lines"] = [
        {
            "line": line.line,
            "item": line.item_code,
            "lot_number": line.lot_number,
            "expiry": line.expiry,
            "consignment_id": line.consignment_id,
            "quantity": line.quantity,
            "amount_vnd": line.amount_vnd,
        }
        for line in posted.lines
    ]
    return Sent({"result": found}, 200 if posted.replayed else 201)


def _head(head: Any) -> dict[str, Any]:
    return {name: getattr(head, name) for name in shapes.DOCUMENT_ROW.fields}


def _document(document: DocumentView) -> dict[str, Any]:
    return _head(document.head) | {
        "recorded_by": document.recorded_by,
        "note": document.note,
        "reason": document.reason,
        "hash": document.hash,
        "asked": document.asked,
        "details": dict(document.details),
        "lines": [
            {
                "line": line.line,
                "item": line.item_code,
                "name": line.item_name,
                "unit": line.unit,
                "lot_number": line.lot_number,
                "expiry": line.expiry,
                "consignment_id": line.consignment_id,
                "fund": line.fund_code,
                "from": line.from_kind,
                "to": line.to_kind,
                "quantity": line.quantity,
                "unit_price_vnd": line.unit_price_vnd,
                "amount_vnd": line.amount_vnd,
            }
            for line in document.lines
        ],
    }
