"""Infectious waste of a district: kilograms a day to come, what can be treated, who can help whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import Fault, InvalidInput
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.forecast import queries as forecast
from supply.forecast.cases import FloatArray
from supply.forecast.needs import burn_from
from supply.forecast.norms import load_norms
from supply.forecast.queries import RunRow
from supply.planning.runs import chosen_run
from supply.planning.tables import WasteRates, load_waste_rates
from supply.planning.waste import Coordination, Help, coordinate, waste

KG_MAX = 100_000
SHOWN_DAYS = 28
NAMES = {
    "patient_in_bed": Text("Người bệnh nằm viện", "Patients in beds"),
    "patient_at_home": Text("Người bệnh tại nhà", "Patients at home"),
    "test": Text("Xét nghiệm", "Tests"),
    "vaccination_session": Text("Buổi tiêm chủng", "Vaccination sessions"),
    "clothing": Text("Phương tiện phòng hộ", "Protective clothing"),
}


@dataclass(frozen=True)
class Capacity:
    """What a facility (None: the district's contractor) can treat from a day on, kg a day."""

    facility_id: int | None
    kg_per_day: float
    valid_from: dt.date
    source: str
    recorded_by: str
    recorded_at: dt.datetime


@dataclass(frozen=True)
class PlaceWaste:
    """A facility over the days shown: mean kg a day, the day of most with its interval, what it can
    treat (None: never entered), days above that at the mean and at the high end."""

    facility: catalog.FacilityRow
    mean_kg: float
    peak_kg: float
    peak_low_kg: float
    peak_high_kg: float
    peak_on: dt.date
    capacity_kg: float | None
    days_over: int
    days_over_high: int
    left_kg: float
    by_source: tuple[tuple[Text, float], ...]
    """kg over all days, the most first"""


@dataclass(frozen=True)
class WasteBoard:
    """A district's waste from `day` on; `daily` [d]: mean, low, high over facilities added up."""

    run: RunRow
    day: dt.date
    days: int
    places: tuple[PlaceWaste, ...]
    daily: tuple[FloatArray, FloatArray, FloatArray]
    contractor_kg: float | None
    coordination: Coordination
    facilities: tuple[catalog.FacilityRow, ...]
    rates: WasteRates

    @property
    def capacity_kg(self) -> float:
        """What facilities and contractor can treat in a day."""
        return sum(p.capacity_kg or 0 for p in self.places) + (self.contractor_kg or 0)

    @property
    def left_kg(self) -> float:
        """Kilograms that nobody can treat, over all days."""
        return float(self.coordination.left.sum())

    @property
    def days_left(self) -> int:
        """Days on which something stays untreated."""
        return int((self.coordination.left.sum(axis=0) > 0).sum())

    def name(self, place: int | None) -> Text:
        """A side of a `Help`."""
        if place is None:
            return Text("đơn vị xử lý thuê ngoài", "the contractor")
        return self.facilities[place].name

    @property
    def helps(self) -> tuple[Help, ...]:
        """Who takes whose excess, without those that have nothing of their own and use the contractor
        as ever."""
        own = {p.facility.id for p in self.places if p.capacity_kg is not None}
        return tuple(
            one
            for one in self.coordination.helps
            if one.receiver is not None or self.facilities[one.sender].id in own
        )

    @property
    def to_contractor(self) -> tuple[int, float]:
        """(facilities that treat nothing themselves, kg they send to the contractor)."""
        rest = set(self.coordination.helps) - set(self.helps)
        return len(rest), sum(one.kg for one in rest)


_CAPACITIES = """
SELECT DISTINCT ON (w.facility_id) w.facility_id, w.kg_per_day::float8 AS kg_per_day, w.valid_from,
       w.source, concat_ws(' ', u.first_name, u.last_name) AS recorded_by, w.recorded_at
FROM waste_capacity w JOIN ab_user u ON u.id = w.recorded_by
WHERE w.district_id = :district AND w.valid_from <= :on
ORDER BY w.facility_id, w.valid_from DESC, w.id DESC
"""


def capacities(district_id: int, on: dt.date | None = None) -> dict[int | None, Capacity]:
    """Facility id (None: the contractor) -> what holds on a day; places never entered are missing."""
    with reading() as session:
        found = session.execute(
            text(_CAPACITIES), {"district": district_id, "on": on or today()}
        ).mappings()
        return {row["facility_id"]: Capacity(**row) for row in found}


def waste_board(district_slug: str, run_id: int | None = None) -> WasteBoard:
    """The waste of a run from today on (from its own first day where that is over or not yet here).
    Raises NotFound, Conflict (there is no forecast)."""
    district = catalog.district(district_slug)
    with reading():
        run = chosen_run(district, run_id)
        facilities = tuple(catalog.facilities(district.id))
        burn = forecast.stored_burn(run.id)
        able = capacities(district.id)
    passed = (today() - run.day_0).days
    passed = passed if 0 <= passed < burn.days else 0
    burn = burn_from(burn, passed)
    rates = load_waste_rates(today())
    found = waste(burn, load_norms(run.origin, run.params.severity_set).in_bed, rates)
    own = np.array([able[f.id].kg_per_day if f.id in able else 0.0 for f in facilities])
    outside = able[None].kg_per_day if None in able else None
    shared = coordinate(found.mean, own, outside or 0.0)
    day = run.day_0 + dt.timedelta(days=passed)
    places = []
    for f, facility in enumerate(facilities):
        if not found.mean[f].any() and facility.id not in able:
            continue
        most = int(np.argmax(found.mean[f]))
        sources = {name: float(kg[f].sum()) for name, kg in found.by_source.items()}
        places.append(
            PlaceWaste(
                facility,
                float(found.mean[f].mean()),
                float(found.mean[f, most]),
                float(found.low[f, most]),
                float(found.high[f, most]),
                day + dt.timedelta(days=most),
                able[facility.id].kg_per_day if facility.id in able else None,
                int((found.mean[f] > own[f]).sum()),
                int((found.high[f] > own[f]).sum()),
                float(shared.left[f].sum()),
                _sources(sources),
            )
        )
    places.sort(key=lambda place: (-place.peak_kg, place.facility.code))
    daily = (found.mean.sum(axis=0), found.low.sum(axis=0), found.high.sum(axis=0))
    return WasteBoard(run, day, burn.days, tuple(places), daily, outside, shared, facilities, rates)


def _sources(kg: dict[str, float]) -> tuple[tuple[Text, float], ...]:
    """By what people call it, protective clothing together."""
    named: dict[str, float] = {}
    for name, value in kg.items():
        key = name if name in NAMES else "clothing"
        named[key] = named.get(key, 0.0) + value
    found = sorted(named.items(), key=lambda one: -one[1])
    return tuple((NAMES[name], value) for name, value in found if value > 0)


def set_capacity(
    district_slug: str,
    facility_id: int | None,
    kg_per_day: float,
    source: str,
    valid_from: dt.date | None = None,
) -> None:
    """Say what a facility, or the contractor (None), can treat from a day on. The latest row counts.
    Raises InvalidInput by field, NotFound, NotAllowed."""
    faults = []
    words = " ".join(source.split())[:300]
    if not words:
        faults.append(
            Fault(
                "source", Text("Hãy ghi căn cứ (hợp đồng, công suất).", "Please give the source.")
            )
        )
    if not 0 <= kg_per_day <= KG_MAX:
        faults.append(
            Fault(
                "kg_per_day",
                Text(
                    "Năng lực phải từ 0 đến 100.000 kg/ngày.", "It must be 0 to 100,000 kg a day."
                ),
            )
        )
    with transaction() as session:
        district = catalog.district(district_slug)
        if facility_id is not None and facility_id not in {
            f.id for f in catalog.facilities(district.id)
        }:
            faults.append(
                Fault("facility", Text("Không có cơ sở này.", "There is no such facility."))
            )
        if faults:
            raise InvalidInput(faults=faults)
        session.execute(
            text(
                "INSERT INTO waste_capacity (district_id, facility_id, kg_per_day, valid_from,"
                " source, recorded_by) VALUES (:district, :facility, :kg, :from, :source, :me)"
            ),
            {
                "district": district.id,
                "facility": facility_id,
                "kg": round(kg_per_day, 1),
                "from": valid_from or today(),
                "source": words,
                "me": acting_user_id(),
            },
        )
