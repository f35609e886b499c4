"""The renewal equation: daily reported cases of a scenario, [draw, ward, day].

    I(t) = R · m(t) · S(t) / S(0) · Σ_s w(s) · I(t − s),   I(0) = today's level

computed as S(t) · (1 − exp(−R · m(t) · Σ w · I / S(0))), the same while few are ill and never more
than S.

R is drawn from its posterior (`rt.py`): it is what one case infects *now*, so depletion counts from
now on. m is the scenario's dated factor, the ward's own factor and the variant's. Past infections are
laid along the growth that the drawn R means (Σ w(s) e^(−rs) = 1/R), which makes day 0 equal today's
level in every draw and R = 1 keep it. S counts people: S(0) = population × susceptible share − cases
of the last `immunity_days` / reporting share; a variant adds the immune it escapes.

R wanders by a random walk on its log, and reported cases vary as a negative binomial with variance
`dispersion` × mean; neither moves the mean of day 0. Worked number: R = 1, m = 1 and 700 cases last
week mean 100 a day, less what depletion takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from supply.forecast.cases import FloatArray
from supply.forecast.scenarios.rt import (
    DAYS_PER_WEEK,
    RtPosterior,
    estimate_rt,
    generation_weights,
)
from supply.forecast.scenarios.spec import HORIZON_DAYS_MAX, ScenarioSpec

_GROWTH: FloatArray = np.linspace(-0.6, 1.2, 1801)  # a day, log scale
_SUSCEPTIBLE_LEAST = 0.05  # of a population
_CASES_FOR_OWN_GROWTH = 50.0
_GROWTH_MAX = 1.0  # a week, log scale
_DAYS_SINCE_MIDDLE = 4.0
_DRIFT_DAYS = 28.0  # half of this memory: Rt does not wander without end


@dataclass(frozen=True)
class Paths:
    """`mean[draw, ward, day]`: expected reported cases; `susceptible[draw, ward]` people at the end;
    `infected_share[draw, ward]`: infected over the horizon / population."""

    mean: FloatArray
    susceptible: FloatArray
    infected_share: FloatArray


def rt_of(history: FloatArray, spec: ScenarioSpec) -> RtPosterior:
    """Rt as the scenario estimates it from `history[ward, week]`."""
    return estimate_rt(
        history,
        spec.generation,
        spec.rt_window_days,
        spec.ward_prior_cases,
        spec.rt_dispersion,
    )


def level_today(recent_daily: FloatArray) -> FloatArray:
    """[ward]: the smoothed cases of day 0, from `recent_daily[ward, past day]`, oldest first.

    The last week's mean stands for its middle, four days ago; it is carried to today by the growth from
    the week before, a ward's own as far as it has cases, its district's else. Worked number: 70 cases
    a week for two weeks are 10 a day; 70 then 140 in a large ward are 20 · 2^(4/7) = 29.7.
    """
    days = np.nan_to_num(recent_daily)
    last = days[:, -DAYS_PER_WEEK:].sum(axis=1)
    if days.shape[1] < 2 * DAYS_PER_WEEK:
        return np.asarray(last / DAYS_PER_WEEK)
    before = days[:, -2 * DAYS_PER_WEEK : -DAYS_PER_WEEK].sum(axis=1)
    own = np.log((last + 1.0) / (before + 1.0))
    common = np.log((last.sum() + 1.0) / (before.sum() + 1.0))
    weight = (last + before) / (last + before + _CASES_FOR_OWN_GROWTH)
    growth = np.clip(weight * own + (1.0 - weight) * common, -_GROWTH_MAX, _GROWTH_MAX)
    level: FloatArray = last / DAYS_PER_WEEK * np.exp(growth * _DAYS_SINCE_MIDDLE / DAYS_PER_WEEK)
    return level


def scenario_paths(
    history: FloatArray,
    recent_daily: FloatArray,
    population: FloatArray,
    spec: ScenarioSpec,
    draws: int,
    horizon_days: int,
    rng: np.random.Generator,
    *,
    day_0: date,
    ward_codes: Sequence[str],
) -> FloatArray:
    """Reported cases [draw, ward, day] from day 0 on; a draw's total is at most the population.

    `history[ward, week]` gaps filled, `recent_daily[ward, past day]` oldest first, `population[ward]`
    people (0 or NaN = not known: the mean of the others). Raises ValueError beyond 180 days.
    """
    expected = expected_paths(
        history,
        recent_daily,
        population,
        spec,
        draws,
        horizon_days,
        rng,
        day_0=day_0,
        ward_codes=ward_codes,
    ).mean
    seen = _observed(expected, spec.dispersion, rng)
    most = _people(population)[None, :, None]
    total = np.minimum(np.cumsum(seen, axis=-1), most)
    return np.diff(total, axis=-1, prepend=0.0)


def expected_paths(
    history: FloatArray,
    recent_daily: FloatArray,
    population: FloatArray,
    spec: ScenarioSpec,
    draws: int,
    horizon_days: int,
    rng: np.random.Generator,
    *,
    day_0: date,
    ward_codes: Sequence[str],
) -> Paths:
    """The same before the chance of reporting: what each draw of Rt leads to."""
    if not 1 <= horizon_days <= HORIZON_DAYS_MAX:
        raise ValueError(f"a scenario goes from 1 to {HORIZON_DAYS_MAX} days, not {horizon_days}")
    people = _people(population)
    level = level_today(recent_daily)
    found = rt_of(history, spec)
    rt = found.draws(draws, rng, spec.rt_from, spec.rt_least)
    if spec.fixed_rt:
        rt = np.broadcast_to(np.maximum(found.ward_mean(), spec.rt_least), rt.shape)
    rt_now = rt * spec.ward_factors(ward_codes)
    drift = _drift(draws, horizon_days, spec.drift_sd_per_week, rng)
    rt_ahead = rt_now[:, :, None] * (drift * spec.factors(day_0, horizon_days))[:, None, :]
    still_immune = history[:, -max(spec.immunity_days // DAYS_PER_WEEK, 1) :]
    so_far = np.nansum(still_immune, axis=1) / spec.reporting_share
    # Reports so far never use up everybody: people fall ill today.
    least = np.maximum(people * _SUSCEPTIBLE_LEAST, 2.0 * level / spec.reporting_share)
    open_now = np.minimum(np.maximum(people * spec.susceptible_share - so_far, least), people)
    imports = spec.imports(ward_codes, people)
    return _renew(rt_now, rt_ahead, level, open_now, people, spec, day_0, imports)


def _people(population: FloatArray) -> FloatArray:
    """[ward]: the population; where it is not known the mean of the others. Raises ValueError."""
    known = np.nan_to_num(population) > 0
    if not known.any():
        raise ValueError("the population of no ward is known")
    people: FloatArray = np.where(known, np.nan_to_num(population), population[known].mean())
    return people


def _renew(
    rt_now: FloatArray,
    rt: FloatArray,
    level: FloatArray,
    open_now: FloatArray,
    people: FloatArray,
    spec: ScenarioSpec,
    day_0: date,
    imports: FloatArray,
) -> Paths:
    """Step by day. `rt_now[draw, ward]` made the past, `rt[draw, ward, day]` holds every factor but
    depletion."""
    draws, wards, days = rt.shape
    weights = generation_weights(spec.generation)
    reach = len(weights)
    later = weights if spec.variant is None else generation_weights(spec.variant.generation)
    takeover = spec.takeover(day_0, days)
    escape = 0.0 if spec.variant is None else spec.variant.immune_escape
    escaped = takeover[:, None] * escape * (people - open_now)
    start = np.minimum(level / spec.reporting_share, open_now)
    cases = np.empty((reach + days, draws, wards))
    cases[:reach] = start * _past_shape(rt_now, weights)
    cases[reach] = start
    left = open_now - cases[reach]
    for day in range(1, days):
        mixed = (1.0 - takeover[day]) * weights + takeover[day] * later
        force = np.tensordot(mixed[::-1], cases[day : day + reach], axes=1)
        held = np.maximum(left + escaped[day], 0.0)
        caught = -np.expm1(-rt[:, :, day] * force / (open_now + escaped[0]))
        cases[reach + day] = np.minimum(held * caught + imports / spec.reporting_share, held)
        left = left - cases[reach + day]
    infected = np.moveaxis(cases[reach:], 0, -1)
    total = infected.sum(axis=-1)
    return Paths(infected * spec.reporting_share, people - total, total / people)


def _past_shape(rt_now: FloatArray, weights: FloatArray) -> FloatArray:
    """[past day, draw, ward], oldest first: infections before day 0 relative to day 0's, such that
    the renewal equation gives exactly 1 on day 0. Growth r solves Σ w(s) e^(−rs) = 1 / R."""
    ages = np.arange(1, len(weights) + 1)
    rt_of_growth = 1.0 / (np.exp(-np.outer(_GROWTH, ages)) @ weights)
    growth = np.interp(rt_now, rt_of_growth, _GROWTH)
    shape = np.exp(-ages[::-1, None, None] * growth)
    force = np.tensordot(weights[::-1], shape, axes=1) * rt_now
    exact: FloatArray = shape / np.where(force > 0, force, 1.0)
    return exact


def _drift(draws: int, days: int, sd_per_week: float, rng: np.random.Generator) -> FloatArray:
    """[draw, day]: how far Rt has wandered from today's, mean 1 on every day; common to all wards.

    An autoregressive walk on the log: `sd_per_week` in the first week, bounded later.
    """
    steps = rng.standard_normal((draws, days)) * sd_per_week / np.sqrt(DAYS_PER_WEEK)
    keep = np.exp(-1.0 / _DRIFT_DAYS)
    walk = np.zeros((draws, days))
    variance = np.zeros(days)
    for day in range(1, days):
        walk[:, day] = keep * walk[:, day - 1] + steps[:, day]
        variance[day] = keep**2 * variance[day - 1] + sd_per_week**2 / DAYS_PER_WEEK
    drift: FloatArray = np.exp(walk - variance / 2.0)
    return drift


def _observed(expected: FloatArray, dispersion: float, rng: np.random.Generator) -> FloatArray:
    """Negative binomial counts with variance `dispersion` × mean; 0 stays 0."""
    if dispersion <= 1.0:
        return rng.poisson(expected).astype(np.float64)
    shape = expected / (dispersion - 1.0)
    return rng.poisson(rng.standard_gamma(shape) * (dispersion - 1.0)).astype(np.float64)
