"""Period close, monthly closing balances, minimum stock, files made for a person

Revision: 0008, after 0007
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0008_1_tables.sql")
    run_sql_file("0008_2_security.sql")
    run_sql_file("ledger/50_periods.sql")
    run_sql_file("ledger/55_looking.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
