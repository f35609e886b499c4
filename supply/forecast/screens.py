"""What the pages draw: chart series, sentences, heat cells, worked out from what queries answer. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from supply.catalog.queries import FacilityRow
from supply.core.text import Text, fold, group_digits
from supply.forecast.burn import QUANTILES, BurnTable
from supply.forecast.cases import FloatArray, filled_history
from supply.forecast.needs import ShortageRow
from supply.forecast.queries import CasesView, ProjectionView, Series
from supply.forecast.score import HUB_QUANTILES

HISTORY_WEEKS = 20
_AT = {q: HUB_QUANTILES.index(q) for q in (0.025, 0.25, 0.5, 0.75, 0.975)}
HEAT_SHARES: tuple[tuple[float, str], ...] = ((0.25, "h2c"), (0.5, "h3c"))
CLASS_WORDS = {
    "critical": Text("Nguy kịch", "Critical"),
    "severe": Text("Nặng", "Severe"),
    "staff": Text("Nhân viên y tế", "Staff"),
    "mild": Text("Nhẹ, vừa, xét nghiệm", "Mild, moderate, tests"),
}
SEVERITY_SETS = {
    "hanoi_2021": Text("Hà Nội 2021", "Hà Nội 2021"),
    "esft": Text("WHO ESFT", "WHO ESFT"),
}


def _values(array: FloatArray) -> list[float | None]:
    return [None if np.isnan(v) else round(float(v), 1) for v in array]


@dataclass(frozen=True)
class WeekTable:
    """The last weeks by ward: `rows` of (ward code, name, figures, change in %)."""

    week_ends: tuple[dt.date, ...]
    rows: tuple[tuple[str, str, tuple[float | None, ...], float | None], ...]
    total: tuple[float | None, ...]
    total_change: float | None


def cases_chart(view: CasesView, ward_code: str | None, words: dict[str, str]) -> dict[str, Any]:
    """Weekly cases of a ward or the district; weeks with an unbelievable figure stand apart."""
    number = next((n for n, ward in enumerate(view.wards) if ward.code == ward_code), None)
    values = view.total if number is None else view.history.cases[number]
    anomaly = view.history.anomaly
    marked = anomaly.any(axis=0) if number is None else anomaly[number]
    level = filled_history(values[None])[0]
    return {
        "days": [str(day) for day in view.history.week_ends],
        "x": words["week"],
        "series": [
            {"label": words["cases"], "values": _values(values)},
            {"label": words["anomaly"], "values": _values(np.where(marked, level, np.nan))},
        ]
        if marked.any()
        else [{"label": words["cases"], "values": _values(values)}],
    }


def week_table(view: CasesView, weeks: int = 6) -> WeekTable:
    """The last `weeks` weeks by ward and together, with the change from the last week but one."""
    cases, total = view.history.cases[:, -weeks:], view.total[-weeks:]
    rows = tuple(
        (ward.code, ward.name, tuple(_values(cases[n])), _change(cases[n]))
        for n, ward in enumerate(view.wards)
    )
    ends = tuple(day.item() for day in view.history.week_ends[-weeks:])
    return WeekTable(ends, rows, tuple(_values(total)), _change(total))


def _change(values: FloatArray) -> float | None:
    """Change of the last week from the one before, in %."""
    if len(values) < 2 or np.isnan(values[-2:]).any() or values[-2] == 0:
        return None
    return float(values[-1] / values[-2] - 1.0) * 100.0


def fan_chart(
    view: ProjectionView, series: Series, words: dict[str, str], weeks: int = HISTORY_WEEKS
) -> dict[str, Any]:
    """Past weeks and the fan of the weeks to come; the fan starts at the origin's figure."""
    ends = list(view.history_week_ends)
    origin = ends.index(view.run.origin)
    first = max(origin + 1 - weeks, 0)
    days = ends[first : origin + 1] + list(view.week_ends)
    later = dict(zip(ends, series.history, strict=True))
    past = np.array([later.get(day, np.nan) for day in days])
    known = origin + 1 - first
    start = series.history[origin]

    def line(quantile: float) -> list[float | None]:
        ahead = series.quantiles[:, _AT[quantile]]
        return _values(np.concatenate([np.full(known - 1, np.nan), [start], ahead]))

    return {
        "days": [str(day) for day in days],
        "history": _values(past),
        "median": line(0.5),
        "lo50": line(0.25),
        "hi50": line(0.75),
        "lo95": line(0.025),
        "hi95": line(0.975),
        "today": str(view.run.origin),
        "labels": words,
    }


