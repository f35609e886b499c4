"""SQLAlchemy's notes on objects take their late attributes without a dictionary of their own.

Asked in processes of their own: only the first notes of a process decide it. Why it matters is told in
`supply.core.model`.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

_ASK = """
import gc, sys
if "first" in sys.argv:
    import supply.core.model
from sqlalchemy import inspect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Thing(Base):
    __tablename__ = "thing"
    id: Mapped[int] = mapped_column(primary_key=True)

things = [Thing(id=n) for n in range(100)]
notes = [inspect(thing) for thing in things]
for n in range(40):
    setattr(notes[0], f"name_{n}", 1)
notes[1]._strong_obj = None
own = [d for d in gc.get_referents(notes[1]) if isinstance(d, dict) and "_strong_obj" in d]
print("of its own" if own else "shared")
"""


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="told by how 3.11 keeps attributes")
@pytest.mark.parametrize(("argument", "told"), [("later", "of its own"), ("first", "shared")])
def test_a_note_needs_no_dictionary_when_a_session_lets_go(argument: str, told: str) -> None:
    found = subprocess.run(
        [sys.executable, "-c", _ASK, argument], check=True, capture_output=True, text=True
    )
    assert found.stdout.strip() == told
