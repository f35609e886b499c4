"""Shapes of dataclasses, and dataclasses of what was read: a room's own rows and orders are its
interface, said once. Pure."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from supply.core.shapes import (
    ALIASES,
    Bool,
    Day,
    Int,
    Listed,
    MapOf,
    Moment,
    Number,
    Obj,
    OneOf,
    Pair,
    Shape,
    Str,
    Uuid,
)
from supply.core.text import Text

INT4_MAX = 2**31 - 1
TEXT_MAX = 2000
CODE_MAX = 50
T = TypeVar("T")


def shape_of(
    of: type,
    name: str = "",
    *,
    also: Mapping[str, Shape] | None = None,
    without: Sequence[str] = (),
) -> Obj:
    """What is handed out of such a row: every field, and `also` some of its properties."""
    found = {n: _shape(hint) for n, hint in _hints(of).items() if n not in without}
    named = {ALIASES.get(n, n): shape for n, shape in (found | dict(also or {})).items()}
    return Obj(name=name or _name(of), fields=named)


def _name(of: type) -> str:
    """Rooms have rows of the same name: `supply.requests.rows.Head` -> "RequestsHead"."""
    room = of.__module__.split(".")[1].title() if "." in of.__module__ else ""
    return of.__name__ if room.lower() in of.__name__.lower() else f"{room}{of.__name__}"


def with_also(row: Any, *names: str) -> dict[str, Any]:
    """A row with some of its properties beside its fields."""
    shown = [*(f.name for f in fields(row)), *names]
    return {ALIASES.get(name, name): getattr(row, name) for name in shown}


def taken_shape(
    of: type,
    name: str = "",
    *,
    without: Sequence[str] = (),
    known: Mapping[str, Shape] | None = None,
) -> Obj:
    """What is taken to make one: fields without a default are required. Texts are bounded, numbers
    fit the database; `known` says more where more is known."""
    found: dict[str, Shape] = {}
    required = set()
    hints = _hints(of)
    for one in fields(of):
        if one.name in without:
            continue
        sent = ALIASES.get(one.name, one.name)
        found[sent] = (known or {}).get(one.name) or _bounded(
            _shape(hints[one.name], taken=True), CODE_MAX if "code" in one.name else TEXT_MAX
        )
        if is_required(one):
            required.add(sent)
    return Obj(name=name or f"New{_name(of)}", fields=found, required=frozenset(required))


def made(of: type[T], sent: Mapping[str, Any], **more: Any) -> T:
    """The dataclass of values that were held to its `taken_shape`."""
    values: dict[str, Any] = {}
    hints = _hints(of)
    for one in fields(of):  # type: ignore[arg-type]
        value = sent.get(ALIASES.get(one.name, one.name))
        if value is not None:
            values[one.name] = _made(hints[one.name], value)
    return of(**values | more)


def is_required(one: Field[Any]) -> bool:
    """Whether the class cannot be without the field."""
    return one.default is MISSING and one.default_factory is MISSING


def _hints(of: type) -> dict[str, Any]:
    hints = get_type_hints(of)
    return {one.name: hints[one.name] for one in fields(of)}


def _made(hint: Any, value: Any) -> Any:
    plain, _null = _without_none(hint)
    inner = get_args(plain)
    if is_dataclass(plain) and isinstance(plain, type):
        return made(plain, value)
    if isinstance(value, list) and inner and is_dataclass(inner[0]) and isinstance(inner[0], type):
        return tuple(made(inner[0], one) for one in value)
    if isinstance(plain, type) and issubclass(plain, Enum):
        return plain(value)
    return tuple(value) if isinstance(value, list) else value


_PLAIN: dict[Any, Shape] = {
    Text: Str(longest=4000),
    str: Str(longest=4000),
    bool: Bool(),
    int: Int(lowest=-(2**63)),
    float: Number(),
    UUID: Uuid(),
    dt.datetime: Moment(),
    dt.date: Day(),
}


def _shape(hint: Any, *, taken: bool = False) -> Shape:
    plain, null = _without_none(hint)
    found = _not_null(plain, taken)
    return replace(found, null=True) if null else found


def _not_null(plain: Any, taken: bool) -> Shape:
    if plain in _PLAIN:
        return _PLAIN[plain]
    if isinstance(plain, type) and issubclass(plain, Enum):
        return OneOf(words=[str(one.value) for one in plain])
    if is_dataclass(plain) and isinstance(plain, type):
        return taken_shape(plain) if taken else shape_of(plain)
    origin, inner = get_origin(plain), get_args(plain)
    if origin in (list, tuple, Sequence) and (len(inner) == 1 or inner[-1] is Ellipsis):
        return Listed(
            of=_shape(inner[0], taken=taken), longest=5000 if taken else None, lines=taken
        )
    if origin is tuple:
        return Pair(parts=[_shape(one) for one in inner])
    if origin in (dict, Mapping):
        return MapOf(of=_shape(inner[1]))
    raise TypeError(f"no shape for {plain}")


def _bounded(shape: Shape, longest: int) -> Shape:
    if isinstance(shape, Int):
        return replace(shape, lowest=0, highest=INT4_MAX)
    if isinstance(shape, Str):
        return replace(shape, longest=longest)
    if isinstance(shape, Listed) and isinstance(shape.of, (Int, Str)):
        return replace(shape, of=_bounded(shape.of, longest), longest=500, lines=False)
    return shape


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        parts = [one for one in get_args(hint) if one is not type(None)]
        if len(parts) == 1:
            return parts[0], True
    return hint, False
