"""Small multiples: every ward's past weeks and fan in one drawing, so that they can be compared. Pure.

Each ward is one panel of a grid; x runs over the same weeks everywhere, y from 0 to the panel's own
greatest value or, on a shared scale, to the greatest of all. Coordinates are whole tenths of a pixel of
the drawing's own size; the page scales the drawing to its width.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from supply.core.text import fold
from supply.forecast.cases import FloatArray
from supply.forecast.queries import ProjectionView, Series
from supply.forecast.score import HUB_QUANTILES

WIDTH, HEIGHT = 180.0, 92.0
WEEKS_BEFORE = 12
ORDERS = ("growth", "name", "cases")
_AT = {q: HUB_QUANTILES.index(q) for q in (0.025, 0.25, 0.5, 0.75, 0.975)}


@dataclass(frozen=True)
class FanRow:
    """One week of a fan in figures: reported, or (median, 50 % interval, 95 % interval)."""

    week_end: dt.date
    reported: int | None
    median: int | None
    within_50: tuple[int, int] | None
    within_95: tuple[int, int] | None


def fan_rows(view: ProjectionView, series: Series, weeks: int = 8) -> tuple[FanRow, ...]:
    """The figures of a fan, week by week: for whoever cannot see the drawing."""
    origin = view.history_week_ends.index(view.run.origin)
    rows = []
    for n in range(max(origin + 1 - weeks, 0), origin + 1):
        value = series.history[n]
        reported = None if np.isnan(value) else round(float(value))
        rows.append(FanRow(view.history_week_ends[n], reported, None, None, None))
    for end, q in zip(view.week_ends, series.quantiles, strict=True):
        low_50, high_50, low_95, high_95 = (round(q[_AT[x]]) for x in (0.25, 0.75, 0.025, 0.975))
        rows.append(FanRow(end, None, round(q[_AT[0.5]]), (low_50, high_50), (low_95, high_95)))
    return tuple(rows)


@dataclass(frozen=True)
class Panel:
    """One ward: `past`, `median` are points of a polyline, `band_50`, `band_95` of a polygon, all as
    SVG has them; `points` the reported weeks, `origin_x` where the fan begins. `last` is the origin
    week's figure, `ahead` the median of the last week projected with its 95 % interval, `growth` =
    median of the last week / origin week − 1, None where the origin week had no case. `top`: cases at
    the upper edge."""

    ward_id: int
    name: str
    past: str
    points: tuple[tuple[float, float], ...]
    median: str
    band_50: str
    band_95: str
    origin_x: float
    last: int
    ahead: tuple[int, int, int]
    growth: float | None
    top: int


def panels(view: ProjectionView, *, shared: bool, order: str) -> tuple[Panel, ...]:
    """All wards of a projection, in `order` (one of `ORDERS`; the fastest growing or the most cases
    first)."""
    origin = view.history_week_ends.index(view.run.origin)
    tops = [_top(series, origin) for series in view.wards]
    common = max(tops, default=1.0)
    found = [
        _panel(series, origin, common if shared else top)
        for series, top in zip(view.wards, tops, strict=True)
    ]
    return tuple(sorted(found, key=_by(order)))


def _by(order: str) -> Callable[[Panel], tuple[object, ...]]:
    if order == "growth":
        return lambda p: (p.growth is None, -(p.growth or 0.0), fold(p.name))
    if order == "cases":
        return lambda p: (-p.last, fold(p.name))
    return lambda p: (fold(p.name),)


def _window(series: Series, origin: int) -> FloatArray:
    """The weeks up to the origin that are drawn, NaN before the first."""
    first = origin + 1 - WEEKS_BEFORE
    lead = np.full(max(-first, 0), np.nan)
    window: FloatArray = np.concatenate([lead, series.history[max(first, 0) : origin + 1]])
    return window


def _top(series: Series, origin: int) -> float:
    past = _window(series, origin)
    known = past[~np.isnan(past)]
    return float(max(known.max(initial=0.0), series.quantiles[:, _AT[0.975]].max(), 1.0))


def _panel(series: Series, origin: int, top: float) -> Panel:
    past = _window(series, origin)
    weeks = len(past) - 1 + len(series.quantiles)
    step, last = WIDTH / weeks, float(past[-1])
    x: FloatArray = np.arange(weeks + 1, dtype=np.float64) * step
    x_past, x_fan = x[: len(past)], x[len(past) - 1 :]

    def y(values: FloatArray) -> FloatArray:
        down: FloatArray = HEIGHT * (1.0 - np.clip(values / top, 0.0, 1.0))
        return down

    def fan(quantile: float) -> FloatArray:
        return y(np.concatenate([[last], series.quantiles[:, _AT[quantile]]]))

    known = ~np.isnan(past)
    median, low, high = (series.quantiles[-1, _AT[q]] for q in (0.5, 0.025, 0.975))
    assert series.ward_id is not None
    return Panel(
        series.ward_id,
        series.name,
        _points(x_past[known], y(past[known])),
        tuple(zip(_tenths(x_past[known]), _tenths(y(past[known])), strict=True)),
        _points(x_fan, fan(0.5)),
        _band(x_fan, fan(0.25), fan(0.75)),
        _band(x_fan, fan(0.025), fan(0.975)),
        round(float(x_past[-1]), 1),
        round(last),
        (round(median), round(low), round(high)),
        float(median / last - 1.0) if last > 0 else None,
        round(top),
    )


def _tenths(values: FloatArray) -> list[float]:
    return [round(float(v), 1) for v in values]


def _points(x: FloatArray, y: FloatArray) -> str:
    return " ".join(f"{a:g},{b:g}" for a, b in zip(_tenths(x), _tenths(y), strict=True))


def _band(x: FloatArray, low: FloatArray, high: FloatArray) -> str:
    return _points(np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]]))
