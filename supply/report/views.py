"""The page of the workbook: make one, fetch those made."""

from __future__ import annotations

import io
from typing import Any

from flask import redirect, request, send_file
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core import jobs
from supply.core.i18n import language
from supply.core.security import guarded
from supply.report import services

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class WorkbookView(BaseView):
    """Stock, use, shortage, plan, transfers and spending in one file."""

    route_base = "/workbook"
    default_view = "index"
    class_permission_name = "Workbook"
    method_permission_name = {"index": "read", "make": "write", "fetch": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """What it holds, the button, and the person's workbooks."""
        made = request.args.get("made", "")
        return self.render_template(
            "report/workbook.html",
            districts=[(d.slug, d.name) for d in catalog.districts()],
            files=services.files(),
            made=int(made) if made.isascii() and made.isdigit() and len(made) < 10 else None,
            kept_days=services.KEPT_DAYS,
        )

    @expose("/make", methods=["POST"])
    @guarded
    def make(self) -> Any:
        """Ask for one; the job's page shows how far it is and comes back here."""
        district = catalog.district(request.form.get("district", ""))
        job_id = jobs.enqueue("report.workbook", district=district.slug, language=language())
        return redirect(f"/jobs/{job_id}")

    @expose("/<int:file_id>")
    @guarded
    def fetch(self, file_id: int) -> Any:
        """The file."""
        found = services.file(file_id)
        return send_file(
            io.BytesIO(found.content), mimetype=XLSX, as_attachment=True, download_name=found.name
        )
