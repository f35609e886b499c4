"""Where things stand in the picture of who sends to whom. Pure; the template only draws.

Two columns, senders left and receivers right, each place a bar as high as the transfer lines it
sends or receives; a band joins them, as thick as its lines. Every place has room for its name,
however little it moves. Heights are in the picture's own units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

WIDTH, BAR_WIDTH, LEFT, RIGHT = 720, 10, 200, 520
NAME_HEIGHT, HEIGHT_PER_PLACE, LEAST = 18, 30, 2.0


@dataclass(frozen=True)
class Bar:
    """A place in a column: `x`, `y`, `height` in the picture, its number of lines."""

    name: str
    x: float
    y: float
    height: float
    lines: int


@dataclass(frozen=True)
class Band:
    """A flow: an SVG path and how thick it is."""

    origin: str
    destination: str
    path: str
    thickness: float
    lines: int


@dataclass(frozen=True)
class Picture:
    """Everything there is to draw."""

    width: float
    height: float
    senders: tuple[Bar, ...]
    receivers: tuple[Bar, ...]
    bands: tuple[Band, ...]


def picture(flows: Iterable[tuple[str, str]]) -> Picture:
    """The picture of (from, to) rows, one for each transfer line; the busiest places on top."""
    pairs = Counter(flows)
    sent = _totals((origin, lines) for (origin, _), lines in pairs.items())
    received = _totals((destination, lines) for (_, destination), lines in pairs.items())
    places = max(len(sent), len(received), 1)
    height = float(places * HEIGHT_PER_PLACE)
    scale = (height - places * NAME_HEIGHT) / max(pairs.total(), 1)
    left = _column(sent, LEFT, scale, height)
    right = _column(received, RIGHT, scale, height)
    bands = _bands(pairs, left, right, scale)
    return Picture(WIDTH, height, tuple(left.values()), tuple(right.values()), bands)


def _totals(rows: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    total: Counter[str] = Counter()
    for name, lines in rows:
        total[name] += lines
    return sorted(total.items(), key=lambda row: (-row[1], row[0]))


def _column(totals: list[tuple[str, int]], x: float, scale: float, height: float) -> dict[str, Bar]:
    """Bars one below the other, each in a slot with room for its name; the rest is shared out."""
    used = sum(NAME_HEIGHT + lines * scale for _, lines in totals)
    spare = max(0.0, height - used) / max(len(totals), 1)
    y, bars = 0.0, {}
    for name, lines in totals:
        slot, high = NAME_HEIGHT + lines * scale + spare, max(LEAST, lines * scale)
        bars[name] = Bar(name, x, round(y + (slot - high) / 2, 1), round(high, 1), lines)
        y += slot
    return bars


def _bands(
    pairs: Counter[tuple[str, str]], left: dict[str, Bar], right: dict[str, Bar], scale: float
) -> tuple[Band, ...]:
    out_at = {name: bar.y for name, bar in left.items()}
    in_at = {name: bar.y for name, bar in right.items()}
    bands = []
    for origin, destination in sorted(pairs, key=lambda pair: (left[pair[0]].y, right[pair[1]].y)):
        lines = pairs[origin, destination]
        thick = lines * scale
        start, end = out_at[origin] + thick / 2, in_at[destination] + thick / 2
        out_at[origin] += thick
        in_at[destination] += thick
        x0, x1 = LEFT + BAR_WIDTH, RIGHT
        middle = (x0 + x1) / 2
        path = f"M{x0} {start:.1f} C{middle} {start:.1f} {middle} {end:.1f} {x1} {end:.1f}"
        bands.append(Band(origin, destination, path, round(max(thick, 0.8), 1), lines))
    return tuple(bands)
