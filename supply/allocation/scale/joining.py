"""The plans of the parts as one plan of the whole, every figure told anew.

Senders, receivers and vehicles of a part are its own, so the union breaks no rule; ``check`` proves
it all the same. What no part could see, the arcs across the cuts, is left to a border pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from supply.allocation.arrays import build_arrays
from supply.allocation.instance import Instance
from supply.allocation.plan import Plan, Shortage, coverage_of, pins_unmet_of, weighted_shortage
from supply.allocation.proportional import proportional_moves, quotas_for
from supply.allocation.scale.bounding import pooled_unmet
from supply.allocation.scale.parts import arcs_across

WORST_FIRST = ("fallback", "feasible", "computed", "optimal")
PHASES_APART = "parts"


def joined(instance: Instance, parts: Sequence[Instance], plans: Sequence[Plan]) -> Plan:
    """One plan of all parts' plans; coverage, pins and shortages are those of the whole instance.

    Status ``optimal`` only if every part's is and nothing was cut. ``seconds`` adds up the parts'
    phases: work, not time passed. Raises ``ValueError`` where there is no plan to join.
    """
    if not plans:
        raise ValueError("no plans to join")
    transfers = tuple(
        sorted(
            (row for plan in plans for row in plan.transfers),
            key=lambda row: (row.day, row.origin, row.destination, row.item, row.lot),
        )
    )
    quotas = tuple(row for plan in plans for row in plan.quotas)
    first = plans[0]
    status = min((plan.status for plan in plans), key=WORST_FIRST.index)
    cut = bool(arcs_across(instance, parts))
    return replace(
        first,
        status="feasible" if cut and status in {"optimal", "computed"} else status,
        transfers=transfers,
        quotas=quotas,
        pins_unmet=pins_unmet_of(instance, transfers),
        coverage=coverage_of(instance, quotas),
        reasons=tuple(row for plan in plans for row in plan.reasons),
        shortage=_shortage(
            instance, parts, plans, weighted_shortage(instance, quotas, first.weights)
        ),
        seconds=_seconds(plans),
        litre_points={name: row for plan in plans for name, row in plan.litre_points.items()},
    )


def _seconds(plans: Sequence[Plan]) -> dict[str, float]:
    phases = {name: 0.0 for plan in plans for name in plan.seconds}
    for plan in plans:
        for name, seconds in plan.seconds.items():
            phases[name] = round(phases[name] + seconds, 3)
    return phases


def _shortage(
    instance: Instance, parts: Sequence[Instance], plans: Sequence[Plan], points: int
) -> Shortage:
    """The parts' bounds where nothing was cut off, the pooled bound of the others together."""
    crossing = {
        name for arc in arcs_across(instance, parts) for name in (arc.origin, arc.destination)
    }
    opened = [any(row.id in crossing for row in part.facilities) for part in parts]
    bound = sum(
        plan.shortage.bound for plan, is_open in zip(plans, opened, strict=True) if not is_open
    )
    open_places = {
        row.id
        for part, is_open in zip(parts, opened, strict=True)
        if is_open
        for row in part.facilities
    }
    bound += int(pooled_unmet(instance, open_places).sum())
    by_hand = (
        _proportional(instance) if crossing else sum(plan.shortage.proportional for plan in plans)
    )
    idle = sum(plan.shortage.no_transfer for plan in plans)
    return Shortage(min(bound, points, by_hand, idle), points, by_hand, idle)


def _proportional(instance: Instance) -> int:
    """The proportional plan's shortage over all ways, those across cuts too."""
    problem = build_arrays(instance)
    given = quotas_for(problem, proportional_moves(problem))
    return sum(
        int(((item.demand - units).sum(axis=(0, 2)) * problem.weights).sum())
        for item, units in zip(problem.items, given, strict=True)
    )
