"""Carrying a plan out

Revision: 0025, after 0024
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0025_allocation_carrying.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
