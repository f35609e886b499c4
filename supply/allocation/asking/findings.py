"""What is missing or odd in the inputs of a plan, told before anything is solved. Pure.

Each finding is one sentence with a count, and the rows behind it. `danger`: somebody who needs goods
cannot be helped as things stand; `warning`: a figure that is likely wrong or will surprise; `info`:
what was decided or left out on purpose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from supply.allocation.asking.world import NO_COLD, Question, World
from supply.allocation.instance import Instance
from supply.core.text import Text, group_digits

LEVELS = ("danger", "warning", "info")
LONG_ON_THE_WAY_DAYS = 7
ROWS_KEPT = 200


@dataclass(frozen=True)
class Row:
    """Where it is: codes ("" where it does not apply) and what exactly."""

    facility: str
    item: str
    what: Text


@dataclass(frozen=True)
class Finding:
    """One thing to know; `count` rows in all, of which the first `ROWS_KEPT` are kept."""

    key: str
    level: str
    text: Text
    rows: tuple[Row, ...]
    count: int


@dataclass(frozen=True)
class _Seen:
    """The three things each check looks at, and sums they share."""

    world: World
    question: Question
    instance: Instance
    needed: dict[tuple[str, str], int]
    taking_part: frozenset[str]


def look_over(world: World, question: Question, instance: Instance) -> tuple[Finding, ...]:
    """Everything found, the gravest first."""
    needed: defaultdict[tuple[str, str], int] = defaultdict(int)
    for d in instance.demand:
        needed[d.facility, d.item] += d.quantity
    seen = _Seen(
        world, question, instance, dict(needed), frozenset(f.id for f in instance.facilities)
    )
    found = [finding for check in _CHECKS if (finding := check(seen)) is not None]
    return tuple(sorted(found, key=lambda one: LEVELS.index(one.level)))


def findings_json(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Plain values, as kept beside a plan."""
    return [
        {
            "key": one.key,
            "level": one.level,
            "vi": one.text.vi,
            "en": one.text.en,
            "count": one.count,
        }
        for one in found
    ]


def _finding(key: str, level: str, text: Text, rows: list[Row]) -> Finding | None:
    """None without rows; `{n}` in the text is their number."""
    if not rows:
        return None
    told = text.fill(n=len(rows))
    return Finding(key, level, told, tuple(rows[:ROWS_KEPT]), len(rows))


def _units(units: int) -> str:
    return group_digits(units)


def _no_stock(seen: _Seen) -> Finding | None:
    have = {s.item for s in seen.instance.stock_rows}
    total: defaultdict[str, int] = defaultdict(int)
    for (_, item), units in seen.needed.items():
        total[item] += units
    rows = [
        Row("", item, Text(f"cần {_units(units)}", f"{_units(units)} needed"))
        for item, units in sorted(total.items())
        if item not in have
    ]
    return _finding(
        "no_stock",
        "danger",
        Text(
            "{n} mặt hàng cần dùng mà cả địa bàn không còn, cũng không có hàng sắp về.",
            "{n} items are needed and nobody has any, nor is any coming.",
        ),
        rows,
    )


def _no_way_in(seen: _Seen) -> Finding | None:
    reached = {arc.destination for arc in seen.instance.arcs}
    in_need = {facility for facility, _ in seen.needed}
    rows = [
        Row(place, "", Text("không nơi nào gửi đến được", "nobody can send here"))
        for place in sorted(in_need - reached)
    ]
    return _finding(
        "no_way_in",
        "danger",
        Text(
            "{n} nơi có nhu cầu mà không có đường chuyển đến.",
            "{n} places have need and no way in.",
        ),
        rows,
    )


def _no_vehicle(seen: _Seen) -> Finding | None:
    able = {f.facility for f in seen.world.fleet if f.trips_per_day > 0 and f.litres_per_trip > 0}
    rows = [
        Row(place, "", Text("không gửi hàng đi được", "cannot send"))
        for place in sorted(seen.taking_part - able)
    ]
    return _finding(
        "no_vehicle",
        "warning",
        Text(
            "{n} nơi chưa khai phương tiện: nhận được, nhưng không gửi đi được.",
            "{n} places have no vehicle on record: they can receive but not send.",
        ),
        rows,
    )


