"""The reserve on the days a sender sends, and only then, which no linear row can say.

Solve without it; where the answer sends and keeps too little, forbid sending there on that day, and
solve again. Forbidden days only grow and moving nothing is always allowed, so this ends. It costs
little because a sender has many days to choose from: at the joint optimum's prices, with the same
days chosen by an integer programme, keeping the reserve was free for 19 of 20 items (12 × 20 × 14).
Asking the reserve on *all* days a sender may send cost a third more shortage there.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from scipy import sparse

from supply.allocation.arrays import Bools, Floats, Network
from supply.allocation.model import ItemModel, Linear, only_columns
from supply.allocation.solver import solve_linear

PATIENT_ROUNDS = 10
"""Rounds in which single days are forbidden; then all later days; after twice as many, all days."""

SENDS = 1e-6
"""Units above which a programme's shipment counts as one."""

KEEPS = 1e-5
"""Relative give of the reserve in a solver's answer."""


def broken_days(model: ItemModel, network: Network, x: Floats, least_units: float = SENDS) -> Bools:
    """(F, T) where the point sends more than ``least_units`` and keeps less than the reserve after
    dispatch."""
    sent = np.zeros((network.n_facilities, network.n_days))
    arc, _, day = model.ship.keys
    np.add.at(sent, (network.origin[arc], day), model.ship.of(x))
    broken: Bools = (sent > least_units) & ~kept_days(model, network, x)
    return broken


def kept_days(model: ItemModel, network: Network, x: Floats) -> Bools:
    """(F, T) where the reserve is there after dispatch, before goods of lead 0 and use."""
    left = np.zeros((network.n_facilities, network.n_days))
    for columns in (model.end, model.use):
        facility, _, day = columns.keys
        np.add.at(left, (facility, day), columns.of(x))
    arc, _, day = model.ship.keys
    same_day = network.lead_days[arc] == 0
    received = (network.destination[arc[same_day]], day[same_day])
    np.add.at(left, received, -model.ship.of(x)[same_day])
    reserve = model.item.reserve[:, None]
    kept: Bools = left >= reserve - KEEPS * np.maximum(1.0, reserve)
    return kept


def without(model: ItemModel, network: Network, linear: Linear, forbidden: Bools) -> Linear:
    """The programme with nothing sent on the ``forbidden`` (F, T) days."""
    arc, _, day = model.ship.keys
    upper = linear.upper.copy()
    upper[model.ship.index[forbidden[network.origin[arc], day]]] = 0.0
    return replace(linear, upper=upper)


def solve_keeping_reserves(
    model: ItemModel,
    network: Network,
    linear: Linear,
    forbidden: Bools,
    deadline: float,
    columns: Bools | None = None,
) -> tuple[Floats, Bools]:
    """A point of the programme that keeps the reserves, and the days forbidden for it.

    ``columns``: the only ones to use. Raises ``SolverError`` where ``deadline``
    (``time.monotonic``) passes first.
    """
    rounds = 0
    linear = replace(linear, matrix=sparse.csc_matrix(linear.matrix))
    while True:
        programme = without(model, network, linear, forbidden)
        usable = programme.upper > 0.0 if columns is None else columns & (programme.upper > 0.0)
        index = np.flatnonzero(usable)
        x = np.zeros(len(usable))
        x[index] = solve_linear(only_columns(programme, index), deadline - time.monotonic()).x
        broken = broken_days(model, network, x)
        if not broken.any():
            return x, forbidden
        rounds += 1
        if rounds > 2 * PATIENT_ROUNDS:
            broken |= broken.any(axis=1, keepdims=True)
        elif rounds > PATIENT_ROUNDS:
            broken = np.cumsum(broken, axis=1) > 0
        forbidden = forbidden | broken
