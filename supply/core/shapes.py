"""The forms of JSON that other programs send and get: one definition says them (JSON Schema) and
holds what comes in to them, all faults at once, each naming line and field. Pure.

A shape never guesses: "12" is no number, 1.0 no whole number, an unknown field is a fault.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from supply.core.errors import Fault
from supply.core.text import Text, group_digits

ID_MAX = 2**63 - 1
# What forms and rows call a code is sent under the thing's own name.
ALIASES = {"item_code": "item", "fund_code": "fund", "partner_code": "partner", "kit_code": "kit"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# NUL cannot be kept by the database, a lone surrogate is no character at all.
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass
class Reading:
    """What is wrong with a value, by line and field; at most FAULTS_MAX are told."""

    faults: list[Fault] = field(default_factory=list)

    FAULTS_MAX = 100

    def fault(self, where: Where, words: Text) -> None:
        """Remember one fault."""
        if len(self.faults) < self.FAULTS_MAX:
            self.faults.append(Fault(where.field, words, where.line))


@dataclass(frozen=True)
class Where:
    """A place in what was sent: the line (from 1) of a list of lines, and the field."""

    field: str = ""
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The root. `null`: null stands for nothing. `example` and `about` are for readers."""

    about: str = ""
    example: Any = None
    null: bool = False
    schema_name = ""

    def read(self, value: object, where: Where, reading: Reading) -> Any:
        """The value in Python's terms; None with the fault remembered where it does not fit."""
        raise NotImplementedError

    def of_text(self, text: str, where: Where, reading: Reading) -> Any:
        """The same for a value of an address, which is always text."""
        return self.read(text, where, reading)

    def schema(self) -> dict[str, Any]:
        """JSON Schema of this shape, by itself."""
        found = self._schema()
        if self.null:
            found = found | {"type": [found["type"], "null"]} if "type" in found else found
            if "enum" in found:
                found = found | {"enum": [*found["enum"], None]}
        if self.about:
            found["description"] = self.about
        if self.example is not None:
            found["examples"] = [self.example]
        return found

    def _schema(self) -> dict[str, Any]:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Str(Shape):
    """Text, its edges kept as sent."""

    longest: int = 200
    shortest: int = 0
    pattern: str = ""

    def read(self, value: object, where: Where, reading: Reading) -> Any:
        """Text without NUL or lone surrogates."""
        if not isinstance(value, str):
            reading.fault(where, Text("Cần là chữ (chuỗi).", "Must be text."))
        elif _UNREADABLE.search(value):
            reading.fault(where, Text("Có ký tự không đọc được.", "Has an unreadable character."))
        elif not self.shortest <= len(value) <= self.longest:
            reading.fault(
                where,
                Text(
                    f"Dài {group_digits(len(value))} ký tự; cần từ {self.shortest} đến {self.longest}.",
                    f"Has {group_digits(len(value))} characters; {self.shortest} to {self.longest} are taken.",
                ),
            )
        elif self.pattern and not re.fullmatch(self.pattern, value):
            reading.fault(where, Text("Không đúng dạng.", "Is not of the right form."))
        else:
            return value
        return None

    def _schema(self) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "string", "maxLength": self.longest}
        if self.shortest:
            found["minLength"] = self.shortest
        if self.pattern:
            found["pattern"] = f"^{self.pattern}$"
        return found


@dataclass(frozen=True, kw_only=True)
class Int(Shape):
    """A whole number."""

    lowest: int = 0
    highest: int = ID_MAX

    def read(self, value: object, where: Where, reading: Reading) -> Any:
        """No decimals, no numbers in quotes."""
        if isinstance(value, bool) or not isinstance(value, int):
            reading.fault(where, Text("Cần là số nguyên.", "Must be a whole number."))
        elif not self.lowest <= value <= self.highest:
            highest = self.highest
            reading.fault(
                where,
                Text(
                    f"Cần từ {group_digits(self.lowest)} đến {group_digits(highest)}.",
                    f"Must be between {group_digits(self.lowest)} and {group_digits(highest)}.",
                ),
            )
        else:
            return value
        return None

    def of_text(self, text: str, where: Where, reading: Reading) -> Any:
        """Digits, with a minus where negatives are taken."""
        if re.fullmatch(r"-?[0-9]{1,19}", text):
            return self.read(int(text), where, reading)
        reading.fault(where, Text("Cần là số nguyên.", "Must be a whole number."))
        return None

    def _schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.lowest, "maximum": self.highest}


@dataclass(frozen=True, kw_only=True)
class Bool(Shape):
    """true or false."""

    def read(self, value: object, where: Where, reading: Reading) -> Any:
        """Nothing else stands for it."""
        if isinstance(value, bool):
            return value
        reading.fault(where, Text("Cần là true hoặc false.", "Must be true or false."))
        return None

    def of_text(self, text: str, where: Where, reading: Reading) -> Any:
        """The words of JSON."""
        return self.read({"true": True, "false": False}.get(text, text), where, reading)

    def _schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, kw_only=True)
