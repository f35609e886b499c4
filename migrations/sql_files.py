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
