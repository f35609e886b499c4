"""Purchase plans, reserve lists and waste capacity

Revision: 0021, after 0020
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0021_purchase.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
