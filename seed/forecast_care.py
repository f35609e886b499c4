"""Care in the demo: who lies where today, oxygen sources, staff, laboratories, planned work.

All figures are examples, marked so in their source. The census is set a little beside what the first
forecast says, as a count on the ward would be, so that one sees the next forecast start from it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.forecast import queries as forecast
from supply.forecast.care import queries, services
from supply.forecast.care.services import Plan

SOURCE = "Số ví dụ, cần xác nhận"
CENSUS_SHARE = 0.94  # of what the cases say
PLAN_DAYS = 28


@dataclass(frozen=True)
class Example:
    """What the facilities of a kind have: `capacities` by name."""

    kind: str
    capacities: dict[str, float]


EXAMPLES = (
    Example(
        "treatment_facility",
        {
            "icu_beds": 50,
            "staff_shifts_per_day": 300,
            "oxygen_cylinders": 160,
            "cylinder_exchanges_per_day": 1,
            "liquid_tank_litres": 3000,
            "vaporiser_litres_per_minute": 800,
            "tank_fillings_per_day": 0.5,
            "concentrators": 20,
        },
    ),
    Example(
        "medical_centre",
        {
            "staff_shifts_per_day": 120,
            "antigen_tests_per_day": 3000,
            "pcr_tests_per_day": 200,
            "oxygen_cylinders": 60,
            "cylinder_exchanges_per_day": 1,
            "concentrators": 8,
        },
    ),
)
PLANS: tuple[tuple[str, str, str, float], ...] = (
    ("medical_centre", "screening_antigen", "Sàng lọc người có nguy cơ", 150),
    ("medical_centre", "vaccination_session", "Tiêm mũi nhắc lại", 3),
    ("medical_centre", "vaccination_dose", "Tiêm mũi nhắc lại", 450),
    ("mobile_station", "community_team", "Tổ chăm sóc người bệnh tại nhà", 4),
    ("treatment_facility", "cleaning", "Khử khuẩn khu điều trị", 6),
)


def load(district_slug: str) -> None:
    """Enter the examples for a district, as its planner who acts; a second call changes nothing.

    Comes after the district's first forecast, of which it takes the census.
    """
    where = catalog.district(district_slug)
    places = catalog.facilities(where.id)
    ids = [place.id for place in places]
    if any(row.entered for row in queries.capacities(ids)):
        return
    for example in EXAMPLES:
        for place in [place for place in places if place.kind == example.kind]:
            services.set_capacity(place.id, example.capacities, today(), SOURCE)
    last = today() + dt.timedelta(days=PLAN_DAYS - 1)
    for kind, activity, programme, each in PLANS:
        for place in [place for place in places if place.kind == kind]:
            services.plan_activity(Plan(place.id, activity, programme, today(), last, each))
    _census(where.id, places)


def _census(district_id: int, places: list[catalog.FacilityRow]) -> None:
    """A count of today for every facility that has patients in hospital by the newest run."""
    run = forecast.latest_run(district_id)
    if run is None:
        return
    days = run.params.horizon_days
    care = queries.stored_care(run.id, {f.id: f.code for f in places}, days)
    day = min(max((today() - run.day_0).days, 0), days - 1)
    hospital, icu = care.of("hospital").by_day[:, day, 2], care.of("icu").by_day[:, day, 2]
    for number, place in enumerate(places):
        if hospital[number] >= 1:
            critical = round(icu[number] * CENSUS_SHARE)
            severe = round((hospital[number] - icu[number]) * CENSUS_SHARE)
            services.record_census(place.id, today(), {"severe": severe, "critical": critical})
