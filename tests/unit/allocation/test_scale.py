"""Cutting into districts loses nothing, joining breaks no rule, and the bound stays one."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import Phase, given, settings

from supply.allocation.check import check
from supply.allocation.commands import cli
from supply.allocation.core import solve
from supply.allocation.instance import Instance
from supply.allocation.plan import Plan
from supply.allocation.scale.bounding import bound_over_all_ways, pooled_unmet
from supply.allocation.scale.joining import joined
from supply.allocation.scale.parts import arcs_across, components, districts_of, parts_of
from supply.allocation.scale.processes import solve_parts
from supply.allocation.scale.uniting import UnitingError, united
from supply.allocation.synthetic import synthetic_instance
from tests.unit.allocation.build import arc, instance, instances, lot, need
from tests.unit.allocation.test_properties import least_shortage

TABLES = ("facilities", "lots", "arrivals", "demand", "reserve", "vehicles")


def two_districts(**tables: object) -> Instance:
    """Depot K with A and depot L with B, the depots joined; B's stock is at K."""
    return instance(
        facilities=[
            {"id": "K", "depot": True},
            {"id": "A"},
            {"id": "L", "depot": True},
            {"id": "B"},
        ],
        lots=[lot("K", 20), lot("L", 3)],
        demand=[need("A", 6), need("B", 8, 3)],
        arcs=[
            arc("K", "A"),
            arc("L", "B"),
            arc("K", "L", 1),
            arc("L", "K", 1),
            *tables.pop("arcs", []),
        ],  # type: ignore[misc]
        **tables,
    )


def test_each_facility_goes_with_the_depot_that_serves_it() -> None:
    made = two_districts()
    assert districts_of(made) == {"K": "K", "A": "K", "L": "L", "B": "L"}
    parts = parts_of(made)
    assert [arc.origin for arc in arcs_across(made, parts)] == ["K", "L"]


def test_a_facility_between_two_depots_goes_with_the_nearer_one() -> None:
    assert districts_of(two_districts(arcs=[arc("L", "A", 2)]))["A"] == "K"


def test_small_islands_share_a_part_up_to_the_size_of_the_largest() -> None:
    made = instance(facilities=[{"id": f"F{n:02}"} for n in range(30)])
    assert len(set(components(made).values())) == 30
    assert sorted(len(part.facilities) for part in parts_of(made)) == [6, 12, 12]


def test_named_districts_are_followed() -> None:
    parts = parts_of(two_districts(), {"K": "1", "A": "2", "L": "1", "B": "2"})
    assert [sorted(row.id for row in part.facilities) for part in parts] == [["A", "B"], ["K", "L"]]


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(instances())
def test_parts_hold_everything_once_and_their_union_is_a_proven_plan(made: Instance) -> None:
    by_name = {row.id: f"P{number % 2}" for number, row in enumerate(made.facilities)}
    for parts in (parts_of(made), parts_of(made, by_name)):
        needed = {row.item for row in made.demand}
        for table in TABLES:
            rows = [row for part in parts for row in getattr(part, table)]
            kept = [row for row in rows if getattr(row, "item", None) in needed | {None}]
            whole = getattr(made, table)
            assert all(row in whole for row in rows)
            assert len(rows) <= len(whole)
            if table in {"facilities", "vehicles", "demand"}:
                assert len(kept) == len(whole)
        plan = joined(made, parts, [solve(part, "least-shortage", 5) for part in parts])
        assert check(made, plan) == []
        assert plan.shortage.bound <= least_shortage(made) + 1
        least = least_shortage(made) + 1
        assert pooled_unmet(made, {row.id for row in made.facilities}).sum() <= least
        for points in (0.0, 0.5, 40.0):
            prices = dict(plan.litre_points) or {
                row.id: [points] * made.horizon_days for row in made.facilities[::2]
            }
            assert bound_over_all_ways(made, prices, time.monotonic() + 0.5) <= least


