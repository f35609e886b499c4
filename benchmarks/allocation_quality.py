"""How good plans are on made-up instances: shortage against the bound and the proportional plan, the
effects of transfers and of quotas apart, the worst coverage, what fairness costs. One JSON line per
policy; ``ours`` is the plan's shortage, ``other`` the bound's or the proportional plan's.

    python -m benchmarks.allocation_quality [--facilities 12 --items 20 --days 14] [--seconds 60]
        [--policies least-shortage,lexicographic] [--vehicles tight] [--workers 2]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections import defaultdict
from dataclasses import astuple

from supply.allocation.arrays import build_arrays, moves_of_plan
from supply.allocation.check import check
from supply.allocation.instance import Instance
from supply.allocation.ordinary import effects
from supply.allocation.plan import Plan
from supply.allocation.scale.processes import solve_in_time
from supply.allocation.synthetic import synthetic_instance

POLICIES = "least-shortage,lexicographic,equity,two-phase"


def worst(plan: Plan) -> dict[str, float]:
    """The lowest coverage of any facility, by class."""
    found: defaultdict[str, float] = defaultdict(lambda: 1.0)
    for row in plan.coverage:
        found[row.demand_class] = min(found[row.demand_class], round(row.coverage, 4))
    return dict(found)


def measure(instance: Instance, policy: str, asked: argparse.Namespace) -> int:
    """Solve, prove, print; returns the plan's shortage in points."""
    started = time.monotonic()
    plan = solve_in_time(instance, policy, asked.seconds, asked.workers)
    seconds = time.monotonic() - started
    problem = build_arrays(instance)
    moves = moves_of_plan(problem, (astuple(t) for t in plan.transfers))
    points = plan.shortage
    size = f"{asked.facilities} x {asked.items} x {asked.days} {asked.vehicles}"
    name = f"allocation {policy}, {size}"
    told = {
        "violations": len(check(instance, plan)),
        "status": plan.status,
        "seconds": round(seconds, 1),
        "limit": asked.seconds,
        "no_transfer": points.no_transfer,
        "transfers": len(plan.transfers),
        "worst_coverage": worst(plan),
        "effects": effects(problem, moves, points.plan),
        "peak_mb": _peak_mb(),
    }
    for other_is, other in (("bound", points.bound), ("proportional", points.proportional)):
        ratio = round(points.plan / max(1, other), 4)
        line = {"name": name, "ours": points.plan, "other": other, "other_is": other_is}
        print(json.dumps({**line, "ratio": ratio, "unit": "points of shortage"}), flush=True)
    print(json.dumps({"name": name, **told}), flush=True)
    return points.plan


def _peak_mb() -> int:
    """Of this process and of the largest it waited for, in MB."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) // 1024


def main() -> None:
    """Every policy on the same instance, then what the fair ones cost beside the least shortage."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--facilities", type=int, default=12)
    options.add_argument("--items", type=int, default=20)
    options.add_argument("--days", type=int, default=14)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--vehicles", default="tight")
    options.add_argument("--policies", default=POLICIES)
    options.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = options.parse_args()
    made = synthetic_instance(asked.facilities, asked.items, asked.days, 1, asked.vehicles)
    points = {policy: measure(made, policy, asked) for policy in asked.policies.split(",")}
    least = points.get("least-shortage")
    for policy, value in points.items():
        if least and policy != "least-shortage":
            line = {"name": f"what {policy} costs", "ours": value, "other": least}
            ratio = round(value / least, 4)
            print(json.dumps({**line, "other_is": "least-shortage", "ratio": ratio}), flush=True)


if __name__ == "__main__":
    main()
