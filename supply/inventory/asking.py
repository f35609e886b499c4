"""How a question is put: inside the person's scope, as rows or as a frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import pandas as pd
from sqlalchemy import RowMapping, text

from supply.core.text import fold
from supply.core.transaction import reading

Row = RowMapping
# Questions are texts of a few shapes: what each binds is found once.
_text = lru_cache(maxsize=256)(text)


def ask(sql: str, **params: object) -> Sequence[Row]:
    """The rows of one question."""
    with reading() as session:
        return session.connection().execute(_text(sql), params).mappings().all()


def frame(sql: str, **params: object) -> pd.DataFrame:
    """The same as a frame, columns named as the question names them."""
    with reading() as session:
        result = session.connection().execute(_text(sql), params)
        columns = list(result.keys())
        return pd.DataFrame.from_records([tuple(row) for row in result], columns=columns)


def ids(facility_ids: Iterable[int] | None) -> list[int] | None:
    """A list for the database; None stays None (no restriction)."""
    return None if facility_ids is None else list(facility_ids)


def patterns(search: str) -> list[str]:
    """LIKE patterns: every word must appear; `%` and `_` mean themselves."""
    escaped = (
        word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        for word in fold(search).split()
    )
    return [f"%{word}%" for word in escaped]
