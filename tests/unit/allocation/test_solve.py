"""What every plan must keep, told as small stories and as properties over made-up instances."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.allocation import core
from supply.allocation.arrays import build_arrays
from supply.allocation.check import check
from supply.allocation.core import PolicyError, solve
from supply.allocation.instance import Arc, Facility, Instance, Lot
from supply.allocation.instance_json import instance_to_json, parse_instance
from supply.allocation.market import open_market
from supply.allocation.plan import Plan, plan_from_json, plan_to_json, weighted_shortage
from supply.allocation.policies import POLICIES
from supply.allocation.solver import Solution, SolverError
from supply.allocation.synthetic import synthetic_instance
from tests.unit.allocation.build import arc, instance, instances, lot, need

WEIGHTS = np.array([1000, 100, 30, 1], dtype=np.int64)


def moved(plan: Plan) -> list[tuple[str, str, str, int, int]]:
    return [(t.origin, t.destination, t.lot, t.day, t.quantity) for t in plan.transfers]


def test_spare_stock_goes_to_who_has_none() -> None:
    plan = solve(instance(lots=[lot("A", 9)], demand=[need("B", 6)], arcs=[arc("A", "B")]))
    assert moved(plan) == [("A", "B", "L1", 0, 6)]
    assert plan.shortage.plan == plan.shortage.bound == 0
    assert plan.shortage.no_transfer == 6000
    assert plan.status == "optimal"


def test_the_reserve_stays_at_home() -> None:
    plan = solve(
        instance(
            lots=[lot("A", 9)],
            demand=[need("B", 6)],
            arcs=[arc("A", "B")],
            reserve=[{"facility": "A", "item": "X", "quantity": 5}],
        )
    )
    assert moved(plan) == [("A", "B", "L1", 0, 4)]


def test_rationing_the_mild_lets_more_move_to_the_critical() -> None:
    plan = solve(
        instance(
            lots=[lot("A", 10)],
            demand=[need("A", 6, 0, "mild"), need("B", 4, 2)],
            arcs=[arc("A", "B", 1)],
            reserve=[{"facility": "A", "item": "X", "quantity": 6}],
        )
    )
    assert plan.shortage.plan == 0 or weighted_shortage_of_critical(plan) == 0


def weighted_shortage_of_critical(plan: Plan) -> int:
    return sum(1 for row in plan.coverage if row.demand_class == "critical" and row.coverage < 1)


def test_goods_too_short_of_shelf_life_do_not_travel() -> None:
    plan = solve(
        instance(
            items=[{"id": "X", "min_shelf_life_days": 2}],
            lots=[lot("A", 9, expiry="2022-03-02")],
            demand=[need("B", 6)],
            arcs=[arc("A", "B")],
        )
    )
    assert plan.transfers == ()
    assert plan.shortage.plan == plan.shortage.bound == 6000


def test_what_comes_with_lead_zero_does_not_leave_the_same_day() -> None:
    made = instance(
        facilities=[{"id": "A"}, {"id": "B"}, {"id": "C"}],
        lots=[lot("A", 5)],
        demand=[need("C", 5, 0), need("C", 5, 1)],
        arcs=[arc("A", "B"), arc("B", "C")],
    )
    plan = solve(made)
    assert check(made, plan) == []
    assert moved(plan) == [("A", "B", "L1", 0, 5), ("B", "C", "L1", 1, 5)]


@pytest.mark.parametrize(("reserve", "sent"), [(1, 8), (0, 11)])
def test_whole_packs_travel_or_everything_left(reserve: int, sent: int) -> None:
    plan = solve(
        instance(
            items=[{"id": "X", "pack_size": 4}],
            lots=[lot("A", 11)],
            demand=[need("B", 10)],
            reserve=[{"facility": "A", "item": "X", "quantity": reserve}],
            arcs=[arc("A", "B")],
        )
    )
    assert sum(t.quantity for t in plan.transfers) == sent


def test_a_full_vehicle_takes_no_more() -> None:
    plan = solve(
        instance(
            items=[{"id": "X", "litres_per_unit": 2.0}],
            lots=[lot("A", 50)],
            demand=[need("B", 40, 0), need("B", 40, 1)],
            arcs=[arc("A", "B")],
            vehicles=[{"facility": "A", "day": 0, "trips": 1, "litres_per_trip": 31}],
        )
    )
    assert moved(plan) == [("A", "B", "L1", 0, 15)]


def test_the_worst_off_comes_first_within_a_class() -> None:
    made = instance(
        facilities=[{"id": "A"}, {"id": "B"}, {"id": "C"}],
        lots=[lot("A", 10)],
        demand=[need("B", 10), need("C", 30)],
        arcs=[arc("A", "B"), arc("A", "C")],
    )
    coverage = {row.facility: row.coverage for row in solve(made).coverage}
    assert abs(coverage["B"] - coverage["C"]) < 0.1


def test_pins_are_met_as_far_as_stock_goes_and_the_rest_is_named() -> None:
    pin = {"from": "A", "to": "B", "item": "X", "min_quantity": 12, "max_quantity": None}
    plan = solve(instance(lots=[lot("A", 9)], arcs=[arc("A", "B")], pins=[pin]))
    assert sum(t.quantity for t in plan.transfers) == 9
    assert [(p.short, p.over) for p in plan.pins_unmet] == [(3, 0)]


def test_a_pin_on_a_pair_without_a_way_is_named() -> None:
    pin = {"from": "B", "to": "A", "item": "X", "min_quantity": 2}
    plan = solve(instance(lots=[lot("A", 9)], arcs=[arc("A", "B")], pins=[pin]))
    assert [(p.origin, p.short) for p in plan.pins_unmet] == [("B", 2)]


@pytest.mark.parametrize("tables", [{}, {"lots": [lot("A", 9, expiry="2022-02-01")]}])
def test_nothing_to_give_is_an_honest_plan(tables: dict[str, list[dict[str, object]]]) -> None:
    made = instance(demand=[need("A", 3)], arcs=[arc("A", "B"), arc("B", "A")], **tables)
    plan = solve(made)
    assert plan.transfers == ()
    assert plan.quotas == ()
    assert plan.shortage.plan == plan.shortage.bound == 3000


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(PolicyError):
        solve(instance(), "first-come")


def test_a_plan_that_fails_the_check_gives_way_to_the_proportional_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A broken repair is simulated at its seam: twice the packs that there are."""
    made = instance(lots=[lot("A", 9)], demand=[need("B", 6)], arcs=[arc("A", "B")])
    sound = core.to_packs

    def doubled(*args: object, **options: object) -> object:
        return [
            replace(moves, quantity=moves.quantity * 2)
            for moves in sound(*args, **options)  # type: ignore[arg-type]
        ]

    monkeypatch.setattr(core, "to_packs", doubled)
    plan = solve(made)
    assert plan.status == "fallback"
    assert check(made, plan) == []


