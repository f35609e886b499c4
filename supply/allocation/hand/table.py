"""Plans side by side as one table, for the page and for the file; the Lorenz curves as paths. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from supply.allocation.hand.account import Account
from supply.allocation.instance import CLASSES
from supply.allocation.words import CLASS_NAMES
from supply.core.text import Text

Figure = int | float | None


@dataclass(frozen=True)
class Measure:
    """One figure of every plan: what it is, its unit, ``kind`` as in core.export (number, decimal,
    money); ``better`` "low" or "high", "" where neither is."""

    group: Text
    name: Text
    unit: Text
    kind: str
    better: str
    values: tuple[Figure, ...]

    @property
    def best(self) -> frozenset[int]:
        """Numbers of the plans that have the best figure, none where all are alike."""
        known = [value for value in self.values if value is not None]
        if not self.better or len(set(known)) < 2:
            return frozenset()
        top = min(known) if self.better == "low" else max(known)
        return frozenset(at for at, value in enumerate(self.values) if value == top)


_POINTS, _PERCENT, _NONE = Text("điểm", "points"), Text("%", "%"), Text("", "")
_SHORTAGE = Text("Thiếu", "Shortage")
_MOVING = Text("Chuyển hàng", "Moving")
_WASTE = Text("Hết hạn không dùng", "Expires unused")

_PLAIN: tuple[tuple[Text, Text, Text, str, str, Callable[[Account], Figure]], ...] = (
    (_SHORTAGE, Text("Điểm thiếu", "Shortage points"), _NONE, "number", "low",
     lambda a: a.points),
    (_SHORTAGE, Text("Không cách nào thấp hơn", "No plan goes below"), _POINTS, "number", "",
     lambda a: a.bound),
    (_SHORTAGE, Text("Cách mức đó nhiều nhất", "At most above that"), _PERCENT, "decimal", "low",
     lambda a: a.gap_percent),
    (_SHORTAGE, Text("Nếu không chuyển gì", "Without any transfer"), _POINTS, "number", "",
     lambda a: a.no_transfer),
    (_MOVING, Text("Dòng chuyển", "Lines"), _NONE, "number", "low", lambda a: a.moves),
    (_MOVING, Text("Chuyến (nơi gửi, nơi nhận, ngày)", "Trips (from, to, day)"), _NONE, "number",
     "low", lambda a: a.trips),
    (_MOVING, Text("Thể tích", "Volume"), Text("lít", "litres"), "number", "low",
     lambda a: round(a.litres)),
    (_MOVING, Text("Giá trị hàng chuyển", "Value moved"), Text("đồng", "VND"), "money", "",
     lambda a: a.moved_vnd),
    (_MOVING, Text("Dòng chưa biết giá", "Lines without a price"), _NONE, "number", "",
     lambda a: a.unpriced),
    (_WASTE, Text("Số lô", "Lots"), _NONE, "number", "low", lambda a: a.wasted.lots),
    (_WASTE, Text("Giá trị", "Value"), Text("đồng", "VND"), "money", "low",
     lambda a: a.wasted.value_vnd),
)  # fmt: skip
_BY_CLASS: tuple[tuple[Text, Text, str, str], ...] = (
    (Text("Đáp ứng chung", "Coverage"), _PERCENT, "mean", "high"),
    (Text("Nơi thấp nhất", "Lowest place"), _PERCENT, "worst", "high"),
    (Text("Hệ số Gini (0: đều nhau)", "Gini (0: all alike)"), _NONE, "gini", "low"),
)


def measures(accounts: Sequence[Account]) -> list[Measure]:
    """All figures of these plans: shortage, then each class that is needed, then moving and waste."""
    plain = [
        Measure(group, name, unit, kind, better, tuple(value(a) for a in accounts))
        for group, name, unit, kind, better, value in _PLAIN
    ]
    classes = [
        _of_class(demand_class, accounts, *row)
        for demand_class in classes_of(accounts)
        for row in _BY_CLASS
    ]
    first = [m for m in plain if m.group == _SHORTAGE]
    rest = [m for m in plain if m.group != _SHORTAGE]
    return [*first, *classes, *rest]


def _of_class(
    demand_class: str, accounts: Sequence[Account], name: Text, unit: Text, key: str, better: str
) -> Measure:
    def value(one: Account) -> Figure:
        found = one.classes.get(demand_class)
        if found is None:
            return None
        share = float(getattr(found, key))
        return round(share, 3) if key == "gini" else round(100 * share, 1)

    word = CLASS_NAMES[demand_class]
    group = Text(f"Nhóm {word.vi.lower()}", word.en)
    return Measure(group, name, unit, "share" if key == "gini" else "decimal", better,
                   tuple(value(a) for a in accounts))  # fmt: skip


def classes_of(accounts: Iterable[Account]) -> list[str]:
    """Classes that any of the plans serves, the most urgent first."""
    found = {name for one in accounts for name in one.classes}
    return [name for name in CLASSES if name in found]


LORENZ_SIDE = 200
"""Side of the square a Lorenz curve is drawn in, in picture units."""


def lorenz_path(points: Iterable[tuple[float, float]]) -> str:
    """The curve as an SVG path; (0, 0) is the lower left corner."""
    steps = (f"{LORENZ_SIDE * x:.1f} {LORENZ_SIDE * (1 - y):.1f}" for x, y in points)
    return "M" + "L".join(steps)
