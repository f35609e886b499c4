"""Files made for a person: written to a temporary place, kept some days in the database in parts.

A job's result must outlive its process and be handed out by any web process; in parts, so that
neither making nor sending holds a whole file in memory.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from supply.core.address import Args, args_of
from supply.core.clock import today
from supply.core.errors import NotFound
from supply.core.export import MEDIA_TYPES, Table, write_file
from supply.core.jobs import Progress, job
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction

KEPT_DAYS = 7
PART_BYTES = 1024 * 1024
# Written while the person waits; more rows than these take over a second and become a job.
ROWS_AT_ONCE = {"xlsx": 4_000, "csv": 30_000}
TableMaker = Callable[[Args], Table]


@dataclass(frozen=True)
class Exportable:
    """A list that can be written to a file: who may, and what makes its table from its address."""

    resource: str
    make: TableMaker


_tables: dict[str, Exportable] = {}


@dataclass(frozen=True)
class FileRow:
    """A file kept for its maker."""

    id: int
    name: str
    media_type: str
    size_bytes: int
    made_at: dt.datetime


def exportable(name: str, resource: str) -> Callable[[TableMaker], TableMaker]:
    """Declare what makes the table of a list from its address, for whoever may read `resource`;
    pages and jobs find it by this name."""

    def declare(maker: TableMaker) -> TableMaker:
        _tables[name] = Exportable(resource, maker)
        return maker

    return declare


def exported(name: str) -> Exportable:
    """A list by its name. Raises NotFound."""
    if name not in _tables:
        raise NotFound(Text("Không có danh sách này.", "There is no such list."))
    return _tables[name]


def file_name(table: Table, kind: str) -> str:
    """As "ton-kho-20220131.xlsx"."""
    return f"{table.name}-{today():%Y%m%d}.{kind}"


def as_bytes(table: Table, kind: str, language: str) -> bytes:
    """The file of a table of few rows."""
    with tempfile.TemporaryDirectory(prefix="supply-export-") as folder:
        path = Path(folder) / f"file.{kind}"
        write_file(path, table, kind, language)
        return path.read_bytes()


@job("core.export", Text("Xuất tệp", "Export a file"))
def export(
    progress: Progress, *, name: str, query: str, file_type: str, language: str, rows: int
) -> dict[str, object]:
    """Write a list of many rows, and keep the file for whoever asked."""
    table = exported(name).make(args_of(query))
    doing = Text("Đang ghi tệp", "Writing the file")
    last = [0]

    def told(done: int) -> None:
        if done - last[0] >= max(5000, rows / 50):  # a telling is a commit: not for every row
            last[0] = done
            progress.at(done, max(rows, done), doing)

    with tempfile.TemporaryDirectory(prefix="supply-export-") as folder:
        path = Path(folder) / f"file.{file_type}"
        write_file(path, table, file_type, language, told)
        kept = keep(path, file_name(table, file_type), MEDIA_TYPES[file_type])
    return {"url": f"/files/?made={kept}"}


def keep(path: Path, name: str, media_type: str) -> int:
    """Keep a file for the acting person; files past their days go."""
    with transaction() as session:
        session.execute(
            text("DELETE FROM made_file WHERE made_at < now() - make_interval(days => :days)"),
            {"days": KEPT_DAYS},
        )
        file_id = int(
            session.execute(
                text(
                    "INSERT INTO made_file (user_id, name, media_type, size_bytes)"
                    " VALUES (:user, :name, :media, :size) RETURNING id"
                ),
                {
                    "user": acting_user_id(),
                    "name": name,
                    "media": media_type,
                    "size": path.stat().st_size,
                },
            ).scalar_one()
        )
        with path.open("rb") as source:
            for nth, part in enumerate(iter(lambda: source.read(PART_BYTES), b"")):
                session.execute(
                    text("INSERT INTO made_file_part VALUES (:file, :nth, :content)"),
                    {"file": file_id, "nth": nth, "content": part},
                )
    return file_id


def files() -> list[FileRow]:
    """The acting person's files, newest first."""
    with reading() as session:
        found = session.execute(
            text(
                "SELECT id, name, media_type, size_bytes, made_at FROM made_file"
                " ORDER BY id DESC LIMIT 100"
            )
        )
        return [FileRow(*row) for row in found]


def file(file_id: int) -> FileRow:
    """One of them. Raises NotFound, also for another person's."""
    with reading() as session:
        found = session.execute(
            text("SELECT id, name, media_type, size_bytes, made_at FROM made_file WHERE id = :id"),
            {"id": file_id},
        ).one_or_none()
    if found is None:
        raise NotFound(Text("Không tìm thấy tệp này.", "There is no such file."))
    return FileRow(*found)


def parts(file_id: int) -> Iterator[bytes]:
    """Its content, a part at a time."""
    nth = 0
    while True:
        with reading() as session:
            part = session.execute(
                text("SELECT content FROM made_file_part WHERE file_id = :file AND nth = :nth"),
                {"file": file_id, "nth": nth},
            ).scalar()
        if part is None:
            return
        yield bytes(part)
        nth += 1