@settings(max_examples=40, deadline=None)
@given(instances(), st.sampled_from(sorted(POLICIES)))
def test_every_plan_of_every_policy_holds(made: Instance, policy: str) -> None:
    plan = solve(made, policy, 5)
    assert check(made, plan) == []
    assert plan.status != "fallback"
    assert plan.shortage.bound <= plan.shortage.plan == weighted_shortage(made, plan.quotas)
    assert plan_from_json(plan_to_json(plan)) == plan


@settings(max_examples=15, deadline=None)
@given(instances())
def test_lots_are_conserved_and_nothing_expired_is_sent(made: Instance) -> None:
    plan = solve(made, "least-shortage", 5)
    expiry = {(row.item, row.lot): row.expiry for row in (*made.lots, *made.arrivals)}
    there: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in (*made.lots, *made.arrivals):
        there[row.item, row.lot] += row.quantity
    for sent in plan.transfers:
        last = expiry[sent.item, sent.lot]
        assert last is None or made.start + timedelta(days=sent.day) <= last
    for item in made.items:
        given_units = sum(q.quantity for q in plan.quotas if q.item == item.id)
        assert given_units <= sum(n for (name, _), n in there.items() if name == item.id)


def bound_of(made: Instance) -> int:
    return open_market(build_arrays(made), WEIGHTS, 5).bound


