"""The last of the packs where the worst-off come first: while some pack would lift a place without
pushing a worse-off one, send it.

The exchange looks at points, so it leaves packs whose sender would lose as many as the receiver gains,
or more, though the sender stands far better. ``envy.lifts_of`` finds them, the most urgent class
first. Each makes the sorted coverages of its item and class better, worst first, and takes nothing
from a more urgent class, so this ends; litres only become fewer, so what was done for one item leaves
no new lift in another.
"""

from __future__ import annotations

import time

import numpy as np

from supply.allocation.arrays import Ints
from supply.allocation.envy import Lift, is_lift, lifts_of
from supply.allocation.neighbourhood import CLASS_ORDER, Neighbourhood, neighbourhood
from supply.allocation.packing import Depot


def lift_worst_off(depots: list[Depot], weights: Ints, deadline: float) -> int:
    """Send such packs until none is left or ``deadline`` (``time.monotonic``) passes; how many went.

    ``weights`` (C,): of the packs that lift a place, the one that saves most points is sent. Where
    own weights put the classes in another order, nothing is done.
    """
    done = 0
    for depot in depots:
        if tuple(depot.board.order) == CLASS_ORDER:
            done += _lift(depot, weights, deadline)
    return done


def _lift(depot: Depot, weights: Ints, deadline: float) -> int:
    """One item, in rounds; after the first only the places are looked at that a round may have
    changed something for."""
    network, done = depot.network, 0
    receivers = np.ones(network.n_facilities, dtype=bool)
    while receivers.any() and time.monotonic() < deadline:
        near = neighbourhood(depot.item, network, depot.moves(), depot.litres, receivers)
        lifts, _ = lifts_of(near, network, depot.litres, weights)
        lifts.sort(key=lambda lift: _place_in_queue(near, lift))
        served = near.served.copy()
        touched = np.zeros(network.n_facilities, dtype=bool)
        for lift in lifts:
            while time.monotonic() < deadline and _send(depot, lift, served):
                touched[[lift.origin, lift.facility]] = True
                done += 1
        receivers = touched.copy()
        receivers[network.destination[touched[network.origin]]] = True
    return done


def _place_in_queue(near: Neighbourhood, lift: Lift) -> tuple[int, float]:
    return lift.cls, lift.served[0] / int(near.needed[lift.facility, lift.cls])


def _send(depot: Depot, lift: Lift, served: Ints) -> bool:
    """Send the pack if it may leave and, as things stand by now, still lifts; ``served`` (F, C) then
    becomes what is served after. A round's other packs may have changed either place."""
    pack, arc = depot.item.pack_size, depot.network.arc_index[lift.origin, lift.facility]
    if depot.room(arc, lift.lot, lift.day) < pack:
        return False
    depot.ship(arc, lift.lot, lift.day, pack)
    ends = [lift.origin, lift.facility]
    needed = depot.item.demand[ends].sum(axis=2)
    after = needed - depot.missing_at(ends)
    if not is_lift(served[ends], after, needed):
        depot.ship(arc, lift.lot, lift.day, -pack)
        return False
    served[ends] = after
    return True
