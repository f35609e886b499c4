"""Packs entered and taken back at random, broken ones too: every rule still holds, by ``check``."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.allocation.arrays import build_arrays
from supply.allocation.check import check
from supply.allocation.core import solve
from supply.allocation.instance import Instance
from supply.allocation.packing import depots_of
from tests.unit.allocation.build import arc, instance, instances, lot, need
from tests.unit.allocation.test_neighbourhood import plan_of

PACKS_OF_10 = [{"id": "X", "pack_size": 10}]


@settings(max_examples=60, deadline=None)
@given(instances(), st.data())
def test_whatever_is_sent_and_taken_back_the_rules_hold(
    asked: Instance, data: st.DataObject
) -> None:
    depots = depots_of(build_arrays(asked))
    network = depots[0].network
    steps = st.tuples(
        st.integers(0, len(depots) - 1),
        st.integers(0, max(0, network.n_arcs - 1)),
        st.integers(0, 2),
        st.integers(0, network.n_days - 1),
        st.sampled_from(["pack", "all", "back", "rest back", "all"]),
    )
    for k, way, number, day, how in data.draw(st.lists(steps, max_size=25)):
        depot = depots[k]
        if way >= network.n_arcs or number >= depot.item.n_lots:
            continue
        if how == "back":
            units = depot.item.pack_size
            if depot.can_take_back(way, number, day, units):
                depot.ship(way, number, day, -units)
        elif how == "rest back":
            sent = {row[:3]: row[3] for row in depot.moves().rows()}
            units = sent.get((way, number, day), 0) % depot.item.pack_size
            if depot.can_take_back(way, number, day, units):
                depot.ship(way, number, day, -units)
        elif units := depot.room(way, number, day, rest=True):
            depot.ship(
                way, number, day, units if how == "all" else min(units, depot.item.pack_size)
            )
    plan = plan_of(asked, build_arrays(asked), [depot.moves() for depot in depots])
    assert check(asked, plan) == []


def test_a_ward_gives_its_last_broken_pack_to_its_neighbour() -> None:
    asked = instance(
        items=PACKS_OF_10,
        lots=[lot("A", 7)],
        demand=[need("B", 7, 1)],
        arcs=[arc("A", "B")],
    )
    for policy in ("lexicographic", "least-shortage", "equity"):
        plan = solve(asked, policy, 5)
        assert [(t.origin, t.destination, t.quantity) for t in plan.transfers] == [("A", "B", 7)]
        assert plan.shortage.plan == 0
        assert check(asked, plan) == []


def test_a_broken_pack_that_the_sender_needs_more_stays() -> None:
    asked = instance(
        items=PACKS_OF_10,
        lots=[lot("A", 7)],
        demand=[need("A", 7, 1), need("B", 7, 1, "mild")],
        arcs=[arc("A", "B")],
    )
    assert solve(asked, "least-shortage", 5).transfers == ()


def test_a_pin_below_a_pack_is_met_by_what_is_left() -> None:
    asked = instance(
        items=PACKS_OF_10,
        lots=[lot("A", 17)],
        arcs=[arc("A", "B")],
        pins=[{"from": "A", "to": "B", "item": "X", "min_quantity": 15, "max_quantity": 17}],
    )
    plan = solve(asked, "lexicographic", 5)
    assert plan.pins_unmet == ()
    assert sum(t.quantity for t in plan.transfers) == 17
    assert check(asked, plan) == []


@pytest.mark.parametrize(("sent", "blocked"), [(7, True), (0, False)])
def test_nothing_comes_in_before_everything_left_leaves(sent: int, blocked: bool) -> None:
    """A empties its lot on day 2; a pack from C on day 1 would leave something there."""
    asked = instance(
        items=PACKS_OF_10,
        facilities=[{"id": "A"}, {"id": "B"}, {"id": "C"}],
        lots=[lot("A", 7), lot("C", 20)],
        arcs=[arc("A", "B"), arc("C", "A")],
    )
    (depot,) = depots_of(build_arrays(asked))
    to_b, to_a = (depot.network.arc_index[pair] for pair in ((0, 1), (2, 0)))
    assert depot.room(to_b, 0, 2) == 0
    assert depot.room(to_b, 0, 2, rest=True) == 7
    if sent:
        depot.ship(to_b, 0, 2, sent)
        assert depot.room(to_b, 0, 2, rest=True) == 0
    assert (depot.room(to_a, 0, 1) == 0) is blocked
    assert depot.room(to_a, 0, 2) == 20  # lead 0 comes in after that day's dispatches


def test_a_full_vehicle_takes_what_has_no_volume() -> None:
    asked = instance(
        items=[{"id": "X"}, {"id": "Y", "litres_per_unit": 1.0}],
        lots=[lot("A", 5), lot("A", 5) | {"item": "Y"}],
        arcs=[arc("A", "B")],
        vehicles=[{"facility": "A", "day": 0, "trips": 1, "litres_per_trip": 5.0}],
    )
    light, heavy = depots_of(build_arrays(asked))
    heavy.ship(0, 0, 0, 5)
    assert np.isclose(light.litres[0, 0], 0.0)
    assert light.room(0, 0, 0) == 5
    assert light.room(0, 0, 1) == 0
