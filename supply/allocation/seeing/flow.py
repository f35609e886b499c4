"""Where things stand in the picture of who sends to whom. Pure; the template only draws.

Two columns, senders left and receivers right, each place a bar as high as what it sends or receives; a
ribbon joins them, everywhere as high as its flow. Every place has room for its name, however little
it moves. Heights are in the picture's own units, which are a screen's pixels at the width asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Pair = tuple[str, str]
LEAST = 1.5
"""No bar and no ribbon is thinner than this."""


@dataclass(frozen=True)
class Frame:
    """How wide the picture is, how much of it names take on each side, and how high a place's slot is."""

    width: float
    names: float
    slot: float = 28.0
    name_height: float = 18.0
    bar: float = 8.0


WIDE = Frame(width=880, names=230)
NARROW = Frame(width=350, names=127, slot=24.0, name_height=17.0)
SMALL = Frame(width=350, names=127, slot=27.0, name_height=17.0)


@dataclass(frozen=True)
class Bar:
    """A place in a column: `x`, `y`, `height` in the picture, and what it moves."""

    key: str
    x: float
    y: float
    height: float
    amount: float


@dataclass(frozen=True)
class Band:
    """A flow: the outline of its ribbon and what it carries."""

    origin: str
    destination: str
    path: str
    amount: float


@dataclass(frozen=True)
class Picture:
    """Everything there is to draw; widest ribbons first, so that thin ones lie on top."""

    frame: Frame
    height: float
    senders: tuple[Bar, ...]
    receivers: tuple[Bar, ...]
    bands: tuple[Band, ...]


def totals_of(flows: Iterable[tuple[str, str, float]]) -> dict[Pair, float]:
    """(from, to, amount) rows added up by pair; pairs that move nothing are left out."""
    found: defaultdict[Pair, float] = defaultdict(float)
    for origin, destination, amount in flows:
        found[origin, destination] += amount
    return {pair: amount for pair, amount in found.items() if amount > 0}


def busiest(pairs: Mapping[Pair, float], most: int, others: str) -> dict[Pair, float]:
    """The same with all but the `most` busiest places of each side put together as `others`. One
    place too many is shown by its own name: `others` would take its room."""

    def kept(side: int) -> set[str]:
        rank = _ranked(pairs, side)
        return {name for name, _ in (rank if len(rank) <= most + 1 else rank[:most])}

    senders, receivers = kept(0), kept(1)
    return totals_of(
        (a if a in senders else others, b if b in receivers else others, amount)
        for (a, b), amount in pairs.items()
    )


def picture(pairs: Mapping[Pair, float], frame: Frame = WIDE, last: str = "") -> Picture:
    """The picture of what each (from, to) moves; the busiest places on top, `last` at the bottom."""
    sent, received = _ranked(pairs, 0, last), _ranked(pairs, 1, last)
    places = max(len(sent), len(received), 1)
    height = places * frame.slot
    scale = (height - places * frame.name_height) / max(sum(pairs.values()), 1e-9)
    left = _column(sent, frame.names, scale, height, frame)
    right = _column(received, frame.width - frame.names - frame.bar, scale, height, frame)
    bands = _bands(pairs, left, right, scale, frame)
    return Picture(frame, height, tuple(left.values()), tuple(right.values()), bands)


def _ranked(pairs: Mapping[Pair, float], side: int, last: str = "") -> list[tuple[str, float]]:
    """Places of one side with what they move, the busiest first."""
    total: defaultdict[str, float] = defaultdict(float)
    for pair, amount in pairs.items():
        total[pair[side]] += amount
    return sorted(total.items(), key=lambda row: (row[0] == last, -row[1], row[0]))


def _column(
    totals: list[tuple[str, float]], x: float, scale: float, height: float, frame: Frame
) -> dict[str, Bar]:
    """Bars one below the other, each in a slot with room for its name; the rest is shared out."""
    used = sum(frame.name_height + amount * scale for _, amount in totals)
    spare = max(0.0, height - used) / max(len(totals), 1)
    y, bars = 0.0, {}
    for name, amount in totals:
        slot, high = frame.name_height + amount * scale + spare, max(LEAST, amount * scale)
        bars[name] = Bar(name, round(x, 1), round(y + (slot - high) / 2, 1), round(high, 1), amount)
        y += slot
    return bars


def _bands(
    pairs: Mapping[Pair, float],
    left: dict[str, Bar],
    right: dict[str, Bar],
    scale: float,
    frame: Frame,
) -> tuple[Band, ...]:
    out_at = {name: bar.y for name, bar in left.items()}
    in_at = {name: bar.y for name, bar in right.items()}
    starts: dict[Pair, float] = {}
    ends: dict[Pair, float] = {}
    for pair in sorted(pairs, key=lambda p: (left[p[0]].y, right[p[1]].y)):
        starts[pair] = out_at[pair[0]]
        out_at[pair[0]] += pairs[pair] * scale
    for pair in sorted(pairs, key=lambda p: (right[p[1]].y, left[p[0]].y)):
        ends[pair] = in_at[pair[1]]
        in_at[pair[1]] += pairs[pair] * scale
    x0, x1 = frame.names + frame.bar, frame.width - frame.names - frame.bar
    return tuple(
        Band(*pair, _ribbon(x0, starts[pair], x1, ends[pair], max(LEAST, amount * scale)), amount)
        for pair, amount in sorted(pairs.items(), key=lambda row: (-row[1], row[0]))
    )


def _ribbon(x0: float, y0: float, x1: float, y1: float, high: float) -> str:
    """A closed outline as high as its flow at every x."""
    middle = (x0 + x1) / 2
    return (
        f"M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        f"V{y1 + high:.1f}C{middle:.1f} {y1 + high:.1f} {middle:.1f} {y0 + high:.1f} "
        f"{x0:.1f} {y0 + high:.1f}Z"
    )
