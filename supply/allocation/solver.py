"""The one door to OR-Tools: solve sparse linear programmes, with HiGHS or, for prices, with GLOP.

The answer is never trusted here: rows are counted again, plans are re-proved by ``check``, bounds
take the tolerance off. OR-Tools 9.15's model builder hands out HiGHS's row *activities* where it
promises dual values, so whoever needs duals asks for them and gets GLOP, whose duals are right.

``solve_interior`` is for one large programme: HiGHS's interior point without crossover, through
MathOpt, whose duals are right. Its answer is near the optimum, not at a corner: whoever uses it as a
bound proves that bound another way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np
from ortools.linear_solver.python import model_builder_helper as ortools_helper
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.math_opt.solvers import highs_pb2

from supply.allocation.arrays import Floats
from supply.allocation.model import Linear

FEASIBILITY_TOLERANCE = 1e-5
"""Largest violation of a row, relative to its limit and never below 1 unit, that is accepted."""

INTERIOR_TOLERANCE = 3e-6
"""Relative gap and residuals at which interior point stops: a few hundredths of the shortage."""

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


def solve_interior(linear: Linear, time_limit_seconds: float) -> Solution:
    """A point near the optimum and its duals; raises ``SolverError`` where there is none in time.

    Where HiGHS doubts its own answer (its duals, after presolve), the point is taken to a corner,
    which takes longer and leaves no doubt.
    """
    deadline = time.monotonic() + time_limit_seconds
    model = mathopt.Model.from_model_proto(_as_proto(linear))
    result = None
    for crossover in ("off", "on"):
        asked = _interior(crossover, deadline)
        try:
            result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=asked)
            break
        except (AttributeError, RuntimeError):
            # "Unknown" of HiGHS comes as one of these: MathOpt stumbles over its own report of it.
            continue
    if result is None or result.termination.reason != mathopt.TerminationReason.OPTIMAL:
        reason = "unknown" if result is None else result.termination.reason.name
        raise SolverError(f"interior point: {reason}")
    values, duals = result.variable_values(), result.dual_values()
    x = np.clip(np.fromiter(values.values(), np.float64), linear.lower, linear.upper)
    _require_feasible(linear, x)
    y = np.fromiter(duals.values(), np.float64)
    return Solution(x, float(linear.cost @ x), y)


def _interior(crossover: str, deadline: float) -> mathopt.SolveParameters:
    """Interior point on one thread until ``deadline``; raises ``SolverError`` where that has passed."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise SolverError("no time left")
    engine = highs_pb2.HighsOptionsProto()
    engine.string_options.update({"solver": "ipm", "run_crossover": crossover, "parallel": "off"})
    engine.int_options["threads"] = 1
    for name in ("kkt_tolerance", "ipm_optimality_tolerance"):
        engine.double_options[name] = INTERIOR_TOLERANCE
    return mathopt.SolveParameters(time_limit=timedelta(seconds=seconds), highs=engine)


def _as_proto(linear: Linear) -> model_pb2.ModelProto:
    """The programme in MathOpt's form, columns and rows numbered from 0."""
    proto = model_pb2.ModelProto()
    columns, rows, priced = proto.variables, proto.linear_constraints, np.flatnonzero(linear.cost)
    columns.ids.extend(range(len(linear.cost)))
    columns.lower_bounds.extend(linear.lower.tolist())
    columns.upper_bounds.extend(linear.upper.tolist())
    columns.integers.extend([False] * len(linear.cost))
    proto.objective.linear_coefficients.ids.extend(priced.tolist())
    proto.objective.linear_coefficients.values.extend(linear.cost[priced].tolist())
    rows.ids.extend(range(len(linear.row_lower)))
    rows.lower_bounds.extend(linear.row_lower.tolist())
    rows.upper_bounds.extend(linear.row_upper.tolist())
    matrix = linear.matrix.copy()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    matrix.sort_indices()
    entries = matrix.tocoo()
    proto.linear_constraint_matrix.row_ids.extend(entries.row.tolist())
    proto.linear_constraint_matrix.column_ids.extend(entries.col.tolist())
    proto.linear_constraint_matrix.coefficients.extend(entries.data.tolist())
    return proto


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
