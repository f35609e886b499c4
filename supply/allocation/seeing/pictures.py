"""Geometry of the small charts of a plan: days along, amounts up; shares before and after. Pure.

Everything is in a screen's pixels at the width asked for: the page draws a wide and a narrow one, so
that words stay readable on a phone. Colours and words are the template's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supply.core.text import Text

UNITS: tuple[tuple[float, Text], ...] = (
    (1e9, Text("tỷ ", "billion ")),
    (1e6, Text("triệu ", "million ")),
    (1e3, Text("nghìn ", "thousand ")),
    (1.0, Text("", "")),
)
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Axis:
    """Round figures from 0 to `top`, told as `ticks` times `factor`; `words` is the factor's name."""

    top: float
    ticks: tuple[float, ...]
    factor: float
    words: Text


def axis(highest: float, steps: int = 4) -> Axis:
    """An axis that holds `highest` in at most `steps` + 1 round steps."""
    if highest <= 0:
        return Axis(1.0, (0.0, 1.0), 1.0, Text("", ""))
    rough = highest / steps
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in STEPS if s * power >= rough * (1 - 1e-9))
    count = math.ceil(highest / step - 1e-9)
    factor, words = next((f, w) for f, w in UNITS if count * step >= f or f == 1.0)
    ticks = tuple(round(n * step / factor, 9) for n in range(count + 1))
    return Axis(count * step, ticks, factor, words)


@dataclass(frozen=True)
class Box:
    """Where a chart of days lies: outer width and height, and the room its axes take."""

    width: float
    height: float
    left: float = 44.0
    right: float = 8.0
    top: float = 8.0
    bottom: float = 22.0


WIDE_LINES, WIDE_BARS = Box(880, 240), Box(880, 190)
NARROW_LINES, NARROW_BARS = Box(350, 190), Box(350, 160)
SMALL_LINES = Box(350, 210)


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where, and the figure beside it (a day's index on the axis of days)."""

    at: float
    value: float


@dataclass(frozen=True)
class DayLine:
    """A line of values by day; `area` closes it down to nothing; `points` are (x, y, value)."""

    name: str
    path: str
    area: str
    points: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class DayBar:
    """One bar: which series, which day, where it stands, and its amount."""

    name: str
    day: int
    x: float
    y: float
    width: float
    height: float
    amount: float


@dataclass(frozen=True)
class DayChart:
    """A chart of days; `words`: the axis' factor ("nghìn "); `columns`: (x, width) of each day."""

    box: Box
    words: Text
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    columns: tuple[tuple[float, float], ...]
    lines: tuple[DayLine, ...] = ()
    bars: tuple[DayBar, ...] = ()


def day_lines(series: Mapping[str, Sequence[float]], days: int, box: Box) -> DayChart:
    """One line for each series, from the first day on; a series may be shorter than `days`."""
    scale = axis(max((v for values in series.values() for v in values), default=0))
    centres = _centres(days, box)

    def line(name: str, values: Sequence[float]) -> DayLine:
        points = tuple(
            (x, _y(value, scale, box), value)
            for x, value in zip(centres, values[:days], strict=False)
        )
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in points) if points else ""
        floor = box.height - box.bottom
        area = f"{path}V{floor:.1f}H{points[0][0]:.1f}Z" if points else ""
        return DayLine(name, path, area, points)

    lines = tuple(line(name, values) for name, values in series.items())
    return _chart(scale, days, box, lines=lines)


def day_bars(series: Mapping[str, Sequence[float]], days: int, box: Box) -> DayChart:
    """Bars side by side on each day, one for each series; nothing is drawn for nothing."""
    scale = axis(max((v for values in series.values() for v in values), default=0))
    slot = (box.width - box.left - box.right) / max(days, 1)
    wide = min(18.0, slot * 0.76 / max(len(series), 1))
    bars = []
    for number, (name, values) in enumerate(series.items()):
        for day, (centre, value) in enumerate(
            zip(_centres(days, box), values[:days], strict=False)
        ):
            if value <= 0:
                continue
            x = centre + (number - len(series) / 2) * wide
            y = _y(value, scale, box)
            high = max(1.0, box.height - box.bottom - y)
            bars.append(
                DayBar(
                    name, day, round(x, 1), round(y, 1), round(wide - 1, 1), round(high, 1), value
                )
            )
    return _chart(scale, days, box, bars=tuple(bars))


def _chart(
    scale: Axis,
    days: int,
    box: Box,
    lines: tuple[DayLine, ...] = (),
    bars: tuple[DayBar, ...] = (),
) -> DayChart:
    every = next(n for n in (1, 2, 3, 4, 7, 14) if days / n * 44 <= box.width - box.left or n == 14)
    centres = _centres(days, box)
    slot = (box.width - box.left - box.right) / max(days, 1)
    return DayChart(
        box,
        scale.words,
        tuple(Tick(_y(value * scale.factor, scale, box), value) for value in scale.ticks),
        tuple(Tick(centres[day], day) for day in range(0, days, every)),
        tuple((round(x - slot / 2, 1), round(slot, 1)) for x in centres),
        lines,
        bars,
    )


def _centres(days: int, box: Box) -> list[float]:
    slot = (box.width - box.left - box.right) / max(days, 1)
    return [round(box.left + (day + 0.5) * slot, 1) for day in range(days)]


def _y(value: float, scale: Axis, box: Box) -> float:
    room = box.height - box.top - box.bottom
    return round(box.top + room * (1 - value / scale.top), 1)
