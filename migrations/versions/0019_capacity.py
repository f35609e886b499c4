"""Beds, staff, laboratories and oxygen sources that cap what can be done

Revision: 0019, after 0018
"""

from __future__ import annotations

from migrations.sql_files import run_sql_file

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0019_capacity.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
