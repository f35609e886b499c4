"""Reading a big file makes very many small objects, none of which are garbage before it is done."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0
_was_on = False


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for cycles meanwhile: the search walks all the rows again and again and finds
    nothing, a quarter of the time. What nothing refers to is freed all the same. The switch is the
    process's, so the last of several threads turns it back."""
    global _inside, _was_on
    with _lock:
        if not _inside:
            _was_on = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside and _was_on:
                gc.enable()