def _no_trips(seen: _Seen) -> Finding | None:
    rows = [
        Row(
            f.facility,
            "",
            Text(
                f"{f.trips_per_day} chuyến, {f.litres_per_trip:g} lít",
                f"{f.trips_per_day} trips, {f.litres_per_trip:g} litres",
            ),
        )
        for f in seen.world.fleet
        if f.trips_per_day <= 0 or f.litres_per_trip <= 0
    ]
    return _finding(
        "no_trips",
        "warning",
        Text(
            "{n} phương tiện khai 0 chuyến hoặc 0 lít, coi như không có.",
            "{n} vehicles are recorded with no trips or no litres and count as none.",
        ),
        rows,
    )


def _too_big(seen: _Seen) -> Finding | None:
    most = max((f.litres_per_trip for f in seen.world.fleet if f.trips_per_day > 0), default=0.0)
    rows = [
        Row("", i.id, Text(f"{litres:g} lít một kiện", f"{litres:g} litres a pack"))
        for i in seen.instance.items
        if (litres := i.pack_size * i.litres_per_unit) > most
    ]
    return _finding(
        "too_big",
        "danger",
        Text(
            "{n} mặt hàng có quy cách lớn hơn sức chở của mọi xe: xem lại quy cách hoặc số lít.",
            "{n} items come in packs that no vehicle holds: check the pack or the litres.",
        ),
        rows,
    )


def _no_litres(seen: _Seen) -> Finding | None:
    rows = [
        Row("", i.id, Text("0 lít", "0 litres"))
        for i in seen.instance.items
        if i.litres_per_unit <= 0
    ]
    return _finding(
        "no_litres",
        "warning",
        Text(
            "{n} mặt hàng chưa có thể tích: không tính vào sức chở của xe.",
            "{n} items have no volume: vehicles carry any number of them.",
        ),
        rows,
    )


def _cold(seen: _Seen) -> Finding | None:
    cold = {g.code: g.cold for g in seen.world.goods if g.cold != NO_COLD}
    keeps = {(f.facility, f.cold) for f in seen.world.fleet if f.trips_per_day > 0}
    rows = [
        Row(place, item, Text(f"cần xe giữ {cold[item]} °C", f"needs a vehicle at {cold[item]} °C"))
        for place, item in sorted({(s.facility, s.item) for s in seen.instance.lots})
        if item in cold and (place, cold[item]) not in keeps
    ]
    return _finding(
        "cold",
        "warning",
        Text(
            "{n} chỗ có hàng cần bảo quản lạnh mà không có xe giữ lạnh: hàng ở đó không chuyển đi.",
            "{n} holdings of cold chain goods have no cold vehicle: they stay where they are.",
        ),
        rows,
    )


def _fixed(seen: _Seen) -> Finding | None:
    fixed = {g.code for g in seen.world.goods if not g.movable}
    rows = [
        Row("", item, Text("bồn cố định", "fixed tank"))
        for item in sorted({b.item for b in seen.world.burn} & fixed)
    ]
    return _finding(
        "fixed",
        "info",
        Text(
            "{n} mặt hàng nằm trong bồn cố định, không điều chuyển.",
            "{n} items lie in fixed tanks and are not moved.",
        ),
        rows,
    )


def _expired(seen: _Seen) -> Finding | None:
    rows = [
        Row(
            s.facility,
            s.item,
            Text(
                f"lô {s.lot}, {_units(s.quantity)}, hết hạn {s.expiry:%d/%m/%Y}",
                f"lot {s.lot}, {_units(s.quantity)}, expired {s.expiry:%d/%m/%Y}",
            ),
        )
        for s in seen.world.on_hand
        if s.expiry is not None and s.expiry < seen.question.start
    ]
    return _finding(
        "expired",
        "warning",
        Text(
            "{n} lô đã hết hạn vẫn còn trong kho: không tính. Nên lập phiếu thanh lý.",
            "{n} lots on the shelves have expired and do not count. Better write them off.",
        ),
        rows,
    )


