"""What drives the use of supplies: patients by tier at home and in beds, staff shifts, tests.

    new_t(d)     ~ Poisson split of the day's cases, mean cases(d) · share_t
    present_t(d) = Σ_j new_t(j) · S_t(d − j),  S_t(k) = clip(stay_t − k, 0, 1)
    shifts(d)    = Σ_{t in bed} present_t(d) · staff hours_t / shift hours
                 + new cases seen at home · screening hours / shift hours
    tests(d)     = cases(d) · tests per new case

S is a stay of fixed length, as the WHO Essential Supplies Forecasting Tool has it. A case enters care
on the day it is reported (no table of delays yet). Worked numbers: 100 cases split by ESFT are 40
mild, 40 moderate, 15 severe and 5 critical; 10 severe cases a day for 7 days fill 70 beds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from supply.forecast.cases import FloatArray
from supply.forecast.norms import DRIVERS, SCREENING, TESTS_PER_NEW_CASE, TIERS, Norms


@dataclass(frozen=True)
class Patients:
    """`new` and `present`: [tier, draw, place, day], tiers in the order of `TIERS`."""

    new: FloatArray
    present: FloatArray


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


def patients(
    cases: FloatArray,
    norms: Norms,
    rng: np.random.Generator,
    recent_cases: FloatArray | None = None,
    census: FloatArray | None = None,
) -> Patients:
    """Patients from daily case draws `cases[draw, place, day]`.

    `recent_cases[place, past_day]`: reported cases of the days before day 0, oldest first.
    `census[place, tier]`: patients present on day 0, NaN where not entered; day 0 then equals it in
    every draw, and those patients leave as `recent_cases` came (or evenly over their stay).
    """
    new = split_by_tier(cases, norms.severity_share, rng)
    places, days = cases.shape[1], cases.shape[2]
    past = np.zeros((places, 0)) if recent_cases is None else np.nan_to_num(recent_cases)
    present = np.empty_like(new)
    for tier, share in enumerate(norms.severity_share):
        stay = float(norms.stay_days[tier])
        arrivals = new[tier] @ _stay_matrix(stay, days)
        carried = (past * share) @ _carry_matrix(stay, past.shape[1], days)
        present[tier] = arrivals + carried
        if census is not None:
            entered = ~np.isnan(census[:, tier])
            staying = _still_here(carried, stay, days) * np.nan_to_num(census[:, tier])[:, None]
            later = new[tier].copy()
            later[..., 0] = 0.0  # whoever came on day 0 stands in the census already
            held = later @ _stay_matrix(stay, days) + staying
            present[tier][:, entered] = held[:, entered]
    return Patients(new, present)


def split_by_tier(cases: FloatArray, share: FloatArray, rng: np.random.Generator) -> FloatArray:
    """[tier, draw, place, day]: independent Poisson counts with mean cases · share.

    A Poisson split keeps the mean and adds the chance that 20 cases a week hold no critical one.
    """
    mean = share[:, None, None, None] * cases
    return rng.poisson(mean).astype(np.float64)


def _stay_matrix(stay_days: float, days: int) -> FloatArray:
    """[arrival day, day]: share of a day's arrivals still present, S(day − arrival)."""
    age = np.arange(days)[None, :] - np.arange(days)[:, None]
    return np.where(age >= 0, np.clip(stay_days - age, 0.0, 1.0), 0.0)


def _carry_matrix(stay_days: float, past_days: int, days: int) -> FloatArray:
    """[past day, day]: share of past arrivals (oldest first) still present on each day."""
    age = np.arange(days)[None, :] + np.arange(past_days, 0, -1)[:, None]
    return np.clip(stay_days - age, 0.0, 1.0)


def _still_here(carried: FloatArray, stay_days: float, days: int) -> FloatArray:
    """[place, day]: share of day 0's patients still here; from past cases, else even over the stay."""
    even = np.clip(1.0 - np.arange(days) / max(stay_days, 1.0), 0.0, 1.0)
    known = carried[:, :1] > 0
    ratio = np.where(known, carried / np.where(known, carried[:, :1], 1.0), even)
    return ratio


def facility_drivers(
    found: Patients,
    norms: Norms,
    facility_ids: tuple[str, ...],
    shares: CaseShares,
    vaccination_sessions: FloatArray | None = None,
) -> FacilityDrivers:
    """Share patients among facilities and add staff shifts and tests.

    `vaccination_sessions[facility, day]` is planned, not drawn; none by default.
    """
    draws, days = found.new.shape[1], found.new.shape[3]
    values = np.zeros((len(DRIVERS), draws, len(facility_ids), days))

    def put(driver: str, array: FloatArray) -> None:
        values[DRIVERS.index(driver)] += array

    all_new = _shared(found.new.sum(axis=0), shares.home)
    put("new_case", all_new)
    put("test", all_new * norms.testing[TESTS_PER_NEW_CASE])
    for tier, name in enumerate(TIERS):
        share = shares.bed if norms.in_bed[tier] else shares.home
        new, present = _shared(found.new[tier], share), _shared(found.present[tier], share)
        put(f"new_case_{name}", new)
        put(f"patient_day_{name}", present)
        staffing = norms.staffing[name if norms.in_bed[tier] else SCREENING]
        seen = present if norms.in_bed[tier] else new
        put("staff_shift", seen * (staffing.staff_hours_per_patient_day / staffing.shift_hours))
    if vaccination_sessions is not None:
        put("vaccination_session", vaccination_sessions[None])
    return FacilityDrivers(facility_ids, values)


def _shared(values: FloatArray, share: csr_array) -> FloatArray:
    """[draw, facility, day] from [draw, place, day] by `share[facility, place]`."""
    draws, places, days = values.shape
    flat = np.moveaxis(values, 1, 0).reshape(places, draws * days)
    mapped = np.asarray(share @ flat).reshape(share.shape[0], draws, days)
    return np.moveaxis(mapped, 0, 1)


def oxygen_litres_per_day(present: FloatArray, norms: Norms) -> FloatArray:
    """Litres of oxygen a day: Σ_t present_t · L/min · 1,440 from `present[tier, ...]`.

    Worked number: one severe patient at 10 L/min uses 14,400 L a day, 2.4 cylinders of 6 m3.
    """
    flow = np.array([norms.oxygen[tier].litres_per_minute for tier in TIERS])
    litres: FloatArray = np.tensordot(flow * 1440.0, present, axes=1)
    return litres
