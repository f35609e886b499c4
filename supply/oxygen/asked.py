"""What people ask of oxygen, and what is wrong with it by itself. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from supply.core.errors import Fault
from supply.core.text import Text, group_digits
from supply.oxygen.gas import exchange_differences
from supply.oxygen.rows import OpenCylinder, Size

CYLINDERS_MAX = 10_000


@dataclass(frozen=True, kw_only=True)
class FlowEntry:
    """What flows now: patients of each tier, or the total in litres per minute."""

    facility_id: int
    severe_patients: int = 0
    critical_patients: int = 0
    litres_per_minute: float | None = None
    open_cylinders: Sequence[OpenCylinder] = ()
    note: str = ""
    client_key: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, kw_only=True)
class CylinderOrder:
    """Cylinders by size (the full item's code) -> how many. The key makes a retry harmless."""

    facility_id: int
    cylinders: Mapping[str, int]
    happened_on: dt.date | None = None
    recipient: str = ""
    fund_code: str | None = None
    note: str = ""
    client_key: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, kw_only=True)
class ExchangeOrder:
    """Full cylinders in (`full`, paid from `fund_code`, size -> price each) for empties out
    (`empties`), from the store or, `from_supplier`, of those the supplier already has. Where they are
    not one for one, `difference_reason` says why."""

    facility_id: int
    full: Mapping[str, int]
    empties: Mapping[str, int]
    prices_vnd: Mapping[str, int]
    fund_code: str
    partner_code: str | None = None
    from_supplier: bool = False
    difference_reason: str = ""
    paper_reference: str = ""
    happened_on: dt.date | None = None
    client_key: UUID = field(default_factory=uuid4)


def flow_faults(entry: FlowEntry, sizes: Mapping[str, Size]) -> list[Fault]:
    """What is wrong with a flow."""
    faults = []
    for name, label in (
        ("severe_patients", Text("Số người bệnh nặng", "Severe patients")),
        ("critical_patients", Text("Số người bệnh nguy kịch", "Critical patients")),
    ):
        value = getattr(entry, name)
        if isinstance(value, bool) or not 0 <= value <= 10_000:
            faults.append(
                Fault(
                    name,
                    Text(f"{label.vi} phải từ 0 đến 10.000.", f"{label.en}: from 0 to 10,000."),
                )
            )
    total = entry.litres_per_minute
    if total is not None and not 0 <= total <= 1_000_000:
        faults.append(
            Fault(
                "litres_per_minute",
                Text(
                    "Lưu lượng phải từ 0 đến 1.000.000 lít/phút.",
                    "The flow is from 0 to 1,000,000.",
                ),
            )
        )
    if len(entry.note) > 200:
        faults.append(Fault("note", Text("Ghi chú tối đa 200 ký tự.", "At most 200 characters.")))
    for n, one in enumerate(entry.open_cylinders, 1):
        size = sizes.get(one.size_code)
        if size is None or not 0 <= one.bar <= 250:
            faults.append(
                Fault(
                    "open_cylinders",
                    Text(
                        "Áp suất bình đang dùng phải từ 0 đến 250 bar.",
                        "The gauge of a cylinder in use is from 0 to 250 bar.",
                    ),
                    n,
                )
            )
    return faults


def cylinder_faults(cylinders: Mapping[str, int], sizes: Mapping[str, Size]) -> list[Fault]:
    """What is wrong with numbers of cylinders by size."""
    if not any(cylinders.values()):
        return [
            Fault(
                "cylinders",
                Text("Hãy ghi số bình của ít nhất một loại.", "Say how many cylinders."),
            )
        ]
    return _bounds(cylinders, sizes)


def _bounds(cylinders: Mapping[str, int], sizes: Mapping[str, Size]) -> list[Fault]:
    return [
        Fault(
            f"cylinders-{code}",
            Text(
                f"{sizes[code].name.vi if code in sizes else code}: số bình từ 0 đến {CYLINDERS_MAX}.",
                f"{sizes[code].name.en if code in sizes else code}: from 0 to {group_digits(CYLINDERS_MAX)}.",
            ),
        )
        for code, n in cylinders.items()
        if code not in sizes or isinstance(n, bool) or not 0 <= n <= CYLINDERS_MAX
    ]


