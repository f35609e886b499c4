"""The pages of imports: bring a file, say which column is which, look, carry out, see what came of it."""

from __future__ import annotations

import io
from typing import Any

from flask import redirect, request, send_file
from flask_appbuilder import BaseView, expose
from flask_login import current_user

from supply.catalog import queries as catalog
from supply.core.errors import InvalidInput, NotFound, SupplyError
from supply.core.i18n import language, t
from supply.core.security import guarded
from supply.core.text import Text
from supply.imports import services
from supply.imports.columns import COLUMNS, NAMES, FileKind
from supply.imports.workbooks import fixed_codes, template
from supply.inventory import queries as inventory
from supply.inventory.kinds import KINDS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCUMENTS_SHOWN = 50
ICONS = {FileKind.ITEMS: "capsule", FileKind.OPENING: "boxes", FileKind.HISTORY: "files"}
WHAT_FOR = {
    FileKind.ITEMS: Text("Mặt hàng và quy cách đóng gói", "Items and their packs"),
    FileKind.OPENING: Text(
        "Hàng đang có trong kho ngày bắt đầu dùng hệ thống", "What is in the store on the first day"
    ),
    FileKind.HISTORY: Text(
        "Phiếu nhập, xuất, chuyển, hoàn trả, điều chỉnh đã có",
        "Receipts, issues, transfers, returns, adjustments of the past",
    ),
}
STATES = (
    ("mapping", Text("Chọn cột", "Columns")),
    ("checked", Text("Xem trước", "Preview")),
    ("done", Text("Đã nhập", "Imported")),
)


class ImportsView(BaseView):
    """Files in, checked as a whole, all or nothing."""

    route_base = "/imports"
    default_view = "index"
    class_permission_name = "Imports"
    method_permission_name = {
        "index": "read",
        "show": "read",
        "template": "read",
        "report": "read",
        "upload": "write",
        "columns": "write",
        "again": "write",
        "run": "write",
        "forget": "write",
    }

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The kinds of file with their templates, and the person's files."""
        return self._index()

    def _index(self, error: SupplyError | None = None, kind: str = "") -> Any:
        page = self.render_template(
            "imports/index.html",
            kinds=_kinds(),
            chosen=kind,
            names=NAMES,
            icons=ICONS,
            what_for=WHAT_FOR,
            files=services.files(),
            states=_STATE_WORDS,
            kept_days=services.KEPT_DAYS,
            error=error,
        )
        return (page, error.status) if error else page

    @expose("/template/<kind>")
    @guarded
    def template(self, kind: str) -> Any:
        """An empty file to fill in."""
        wanted = _kind(kind)
        content = template(wanted, language(), _codes(wanted))
        name = {"items": "mat-hang", "opening": "ton-dau-ky", "history": "lich-su"}[wanted.value]
        return _xlsx(content, f"mau-{name}.xlsx")

    @expose("/upload", methods=["POST"])
    @guarded
    def upload(self) -> Any:
        """Take a file; what is no table is refused at once."""
        kind = request.form.get("kind", "")
        try:
            wanted = _kind(kind)
            services.refuse_unless_may(wanted, _roles())
            sent = request.files.get("file")
            if sent is None or not sent.filename:
                raise InvalidInput(Text("Hãy chọn một tệp.", "Choose a file."))
            file_id = services.bring(wanted, sent.filename, sent.read())
        except SupplyError as error:
            return self._index(error, kind)
        return redirect(f"/imports/{file_id}")

    @expose("/<int:file_id>")
    @guarded
    def show(self, file_id: int) -> Any:
        """One file, as it stands."""
        return self._show(file_id)

    def _show(self, file_id: int, error: SupplyError | None = None) -> Any:
        found = services.file(file_id)
        mapping = found.status == "mapping" or "columns" in request.args or error is not None
        status = "mapping" if mapping and found.status not in ("done", "running") else found.status
        page = self.render_template(
            "imports/file.html",
            file=found,
            status=status,
            step={"refused": "checked", "checking": "mapping", "running": "checked"}.get(
                status, status
            ),
            steps=[(key, t(words)) for key, words in STATES],
            columns=COLUMNS[found.kind],
            labels={c.name: c.label for c in COLUMNS[found.kind]},
            names=NAMES,
            kinds=KINDS,
            documents=_documents(found) if found.status == "done" else (),
            shown=DOCUMENTS_SHOWN,
            kept_days=services.KEPT_DAYS,
            error=error,
        )
        return (page, error.status) if error else page

    @expose("/<int:file_id>/columns", methods=["POST"])
    @guarded
    def columns(self, file_id: int) -> Any:
        """Which column is which; then the file is checked."""
        found = services.file(file_id)
        chosen = {
            c.name: int(value)
            for c in COLUMNS[found.kind]
            if (value := request.form.get(f"column-{c.name}", "")).isascii()
            and value.isdigit()
            and len(value) < 5
        }
        try:
            job_id = services.choose_columns(file_id, chosen)
        except SupplyError as error:
            return self._show(file_id, error)
        return redirect(f"/jobs/{job_id}" if job_id else f"/imports/{file_id}")

    @expose("/<int:file_id>/run", methods=["POST"])
    @guarded
    def run(self, file_id: int) -> Any:
        """Carry it out; the job's page shows how far it is and comes back here."""
        services.refuse_unless_may(services.file(file_id).kind, _roles())
        return redirect(f"/jobs/{services.start(file_id)}")

    @expose("/<int:file_id>/report")
    @guarded
    def report(self, file_id: int) -> Any:
        """The person's own rows with their faults."""
        name, content = services.report(file_id)
        return _xlsx(content, name)

    @expose("/<int:file_id>/forget", methods=["POST"])
    @guarded
    def forget(self, file_id: int) -> Any:
        """Throw the file away; what was imported stays."""
        services.forget(file_id)
        return redirect("/imports/")


