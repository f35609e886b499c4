"""The allocation programme against the same programme in PuLP with CBC and in highspy, in one run.

One JSON line per figure, ``ours`` and ``other`` in seconds; the least weighted shortage of a made-up
instance. Two families: items apart (no vehicle limit, one programme an item) and items together
(tight vehicles, one programme), which ours solves as the product does: prices first, then the best
mixture of what was answered. The optima must agree, there nearly. highspy gets the very
arrays that OR-Tools gets, in a process of its own.

    python -m benchmarks.allocation_peers [--facilities 12 --items 20 --days 14] [--vehicles none]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pulp

from supply.allocation.arrays import ProblemArrays, build_arrays
from supply.allocation.flows.mixture import mixed
from supply.allocation.flows.prices import Askers
from supply.allocation.model import ItemModel, Linear, create_item_model, join
from supply.allocation.solver import solve_linear
from supply.allocation.synthetic import synthetic_instance

PEER = Path(__file__).parents[1] / ".venv/peers/bin/python"
SCRIPT = Path(__file__).parent / "peers/highs_programmes.py"
BUILDS = 5
LIMIT_SECONDS = 600.0
ROUNDS = 150
"""In which prices are sought, with every answer kept."""

AGREE, NEARLY = 1e-6, 2e-5
"""Relative difference of optima that are the same; of one by mixing answers."""


def models_of(problem: ProblemArrays) -> list[ItemModel]:
    """Every item's programme."""
    return [
        create_item_model(item, problem.network, problem.weights, with_pins=False)
        for item in problem.items
    ]


def built(problem: ProblemArrays, together: bool) -> list[Linear]:
    """Every item's programme as sparse arrays, or all of them as one over the vehicles."""
    models, network = models_of(problem), problem.network
    if together:
        return [join(models, network, network.vehicle_litres)[0]]
    return [model.linear for model in models]


def solved_apart(problem: ProblemArrays) -> float:
    """Least cost of all items, each alone."""
    programmes = built(problem, together=False)
    return sum(solve_linear(linear, LIMIT_SECONDS).objective for linear in programmes)


def solved_together(problem: ProblemArrays) -> float:
    """Least cost of all items over their vehicles: prices, then the best mixture of the answers."""
    askers = Askers(models_of(problem), problem.network)
    best, prices = askers.search(LIMIT_SECONDS, ROUNDS, ROUNDS)
    needed = float(sum((i.demand.sum(axis=(0, 2)) * problem.weights).sum() for i in problem.items))
    enough = NEARLY * abs(best) / (needed + best)
    found = mixed(
        askers, problem.network.vehicle_litres, prices, time.monotonic() + LIMIT_SECONDS,
        (enough, needed),
    )  # fmt: skip
    return found.cost


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


def timed(work: Callable[[], float]) -> tuple[float, float]:
    """(seconds, value)."""
    started = time.perf_counter()
    value = work()
    return time.perf_counter() - started, value


def by_highspy(programmes: list[Linear], peer: Path) -> tuple[float, float]:
    """(seconds, optimum) of highspy as it comes."""
    with tempfile.TemporaryDirectory(prefix="supply-bench-") as folder:
        for number, linear in enumerate(programmes):
            np.savez(
                Path(folder, f"{number:05}.npz"),
                cost=linear.cost, lower=linear.lower, upper=linear.upper,
                row_lower=linear.row_lower, row_upper=linear.row_upper,
                indptr=linear.matrix.indptr, indices=linear.matrix.indices, data=linear.matrix.data,
            )  # fmt: skip
        answer = subprocess.run([peer, SCRIPT, folder], check=True, capture_output=True, text=True)
    told = json.loads(answer.stdout.splitlines()[-1])
    return float(told["seconds"]), float(sum(told["optima"]))


def line(name: str, ours: float, other: float, other_is: str, most: float) -> None:
    """One figure; ``most`` is what the ratio should not be above."""
    figures = {"name": name, "ours": round(ours, 4), "other": round(other, 4)}
    ratio = round(ours / other, 4)
    print(
        json.dumps(
            {**figures, "other_is": other_is, "ratio": ratio, "ratio_at_most": most, "unit": "s"}
        ),
        flush=True,
    )


def measure(problem: ProblemArrays, title: str, together: bool, peer: Path) -> None:
    """All figures of one family."""
    built(problem, together)  # imports and caches warm on both sides
    started = time.perf_counter()
    for _ in range(BUILDS):
        programmes = built(problem, together)
    build = (time.perf_counter() - started) / BUILDS
    solve_linear(built(problem, together=False)[0], LIMIT_SECONDS)
    total, value = timed(lambda: (solved_together if together else solved_apart)(problem))
    most = NEARLY if together else AGREE
    started = time.perf_counter()
    others = [pulp_built(linear) for linear in programmes]
    other_build = time.perf_counter() - started
    line(f"{title}: build", build, other_build, "PuLP building the same programme", 0.02)

    def by_cbc() -> float:
        for programme in others:
            programme.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=LIMIT_SECONDS))
        return float(sum(pulp.value(programme.objective) for programme in others))

    other_solve, other_value = timed(by_cbc)
    agree(value, other_value, "CBC", most)
    line(f"{title}: build and solve", total, other_build + other_solve, "PuLP with CBC", 0.5)
    if not peer.exists():
        raise SystemExit(f"{peer} is missing: make bench makes it (highspy)")
    highs_solve, highs_value = by_highspy(programmes, peer)
    agree(value, highs_value, "highspy", most)
    line(f"{title}: build and solve", total, build + highs_solve, "highspy, same arrays", 1.3)


def agree(ours: float, other: float, name: str, most: float) -> None:
    """Figures of different programmes would say nothing."""
    if abs(ours - other) > most * abs(other):
        raise SystemExit(f"optima differ: {ours} against {other} ({name})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facilities", type=int, default=12)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vehicles", choices=["none", "tight", "both"], default="both")
    parser.add_argument("--peer", type=Path, default=PEER, help="interpreter that has highspy")
    asked = parser.parse_args()
    size = f"{asked.facilities} x {asked.items} x {asked.days}"
    for vehicles in ("none", "tight"):
        if asked.vehicles in (vehicles, "both"):
            made = synthetic_instance(
                asked.facilities, asked.items, asked.days, asked.seed, vehicles
            )
            how = "items together, tight vehicles" if vehicles == "tight" else "items apart"
            title = f"allocation {size}, {how}"
            measure(build_arrays(made), title, vehicles == "tight", asked.peer)


if __name__ == "__main__":
    main()
