"""Sums per facility and item, moved by the posting code; a count of changes to what is shared

Revision: 0016, after 0015
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from migrations.sql_files import apply_functions, run_sql_file

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0016_1_stock_sums.sql")
    run_sql_file("0016_2_shared_version.sql")
    apply_functions("ledger")
    op.get_bind().execute(text("SELECT ledger_make_sums()"))


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
