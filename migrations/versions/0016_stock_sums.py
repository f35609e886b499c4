"""Sums per facility and item, moved by the posting code

Revision: 0016, after 0015
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0016_stock_sums.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
