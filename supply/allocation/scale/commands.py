"""`flask allocation plan-districts`: a plan of every district of a person, as jobs, told as one."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import click
from flask.cli import with_appcontext
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from supply.allocation.asking.request import PlanRequest
from supply.allocation.commands import cli
from supply.allocation.scale.services import Standing, Started, standing, start_plans, together
from supply.core import jobs
from supply.core.database import database
from supply.core.errors import SupplyError
from supply.core.scope import acting_as

LOOK_EVERY_SECONDS = 1.0


@cli.command("plan-districts")
@click.option("--as", "username", required=True, help="Ai lập kế hoạch. Who plans.")
@click.option("--district", "slugs", multiple=True, help="Chỉ các địa bàn này. Only these.")
@click.option("--policy", default="lexicographic", show_default=True)
@click.option("--days", "horizon_days", default=14, show_default=True)
@click.option(
    "--workers",
    type=click.IntRange(0, 64),
    default=1,
    show_default=True,
    help="Số việc chạy tại đây; 0: để các `flask worker` khác làm. Jobs at once here; 0: leave them to `flask worker`s.",
)
@with_appcontext
def plan_districts_cli(
    username: str, slugs: tuple[str, ...], policy: str, horizon_days: int, workers: int
) -> None:
    """Lập kế hoạch mọi địa bàn, mỗi địa bàn một công việc. Plan every district, a job each."""
    with Session(database().owner_engine) as session:
        person = session.scalar(select(User.id).where(User.username == username, User.active))
    if person is None:
        click.echo(
            f"Không có người dùng {username}. / There is no active user {username}.", err=True
        )
        raise SystemExit(2)
    request = PlanRequest("", policy=policy, horizon_days=horizon_days)
    try:
        with acting_as(int(person)):
            started = start_plans(request, slugs)
        _work(started, workers)
        with acting_as(int(person)):
            at = _wait(started)
            _tell(at)
    except SupplyError as error:
        for vi, en in zip(error.lines("vi"), error.lines("en"), strict=True):
            click.echo(f"{vi} / {en}", err=True)
        raise SystemExit(2) from None
    if at.failed:
        raise SystemExit(1)


def _work(started: list[Started], workers: int) -> None:
    """Do the jobs here, some at a time; a job that another worker took first is passed over."""
    if workers:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(jobs.run_now, [one.job_id for one in started if one.job_id is not None]))


def _wait(started: list[Started]) -> Standing:
    at = standing(started)
    while at.waiting:
        time.sleep(LOOK_EVERY_SECONDS)
        at = standing(started)
    return at


def _tell(at: Standing) -> None:
    for slug, reason in sorted(at.failed.items()):
        click.echo(f"{slug}: {reason.vi} / {reason.en}", err=True)
    for slug, plan_id in sorted(at.plans.items()):
        click.echo(f"{slug}: /plans/{plan_id}")
    if at.plans:
        whole, violations = together(list(at.plans.values()))
        s = whole.plan.shortage
        click.echo(
            f"{len(at.plans)} địa bàn / districts: shortage {s.plan} (bound {s.bound}, no transfer "
            f"{s.no_transfer}), {len(whole.plan.transfers)} transfers, {len(violations)} violations"
        )


register = cli
"""The group, with the command on it: naming it here makes the registry load this file."""