def _stays(seen: _Seen) -> Finding | None:
    """Usable now, but too near its day to be worth moving."""
    lead = min((arc.lead_days for arc in seen.instance.arcs), default=0)
    last = seen.question.start + timedelta(
        days=lead + seen.question.transport.min_shelf_life_days - 1
    )
    rows = [
        Row(
            s.facility,
            s.item,
            Text(
                f"lô {s.lot}, {_units(s.quantity)}, hạn {s.expiry:%d/%m/%Y}",
                f"lot {s.lot}, {_units(s.quantity)}, expires {s.expiry:%d/%m/%Y}",
            ),
        )
        for s in seen.instance.lots
        if s.expiry is not None and s.expiry <= last
    ]
    return _finding(
        "stays",
        "info",
        Text(
            "{n} lô quá cận hạn, chỉ dùng tại chỗ, không chuyển đi.",
            "{n} lots are too near expiry to move and serve where they are.",
        ),
        rows,
    )


def _below_zero(seen: _Seen) -> Finding | None:
    rows = [
        Row(s.facility, s.item, Text(f"lô {s.lot}: {s.quantity}", f"lot {s.lot}: {s.quantity}"))
        for s in (*seen.world.on_hand, *seen.world.coming)
        if s.quantity < 0
    ]
    return _finding(
        "below_zero",
        "danger",
        Text(
            "{n} lô có số tồn âm, không thể có thật: không tính. Hãy kiểm tra sổ kho.",
            "{n} lots stand below zero, which cannot be: left out. Check the ledger.",
        ),
        rows,
    )


def _late(seen: _Seen) -> Finding | None:
    rows = [
        Row(
            o.facility,
            o.item,
            Text(
                f"{o.label}: {_units(o.quantity)}, trễ {-o.day} ngày",
                f"{o.label}: {_units(o.quantity)}, {-o.day} days late",
            ),
        )
        for o in seen.world.orders
        if o.day < 0
    ]
    return _finding(
        "late",
        "warning",
        Text(
            "{n} đơn hàng đã quá ngày hẹn, vẫn tính là sẽ về. Nếu không về, hãy hủy đơn.",
            "{n} orders are past their day and still counted as coming. Cancel what will not come.",
        ),
        rows,
    )


def _came_already(seen: _Seen) -> Finding | None:
    rows = [
        Row(
            o.facility,
            o.item,
            Text(
                f"{o.label}: xem phiếu {', '.join(o.receipts[:2])}",
                f"{o.label}: see {', '.join(o.receipts[:2])}",
            ),
        )
        for o in seen.world.orders
        if o.receipts
    ]
    return _finding(
        "came_already",
        "warning",
        Text(
            "{n} đơn hàng có thể đã về (đã có phiếu nhập cùng mặt hàng): nếu đúng, hãy khép đơn để "
            "không tính hai lần.",
            "{n} orders may have come (the item was received since): close them, or they count twice.",
        ),
        rows,
    )


def _long_on_the_way(seen: _Seen) -> Finding | None:
    rows = [
        Row(
            s.facility,
            s.item,
            Text(
                f"{_units(s.quantity)}, gửi {s.days_out} ngày trước",
                f"{_units(s.quantity)}, sent {s.days_out} days ago",
            ),
        )
        for s in seen.world.coming
        if s.days_out > LONG_ON_THE_WAY_DAYS
    ]
    return _finding(
        "long_on_the_way",
        "warning",
        Text(
            "{n} dòng hàng gửi đã quá "
            + str(LONG_ON_THE_WAY_DAYS)
            + " ngày chưa ghi nhận: tính là về hôm nay.",
            "{n} lines were sent more than "
            + str(LONG_ON_THE_WAY_DAYS)
            + " days ago and not received: counted as coming today.",
        ),
        rows,
    )


