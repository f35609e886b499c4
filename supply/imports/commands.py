"""`flask ledger import FILE`: a file into the ledger from the command line, as a named person."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from supply.core.database import database
from supply.core.errors import InvalidInput, SupplyError
from supply.core.scope import acting_as
from supply.core.text import Text
from supply.imports import running
from supply.imports.columns import FileKind
from supply.imports.reading import read
from supply.imports.services import bring, carry_out, choose_columns, file, report
from supply.inventory.commands import ledger

SAID_MAX = 200


@ledger.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--kind", type=click.Choice([k.value for k in FileKind]), default="history", show_default=True
)
@click.option("--as", "username", help="Who imports; needed unless one person keeps a store")
@click.option(
    "--report", "report_path", type=click.Path(path_type=Path), help="Where to write faults by row"
)
@with_appcontext
def import_cli(path: Path, kind: str, username: str | None, report_path: Path | None) -> None:
    """Import FILE (CSV, XLSX, ODS): all of it or nothing. Exit 2 and one line per fault otherwise."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _refusal([f"{path}: {error.strerror}"]) from None
    try:
        with acting_as(_person(username)):
            _run(FileKind(kind), path, content, report_path)
    except SupplyError as error:
        raise _refusal(error.lines("en")) from None


def _run(kind: FileKind, path: Path, content: bytes, report_path: Path | None) -> None:
    layout = running.lay_out(kind, read(path.name, content))
    file_id = bring(kind, path.name, content)
    choose_columns(file_id, layout.mapped, check_now=False)
    outcome = carry_out(file_id)
    if outcome.faults:
        if report_path is not None:
            report_path.write_bytes(report(file_id)[1])
            click.echo(f"faults by row: {report_path}", err=True)
        shown = outcome.faults.listed(SAID_MAX)
        lines = [f"Row {f.line}: {f.field}: {f.text.en}" for f in shown]
        if outcome.faults.count > len(shown):
            lines.append(f"and {outcome.faults.count - len(shown)} more; use --report OUT.xlsx")
        raise _refusal(lines)
    new = ", ".join(f"{name} {count}" for name, count in outcome.new.items()) or "nothing new"
    click.echo(f"rows {outcome.rows}, {new}, already there {outcome.already}")
    click.echo(f"import {file(file_id).id}: lines {outcome.lines}, entries {outcome.entries}")


def _refusal(lines: list[str]) -> SystemExit:
    for line in lines:
        click.echo(line, err=True)
    return SystemExit(2)


def _person(username: str | None) -> int:
    """The named person, or the only one there is. Raises InvalidInput."""
    with Session(database().owner_engine) as session:
        query = select(User.id, User.username).where(User.active)
        if username is not None:
            query = query.where(User.username == username)
        found = session.execute(query.order_by(User.username).limit(2)).all()
    if len(found) == 1:
        return int(found[0].id)
    if username is None:
        raise InvalidInput(
            Text("Hãy ghi --as TÊN: ai nhập tệp này.", "Say --as USER: who imports this file.")
        )
    raise InvalidInput(
        Text(f"Không có người dùng {username}.", f"There is no active user {username}.")
    )


register = ledger
"""The group, with the command on it: naming it here makes the registry load this file."""
