"""“Why 1,240 gowns?”: one figure of the burn taken apart into driver × norm, with its sources."""

from __future__ import annotations

from dataclasses import dataclass

from supply.core.text import Text
from supply.forecast.burn import BurnTable
from supply.forecast.norms import CLASSES, DRIVERS, Norms

DRIVER_WORDS: dict[str, Text] = {
    "new_case": Text("ca mắc mới", "new cases"),
    "new_case_mild": Text("ca mới mức nhẹ", "new mild cases"),
    "new_case_moderate": Text("ca mới mức vừa", "new moderate cases"),
    "new_case_severe": Text("ca mới mức nặng", "new severe cases"),
    "new_case_critical": Text("ca mới mức nguy kịch", "new critical cases"),
    "patient_day_mild": Text("ngày chăm sóc ca nhẹ", "patient-days, mild"),
    "patient_day_moderate": Text("ngày chăm sóc ca vừa", "patient-days, moderate"),
    "patient_day_severe": Text("ngày điều trị ca nặng", "patient-days, severe"),
    "patient_day_critical": Text("ngày điều trị ca nguy kịch", "patient-days, critical"),
    "staff_shift": Text("ca trực của nhân viên", "staff shifts"),
    "test": Text("lượt xét nghiệm", "tests"),
    "vaccination_session": Text("buổi tiêm chủng", "vaccination sessions"),
    "test_antigen": Text("lượt xét nghiệm kháng nguyên nhanh", "rapid antigen tests"),
    "test_pcr": Text("lượt xét nghiệm RT-PCR", "RT-PCR tests"),
    "screening_test": Text("lượt xét nghiệm sàng lọc", "screening tests"),
    "vaccination_dose": Text("liều vắc-xin tiêm", "vaccine doses given"),
    "community_team_day": Text("ngày công tổ cộng đồng", "community team-days"),
    "cleaner_shift": Text("ca làm của người vệ sinh", "cleaners' shifts"),
    "home_patient_day": Text("ngày điều trị tại nhà", "patient-days at home"),
}


@dataclass(frozen=True)
class Part:
    """One term: `driver_total` over the days × `rate` base units = `units`."""

    driver: str
    of_class: str
    driver_total: float
    rate: float
    units: float
    source: str
    status: str

    def sentence(self) -> Text:
        """The term in words, numbers written as each language writes them."""
        words = DRIVER_WORDS[self.driver]
        return Text(
            f"{_number(self.driver_total, 'vi')} {words.vi} × {_number(self.rate, 'vi')} đơn vị"
            f" = {_number(self.units, 'vi')} (nguồn: {self.source})",
            f"{_number(self.driver_total, 'en')} {words.en} × {_number(self.rate, 'en')} units"
            f" = {_number(self.units, 'en')} (source: {self.source})",
        )


@dataclass(frozen=True)
class Explanation:
    """The mean burn of one item at one facility over days `first_day`..`last_day`, term by term."""

    facility_id: str
    item_code: str
    first_day: int
    last_day: int
    units: float
    parts: tuple[Part, ...]

    def text(self) -> Text:
        """Heading and terms, one line each; terms of 0 units are left out of the words."""
        days = self.last_day - self.first_day + 1
        heading = Text(
            f"Dự kiến dùng {_number(self.units, 'vi')} đơn vị trong {days} ngày, gồm:",
            f"Expected use of {_number(self.units, 'en')} units in {days} days, made of:",
        )
        if not self.parts:
            heading = Text(
                "Mặt hàng này chưa có định mức nào, nên nhu cầu dự kiến là 0.",
                "This item has no norm yet, so its expected use is 0.",
            )
        lines = [part.sentence() for part in self.parts if part.units]
        return Text(
            "\n".join([heading.vi, *(f"• {line.vi}" for line in lines)]),
            "\n".join([heading.en, *(f"• {line.en}" for line in lines)]),
        )


def explain(
    burn: BurnTable, norms: Norms, facility_id: str, item_code: str, first_day: int, last_day: int
) -> Explanation:
    """Take apart the mean burn of days `first_day`..`last_day` (both included), largest term first.

    The parts sum to `units`. Raises KeyError on an unknown facility or item, ValueError on days
    outside the table.
    """
    if facility_id not in burn.facility_ids or item_code not in burn.item_codes:
        raise KeyError(f"no burn for item {item_code} at facility {facility_id}")
    if not 0 <= first_day <= last_day < burn.days:
        raise ValueError(f"days {first_day}..{last_day} outside 0..{burn.days - 1}")
    f = burn.facility_ids.index(facility_id)
    window = slice(first_day, last_day + 1)
    parts = []
    for rate in norms.rates:
        if rate.item_code != item_code:
            continue
        total = float(burn.driver_mean[DRIVERS.index(rate.driver), f, window].sum())
        quantity = rate.quantity_per_driver_day
        parts.append(
            Part(
                rate.driver,
                rate.of_class,
                total,
                quantity,
                total * quantity,
                rate.source,
                rate.status,
            )
        )
    parts.sort(key=lambda part: (-part.units, CLASSES.index(part.of_class), part.driver))
    return Explanation(
        facility_id,
        item_code,
        first_day,
        last_day,
        sum(part.units for part in parts),
        tuple(parts),
    )


def _number(value: float, language: str) -> str:
    """1240.0 → "1.240" (vi) or "1,240" (en); small or broken numbers keep two decimals."""
    whole = abs(value) >= 100 or float(value).is_integer()
    text = f"{value:,.0f}" if whole else f"{value:,.3g}"
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text
