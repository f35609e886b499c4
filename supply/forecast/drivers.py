"""What drives the use of supplies: patients by tier at home and in beds, shifts, tests, planned work.

    new_t(d)     ~ Poisson split of the day's cases, mean cases(d) · share_t
    came_t(d)    = Σ_j new_t(j) · P_t(d − j)        P_t: delay from report to care
    present_t(d) = Σ_j came_t(j) · S_t(d − j)       S_t: stay; from a census on, the census (`care.presence`)
    shifts(d)    = Σ_{t in bed} present_t(d) · staff hours_t / shift hours
                 + new cases seen at home · screening hours / shift hours
    tests(d)     = cases(d) · tests per new case + planned screening

Stays are fixed and delays 0 by default, as the WHO Essential Supplies Forecasting Tool has it. Worked
numbers: 100 cases split by ESFT are 40 mild, 40 moderate, 15 severe and 5 critical; 10 severe cases a
day for 7 days fill 70 beds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from supply.forecast.care import oxygen
from supply.forecast.care.beds import limited, place, place_in_order
from supply.forecast.care.inputs import CareInputs
from supply.forecast.care.outcome import CareOutcome, Measure, measured
from supply.forecast.care.presence import (
    Census,
    Inflow,
    leaving,
    present,
    reported_to_care,
)
from supply.forecast.care.stays import Spread, arriving, staying
from supply.forecast.cases import FloatArray
from supply.forecast.norms import (
    DRIVERS,
    PEAK_HOUR_FACTOR,
    SCREENING,
    TEST_KINDS,
    TESTS_PER_NEW_CASE,
    TIERS,
    Norms,
)

CRITICAL = TIERS.index("critical")
_TAIL = 0.01
_REACH_DAYS = 90


@dataclass(frozen=True)
class CaseShares:
    """How a place's cases are shared by facilities: [facility, place], columns sum to at most 1.

    `home` for patients cared for at home and for testing, `bed` for patients who lie in a bed. What
    is missing to 1 is cared for outside the facilities listed.
    """

    home: csr_array
    bed: csr_array

    def __post_init__(self) -> None:
        for name, share in (("home", self.home), ("bed", self.bed)):
            if share.nnz and share.data.min() < 0:
                raise ValueError(f"{name}: a share of cases cannot be negative")
            if (np.asarray(share.sum(axis=0)) > 1 + 1e-9).any():
                raise ValueError(f"{name}: the shares of one place sum to more than 1")


@dataclass(frozen=True)
class FacilityDrivers:
    """`values[driver, draw, facility, day]`, drivers in the order of `DRIVERS`."""

    facility_ids: tuple[str, ...]
    values: FloatArray

    @property
    def mean(self) -> FloatArray:
        """[driver, facility, day]: the mean over draws."""
        mean: FloatArray = self.values.mean(axis=1)
        return mean

    def of(self, driver: str) -> FloatArray:
        """[draw, facility, day]: one driver. Raises ValueError for an unknown one."""
        found: FloatArray = self.values[DRIVERS.index(driver)]
        return found

    def present(self) -> FloatArray:
        """[tier, draw, facility, day]: patients cared for that day."""
        first = DRIVERS.index(f"patient_day_{TIERS[0]}")
        here: FloatArray = self.values[first : first + len(TIERS)]
        return here


@dataclass(frozen=True)
class Patients:
    """`came` into care on a day, and `here` on it: [tier, draw, facility, day]."""

    came: FloatArray
    here: FloatArray


@dataclass(frozen=True)
class Driven:
    """A run's drivers, who found no bed `unmet[tier, draw, facility, day]` (None without caps), and what
    is kept of care."""

    drivers: FacilityDrivers
    unmet: FloatArray | None
    care: CareOutcome


def drive(
    daily: FloatArray,
    norms: Norms,
    rng: np.random.Generator,
    recent: FloatArray | None,
    shares: CaseShares,
    facility_codes: tuple[str, ...],
    care: CareInputs | None = None,
    capped: bool = False,
) -> Driven:
    """From daily cases `daily[draw, place, day]` to the drivers of each facility.

    `recent[place, past day]`: reported cases of the days before day 0, oldest first. `care`: what was
    entered; None = nothing. `capped`: the drivers hold only what beds, staff and laboratories allow;
    else the need. What goes beyond them is kept either way. One Poisson call, then the oxygen norms
    are drawn.
    """
    draws, _, days = daily.shape
    told = CareInputs.none(len(facility_codes), days) if care is None else care
    new = split_by_tier(daily, norms.severity_share, rng)
    each = oxygen.litres_per_minute_drawn(norms, draws, rng)
    need = patients(new, norms, recent, shares, told)
    lying, unmet = in_beds(need, norms, told)
    found = lying if capped else need
    tested = _shared(new.sum(axis=0), shares.home)
    drivers, short = facility_drivers(found, tested, norms, facility_codes, told, capped)
    beyond = short | {"no_bed": unmet.sum(axis=0), "no_icu_bed": unmet[CRITICAL]}
    kept = _outcome(found, beyond, norms, facility_codes, each)
    return Driven(drivers, unmet if capped else None, kept)


def split_by_tier(cases: FloatArray, share: FloatArray, rng: np.random.Generator) -> FloatArray:
    """[tier, draw, place, day]: independent Poisson counts with mean cases · share.

    A Poisson split keeps the mean and adds the chance that 20 cases a week hold no critical one.
    """
    mean = share[:, None, None, None] * cases
    return rng.poisson(mean).astype(np.float64)


def patients(
    new: FloatArray,
    norms: Norms,
    recent: FloatArray | None,
    shares: CaseShares,
    care: CareInputs,
) -> Patients:
    """Who comes into care and who is there, by facility, from new cases `new[tier, draw, place, day]`.

    Day 0 equals the census of a facility and tier, where one was entered for it, in every draw.
    """
    tiers, draws, places, days = new.shape
    past = np.zeros((places, 0)) if recent is None else np.nan_to_num(recent)
    facilities, began = shares.home.shape[0], past.shape[1]
    came = np.zeros((tiers, draws, facilities, days))
    here = np.zeros_like(came)
    from_above: Inflow | None = None
    for tier in reversed(range(tiers)):
        share = shares.bed if norms.in_bed[tier] else shares.home
        census = Census(care.census[:, tier], care.census_day[:, tier] + began)
        rows = np.flatnonzero((np.diff(share.indptr) > 0) | ~np.isnan(census.patients))
        # Of 40 facilities a few have beds: the others are not carried through the matrices.
        census = Census(census.patients[rows], census.at[rows])
        part = share[rows]
        arrivals = reported_to_care(
            _shared(new[tier], part), part @ (past * norms.severity_share[tier]), norms.delay[tier]
        )
        inflows = [Inflow(arrivals, norms.stay(tier))]
        if from_above is not None:
            inflows.append(Inflow(from_above.arrivals[:, rows], from_above.stay))
        found = present(inflows, census)
        came[tier][:, rows] = arrivals[..., began:]
        here[tier][:, rows] = found[..., began:]
        from_above = None
        steps_down = norms.step_down_days[tier] > 0 and tier > 0 and norms.in_bed[tier - 1]
        if steps_down:
            leavers = np.zeros((draws, facilities, began + days))
            leavers[:, rows] = leaving(arrivals, found, census)
            from_above = Inflow(leavers, Spread(norms.step_down_days[tier]))
    return Patients(came, here)


def days_in_care(norms: Norms) -> int:
    """How many past days matter on day 0: the longest a patient who was reported may still be in care,
    leaving out the last hundredth of long tails (14 with the default stays, 90 at most)."""

    def reach(kernel: FloatArray) -> int:
        return int(np.flatnonzero(kernel > _TAIL)[-1]) + 1 if (kernel > _TAIL).any() else 0

    longest = 0.0
    for tier in range(len(TIERS)):
        delay = reach(1.0 - np.minimum(arriving(norms.delay[tier], _REACH_DAYS).cumsum(), 1.0))
        stay = reach(staying(norms.stay(tier), _REACH_DAYS))
        longest = max(longest, delay + stay + norms.step_down_days[tier])
    return min(math.ceil(longest), _REACH_DAYS)


def in_beds(need: Patients, norms: Norms, care: CareInputs) -> tuple[Patients, FloatArray]:
    """Patients as beds allow, and who finds none [tier, draw, facility, day]. Critical patients go to
    ICU beds, other tiers in bed to the other beds, the sicker first; who is at home needs none."""
    came, here = need.came.copy(), need.here.copy()
    unmet = np.zeros_like(here)
    beds = np.fmax(care.beds, care.icu_beds)
    rows = np.flatnonzero((beds > 0) | need.here[np.array(norms.in_bed)].any(axis=(0, 1, 3)))
    ordinary = [t for t in reversed(range(CRITICAL)) if norms.in_bed[t]]
    placed = place_in_order([need.here[t][:, rows] for t in ordinary], care.beds[rows])
    todo = list(zip(ordinary, placed, strict=True))
    if norms.in_bed[CRITICAL]:
        todo.append((CRITICAL, place(need.here[CRITICAL][:, rows], care.icu_beds[rows])))
    for tier, put in todo:
        here[tier][:, rows] = put.route(need.here[tier][:, rows])
        came[tier][:, rows] = put.route(need.came[tier][:, rows])
        unmet[tier][:, rows] = put.unmet(need.here[tier][:, rows])
    return Patients(came, here), unmet


def facility_drivers(
    found: Patients,
    cases: FloatArray,
    norms: Norms,
    facility_codes: tuple[str, ...],
    care: CareInputs,
    capped: bool = False,
) -> tuple[FacilityDrivers, dict[str, FloatArray]]:
    """All drivers, and what of shifts and tests goes beyond staff and laboratories [draw, facility, day],
    left out of the drivers where `capped`. `cases[draw, facility, day]`: new cases each looks after
    and tests."""
    draws, facilities, days = cases.shape
    values = np.zeros((len(DRIVERS), draws, facilities, days))

    def put(driver: str, array: FloatArray) -> None:
        values[DRIVERS.index(driver)] += array

    put("new_case", cases)
    at_home = care.activity("home_patient")
    put("home_patient_day", at_home)
    put(f"patient_day_{TIERS[0]}", at_home)
    for tier, name in enumerate(TIERS):
        in_bed = norms.in_bed[tier]
        put(f"new_case_{name}", found.came[tier])
        put(f"patient_day_{name}", found.here[tier])
        staffing = norms.staffing[name if in_bed else SCREENING]
        seen = found.here[tier] if in_bed else found.came[tier]
        put("staff_shift", seen * (staffing.staff_hours_per_patient_day / staffing.shift_hours))
        cleaning = staffing.cleaner_hours_per_patient_day / staffing.shift_hours
        if in_bed:
            put("cleaner_shift", seen * cleaning)
        else:
            put("home_patient_day", found.here[tier])
    put("cleaner_shift", care.activity("cleaning"))
    put("community_team_day", care.activity("community_team"))
    put("vaccination_session", care.activity("vaccination_session"))
    put("vaccination_dose", care.activity("vaccination_dose"))
    short = _tests(put, cases, norms, care, capped)
    shifts = values[DRIVERS.index("staff_shift")]
    done = limited(shifts, care.staff_shifts_per_day)
    short["shifts_short"] = shifts - done
    if capped:
        shifts[...] = done
    return FacilityDrivers(facility_codes, values), short


def _tests(
    put: Callable[[str, FloatArray], None],
    cases: FloatArray,
    norms: Norms,
    care: CareInputs,
    capped: bool,
) -> dict[str, FloatArray]:
    """Put both kinds of test, around cases and planned; return those beyond the laboratory."""
    around = cases * norms.testing[TESTS_PER_NEW_CASE]
    beyond = np.zeros_like(cases)
    for number, kind in enumerate(TEST_KINDS):
        planned = care.activity(f"screening_{kind}")
        if not (norms.test_share[number] or planned.any()):
            continue
        need = around * norms.test_share[number] + planned
        possible = limited(need, care.lab_tests_per_day[number])
        done = possible if capped else need
        put("screening_test", planned)
        put(f"test_{kind}", done)
        put("test", done)
        beyond += need - possible
    return {"tests_short": beyond}


def hospital_census(here: FloatArray, norms: Norms) -> FloatArray:
    """[draw, facility, day]: patients in hospital from `here[tier, draw, facility, day]`: all tiers that
    lie in a bed, those in intensive care among them."""
    total: FloatArray = here[np.array(norms.in_bed)].sum(axis=0)
    return total


def _outcome(
    found: Patients,
    beyond: dict[str, FloatArray],
    norms: Norms,
    facility_codes: tuple[str, ...],
    each: FloatArray,
) -> CareOutcome:
    """What is kept of care, as quantiles; `beyond` by measure: what goes beyond what there is."""
    at_home = found.here[~np.array(norms.in_bed)].sum(axis=0)
    arrays = {
        "hospital": hospital_census(found.here, norms),
        "icu": found.here[CRITICAL],
        "home": at_home,
        **beyond,
    }
    measures: dict[str, Measure | None] = {name: measured(a) for name, a in arrays.items()}
    flow = oxygen.flow_litres_per_minute(found.here, each)
    measures["oxygen_flow"] = measured(flow, norms.oxygen_source.get(PEAK_HOUR_FACTOR, 1.0))
    kept = {name: one for name, one in measures.items() if one is not None}
    return CareOutcome(facility_codes, found.here.shape[-1], kept)


def _shared(values: FloatArray, share: csr_array) -> FloatArray:
    """[draw, facility, day] from [draw, place, day] by `share[facility, place]`."""
    draws, places, days = values.shape
    flat = np.moveaxis(values, 1, 0).reshape(places, draws * days)
    mapped = np.asarray(share @ flat).reshape(share.shape[0], draws, days)
    return np.moveaxis(mapped, 0, 1)


def oxygen_litres_per_day(here: FloatArray, norms: Norms) -> FloatArray:
    """Litres of oxygen a day: Σ_t present_t · L/min · 1,440 from `here[tier, ...]`.

    Worked number: one severe patient at 10 L/min uses 14,400 L a day, 2.4 cylinders of 6 m3.
    """
    flow = np.array([norms.oxygen[tier].litres_per_minute for tier in TIERS])
    litres: FloatArray = np.tensordot(flow * 1440.0, here, axes=1)
    return litres
