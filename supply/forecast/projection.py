"""Weekly projection, 1-4 weeks ahead, as 23 quantiles per place.

For a place with C cases in the origin week and features x (see `features.py`), at horizon h:

    log(Q_τ + 1) = log(C + 1) + min(x·a_h + exp(x·b_h) · z_{h,τ}, cap_h)
    value        = w_h · max(Q_τ, 0) + (1 - w_h) · hub baseline_τ

a, b, z, w come from the shipped prior (`data/projection_prior.json`), fitted over many places by
`fit.py`, so a place with no history has sane intervals from its first week. Features are clipped to
the range seen in fitting and growth to cap_h, so nothing explodes. Worked number: with a = b = 0 on
every feature, z_0.5 = 0 and w = 1 the median is C.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from supply.forecast.cases import (
    BoolArray,
    DateArray,
    FloatArray,
    IntArray,
    WeeklyCases,
    filled_history,
)
from supply.forecast.faults import Fault, InputFaults
from supply.forecast.features import FEATURE_NAMES, Pool, features, pool_of
from supply.forecast.paths import Dependence
from supply.forecast.score import (
    HUB_QUANTILES,
    MIN_CASES_AT_ORIGIN,
    MIN_DIFFERENCES,
    baseline_quantiles,
)

HORIZONS_WEEKS: tuple[int, ...] = (1, 2, 3, 4)
PRIOR_FILE = Path(__file__).parent / "data" / "projection_prior.json"
HOSPITAL_PRIOR_FILE = PRIOR_FILE.with_name("hospital_prior.json")
LOG_SPREAD_LIMITS = (-4.0, 1.5)
LOG_CHANGE_FLOOR = -8.0
_BASELINE_SAMPLES = 1001
_DECIMALS = 3  # thousandths of a case: rounds away the last bit that vector width may change


@dataclass(frozen=True)
class Prior:
    """Coefficients of the projection; H = 4 horizons, K = features, Q = 23 quantiles.

    `low`, `high`, `mean`, `scale` [K]: features are clipped, then standardised.
    `location`, `log_spread` [H, K]; `shape` [H, Q], increasing; `weight`, `log_cap` [H].
    `dependence`: correlation between weeks and between places, for sample paths (`paths.py`).
    """

    version: str
    low: FloatArray
    high: FloatArray
    mean: FloatArray
    scale: FloatArray
    location: FloatArray
    log_spread: FloatArray
    shape: FloatArray
    weight: FloatArray
    log_cap: FloatArray
    dependence: Dependence


def prior_from_json(text: str) -> Prior:
    """Read a prior; raises ValueError when it was fitted for other features or quantiles."""
    raw: dict[str, Any] = json.loads(text)
    if tuple(raw["features"]) != FEATURE_NAMES or tuple(raw["quantiles"]) != HUB_QUANTILES:
        raise ValueError("the prior was fitted for other features or quantiles: fit it again")
    names = ("low", "high", "mean", "scale", "location", "log_spread", "shape", "weight", "log_cap")
    arrays = {name: np.asarray(raw[name], dtype=np.float64) for name in names}
    between = raw["dependence"]
    dependence = Dependence(float(between["weeks"]), float(between["places"]))
    return Prior(version=str(raw["version"]), dependence=dependence, **arrays)


@cache
def shipped_prior() -> Prior:
    """The prior of reported cases that comes with the program."""
    return prior_from_json(PRIOR_FILE.read_text(encoding="utf-8"))


@cache
def shipped_hospital_prior() -> Prior:
    """The prior of patients in hospital (a census on Saturdays, or admissions a week)."""
    return prior_from_json(HOSPITAL_PRIOR_FILE.read_text(encoding="utf-8"))


def project(
    history: FloatArray,
    prior: Prior | None = None,
    pool: Pool | None = None,
    late: FloatArray | None = None,
) -> FloatArray:
    """Project every place from `history[place, week]`, origin = last week: [place, 4, 23].

    Gaps filled, NaN only before a place's first whole week; one known week is enough. `pool`
    defaults to what the places given have in common; `late[place]` is `cases.late_rise` of the
    origin week where days are known. Finite, ≥ 0, non-decreasing in quantile.
    """
    prior = prior or shipped_prior()
    if not len(history):
        return np.empty((0, len(HORIZONS_WEEKS), len(HUB_QUANTILES)))
    if np.isnan(history[:, -1]).any() or (history[:, -1] < 0).any():
        raise ValueError("the origin week must be known and not negative in every place")
    x = standardised(features(history, pool or pool_of(history, late), late), prior)
    model = model_quantiles(x, history[:, -1], prior)
    weight = _blend_weight(history, prior.weight)
    base = _baseline_where_known(history)
    blended = weight[..., None] * model + (1.0 - weight[..., None]) * base
    ordered = np.maximum.accumulate(np.maximum(blended, 0.0), axis=-1)
    return np.asarray(np.round(ordered, _DECIMALS), dtype=np.float64)


def standardised(x: FloatArray, prior: Prior) -> FloatArray:
    """Features clipped to the range seen in fitting, centred and scaled."""
    out: FloatArray = (np.clip(x, prior.low, prior.high) - prior.mean) / prior.scale
    return out


def model_quantiles(x: FloatArray, cases: FloatArray, prior: Prior) -> FloatArray:
    """The regression's own quantiles [place, H, Q], before blending, from standardised features."""
    centre = _combine(x, prior.location)
    spread = np.exp(np.clip(_combine(x, prior.log_spread), *LOG_SPREAD_LIMITS))
    change = centre[..., None] + spread[..., None] * prior.shape
    change = np.clip(change, LOG_CHANGE_FLOOR, prior.log_cap[:, None])
    values: FloatArray = np.maximum((cases[:, None, None] + 1.0) * np.exp(change) - 1.0, 0.0)
    return values


