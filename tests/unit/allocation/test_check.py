"""The proof finds what it should find: every way of bending a good plan, and each rule by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from supply.allocation.check import check
from supply.allocation.core import solve
from supply.allocation.instance import Instance
from supply.allocation.plan import (
    Plan,
    Quota,
    Shortage,
    Transfer,
    coverage_of,
    pins_unmet_of,
    weighted_shortage,
)
from tests.unit.allocation.build import arc, instance, instances, lot, need


def plan_of(
    made: Instance, transfers: tuple[Transfer, ...] = (), quotas: tuple[Quota, ...] = ()
) -> Plan:
    """A plan whose figures are true, whatever its rows are."""
    points = weighted_shortage(made, quotas)
    return Plan(
        status="by hand",
        policy="test",
        model_version="test",
        shortage=Shortage(min(0, points), points, max(points, 0), max(points, 0)),
        transfers=transfers,
        quotas=quotas,
        pins_unmet=pins_unmet_of(made, transfers),
        coverage=coverage_of(made, quotas),
    )


def sent(quantity: int, day: int = 0, lot: str = "L1", to: str = "B") -> Transfer:
    return Transfer("A", to, "X", lot, day, quantity)


def served(facility: str, quantity: int, day: int = 0, cls: str = "critical") -> Quota:
    return Quota(facility, "X", cls, day, quantity)


STOCK = {"lots": [lot("A", 10)], "arcs": [arc("A", "B", 1)], "demand": [need("B", 8, 1)]}
RULES: list[tuple[str, dict[str, Any], tuple[Transfer, ...], tuple[Quota, ...]]] = [
    ("stock", STOCK, (sent(11),), ()),
    ("no_arc", {**STOCK, "arcs": []}, (sent(1),), ()),
    ("unknown_lot", STOCK, (sent(1, lot="L7"),), ()),
    ("unknown_facility", STOCK, (), (served("Z", 0),)),
    ("day", STOCK, (sent(1, day=5),), ()),
    ("quantity", STOCK, (sent(0),), ()),
    ("packs", {**STOCK, "items": [{"id": "X", "pack_size": 4}]}, (sent(6),), ()),
    (
        "shelf_life",
        {
            **STOCK,
            "items": [{"id": "X", "min_shelf_life_days": 3}],
            "lots": [lot("A", 10, expiry="2022-03-03")],
        },
        (sent(1),),
        (),
    ),
    ("stock", {**STOCK, "lots": [lot("A", 10, expiry="2022-03-02")]}, (sent(1, day=2),), ()),
    (
        "reserve",
        {**STOCK, "reserve": [{"facility": "A", "item": "X", "quantity": 5}]},
        (sent(6),),
        (),
    ),
    (
        "vehicles",
        {
            **STOCK,
            "items": [{"id": "X", "litres_per_unit": 1.0}],
            "vehicles": [{"facility": "A", "day": 0, "trips": 1, "litres_per_trip": 5}],
        },
        (sent(6),),
        (),
    ),
    (
        "vehicles",
        {**STOCK, "vehicles": [{"facility": "A", "day": 3, "trips": 1, "litres_per_trip": 5}]},
        (sent(6),),
        (),
    ),
    (  # goods without a volume: a day without a trip is a day without transport
        "vehicles",
        {**STOCK, "vehicles": [{"facility": "A", "day": 0, "trips": 0, "litres_per_trip": 5}]},
        (sent(6),),
        (),
    ),
    ("quota_stock", STOCK, (), (served("B", 1, day=1),)),
    ("quota_demand", STOCK, (sent(10),), (served("B", 9, day=1),)),
]


@pytest.mark.parametrize(
    ("code", "tables", "transfers", "quotas"),
    RULES,
    ids=[f"{i} {r[0]}" for i, r in enumerate(RULES)],
)
def test_each_rule_is_found_by_name(
    code: str,
    tables: dict[str, Any],
    transfers: tuple[Transfer, ...],
    quotas: tuple[Quota, ...],
) -> None:
    made = instance(**tables)
    found = check(made, plan_of(made, transfers, quotas))
    assert code in {violation.code for violation in found}
    assert all(violation.text_vi for violation in found)
    assert all(violation.text_en for violation in found)


def test_goods_without_a_volume_need_a_trip_and_no_room() -> None:
    rows = [
        {"facility": "A", "day": 0, "trips": 0, "litres_per_trip": 500},
        {"facility": "A", "day": 0, "trips": 1, "litres_per_trip": 0},
    ]
    assert check(*_sent_with(rows)) == []
    assert [v.code for v in check(*_sent_with(rows[:1]))] == ["vehicles"]


def _sent_with(vehicles: list[dict[str, Any]]) -> tuple[Instance, Plan]:
    made = instance(**{**STOCK, "vehicles": vehicles})
    return made, plan_of(made, (sent(10),))


def test_a_broken_pack_may_take_everything_left_of_a_lot() -> None:
    made = instance(**{**STOCK, "items": [{"id": "X", "pack_size": 4}]})
    assert check(made, plan_of(made, (sent(10),))) == []


def test_two_broken_packs_of_a_lot_on_one_day_are_one_too_many() -> None:
    made = instance(
        facilities=[{"id": "A"}, {"id": "B"}, {"id": "C"}],
        items=[{"id": "X", "pack_size": 4}],
        lots=[lot("A", 10)],
        arcs=[arc("A", "B"), arc("A", "C")],
    )
    found = check(made, plan_of(made, (sent(5), sent(5, to="C"))))
    assert [violation.code for violation in found] == ["packs"]


def test_use_leaves_alone_what_is_shipped_later() -> None:
    made = instance(
        lots=[lot("A", 6)], demand=[need("A", 6, 0), need("B", 6, 2)], arcs=[arc("A", "B", 1)]
    )
    found = check(made, plan_of(made, (sent(6, day=1),), (served("A", 6),)))
    assert [violation.code for violation in found] == ["quota_stock"]


def test_a_transfer_that_arrives_after_the_last_day_is_allowed() -> None:
    made = instance(**{**STOCK, "arcs": [arc("A", "B", 9)]})
    assert check(made, plan_of(made, (sent(3),))) == []


def first_transfer(change: Callable[[Transfer], Transfer]) -> Callable[[Plan], Plan]:
    def bend(plan: Plan) -> Plan:
        assume(plan.transfers)
        return replace(plan, transfers=(change(plan.transfers[0]), *plan.transfers[1:]))

    return bend


def bend_figures(plan: Plan) -> Plan:
    return replace(plan, shortage=replace(plan.shortage, plan=plan.shortage.plan + 1))


def bend_coverage(plan: Plan) -> Plan:
    assume(plan.coverage)
    row = plan.coverage[0]
    return replace(plan, coverage=(replace(row, coverage=row.coverage + 0.1), *plan.coverage[1:]))


def forget_quota(plan: Plan) -> Plan:
    assume(plan.quotas)
    return replace(plan, quotas=plan.quotas[1:])


def double_quota(plan: Plan) -> Plan:
    assume(plan.quotas)
    return replace(plan, quotas=(*plan.quotas, plan.quotas[0]))


BENDS: list[Callable[[Plan], Plan]] = [
    bend_figures,
    bend_coverage,
    forget_quota,
    double_quota,
    first_transfer(lambda row: replace(row, quantity=row.quantity + 10**6)),
    first_transfer(lambda row: replace(row, quantity=-row.quantity)),
    first_transfer(lambda row: replace(row, destination=row.origin)),
    first_transfer(lambda row: replace(row, day=-1)),
    first_transfer(lambda row: replace(row, lot="no such lot")),
    first_transfer(lambda row: replace(row, item="no such item")),
]


@settings(max_examples=40, deadline=None)
@given(instances(), st.sampled_from(BENDS))
def test_a_bent_plan_is_always_caught(made: Instance, bend: Callable[[Plan], Plan]) -> None:
    plan = solve(made, "least-shortage", 5)
    assert check(made, plan) == []
    assert check(made, bend(plan)) != []


def test_pins_that_are_not_told_are_found() -> None:
    pin = {"from": "A", "to": "B", "item": "X", "min_quantity": 4, "max_quantity": 6}
    made = instance(**{**STOCK, "pins": [pin]})
    silent = replace(plan_of(made), pins_unmet=())
    assert [violation.code for violation in check(made, silent)] == ["pins_unmet"]
    over = plan_of(made, (sent(8),))
    assert [(row.short, row.over) for row in over.pins_unmet] == [(0, 2)]
    assert check(made, over) == []
