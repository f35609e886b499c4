"""What one plan costs beside another for the same need: points, who loses, who gains, which lines. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from supply.allocation.instance import CLASSES, STANDARD_WEIGHTS, Instance
from supply.allocation.plan import Plan, Quota, Transfer

Pair = tuple[str, str, str]
"""(from, to, item)"""


@dataclass(frozen=True)
class Shift:
    """A facility's class and item: units needed, and served in the one plan and in the other."""

    facility: str
    item: str
    demand_class: str
    needed: int
    before: int
    after: int

    @property
    def units(self) -> int:
        """Units more (less, below 0) than before."""
        return self.after - self.before

    @property
    def points(self) -> int:
        """The same in standard points."""
        return self.units * STANDARD_WEIGHTS[self.demand_class]


@dataclass(frozen=True)
class Line:
    """What goes from one place to another of an item over all days and lots, before and after."""

    origin: str
    destination: str
    item: str
    before: int
    after: int


@dataclass(frozen=True)
class Difference:
    """``points`` of shortage more than before (less, below 0), in standard weights; ``losers`` and
    ``gainers`` the most points first; ``lines`` that changed, the largest change first."""

    points: int
    by_class: dict[str, int]
    losers: tuple[Shift, ...]
    gainers: tuple[Shift, ...]
    lines: tuple[Line, ...]


def same_need(one: Instance, other: Instance) -> bool:
    """Whether two plans answer the same need, so that their figures can be subtracted."""
    return (one.start, one.horizon_days) == (other.start, other.horizon_days) and (
        _needed(one) == _needed(other)
    )


def difference(instance: Instance, before: Plan, after: Plan) -> Difference:
    """From one plan to another; ``instance`` has the need of both (``same_need``).

    ``by_class``: class → units served more than before (less, below 0).
    """
    needed, old, new = _needed(instance), _served(before.quotas), _served(after.quotas)
    shifts = [
        Shift(*key, needed=units, before=old.get(key, 0), after=new.get(key, 0))
        for key, units in needed.items()
        if old.get(key, 0) != new.get(key, 0)
    ]
    by_class: defaultdict[str, int] = defaultdict(int)
    for shift in shifts:
        by_class[shift.demand_class] += shift.units

    def largest(shift: Shift) -> tuple[int, str, str, str]:
        return -abs(shift.points), shift.facility, shift.item, shift.demand_class

    return Difference(
        points=-sum(shift.points for shift in shifts),
        by_class={name: by_class[name] for name in CLASSES if by_class[name]},
        losers=tuple(sorted((s for s in shifts if s.units < 0), key=largest)),
        gainers=tuple(sorted((s for s in shifts if s.units > 0), key=largest)),
        lines=_lines(before.transfers, after.transfers),
    )


def moved(transfers: Iterable[Transfer]) -> dict[Pair, int]:
    """Units by pair and item, over all days and lots: what a pin speaks of."""
    total: defaultdict[Pair, int] = defaultdict(int)
    for t in transfers:
        total[t.origin, t.destination, t.item] += t.quantity
    return dict(total)


def _lines(before: Iterable[Transfer], after: Iterable[Transfer]) -> tuple[Line, ...]:
    old, new = moved(before), moved(after)
    rows = [Line(*key, old.get(key, 0), new.get(key, 0)) for key in sorted(old.keys() | new.keys())]
    changed = [row for row in rows if row.before != row.after]
    return tuple(sorted(changed, key=lambda row: -abs(row.after - row.before)))


def _needed(instance: Instance) -> dict[Pair, int]:
    total: defaultdict[Pair, int] = defaultdict(int)
    for need in instance.demand:
        total[need.facility, need.item, need.demand_class] += need.quantity
    return dict(total)


def _served(quotas: Iterable[Quota]) -> dict[Pair, int]:
    total: defaultdict[Pair, int] = defaultdict(int)
    for given in quotas:
        total[given.facility, given.item, given.demand_class] += given.quantity
    return dict(total)
