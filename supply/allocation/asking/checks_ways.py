"""Checks of who can send, who can be reached, and what a vehicle carries. Pure."""

from __future__ import annotations

from supply.allocation.asking.found import Finding, Row, Seen, finding
from supply.allocation.asking.world import NO_COLD
from supply.core.text import Text


def no_way_in(seen: Seen) -> Finding | None:
    """In need, and nobody may send there."""
    reached = {arc.destination for arc in seen.instance.arcs}
    in_need = {facility for facility, _ in seen.needed}
    rows = [
        Row(place, "", Text("không nơi nào gửi đến được", "nobody can send here"))
        for place in sorted(in_need - reached)
    ]
    return finding(
        "no_way_in",
        "danger",
        Text(
            "{n} nơi có nhu cầu mà không có đường chuyển đến.",
            "Places with need and no way in: {n}.",
        ),
        rows,
    )


def no_vehicle(seen: Seen) -> Finding | None:
    """Places that cannot send."""
    able = {f.facility for f in seen.world.fleet if f.trips_per_day > 0 and f.litres_per_trip > 0}
    rows = [
        Row(place, "", Text("không gửi hàng đi được", "cannot send"))
        for place in sorted(seen.taking_part - able)
    ]
    return finding(
        "no_vehicle",
        "warning",
        Text(
            "{n} nơi chưa khai phương tiện: nhận được, nhưng không gửi đi được.",
            "Places without a vehicle on record, which can receive but not send: {n}.",
        ),
        rows,
    )


def no_trips(seen: Seen) -> Finding | None:
    """Vehicles on record that carry nothing."""
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
    return finding(
        "no_trips",
        "warning",
        Text(
            "{n} phương tiện khai 0 chuyến hoặc 0 lít, coi như không có.",
            "Vehicles recorded with no trips or no litres, which count as none: {n}.",
        ),
        rows,
    )


def too_big(seen: Seen) -> Finding | None:
    """A pack that no trip holds."""
    most = max((f.litres_per_trip for f in seen.world.fleet if f.trips_per_day > 0), default=0.0)
    rows = [
        Row("", i.id, Text(f"{litres:g} lít một kiện", f"{litres:g} litres a pack"))
        for i in seen.instance.items
        if (litres := i.pack_size * i.litres_per_unit) > most
    ]
    return finding(
        "too_big",
        "danger",
        Text(
            "{n} mặt hàng có quy cách lớn hơn sức chở của mọi xe: xem lại quy cách hoặc số lít.",
            "Items in packs that no vehicle holds (check the pack or the litres): {n}.",
        ),
        rows,
    )


def no_litres(seen: Seen) -> Finding | None:
    """Items that take no room."""
    rows = [
        Row("", i.id, Text("0 lít", "0 litres"))
        for i in seen.instance.items
        if i.litres_per_unit <= 0
    ]
    return finding(
        "no_litres",
        "warning",
        Text(
            "{n} mặt hàng chưa có thể tích: không tính vào sức chở của xe.",
            "Items without a volume, of which vehicles carry any number: {n}.",
        ),
        rows,
    )


def cold(seen: Seen) -> Finding | None:
    """Cold goods where no vehicle keeps their band."""
    bands = {g.code: g.cold for g in seen.world.goods if g.cold != NO_COLD}
    keeps = {(f.facility, f.cold) for f in seen.world.fleet if f.trips_per_day > 0}
    rows = [
        Row(
            place,
            item,
            Text(f"cần xe giữ {bands[item]} °C", f"needs a vehicle at {bands[item]} °C"),
        )
        for place, item in sorted({(s.facility, s.item) for s in seen.instance.lots})
        if item in bands and (place, bands[item]) not in keeps
    ]
    return finding(
        "cold",
        "warning",
        Text(
            "{n} chỗ có hàng cần bảo quản lạnh mà không có xe giữ lạnh: hàng ở đó không chuyển đi.",
            "Holdings of cold chain goods without a cold vehicle, which stay where they are: {n}.",
        ),
        rows,
    )


def fixed(seen: Seen) -> Finding | None:
    """Used, but in tanks."""
    tanks = {g.code for g in seen.world.goods if not g.movable}
    rows = [
        Row("", item, Text("bồn cố định", "fixed tank"))
        for item in sorted({b.item for b in seen.world.burn} & tanks)
    ]
    return finding(
        "fixed",
        "info",
        Text(
            "{n} mặt hàng nằm trong bồn cố định, không điều chuyển.",
            "Items that lie in fixed tanks and are not moved: {n}.",
        ),
        rows,
    )


def private(seen: Seen) -> Finding | None:
    """Private facilities outside the plan."""
    rows = [
        Row(p.code, "", Text("không tham gia", "takes no part"))
        for p in seen.world.places
        if p.is_private and p.code not in seen.question.partners
    ]
    return finding(
        "private",
        "info",
        Text(
            "{n} cơ sở ngoài công lập không tham gia: hàng và nhu cầu ở đó không tính.",
            "Private facilities that take no part, neither goods nor need: {n}.",
        ),
        rows,
    )


def without_use(seen: Seen) -> Finding | None:
    """Places with stock of needed items whose own need nobody projected."""
    in_need = {facility for facility, _ in seen.needed}
    depots = {p.code for p in seen.world.places if p.is_depot}
    stocked = {lot.facility for lot in seen.instance.lots}
    rows = [
        Row(place, "", Text("chỉ tính là nơi gửi", "counts as a sender only"))
        for place in sorted(stocked - in_need - depots)
    ]
    return finding(
        "without_use",
        "warning",
        Text(
            "{n} nơi có hàng mà dự báo không có nhu cầu: có thể bị lấy hết hàng.",
            "Places with goods and no projected need, all of which may be sent away: {n}.",
        ),
        rows,
    )
