"""The life of an imported file: brought, mapped, checked, carried out, kept for some days."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sqlalchemy import text

from supply.core.errors import (
    AlreadyDone,
    InvalidInput,
    NotAllowed,
    NotFound,
    SupplyError,
    Unavailable,
)
from supply.core.jobs import LOST, Progress, enqueue, job, state
from supply.core.scope import acting_as, acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.imports import running
from supply.imports.columns import COLUMNS, FileKind
from supply.imports.mapping import heading_key, mapping_faults
from supply.imports.reading import Cell, Sheet, read
from supply.imports.running import STEPS, Outcome, Tick, silent
from supply.imports.workbooks import returned

KEPT_DAYS = 30
SHOWN_ROWS = 8
AT_ONCE_ROWS_MAX = 2_000
"""Up to so many rows a file is checked while the person waits; a longer one by a job."""

_EXPIRED = text("DELETE FROM import_file WHERE created_at < :before")
_INSERT = text(
    "INSERT INTO import_file (user_id, kind, name, content, size_bytes, digest, heading_at, headings,"
    " heading_key, mapping, summary) VALUES (:user, :kind, :name, :content, :size, :digest,"
    " :heading_at, CAST(:headings AS jsonb), :heading_key, CAST(:mapping AS jsonb),"
    " CAST(:summary AS jsonb)) RETURNING id"
)
_REMEMBERED = text(
    "SELECT mapping FROM import_mapping WHERE user_id = :user AND kind = :kind"
    " AND heading_key = :heading_key"
)
_REMEMBER = text(
    "INSERT INTO import_mapping (user_id, kind, heading_key, mapping)"
    " VALUES (:user, :kind, :heading_key, CAST(:mapping AS jsonb))"
    " ON CONFLICT (user_id, kind, heading_key)"
    " DO UPDATE SET mapping = excluded.mapping, used_at = now()"
)
_FILE = (
    "SELECT id, kind, name, size_bytes, heading_at, headings, mapping, status, summary,"
    " report IS NOT NULL AS has_report, job_id, created_at, finished_at FROM import_file"
)
_ONE = text(f"{_FILE} WHERE id = :id")
_MINE = text(f"{_FILE} ORDER BY id DESC LIMIT :limit")
_CONTENT = text("SELECT content, name, kind, heading_at, mapping FROM import_file WHERE id = :id")
_REPORT = text("SELECT report, name FROM import_file WHERE id = :id AND report IS NOT NULL")


@dataclass(frozen=True)
class ImportFile:
    """One file and how it stands."""

    id: int
    kind: FileKind
    name: str
    size_bytes: int
    heading_at: int
    headings: tuple[str, ...]
    mapping: dict[str, int]
    status: str
    summary: dict[str, Any]
    has_report: bool
    job_id: int | None
    created_at: dt.datetime
    finished_at: dt.datetime | None

    @property
    def origin(self) -> str:
        """What its documents are marked with."""
        return f"import:{self.id}"


def bring(kind: FileKind, name: str, content: bytes) -> int:
    """Keep an uploaded file and guess its columns; returns its id.

    Raises InvalidInput or TooMuch where it is no such file; then nothing is kept.
    """
    sheet = read(name, content)
    layout = running.lay_out(kind, sheet)
    at = heading_key(kind, layout.headings)
    with transaction() as session:
        before = dt.datetime.now(dt.UTC) - dt.timedelta(days=KEPT_DAYS)
        session.execute(_EXPIRED, {"before": before})
        who = {"user": acting_user_id(), "kind": kind.value, "heading_key": at}
        remembered = session.execute(_REMEMBERED, who).scalar()
        mapped = remembered if remembered is not None else layout.mapped
        values = who | {
            "name": _short(name),
            "content": content,
            "size": len(content),
            "digest": hashlib.sha256(content).hexdigest(),
            "heading_at": layout.heading_at,
            "headings": json.dumps(layout.headings, ensure_ascii=False),
            "mapping": json.dumps(mapped),
            "summary": json.dumps(
                {
                    "sample": _sample(sheet, layout.heading_at),
                    "first_row": sheet.first_row,
                    "remembered": remembered is not None,
                },
                ensure_ascii=False,
            ),
        }
        return int(session.execute(_INSERT, values).scalar_one())


def _short(name: str) -> str:
    """A file's own name, without folders, as long as it is shown."""
    bare = PurePath(name.replace("\\", "/").replace("\x00", "")).name.strip() or "tep"
    if len(bare) <= 120:
        return bare
    ending = PurePath(bare).suffix[:10]
    return bare[: 120 - len(ending)] + ending


def _sample(sheet: Sheet, heading_at: int) -> list[list[str]]:
    rows = sheet.rows[heading_at + 1 : heading_at + 1 + SHOWN_ROWS]
    return [[_as_shown(c) for c in row] for row in rows]


