"""What seldom changes, kept in the process for as long as the database says that it has not changed.

Places, items, funds and permissions are asked for by every page. The query that finds a page's person
also brings how often any of them has ever changed (`shared_version`, counted by triggers in the
transaction that changes them), and what was read under the same number is still true. A request that
may write keeps nothing and takes nothing: it must see its own changes.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar, cast

from supply.core.database import database
from supply.core.scope import acting_user_id, narrowing

T = TypeVar("T")
ENTRIES_MAX = 2048  # a person's frame of a page is the largest, some 20 kB
# A second line of defence, for a database that is put back to an older state under a running process.
SECONDS_MAX = 60.0


@dataclass(frozen=True)
class _Seen:
    version: int
    user_id: int


_seen: ContextVar[_Seen | None] = ContextVar("shared_version_seen", default=None)
_store: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()
_lock = Lock()


def see(version: int, user_id: int) -> None:
    """From here on in this request what was read under `version` counts as true for this person."""
    _seen.set(_Seen(version, user_id))


def forget() -> None:
    """Nothing is known of the present state (a request begins or ends, or something was written)."""
    _seen.set(None)


def kept(key: Hashable, make: Callable[[], T], *, of_person: bool = True) -> T:
    """`make()`, or what it gave under the same version; `of_person`: it depends on who asks.

    What is kept is shared between requests, so it must not be changed: tuples of frozen rows. `key`
    names all that `make` depends on beside the person and the shared tables.
    """
    seen = _seen.get()
    if seen is None or seen.user_id != acting_user_id() or narrowing() is not None:
        return make()
    at = (database(), seen.version, seen.user_id if of_person else None, key)
    now = time.monotonic()
    with _lock:
        found = _store.get(at)
        if found is not None and now - found[0] < SECONDS_MAX:
            _store.move_to_end(at)
            return cast(T, found[1])
    made = make()
    with _lock:
        _store[at] = (now, made)
        _store.move_to_end(at)
        while len(_store) > ENTRIES_MAX:
            _store.popitem(last=False)
    return made
