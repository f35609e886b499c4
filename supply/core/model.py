"""The base of every table: FAB's, so that accounts and our tables share one metadata."""

from __future__ import annotations

from flask_appbuilder.models.sqla import Model as Base
from sqlalchemy.orm.state import InstanceState

__all__ = ["Base"]


def _know_names_first() -> None:
    """Let SQLAlchemy's note on an object hold its late attributes without a dictionary of its own.

    CPython 3.11 (seen in 3.11.2 and 3.11.7, not in 3.12.1 or 3.13.0) frees memory twice where making an object's dictionary
    sets off a garbage collection whose weakref callback writes to that very object. SQLAlchemy's
    notes do just that when a session with many objects closes: `_strong_obj` is set late, `_cleanup`
    is a weakref callback that sets it too. A dictionary is made only for a name that the class's
    first instances did not have, so they are given those names before anything else is made.
    """
    note = InstanceState.__new__(InstanceState)
    note._strong_obj = None
    note.session_id = None
    note.expired = note.modified = note._deleted = False


_know_names_first()
