"""What should have been used by the norms on days that are over, from what is known to have happened.

Cases as reported (a week spread over its days), split and cared for by the norms' severity, delays and
stays, as the chain does it for the days to come, only that nothing is drawn; planned work as it was
planned; and patients as they were counted, on the days of a census and a week after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from supply.forecast.care.inputs import CareInputs
from supply.forecast.cases import FloatArray, IntArray, filled_history
from supply.forecast.drivers import CaseShares, Patients, facility_drivers, patients
from supply.forecast.history import DAYS_PER_WEEK, WeeklyHistory, recent_days
from supply.forecast.norms import DRIVERS, Norms

WEEKS_IN_CARE = 3
CENSUS_HOLDS_DAYS = 7


@dataclass(frozen=True)
class Counted:
    """Patients counted: `facility`, `tier`, `day` (of the past days, from 0) and `patients`, one entry
    each, the later of two for one day last."""

    facility: IntArray
    tier: IntArray
    day: IntArray
    patients: FloatArray

    @classmethod
    def none(cls) -> Counted:
        """Nobody counted."""
        whole = np.zeros(0, dtype=np.int64)
        return cls(whole, whole, whole, np.zeros(0))


def realised_drivers(
    history: WeeklyHistory,
    days: int,
    norms: Norms,
    shares: CaseShares,
    facility_codes: tuple[str, ...],
    care: CareInputs,
    counted: Counted,
) -> FloatArray:
    """[driver, facility, day] of the last `days` days of `history`, oldest first.

    `care.planned[activity, f, days]` is of these days. Weeks before the first report are 0.
    """
    weeks = -(-days // DAYS_PER_WEEK) + WEEKS_IN_CARE
    filled = WeeklyHistory(history.week_ends, filled_history(history.cases), history.anomaly)
    known = np.nan_to_num(recent_days(filled, weeks))
    daily = np.zeros((known.shape[0], weeks * DAYS_PER_WEEK))
    daily[:, daily.shape[1] - known.shape[1] :] = known
    past, recent = daily[:, -days:], daily[:, :-days]
    new = norms.severity_share[:, None, None, None] * past[None, None]
    found = patients(new, norms, recent, shares, care)
    here, came = _as_counted(found.here[:, 0], found.came[:, 0], counted)
    cases = np.asarray(shares.home @ past)[None]
    known_patients = Patients(came[:, None], here[:, None])
    drivers, _ = facility_drivers(known_patients, cases, norms, facility_codes, care)
    mean: FloatArray = drivers.values[:, 0]
    return mean


def _as_counted(
    here: FloatArray, came: FloatArray, counted: Counted
) -> tuple[FloatArray, FloatArray]:
    """Patients there and coming [tier, f, day] as counted on the days of a census and the week after it:
    what was expected is scaled to the count, or the count stands where nobody was expected."""
    where = counted.tier, counted.facility, counted.day
    count = np.full(here.shape, np.nan)
    count[where] = counted.patients
    days = np.arange(here.shape[-1])
    last = np.maximum.accumulate(np.where(np.isnan(count), -1, days), axis=-1)
    holds = (last >= 0) & (days - last < CENSUS_HOLDS_DAYS)
    at = np.maximum(last, 0)
    then = np.take_along_axis(here, at, axis=-1)
    held = np.take_along_axis(count, at, axis=-1)
    ratio = np.divide(held, then, out=np.ones_like(here), where=holds & (then > 0))
    now = np.where(holds & (then <= 0), held, here * ratio)
    return now, came * ratio


def expected_use(drivers: FloatArray, norms: Norms, item_codes: Sequence[str]) -> FloatArray:
    """[f, i, day] base units by the norms, from `drivers[driver, f, day]`."""
    rate = norms.rate_array(item_codes).sum(axis=1)
    if rate.shape[1] != len(DRIVERS):
        raise ValueError("rates and drivers differ in number")
    use: FloatArray = np.einsum("ik,kfd->fid", rate, drivers, optimize=True)
    return use
