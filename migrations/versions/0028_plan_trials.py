"""Plans made only to compare are trials

Revision: 0028, after 0027
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0028_plan_trials.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
