"""How the loops of this room are compiled: once per machine, kept beside the source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def entrance(function: F) -> F:
    """Compile a function that Python calls."""
    return _compiled(function, {})


def inner(function: F) -> F:
    """Compile a function that compiled ones call in several places."""
    return _compiled(function, {"no_cpython_wrapper": True, "no_cfunc_wrapper": True})


def part(function: F) -> F:
    """A part of the function that calls it, compiled with it: what is called in one place would else
    be compiled alone, then again with whoever calls it."""
    return _compiled(function, {"inline": "always"})


def _compiled(function: F, how: dict[str, Any]) -> F:
    try:
        return cast(F, njit(cache=True, nogil=True, **how)(function))
    except RuntimeError:  # nowhere to keep it: then once per process
        return cast(F, njit(nogil=True, **how)(function))
