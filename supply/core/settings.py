"""Where things are, read once from the environment; secrets come from nowhere else."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """The installation: its data folder, its database, its secret, its address."""

    data_dir: Path
    database_url: str | None
    secret_key: str
    public_url: str

    @property
    def secure_cookies(self) -> bool:
        """Cookies travel over HTTPS only where the address says HTTPS."""
        return self.public_url.startswith("https://")


def default_data_dir() -> Path:
    """`SUPPLY_DATA`, else `.data` in the project; as root `/var/lib/supply`.

    The embedded server's wheel, run as root, opens every parent of its folder to all readers, so
    as root the data must not lie below a home directory.
    """
    named = os.environ.get("SUPPLY_DATA")
    if named:
        return Path(named)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return Path("/var/lib/supply") if is_root else ROOT / ".data"


def _secret_key(data_dir: Path) -> str:
    """`SUPPLY_SECRET_KEY`, else one made at first start and kept readable by its owner alone."""
    named = os.environ.get("SUPPLY_SECRET_KEY")
    if named:
        return named
    file = data_dir / "secret_key"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(handle, "w") as out:
        key = secrets.token_urlsafe(48)
        out.write(key)
    return key


@cache
def settings() -> Settings:
    """The settings of this process."""
    data_dir = default_data_dir()
    return Settings(
        data_dir=data_dir,
        database_url=os.environ.get("DATABASE_URL"),
        secret_key=_secret_key(data_dir),
        public_url=os.environ.get("SUPPLY_URL", "http://127.0.0.1:8080"),
    )