def test_prices_of_the_vehicles_make_the_bound_of_the_whole_nearly_that_of_one_solve() -> None:
    made = synthetic_instance(32, 4, 5, vehicles="tight")
    cut = solve_parts(made, "least-shortage", 3, 1, bound_seconds=10)
    pooled = solve_parts(made, "least-shortage", 3, 1).shortage.bound
    whole = solve(made, "least-shortage", 10).shortage.bound
    assert len(parts_of(made)) > 1
    assert pooled < 0.8 * whole
    assert 0.9 * whole < cut.shortage.bound <= cut.shortage.plan
    late = bound_over_all_ways(made, cut.litre_points, time.monotonic())
    assert pooled <= late <= cut.shortage.plan


def test_what_no_part_could_use_is_left_to_the_border() -> None:
    made = two_districts()
    plan = solve_parts(made, "least-shortage", 5, 1)
    assert plan.status == "feasible"
    assert plan.shortage.plan == 5000
    assert plan.shortage.bound == 0

    def border(whole: Instance, _so_far: Plan) -> Plan:
        return solve(whole, "least-shortage", 5)

    assert solve_parts(made, "least-shortage", 5, 1, border=border).shortage.plan == 0


def test_a_border_that_breaks_a_rule_or_leaves_more_unmet_is_not_taken() -> None:
    made = two_districts()

    def nothing(whole: Instance, _so_far: Plan) -> Plan:
        return solve(whole, "proportional", 5)

    def nonsense(_whole: Instance, so_far: Plan) -> Plan:
        return replace(so_far, transfers=so_far.transfers * 9)

    apart = solve_parts(made, "least-shortage", 5, 1)
    assert solve_parts(made, "least-shortage", 5, 1, border=nonsense).transfers == apart.transfers
    worse = solve_parts(made, "least-shortage", 5, 1, border=nothing)
    assert worse.shortage.plan <= apart.shortage.plan


def test_processes_and_one_process_make_the_same_plan(tmp_path: Path) -> None:
    """Through the command, over two districts of the made-up family."""
    made, one, two = tmp_path / "made.json", tmp_path / "one.json", tmp_path / "two.json"
    run = CliRunner().invoke
    size = ["--facilities", "20", "--items", "2", "--days", "4", "--vehicles", "slack"]
    assert run(cli, ["synthetic", *size, "--out", str(made)]).exit_code == 0
    for workers, out in (("1", one), ("2", two)):
        asked = ["solve-parts", str(made), "--out", str(out), "--workers", workers]
        solved = run(cli, asked)
        assert solved.exit_code == 0, solved.output
        assert run(cli, ["check", str(made), str(out)]).exit_code == 0
    first, second = (json.loads(path.read_text()) for path in (one, two))
    assert first["transfers"] == second["transfers"]
    assert first["quotas"] == second["quotas"]
    assert "wall" in first["seconds"]


def test_the_made_up_family_falls_into_its_districts() -> None:
    parts = parts_of(synthetic_instance(48, 1, 2))
    assert sorted(len(part.facilities) for part in parts) == [16, 16, 16]


def district(name: str, expiry: str, start: str = "2022-03-01") -> tuple[Instance, Plan]:
    made = instance(
        start=start,
        facilities=[{"id": f"{name}-K", "depot": True}, {"id": f"{name}-T"}],
        lots=[lot(f"{name}-K", 9, "L1", expiry)],
        demand=[need(f"{name}-T", 6)],
        arcs=[arc(f"{name}-K", f"{name}-T")],
    )
    return made, solve(made, "least-shortage", 5)


def test_plans_of_districts_are_one_plan_of_the_province() -> None:
    """Both write L1 on goods of another expiry; together the lots are told apart by district."""
    whole = united({"one": district("A", "2022-06-30"), "two": district("B", "2022-07-31")})
    assert check(whole.instance, whole.plan) == []
    assert whole.plan.status == "optimal"
    assert [t.lot for t in whole.plan.transfers] == ["L1 (one)", "L1 (two)"]
    assert whole.plan.shortage.no_transfer == 12000


def test_plans_of_two_times_are_no_plan_of_one_province() -> None:
    late = district("B", "2022-07-31", start="2022-03-02")
    with pytest.raises(UnitingError, match="start differs"):
        united({"one": district("A", "2022-06-30"), "two": late})
    with pytest.raises(UnitingError, match="two districts: A-K, A-T"):
        united({"one": district("A", "2022-06-30"), "two": district("A", "2022-06-30")})
