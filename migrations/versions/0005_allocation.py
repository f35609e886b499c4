"""Allocation plans: proposed, decided once, kept as decided

Revision: 0005, after 0004
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0005_allocation.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
