"""The database of this process: the owner's engine and the web role's engine.

The owner deploys and migrates. Everything else connects as the web role, which owns nothing and
lives under row-level security.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from supply.core.embedded import start_embedded
from supply.core.settings import settings

_EMBEDDED_DATABASE = "supply"
# A question asked this often on a connection is prepared there: its plan is then kept.
PREPARED_FROM = 2
IDLE_SECONDS = 5.0


def derived_secret(purpose: str) -> str:
    """A secret of its own for each purpose, from the installation's one key (hex)."""
    key = settings().secret_key.encode()
    return hmac.new(key, purpose.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, eq=False)  # each is itself: what is kept for one is kept by identity
class Database:
    """One PostgreSQL database and the two roles that use it."""

    owner_url: URL
    web_role_name: str | None = None

    @property
    def web_role(self) -> str:
        """The role everything but deploying connects as; one per database of a server."""
        return self.web_role_name or f"{self.owner_url.database}_web"

    @property
    def web_url(self) -> URL:
        """The web role's address; its password is derived from the installation's key."""
        return self.owner_url.set(username=self.web_role, password=derived_secret("web role"))

    @cached_property
    def owner_engine(self) -> Engine:
        """For deploying and verifying only; few connections."""
        return create_engine(self.owner_url, pool_size=1, max_overflow=4, pool_pre_ping=True)

    @cached_property
    def web_engine(self) -> Engine:
        """For pages, API, jobs and services."""
        engine = create_engine(
            self.web_url,
            pool_size=8,
            max_overflow=8,
            pool_use_lifo=True,  # the connection that knows the questions best is taken first
            connect_args={"prepare_threshold": PREPARED_FROM},
        )
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _ping_if_idle)
        return engine

    def ensure_exists(self) -> None:
        """Create the database where the server lacks it (safe when two processes try)."""
        name = self.owner_url.database or _EMBEDDED_DATABASE
        admin = self.owner_url.set(drivername="postgresql", database="postgres")
        with psycopg.connect(admin.render_as_string(False), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext('supply create database'))")
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if found.fetchone() is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(
                        sql.Identifier(name)
                    )
                )

    def dispose(self) -> None:
        """Close all idle connections."""
        for name in ("owner_engine", "web_engine"):
            engine = self.__dict__.pop(name, None)
            if engine is not None:
                engine.dispose()


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _ping_if_idle(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """A connection that lay idle is tried before it is given out; a dead one is replaced."""
    used = record.info.get("used")
    if used is None or time.monotonic() - used < IDLE_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.commit()  # a rollback would make it forget what it has prepared
    except psycopg.Error as error:
        raise DisconnectionError from error


_current: Database | None = None


def database() -> Database:
    """The process's database: `DATABASE_URL`, else the embedded server of the data folder."""
    global _current
    if _current is None:
        named = settings().database_url
        url = make_url(named or start_embedded(settings().data_dir))
        if not named:
            url = url.set(database=_EMBEDDED_DATABASE)
        use_database(url)
    assert _current is not None
    return _current


def use_database(url: URL | str, web_role: str | None = None) -> Database:
    """Point this process to `url` (tests and tools with several databases)."""
    global _current
    if _current is not None:
        _current.dispose()
    _current = Database(make_url(url).set(drivername="postgresql+psycopg"), web_role)
    return _current
