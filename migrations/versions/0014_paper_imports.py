"""Names of forms; imports

Revision: 0014, after 0013
"""

from __future__ import annotations

from migrations.sql_files import FOLDER, run_sql_file

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("0014_1_paper.sql")
    if (FOLDER / "0014_2_imports.sql").exists():
        run_sql_file("0014_2_imports.sql")


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
