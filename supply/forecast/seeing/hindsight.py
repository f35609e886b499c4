"""How good were we: projections and expected use set against what came. Pure.

Cases, pair by pair (place, origin, horizon): weighted interval score relative to the hub baseline
(`score.py`), share of outcomes within the 50 and 95 % intervals, share above the median (0.5 is
right), mean of log((came + 1) / (median + 1)) (0 is right, above 0 = projected too low), and where
outcomes fell within the distribution (PIT; flat is right).

Use, pair by pair (facility, item, first days of a run): WAPE = Σ|came − expected| / Σ came, bias =
Σ(expected − came) / Σ came, share of outcomes within the 90 % interval. What was issued stands for what
was needed: where a store was empty, less was issued than needed.

Worked numbers: came 10 and 30, expected 14 and 24: WAPE (4 + 6) / 40 = 0.25, bias (4 − 6) / 40 = −0.05.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from supply.forecast.cases import FloatArray, IntArray
from supply.forecast.score import (
    HUB_QUANTILES,
    baseline_quantiles,
    score_pairs,
    weighted_interval_score,
)

PIT_BINS = 10
USE_DAYS = (14, 28)
_LEVELS: FloatArray = np.asarray(HUB_QUANTILES)
_MEDIAN = HUB_QUANTILES.index(0.5)


@dataclass(frozen=True)
class CasePairs:
    """n projections whose weeks have come: `quantiles`, `baseline` [n, 23], the rest [n].

    `place` indexes the wards; `origin` counts the origins, 0 the earliest.
    """

    place: IntArray
    origin: IntArray
    horizon_weeks: IntArray
    quantiles: FloatArray
    baseline: FloatArray
    truth: FloatArray


@dataclass(frozen=True)
class CaseLine:
    """The score of one group of pairs. `relative_wis` is NaN where the baseline was never wrong."""

    key: int
    pairs: int
    relative_wis: float
    coverage_50: float
    coverage_95: float
    above_median: float
    log_ratio: float


@dataclass(frozen=True)
class UsePairs:
    """n windows of use that have passed, all [n]: facility and item by index, the window's days, what
    was expected with its 0.05 and 0.95 quantiles, and what was used. Base units."""

    facility: IntArray
    item: IntArray
    days: IntArray
    expected: FloatArray
    low: FloatArray
    high: FloatArray
    used: FloatArray


@dataclass(frozen=True)
class UseLine:
    """The score of one group of windows; `wape` and `bias` are NaN where nothing was used."""

    key: int
    pairs: int
    expected: float
    used: float
    wape: float
    bias: float
    coverage_90: float


@dataclass(frozen=True)
class Hindsight:
    """All that the page shows; as JSON it is a backtest's result."""

    origins: int
    case_pairs: int
    by_horizon: tuple[CaseLine, ...]
    by_place: tuple[CaseLine, ...]
    pit: tuple[float, ...]
    use_windows: int
    use_by_days: tuple[UseLine, ...]
    use_by_facility: tuple[UseLine, ...]
    use_by_item: tuple[UseLine, ...]


def case_pairs(
    quantiles: Sequence[FloatArray], histories: Sequence[FloatArray], ends: Sequence[FloatArray]
) -> CasePairs:
    """Pairs of several origins. For each: `quantiles[ward, week, 23]`, `histories[ward, week]` as known
    up to the origin (gaps filled, no NaN at its end), `ends[ward, week]` what came, NaN = not yet.
    Places with fewer than two weeks of history have no baseline and are left out."""
    parts: list[tuple[Any, ...]] = []
    for number, (ahead, past, came) in enumerate(zip(quantiles, histories, ends, strict=True)):
        usable = (~np.isnan(past)).sum(axis=1) >= 2
        base = np.full(ahead.shape, np.nan)
        if usable.any():
            base[usable] = baseline_quantiles(past[usable], horizons=ahead.shape[1])
        place, week = np.nonzero(~np.isnan(came) & usable[:, None])
        origin = np.full(len(place), number)
        parts.append(
            (place, origin, week + 1, ahead[place, week], base[place, week], came[place, week])
        )
    if not parts:
        empty, wide = np.empty(0, dtype=np.int64), np.empty((0, len(HUB_QUANTILES)))
        return CasePairs(empty, empty, empty, wide, wide, np.empty(0))
    return CasePairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def case_lines(pairs: CasePairs, key: IntArray) -> tuple[CaseLine, ...]:
    """Score each group of pairs with one `key[n]`."""
    lines = []
    for value in np.unique(key):
        at = key == value
        q, truth = pairs.quantiles[at], pairs.truth[at]
        ours = weighted_interval_score(q, truth).mean()
        theirs = weighted_interval_score(pairs.baseline[at], truth).mean()
        one = np.zeros(int(at.sum()), dtype=np.int64)
        known = score_pairs(q, pairs.baseline[at], truth, one, one)[0]
        median = q[:, _MEDIAN]
        above = np.where(truth == median, 0.5, truth > median)
        lines.append(
            CaseLine(
                int(value),
                len(truth),
                float(ours / theirs) if theirs > 0 else float("nan"),
                known.coverage_50,
                known.coverage_95,
                float(above.mean()),
                float(np.log((truth + 1.0) / (median + 1.0)).mean()),
            )
        )
    return tuple(lines)


