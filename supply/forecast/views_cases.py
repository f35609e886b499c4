"""Reported cases: shown and entered."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, request
from flask_appbuilder import expose

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import Fault, InvalidInput
from supply.core.i18n import t
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.forecast import queries, screens
from supply.forecast.inputs import district_of
from supply.forecast.intake import keeping
from supply.forecast.intake import queries as intake
from supply.forecast.intake import services as bringing
from supply.forecast.intake.checking import Choices
from supply.forecast.intake.found import WEEK, Given
from supply.forecast.intake.keeping import Batch
from supply.forecast.intake.services import Said
from supply.forecast.views_common import ForecastPage, Here, here


class CasesView(ForecastPage):
    """Reported cases: the series, the last weeks by ward, this week's figures."""

    route_base = "/forecast/cases"
    default_view = "index"
    class_permission_name = "Cases"
    method_permission_name = {"index": "read", "enter": "write"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The series of the district or of one ward, ward by ward, and what is not believed."""
        at = here()
        view = queries.cases(at.district.slug)
        ward = next((w for w in view.wards if w.code == request.args.get("ward")), None)
        words = {
            "week": t("Tuần đến", "Week to"),
            "cases": t("Số ca trong tuần", "Cases in the week"),
            "anomaly": t("Có số liệu bất thường, không dùng", "Has an unlikely figure, not used"),
        }
        filled = bool(len(view.history.week_ends))
        reporting = view.history.reporting()
        where = district_of(at.district.slug)
        return self.page(
            "cases",
            at,
            view=view,
            ward=ward,
            chart=screens.cases_chart(view, ward.code if ward else None, words) if filled else None,
            small=[
                (w, screens.cases_chart(view, w.code, words))
                for n, w in enumerate(view.wards)
                if filled and ward is None and reporting[n]
            ],
            table=screens.week_table(view) if filled else None,
            marked=intake.marked(where),
            marking=_marking(view.wards),
            origin=intake.proposed_origin(where, today()) if filled else None,
            may_enter=may("can_write", "Cases"),
        )

    @expose("/enter", methods=["GET", "POST"])
    @guarded
    def enter(self) -> Any:
        """A week's cases by ward: blanks and unchanged figures are left as they are."""
        at = here()
        weeks = _past_weeks()
        week = _week_of(request.values.get("week"), weeks)
        wards = catalog.wards(at.district.id)
        known = queries.week_reports(at.district.slug, week)
        typed = {w.code: str(known.get(w.code, "")) for w in wards}
        faults: tuple[Fault, ...] = ()
        if request.method == "POST":
            typed = {w.code: request.form.get(f"cases-{w.code}", "").strip() for w in wards}
            try:
                return _record(at, _typed_rows(typed, known, wards, week), week)
            except InvalidInput as refused:
                faults = refused.faults
        page = self.page(
            "enter_cases",
            at,
            wards=wards,
            typed=typed,
            week=week,
            weeks=weeks,
            source=request.form.get(
                "source", t("Báo cáo tuần của trạm y tế", "Weekly station report")
            ),
            key=uuid4(),
            faults=faults,
            fault_of={f.line: f for f in faults if f.line},
        )
        return (page, 422) if faults else page


def _record(at: Here, given: list[Given], week: dt.date) -> Any:
    """Record the typed figures; where one is unusually high, first show it. Raises InvalidInput."""
    source = request.form.get("source", "")
    slug = at.district.slug
    if not source.strip():
        words = Text("Chưa ghi nguồn số liệu.", "The source is missing.")
        raise InvalidInput(faults=[Fault("source", words)])
    if not given:
        flash(t("Không có số nào thay đổi.", "No figure was changed."), "success")
        return redirect(f"/forecast/cases/?district={slug}")
    found = keeping.preview(at.district, given, Choices({}))
    if found.spikes:
        lines = ["Mã\tSố ca", *(f"{one.code}\t{one.cases}" for one in given)]
        said = Said(source, week, WEEK)
        made = bringing.bring(slug, "form", "", "\n".join(lines).encode(), said)
        return redirect(f"/forecast/cases/in/{made}?district={slug}")
    kept = keeping.keep(slug, Batch("form", given, source, _key(), Choices({})))
    count = kept.added + kept.changed
    flash(
        t(f"Đã ghi số ca của {count} phường, xã.", f"Recorded {count} wards.")
        if count
        else t("Không có số nào thay đổi.", "No figure was changed."),
        "success",
    )
    return redirect(f"/forecast/cases/?district={slug}")


def _key() -> UUID:
    """The form's own mark, so that a second click records once."""
    try:
        return UUID(request.form.get("key", ""))
    except ValueError:
        return uuid4()


def _marking(wards: tuple[catalog.WardRow, ...]) -> intake.CountedRow | None:
    """The figure that the address asks to mark: ward's id, day, length."""
    try:
        ward = int(request.args.get("mark", ""))
        on = dt.date.fromisoformat(request.args.get("on", ""))
        days = int(request.args.get("days", "1"))
    except ValueError:
        return None
    if ward not in {w.id for w in wards}:
        return None
    found = intake.counted([ward], on, on)
    return next((row for row in found if row.days == days), None)


def _past_weeks(count: int = 12) -> list[dt.date]:
    """The Saturdays that ended the last weeks, newest first."""
    last = today() - dt.timedelta(days=(today().weekday() - 5) % 7)
    return [last - dt.timedelta(weeks=n) for n in range(count)]


def _week_of(text: str | None, weeks: list[dt.date]) -> dt.date:
    """The Saturday of the address; the newest where it cannot be read."""
    try:
        day = dt.date.fromisoformat(text or "")
    except ValueError:
        return weeks[0]
    return day if day.isoweekday() == 6 and day <= today() else weeks[0]


def _typed_rows(
    typed: dict[str, str], known: dict[str, int], wards: list[catalog.WardRow], week: dt.date
) -> list[Given]:
    """The figures that were typed and are new. Raises InvalidInput, line = the ward's place."""
    rows, faults = [], []
    for line, ward in enumerate(wards, start=1):
        text = typed[ward.code].replace(".", "").replace(" ", "")
        if not text:
            continue
        if not (text.isascii() and text.isdigit() and len(text) <= 6):
            said = typed[ward.code][:30]
            faults.append(
                Fault(
                    f"cases-{ward.code}",
                    Text(
                        f"{ward.name}: “{said}” không phải số ca (số nguyên, ví dụ 12).",
                        f"{ward.name}: “{said}” is not a number of cases (whole, such as 12).",
                    ),
                    line,
                )
            )
        elif known.get(ward.code) != int(text):
            rows.append(Given(line, ward.name, week, int(text), WEEK, ward.code))
    if faults:
        raise InvalidInput(faults=faults)
    return rows