class Day(Shape):
    """A date, YYYY-MM-DD."""

    def read(self, value: object, where: Where, reading: Reading) -> Any:
        """Only the long form of ISO 8601."""
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                return dt.date.fromisoformat(value)
            except ValueError:
                pass
        reading.fault(where, Text("Cần là ngày, dạng 2022-03-05.", "Must be a date, 2022-03-05."))
        return None

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, kw_only=True)
class Moment(Shape):
    """A moment with its offset, RFC 3339; only handed out."""

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


@dataclass(frozen=True, kw_only=True)
class Uuid(Shape):
    """A UUID in its usual writing."""

    def read(self, value: object, where: Where, reading: Reading) -> Any:
        """With its hyphens."""
        if isinstance(value, str) and _UUID.fullmatch(value):
            return UUID(value)
        reading.fault(where, Text("Cần là mã UUID.", "Must be a UUID."))
        return None

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}


@dataclass(frozen=True, kw_only=True)
class OneOf(Shape):
    """One of a few words."""

    words: Sequence[str]

    def read(self, value: object, where: Where, reading: Reading) -> Any:
        """Exactly as listed."""
        if isinstance(value, str) and value in self.words:
            return value
        listed = ", ".join(f"“{word}”" for word in self.words)
        reading.fault(where, Text(f"Cần là một trong: {listed}.", f"Must be one of: {listed}."))
        return None

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.words)}


@dataclass(frozen=True, kw_only=True)
class Listed(Shape):
    """A list; with `lines` its entries are the lines that faults name."""

    of: Shape
    longest: int | None = None
    lines: bool = False

    def read(self, value: object, where: Where, reading: Reading) -> Any:
        """Every entry held to the one shape."""
        if not isinstance(value, list):
            reading.fault(where, Text("Cần là danh sách.", "Must be a list."))
            return None
        if self.longest is not None and len(value) > self.longest:
            reading.fault(
                where,
                Text(
                    f"Có {group_digits(len(value))} mục; tối đa {group_digits(self.longest)}.",
                    f"Has {group_digits(len(value))} entries; at most {group_digits(self.longest)} are taken.",
                ),
            )
            return None
        return [
            self.of.read(one, Where(where.field, n if self.lines else where.line), reading)
            for n, one in enumerate(value, 1)
        ]

    def _schema(self) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "array", "items": reference(self.of)}
        if self.longest is not None:
            found["maxItems"] = self.longest
        return found


@dataclass(frozen=True, kw_only=True)
class Obj(Shape):
    """An object with these fields and no others; `name` makes it a schema of its own."""

    name: str = ""
    fields: Mapping[str, Shape]
    required: frozenset[str] | None = None
    """None: every field (what is handed out)."""

    @property
    def schema_name(self) -> str:  # type: ignore[override]
        """Under which it stands in the document."""
        return self.name

    def read(self, value: object, where: Where, reading: Reading) -> Any:
        """Null counts as left out. Unknown and missing fields are named."""
        if not isinstance(value, dict):
            reading.fault(where, Text("Cần là đối tượng JSON.", "Must be a JSON object."))
            return None
        for name in value.keys() - self.fields.keys():
            reading.fault(
                Where(printable(name), where.line),
                Text(
                    f"Không có mục “{printable(name)}”.", f"There is no field “{printable(name)}”."
                ),
            )
        found: dict[str, Any] = {}
        needed = self.fields.keys() if self.required is None else self.required
        for name, shape in self.fields.items():
            given = value.get(name)
            at = Where(name, where.line)
            if given is None and (shape.null or name not in value):
                if name in needed and not shape.null:
                    reading.fault(at, Text("Thiếu mục này.", "This field is missing."))
            else:
                found[name] = shape.read(given, at, reading)
        return found

    def _schema(self) -> dict[str, Any]:
        needed = self.fields.keys() if self.required is None else self.required
        found: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: reference(shape) for name, shape in self.fields.items()},
        }
        if needed:
            found["required"] = [name for name in self.fields if name in needed]
        return found


