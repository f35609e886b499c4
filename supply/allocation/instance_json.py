"""Reading and writing the instance's JSON form; every fault is named with its mend, not the first.

Rows are read one by one, so a national file costs no more memory than the instance itself. What a
well-shaped instance must keep besides is ``instance_rules``'s.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from supply.allocation.faults import Fault, InstanceError
from supply.allocation.instance import (
    CLASSES,
    Arc,
    Arrival,
    Demand,
    Facility,
    Instance,
    Item,
    Lot,
    Pin,
    Reserve,
    Vehicle,
)
from supply.allocation.instance_rules import JSON_NAMES, VALIDATORS
from supply.allocation.json_stream import JsonError, members, text_of

__all__ = [
    "Fault",
    "InstanceError",
    "instance_text",
    "instance_to_json",
    "load_instance",
    "parse_instance",
]

QUANTITY_MAX = 10**12
"""Largest figure accepted: above it weighted sums would leave exact 64-bit integers."""

LITRES_MIN = 1e-6
"""Smallest volume but none: below it a solver would take it for a rounding error."""

HORIZON_DAYS_MAX = 400
DAYS_MAX = 36_500
TEXT_MAX = 200
WEIGHT_MAX = 10**6
VULNERABILITY = (0.1, 10.0)
"""Smallest and largest factor a facility's need may be weighed with."""

Reader = Callable[[Any], Any]


class _OddError(Exception):
    """A value that does not fit: what it should be, in both languages."""

    def __init__(self, text_vi: str, text_en: str) -> None:
        super().__init__(text_en)
        self.texts = (text_vi, text_en)


def _text(value: Any) -> str:
    """A name. Control characters would break a line of a message or of a voucher."""
    if isinstance(value, str) and value.strip() and len(value) <= TEXT_MAX:
        if value.isprintable() or not _has_control(value):
            return sys.intern(value)
        raise _OddError(
            f"mã {_shown(value)} có ký tự điều khiển, xin xóa ký tự đó.",
            f"{_shown(value)} holds a control character, remove it.",
        )
    raise _OddError(
        f"cần một chuỗi không rỗng, tối đa {TEXT_MAX} ký tự.",
        f"give a non-empty text of at most {TEXT_MAX} characters.",
    )


def _has_control(value: str) -> bool:
    return any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in value)


def _whole(minimum: int, maximum: int = QUANTITY_MAX) -> Reader:
    def read(value: Any) -> int:
        if type(value) is int and minimum <= value <= maximum:
            return value
        raise _OddError(
            f"cần số nguyên từ {minimum} đến {maximum}, đang là {_shown(value)}.",
            f"give a whole number from {minimum} to {maximum}, not {_shown(value)}.",
        )

    return read


_quantity, _day = _whole(0), _whole(0, DAYS_MAX)


def _quantity_or_null(value: Any) -> int | None:
    return None if value is None else int(_quantity(value))


def _litres(value: Any) -> float:
    if type(value) in (int, float) and (value == 0 or LITRES_MIN <= value <= QUANTITY_MAX):
        return float(value)
    raise _OddError(
        f"cần số lít là 0 hoặc từ {LITRES_MIN:.6f} đến {QUANTITY_MAX}, đang là {_shown(value)}.",
        f"give litres as 0 or from {LITRES_MIN:.6f} to {QUANTITY_MAX}, not {_shown(value)}.",
    )


def _vulnerability(value: Any) -> float:
    least, most = VULNERABILITY
    if type(value) in (int, float) and least <= value <= most:
        return float(value)
    raise _OddError(
        f"cần hệ số từ {least} đến {most}, đang là {_shown(value)}.",
        f"give a factor from {least} to {most}, not {_shown(value)}.",
    )


def _yes_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise _OddError("cần true hoặc false.", "give true or false.")


def _date(value: Any) -> date:
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _OddError(
        f"cần ngày dạng NĂM-THÁNG-NGÀY (2022-03-01), đang là {_shown(value)}.",
        f"give a date as YEAR-MONTH-DAY (2022-03-01), not {_shown(value)}.",
    )


def _date_or_null(value: Any) -> date | None:
    return None if value is None else _date(value)


def _class(value: Any) -> str:
    if isinstance(value, str) and value in CLASSES:
        return sys.intern(value)
    names = ", ".join(CLASSES)
    raise _OddError(
        f"cần một trong các nhóm {names}, đang là {_shown(value)}.",
        f"give one of {names}, not {_shown(value)}.",
    )


