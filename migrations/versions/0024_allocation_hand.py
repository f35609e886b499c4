"""Plans made by the planner's hand

Revision: 0024, after 0023
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0024_allocation_hand.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
