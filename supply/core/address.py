"""Reading what an address says after its question mark, for pages and for jobs alike.

A list's filters, order and columns all live there, so that a link can be sent, kept as a saved view,
and worked through again by a job. What cannot be read counts as not said.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

Args = MultiDict[str, str]
Choice = TypeVar("Choice", bound=StrEnum)
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})|(\d{4})-(\d{2})-(\d{2})")


def args_of(query: str) -> Args:
    """The arguments of a query string, "facility=3&cols=a&cols=b"."""
    return MultiDict(parse_qsl(query))


def query_of(args: Args, **changes: object) -> str:
    """The query string of these arguments, some changed; None and '' leave one out."""
    kept = [(k, v) for k, v in args.items(multi=True) if k not in changes and v != ""]
    kept += [(k, str(v)) for k, v in changes.items() if v not in (None, "")]
    return urlencode(kept)


def address(path: str, args: Args, **changes: object) -> str:
    """A path with these arguments, some changed."""
    query = query_of(args, **changes)
    return f"{path}?{query}" if query else path


def number(args: Mapping[str, str], name: str) -> int | None:
    """A whole number of at most nine digits."""
    value = args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def day(args: Mapping[str, str], name: str, fallback: dt.date | None = None) -> dt.date | None:
    """A day, dd/mm/yyyy or yyyy-mm-dd."""
    found = _DAY.fullmatch(args.get(name, "").strip())
    if found is None:
        return fallback
    d, m, y, *iso = found.groups()
    try:
        return dt.date(*map(int, (y, m, d) if y else iso))
    except ValueError:
        return fallback


def choice(args: Mapping[str, str], name: str, of: type[Choice], fallback: Choice) -> Choice:
    """One of a set of words."""
    value = args.get(name)
    return of(value) if value is not None and value in list(of) else fallback


def words(args: Mapping[str, str], name: str, length: int = 100) -> str:
    """What was typed to search for."""
    return args.get(name, "").replace("\x00", "").strip()[:length]
