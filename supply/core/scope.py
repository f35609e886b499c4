"""Who acts now. Set once at the edge (a request, a command, a job), read by every transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import Connection, text

from supply.core.database import derived_secret

_acting_user_id: ContextVar[int | None] = ContextVar("acting_user_id", default=None)
_ENTER = text("SELECT supply_enter(:user_id, :proof)")
_ENTER_NARROWED = text(
    "SELECT supply_enter_narrowed(:user_id, :proof, :may_write, CAST(:facility_id AS int))"
)


@dataclass(frozen=True)
class Narrowing:
    """What an API key leaves of its owner's scope; `facility_id` None: all their facilities."""

    may_write: bool
    facility_id: int | None = None


_narrowing: ContextVar[Narrowing | None] = ContextVar("narrowing", default=None)


def narrowing() -> Narrowing | None:
    """How the acting person's scope is narrowed; None where it is not."""
    return _narrowing.get()


def acting_user_id() -> int | None:
    """The id of the person acting, or None."""
    return _acting_user_id.get()


def set_acting_user(user_id: int | None, narrowed: Narrowing | None = None) -> None:
    """Say who acts from here on in this thread or task (the web's edge uses this)."""
    _acting_user_id.set(user_id)
    _narrowing.set(narrowed)


@contextmanager
def acting_as(user_id: int | None) -> Iterator[None]:
    """Who acts inside the block."""
    token = _acting_user_id.set(user_id)
    try:
        yield
    finally:
        _acting_user_id.reset(token)


def enter_scope(connection: Connection) -> None:
    """Tell the database, for this transaction only, who acts; without a person: no scope, no rows.

    The proof shows that the application speaks: SQL that slipped in through a page has the web
    role's connection but not the key, so it cannot take another person's scope.
    """
    user_id = acting_user_id()
    if user_id is None:
        return
    values = {"user_id": user_id, "proof": scope_proof(user_id)}
    narrowed = _narrowing.get()
    if narrowed is None:
        connection.execute(_ENTER, values)
    else:
        connection.execute(_ENTER_NARROWED, values | narrowed.__dict__)


def scope_proof(user_id: int) -> str:
    """What `supply_enter` asks for beside the user id (migrations/sql/0001_scope.sql)."""
    secret = derived_secret("scope")
    return hashlib.sha256(f"{secret}user:{user_id}{secret}".encode()).hexdigest()
