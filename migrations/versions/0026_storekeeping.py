"""Storekeeping, what was left

Revision: 0026, after 0025
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0026_storekeeping.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