@settings(max_examples=15, deadline=None)
@given(instances(limits=False), st.integers(1, 20), st.data())
def test_more_stock_or_one_more_way_never_raises_the_bound(
    made: Instance, extra: int, draw: st.DataObject
) -> None:
    names = [row.id for row in made.facilities]
    more = Lot(draw.draw(st.sampled_from(names)), made.items[0].id, "L3", None, extra)
    richer = replace(made, lots=(*made.lots, more))
    known = {(row.origin, row.destination) for row in made.arcs}
    free = [(a, b) for a in names for b in names if a != b and (a, b) not in known]
    wider = replace(made, arcs=(*made.arcs, *(Arc(a, b, 1) for a, b in free[:1])))
    assert bound_of(richer) <= bound_of(made) + 1
    assert bound_of(wider) <= bound_of(made) + 1


@settings(max_examples=15, deadline=None)
@given(instances())
def test_renaming_facilities_changes_no_figure_of_the_programme(made: Instance) -> None:
    data = instance_to_json(made)
    new = {row.id: f"Z{9 - index}" for index, row in enumerate(made.facilities)}
    for table in data.values():
        for row in table if isinstance(table, list) else []:
            for column in ("facility", "from", "to", "id"):
                if row.get(column) in new:
                    row[column] = new[row[column]]
    renamed = parse_instance(data)
    assert {row.id for row in renamed.facilities} == set(new.values())
    assert abs(bound_of(renamed) - bound_of(made)) <= 1
    assert isinstance(renamed.facilities[0], Facility)


def test_a_small_district_beats_the_proportional_plan_by_far() -> None:
    made = synthetic_instance(6, 3, 7, seed=3, vehicles="slack")
    plan = solve(made, "least-shortage", 3)
    assert check(made, plan) == []
    assert plan.shortage.plan < 0.5 * plan.shortage.proportional
    fair = solve(made, "lexicographic", 3)
    worst = min(row.coverage for row in fair.coverage if row.demand_class == "critical")
    hand = solve(made, "proportional", 3)
    worst_by_hand = min(row.coverage for row in hand.coverage if row.demand_class == "critical")
    assert worst >= worst_by_hand


def test_a_solver_without_time_still_leaves_a_checked_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    from supply.allocation import reserves

    def never(*args: object, **kwargs: object) -> Solution:
        raise SolverError("no time left")

    monkeypatch.setattr(reserves, "solve_linear", never)
    made = instance(lots=[lot("A", 9)], demand=[need("B", 6)], arcs=[arc("A", "B")])
    plan = solve(made)
    assert check(made, plan) == []
    assert plan.status == "feasible"
    assert plan.shortage.bound <= plan.shortage.plan


@pytest.mark.parametrize(("litres_per_unit", "sent"), [(0.0, 5), (0.001, 0)])
def test_a_trip_without_room_takes_what_has_no_volume(litres_per_unit: float, sent: int) -> None:
    asked = instance(
        items=[{"id": "X", "litres_per_unit": litres_per_unit}],
        lots=[lot("A", 10)],
        demand=[need("B", 5, 1)],
        arcs=[arc("A", "B")],
        vehicles=[{"facility": "A", "day": 0, "trips": 1, "litres_per_trip": 0.0}],
    )
    plan = solve(asked, "least-shortage", 2.0)
    assert sum(row.quantity for row in plan.transfers) == sent
    assert plan.shortage.plan == 1000 * (5 - sent)
    assert plan.shortage.plan - 1 <= plan.shortage.bound <= plan.shortage.plan
