"""How the allocation's solving grows: a district's time and memory, exponents, workers.

Each measurement runs in a process of its own and prints one JSON line; sizes are options.

    python -m benchmarks.allocation_scale [district] [items] [facilities] [workers]
        [--facilities 30 --items 60 --days 14] [--policy least-shortage] [--vehicles tight]
        [--time-limit 20] [--seed 1]

``district`` solves that size once (any size: 300 × 150 is the province) and tells the figures of the
plan. ``items`` and ``facilities`` solve a quarter of the items or facilities as well and tell the
exponent of growth, by default without vehicles in the way, so that no time limit flattens it.
``workers`` solves the district's parts by one and by two workers; ``parts`` does so once, with
``--workers``.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

GROWTH = {"facilities": 64, "items": 40, "days": 14, "vehicles": "slack", "time_limit": 120.0}
"""Sizes of the growth measurements where none were asked for; a solve that uses up its time limit says
nothing about growth (the lines carry the seconds of both)."""

WORKERS = {"facilities": 96, "items": 16, "days": 14, "vehicles": "slack", "time_limit": 120.0}
"""Six districts: enough parts to share."""

DISTRICT = {"facilities": 30, "items": 60, "days": 14, "vehicles": "tight", "time_limit": 20.0}
AT_MOST = {"items": 1.1, "facilities": 1.4}
FACTOR = 4


@dataclass(frozen=True)
class Case:
    """One solve: a size, a policy, and how many workers; 0 is ``core.solve`` on the whole."""

    facilities: int
    items: int
    days: int
    vehicles: str
    time_limit: float
    policy: str
    seed: int
    workers: int = 0

    @property
    def size(self) -> str:
        """For a line's name."""
        return f"{self.facilities} x {self.items} x {self.days}, {self.vehicles} vehicles"


def solve_here(case: Case) -> dict[str, Any]:
    """Make, solve and prove in this process; seconds are the solving alone, memory is all of it."""
    from supply.allocation import core, solver
    from supply.allocation.check import check
    from supply.allocation.scale.processes import solve_parts
    from supply.allocation.synthetic import synthetic_instance

    made = synthetic_instance(case.facilities, case.items, case.days, case.seed, case.vehicles)
    started = time.perf_counter()
    if case.workers:
        solver.WORKERS = 1  # one worker is one thread, as two are two
        plan = solve_parts(made, case.policy, case.time_limit, case.workers)
    else:
        plan = core.solve(made, case.policy, case.time_limit)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    figures = asdict(plan.shortage)
    return {
        "seconds": round(seconds, 2),
        "megabytes": round((peak + case.workers * children) / 1024),
        "violations": len(check(made, plan)),
        "status": plan.status,
        "shortage": figures,
        "gap_percent_of_shortage": _percent(figures["plan"] - figures["bound"], figures["plan"]),
        "above_bound_percent": _percent(figures["plan"] - figures["bound"], figures["bound"]),
        "below_proportional_percent": _percent(
            figures["proportional"] - plan.shortage.plan, figures["proportional"]
        ),
        "transfers": len(plan.transfers),
        "phases": dict(plan.seconds),
    }


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def solved(case: Case) -> dict[str, Any]:
    """The same in a process of its own, so that nothing is warm and memory is its own."""
    told = json.dumps(asdict(case))
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.allocation_scale", "--case", told],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def tell(name: str, unit: str, **figures: Any) -> None:
    """One line."""
    print(json.dumps({"name": f"allocation {name}", **figures, "unit": unit}), flush=True)


def district(case: Case) -> None:
    """One solve, with the figures of its plan."""
    found = solved(case)
    tell(f"{case.policy}, {case.size}", "s", ours=found.pop("seconds"), at_most=30, **found)


def growth(case: Case, what: str) -> None:
    """The exponent from a quarter of the items, or facilities, to all of them."""
    few = replace(case, **{what: max(1, getattr(case, what) // FACTOR)})
    small, large = solved(few)["seconds"], solved(case)["seconds"]
    factor = getattr(case, what) / getattr(few, what)
    exponent = round(math.log(large / small) / math.log(factor), 3)
    seconds = {"seconds_small": small, "seconds_large": large}
    name = f"{case.policy}, growth in {what} to {case.size}"
    tell(name, "exponent", ours=exponent, at_most=AT_MOST[what], **seconds)


def workers(case: Case) -> None:
    """One worker against two."""
    one, two = (solved(replace(case, workers=number))["seconds"] for number in (1, 2))
    told = {"other_is": "the same parts by 1 worker", "ratio": round(two / one, 3)}
    tell(f"{case.policy}, parts by 2 workers, {case.size}", "s", ours=two, other=one, **told)


def main() -> None:
    """Measure what was asked for, everything by default."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("what", nargs="*", default=["district", "items", "facilities", "workers"])
    parser.add_argument("--facilities", type=int)
    parser.add_argument("--items", type=int)
    parser.add_argument("--days", type=int)
    parser.add_argument("--vehicles", choices=["tight", "slack", "none"])
    parser.add_argument("--time-limit", type=float)
    parser.add_argument("--policy", default="least-shortage")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="of `parts`")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.case:
        print(json.dumps(solve_here(Case(**json.loads(asked.case)))))
        return
    for what in asked.what:
        sizes = {"district": DISTRICT, "parts": DISTRICT, "workers": WORKERS}.get(what, GROWTH)
        own = {name: value for name in sizes if (value := getattr(asked, name)) is not None}
        case = Case(**{**sizes, **own}, policy=asked.policy, seed=asked.seed)
        if what in AT_MOST:
            growth(case, what)
        elif what == "workers":
            workers(case)
        else:
            district(replace(case, workers=asked.workers if what == "parts" else 0))


if __name__ == "__main__":
    main()
