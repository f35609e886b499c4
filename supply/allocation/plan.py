"""A plan: transfers, dispensing quotas, and what can be said about them; JSON both ways.

Coverage and shortage are worked out here from the plan's own quotas in plain integer arithmetic,
whatever made the plan. The form is in ``docs/formats/allocation-plan.md``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from supply.allocation.faults import Fault, InstanceError
from supply.allocation.instance import CLASSES, STANDARD_WEIGHTS, Instance
from supply.allocation.json_stream import JsonError, members, text_of


@dataclass(frozen=True, slots=True)
class Transfer:
    """``quantity`` units of a lot leave ``origin`` on ``day`` for ``destination``."""

    origin: str
    destination: str
    item: str
    lot: str
    day: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Quota:
    """A facility dispenses ``quantity`` units of the item to the class on ``day``."""

    facility: str
    item: str
    demand_class: str
    day: int
    quantity: int


@dataclass(frozen=True, slots=True)
class PinUnmet:
    """How far the plan stays below a pin's least (``short``) or above its most (``over``)."""

    origin: str
    destination: str
    item: str
    short: int
    over: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Served over needed, all items and days together, of one facility and class."""

    facility: str
    demand_class: str
    coverage: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a facility's class got what it got, for the people who have to defend it."""

    facility: str
    demand_class: str
    text_vi: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Shortage:
    """Weighted unmet units: a figure no plan can go below, this plan's, and two to compare."""

    bound: int
    plan: int
    proportional: int
    no_transfer: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan with its stamp; ``seconds`` by phase, ``weights`` in points per unmet unit.

    ``litre_points``: facility to points per litre of its vehicles by day, at which the bound was
    found; it stays out of files.
    """

    status: str
    policy: str
    model_version: str
    shortage: Shortage
    transfers: tuple[Transfer, ...] = ()
    quotas: tuple[Quota, ...] = ()
    pins_unmet: tuple[PinUnmet, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    reasons: tuple[Reason, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=lambda: dict(STANDARD_WEIGHTS))
    litre_points: Mapping[str, tuple[float, ...]] = field(default_factory=dict, compare=False)


def served_and_needed(
    instance: Instance, quotas: tuple[Quota, ...]
) -> dict[tuple[str, str], tuple[int, int]]:
    """(facility, class) to (units served, units needed) over all items and days."""
    needed: defaultdict[tuple[str, str], int] = defaultdict(int)
    served: defaultdict[tuple[str, str], int] = defaultdict(int)
    for need in instance.demand:
        needed[need.facility, need.demand_class] += need.quantity
    for quota in quotas:
        served[quota.facility, quota.demand_class] += quota.quantity
    return {key: (served[key], total) for key, total in needed.items() if total > 0}


def coverage_of(instance: Instance, quotas: tuple[Quota, ...]) -> tuple[Coverage, ...]:
    """Coverage per facility and class, no row where nothing is needed; most urgent class first."""
    found = served_and_needed(instance, quotas)
    keys = sorted(found, key=lambda key: (CLASSES.index(key[1]), key[0]))
    return tuple(Coverage(*key, round(found[key][0] / found[key][1], 6)) for key in keys)


def weighted_shortage(
    instance: Instance, quotas: tuple[Quota, ...], weights: Mapping[str, int] | None = None
) -> int:
    """Σ weight(class) · unmet units, in points; 40 needed, 30 given, weight 100: 1,000 points."""
    points = STANDARD_WEIGHTS if weights is None else weights
    total = sum(points[need.demand_class] * need.quantity for need in instance.demand)
    return total - sum(points[quota.demand_class] * quota.quantity for quota in quotas)


def pins_unmet_of(instance: Instance, transfers: tuple[Transfer, ...]) -> tuple[PinUnmet, ...]:
    """What the transfers leave unmet of the planner's pins, one row per pair and item."""
    moved: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for transfer in transfers:
        moved[transfer.origin, transfer.destination, transfer.item] += transfer.quantity
    least: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    most: dict[tuple[str, str, str], int | None] = {}
    for pin in instance.pins:
        key = (pin.origin, pin.destination, pin.item)
        least[key] += pin.min_quantity
        so_far = most.get(key, 0)
        limited = pin.max_quantity is not None and so_far is not None
        most[key] = so_far + pin.max_quantity if limited else None  # type: ignore[operator]
    rows = []
    for key in sorted(least):
        top = most[key]
        short = max(0, least[key] - moved[key])
        over = 0 if top is None else max(0, moved[key] - top)
        if short or over:
            rows.append(PinUnmet(*key, short, over))
    return tuple(rows)


_NAMES = {"origin": "from", "destination": "to", "demand_class": "class"}
_ROWS: dict[str, type[Any]] = {
    "transfers": Transfer,
    "quotas": Quota,
    "pins_unmet": PinUnmet,
    "coverage": Coverage,
    "reasons": Reason,
}


