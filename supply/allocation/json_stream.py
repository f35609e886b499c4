"""A big JSON object read and written row by row, so that a national file never stands in memory whole.

``members`` takes a file apart into its keys and values; a list under a key that was named comes as
an iterator of its rows. ``text_of`` is the way back. A key that appears twice in one object is
refused: the usual reader would silently keep the last and drop the other.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import IO, Any

BLOCK_CHARACTERS = 1 << 20
ROWS_AT_ONCE = 2000
_SPACE = " \t\n\r"


class JsonError(ValueError):
    """Not JSON, or a key twice: what is wrong and where, in both languages."""

    def __init__(self, text_vi: str, text_en: str) -> None:
        self.text_vi, self.text_en = text_vi, text_en
        super().__init__(text_en)


class _RepeatedKeyError(Exception):
    """The key that appears twice in one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(next(name for name in names if names.count(name) > 1))
    return made


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=lambda name: name)
"""``NaN`` and ``Infinity`` come as texts, which no column of numbers accepts."""


class _Text:
    """The file as far as it was read: ``buffer`` from ``at`` on is still to be understood."""

    def __init__(self, file: IO[str]) -> None:
        self.file, self.buffer, self.at = file, "", 0
        self.line, self.column = 1, 1

    def more(self) -> bool:
        """Read on; at least as much as there is, so that a long value is not tried too often."""
        done = self.buffer[: self.at]
        self.line += done.count("\n")
        self.column = len(done) - done.rfind("\n") if "\n" in done else self.column + len(done)
        block = self.file.read(max(BLOCK_CHARACTERS, len(self.buffer) - self.at))
        self.buffer, self.at = self.buffer[self.at :] + block, 0
        return bool(block)

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self.at < len(self.buffer):
                if self.buffer[self.at] not in _SPACE:
                    return self.buffer[self.at]
                self.at += 1
            if not self.more():
                return ""

    def take(self, wanted: str) -> None:
        """Step over one of the characters that must come now."""
        if self.peek() not in tuple(wanted):
            raise self.fault()
        self.at += 1

    def value(self) -> Any:
        """One whole value."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self.buffer, self.at)
            except _RepeatedKeyError as error:
                raise _repeated(str(error), *self.place()) from error
            except (ValueError, RecursionError) as error:  # also an absurdly long number
                if isinstance(error, RecursionError) or not self.more():
                    raise self.fault() from error
                continue
            if end == len(self.buffer) and self.more():
                continue  # a number may go on in the next block
            self.at = end
            return value

    def slab(self) -> list[Any] | None:
        """As many whole rows as lie in the buffer, at one go; None where that cannot be told, as at
        the end of the list. After rows that were cut off wrongly, they are read one by one."""
        end = self.buffer.rfind("},", self.at) + 1
        if end == 0:
            return None
        piece = f"[{self.buffer[self.at : end]}]"
        try:
            rows, stop = _DECODER.raw_decode(piece)
        except (_RepeatedKeyError, ValueError, RecursionError):
            return None
        if stop < len(piece):
            return None
        self.at = end
        return list(rows)

    def place(self) -> tuple[int, int]:
        """Line and column of what is still to be understood."""
        done = self.buffer[: self.at]
        line = self.line + done.count("\n")
        column = len(done) - done.rfind("\n") if "\n" in done else self.column + len(done)
        return line, column

    def fault(self) -> JsonError:
        """That no JSON stands here."""
        line, column = self.place()
        return JsonError(
            f"không phải JSON hợp lệ (từ dòng:cột {line}:{column}), xin sửa lại.",
            f"is not valid JSON (from line:column {line}:{column}), correct it.",
        )


def _repeated(name: str, line: int, column: int) -> JsonError:
    return JsonError(
        f"“{name}” bị lặp trong một đối tượng (dòng:cột {line}:{column}), chỉ giữ một.",
        f'"{name}" appears twice in one object (line:column {line}:{column}), keep one.',
    )


def members(file: IO[str], streamed: Container[str]) -> Iterator[tuple[str, Any]]:
    """(key, value) of the object in ``file``; a list under a ``streamed`` key comes as an iterator
    of its rows, to be used up before the next key. Raises ``JsonError``; decoding errors pass."""
    text = _Text(file)
    if text.peek() != "{":
        text.value()
        raise JsonError("cần một đối tượng JSON.", "give a JSON object.")
    text.take("{")
    seen: set[str] = set()
    while text.peek() != "}":
        if seen:
            text.take(",")
        name = text.value() if text.peek() == '"' else None
        if name is None:
            raise text.fault()
        if name in seen:
            raise _repeated(name, *text.place())
        seen.add(name)
        text.take(":")
        if name in streamed and text.peek() == "[":
            rows = _rows(text)
            yield name, rows
            for _ in rows:
                pass
        else:
            yield name, text.value()
    text.take("}")
    if text.peek():
        raise text.fault()


def _rows(text: _Text) -> Iterator[Any]:
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    tried = None
    while True:
        if tried is not text.buffer:
            rows = text.slab()
            if rows is not None:
                yield from rows
                text.take(",")
                continue
            tried = text.buffer
        yield text.value()
        if text.peek() == "]":
            text.take("]")
            return
        text.take(",")


def text_of(head: Mapping[str, Any], tables: Mapping[str, Iterable[Any]]) -> Iterator[str]:
    """The object with ``head`` and then ``tables``, in pieces, ready to be written."""
    yield "{" + json.dumps(head, ensure_ascii=False)[1:-1]
    first = not head
    for name, rows in tables.items():
        yield ("" if first else ", ") + json.dumps(name) + ": ["
        first = False
        yield from _pieces(rows)
        yield "]"
    yield "}\n"


def _pieces(rows: Iterable[Any]) -> Iterator[str]:
    kept: list[Any] = []
    comma = ""
    for row in rows:
        kept.append(row)
        if len(kept) == ROWS_AT_ONCE:
            yield comma + json.dumps(kept, ensure_ascii=False)[1:-1]
            comma = ", "
            kept.clear()
    if kept:
        yield comma + json.dumps(kept, ensure_ascii=False)[1:-1]
