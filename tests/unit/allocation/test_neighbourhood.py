"""What stops the nearest pack, and who could be lifted: told one rule at a time, and by brute force."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings

from supply.allocation.arrays import Moves, ProblemArrays, build_arrays
from supply.allocation.check import check
from supply.allocation.envy import lifts_of
from supply.allocation.explaining.causes import KINDS, Cause, causes_of
from supply.allocation.explaining.telling import KIND_NAMES, Told, tell_cause
from supply.allocation.instance import CLASSES, Instance
from supply.allocation.neighbourhood import Neighbourhood, litres_left, neighbourhood
from supply.allocation.plan import Plan, Quota, Shortage, Transfer, coverage_of, weighted_shortage
from supply.allocation.proportional import proportional_moves, quotas_for
from supply.core.text import Text
from tests.unit.allocation.build import arc, instance, instances, lot, need

PACKS_OF_20 = {"items": [{"id": "X", "pack_size": 20}]}
LITRES = {"items": [{"id": "X", "litres_per_unit": 1.0}]}
FRESH = {"items": [{"id": "X", "min_shelf_life_days": 5}]}
BASE: dict[str, Any] = {
    "lots": [lot("A", 10)],
    "demand": [need("B", 6, 2)],
    "arcs": [arc("A", "B")],
}


def plan_of(asked: Instance, problem: ProblemArrays, moves: list[Moves]) -> Plan:
    """The plan of these transfers with their best quotas."""
    names, network = problem.facility_ids, problem.network
    transfers = tuple(
        Transfer(
            names[network.origin[a]],
            names[network.destination[a]],
            problem.item_ids[k],
            problem.items[k].lot_ids[number],
            day,
            quantity,
        )
        for k, moved in enumerate(moves)
        for a, number, day, quantity in moved.rows()
    )
    quotas = tuple(
        Quota(names[f], problem.item_ids[k], CLASSES[c], t, int(given[f, c, t]))
        for k, given in enumerate(quotas_for(problem, moves))
        for f, c, t in np.argwhere(given > 0).tolist()
    )
    points = weighted_shortage(asked, quotas)
    return Plan(
        "computed",
        "proportional",
        "test",
        Shortage(0, points, points, points),
        transfers,
        quotas,
        coverage=coverage_of(asked, quotas),
    )


def near(
    problem: ProblemArrays, moves: list[Moves], k: int = 0
) -> tuple[Neighbourhood, np.ndarray]:
    litres = litres_left(problem, moves)
    return neighbourhood(problem.items[k], problem.network, moves[k], litres), litres


def cause_at_b(**tables: Any) -> Cause:
    """Why B's most urgent class misses X when nothing is moved."""
    problem = build_arrays(instance(**(BASE | tables)))
    one, litres = near(problem, [Moves.none()])
    everybody = np.ones(problem.network.n_facilities, dtype=bool)
    causes = causes_of(one, problem.network, litres, problem.weights, everybody)
    return min((key, cause) for key, cause in causes.items() if key[0] == 1)[1]


@pytest.mark.parametrize(
    ("kind", "tables"),
    [
        ("open", {}),
        (
            "vehicle",
            LITRES
            | {"vehicles": [{"facility": "A", "day": 0, "trips": 0, "litres_per_trip": 9.0}]},
        ),
        ("reserve", {"reserve": [{"facility": "A", "item": "X", "quantity": 10}]}),
        ("pack", PACKS_OF_20),
        ("expiry", FRESH | {"lots": [lot("A", 10, expiry="2022-03-04")]}),
        ("lead_time", {"arcs": [arc("A", "B", 3)]}),
        ("pin", {"pins": [{"from": "A", "to": "B", "item": "X", "max_quantity": 0}]}),
        ("own_need", {"demand": [need("B", 6, 2), need("A", 10, 2)]}),
        ("late_stock", {"lots": [], "arrivals": [lot("A", 10) | {"day": 4}]}),
        ("no_arc", {"arcs": [arc("B", "A")]}),
        ("nothing_left", {"lots": []}),
    ],
)
def test_the_rule_that_stops_the_nearest_pack_is_named(kind: str, tables: dict[str, Any]) -> None:
    cause = cause_at_b(**tables)
    assert cause.kinds == (kind,)
    told = tell_cause(Told(cause.kinds, Text("Kho A", "Store A"), Text("hôm nay", "today")))
    assert told.vi
    assert told.en
    assert told.vi != told.en


