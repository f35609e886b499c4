"""Burn at national size: 10,000 places × 200 items × 90 days, against the bare arithmetic in numpy.

Both sides get the same driver draws, block by block of places (all of them at once would be 90 GB),
and give mean and spread by class, spread of a day and of all days up to it, and five quantiles of
every place, item and day: ours by `burn_table` with learned rates and `total_quantiles`, the other by
the formulas as one writes them first (matrix products over covariances, `numpy.interp` for the
quantiles). Prints the ratio, the peak memory, and by how much time grows with places and with items
(exponent of a power law, 1 = in step).

    python -m benchmarks.burn_scale [--places 10000]
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
from scipy.stats import gamma

from supply.forecast.burn import QUANTILES, burn_table
from supply.forecast.cases import FloatArray
from supply.forecast.drivers import FacilityDrivers
from supply.forecast.norms import CLASSES, DRIVERS, Norms, Rate, load_norms
from supply.forecast.rates.learned import Learned

ITEMS, DAYS, DRAWS, BLOCK = 200, 90, 100, 25
KINDS_OF_BLOCK = 4
GRID = np.geomspace(1e-3, 20.0, 161)
TABLE: FloatArray = np.asarray(
    gamma.ppf(np.asarray(QUANTILES)[:, None], GRID**-2.0, scale=GRID**2.0)
)

Step = Callable[[FacilityDrivers, Norms, tuple[str, ...], Learned], FloatArray]


def _norms(items: int) -> Norms:
    """Three rates an item, as the norm tables have on average."""
    rng = np.random.default_rng(4)
    base = load_norms(date(2022, 3, 1))
    rates = tuple(
        Rate(f"I{item:04}", str(driver), str(of_class), float(rate), "bench", "made up")
        for item in range(items)
        for driver, of_class, rate in zip(
            rng.choice(DRIVERS, 3, replace=False),
            rng.choice(CLASSES, 3),
            rng.gamma(2.0, 1.0, 3),
            strict=True,
        )
    )
    return Norms(**{**base.__dict__, "rates": rates})


def _blocks(places: int) -> Iterator[FacilityDrivers]:
    """Some made blocks of driver draws, given again and again: only the arithmetic is measured."""
    rng = np.random.default_rng(7)
    level = rng.gamma(3.0, 5.0, (KINDS_OF_BLOCK, len(DRIVERS), DRAWS, BLOCK, 1))
    made = rng.poisson(level, (*level.shape[:-1], DAYS)).astype(np.float64)
    names = tuple(f"F{n}" for n in range(BLOCK))
    for block in range(places // BLOCK):
        yield FacilityDrivers(names, made[block % KINDS_OF_BLOCK])


def _learned(items: int) -> Learned:
    rng = np.random.default_rng(9)
    size = (BLOCK, items)
    taught = Learned.neutral(*size)
    return Learned(
        **{
            **taught.__dict__,
            "multiplier": rng.gamma(10.0, 0.1, size),
            "multiplier_sd": np.full(size, 0.2),
            "base_per_day": rng.gamma(1.0, 1.0, size),
            "base_sd": np.full(size, 0.3),
            "dispersion": np.full(size, 2.0),
        }
    )


def _ours(
    drivers: FacilityDrivers, norms: Norms, codes: tuple[str, ...], learned: Learned
) -> FloatArray:
    return burn_table(drivers, norms, codes, learned).total_quantiles()


def _bare(
    drivers: FacilityDrivers, norms: Norms, codes: tuple[str, ...], learned: Learned
) -> FloatArray:
    """The same figures by the formulas, without tables or checks."""
    rate = norms.rate_array(codes)
    total = rate.sum(axis=1)
    m, sm, b, sb, phi = (
        part[:, :, None]
        for part in (
            learned.multiplier,
            learned.multiplier_sd,
            learned.base_per_day,
            learned.base_sd,
            learned.dispersion,
        )
    )

    def covariance(values: FloatArray) -> FloatArray:
        centred = np.moveaxis(values - values.mean(axis=1, keepdims=True), (2, 3), (0, 1))
        return centred @ np.swapaxes(centred, -1, -2) / (values.shape[1] - 1)

    def spread(of: FloatArray, cov: FloatArray) -> FloatArray:
        return np.moveaxis(((of @ cov) * of).sum(axis=-1), 1, -1)

    means = np.moveaxis(drivers.values.mean(axis=1), 0, 1)
    daily, running = covariance(drivers.values), covariance(drivers.values.cumsum(axis=-1))
    for c in range(len(CLASSES)):
        mean, own = rate[:, c] @ means, float(CLASSES[c] == "mild")
        learned_mean = m * mean + own * b
        np.sqrt(
            (m**2 + sm**2) * spread(rate[:, c], daily)
            + sm**2 * mean**2
            + own * sb**2
            + phi * learned_mean
        )
    mean = total @ means
    whole = m * mean + b
    sd = np.sqrt((m**2 + sm**2) * spread(total, daily) + sm**2 * mean**2 + sb**2 + phi * whole)
    days = np.arange(1.0, DAYS + 1)
    upto = mean.cumsum(axis=-1)
    np.sqrt(
        (m**2 + sm**2) * spread(total, running)
        + sm**2 * upto**2
        + (sb * days) ** 2
        + phi * (m * upto + b * days)
    )
    variation = sd / whole
    return np.stack([whole * np.interp(variation, GRID, row) for row in TABLE], axis=-1)


def _seconds(step: Step, places: int, items: int) -> float:
    norms, learned = _norms(items), _learned(items)
    codes = norms.item_codes()
    blocks = _blocks(places)
    start = time.perf_counter()
    for drivers in blocks:
        step(drivers, norms, codes, learned)
    return time.perf_counter() - start


def _same() -> None:
    """Both give the same figures, or nothing is measured."""
    norms, learned = _norms(ITEMS), _learned(ITEMS)
    drivers = next(iter(_blocks(BLOCK)))
    ours = _ours(drivers, norms, norms.item_codes(), learned)
    bare = _bare(drivers, norms, norms.item_codes(), learned)
    np.testing.assert_allclose(ours, bare, rtol=0.01, atol=0.02 * float(ours.mean()))


def _exponent(small: float, large: float, factor: float) -> float:
    return round(float(np.log(large / small) / np.log(factor)), 3)


def main() -> None:
    """Measure both sides in turn and print the lines."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--places", type=int, default=10_000)
    places = parser.parse_args().places
    _same()
    quarter = min(_seconds(_ours, places // 4, ITEMS) for _ in range(2))
    few_items = min(_seconds(_ours, places // 4, ITEMS // 4) for _ in range(2))
    ours = _seconds(_ours, places, ITEMS)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    other = _seconds(_bare, places // 4, ITEMS) * 4
    lines = [
        {
            "name": f"burn quantiles: {places:,} places x {ITEMS} items x {DAYS} days",
            "ours": round(ours, 1),
            "other": round(other, 1),
            "other_is": "the bare numpy arithmetic on the same arrays (a quarter of the places, x 4)",
            "ratio": round(ours / other, 3),
            "unit": "seconds",
        },
        {"name": "burn quantiles: peak memory", "ours": round(peak), "unit": "MB"},
        {
            "name": "burn quantiles: growth exponent in places",
            "ours": _exponent(quarter, ours, 4),
            "unit": "exponent",
        },
        {
            "name": "burn quantiles: growth exponent in items",
            "ours": _exponent(few_items, quarter, 4),
            "unit": "exponent",
        },
    ]
    for line in lines:
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
