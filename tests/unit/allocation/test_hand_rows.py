"""The planner's pins and what-ifs: what they make of a problem, and what they refuse."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from supply.allocation.core import solve
from supply.allocation.hand.changes import apply
from supply.allocation.hand.pins import PinRow, pin_of, pinned, read_pins
from supply.allocation.instance import Arrival, Instance, Pin, Vehicle
from supply.allocation.instance_json import instance_to_json, parse_instance
from supply.core.errors import InvalidInput
from tests.unit.allocation.build import arc, instance, lot, need


def district() -> Instance:
    """A has too much of X and may send to B, which lacks it; C stands alone."""
    return instance(
        facilities=[{"id": "A"}, {"id": "B"}, {"id": "C"}],
        items=[{"id": "X", "pack_size": 10, "litres_per_unit": 1}],
        lots=[lot("A", 200, expiry="2022-03-04")],
        demand=[need("B", 100, 2), need("C", 50, 2)],
        arcs=[arc("A", "B"), arc("A", "C"), arc("B", "A")],
        vehicles=[{"facility": "A", "day": 2, "trips": 1, "litres_per_trip": 60}],
    )


def pin(low: Any = 0, high: Any = None, **ids: str) -> dict[str, Any]:
    return {"from": "A", "to": "B", "item": "X", **ids, "min": low, "max": high}


def faults(action: Any, *rows: Any) -> list[tuple[str, int | None]]:
    """(field, row) of everything refused; each in two languages that differ."""
    with pytest.raises(InvalidInput) as raised:
        action(district(), rows)
    assert all(f.text.vi and f.text.en and f.text.vi != f.text.en for f in raised.value.faults)
    return [(f.field, f.line) for f in raised.value.faults]


class TestPins:
    def test_rows_of_one_pair_hold_together(self) -> None:
        made = pinned(district(), [pin(20), pin(40, 90), pin(0, 80)])
        assert made.pins == (Pin("A", "B", "X", 40, 80),)

    def test_what_the_instance_said_holds_too(self) -> None:
        cold = pinned(district(), [pin(0, 0), pin(10, to="C")])
        assert set(pinned(cold, [pin(0, 50), pin(30, to="C")]).pins) == {
            Pin("A", "B", "X", 0, 0),
            Pin("A", "C", "X", 30, None),
        }
        with pytest.raises(InvalidInput):
            pinned(cold, [pin(20)])

    @pytest.mark.parametrize(
        ("kind", "sent"), [("must", 10), ("must-not", 0), ("at-most", 30), ("lock", 40)]
    )
    def test_the_plan_keeps_to_it(self, kind: str, sent: int) -> None:
        quantity = {"at-most": 30, "lock": 40}.get(kind, 0)
        row = pin_of(kind, ("A", "B", "X"), quantity, 10)
        plan = solve(pinned(district(), [row.to_json()]))
        moved = sum(t.quantity for t in plan.transfers if t.destination == "B")
        assert moved >= sent if kind == "must" else moved <= sent
        assert not plan.pins_unmet
        assert row.kind == ("at-least" if kind == "must" else kind)

    def test_what_is_read_is_what_is_kept(self) -> None:
        (row,) = read_pins(district(), [pin(20, 30)])
        assert row == PinRow("A", "B", "X", 20, 30)
        assert read_pins(district(), [row.to_json()]) == (row,)

    def test_refuses_every_bad_row_by_its_number(self) -> None:
        found = faults(
            pinned,
            pin(5),
            pin(5, **{"from": "Z"}),
            pin(item="Y"),
            pin(9, 3),
            pin(0, 3),
            pin(-1),
            pin(True),
            pin(0, 2.5),
            pin(to="C", **{"from": "B"}),
            {**pin(), "lot": "L1"},
            "A → B",
        )
        assert found == [
            ("pins.from", 2),
            ("pins.item", 3),
            ("pins.max", 4),
            ("pins.max", 5),
            ("pins.min", 6),
            ("pins.min", 7),
            ("pins.max", 8),
            ("pins.to", 9),
            ("pins.lot", 10),
            ("pins.row", 11),
        ]

    def test_none_changes_nothing(self) -> None:
        assert pinned(district(), []) == district()


class TestChanges:
    def test_a_donation_comes_in_on_its_day(self) -> None:
        row = {
            "kind": "donation",
            "facility": "B",
            "item": "X",
            "quantity": 70,
            "day": 2,
            "expiry": "2022-09-30",
        }
        made = apply(district(), [row])
        assert made.arrivals == (Arrival("B", "X", "DONATION-1", date(2022, 9, 30), 2, 70),)
        before, after = solve(district()).shortage.plan, solve(made).shortage.plan
        assert before - after == 70 * 1000  # 60 litres leave A for 150 needed: 90 were unmet

    def test_a_vehicle_takes_more(self) -> None:
        made = apply(
            district(), [{"kind": "vehicle", "facility": "A", "first_day": 2, "last_day": 2}]
        )
        assert made.vehicles[-1] == Vehicle("A", 2, 1, 60.0)
        assert solve(made).shortage.plan == solve(district()).shortage.plan - 60 * 1000

    def test_a_first_vehicle_opens_the_ways_back(self) -> None:
        made = apply(district(), [{"kind": "vehicle", "facility": "C", "litres_per_trip": 8}])
        assert [(a.destination, a.lead_days) for a in made.arcs if a.origin == "C"] == [("A", 0)]
        assert len(made.vehicles) == 1 + 5

    def test_a_closed_place_sends_and_receives_nothing(self) -> None:
        made = apply(district(), [{"kind": "closed", "facility": "B"}])
        assert [(a.origin, a.destination) for a in made.arcs] == [("A", "C")]
        assert made.demand == district().demand

    def test_a_longer_expiry_holds_wherever_the_lot_lies(self) -> None:
        made = apply(district(), [{"kind": "longer-expiry", "item": "X", "lot": "L1", "days": 30}])
        assert {s.expiry for s in made.stock_rows} == {date(2022, 4, 3)}

    def test_in_their_order_and_still_an_instance(self) -> None:
        rows = [
            {"kind": "donation", "facility": "A", "item": "X", "quantity": 5, "lot": "D", "day": 1},
            {"kind": "donation", "facility": "A", "item": "X", "quantity": 5, "lot": "D", "day": 1},
            {"kind": "closed", "facility": "C"},
        ]
        made = apply(district(), rows)
        assert len(made.arrivals) == 2
        assert parse_instance(instance_to_json(made)) == made

    def test_refuses_every_bad_row_by_its_number(self) -> None:
        gift = {"kind": "donation", "facility": "B", "item": "X", "quantity": 1}
        found = faults(
            apply,
            {"kind": "miracle"},
            {**gift, "facility": "Z", "quantity": 0},
            {**gift, "day": 5},
            {**gift, "day": 3, "expiry": "2022-03-01"},
            {**gift, "lot": "L1", "expiry": "2022-09-01"},
            {**gift, "expiry": "01/03/2022"},
            {"kind": "vehicle", "facility": "B"},
            {"kind": "vehicle", "facility": "C"},
            {"kind": "vehicle", "facility": "A", "trips": 0, "litres_per_trip": float("nan")},
            {"kind": "closed", "facility": ["A"]},
            {"kind": "longer-expiry", "item": "X", "lot": "L9", "days": 3},
            {"kind": "closed", "facility": "A", "days": 3},
        )
        assert found == [
            ("changes.kind", 1),
            ("changes.facility", 2),
            ("changes.quantity", 2),
            ("changes.day", 3),
            ("changes.expiry", 4),
            ("changes.lot", 5),
            ("changes.expiry", 6),
            ("changes.facility", 7),
            ("changes.litres_per_trip", 8),
            ("changes.trips", 9),
            ("changes.litres_per_trip", 9),
            ("changes.facility", 10),
            ("changes.lot", 11),
            ("changes.days", 12),
        ]

    def test_a_lot_that_never_expires_is_not_extended(self) -> None:
        world = instance(lots=[lot("A", 5)])
        with pytest.raises(InvalidInput):
            apply(world, [{"kind": "longer-expiry", "item": "X", "lot": "L1", "days": 5}])
