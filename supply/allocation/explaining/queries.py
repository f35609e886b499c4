"""What the page of reasons asks: a plan's insight with names in place of codes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from supply.allocation.explaining.telling import KIND_NAMES, Told, tell_cause
from supply.allocation.queries import CoverageRow, Names, PlanView
from supply.allocation.story import short_name
from supply.allocation.words import CLASS_NAMES
from supply.core.text import Text

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ShortRow:
    """An item a class misses at a place, and what stops the nearest pack."""

    item: str
    name: Text
    unit: Text
    demand_class: str
    missing: int
    needed: int
    points: int
    kinds: tuple[str, ...]
    cause: Text


@dataclass(frozen=True)
class MovedRow:
    """What a place sends and gets of an item; days of stock before and after, None without need."""

    item: str
    name: Text
    unit: Text
    out: int
    into: int
    days: tuple[float, float] | None
    reserve: int


@dataclass(frozen=True)
class SideRow:
    """A place on one side or both: figures of what leaves and comes, and what it does to it."""

    code: str
    name: Text
    gives: Row
    gets: Row
    coverage: Mapping[str, tuple[float, float]]
    days: tuple[float, float] | None
    lowest: tuple[float, float] | None


@dataclass(frozen=True)
class PlaceWhy:
    """A place: its reasons by class, what it misses (the heaviest first), from whom it gets."""

    code: str
    name: Text
    coverage: CoverageRow
    short: tuple[ShortRow, ...]
    senders: tuple[Text, ...]


@dataclass(frozen=True)
class KindRow:
    """What binds: points missed for this cause, and how many (place, item, class) it is."""

    kind: str
    name: Text
    points: int
    rows: int
    share: float


@dataclass(frozen=True)
class Why:
    """Everything on the page; ``missing`` True where the plan was made before insights were kept."""

    missing: bool
    places: tuple[PlaceWhy, ...]
    kinds: tuple[KindRow, ...] = ()
    looked_at: Row = field(default_factory=dict)
    prices: Row = field(default_factory=dict)
    vehicles: tuple[Row, ...] = ()
    sides: tuple[SideRow, ...] = ()
    envy: Row = field(default_factory=dict)


def why(plan: PlanView, names: Names) -> Why:
    """The insight kept with a plan, in words."""
    found: Row | None = plan.compared.get("insight")
    if found is None:
        return Why(True, _places(plan, names, ()))
    return Why(
        False,
        _places(plan, names, found["short"]),
        _kinds(found["short"], plan.weights),
        found["looked_at"],
        _prices(found["prices"], plan.head.start, names),
        tuple(_with_names(row, names) for row in found["vehicles"] if row["used"] > 0),
        tuple(_side(row, names) for row in found["sides"]),
        found["envy"] | {"lifts": [_lift(row, plan, names) for row in found["envy"]["lifts"]]},
    )


def moved(plan: PlanView, names: Names, place: str) -> tuple[MovedRow, ...]:
    """What one place sends and gets, item by item."""
    rows = plan.compared.get("insight", {}).get("moved", ())
    return tuple(
        MovedRow(
            row["item"],
            names.item(row["item"]),
            names.unit(row["item"]),
            row["out"],
            row["in"],
            _pair(row["days"]),
            row["reserve"],
        )
        for row in rows
        if row["facility"] == place
    )


def _places(plan: PlanView, names: Names, short: Iterable[Row]) -> tuple[PlaceWhy, ...]:
    """In the order of the coverage table: the lowest place first."""
    by_place: dict[str, list[ShortRow]] = {}
    for row in short:
        by_place.setdefault(row["facility"], []).append(_short(row, plan, names))
    senders: dict[str, set[Text]] = {}
    for transfer in plan.transfers:
        name = short_name(transfer.origin_name)
        senders.setdefault(transfer.destination, set()).add(name)
    return tuple(
        PlaceWhy(
            place.code,
            place.name,
            place,
            tuple(sorted(by_place.get(place.code, ()), key=lambda row: (-row.points, row.item))),
            tuple(sorted(senders.get(place.code, ()))),
        )
        for place in plan.coverage
    )


def _short(row: Row, plan: PlanView, names: Names) -> ShortRow:
    origin = short_name(names.facility(row["from"])) if "from" in row else Text("", "")
    day = row.get("day", 0)
    told = Told(
        row["kinds"],
        origin,
        _on(plan.head.start + dt.timedelta(days=day)),
        row.get("lot", ""),
        row.get("stock", 0),
        row.get("pack", 1),
        row.get("arrival", day) - day,
    )
    return ShortRow(
        row["item"],
        names.item(row["item"]),
        names.unit(row["item"]),
        row["class"],
        row["missing"],
        row["needed"],
        row["missing"] * plan.weights[row["class"]],
        tuple(row["kinds"]),
        tell_cause(told),
    )


def _on(day: dt.date) -> Text:
    return Text(f"ngày {day:%d/%m}", f"{day:%d/%m}")


def _kinds(short: Iterable[Row], weights: Mapping[str, int]) -> tuple[KindRow, ...]:
    """Points missed by the first thing that stops them."""
    points: dict[str, int] = {}
    rows: dict[str, int] = {}
    for row in short:
        kind = row["kinds"][0]
        points[kind] = points.get(kind, 0) + row["missing"] * weights[row["class"]]
        rows[kind] = rows.get(kind, 0) + 1
    total = sum(points.values()) or 1
    found = [
        KindRow(kind, KIND_NAMES[kind], points[kind], rows[kind], points[kind] / total)
        for kind in points
    ]
    return tuple(sorted(found, key=lambda row: (-row.points, row.kind)))


def _with_names(row: Row, names: Names) -> Row:
    """The row with names of its facilities and item beside the codes."""
    named = dict(row)
    for key in ("facility", "from", "to"):
        if key in row:
            named[f"{key}_name"] = short_name(names.facility(row[key]))
    if "item" in row:
        named |= {"item_name": names.item(row["item"]), "unit": names.unit(row["item"])}
    return named


def _prices(prices: Row, start: dt.date, names: Names) -> Row:
    told = dict(prices)
    for table in ("packs", "trips", "lead_times"):
        told[table] = [
            {
                **_with_names(row, names),
                "date": start + dt.timedelta(days=row["day"]) if "day" in row else None,
            }
            for row in prices[table]
        ]
    return told


def _side(row: Row, names: Names) -> SideRow:
    coverage = {name: (pair[0], pair[1]) for name, pair in row["coverage"].items()}
    code = row["facility"]
    return SideRow(
        code,
        names.facility(code),
        row["gives"],
        row["gets"],
        coverage,
        _pair(row["days"]),
        _pair(row["lowest"]),
    )


def _pair(values: list[float] | None) -> tuple[float, float] | None:
    return None if values is None else (values[0], values[1])


def _lift(row: Row, plan: PlanView, names: Names) -> Row:
    named = dict(_with_names(row, names))
    named["class_name"] = CLASS_NAMES[row["class"]]
    named["date"] = plan.head.start + dt.timedelta(days=row["day"])
    return named


WHY_NOT = {
    "missed": Text(
        "Nên làm: hết thời gian tính hoặc do làm tròn gói nên kế hoạch chưa làm; thêm ở phần Điều chỉnh.",
        "Worth doing: the time was up or packs were rounded; add it under Adjust.",
    ),
    "costs": Text(
        "Chưa làm: khi làm tròn hộp, kế hoạch chỉ thêm hộp nào làm giảm tổng điểm thiếu của địa bàn.",
        "Not done: when rounding to packs the plan adds only those that lower the district's points.",
    ),
    "aim": Text(
        "Cách phân bổ đã chọn không đặt nơi khó nhất lên trước.",
        "The chosen way to allocate does not put the worst-off first.",
    ),
}
