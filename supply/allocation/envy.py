"""Could any place be lifted without pushing a worse-off one? Every pack that may still move. Pure.

In one item and one class, a place f is lifted by a pack from g. Nobody worse off is pushed when no
more urgent class at g loses anything and g, if it loses in that class, stays above where f stood:

    served_g after / needed_g  >  served_f / needed_f.                                        (1)

Then the sorted coverages, worst first, are better after than before. A plan without such a pack
cannot be bettered for its worst-off by any one pack. Worked number: f has 2 of 10, g 9 of 10; a
pack of 5 leaves g 4 of 10 > 2 of 10: a lift. With g at 7 of 10 it would leave 2 of 10: none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.allocation.arrays import Floats, Ints, Network
from supply.allocation.neighbourhood import Neighbourhood
from supply.allocation.ways import ways_into


@dataclass(frozen=True)
class Lift:
    """A pack that would lift ``facility`` in ``cls``: units served there and at the sender in that
    class, before and after; ``points`` it takes off the shortage (negative: it adds)."""

    facility: int
    cls: int
    origin: int
    lot: int
    day: int
    served: tuple[int, int]
    needed: int
    giver_served: tuple[int, int]
    giver_needed: int
    points: int


def lifts_of(
    near: Neighbourhood, network: Network, litres: Floats, weights: Ints
) -> tuple[list[Lift], int]:
    """The best lift of every (facility, class) that has one, and how many packs were tried."""
    found, tried = [], 0
    for facility in np.flatnonzero(near.missing.any(axis=1)).tolist():
        arcs = np.flatnonzero(network.destination == facility)
        ways = ways_into(near, network, litres, facility, arcs)
        possible = ways.possible
        tried += int(possible.sum())
        if not possible.any():
            continue
        points = (ways.gain - ways.loss) @ weights
        for cls in np.flatnonzero(near.missing[facility]).tolist():
            served, needed = near.served[facility, cls], near.needed[facility, cls]
            theirs = near.served[ways.origins, cls][:, None, None]
            total = near.needed[ways.origins, cls][:, None, None]
            lost = ways.loss[..., cls]
            above = (theirs - lost) * needed > served * total
            lifted = possible & (ways.gain[..., cls] > 0) & ((lost == 0) | above)
            lifted &= ~ways.loss[..., :cls].any(axis=3)
            if not lifted.any():
                continue
            best = int(np.where(lifted, points, np.iinfo(np.int64).min).argmax())
            arc, lot, day = (int(i) for i in np.unravel_index(best, lifted.shape))
            origin = int(ways.origins[arc])
            gives = int(near.served[origin, cls])
            found.append(
                Lift(
                    facility,
                    cls,
                    origin,
                    lot,
                    day,
                    (int(served), int(served + ways.gain[arc, lot, day, cls])),
                    int(needed),
                    (gives, gives - int(lost[arc, lot, day])),
                    int(near.needed[origin, cls]),
                    int(points[arc, lot, day]),
                )
            )
            break
    return found, tried


def is_lift(before: Ints, after: Ints, needed: Ints) -> bool:
    """Whether a pack lifts, by (1), in any class: (2, C) units at its sender and at its receiver."""
    lost, gained = before[0] - after[0], after[1] - before[1]
    above = after[0] * needed[1] > before[1] * needed[0]
    spared = np.cumsum(lost > 0) - (lost > 0) == 0  # no more urgent class loses anything
    return bool((spared & (gained > 0) & ((lost <= 0) | above)).any())
