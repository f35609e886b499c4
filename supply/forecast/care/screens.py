"""What the pages of care draw: patients against beds, oxygen against its sources. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from supply.catalog.queries import FacilityRow
from supply.core.text import Text
from supply.forecast.care.outcome import QUANTILES, CareOutcome
from supply.forecast.care.oxygen import Sources, binding, hours_left
from supply.forecast.care.rows import CapacityRow, CensusRow
from supply.forecast.cases import FloatArray

LOW, MIDDLE, HIGH = QUANTILES.index(0.05), QUANTILES.index(0.5), QUANTILES.index(0.95)
AHEAD_DAYS = (7, 14)
Interval = tuple[float, float, float]
BINDS: dict[str, Text] = {
    "flow": Text("Không đủ giờ cao điểm", "Peak hour too high"),
    "volume": Text("Nạp không kịp", "Filled too slowly"),
    "": Text("Đủ", "Enough"),
}
LEVELS: dict[str, Text] = {
    "danger": Text("Thiếu giường", "Short of beds"),
    "warning": Text("Có thể thiếu", "May be short"),
    "good": Text("Đủ giường", "Enough beds"),
    "": Text("Chưa rõ số giường", "Beds not known"),
}


@dataclass(frozen=True)
class BedRow:
    """Patients in hospital at a facility, low - middle - high: on the run's present day, in 7 and 14
    days, at the peak; `of`: 'hospital' or 'icu'. `over_on`: the first day the middle is above the beds;
    `no_bed`: on the fullest day without a bed of the kind anywhere in the district."""

    facility: FacilityRow
    of: str
    beds: float | None
    entered: CensusRow | None
    entered_patients: int | None
    now: Interval
    ahead: tuple[Interval, ...]
    peak: Interval
    over_on: dt.date | None
    no_bed: Interval

    @property
    def level(self) -> str:
        """'danger' where the middle exceeds the beds or leaves somebody without one, 'warning' where the
        high does, else 'good'."""
        if self.beds is None:
            return ""
        if self.peak[1] > self.beds or self.no_bed[1] >= 1:
            return "danger"
        return "warning" if self.peak[2] > self.beds or self.no_bed[2] >= 1 else "good"


@dataclass(frozen=True)
class OxygenRow:
    """Oxygen at a facility: L/min today and at the peak, what sources give, gas, hours, what binds.

    `hours`: with high, middle and low flow; None = beyond the run's days."""

    facility: FacilityRow
    now: Interval
    peak: Interval
    sources: Sources
    binds: str
    may_bind: str
    gas_litres: float
    hours: tuple[float | None, float | None, float | None]
    horizon_hours: float
    said_litres_per_minute: float | None


def interval(quantiles: FloatArray) -> Interval:
    """Low, middle and high of five quantiles."""
    return float(quantiles[LOW]), float(quantiles[MIDDLE]), float(quantiles[HIGH])


def passed_days(day_0: dt.date, days: int, on: dt.date) -> int:
    """The run's day that is today; its first or last where today is outside."""
    return min(max((on - day_0).days, 0), days - 1)


