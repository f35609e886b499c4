"""A district's share of its province's cases, split to wards by population.

No ward series is published, so this is an assumption and is said to be one wherever it shows: cases
are taken to fall on wards in proportion to their people. Sums are exact: every day the wards add up
to the district, by the method of largest remainders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.core.text import Text
from supply.forecast.cases import FloatArray, IntArray

ASSUMPTION = Text(
    "Giả định: ca mắc của tỉnh được chia về quận, phường theo tỷ lệ dân số; không phải số phường báo cáo.",
    "Assumption: the province's cases are shared by population; these are not figures wards reported.",
)


@dataclass(frozen=True)
class DistrictShare:
    """A district's people and its province's, with where each figure is from and how sure it is."""

    district: str
    province: str
    district_population: int
    province_population: int
    status: str

    @property
    def share(self) -> float:
        """The district's share of the province's people, 0-1."""
        return self.district_population / self.province_population


BA_DINH = DistrictShare(
    "Ba Đình", "Hà Nội", 259_900, 8_330_000, "2021; both about, from memory: to be confirmed"
)
RACH_GIA = DistrictShare(
    "Rạch Giá", "Kiên Giang", 228_416, 1_730_000, "2020; province from memory: to be confirmed"
)


def largest_remainder(total: IntArray, weight: FloatArray) -> IntArray:
    """Split whole totals [day] by `weight[place]` to whole parts [place, day] with exact sums.

    Each part is its exact share rounded down or up; the units left go to the largest remainders,
    ties to the earlier place. Negative totals (corrections) are split likewise. Raises ValueError on
    weights that are negative, not finite or sum to 0.
    """
    weight = np.asarray(weight, dtype=np.float64)
    if not np.isfinite(weight).all() or (weight < 0).any() or weight.sum() <= 0:
        raise ValueError("weights must be finite, not negative, and not all 0")
    size = np.abs(np.asarray(total, dtype=np.int64))
    exact = weight[:, None] / weight.sum() * size
    base = np.floor(exact).astype(np.int64)
    missing = size - base.sum(axis=0)
    rank = np.argsort(np.argsort(-(exact - base), axis=0, kind="stable"), axis=0, kind="stable")
    parts: IntArray = (base + (rank < missing)) * np.sign(total)
    return parts


def district_cases(province_cases: FloatArray, share: DistrictShare) -> FloatArray:
    """[day]: whole cases of the district; NaN stays NaN.

    The running total is rounded, not each day, so that many small days do not round to nothing.
    """
    known = ~np.isnan(province_cases)
    running = np.round(np.cumsum(np.where(known, province_cases, 0.0)) * share.share)
    daily = np.diff(running, prepend=0.0)
    return np.where(known, daily, np.nan)


def ward_cases(district: FloatArray, ward_population: FloatArray) -> FloatArray:
    """[ward, day]: the district's days split to wards with exact sums; NaN days stay NaN.

    The running total is split, so a ward's days add up to its share of people over time; a day on
    which a ward's running share would fall is left at 0 or below only when the district's is.
    """
    known = ~np.isnan(district)
    whole = np.where(known, district, 0.0).astype(np.int64)
    if not np.array_equal(whole, np.where(known, district, 0.0)):
        raise ValueError("the district's days must be whole numbers to be split exactly")
    parts = _split_evenly_over_time(whole, ward_population)
    return np.where(known, parts, np.nan)


def _split_evenly_over_time(total: IntArray, weight: FloatArray) -> IntArray:
    """Day by day, each ward gets whole cases so that its running sum stays nearest its share."""
    weight = np.asarray(weight, dtype=np.float64)
    if not np.isfinite(weight).all() or (weight < 0).any() or weight.sum() <= 0:
        raise ValueError("weights must be finite, not negative, and not all 0")
    share = weight / weight.sum()
    parts = np.zeros((len(weight), len(total)), dtype=np.int64)
    owed = np.zeros(len(weight))
    for day, count in enumerate(total):
        sign = -1 if count < 0 else 1
        owed = owed + share * count
        due = np.maximum(owed * sign, 0.0)
        if count == 0 or due.sum() <= 0:
            continue
        given = largest_remainder(np.array([abs(int(count))]), due)[:, 0]
        parts[:, day] = given * sign
        owed = owed - parts[:, day]
    return parts
