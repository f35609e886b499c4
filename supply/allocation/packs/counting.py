"""``quotas.best_quotas`` of one facility, compiled: exchanging packs asks it a hundred thousand times
a second. The sum is the same, step by step; a property test holds the two together.
"""

from __future__ import annotations

import numpy as np

from supply.allocation.arrays import Floats, Ints
from supply.allocation.compiling import entrance, inner, part
from supply.allocation.packs.board import (
    AFTER,
    BEFORE,
    CELL0,
    LEFT,
    LOT0,
    LOTS,
    NEEDED,
    OUTGO,
    RESERVE,
    Board,
)

FAR = 2**60
"""More than any number of units."""


@entrance
def count(b: Board, k: int, f: int, missed: Ints) -> float:
    """Units the facility misses of the item with its best quotas, into ``missed`` (C,); returns
    their points."""
    missed[:] = 0
    if b.place[k, f, NEEDED] == 0:
        return 0.0
    n_days, points = b.litres.shape[1], 0.0
    end, inside = np.zeros(n_days, np.int64), np.zeros((n_days + 1, n_days), np.int64)
    total, brief = _gaps(b, k, f, end, inside)
    work, demand = np.zeros((4, n_days), np.int64), b.demand[k, f]
    for c in b.order:
        missed[c] = _grant(demand[c], total, inside, brief, end, work)
        points += b.points[f, c] * missed[c]
    return points


@inner
def heaviest_days(b: Board, k: int, f: int, days: Ints) -> None:
    """The day on which each class misses most, into ``days`` (C,); -1 where it misses nothing."""
    n_days = b.litres.shape[1]
    end, inside = np.zeros(n_days, np.int64), np.zeros((n_days + 1, n_days), np.int64)
    total, brief = _gaps(b, k, f, end, inside)
    work, demand = np.zeros((4, n_days), np.int64), b.demand[k, f]
    for c in b.order:
        missed = _grant(demand[c], total, inside, brief, end, work)
        days[c] = work[1].argmax() if missed else -1


@inner
def _gaps(b: Board, k: int, f: int, end: Ints, inside: Ints) -> tuple[int, int]:
    """``quotas._Gaps`` of the facility into ``end`` (T,) and ``inside`` (T + 1, T); the usable units and
    the first day by which any have expired."""
    n_days, n_lots = len(end), b.item[k, LOTS]
    here = b.item[k, CELL0] + f * n_lots * n_days
    stock = b.stock[here : here + n_lots * n_days]
    expiry = b.expiry[b.item[k, LOT0] : b.item[k, LOT0] + n_lots]
    return _gaps_of_stock(stock, expiry, b.sends[k, f], b.place[k, f, RESERVE], end, inside)


@part
def _gaps_of_stock(
    stock: Ints, expiry: Ints, sends: Ints, reserve: int, end: Ints, inside: Ints
) -> tuple[int, int]:
    """Of one place's stock, cells by lot and day: what is usable of each lot, the first in being held
    for what leaves; then the reserve, which can still be set aside on a day of dispatch."""
    n_days, total, brief = len(end), 0, len(end)
    usable = np.zeros(len(expiry), np.int64)
    for lot in range(len(expiry)):
        cell, held, received = lot * n_days, 0, 0
        for at in range(cell, cell + n_days):
            held += stock[at, OUTGO]
            received += stock[at, BEFORE] + stock[at, AFTER]
        units = received - held
        if units <= 0:
            continue
        usable[lot] = units
        total += units
        gone, so_far = max(expiry[lot] + 1, 0), 0
        brief = min(brief, gone)
        for day in range(gone, n_days):
            inside[0, day] += units
        for day in range(n_days):
            so_far += stock[cell + day, BEFORE] + stock[cell + day, AFTER]
            later = units - max(0, so_far - held)
            if later == 0:
                break  # all of it is in
            end[day] -= later
            for expired in range(gone, n_days):
                inside[day + 1, expired] += later
    for day in range(n_days):
        if sends[day]:
            kept = -reserve
            for lot in range(len(expiry)):
                if expiry[lot] >= day:
                    kept += stock[lot * n_days + day, LEFT] - usable[lot]
            for earlier in range(day):
                end[earlier] = min(end[earlier], kept - inside[earlier + 1, day])
    return total, brief


@inner
def _grant(wanted: Ints, total: int, inside: Ints, brief: int, end: Ints, work: Ints) -> int:
    """Give one class what it can get day by day, adding it to the first row of ``work`` (4, T);
    returns what it misses, by day in the second. ``brief``: nothing of ``inside`` has expired before
    that day, so until then the least of all ways is that of the nearest and of the least before."""
    n_days, asked = len(end), 0
    used, lost, after, before = work[0], work[1], work[2], work[3]
    for day in range(n_days):
        lost[day] = wanted[day]
        asked += wanted[day]
    if asked == 0:
        return 0
    near, after[n_days - 1] = FAR, end[n_days - 1]
    for day in range(n_days - 2, -1, -1):
        if day + 1 < brief:
            near = min(near, after[day + 1] - used[day + 1])
        least = min(end[day], near)
        for later in range(max(day + 1, brief), n_days):
            least = min(least, after[later] - used[later] - inside[day + 1, later])
        after[day] = least
    near = 0
    for day in range(n_days):
        if day < brief:
            least = near
        else:
            least = -inside[0, day]
            for earlier in range(day):
                least = min(least, before[earlier] - inside[earlier + 1, day])
        least -= used[day]
        given = max(0, min(wanted[day], total + least + after[day]))
        used[day] += given
        lost[day] -= given
        asked -= given
        before[day] = least - given
        near = min(near, before[day])
    return asked


@entrance
def recount(b: Board) -> None:
    """Everybody's ``missing`` and ``cost`` anew."""
    for k in range(b.missing.shape[0]):
        for f in range(b.missing.shape[1]):
            b.cost[k, f] = count(b, k, f, b.missing[k, f])


@entrance
def total_points(b: Board, points: Floats) -> float:
    """Points of everything missed as last counted, at ``points`` (F, C) per unit."""
    total = 0.0
    for k in range(b.missing.shape[0]):
        for f in range(b.missing.shape[1]):
            for c in range(b.missing.shape[2]):
                total += points[f, c] * b.missing[k, f, c]
    return total
