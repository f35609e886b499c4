"""The verbs of care: who lies where today, what a facility can do, what is planned. Rows are added."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import Fault, InvalidInput, NotFound
from supply.core.text import Text
from supply.core.transaction import transaction
from supply.forecast.care.outcome import CareOutcome
from supply.forecast.care.rows import ACTIVITY_NAMES, CAPACITIES, TIER_NAMES
from supply.forecast.norms import TIERS

PATIENTS_MAX = 100_000
VALUE_MAX = 10_000_000
CENSUS_DAYS_BACK = 14
PLAN_DAYS_MAX = 400


def record_census(facility_id: int, on: dt.date, patients: Mapping[str, int]) -> int:
    """Keep how many patients of each tier a facility has at the end of a day; returns how many tiers.
    A correction is entered again, the latest counts. Raises InvalidInput, NotAllowed, NotFound."""
    place = _facility(facility_id)
    faults = _day_faults(on)
    for tier, count in patients.items():
        if tier not in TIERS:
            faults.append(Fault(tier, Text("Không có mức bệnh này.", "There is no such tier.")))
        elif not 0 <= count <= PATIENTS_MAX:
            name = TIER_NAMES[tier]
            faults.append(
                Fault(
                    tier,
                    Text(
                        f"{name.vi}: số người bệnh phải từ 0 đến 100.000.",
                        f"{name.en}: patients must be from 0 to 100,000.",
                    ),
                )
            )
    if not patients:
        faults.append(
            Fault(
                TIERS[-1],
                Text(
                    "Xin ghi số người bệnh của ít nhất một mức.",
                    "Enter the patients of at least one tier.",
                ),
            )
        )
    if faults:
        raise InvalidInput(faults=faults)
    with transaction() as session:
        session.execute(
            text(
                "INSERT INTO facility_census (facility_id, tier, on_day, patients, recorded_by)"
                " VALUES (:facility, :tier, :day, :patients, supply_user_id())"
            ),
            [
                {"facility": place.id, "tier": tier, "day": on, "patients": count}
                for tier, count in patients.items()
            ],
        )
    return len(patients)


def _day_faults(on: dt.date) -> list[Fault]:
    first = today() - dt.timedelta(days=CENSUS_DAYS_BACK)
    if first <= on <= today():
        return []
    return [
        Fault(
            "on",
            Text(
                f"Ngày phải từ {first:%d/%m/%Y} đến hôm nay.",
                f"The day must be from {first:%d/%m/%Y} to today.",
            ),
        )
    ]


def set_capacity(
    facility_id: int, figures: Mapping[str, float | None], valid_from: dt.date, source: str
) -> int:
    """Keep what a facility can do from a day on; None = not known any more. Returns how many figures.
    Raises InvalidInput, NotAllowed, NotFound."""
    place = _facility(facility_id)
    faults = []
    for what, value in figures.items():
        if what not in CAPACITIES:
            faults.append(Fault(what, Text("Không có mục này.", "There is no such figure.")))
        elif value is not None and not 0 <= value <= VALUE_MAX:
            name = CAPACITIES[what]
            faults.append(
                Fault(
                    what,
                    Text(
                        f"{name.vi}: phải từ 0 đến 10.000.000.",
                        f"{name.en}: must be from 0 to 10,000,000.",
                    ),
                )
            )
    if not 1 <= len(source.strip()) <= 300:
        faults.append(
            Fault(
                "source",
                Text(
                    "Xin ghi nguồn số liệu, tối đa 300 ký tự.",
                    "Give the source, 300 characters at most.",
                ),
            )
        )
    if faults:
        raise InvalidInput(faults=faults)
    if not figures:
        return 0
    with transaction() as session:
        session.execute(
            text(
                "INSERT INTO facility_capacity (facility_id, what, value, valid_from, source,"
                " recorded_by) VALUES (:facility, :what, :value, :day, :source, supply_user_id())"
            ),
            [
                {
                    "facility": place.id,
                    "what": what,
                    "value": value,
                    "day": valid_from,
                    "source": source.strip(),
                }
                for what, value in figures.items()
            ],
        )
    return len(figures)


@dataclass(frozen=True)
class Plan:
    """Work to be planned: so many a day of an activity, both days included."""

    facility_id: int
    activity: str
    programme: str
    first_day: dt.date
    last_day: dt.date
    per_day: float


def plan_activity(plan: Plan) -> int:
    """Keep planned work; returns its id. Raises InvalidInput, NotAllowed, NotFound."""
    place = _facility(plan.facility_id)
    faults = _plan_faults(plan)
    if faults:
        raise InvalidInput(faults=faults)
    with transaction() as session:
        return int(
            session.execute(
                text(
                    "INSERT INTO facility_activity (facility_id, activity, programme, first_day,"
                    " last_day, per_day, recorded_by) VALUES (:facility, :activity, :programme,"
                    " :first, :last, :per_day, supply_user_id()) RETURNING id"
                ),
                {
                    "facility": place.id,
                    "activity": plan.activity,
                    "programme": plan.programme.strip(),
                    "first": plan.first_day,
                    "last": plan.last_day,
                    "per_day": plan.per_day,
                },
            ).scalar_one()
        )


def _plan_faults(plan: Plan) -> list[Fault]:
    faults = []
    if plan.activity not in ACTIVITY_NAMES:
        faults.append(Fault("activity", Text("Xin chọn một hoạt động.", "Choose an activity.")))
    if not 1 <= len(plan.programme.strip()) <= 200:
        faults.append(
            Fault(
                "programme",
                Text(
                    "Xin ghi tên chương trình, tối đa 200 ký tự.",
                    "Give the programme's name, 200 characters at most.",
                ),
            )
        )
    if not 0 < plan.per_day <= 1_000_000:
        faults.append(
            Fault(
                "per_day",
                Text(
                    "Số mỗi ngày phải lớn hơn 0 và không quá 1.000.000.",
                    "The number a day must be above 0 and at most 1,000,000.",
                ),
            )
        )
    if plan.last_day < plan.first_day:
        faults.append(
            Fault(
                "last_day",
                Text(
                    "Ngày kết thúc phải từ ngày bắt đầu trở đi.",
                    "The last day must not be before the first.",
                ),
            )
        )
    elif (plan.last_day - plan.first_day).days >= PLAN_DAYS_MAX:
        faults.append(
            Fault(
                "last_day",
                Text(
                    f"Một kế hoạch dài nhất {PLAN_DAYS_MAX} ngày.",
                    f"A plan lasts {PLAN_DAYS_MAX} days at most.",
                ),
            )
        )
    return faults


def cancel_activity(activity_id: int) -> None:
    """Take planned work back: a row of 0 a day replaces it. A second time changes nothing. Raises
    NotFound, NotAllowed."""
    with transaction() as session:
        known = session.execute(
            text("SELECT 1 FROM facility_activity WHERE id = :id"), {"id": activity_id}
        ).scalar_one_or_none()
        if known is None:
            raise NotFound(
                Text(
                    "Không tìm thấy kế hoạch này trong phạm vi của bạn.",
                    "There is no such plan in your scope.",
                )
            )
        session.execute(
            text(
                "INSERT INTO facility_activity (facility_id, activity, programme, first_day,"
                " last_day, per_day, replaces_id, recorded_by) SELECT facility_id, activity,"
                " programme, first_day, last_day, 0, id, supply_user_id() FROM facility_activity"
                " WHERE id = :id ON CONFLICT (replaces_id) DO NOTHING"
            ),
            {"id": activity_id},
        )


def store(
    session: Session, run_id: int, facility_ids: Mapping[str, int], care: CareOutcome
) -> None:
    """Keep what a run says of care, in the run's own transaction; measures of 0 are left out."""
    rows = [
        {
            "run": run_id,
            "facility": facility_ids[code],
            "measure": name,
            "by_day": one.by_day[number].ravel().tolist(),
            "peak": one.peak[number].tolist(),
        }
        for name, one in care.measures.items()
        for number, code in enumerate(care.facility_codes)
        if one.peak[number].any() or one.by_day[number].any()
    ]
    if rows:
        session.execute(
            text(
                "INSERT INTO forecast_care (run_id, facility_id, measure, by_day, peak) VALUES"
                " (:run, :facility, :measure, CAST(:by_day AS float8[]), CAST(:peak AS float8[]))"
            ),
            rows,
        )


def _facility(facility_id: int) -> catalog.FacilityRow:
    found = next((f for f in catalog.facilities() if f.id == facility_id), None)
    if found is None:
        raise NotFound(
            Text(
                "Không tìm thấy cơ sở này trong phạm vi của bạn.",
                "There is no such facility in your scope.",
            )
        )
    return found
