"""A supplier sees the average use of what it is asked for

Revision: 0027, after 0026
"""

from __future__ import annotations

from migrations.sql_files import apply_functions, run_sql_file

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    apply_functions("ledger")
    run_sql_file("0027_supplier.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
