"""Kits; cylinder sizes and present flow

Revision: 0012, after 0011
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0012_1_kits.sql")
    run_sql_file("0012_2_oxygen.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
