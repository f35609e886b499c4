"""Pages of the forecast: cases, projection, burn, shortage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, flash, redirect, request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.catalog.words import CATEGORY as CATEGORY_NAMES
from supply.core.errors import Fault, InvalidInput, NotFound
from supply.core.i18n import t, today
from supply.core.jobs import enqueue
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.forecast import needs, queries, screens, services, tiles  # noqa: F401  declares tiles
from supply.forecast.explain import DRIVER_WORDS
from supply.forecast.needs import ShortageRow
from supply.forecast.screens import ShortageFilter
from supply.inventory.views_common import chosen, csv_response

ROWS_A_PAGE = 60
HORIZONS = (7, 14, 28)
WITHIN = {
    "none": Text("Đang không có hàng", "No stock now"),
    "7": Text("Hết trong 7 ngày", "Out within 7 days"),
    "14": Text("Hết trong 14 ngày", "Out within 14 days"),
    "all": Text("Tất cả", "All"),
}


@dataclass(frozen=True)
class Here:
    """The district of the address, the choice of districts, and its newest run."""

    district: catalog.DistrictRow
    districts: list[catalog.DistrictRow]
    run: queries.RunRow | None

    @property
    def age_days(self) -> int | None:
        """Days since the run's origin week ended."""
        return None if self.run is None else (today() - self.run.origin).days


def here() -> Here:
    """Where the page stands. Raises NotFound for a district outside the scope."""
    found = catalog.districts()
    slug = request.args.get("district") or request.form.get("district") or ""
    at = next((d for d in found if d.slug == slug or not slug), None)
    if at is None:
        raise NotFound(
            Text(
                "Không có quận, huyện nào như vậy trong phạm vi của bạn.",
                "There is no such district in your scope.",
            )
        )
    return Here(at, found, queries.latest_run(at.id))


