"""The ledger: documents, entries, consignments, balances, and the one door into it

Revision: 0003, after 0002
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0003_1_tables.sql")
    run_sql_file("0003_2_security.sql")
    # The functions have one home since 0007: migrations/sql/ledger/.


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
