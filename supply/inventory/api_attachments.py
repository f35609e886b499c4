"""Papers of documents and drafts: sent, listed, served, marked as taken away."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from supply.core.api import Answer, Api, Sent, operation
from supply.core.errors import Fault, InvalidInput, TooMuch, WrongType
from supply.core.shapes import printable
from supply.core.text import Text
from supply.inventory import api_shapes as shapes
from supply.inventory import attachments, queries, screen_queries
from supply.inventory.attachment_files import FILE_BYTES_MAX, TOO_LARGE
from supply.inventory.attachments import AttachmentRow

TAG = "Attachments"
FORM_BYTES = 64 * 1024  # what a multipart form adds to its file
# Whatever a file turns out to be, it runs nothing, loads nothing and is framed by nobody.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
LIST = {200: Answer("All of them, the removed ones marked", shapes.ATTACHMENTS)}
KEPT = {
    201: Answer("Kept", shapes.one_of(shapes.ATTACHMENT)),
    200: Answer("This very file was there already", shapes.one_of(shapes.ATTACHMENT)),
}


class AttachmentsApi(Api):
    """Photos and PDFs of invoices and minutes."""

    class_permission_name = "Documents"

    @operation(
        method="GET",
        path="/documents/{document_id}/attachments",
        tag=TAG,
        permission="read",
        summary=Text("Tệp đính kèm của một phiếu", "Attachments of a document"),
        in_path={"document_id": shapes.ID},
        answers=LIST,
    )
    def of_document(self, document_id: int) -> Any:
        """Those of its draft too."""
        queries.document(document_id)
        return {"result": attachments.of_document(document_id)}

    @operation(
        method="POST",
        path="/documents/{document_id}/attachments",
        tag=TAG,
        permission="write",
        summary=Text("Đính kèm tệp vào phiếu", "Attach a file to a document"),
        in_path={"document_id": shapes.ID},
        upload=True,
        answers=KEPT,
        errors=(409,),
    )
    def to_document(self, document_id: int) -> Any:
        """JPEG, PNG, WEBP or PDF."""
        return _kept(*attachments.attach_to_document(document_id, *file_sent()))

    @operation(
        method="GET",
        path="/drafts/{draft_id}/attachments",
        tag=TAG,
        permission="read",
        summary=Text("Tệp đính kèm của phiếu nháp", "Attachments of a draft"),
        in_path={"draft_id": shapes.ID},
        answers=LIST,
    )
    def of_draft(self, draft_id: int) -> Any:
        """They go over to the document the draft becomes."""
        screen_queries.draft(draft_id)
        return {"result": attachments.of_draft(draft_id)}

    @operation(
        method="POST",
        path="/drafts/{draft_id}/attachments",
        tag=TAG,
        permission="write",
        summary=Text("Đính kèm tệp vào phiếu nháp", "Attach a file to a draft"),
        in_path={"draft_id": shapes.ID},
        upload=True,
        answers=KEPT,
        errors=(409,),
    )
    def to_draft(self, draft_id: int) -> Any:
        """JPEG, PNG, WEBP or PDF."""
        return _kept(*attachments.attach_to_draft(draft_id, *file_sent()))

    @operation(
        method="GET",
        path="/attachments/{attachment_id}",
        tag=TAG,
        permission="read",
        summary=Text("Một tệp đính kèm", "One attachment"),
        in_path={"attachment_id": shapes.ID},
        answers={200: Answer("What is known of it", shapes.one_of(shapes.ATTACHMENT))},
    )
    def attachment(self, attachment_id: int) -> Any:
        """Not its content."""
        return {"result": attachments.attachment(attachment_id)}

    @operation(
        method="GET",
        path="/attachments/{attachment_id}/content",
        tag=TAG,
        permission="read",
        summary=Text("Nội dung tệp", "The file itself"),
        in_path={"attachment_id": shapes.ID},
        answers={
            200: Answer(
                "The file",
                media=("image/jpeg", "image/png", "image/webp", "application/pdf"),
            )
        },
    )
    def content(self, attachment_id: int) -> Response:
        """Pictures to look at, PDFs to save: a viewer cannot run under the sandbox."""
        file = attachments.attachment_file(attachment_id)
        g.content_security_policy = POLICY
        shown = "attachment" if file.content_type == "application/pdf" else "inline"
        name = f"filename*=UTF-8''{quote(file.name, safe='')}"
        return Response(
            file.content,
            mimetype=file.content_type,
            headers={
                "Content-Disposition": f"{shown}; {name}",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-cache",
                "Cross-Origin-Resource-Policy": "same-origin",
                "ETag": f'"{file.sha256}"',
            },
        )

    @operation(
        method="POST",
        path="/attachments/{attachment_id}/removal",
        tag=TAG,
        permission="write",
        summary=Text("Gỡ tệp đính kèm", "Mark an attachment as removed"),
        about="It stays in the books, with who, when and why.",
        in_path={"attachment_id": shapes.ID},
        body=shapes.REMOVAL,
        answers={200: Answer("As it is marked", shapes.one_of(shapes.ATTACHMENT))},
        errors=(409,),
    )
    def remove(self, attachment_id: int, body: dict[str, Any]) -> Any:
        """Nothing is deleted."""
        return {"result": attachments.remove(attachment_id, body["reason"])}


def file_sent() -> tuple[str, bytes]:
    """The one file of the form: its name and bytes. Raises WrongType, TooMuch or InvalidInput."""
    if request.mimetype != "multipart/form-data":
        raise WrongType(Text("Hãy gửi multipart/form-data.", "Please send multipart/form-data."))
    if (request.content_length or 0) > FILE_BYTES_MAX + FORM_BYTES:
        raise TooMuch(TOO_LARGE)
    request.max_content_length = FILE_BYTES_MAX + FORM_BYTES
    try:
        files = [(n, f) for n, many in request.files.lists() for f in many]
    except RequestEntityTooLarge as error:
        raise TooMuch(TOO_LARGE) from error
    # A part may come without a name.
    others = {*request.form} - {"csrf_token"} | {n for n, _f in files} - {"file"}
    for name in others:
        shown = printable(name or "")
        words = Text(f"Không có mục “{shown}”.", f"There is no field “{shown}”.")
        raise InvalidInput(words, [Fault(shown, words)])
    if len(files) != 1:
        words = Text(
            "Hãy gửi đúng một tệp trong mục “file”.", "Send one file, in the field “file”."
        )
        raise InvalidInput(words, [Fault("file", words)])
    sent = files[0][1]
    return sent.filename or "", sent.read()


def _kept(row: AttachmentRow, is_new: bool) -> Sent:
    return Sent({"result": row}, 201 if is_new else 200)