def address(path: str, **more: object) -> str:
    """A path with the present filters, some changed; empty ones are left out."""
    wanted = {**request.args.to_dict(), **more}
    kept = {name: value for name, value in wanted.items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path


class ForecastPage(BaseView):
    """What all pages of the forecast are given."""

    def page(self, template: str, at: Here, **values: Any) -> Any:
        """Render with the district, the run and the right to run."""
        return self.render_template(
            f"forecast/{template}.html",
            at=at,
            may_run=may("can_write", "Projection"),
            severity_sets=screens.SEVERITY_SETS,
            address=address,
            **values,
        )


class CasesView(ForecastPage):
    """Reported cases: the series, the last weeks by ward, this week's figures."""

    route_base = "/forecast/cases"
    default_view = "index"
    class_permission_name = "Cases"
    method_permission_name = {"index": "read", "enter": "write"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The series of the district or of one ward."""
        at = here()
        view = queries.cases(at.district.slug)
        ward = next((w for w in view.wards if w.code == request.args.get("ward")), None)
        words = {
            "week": t("Tuần đến", "Week to"),
            "cases": t("Số ca trong tuần", "Cases in the week"),
            "anomaly": t("Có số liệu bất thường, không dùng", "Has an unlikely figure, not used"),
        }
        filled = bool(len(view.history.week_ends))
        return self.page(
            "cases",
            at,
            view=view,
            ward=ward,
            chart=screens.cases_chart(view, ward.code if ward else None, words) if filled else None,
            table=screens.week_table(view) if filled else None,
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
                count = services.record_cases(
                    at.district.slug,
                    _typed_rows(typed, known, wards, week),
                    request.form.get("source", ""),
                )
            except InvalidInput as refused:
                faults = refused.faults
            else:
                flash(
                    t(f"Đã ghi số ca của {count} phường, xã.", f"Recorded {count} wards.")
                    if count
                    else t("Không có số nào thay đổi.", "No figure was changed."),
                    "success",
                )
                return redirect(f"/forecast/cases/?district={at.district.slug}")
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
            faults=faults,
            fault_of={f.line: f for f in faults if f.line},
        )
        return (page, 422) if faults else page


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
) -> list[services.CaseRow]:
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
            rows.append(services.CaseRow(ward.code, week, int(text), days=7))
    if faults:
        raise InvalidInput(faults=faults)
    return rows


class ProjectionView(ForecastPage):
    """The fan of the weeks to come, and the button that makes a new one."""

    route_base = "/forecast"
    default_view = "projection"
    class_permission_name = "Projection"
    method_permission_name = {"projection": "read", "run": "write"}

    @expose("/projection/")
    @guarded
    def projection(self) -> Any:
        """Fan of the district, small ones of the wards, all figures as a table."""
        at = here()
        if at.run is None:
            return self.page("projection", at, view=None)
        view = queries.projection(at.run.id)
        words = {
            "x": t("Tuần đến", "Week to"),
            "history": t("Đã báo cáo", "Reported"),
            "median": t("Dự báo (giữa)", "Projected (middle)"),
            "band50": "50 %",
            "band95": "95 %",
        }
        return self.page(
            "projection",
            at,
            view=view,
            sentence=screens.projection_sentence(view),
            chart=screens.fan_chart(view, view.district, words),
            wards=[(s, screens.fan_chart(view, s, words, weeks=8)) for s in view.wards],
            rows=screens.projection_rows(view),
        )

    @expose("/run", methods=["POST"])
    @guarded
    def run(self) -> Any:
        """Queue a run and watch it."""
        at = here()
        chosen_set = request.form.get("severity_set", services.DEFAULT_SET)
        if chosen_set not in screens.SEVERITY_SETS:
            chosen_set = services.DEFAULT_SET
        back = request.form.get("next", "")
        job_id = enqueue(
            "forecast.run",
            district=at.district.slug,
            severity_set=chosen_set,
            next_url=back if back.startswith("/forecast/") else "",
        )
        return redirect(f"/jobs/{job_id}")


class BurnView(ForecastPage):
    """What will be used, item by item, and why."""

    route_base = "/forecast/burn"
    default_view = "index"
    class_permission_name = "Burn"
    method_permission_name = {"index": "read", "why": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Use over 7, 14 and 28 days at one facility or all."""
        at = here()
        facilities = catalog.facilities(at.district.id)
        if at.run is None:
            return self.page("burn", at, lines=None, facilities=facilities)
        burn = queries.stored_burn(at.run.id)
        places = _places(facilities)
        items = {item.code: item for item in catalog.items(burn.item_codes)}
        category = request.args.get("category", "")
        lines = [
            (items[line.item_code], line)
            for line in screens.burn_lines(burn, places, HORIZONS)
            if not category or items[line.item_code].category == category
        ]
        order = list(CATEGORY_NAMES)
        lines.sort(key=lambda pair: (order.index(pair[0].category), pair[0].code))
        return self.page(
            "burn",
            at,
            lines=lines,
            facilities=facilities,
            category_names=CATEGORY_NAMES,
            categories=[c for c in CATEGORY_NAMES if any(i.category == c for i in items.values())],
            horizons=HORIZONS,
        )

    @expose("/why/<int:item_id>")
    @guarded
    def why(self, item_id: int) -> Any:
        """One item: use by day, and the norms it comes from."""
        at = here()
        item = next((i for i in catalog.items() if i.id == item_id), None)
        if at.run is None or item is None:
            raise NotFound()
        facilities = catalog.facilities(at.district.id)
        burn = queries.stored_burn(at.run.id)
        if item.code not in burn.item_codes:
            raise NotFound(Text("Mặt hàng này chưa có định mức.", "This item has no norm yet."))
        places = _places(facilities)
        number = burn.item_codes.index(item.code)
        words = {
            "x": t("Ngày", "Day"),
            "history": "",
            "median": t("Mức giữa", "Middle"),
            "band50": "50 %",
            "band95": "90 %",
        }
        return self.page(
            "why",
            at,
            item=item,
            facilities=facilities,
            by_place=[
                (facilities[f], float(burn.total_mean[f, number].sum()))
                for f in places
                if burn.total_mean[f, number].any()
            ],
            chart=screens.burn_chart(burn, places, number, at.run.day_0, words),
            explanation=needs.explain(at.run.id, [facilities[f].id for f in places], item.id),
            class_words=screens.CLASS_WORDS,
            driver_words=DRIVER_WORDS,
            status_words=screens.status_words,
            status_detail=screens.status_detail,
            rate=screens.rate_text,
            days=burn.days,
        )


def _places(facilities: list[catalog.FacilityRow]) -> list[int]:
    """The places (in the order of `facilities`) that the address asks for: one or all."""
    wanted = chosen("facility")
    found = [n for n, f in enumerate(facilities) if wanted in (None, f.id)]
    if not found:
        raise NotFound(
            Text(
                "Không tìm thấy cơ sở này trong phạm vi của bạn.",
                "There is no such facility in your scope.",
            )
        )
    return found


class ShortageView(ForecastPage):
    """Who runs out of what, when."""

    route_base = "/forecast/shortage"
    default_view = "index"
    class_permission_name = "Shortage"
    method_permission_name = {"index": "read", "export": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Heat table and list, the worst first; filters live in the address."""
        at = here()
        if at.run is None:
            return self.page("shortage", at, found=None)
        found, rows, shown = _shortage(at)
        first = chosen("from") or 0
        values = {
            "rows": shown[first : first + ROWS_A_PAGE],
            "more": address("/forecast/shortage/", **{"from": first + ROWS_A_PAGE})
            if len(shown) > first + ROWS_A_PAGE
            else None,
            "wanted": _wanted(),
            "single": _wanted().facility_id is not None or len(found.facilities) == 1,
            "category_names": CATEGORY_NAMES,
            "class_words": screens.CLASS_WORDS,
        }
        if request.headers.get("HX-Request") == "true":
            return self.page("_shortage_rows", at, **values)
        categories = [c for c in CATEGORY_NAMES if any(r.item.category == c for r in rows)]
        return self.page(
            "shortage",
            at,
            found=found,
            count=len(shown),
            total=len(rows),
            sentence=screens.shortage_sentence(rows, len(found.facilities)),
            heat=screens.heat(rows, found.facilities, categories),
            categories=categories,
            within=[(key, t(name)) for key, name in WITHIN.items()],
            within_now=request.args.get("within", "14"),
            export=address("/forecast/shortage/export.csv"),
            **values,
        )

    @expose("/export.csv")
    @guarded
    def export(self) -> Response:
        """The list under its filters as CSV."""
        at = here()
        if at.run is None:
            raise NotFound(Text("Chưa có lượt dự báo nào.", "There is no forecast yet."))
        _found, _rows, shown = _shortage(at)
        head = [
            t("Mã cơ sở", "Facility code"),
            t("Cơ sở", "Facility"),
            t("Mã hàng", "Item code"),
            t("Mặt hàng", "Item"),
            t("Đơn vị", "Unit"),
            t("Tồn dùng được", "Usable stock"),
            t("Đang chuyển đến", "On the way"),
            t("Dùng mỗi ngày", "Use per day"),
            t("Số ngày đủ dùng (thấp)", "Days of stock (low)"),
            t("Số ngày đủ dùng", "Days of stock"),
            t("Số ngày đủ dùng (cao)", "Days of stock (high)"),
            t("Ngày hết hàng", "Stock-out date"),
            t("Thiếu trong 14 ngày", "Short in 14 days"),
            t("Thiếu trong 28 ngày", "Short in 28 days"),
            t("Thiếu trong 28 ngày (mức cao)", "Short in 28 days (high)"),
        ]
        return csv_response("nguy-co-thieu", head, _export_rows(shown))


def _wanted() -> ShortageFilter:
    within = request.args.get("within", "14")
    return ShortageFilter(
        chosen("facility"),
        request.args.get("category", ""),
        int(within) if within in ("7", "14") else None,
        request.args.get("q", "")[:100],
        within == "none",
    )


def _shortage(at: Here) -> tuple[needs.Shortage, list[ShortageRow], list[ShortageRow]]:
    """What was found, all its rows, and those the filter keeps."""
    assert at.run is not None
    found = needs.shortage(at.run.id, at.district.slug)
    rows = needs.shortage_rows(found)
    wanted = _wanted()
    return found, rows, [row for row in rows if wanted.keeps(row)]


def _export_rows(rows: list[ShortageRow]) -> Iterator[tuple[object, ...]]:
    for r in rows:
        yield (
            r.facility.code,
            t(r.facility.name),
            r.item.code,
            t(r.item.name),
            t(r.item.base_unit),
            r.on_hand,
            r.in_transit,
            round(r.burn_per_day, 1),
            round(r.days_low, 1),
            round(r.days, 1),
            round(r.days_high, 1),
            r.stock_out or "",
            r.short_14,
            r.short_28,
            r.short_28_high,
        )
