"""The best dispensing quotas for given transfers, exactly.

With the transfers fixed, facilities no longer touch each other and one (facility, item) pair asks:
how many units can be used on each day? A unit serves from the day it comes in to its expiry day.
By Hall's theorem a profile of use u is possible when for every set S of days

    u(S)  ≤  units whose time meets S  =  all units − Σ over the gaps of S of G(gap),        (1)

G(i, j) being the units that come in after day i and expire before day j. The least slack over all S
that contain a day t is a shortest path through t from gap to gap, so a grant costs O(T) steps:
forwards over what is granted before t, backwards over what is granted after. A dispatch day τ with
reserve ρ asks one thing more, that ρ units can still be set aside then: another way for the path
to end, after which only the units alive at τ count.                                          (2)

Profiles under (1) form a polymatroid: granting need greedily, most urgent class first, is optimal
for every class in turn *and* for every weighting that falls with urgency, and stays whole. Under
(2) every grant is possible too, and tests hold the sum against a linear programme.

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


@dataclass(frozen=True)
class _Gaps:
    """``total`` (F,) usable units; ``inside`` (F, T + 1, T) is G(i − 1, j); ``end`` (F, T) is what
    a path that ends after day t adds, by (1) or by the reserve of a later dispatch day, (2)."""

    total: Ints
    inside: Ints
    end: Ints


def _gaps(item: ItemArrays, flows: Flows) -> _Gaps:
    n_facilities, n_lots, n_days = flows.out.shape
    held = flows.out.sum(axis=2, keepdims=True)
    received = np.cumsum(flows.before_dispatch + flows.after_dispatch, axis=2)
    usable = np.maximum(received - held, 0)
    of_lot = usable[:, :, -1] if n_days else np.zeros((n_facilities, n_lots), dtype=np.int64)
    later = np.concatenate([of_lot[:, :, None], of_lot[:, :, None] - usable], axis=2)
    gone = item.expiry_day[:, None] < np.arange(n_days)[None, :]
    inside = np.einsum("fli,lj->fij", later, gone.astype(np.int64))
    end = -later[:, :, 1:].sum(axis=1)
    dispatches = flows.out.sum(axis=1) > 0
    if dispatches.any():
        left = received - flows.after_dispatch - np.cumsum(flows.out, axis=2)
        for day in np.flatnonzero(dispatches.any(axis=0)).tolist():
            alive = ~gone[:, day]
            kept = (left[:, alive, day] - of_lot[:, alive]).sum(axis=1) - item.reserve
            way = kept[:, None] - inside[:, 1 : day + 1, day]
            way = np.where(dispatches[:, day, None], way, PLENTY)
            end[:, :day] = np.minimum(end[:, :day], way)
    return _Gaps(of_lot.sum(axis=1), inside, end)


def best_quotas(item: ItemArrays, flows: Flows, class_order: tuple[int, ...]) -> Ints:
    """(F, C, T) units to dispense: greedy by ``class_order``, early days first."""
    gaps = _gaps(item, flows)
    quotas = np.zeros_like(item.demand)
    used = np.zeros_like(gaps.end)
    for c in class_order:
        if item.demand[:, c].any():
            _grant(item.demand[:, c], gaps, used, quotas[:, c])
    return quotas


def _grant(wanted: Ints, gaps: _Gaps, used: Ints, quotas: Ints) -> None:
    """Fill ``quotas`` (F, T) of one class day by day, adding to ``used``."""
    n_days = used.shape[1]
    after = gaps.end.copy()
    for day in range(n_days - 2, -1, -1):
        ways = after[:, day + 1 :] - gaps.inside[:, day + 1, day + 1 :] - used[:, day + 1 :]
        after[:, day] = np.minimum(after[:, day], ways.min(axis=1))
    before = np.empty_like(used)
    for day in range(n_days):
        before[:, day] = -gaps.inside[:, 0, day]
        if day:
            ways = before[:, :day] - gaps.inside[:, 1 : day + 1, day]
            before[:, day] = np.minimum(before[:, day], ways.min(axis=1))
        before[:, day] -= used[:, day]
        slack = gaps.total + before[:, day] + after[:, day]
        given = np.maximum(np.minimum(wanted[:, day], slack), 0)
        quotas[:, day] = given
        used[:, day] += given
        before[:, day] -= given


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
