"""Reasons: for each facility and class what it got, from whom, and what stood in the way of more.

The obstacle is that of the item it misses most, found by ``explaining.causes`` on the final plan: the
pack that comes nearest to helping, and the rules that stop it.
"""

from __future__ import annotations

import time

import numpy as np

from supply.allocation.arrays import Floats, Ints, Moves, ProblemArrays
from supply.allocation.explaining.causes import Cause, causes_of
from supply.allocation.explaining.telling import Told, day_number, tell_cause
from supply.allocation.instance import CLASSES
from supply.allocation.neighbourhood import litres_left, neighbourhood
from supply.allocation.plan import Reason
from supply.core.text import Text, counted, group_digits

CLASS_NAMES_VI = ("nguy kịch", "nặng", "nhân viên y tế", "nhẹ")
CLASS_NAMES_EN = ("critical", "severe", "staff", "mild")
SECONDS_MAX = 10.0
"""Time for obstacles; past it (a whole country) a reason tells what is missed without one."""

Pairs = dict[tuple[int, int], int]


def reasons_for(
    problem: ProblemArrays, moves: list[Moves], quotas: list[Ints]
) -> tuple[Reason, ...]:
    """One reason per facility and class with any need."""
    needed = np.array([item.demand.sum(axis=2) for item in problem.items])
    served = np.array([given.sum(axis=2) for given in quotas])
    missing = needed - served
    received = _received(problem, moves)
    worst = {
        (f, c): int(missing[:, f, c].argmax())
        for f, c in np.argwhere(missing.sum(axis=0) > 0).tolist()
    }
    causes = _causes(problem, moves, worst)
    rows = []
    for c, f in np.argwhere(needed.sum(axis=0).T > 0).tolist():
        got = _got(int(served[:, f, c].sum()), int(needed[:, f, c].sum()), received[f])
        end = Text("đủ nhu cầu", "need is met")
        if (f, c) in worst:
            k = worst[f, c]
            name, short = problem.item_ids[k], group_digits(int(missing[k, f, c]))
            end = Text(f"thiếu nhiều nhất {name} ({short})", f"misses most of {name} ({short})")
            if (f, c) in causes:
                why = tell_cause(_told(problem, k, causes[f, c]))
                end = Text(f"{end.vi}: {why.vi}", f"{end.en}: {why.en}")
        rows.append(
            Reason(
                problem.facility_ids[f],
                CLASSES[c],
                f"Nhóm {CLASS_NAMES_VI[c]}: {got.vi}; {end.vi}.",
                f"Class {CLASS_NAMES_EN[c]}: {got.en}; {end.en}.",
            )
        )
    return tuple(rows)


def _got(served: int, needed: int, senders: int) -> Text:
    vi = f"được {group_digits(served)}/{group_digits(needed)}"
    en = f"gets {group_digits(served)} of {group_digits(needed)}"
    if senders:
        vi += f", trong đó nhận chuyển đến từ {senders} nơi"
        places = counted(senders, Text("nơi", "places"))
        en += f", with transfers from {senders} {places.en}"
    return Text(vi, en)


def _received(problem: ProblemArrays, moves: list[Moves]) -> list[int]:
    """(F,) number of places each facility receives anything from."""
    network = problem.network
    arcs = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(m.arc for m in moves)]))
    pairs = network.destination[arcs.astype(np.int64)]
    return np.bincount(pairs, minlength=network.n_facilities).tolist()


def _causes(
    problem: ProblemArrays, moves: list[Moves], worst: Pairs
) -> dict[tuple[int, int], Cause]:
    """What stops the item each (facility, class) misses most, as far as the time goes."""
    network, until = problem.network, time.monotonic() + SECONDS_MAX
    litres: Floats = litres_left(problem, moves)
    found: dict[tuple[int, int], Cause] = {}
    for k in sorted(set(worst.values())):
        if time.monotonic() > until:
            break
        receivers = np.zeros(network.n_facilities, dtype=bool)
        receivers[[f for (f, _), item in worst.items() if item == k]] = True
        near = neighbourhood(problem.items[k], network, moves[k], litres, receivers, thorough=False)
        causes = causes_of(near, network, litres, problem.weights, receivers)
        found |= {key: cause for key, cause in causes.items() if worst.get(key) == k}
    return found


def _told(problem: ProblemArrays, k: int, cause: Cause) -> Told:
    """A cause by codes and day numbers; whoever has names and a calendar puts them in."""
    origin, item = problem.facility_ids[cause.origin] if cause.origin >= 0 else "", problem.items[k]
    return Told(
        cause.kinds,
        Text(origin, origin),
        day_number(cause.day),
        item.lot_ids[cause.lot] if cause.lot >= 0 else "",
        cause.stock,
        item.pack_size,
        max(0, cause.arrival_day - cause.day),
    )
