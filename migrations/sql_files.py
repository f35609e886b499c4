"""SQL that alembic cannot say, kept as files beside the migrations that run them."""

from __future__ import annotations

from pathlib import Path

from alembic import op

FOLDER = Path(__file__).parent / "sql"


def run_sql_file(name: str) -> None:
    """Run one file as it stands: no bind parameters, so `:` and `%` mean what SQL says."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute((FOLDER / name).read_text(encoding="utf-8"))


def apply_functions(folder: str) -> None:
    """Run every file of a folder of functions ("ledger"), in the order of their names.

    The files say how the functions are now (CREATE OR REPLACE), whichever migration runs them: the
    newest one that changes them calls this again. Bodies are not checked when they are made, since
    they may name tables of later migrations.
    """
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute("SET LOCAL check_function_bodies = off")
    for file in sorted((FOLDER / folder).glob("*.sql")):
        driver.execute(file.read_text(encoding="utf-8"))
    driver.execute("SET LOCAL check_function_bodies = on")
