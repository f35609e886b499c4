"""`flask seed load …`, `flask demo-districts`, `flask demo`."""

from __future__ import annotations

import time
from pathlib import Path

import click
from flask.cli import with_appcontext

from seed import district
from seed.chain import Chain
from seed.people import DemoUser
from seed.synthetic import Size, load_synthetic
from supply.core.accounts import ROLE_NAMES
from supply.core.clock import stand_on
from supply.core.commands import deploy_cli
from supply.core.errors import SupplyError

DEMO_SLUG = "ba-dinh"


def refuse(error: SupplyError) -> SystemExit:
    """Bad input: one line per fault on stderr, exit 2."""
    for line in error.lines("en"):
        click.echo(line, err=True)
    return SystemExit(2)


def show_people(users: list[DemoUser]) -> None:
    """The demo people; passwords are shown here and nowhere else, so they are shown once."""
    width = max(len(user.username) for user in users)
    click.echo("Người dùng mẫu; mật khẩu chỉ hiện một lần / demo people, passwords shown once:")
    for user in users:
        password = user.password or "(đã cấp / given before)"
        role = ROLE_NAMES[user.role].vi
        click.echo(f"  {user.username:<{width}}  {password:<24}  {role}, {user.place}")


def load_one(slug: str) -> None:
    """Load a demo district and say what was done."""
    loaded = district.load_district_demo(slug, show_people)
    if not loaded.fresh:
        click.echo(f"{slug}: đã có, không thay đổi gì / already there, nothing changed")
        return
    steps = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in loaded.seconds.items())
    click.echo(
        f"{slug}: {loaded.documents} chứng từ đến ngày / documents up to "
        f"{loaded.last_day:%d/%m/%Y} ({steps})"
    )


@click.group("seed")
def seed_cli() -> None:
    """Data to begin with."""


@seed_cli.command("load")
@click.argument("name", type=click.Choice([*district.SLUGS, "synthetic"]))
@click.option("--facilities", default=20, show_default=True, help="synthetic: how many")
@click.option("--items", default=50, show_default=True, help="synthetic: how many")
@click.option("--days", default=90, show_default=True, help="synthetic: how many")
@click.option(
    "--seed", default=1, show_default=True, help="synthetic: another one, another district"
)
@with_appcontext
def load_cli(name: str, facilities: int, items: int, days: int, seed: int) -> None:
    """Load a demo district, or a synthetic one of any size; loading it again changes nothing."""
    try:
        if name == "synthetic":
            load_made_up(Size(facilities, items, days, seed))
        else:
            load_one(name)
    except SupplyError as error:
        raise refuse(error) from None


def load_made_up(size: Size) -> None:
    """Load a synthetic district and say what was done."""
    made = load_synthetic(size)
    if not made.fresh:
        click.echo(f"{made.slug}: đã có, không thay đổi gì / already there, nothing changed")
        return
    way = "through the services" if made.through_services else "in bulk"
    click.echo(
        f"{made.slug}: {made.documents} documents, {made.entries} entries, {way},"
        f" {made.seconds:.1f} s"
    )


@click.command("demo-districts")
@with_appcontext
def demo_districts_cli() -> None:
    """Load both demo districts where there is no stock yet."""
    stand_on(district.demo_today(DEMO_SLUG))
    for slug in district.SLUGS:
        try:
            load_one(slug)
        except SupplyError as error:
            click.echo(f"{slug}: {error.message('vi')} / {error.message('en')}")


@click.command("demo")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("out"),
    show_default=True,
    help="Where the workbooks go",
)
@with_appcontext
@click.pass_context
def demo_cli(context: click.Context, out: Path) -> None:
    """The whole chain on Ba Đình: cases, use, shortage, plan, transfers, money; workbooks in `out`."""
    started = time.perf_counter()
    context.invoke(deploy_cli)
    stand_on(district.demo_today(DEMO_SLUG))
    try:
        load_one(DEMO_SLUG)
        Chain(DEMO_SLUG, out, click.echo).run()
    except SupplyError as error:
        raise refuse(error) from None
    click.echo(f"\n{time.perf_counter() - started:.0f} s")


COMMANDS = (seed_cli, demo_districts_cli, demo_cli)
