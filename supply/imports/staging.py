"""Rows into a staging table by COPY, made as one text or one block of bytes instead of cell by cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PART = 50_000
_ROWS = 5_000
_SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)  # no flags, no extension
_SPECIAL = re.compile(r"[\\\n\r\t]")
_ESCAPED = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


def copy_rows(cursor: Any, target: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows of texts, numbers, days and NULLs; `target` is a table of pg_temp and its columns."""
    if not rows:
        return
    with cursor.copy(f"COPY pg_temp.{target} FROM STDIN") as out:
        # Part by part: the database reads one while the next is written.
        for start in range(0, len(rows), _ROWS):
            columns = [_texts(column) for column in zip(*rows[start : start + _ROWS], strict=True)]
            out.write("\n".join(map("\t".join, zip(*columns, strict=True))) + "\n")


def _texts(column: tuple[Any, ...]) -> list[str]:
    """A column's cells as COPY reads them; the same few are written once."""
    if len(kinds := set(map(type, column))) == 1 and kinds <= {int, str}:
        # Numbers need no care, and texts of which none is special are written as they are.
        if int in kinds:
            return list(map(str, column))
        if not _SPECIAL.search("".join(column)):
            return list(column)
    words: dict[Any, str] = {}
    for cell in set(column):
        if cell is None:
            words[cell] = r"\N"
            continue
        word = str(cell)
        words[cell] = word.translate(_ESCAPED) if _SPECIAL.search(word) else word
    return list(map(words.__getitem__, column))


def numbers(rows: Sequence[tuple[int, ...]], width: int) -> NDArray[np.int64]:
    """Rows of `width` whole numbers as one block."""
    flat = np.fromiter(chain.from_iterable(rows), np.int64, width * len(rows))
    return flat.reshape(len(rows), width)


def number_blocks(types: Sequence[str], columns: Sequence[NDArray[np.int64]]) -> list[bytes]:
    """Columns of whole numbers without NULLs, in PostgreSQL's binary form. `types`: each column's, as
    numpy writes them (">i4" integer, ">i8" bigint, "i1" boolean)."""
    count = len(columns[0])
    fields: list[tuple[str, str]] = [("cells", ">i2")]
    for n, kind in enumerate(types):
        fields += [(f"bytes{n}", ">i4"), (f"cell{n}", kind)]
    blocks = []
    for start in range(0, count, _PART):
        part = slice(start, min(start + _PART, count))
        block = np.empty(part.stop - start, np.dtype(fields))
        block["cells"] = len(types)
        for n, (kind, column) in enumerate(zip(types, columns, strict=True)):
            block[f"bytes{n}"] = np.dtype(kind).itemsize
            block[f"cell{n}"] = column[part]
        blocks.append(block.tobytes())
    return blocks


def copy_numbers(cursor: Any, target: str, blocks: Sequence[bytes]) -> None:
    """What number_blocks made; `target` is a table of pg_temp and its columns."""
    if not blocks:
        return
    with cursor.copy(f"COPY pg_temp.{target} FROM STDIN (FORMAT binary)") as out:
        out.write(_SIGNATURE)
        for block in blocks:
            out.write(block)
        out.write(b"\xff\xff")
