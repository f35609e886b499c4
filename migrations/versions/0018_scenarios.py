"""Scenarios, epidemic levels of wards, their dated thresholds

Revision: 0018, after 0017
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0018_scenarios.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
