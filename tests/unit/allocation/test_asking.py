"""What a plan is asked, and what is found missing or odd before it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.allocation.asking.findings import findings_json, look_over
from supply.allocation.asking.form import query_pairs, request_of
from supply.allocation.asking.request import PlanRequest, faults_of
from supply.allocation.asking.tables import item_inputs, place_inputs
from supply.allocation.asking.world import (
    Burn,
    Fleet,
    Goods,
    Listed,
    Order,
    Place,
    Promise,
    Question,
    Stock,
    Wish,
    World,
)
from supply.allocation.core import solve
from supply.allocation.instance_json import instance_to_json, parse_instance
from supply.allocation.problem import build_problem
from supply.allocation.transport import Transport
from supply.core.errors import InvalidInput

START = date(2022, 3, 1)
QUESTION = Question(START, 10, 3, Transport(1, 1, 1, 7))
WORLD = World(
    places=(
        Place("K", "medical_centre", "", True, False, 1.1),
        Place("T1", "ward_station", "00001", False, False, 1.5),
        Place("T2", "ward_station", "00002", False, False),
        Place("P", "private_clinic", "00002", False, True),
    ),
    goods=(Goods("A", 10, 0.5), Goods("INS", 1, 0.1, cold="2-8"), Goods("NO", 1, 1.0)),
    on_hand=(
        Stock("K", "A", "L1", date(2022, 12, 31), 500),
        Stock("K", "A", "L0", date(2022, 6, 30), 40),
        Stock("T2", "INS", "I1", date(2022, 12, 31), 20),
        Stock("K", "INS", "I1", date(2022, 12, 31), 20),
    ),
    burn=(
        Burn("T1", "A", "severe", [4.0] * 10),
        Burn("T2", "A", "mild", [2.0] * 10),
        Burn("T1", "INS", "critical", [1.0] * 10),
        Burn("T1", "NO", "mild", [1.0] * 10),
        Burn("P", "A", "mild", [2.0] * 10),
    ),
    fleet=(Fleet("K", 2, 100.0, "2-8"), Fleet("T1", 1, 20.0), Fleet("T2", 1, 20.0)),
)


def keys(world: World, question: Question = QUESTION) -> dict[str, int]:
    """Finding -> rows."""
    instance = build_problem(world, question).instance
    return {one["key"]: one["count"] for one in findings_json(look_over(world, question, instance))}


def test_the_instance_of_every_choice_is_of_the_published_form() -> None:
    world = replace(
        WORLD, wishes=(Wish("DY-1", "T2", "K", "A", 90),), listed=(Listed("K", "A", 9),)
    )
    question = replace(
        QUESTION, reserve="both", count_requests=True, vulnerability=True, weights=(9, 5, 2, 1)
    )
    instance = build_problem(world, question).instance
    assert parse_instance(instance_to_json(instance)) == instance
    assert instance.weights == {"critical": 9, "severe": 5, "staff": 2, "mild": 1}
    assert {f.id: f.vulnerability for f in instance.facilities} == {"K": 1.1, "T1": 1.5, "T2": 1.0}


def test_vulnerability_counts_only_where_it_is_asked_for() -> None:
    assert {f.vulnerability for f in build_problem(WORLD, QUESTION).instance.facilities} == {1.0}


@given(st.integers(0, 400), st.none() | st.integers(0, 9))
def test_a_request_is_the_least_that_is_needed_and_what_is_beyond_the_forecast_is_mild(
    asked: int, day: int | None
) -> None:
    world = replace(WORLD, wishes=(Wish("DY-1", "T1", "K", "A", asked, day),))
    demand = build_problem(world, replace(QUESTION, count_requests=True)).instance.demand
    mine = [d for d in demand if (d.facility, d.item) == ("T1", "A")]
    assert sum(d.quantity for d in mine) == max(40, asked)
    assert sum(d.quantity for d in mine if d.demand_class == "severe") == 40
    first = min((d.day for d in mine if d.demand_class == "mild"), default=9)
    assert first >= max(1, day or 0)  # nothing can be there before a lead time has passed


def test_requests_count_only_where_they_are_asked_for_and_within_the_period() -> None:
    later = replace(WORLD, wishes=(Wish("DY-1", "T1", "K", "A", 400, 10),))
    for counted in (False, True):
        question = replace(QUESTION, count_requests=counted)
        assert build_problem(later, question).instance.demand == (
            build_problem(WORLD, QUESTION).instance.demand
        )


@pytest.mark.parametrize(
    ("reserve", "percent", "expected"),
    [
        ("days", 100, {"T1": 12, "T2": 6}),
        ("approved", 100, {"K": 300, "T1": 5}),
        ("approved", 33, {"K": 99, "T1": 2}),
        ("both", 100, {"K": 300, "T1": 12, "T2": 6}),
        ("approved", 0, {}),
    ],
)
def test_the_reserve_follows_use_or_the_list_or_both(
    reserve: str, percent: int, expected: dict[str, int]
) -> None:
    world = replace(WORLD, listed=(Listed("K", "A", 300), Listed("T1", "A", 5)))
    question = replace(QUESTION, reserve=reserve, reserve_percent=percent)
    rows = build_problem(world, question).instance.reserve
    assert {r.facility: r.quantity for r in rows if r.item == "A"} == expected


def test_cold_goods_leave_only_where_a_vehicle_keeps_their_band() -> None:
    pins = build_problem(WORLD, QUESTION).instance.pins
    assert {(p.origin, p.item, p.max_quantity) for p in pins} == {
        ("T1", "INS", 0),
        ("T2", "INS", 0),
    }
    assert keys(WORLD)["cold"] == 1


def test_a_promise_without_a_lot_takes_what_expires_first() -> None:
    world = replace(WORLD, promised=(Promise("K", "T1", "A", "", 60, 1),))
    instance = build_problem(world, QUESTION).instance
    left = {
        lot.lot: lot.quantity for lot in instance.lots if (lot.facility, lot.item) == ("K", "A")
    }
    assert left == {"L1": 480}
    assert {(a.lot, a.quantity) for a in instance.arrivals} == {("L0", 40), ("L1", 20)}
    before = build_problem(WORLD, QUESTION).instance
    total = sum(r.quantity for r in instance.stock_rows)
    assert total == sum(r.quantity for r in before.stock_rows)


def test_goods_on_order_come_as_a_lot_of_their_order() -> None:
    late = Order("ĐĐH-7", "K", "NO", 30, -2, ("PN-2022-0003",))
    world = replace(
        WORLD, orders=(late,), coming=(Stock("K", "NO", "ĐĐH-7", None, 30, 4, is_order=True),)
    )
    problem = build_problem(world, QUESTION)
    assert [(a.lot, a.expiry, a.day) for a in problem.instance.arrivals] == [("ĐĐH-7", None, 4)]
    assert any("đã đặt" in note.vi for note in problem.notes)
    found = keys(world)
    assert (found["late"], found["came_already"]) == (1, 1)
    assert "no_stock" not in found


def test_what_is_missing_or_odd_is_found() -> None:
    assert keys(WORLD) == {"no_stock": 1, "cold": 1, "private": 1}
    odd = replace(
        WORLD,
        places=(*WORLD.places, Place("X", "mobile_station", "", False, False)),
        on_hand=(
            *WORLD.on_hand,
            Stock("K", "A", "OLD", date(2022, 2, 1), 5),
            Stock("T1", "A", "NEAR", date(2022, 3, 4), 5),
            Stock("T1", "A", "NEG", None, -5),
        ),
        coming=(Stock("T1", "A", "L1", date(2022, 12, 31), 5, 0, days_out=20),),
        fleet=(Fleet("K", 2, 4.0, "2-8"), Fleet("T1", 0, 20.0), Fleet("T2", 1, 0.0)),
        goods=(*WORLD.goods[1:], Goods("A", 10, 0.5), Goods("LOX", 1, 1.0, movable=False)),
        burn=(*WORLD.burn, Burn("X", "A", "mild", [1.0] * 10), Burn("T1", "LOX", "mild", [1.0] * 10)),
        wishes=(Wish("DY-1", "T2", "K", "NO", 9),),
    )  # fmt: skip
    found = keys(odd)
    assert found == {
        "no_stock": 1,
        "too_big": 1,
        "below_zero": 1,
        "no_vehicle": 3,
        "no_trips": 2,
        "cold": 1,
        "expired": 1,
        "long_on_the_way": 1,
        "requests_without_use": 1,
        "requests": 1,
        "stays": 1,
        "fixed": 1,
        "private": 1,
    }


def test_a_place_nobody_can_send_to_is_named() -> None:
    alone = replace(WORLD, places=WORLD.places[1:2], fleet=())
    assert keys(alone)["no_way_in"] == 1


def test_lines_that_the_list_holds_back_are_counted() -> None:
    world = replace(WORLD, listed=(Listed("K", "A", 600), Listed("T2", "INS", 5)))
    assert "reserve_holds" not in keys(world)
    assert keys(world, replace(QUESTION, reserve="approved"))["reserve_holds"] == 1
    half = replace(QUESTION, reserve="approved", reserve_percent=50)
    assert "reserve_holds" not in keys(world, half)


def test_the_tables_add_up() -> None:
    instance = build_problem(WORLD, QUESTION).instance
    items = {row.code: row for row in item_inputs(WORLD, instance)}
    assert next(row.code for row in item_inputs(WORLD, instance)) == "NO"
    assert (items["A"].needed, items["A"].free, items["A"].kept) == (60, 540, 18)
    places = {row.code: row for row in place_inputs(WORLD, QUESTION, instance)}
    assert (places["K"].is_depot, places["K"].ways_out, places["K"].cold) == (True, 2, ("2-8",))
    assert not places["P"].takes_part


_REQUESTS = st.builds(
    PlanRequest,
    st.just("ba-dinh"),
    policy=st.sampled_from(["lexicographic", "equity"]),
    horizon_days=st.integers(1, 28),
    quantile=st.sampled_from([0.5, 0.75, 0.95]),
    reserve_days=st.integers(0, 14),
    run_id=st.none() | st.integers(1, 999_999),
    reserve=st.sampled_from(["days", "approved", "both"]),
    reserve_percent=st.integers(0, 100),
    count_requests=st.booleans(),
    vulnerability=st.booleans(),
    partners=st.lists(st.integers(1, 999), unique=True, max_size=3).map(tuple),
)


@given(_REQUESTS)
def test_a_request_survives_its_address_and_its_row(asked: PlanRequest) -> None:
    pairs = query_pairs(asked)
    partners = [value for name, value in pairs if name == "partner"]
    assert request_of(dict(pairs), partners) == asked
    assert PlanRequest.of(asked.params()) == asked
    assert faults_of(asked) == []


def test_a_row_of_an_earlier_version_is_still_read() -> None:
    params = {"district_slug": "ba-dinh", "policy": "equity", "include_private": True}
    assert PlanRequest.of(params) == PlanRequest("ba-dinh", "equity")


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("policy", {"policy": "guess"}),
        ("reserve", {"reserve": "all"}),
        ("reserve_percent", {"reserve_percent": 101}),
        ("weights", {"weights": (1, 2, 3)}),
        ("weights", {"weights": (0, 0, 0, 0)}),
        ("weights", {"weights": (1, 2, 3, -1)}),
    ],
)
def test_what_is_wrong_with_a_request_names_its_field(field: str, asked: dict[str, object]) -> None:
    request = PlanRequest.of({"district_slug": "ba-dinh", **asked})
    assert [fault.field for fault in faults_of(request)] == [field]


@pytest.mark.parametrize(
    ("field", "typed"),
    [("reserve_days", "ba"), ("horizon_days", "1,5"), ("quantile", "giữa"), ("run", "-1")],
)
def test_what_is_no_number_is_told_by_its_field(field: str, typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        request_of({"district": "ba-dinh", field: typed})
    assert [fault.field for fault in refused.value.faults] == [field]


def test_own_points_decide_who_comes_first() -> None:
    """30 gloves for 40 severe and 20 mild: with the points turned round, the mild come first."""
    world = replace(
        WORLD, on_hand=(Stock("K", "A", "L1", date(2022, 12, 31), 30),), wishes=(), burn=WORLD.burn[:2]
    )  # fmt: skip
    question = replace(QUESTION, reserve_days=0)
    served = {}
    for weights in ((1000, 100, 30, 1), (1, 1, 1, 100)):
        instance = build_problem(world, replace(question, weights=weights)).instance
        plan = solve(instance, "own-weights", 5)
        assert plan.weights == instance.weights
        served[weights] = {q.demand_class: 0 for q in plan.quotas}
        for q in plan.quotas:
            served[weights][q.demand_class] += q.quantity
    assert served[1000, 100, 30, 1] == {"severe": 30}
    assert served[1, 1, 1, 100]["mild"] >= 10
