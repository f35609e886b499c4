"""From stock, burn and vehicles to an instance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.allocation.comparison import compare
from supply.allocation.instance_json import instance_to_json, parse_instance
from supply.allocation.plan import Plan, Shortage
from supply.allocation.problem import (
    Burn,
    Fleet,
    Goods,
    Place,
    Promise,
    Question,
    Stock,
    World,
    build_problem,
    whole_units,
)
from supply.allocation.transport import Transport, transport_on

START = date(2022, 3, 1)
QUESTION = Question(START, 10, 3, Transport(1, 1, 1, 7))
DEPOT = Place("K", "medical_centre", "", True, False)
STATIONS = tuple(Place(f"T{n}", "ward_station", f"0000{n}", False, False) for n in (1, 2, 3))
CLINIC = Place("P", "private_clinic", "00002", False, True)
WORLD = World(
    places=(DEPOT, *STATIONS, CLINIC),
    goods=(Goods("A", 10, 0.5), Goods("LOX", 1, 1.0, movable=False), Goods("Z", 5, 1.0)),
    on_hand=(
        Stock("K", "A", "L1", date(2022, 12, 31), 500),
        Stock("K", "A", "OLD", date(2022, 2, 28), 70),
        Stock("K", "Z", "L1", None, 9),
    ),
    burn=(
        Burn("T1", "A", "severe", [4.0] * 10),
        Burn("T2", "A", "mild", [0.4] * 10),
        Burn("T2", "LOX", "severe", [3.0] * 10),
        Burn("P", "A", "mild", [2.0] * 10),
    ),
    fleet=(Fleet("K", 2, 100.0), Fleet("T1", 1, 20.0), Fleet("T3", 0, 20.0)),
)


@given(st.lists(st.floats(0, 50), max_size=30))
def test_rounding_days_never_moves_the_running_total_by_more_than_half_a_unit(
    units: list[float],
) -> None:
    whole = whole_units(units)
    assert all(
        abs(sum(whole[: d + 1]) - sum(units[: d + 1])) <= 0.5 + 1e-6 for d in range(len(units))
    )
    assert min(whole, default=0) >= 0


def test_the_worked_number_of_small_daily_needs() -> None:
    assert whole_units([0.4] * 5) == [0, 1, 0, 1, 0]


def test_an_instance_is_of_the_published_form() -> None:
    instance = build_problem(WORLD, QUESTION).instance
    assert parse_instance(instance_to_json(instance)) == instance


def test_only_items_with_demand_that_a_vehicle_can_carry_take_part() -> None:
    problem = build_problem(WORLD, QUESTION)
    assert [i.id for i in problem.instance.items] == ["A"]
    assert any("LOX" in note.vi for note in problem.notes)


def test_expired_stock_is_left_out() -> None:
    assert [(lot.lot, lot.quantity) for lot in build_problem(WORLD, QUESTION).instance.lots] == [
        ("L1", 500)
    ]


def test_reserve_is_days_of_mean_need_rounded_up() -> None:
    reserve = {r.facility: r.quantity for r in build_problem(WORLD, QUESTION).instance.reserve}
    assert reserve == {"T1": 12, "T2": 2}


def test_private_facilities_take_part_by_agreement_only() -> None:
    without = build_problem(WORLD, QUESTION)
    assert "P" not in {f.id for f in without.instance.facilities}
    assert any("ngoài công lập" in note.vi for note in without.notes)
    agreed = build_problem(WORLD, replace(QUESTION, partners=frozenset({"P"}))).instance
    assert "P" in {f.id for f in agreed.facilities}
    assert sum(d.quantity for d in agreed.demand if d.facility == "P") == 20


def test_who_has_no_vehicle_sends_nothing_and_is_named() -> None:
    problem = build_problem(WORLD, QUESTION)
    assert {a.origin for a in problem.instance.arcs} == {"K", "T1"}
    assert any("T2, T3" in note.vi for note in problem.notes)


def test_a_station_exchanges_with_the_depot_and_its_neighbours() -> None:
    pairs = {(a.origin, a.destination) for a in build_problem(WORLD, QUESTION).instance.arcs}
    assert pairs == {("K", "T1"), ("K", "T2"), ("K", "T3"), ("T1", "K"), ("T1", "T2")}


def test_a_medical_centre_with_patients_is_no_mere_depot() -> None:
    busy = replace(WORLD, burn=(*WORLD.burn, Burn("K", "A", "critical", [1.0] * 10)))
    depots = {f.id: f.depot for f in build_problem(busy, QUESTION).instance.facilities}
    assert not depots["K"]
    assert build_problem(WORLD, QUESTION).instance.facilities[0].depot


def test_what_an_earlier_plan_promised_is_not_planned_twice() -> None:
    promised = replace(WORLD, promised=(Promise("K", "T2", "A", "L1", 60, 2),))
    instance = build_problem(promised, QUESTION).instance
    assert instance.lots[0].quantity == 440
    assert [(a.facility, a.day, a.quantity) for a in instance.arrivals] == [("T2", 2, 60)]


def test_the_comparison_counts_what_goes_unmet_each_way() -> None:
    instance = build_problem(WORLD, QUESTION).instance
    nothing = Plan("optimal", "lexicographic", "test", Shortage(0, 4004, 0, 4004))
    found = compare(instance, nothing)
    assert found["classes"]["severe"] == {
        "needed": 40,
        "no_transfer": 40,
        "proportional": 10,  # 36 can still be met, in packs of 10
        "plan": 40,
    }
    assert found["short_pairs"]["no_transfer"] == 2
    assert found["coverage"]["no_transfer"][0] == {
        "facility": "T1",
        "class": "severe",
        "coverage": 0.0,
    }
    assert found["items"][0]["item"] == "A"


def test_transport_figures_are_those_in_force_on_the_day() -> None:
    assert transport_on(date(2022, 3, 1)).depot_lead_days == 1
    assert transport_on(date(2000, 1, 1)) == transport_on(date(2021, 1, 1))


def test_a_transport_figure_that_is_missing_is_named(tmp_path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("name,value,valid_from\ndepot_lead_days,1,2021-01-01\n", encoding="utf-8")
    with pytest.raises(KeyError, match="station_lead_days"):
        transport_on(START, table)
