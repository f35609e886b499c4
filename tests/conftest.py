"""The real database for every test: one embedded server (or DATABASE_URL's), a database of its own each.

Templates are deployed once per run; each test that asks for `db` gets a copy of one (`databases.py`).
"""

from __future__ import annotations

import atexit
import copy
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from tests import databases as made

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"alone{os.getpid()}"
if "PYTEST_XDIST_WORKER" in os.environ:
    DATA = Path(os.environ["SUPPLY_DATA"])  # the folder of the process that started this worker
else:
    DATA = made.new_folder()
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
WITH_PEOPLE = f"people_{RUN[:12]}"
WEB_ROLE = f"web_{RUN[:12]}"
Stage = Callable[[Callable[[], Any]], Any]  # what the fixture `stage` hands out
LONGEST_FIRST = ("story", "integration", "web", "unit")  # by what one file of a folder takes


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files are handed to workers whole, in this order: no worker is left with a long one at the
    end, while the others have nothing more to do."""
    places = {name: n for n, name in enumerate(LONGEST_FIRST)}
    tests = Path(__file__).parent
    items.sort(key=lambda one: places.get(one.path.relative_to(tests).parts[0], len(places)))


@pytest.fixture(scope="session")
def server() -> URL:
    """The server's address, its templates deployed: with PEOPLE and without."""
    named = os.environ.get("DATABASE_URL")
    url = make_url(named or start_embedded(DATA))
    if not named:
        made.hurry(url)
    made.build_once(url, TEMPLATE, lambda: _deploy(url))
    made.build_once(url, WITH_PEOPLE, lambda: _enter(url))
    return url


def _deploy(url: URL) -> None:
    """Tables, roles, reference data, both districts."""
    use_database(url.set(database=TEMPLATE), WEB_ROLE)
    with deploying() as connection:
        migrate(connection)
        load_reference_data(connection)
        with Session(connection) as session:
            for slug in ("ba-dinh", "rach-gia"):
                load_district(session, slug)
            if session.scalar(text("SELECT count(*) FROM ab_permission")) == 0:
                app = create_app()
                with app.app_context():
                    sync_roles(session, declared_pairs(app))
            session.commit()
    databases.database().dispose()


def _enter(url: URL) -> None:
    """The same with PEOPLE."""
    _copy(url, TEMPLATE, WITH_PEOPLE)
    enter_people(use_database(url.set(database=WITH_PEOPLE), WEB_ROLE))
    databases.database().dispose()


@pytest.fixture
def db(server: URL, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh database: tables, roles, reference data, both districts; no people unless the test
    asks for `people`, no stock."""
    peopled = "people" in request.fixturenames
    yield from _fresh(server, WITH_PEOPLE if peopled else TEMPLATE)


@pytest.fixture(scope="module")
def shared_db(server: URL) -> Iterator[Database]:
    """The same without people, kept for all tests of a file."""
    yield from _fresh(server, TEMPLATE)


def _fresh(server: URL, template: str) -> Iterator[Database]:
    name = f"t_{uuid.uuid4().hex[:16]}"
    _copy(server, template, name)
    yield use_database(server.set(database=name), WEB_ROLE)
    databases.database().dispose()
    made.drop(server, name)


def _copy(server: URL, source: str, name: str) -> None:
    ours = "DATABASE_URL" not in os.environ
    made.copy(server, source, name, files=ours and made.in_memory(DATA))


@pytest.fixture
def people(db: Database) -> dict[str, int]:
    """Who works in Ba Đình: user name -> id. `kho_px` keeps the store of BD-TYT-01, `kho_tb` that of
    BD-TYT-02, `kho_tt` the medical centre's depot; the others see the whole district."""
    if not _ids:  # the same in every copy of the template: asked once by a worker
        with db.owner_engine.connect() as connection:
            rows = connection.execute(text("SELECT username, id FROM ab_user")).all()
        found: dict[str, int] = dict(rows)
        _ids.update((name, found[name]) for name, *_ in PEOPLE)
    return dict(_ids)


_ids: dict[str, int] = {}


@pytest.fixture
def stage(server: URL, db: Database, people: dict[str, int]) -> Stage:
    """`stage(build)`: what `build()` enters into `db`, and what it returns. Entered once by each
    worker and kept as a template of its own; every further test starts from a copy of that.

    `build` is known by its name and must come to the same each time; it may read `db` and
    `people`, and returns plain data. What the test entered before is gone: ask for it first.
    """
    name = str(db.owner_url.database)

    def begin_from(source: str) -> None:
        db.dispose()
        made.drop(server, name)
        _copy(server, source, name)

    def start(build: Callable[[], Any]) -> Any:
        key = f"{build.__module__}.{build.__qualname__}"
        if key not in _stages:
            begin_from(WITH_PEOPLE)
            found, kept = build(), f"stage_{uuid.uuid4().hex[:16]}"
            db.dispose()
            made.disconnect(server, name)
            _copy(server, name, kept)
            _stages[key] = kept, found
        else:
            begin_from(_stages[key][0])
        return copy.deepcopy(_stages[key][1])

    return start


_stages: dict[str, tuple[str, Any]] = {}  # what was built -> the template, what it returned


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
    """Enter PEOPLE, all with PASSWORD."""
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
    """PASSWORD as it is stored, but quick to check: hundreds of tests sign in. That the slow hash
    of a password a person sets signs them in is tested in `test_edge.py`."""
    return generate_password_hash(PASSWORD, "pbkdf2:sha256:1000")
