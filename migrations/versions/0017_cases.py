"""How case reports came in: the file, its faults, what was known when

Revision: 0017, after 0016
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0017_cases.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
