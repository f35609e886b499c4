"""What an instance must keep beyond the shape of its rows; ``VALIDATORS`` is the list of rules.

Each looks for one kind of fault in rows that already have the right shape, and names every row
that has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date

from supply.allocation.faults import Fault
from supply.allocation.instance import STANDARD_WEIGHTS, Facility, Instance, Item

JSON_NAMES = {"demand_class": "class", "origin": "from", "destination": "to"}
"""Fields whose column in the file has another name."""

CELLS_MAX = 50_000_000
"""Facilities × items × days that are laid out as arrays; ten times a province."""

POINTS_MAX = 2**62
"""Weighted need must stay countable in 64-bit integers."""

STOCK_MAX = 2**59
"""So must the units of one item."""

YEARS = (1900, 2999)
"""First days a plan may have; whatever is added to them is a date, too."""


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
                        f"{name}[{index}].{JSON_NAMES.get(attribute, attribute)}",
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


def _days_are_dates(instance: Instance) -> Iterator[Fault]:
    least, most = YEARS
    if not least <= instance.start.year <= most:
        yield Fault(
            "start",
            f"năm {instance.start.year} nằm ngoài {least}–{most}, xin sửa ngày đầu.",
            f"the year {instance.start.year} is outside {least}-{most}, correct the first day.",
        )


def _small_enough(instance: Instance) -> Iterator[Fault]:
    """What would not fit memory, or would leave exact whole numbers, is said before, not after."""
    cells = len(instance.facilities) * len(instance.items) * instance.horizon_days
    if cells > CELLS_MAX:
        yield Fault(
            "facilities",
            f"cơ sở × mặt hàng × ngày là {cells}, nhiều nhất {CELLS_MAX}; xin chia nhỏ bài toán.",
            f"facilities × items × days is {cells}, at most {CELLS_MAX}; split the problem.",
        )
    points = instance.weights or STANDARD_WEIGHTS
    needed = sum(points[row.demand_class] * row.quantity for row in instance.demand)
    if needed > POINTS_MAX or sum(row.quantity for row in instance.demand) > POINTS_MAX:
        yield Fault(
            "demand",
            f"tổng nhu cầu có trọng số là {needed}, nhiều nhất {POINTS_MAX}; xin dùng đơn vị lớn hơn.",
            f"weighted need adds up to {needed}, at most {POINTS_MAX}; use a larger unit.",
        )
    held: defaultdict[str, int] = defaultdict(int)
    for row in instance.stock_rows:
        held[row.item] += row.quantity
    for item, units in held.items():
        if units > STOCK_MAX:
            yield Fault(
                "lots",
                f"tổng tồn của {item} là {units}, nhiều nhất {STOCK_MAX}; xin dùng đơn vị lớn hơn.",
                f"stock of {item} adds up to {units}, at most {STOCK_MAX}; use a larger unit.",
            )


VALIDATORS: tuple[Callable[[Instance], Iterator[Fault]], ...] = (
    _days_are_dates,
    _small_enough,
    _no_duplicate_ids,
    _known_ids,
    _one_expiry_per_lot,
    _one_arc_per_pair,
    _demand_has_a_place_and_day,
    _pins_do_not_contradict,
)
