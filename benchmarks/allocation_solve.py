"""The allocation programme against the same programme in PuLP: time to build, time to build and solve.

One JSON line per figure: ``ours`` and ``other`` in seconds, measured in the same run on the same
instance (least weighted shortage, items apart, no vehicle limit). The optima must agree.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import pulp

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from supply.allocation.arrays import ProblemArrays, build_arrays
from supply.allocation.instance import CLASSES, STANDARD_WEIGHTS
from supply.allocation.model import Linear, create_item_model
from supply.allocation.solver import solve_linear
from supply.allocation.synthetic import synthetic_instance

WEIGHTS = np.array([STANDARD_WEIGHTS[name] for name in CLASSES], dtype=np.int64)


def ours_built(problem: ProblemArrays) -> list[Linear]:
    """Every item's programme as sparse arrays."""
    network = problem.network
    return [
        create_item_model(item, network, WEIGHTS, with_pins=False).linear for item in problem.items
    ]


def pulp_built(linear: Linear) -> pulp.LpProblem:
    """The same programme as a person writes it in PuLP: variables, then one expression per row."""
    problem = pulp.LpProblem("allocation", pulp.LpMinimize)
    tops = [None if np.isinf(top) else top for top in linear.upper.tolist()]
    x = [pulp.LpVariable(f"x{j}", 0, top) for j, top in enumerate(tops)]
    problem += pulp.lpSum(c * v for c, v in zip(linear.cost.tolist(), x, strict=True))
    starts = linear.matrix.indptr
    for i, (low, high) in enumerate(
        zip(linear.row_lower.tolist(), linear.row_upper.tolist(), strict=True)
    ):
        span = range(starts[i], starts[i + 1])
        row = pulp.lpSum(linear.matrix.data[n] * x[linear.matrix.indices[n]] for n in span)
        if low == high:
            problem += row == low
            continue
        if np.isfinite(low):
            problem += row >= low
        if np.isfinite(high):
            problem += row <= high
    return problem


def line(name: str, ours: float, other: float, other_is: str) -> None:
    """One figure."""
    figures = {"name": name, "ours": round(ours, 4), "other": round(other, 4)}
    ratio = round(ours / other, 4)
    print(json.dumps({**figures, "other_is": other_is, "ratio": ratio, "unit": "s"}), flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facilities", type=int, default=12)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    made = synthetic_instance(asked.facilities, asked.items, asked.days, asked.seed, "none")
    problem = build_arrays(made)
    ours_built(problem)  # imports and caches warm on both sides
    started = time.perf_counter()
    programmes = ours_built(problem)
    build = time.perf_counter() - started
    started = time.perf_counter()
    other = [pulp_built(linear) for linear in programmes]
    other_build = time.perf_counter() - started
    line("allocation build", build, other_build, "PuLP building the same programme")
    started = time.perf_counter()
    ours_value = sum(solve_linear(linear, 60).objective for linear in programmes)
    solve = time.perf_counter() - started
    started = time.perf_counter()
    for programme in other:
        programme.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=60))
    other_solve = time.perf_counter() - started
    other_value = sum(pulp.value(programme.objective) for programme in other)
    if abs(ours_value - other_value) > 1e-6 * abs(other_value):
        raise SystemExit(f"optima differ: {ours_value} against {other_value}")
    line("allocation build and solve", build + solve, other_build + other_solve, "PuLP with CBC")


if __name__ == "__main__":
    main()
