"""The embedded server is its owner's alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from supply.core.database import Database
from supply.core.embedded import start_embedded
from supply.core.errors import Unavailable
from tests.conftest import DATA

ours = pytest.mark.skipif(
    "DATABASE_URL" in os.environ, reason="DATABASE_URL names a server of somebody else's"
)


@ours
def test_nobody_else_may_enter_the_folder_that_holds_the_socket(db: Database) -> None:
    folder = DATA / "postgresql"
    socket = folder / ".s.PGSQL.5432"
    assert stat.S_ISSOCK(socket.stat().st_mode)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@ours
def test_it_listens_on_no_network(db: Database) -> None:
    with db.owner_engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW listen_addresses").scalar() == ""


def test_a_path_too_long_for_a_socket_is_refused_rather_than_opened_to_all(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="shorter SUPPLY_DATA"):
        start_embedded(tmp_path / ("x" * 90))


def test_the_secret_key_is_readable_by_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supply.core.settings import settings

    monkeypatch.setenv("SUPPLY_DATA", str(tmp_path))
    monkeypatch.delenv("SUPPLY_SECRET_KEY")
    settings.cache_clear()
    try:
        key = settings().secret_key
        file = tmp_path / "secret_key"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        settings.cache_clear()
        assert settings().secret_key == key
        assert len(key) >= 48
    finally:
        monkeypatch.undo()
        settings.cache_clear()
