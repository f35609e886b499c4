"""What was known when: every value of a ward, and how the weeks grew after they were first known."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import request
from flask_appbuilder import expose

from supply.core.i18n import VIETNAM, t
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.forecast.history import WeeklyHistory
from supply.forecast.inputs import District, district_of, history_of
from supply.forecast.intake import queries, tables
from supply.forecast.intake.cells import WrongCell, day_of
from supply.forecast.intake.revisions import DELAYS_WEEKS
from supply.forecast.intake.screens import chart_values
from supply.forecast.views_common import ForecastPage, here

PAGE_ROWS = 60


class CaseHistoryView(ForecastPage):
    """Case figures with their past."""

    route_base = "/forecast/cases/history"
    default_view = "index"
    class_permission_name = "Cases"
    method_permission_name = {"index": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Of a ward: every value. Of the district: revisions by week, batches, as known on a day."""
        at = here()
        where = district_of(at.district.slug)
        wards = [w for w in where.wards if w.code == request.args.get("ward")]
        known_on, fault = _known_on()
        before = _before()
        versions = (
            queries.versions(
                [w.id for w in wards],
                on=_day(request.args.get("on")),
                only_changed=request.args.get("changed") == "1",
                before=before,
                limit=PAGE_ROWS + 1,
            )
            if wards
            else []
        )
        shown = _whole_days(versions)
        return self.page(
            "cases_history",
            at,
            where=where,
            ward=wards[0] if wards else None,
            versions=shown,
            next_page=f"{shown[-1].reported_on}_{shown[-1].days}"
            if len(versions) > PAGE_ROWS
            else "",
            how=tables.HOW,
            period=tables.PERIOD,
            revisions=queries.revisions_of(where),
            delays=DELAYS_WEEKS,
            batches=queries.batches(where.id),
            may_enter=may("can_write", "Cases"),
            known_on=known_on,
            fault=fault,
            chart=_compared(where, wards[0].id if wards else None, known_on) if known_on else None,
        )


def _known_on() -> tuple[dt.date | None, Text | None]:
    try:
        real_today = dt.datetime.now(VIETNAM).date()  # recording happens on real days
        return day_of(request.args.get("known") or None, real_today), None
    except WrongCell as wrong:
        return None, wrong.text


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return None


def _before() -> tuple[int, dt.date, int] | None:
    day, _, days = (request.args.get("after") or "").partition("_")
    found = _day(day)
    return (0, found, int(days)) if found is not None and days in ("1", "7") else None


def _whole_days(versions: list[queries.Version]) -> list[queries.Version]:
    """A page that does not cut through the versions of one day, so that the next begins cleanly."""
    if len(versions) <= PAGE_ROWS:
        return versions
    cut = versions[PAGE_ROWS]
    whole = [v for v in versions if (v.reported_on, v.days) != (cut.reported_on, cut.days)]
    return whole or versions


def _compared(where: District, ward_id: int | None, known_on: dt.date) -> dict[str, Any] | None:
    """Weekly cases as known on a day, against those that count now."""
    now = history_of(where)
    then = queries.history_as_known(where, queries.end_of(known_on))
    if not len(now.week_ends):
        return None
    number = next((n for n, w in enumerate(where.wards) if w.id == ward_id), None)
    days = [str(day) for day in now.week_ends]
    by_day = dict(zip([str(d) for d in then.week_ends], _series(then, number), strict=True))
    return {
        "days": days,
        "x": t("Tuần đến", "Week to"),
        "series": [
            {"label": t("Hiện nay", "Now"), "values": _series(now, number)},
            {
                "label": t(f"Biết đến {known_on:%d/%m/%Y}", f"Known by {known_on:%d/%m/%Y}"),
                "values": [by_day.get(day) for day in days],
            },
        ],
    }


def _series(history: WeeklyHistory, number: int | None) -> list[float | None]:
    if number is not None:
        return chart_values(history.cases[number])
    return chart_values(history.cases[history.reporting()].sum(axis=0))