def pit_histogram(pairs: CasePairs, bins: int = PIT_BINS) -> FloatArray:
    """[bins]: share of outcomes by where they fell in the distribution; sums to 1.

    Between two quantiles the place is interpolated; an outcome that equals several quantiles (0 cases)
    or lies beyond the outermost is spread evenly over the levels it may stand for.
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    total = np.zeros(bins)
    for q, truth in zip(pairs.quantiles, pairs.truth, strict=True):
        low, high = _levels_of(q, truth)
        if high - low < 1e-12:
            total[min(int(low * bins), bins - 1)] += 1.0
        else:
            inside = np.minimum(edges[1:], high) - np.maximum(edges[:-1], low)
            total += np.maximum(inside, 0.0) / (high - low)
    return total / max(len(pairs.truth), 1)


def _levels_of(q: FloatArray, truth: float) -> tuple[float, float]:
    """The levels an outcome may stand for; both the same where it lies between two quantiles."""
    left, right = np.searchsorted(q, truth, "left"), np.searchsorted(q, truth, "right")
    if left < right:  # it equals some of them
        low = 0.0 if left == 0 else float(_LEVELS[left])
        high = 1.0 if right == len(q) else float(_LEVELS[right - 1])
        return low, high
    if left == 0:
        return 0.0, float(_LEVELS[0])
    if left == len(q):
        return float(_LEVELS[-1]), 1.0
    share = (truth - q[left - 1]) / (q[left] - q[left - 1])
    level = float(_LEVELS[left - 1] + share * (_LEVELS[left] - _LEVELS[left - 1]))
    return level, level


def use_lines(pairs: UsePairs, key: IntArray) -> tuple[UseLine, ...]:
    """Score each group of windows with one `key[n]`; the groups that used most come first."""
    lines = []
    for value in np.unique(key):
        at = key == value
        used, expected = pairs.used[at], pairs.expected[at]
        whole = float(used.sum())
        inside = (pairs.low[at] <= used) & (used <= pairs.high[at])
        lines.append(
            UseLine(
                int(value),
                len(used),
                float(expected.sum()),
                whole,
                float(np.abs(used - expected).sum() / whole) if whole > 0 else float("nan"),
                float((expected - used).sum() / whole) if whole > 0 else float("nan"),
                float(inside.mean()),
            )
        )
    return tuple(sorted(lines, key=lambda line: -line.used))


def hindsight(cases: CasePairs, use: UsePairs) -> Hindsight:
    """Everything at once; by facility and item over the shorter windows only, so that no day counts
    twice within one origin."""
    short = use.days == min(USE_DAYS)
    brief = UsePairs(*(getattr(use, f.name)[short] for f in fields(UsePairs)))
    return Hindsight(
        len(np.unique(cases.origin)),
        len(cases.truth),
        case_lines(cases, cases.horizon_weeks),
        case_lines(cases, cases.place),
        tuple(pit_histogram(cases).tolist()),
        len(use.used),
        tuple(sorted(use_lines(use, use.days), key=lambda line: line.key)),
        use_lines(brief, brief.facility),
        use_lines(brief, brief.item),
    )


def to_json(found: Hindsight) -> dict[str, Any]:
    """As a job's result keeps it; NaN becomes null."""
    return {name: _plain(value) for name, value in asdict(found).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return None if isinstance(value, float) and np.isnan(value) else value


def from_json(told: dict[str, Any]) -> Hindsight:
    """What `to_json` wrote. Raises KeyError or TypeError on anything else."""
    kinds: dict[str, Any] = {
        f.name: UseLine if f.name.startswith("use_by") else CaseLine for f in fields(Hindsight)
    }
    values: dict[str, Any] = {}
    for name, kind in kinds.items():
        value = told[name]
        if name == "pit":
            values[name] = tuple(value)
        elif isinstance(value, list):
            values[name] = tuple(
                kind(**{k: float("nan") if v is None else v for k, v in one.items()})
                for one in value
            )
        else:
            values[name] = value
    return Hindsight(**values)
