"""Some packs taken back and better ones sent, again and again: what is worse in the end is undone.

A round starts from somebody who misses something, drawn by the points of it, and takes packs back
that stand in the way: a few days of one sender who could help, or what the place gets of a few items
from everybody. Then the pack that saves most points per litre goes, and the next, until nothing fits
or saves; every figure is the exact count of ``counting``. What a pack could save at most is known
without counting, so most ways are never counted. All of ``rules`` hold at every step.

Where the worst-off come first (``fairly``) a round must also leave nobody with less of the most
urgent class that it changes: it may take from the mild for the critical, never from one place's
critical for another's.

This is ruin and recreate (Schrimpf et al., J. Comput. Phys. 159, 2000) with exact values.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from supply.allocation.arrays import Floats, Ints
from supply.allocation.compiling import entrance, inner, part
from supply.allocation.packs.board import (
    CELL0,
    DESTINATION,
    IN,
    INTO,
    LEAD,
    LEFT,
    LOTS,
    MOVED,
    ORIGIN,
    OUT,
    PACK,
    SENT0,
    Board,
)
from supply.allocation.packs.counting import count, heaviest_days
from supply.allocation.packs.rules import LITRES_SLACK, can_take_back, put, room, ship

FILL_UP, ROUNDS, TIDY_UP = range(3)
"""Tasks of ``rebuild``."""

STEPS_MAX, OFFERS_MAX = 4000, 40_000
"""Shipments entered or taken back in a round, and packs looked at, at most."""

RUINED_MAX, RUINED_MAX_FAIRLY = 80, 10
"""Packs taken back in a round, at most; a few of them in most rounds."""

ITEMS_MAX = 4
"""Other items that give up packs in a round."""

DAYS_MAX = 5
"""Days of a sender that a round looks at."""

NOISE = 0.4
"""What a pack seems to save per litre is up to so much more or less, half each way, drawn anew."""

THOROUGH = 0.2
"""Part of the rounds that send packs for every class a place misses, and what is left of a lot with
less than a pack; the others for the most urgent class alone."""

LEAST_POINTS, LEAST_LITRES = 1e-3, 1e-9
"""A pack that saves less saves nothing; one without volume counts as so much, to divide by."""


class Log(NamedTuple):
    """What a round did: ``sizes`` (2,) how many of ``steps`` (N, 5) item, arc, lot, day, units, and how
    many counts: of ``pairs`` (M, 2) item and facility, what was missing (M, C) and its cost (M,)."""

    sizes: Ints
    steps: Ints
    pairs: Ints
    missed: Ints
    cost: Floats


class Offers(NamedTuple):
    """Packs that could be sent: ``size`` (1,) of ``rows`` (N, 4) item, arc, lot, day, and ``noise`` (N,)
    that their points are multiplied by."""

    size: Ints
    rows: Ints
    noise: Floats


class Round(NamedTuple):
    """How a round goes about it: at most so many packs taken back, among these items alone;
    ``thorough`` and ``noise`` as above."""

    ruined_max: int
    mine: Ints
    thorough: bool
    noise: float


@part
def _new_log(n_classes: int) -> Log:
    return Log(
        np.zeros(2, np.int64),
        np.zeros((STEPS_MAX, 5), np.int64),
        np.zeros((4 * STEPS_MAX, 2), np.int64),
        np.zeros((4 * STEPS_MAX, n_classes), np.int64),
        np.zeros(4 * STEPS_MAX),
    )


@part
def _new_offers() -> Offers:
    return Offers(np.zeros(1, np.int64), np.zeros((OFFERS_MAX, 4), np.int64), np.zeros(OFFERS_MAX))


@inner
def _step(b: Board, log: Log, k: int, arc: int, lot: int, day: int, units: int) -> None:
    """Enter a shipment, or take one back."""
    ship(b, k, arc, lot, day, units)
    row = log.steps[log.sizes[0]]
    row[0], row[1], row[2], row[3], row[4] = k, arc, lot, day, units
    log.sizes[0] += 1


@inner
def _recount(b: Board, log: Log, k: int, f: int) -> float:
    """Count a place anew; the points saved since it was last counted."""
    n = log.sizes[1]
    log.pairs[n, 0], log.pairs[n, 1] = k, f
    log.missed[n] = b.missing[k, f]
    log.cost[n] = b.cost[k, f]
    log.sizes[1] += 1
    b.cost[k, f] = count(b, k, f, b.missing[k, f])
    return log.cost[n] - b.cost[k, f]


@inner
def _undo(b: Board, log: Log) -> None:
    """Everything as it was before the round."""
    for n in range(log.sizes[0] - 1, -1, -1):
        k, arc, lot, day, units = log.steps[n]
        ship(b, k, arc, lot, day, -units)
    for n in range(log.sizes[1] - 1, -1, -1):
        k, f = log.pairs[n]
        b.missing[k, f] = log.missed[n]
        b.cost[k, f] = log.cost[n]


@inner
def _is_fair(b: Board, log: Log) -> bool:
    """Whether nobody has less of the most urgent class that changed."""
    for c in range(b.missing.shape[2]):
        changed = False
        for n in range(log.sizes[1]):
            k, f = log.pairs[n]
            first = True
            for earlier in range(n):
                first &= log.pairs[earlier, 0] != k or log.pairs[earlier, 1] != f
            if first and b.missing[k, f, c] > log.missed[n, c]:
                return False
            changed |= first and b.missing[k, f, c] != log.missed[n, c]
        if changed:
            return True
    return True


# --- taking back ---------------------------------------------------------------------------------


@part
def _drawn_miss(b: Board, mine: Ints) -> tuple[int, int]:
    """An item and a facility that misses some of it, drawn by its points; -1 where nobody does."""
    total = 0.0
    for k in mine:
        total += b.cost[k].sum()
    at = total * np.random.random()
    found = -1, -1
    for k in mine:
        for f in range(b.cost.shape[1]):
            if b.cost[k, f] > 0:
                found = k, f
                at -= b.cost[k, f]
                if at <= 0:
                    return found
    return found


@inner
def _empty_way(
    b: Board, log: Log, k: int, arc: int, days: tuple[int, int], part: float, most: int
) -> bool:
    """Take back of the item what goes over the arc on these days, a shipment with the chance ``part``,
    while fewer than ``most`` steps were made; tells whether any was."""
    if b.pins[k, arc, MOVED] == 0:
        return False
    n_days, before = b.litres.shape[1], log.sizes[0]
    for lot in range(b.item[k, LOTS]):
        for day in range(days[0], days[1]):
            key = b.item[k, SENT0] + (arc * b.item[k, LOTS] + lot) * n_days + day
            if b.sent[key] == 0 or np.random.random() > part:
                continue
            while log.sizes[0] < most and b.sent[key] > 0:
                units = b.sent[key] % b.item[k, PACK]
                units = units if units > 0 else b.item[k, PACK]
                if not can_take_back(b, k, arc, lot, day, units):
                    break
                _step(b, log, k, arc, lot, day, -units)
    return log.sizes[0] > before


@part
def _empty_sender(b: Board, log: Log, way: Round, s: int, items: Ints) -> tuple[float, int]:
    """Take back what leaves the sender on a few days, of the first item and some drawn ones, which are
    put behind it; the points saved and how many items they are."""
    n_days, saved, n = b.litres.shape[1], 0.0, 1
    length = np.random.randint(1, min(DAYS_MAX, n_days) + 1)
    first = np.random.randint(n_days - length + 1)
    start, n_max = np.random.randint(len(way.mine)), np.random.randint(1, ITEMS_MAX + 1)
    for i in range(len(way.mine)):
        if n > n_max or log.sizes[0] >= way.ruined_max:
            break
        k, gone = way.mine[(start + i) % len(way.mine)], False
        for arc in range(b.ends[s, OUT], b.ends[s + 1, OUT]):
            if _empty_way(b, log, k, arc, (first, first + length), 0.7, way.ruined_max):
                saved += _recount(b, log, k, b.arcs[arc, DESTINATION])
                gone = True
        if gone:
            saved += _recount(b, log, k, s)
            if k != items[0]:
                items[n] = k
                n += 1
    return saved, n


@part
def _empty_receiver(b: Board, log: Log, way: Round, f: int, items: Ints) -> tuple[float, int]:
    """Take back what comes to the facility of the first item and some drawn ones, which are put
    behind it; the points saved and how many items they are."""
    n_days, saved, n = b.litres.shape[1], 0.0, np.random.randint(1, ITEMS_MAX + 1)
    part = 0.3 + 0.7 * np.random.random()
    for i in range(n):
        if i > 0:
            items[i] = way.mine[np.random.randint(len(way.mine))]
        k, gone = items[i], False
        for arc in b.arcs[b.ends[f, IN] : b.ends[f + 1, IN], INTO]:
            if _empty_way(b, log, k, arc, (0, n_days), part, way.ruined_max):
                saved += _recount(b, log, k, b.arcs[arc, ORIGIN])
                gone = True
        if gone:
            saved += _recount(b, log, k, f)
    return saved, n


# --- sending again -------------------------------------------------------------------------------


@part
def _most_per_litre(b: Board, k: int, f: int) -> float:
    """Points per litre that a pack can save at most at the facility: all of it for what is missed."""
    left, points = b.item[k, PACK], 0.0
    for c in b.order:
        units = min(left, b.missing[k, f, c])
        points += units * b.points[f, c]
        left -= units
    return points / max(b.item[k, PACK] * b.volume[k], LEAST_LITRES)


@inner
def _offer_way(
    b: Board,
    heap: list[tuple[float, int]],
    offers: Offers,
    k: int,
    arc: int,
    dues: Ints,
    way: Round,
) -> None:
    """Put packs over the arc into the heap, as late as is in time for the ``dues``: of each lot that
    has one, or with ``thorough`` less, while the vehicle has room by then."""
    n_days, origin = b.litres.shape[1], b.arcs[arc, ORIGIN]
    most = _most_per_litre(b, k, b.arcs[arc, DESTINATION])
    for c in range(len(dues)):
        latest = dues[c] - b.arcs[arc, LEAD]
        if dues[c] < 0 or latest < 0:
            continue
        for lot in range(b.item[k, LOTS]):
            cell = b.item[k, CELL0] + (origin * b.item[k, LOTS] + lot) * n_days + latest
            there = b.stock[cell, LEFT]
            if there <= 0 or (there < b.item[k, PACK] and not way.thorough):
                continue
            litres = min(there, b.item[k, PACK]) * b.volume[k] - LITRES_SLACK
            day = latest
            while day >= 0 and b.litres[origin, day] < litres:
                day -= 1
            n = offers.size[0]
            if day < 0 or n == OFFERS_MAX:
                continue
            row = offers.rows[n]
            row[0], row[1], row[2], row[3] = k, arc, lot, day
            offers.noise[n] = 1 + way.noise * (np.random.random() - 0.5)
            offers.size[0] += 1
            heappush(heap, (-most * offers.noise[n], n))


@inner
def _due(b: Board, k: int, f: int, dues: Ints, thorough: bool) -> None:
    """The days on which the facility misses most of each class, -1 elsewhere and where the day was
    named before; without ``thorough`` of the most urgent class that it misses alone."""
    heaviest_days(b, k, f, dues)
    found = False
    for c in range(len(dues)):
        if found and not thorough:
            dues[c] = -1
        found |= dues[c] >= 0
        for earlier in range(c):
            if dues[earlier] == dues[c]:
                dues[c] = -1


@part
def _value_of(b: Board, k: int, arc: int, lot: int, day: int, units: int, missed: Ints) -> float:
    """Points that so much more on the shipment would save at both ends."""
    origin, target = b.arcs[arc, ORIGIN], b.arcs[arc, DESTINATION]
    put(b, k, arc, lot, day, units)
    cost = count(b, k, origin, missed) + count(b, k, target, missed)
    put(b, k, arc, lot, day, -units)
    return b.cost[k, origin] + b.cost[k, target] - cost


@inner
def _send_again(
    b: Board, log: Log, offers: Offers, way: Round, senders: Ints, items: Ints
) -> float:
    """Send from these senders, of these items, the packs that save most per litre; the points saved."""
    saved, n_classes = 0.0, b.missing.shape[2]
    missed, dues = np.empty(n_classes, np.int64), np.empty(n_classes, np.int64)
    heap = [(0.0, 0)]
    heap.pop()
    offers.size[0] = 0
    for k in items:
        for s in senders:
            for arc in range(b.ends[s, OUT], b.ends[s + 1, OUT]):
                if b.cost[k, b.arcs[arc, DESTINATION]] > 0:
                    _due(b, k, b.arcs[arc, DESTINATION], dues, way.thorough)
                    _offer_way(b, heap, offers, k, arc, dues, way)
    while len(heap) > 0 and log.sizes[0] < STEPS_MAX:
        _, n = heappop(heap)
        k, arc, lot, day = offers.rows[n]
        units = 0
        while units == 0 and day >= 0:
            units = min(b.item[k, PACK], room(b, k, arc, lot, day, way.thorough))
            day -= 1
        if units == 0:
            continue
        day += 1
        value = _value_of(b, k, arc, lot, day, units, missed)
        if value < LEAST_POINTS:
            continue
        now = -value / max(units * b.volume[k], LEAST_LITRES) * offers.noise[n]
        if len(heap) > 0 and now > heap[0][0] + 1e-9 * abs(now):
            offers.rows[n, 3] = day
            heappush(heap, (now, n))
            continue
        _step(b, log, k, arc, lot, day, units)
        target = b.arcs[arc, DESTINATION]
        saved += _recount(b, log, k, b.arcs[arc, ORIGIN]) + _recount(b, log, k, target)
        if b.cost[k, target] > 0:
            _due(b, k, target, dues, way.thorough)
            _offer_way(b, heap, offers, k, arc, dues, way)
    return saved


# --- rounds --------------------------------------------------------------------------------------


@entrance
def rebuild(b: Board, mine: Ints, task: int, rounds: int, fairly: bool, seed: int) -> float:
    """Do one of the tasks among these items; the points saved. ``FILL_UP``: send whatever still saves;
    ``TIDY_UP``: without losing a point, take back what serves nobody and let what can go together go
    together; ``ROUNDS``: so many of them."""
    log, offers = _new_log(b.missing.shape[2]), _new_offers()
    if task == FILL_UP:
        return _fill_up(b, log, offers, mine, fairly)
    if task == TIDY_UP:
        return _tidy_up(b, log, mine, fairly)
    np.random.seed(seed)
    items, saved = np.empty(ITEMS_MAX + 1, np.int64), 0.0
    for _ in range(rounds):
        k, f = _drawn_miss(b, mine)
        if k < 0:
            break
        saved += _round(b, log, offers, mine, k, f, items, fairly)
    return saved


@part
def _tidy_up(b: Board, log: Log, mine: Ints, fairly: bool) -> float:
    """Each shipment, the smallest lots of an item included: not at all, or on another day on which the
    same goes the same way anyhow, if nobody loses by it."""
    saved, n_days = 0.0, b.litres.shape[1]
    for k in mine:
        for arc in range(len(b.arcs)):
            for lot in range(b.item[k, LOTS] if b.pins[k, arc, MOVED] > 0 else 0):
                key = b.item[k, SENT0] + (arc * b.item[k, LOTS] + lot) * n_days
                for day in range(n_days):
                    if b.sent[key + day] > 0:
                        saved += _tidy_one(b, log, k, arc, lot, day, b.sent[key + day], fairly)
    return saved


@part
def _tidy_one(
    b: Board, log: Log, k: int, arc: int, lot: int, day: int, units: int, fairly: bool
) -> float:
    """The points saved by sending none of a shipment (-1 among the days), or on another day."""
    n_days, pack = b.litres.shape[1], b.item[k, PACK]
    key = b.item[k, SENT0] + (arc * b.item[k, LOTS] + lot) * n_days
    if not can_take_back(b, k, arc, lot, day, units):
        return 0.0
    for other in range(-1, n_days):
        if other >= 0 and (other == day or b.sent[key + other] == 0 or units % pack > 0):
            continue
        log.sizes[:] = 0
        _step(b, log, k, arc, lot, day, -units)
        if other < 0 or room(b, k, arc, lot, other, False) >= units:
            if other >= 0:
                _step(b, log, k, arc, lot, other, units)
            saved = _recount(b, log, k, b.arcs[arc, ORIGIN])
            saved += _recount(b, log, k, b.arcs[arc, DESTINATION])
            if saved >= 0 and (not fairly or _is_fair(b, log)):
                return saved
        _undo(b, log)
    return 0.0


@part
def _fill_up(b: Board, log: Log, offers: Offers, mine: Ints, fairly: bool) -> float:
    """Send whatever still saves, item by item, the most points per litre first."""
    way, senders, saved = Round(0, mine, True, 0.0), np.arange(len(b.ends) - 1), 0.0
    for n in range(len(mine)):
        log.sizes[:] = 0
        saved += _settled(
            b, log, _send_again(b, log, offers, way, senders, mine[n : n + 1]), fairly
        )
    return saved


@part
def _round(
    b: Board, log: Log, offers: Offers, mine: Ints, k: int, f: int, items: Ints, fairly: bool
) -> float:
    """One round for an item that a facility misses; the points saved."""
    near = b.arcs[b.ends[f, IN] : b.ends[f + 1, IN], INTO]
    if len(near) == 0:
        return 0.0
    few = 2 + int((RUINED_MAX_FAIRLY if fairly else RUINED_MAX) ** np.random.random())
    way = Round(few, mine, np.random.random() < THOROUGH, NOISE * np.random.random())
    log.sizes[:] = 0
    items[0], senders = k, b.arcs[:, ORIGIN][near]
    if np.random.random() < 0.5:
        at = np.random.randint(len(near))
        senders = senders[at : at + 1]
        saved, n = _empty_sender(b, log, way, senders[0], items)
    else:
        saved, n = _empty_receiver(b, log, way, f, items)
    saved += _send_again(b, log, offers, way, senders, items[:n])
    return _settled(b, log, saved, fairly)


@inner
def _settled(b: Board, log: Log, saved: float, fairly: bool) -> float:
    """What was done stands if it saves, and fairly; else it is undone. The points saved."""
    if saved < LEAST_POINTS or (fairly and not _is_fair(b, log)):
        _undo(b, log)
        return 0.0
    return saved
