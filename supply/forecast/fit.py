"""Fits the projection's prior: every coefficient at once, by the score it will be judged by.

Per horizon the mean pinball loss of the blended quantiles (see `projection.py`) is minimised by
L-BFGS with its analytic gradient. Losses are divided by the baseline's in the same place, and each
family has a weight of its own, so that neither a large country nor a long file is all that counts:
the provinces this is built for count fivefold (with equal weights their score was 0.86 at four
weeks, with five 0.77, the others losing 0.02 to 0.04). A ridge keeps unneeded coefficients near 0,
and the shape near the normal distribution's. The outer quantiles are then widened a little. What
differs between cases and hospital beds is in `training.MEASURES`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import norm

from supply.forecast.cases import BoolArray, FloatArray
from supply.forecast.features import FEATURE_NAMES
from supply.forecast.paths import Dependence
from supply.forecast.projection import (
    LOG_CHANGE_FLOOR,
    LOG_SPREAD_LIMITS,
    Prior,
    model_quantiles,
    prior_from_json,
    standardised,
)
from supply.forecast.score import (
    HUB_QUANTILES,
    HorizonScore,
    score_pairs,
    weighted_interval_score,
)
from supply.forecast.training import HORIZONS, MEASURES, WARD_FAMILY, Measure, Samples

LEVELS = np.asarray(HUB_QUANTILES)
MIDDLE = len(LEVELS) // 2
GROWTH_CAPS = np.array(
    [4.0, 8.0, 14.0, 20.0]
)  # × the origin week; fastest seen: Omicron, South Africa
SHAPE_RIDGE = 0.002
ITERATIONS = 150
_NORMAL_STEPS: FloatArray = np.diff(norm.ppf(LEVELS))


@dataclass(frozen=True)
class Scaling:
    """How features are clipped and standardised, each [K]."""

    low: FloatArray
    high: FloatArray
    mean: FloatArray
    scale: FloatArray


@dataclass(frozen=True)
class Coefficients:
    """One horizon's coefficients: `location[K]`, `log_spread[K]`, `shape[Q]`, `weight`."""

    location: FloatArray
    log_spread: FloatArray
    shape: FloatArray
    weight: float


CASES = MEASURES["cases"]


def fit_prior(samples: Samples, version: str, measure: Measure = CASES) -> Prior:
    """Fit all horizons to `samples` of a measure's families."""
    scaling = _scaling(samples.x)
    x = (np.clip(samples.x, scaling.low, scaling.high) - scaling.mean) / scaling.scale
    parts = [_fit_horizon(x, samples, h, measure) for h in range(HORIZONS)]
    widening = _widening(measure)
    prior = Prior(
        version=version,
        low=scaling.low,
        high=scaling.high,
        mean=scaling.mean,
        scale=scaling.scale,
        location=np.stack([part.location for part in parts]),
        log_spread=np.stack([part.log_spread for part in parts]),
        shape=np.stack([part.shape * widening for part in parts]),
        weight=np.array([part.weight for part in parts]),
        log_cap=np.log(GROWTH_CAPS),
        dependence=Dependence(0.0, 0.0),
    )
    return replace(prior, dependence=_dependence(samples, predict(samples, prior)))


def _widening(measure: Measure) -> FloatArray:
    factors = np.ones(len(LEVELS))
    outermost, outer, inner = measure.widening
    factors[[0, 1, -2, -1]], factors[[2, -3]], factors[[3, -4]] = outermost, outer, inner
    return factors


def _dependence(samples: Samples, predicted: FloatArray) -> Dependence:
    """Correlation of the outcomes' normal scores between weeks, and between places in one week."""
    share = (predicted < samples.truth[..., None]).mean(axis=-1)
    scores = norm.ppf(np.clip(share, 0.01, 0.99))  # [n, H], NaN where no truth
    scores[np.isnan(samples.truth)] = np.nan
    table = pd.DataFrame(scores)
    between_weeks = float(np.mean([table[h].corr(table[h + 1]) for h in range(HORIZONS - 1)]))
    real = samples.family != WARD_FAMILY
    group = [samples.family[real], samples.week[real]]

    def summed(values: FloatArray) -> FloatArray:
        return pd.DataFrame(values).groupby(group).sum().to_numpy(dtype=np.float64)

    values = np.nan_to_num(scores[real])
    total, square = summed(values), summed(values**2)
    size = summed((~np.isnan(scores[real])).astype(np.float64))
    cross = float((total**2 - square).sum() / (size * (size - 1.0)).sum())
    between_places = cross / float(square.sum() / size.sum())
    return Dependence(
        float(np.clip(between_weeks, 0.0, 0.99)), float(np.clip(between_places, 0.0, 0.99))
    )


