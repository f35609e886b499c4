"""Pages of scenarios: the list and the library, one scenario, its form with a preview, side by side."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose

from supply.catalog import queries as catalog
from supply.core.errors import InvalidInput, NotFound
from supply.core.i18n import language, t
from supply.core.jobs import enqueue
from supply.core.lists import ListPage, args
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.forecast.scenarios import compare as comparing
from supply.forecast.scenarios import library, queries, screens, services
from supply.forecast.scenarios import tables_out as tables
from supply.forecast.scenarios.check import faults_of
from supply.forecast.scenarios.form import CHANGE_ROWS, RT_PARTS, fields_of, read_form
from supply.forecast.scenarios.levels import LEVEL_WORDS
from supply.forecast.scenarios.library import Present
from supply.forecast.scenarios.queries import Preview, ScenarioRow
from supply.forecast.scenarios.spec import ScenarioSpec
from supply.forecast.scenarios.tables_out import TIER_WORDS
from supply.forecast.views_common import ForecastPage, Here, here

PATH = "/forecast/scenarios/"


class ScenariosView(ForecastPage):
    """Scenarios: list, library, one, form, comparison."""

    route_base = "/forecast/scenarios"
    default_view = "index"
    class_permission_name = "Scenarios"
    method_permission_name = {
        "index": "read",
        "one": "read",
        "compare": "read",
        "preview": "read",
        "new": "write",
        "edit": "write",
        "refresh": "write",
        "retire": "write",
        "run": "write",
    }

    def page(self, template: str, at: Here, **values: Any) -> Any:
        """Render with the right to change scenarios and the words of their figures."""
        return super().page(
            template,
            at,
            may_write=may("can_write", "Scenarios"),
            tier_words=TIER_WORDS,
            level_words=LEVEL_WORDS,
            **values,
        )

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The scenarios in force and the library's templates."""
        at = here()
        now = queries.present_or_none(at.district.slug)
        rows = queries.active(at.district.id)
        return self.page(
            "scenario_list",
            at,
            now=now,
            one_day=dt.timedelta(days=1),
            rows=rows,
            seen={row.id: queries.preview(now, row.spec) for row in rows} if now else {},
            stale=queries.stale_of(rows),
            runs=queries.runs_of(at.district.id),
            templates=library.templates(now.day_0) if now else [],
            names={x.key: x.name for x in library.templates(now.day_0)} if now else {},
            most=comparing.SCENARIOS_MAX,
        )

    @expose("/<int:scenario_id>")
    @guarded
    def one(self, scenario_id: int) -> Any:
        """A version of a scenario: what it assumes, what it leads to, the versions before it."""
        row = queries.scenario(scenario_id)
        at = _at(row)
        now = queries.present_or_none(row.district_slug)
        seen = queries.preview(now, row.spec) if now else None
        return self.page(
            "scenario_one",
            at,
            row=row,
            origin=library.template(row.library_key),
            seen=seen,
            chart=_chart(seen) if seen else None,
            sentence=screens.outlook_sentence(seen) if seen else None,
            assumptions=screens.spec_sentences(row.spec),
            wards={ward.code: ward.name for ward in catalog.wards(row.district_id)},
            versions=queries.versions(scenario_id),
            in_force=not row.retired and not queries.followed(scenario_id),
            stale=queries.stale_of([row]).get(row.id),
            run=queries.runs_of(row.district_id).get(row.id),
        )

    @expose("/new", methods=["GET", "POST"])
    @guarded
    def new(self) -> Any:
        """A new scenario from a template of the library."""
        at = here()
        if request.method == "POST":
            return self._save(at, None)
        found = library.template(request.args.get("template", ""))
        if found is None:
            raise NotFound(
                Text("Thư viện không có kịch bản mẫu này.", "The library has no such template.")
            )
        now = queries.present(at.district.slug)
        spec = library.build(found, now)
        return self._form(at, None, fields_of(spec, t(found.name), ""), now, spec)

    @expose("/<int:scenario_id>/edit", methods=["GET", "POST"])
    @guarded
    def edit(self, scenario_id: int) -> Any:
        """Change a scenario: a new version in its place."""
        row = queries.scenario(scenario_id)
        if request.method == "POST":
            return self._save(_at(row), row)
        now = queries.present(row.district_slug)
        fields = fields_of(row.spec, row.name, row.note)
        return self._form(_at(row), row, fields, now, row.spec)

    def _save(self, at: Here, row: ScenarioRow | None) -> Any:
        """Keep what the form holds, or show it again with its faults."""
        typed = request.form.to_dict()
        now = queries.present(at.district.slug)
        spec, unread = read_form(typed, now.ward_codes)
        name, note = typed.get("name", ""), typed.get("note", "")
        try:
            if unread:
                raise InvalidInput(faults=unread)
            kept = (
                services.add_scenario(at.district.slug, name, spec, note)
                if row is None
                else services.change_scenario(row.id, name, spec, note)
            )
        except InvalidInput as refused:
            return self._form(at, row, typed, now, spec, refused.faults), 422
        flash(t("Đã lưu kịch bản.", "The scenario is saved."), "success")
        return redirect(f"{PATH}{kept}")

    def _form(
        self,
        at: Here,
        row: ScenarioRow | None,
        fields: dict[str, str],
        now: Present,
        spec: ScenarioSpec,
        faults: Any = (),
    ) -> Any:
        sound = not faults_of(spec, now.ward_codes, now.day_0)
        seen = queries.preview(now, spec) if sound else None
        names = {ward.code: ward.name for ward in catalog.wards(at.district.id)}
        used = sum(1 for key in fields if key.startswith("change-") and key.endswith("-day"))
        return self.page(
            "scenario_form",
            at,
            row=row,
            fields=fields,
            faults=faults,
            fault_of={fault.field: fault.message(language()) for fault in faults},
            spec=spec,
            origin=library.template(spec.library_key),
            wards=[(code, names.get(code, code)) for code in now.ward_codes],
            change_rows=range(max(CHANGE_ROWS, used)),
            rt_parts=[(key, t(words)) for key, words in RT_PARTS],
            **_shown(seen),
        )

    @expose("/preview", methods=["POST"])
    @guarded
    def preview(self) -> Any:
        """The part of the form that shows what the typed assumptions lead to."""
        at = here()
        now = queries.present(at.district.slug)
        spec, faults = read_form(request.form.to_dict(), now.ward_codes)
        faults += faults_of(spec, now.ward_codes, now.day_0)
        seen = None if faults else queries.preview(now, spec)
        return self.page("_scenario_preview", at, faults=faults, **_shown(seen))

    @expose("/<int:scenario_id>/refresh", methods=["POST"])
    @guarded
    def refresh(self, scenario_id: int) -> Any:
        """The same assumptions from today's cases on."""
        kept = services.refresh_scenario(scenario_id)
        flash(
            t(
                "Đã tính lại kịch bản từ số ca mới nhất.",
                "The scenario starts from the newest cases.",
            ),
            "success",
        )
        return redirect(f"{PATH}{kept}")

    @expose("/<int:scenario_id>/retire", methods=["POST"])
    @guarded
    def retire(self, scenario_id: int) -> Any:
        """Take it out of use."""
        row = queries.scenario(scenario_id)
        services.retire_scenario(scenario_id)
        flash(t("Đã ngừng dùng kịch bản.", "The scenario is out of use."), "success")
        return redirect(f"{PATH}?district={row.district_slug}")

    @expose("/run", methods=["POST"])
    @guarded
    def run(self) -> Any:
        """Run one or several, then look at them side by side."""
        at = here()
        ids = _chosen(request.form.getlist("scenario"))
        beside = _chosen(request.form.getlist("beside")) or ids
        if not ids:
            flash(t("Chưa chọn kịch bản nào.", "No scenario is chosen."), "warning")
            return redirect(f"{PATH}?district={at.district.slug}")
        query = "".join(f"&scenario={id_}" for id_ in beside)
        job_id = enqueue(
            "forecast.scenario",
            scenarios=ids,
            next_url=f"{PATH}compare?district={at.district.slug}{query}",
        )
        return redirect(f"/jobs/{job_id}")

    @expose("/compare")
    @guarded
    def compare(self) -> Any:
        """Two to four scenarios and the projection side by side."""
        at = here()
        ids = _chosen(request.args.getlist("scenario"))
        found = comparing.compare(at.district.slug, ids)
        labels = [
            c.scenario.name if c.scenario else t("Dự báo (4 tuần)", "Projection (4 weeks)")
            for c in found.columns
        ]
        lines = [
            screens.Weekly(label, c.weekly.week_ends, c.weekly.bands)
            for label, c in zip(labels, found.columns, strict=True)
        ]
        words = _words(t("Tuần đến", "Week to"))
        history = found.history[-12:]
        return self.page(
            "scenario_compare",
            at,
            found=found,
            labels=labels,
            chosen=ids,
            middles=screens.middles_chart(lines, history, words),
            fans=[screens.week_fan(line, history, words) for line in lines],
            list_page=ListPage(f"{PATH}compare", args(), export=tables.COMPARISON),
            horizons=comparing.HORIZONS,
        )


def _at(row: ScenarioRow) -> Here:
    """Where a scenario's page stands: its own district."""
    districts = catalog.districts()
    at = next(d for d in districts if d.id == row.district_id)
    return Here(at, districts, None)


def _chosen(texts: list[str]) -> list[int]:
    return [int(x) for x in texts if x.isascii() and x.isdigit() and len(x) < 10]


def _words(x: str) -> dict[str, str]:
    return {
        "x": x,
        "history": t("Đã báo cáo", "Reported"),
        "median": t("Kịch bản (giữa)", "Scenario (middle)"),
        "band50": "50 %",
        "band95": "95 %",
    }


def _chart(seen: Preview) -> dict[str, Any]:
    return screens.outlook_chart(seen, _words(t("Ngày", "Day")))


def _shown(seen: Preview | None) -> dict[str, Any]:
    """What the preview's part of a page needs."""
    return {
        "seen": seen,
        "chart": _chart(seen) if seen else None,
        "sentence": screens.outlook_sentence(seen) if seen else None,
    }
