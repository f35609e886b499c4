"""Checks of what there is, what comes, what is asked for and what is kept. Pure."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from supply.allocation.asking.found import Finding, Row, Seen, finding, units_in_words
from supply.core.text import Text

LONG_ON_THE_WAY_DAYS = 7


def no_stock(seen: Seen) -> Finding | None:
    """Needed, and nowhere to be had."""
    have = {s.item for s in seen.instance.stock_rows}
    total: defaultdict[str, int] = defaultdict(int)
    for (_, item), units in seen.needed.items():
        total[item] += units
    rows = [
        Row("", item, Text(f"cần {units_in_words(units)}", f"{units_in_words(units)} needed"))
        for item, units in sorted(total.items())
        if item not in have
    ]
    return finding(
        "no_stock",
        "danger",
        Text(
            "{n} mặt hàng cần dùng mà cả địa bàn không còn, cũng không có hàng sắp về.",
            "Items that are needed, that nobody has, and of which none is coming: {n}.",
        ),
        rows,
    )


def expired(seen: Seen) -> Finding | None:
    """Past its day and still on the shelf."""
    rows = [
        Row(
            s.facility,
            s.item,
            Text(
                f"lô {s.lot}, {units_in_words(s.quantity)}, hết hạn {s.expiry:%d/%m/%Y}",
                f"lot {s.lot}, {units_in_words(s.quantity)}, expired {s.expiry:%d/%m/%Y}",
            ),
        )
        for s in seen.world.on_hand
        if s.expiry is not None and s.expiry < seen.question.start
    ]
    return finding(
        "expired",
        "warning",
        Text(
            "{n} lô đã hết hạn vẫn còn trong kho: không tính. Nên lập phiếu thanh lý.",
            "Lots on the shelves that have expired and do not count, better written off: {n}.",
        ),
        rows,
    )


def stays(seen: Seen) -> Finding | None:
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
                f"lô {s.lot}, {units_in_words(s.quantity)}, hạn {s.expiry:%d/%m/%Y}",
                f"lot {s.lot}, {units_in_words(s.quantity)}, expires {s.expiry:%d/%m/%Y}",
            ),
        )
        for s in seen.instance.lots
        if s.expiry is not None and s.expiry <= last
    ]
    return finding(
        "stays",
        "info",
        Text(
            "{n} lô quá cận hạn, chỉ dùng tại chỗ, không chuyển đi.",
            "Lots too near expiry to move, which serve where they are: {n}.",
        ),
        rows,
    )


def below_zero(seen: Seen) -> Finding | None:
    """Fewer than none: the ledger forbids it, another source might not."""
    rows = [
        Row(s.facility, s.item, Text(f"lô {s.lot}: {s.quantity}", f"lot {s.lot}: {s.quantity}"))
        for s in (*seen.world.on_hand, *seen.world.coming)
        if s.quantity < 0
    ]
    return finding(
        "below_zero",
        "danger",
        Text(
            "{n} lô có số tồn âm, không thể có thật: không tính. Hãy kiểm tra sổ kho.",
            "Lots below zero, which cannot be and are left out (check the ledger): {n}.",
        ),
        rows,
    )


def late(seen: Seen) -> Finding | None:
    """Orders past the day they were promised for."""
    rows = [
        Row(
            o.facility,
            o.item,
            Text(
                f"{o.label}: {units_in_words(o.quantity)}, trễ {-o.day} ngày",
                f"{o.label}: {units_in_words(o.quantity)}, {-o.day} days late",
            ),
        )
        for o in seen.world.orders
        if o.day < 0
    ]
    return finding(
        "late",
        "warning",
        Text(
            "{n} đơn hàng đã quá ngày hẹn, vẫn tính là sẽ về. Nếu không về, hãy hủy đơn.",
            "Orders past their day, still counted as coming (cancel what will not come): {n}.",
        ),
        rows,
    )


def came_already(seen: Seen) -> Finding | None:
    """Open orders whose goods were received since."""
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
    return finding(
        "came_already",
        "warning",
        Text(
            "{n} đơn hàng có thể đã về (đã có phiếu nhập cùng mặt hàng): nếu đúng, hãy khép đơn để "
            "không tính hai lần.",
            "Orders that may have come, by a receipt of the item (close them, or they count twice): {n}.",
        ),
        rows,
    )


def long_on_the_way(seen: Seen) -> Finding | None:
    """Sent long ago and not received."""
    rows = [
        Row(
            s.facility,
            s.item,
            Text(
                f"{units_in_words(s.quantity)}, gửi {s.days_out} ngày trước",
                f"{units_in_words(s.quantity)}, sent {s.days_out} days ago",
            ),
        )
        for s in seen.world.coming
        if s.days_out > LONG_ON_THE_WAY_DAYS
    ]
    return finding(
        "long_on_the_way",
        "warning",
        Text(
            "{n} dòng hàng gửi đã quá "
            + str(LONG_ON_THE_WAY_DAYS)
            + " ngày chưa ghi nhận: tính là về hôm nay.",
            "Lines sent more than "
            + str(LONG_ON_THE_WAY_DAYS)
            + " days ago and not received, counted as coming today: {n}.",
        ),
        rows,
    )


def requests(seen: Seen) -> Finding | None:
    """What open requisitions ask for, counted or not."""
    counted = seen.question.count_requests
    rows = [
        Row(
            w.facility,
            w.item,
            Text(
                f"{w.label}: còn {units_in_words(w.quantity)}",
                f"{w.label}: {units_in_words(w.quantity)} left",
            ),
        )
        for w in seen.world.wishes
    ]
    told = (
        Text(
            "{n} dòng phiếu yêu cầu chưa cấp đủ: tính là mức cần tối thiểu.",
            "Lines of open requests, counted as the least that is needed: {n}.",
        )
        if counted
        else Text(
            "{n} dòng phiếu yêu cầu chưa cấp đủ: chưa tính vào nhu cầu.",
            "Lines of open requests, not counted as need: {n}.",
        )
    )
    return finding("requests", "info", told, rows)


def requests_without_use(seen: Seen) -> Finding | None:
    """Asked for where nobody is seen to use it."""
    used = {(b.facility, b.item) for b in seen.world.burn}
    rows = [
        Row(w.facility, w.item, Text(f"{w.label}: {units_in_words(w.quantity)}", f"{w.label}: {units_in_words(w.quantity)}"))
        for w in seen.world.wishes
        if (w.facility, w.item) not in used
    ]  # fmt: skip
    return finding(
        "requests_without_use",
        "warning",
        Text(
            "{n} dòng yêu cầu mặt hàng mà dự báo không thấy nơi đó dùng: hỏi lại nơi yêu cầu.",
            "Request lines for items the forecast sees no use of there (ask the sender): {n}.",
        ),
        rows,
    )


def reserve_holds(seen: Seen) -> Finding | None:
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
                f"có {units_in_words(held[r.facility, r.item])}, giữ {units_in_words(kept)}",
                f"has {units_in_words(held[r.facility, r.item])}, keeps {units_in_words(kept)}",
            ),
        )
        for r in seen.world.listed
        if r.item in here and r.facility in seen.taking_part
        if 0 < held[r.facility, r.item] <= (kept := -(-r.quantity * share // 100))
    ]
    return finding(
        "reserve_holds",
        "warning",
        Text(
            "{n} chỗ có hàng nhưng không hơn mức danh mục dự trữ: không gửi đi. Nếu cần, giảm phần "
            "danh mục giữ lại.",
            "Holdings no larger than the reserve list asks for, which stay (keep less of the list if "
            "that is too much): {n}.",
        ),
        rows,
    )
