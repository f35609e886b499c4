"""``quotas.best_quotas`` of one facility in plain numbers: exchanging packs asks it ten thousand
times, and on so few numbers arrays cost fifteen times as much as they save. The sum is the same,
step by step; a property test holds the two together.
"""

from __future__ import annotations

from itertools import accumulate
from operator import add, sub

from supply.allocation.arrays import ItemArrays
from supply.allocation.quotas import Flows


def missing_of_one(
    item: ItemArrays, flows: Flows, facility: int, class_order: tuple[int, ...]
) -> list[list[int]]:
    """Units that the facility misses with its best quotas, by class and day."""
    total, inside, end = _gaps(item, flows, facility)
    missing: list[list[int]] = item.demand[facility].tolist()
    used = [0] * len(end)
    for c in class_order:
        if any(missing[c]):
            _grant(missing[c], total, inside, end, used)
    return missing


def _gaps(
    item: ItemArrays, flows: Flows, facility: int
) -> tuple[int, list[list[int]] | None, list[int]]:
    """``quotas._Gaps`` of the facility; no ``inside`` where nothing expires before the last day."""
    n_days = flows.out.shape[2]
    total, end = 0, [0] * n_days
    brief: list[tuple[int, list[int]]] = []
    lots: list[_Lot] = []
    for last, out, before, after in zip(
        item.expiry_day.tolist(),
        flows.out[facility].tolist(),
        flows.before_dispatch[facility].tolist(),
        flows.after_dispatch[facility].tolist(),
        strict=True,
    ):
        held, received = sum(out), list(accumulate(map(add, before, after)))
        usable = [units - held if units > held else 0 for units in received]
        total += usable[-1]
        end = [so_far + units - usable[-1] for so_far, units in zip(end, usable, strict=True)]
        if last < n_days - 1 and usable[-1]:
            brief.append((last, [usable[-1], *(usable[-1] - units for units in usable)]))
        left = list(map(sub, map(sub, received, after), accumulate(out)))
        lots.append((last, usable[-1], out, left))
    inside = _inside(brief, n_days) if brief else None
    reserve = int(item.reserve[facility])
    for day, leaving in enumerate(map(sum, zip(*(out for _, _, out, _ in lots), strict=True))):
        if leaving:
            kept = sum(left[day] - units for last, units, _, left in lots if last >= day)
            ways = [gap[day] for gap in inside[1 : day + 1]] if inside else [0] * day
            end[:day] = [
                min(units, kept - reserve - gap) for units, gap in zip(end, ways, strict=False)
            ]
    return total, inside, end


_Lot = tuple[int, int, list[int], list[int]]
"""Expiry day, units usable in the end, units that leave and units left after that, by day."""


def _inside(brief: list[tuple[int, list[int]]], n_days: int) -> list[list[int]]:
    """Units of the lots that expire in time which come in after day i − 1 and expire before j."""
    inside = [[0] * n_days for _ in range(n_days + 1)]
    for last, later in brief:
        for row, units in zip(inside, later, strict=True):
            if units:
                for day in range(max(last + 1, 0), n_days):
                    row[day] += units
    return inside


def _grant(
    wanted: list[int],
    total: int,
    inside: list[list[int]] | None,
    end: list[int],
    used: list[int],
) -> None:
    """Take what one class gets, day by day, off ``wanted`` and add it to ``used``."""
    n_days = len(used)
    after = end.copy()
    for day in range(n_days - 2, -1, -1):
        gap = inside[day + 1] if inside else None
        least = after[day]
        for later in range(day + 1, n_days):
            way = after[later] - used[later] - (gap[later] if gap else 0)
            if way < least:
                least = way
        after[day] = least
    before: list[int] = []
    for day in range(n_days):
        least = -inside[0][day] if inside else 0
        for earlier in range(day):
            way = before[earlier] - (inside[earlier + 1][day] if inside else 0)
            if way < least:
                least = way
        least -= used[day]
        given = min(wanted[day], total + least + after[day])
        if given > 0:
            wanted[day] -= given
            used[day] += given
            least -= given
        before.append(least)
