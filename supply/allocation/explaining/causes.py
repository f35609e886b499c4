"""Why a place misses what it misses: the way that comes nearest to helping, and what stops it. Pure.

Among all packs that could still be sent to it, the one is told that the fewest rules stop. That a
sender would miss the pack itself, as much or more, counts as more than two rules: goods that are
idle behind a full lorry and a reserve say more than goods in use. If nobody who can send has
anything, that is told, and whether it lies idle where no way leads from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.allocation.arrays import Bools, Floats, Ints, Network
from supply.allocation.neighbourhood import Neighbourhood
from supply.allocation.ways import RULES, Ways, ways_into

OWN_NEED_WEIGHT = 2.5
KINDS = (*RULES, "own_need", "late_stock", "no_arc", "nothing_left", "open")
"""``own_need``: the sender would miss it as much; ``late_stock``: comes to the sender too late;
``open``: nothing stops it, the plan did not do it."""


@dataclass(frozen=True)
class Cause:
    """What stops the nearest pack, figures in units; -1 where there is no such figure.

    ``origin`` who would send it and ``lot``, ``day`` which and when; ``stock`` and ``spare`` there,
    above the reserve; ``litres`` left on its vehicles; ``arrival_day``.
    """

    kinds: tuple[str, ...]
    origin: int = -1
    lot: int = -1
    day: int = -1
    arrival_day: int = -1
    stock: int = -1
    spare: int = -1
    litres: float = -1.0


def causes_of(
    near: Neighbourhood, network: Network, litres: Floats, weights: Ints, receivers: Bools
) -> dict[tuple[int, int], Cause]:
    """(facility, class) to the cause, for every class that misses anything at ``receivers`` (F,)."""
    found = {}
    idle = _idle(near)
    for facility in np.flatnonzero(receivers & near.missing.any(axis=1)).tolist():
        arcs = np.flatnonzero(network.destination == facility)
        ways = ways_into(near, network, litres, facility, arcs)
        for cls in np.flatnonzero(near.missing[facility]).tolist():
            cause = _nearest(near, network, litres, weights, ways, facility, cls)
            found[facility, cls] = cause or _nothing(near, facility, arcs, network, idle)
    return found


def _nearest(
    near: Neighbourhood,
    network: Network,
    litres: Floats,
    weights: Ints,
    ways: Ways,
    facility: int,
    cls: int,
) -> Cause | None:
    """The way that fewest rules stop, of those that help classes as urgent as ``cls``."""
    gain = ways.gain[..., : cls + 1] @ weights[: cls + 1]
    useful = ways.there & (gain > 0)
    if not useful.any():
        return None
    own = needs_it_itself(near, ways, weights, facility, cls)
    cost = ways.stopped.sum(axis=0) + OWN_NEED_WEIGHT * own
    score = np.where(useful, cost - 1e-9 * np.minimum(near.stock[ways.origins], 10**6), np.inf)
    arc, lot, day = (int(i) for i in np.unravel_index(int(score.argmin()), score.shape))
    kinds = [rule for r, rule in enumerate(RULES) if ways.stopped[r, arc, lot, day]]
    if own[arc, lot, day]:
        kinds.append("own_need")
    origin = int(ways.origins[arc])
    return Cause(
        tuple(kinds) or ("open",),
        origin,
        lot,
        day,
        day + int(network.lead_days[ways.arcs[arc]]),
        int(near.stock[origin, lot, day]),
        int(near.spare[origin, lot, day]),
        float(litres[origin, day]) if np.isfinite(litres[origin, day]) else -1.0,
    )


def needs_it_itself(
    near: Neighbourhood, ways: Ways, weights: Ints, facility: int, cls: int
) -> Bools:
    """(A, L, T) packs the sender would miss at least as much as the receiver gains, in points, or
    whose loss puts it below the receiver in a class as urgent as ``cls``."""
    costs: Bools = ways.loss @ weights >= ways.gain @ weights
    for c in range(cls + 1):
        needed = near.needed[:, c]
        after = (near.served[ways.origins, c][:, None, None] - ways.loss[..., c]) * needed[facility]
        theirs = (near.served[facility, c] + ways.gain[..., c]) * needed[ways.origins][
            :, None, None
        ]
        costs = costs | ((ways.loss[..., c] > 0) & (after < theirs))
    return costs & (ways.loss.any(axis=3))


def _idle(near: Neighbourhood) -> Ints:
    """(F,) units that nobody uses and the plan does not ship: left over or left to expire."""
    flows = near.flows
    kept = flows.before_dispatch + flows.after_dispatch - flows.out
    units: Ints = kept.sum(axis=(1, 2)) - near.served.sum(axis=1)
    return units


def _nothing(near: Neighbourhood, facility: int, arcs: Ints, network: Network, idle: Ints) -> Cause:
    """No pack would help: it comes too late to the senders, lies out of reach, or is not there."""
    origins = network.origin[arcs]
    by_day = near.stock[origins].sum(axis=1) > 0
    if by_day.any():
        first = np.where(by_day.any(axis=1), by_day.argmax(axis=1), network.n_days)
        arc = int(first.argmin())
        origin, day = int(origins[arc]), int(first[arc])
        return Cause(
            ("late_stock",), origin, day=day, arrival_day=day + int(network.lead_days[arcs[arc]])
        )
    elsewhere = idle.copy()
    elsewhere[[facility, *origins.tolist()]] = 0
    if elsewhere.max(initial=0) >= near.item.pack_size:
        origin = int(elsewhere.argmax())
        return Cause(("no_arc",), origin, stock=int(elsewhere[origin]))
    return Cause(("no_arc",) if len(arcs) == 0 else ("nothing_left",))