def _scaling(x: FloatArray) -> Scaling:
    low, high = np.quantile(x, [0.002, 0.998], axis=0)
    clipped = np.clip(x, low, high)
    mean, scale = clipped.mean(axis=0), clipped.std(axis=0)
    mean[0], scale[0] = 0.0, 1.0  # the constant
    return Scaling(low, high, mean, np.where(scale > 1e-9, scale, 1.0))


def _fit_horizon(x: FloatArray, samples: Samples, h: int, measure: Measure) -> Coefficients:
    known = ~np.isnan(samples.truth[:, h])
    used = samples.rows(known)
    weight = _sample_weights(used, h, measure)
    loss = _objective(
        x[known], used.cases, used.base[:, h], used.truth[:, h], weight, h, measure.ridge
    )
    start = np.zeros(2 * x.shape[1] + len(LEVELS))
    start[x.shape[1]] = -1.2 + 0.3 * h
    start[2 * x.shape[1] : -1] = np.log(_NORMAL_STEPS)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
    return _unpack(found.x, x.shape[1])


def _unpack(theta: FloatArray, k: int) -> Coefficients:
    steps = np.exp(theta[2 * k : -1])
    shape = np.concatenate([[0.0], np.cumsum(steps)])
    return Coefficients(
        theta[:k], theta[k : 2 * k], shape - shape[MIDDLE], float(1.0 / (1.0 + np.exp(-theta[-1])))
    )


def _sample_weights(samples: Samples, h: int, measure: Measure) -> FloatArray:
    """Weights that make the sum of losses the weighted mean, over families, of their places'
    relative WIS; 1 in total for the published families, the ward-size one beside them."""
    base = weighted_interval_score(samples.base[:, h], samples.truth[:, h])
    weight = np.zeros(len(base))
    shares = {family.name: family.weight for family in measure.families}
    for family in np.unique(samples.family):
        of_family = samples.family == family
        places, index = np.unique(samples.place[of_family], return_inverse=True)
        per_place = np.maximum(np.bincount(index, base[of_family]), 1.0)
        share = shares.get(str(family), 1.0)
        weight[of_family] = share / (per_place[index] * len(places))
    return weight / sum(shares.values())


def _objective(
    x: FloatArray,
    cases: FloatArray,
    base: FloatArray,
    truth: FloatArray,
    weight: FloatArray,
    h: int,
    penalty_of_each: float,
) -> Callable[[FloatArray], tuple[float, FloatArray]]:
    """Loss and gradient as a function of the packed coefficients."""
    k, cap = x.shape[1], float(np.log(GROWTH_CAPS[h]))
    ridge = np.full(2 * k, penalty_of_each)
    ridge[[0, k]] = 0.0
    low, high = LOG_SPREAD_LIMITS

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        at = _unpack(theta, k)
        log_spread = x @ at.log_spread
        inside = (log_spread > low) & (log_spread < high)
        spread = np.exp(np.clip(log_spread, low, high))
        raw = (x @ at.location)[:, None] + spread[:, None] * at.shape
        change = np.clip(raw, LOG_CHANGE_FLOOR, cap)
        grown = (cases[:, None] + 1.0) * np.exp(change)
        model = np.maximum(grown - 1.0, 0.0)
        error = truth[:, None] - (at.weight * model + (1.0 - at.weight) * base)
        pinball = 2.0 * np.maximum(LEVELS * error, (LEVELS - 1.0) * error).mean(axis=1)
        slope = ((error < 0) - LEVELS) * (2.0 / len(LEVELS)) * weight[:, None]
        by_change = slope * at.weight * grown * ((change == raw) & (grown > 1.0))
        by_shape = (by_change * spread[:, None]).sum(axis=0)
        by_shape[MIDDLE] -= by_shape.sum()
        by_step = np.cumsum(by_shape[::-1])[::-1][1:] * np.exp(theta[2 * k : -1])
        by_spread = x.T @ ((by_change * at.shape).sum(axis=1) * spread * inside)
        by_weight = (slope * (model - base)).sum() * at.weight * (1.0 - at.weight)
        bend = theta[2 * k : -1] - np.log(_NORMAL_STEPS)
        penalty = float((ridge * theta[: 2 * k] ** 2).sum() + SHAPE_RIDGE * (bend**2).sum())
        gradient = np.concatenate(
            [x.T @ by_change.sum(axis=1), by_spread, by_step + 2 * SHAPE_RIDGE * bend, [by_weight]]
        )
        gradient[: 2 * k] += 2.0 * ridge * theta[: 2 * k]
        return float((pinball * weight).sum()) + penalty, gradient

    return loss


