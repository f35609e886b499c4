"""The days that are over, as learning reads them, and their sums by recency and by window. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import BoolArray, FloatArray


@dataclass(frozen=True)
class Past:
    """Days that are over, oldest first: `expected`, `observed` [f, i, day] base units; `seen` where
    the day counts; `stocked_out` where the store closed empty. A day that closed empty but on which
    some was issued counts too, with what was issued."""

    expected: FloatArray
    observed: FloatArray
    seen: BoolArray
    stocked_out: BoolArray

    def __post_init__(self) -> None:
        """Raises ValueError where shapes differ or a figure is negative or not finite."""
        shapes = {a.shape for a in (self.expected, self.observed, self.seen, self.stocked_out)}
        if len(shapes) != 1 or self.expected.ndim != 3:
            raise ValueError(
                f"the past must be [facility, item, day] arrays of one shape: {shapes}"
            )
        for name in ("expected", "observed"):
            figures = getattr(self, name)
            if not (np.isfinite(figures).all() and (figures >= 0).all()):
                raise ValueError(f"{name} use must be finite and not negative")


@dataclass(frozen=True)
class Sums:
    """Of each facility and item [f, i], over the days that count: how many, use expected and observed,
    days out of stock; by recency the `ratio` observed/expected, the expected units it rests on
    (`effective` = (Σwe)²/Σw²e) and `level` = Σw²e²/Σw²e, expected units a day."""

    days: FloatArray
    expected: FloatArray
    observed: FloatArray
    stocked_out: FloatArray
    ratio: FloatArray
    effective: FloatArray
    level: FloatArray


def quotient(above: FloatArray, below: FloatArray, otherwise: float = 0.0) -> FloatArray:
    """above / below where below > 0, else `otherwise`; shapes are broadcast."""
    above, below = np.broadcast_arrays(above, below)
    out = np.full(above.shape, otherwise)
    return np.divide(above, below, out=out, where=below > 0)


def summed(past: Past, half_life_days: float) -> Sums:
    """Sums over the days that count; a day `half_life_days` earlier weighs half."""
    age = np.arange(past.expected.shape[-1] - 1, -1, -1)
    recency = np.exp2(-age / half_life_days)
    expected, observed = past.seen * past.expected, past.seen * past.observed
    weighted = expected @ recency
    square = expected @ recency**2
    return Sums(
        past.seen.sum(axis=-1).astype(np.float64),
        expected.sum(axis=-1),
        observed.sum(axis=-1),
        past.stocked_out.sum(axis=-1).astype(np.float64),
        quotient(observed @ recency, weighted),
        quotient(weighted**2, square),
        quotient(expected**2 @ recency**2, square),
    )


@dataclass(frozen=True)
class Windows:
    """Sums over every run of `days` days that counts for the most part, [f, i, window]: use expected,
    its squares by day, use observed; 0 expected where too little of the window counts."""

    days: int
    expected: FloatArray
    squares: FloatArray
    observed: FloatArray

    @property
    def number(self) -> FloatArray:
        """[f, i]: how many windows beside one another those that overlap are worth."""
        count: FloatArray = (self.expected > 0).sum(axis=-1) / self.days
        return count


def windows(past: Past, days: int, least_share: float) -> Windows:
    """All windows, each beginning a day after the other, of which `least_share` counts in full: a day
    that closed empty tells the least of use, not its spread."""
    whole = past.seen & ~past.stocked_out
    counts = _running(whole.astype(np.float64), days) >= least_share * days
    return Windows(
        days,
        _running(past.expected * whole, days) * counts,
        _running(past.expected**2 * whole, days) * counts,
        _running(past.observed * whole, days) * counts,
    )


def _running(values: FloatArray, days: int) -> FloatArray:
    """[..., day] → [..., window]: sums of `days` days in a row; none if there are fewer days."""
    if values.shape[-1] < days:
        return np.zeros((*values.shape[:-1], 0))
    total = np.concatenate([np.zeros((*values.shape[:-1], 1)), values.cumsum(axis=-1)], axis=-1)
    found: FloatArray = np.maximum(total[..., days:] - total[..., :-days], 0.0)
    return found
