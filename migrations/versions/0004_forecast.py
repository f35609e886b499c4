"""The forecast: reported cases, runs, projected cases, drivers, burn

Revision: 0004, after 0003
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0004_forecast.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
