"""The reserve on the days a sender sends, and only then, which no linear row can say.

Solve without it; the days on which that answer keeps the reserve are the days on which sending is
allowed from then on, and there it is a row. One more solution over all items together, free to move
what was sent on other days, keeps all reserves at 1.6 % of the shortage (12 × 20 × 14; only 4 % of
the units had left on days that broke one). From its own answer the days can be chosen again: what
it does stays allowed, so every round is at least as good as the one before.
"""

from __future__ import annotations

import time

import numpy as np
from scipy import sparse

from supply.allocation.arrays import Bools, Floats, Ints, Network
from supply.allocation.model import ItemModel, Linear, keep_reserves, only_columns
from supply.allocation.solver import solve_linear

SENDS = 1e-6
"""Units above which a programme's shipment counts as one."""

KEEPS = 1e-5
"""Relative give of the reserve in a solver's answer."""

ROUNDS = 2
"""Times that days are chosen for one item alone."""


def left_after_dispatch(model: ItemModel, network: Network, x: Floats) -> Floats:
    """(F, T) units before goods of lead 0 come in and anything is used."""
    left = np.zeros((network.n_facilities, network.n_days))
    for columns in (model.end, model.use):
        facility, _, day = columns.keys
        np.add.at(left, (facility, day), columns.of(x))
    arc, _, day = model.ship.keys
    same_day = network.lead_days[arc] == 0
    received = (network.destination[arc[same_day]], day[same_day])
    np.add.at(left, received, -model.ship.of(x)[same_day])
    return left


def least_by_group(model: ItemModel, network: Network, x: Floats, days: Bools) -> Ints:
    """(F, G, T) units of each group that stay after dispatch, on the ``days`` (F, T) of sending: together
    the reserve, as the point has it, and no more than own supply, so that moving nothing keeps it."""
    shape = (network.n_facilities, len(model.group_expiry), network.n_days)
    left, supply = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    for columns in (model.end, model.use):
        np.add.at(left, columns.keys, columns.of(x))
    arc, group, day = model.ship.keys
    same_day = network.lead_days[arc] == 0
    received = (network.destination[arc[same_day]], group[same_day], day[same_day])
    np.add.at(left, received, -model.ship.of(x)[same_day])
    np.add.at(supply.transpose(1, 0, 2), model.group_of_lot, model.item.supply.transpose(1, 0, 2))
    alive = model.group_expiry[:, None] >= np.arange(network.n_days)
    own: Ints = np.cumsum(supply, axis=2) * alive
    wanted = np.clip(left, 0, own)
    reserve = np.where(days, model.item.reserve[:, None], 0)
    part = np.minimum(reserve / np.maximum(wanted.sum(axis=1), 1e-9), 1.0)
    least: Ints = np.floor(wanted * part[:, None, :]).astype(np.int64)
    for g in range(shape[1]):
        missing = reserve - least.sum(axis=1)
        least[:, g] += np.clip(missing, 0, own[:, g] - least[:, g])
    return least


def sending_days(model: ItemModel, network: Network, x: Floats) -> Bools:
    """(F, T) where the point sends anything."""
    arc, _, day = model.ship.keys
    sends = model.ship.of(x) > SENDS
    found = np.zeros((network.n_facilities, network.n_days), dtype=bool)
    found[network.origin[arc[sends]], day[sends]] = True
    return found


def kept_days(model: ItemModel, network: Network, x: Floats) -> Bools:
    """(F, T) where the reserve is there after dispatch, before goods of lead 0 and use."""
    reserve = model.item.reserve[:, None]
    left = left_after_dispatch(model, network, x)
    kept: Bools = left >= reserve - KEEPS * np.maximum(1.0, reserve)
    return kept


def days_to_send(model: ItemModel, network: Network, x: Floats) -> Bools:
    """(F, T) days on which sending may be allowed and the reserve asked for, judged by the point.

    Days on which the point keeps the reserve and own supply alone could: so there is always an
    answer, moving nothing. A day without sending whose reserve binds is left out: it only costs.
    A point that keeps the reserve whenever it sends is allowed by its own days.
    """
    item, days = model.item, np.arange(network.n_days)
    reserve = item.reserve[:, None]
    alive = item.expiry_day[:, None] >= days
    own = (np.cumsum(item.supply, axis=2) * alive).sum(axis=1)
    left = left_after_dispatch(model, network, x)
    give = KEEPS * np.maximum(1.0, reserve)
    binds = (np.abs(left - reserve) <= give) & ~sending_days(model, network, x)
    chosen: Bools = (reserve == 0) | ((left >= reserve - give) & (own > reserve) & ~binds)
    return chosen


def solve_keeping_reserves(
    model: ItemModel,
    network: Network,
    linear: Linear,
    deadline: float,
    days: Bools | None = None,
    columns: Bools | None = None,
) -> Floats:
    """A point of the programme that keeps the reserves.

    ``days`` (F, T) to send on, found here where they are not given; ``columns``: the only ones to
    use. Raises ``SolverError`` where ``deadline`` (``time.monotonic``) passes first.
    """
    if days is None:
        x = _solve(linear, deadline, columns)
        if (kept_days(model, network, x) | ~sending_days(model, network, x)).all():
            return x
        days = days_to_send(model, network, x)
    for _ in range(ROUNDS):
        x = _solve(keep_reserves(model, network, linear, days), deadline, columns)
        before, days = days, days_to_send(model, network, x)
        if (days == before).all():
            break
    return x


def _solve(linear: Linear, deadline: float, columns: Bools | None) -> Floats:
    usable = linear.upper > 0.0 if columns is None else columns & (linear.upper > 0.0)
    index = np.flatnonzero(usable)
    x = np.zeros(len(usable))
    by_column = Linear(
        linear.cost,
        linear.lower,
        linear.upper,
        sparse.csc_matrix(linear.matrix),
        linear.row_lower,
        linear.row_upper,
    )
    x[index] = solve_linear(only_columns(by_column, index), deadline - time.monotonic()).x
    return x
