"""What people enter about care: patients lying today, beds, staff, laboratories, planned work. Pure.

All arrays stand in the order of a run's facilities. NaN says "not entered", which is never the same
as 0: without a census the patients come from the reported cases, without a cap there is no cap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supply.forecast.cases import FloatArray, IntArray
from supply.forecast.norms import TEST_KINDS, TIERS

ACTIVITIES: tuple[str, ...] = (
    "screening_antigen",
    "screening_pcr",
    "vaccination_session",
    "vaccination_dose",
    "community_team",
    "cleaning",
    "home_patient",
)
"""What can be planned, a number a day: tests, sessions, doses, team-days, shifts, patients."""


@dataclass(frozen=True)
class CareInputs:
    """What was entered, for f facilities and d days.

    `census[f, tier]` patients present at the end of day `census_day[f, tier]`, counted from day 0
    (below 0 = before it). `beds[f]` treatment beds without ICU, `icu_beds[f]`,
    `staff_shifts_per_day[f]`, `lab_tests_per_day[kind, f]` in the order of `TEST_KINDS`, and
    `planned[activity, f, d]` in the order of `ACTIVITIES`, in units of one a day.
    """

    census: FloatArray
    census_day: IntArray
    beds: FloatArray
    icu_beds: FloatArray
    staff_shifts_per_day: FloatArray
    lab_tests_per_day: FloatArray
    planned: FloatArray

    @classmethod
    def none(cls, facilities: int, days: int) -> CareInputs:
        """Nothing entered: no census, no caps, nothing planned."""
        unknown = np.full(facilities, np.nan)
        tiers = (facilities, len(TIERS))
        return cls(
            np.full(tiers, np.nan),
            np.zeros(tiers, dtype=np.int64),
            unknown,
            unknown.copy(),
            unknown.copy(),
            np.full((len(TEST_KINDS), facilities), np.nan),
            np.zeros((len(ACTIVITIES), facilities, days)),
        )

    @classmethod
    def from_told(cls, told: dict[str, Any]) -> CareInputs:
        """What `told` told: a stored run's own."""
        told = dict(told)
        days = np.array(told.pop("census_day"), dtype=np.int64)
        planned = np.zeros(told["planned"]["shape"])
        for activity, facility, per_day in told.pop("planned")["rows"]:
            planned[activity, facility] = per_day
        rest = {name: np.array(values, dtype=np.float64) for name, values in told.items()}
        return cls(census_day=days, planned=planned, **rest)

    def activity(self, name: str) -> FloatArray:
        """[f, d]: one planned activity. Raises ValueError for an unknown one."""
        planned: FloatArray = self.planned[ACTIVITIES.index(name)]
        return planned

    def told(self) -> dict[str, object]:
        """Everything as JSON, NaN as null: what a run keeps and its digest is taken over. Of planned work
        only what is above 0, as [activity, facility, per day]."""
        rows = np.argwhere(self.planned.any(axis=-1)).tolist()
        return {
            "census": _listed(self.census),
            "census_day": self.census_day.tolist(),
            "beds": _listed(self.beds),
            "icu_beds": _listed(self.icu_beds),
            "staff_shifts_per_day": _listed(self.staff_shifts_per_day),
            "lab_tests_per_day": _listed(self.lab_tests_per_day),
            "planned": {
                "shape": list(self.planned.shape),
                "rows": [[a, f, self.planned[a, f].tolist()] for a, f in rows],
            },
        }


def _listed(values: NDArray[np.float64]) -> list[object]:
    """Nested lists with None for NaN."""
    plain = values.astype(object)
    plain[np.isnan(values)] = None
    listed: list[object] = plain.tolist()
    return listed
