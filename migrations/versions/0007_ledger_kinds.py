"""More kinds of document, places inside a facility, lines as asked, blocked lots

Revision: 0007, after 0006
"""

from __future__ import annotations

from migrations.sql_files import apply_functions, run_sql_file

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0007_1_tables.sql")
    run_sql_file("0007_2_forget.sql")
    apply_functions("ledger")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
