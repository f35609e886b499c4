"""The one door to OR-Tools: solve sparse linear programmes, with HiGHS or, for prices, with GLOP.

The answer is never trusted here: rows are counted again, plans are re-proved by ``check``, bounds
take the tolerance off. OR-Tools 9.15's model builder hands out HiGHS's row *activities* where it
promises dual values, so whoever needs duals asks for them and gets GLOP, whose duals are right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from ortools.linear_solver.python import model_builder_helper as ortools_helper

from supply.allocation.arrays import Floats
from supply.allocation.model import Linear

FEASIBILITY_TOLERANCE = 1e-5
"""Largest violation of a row, relative to its limit and never below 1 unit, that is accepted."""

WORKERS = 2
"""Items solved at once; the solver lets other threads run while it works."""

_ENGINES = {
    False: ("HIGHS_LP", "output_flag=false\nparallel=off\nthreads=1\npresolve=off"),
    True: ("GLOP", ""),
}
_In = TypeVar("_In")
_Out = TypeVar("_Out")


class SolverError(RuntimeError):
    """No usable solution within the time given; the text says what the solver reported."""


@dataclass(frozen=True)
class Solution:
    """An optimal point: values (columns,), objective, and duals (rows,) where they were asked."""

    x: Floats
    objective: float
    duals: Floats


def solve_linear(linear: Linear, time_limit_seconds: float, with_duals: bool = False) -> Solution:
    """Solve to optimality; raises ``SolverError`` if that fails or the point breaks its rows."""
    if len(linear.cost) == 0:
        return Solution(np.zeros(0), 0.0, np.zeros(len(linear.row_lower)))
    if time_limit_seconds <= 0:
        raise SolverError("no time left")
    model: Any = ortools_helper.ModelBuilderHelper()  # its stub's arrays are not numpy 2's
    model.fill_model_from_sparse_data(
        linear.lower,
        linear.upper,
        linear.cost,
        linear.row_lower,
        linear.row_upper,
        linear.matrix,
    )
    engine, options = _ENGINES[with_duals]
    helper = ortools_helper.ModelSolverHelper(engine)
    helper.enable_output(False)
    helper.set_solver_specific_parameters(options)
    helper.set_time_limit_in_seconds(time_limit_seconds)
    helper.solve(model)
    if helper.status() != ortools_helper.SolveStatus.OPTIMAL:
        raise SolverError(f"{engine}: {helper.status().name}")
    x = np.clip(np.asarray(helper.variable_values()), linear.lower, linear.upper)
    _require_feasible(linear, x)
    duals = np.asarray(helper.dual_values()) if with_duals else np.zeros(0)
    return Solution(x, float(linear.cost @ x), duals)


def in_parallel(work: Callable[[_In], _Out], parts: Iterable[_In]) -> list[_Out]:
    """``work`` on every part, a few at a time; the first error is raised."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(work, parts))


def _require_feasible(linear: Linear, x: Floats) -> None:
    """A solver that says optimal has been wrong before: rows are counted again."""
    activity = linear.matrix @ x
    for limit, excess in (
        (linear.row_lower, linear.row_lower - activity),
        (linear.row_upper, activity - linear.row_upper),
    ):
        finite = np.isfinite(limit)
        allowed = FEASIBILITY_TOLERANCE * np.maximum(1.0, np.abs(limit[finite]))
        if (excess[finite] > allowed).any():
            raise SolverError("the optimal point breaks its own rows")
