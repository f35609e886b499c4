"""Bad and odd instances through the commands: a clear message, or an honest plan that is proven.

Nothing may crash, and nothing of the input may be dropped without a word.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from supply.allocation.commands import cli
from supply.allocation.instance_rules import VALIDATORS
from supply.allocation.policies import POLICIES
from tests.unit.allocation.build import arc, instance, instance_data, lot, need

MOST = 10**12
THREE = [{"id": "A"}, {"id": "B"}, {"id": "C"}]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def pin(least: int, most: int | None = None, origin: str = "A", to: str = "B") -> dict[str, Any]:
    return {"from": origin, "to": to, "item": "X", "min_quantity": least, "max_quantity": most}


def item(**columns: Any) -> list[dict[str, Any]]:
    return [{"id": "X", **columns}]


def vehicle(trips: Any, litres: Any) -> dict[str, Any]:
    return {"facility": "A", "day": 0, "trips": trips, "litres_per_trip": litres}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "negative stock": ({"lots": [lot("A", -5)]}, "lots[0].quantity"),
    "half a unit": ({"lots": [{**lot("A", 1), "quantity": 1.5}]}, "lots[0].quantity"),
    "a number as text": ({"lots": [{**lot("A", 1), "quantity": "9"}]}, "lots[0].quantity"),
    "not a number": ({"lots": [{**lot("A", 1), "quantity": float("nan")}]}, "lots[0].quantity"),
    "a number of 400 digits": ({"lots": [lot("A", 10**400)]}, "lots[0].quantity"),
    "litres without end": ({"vehicles": [vehicle(1, float("inf"))]}, "vehicles[0].litres_per_trip"),
    "litres of 400 digits": ({"vehicles": [vehicle(1, 10**400)]}, "vehicles[0].litres_per_trip"),
    "litres no solver sees": ({"items": item(litres_per_unit=1e-9)}, "items[0].litres_per_unit"),
    "volume not a number": ({"items": item(litres_per_unit=float("nan"))}, "litres_per_unit"),
    "unknown facility": ({"demand": [need("Q", 1)]}, "demand[0].facility"),
    "unknown item": ({"lots": [{**lot("A", 1), "item": "Q"}]}, "lots[0].item"),
    "unknown receiver": ({"arcs": [arc("A", "Q")]}, "arcs[0].to"),
    "unknown class": ({"demand": [need("A", 1, cls="vip")]}, "demand[0].class"),
    "unknown class weighed": ({"weights": {"vip": 3}}, "weights"),
    "nobody declared": ({"facilities": [], "lots": [lot("A", 1)]}, "lots[0].facility"),
    "way twice": ({"arcs": [arc("A", "B"), arc("A", "B", 2)]}, "arcs[1]"),
    "facility twice": ({"facilities": [*THREE, {"id": "A"}]}, "facilities[3].id"),
    "pin against itself": ({"pins": [pin(9, 3)]}, "pins[0].max_quantity"),
    "table of the wrong kind": ({"lots": {"A": 3}}, "lots"),
    "table is null": ({"lots": None}, "lots"),
    "row of the wrong kind": ({"lots": [["A", "X", 3]]}, "lots[0]"),
    "id of the wrong kind": ({"facilities": [{"id": 7}]}, "facilities[0].id"),
    "id across two lines": ({"facilities": [{"id": "A\nB"}]}, "facilities[0].id"),
    "half a character": ({"facilities": [{"id": "\ud800"}]}, "facilities[0].id"),
    "id without end": ({"facilities": [{"id": "A" * 5000}]}, "facilities[0].id"),
    "a start nobody plans for": ({"start": "9999-12-31"}, "start"),
    "no start": ({"start": None}, "start"),
    "vulnerability not a number": (
        {"facilities": [{"id": "A", "vulnerability": float("nan")}, {"id": "B"}]},
        "facilities[0].vulnerability",
    ),
    "need beyond counting": ({"demand": [need("B", MOST)] * 5000}, "demand"),
    "too large to lay out": (
        {"horizon_days": 400, "facilities": THREE + [{"id": f"F{n}"} for n in range(400)]}
        | {"items": [*item(), *({"id": f"I{n}"} for n in range(400))]},
        "facilities",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_instance_is_refused_in_one_line_per_fault(name: str, tmp_path: Path) -> None:
    tables, field = REFUSED[name]
    bad, plan = tmp_path / "bad.json", tmp_path / "plan.json"
    bad.write_text(json.dumps(instance_data(**tables)))
    refused = run("solve", bad, "--out", plan)
    assert refused.exit_code == 2, (refused.output, refused.exception)
    lines = refused.stderr.splitlines()
    assert len(lines) == 1
    assert field in lines[0]
    assert " / " in lines[0]
    assert not plan.exists()


HONEST: dict[str, tuple[dict[str, Any], int | None, str]] = {
    "nothing at all": ({"facilities": [], "items": []}, 0, ""),
    "facilities without items": ({"items": []}, 0, ""),
    "no arcs": ({"lots": [lot("A", 9)], "demand": [need("B", 6)]}, 6000, ""),
    "all expired": (
        {
            "lots": [lot("A", 9, expiry="2021-01-01")],
            "demand": [need("B", 6)],
            "arcs": [arc("A", "B")],
        },
        6000,
        "",
    ),
    "zeros": ({"lots": [lot("A", 0)], "demand": [need("B", 0)], "arcs": [arc("A", "B")]}, 0, ""),
    "a ring with lead 0": (
        {
            "facilities": THREE,
            "lots": [lot("A", 9)],
            "demand": [need("C", 6)],
            "arcs": [arc("A", "B"), arc("B", "C"), arc("C", "A")],
        },
        6000,
        "",
    ),
    "pins round a ring with lead 0": (
        {
            "lots": [lot("A", 9)],
            "arcs": [arc("A", "B"), arc("B", "A")],
            "pins": [pin(9), pin(9, origin="B", to="A")],
        },
        0,
        "",
    ),
    "pins for more than there is": (
        {"lots": [lot("A", 9)], "arcs": [arc("A", "B")], "pins": [pin(MOST)] * 3},
        0,
        '"short": 2999999999991',
    ),
    "a pin against the reserve": (
        {
            "lots": [lot("A", 9)],
            "arcs": [arc("A", "B")],
            "reserve": [{"facility": "A", "item": "X", "quantity": 9}],
            "pins": [pin(4)],
        },
        0,
        '"short": 4',
    ),
    "a pin without a way": ({"lots": [lot("A", 9)], "pins": [pin(4)]}, 0, '"short": 4'),
    "a pin that forbids": (
        {
            "lots": [lot("A", 9)],
            "demand": [need("B", 6)],
            "arcs": [arc("A", "B")],
            "pins": [pin(0, 0)],
        },
        6000,
        "",
    ),
    "rows repeated add up": (
        {
            "lots": [lot("A", 9)] * 2,
            "demand": [need("B", 6)] * 3,
            "arcs": [arc("A", "B")],
        },
        0,
        '"quantity": 18',
    ),
    "the largest figures": (
        {
            "items": item(litres_per_unit=MOST),
            "lots": [lot("A", MOST)] * 2,
            "demand": [need("B", MOST)] * 2,
            "arcs": [arc("A", "B")],
            "vehicles": [vehicle(MOST, MOST), vehicle(MOST, MOST)],
        },
        0,
        "",
    ),
    "a pack larger than the world": (
        {
            "items": item(pack_size=MOST),
            "lots": [lot("A", 9)],
            "demand": [need("B", 6)],
            "arcs": [arc("A", "B")],
        },
        None,
        "",
    ),
    "a way of a hundred years": (
        {"lots": [lot("A", 9)], "demand": [need("B", 6)], "arcs": [arc("A", "B", 36_500)]},
        6000,
        "",
    ),
    "comes in after it expired": (
        {
            "arrivals": [{**lot("B", 9, "L9", "2022-03-02"), "day": 3}],
            "demand": [need("B", 6, 3)],
        },
        6000,
        "",
    ),
    "no transport at all": (
        {
            "items": item(litres_per_unit=1),
            "lots": [lot("A", 9)],
            "demand": [need("B", 6)],
            "arcs": [arc("A", "B")],
            "vehicles": [vehicle(0, 0)],
        },
        6000,
        "",
    ),
}


@pytest.mark.parametrize("name", HONEST)
@pytest.mark.parametrize("policy", ["lexicographic", "least-shortage"])
def test_an_odd_instance_gets_an_honest_plan(name: str, policy: str, tmp_path: Path) -> None:
    """Points of shortage left (None: whatever the solver reaches), words that stand in the plan."""
    tables, points, words = HONEST[name]
    odd, plan = tmp_path / "odd.json", tmp_path / "plan.json"
    odd.write_text(json.dumps(instance_data(**tables)))
    solved = run("solve", odd, "--out", plan, "--policy", policy, "--time-limit", 5)
    assert solved.exit_code == 0, (solved.output, solved.exception)
    proven = run("check", odd, plan)
    assert proven.exit_code == 0, proven.output
    text = plan.read_text()
    shortage = json.loads(text)["shortage"]
    assert shortage["bound"] <= shortage["plan"]
    assert points is None or shortage["plan"] == points
    assert words in text


@pytest.mark.parametrize("policy", POLICIES)
def test_nothing_to_decide_is_a_plan_under_every_policy(policy: str, tmp_path: Path) -> None:
    odd, plan = tmp_path / "odd.json", tmp_path / "plan.json"
    odd.write_text(json.dumps({"start": "2022-03-01", "horizon_days": 1}))
    assert run("solve", odd, "--out", plan, "--policy", policy).exit_code == 0
    assert run("check", odd, plan).exit_code == 0


def test_keys_that_nobody_reads_are_named(tmp_path: Path) -> None:
    """A misspelt table or column would otherwise vanish without a word."""
    odd, plan = tmp_path / "odd.json", tmp_path / "plan.json"
    pins = [{"from": "A", "to": "B", "item": "X", "min_quanity": 4}]
    odd.write_text(json.dumps(instance_data(stocks=[lot("A", 9)], pins=pins)))
    solved = run("solve", odd, "--out", plan)
    assert solved.exit_code == 0
    told = solved.stderr.splitlines()
    assert [line.split(":")[0] for line in told] == ["stocks", "pins[0].min_quanity"]
    assert plan.exists()


def test_stock_beyond_counting_is_refused() -> None:
    """In one file that takes 600,000 rows of the largest figure, so the rule is asked itself."""
    made = instance(lots=[lot("A", 1)])
    richer = replace(made, lots=(replace(made.lots[0], quantity=2**59 + 1),))
    assert [fault.field for rule in VALIDATORS for fault in rule(richer)] == ["lots"]


TEXTS = {
    "empty file": "",
    "no object": "[1, 2]",
    "cut off": '{"start": "2022-03-01", "horizon_days": 2, "lots": [{"facility": "A", "it',
    "something after the end": '{"start": "2022-03-01", "horizon_days": 2} {}',
    "comma too many": '{"start": "2022-03-01", "horizon_days": 2, }',
    "table twice": '{"start": "2022-03-01", "horizon_days": 2, "lots": [], "lots": []}',
    "column twice": '{"start": "2022-03-01", "horizon_days": 2, "facilities": [{"id": "A", "id": "B"}]}',
    "brackets without end": "[" * 200_000,
    "rows without end": '{"lots": ' + "[" * 200_000,
    "number without end": '{"horizon_days": ' + "9" * 6000 + "}",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_no_instance_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    bad, plan = tmp_path / "bad.json", tmp_path / "plan.json"
    bad.write_text(TEXTS[name])
    for asked in (("solve", bad, "--out", plan), ("check", bad, bad)):
        refused = run(*asked)
        assert refused.exit_code == 2, (refused.output, refused.exception)
        assert len(refused.stderr.splitlines()) == 1
    assert not plan.exists()


PLANS: dict[str, tuple[dict[str, Any], int, str]] = {
    "more than any instance": ({"quantity": 10**400}, 2, "transfers[0].quantity"),
    "not whole": ({"quantity": 2.5}, 2, "transfers[0].quantity"),
    "not there": ({"quantity": 10**15}, 1, "stock"),
    "a day without end": ({"day": 10**15}, 1, "day"),
    "backwards": ({"quantity": -3}, 1, "quantity"),
    "to nobody": ({"to": "Q"}, 1, "unknown_facility"),
    "half a character": ({"to": "\ud800"}, 2, "transfers[0].to"),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_of_nonsense_is_refused_or_found_out(name: str, tmp_path: Path) -> None:
    columns, status, word = PLANS[name]
    good, plan = tmp_path / "good.json", tmp_path / "plan.json"
    data = instance_data(lots=[lot("A", 9)], demand=[need("B", 6)], arcs=[arc("A", "B")])
    good.write_text(json.dumps(data))
    assert run("solve", good, "--out", plan).exit_code == 0
    bent = json.loads(plan.read_text())
    bent["transfers"][0] |= columns
    plan.write_text(json.dumps(bent))
    told = run("check", good, plan)
    assert told.exit_code == status, (told.output, told.exception)
    assert word in told.output
