"""What the pages of scenarios draw: chart series and the rows of a comparison. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from supply.core.text import Text, group_digits
from supply.forecast.cases import FloatArray
from supply.forecast.scenarios.outlook import BANDS
from supply.forecast.scenarios.queries import Preview
from supply.forecast.scenarios.spec import ScenarioSpec

PAST_DAYS = 42
LEVEL_STYLES = {1: "lv1", 2: "lv2", 3: "lv3", 4: "lv4"}


@dataclass(frozen=True)
class Weekly:
    """One line of a comparison: the district's cases by week, (0.025, 0.25, 0.5, 0.75, 0.975)."""

    label: str
    week_ends: tuple[dt.date, ...]
    bands: FloatArray


def _rounded(values: FloatArray) -> list[float | None]:
    return [None if np.isnan(v) else round(float(v), 1) for v in values]


def outlook_chart(seen: Preview, words: dict[str, str]) -> dict[str, Any]:
    """Cases a day, mean of seven: the past weeks, then the scenario's fan from day 0 on."""
    weekly = np.nansum(seen.present.history, axis=0)
    past_weeks = min(PAST_DAYS // 7, len(weekly))
    past = np.repeat(weekly[-past_weeks:] / 7.0, 7)
    bands = seen.outlook.cases
    known, ahead = len(past), bands.shape[1]
    first = seen.present.day_0 - dt.timedelta(days=known)

    def line(quantile: float) -> list[float | None]:
        values = bands[BANDS.index(quantile)]
        return _rounded(np.concatenate([np.full(known, np.nan), values]))

    return {
        "days": [str(first + dt.timedelta(days=n)) for n in range(known + ahead)],
        "history": _rounded(np.concatenate([past, np.full(ahead, np.nan)])),
        "median": line(0.5),
        "lo50": line(0.25),
        "hi50": line(0.75),
        "lo95": line(0.025),
        "hi95": line(0.975),
        "today": str(seen.present.day_0),
        "labels": words,
    }


def week_fan(
    line: Weekly, history: Sequence[tuple[dt.date, float]], words: dict[str, str]
) -> dict[str, Any]:
    """Cases a week: what was reported before the first week, then the fan."""
    past = [(day, cases) for day, cases in history if day < line.week_ends[0]]
    known = len(past)
    last = np.full((line.bands.shape[0], 1), past[-1][1] if past else np.nan)
    bands = np.concatenate([last, line.bands], axis=1) if past else line.bands

    def values(row: int) -> list[float | None]:
        return _rounded(np.concatenate([np.full(max(known - 1, 0), np.nan), bands[row]]))

    return {
        "days": [str(day) for day, _ in past] + [str(day) for day in line.week_ends],
        "history": _rounded(
            np.array([cases for _, cases in past] + [np.nan] * len(line.week_ends))
        ),
        "median": values(2),
        "lo50": values(1),
        "hi50": values(3),
        "lo95": values(0),
        "hi95": values(4),
        "today": str(past[-1][0]) if past else "",
        "labels": words,
    }


def middles_chart(
    lines: Sequence[Weekly],
    history: Sequence[tuple[dt.date, float]],
    words: dict[str, str],
) -> dict[str, Any]:
    """The middles of several scenarios and the projection on one chart, the past before them."""
    first = min(line.week_ends[0] for line in lines)
    past = [(day, cases) for day, cases in history if day < first]
    days = sorted({day for day, _ in past} | {d for line in lines for d in line.week_ends})

    def row(known: dict[dt.date, float]) -> list[float | None]:
        return _rounded(np.array([known.get(day, np.nan) for day in days]))

    start = dict(past[-1:])
    return {
        "days": [str(day) for day in days],
        "x": words["x"],
        "today": str(past[-1][0]) if past else None,
        "series": [
            *(
                {
                    "label": line.label,
                    "values": row(start | dict(zip(line.week_ends, line.bands[2], strict=True))),
                }
                for line in lines
            ),
            {"label": words["history"], "values": row(dict(past))},
        ],
    }


def spec_sentences(spec: ScenarioSpec) -> list[Text]:
    """The assumptions in words, one a line."""
    found = []
    for change in spec.changes:
        factor = _written(change.factor)
        found.append(
            Text(
                f"Từ {change.day:%d/%m/%Y}: lây lan bằng {factor} lần hiện nay.",
                f"From {change.day:%d/%m/%Y}: transmission {factor} times today's.",
            )
        )
    if spec.rt_from > 0:
        share = _written((1 - spec.rt_from) * 100)
        found.append(
            Text(
                f"Chỉ tính {share} % khả năng xấu nhất của Rt.",
                f"Only the worst {share} % of what Rt may be.",
            )
        )
    if spec.rt_least > 0:
        least = _written(spec.rt_least)
        found.append(Text(f"Rt không dưới {least}.", f"Rt is at least {least}."))
    if spec.imports_per_100k_day > 0:
        imports = _written(spec.imports_per_100k_day)
        found.append(
            Text(
                f"{imports} ca xâm nhập mỗi ngày trên 100.000 dân.",
                f"{imports} imported cases a day per 100,000 people.",
            )
        )
    found += _variant_sentences(spec)
    if spec.overrides:
        n = len(spec.overrides)
        found.append(
            Text(f"{n} phường, xã có giả định riêng.", f"{n} wards with assumptions of their own.")
        )
    if spec.capped:
        found.append(
            Text(
                "Người bệnh, ca trực, xét nghiệm không vượt số giường, nhân lực, năng lực đang có.",
                "Patients, shifts and tests stay within beds, staff and laboratories.",
            )
        )
    reported = _written(spec.reporting_share * 100)
    open_share = _written(spec.susceptible_share * 100)
    found.append(
        Text(
            f"{reported} % số nhiễm được báo cáo; {open_share} % người dân còn có thể mắc"
            " trước khi có số liệu.",
            f"{reported} % of infections are reported; {open_share} % of people could be infected"
            " before the figures begin.",
        )
    )
    return found


def _variant_sentences(spec: ScenarioSpec) -> list[Text]:
    variant = spec.variant
    if variant is None:
        return []
    gain, escape = _written(variant.transmissibility), _written(variant.immune_escape * 100)
    found = [
        Text(
            f"Biến chủng mới từ {variant.day:%d/%m/%Y}, thay thế trong {variant.takeover_days} ngày:"
            f" lây gấp {gain} lần, né {escape} % miễn dịch.",
            f"A new variant from {variant.day:%d/%m/%Y}, taking over in {variant.takeover_days} days:"
            f" {gain} times as contagious, escaping {escape} % of immunity.",
        )
    ]
    if variant.severity_share is not None:
        severe, critical = (_written(v * 100) for v in variant.severity_share[2:])
        found.append(
            Text(
                f"Ca nặng {severe} %, nguy kịch {critical} %.",
                f"Severe {severe} %, critical {critical} %.",
            )
        )
    return found


def outlook_sentence(seen: Preview) -> Text:
    """What a scenario leads to, in a sentence that says it is one."""
    peak, low, high = (group_digits(round(v)) for v in seen.outlook.peak_cases)
    total = group_digits(round(seen.outlook.total[0]))
    day = seen.present.day_0 + dt.timedelta(days=seen.outlook.peak_day)
    days = seen.spec.horizon_days
    return Text(
        f"Nếu đúng như giả định: cao nhất khoảng {peak} ca/ngày (95 %: {low} – {high}) vào"
        f" {day:%d/%m/%Y}; cả {days} ngày khoảng {total} ca. Đây là kịch bản, không phải dự báo.",
        f"If the assumptions hold: at most about {peak} cases a day (95 %: {low} – {high}) on"
        f" {day:%d/%m/%Y}; about {total} cases over {days} days. A scenario, not a forecast.",
    )


def _written(value: float) -> str:
    return f"{value:.4g}".replace(".", ",")
