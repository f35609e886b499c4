"""One index of balances by facility, one by item and facility

Revision: 0015, after 0014
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0015_index.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
