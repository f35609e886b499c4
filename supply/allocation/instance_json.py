"""Reading and writing the instance's JSON form; every fault is named with its mend, none is first.

The validators are a list (``VALIDATORS``) of small functions, each looking for one kind of fault
in rows that already have the right shape.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

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

QUANTITY_MAX = 10**12
"""Largest figure accepted: above it weighted sums would leave exact 64-bit integers."""

HORIZON_DAYS_MAX = 400
WEIGHT_MAX = 10**6
VULNERABILITY = (0.1, 10.0)
"""Smallest and largest factor a facility's need may be weighed with."""
_JSON_NAMES = {"demand_class": "class", "origin": "from", "destination": "to"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where, and what to do about it, in both languages."""

    field: str
    text_vi: str
    text_en: str

    def line(self, language: str = "en") -> str:
        """One line for a person: the field, then the mend."""
        return f"{self.field}: {self.text_vi if language == 'vi' else self.text_en}"


class InstanceError(ValueError):
    """The instance cannot be used; ``faults`` names every reason."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.line() for fault in self.faults))


Faults = list[Fault]
Reader = Callable[[Any, str, Faults], Any]


def _text(value: Any, field: str, faults: Faults) -> str:
    if isinstance(value, str) and value.strip():
        return value
    faults.append(Fault(field, "cần một chuỗi không rỗng.", "give a non-empty text."))
    return ""


def _whole(minimum: int, maximum: int = QUANTITY_MAX) -> Reader:
    def read(value: Any, field: str, faults: Faults) -> int:
        if type(value) is int and minimum <= value <= maximum:
            return value
        faults.append(
            Fault(
                field,
                f"cần số nguyên từ {minimum} đến {maximum}, đang là {_shown(value)}.",
                f"give a whole number from {minimum} to {maximum}, not {_shown(value)}.",
            )
        )
        return minimum

    return read


def _whole_or_null(value: Any, field: str, faults: Faults) -> int | None:
    return None if value is None else int(_whole(0)(value, field, faults))


def _litres(value: Any, field: str, faults: Faults) -> float:
    if type(value) in (int, float) and math.isfinite(value) and 0 <= value <= QUANTITY_MAX:
        return float(value)
    faults.append(
        Fault(
            field,
            f"cần số lít từ 0 trở lên, đang là {_shown(value)}.",
            f"give litres as a number of at least 0, not {_shown(value)}.",
        )
    )
    return 0.0


def _vulnerability(value: Any, field: str, faults: Faults) -> float:
    if type(value) in (int, float) and VULNERABILITY[0] <= value <= VULNERABILITY[1]:
        return float(value)
    least, most = VULNERABILITY
    faults.append(
        Fault(
            field,
            f"cần hệ số từ {least} đến {most}, đang là {_shown(value)}.",
            f"give a factor from {least} to {most}, not {_shown(value)}.",
        )
    )
    return 1.0


def _yes_no(value: Any, field: str, faults: Faults) -> bool:
    if isinstance(value, bool):
        return value
    faults.append(Fault(field, "cần true hoặc false.", "give true or false."))
    return False


def _date(value: Any, field: str, faults: Faults) -> date:
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    faults.append(
        Fault(
            field,
            f"cần ngày dạng NĂM-THÁNG-NGÀY (2022-03-01), đang là {_shown(value)}.",
            f"give a date as YEAR-MONTH-DAY (2022-03-01), not {_shown(value)}.",
        )
    )
    return date.min


def _date_or_null(value: Any, field: str, faults: Faults) -> date | None:
    return None if value is None else _date(value, field, faults)


def _class(value: Any, field: str, faults: Faults) -> str:
    if isinstance(value, str) and value in CLASSES:
        return value
    names = ", ".join(CLASSES)
    faults.append(
        Fault(
            field,
            f"cần một trong các nhóm {names}, đang là {_shown(value)}.",
            f"give one of {names}, not {_shown(value)}.",
        )
    )
    return CLASSES[-1]


def _shown(value: Any) -> str:
    """The value as it stood in the file, cut short so that a message stays one line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:37] + "…"


_REQUIRED = object()
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
            "min_shelf_life_days": (_whole(0, 36_500), 0),
        },
    ),
    "lots": (
        Lot,
        {
            "facility": (_text, _REQUIRED),
            "item": (_text, _REQUIRED),
            "lot": (_text, _REQUIRED),
            "expiry": (_date_or_null, None),
            "quantity": (_whole(0), _REQUIRED),
        },
    ),
    "arrivals": (
        Arrival,
        {
            "facility": (_text, _REQUIRED),
            "item": (_text, _REQUIRED),
            "lot": (_text, _REQUIRED),
            "expiry": (_date_or_null, None),
            "day": (_whole(0, 36_500), _REQUIRED),
            "quantity": (_whole(0), _REQUIRED),
        },
    ),
    "demand": (
        Demand,
        {
            "facility": (_text, _REQUIRED),
            "item": (_text, _REQUIRED),
            "class": (_class, _REQUIRED),
            "day": (_whole(0, 36_500), _REQUIRED),
            "quantity": (_whole(0), _REQUIRED),
        },
    ),
    "reserve": (
        Reserve,
        {
            "facility": (_text, _REQUIRED),
            "item": (_text, _REQUIRED),
            "quantity": (_whole(0), _REQUIRED),
        },
    ),
    "arcs": (
        Arc,
        {
            "from": (_text, _REQUIRED),
            "to": (_text, _REQUIRED),
            "lead_days": (_whole(0, 36_500), _REQUIRED),
        },
    ),
    "vehicles": (
        Vehicle,
        {
            "facility": (_text, _REQUIRED),
            "day": (_whole(0, 36_500), _REQUIRED),
            "trips": (_whole(0), _REQUIRED),
            "litres_per_trip": (_litres, _REQUIRED),
        },
    ),
    "pins": (
        Pin,
        {
            "from": (_text, _REQUIRED),
            "to": (_text, _REQUIRED),
            "item": (_text, _REQUIRED),
            "min_quantity": (_whole(0), 0),
            "max_quantity": (_whole_or_null, None),
        },
    ),
}


def parse_instance(data: Any) -> Instance:
    """Build an instance from decoded JSON; raises ``InstanceError`` with every fault found."""
    faults: Faults = []
    if not isinstance(data, Mapping):
        raise InstanceError([Fault("instance", "cần một đối tượng JSON.", "give a JSON object.")])
    start = _date(data.get("start"), "start", faults)
    horizon_days = _whole(1, HORIZON_DAYS_MAX)(data.get("horizon_days"), "horizon_days", faults)
    tables = {name: _read_table(name, data.get(name, []), faults) for name in _TABLES}
    weights = _read_weights(data.get("weights"), faults)
    if faults:
        raise InstanceError(faults)
    instance = Instance(start=start, horizon_days=horizon_days, weights=weights, **tables)
    faults = [fault for validate in VALIDATORS for fault in validate(instance)]
    if faults:
        raise InstanceError(faults)
    return instance


def _read_table(name: str, rows: Any, faults: Faults) -> tuple[Any, ...]:
    make, columns = _TABLES[name]
    if not isinstance(rows, list):
        faults.append(Fault(name, "cần một danh sách các dòng.", "give a list of rows."))
        return ()
    found = []
    for index, row in enumerate(rows):
        place = f"{name}[{index}]"
        if not isinstance(row, Mapping):
            faults.append(Fault(place, "cần một đối tượng JSON.", "give a JSON object."))
            continue
        before = len(faults)
        values = []
        for column, (read, default) in columns.items():
            if column not in row and default is _REQUIRED:
                faults.append(
                    Fault(f"{place}.{column}", "còn thiếu, xin điền.", "is missing, fill it in.")
                )
            elif column not in row:
                values.append(default)
            else:
                values.append(read(row[column], f"{place}.{column}", faults))
        if len(faults) == before:
            found.append(make(*values))
    return tuple(found)


def _read_weights(given: Any, faults: Faults) -> dict[str, int] | None:
    """Own points per class; a class that is not named has none."""
    if given is None:
        return None
    if not isinstance(given, Mapping) or not set(given) <= set(CLASSES):
        names = ", ".join(CLASSES)
        faults.append(
            Fault(
                "weights",
                f"cần một đối tượng với các nhóm {names}.",
                f"give an object with the classes {names}.",
            )
        )
        return None
    read = _whole(0, WEIGHT_MAX)
    return {name: read(given.get(name, 0), f"weights.{name}", faults) for name in CLASSES}


def _no_duplicate_ids(instance: Instance) -> Iterator[Fault]:
    tables: tuple[tuple[str, tuple[Facility | Item, ...]], ...] = (
        ("facilities", instance.facilities),
        ("items", instance.items),
    )
    for name, rows in tables:
        seen: set[str] = set()
        for index, row in enumerate(rows):
            if row.id in seen:
                yield Fault(
                    f"{name}[{index}].id",
                    f"mã {row.id} bị lặp, mỗi mã chỉ được khai một lần.",
                    f"{row.id} appears twice, declare each id once.",
                )
            seen.add(row.id)


def _known_ids(instance: Instance) -> Iterator[Fault]:
    known = {
        "facility": {row.id for row in instance.facilities},
        "item": {row.id for row in instance.items},
    }
    known["origin"] = known["destination"] = known["facility"]
    for name in ("lots", "arrivals", "demand", "reserve", "arcs", "vehicles", "pins"):
        for index, row in enumerate(getattr(instance, name)):
            for attribute, ids in known.items():
                value = getattr(row, attribute, None)
                if value is not None and value not in ids:
                    table = "items" if attribute == "item" else "facilities"
                    yield Fault(
                        f"{name}[{index}].{_JSON_NAMES.get(attribute, attribute)}",
                        f"mã {value} chưa có trong {table}, xin khai hoặc sửa mã.",
                        f"{value} is not in {table}, declare it or correct the id.",
                    )


def _one_expiry_per_lot(instance: Instance) -> Iterator[Fault]:
    expiry: dict[tuple[str, str], date | None] = {}
    for name in ("lots", "arrivals"):
        for index, row in enumerate(getattr(instance, name)):
            if expiry.setdefault((row.item, row.lot), row.expiry) != row.expiry:
                yield Fault(
                    f"{name}[{index}].expiry",
                    f"lô {row.lot} của {row.item} có hai hạn dùng, mỗi lô chỉ một hạn.",
                    f"lot {row.lot} of {row.item} has two expiry dates, give it one.",
                )


def _one_arc_per_pair(instance: Instance) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for index, arc in enumerate(instance.arcs):
        if arc.origin == arc.destination:
            yield Fault(
                f"arcs[{index}].to",
                f"tuyến đi từ {arc.origin} về chính nó, xin chọn nơi nhận khác.",
                f"leads from {arc.origin} to itself, choose another receiver.",
            )
        if (arc.origin, arc.destination) in seen:
            yield Fault(
                f"arcs[{index}]",
                f"tuyến {arc.origin} → {arc.destination} bị lặp, chỉ giữ một.",
                f"{arc.origin} → {arc.destination} appears twice, keep one.",
            )
        seen.add((arc.origin, arc.destination))


def _demand_has_a_place_and_day(instance: Instance) -> Iterator[Fault]:
    depots = {row.id for row in instance.facilities if row.depot}
    for index, row in enumerate(instance.demand):
        if row.day >= instance.horizon_days:
            yield Fault(
                f"demand[{index}].day",
                f"ngày {row.day} nằm ngoài kỳ, cần từ 0 đến {instance.horizon_days - 1}.",
                f"day {row.day} is past the horizon, give 0 to {instance.horizon_days - 1}.",
            )
        if row.facility in depots and row.quantity > 0:
            yield Fault(
                f"demand[{index}].facility",
                f"{row.facility} là kho, không có nhu cầu; chuyển nhu cầu về nơi sử dụng.",
                f"{row.facility} is a depot and has no demand; give it to the place of use.",
            )


def _pins_do_not_contradict(instance: Instance) -> Iterator[Fault]:
    for index, pin in enumerate(instance.pins):
        if pin.max_quantity is not None and pin.min_quantity > pin.max_quantity:
            yield Fault(
                f"pins[{index}].max_quantity",
                f"mức nhiều nhất {pin.max_quantity} nhỏ hơn mức ít nhất {pin.min_quantity}.",
                f"at most {pin.max_quantity} is below at least {pin.min_quantity}, correct one.",
            )


VALIDATORS: tuple[Callable[[Instance], Iterator[Fault]], ...] = (
    _no_duplicate_ids,
    _known_ids,
    _one_expiry_per_lot,
    _one_arc_per_pair,
    _demand_has_a_place_and_day,
    _pins_do_not_contradict,
)


def load_instance(path: Path) -> Instance:
    """Read an instance file; raises ``InstanceError`` for anything that is not a good instance."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"), parse_constant=lambda name: name)
    except (OSError, UnicodeDecodeError) as error:  # unreadable, or not text
        text = f"{type(error).__name__}"
        raise InstanceError(
            [Fault(str(path), f"không đọc được tệp ({text}).", f"cannot be read ({text}).")]
        ) from error
    except (ValueError, RecursionError) as error:  # also an absurdly long number
        where = f"{getattr(error, 'lineno', '?')}:{getattr(error, 'colno', '?')}"
        raise InstanceError(
            [
                Fault(
                    str(path),
                    f"không phải JSON hợp lệ (dòng:cột {where}), xin sửa lại.",
                    f"is not valid JSON (line:column {where}), correct it.",
                )
            ]
        ) from error
    return parse_instance(data)


def instance_to_json(instance: Instance) -> dict[str, Any]:
    """The JSON form of an instance, ready for ``json.dumps``."""
    data: dict[str, Any] = {
        "start": instance.start.isoformat(),
        "horizon_days": instance.horizon_days,
    }
    for name in _TABLES:
        data[name] = [_row_to_json(row) for row in getattr(instance, name)]
    if instance.weights is not None:
        data["weights"] = dict(instance.weights)
    return data


def _row_to_json(row: Any) -> dict[str, Any]:
    values = {_JSON_NAMES.get(f.name, f.name): getattr(row, f.name) for f in fields(row)}
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()}
