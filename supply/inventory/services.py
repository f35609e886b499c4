"""The verbs of a store. Each one: validate, hand the document to `post_document`, say what came of it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from supply.core.errors import AlreadyDone, InvalidInput, KeyReused, NotFound
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import add_translator, transaction, translate
from supply.inventory.documents import (
    Adjustment,
    Document,
    Issue,
    Receipt,
    Reversal,
    TransferDispatch,
    TransferReceipt,
    document_from_payload,
    faults_of,
    payload_of,
    size_faults_of,
)
from supply.inventory.kinds import Kind, document_label
from supply.inventory.refusals import explain

add_translator(explain)

_POST = text("SELECT post_document(CAST(:document AS jsonb))")


@dataclass(frozen=True)
class PostedLine:
    """One movement of a posted document; a line that took several lots has several."""

    line: int
    item_code: str
    lot_number: str
    expiry: dt.date | None
    consignment_id: int
    quantity: int
    amount_vnd: int


@dataclass(frozen=True)
class Posted:
    """What was written. `replayed`: the same request had been posted before, nothing was added."""

    document_id: int
    facility_id: int
    kind: Kind
    number: int
    year: int
    happened_on: dt.date
    hash: str
    replayed: bool
    lines: tuple[PostedLine, ...]

    @property
    def label(self) -> str:
        """The number as on paper, for example PX-2022-0012."""
        return document_label(self.kind, self.year, self.number)


def post(document: Document) -> Posted:
    """Post any document; all of it or nothing.

    Raises InvalidInput (faults by line and field), NotEnoughStock, NotAllowed, NotFound,
    AlreadyDone, KeyReused or Conflict; then nothing was changed.
    """
    faults = faults_of(document)
    if faults:
        raise InvalidInput(faults=faults)
    body = json.dumps(payload_of(document), ensure_ascii=False)
    with transaction() as session:
        try:
            found = session.connection().execute(_POST, {"document": body}).scalar_one()
        except IntegrityError as error:
            if "document_client_key" in str(error.orig):
                raise KeyReused() from error
            raise
        except DBAPIError as error:
            raise translate(error) from error
    return _posted(found)


def post_receipt(receipt: Receipt) -> Posted:
    """Goods from a supplier or donor into the store."""
    return post(receipt)


def post_issue(issue: Issue) -> Posted:
    """Goods from the store to use."""
    return post(issue)


def dispatch_transfer(dispatch: TransferDispatch) -> Posted:
    """Goods on their way to another facility."""
    return post(dispatch)


def receive_transfer(receipt: TransferReceipt) -> Posted:
    """Goods of a dispatch arrived, in full or with the differences named."""
    return post(receipt)


def adjust(adjustment: Adjustment) -> Posted:
    """Stock put right: opening balance, count difference, loss."""
    return post(adjustment)


def reverse(reversal: Reversal) -> Posted:
    """A posted document undone, once."""
    return post(reversal)


def save_draft(document: Document, draft_id: int | None = None) -> int:
    """Keep a document that is still being written; returns the draft's id. Moves nothing.

    A draft may be incomplete, but not larger than a document may be. Raises InvalidInput,
    NotAllowed, NotFound (no such draft), AlreadyDone (posted meanwhile).
    """
    too_large = size_faults_of(document)
    if too_large:
        raise InvalidInput(faults=too_large)
    values = {
        "facility": document.facility_id,
        "kind": document.kind.value,
        "payload": json.dumps(payload_of(document), ensure_ascii=False),
        "origin": document.origin,
        "user": acting_user_id(),
    }
    with transaction() as session:
        if draft_id is None:
            return int(session.execute(_INSERT_DRAFT, values).scalar_one())
        _lock_draft(draft_id)
        return int(session.execute(_UPDATE_DRAFT, values | {"id": draft_id}).scalar_one())


def post_draft(draft_id: int) -> Posted:
    """Post a draft as it stands. Posting it again says what was posted then."""
    with transaction() as session:
        draft = _lock_draft(draft_id, may_be_posted=True)
        document = document_from_payload(draft["payload"])
        posted = post(replace(document, facility_id=draft["facility_id"]))
        session.execute(_MARK_POSTED, {"id": draft_id, "document": posted.document_id})
    return posted


def discard_draft(draft_id: int) -> None:
    """Throw away a draft that was not posted."""
    with transaction() as session:
        _lock_draft(draft_id)
        session.execute(_DELETE_DRAFT, {"id": draft_id})


_INSERT_DRAFT = text(
    "INSERT INTO draft (facility_id, kind, payload, origin, created_by)"
    " VALUES (:facility, :kind, CAST(:payload AS jsonb), :origin, :user) RETURNING id"
)
_UPDATE_DRAFT = text(
    "UPDATE draft SET facility_id = :facility, kind = :kind, payload = CAST(:payload AS jsonb),"
    " origin = :origin, updated_at = now() WHERE id = :id RETURNING id"
)
_LOCK_DRAFT = text(
    "SELECT facility_id, payload, posted_document_id FROM draft WHERE id = :id FOR UPDATE"
)
_MARK_POSTED = text(
    "UPDATE draft SET posted_document_id = :document, updated_at = now() WHERE id = :id"
)
_DELETE_DRAFT = text("DELETE FROM draft WHERE id = :id")


def _lock_draft(draft_id: int, *, may_be_posted: bool = False) -> Mapping[str, Any]:
    with transaction() as session:
        draft = session.execute(_LOCK_DRAFT, {"id": draft_id}).mappings().one_or_none()
    if draft is None:
        raise NotFound(Text("Không tìm thấy phiếu nháp.", "There is no such draft."))
    if draft["posted_document_id"] is not None and not may_be_posted:
        raise AlreadyDone(Text("Phiếu nháp này đã ghi sổ.", "This draft was already posted."))
    return dict(draft)


def _posted(found: Mapping[str, Any]) -> Posted:
    return Posted(
        document_id=found["document_id"],
        facility_id=found["facility_id"],
        kind=Kind(found["kind"]),
        number=found["number"],
        year=found["year"],
        happened_on=dt.date.fromisoformat(found["happened_on"]),
        hash=found["hash"],
        replayed=found["replayed"],
        lines=tuple(
            PostedLine(
                line["line"],
                line["item"],
                line["lot"],
                dt.date.fromisoformat(line["expiry"]) if line["expiry"] else None,
                line["consignment_id"],
                line["quantity"],
                line["amount_vnd"],
            )
            for line in found["lines"]
        ),
    )
