"""Items used now and then, without a driver: how much a day, by TSB or by SBA.

Use is counted in weeks, because stores issue by the week. With ADI the mean number of weeks from one
week with use to the next and CV² the squared coefficient of variation of the weeks with use:

* smooth (ADI < 1.32 and CV² < 0.49): TSB, which is then simple exponential smoothing;
* dying out (no use for longer than twice its ADI): TSB, whose chance of use goes on falling;
* otherwise (erratic, intermittent, lumpy): SBA.

TSB: chance of use p and size z are smoothed apart, p every week, z in weeks with use; mean p·z a week.
SBA: Croston's size and interval, smoothed in weeks with use; mean (1 − α/2)·z/interval a week.
Sources: Syntetos, Boylan and Croston, J. Operational Research Society 56 (2005) 495-503 (the classes);
Syntetos and Boylan, Int. J. Forecasting 21 (2005) 303-314 (SBA); Teunter, Syntetos and Babai, European
J. Operational Research 214 (2011) 606-615 (TSB).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import BoolArray, FloatArray
from supply.forecast.rates.learned import TextArray
from supply.forecast.rates.past import Past, quotient

DAYS = 7
ADI_LIMIT = 1.32
CV2_LIMIT = 0.49
SMOOTHING = 0.2
_LEAST_DAYS = 4  # of a week that count


@dataclass(frozen=True)
class Base:
    """Use a day [f, i] with its standard deviation, and how it was found ("" = never used)."""

    per_day: FloatArray
    sd: FloatArray
    method: TextArray


def base_use(past: Past) -> Base:
    """Use a day of every facility and item, from `past.observed` alone."""
    weeks, known = _weeks(past)
    size, chance, interval = _start(weeks, known)
    use = known & (weeks > 0)
    adi, cv2, since = _class(weeks, use, known)
    tsb_size, sba_size = size.copy(), size.copy()
    gap = np.ones_like(size)
    for week in range(weeks.shape[-1]):
        used, seen, amount = use[..., week], known[..., week], weeks[..., week]
        chance = np.where(seen, chance + SMOOTHING * (used - chance), chance)
        tsb_size = np.where(used, tsb_size + SMOOTHING * (amount - tsb_size), tsb_size)
        sba_size = np.where(used, sba_size + SMOOTHING * (amount - sba_size), sba_size)
        interval = np.where(used, interval + SMOOTHING * (gap - interval), interval)
        gap = np.where(used, 1.0, gap + seen)
    smooth = (adi < ADI_LIMIT) & (cv2 < CV2_LIMIT)
    by_tsb = smooth | (since > 2.0 * adi)
    sba = (1.0 - SMOOTHING / 2.0) * quotient(sba_size, interval)
    per_day = np.where(by_tsb, chance * tsb_size, sba) / DAYS
    ever: BoolArray = np.asarray(use.any(axis=-1), dtype=bool)
    method = np.where(ever, np.where(by_tsb, "tsb", "sba"), "").astype("<U8")
    per_day = np.where(ever, per_day, 0.0)
    return Base(per_day, _sd(weeks, known, ever), method)


def _weeks(past: Past) -> tuple[FloatArray, BoolArray]:
    """Use [f, i, week] in whole weeks that end with the last day, made up for the days that do not
    count, and whether enough of a week counts."""
    count = past.observed.shape[-1] // DAYS
    tail = past.observed.shape[-1] - count * DAYS
    shape = (*past.observed.shape[:2], count, DAYS)
    seen = past.seen[..., tail:].reshape(shape)
    used = (past.observed[..., tail:].reshape(shape) * seen).sum(axis=-1)
    days = seen.sum(axis=-1).astype(np.float64)
    return quotient(used * DAYS, days), days >= _LEAST_DAYS


def _start(weeks: FloatArray, known: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Size, chance and interval over all weeks: where smoothing begins."""
    use = known & (weeks > 0)
    times, told = use.sum(axis=-1), known.sum(axis=-1)
    size = quotient((weeks * use).sum(axis=-1), times)
    return size, quotient(times, told), quotient(told, times, 1.0)


def _class(
    weeks: FloatArray, use: BoolArray, known: BoolArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """ADI, CV² and weeks since the last use, of weeks that count."""
    times = use.sum(axis=-1)
    adi = quotient(known.sum(axis=-1), times, 1.0)
    mean = quotient((weeks * use).sum(axis=-1), times)
    variance = quotient((((weeks - mean[..., None]) ** 2) * use).sum(axis=-1), times)
    later = np.cumsum(use[..., ::-1], axis=-1)[..., ::-1] > 0
    since: FloatArray = (known & ~later).sum(axis=-1).astype(np.float64)
    return adi, quotient(variance, mean**2), since


def _sd(weeks: FloatArray, known: BoolArray, ever: BoolArray) -> FloatArray:
    """Standard deviation of the mean a day: that of a week's use, smoothed as the mean is, which keeps
    α/(2 − α) of the variance; never less than the mean of the weeks tells."""
    told = known.sum(axis=-1)
    mean = quotient((weeks * known).sum(axis=-1), told)
    square = quotient((((weeks - mean[..., None]) ** 2) * known).sum(axis=-1), told - 1.0, 0.0)
    kept = np.maximum(SMOOTHING / (2.0 - SMOOTHING), quotient(np.ones_like(mean), told, 1.0))
    return np.where(ever, np.sqrt(square * kept) / DAYS, 0.0)
