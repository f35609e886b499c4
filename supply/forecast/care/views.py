"""Pages of care: patients against beds, who lies where today, what a facility can do, planned work."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import InvalidInput, NotFound
from supply.core.i18n import t
from supply.core.lists import chosen
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.forecast.care import queries, screens, services
from supply.forecast.care.rows import ACTIVITY_NAMES, CAPACITIES, TIER_NAMES, CensusRow
from supply.forecast.care.tables import bed_rows_of
from supply.forecast.care.typed import capacity_of, census_of, plan_of
from supply.forecast.queries import RunRow
from supply.forecast.sharing import load_share_rules
from supply.forecast.views_common import ForecastPage, Here, here

_FIRST_DAY = dt.date(2020, 1, 1)


class CareView(ForecastPage):
    """Patients in hospital and in ICU against beds; what people enter about care."""

    route_base = "/forecast/care"
    default_view = "index"
    class_permission_name = "Care"
    method_permission_name = {
        "index": "read",
        "census": "write",
        "capacity": "define",
        "activities": "define",
        "cancel": "define",
    }

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Hospital and ICU patients to come against beds, facility by facility."""
        at = here()
        if at.run is None:
            return self._care("care_index", at, rows=None)
        rows, care = bed_rows_of(at.run)
        codes = list(care.facility_codes)
        charts = [
            (row, self._fan(row, care.of(row.of).by_day[codes.index(row.facility.code)], at.run))
            for row in rows
        ]
        return self._care(
            "care_index",
            at,
            rows=rows,
            charts=charts,
            beyond=screens.beyond(care, catalog.facilities(at.district.id)),
            levels=screens.LEVELS,
            ahead=screens.AHEAD_DAYS,
            planned=queries.activities(_ids(at), today()),
            activity_names=ACTIVITY_NAMES,
            names={f.id: f.name for f in catalog.facilities(at.district.id)},
        )

    def _fan(self, row: screens.BedRow, by_day: Any, run: RunRow) -> dict[str, Any]:
        words = {
            "x": t("Ngày", "Day"),
            "history": t("Số giường", "Beds"),
            "median": t("Người bệnh (giữa)", "Patients (middle)"),
            "band50": "50 %",
            "band95": "90 %",
        }
        return screens.fan(by_day, row.beds, run.day_0, today(), words)

    @expose("/census/", methods=["GET", "POST"])
    @guarded
    def census(self) -> Any:
        """How many patients lie where today: one facility, at most four numbers."""
        at = here()
        places = _enterable(at)
        if not places:
            raise NotFound(
                Text(
                    "Bạn chưa có cơ sở nào để ghi số người bệnh.",
                    "You have no facility to enter patients for.",
                )
            )
        place = _chosen_of(places)
        faults: Any = ()
        typed = dict.fromkeys(TIER_NAMES, "") | {"on": f"{today():%d/%m/%Y}"}
        if request.method == "POST":
            typed |= request.form.to_dict()
            try:
                day, patients = census_of(request.form)
                services.record_census(place.id, day, patients)
            except InvalidInput as refused:
                faults = refused.faults
            else:
                flash(
                    t(
                        f"Đã ghi số người bệnh của {place.name.vi}.",
                        f"The patients of {place.name.en} are recorded.",
                    ),
                    "success",
                )
                return redirect(_to("census", at, place.id))
        counted = queries.census(_ids(at), _FIRST_DAY, today())
        page = self._care(
            "care_census",
            at,
            places=places,
            place=place,
            typed=typed,
            faults=faults,
            tiers=_tiers_of(place),
            tier_names=TIER_NAMES,
            last={row.tier: row for row in counted if row.facility_id == place.id},
            board=_board(places, counted),
        )
        return (page, 422) if faults else page

    @expose("/capacity/", methods=["GET", "POST"])
    @guarded
    def capacity(self) -> Any:
        """Beds, staff, laboratories and oxygen sources of a facility, from a day on."""
        at = here()
        places = _beds_first(catalog.facilities(at.district.id))
        place = _chosen_of(places)
        known = queries.capacities([place.id])
        faults: Any = ()
        typed = {row.what: row.value for row in known} | {
            "valid_from": f"{today():%d/%m/%Y}",
            "source": "",
        }
        if request.method == "POST":
            typed |= request.form.to_dict()
            try:
                day, figures, source = capacity_of(request.form, known)
                count = services.set_capacity(place.id, figures, day, source)
            except InvalidInput as refused:
                faults = refused.faults
            else:
                flash(
                    t(f"Đã lưu {count} số liệu.", f"{count} figures are kept.")
                    if count
                    else t("Không có số nào thay đổi.", "No figure was changed."),
                    "success",
                )
                return redirect(_to("capacity", at, place.id))
        page = self._care(
            "care_capacity",
            at,
            places=places,
            place=place,
            typed=typed,
            faults=faults,
            known={row.what: row for row in known},
            capacities=CAPACITIES,
        )
        return (page, 422) if faults else page

    @expose("/activities/", methods=["GET", "POST"])
    @guarded
    def activities(self) -> Any:
        """Planned screening, vaccination, teams, cleaning and patients at home."""
        at = here()
        places = _beds_first(catalog.facilities(at.district.id))
        place = _chosen_of(places)
        faults: Any = ()
        typed = {"first_day": f"{today():%d/%m/%Y}", "last_day": "", "per_day": ""}
        if request.method == "POST":
            typed |= request.form.to_dict()
            try:
                services.plan_activity(plan_of(request.form, place.id))
            except InvalidInput as refused:
                faults = refused.faults
            else:
                flash(t("Đã lưu kế hoạch.", "The plan is kept."), "success")
                return redirect(_to("activities", at, place.id))
        page = self._care(
            "care_activities",
            at,
            places=places,
            place=place,
            typed=typed,
            faults=faults,
            planned=queries.activities(_ids(at), today()),
            names={f.id: f.name for f in places},
            activity_names=ACTIVITY_NAMES,
        )
        return (page, 422) if faults else page

    @expose("/activities/<int:activity_id>/cancel", methods=["POST"])
    @guarded
    def cancel(self, activity_id: int) -> Any:
        """Take planned work back."""
        services.cancel_activity(activity_id)
        flash(t("Đã hủy kế hoạch.", "The plan is cancelled."), "success")
        return redirect(f"/forecast/care/activities/?district={here().district.slug}")

    def _care(self, template: str, at: Here, **values: Any) -> Any:
        return self.page(
            template,
            at,
            may_enter=may("can_write", "Care"),
            may_define=may("can_define", "Care"),
            **values,
        )


