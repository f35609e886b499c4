"""The one place that commits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import RowMapping, event, text
from sqlalchemy.engine import Connection, Transaction
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, SessionTransaction

from supply.core import kept
from supply.core.database import database
from supply.core.errors import Conflict, NotAllowed, SupplyError, Unavailable
from supply.core.scope import acting_user_id, enter_scope, narrowing

Translator = Callable[[str, str, dict[str, object]], SupplyError | None]
_open: ContextVar[Session | None] = ContextVar("open_session", default=None)
_translators: list[Translator] = []


@dataclass(frozen=True)
class _Lent:
    """A connection of the page's own, already in the scope of `user_id` and reading only."""

    connection: Connection
    transaction: Transaction
    user_id: int | None
    give_back: Callable[[], None]


_lent: ContextVar[_Lent | None] = ContextVar("lent_connection", default=None)


def lend(connection: Connection, give_back: Callable[[], None]) -> None:
    """Let the reading blocks of this request use `connection` instead of opening another.

    Its transaction must be in the acting person's scope and read-only. `give_back` rolls it back
    where a question fails, so that its owner may go on.
    """
    begun = connection.get_transaction()
    assert begun is not None
    _lent.set(_Lent(connection, begun, acting_user_id(), give_back))


def take_back(*, whole: bool = False) -> None:
    """Nothing is lent any more. `whole`: the request came to its end, so what was read is committed:
    nothing was written, but the driver forgets all it has prepared when a transaction is rolled back."""
    lent = _lent.get()
    _lent.set(None)
    if (
        whole
        and lent is not None
        and lent.transaction.is_active
        and lent.connection.get_transaction() is lent.transaction
    ):
        lent.transaction.commit()


def _usable() -> _Lent | None:
    """What is lent, while it is the acting person's and its transaction goes on."""
    lent = _lent.get()
    if lent is None or narrowing() is not None or lent.user_id != acting_user_id():
        return None
    is_same = lent.connection.get_transaction() is lent.transaction
    return lent if is_same and lent.transaction.is_active else None


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
    kept.forget()
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
    lent = _usable()
    with _session(read_only=True) if lent is None else _on(lent) as session:
        yield session


@contextmanager
def _session(*, read_only: bool) -> Iterator[Session]:
    session = ScopedSession(database().web_engine, expire_on_commit=False)
    token = _open.set(session)
    try:
        if read_only:
            session.execute(text("SET TRANSACTION READ ONLY"))
        yield session
        if read_only:  # keeps what is prepared, as take_back() says
            session.expunge_all()
            session.commit()
    except DBAPIError as error:
        session.rollback()
        raise translate(error) from error
    except BaseException:
        session.rollback()
        raise
    finally:
        _open.reset(token)
        session.close()


@contextmanager
def _on(lent: _Lent) -> Iterator[Session]:
    """A session within the transaction that is lent."""
    session = Session(
        lent.connection, expire_on_commit=False, join_transaction_mode="rollback_only"
    )
    token = _open.set(session)
    try:
        yield session
    except DBAPIError as error:
        take_back()
        lent.give_back()
        raise translate(error) from error
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
