"""The peer's side of `projection.py`, run by its own interpreter: one ETS model a place, in a loop.

Reads [place][week] of cases from standard input, fits an additive damped trend to log(cases + 1) of each
place, draws 1,000 paths of four weeks and takes the 23 quantiles. Prints seconds and quantiles as JSON.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

LEVELS = [0.01, 0.025, *(n / 20 for n in range(1, 20)), 0.975, 0.99]
WEEKS, PATHS = 4, 1000


def project(cases: list[float]) -> np.ndarray:
    """[week, 23] of one place."""
    series = np.log(np.asarray(cases) + 1.0)
    fitted = ETSModel(series, error="add", trend="add", damped_trend=True).fit(disp=False)
    drawn = fitted.simulate(WEEKS, anchor="end", repetitions=PATHS, rng=np.random.default_rng(1))
    quantiles = np.quantile(np.asarray(drawn).reshape(WEEKS, PATHS), LEVELS, axis=1).T
    return np.maximum(np.exp(quantiles) - 1.0, 0.0)


def main() -> None:
    """All places, one after the other."""
    warnings.simplefilter("ignore")
    places = json.load(sys.stdin)
    project(places[0])  # imports warm
    start = time.perf_counter()
    found = [project(place).tolist() for place in places]
    print(json.dumps({"seconds": time.perf_counter() - start, "quantiles": found}))


if __name__ == "__main__":
    main()