_COLUMNS = {
    make: tuple((column.name, _NAMES.get(column.name, column.name)) for column in fields(make))
    for make in _ROWS.values()
}
STAMPS = ("status", "policy", "model_version")
FIGURE_MAX = 10**18
"""Figures of a plan file above it are refused: no instance has so many units."""


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The JSON form of a plan, ready for ``json.dumps``."""
    return {**_head_to_json(plan), **{n: [_row(r) for r in getattr(plan, n)] for n in _ROWS}}


def plan_text(plan: Plan) -> Iterator[str]:
    """The same as text, in pieces."""
    return text_of(_head_to_json(plan), {name: map(_row, getattr(plan, name)) for name in _ROWS})


def _head_to_json(plan: Plan) -> dict[str, Any]:
    return {
        "status": plan.status,
        "policy": plan.policy,
        "model_version": plan.model_version,
        "seconds": dict(plan.seconds),
        "weights": dict(plan.weights),
        "shortage": asdict(plan.shortage),
    }


def _row(row: Any) -> dict[str, Any]:
    return {column: getattr(row, name) for name, column in _COLUMNS[type(row)]}


def plan_from_json(data: Any) -> Plan:
    """Read a plan; raises ``InstanceError`` naming every row that has not the right shape."""
    if not isinstance(data, Mapping):
        raise InstanceError([Fault("plan", "cần một đối tượng JSON.", "give a JSON object.")])
    return _plan_of(data.items())


def _plan_of(parts: Iterable[tuple[str, Any]]) -> Plan:
    faults: list[Fault] = []
    data = {
        name: _read_rows(name, value, faults) if name in _ROWS else value for name, value in parts
    }
    weights = _whole_numbers("weights", data.get("weights", STANDARD_WEIGHTS), CLASSES, faults)
    names = ("bound", "plan", "proportional", "no_transfer")
    shortage = _whole_numbers("shortage", data.get("shortage"), names, faults)
    stamps: dict[str, Any] = {name: data.get(name, "") for name in STAMPS}
    for name, value in stamps.items():
        if not isinstance(value, str):
            faults.append(Fault(name, "cần một chuỗi.", "give a text."))
    seconds = data.get("seconds", {})
    if not isinstance(seconds, Mapping) or not all(map(_is_number, seconds.values())):
        faults.append(Fault("seconds", "cần số giây theo bước.", "give seconds by phase."))
    if faults:
        raise InstanceError(faults)
    tables: dict[str, Any] = {name: data[name] for name in _ROWS if name in data}
    return Plan(
        status=stamps["status"],
        policy=stamps["policy"],
        model_version=stamps["model_version"],
        shortage=Shortage(**shortage),
        seconds=dict(seconds),
        weights=weights,
        **tables,
    )


def _is_number(value: Any) -> bool:
    if type(value) is int:
        return abs(value) <= FIGURE_MAX
    return type(value) is float and math.isfinite(value)


def _whole_numbers(
    place: str, values: Any, names: tuple[str, ...], faults: list[Fault]
) -> dict[str, int]:
    if not isinstance(values, Mapping):
        faults.append(Fault(place, f"cần các số {', '.join(names)}.", f"give {', '.join(names)}."))
        return {}
    for name in names:
        if type(values.get(name)) is not int or values[name] < 0:
            text_vi = "cần một số nguyên từ 0 trở lên."
            faults.append(Fault(f"{place}.{name}", text_vi, "give a whole number of at least 0."))
    return {name: values.get(name, 0) for name in names}


def _read_rows(name: str, rows: Any, faults: list[Fault]) -> tuple[Any, ...]:
    """Rows of one table. Negative quantities pass: they are the checker's to find."""
    make = _ROWS[name]
    if isinstance(rows, str | Mapping) or not isinstance(rows, Iterable):
        faults.append(Fault(name, "cần một danh sách các dòng.", "give a list of rows."))
        return ()
    kinds = make.__annotations__
    columns = {column: kinds[key] for key, column in _COLUMNS[make]}
    found = []
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            faults.append(Fault(f"{name}[{index}]", "cần một đối tượng JSON.", "give an object."))
            continue
        bad = [column for column, kind in columns.items() if not _fits(row.get(column), kind)]
        for column in bad:
            kind = str(columns[column])
            word = {"int": "số nguyên", "str": "chuỗi", "float": "số"}[kind]
            name_en = {"int": "a whole number", "str": "a text", "float": "a number"}[kind]
            place = f"{name}[{index}].{column}"
            faults.append(Fault(place, f"cần {word}.", f"give {name_en}."))
        if not bad:
            found.append(make(*(row[column] for column in columns)))
    return tuple(found)


def _fits(value: Any, kind: str) -> bool:
    if kind == "str":
        return isinstance(value, str) and (value.isascii() or _is_text(value))
    return _is_number(value) and (kind == "float" or type(value) is int)


def _is_text(value: str) -> bool:
    """Whether it can be shown at all: half a character cannot."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def load_plan(path: Path) -> Plan:
    """Read a plan file, row by row; raises ``InstanceError`` for anything that is not one."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            return _plan_of(members(file, _ROWS))
    except (OSError, UnicodeDecodeError) as error:
        text = type(error).__name__
        fault = Fault(str(path), f"không đọc được tệp ({text}).", f"cannot be read ({text}).")
        raise InstanceError([fault]) from error
    except JsonError as error:
        raise InstanceError([Fault(str(path), error.text_vi, error.text_en)]) from error
