"""What a planner asks for, and what is wrong with it by itself. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from supply.allocation.asking.world import RESERVES
from supply.allocation.instance import CLASSES
from supply.allocation.words import POLICIES, QUANTILES, RESERVE_DAYS_MAX
from supply.core.errors import Fault
from supply.core.text import Text

HORIZON_DAYS_MAX = 28
WEIGHT_MAX = 1_000_000
OWN_WEIGHTS = "own-weights"


@dataclass(frozen=True)
class PlanRequest:
    """A plan's question in plain values, as the plan's row keeps it.

    `quantile`: how cautiously the projected use is read. `run_id`: a forecast's or a scenario's run,
    None for the newest forecast. `reserve`: "days" of use, the "approved" reserve list
    (`reserve_percent` of it), or "both". `count_requests`: open requisitions are the least that is
    needed. `vulnerability`: need is weighed by ward. `weights`: own points per unmet unit, classes in
    order of priority. `partners`: ids of the private facilities that take part by agreement.
    `based_on`: the plan this one follows. `pins`, `changes`: the planner's hand, rows of plain values
    (`allocation.hand`).
    """

    district_slug: str
    policy: str = "lexicographic"
    horizon_days: int = 14
    quantile: float = 0.5
    reserve_days: int = 3
    run_id: int | None = None
    reserve: str = "days"
    reserve_percent: int = 100
    count_requests: bool = False
    vulnerability: bool = False
    weights: tuple[int, ...] | None = None
    partners: tuple[int, ...] = ()
    based_on: int | None = None
    pins: tuple[dict[str, Any], ...] = ()
    changes: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> PlanRequest:
        """From plain values, such as a plan's stored `params`; names it does not know, such as those
        of plans made by an earlier version, are passed over."""
        known = {f.name for f in fields(cls)}
        told = {name: value for name, value in params.items() if name in known}
        for name in ("partners", "pins", "changes"):
            told[name] = tuple(told.get(name) or ())
        if told.get("weights") is not None:
            told["weights"] = tuple(told["weights"])
        return cls(**told)

    def params(self) -> dict[str, Any]:
        """Plain values that `of` reads back."""
        return asdict(self)


def faults_of(request: PlanRequest) -> list[Fault]:
    """Everything that is wrong with the request by itself."""
    wrong: list[tuple[str, Text]] = []
    if request.policy not in POLICIES:
        wrong.append(("policy", Text("Hãy chọn một cách phân bổ.", "Choose a way to allocate.")))
    if not 1 <= request.horizon_days <= HORIZON_DAYS_MAX:
        words = Text(
            f"Số ngày của kế hoạch phải từ 1 đến {HORIZON_DAYS_MAX}.",
            f"The plan covers between 1 and {HORIZON_DAYS_MAX} days.",
        )
        wrong.append(("horizon_days", words))
    if request.quantile not in QUANTILES:
        words = Text("Hãy chọn một mức thận trọng trong danh sách.", "Choose a listed caution.")
        wrong.append(("quantile", words))
    wrong += _reserve_faults(request)
    wrong += _weight_faults(request)
    return [Fault(field, words) for field, words in wrong]


def _reserve_faults(request: PlanRequest) -> list[tuple[str, Text]]:
    wrong = []
    if request.reserve not in RESERVES:
        words = Text("Hãy chọn mức giữ lại tại chỗ.", "Choose what is kept on site.")
        wrong.append(("reserve", words))
    if not 0 <= request.reserve_days <= RESERVE_DAYS_MAX:
        words = Text(
            f"Dự trữ tại chỗ phải từ 0 đến {RESERVE_DAYS_MAX} ngày.",
            f"The on-site reserve is between 0 and {RESERVE_DAYS_MAX} days.",
        )
        wrong.append(("reserve_days", words))
    if not 0 <= request.reserve_percent <= 100:
        words = Text(
            "Phần danh mục dự trữ giữ lại phải từ 0 đến 100 %.",
            "The share of the reserve list that is kept is between 0 and 100%.",
        )
        wrong.append(("reserve_percent", words))
    return wrong


def _weight_faults(request: PlanRequest) -> list[tuple[str, Text]]:
    weights = request.weights
    if weights is None:
        if request.policy != OWN_WEIGHTS:
            return []
        return [("weights", Text("Hãy ghi điểm của từng nhóm.", "Give the points of each class."))]
    whole = all(type(points) is int and 0 <= points <= WEIGHT_MAX for points in weights)
    if len(weights) == len(CLASSES) and whole and math.fsum(weights) > 0:
        return []
    words = Text(
        "Điểm của bốn nhóm phải là số nguyên từ 0 đến 1.000.000, ít nhất một nhóm trên 0.",
        "The points of the four classes are whole numbers from 0 to 1,000,000, one above 0.",
    )
    return [("weights", words)]
