"""A bad instance is refused with the field and the mend; a good one survives the round trip."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from supply.allocation.arrays import build_arrays
from supply.allocation.instance import Instance
from supply.allocation.instance_json import InstanceError, instance_to_json, parse_instance
from supply.allocation.synthetic import synthetic_instance
from tests.unit.allocation.build import arc, instance, instance_data, instances, lot, need

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("negative stock", {"lots": [lot("A", -1)]}, "lots[0].quantity"),
    ("half a unit", {"lots": [lot("A", 1.5)]}, "lots[0].quantity"),  # type: ignore[arg-type]
    ("true is no number", {"lots": [lot("A", True)]}, "lots[0].quantity"),
    ("unknown facility", {"lots": [lot("Z", 1)]}, "lots[0].facility"),
    ("unknown item", {"demand": [{**need("A", 1), "item": "Q"}]}, "demand[0].item"),
    ("unknown class", {"demand": [need("A", 1, cls="vip")]}, "demand[0].class"),
    ("demand after the horizon", {"demand": [need("A", 1, day=5)]}, "demand[0].day"),
    ("no such day in February", {"lots": [lot("A", 1, expiry="2022-02-31")]}, "lots[0].expiry"),
    ("no start", {"start": None}, "start"),
    ("no horizon", {"horizon_days": 0}, "horizon_days"),
    ("facility twice", {"facilities": [{"id": "A"}, {"id": "A"}]}, "facilities[1].id"),
    ("item twice", {"items": [{"id": "X"}, {"id": "X"}]}, "items[1].id"),
    ("way twice", {"arcs": [arc("A", "B"), arc("A", "B", 1)]}, "arcs[1]"),
    ("way to itself", {"arcs": [arc("A", "A")]}, "arcs[0].to"),
    ("way to nowhere", {"arcs": [arc("A", "Z")]}, "arcs[0].to"),
    ("pack of nothing", {"items": [{"id": "X", "pack_size": 0}]}, "items[0].pack_size"),
    ("two expiries", {"lots": [lot("A", 1), lot("B", 1, expiry="2022-04-01")]}, "lots[1].expiry"),
    ("rows missing", {"lots": {"facility": "A"}}, "lots"),
    ("row is a text", {"arcs": ["A-B"]}, "arcs[0]"),
    ("field missing", {"arcs": [{"from": "A", "to": "B"}]}, "arcs[0].lead_days"),
    (
        "depot with demand",
        {"facilities": [{"id": "A", "depot": True}], "demand": [need("A", 1)]},
        "demand[0].facility",
    ),
    (
        "pins that contradict",
        {"pins": [{"from": "A", "to": "B", "item": "X", "min_quantity": 9, "max_quantity": 3}]},
        "pins[0].max_quantity",
    ),
]


@pytest.mark.parametrize(("tables", "field"), [row[1:] for row in BAD], ids=[r[0] for r in BAD])
def test_a_bad_instance_is_refused_naming_field_and_mend(
    tables: dict[str, Any], field: str
) -> None:
    with pytest.raises(InstanceError) as refused:
        parse_instance(instance_data(**tables))
    assert [fault.field for fault in refused.value.faults] == [field]
    fault = refused.value.faults[0]
    assert fault.text_vi
    assert fault.text_en
    assert "\n" not in fault.line("vi")


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(InstanceError) as refused:
        parse_instance(instance_data(lots=[lot("A", -1), lot("A", 2, expiry="soon")], arcs=[1]))
    assert len(refused.value.faults) == 3


def test_rows_of_the_same_key_add_up() -> None:
    problem = build_arrays(
        instance(
            lots=[lot("A", 3), lot("A", 4)],
            demand=[need("B", 1), need("B", 2)],
            reserve=[{"facility": "A", "item": "X", "quantity": q} for q in (1, 5)],
            vehicles=[
                {"facility": "A", "day": 0, "trips": t, "litres_per_trip": 10} for t in (1, 2)
            ],
        )
    )
    item = problem.items[0]
    assert item.supply[0, 0, 0] == 7
    assert item.demand[1, 0, 0] == 3
    assert item.reserve[0] == 6
    assert problem.network.vehicle_litres[0].tolist() == [30, 0, 0, 0, 0]
    assert problem.network.vehicle_litres[1, 0] == float("inf")


@settings(max_examples=30, deadline=None)
@given(instances())
def test_an_instance_survives_its_json(made: Instance) -> None:
    assert parse_instance(instance_to_json(made)) == made


def test_synthetic_instances_are_valid_and_repeatable() -> None:
    made = synthetic_instance(18, 3, 7, seed=4)
    assert made == synthetic_instance(18, 3, 7, seed=4)
    assert made != synthetic_instance(18, 3, 7, seed=5)
    assert parse_instance(instance_to_json(made)) == made
