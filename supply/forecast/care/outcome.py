"""What a run says of care, ready to be kept: five quantiles a day of each measure at each facility."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import FloatArray

QUANTILES: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)
MEASURES: tuple[str, ...] = (
    "hospital",
    "icu",
    "home",
    "no_bed",
    "no_icu_bed",
    "shifts_short",
    "tests_short",
    "oxygen_flow",
)
"""Patients in hospital (ICU among them), in ICU, at home; those who find no bed, and no ICU bed among
them; staff shifts and tests beyond what there is; litres of oxygen a minute (mean of a day; its peak with the peak hour)."""
_DECIMALS = 4


@dataclass(frozen=True)
class Measure:
    """`by_day[f, d, 5]` and `peak[f, 5]`, the greatest of the days, at the quantiles `QUANTILES`."""

    by_day: FloatArray
    peak: FloatArray


@dataclass(frozen=True)
class CareOutcome:
    """Measures by name, in the order of `facility_codes`; a measure that is 0 throughout is left out."""

    facility_codes: tuple[str, ...]
    days: int
    measures: Mapping[str, Measure]

    def of(self, name: str) -> Measure:
        """One measure; zeros where it was left out. Raises KeyError for an unknown one."""
        if name not in MEASURES:
            raise KeyError(name)
        found = self.measures.get(name)
        if found is not None:
            return found
        size = len(self.facility_codes)
        return Measure(
            np.zeros((size, self.days, len(QUANTILES))), np.zeros((size, len(QUANTILES)))
        )


def measured(draws: FloatArray, peak_factor: float = 1.0) -> Measure | None:
    """Quantiles over the draws of `draws[draw, f, d]`; None where all is 0."""
    _, facilities, days = draws.shape
    rows = np.flatnonzero(draws.any(axis=(0, 2)))
    if not len(rows):
        return None
    by_day = np.zeros((facilities, days, len(QUANTILES)))
    peak = np.zeros((facilities, len(QUANTILES)))
    some = draws[:, rows]
    by_day[rows] = np.moveaxis(np.quantile(some, QUANTILES, axis=0), 0, -1)
    peak[rows] = np.quantile(some.max(axis=-1) * peak_factor, QUANTILES, axis=0).T
    return Measure(np.round(by_day, _DECIMALS), np.round(peak, _DECIMALS))