_STATE_WORDS = {
    "mapping": ("", Text("chưa chọn cột", "columns to choose")),
    "checking": ("info", Text("đang kiểm", "being checked")),
    "refused": ("danger", Text("có lỗi, chưa nhập", "faults, not imported")),
    "checked": ("warning", Text("đã kiểm, chưa nhập", "checked, not imported")),
    "running": ("info", Text("đang nhập", "being imported")),
    "done": ("good", Text("đã nhập", "imported")),
}


def _roles() -> set[str]:
    return {r.name for r in current_user.roles}


def _kinds() -> list[FileKind]:
    order = (FileKind.OPENING, FileKind.HISTORY, FileKind.ITEMS)
    return [k for k in order if services.may_bring(k, _roles())]


def _kind(word: str) -> FileKind:
    try:
        return FileKind(word)
    except ValueError as error:
        raise NotFound() from error


def _xlsx(content: bytes, name: str) -> Any:
    return send_file(io.BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)


def _codes(kind: FileKind) -> dict[str, list[tuple[str, str]]]:
    """The codes a file of this kind may use, as this person knows them."""
    found = fixed_codes(kind, language())
    if kind == FileKind.ITEMS:
        return found
    found[t("Cơ sở", "Facilities")] = [
        (f.code, t(f.name)) for f in catalog.facilities(writable=True)
    ]
    found[t("Mặt hàng", "Items")] = [(i.code, t(i.name)) for i in catalog.items()]
    found[t("Nguồn quỹ", "Funds")] = [(f.code, t(f.name)) for f in catalog.funds()]
    if kind == FileKind.HISTORY:
        found[t("Đối tác", "Partners")] = [(p.code, t(p.name)) for p in catalog.partners()]
    return found


def _documents(found: services.ImportFile) -> Any:
    if found.kind == FileKind.ITEMS:
        return ()
    return inventory.documents(origin=found.origin, limit=DOCUMENTS_SHOWN).rows
