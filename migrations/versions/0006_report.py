"""Workbooks that were made, each its maker's own

Revision: 0006, after 0005
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0006_report.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
