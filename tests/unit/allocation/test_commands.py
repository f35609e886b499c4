"""The commands on files: what they write, what they refuse, and with which exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from supply.allocation.commands import cli
from tests.unit.allocation.build import arc, instance_data, lot, need


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "instance.json"
    data = instance_data(lots=[lot("A", 9)], demand=[need("B", 6)], arcs=[arc("A", "B")])
    path.write_text(json.dumps(data))
    return path


def test_a_made_up_instance_is_solved_and_proven(tmp_path: Path) -> None:
    made, plan = tmp_path / "made.json", tmp_path / "plan.json"
    asked = run(
        "synthetic", "--facilities", 4, "--items", 2, "--days", 5, "--seed", 1, "--out", made
    )
    assert asked.exit_code == 0
    solved = run("solve", made, "--out", plan, "--time-limit", 5)
    assert solved.exit_code == 0, solved.output
    proven = run("check", made, plan)
    assert proven.exit_code == 0, proven.output
    assert json.loads(plan.read_text())["policy"] == "lexicographic"


def test_a_bent_plan_exits_1_and_lists_the_violation(good: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert run("solve", good, "--out", plan).exit_code == 0
    data = json.loads(plan.read_text())
    data["transfers"][0]["quantity"] = 99
    plan.write_text(json.dumps(data))
    proven = run("check", good, plan)
    assert proven.exit_code == 1
    assert "stock A X L1 day 0" in proven.output


def test_bad_input_exits_2_one_line_per_fault_and_writes_nothing(tmp_path: Path) -> None:
    bad, plan = tmp_path / "bad.json", tmp_path / "plan.json"
    bad.write_text(json.dumps(instance_data(lots=[lot("A", -1), lot("Z", 1)])))
    refused = run("solve", bad, "--out", plan)
    assert refused.exit_code == 2
    assert len(refused.stderr.splitlines()) == 1
    assert "lots[0].quantity" in refused.stderr
    assert not plan.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"start": 1e999}', "\ud800"])
def test_a_file_that_is_no_instance_is_refused(tmp_path: Path, text: str) -> None:
    bad, plan = tmp_path / "bad.json", tmp_path / "plan.json"
    bad.write_bytes(text.encode("utf-8", "surrogatepass"))
    refused = run("solve", bad, "--out", plan)
    assert refused.exit_code == 2
    assert refused.stderr
    assert not plan.exists()


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert run("solve", tmp_path / "none.json", "--out", tmp_path / "plan.json").exit_code == 2
    assert run("check", tmp_path / "none.json", tmp_path / "plan.json").exit_code == 2


def test_a_plan_with_rows_of_the_wrong_shape_is_refused(good: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"transfers": [{"from": "A"}], "shortage": {}}))
    refused = run("check", good, plan)
    assert refused.exit_code == 2
    assert "transfers[0].to" in refused.stderr


def test_a_place_that_cannot_be_written_is_refused(good: Path, tmp_path: Path) -> None:
    refused = run("solve", good, "--out", tmp_path / "no" / "plan.json")
    assert refused.exit_code == 2
    assert "plan.json" in refused.stderr
