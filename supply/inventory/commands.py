"""`flask ledger …`: what an operator asks of the ledger."""

from __future__ import annotations

import click

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
