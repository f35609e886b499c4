"""Pages of cases in: paste or upload, look at what it would do, decide, record."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from flask import flash, redirect, request, send_file
from flask_appbuilder import expose

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import Conflict, Fault, InvalidInput, SupplyError, TooMuch
from supply.core.i18n import language, t
from supply.core.security import guarded
from supply.core.text import Text
from supply.forecast.intake import screens, services, tables
from supply.forecast.intake.cells import WrongCell, day_of
from supply.forecast.intake.keeping import SOURCE_MAX
from supply.forecast.intake.places import DISTRICT, PROVINCE, SKIP
from supply.forecast.intake.services import Looked, Said
from supply.forecast.intake.workbooks import template
from supply.forecast.views_common import ForecastPage, here
from supply.imports.reading import BYTES_MAX

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PERIODS = (
    ("", Text("Tự nhận ra", "Find out")),
    ("1", Text("Số của từng ngày", "Figures of days")),
    ("7", Text("Số của cả tuần", "Figures of weeks")),
)
USUAL_SOURCE = Text("Báo cáo ngày của trạm y tế", "Daily station reports")

__all__ = ["IntakeView", "tables"]


class IntakeView(ForecastPage):
    """Figures on their way in."""

    route_base = "/forecast/cases/in"
    default_view = "index"
    class_permission_name = "Cases"
    method_permission_name = {
        "index": "write",
        "bring": "write",
        "show": "write",
        "decide": "write",
        "forget": "write",
        "template": "read",
        "mark": "write",
    }

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Where a table is pasted or a file chosen."""
        return self._index()

    def _index(self, error: SupplyError | None = None) -> Any:
        page = self.page(
            "cases_in",
            here(),
            error=error,
            form=request.form,
            period_options=[(key, t(words)) for key, words in PERIODS],
            source=request.form.get("source", t(USUAL_SOURCE)),
            megabytes=BYTES_MAX // 2**20,
        )
        return (page, error.status) if error else page

    @expose("/bring", methods=["POST"])
    @guarded
    def bring(self) -> Any:
        """Take what was pasted or uploaded; what is no table is refused at once."""
        try:
            at = here()
            sent = request.files.get("file")
            said = _said()
            if sent is not None and sent.filename:
                content = sent.read(BYTES_MAX + 1)
                made = services.bring(at.district.slug, "file", sent.filename, content, said)
            else:
                pasted = request.form.get("pasted", "")
                made = services.bring(at.district.slug, "paste", "", pasted.encode(), said)
        except (InvalidInput, TooMuch) as refused:
            return self._index(refused)
        return redirect(f"/forecast/cases/in/{made}?district={at.district.slug}")

    @expose("/<int:upload_id>")
    @guarded
    def show(self, upload_id: int) -> Any:
        """What keeping would do, before anything is kept."""
        return self._show(upload_id)

    def _show(self, upload_id: int, error: SupplyError | None = None) -> Any:
        found = services.look(upload_id)
        at = here()
        page = self.page(
            "cases_preview",
            at,
            looked=found,
            upload=found.upload,
            preview=found.preview,
            matrix=screens.matrix(found.preview),
            corrections=screens.corrections(found.preview),
            wards=catalog.wards(catalog.district(found.upload.district_slug).id),
            period_options=[(key, t(words)) for key, words in PERIODS],
            how=tables.HOW,
            places=_place_words(found),
            error=error,
        )
        return (page, error.status) if error else page

    @expose("/<int:upload_id>/decide", methods=["POST"])
    @guarded
    def decide(self, upload_id: int) -> Any:
        """Take the decisions; then look again, or record what was seen."""
        before = services.upload(upload_id)
        try:
            said = _said()
            places = {
                name.removeprefix("place-"): value
                for name, value in request.form.items()
                if name.startswith("place-") and value
            }
            again = (said.on, said.days) != (before.said.on, before.said.days)
            again |= any(before.choices.places.get(k) != v for k, v in places.items())
            ticked = request.form.getlist("tick") if request.form.get("spikes") else None
            services.choose(upload_id, said, places, None if again else ticked)
            if again or request.form.get("action") != "record":
                return redirect(f"/forecast/cases/in/{upload_id}?district={before.district_slug}")
            kept = services.confirm(upload_id, request.form.get("seen", ""))
        except (InvalidInput, Conflict) as refused:
            return self._show(upload_id, refused)
        flash(t(kept.text), "success")
        return redirect(f"/forecast/cases/?district={before.district_slug}")

    @expose("/<int:upload_id>/forget", methods=["POST"])
    @guarded
    def forget(self, upload_id: int) -> Any:
        """Throw it away; nothing was recorded."""
        services.forget(upload_id)
        return redirect(f"/forecast/cases/?district={request.form.get('district', '')}")

    @expose("/template.xlsx")
    @guarded
    def template(self) -> Any:
        """An empty table with the district's wards."""
        at = here()
        last = today() - dt.timedelta(days=(today().weekday() - 5) % 7)
        wards = [
            (w.code, w.name)
            for w in catalog.wards(at.district.id)
            if (w.valid_from is None or w.valid_from <= last)
            and (w.valid_to is None or last <= w.valid_to)
        ]
        content = template(wards, last, language())
        name = f"mau-ca-benh-{at.district.slug}.xlsx"
        return send_file(io.BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)

    @expose("/mark", methods=["POST"])
    @guarded
    def mark(self) -> Any:
        """Mark a figure as not to be believed, or take the mark off."""
        at = here()
        form = request.form
        try:
            on = dt.date.fromisoformat(form.get("on", ""))
            ward, days = int(form.get("ward", "")), int(form.get("days", ""))
        except ValueError as wrong:
            raise InvalidInput() from wrong
        is_marked = form.get("anomaly") == "1"
        services.mark(
            at.district.slug, ward, on, days, anomaly=is_marked, reason=form.get("reason", "")
        )
        flash(
            t("Đã đánh dấu bất thường.", "Marked.") if is_marked else t("Đã bỏ dấu.", "Unmarked."),
            "success",
        )
        return redirect(_ours(form.get("back", "")))


def _ours(path: str) -> str:
    """A page of cases to go back to; nothing else is followed."""
    good = path.startswith("/forecast/cases/") and "\\" not in path
    return path if good else "/forecast/cases/"


def _said() -> Said:
    """What the form says beside the table. Raises InvalidInput."""
    source = " ".join(request.form.get("source", "").split())
    if not source:
        words = Text("Chưa ghi nguồn số liệu.", "The source is missing.")
        raise InvalidInput(faults=[Fault("source", words)])
    days = request.form.get("days", "")
    try:
        on = day_of(request.form.get("on", "").strip() or None, today())
    except WrongCell as wrong:
        raise InvalidInput(faults=[Fault("on", wrong.text)]) from wrong
    return Said(source[:SOURCE_MAX], on, int(days) if days in ("1", "7") else None)


def _place_words(found: Looked) -> list[tuple[str, str]]:
    """What a place may mean besides a ward."""
    at = catalog.district(found.upload.district_slug)
    return [
        (DISTRICT, t(f"Tổng của {at.name} (chia theo dân số)", f"Total of {at.name} (shared)")),
        (PROVINCE, t(f"Tổng của {at.province} (chia theo dân số)", f"Total of {at.province} (shared)")),
        (SKIP, t("Bỏ qua dòng này", "Leave it out")),
    ]  # fmt: skip
