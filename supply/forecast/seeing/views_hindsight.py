"""How good were we: past forecasts against what came, and a trial on the weeks gone by."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import redirect
from flask_appbuilder import expose

from supply.catalog import queries as catalog
from supply.core.address import Args, number
from supply.core.errors import NotFound
from supply.core.export import Column, Table
from supply.core.files import exportable
from supply.core.i18n import t
from supply.core.jobs import enqueue
from supply.core.lists import chosen
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.forecast.inputs import District, district_of
from supply.forecast.seeing.backtest import KIND, result_of
from supply.forecast.seeing.hindsight import CaseLine, Hindsight, UseLine, hindsight
from supply.forecast.seeing.past import stored
from supply.forecast.views_common import ForecastPage, here

ITEMS_SHOWN = 30


@dataclass(frozen=True)
class Shown:
    """One line with its name: of cases or of use, the other None."""

    part: Text
    name: Text
    cases: CaseLine | None = None
    use: UseLine | None = None


class HindsightView(ForecastPage):
    """How good were we."""

    route_base = "/forecast/hindsight"
    default_view = "index"
    class_permission_name = "Hindsight"
    method_permission_name = {"index": "read", "backtest": "write"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Stored runs against what came; with `backtest=<job>` that trial instead."""
        at = here()
        where = district_of(at.district.slug)
        runs, found, as_known = _found(where, chosen("backtest"))
        return self.page(
            "hindsight",
            at,
            runs=runs,
            found=found,
            as_known=as_known,
            trial=chosen("backtest"),
            names=_names(where),
            items_shown=ITEMS_SHOWN,
            may_try=may("can_write", "Hindsight"),
            pit_chart=_pit_chart(found),
            per_cent=per_cent,
            expm1=math.expm1,
            export=f"district={at.district.slug}"
            + (f"&backtest={chosen('backtest')}" if chosen("backtest") else ""),
        )

    @expose("/backtest", methods=["POST"])
    @guarded
    def backtest(self) -> Any:
        """Try the model on the weeks gone by, as a job."""
        at = here()
        return redirect(f"/jobs/{enqueue(KIND, district=at.district.slug)}")


def _found(where: District, trial: int | None) -> tuple[int, Hindsight, int]:
    """Runs looked at, what was found, and of how many origins the figures were as known then."""
    if trial is not None:
        found, as_known = result_of(trial, where.slug)
        return found.origins, found, as_known
    past = stored(where)
    return past.runs, hindsight(past.cases, past.use), past.runs


def _names(where: District) -> dict[str, list[Text]]:
    return {
        "wards": [Text(ward.name, ward.name) for ward in where.wards],
        "facilities": [f.name for f in where.facilities],
        "items": [i.name for i in where.items],
    }


def _pit_chart(found: Hindsight) -> dict[str, Any]:
    size = len(found.pit) or 1
    return {
        "labels": [f"{round(100 * n / size)}–{round(100 * (n + 1) / size)}" for n in range(size)],
        "x": t("Vị trí trong khoảng dự báo, %", "Place in the projected range, %"),
        "series": [
            {
                "label": t("% số tuần", "% of outcomes"),
                "values": [round(100 * share, 1) for share in found.pit],
            }
        ],
    }


def per_cent(value: float, *, signed: bool = False) -> str:
    """0.25 → "25 %"; a figure that cannot be told is a dash."""
    if math.isnan(value):
        return "–"
    whole = round(100 * value)
    return f"{whole:+d} %".replace("-", "−") if signed else f"{whole} %".replace("-", "−")


def shown_lines(where: District, found: Hindsight) -> Iterator[Shown]:
    """Every line of the page, in its order."""
    names = _names(where)
    cases, use = Text("Ca mắc", "Cases"), Text("Mức dùng", "Use")
    for line in found.by_horizon:
        yield Shown(cases, Text(f"{line.key} tuần", f"{line.key} weeks"), line)
    for line in found.by_place:
        yield Shown(cases, names["wards"][line.key], line)
    for one in found.use_by_days:
        yield Shown(use, Text(f"{one.key} ngày", f"{one.key} days"), use=one)
    for one in found.use_by_facility:
        yield Shown(use, names["facilities"][one.key], use=one)
    for one in found.use_by_item:
        yield Shown(use, names["items"][one.key], use=one)


def _case(name: str) -> Any:
    return lambda row: None if row.cases is None else _number(getattr(row.cases, name))


def _use(name: str) -> Any:
    return lambda row: None if row.use is None else _number(getattr(row.use, name))


def _level(row: Shown) -> float | None:
    """How far what came lies above the middle of the projection, in %: a geometric mean."""
    return None if row.cases is None else _number(math.expm1(row.cases.log_ratio))


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(100 * value, 1)


COLUMNS = (
    Column("part", Text("Phần", "Part"), lambda row: row.part, width=12),
    Column("name", Text("Nơi, mặt hàng", "Place or item"), lambda row: row.name, width=36),
    Column(
        "pairs", Text("Số lần", "Pairs"), lambda row: (row.cases or row.use).pairs, "number", 10
    ),
    Column(
        "wis",
        Text("Sai số so với cách đoán đơn giản, %", "Relative WIS, %"),
        _case("relative_wis"),
        "decimal",
        14,
    ),
    Column(
        "c50", Text("Trúng khoảng 50 %: %", "Coverage of 50 %, %"), _case("coverage_50"), "decimal"
    ),
    Column(
        "c95", Text("Trúng khoảng 95 %: %", "Coverage of 95 %, %"), _case("coverage_95"), "decimal"
    ),
    Column(
        "above",
        Text("Số lần cao hơn mức giữa, %", "Above median, %"),
        _case("above_median"),
        "decimal",
    ),
    Column(
        "level", Text("Thực tế so với mức giữa, %", "Came against median, %"), _level, "decimal"
    ),
    Column("expected", Text("Dự kiến dùng", "Expected use"), _use("expected"), "number"),
    Column("used", Text("Đã dùng", "Used"), _use("used"), "number"),
    Column("wape", Text("Sai số (WAPE), %", "WAPE, %"), _use("wape"), "decimal"),
    Column("bias", Text("Lệch, %", "Bias, %"), _use("bias"), "decimal"),
    Column(
        "c90", Text("Trúng khoảng 90 %: %", "Coverage of 90 %, %"), _use("coverage_90"), "decimal"
    ),
)


@exportable("forecast.hindsight", "Hindsight")
def table(said: Args) -> Table:
    """All lines of the page as a file."""
    slug = said.get("district", "")
    if slug not in {d.slug for d in catalog.districts()}:
        raise NotFound()
    where = district_of(slug)
    runs, found, _known = _found(where, number(said, "backtest"))
    return Table(
        "du-bao-dung-den-dau",
        Text("Dự báo đúng đến đâu", "How good were we"),
        COLUMNS,
        shown_lines(where, found),
        (
            (Text("Quận, huyện", "District"), where.name),
            (Text("Số mốc dự báo", "Origins"), runs),
        ),
    )