def bed_rows(
    care: CareOutcome,
    facilities: Sequence[FacilityRow],
    capacities: Sequence[CapacityRow],
    counted: Sequence[CensusRow],
    day_0: dt.date,
    on: dt.date,
) -> list[BedRow]:
    """Hospital and ICU rows of every facility that has patients or beds, the fullest first."""
    known = {(row.facility_id, row.what): row.value for row in capacities}
    entered = {(row.facility_id, row.tier): row for row in counted}
    passed = passed_days(day_0, care.days, on)
    rows = []
    for number, place in enumerate(facilities):
        icu_beds, beds = known.get((place.id, "icu_beds")), known.get((place.id, "beds"))
        all_beds = None if beds is None else beds + (icu_beds or 0.0)
        for of, limit, tiers, without in (
            ("hospital", all_beds, ("severe", "critical"), "no_bed"),
            ("icu", icu_beds, ("critical",), "no_icu_bed"),
        ):
            by_day = care.of(of).by_day[number]
            if not by_day.any():
                continue
            census = [entered[place.id, t] for t in tiers if (place.id, t) in entered]
            peak = care.of(of).peak[number] if not passed else by_day[passed:].max(axis=0)
            over = np.flatnonzero(by_day[passed:, MIDDLE] > (np.inf if limit is None else limit))
            rows.append(
                BedRow(
                    place,
                    of,
                    limit,
                    max(census, key=lambda row: row.on_day) if census else None,
                    sum(row.patients for row in census) if len(census) == len(tiers) else None,
                    interval(by_day[passed]),
                    tuple(interval(by_day[min(passed + n, care.days - 1)]) for n in AHEAD_DAYS),
                    interval(peak),
                    None if not len(over) else day_0 + dt.timedelta(days=passed + int(over[0])),
                    interval(care.of(without).by_day[number, passed:].max(axis=0)),
                )
            )
    order = {"danger": 0, "warning": 1, "good": 2, "": 3}
    rows.sort(key=lambda row: (order[row.level], -row.peak[1]))
    return rows


def beyond(
    care: CareOutcome, facilities: Sequence[FacilityRow]
) -> list[tuple[FacilityRow, Interval, Interval]]:
    """Facilities whose staff shifts or tests go beyond what there is, on their worst day."""
    shifts, tests = care.of("shifts_short").peak, care.of("tests_short").peak
    return [
        (place, interval(shifts[number]), interval(tests[number]))
        for number, place in enumerate(facilities)
        if shifts[number, HIGH] >= 1 or tests[number, HIGH] >= 1
    ]


def oxygen_rows(
    care: CareOutcome,
    facilities: Sequence[FacilityRow],
    sources: Mapping[int, Sources],
    gas: Mapping[int, float],
    said: Mapping[int, float],
    day_0: dt.date,
    on: dt.date,
) -> list[OxygenRow]:
    """A row of every facility that will need oxygen or has some, the shortest first.

    Gas lasts as long as the flow of the coming days allows, taken at its 0.95, 0.5 and 0.05 quantiles
    all the way: days move together, so this is a little wider than the truth."""
    passed = passed_days(day_0, care.days, on)
    measure = care.of("oxygen_flow")
    rows = []
    for number, place in enumerate(facilities):
        flow, litres = measure.by_day[number, passed:], gas.get(place.id, 0.0)
        from_what = sources.get(place.id, Sources())
        if not (flow.any() or litres or from_what.known):
            continue
        steady = from_what.steady_litres_per_minute
        peak, most = interval(measure.peak[number]), flow.max(axis=0)
        low, middle, high = (hours_left(litres, flow[:, q], steady) for q in (HIGH, MIDDLE, LOW))
        rows.append(
            OxygenRow(
                place,
                interval(flow[0]),
                peak,
                from_what,
                binding(from_what, peak[1], float(most[MIDDLE])),
                binding(from_what, peak[2], float(most[HIGH])),
                litres,
                (low, middle, high),
                24.0 * len(flow),
                said.get(place.id),
            )
        )
    rows.sort(key=lambda row: (row.hours[1] is None, row.hours[1] or 0.0, -row.peak[1]))
    return rows


def fan(
    by_day: FloatArray, limit: float | None, day_0: dt.date, on: dt.date, labels: dict[str, str]
) -> dict[str, Any]:
    """Chart of five quantiles a day `by_day[d, 5]`, with a level line at `limit`."""
    days = [str(day_0 + dt.timedelta(days=n)) for n in range(len(by_day))]

    def line(q: int) -> list[float]:
        return [round(float(value), 1) for value in by_day[:, q]]

    return {
        "days": days,
        "history": [limit] * len(days),
        "median": line(MIDDLE),
        "lo50": line(1),
        "hi50": line(3),
        "lo95": line(LOW),
        "hi95": line(HIGH),
        "today": str(on),
        "labels": labels,
    }