def projection_rows(
    view: ProjectionView,
) -> list[tuple[str, int | None, list[tuple[int, int, int]]]]:
    """(name, last week's cases, [(median, 0.025, 0.975) by week]), the district first."""
    origin = view.history_week_ends.index(view.run.origin)
    rows = []
    for series in (view.district, *view.wards):
        last = series.history[origin]
        table = [
            (round(q[_AT[0.5]]), round(q[_AT[0.025]]), round(q[_AT[0.975]]))
            for q in series.quantiles
        ]
        rows.append((series.name, None if np.isnan(last) else int(last), table))
    return rows


def projection_sentence(view: ProjectionView) -> Text:
    """What the fan says, in words."""
    _, last, weeks = projection_rows(view)[0]
    (mid, low, high), (mid_4, low_4, high_4) = weeks[0], weeks[-1]
    n = len(weeks)
    until, until_4 = view.week_ends[0], view.week_ends[-1]

    def say(value: int) -> str:
        return group_digits(value)

    vi = (
        f"Tuần kết thúc {until:%d/%m/%Y}: khoảng {say(mid)} ca (95 %: {say(low)} – {say(high)})"
        f"{_trend(last, mid).vi}. Sau {n} tuần ({until_4:%d/%m/%Y}): khoảng {say(mid_4)} ca"
        f" (95 %: {say(low_4)} – {say(high_4)})."
    )
    en = (
        f"Week ending {until:%d/%m/%Y}: about {say(mid)} cases (95 %: {say(low)} – {say(high)})"
        f"{_trend(last, mid).en}. After {n} weeks ({until_4:%d/%m/%Y}): about {say(mid_4)} cases"
        f" (95 %: {say(low_4)} – {say(high_4)})."
    )
    return Text(vi, en)


def _trend(last: int | None, now: int) -> Text:
    if not last:
        return Text("", "")
    change = round((now / last - 1) * 100)
    if abs(change) < 3:
        return Text(", gần như tuần trước", ", about the same as last week")
    if change > 0:
        return Text(f", tăng {change} % so với tuần trước", f", up {change} % on last week")
    return Text(f", giảm {-change} % so với tuần trước", f", down {-change} % on last week")


@dataclass(frozen=True)
class BurnLine:
    """Use of an item at one facility, or at all that are shown: (middle, 0.05, 0.95) by horizon."""

    item_code: str
    per_day: float
    by_horizon: tuple[tuple[float, float, float], ...]


def burn_lines(burn: BurnTable, places: Sequence[int], horizons: Sequence[int]) -> list[BurnLine]:
    """Use of each item over the first days, at the facilities `places`. Limits of several places are
    added: all high at once, so the interval is on the wide side."""
    cumulative = burn.cumulative_quantiles()[list(places)].sum(axis=0)
    mean = burn.total_mean[list(places)].sum(axis=0)
    low, high = QUANTILES.index(0.05), QUANTILES.index(0.95)
    out = []
    for i, code in enumerate(burn.item_codes):
        if not mean[i].any():
            continue
        spans = []
        for days in horizons:
            last = min(days, burn.days) - 1
            at = cumulative[i, last]
            spans.append((float(mean[i, : last + 1].sum()), float(at[low]), float(at[high])))
        first = min(7, burn.days)
        out.append(BurnLine(code, float(mean[i, :first].mean()), tuple(spans)))
    return out


def burn_chart(
    burn: BurnTable, places: Sequence[int], item: int, day_0: dt.date, words: dict[str, str]
) -> dict[str, Any]:
    """Use by day with its 50 and 90 % bands."""
    daily = burn.total_quantiles()[list(places), item].sum(axis=0)
    days = [day_0 + dt.timedelta(days=n) for n in range(burn.days)]

    def line(quantile: float) -> list[float | None]:
        return _values(daily[:, QUANTILES.index(quantile)])

    return {
        "days": [str(day) for day in days],
        "history": [None] * len(days),
        "median": line(0.5),
        "lo50": line(0.25),
        "hi50": line(0.75),
        "lo95": line(0.05),
        "hi95": line(0.95),
        "labels": words,
    }