def _ids(at: Here) -> list[int]:
    return [f.id for f in catalog.facilities(at.district.id)]


def _to(page: str, at: Here, facility_id: int) -> str:
    return f"/forecast/care/{page}/?district={at.district.slug}&facility={facility_id}"


def _enterable(at: Here) -> list[catalog.FacilityRow]:
    """Planners enter for every facility of the district, heads for their own."""
    places = catalog.facilities(at.district.id)
    if may("can_define", "Care"):
        return _beds_first(places)
    own = {f.id for f in catalog.facilities(writable=True)}
    return [place for place in places if place.id in own]


def _beds_first(places: list[catalog.FacilityRow]) -> list[catalog.FacilityRow]:
    kinds = _bed_kinds()
    return sorted(places, key=lambda place: (place.kind not in kinds, place.code))


def _chosen_of(places: list[catalog.FacilityRow]) -> catalog.FacilityRow:
    """The facility of the address or the form, the first where none is named. Raises NotFound."""
    text = request.form.get("facility", "")
    wanted = int(text) if text.isascii() and text.isdigit() else chosen("facility")
    found = next((place for place in places if wanted in (None, place.id)), None)
    if found is None:
        raise NotFound(
            Text(
                "Không tìm thấy cơ sở này trong phạm vi của bạn.",
                "There is no such facility in your scope.",
            )
        )
    return found


def _bed_kinds() -> set[str]:
    return {rule.facility_kind for rule in load_share_rules(today()) if rule.care == "bed"}


def _tiers_of(place: catalog.FacilityRow) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tiers a facility of this kind mostly looks after, and the others."""
    beds, home = ("severe", "critical"), ("mild", "moderate")
    return (beds, home) if place.kind in _bed_kinds() else (home, beds)


def _board(
    places: list[catalog.FacilityRow], counted: list[CensusRow]
) -> list[tuple[catalog.FacilityRow, dict[str, CensusRow], CensusRow]]:
    """Each facility with its last figures and the newest of them; those with none are left out."""
    rows = []
    for place in places:
        own = {row.tier: row for row in counted if row.facility_id == place.id}
        if own:
            rows.append((place, own, max(own.values(), key=lambda row: row.recorded_at)))
    return rows