def shell_faults(cylinders: Mapping[str, int], sizes: Mapping[str, Size]) -> list[Fault]:
    """Sizes whose empty shells are not kept cannot be sent or come back."""
    return [
        Fault(
            f"cylinders-{code}",
            Text(
                f"{sizes[code].name.vi}: danh mục chưa có vỏ bình loại này.",
                f"{sizes[code].name.en}: the catalogue has no shell of this size.",
            ),
        )
        for code, n in cylinders.items()
        if n and code in sizes and sizes[code].empty_code is None
    ]


def exchange_faults(order: ExchangeOrder, sizes: Mapping[str, Size]) -> list[Fault]:
    """What is wrong with an exchange."""
    faults = _bounds(order.full, sizes) + _bounds(order.empties, sizes)
    if not any(order.full.values()):
        faults.append(
            Fault("full", Text("Hãy ghi số bình đầy nhận về.", "Say how many full ones came in."))
        )
    faults += shell_faults(order.empties, sizes)
    if not order.fund_code:
        faults.append(Fault("fund", Text("Hãy chọn nguồn quỹ.", "Choose the fund.")))
    for code, n in order.full.items():
        price = order.prices_vnd.get(code)
        if n and (price is None or price < 0):
            name = sizes[code].name if code in sizes else Text(code, code)
            faults.append(
                Fault(
                    f"price-{code}",
                    Text(f"{name.vi}: hãy ghi đơn giá nạp (0 nếu được cho).",
                         f"{name.en}: name the price of a filling (0 if given)."),
                )
            )  # fmt: skip
    kept = {code for code, size in sizes.items() if size.empty_code}
    differences = {
        code: n
        for code, n in exchange_differences(order.full, order.empties).items()
        if code in kept
    }
    if differences and not order.difference_reason.strip():
        said = ", ".join(
            f"{sizes[code].name.vi} {'+' if n > 0 else ''}{n}" for code, n in differences.items()
        )
        said_en = ", ".join(
            f"{sizes[code].name.en} {'+' if n > 0 else ''}{n}" for code, n in differences.items()
        )
        faults.append(
            Fault(
                "difference_reason",
                Text(
                    f"Không đổi một lấy một ({said}): hãy ghi lý do.",
                    f"Not one for one ({said_en}): say why.",
                ),
            )
        )
    return faults


@dataclass(frozen=True, kw_only=True)
class NewNorm:
    """A figure from a day on, with its source; `confirmed`: an officer stands for it."""

    name: str
    value: float
    valid_from: dt.date
    source: str
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class NewSize:
    """What a size of cylinder holds from a day on."""

    code: str
    water_litres: float
    pressure_bar: int
    gas_litres: int
    valid_from: dt.date
    source: str
    confirmed: bool


def figure_faults(new: NewNorm | NewSize) -> list[Fault]:
    """What is wrong with a new figure."""
    faults = []
    if not new.source.strip() or len(new.source) > 500:
        faults.append(
            Fault(
                "source",
                Text(
                    "Hãy ghi căn cứ (tối đa 500 ký tự).",
                    "Name the source (at most 500 characters).",
                ),
            )
        )
    values = (
        [new.value]
        if isinstance(new, NewNorm)
        else [new.water_litres, new.pressure_bar, new.gas_litres]
    )
    limits = (100_000,) if isinstance(new, NewNorm) else (10_000, 400, 10_000_000)
    if any(not 0 < value <= limit for value, limit in zip(values, limits, strict=True)):
        faults.append(
            Fault(
                "value",
                Text(
                    "Giá trị phải lớn hơn 0 và hợp lý.", "The value must be above 0 and plausible."
                ),
            )
        )
    return faults
