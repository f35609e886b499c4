"""Whether one pack more could still do some good: brute force over every pack that may be sent.

The statement: in a fair plan, for no way, lot and day does sending one pack more (all rules kept,
quotas set anew) lift a facility without pushing another below it. Coverage is that of the pack's
item; of the classes the most urgent one that changes is looked at, since policies go class by class;
"pushing below" means that somebody loses and then stands lower than the lifted one then does.
It is asked of packs that could still be sent. Of packs taken back it does not hold: rounding may have
sent one more than the programme's fraction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given, settings

from supply.allocation.arrays import Floats, Ints, ItemArrays, Moves, ProblemArrays, build_arrays
from supply.allocation.core import solve
from supply.allocation.instance import Instance
from supply.allocation.plan import Plan
from supply.allocation.quotas import best_quotas, broken_flows, flows_of
from tests.unit.allocation import build
from tests.unit.allocation.build import instances

Rows = list[tuple[int, int, int, int]]
"""(arc, lot, day, quantity)"""

ALL_CLASSES = (0, 1, 2, 3)
TINY = 1e-9


@dataclass(frozen=True)
class Pack:
    """One pack more over a way, of a lot, on a day."""

    item: ItemArrays
    arc: int
    lot: int
    day: int


def rows_of(problem: ProblemArrays, plan: Plan) -> list[Rows]:
    """The plan's transfers, by item, in numbers."""
    facility = {name: number for number, name in enumerate(problem.facility_ids)}
    rows: list[Rows] = [[] for _ in problem.items]
    for t in plan.transfers:
        item = problem.items[problem.item_ids.index(t.item)]
        arc = problem.network.arc_index[facility[t.origin], facility[t.destination]]
        rows[item.index].append((arc, item.lot_ids.index(t.lot), t.day, t.quantity))
    return rows


def litres_left(problem: ProblemArrays, rows: list[Rows]) -> Floats:
    """(F, T) room in the vehicles beside the plan."""
    left = problem.network.vehicle_litres.copy()
    for item, of_item in zip(problem.items, rows, strict=True):
        for arc, _, day, quantity in of_item:
            left[problem.network.origin[arc], day] -= quantity * item.litres_per_unit
    return left


def packs(problem: ProblemArrays, rows: list[Rows]) -> Iterator[Pack]:
    """Every pack that vehicles and shelf life would let go."""
    network, left = problem.network, litres_left(problem, rows)
    for item in problem.items:
        litres = item.pack_size * item.litres_per_unit
        for arc in range(network.n_arcs):
            origin = network.origin[arc]
            for day in range(network.n_days):
                if network.vehicle_litres[origin, day] <= 0 or litres > left[origin, day] + TINY:
                    continue
                arrival = day + int(network.lead_days[arc])
                for lot in range(item.n_lots):
                    if item.expiry_day[lot] - arrival >= item.min_shelf_life_days:
                        yield Pack(item, arc, lot, day)


def served(problem: ProblemArrays, item: ItemArrays, rows: Rows) -> Ints | None:
    """(F, C) units served with the best quotas; None if stock or a reserve is not kept."""
    flows = flows_of(item, problem.network, Moves.of(rows))
    if broken_flows(item, flows):
        return None
    return best_quotas(item, flows, ALL_CLASSES).sum(axis=2)


def does_good(item: ItemArrays, before: Ints, after: Ints) -> bool:
    """Whether the most urgent class that changes has someone lifted whom no loser then stands below."""
    needed = item.demand.sum(axis=2)
    for c in ALL_CLASSES:
        change = after[:, c] - before[:, c]
        if not change.any():
            continue
        coverage = after[:, c] / np.maximum(needed[:, c], 1)
        lowest_loser = coverage[change < 0].min(initial=np.inf)
        return bool((coverage[change > 0] <= lowest_loser + TINY).any())
    return False


def packs_that_do_good(made: Instance, plan: Plan) -> list[Pack]:
    """All of them; none in a fair plan."""
    problem = build_arrays(made)
    rows = rows_of(problem, plan)
    before = [served(problem, item, rows[item.index]) for item in problem.items]
    found = []
    for pack in packs(problem, rows):
        item, stood = pack.item, before[pack.item.index]
        more = [*rows[item.index], (pack.arc, pack.lot, pack.day, item.pack_size)]
        after = served(problem, item, more)
        if stood is not None and after is not None and does_good(item, stood, after):
            found.append(pack)
    return found


@settings(max_examples=25, deadline=None, derandomize=True)
@given(instances())
def test_no_pack_more_lifts_anybody_without_pushing_another_below(made: Instance) -> None:
    assert packs_that_do_good(made, solve(made, "lexicographic", 10)) == []


def test_a_plan_that_left_a_pack_lying_is_found_out() -> None:
    """The brute force itself: without transfers somebody could be helped."""
    made = build.instance(
        lots=[build.lot("A", 9)], demand=[build.need("B", 6)], arcs=[build.arc("A", "B")]
    )
    assert packs_that_do_good(made, solve(made, "lexicographic", 5)) == []
    idle = replace(solve(made, "lexicographic", 5), transfers=(), quotas=())
    assert [pack.day for pack in packs_that_do_good(made, idle)] == [0]
