"""The adjusting form read into pins and changes; the comparison's table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from supply.allocation.core import solve
from supply.allocation.hand.account import account
from supply.allocation.hand.forms import Hand, read_hand
from supply.allocation.hand.pins import PinRow, pinned
from supply.allocation.hand.table import Measure, classes_of, lorenz_path, measures
from supply.allocation.instance import Instance
from supply.core.errors import InvalidInput
from supply.core.text import Text
from tests.unit.allocation.build import arc, instance, lot, need

KEPT = "A|B|X|10|"


def world() -> Instance:
    """A sends to B; at least 10 of X are pinned."""
    made = instance(
        items=[{"id": "X", "pack_size": 10}],
        lots=[lot("A", 200, expiry="2022-03-04")],
        demand=[need("B", 100, 2), need("A", 5, 2, "mild")],
        arcs=[arc("A", "B"), arc("B", "A")],
    )
    return pinned(made, [{"from": "A", "to": "B", "item": "X", "min": 10}])


def read(rows: tuple[str, ...] = (), kept: tuple[str, ...] = (KEPT,), **typed: str) -> Hand:
    said = {name.replace("__", "-"): value for name, value in typed.items()}
    before = [PinRow("A", "B", "X", 10)]
    return read_hand(said, rows, kept, world(), "lexicographic", before)


def refused(**typed: Any) -> list[tuple[str, int | None]]:
    with pytest.raises(InvalidInput) as raised:
        read(**typed)
    return [(fault.field, fault.line) for fault in raised.value.faults]


PIN = {"from__0": "A", "to__0": "B", "item__0": "X"}


def test_each_kind_of_pin_says_its_limits() -> None:
    said = {
        "must": (10, None),
        "must-not": (0, 0),
        "at-least": (1200, None),
        "at-most": (0, 1200),
        "lock": (1200, 1200),
    }
    for kind, limits in said.items():
        (pin,) = read(kind__0=kind, units__0="1.200", **PIN).pins
        assert (pin["min"], pin["max"]) == limits


def test_a_changed_or_kept_line_is_locked_and_takes_the_place_of_its_pin() -> None:
    rows = ("A|B|X|100", "B|A|X|40")
    hand = read(rows=rows, quantity__0="90", quantity__1="40", lock__1="1")
    assert [(p["from"], p["min"], p["max"]) for p in hand.pins] == [("A", 90, 90), ("B", 40, 40)]
    hand = read(rows=rows, quantity__0="100", quantity__1="40", policy="equity")
    assert [(p["min"], p["max"]) for p in hand.pins] == [(10, None)]
    assert len(read(rows=rows, lock__all="1").pins) == 2


def test_a_pin_is_taken_away_by_unticking_it() -> None:
    assert read(kept=()).pins == []


def test_what_is_supposed_becomes_rows() -> None:
    hand = read(
        donation__facility="B",
        donation__item="X",
        donation__quantity="2 000",
        donation__expiry="30/09/2022",
        vehicle__facility="A",
        closed__facility="B",
        **{"longer-expiry__lot": "X|L1", "longer-expiry__days": "30"},
    )
    kinds = [row["kind"] for row in hand.changes]
    assert kinds == ["donation", "vehicle", "closed", "longer-expiry"]
    assert (
        hand.changes[0] | {"quantity": 2000, "expiry": "2022-09-30", "lot": "TT-1"}
        == (hand.changes[0])
    )


def test_what_cannot_be_read_is_named_by_its_place() -> None:
    assert refused() == [("policy", None)]
    assert refused(kind__0="lock", units__0="2,5", **PIN) == [("units", 1)]
    assert refused(kind__0="lock", units__0="", **PIN) == [("units", 1)]
    assert refused(rows=("A|B|X|100",), quantity__0="nhiều") == [("quantity-0", None)]
    assert refused(
        donation__facility="B", donation__quantity="1", donation__expiry="31/02/2022"
    ) == [("donation-expiry", None)]


def test_faults_of_rows_are_told_where_they_stand_on_the_page() -> None:
    hand = read(
        kind__1="lock", from__1="B", to__1="A", item__1="Z", units__1="5", closed__facility="Q"
    )
    with pytest.raises(InvalidInput) as raised:
        pinned(replace(world(), pins=()), hand.pins)
    (fault,) = hand.on_page(raised.value.faults)
    assert (fault.field, fault.line) == ("pins.item", 2)
    from supply.allocation.hand.changes import apply

    with pytest.raises(InvalidInput) as raised:
        apply(world(), hand.changes)
    (fault,) = hand.on_page(raised.value.faults)
    assert fault.field == "closed-facility"
    assert fault.message("vi").startswith("Một nơi ngừng gửi, nhận: ")


def test_the_table_marks_the_best_of_each_line() -> None:
    plans = [solve(world(), policy) for policy in ("lexicographic", "proportional")]
    accounts = [account(world(), plan, {}) for plan in plans]
    table = measures(accounts)
    assert classes_of(accounts) == ["critical", "mild"]
    assert len(table) == 4 + 2 * 3 + 7
    assert all(len(measure.values) == 2 for measure in table)
    row = Measure(Text("", ""), Text("", ""), Text("", ""), "number", "low", (3, None, 1, 1))
    assert row.best == {2, 3}
    assert Measure(*[Text("", "")] * 3, "number", "", (3, 1)).best == frozenset()
    assert lorenz_path([(0, 0), (0.5, 0.25), (1, 1)]) == "M0.0 200.0L100.0 150.0L200.0 0.0"