@dataclass(frozen=True)
class HeatCell:
    """A facility's category: of `used` items `soon` run out within 7 days; `days` of the tightest."""

    used: int
    soon: int
    days: float
    style: str


def heat(
    rows: Sequence[ShortageRow], facilities: Sequence[FacilityRow], categories: Sequence[str]
) -> list[tuple[FacilityRow, list[HeatCell]]]:
    """A row per facility that uses anything, a cell per category."""
    found: dict[tuple[int, str], list[ShortageRow]] = {}
    for row in rows:
        found.setdefault((row.facility.id, row.item.category), []).append(row)
    table = []
    for place in facilities:
        cells = [_cell(found.get((place.id, name), [])) for name in categories]
        if any(cell.used for cell in cells):
            table.append((place, cells))
    return table


def _cell(rows: Sequence[ShortageRow]) -> HeatCell:
    if not rows:
        return HeatCell(0, 0, 0.0, "h0")
    soon = sum(row.level == "danger" for row in rows)
    style = next((name for limit, name in HEAT_SHARES if soon / len(rows) < limit), "h4c")
    return HeatCell(len(rows), soon, min(row.days for row in rows), style if soon else "h1c")


@dataclass(frozen=True)
class ShortageFilter:
    """The filter of the shortage list; `within` days of stock, None = all; `none` = out already."""

    facility_id: int | None = None
    category: str = ""
    within: int | None = 14
    search: str = ""
    none: bool = False

    def keeps(self, row: ShortageRow) -> bool:
        """Whether a row is shown."""
        words = fold(f"{row.item.code} {row.item.name.vi} {row.item.name.en}")
        return (
            (self.facility_id is None or row.facility.id == self.facility_id)
            and (not self.category or row.item.category == self.category)
            and (self.within is None or row.days < min(self.within, row.horizon_days))
            and (not self.none or row.has_none)
            and all(word in words for word in fold(self.search).split())
        )


def shortage_sentence(rows: Sequence[ShortageRow], facilities: int) -> Text:
    """The list in one sentence."""
    soon = [row for row in rows if row.level == "danger"]
    later = [row for row in rows if row.level == "warning"]
    if not soon and not later:
        return Text(
            "Không mặt hàng nào hết trong 14 ngày tới nếu ca mắc theo mức dự báo giữa.",
            "Nothing runs out within 14 days if cases follow the middle of the projection.",
        )
    places = len({row.facility.id for row in (*soon, *later)})
    none = sum(row.has_none for row in soon)
    return Text(
        f"{group_digits(len(soon))} dòng hàng hết trong 7 ngày (trong đó {group_digits(none)} hiện"
        f" không còn hàng), thêm {group_digits(len(later))} trong 14 ngày, ở {places}/{facilities}"
        " cơ sở. Tính theo mức dự báo giữa.",
        f"{group_digits(len(soon))} stock lines run out within 7 days ({group_digits(none)} of them"
        f" have no stock now), {group_digits(len(later))} more within 14, at {places} of"
        f" {facilities} facilities. By the middle of the projection.",
    )


def status_words(status: str) -> Text:
    """The first word of a norm's status, for a chip."""
    if status.startswith("read in source"):
        return Text("Đúng theo nguồn", "As in the source")
    if status.startswith("assumed"):
        return Text("Giả định, cần xác nhận", "Assumed, to be confirmed")
    return Text("Tính từ nguồn", "Derived from the source")


def status_detail(status: str) -> str:
    """What stands behind the first words: the arithmetic, or what was assumed."""
    for start in ("read in source", "derived:", "assumed:"):
        if status.startswith(start):
            return status[len(start) :].strip()
    return status


def rate_text(rate: float) -> str:
    """A norm rate as it is read in Vietnam: 0,0125 or 1.500."""
    if rate >= 100:
        return group_digits(round(rate))
    return f"{rate:.4g}".replace(".", ",")
