"""Dispensing without quotas: what transfers do by themselves, and what quotas add."""

from __future__ import annotations

from supply.allocation.arrays import Moves, build_arrays
from supply.allocation.ordinary import effects, ordinary_unmet
from tests.unit.allocation.build import arc, instance, lot, need


def test_without_quotas_all_classes_are_given_alike_and_early() -> None:
    made = instance(
        lots=[lot("B", 5)],
        demand=[need("B", 4, 0, "mild"), need("B", 4, 0, "critical"), need("B", 3, 1, "critical")],
    )
    problem = build_arrays(made)
    unmet = ordinary_unmet(problem.items[0], problem.network, Moves.none())
    place = problem.facility_ids.index("B")
    # 5 units for 4 and 4: 2 each, the odd one to the critical; nothing is left for tomorrow.
    assert unmet[place, 0].tolist()[:2] == [1, 3]
    assert unmet[place, 3].tolist()[0] == 2


def test_a_transfer_goes_as_far_as_there_is_stock_and_the_effects_add_up() -> None:
    made = instance(
        lots=[lot("A", 6)],
        demand=[need("A", 4, 0, "mild"), need("B", 5, 1)],
        arcs=[arc("A", "B", 0)],
    )
    problem = build_arrays(made)
    moves = [Moves.of([(0, 0, 1, 5)])]
    unmet = ordinary_unmet(problem.items[0], problem.network, moves[0])
    assert int(unmet.sum()) == 3  # A used 4 of 6 on the first day, 2 were left to send
    told = effects(problem, moves, plan_points=3)
    assert told["neither"] == 5000
    assert told["transfers_alone"] == 3000
    assert told["transfer_effect"] == 2000
    assert told["neither"] - told["transfer_effect"] - told["quota_effect"] == told["plan"]
