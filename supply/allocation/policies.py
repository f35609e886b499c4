"""What a plan aims at, as stages over the linear programme of one item.

A stage raises the worst coverage of some classes, facility by facility: maximise θ with
Σ_t served ≥ θ · Σ_t need everywhere, fix the facilities whose rows bind (positive dual), raise the
others, and so on: the lexicographic maximum of the sorted coverages. Later stages keep the floors
of earlier ones. Last comes the least weighted shortage above all floors, with little lead time and
few units moved breaking ties (``model.MOVE_COST``).

Coverage here is of one item: a shortage of oxygen is not made good by plenty of gloves.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from supply.allocation.arrays import Bools, Floats
from supply.allocation.model import ItemModel, Linear, add_rows
from supply.allocation.solver import SolverError, solve_linear

ROUNDS_MAX = 3
"""Rounds of raising the worst per stage; whoever is left then keeps the last θ as floor."""

DUAL_BINDS = 1e-7
FLOOR_SLACK = 1e-7
"""Relative give of a floor, so that the next programme is not infeasible by a rounding error."""


@dataclass(frozen=True)
class Stage:
    """Raise the worst coverage of ``classes``, taken together, up to ``ceiling``."""

    classes: tuple[int, ...]
    ceiling: float = 1.0


POLICIES: dict[str, tuple[Stage, ...] | None] = {
    "lexicographic": tuple(Stage((c,)) for c in range(4)),
    "least-shortage": (),
    "equity": (Stage((0, 1, 2, 3)),),
    "two-phase": tuple(Stage((c,), ceiling=0.2) for c in range(4)),
    "own-weights": (),
    "proportional": None,
}
"""Stages of each policy; None needs no programme at all."""


@dataclass(frozen=True)
class ItemSolution:
    """One item before packs: its programme inside its room, a point of it, stages all done."""

    model: ItemModel
    linear: Linear
    x: Floats
    finished: bool = False

    @property
    def shipped(self) -> Floats:
        """Units of each shipment column."""
        return self.model.ship.of(self.x)


def through_stages(
    solution: ItemSolution, stages: tuple[Stage, ...], deadline: float
) -> ItemSolution:
    """The solution after the policy's stages, as far as ``deadline`` (``time.monotonic``) allows."""
    linear, x = solution.linear, solution.x
    try:
        for stage in stages:
            floored, raised = _raise_worst(solution.model, linear, stage, x, deadline)
            if raised:
                x = solve_linear(floored, deadline - time.monotonic()).x
            linear = floored
    except SolverError:
        return replace(solution, x=x)
    return replace(solution, x=x, finished=True)


def _raise_worst(
    model: ItemModel, linear: Linear, stage: Stage, x: Floats, deadline: float
) -> tuple[Linear, bool]:
    """The programme with the stage's floors, and whether they ask more than ``x`` already gives."""
    served, needed = _serve_rows(model, stage.classes)
    if len(needed) == 0:
        return linear, False
    floors = np.full(len(needed), np.nan)
    if ((served @ x) >= stage.ceiling * needed * (1 - FLOOR_SLACK)).all():
        floors[:] = stage.ceiling
        return _with_floors(linear, served, needed, floors), False
    for _ in range(ROUNDS_MAX):
        theta, binding = _best_worst(linear, served, needed, floors, stage.ceiling, deadline)
        open_rows = np.isnan(floors)
        if theta >= stage.ceiling - FLOOR_SLACK or not (binding & open_rows).any():
            floors[open_rows] = theta
        else:
            floors[binding & open_rows] = theta
        if not np.isnan(floors).any():
            break
    floors[np.isnan(floors)] = theta
    return _with_floors(linear, served, needed, floors), True


def _serve_rows(model: ItemModel, classes: tuple[int, ...]) -> tuple[sparse.csr_matrix, Floats]:
    """(R, columns) units served and (R,) units needed, one row per facility with need."""
    facility, cls, _ = model.serve.keys
    needed = model.item.demand[:, list(classes), :].sum(axis=(1, 2))
    rows = np.flatnonzero(needed)
    number = np.full(len(needed), -1)
    number[rows] = np.arange(len(rows))
    chosen = np.isin(cls, classes)
    place = (number[facility[chosen]], model.serve.index[chosen])
    shape = (len(rows), len(model.linear.cost))
    served = sparse.csr_matrix((np.ones(int(chosen.sum())), place), shape=shape)
    return served, needed[rows].astype(float)


def _with_floors(
    linear: Linear, served: sparse.csr_matrix, needed: Floats, floors: Floats
) -> Linear:
    least = np.maximum(floors * needed - FLOOR_SLACK * (1 + needed), 0.0)
    return add_rows(linear, served, least, np.full(len(needed), np.inf))


def _best_worst(
    linear: Linear,
    served: sparse.csr_matrix,
    needed: Floats,
    floors: Floats,
    ceiling: float,
    deadline: float,
) -> tuple[float, Bools]:
    """Largest θ for the rows without a floor, and which rows bind there."""
    still = np.isnan(floors)
    least = np.where(still, 0.0, floors * needed - FLOOR_SLACK * (1 + needed))
    theta = sparse.csr_matrix(np.where(still, -needed, 0.0)[:, None])
    rows = sparse.hstack([served, theta], format="csr")
    blank = sparse.csr_matrix((linear.matrix.shape[0], 1))
    wide = replace(
        linear,
        cost=np.concatenate([np.zeros(len(linear.cost)), [-1.0]]),
        lower=np.concatenate([linear.lower, [0.0]]),
        upper=np.concatenate([linear.upper, [ceiling]]),
        matrix=sparse.csr_matrix(sparse.hstack([linear.matrix, blank], format="csr")),
    )
    programme = add_rows(wide, rows, np.minimum(least, needed), np.full(len(needed), np.inf))
    solution = solve_linear(programme, deadline - time.monotonic(), with_duals=True)
    duals = solution.duals[-len(needed) :]
    return float(solution.x[-1]), np.abs(duals) * needed > DUAL_BINDS