@dataclass(frozen=True, kw_only=True)
class Number(Shape):
    """A number that may have decimals; infinity is no number."""

    def read(self, value: object, where: Where, reading: Reading) -> Any:
        """Never of stock or money, which are whole."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 1e15:
            reading.fault(where, Text("Cần là số.", "Must be a number."))
            return None
        return value

    def _schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": -1e15, "maximum": 1e15}


@dataclass(frozen=True, kw_only=True)
class Pair(Shape):
    """A short list with a fixed meaning for each place; only handed out."""

    parts: Sequence[Shape]

    def _schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "prefixItems": [reference(part) for part in self.parts],
            "items": False,
        }


@dataclass(frozen=True, kw_only=True)
class MapOf(Shape):
    """An object of any names with values of one shape."""

    of: Shape

    def read(self, value: object, where: Where, reading: Reading) -> Any:
        """At most 5,000 names."""
        if not isinstance(value, dict) or len(value) > 5000:
            reading.fault(where, Text("Cần là đối tượng JSON.", "Must be a JSON object."))
            return None
        return {
            name: self.of.read(one, Where(printable(name), where.line), reading)
            for name, one in value.items()
        }

    def _schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": reference(self.of), "maxProperties": 5000}


@dataclass(frozen=True, kw_only=True)
class Anything(Shape):
    """An object of any fields, to be judged elsewhere; bounded in size."""

    longest: int = 20_000

    def read(self, value: object, where: Where, reading: Reading) -> Any:
        """Every text in it readable."""
        if not isinstance(value, dict):
            reading.fault(where, Text("Cần là đối tượng JSON.", "Must be a JSON object."))
        elif _UNREADABLE.search(repr_of(value)) or len(repr_of(value)) > self.longest:
            reading.fault(where, Text("Không đọc được hoặc quá dài.", "Unreadable or too long."))
        else:
            return value
        return None

    def _schema(self) -> dict[str, Any]:
        return {"type": "object"}


@dataclass(frozen=True, kw_only=True)
class Choice(Shape):
    """One of several objects, told apart by the word in `by`."""

    name: str
    by: str
    options: Mapping[str, Obj]

    @property
    def schema_name(self) -> str:  # type: ignore[override]
        """Under which it stands in the document."""
        return self.name

    def read(self, value: object, where: Where, reading: Reading) -> Any:
        """By the option its word names."""
        if not isinstance(value, dict):
            reading.fault(where, Text("Cần là đối tượng JSON.", "Must be a JSON object."))
            return None
        word = value.get(self.by)
        chosen = self.options.get(word) if isinstance(word, str) else None
        if chosen is None:
            OneOf(words=list(self.options)).read(word, Where(self.by), reading)
            return None
        return chosen.read(value, where, reading)

    def _schema(self) -> dict[str, Any]:
        options = {word: reference(option) for word, option in self.options.items()}
        return {
            "oneOf": list(options.values()),
            "discriminator": {
                "propertyName": self.by,
                "mapping": {word: one["$ref"] for word, one in options.items()},
            },
        }


def reference(shape: Shape) -> dict[str, Any]:
    """The schema where it is used: a named one is only pointed at."""
    if not shape.schema_name:
        return shape.schema()
    pointer = {"$ref": f"#/components/schemas/{shape.schema_name}"}
    return {"oneOf": [pointer, {"type": "null"}]} if shape.null else pointer


def named_shapes(shape: Shape) -> dict[str, Shape]:
    """Every named shape that this one is made of, itself too."""
    named = bool(shape.schema_name)
    found: dict[str, Shape] = {shape.schema_name: replace(shape, null=False)} if named else {}
    parts: list[Shape] = []
    if isinstance(shape, (Listed, MapOf)):
        parts = [shape.of]
    elif isinstance(shape, Pair):
        parts = list(shape.parts)
    elif isinstance(shape, Obj):
        parts = list(shape.fields.values())
    elif isinstance(shape, Choice):
        parts = list(shape.options.values())
    for part in parts:
        found |= named_shapes(part)
    return found


def printable(name: object) -> str:
    """A name as it may stand in an answer: short, without what cannot be written."""
    return _UNREADABLE.sub("?", str(name))[:60]


def repr_of(value: object) -> str:
    """The characters of a JSON value, in the rough: lone surrogates show as themselves."""
    if isinstance(value, dict):
        return "".join(f"{k}{repr_of(v)}" for k, v in value.items())
    if isinstance(value, list):
        return "".join(map(repr_of, value))
    return str(value)


def example_of(shape: Shape) -> Any:
    """A value of this shape to show: its own example, else one made of its parts'."""
    if shape.example is not None:
        return shape.example
    if isinstance(shape, Obj):
        found = {name: example_of(part) for name, part in shape.fields.items()}
        return {n: v for n, v in found.items() if v is not None or shape.required is None}
    if isinstance(shape, Choice):
        return example_of(next(iter(shape.options.values())))
    if isinstance(shape, Listed):
        return [example_of(shape.of)]
    if isinstance(shape, Pair):
        return [example_of(part) for part in shape.parts]
    return None if shape.null else _plain_example(shape)


def _plain_example(shape: Shape) -> Any:
    if isinstance(shape, Int):
        return max(shape.lowest, min(1, shape.highest))
    if isinstance(shape, OneOf):
        return shape.words[0]
    samples: dict[type[Shape], Any] = {
        Day: "2022-03-05",
        Moment: "2022-03-05T08:30:00+07:00",
        Uuid: "5a2f8c1e-7d0b-4c55-9d0e-2f5b7f6f3f10",
        Bool: True,
        Number: 1.5,
        Anything: {},
        MapOf: {},
    }
    return samples.get(type(shape), "")
