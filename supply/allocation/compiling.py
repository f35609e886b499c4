"""How the loops of ``packs`` and ``flows`` are compiled, once per machine and version.

numba keeps compiled functions beside their source and looks at that one file to tell whether they
still hold. But a function contains what it calls in other files. So they are kept in a folder whose
name follows from all the files of both rooms and from numba itself.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def _folder() -> Path | None:
    """Where compiled functions are kept: beside the source, else at the user's; None: nowhere."""
    here = Path(__file__).parent
    digest = hashlib.sha256(numba.__version__.encode())
    for file in sorted([Path(__file__), *here.glob("packs/*.py"), *here.glob("flows/*.py")]):
        digest.update(file.read_bytes())
    for base in (here / "__pycache__", Path("~/.cache/supply").expanduser()):
        folder = base / f"compiled-{digest.hexdigest()[:16]}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return None


FOLDER = _folder()
if FOLDER:
    numba.config.CACHE_DIR = str(FOLDER)  # type: ignore[attr-defined]


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
    return cast(F, njit(cache=FOLDER is not None, nogil=True, **how)(function))