def _weights(value: Any) -> dict[str, int] | None:
    """Own points per class; a class that is not named has none."""
    if value is None:
        return None
    if not isinstance(value, Mapping) or not set(value) <= set(CLASSES):
        names = ", ".join(CLASSES)
        raise _OddError(
            f"cần một đối tượng với các nhóm {names}.", f"give an object with the classes {names}."
        )
    read = _whole(0, WEIGHT_MAX)
    return {name: read(value.get(name, 0)) for name in CLASSES}


def _shown(value: Any) -> str:
    """The value as it stood in the file, cut short so that a message stays one line."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
        text.encode("utf-8")
    except (UnicodeEncodeError, ValueError):  # half a character, or a number too long to print
        text = ascii(value) if isinstance(value, str) else "…"
    return text if len(text) <= 40 else text[:37] + "…"


_REQUIRED = object()
_NAMES: dict[str, tuple[Reader, Any]] = {
    "facility": (_text, _REQUIRED),
    "item": (_text, _REQUIRED),
}
_STOCK: dict[str, tuple[Reader, Any]] = {
    **_NAMES,
    "lot": (_text, _REQUIRED),
    "expiry": (_date_or_null, None),
}
_WAY: dict[str, tuple[Reader, Any]] = {"from": (_text, _REQUIRED), "to": (_text, _REQUIRED)}
_TABLES: dict[str, tuple[type[Any], dict[str, tuple[Reader, Any]]]] = {
    "facilities": (
        Facility,
        {
            "id": (_text, _REQUIRED),
            "depot": (_yes_no, False),
            "vulnerability": (_vulnerability, 1.0),
        },
    ),
    "items": (
        Item,
        {
            "id": (_text, _REQUIRED),
            "pack_size": (_whole(1), 1),
            "litres_per_unit": (_litres, 0.0),
            "min_shelf_life_days": (_day, 0),
        },
    ),
    "lots": (Lot, {**_STOCK, "quantity": (_quantity, _REQUIRED)}),
    "arrivals": (
        Arrival,
        {**_STOCK, "day": (_day, _REQUIRED), "quantity": (_quantity, _REQUIRED)},
    ),
    "demand": (
        Demand,
        {
            **_NAMES,
            "class": (_class, _REQUIRED),
            "day": (_day, _REQUIRED),
            "quantity": (_quantity, _REQUIRED),
        },
    ),
    "reserve": (Reserve, {**_NAMES, "quantity": (_quantity, _REQUIRED)}),
    "arcs": (Arc, {**_WAY, "lead_days": (_day, _REQUIRED)}),
    "vehicles": (
        Vehicle,
        {
            "facility": (_text, _REQUIRED),
            "day": (_day, _REQUIRED),
            "trips": (_quantity, _REQUIRED),
            "litres_per_trip": (_litres, _REQUIRED),
        },
    ),
    "pins": (
        Pin,
        {
            **_WAY,
            "item": (_text, _REQUIRED),
            "min_quantity": (_quantity, 0),
            "max_quantity": (_quantity_or_null, None),
        },
    ),
}
_HEAD: dict[str, tuple[Reader, Any]] = {
    "start": (_date, _REQUIRED),
    "horizon_days": (_whole(1, HORIZON_DAYS_MAX), _REQUIRED),
    "weights": (_weights, None),
}


@dataclass
class _Reading:
    """What was read so far, and everything wrong with it. ``passed_over``: keys nobody reads, each
    with the first place it stood at; they are no fault, but whoever reads the file is told."""

    faults: list[Fault] = field(default_factory=list)
    passed_over: dict[str, str] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)

    def take(self, name: str, value: Any) -> None:
        """One key of the object with its value."""
        if name in _TABLES:
            self.found[name] = self._table(name, value)
        elif name in _HEAD:
            self.found[name] = self._value(value, _HEAD[name][0], name)
        else:
            self.passed_over.setdefault(name, name)

    def _table(self, name: str, rows: Any) -> tuple[Any, ...]:
        if isinstance(rows, str | bytes | Mapping) or not isinstance(rows, Iterable):
            self._add(name, "cần một danh sách các dòng.", "give a list of rows.")
            return ()
        make, columns = _TABLES[name]
        plan = [(column, read, default) for column, (read, default) in columns.items()]
        found = []
        for index, row in enumerate(rows):
            try:
                values = [
                    read(row[column]) if column in row or default is _REQUIRED else default
                    for column, read, default in plan
                ]
            except (_OddError, KeyError, TypeError):  # TypeError: the row is no object
                self._explain_row(f"{name}[{index}]", row, columns)
                continue
            if len(row) > len(plan) or not row.keys() <= columns.keys():
                for column in sorted(row.keys() - columns.keys()):
                    self.passed_over.setdefault(f"{name}.{column}", f"{name}[{index}].{column}")
            found.append(make(*values))
        return tuple(found)

    def _explain_row(self, place: str, row: Any, columns: dict[str, tuple[Reader, Any]]) -> None:
        if not isinstance(row, Mapping):
            self._add(place, "cần một đối tượng JSON.", "give a JSON object.")
            return
        for column, (read, default) in columns.items():
            if column in row:
                self._value(row[column], read, f"{place}.{column}")
            elif default is _REQUIRED:
                self._add(f"{place}.{column}", "còn thiếu, xin điền.", "is missing, fill it in.")

    def _value(self, value: Any, read: Reader, place: str) -> Any:
        try:
            return read(value)
        except _OddError as odd:
            self._add(place, *odd.texts)
            return None

    def _add(self, place: str, text_vi: str, text_en: str) -> None:
        self.faults.append(Fault(place, text_vi, text_en))

    def instance(self) -> Instance:
        """The instance, if nothing is wrong with it."""
        for name, (_, default) in _HEAD.items():
            if name not in self.found and default is _REQUIRED:
                self._add(name, "còn thiếu, xin điền.", "is missing, fill it in.")
        if self.faults:
            raise InstanceError(self.faults)
        instance = Instance(**{"facilities": (), "items": (), **self.found})
        faults = [fault for validate in VALIDATORS for fault in validate(instance)]
        if faults:
            raise InstanceError(faults)
        return instance


def parse_instance(data: Any) -> Instance:
    """Build an instance from decoded JSON; raises ``InstanceError`` with every fault found."""
    if not isinstance(data, Mapping):
        raise InstanceError([Fault("instance", "cần một đối tượng JSON.", "give a JSON object.")])
    reading = _Reading()
    for name, value in data.items():
        reading.take(name, value)
    return reading.instance()


def load_instance(path: Path, tell: Callable[[Fault], None] | None = None) -> Instance:
    """Read an instance file; raises ``InstanceError`` for anything that is not a good instance.

    ``tell`` hears of every key that nobody reads: no fault, but most often a slip of spelling.
    """
    reading = _Reading()
    try:
        with path.open(encoding="utf-8-sig") as file:
            for name, value in members(file, _TABLES):
                reading.take(name, value)
    except (OSError, UnicodeDecodeError) as error:  # unreadable, or not text
        text = f"{type(error).__name__}"
        fault = Fault(str(path), f"không đọc được tệp ({text}).", f"cannot be read ({text}).")
        raise InstanceError([fault]) from error
    except JsonError as error:
        raise InstanceError([Fault(str(path), error.text_vi, error.text_en)]) from error
    instance = reading.instance()
    for place in reading.passed_over.values() if tell else ():
        tell(Fault(place, "không dùng đến, đã bỏ qua.", "is not used and was passed over."))  # type: ignore[misc]
    return instance


def instance_to_json(instance: Instance) -> dict[str, Any]:
    """The JSON form of an instance, ready for ``json.dumps``."""
    tables = {name: [_row_to_json(row) for row in getattr(instance, name)] for name in _TABLES}
    return {**_head_to_json(instance), **tables}


def instance_text(instance: Instance) -> Iterator[str]:
    """The same as text, in pieces."""
    tables = {name: map(_row_to_json, getattr(instance, name)) for name in _TABLES}
    return text_of(_head_to_json(instance), tables)


def _head_to_json(instance: Instance) -> dict[str, Any]:
    head: dict[str, Any] = {
        "start": instance.start.isoformat(),
        "horizon_days": instance.horizon_days,
    }
    if instance.weights is not None:
        head["weights"] = dict(instance.weights)
    return head


_COLUMNS = {
    make: tuple((f.name, JSON_NAMES.get(f.name, f.name)) for f in fields(make))
    for make, _ in _TABLES.values()
}


def _row_to_json(row: Any) -> dict[str, Any]:
    values = {column: getattr(row, name) for name, column in _COLUMNS[type(row)]}
    if isinstance(values.get("expiry"), date):
        values["expiry"] = values["expiry"].isoformat()
    return values
