"""`flask ledger …`: what an operator asks of the ledger."""

from __future__ import annotations

import click
from sqlalchemy import text

from supply.core.database import database
from supply.inventory.verify import verify_ledger


@click.group("ledger")
def ledger() -> None:
    """The ledger of documents and balances."""


@ledger.command("verify")
def verify() -> None:
    """Recompute balances, numbers and the hash chain; exit 1 on any discrepancy."""
    report = verify_ledger()
    click.echo(
        f"facilities {report.facilities}, documents {report.documents}, "
        f"entries {report.entries}, balances {report.balances}"
    )
    for found in report.discrepancies:
        click.echo(f"{found.title.vi} / {found.title.en}: {found.count}", err=True)
        for example in found.examples:
            click.echo(f"  {example}", err=True)
    click.echo("discrepancies " + str(sum(d.count for d in report.discrepancies)))
    if not report.is_sound:
        raise SystemExit(1)


@ledger.command("close-months")
@click.option("--again", is_flag=True, help="Forget those there are and make them anew.")
def close_months_again(again: bool) -> None:
    """Make the closing balances of every ended month that has none."""
    with database().owner_engine.begin() as connection:
        if again:
            connection.execute(text("SELECT ledger_forget_closings()"))
        made = connection.execute(text("SELECT ledger_close_months()")).scalar_one()
    click.echo(f"months {made}")
