"""Rates learned from what was used: a norm per item, corrected by district and by facility.

Of item i at facility f, with E(t) the expected use by the norm and y(t) the use in the ledger on the
days that count (in the book and not out of stock),

    y(t) | m ~ mean m·E(t), variance φ·mean + λ·mean²      (overdispersed Poisson; `spread`)
    m[f, i]  ~ gamma, mean μ[i], relative variance τ²      (facilities of the district; `pooling`)
    μ[i]     ~ gamma, mean 1,    relative variance σ²      (1 = the norm)

Days are weighted by recency, w = 2^(−age/half-life). With Y = Σwy, E = Σwe, n = E²/Σw²e (expected units
that weigh as much) and ψ = φ + λ·level, the ratio r = Y/E has variance ψm/n, hence (quasi-likelihood,
gamma-conjugate)

    weight = n/ψ / (n/ψ + 1/(τ²μ)),   m̂ = weight·r + (1 − weight)·μ̂.

Worked number: n = 560, ψ = 3, μ = 1, τ = 0.3: weight 0.944; r = 2 gives m̂ = 1.94.
Sources: McCullagh and Nelder, Generalized Linear Models, 2nd ed., ch. 9 (quasi-likelihood, Pearson's
φ); Bühlmann and Gisler, A Course in Credibility Theory, ch. 3 and 6 (the weights, the hierarchy).
"""

from __future__ import annotations

import numpy as np

from supply.forecast.cases import FloatArray
from supply.forecast.rates.learned import Learned
from supply.forecast.rates.past import Past, Sums, quotient, summed
from supply.forecast.rates.pooling import Above, pooled
from supply.forecast.rates.settings import Settings
from supply.forecast.rates.spread import Spread, spread_of


def learn(past: Past, settings: Settings) -> Learned:
    """Multipliers on the expected use, with their uncertainty; [f, i].

    A cell with nothing expected, or no day that counts, keeps what the level above says (method
    "norm"). `base_per_day` is 0: use without a driver is `intermittent`'s.
    """
    sums = summed(past, settings.half_life_days)
    spread = spread_of(past, settings)
    above = pooled(sums, spread, settings)
    return _blended(sums, spread, above, settings)


def _blended(sums: Sums, spread: Spread, above: Above, settings: Settings) -> Learned:
    per_unit = spread.per_unit(above.mean[None] * sums.level)
    information = sums.effective / per_unit
    prior = 1.0 / (above.between * above.mean)[None]
    weight = information / (information + prior)
    multiplier = weight * sums.ratio + (1.0 - weight) * above.mean[None]
    variance = multiplier / (information + prior) + (1.0 - weight) ** 2 * above.variance[None]
    held = np.clip(multiplier, settings.multiplier_low, settings.multiplier_high)
    zero = np.zeros_like(held)
    return Learned(
        multiplier=held,
        multiplier_sd=np.sqrt(variance),
        base_per_day=zero,
        base_sd=zero,
        dispersion=spread.dispersion,
        lump_days=spread.lump_days,
        weight=1.0 - (1.0 - weight) * (1.0 - above.weight[None]),
        own_weight=weight,
        district_multiplier=np.broadcast_to(above.mean, held.shape).copy(),
        norm_per_day=per_day(sums.expected, sums.days),
        observed_per_day=per_day(sums.observed, sums.days),
        days_seen=sums.days,
        days_stocked_out=sums.stocked_out,
        method=np.where(sums.effective > 0, "blend", "norm").astype("<U8"),
    )


def per_day(units: FloatArray, days: FloatArray) -> FloatArray:
    """Units a day over the days that count; NaN where none does."""
    return quotient(units, days, np.nan)
