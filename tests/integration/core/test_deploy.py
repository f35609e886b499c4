"""One command brings an installation up to date, twice at once if need be."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import URL

from supply.core.database import Database
from supply.core.model import Base
from supply.core.registry import import_models
from supply.core.settings import ROOT


def test_two_deploys_at_once_leave_one_clean_installation(server: URL) -> None:
    name = f"deploy_{os.getpid()}"
    environment = os.environ | {"DATABASE_URL": server.set(database=name).render_as_string(False)}
    command = [sys.executable, "-m", "flask", "--app", "app", "deploy"]
    running = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0], outputs
    assert all("/first-login/" in out for out, _ in outputs)
    address = server.set(drivername="postgresql", database=name).render_as_string(False)
    with psycopg.connect(address) as connection:
        counts = connection.execute(
            "SELECT (SELECT count(*) FROM ab_user), (SELECT count(*) FROM ab_role),"
            " (SELECT count(*) FROM item), (SELECT count(*) FROM alembic_version)"
        ).fetchone()
    assert counts is not None
    assert counts[0] == 1
    assert counts[1] == 6
    assert counts[2] >= 150
    assert counts[3] == 1
    admin = server.set(drivername="postgresql", database="postgres").render_as_string(False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute(f"DROP ROLE {name}_web")


def test_the_migrations_say_what_the_models_say(db: Database) -> None:
    """Of the tables that have a model; the others, and indexes that other rooms add, are SQL's alone."""
    import_models()

    def ours(_o: object, name: str | None, kind: str, reflected: bool, ours_too: object) -> bool:
        if kind == "index":
            return not reflected or ours_too is not None
        return kind != "table" or name in Base.metadata.tables

    with db.owner_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, Base.metadata) == []


def test_every_table_of_ours_is_under_forced_row_level_security(db: Database) -> None:
    with db.owner_engine.connect() as connection:
        open_tables = connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            " AND NOT (relrowsecurity AND relforcerowsecurity) AND relname NOT LIKE 'procrastinate%%'"
            " AND has_table_privilege(%(web)s, oid, 'SELECT, INSERT, UPDATE, DELETE')",
            {"web": db.web_role},
        )
        assert open_tables.scalars().all() == []
