"""The real database for every test: one embedded server (or DATABASE_URL's), a database of its own each.

A template is deployed once per run; each test that asks for `db` gets a copy of it in about 0.1 s.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"alone{os.getpid()}"
DATA = Path(tempfile.gettempdir()) / f"supply-test-{RUN[:12]}"
DATA.mkdir(mode=0o755, exist_ok=True)
if "PYTEST_XDIST_WORKER" not in os.environ:
    # Runs after the embedded server's own exit handler has stopped it (last in, first out).
    atexit.register(shutil.rmtree, DATA, ignore_errors=True)
os.environ["SUPPLY_DATA"] = str(DATA)
os.environ["SUPPLY_SECRET_KEY"] = f"test-{RUN}"

from app import create_app  # noqa: E402
from supply.catalog.data import load_district  # noqa: E402
from supply.core import database as databases  # noqa: E402  the environment must be set first
from supply.core.accounts import NewUser, create_user  # noqa: E402
from supply.core.commands import declared_pairs  # noqa: E402
from supply.core.database import Database, use_database  # noqa: E402
from supply.core.deploy import deploying, load_reference_data, migrate  # noqa: E402
from supply.core.embedded import start_embedded  # noqa: E402
from supply.core.roles import sync_roles  # noqa: E402

TEMPLATE = f"template_{RUN[:12]}"
WEB_ROLE = f"web_{RUN[:12]}"


@pytest.fixture(scope="session")
def server() -> URL:
    """The server's address, its template deployed."""
    named = os.environ.get("DATABASE_URL")
    url = make_url(named or start_embedded(DATA))
    if not named:
        with _admin(url) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET full_page_writes = off")
            connection.execute("SELECT pg_reload_conf()")
    use_database(url.set(database=TEMPLATE), WEB_ROLE)
    with deploying() as connection:
        migrate(connection)
        load_reference_data(connection)
        with Session(connection) as session:
            for slug in ("ba-dinh", "rach-gia"):
                load_district(session, slug)
            if session.scalar(text("SELECT count(*) FROM ab_permission")) == 0:
                made = create_app()
                with made.app_context():
                    sync_roles(session, declared_pairs(made))
            session.commit()
    databases.database().dispose()
    return url


@pytest.fixture
def db(server: URL) -> Iterator[Database]:
    """A fresh database: tables, roles, reference data, both districts; no people, no stock."""
    yield from _copy(server)


@pytest.fixture(scope="module")
def shared_db(server: URL) -> Iterator[Database]:
    """The same, kept for all tests of a file."""
    yield from _copy(server)


def _copy(server: URL) -> Iterator[Database]:
    name = f"t_{uuid.uuid4().hex[:16]}"
    with _admin(server) as connection:
        # Two workers may not copy the template at the same moment.
        connection.execute("SELECT pg_advisory_lock(7204002)")
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    yield use_database(server.set(database=name), WEB_ROLE)
    databases.database().dispose()
    with _admin(server) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _admin(url: URL) -> psycopg.Connection[tuple[object, ...]]:
    address = url.set(drivername="postgresql", database="postgres")
    return psycopg.connect(address.render_as_string(False), autocommit=True)


@pytest.fixture
def people(db: Database) -> dict[str, int]:
    """Who works in Ba Đình: user name -> id. `kho_px` keeps the store of BD-TYT-01, `kho_tb` that of
    BD-TYT-02, `kho_tt` the medical centre's depot; the others see the whole district."""
    return enter_people(db)


@pytest.fixture(scope="module")
def shared_people(shared_db: Database) -> dict[str, int]:
    """The same for `shared_db`."""
    return enter_people(shared_db)


PEOPLE = (
    ("kho_px", "storekeeper", ("BD-TYT-01",), ()),
    ("kho_tb", "storekeeper", ("BD-TYT-02",), ()),
    ("kho_tt", "storekeeper", ("BD-TTYT",), ()),
    ("kho_rg", "storekeeper", ("RG-TYT-01",), ()),
    ("truong", "facility_head", ("BD-TYT-01",), ()),
    ("kehoach", "planner", (), ("ba-dinh",)),
    ("duyet", "planner", (), ("ba-dinh",)),
    ("taichinh", "finance", (), ("ba-dinh",)),
    ("thanhtra", "auditor", (), ("ba-dinh",)),
    ("quantri", "administrator", (), ()),
)
PASSWORD = "Kho-an-toan-2022"


def enter_people(db: Database) -> dict[str, int]:
    """Enter PEOPLE, all with PASSWORD (hashed once: hashing is slow on purpose)."""
    with Session(db.owner_engine) as session:
        ids = {
            name: create_user(
                session,
                NewUser(
                    name, "Nguyễn Thị", name, role, f"{name}@example.invalid", places, districts
                ),
            ).id
            for name, role, places, districts in PEOPLE
        }
        session.execute(text("UPDATE ab_user SET password = :hash"), {"hash": password_hash()})
        session.commit()
    return ids


@cache
def password_hash() -> str:
    """PASSWORD as it is stored."""
    return generate_password_hash(PASSWORD)
