"""What a plan is asked beyond the forecast

Revision: 0023, after 0022
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0023_allocation_asking.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
