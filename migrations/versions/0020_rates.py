"""Rates of use learned from the ledger

Revision: 0020, after 0019
"""

from __future__ import annotations

from migrations.sql_files import apply_functions, run_sql_file

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0020_rates.sql")
    apply_functions("ledger")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
