"""What a forecast run keeps beyond its burn

Revision: 0022, after 0021
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0022_runs.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
