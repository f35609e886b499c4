"""Rt, how many people one case infects now, from weekly cases: a gamma posterior by place.

    Λ(t) = Σ_s w(s) · I(t − s)                          force of infection on day t
    R | cases ~ Gamma(a + Σ I(t) / φ, b + Σ Λ(t) / φ)   over the last days (the window)

after Cori, Ferguson, Fraser and Cauchemez, Am J Epidemiol 178 (2013) 1505. w is the generation
interval cut into whole days, φ the variance of cases over their mean (1 = Poisson). A place's prior is
its district's Rt with the weight of `ward_prior_cases` expected cases, so that a ward with few cases
takes the district's. Weekly figures are laid over days by a monotone curve through their running
total, week sums kept. Worked number: constant cases give R = 1, whatever w is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.stats import gamma

from supply.forecast.cases import FloatArray
from supply.forecast.scenarios.spec import Generation

DAYS_PER_WEEK = 7
GENERATION_DAYS_MAX = 28
_PRIOR_SHAPE = 5.0  # of a district's Rt: mean 1, 95 % of it between 0.32 and 2.05 …
_PRIOR_RATE = 5.0  # … so that a district with no case has a sane one


@dataclass(frozen=True)
class RtPosterior:
    """The gamma posterior of a district and what its wards add to it.

    `shape`, `rate`: the district's. `infected[ward]` = Σ I / φ and `force[ward]` = Σ Λ / φ over the
    window, `prior_weight` the weight of the district's Rt in a ward's.
    """

    shape: float
    rate: float
    infected: FloatArray
    force: FloatArray
    prior_weight: float

    @property
    def mean(self) -> float:
        """The district's Rt."""
        return self.shape / self.rate

    def interval(self, share: float = 0.95) -> tuple[float, float]:
        """The district's central interval."""
        tail = (1.0 - share) / 2.0
        scale = 1.0 / self.rate
        low, high = (float(gamma.ppf(q, self.shape, scale=scale)) for q in (tail, 1.0 - tail))
        return low, high

    def ward_mean(self) -> FloatArray:
        """[ward]: Rt of each ward, drawn towards the district's where cases are few."""
        mean: FloatArray = (self.prior_weight * self.mean + self.infected) / (
            self.prior_weight + self.force
        )
        return mean

    def ward_interval(self, share: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """[ward], [ward]: central intervals, the district's Rt taken as its mean."""
        tail = (1.0 - share) / 2.0
        shape = self.prior_weight * self.mean + self.infected
        scale = 1.0 / (self.prior_weight + self.force)
        low, high = (np.asarray(gamma.ppf(q, shape, scale=scale)) for q in (tail, 1.0 - tail))
        return low, high

    def draws(
        self, count: int, rng: np.random.Generator, lowest: float = 0.0, least: float = 0.0
    ) -> FloatArray:
        """[draw, ward]: Rt of the wards; `lowest` = the quantile from which on the district's is drawn.

        The district's part is common to its wards, so that sums over wards have honest spread.
        """
        level = lowest + (1.0 - lowest) * (rng.permutation(count) + 0.5) / count
        district = gamma.ppf(level, self.shape, scale=1.0 / self.rate)[:, None]
        own = self.prior_weight * district + self.infected
        drawn = rng.standard_gamma(own) / (self.prior_weight + self.force)
        return np.maximum(drawn, least)


def generation_weights(generation: Generation) -> FloatArray:
    """[day] for days 1, 2, …: the share of a case's infections on that day; sums to 1.

    The gamma distribution cut at half days; an infection on the same day counts to day 1.
    """
    shape = (generation.mean_days / generation.sd_days) ** 2
    scale = generation.sd_days**2 / generation.mean_days
    edges = np.concatenate([[0.0], np.arange(1, GENERATION_DAYS_MAX + 1) + 0.5])
    weights = np.diff(gamma.cdf(edges, shape, scale=scale))
    whole: FloatArray = weights / weights.sum()
    return whole


def smooth_days(weekly: FloatArray) -> FloatArray:
    """[place, day] from [place, week]: no day below 0, seven days sum to their week.

    Weeks before a place's first count as its first: nobody said there were no cases.
    """
    known = ~np.isnan(weekly)
    first = np.where(known.any(axis=1), known.argmax(axis=1), 0)
    filled = np.where(known, weekly, 0.0)
    early = np.arange(weekly.shape[1])[None, :] < first[:, None]
    start = np.take_along_axis(filled, first[:, None], axis=1)
    filled = np.where(early, start, filled)
    weeks = weekly.shape[1]
    total = np.concatenate([np.zeros((len(weekly), 1)), np.cumsum(filled, axis=1)], axis=1)
    curve = PchipInterpolator(np.arange(weeks + 1) * DAYS_PER_WEEK, total, axis=1)
    days: FloatArray = np.maximum(np.diff(curve(np.arange(weeks * DAYS_PER_WEEK + 1)), axis=1), 0.0)
    return days


def estimate_rt(
    history: FloatArray,
    generation: Generation,
    window_days: int,
    ward_prior_cases: float,
    dispersion: float,
) -> RtPosterior:
    """Rt over the last `window_days` of `history[ward, week]` (gaps filled, NaN before the first).

    Only the weeks that the window and the generation interval reach are read.
    """
    weights = generation_weights(generation)
    reach = -(-(window_days + len(weights)) // DAYS_PER_WEEK)
    days = smooth_days(history[:, -reach:])
    short = window_days + len(weights) - days.shape[1]
    if short > 0:  # a history younger than the interval began as it is first known
        days = np.concatenate([np.repeat(days[:, :1], short, axis=1), days], axis=1)
    infected = days[:, -window_days:]
    force = np.stack(
        [days[:, day - len(weights) : day] @ weights[::-1] for day in range(-window_days, 0)],
        axis=1,
    )
    seen, could = infected.sum(axis=1) / dispersion, force.sum(axis=1) / dispersion
    return RtPosterior(
        float(_PRIOR_SHAPE + seen.sum()),
        float(_PRIOR_RATE + could.sum()),
        seen,
        could,
        ward_prior_cases / dispersion,
    )
