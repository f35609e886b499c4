"""A district's or province's total, shared to wards by population: an assumption, said to be one. Pure.

As `forecast.wards` does, parts are whole and add up exactly. Here each day is shared by itself, so
that the same figures in one file or in several, in any order, give the same wards: the running
remainder that `wards.ward_cases` carries from day to day is replaced by a start that moves with the
calendar (systematic sampling with an even sequence of starts), which is fair over time all the same.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from supply.core.text import Text

ASSUMPTION = Text(
    "chia theo dân số (giả định, không phải số phường báo cáo)",
    "shared by population (an assumption, not what wards reported)",
)
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


def share(total: int, populations: Sequence[int], on: dt.date) -> list[int]:
    """Whole parts of `total`, in proportion to `populations`, with exact sum.

    Part i = floor(S_i + u) − floor(S_{i−1} + u), where S_i is the total times the running share of
    people and u the fractional part of (ordinal of the day × golden ratio); every part is its exact
    share rounded down or up. A negative total (a correction) is shared likewise. Example: 10 cases
    over 100, 100 and 200 people are 2 or 3, 2 or 3, and 5. Raises ValueError where nobody lives.
    """
    people = sum(populations)
    if people <= 0 or any(p < 0 for p in populations):
        raise ValueError("populations must not be negative, nor all 0")
    start = (on.toordinal() * _GOLDEN) % 1.0
    # In integers but for the start, so that sums are exact whatever the size.
    scale = 1 << 40
    offset = int(start * scale)
    size, sign = abs(total), -1 if total < 0 else 1
    parts, running, before = [], 0, 0
    for population in populations:
        running += population
        upto = (size * running * scale // people + offset) // scale
        parts.append(sign * (upto - before))
        before = upto
    return parts


def of_district(total: int, district_people: int, province_people: int, on: dt.date) -> int:
    """A district's part of its province's figure, by population, fair over time as `share`."""
    if not 0 < district_people <= province_people:
        raise ValueError("a district has some of its province's people")
    return share(total, (district_people, province_people - district_people), on)[0]
