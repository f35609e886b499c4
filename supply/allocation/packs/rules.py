"""Packs entered and taken back, with every rule kept on the way, compiled.

A lot's last units, fewer than a pack, may leave too, all at once: then nothing of the lot may be
there after that day's dispatches, so no pack of it may come in before, or stay there after all. What
leaves is counted as if nobody used anything; a lot sent to its last unit is then held from use by
``quotas`` until it leaves, and is all there on the day.
"""

from __future__ import annotations

from supply.allocation.compiling import entrance, inner
from supply.allocation.packs.board import (
    AFTER,
    BEFORE,
    BROKEN,
    CELL0,
    DESTINATION,
    LEAD,
    LEAST,
    LEFT,
    LOT0,
    LOTS,
    MOST,
    MOVED,
    ORIGIN,
    OUTGO,
    PACK,
    RESERVE,
    SENT0,
    SHELF,
    Board,
)

LITRES_SLACK = 1e-7


@entrance
def room(b: Board, k: int, arc: int, lot: int, day: int, rest: bool) -> int:
    """Units, in whole packs, that may still leave over the arc from the lot on the day; with ``rest``
    everything left of the lot, where that is less than a pack."""
    origin, lead, n_days = b.arcs[arc, ORIGIN], b.arcs[arc, LEAD], b.litres.shape[1]
    expiry = b.expiry[b.item[k, LOT0] + lot]
    last = min(expiry, n_days - 1)
    if expiry - day - lead < b.item[k, SHELF] or day > last or b.vehicle[origin, day] <= 0:
        return 0
    there = b.stock[b.item[k, CELL0] + (origin * b.item[k, LOTS] + lot) * n_days + day, LEFT]
    if there < (1 if rest else b.item[k, PACK]):
        return 0
    if b.volume[k] > 0:
        space = b.litres[origin, day] / b.volume[k] + LITRES_SLACK
        if space < min(there, b.item[k, PACK]):
            return 0
        if space < there:
            there = int(space)
    if _is_broken_from(b, k, b.arcs[arc, DESTINATION], lot, day + lead + (lead == 0)):
        return 0
    units = min(there, _spare(b, k, origin, lot, day, last, True))
    if b.pins[k, arc, MOST] >= 0:
        units = min(units, b.pins[k, arc, MOST] - b.pins[k, arc, MOVED])
    if rest and 0 < units < b.item[k, PACK]:
        left = b.stock[b.item[k, CELL0] + (origin * b.item[k, LOTS] + lot) * n_days + day, LEFT]
        return units if units == left else 0
    return max(0, units // b.item[k, PACK] * b.item[k, PACK])


@inner
def _is_broken_from(b: Board, k: int, f: int, lot: int, first: int) -> bool:
    """Whether a broken pack takes everything left of the lot on ``first`` or a later day."""
    n_days = b.litres.shape[1]
    cell = b.item[k, CELL0] + (f * b.item[k, LOTS] + lot) * n_days
    for day in range(first, n_days):  # noqa: SIM110 - the loop is what is compiled well
        if b.stock[cell + day, BROKEN]:
            return True
    return False


@inner
def _spare(b: Board, k: int, f: int, lot: int, day: int, last: int, sends_first: bool) -> int:
    """Units of the lot that nothing from ``day`` to ``last`` needs: no later dispatch, and no
    reserve on a day of dispatch; ``sends_first``: the first day is one."""
    n_days, n_lots = b.litres.shape[1], b.item[k, LOTS]
    first_cell = b.item[k, CELL0] + f * n_lots * n_days
    cell = first_cell + lot * n_days
    units = b.stock[cell + day, LEFT]
    for on in range(day + 1, last + 1):
        units = min(units, b.stock[cell + on, LEFT])
    for on in range(day, last + 1):
        if b.sends[k, f, on] or (sends_first and on == day):
            kept = -b.place[k, f, RESERVE]
            for other in range(n_lots):
                if b.expiry[b.item[k, LOT0] + other] >= on:
                    kept += b.stock[first_cell + other * n_days + on, LEFT]
            units = min(units, kept)
    return units


@entrance
def can_take_back(b: Board, k: int, arc: int, lot: int, day: int, units: int) -> bool:
    """Whether so much of the shipment, packs or with them what is less than one, may stay where it
    was: nothing the receiver sends on later needs it, no other broken pack was to leave nothing
    behind, and no pin."""
    n_days, pack = b.litres.shape[1], b.item[k, PACK]
    there = b.sent[b.item[k, SENT0] + (arc * b.item[k, LOTS] + lot) * n_days + day]
    broken = units % pack
    if units <= 0 or there < units or (broken and broken != there % pack):
        return False
    if b.pins[k, arc, MOVED] - units < b.pins[k, arc, LEAST]:
        return False
    if _is_broken_from(b, k, b.arcs[arc, ORIGIN], lot, day + (broken > 0)):
        return False
    lead = b.arcs[arc, LEAD]
    first = day + lead + (lead == 0)
    last = min(b.expiry[b.item[k, LOT0] + lot], n_days - 1)
    if first > last:
        return True
    return _spare(b, k, b.arcs[arc, DESTINATION], lot, first, last, False) >= units


@inner
def put(b: Board, k: int, arc: int, lot: int, day: int, units: int) -> None:
    """What a shipment, negative when taken back, does to stock at both ends; vehicles apart."""
    n_days = b.litres.shape[1]
    origin, target, lead = b.arcs[arc, ORIGIN], b.arcs[arc, DESTINATION], b.arcs[arc, LEAD]
    cell = b.item[k, CELL0] + (origin * b.item[k, LOTS] + lot) * n_days
    for on in range(day, n_days):
        b.stock[cell + on, LEFT] -= units
    had = b.stock[cell + day, OUTGO] > 0
    b.stock[cell + day, OUTGO] += units
    b.sends[k, origin, day] += (b.stock[cell + day, OUTGO] > 0) - had
    if day + lead < n_days:
        cell = b.item[k, CELL0] + (target * b.item[k, LOTS] + lot) * n_days
        for on in range(day + lead + (lead == 0), n_days):
            b.stock[cell + on, LEFT] += units
        if lead:
            b.stock[cell + day + lead, BEFORE] += units
        else:
            b.stock[cell + day, AFTER] += units


@entrance
def ship(b: Board, k: int, arc: int, lot: int, day: int, units: int) -> None:
    """Enter a shipment; a negative one takes it back."""
    put(b, k, arc, lot, day, units)
    n_days, origin = b.litres.shape[1], b.arcs[arc, ORIGIN]
    b.litres[origin, day] -= units * b.volume[k]
    b.pins[k, arc, MOVED] += units
    key = b.item[k, SENT0] + (arc * b.item[k, LOTS] + lot) * n_days + day
    was = b.sent[key] % b.item[k, PACK] > 0
    b.sent[key] += units
    now = b.sent[key] % b.item[k, PACK] > 0
    b.stock[b.item[k, CELL0] + (origin * b.item[k, LOTS] + lot) * n_days + day, BROKEN] += now - was
