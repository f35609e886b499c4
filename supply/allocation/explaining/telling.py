"""What stops a pack, said as people in a health office say it, in both languages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from supply.core.text import Text, group_digits


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
    """All that stops the nearest pack, in one clause each."""
    parts = [_ONE[kind](told) for kind in told.kinds]
    return Text("; ".join(part.vi for part in parts), "; ".join(part.en for part in parts))


def _vehicle(told: Told) -> Text:
    return Text(
        f"xe của {told.origin.vi} {told.day.vi} đã hết chỗ",
        f"the vehicles of {told.origin.en} are full on {told.day.en}",
    )


def _reserve(told: Told) -> Text:
    return Text(
        f"{told.origin.vi} còn {_n(told)} nhưng phải giữ lại làm dự trữ tại chỗ",
        f"{told.origin.en} has {_n(told)} left but must keep it as its on-site reserve",
    )


def _pack(told: Told) -> Text:
    return Text(
        f"{told.origin.vi} chỉ còn {_n(told)}, chưa đủ một hộp {group_digits(told.pack_size)}",
        f"{told.origin.en} has only {_n(told)} left, less than a pack of "
        f"{group_digits(told.pack_size)}",
    )


def _expiry(told: Told) -> Text:
    return Text(
        f"lô {told.lot} ở {told.origin.vi} khi đến nơi không còn đủ hạn dùng",
        f"lot {told.lot} at {told.origin.en} would arrive with too little shelf life",
    )


def _lead_time(told: Told) -> Text:
    return Text(
        f"hàng từ {told.origin.vi} đi mất {told.lead_days} ngày, đến nơi thì đã qua ngày cần",
        f"goods from {told.origin.en} take {told.lead_days} day(s) and would come too late",
    )


def _pin(told: Told) -> Text:
    return Text(
        f"người lập kế hoạch đã đặt mức chuyển nhiều nhất từ {told.origin.vi}",
        f"the planner has capped what may come from {told.origin.en}",
    )


def _own_need(told: Told) -> Text:
    return Text(
        f"{told.origin.vi} còn {_n(told)} nhưng chính nơi đó cũng cần",
        f"{told.origin.en} has {_n(told)} but needs it as much itself",
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
    "reserve": _reserve,
    "pack": _pack,
    "expiry": _expiry,
    "lead_time": _lead_time,
    "pin": _pin,
    "own_need": _own_need,
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