def test_two_rules_are_both_named_and_goods_in_use_come_last() -> None:
    cause = cause_at_b(
        **(PACKS_OF_20 | {"reserve": [{"facility": "A", "item": "X", "quantity": 10}]})
    )
    assert cause.kinds == ("reserve", "pack")
    facilities = {"facilities": [{"id": "A"}, {"id": "B"}, {"id": "C"}]}
    cause = cause_at_b(
        **facilities,
        lots=[lot("A", 10), lot("C", 6)],
        demand=[need("B", 6, 2), need("A", 10, 2)],
        arcs=[arc("A", "B"), arc("C", "B")],
        reserve=[{"facility": "C", "item": "X", "quantity": 6}],
    )
    assert cause.kinds == ("reserve",)
    assert cause.origin == 2


def test_every_kind_has_its_words() -> None:
    assert set(KIND_NAMES) == set(KINDS)


def test_a_lift_leaves_the_sender_above_where_the_receiver_stood() -> None:
    tables = {
        "items": [{"id": "X", "pack_size": 5}],
        "demand": [need("A", 10), need("B", 10)],
        "arcs": [arc("A", "B")],
    }
    for held, lifted in ((9, True), (7, False)):
        problem = build_arrays(instance(lots=[lot("A", held), lot("B", 2)], **tables))
        one, litres = near(problem, [Moves.none()])
        lifts, tried = lifts_of(one, problem.network, litres, problem.weights)
        assert tried == 1  # leaving later would come after the need
        assert [(lift.facility, lift.served) for lift in lifts] == [(1, (2, 7))] * lifted


NO_TRIP = instance(
    horizon_days=2,
    lots=[lot("A", 1)],
    demand=[need("B", 1, 1)],
    arcs=[arc("A", "B")],
    vehicles=[{"facility": "A", "day": 1, "trips": 0, "litres_per_trip": 0.0}],
)
"""A thing of no volume at a sender whose vehicle has no trip on the one day and no row on the other."""

FREED = instance(
    horizon_days=2,
    items=[{"id": "X", "pack_size": 4}],
    lots=[lot("A", 8), lot("B", 23)],
    demand=[need("B", 22, 1, "severe"), need("B", 17, 0, "staff")],
    arcs=[arc("A", "B", 1)],
)
"""What comes in for the severe on day 1 frees what the staff miss on day 0."""


@settings(max_examples=12, deadline=None)
@given(instances())
@example(NO_TRIP)
@example(FREED)
def test_the_lifts_are_those_that_brute_force_finds(asked: Instance) -> None:
    problem = build_arrays(asked)
    moves = proportional_moves(problem)
    for k, item in enumerate(problem.items):
        one, litres = near(problem, moves, k)
        lifts, _ = lifts_of(one, problem.network, litres, problem.weights)
        first = {lift.facility: lift.cls for lift in reversed(lifts)}
        assert first == brute_lifts(asked, problem, moves, k)
        for lift in lifts:
            a = problem.network.arc_index[lift.origin, lift.facility]
            row = (a, lift.lot, lift.day, item.pack_size)
            after = [*moves[:k], Moves.of([*moves[k].rows(), row]), *moves[k + 1 :]]
            before = weighted_shortage(asked, plan_of(asked, problem, moves).quotas)
            now = weighted_shortage(asked, plan_of(asked, problem, after).quotas)
            assert before - now == lift.points


def brute_lifts(
    asked: Instance, problem: ProblemArrays, moves: list[Moves], k: int
) -> dict[int, int]:
    """Facility to the most urgent class that any one pack lifts, by checking every such plan."""
    item, network = problem.items[k], problem.network
    needed = item.demand.sum(axis=2)
    before = quotas_for(problem, moves)[k].sum(axis=2)
    found: dict[int, int] = {}
    for a in range(network.n_arcs):
        g, f = int(network.origin[a]), int(network.destination[a])
        for number in range(item.n_lots):
            # A vehicle that makes no trip carries nothing, not even what has no volume.
            for day in np.flatnonzero(network.vehicle_litres[g] > 0).tolist():
                row = (a, number, day, item.pack_size)
                after = [*moves[:k], Moves.of([*moves[k].rows(), row]), *moves[k + 1 :]]
                served = quotas_for(problem, after)[k].sum(axis=2)
                for c in range(len(CLASSES)):
                    lost = served[g, c] < before[g, c]
                    above = served[g, c] * needed[f, c] > before[f, c] * needed[g, c]
                    if (
                        served[f, c] > before[f, c]
                        and (not lost or above)
                        and (served[g, :c] >= before[g, :c]).all()
                        and not check(asked, plan_of(asked, problem, after))
                    ):
                        found[f] = min(found.get(f, c), c)
    return found
