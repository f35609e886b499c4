"""What a run knows of each facility's own use: the rates that go into its burn.

The use of an item at a facility on a day has the mean

    norm use × multiplier + base

where the norm use is Σ_k rate_k · driver_k. The multiplier corrects the norm by what was used; the base
is use that follows no driver. Both are uncertain (`*_sd`), and days differ beyond that: given its
mean, a day's use has the variance `dispersion` · mean + `lump_days` · mean².
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from supply.forecast.cases import FloatArray

TextArray = NDArray[np.str_]

METHODS: tuple[str, ...] = ("none", "norm", "blend", "fixed", "sba", "tsb", "pinned")
"""none: no norm and no use; norm: nothing to learn from; blend: gamma-Poisson on the norm; fixed: the
fixed term, corrected by use; sba, tsb: intermittent use without a driver; pinned: an officer holds to
the norm."""
FIGURES: tuple[str, ...] = (
    "multiplier",
    "multiplier_sd",
    "base_per_day",
    "base_sd",
    "dispersion",
    "lump_days",
    "weight",
    "own_weight",
    "district_multiplier",
    "norm_per_day",
    "observed_per_day",
    "days_seen",
    "days_stocked_out",
)
"""The names of the arrays of numbers."""
_DECIMALS = 6  # what is stored is what is computed


@dataclass(frozen=True)
class Learned:
    """Rates of facilities × items, every array [f, i], in the order the run's inputs give them.

    `multiplier` on the norm use (1 = the norm stands) with `multiplier_sd`; `base_per_day` base units a
    day beside the drivers, with `base_sd`; `dispersion` (base units) and `lump_days` (days) of a day's
    use about its mean, 0 = none, 1 and 0 = Poisson. `weight` of what was observed in the blended rate
    (0 = all norm, 1 = all observed), of which `own_weight` is the facility's own use; the rest of it
    stands in `district_multiplier`: multiplier = own_weight · own ratio + (1 − own_weight) · district.
    `norm_per_day` and `observed_per_day`: base units a day over the days that count (NaN = no such
    days); `days_seen`, `days_stocked_out`: days of the window. `method`: one of `METHODS`.
    """

    multiplier: FloatArray
    multiplier_sd: FloatArray
    base_per_day: FloatArray
    base_sd: FloatArray
    dispersion: FloatArray
    lump_days: FloatArray
    weight: FloatArray
    own_weight: FloatArray
    district_multiplier: FloatArray
    norm_per_day: FloatArray
    observed_per_day: FloatArray
    days_seen: FloatArray
    days_stocked_out: FloatArray
    method: TextArray

    def __post_init__(self) -> None:
        """Raises ValueError where the arrays differ in shape."""
        shapes = {getattr(self, field.name).shape for field in fields(self)}
        if len(shapes) != 1 or len(next(iter(shapes))) != 2:
            raise ValueError(
                f"learned rates must be [facility, item] arrays of one shape: {shapes}"
            )

    @classmethod
    def neutral(cls, facilities: int, items: int) -> Learned:
        """Nothing learned: the norms as they stand, with no variance added beyond the drivers'."""
        size = (facilities, items)
        zero, unknown = np.zeros(size), np.full(size, np.nan)
        return cls(
            multiplier=np.ones(size),
            multiplier_sd=zero,
            base_per_day=zero,
            base_sd=zero,
            dispersion=zero,
            lump_days=zero,
            weight=zero,
            own_weight=zero,
            district_multiplier=np.ones(size),
            norm_per_day=unknown,
            observed_per_day=unknown,
            days_seen=zero,
            days_stocked_out=zero,
            method=np.full(size, "norm", dtype="<U8"),
        )

    def rounded(self) -> Learned:
        """To a millionth, so that what is stored, replayed and digested is one and the same."""
        figures = {name: np.round(getattr(self, name), _DECIMALS) for name in FIGURES}
        return replace(self, **figures)

    def told(self) -> dict[str, list[list[float | str | None]]]:
        """As JSON can hold it (NaN as null), for a digest."""
        return {
            field.name: [
                [None if isinstance(v, float) and np.isnan(v) else v for v in row]
                for row in getattr(self, field.name).tolist()
            ]
            for field in fields(self)
        }
