"""Commands ``allocation solve``, ``solve-parts``, ``check``, ``synthetic``: files in, files out, no
database.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import NoReturn

import click

from supply.allocation.check import check
from supply.allocation.instance_json import Fault, InstanceError, instance_text, load_instance
from supply.allocation.plan import Plan, load_plan, plan_text
from supply.allocation.policies import POLICIES
from supply.allocation.scale.processes import solve_in_time, solve_parts
from supply.allocation.synthetic import TRIP_SHARES, synthetic_instance

_FILE = click.Path(dir_okay=False, path_type=Path)
FAULTS_SHOWN = 1000


@click.group("allocation")
def cli() -> None:
    """Phân bổ khi thiếu hụt. Allocation in shortage."""


@cli.command("solve")
@click.argument("instance_file", metavar="INSTANCE.json", type=_FILE)
@click.option("--out", "out_file", metavar="PLAN.json", type=_FILE, required=True)
@click.option("--time-limit", "time_limit_seconds", type=click.FloatRange(min=0.1), default=30.0)
@click.option("--policy", type=click.Choice(list(POLICIES)), default="lexicographic")
def solve_command(
    instance_file: Path, out_file: Path, time_limit_seconds: float, policy: str
) -> None:
    """Lập kế hoạch cho một tệp bài toán. Solve an instance file into a checked plan."""
    try:
        instance = load_instance(instance_file, _tell)
    except InstanceError as error:
        _refuse(error.faults)
    workers = os.cpu_count() or 1
    plan = solve_in_time(instance, policy, time_limit_seconds, workers, _show_progress)
    _write(out_file, plan_text(plan))
    _sum_up(plan)


@cli.command("solve-parts")
@click.argument("instance_file", metavar="INSTANCE.json", type=_FILE)
@click.option("--out", "out_file", metavar="PLAN.json", type=_FILE, required=True)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=os.cpu_count() or 1, show_default=True
)
@click.option(
    "--part-time-limit",
    "part_seconds",
    type=click.FloatRange(min=0.1),
    default=30.0,
    show_default=True,
    help="Giới hạn cho mỗi phần. Limit of one part.",
)
@click.option("--policy", type=click.Choice(list(POLICIES)), default="lexicographic")
def solve_parts_command(
    instance_file: Path, out_file: Path, workers: int, part_seconds: float, policy: str
) -> None:
    """Chia theo địa bàn, giải song song, ghép lại. Solve a large instance district by district."""
    try:
        instance = load_instance(instance_file, _tell)
    except InstanceError as error:
        _refuse(error.faults)
    plan = solve_parts(instance, policy, part_seconds, workers, _show_progress)
    _write(out_file, plan_text(plan))
    _sum_up(plan)


def _show_progress(done: int, total: int) -> None:
    click.echo(f"{done}/{total} phần / parts", err=True)


def _sum_up(plan: Plan) -> None:
    """One line on what the plan reaches; the time is what passed, where that was measured."""
    s = plan.shortage
    seconds = plan.seconds.get("wall", sum(plan.seconds.values()))
    click.echo(
        f"{plan.status} {plan.policy}: shortage {s.plan} (bound {s.bound}, proportional "
        f"{s.proportional}, no transfer {s.no_transfer}), {len(plan.transfers)} transfers, "
        f"{seconds:.1f} s"
    )


@cli.command("check")
@click.argument("instance_file", metavar="INSTANCE.json", type=_FILE)
@click.argument("plan_file", metavar="PLAN.json", type=_FILE)
@click.pass_context
def check_command(context: click.Context, instance_file: Path, plan_file: Path) -> None:
    """Chứng minh lại một kế hoạch. Re-prove a plan without the solver; exit 1 on violations."""
    try:
        instance, plan = load_instance(instance_file, _tell), load_plan(plan_file)
    except InstanceError as error:
        _refuse(error.faults)
    violations = check(instance, plan)
    for violation in violations:
        click.echo(f"{violation.line('vi')} / {violation.text_en}")
    click.echo(f"{len(violations)} vi phạm / violations")
    context.exit(1 if violations else 0)


@cli.command("synthetic")
@click.option("--facilities", type=click.IntRange(1, 20_000), required=True)
@click.option("--items", type=click.IntRange(1, 5_000), required=True)
@click.option("--days", type=click.IntRange(1, 60), required=True)
@click.option("--seed", type=click.IntRange(min=0), default=1)
@click.option("--vehicles", type=click.Choice([*TRIP_SHARES, "none"]), default="tight")
@click.option("--out", "out_file", metavar="FILE", type=_FILE, required=True)
def synthetic_command(
    facilities: int, items: int, days: int, seed: int, vehicles: str, out_file: Path
) -> None:
    """Tạo bài toán giả định, lặp lại được. Write a made-up instance, the same for the same seed."""
    instance = synthetic_instance(facilities, items, days, seed, vehicles)
    _write(out_file, instance_text(instance))
    click.echo(
        f"{facilities} × {items} × {days}: {len(instance.lots)} lots, "
        f"{len(instance.demand)} demand rows, {len(instance.arcs)} arcs"
    )


def _write(path: Path, pieces: Iterable[str]) -> None:
    """The whole file or none of it: written beside, then put in place."""
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        reason = error.strerror or type(error).__name__
        _refuse([Fault(str(path), f"không ghi được ({reason}).", f"cannot be written ({reason}).")])


def _tell(fault: Fault) -> None:
    """One line on stderr, both languages."""
    click.echo(f"{fault.line('vi')} / {fault.text_en}", err=True)


def _refuse(faults: Iterable[Fault]) -> NoReturn:
    """One line per fault, exit 2; after very many of them only how many more there are."""
    named = iter(faults)
    for fault in islice(named, FAULTS_SHOWN):
        _tell(fault)
    if more := sum(1 for _ in named):
        click.echo(f"… và {more} lỗi nữa. / and {more} more.", err=True)
    raise click.exceptions.Exit(2)