def _requests(seen: _Seen) -> Finding | None:
    counted = seen.question.count_requests
    rows = [
        Row(
            w.facility,
            w.item,
            Text(f"{w.label}: còn {_units(w.quantity)}", f"{w.label}: {_units(w.quantity)} left"),
        )
        for w in seen.world.wishes
    ]
    told = (
        Text(
            "{n} dòng phiếu yêu cầu chưa cấp đủ: tính là mức cần tối thiểu.",
            "{n} lines of open requests: counted as the least that is needed.",
        )
        if counted
        else Text(
            "{n} dòng phiếu yêu cầu chưa cấp đủ: chưa tính vào nhu cầu.",
            "{n} lines of open requests: not counted as need.",
        )
    )
    return _finding("requests", "info", told, rows)


def _requests_without_use(seen: _Seen) -> Finding | None:
    used = {(b.facility, b.item) for b in seen.world.burn}
    rows = [
        Row(w.facility, w.item, Text(f"{w.label}: {_units(w.quantity)}", f"{w.label}: {w.quantity:,}"))
        for w in seen.world.wishes
        if (w.facility, w.item) not in used
    ]  # fmt: skip
    return _finding(
        "requests_without_use",
        "warning",
        Text(
            "{n} dòng yêu cầu mặt hàng mà dự báo không thấy nơi đó dùng: hỏi lại nơi yêu cầu.",
            "{n} request lines are for items the forecast sees no use of there: ask the sender.",
        ),
        rows,
    )


def _reserve_holds(seen: _Seen) -> Finding | None:
    """Lines of the approved list that are short: their holders give nothing of the item."""
    if seen.question.reserve == "days":
        return None
    held: defaultdict[tuple[str, str], int] = defaultdict(int)
    for lot in seen.instance.lots:
        held[lot.facility, lot.item] += lot.quantity
    here = {i.id for i in seen.instance.items}
    share = seen.question.reserve_percent
    rows = [
        Row(
            r.facility,
            r.item,
            Text(
                f"có {_units(held[r.facility, r.item])}, giữ {_units(kept)}",
                f"has {_units(held[r.facility, r.item])}, keeps {_units(kept)}",
            ),
        )
        for r in seen.world.listed
        if r.item in here and r.facility in seen.taking_part
        if 0 < held[r.facility, r.item] <= (kept := -(-r.quantity * share // 100))
    ]
    return _finding(
        "reserve_holds",
        "warning",
        Text(
            "{n} chỗ có hàng nhưng không hơn mức danh mục dự trữ: không gửi đi. Nếu cần, giảm phần "
            "danh mục giữ lại.",
            "{n} holdings are no larger than the reserve list asks for and stay. Keep less of the list "
            "if that is too much.",
        ),
        rows,
    )


def _private(seen: _Seen) -> Finding | None:
    rows = [
        Row(p.code, "", Text("không tham gia", "takes no part"))
        for p in seen.world.places
        if p.is_private and p.code not in seen.question.partners
    ]
    return _finding(
        "private",
        "info",
        Text(
            "{n} cơ sở ngoài công lập không tham gia: hàng và nhu cầu ở đó không tính.",
            "{n} private facilities take no part: neither their goods nor their need count.",
        ),
        rows,
    )


def _without_use(seen: _Seen) -> Finding | None:
    """Places with stock of needed items whose own need nobody projected."""
    in_need = {facility for facility, _ in seen.needed}
    depots = {p.code for p in seen.world.places if p.is_depot}
    stocked = {lot.facility for lot in seen.instance.lots}
    rows = [
        Row(place, "", Text("chỉ tính là nơi gửi", "counts as a sender only"))
        for place in sorted(stocked - in_need - depots)
    ]
    return _finding(
        "without_use",
        "warning",
        Text(
            "{n} nơi có hàng mà dự báo không có nhu cầu: có thể bị lấy hết hàng.",
            "{n} places hold goods and have no projected need: all of it may be sent away.",
        ),
        rows,
    )


_CHECKS: tuple[Callable[[_Seen], Finding | None], ...] = (
    _no_stock,
    _no_way_in,
    _too_big,
    _below_zero,
    _no_vehicle,
    _no_trips,
    _no_litres,
    _cold,
    _expired,
    _late,
    _came_already,
    _long_on_the_way,
    _requests_without_use,
    _reserve_holds,
    _without_use,
    _requests,
    _stays,
    _fixed,
    _private,
)
