"""Which assumptions are taken: every fault with its field and its mend. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from supply.core.errors import Fault
from supply.core.text import Text
from supply.forecast.scenarios.spec import (
    CHANGES_MAX,
    FACTOR_MAX,
    HORIZON_DAYS_MAX,
    ScenarioSpec,
    Variant,
)

_DAYS_AWAY_MAX = 3 * 365
_NAMES = {
    "rt_from": Text("Phần phân bố Rt được dùng", "Part of Rt's distribution"),
    "rt_least": Text("Rt thấp nhất", "Least Rt"),
    "reporting_share": Text("Tỷ lệ ca được báo cáo", "Share of infections reported"),
    "susceptible_share": Text("Tỷ lệ người còn có thể mắc", "Share of people susceptible"),
    "horizon_days": Text("Số ngày", "Days"),
    "imports_per_100k_day": Text("Ca xâm nhập mỗi ngày/100.000 dân", "Imports a day per 100,000"),
    "drift_sd_per_week": Text("Độ dao động của Rt mỗi tuần", "Drift of Rt a week"),
    "dispersion": Text("Độ phân tán của số ca", "Dispersion of cases"),
    "delay_days": Text("Số ngày trễ", "Days of delay"),
    "immunity_days": Text("Số ngày còn miễn dịch", "Days of immunity"),
    "rt_window_days": Text("Số ngày ước tính Rt", "Days Rt is estimated from"),
    "ward_prior_cases": Text(
        "Trọng số của quận, huyện trong Rt phường, xã", "The district's weight"
    ),
    "rt_dispersion": Text("Độ phân tán khi ước tính Rt", "Dispersion in Rt's estimate"),
}
_LIMITS: dict[str, tuple[float, float]] = {
    "rt_from": (0.0, 0.95),
    "rt_least": (0.0, 5.0),
    "reporting_share": (0.01, 1.0),
    "susceptible_share": (0.02, 1.0),
    "horizon_days": (7, HORIZON_DAYS_MAX),
    "imports_per_100k_day": (0.0, 1000.0),
    "drift_sd_per_week": (0.0, 0.5),
    "dispersion": (1.0, 50.0),
    "delay_days": (0, 21),
    "immunity_days": (7, 3650),
    "rt_window_days": (7, 56),
    "ward_prior_cases": (0.0, 100_000.0),
    "rt_dispersion": (0.1, 100.0),
}
_VARIANT_LIMITS: dict[str, tuple[float, float, Text]] = {
    "transmissibility": (0.1, 5.0, Text("Mức lây so với hiện nay", "Contagiousness against now")),
    "immune_escape": (0.0, 1.0, Text("Mức né miễn dịch", "Immune escape")),
    "takeover_days": (1, HORIZON_DAYS_MAX, Text("Số ngày thay thế", "Days to take over")),
}


def faults_of(spec: ScenarioSpec, ward_codes: Sequence[str], day_0: date) -> list[Fault]:
    """All that is wrong with a scenario for a district with these wards."""
    rules: tuple[Callable[[], Iterator[Fault]], ...] = (
        lambda: _limits(spec),
        lambda: _changes(spec, day_0),
        lambda: _wards(spec, ward_codes),
        lambda: _variant(spec.variant, day_0) if spec.variant else iter(()),
    )
    return [fault for rule in rules for fault in rule()]


def _plain(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def _outside(field: str, name: Text, low: float, high: float) -> Fault:
    return Fault(
        field,
        Text(
            f"{name.vi} phải từ {_plain(low)} đến {_plain(high)}.",
            f"{name.en} must be from {low:g} to {high:g}.",
        ),
    )


def _limits(spec: ScenarioSpec) -> Iterator[Fault]:
    for field, (low, high) in _LIMITS.items():
        if not low <= getattr(spec, field) <= high:
            yield _outside(field, _NAMES[field], low, high)
    for of in (spec.generation, *([spec.variant.generation] if spec.variant else [])):
        if not (0.5 <= of.mean_days <= 20 and 0.2 <= of.sd_days <= 20):
            yield _outside(
                "generation", Text("Khoảng thế hệ (ngày)", "Generation interval (days)"), 0.5, 20
            )


def _changes(spec: ScenarioSpec, day_0: date) -> Iterator[Fault]:
    if len(spec.changes) > CHANGES_MAX:
        yield Fault(
            "changes",
            Text(f"Tối đa {CHANGES_MAX} mốc thay đổi.", f"At most {CHANGES_MAX} changes."),
        )
    days = [change.day for change in spec.changes]
    if days != sorted(set(days)):
        yield Fault(
            "changes",
            Text(
                "Mỗi ngày chỉ một mốc thay đổi, ghi theo thứ tự ngày.",
                "One change a day, in the order of days.",
            ),
        )
    for number, change in enumerate(spec.changes):
        if abs((change.day - day_0).days) > _DAYS_AWAY_MAX:
            yield Fault(
                f"change-{number}-day",
                Text(
                    f"Ngày {change.day:%d/%m/%Y} quá xa hôm nay (tối đa ba năm).",
                    f"{change.day:%d/%m/%Y} is too far from today (at most three years).",
                ),
            )
        if not 0.05 <= change.factor <= FACTOR_MAX:
            yield _outside(
                f"change-{number}-factor", Text("Hệ số lây lan", "The factor"), 0.05, FACTOR_MAX
            )


def _wards(spec: ScenarioSpec, ward_codes: Sequence[str]) -> Iterator[Fault]:
    for own in spec.overrides:
        field = f"ward-{own.ward_code}"
        if own.ward_code not in ward_codes:
            yield Fault(
                field,
                Text(
                    f"Phường, xã mã {own.ward_code} không có số ca trong quận, huyện này.",
                    f"Ward {own.ward_code} reports no cases in this district.",
                ),
            )
        if not 0.1 <= own.factor <= 5.0:
            yield _outside(f"{field}-factor", Text("Hệ số riêng", "A ward's factor"), 0.1, 5.0)
        if not 0.0 <= own.imports_per_day <= 1000.0:
            yield _outside(
                f"{field}-imports", Text("Ca xâm nhập mỗi ngày", "Imports a day"), 0.0, 1000.0
            )


def _variant(variant: Variant, day_0: date) -> Iterator[Fault]:
    for field, (low, high, name) in _VARIANT_LIMITS.items():
        if not low <= getattr(variant, field) <= high:
            yield _outside(field, name, low, high)
    if abs((variant.day - day_0).days) > 2 * HORIZON_DAYS_MAX:
        yield Fault(
            "variant_day",
            Text(
                "Ngày biến chủng xuất hiện quá xa hôm nay.",
                "The variant's day is too far from today.",
            ),
        )
    share = variant.severity_share
    if share is not None and (len(share) != 4 or min(share) < 0 or abs(sum(share) - 1.0) > 1e-4):
        yield Fault(
            "severity",
            Text(
                "Tỷ lệ nặng và nguy kịch cộng lại không được quá 100 %.",
                "The severe and critical shares together cannot be above 100 %.",
            ),
        )
    stays = variant.stay_days
    if stays is not None and not (len(stays) == 4 and all(0.5 <= d <= 60 for d in stays)):
        yield _outside("stays", Text("Số ngày nằm viện", "Days of stay"), 0.5, 60)
