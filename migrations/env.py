"""Alembic's environment: runs as the owner; modules' tables come from the registry."""

from __future__ import annotations

import logging

from alembic import context
from sqlalchemy import Connection

from supply.core.database import database
from supply.core.model import Base
from supply.core.registry import import_models

logging.getLogger("alembic").setLevel(logging.WARNING)
import_models()


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Tables that SQL files or libraries keep are not alembic's to compare."""
    if kind == "table" and name is not None:
        return not name.startswith("procrastinate_") and name not in {
            "scope_secret",
            "sign_in_attempt",
        }
    return True


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=_ours,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


handed: Connection | None = context.config.attributes.get("connection")
if handed is not None:
    _run(handed)
else:
    with database().owner_engine.connect() as connection:
        _run(connection)
        connection.commit()
