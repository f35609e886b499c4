"""Papers of documents and drafts: put in checked, seen with their document, never deleted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from supply.core.errors import AlreadyDone, Conflict, Fault, InvalidInput, NotAllowed, NotFound
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.inventory.attachment_files import FILES_MAX, checked_file

REASON_MAX = 200


@dataclass(frozen=True)
class AttachmentRow:
    """One paper as lists show it. `removed_reason` says why it was marked as taken away."""

    id: int
    document_id: int | None
    draft_id: int | None
    name: str
    content_type: str
    size_bytes: int
    sha256: str
    added_by: str
    added_at: dt.datetime
    removed_by: str | None
    removed_at: dt.datetime | None
    removed_reason: str


@dataclass(frozen=True)
class AttachmentFile:
    """What is served."""

    name: str
    content_type: str
    content: bytes
    sha256: str


_ROWS = """
SELECT a.id, a.document_id, a.draft_id, a.name, a.content_type, a.size_bytes, a.sha256,
       concat_ws(' ', u.first_name, u.last_name) AS added_by, a.added_at,
       CASE WHEN r.id IS NULL THEN NULL ELSE concat_ws(' ', r.first_name, r.last_name) END
           AS removed_by,
       a.removed_at, a.removed_reason
FROM attachment a
LEFT JOIN ab_user u ON u.id = a.added_by
LEFT JOIN ab_user r ON r.id = a.removed_by
"""
_GONE = Text("Không tìm thấy tệp đính kèm này.", "There is no such attachment.")


def of_document(document_id: int) -> list[AttachmentRow]:
    """The papers of a posted document in scope, also those that came with its draft."""
    return _rows("WHERE a.document_id = :id", id=document_id)


def of_draft(draft_id: int) -> list[AttachmentRow]:
    """The papers of a draft in scope."""
    return _rows("WHERE a.draft_id = :id", id=draft_id)


def attachment(attachment_id: int) -> AttachmentRow:
    """One of them. Raises NotFound, also for one outside the person's scope."""
    found = _rows("WHERE a.id = :id", id=attachment_id)
    if not found:
        raise NotFound(_GONE)
    return found[0]


def attachment_file(attachment_id: int) -> AttachmentFile:
    """Its bytes; those marked as taken away can still be read, as an auditor must be able to."""
    with reading() as session:
        found = session.execute(
            text("SELECT name, content_type, content, sha256 FROM attachment WHERE id = :id"),
            {"id": attachment_id},
        ).one_or_none()
    if found is None:
        raise NotFound(_GONE)
    return AttachmentFile(found.name, found.content_type, bytes(found.content), found.sha256)


def attach_to_document(document_id: int, name: str, sent: bytes) -> tuple[AttachmentRow, bool]:
    """Keep a paper with a posted document: (the paper, whether it is new). The same file again
    changes nothing. Raises NotFound, NotAllowed (read only), or what `checked_file` raises."""
    return _attach("document", document_id, name, sent)


def attach_to_draft(draft_id: int, name: str, sent: bytes) -> tuple[AttachmentRow, bool]:
    """The same for a draft, which hands its papers to the document it becomes. Raises AlreadyDone
    where it was posted meanwhile."""
    return _attach("draft", draft_id, name, sent)


def remove(attachment_id: int, reason: str) -> AttachmentRow:
    """Mark a paper as taken away, with who, when and why; it stays in the books.

    Raises NotFound, NotAllowed, AlreadyDone, or InvalidInput without a reason.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_MAX:
        words = Text(
            f"Hãy ghi lý do gỡ tệp, tối đa {REASON_MAX} ký tự.",
            f"Give the reason to remove it, at most {REASON_MAX} characters.",
        )
        raise InvalidInput(words, [Fault("reason", words)])
    with transaction() as session:
        if attachment(attachment_id).removed_at is not None:
            raise AlreadyDone(Text("Tệp này đã được gỡ.", "This was removed before."))
        found = session.execute(
            text(
                "UPDATE attachment SET removed_at = now(), removed_by = supply_user_id(),"
                " removed_reason = :reason WHERE id = :id AND removed_at IS NULL RETURNING id"
            ),
            {"id": attachment_id, "reason": reason},
        ).scalar()
        if found is None:
            raise NotAllowed()
        return attachment(attachment_id)


_PARENTS = {
    "document": "SELECT facility_id, NULL::bigint AS posted FROM document WHERE id = :id",
    "draft": "SELECT facility_id, posted_document_id AS posted FROM draft WHERE id = :id",
}
_MISSING = {
    "document": Text("Không tìm thấy phiếu này.", "There is no such document."),
    "draft": Text("Không tìm thấy phiếu nháp này.", "There is no such draft."),
}


def _attach(of: str, parent_id: int, name: str, sent: bytes) -> tuple[AttachmentRow, bool]:
    with reading():  # nobody is made to wait for a picture that belongs nowhere
        _facility_of(of, parent_id)
    file = checked_file(name, sent)
    with transaction() as session:
        facility_id = _facility_of(of, parent_id)
        # One at a time for one document, so that the count below holds.
        session.execute(
            text("SELECT pg_advisory_xact_lock(hashtext(:of), :id % 2147483647)"),
            {"of": f"attachment {of}", "id": parent_id},
        )
        known = of_document(parent_id) if of == "document" else of_draft(parent_id)
        held = [one for one in known if one.removed_at is None]
        for one in held:
            if one.sha256 == file.sha256:
                return one, False
        if len(held) >= FILES_MAX:
            raise Conflict(
                Text(
                    f"Phiếu đã có {FILES_MAX} tệp; hãy gỡ bớt trước.",
                    f"The document has {FILES_MAX} attachments already; remove one first.",
                )
            )
        values = {**file.__dict__, "facility": facility_id, "size": len(file.content)}
        values |= {"document": None, "draft": None} | {of: parent_id}
        return attachment(_insert(session, values)), True


def _insert(session: Session, values: dict[str, Any]) -> int:
    return int(
        session.execute(
            text(
                "INSERT INTO attachment (facility_id, document_id, draft_id, name, content_type,"
                " size_bytes, sha256, sent_sha256, content, added_by)"
                " VALUES (:facility, :document, :draft, :name, :content_type, :size, :sha256,"
                " :sent_sha256, :content, supply_user_id()) RETURNING id"
            ),
            values,
        ).scalar_one()
    )


def _facility_of(of: str, parent_id: int) -> int:
    with reading() as session:
        found = session.execute(text(_PARENTS[of]), {"id": parent_id}).one_or_none()
        if found is None:
            raise NotFound(_MISSING[of])
        if found.posted is not None:
            raise AlreadyDone(Text("Phiếu nháp này đã ghi sổ.", "This draft was already posted."))
        writes = session.execute(
            text("SELECT :id = ANY ((SELECT supply_write_ids())::int[])"),
            {"id": found.facility_id},
        ).scalar()
    if not writes:
        raise NotAllowed()
    return int(found.facility_id)


def _rows(where: str, **values: object) -> list[AttachmentRow]:
    with reading() as session:
        found = session.execute(text(f"{_ROWS} {where} ORDER BY a.id"), values).mappings()
        return [AttachmentRow(**r) for r in found]
