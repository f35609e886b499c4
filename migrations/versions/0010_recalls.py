"""Recalls of a lot and who has answered; borrowed goods made regular

Revision: 0010, after 0009
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0010_1_recalls.sql")
    run_sql_file("0010_2_lending.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
