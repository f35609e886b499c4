"""Learned codes, templates and saved views; API keys and attachments

Revision: 0013, after 0012
"""

from __future__ import annotations

from migrations.sql_files import FOLDER, run_sql_file

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

FILES = ("0013_1_entry.sql", "0013_2_attachments.sql")


def upgrade() -> None:
    for name in FILES:
        if (FOLDER / name).exists():  # two rooms build this migration side by side
            run_sql_file(name)


def downgrade() -> None:
    raise RuntimeError("a ledger is not migrated downwards; restore a backup instead")
