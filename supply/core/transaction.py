"""The one place that commits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import RowMapping, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, SessionTransaction

from supply.core.database import database
from supply.core.errors import Conflict, NotAllowed, SupplyError, Unavailable
from supply.core.scope import enter_scope

Translator = Callable[[str, str, dict[str, object]], SupplyError | None]
_open: ContextVar[Session | None] = ContextVar("open_session", default=None)
_translators: list[Translator] = []


class ScopedSession(Session):
    """A session whose every transaction starts by telling the database who acts."""


@event.listens_for(ScopedSession, "after_begin")
def _enter(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    enter_scope(connection)


@contextmanager
def transaction() -> Iterator[Session]:
    """All or nothing: commits at the end of the outermost block, rolls back on any error.

    Raises the error tree's classes for what the database refuses. Nested blocks join the outer.
    """
    outer = _open.get()
    if outer is not None:
        yield outer
        return
    with _session(read_only=False) as session:
        yield session
        session.commit()


@contextmanager
def reading() -> Iterator[Session]:
    """A consistent, read-only look; joins an open transaction."""
    outer = _open.get()
    if outer is not None:
        yield outer
        return
    with _session(read_only=True) as session:
        yield session


@contextmanager
def _session(*, read_only: bool) -> Iterator[Session]:
    session = ScopedSession(database().web_engine, expire_on_commit=False)
    token = _open.set(session)
    try:
        if read_only:
            session.execute(text("SET TRANSACTION READ ONLY"))
        yield session
    except DBAPIError as error:
        session.rollback()
        raise translate(error) from error
    except BaseException:
        session.rollback()
        raise
    finally:
        _open.reset(token)
        session.close()


def add_translator(translator: Translator) -> None:
    """Let a module turn its own SQLSTATEs (`SPnnn`) into its errors: (state, code, details)."""
    _translators.append(translator)


def translate(error: DBAPIError) -> SupplyError:
    """The error tree's word for what the database said; unknown faults stay faults (500)."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    diagnostic = getattr(error.orig, "diag", None)
    code = str(getattr(diagnostic, "message_primary", "") or "")
    if state.startswith("SP"):
        details = _details(getattr(diagnostic, "message_detail", None))
        for translator in _translators:
            found = translator(state, code, details)
            if found is not None:
                return found
    if state in {"42501", "25006"}:  # 25006: something would write under a key that only reads
        return NotAllowed()
    if state in {"40001", "40P01", "23505", "55P03"}:
        return Conflict()
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return Unavailable()
    return SupplyError()


def _details(raw: str | None) -> dict[str, object]:
    try:
        found = json.loads(raw or "{}")
    except ValueError:
        return {"detail": raw}
    return found if isinstance(found, dict) else {"detail": found}


def stream(sql: str, params: dict[str, object], rows_at_once: int = 1000) -> Iterator[RowMapping]:
    """The rows of a question from a cursor of the server: memory stays flat however many there are.

    It reads in a transaction of its own, as the acting person, until the last row is taken; what is
    asked or written meanwhile has nothing to do with it.
    """
    with ScopedSession(database().web_engine) as session:
        try:
            session.execute(text("SET TRANSACTION READ ONLY"))
            cursor = session.connection().execution_options(yield_per=rows_at_once)
            yield from cursor.execute(text(sql), params).mappings()
        except DBAPIError as error:
            raise translate(error) from error
