"""What stops a pack, said as people in a health office say it, in both languages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from supply.core.text import Text, counted, group_digits


@dataclass(frozen=True)
class Told:
    """The figures of a cause with names in place of numbers; ``day`` as it is to be read."""

    kinds: Sequence[str]
    origin: Text
    day: Text
    lot: str = ""
    stock: int = 0
    pack_size: int = 1
    lead_days: int = 0


def day_number(day: int) -> Text:
    """Day 0 -> "ngày thứ 1", for whoever has no calendar."""
    return Text(f"ngày thứ {day + 1}", f"day {day + 1}")


def tell_cause(told: Told) -> Text:
    """All that stops the nearest pack; what the sender has left is said once."""
    about_stock = [kind for kind in told.kinds if kind in _OF_STOCK]
    parts = [_ONE[kind](told) for kind in told.kinds if kind not in _OF_STOCK]
    if about_stock:
        clauses = [_OF_STOCK[kind] for kind in about_stock]
        pack = group_digits(told.pack_size)
        said = Text(", ".join(c.vi for c in clauses), " and ".join(c.en for c in clauses)).fill(
            pack=pack
        )
        parts.append(
            Text(
                f"{told.origin.vi} còn {_n(told)} nhưng {said.vi}",
                f"{told.origin.en} has {_n(told)} left but {said.en}",
            )
        )
    return Text("; ".join(part.vi for part in parts), "; ".join(part.en for part in parts))


_OF_STOCK = {
    "reserve": Text("phải giữ lại làm dự trữ tại chỗ", "must keep it as its on-site reserve"),
    "pack": Text("chưa đủ một hộp {pack}", "that is less than a pack of {pack}"),
    "own_need": Text("chính nơi đó cũng cần", "needs it as much itself"),
}


def _vehicle(told: Told) -> Text:
    return Text(
        f"xe của {told.origin.vi} {told.day.vi} đã hết chỗ",
        f"the vehicles of {told.origin.en} are full on {told.day.en}",
    )


def _expiry(told: Told) -> Text:
    return Text(
        f"lô {told.lot} ở {told.origin.vi} khi đến nơi không còn đủ hạn dùng",
        f"lot {told.lot} at {told.origin.en} would arrive with too little shelf life",
    )


def _lead_time(told: Told) -> Text:
    days = counted(told.lead_days, Text("ngày", "days"))
    return Text(
        f"hàng từ {told.origin.vi} đi mất {told.lead_days} ngày, đến nơi thì đã qua ngày cần",
        f"goods from {told.origin.en} take {told.lead_days} {days.en} and would come too late",
    )


def _pin(told: Told) -> Text:
    return Text(
        f"người lập kế hoạch đã đặt mức chuyển nhiều nhất từ {told.origin.vi}",
        f"the planner has capped what may come from {told.origin.en}",
    )


def _late_stock(told: Told) -> Text:
    return Text(
        f"{told.origin.vi} đến {told.day.vi} mới có hàng, quá ngày cần",
        f"{told.origin.en} gets the goods only on {told.day.en}, too late",
    )


def _no_arc(told: Told) -> Text:
    if not told.origin.vi:
        return Text("không có tuyến chuyển đến đây", "no way leads here")
    return Text(
        f"{told.origin.vi} còn {_n(told)} chưa dùng đến nhưng không có tuyến chuyển đến đây",
        f"{told.origin.en} has {_n(told)} to spare but no way leads from there",
    )


def _nothing_left(told: Told) -> Text:
    return Text(
        "các nơi chuyển đến được đều không còn hàng", "nobody who can send has anything left"
    )


def _open(told: Told) -> Text:
    return Text(
        f"vẫn chuyển thêm được một hộp từ {told.origin.vi} {told.day.vi}, kế hoạch chưa làm",
        f"one more pack could still come from {told.origin.en} on {told.day.en}; the plan leaves it",
    )


def _n(told: Told) -> str:
    return group_digits(told.stock)


_ONE = {
    "vehicle": _vehicle,
    "expiry": _expiry,
    "lead_time": _lead_time,
    "pin": _pin,
    "late_stock": _late_stock,
    "no_arc": _no_arc,
    "nothing_left": _nothing_left,
    "open": _open,
}

KIND_NAMES: dict[str, Text] = {
    "nothing_left": Text("Hết hàng", "Nothing left"),
    "own_need": Text("Nơi gửi cũng cần", "The sender needs it"),
    "vehicle": Text("Xe hết chỗ", "Vehicles full"),
    "reserve": Text("Dự trữ tại chỗ", "On-site reserve"),
    "pack": Text("Chưa đủ một hộp", "Less than a pack"),
    "expiry": Text("Hạn dùng", "Shelf life"),
    "lead_time": Text("Đường đi quá lâu", "Too long on the road"),
    "late_stock": Text("Hàng về muộn", "Stock comes late"),
    "no_arc": Text("Không có tuyến", "No way"),
    "pin": Text("Mức do người lập đặt", "The planner's cap"),
    "open": Text("Còn làm được", "Could still be done"),
}
