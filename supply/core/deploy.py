"""One command brings an installation up to date: role, tables, accounts' permissions, reference data.

Idempotent, and safe when two run at once: everything happens under one advisory lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from procrastinate.schema import SchemaManager
from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from supply.core.accounts import ROLES
from supply.core.database import database, derived_secret
from supply.core.errors import NotAllowed
from supply.core.registry import load, modules
from supply.core.settings import ROOT
from supply.core.text import Text

ADVISORY_LOCK = 7_204_001


@contextmanager
def deploying() -> Iterator[Connection]:
    """The owner's connection, alone: a second deploy waits here until the first is done."""
    db = database()
    db.ensure_exists()
    with db.owner_engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": ADVISORY_LOCK})
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": ADVISORY_LOCK})
            connection.commit()


def migrate(connection: Connection) -> None:
    """Role, tables, secrets, job queue."""
    _ensure_web_role(connection)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    connection.execute(
        text("SELECT set_config('supply.web_role', :role, false)"), {"role": database().web_role}
    )
    command.upgrade(config, "head")
    connection.execute(
        text(
            "INSERT INTO scope_secret (secret) VALUES (:secret)"
            " ON CONFLICT (single) DO UPDATE SET secret = excluded.secret"
        ),
        {"secret": derived_secret("scope")},
    )
    _ensure_queue(connection)
    connection.execute(
        text(
            "INSERT INTO ab_role (name) SELECT unnest(CAST(:roles AS text[])) ON CONFLICT (name) DO NOTHING"
        ),
        {"roles": list(ROLES)},
    )
    connection.commit()


def _ensure_web_role(connection: Connection) -> None:
    """The web role exists, can sign in, and has nothing above what tables grant it.

    Raises NotAllowed where a role of that name is mightier: row-level security would not hold.
    """
    role = database().web_role
    found = connection.execute(
        text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = :role"), {"role": role}
    ).scalar()
    if found:
        raise NotAllowed(
            Text(
                f"Vai trò {role} của máy chủ vượt qua được phân quyền theo dòng; hãy bỏ quyền đó.",
                f"The server's role {role} can pass row-level security; take that right away.",
            )
        )
    raw = connection.connection.driver_connection
    assert raw is not None
    # An owner who is no superuser may create such a role, but afterwards only set its password.
    verb = "CREATE ROLE {} LOGIN PASSWORD {}" if found is None else "ALTER ROLE {} PASSWORD {}"
    raw.execute(sql.SQL(verb).format(sql.Identifier(role), sql.Literal(derived_secret("web role"))))
    raw.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
            sql.Identifier(database().owner_url.database or ""), sql.Identifier(role)
        )
    )
    connection.commit()


def _ensure_queue(connection: Connection) -> None:
    """procrastinate's own tables, once; the web role works the queue."""
    known = connection.execute(text("SELECT to_regclass('procrastinate_jobs')")).scalar()
    driver = connection.connection.driver_connection
    assert driver is not None
    if known is None:
        driver.execute(SchemaManager.get_schema())
    role = sql.Identifier(database().web_role)
    tables = connection.execute(
        text("SELECT tablename FROM pg_tables WHERE tablename LIKE 'procrastinate\\_%'")
    ).scalars()
    for table in tables:
        driver.execute(
            sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}").format(
                sql.Identifier(table), role
            )
        )
    driver.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(role))


def load_reference_data(connection: Connection) -> None:
    """Every module's reference data, in the modules' order."""
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        for module in modules():
            for reference in module.reference_data:
                loader = load(module, reference)
                assert callable(loader)
                loader(session)
        session.commit()
    connection.commit()
