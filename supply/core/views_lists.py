"""Files and saved views of any list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, redirect, request
from flask_appbuilder import BaseView, expose
from flask_login import current_user

from supply.core import files, jobs, lists
from supply.core.address import query_of
from supply.core.errors import NotAllowed, NotFound
from supply.core.export import MEDIA_TYPES
from supply.core.i18n import language
from supply.core.scope import acting_as
from supply.core.security import guarded, may, whose


class ListsView(BaseView):
    """`/lists/<name>.xlsx?…`: what a list shows, as a file; saved views."""

    route_base = "/lists"
    class_permission_name = "Jobs"
    method_permission_name = {"export": "read", "save_view": "read", "delete_view": "read"}

    @expose("/<name>.<kind>")
    @guarded
    def export(self, name: str, kind: str) -> Any:
        """Exactly what is shown: at once where it is short, else by a job with progress."""
        wanted = files.exported(name)
        if kind not in MEDIA_TYPES:
            raise NotFound()
        if not may("can_read", wanted.resource):
            raise NotAllowed(whose("can_read", wanted.resource))
        said = lists.args()
        table = wanted.make(said)
        rows = table.count() if table.count else 0
        if rows > files.ROWS_AT_ONCE[kind]:
            job_id = jobs.enqueue(
                "core.export",
                name=name, query=query_of(said), file_type=kind, language=language(), rows=rows,
            )  # fmt: skip
            return redirect(f"/jobs/{job_id}")
        return _attached(
            files.as_bytes(table, kind, language()), files.file_name(table, kind), MEDIA_TYPES[kind]
        )

    @expose("/views", methods=["POST"])
    @guarded
    def save_view(self) -> Any:
        """Keep the present address under a name."""
        page = request.form.get("page", "")
        view = lists.save_view(page, request.form.get("name", ""), request.form.get("query", ""))
        query = request.form.get("query", "")
        return redirect(f"{page}?{query}&view={view}" if query else f"{page}?view={view}")

    @expose("/views/<int:view_id>/delete", methods=["POST"])
    @guarded
    def delete_view(self, view_id: int) -> Any:
        """Forget one."""
        return redirect(lists.delete_view(view_id))


class FilesView(BaseView):
    """Files that jobs made for a person."""

    route_base = "/files"
    default_view = "index"
    class_permission_name = "Jobs"
    method_permission_name = {"index": "read", "fetch": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The person's files, the newest first."""
        made = request.args.get("made", "")
        return self.render_template(
            "supply/files.html",
            files=files.files(),
            made=int(made) if made.isascii() and made.isdigit() and len(made) < 10 else None,
            kept_days=files.KEPT_DAYS,
        )

    @expose("/<int:file_id>")
    @guarded
    def fetch(self, file_id: int) -> Any:
        """One of them, sent in parts."""
        found = files.file(file_id)
        user_id = current_user.id

        def content() -> Iterator[bytes]:
            # Sent after the request is over, still as the person who asked.
            source = files.parts(file_id)
            while True:
                with acting_as(user_id):
                    part = next(source, None)
                if part is None:
                    return
                yield part

        response = _attached(content(), found.name, found.media_type)
        response.headers["Content-Length"] = str(found.size_bytes)
        return response


def _attached(content: bytes | Iterator[bytes], name: str, media_type: str) -> Response:
    return Response(
        content,
        mimetype=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
