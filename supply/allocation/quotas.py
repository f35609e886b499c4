"""The best dispensing quotas for given transfers, exactly.

With the transfers fixed, facilities no longer touch each other and one (facility, item) pair asks:
how many units can be used on each day? A unit is usable from the day it comes in to its expiry
day, so (Hall's theorem for intervals) a profile of use u is possible when, for every run of days
[a, b],

    Σ_{t in [a,b]} u_t  ≤  usable units in by b and not expired before a,                    (1)

and, for every dispatch day τ > b with reserve ρ and stock H_τ left after that day's dispatches if
nothing had been used,

    Σ_{t in [a,τ-1]} u_t  ≤  H_τ − ρ + usable units that expire within [a, τ-1].             (2)

The right sides are modular where runs of days meet, so the smallest of them is submodular and the
profiles form a polymatroid: granting need greedily, most urgent class first, is optimal for every
class in turn *and* for every weighting that falls with urgency, and whole numbers stay whole.

Worked number: 5 units expiring on day 0 and 3 that keep, need 4 a day on days 0 and 1: 4 and 3.

Usable units are those not held for a later shipment of the same lot: the first in are held. This
is the narrow reading of "what the plan does not ship later", safe under the wide one too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.allocation.arrays import Ints, ItemArrays, Moves, Network

PLENTY = np.int64(2**60)


@dataclass(frozen=True)
class Flows:
    """What transfers do to stock, each (F, L, T) in units.

    ``before_dispatch``: comes in before the day's dispatches (outside supply, lead of a day or
    more). ``after_dispatch``: comes in with lead 0. ``out``: leaves.
    """

    before_dispatch: Ints
    after_dispatch: Ints
    out: Ints


def flows_of(item: ItemArrays, network: Network, moves: Moves) -> Flows:
    """Lay transfers out by facility, lot and day; what arrives after the last day is dropped."""
    before, after, out = item.supply.copy(), np.zeros_like(item.supply), np.zeros_like(item.supply)
    np.add.at(out, (network.origin[moves.arc], moves.lot, moves.day), moves.quantity)
    lead = network.lead_days[moves.arc]
    arrival_day = moves.day + lead
    for target, chosen in ((before, lead > 0), (after, lead == 0)):
        rows = chosen & (arrival_day < network.n_days)
        place = (network.destination[moves.arc][rows], moves.lot[rows], arrival_day[rows])
        np.add.at(target, place, moves.quantity[rows])
    return Flows(before, after, out)


def use_limits(item: ItemArrays, flows: Flows) -> Ints:
    """(F, T, T) most units usable over days a..b, at [f, a, b]; entries with a > b mean nothing.

    A negative entry says that the transfers break a reserve even if nothing at all is used.
    """
    n_facilities, _, n_days = flows.out.shape
    held = flows.out.sum(axis=2, keepdims=True)
    received = np.cumsum(flows.before_dispatch + flows.after_dispatch, axis=2)
    usable = np.maximum(received - held, 0)
    limits = np.full((n_facilities, n_days, n_days), PLENTY)
    for a in range(n_days):
        limits[:, a, :] = usable[:, item.expiry_day >= a, :].sum(axis=1)
    left = np.cumsum(flows.before_dispatch - flows.out, axis=2)
    left[:, :, 1:] += np.cumsum(flows.after_dispatch, axis=2)[:, :, :-1]
    dispatches = flows.out.sum(axis=1) > 0
    for day in np.flatnonzero(dispatches.any(axis=0)):
        over = left[:, item.expiry_day >= day, day].sum(axis=1) - item.reserve
        for a in range(day):
            ends = (item.expiry_day >= a) & (item.expiry_day < day)
            cap = np.where(dispatches[:, day], over + usable[:, ends, day].sum(axis=1), PLENTY)
            np.minimum(limits[:, a, a:day], cap[:, None], out=limits[:, a, a:day])
    return limits


def best_quotas(item: ItemArrays, flows: Flows, class_order: tuple[int, ...]) -> Ints:
    """(F, C, T) units to dispense: greedy by ``class_order``, early days first, always optimal."""
    slack = use_limits(item, flows)
    quotas = np.zeros_like(item.demand)
    n_days = slack.shape[1]
    for c in class_order:
        for day in range(n_days):
            wanted = item.demand[:, c, day]
            if not wanted.any():
                continue
            room = slack[:, : day + 1, day:].min(axis=(1, 2))
            given = np.clip(np.minimum(wanted, room), 0, None)
            quotas[:, c, day] = given
            slack[:, : day + 1, day:] -= given[:, None, None]
    return quotas


def broken_flows(item: ItemArrays, flows: Flows) -> list[tuple[int, int]]:
    """(facility, day) pairs where transfers send what is not there or eat the reserve, unused."""
    left = np.cumsum(flows.before_dispatch - flows.out, axis=2)
    left[:, :, 1:] += np.cumsum(flows.after_dispatch, axis=2)[:, :, :-1]
    days = np.arange(left.shape[2])
    alive = item.expiry_day[:, None] >= days[None, :]
    dispatches = flows.out.sum(axis=1) > 0
    short = ((left < 0) & (flows.out > 0)).any(axis=1)
    expired = ((flows.out > 0) & ~alive[None]).any(axis=1)
    kept = (left * alive[None]).sum(axis=1)
    eaten = dispatches & (kept < item.reserve[:, None])
    return [(int(f), int(t)) for f, t in np.argwhere(short | expired | eaten)]
