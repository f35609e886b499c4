"""What would be missed if everyone dispensed as need comes, without quotas: to tell the effect of
transfers from that of quotas.

Each day a place gives what it has, earliest expiry first, to all classes alike in proportion to
their need; nothing is held back for tomorrow's critical patients, nor for a transfer that is
planned for later: what is no longer there does not leave.
"""

from __future__ import annotations

import numpy as np

from supply.allocation.arrays import Ints, ItemArrays, Moves, Network, ProblemArrays


def ordinary_unmet(item: ItemArrays, network: Network, moves: Moves) -> Ints:
    """(F, C, T) units missed of one item under these transfers, sent as far as stock is there."""
    days = network.n_days
    coming = item.supply.copy()
    stock = np.zeros(item.supply.shape[:2], dtype=np.int64)
    unmet = item.demand.copy()
    rows = sorted(moves.rows(), key=lambda row: row[2])
    for day in range(days):
        stock[:, item.expiry_day < day] = 0
        stock += coming[:, :, day]
        same_day = np.zeros_like(stock)
        for arc, lot, _, units in (row for row in rows if row[2] == day):
            origin, target = int(network.origin[arc]), int(network.destination[arc])
            lead = int(network.lead_days[arc])
            gone = min(units, int(stock[origin, lot]))
            stock[origin, lot] -= gone
            if lead == 0:
                same_day[target, lot] += gone
            elif day + lead < days:
                coming[target, lot, day + lead] += gone
        stock += same_day
        given = _alike(item.demand[:, :, day], stock.sum(axis=1))
        unmet[:, :, day] -= given
        _use(stock, given.sum(axis=1))
    return unmet


def _alike(need: Ints, there: Ints) -> Ints:
    """(F, C) units given to the classes in proportion to need, what is odd to the more urgent."""
    total = need.sum(axis=1)
    given: Ints = need * np.minimum(there, total)[:, None] // np.maximum(total, 1)[:, None]
    odd = np.minimum(there, total) - given.sum(axis=1)
    for c in range(need.shape[1]):
        more = np.minimum(odd, need[:, c] - given[:, c])
        given[:, c] += more
        odd = odd - more
    return given


def _use(stock: Ints, units: Ints) -> None:
    """Take ``units`` (F,) out of ``stock`` (F, L), lots in order of use."""
    for lot in range(stock.shape[1]):
        taken = np.minimum(stock[:, lot], units)
        stock[:, lot] -= taken
        units = units - taken


def effects(problem: ProblemArrays, moves: list[Moves], plan_points: int) -> dict[str, int]:
    """Points missed: nobody moves or rations (``neither``), only the transfers, and the whole plan.

    ``transfer_effect`` is what the transfers save by themselves, ``quota_effect`` what quotas save
    on top of them.
    """
    points = problem.weights

    def missed(of: list[Moves]) -> int:
        return sum(
            int((ordinary_unmet(item, problem.network, one).sum(axis=(0, 2)) * points).sum())
            for item, one in zip(problem.items, of, strict=True)
        )

    neither = missed([Moves.none()] * len(problem.items))
    transfers_alone = missed(moves)
    return {
        "neither": neither,
        "transfers_alone": transfers_alone,
        "plan": plan_points,
        "transfer_effect": neither - transfers_alone,
        "quota_effect": transfers_alone - plan_points,
    }
