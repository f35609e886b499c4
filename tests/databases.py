"""Where the tests' databases come from: one server, templates deployed once, a copy of one each.

A copy is some nine hundred small files. Making and removing them costs a disk's file system ten
times what it costs memory, so the embedded server lies in memory where that has room.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

MEMORY = Path("/dev/shm")
ROOM_BYTES = 3 << 30  # a few copies of 16 MB, the log (1 GB at most), and what the tests write
# Nothing here outlives the run: no crash to survive, no table old enough to be vacuumed.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "checkpoint_timeout": "'1h'",
}
_COPYING = 7_204_002


def new_folder() -> Path:
    """An empty folder for the run's data: in memory where that has room, else among the
    temporary files. Folders there whose run was killed are removed."""
    for left in MEMORY.glob("supply-test-*"):
        if not Path(f"/proc/{left.name.rpartition('-')[2]}").exists():
            shutil.rmtree(left, ignore_errors=True)
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM_BYTES
    folder = (MEMORY if roomy else Path(tempfile.gettempdir())) / f"supply-test-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)  # of a killed run that had the same number
    folder.mkdir(mode=0o755)
    return folder


def in_memory(folder: Path) -> bool:
    """Whether `folder` is one of those in memory."""
    return folder.is_relative_to(MEMORY)


def admin(url: URL) -> psycopg.Connection[tuple[object, ...]]:
    """A connection that makes and drops databases."""
    address = url.set(drivername="postgresql", database="postgres")
    return psycopg.connect(address.render_as_string(False), autocommit=True)


def hurry(url: URL) -> None:
    """Let our own server give up what only keeps data safe."""
    with admin(url) as connection:
        for name, value in SETTINGS.items():
            connection.execute(f"ALTER SYSTEM SET {name} = {value}")
        connection.execute("SELECT pg_reload_conf()")


def copy(url: URL, source: str, name: str, *, files: bool) -> None:
    """Make database `name` as a copy of `source`, to which nobody may be connected.

    `files`: copy file by file, which is quicker in memory and slower on a disk.
    """
    strategy = "FILE_COPY" if files else "WAL_LOG"
    with admin(url) as connection:
        # Two workers may not copy the same database at the same moment.
        connection.execute("SELECT pg_advisory_lock(%s)", [_COPYING])
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY {strategy}')


def drop(url: URL, name: str) -> None:
    """Drop database `name`, whoever is connected."""
    with admin(url) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def disconnect(url: URL, name: str) -> None:
    """End all connections to database `name`, so that it can be copied."""
    with admin(url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )


def build_once(url: URL, name: str, build: Callable[[], None]) -> None:
    """Have the template `name` built by one worker; the other waits, then finds it done."""
    with admin(url) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        done = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        ).fetchone()
        if done != ("built",):
            build()
            connection.execute(f"COMMENT ON DATABASE \"{name}\" IS 'built'")