def _as_shown(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime | dt.date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)[:80]


def file(file_id: int) -> ImportFile:
    """One of the acting person's files. Raises NotFound, also for another person's."""
    with reading() as session:
        row = session.execute(_ONE, {"id": file_id}).mappings().one_or_none()
    if row is not None and _settled(dict(row)):
        with reading() as session:
            row = session.execute(_ONE, {"id": file_id}).mappings().one()
    if row is None:
        raise NotFound(
            Text(
                f"Không có tệp này; tệp được giữ {KEPT_DAYS} ngày.",
                f"There is no such file; files are kept for {KEPT_DAYS} days.",
            )
        )
    return _file(dict(row))


def files(limit: int = 20) -> list[ImportFile]:
    """The acting person's files, newest first."""
    with reading() as session:
        found = [dict(row) for row in session.execute(_MINE, {"limit": limit}).mappings()]
    if [row for row in found if _settled(row)]:
        with reading() as session:
            found = [dict(row) for row in session.execute(_MINE, {"limit": limit}).mappings()]
    return [_file(row) for row in found]


def _settled(row: Mapping[str, Any]) -> bool:
    """Whether a file stood as being worked on by a job that was lost with its worker: it may be tried
    again now. A document that was posted all the same is passed over then, by the key of its content."""
    if row["status"] not in ("running", "checking") or row["job_id"] is None:
        return False
    if state(row["job_id"]).status != "failed":
        return False
    _failed(row["id"], Unavailable(LOST))
    return True


def _file(row: Mapping[str, Any]) -> ImportFile:
    values = dict(row)
    values["kind"] = FileKind(values["kind"])
    values["headings"] = tuple(values["headings"])
    return ImportFile(**values)


def report(file_id: int) -> tuple[str, bytes]:
    """(name, content) of the person's own rows with their faults. Raises NotFound."""
    with reading() as session:
        row = session.execute(_REPORT, {"id": file_id}).one_or_none()
    if row is None:
        raise NotFound()
    return f"{PurePath(row.name).stem}-loi.xlsx", bytes(row.report)


def forget(file_id: int) -> None:
    """Throw a file away; what came of it stays."""
    found = file(file_id)
    if found.status in ("running", "checking"):
        raise AlreadyDone(Text("Tệp đang được xử lý.", "The file is being worked on."))
    with transaction() as session:
        session.execute(text("DELETE FROM import_file WHERE id = :id"), {"id": file_id})


# --- mapped and checked ----------------------------------------------------------------------------


def choose_columns(
    file_id: int, mapped: Mapping[str, int], *, check_now: bool = True
) -> int | None:
    """Take the mapping, remember it for these headings, and check the file; returns the id of the
    job that does so, or None where it was done at once (or is left to the caller).

    Raises InvalidInput naming columns that are missing or used twice.
    """
    found = file(file_id)
    if found.status in ("running", "done"):
        raise AlreadyDone(Text("Tệp này đã được nhập.", "This file was already imported."))
    if faults := mapping_faults(found.kind, mapped, len(found.headings)):
        raise InvalidInput(faults=faults)
    chosen = {c.name: mapped[c.name] for c in COLUMNS[found.kind] if c.name in mapped}
    with transaction() as session:
        values = {
            "id": file_id,
            "user": acting_user_id(),
            "kind": found.kind.value,
            "heading_key": heading_key(found.kind, found.headings),
            "mapping": json.dumps(chosen),
        }
        session.execute(_REMEMBER, values)
        session.execute(
            text(
                "UPDATE import_file SET mapping = CAST(:mapping AS jsonb), status = 'checking',"
                " report = NULL WHERE id = :id"
            ),
            values,
        )
    if not check_now:
        return None
    if found.size_bytes > AT_ONCE_ROWS_MAX * 80:
        return _ask("imports.check", file_id)
    check(file_id)
    return None


def _ask(kind: str, file_id: int) -> int:
    with transaction() as session:
        job_id = enqueue(kind, file_id=file_id)
        session.execute(
            text("UPDATE import_file SET job_id = :job WHERE id = :id"),
            {"job": job_id, "id": file_id},
        )
    return job_id


def check(file_id: int, tick: Tick = silent) -> Outcome:
    """Find every fault; keep what was found, with the person's rows where there are any."""
    table, sheet, heading_at = _open(file_id, tick)
    outcome = running.check(table, tick)
    _keep(file_id, outcome, sheet, heading_at, "refused" if outcome.faults else "checked")
    return outcome