def _combine(x: FloatArray, coefficients: FloatArray) -> FloatArray:
    """x · coefficientsᵀ summed feature by feature: BLAS would round by batch size."""
    total = np.zeros((len(x), len(coefficients)))
    for k in range(x.shape[1]):
        total += x[:, k : k + 1] * coefficients[:, k]
    return total


def _blend_weight(history: FloatArray, weight: FloatArray) -> FloatArray:
    """[place, H]: the model's weight, rising to 1 where a place has too few differences for a
    baseline of its own."""
    differences = (~np.isnan(history)).sum(axis=1) - 1
    trust = np.clip(differences / MIN_DIFFERENCES, 0.0, 1.0)
    out: FloatArray = 1.0 - trust[:, None] * (1.0 - weight)
    return out


def _baseline_where_known(history: FloatArray) -> FloatArray:
    """Hub baseline, or the last value at every quantile where there is no difference yet."""
    base = np.broadcast_to(
        history[:, -1, None, None], (len(history), len(HORIZONS_WEEKS), len(HUB_QUANTILES))
    ).copy()
    if history.shape[1] > 1:
        able = ~np.isnan(history[:, -2])
        base[able] = baseline_quantiles(
            history[able], horizons=len(HORIZONS_WEEKS), samples=_BASELINE_SAMPLES
        )
    return base


@dataclass(frozen=True)
class Projection:
    """Projections of a file: row n is place `place_index[n]` at `origins[n]`, values [n, H, 23]."""

    places: tuple[str, ...]
    origins: DateArray
    place_index: IntArray
    horizons_weeks: tuple[int, ...]
    values: FloatArray
    prior_version: str


def eligible(history: FloatArray) -> BoolArray:
    """[place]: at least 10 cases in the origin week and 4 weekly differences up to it."""
    differences = (~np.isnan(history)).sum(axis=1) - 1
    mask: BoolArray = (history[:, -1] >= MIN_CASES_AT_ORIGIN) & (differences >= MIN_DIFFERENCES)
    return mask


def project_cases(
    weekly: WeeklyCases,
    origins: Sequence[np.datetime64] | None = None,
    horizons_weeks: Sequence[int] = HORIZONS_WEEKS,
    prior: Prior | None = None,
) -> Projection:
    """Project every eligible place from each origin, using only weeks up to it.

    `origins` None = every Saturday that ends a whole week of the file. Raises `InputFaults` when an
    origin is not such a Saturday. Each origin is worked out by itself.
    """
    prior = prior or shipped_prior()
    columns = _origin_columns(weekly, origins)
    history = filled_history(weekly.cases)
    pick = [HORIZONS_WEEKS.index(h) for h in horizons_weeks]
    dates, index, values = [], [], []
    for column in columns:
        known = np.flatnonzero(weekly.whole[:, column])
        past = history[known, : column + 1]
        late = None if weekly.late is None else weekly.late[known, column]
        chosen = eligible(past)
        if not chosen.any():
            continue
        late_chosen = None if late is None else late[chosen]
        quantiles = project(past[chosen], prior, pool_of(past, late), late_chosen)
        values.append(quantiles[:, pick])
        index.append(known[chosen])
        dates.append(np.full(int(chosen.sum()), weekly.week_ends[column]))
    shape = (0, len(pick), len(HUB_QUANTILES))
    return Projection(
        weekly.places,
        np.concatenate(dates) if dates else np.empty(0, dtype="datetime64[D]"),
        np.concatenate(index) if index else np.empty(0, dtype=np.int64),
        tuple(horizons_weeks),
        np.concatenate(values) if values else np.empty(shape),
        prior.version,
    )


def _origin_columns(weekly: WeeklyCases, origins: Sequence[np.datetime64] | None) -> list[int]:
    whole = np.flatnonzero(weekly.whole.any(axis=0))
    if origins is None:
        return [int(column) for column in whole]
    allowed = {str(weekly.week_ends[column]): int(column) for column in whole}
    faults = [
        Fault(
            "origins",
            f"{day} không phải thứ Bảy kết thúc một tuần đủ số liệu trong tệp",
            f"{day} is not a Saturday that ends a whole week of the file",
        )
        for day in map(str, origins)
        if day not in allowed
    ]
    if faults:
        raise InputFaults(faults)
    return sorted({allowed[str(day)] for day in origins})
