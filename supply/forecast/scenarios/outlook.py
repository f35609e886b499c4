"""What a scenario comes to in a few figures: cases by week, the peak, who needs a bed. Pure.

Those who need a bed on a day, by tier: Σ_j cases(d − j) · share_t · S_t(j), S a stay of fixed length.
It is what is needed, without the limits of beds; a stored run counts care as the chain does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import FloatArray
from supply.forecast.norms import TIERS, Norms

BANDS = (0.025, 0.25, 0.5, 0.75, 0.975)


@dataclass(frozen=True)
class Outlook:
    """`cases[band, day]` a day, smoothed over a week, at `BANDS`; `total` and `peak_cases`: (middle,
    0.025, 0.975); `peak_day`: the day of the middle's peak; `beds`: tier -> peak (middle, low, high)
    of those who need a bed; `beds_day`: the day most need one."""

    cases: FloatArray
    total: tuple[float, float, float]
    peak_cases: tuple[float, float, float]
    peak_day: int
    beds: dict[str, tuple[float, float, float]]
    beds_day: int


def outlook(daily: FloatArray, recent_daily: FloatArray, norms: Norms) -> Outlook:
    """From draws `daily[draw, ward, day]` and `recent_daily[ward, past day]`, the district together."""
    district, before = daily.sum(axis=1), recent_daily.sum(axis=0)
    smooth = _weekly_mean(district, before)
    bands = np.quantile(smooth, BANDS, axis=0)
    present = patients_in_beds(district, before, norms)
    in_bed = [n for n, bed in enumerate(norms.in_bed) if bed]
    needed = present[in_bed].sum(axis=0)
    return Outlook(
        bands,
        _spread(district.sum(axis=-1)),
        _spread(smooth.max(axis=-1)),
        int(bands[BANDS.index(0.5)].argmax()),
        {TIERS[n]: _spread(present[n].max(axis=-1)) for n in in_bed},
        int(np.quantile(needed, 0.5, axis=0).argmax()),
    )


def patients_in_beds(cases: FloatArray, before: FloatArray, norms: Norms) -> FloatArray:
    """[tier, draw, day] who need a bed, from `cases[draw, day]` and `before[past day]`; tiers cared
    for at home are 0."""
    draws, days = cases.shape
    past = len(before)
    known = np.concatenate([np.broadcast_to(np.nan_to_num(before), (draws, past)), cases], axis=1)
    total = np.concatenate([np.zeros((draws, 1)), np.cumsum(known, axis=1)], axis=1)
    present = np.zeros((len(TIERS), draws, days))
    ends = np.arange(past + 1, past + days + 1)
    for tier, share in enumerate(norms.severity_share):
        if norms.in_bed[tier]:
            whole = int(norms.stay_days[tier])
            part = float(norms.stay_days[tier]) - whole
            started = np.maximum(ends - whole, 0)
            held = total[:, ends] - total[:, started]
            held += part * (total[:, started] - total[:, np.maximum(started - 1, 0)])
            present[tier] = share * held
    return present


def _weekly_mean(district: FloatArray, before: FloatArray) -> FloatArray:
    """[draw, day]: the mean of the seven days that end on each day."""
    past = np.broadcast_to(np.nan_to_num(before[-6:]), (len(district), len(before[-6:])))
    known = np.concatenate([past, district], axis=1)
    total = np.concatenate([np.zeros((len(known), 1)), np.cumsum(known, axis=1)], axis=1)
    mean: FloatArray = (total[:, 7:] - total[:, :-7]) / 7.0
    return mean


def _spread(values: FloatArray) -> tuple[float, float, float]:
    middle, low, high = np.quantile(values, (0.5, 0.025, 0.975))
    return float(middle), float(low), float(high)
