"""The shapes of what is entered and answered about care, and their names."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from supply.core.text import Text
from supply.forecast.care.inputs import ACTIVITIES

TIER_NAMES: dict[str, Text] = {
    "mild": Text("Nhẹ", "Mild"),
    "moderate": Text("Vừa", "Moderate"),
    "severe": Text("Nặng", "Severe"),
    "critical": Text("Nguy kịch", "Critical"),
}
CAPACITIES: dict[str, Text] = {
    "beds": Text("Giường điều trị (không kể hồi sức)", "Treatment beds (without ICU)"),
    "icu_beds": Text("Giường hồi sức", "ICU beds"),
    "staff_shifts_per_day": Text("Ca trực nhân viên mỗi ngày", "Staff shifts a day"),
    "antigen_tests_per_day": Text("Xét nghiệm nhanh mỗi ngày", "Rapid antigen tests a day"),
    "pcr_tests_per_day": Text("Xét nghiệm RT-PCR mỗi ngày", "RT-PCR tests a day"),
    "oxygen_cylinders": Text("Bình oxy 40 lít khi đầy", "40 L oxygen cylinders when full"),
    "cylinder_exchanges_per_day": Text("Số lần đổi bình mỗi ngày", "Cylinder exchanges a day"),
    "liquid_tank_litres": Text("Bồn oxy lỏng (lít)", "Liquid oxygen tank (litres)"),
    "vaporiser_litres_per_minute": Text("Giàn hóa hơi (lít/phút)", "Vaporiser (L/min)"),
    "tank_fillings_per_day": Text("Số lần nạp bồn mỗi ngày", "Tank fillings a day"),
    "concentrators": Text("Máy tạo oxy (chiếc)", "Oxygen concentrators"),
    "plant_litres_per_minute": Text("Trạm tạo oxy PSA (lít/phút)", "PSA oxygen plant (L/min)"),
}
OXYGEN_CAPACITIES = tuple(CAPACITIES)[5:]
ACTIVITY_NAMES: dict[str, Text] = {
    "screening_antigen": Text("Xét nghiệm sàng lọc bằng test nhanh", "Screening, rapid antigen"),
    "screening_pcr": Text("Xét nghiệm sàng lọc RT-PCR", "Screening, RT-PCR"),
    "vaccination_session": Text("Buổi tiêm chủng", "Vaccination sessions"),
    "vaccination_dose": Text("Liều vắc-xin tiêm", "Vaccine doses given"),
    "community_team": Text("Tổ phòng, chống dịch cộng đồng", "Community teams"),
    "cleaning": Text("Ca vệ sinh, khử khuẩn", "Cleaning shifts"),
    "home_patient": Text("Người bệnh điều trị tại nhà thêm", "More patients treated at home"),
}
if tuple(ACTIVITY_NAMES) != ACTIVITIES:
    raise RuntimeError("every planned activity needs its name, in order")


@dataclass(frozen=True)
class CensusRow:
    """Patients of a tier at a facility at the end of a day, as they were entered last."""

    facility_id: int
    tier: str
    on_day: dt.date
    patients: int
    recorded_at: dt.datetime
    by: str


@dataclass(frozen=True)
class CapacityRow:
    """A figure in force; `value` None = not known. `entered` False: taken from the facility itself."""

    facility_id: int
    what: str
    value: float | None
    valid_from: dt.date | None
    source: str
    entered: bool = True


@dataclass(frozen=True)
class ActivityRow:
    """Planned work that stands."""

    id: int
    facility_id: int
    activity: str
    programme: str
    first_day: dt.date
    last_day: dt.date
    per_day: float
    by: str