def predict(samples: Samples, prior: Prior) -> FloatArray:
    """Blended quantiles [n, H, Q] of samples, as `projection.project` makes them."""
    model = model_quantiles(standardised(samples.x, prior), samples.cases, prior)
    weight = prior.weight[:, None]
    out: FloatArray = np.maximum.accumulate(weight * model + (1 - weight) * samples.base, axis=-1)
    return out


def leave_places_out(
    samples: Samples, measure: Measure = CASES, folds: int = 4
) -> dict[str, list[HorizonScore]]:
    """Scores per family where each place was projected by a prior fitted without it.

    Places are dealt to `folds` groups by the hash of their name, so that the split never moves.
    """
    fold = np.array([_fold(place, folds) for place in samples.place])
    predicted = np.empty_like(samples.base)
    for k in range(folds):
        prior = fit_prior(samples.rows(fold != k), "leave-out", measure)
        predicted[fold == k] = predict(samples.rows(fold == k), prior)
    return {
        str(family): _family_scores(samples, predicted, samples.family == family)
        for family in np.unique(samples.family)
    }


def _fold(place: str, folds: int) -> int:
    name = str(place).split(":")[-1]
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % folds


def _family_scores(samples: Samples, predicted: FloatArray, rows: BoolArray) -> list[HorizonScore]:
    _, place = np.unique(samples.place, return_inverse=True)
    lines = []
    for h in range(HORIZONS):
        use = rows & ~np.isnan(samples.truth[:, h])
        horizon = np.full(int(use.sum()), h + 1)
        lines += score_pairs(
            predicted[use, h], samples.base[use, h], samples.truth[use, h], place[use], horizon
        )
    return lines


def prior_to_json(prior: Prior, provenance: Mapping[str, Any]) -> str:
    """The prior as a small JSON text: coefficients and where they come from, no series."""

    def plain(array: FloatArray) -> Any:
        return np.vectorize(lambda value: float(f"{value:.7g}"))(array).tolist()

    names = ("low", "high", "mean", "scale", "location", "log_spread", "shape", "weight", "log_cap")
    body: dict[str, Any] = {
        "version": prior.version,
        "provenance": dict(provenance),
        "features": list(FEATURE_NAMES),
        "quantiles": list(HUB_QUANTILES),
    }
    body |= {name: plain(getattr(prior, name)) for name in names}
    body["dependence"] = {
        "weeks": round(prior.dependence.between_weeks, 4),
        "places": round(prior.dependence.between_places, 4),
    }
    text = json.dumps(body, ensure_ascii=False, indent=1)
    prior_from_json(text)
    return text + "\n"


def provenance_of(folder: Path, samples: Samples, measure: Measure) -> dict[str, Any]:
    """Files, digests, sources and counts the prior was fitted from."""
    found: dict[str, Any] = {
        "method": "pooled location-scale quantile regression, see supply/forecast/fit.py",
        "samples": len(samples.cases),
        "files": [
            {
                "family": family.name,
                "file": family.file,
                "column": family.column,
                "sha256": hashlib.sha256((folder / family.file).read_bytes()).hexdigest(),
                "source": family.source,
                "places": len(np.unique(samples.place[samples.family == family.name])),
            }
            for family in measure.families
        ],
    }
    if WARD_FAMILY in samples.family:
        found["thinned"] = "the daily families again, thinned binomially to the size of a ward"
    return found


def markdown_table(scores: Mapping[str, list[HorizonScore]], measure: Measure = CASES) -> str:
    """The leave-places-out scores as a Markdown table."""
    head = [
        f"# Scores of the projection of {measure.name}, places left out",
        "",
        "Written by `forecast fit-prior --table`; see `forecast.md`. Baseline = 1; lower is better.",
        "",
        "| family | pairs | relative WIS 1/2/3/4 weeks | geometric mean over places | 50 % covered | 95 % covered |",
        "|---|---|---|---|---|---|",
    ]

    def joined(values: list[float], places: int = 2) -> str:
        return " / ".join(f"{value:.{places}f}" for value in values)

    rows = [
        f"| {family} | {lines[0].pairs} | {joined([s.relative_wis for s in lines], 3)} "
        f"| {joined([s.relative_wis_place_geometric for s in lines], 3)} "
        f"| {joined([s.coverage_50 for s in lines])} | {joined([s.coverage_95 for s in lines])} |"
        for family, lines in scores.items()
    ]
    return "\n".join(head + rows) + "\n"
