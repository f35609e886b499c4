"""Stock counts

Revision: 0011, after 0010
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0011_counts.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
