"""Weekly projection: seconds per 1,000 places, all places at once against a loop over places.

Both sides give the same quantiles from the same histories with the same pool; the loop is what one
writes first. Prints one JSON line. Run: `python benchmarks/forecast_speed.py`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from supply.forecast.features import pool_of
from supply.forecast.projection import project, shipped_prior

PLACES, WEEKS, REPEATS = 1_000, 52, 3


def _histories() -> np.ndarray:
    rng = np.random.default_rng(2022)
    growth = rng.normal(0, 0.25, (PLACES, WEEKS)).cumsum(axis=1)
    growth -= 0.05 * np.maximum(growth - 2, 0)
    return rng.poisson(30 * np.exp(np.clip(growth, -3, 5))).astype(np.float64)


def main() -> None:
    """Time both sides and print the line."""
    history, prior = _histories(), shipped_prior()
    pool = pool_of(history)
    ours = np.inf
    for _ in range(REPEATS):
        start = time.perf_counter()
        together = project(history, prior, pool)
        ours = min(ours, time.perf_counter() - start)
    start = time.perf_counter()
    alone = np.concatenate([project(history[n : n + 1], prior, pool) for n in range(PLACES)])
    other = time.perf_counter() - start
    np.testing.assert_allclose(alone, together, atol=0.002, rtol=1e-9)
    line = {
        "name": "forecast: weekly projection of 1,000 places",
        "ours": round(ours, 4),
        "other": round(other, 4),
        "other_is": "the same projection place by place in Python",
        "ratio": round(ours / other, 4),
        "unit": "seconds per 1,000 places",
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
