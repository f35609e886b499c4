"""Where things stand in the picture of who sends to whom. Pure; the template only draws.

Two columns, senders left and receivers right, each place a bar as high as the litres it sends or
receives; a band joins them, as thick as its litres. Heights are in the picture's own units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

WIDTH, BAR_WIDTH, LEFT, RIGHT = 720, 10, 200, 520
GAP, HEIGHT_PER_PLACE, LEAST = 10, 34, 3.0


@dataclass(frozen=True)
class Bar:
    """A place in a column: `x`, `y`, `height` in the picture, its total in litres."""

    name: str
    x: float
    y: float
    height: float
    litres: float


@dataclass(frozen=True)
class Band:
    """A flow: an SVG path and how thick it is."""

    origin: str
    destination: str
    path: str
    thickness: float
    litres: float


@dataclass(frozen=True)
class Picture:
    """Everything there is to draw."""

    width: float
    height: float
    senders: tuple[Bar, ...]
    receivers: tuple[Bar, ...]
    bands: tuple[Band, ...]


def picture(flows: Iterable[tuple[str, str, float]]) -> Picture:
    """The picture of (from, to, litres) rows; rows of a pair are added up, largest places on top."""
    pairs: defaultdict[tuple[str, str], float] = defaultdict(float)
    for origin, destination, litres in flows:
        pairs[origin, destination] += litres
    sent = _totals((origin, litres) for (origin, _), litres in pairs.items())
    received = _totals((destination, litres) for (_, destination), litres in pairs.items())
    places = max(len(sent), len(received), 1)
    height = places * HEIGHT_PER_PLACE
    total = sum(pairs.values()) or 1.0
    scale = (height - GAP * (places - 1)) / total
    left = _column(sent, LEFT, scale, height)
    right = _column(received, RIGHT, scale, height)
    return Picture(
        WIDTH,
        height,
        tuple(left.values()),
        tuple(right.values()),
        _bands(pairs, left, right, scale),
    )


def _totals(rows: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    total: defaultdict[str, float] = defaultdict(float)
    for name, litres in rows:
        total[name] += litres
    return sorted(total.items(), key=lambda row: (-row[1], row[0]))


def _column(
    totals: list[tuple[str, float]], x: float, scale: float, height: float
) -> dict[str, Bar]:
    heights = [max(LEAST, litres * scale) for _, litres in totals]
    spare = max(0.0, height - sum(heights))
    gap = spare / (len(totals) + 1)
    y, bars = gap, {}
    for (name, litres), high in zip(totals, heights, strict=True):
        bars[name] = Bar(name, x, round(y, 1), round(high, 1), litres)
        y += high + gap
    return bars


def _bands(
    pairs: dict[tuple[str, str], float], left: dict[str, Bar], right: dict[str, Bar], scale: float
) -> tuple[Band, ...]:
    out_at = {name: bar.y for name, bar in left.items()}
    in_at = {name: bar.y for name, bar in right.items()}
    order = sorted(pairs, key=lambda pair: (left[pair[0]].y, right[pair[1]].y))
    bands = []
    for origin, destination in order:
        thick = max(1.0, pairs[origin, destination] * scale)
        start, end = out_at[origin] + thick / 2, in_at[destination] + thick / 2
        out_at[origin] += thick
        in_at[destination] += thick
        x0, x1 = LEFT + BAR_WIDTH, RIGHT
        middle = (x0 + x1) / 2
        path = f"M{x0} {start:.1f} C{middle} {start:.1f} {middle} {end:.1f} {x1} {end:.1f}"
        bands.append(Band(origin, destination, path, round(thick, 1), pairs[origin, destination]))
    return tuple(bands)