def start(file_id: int) -> int:
    """Ask for a checked file to be carried out; returns the job's id."""
    found = file(file_id)
    if found.status != "checked":
        raise AlreadyDone(
            Text(
                "Tệp này chưa được kiểm hoặc đã nhập rồi.",
                "This file was not checked, or was imported already.",
            )
        )
    with transaction() as session:
        changed = session.execute(
            text(
                "UPDATE import_file SET status = 'running' WHERE id = :id AND status = 'checked'"
                " RETURNING id"
            ),
            {"id": file_id},
        ).scalar()
        if changed is None:
            raise AlreadyDone()
        return _ask("imports.run", file_id)


def carry_out(file_id: int, tick: Tick = silent) -> Outcome:
    """Post the file, all or nothing, and keep what came of it."""
    found = file(file_id)
    table, sheet, heading_at = _open(file_id, tick)
    outcome = running.run(table, found.origin, tick)
    _keep(file_id, outcome, sheet, heading_at, "done" if outcome.posted else "refused")
    return outcome


def _open(file_id: int, tick: Tick) -> tuple[Any, Sheet, int]:
    tick(0, Text("Đọc tệp", "Reading the file"))
    with reading() as session:
        row = session.execute(_CONTENT, {"id": file_id}).one_or_none()
    if row is None:
        raise NotFound()
    kind = FileKind(row.kind)
    sheet = read(row.name, bytes(row.content))
    layout = running.lay_out(kind, sheet)
    chosen = running.Layout(row.heading_at, layout.headings, dict(row.mapping))
    return running.table_of(kind, sheet, chosen), sheet, row.heading_at


def _keep(file_id: int, outcome: Outcome, sheet: Sheet, heading_at: int, status: str) -> None:
    content = None
    if outcome.faults:
        content = returned(sheet.rows, sheet.first_row, heading_at, outcome.faults.by_row, "vi")
    with transaction() as session:
        session.execute(
            text(
                "UPDATE import_file SET status = :status, report = :report,"
                " summary = summary || CAST(:summary AS jsonb),"
                " finished_at = CASE WHEN :status = 'done' THEN now() END WHERE id = :id"
            ),
            {
                "id": file_id,
                "status": status,
                "report": content,
                "summary": json.dumps(outcome.summary(), ensure_ascii=False),
            },
        )


# --- jobs ------------------------------------------------------------------------------------------


def _teller(progress: Progress) -> Tick:
    """Progress is seen at once: told from a thread of its own, outside the import's transaction."""
    user_id = acting_user_id()

    def tick(done: int, what: Text) -> None:
        def tell() -> None:
            with acting_as(user_id):
                progress.at(done, STEPS, what)

        thread = threading.Thread(target=tell)
        thread.start()
        thread.join()

    return tick


def _url(file_id: int) -> dict[str, object]:
    return {"url": f"/imports/{file_id}"}


def _failed(file_id: int, error: SupplyError) -> None:
    """A file that could not even be tried: it says why and may be tried again."""
    words = {"failed": {"vi": "; ".join(error.lines("vi")), "en": "; ".join(error.lines("en"))}}
    with transaction() as session:
        session.execute(
            text(
                "UPDATE import_file SET status = 'refused',"
                " summary = summary || CAST(:words AS jsonb) WHERE id = :id"
            ),
            {"id": file_id, "words": json.dumps(words, ensure_ascii=False)},
        )


@job("imports.check", Text("Kiểm tệp", "Check the file"))
def check_job(progress: Progress, *, file_id: int) -> dict[str, object]:
    """Check a long file."""
    try:
        check(file_id, _teller(progress))
    except SupplyError as error:
        _failed(file_id, error)
    except Exception:
        _failed(file_id, SupplyError())  # it may be tried again; the job itself says it failed
        raise
    return _url(file_id)


@job("imports.run", Text("Nhập từ tệp", "Import from a file"))
def run_job(progress: Progress, *, file_id: int) -> dict[str, object]:
    """Carry a file out."""
    try:
        carry_out(file_id, _teller(progress))
    except SupplyError as error:
        _failed(file_id, error)
    except Exception:
        _failed(file_id, SupplyError())  # it may be tried again; the job itself says it failed
        raise
    return _url(file_id)


def may_bring(kind: FileKind, roles: set[str]) -> bool:
    """Items are the administrator's; stock is of those who keep a store."""
    if kind == FileKind.ITEMS:
        return "administrator" in roles
    return bool(roles & {"storekeeper", "facility_head"})


def refuse_unless_may(kind: FileKind, roles: set[str]) -> None:
    """Raises NotAllowed, saying whose work it is."""
    if not may_bring(kind, roles):
        words = (
            Text(
                "Chỉ quản trị nhập được danh mục mặt hàng.",
                "Only the administrator may import items.",
            )
            if kind == FileKind.ITEMS
            else Text(
                "Chỉ thủ kho và trưởng đơn vị nhập được tồn đầu kỳ và lịch sử.",
                "Only storekeepers and heads of facilities may import stock.",
            )
        )
        raise NotAllowed(words)
