"""The chance that stock has run out by each day, from the burn's whole distribution.

The use of days 0..t together is gamma with the burn's mean m(t) and standard deviation s(t), so what
was usable up to t, S(t), does not suffice with the chance

    P(t) = 1 − Γ(S(t); shape m²/s², scale s²/m),     P(out by d) = max over t ≤ d of P(t):

the days' uses are taken as one path at one quantile, as everywhere in the shortage, and a stock that
was out once has been out. Where a lot expires within the days looked at, what is usable depends on
the path (earliest expiry is used first): there the paths of a grid of quantiles are run down one by
one, and P(out by d) is the share of paths that are short by d, read between two paths by the days
each lasts.

So the low end of the days of stock (burn at 0.95) is the day on which P crosses 5 %, and the high end
(0.05) the day on which it crosses 95 %. Worked number: 100 units against a use of mean 100 and
standard deviation 100 in all days together (exponential): P = e⁻¹ = 0.368.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincc
from scipy.stats import gamma

from supply.forecast.burn import BurnTable
from supply.forecast.cases import FloatArray, IntArray
from supply.forecast.shortage import TOLERANCE_UNITS, StockLots, run_down, slots

# Denser at both ends, where people decide.
PATHS: FloatArray = np.array(
    [0.005, 0.01, 0.02, 0.05, 0.1, 0.15, *np.arange(0.2, 0.81, 0.05), 0.85, 0.9, 0.95, 0.98, 0.99,
     0.995]
)  # fmt: skip


def stock_out_probability(burn: BurnTable, lots: StockLots, horizon_days: int) -> FloatArray:
    """[f, i, d]: the chance that the stock has run out by the end of each day, rising in d.

    An item without use has 0 throughout. Raises ValueError for a horizon outside the burn's days.
    """
    if not 0 < horizon_days <= burn.days:
        raise ValueError(f"horizon of {horizon_days} days outside the burn's {burn.days}")
    mean = burn.total_mean[..., :horizon_days].cumsum(axis=-1)
    sd = burn.cumulative_sd[..., :horizon_days]
    quantity, expiry, arrival = slots(lots, len(burn.facility_ids), len(burn.item_codes))
    chance = _no_expiry(mean, sd, _supply(quantity, arrival, horizon_days))
    expires = ((quantity > 0) & (expiry < horizon_days - 1)).any(axis=-1) & (mean[..., -1] > 0)
    if expires.any():
        chance[expires] = _by_paths(
            mean[expires], sd[expires], quantity[expires], expiry[expires], arrival[expires]
        )
    return chance


def _supply(quantity: FloatArray, arrival: IntArray, days: int) -> FloatArray:
    """[f, i, d]: units that have arrived by each day."""
    came = np.zeros((*quantity.shape[:2], days))
    for slot in range(quantity.shape[2]):
        day = arrival[..., slot]
        f, i = np.nonzero((day < days) & (quantity[..., slot] > 0))
        np.add.at(came, (f, i, day[f, i]), quantity[f, i, slot])
    supply: FloatArray = came.cumsum(axis=-1)
    return supply


def exceeds(mean: FloatArray, sd: FloatArray, level: FloatArray) -> FloatArray:
    """P(use > level) of the gamma distribution with this mean and sd; sd 0 is a certain use. What is
    no more than a millionth of a unit above the level does not count, as in `run_down`."""
    certain = (sd <= 1e-9 * mean) | (mean <= 0)
    safe_mean, safe_sd = np.where(certain, 1.0, mean), np.where(certain, 1.0, sd)
    over = np.maximum(level, 0) + TOLERANCE_UNITS
    chance = gammaincc((safe_mean / safe_sd) ** 2, over * safe_mean / safe_sd**2)
    found: FloatArray = np.where(certain, (mean > over).astype(float), chance)
    return found


def _no_expiry(mean: FloatArray, sd: FloatArray, supply: FloatArray) -> FloatArray:
    rising: FloatArray = np.maximum.accumulate(exceeds(mean, sd, supply), axis=-1)
    return rising


def _by_paths(
    mean: FloatArray, sd: FloatArray, quantity: FloatArray, expiry: IntArray, arrival: IntArray
) -> FloatArray:
    """The same for n cells [n, d] with lots [n, slot], by running down the grid of paths."""
    days = mean.shape[-1]
    running = np.maximum.accumulate(_quantiles(mean, sd), axis=-1)  # [n, q, d]
    use = np.diff(running, axis=-1, prepend=0.0)[None]
    lasts, out, _, _ = run_down(use, quantity[None], expiry[None], arrival[None])
    lasts = np.where(out < 0, np.inf, lasts)[0]  # [n, q], falling in q
    lasts = np.minimum.accumulate(lasts, axis=-1)
    chance = np.empty((mean.shape[0], days))
    for day in range(days):
        chance[:, day] = _share_short(lasts, day + 1.0)
    return chance


def _quantiles(mean: FloatArray, sd: FloatArray) -> FloatArray:
    """[n, q, d]: the running use at each quantile of the grid."""
    certain = (sd <= 1e-9 * mean) | (mean <= 0)
    shape = np.where(certain, 1.0, np.divide(mean, sd, where=~certain, out=np.ones_like(mean)) ** 2)
    drawn = np.asarray(gamma.ppf(PATHS[:, None], shape[:, None])) * (mean / shape)[:, None]
    found: FloatArray = np.where(certain[:, None], mean[:, None], drawn)
    return found


def _share_short(lasts: FloatArray, end: float) -> FloatArray:
    """[n]: the share of paths that last less than `end` days, `lasts` [n, q] falling in q."""
    short = lasts < end - 1e-9
    count = short.sum(axis=-1)
    at = len(PATHS) - count  # the first path that is short
    high = PATHS[np.minimum(at, len(PATHS) - 1)]
    low = PATHS[np.maximum(at - 1, 0)]
    rows = np.arange(len(lasts))
    after = lasts[rows, np.minimum(at, len(PATHS) - 1)]
    before = lasts[rows, np.maximum(at - 1, 0)]
    known = np.isfinite(before) & (before > after)
    gap = np.subtract(before, after, out=np.ones_like(after), where=known)
    part = (end - after) / gap
    crossing = np.where(known, high - (high - low) * np.clip(part, 0.0, 1.0), high)
    found = np.where(count == 0, 0.0, np.where(at == 0, 1.0, 1.0 - crossing))
    return found
