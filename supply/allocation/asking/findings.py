"""What is missing or odd in the inputs of a plan, told before anything is solved. Pure.

Each finding is one sentence with a count, and the rows behind it. `danger`: somebody who needs goods
cannot be helped as things stand; `warning`: a figure that is likely wrong or will surprise; `info`:
what was decided or left out on purpose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from supply.allocation.asking import checks_goods as goods
from supply.allocation.asking import checks_ways as ways
from supply.allocation.asking.found import LEVELS, Finding, Row, Seen
from supply.allocation.asking.world import Question, World
from supply.allocation.instance import Instance

__all__ = ["Finding", "Row", "findings_json", "look_over"]


def look_over(world: World, question: Question, instance: Instance) -> tuple[Finding, ...]:
    """Everything found, the gravest first."""
    needed: defaultdict[tuple[str, str], int] = defaultdict(int)
    for d in instance.demand:
        needed[d.facility, d.item] += d.quantity
    seen = Seen(
        world, question, instance, dict(needed), frozenset(f.id for f in instance.facilities)
    )
    found = [finding for check in _CHECKS if (finding := check(seen)) is not None]
    return tuple(sorted(found, key=lambda one: LEVELS.index(one.level)))


def findings_json(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Plain values, as kept beside a plan."""
    return [
        {
            "key": one.key,
            "level": one.level,
            "vi": one.text.vi,
            "en": one.text.en,
            "count": one.count,
        }
        for one in found
    ]


_CHECKS: tuple[Callable[[Seen], Finding | None], ...] = (
    goods.no_stock,
    ways.no_way_in,
    ways.too_big,
    goods.below_zero,
    ways.no_vehicle,
    ways.no_trips,
    ways.no_litres,
    ways.cold,
    goods.expired,
    goods.late,
    goods.came_already,
    goods.long_on_the_way,
    goods.requests_without_use,
    goods.reserve_holds,
    ways.without_use,
    goods.requests,
    goods.stays,
    ways.fixed,
    ways.private,
)
