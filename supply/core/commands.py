"""Commands of the frame: deploy, worker, people."""

from __future__ import annotations

import signal
import sys

import click
import waitress
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import select
from sqlalchemy.orm import Session

from supply.core import accounts, jobs
from supply.core.deploy import deploying, load_reference_data, migrate
from supply.core.errors import SupplyError
from supply.core.roles import Pair, sync_roles
from supply.core.settings import settings
from supply.core.web import UPLOAD_BYTES_MAX


def declared_pairs(app: Flask) -> set[Pair]:
    """Every (permission, resource) the registered pages know."""
    return {
        (permission, view.class_permission_name)
        for view in app.appbuilder.baseviews  # type: ignore[attr-defined]
        if not isinstance(view, type) and view.base_permissions
        for permission in view.base_permissions
    }


@click.command("deploy")
@with_appcontext
def deploy_cli() -> str | None:
    """Bring this installation up to date; safe to run again and at the same time twice."""
    with deploying() as connection:
        migrate(connection)
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            sync_roles(session, declared_pairs(current_app))
            link = _administrator_link(session)
            session.commit()
        connection.commit()
        load_reference_data(connection)
    click.echo("deployed")
    if link:
        say_link(link)
    return link


def say_link(link: str) -> None:
    """The administrator's way in."""
    click.echo(
        "Đường dẫn đăng nhập lần đầu của quản trị (dùng một lần)"
        f" / administrator's one-time link:\n  {link}"
    )


def _administrator_link(session: Session) -> str | None:
    """A link while the administrator has never signed in; no account, so one is made."""
    admins = session.scalars(
        select(User).join(User.roles).where(Role.name == "administrator", User.active)
    ).all()
    if not admins:
        new = accounts.NewUser(
            "admin", "Quản trị", "hệ thống", "administrator", "admin@example.invalid"
        )
        admins = [accounts.create_user(session, new)]
    if any(user.login_count for user in admins):
        return None
    return f"{settings().public_url}/first-login/{accounts.first_login_token(admins[0])}"


@click.command("worker")
@with_appcontext
def worker_cli() -> None:
    """Take jobs until stopped; run as many as wanted."""
    jobs.work()


@click.group("user")
def user_cli() -> None:
    """People: enter one, give a new one-time link."""


@user_cli.command("add")
@click.argument("username")
@click.option("--name", required=True, help="Full name")
@click.option("--role", required=True, type=click.Choice(accounts.ROLES))
@click.option("--facility", "facilities", multiple=True, help="Facility code; may be repeated")
@click.option("--district", "districts", multiple=True, help="District slug; may be repeated")
@with_appcontext
def add(
    username: str, name: str, role: str, facilities: tuple[str, ...], districts: tuple[str, ...]
) -> None:
    """Enter a person and print the one-time link that sets their password."""
    first, _, last = name.rpartition(" ")
    new = accounts.NewUser(
        username, first or last, last, role, f"{username}@example.invalid", facilities, districts
    )
    try:
        with deploying() as connection, Session(connection) as session:
            user = accounts.create_user(session, new)
            session.commit()
            click.echo(f"{settings().public_url}/first-login/{accounts.first_login_token(user)}")
    except SupplyError as error:
        for line in error.lines("en"):
            click.echo(line, err=True)
        raise SystemExit(2) from None


@user_cli.command("link")
@click.argument("username")
@with_appcontext
def link(username: str) -> None:
    """Print a new one-time link for somebody who forgot their password."""
    with deploying() as connection, Session(connection) as session:
        user = session.scalar(select(User).where(User.username == username))
        if user is None:
            click.echo(f"there is no user {username}", err=True)
            raise SystemExit(2)
        click.echo(f"{settings().public_url}/first-login/{accounts.first_login_token(user)}")


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True)
@click.option("--demo", is_flag=True, help="Load the demo districts where there is no stock yet")
@click.option("--worker/--no-worker", default=True, help="Take jobs in this process too")
@with_appcontext
@click.pass_context
def serve_cli(context: click.Context, host: str, port: int, demo: bool, worker: bool) -> None:
    """Deploy, then serve until stopped."""
    # A supervisor's SIGTERM ends Python without its exit handlers; the embedded server is stopped
    # by one of those, so leave in the ordinary way.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    link = context.invoke(deploy_cli)
    if demo:
        context.invoke(current_app.cli.get_command(context, "demo-districts"))  # type: ignore[arg-type]
    if worker:
        jobs.start_worker()
    if link and demo:
        say_link(link)  # again: the demo's people have pushed it off the screen
    click.echo(f"http://{host}:{port}")
    waitress.serve(
        current_app._get_current_object(),  # type: ignore[attr-defined]
        host=host,
        port=port,
        threads=8,
        ident=None,
        max_request_body_size=UPLOAD_BYTES_MAX,
    )
