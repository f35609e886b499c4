"""The page of epidemic levels: computed, confirmed, changed with a reason, week by week."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose

from supply.core.address import day
from supply.core.clock import today
from supply.core.errors import Fault, InvalidInput, NotFound
from supply.core.i18n import language, t
from supply.core.lists import ListPage, args
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.forecast.scenarios import level_queries, level_services, tables_out, tiles
from supply.forecast.scenarios.level_services import Choice
from supply.forecast.scenarios.levels import CARE, CRITERIA, LEVEL_WORDS, LEVELS, VACCINATED
from supply.forecast.scenarios.screens import LEVEL_STYLES
from supply.forecast.views_common import ForecastPage, Here, here

__all__ = ["LevelsView", "tiles"]  # the tiles are made known by being imported

PATH = "/forecast/levels/"


class LevelsView(ForecastPage):
    """Levels of wards: look, confirm, enter what is known beside the cases."""

    route_base = "/forecast/levels"
    default_view = "index"
    class_permission_name = "Levels"
    method_permission_name = {
        "index": "read",
        "trail": "read",
        "confirm": "write",
        "criteria": "write",
    }

    @expose("/")
    @guarded
    def index(self) -> Any:
        """A week's levels by ward."""
        return self._show(here())

    def _show(self, at: Here, faults: tuple[Fault, ...] = ()) -> Any:
        said = args() if request.method == "GET" else request.form
        view = level_queries.view(at.district.slug, day(said, "week"))
        return self.page(
            "levels",
            at,
            view=view,
            levels=LEVELS,
            words=LEVEL_WORDS,
            styles=LEVEL_STYLES,
            criteria=CRITERIA,
            vaccinated=VACCINATED,
            care=CARE,
            faults=faults,
            fault_of={fault.field: fault.message(language()) for fault in faults},
            typed=request.form,
            today=today(),
            may_write=may("can_write", "Levels"),
            list_page=ListPage(PATH, args(), export=tables_out.LEVELS),
        )

    @expose("/ward/<int:ward_id>")
    @guarded
    def trail(self, ward_id: int) -> Any:
        """All decisions on a ward."""
        at = here()
        view = level_queries.view(at.district.slug)
        row = next((r for r in view.rows if r.ward.id == ward_id), None) if view else None
        if row is None:
            raise NotFound(
                Text(
                    "Không có phường, xã này trong phạm vi của bạn.",
                    "There is no such ward in your scope.",
                )
            )
        return self.page(
            "levels_ward",
            at,
            row=row,
            decisions=level_queries.decisions(ward_id),
            words=LEVEL_WORDS,
            styles=LEVEL_STYLES,
            criteria=CRITERIA,
        )

    @expose("/confirm", methods=["POST"])
    @guarded
    def confirm(self) -> Any:
        """Confirm all as computed, or the levels chosen."""
        at = here()
        week = day(request.form, "week")
        if week is None:
            raise InvalidInput(Text("Chưa chọn tuần.", "No week is chosen."))
        try:
            if request.form.get("all") == "1":
                count = level_services.confirm_levels(at.district.slug, week)
            else:
                chosen = _choices(level_queries.view(at.district.slug, week))
                count = level_services.confirm_levels(at.district.slug, week, chosen)
        except InvalidInput as refused:
            return self._show(at, refused.faults), 422
        flash(
            t(f"Đã xác nhận cấp độ dịch của {count} phường, xã.", f"Confirmed {count} wards.")
            if count
            else t("Không có gì thay đổi.", "Nothing was changed."),
            "success",
        )
        return redirect(f"{PATH}?district={at.district.slug}&week={week}")

    @expose("/criteria", methods=["POST"])
    @guarded
    def criteria(self) -> Any:
        """Enter a criterion's figures; blanks are left as they are."""
        at = here()
        name = request.form.get("criterion", "")
        try:
            figures = _figures(name, level_queries.view(at.district.slug))
            count = level_services.enter_criteria(
                at.district.slug,
                name,
                figures,
                day(request.form, "valid_from", today()) or today(),
                request.form.get("source", ""),
            )
        except InvalidInput as refused:
            return self._show(at, refused.faults), 422
        flash(t(f"Đã ghi {count} số liệu.", f"Entered {count} figures."), "success")
        return redirect(f"{PATH}?district={at.district.slug}")


def _choices(view: level_queries.LevelsView | None) -> list[Choice]:
    """The wards whose level was chosen and is not yet decided so."""
    chosen = []
    for row in view.rows if view else ():
        text = request.form.get(f"level-{row.ward.code}", "")
        if text not in {"1", "2", "3", "4"}:
            continue
        level, reason = int(text), request.form.get(f"reason-{row.ward.code}", "").strip()
        decided = row.decision
        if decided is None or (decided.confirmed, decided.reason) != (level, reason):
            chosen.append(Choice(row.ward.code, level, reason))
    return chosen


def _figures(criterion: str, view: level_queries.LevelsView | None) -> dict[str, float]:
    """ward code -> figure as typed: per cent for a share, 1 or 0 for enough care."""
    found: dict[str, float] = {}
    faults = []
    for row in view.rows if view else ():
        text = request.form.get(f"criterion-{row.ward.code}", "").strip()
        if not text:
            continue
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            faults.append(
                Fault(
                    f"criterion-{row.ward.code}",
                    Text(
                        f"{row.ward.name}: “{text[:30]}” không phải là số.",
                        f"{row.ward.name}: “{text[:30]}” is not a number.",
                    ),
                )
            )
            continue
        found[row.ward.code] = value / 100.0 if criterion == VACCINATED else value
    if faults:
        raise InvalidInput(faults=faults)
    return found
