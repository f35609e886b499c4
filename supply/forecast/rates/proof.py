"""How good learned rates are on made-up ledgers over a real hospital census (`synthetic`). Pure.

Every seventh Saturday the next 14 days' use of each facility and item is forecast from what was known
then, and compared with what the wards would have fetched from a store that has enough. Beside it stands
AMC as the field has it: use of 90 days over the days with stock, × 14.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import gamma

from supply.forecast.cases import DateArray, FloatArray
from supply.forecast.paths import weekly_paths
from supply.forecast.projection import project, shipped_hospital_prior
from supply.forecast.rates.learned import Learned
from supply.forecast.rates.learning import learn
from supply.forecast.rates.past import Past, quotient
from supply.forecast.rates.settings import Settings
from supply.forecast.rates.synthetic import Habits, Ledger, make_ledger

DAYS_AHEAD, WEEK, AMC_DAYS, AMC_LEAST_DAYS = 14, 7, 90, 30
LEVELS: tuple[float, ...] = (0.5, 0.9, 0.95)
_DRAWS = 200
_LEAST_UNITS = 5.0  # coverage of a handful of whole units says nothing of an interval
_A_SATURDAY = np.datetime64("2022-01-01")
ITALY = "hospital_census_italy_regions.csv.gz"
SOUTH_AFRICA = "hospital_census_south_africa.csv"


@dataclass(frozen=True)
class Census:
    """Patients in ordinary and in intensive care [tier, day] from `first_day` on."""

    first_day: np.datetime64
    patients: FloatArray


@dataclass(frozen=True)
class Figures:
    """WAPE = Σ|forecast − use| / Σ use, of ours, of AMC and of the norms as they stand; `bias` of ours
    (1 = none); `covered` by central interval, of cells with 5 units or more; forecasts made."""

    wape: float
    wape_amc: float
    wape_norm: float
    bias: float
    covered: Mapping[float, float]
    forecasts: int


def read_census(folder: Path) -> dict[str, Census]:
    """The censuses of the shared data, by place. Raises FileNotFoundError where they are absent."""
    found: dict[str, dict[np.datetime64, tuple[float, float]]] = {}
    with gzip.open(folder / ITALY, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            day = np.datetime64(row["date"])
            figures = float(row["ward_census"]), float(row["icu_census"])
            found.setdefault(row["place"], {})[day] = figures
    with (folder / SOUTH_AFRICA).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["current_num_in_hospital"] and row["ICU"]:
                total, icu = float(row["current_num_in_hospital"]), float(row["ICU"])
                place = found.setdefault(row["place"], {})
                place[np.datetime64(row["date"])] = (max(total - icu, 0.0), icu)
    return {place: _daily(days) for place, days in found.items()}


def _daily(days: Mapping[np.datetime64, tuple[float, float]]) -> Census:
    """Days missing between two are filled in a straight line."""
    known = np.array(sorted(days))
    every = np.arange(known[0], known[-1] + 1)
    figures = np.array([days[day] for day in known])
    at, have = (every - known[0]).astype(float), (known - known[0]).astype(float)
    return Census(known[0], np.array([np.interp(at, have, figures[:, t]) for t in range(2)]))


def judged(
    census: Sequence[Census],
    habits: Habits,
    settings: Settings,
    seed: int,
    projected: bool,
    every_weeks: int = 7,
) -> Figures:
    """Figures over made-up districts, one on each census.

    `projected`: patients to come are projected by the shipped hospital prior, as in earnest; otherwise
    they are taken as they came, which leaves the error of the rates alone.
    """
    parts = []
    for number, one in enumerate(census):
        ledger = make_ledger(one.patients, habits, np.random.default_rng([seed, number]))
        expected = ledger.expected()
        days = one.first_day + np.arange(expected.shape[-1])
        saturdays = _saturdays(days)
        for last in saturdays[settings.days // WEEK + 1 : -3 : every_weeks]:
            known = _known(ledger, expected, int(last) + 1, settings.days)
            ahead = _ahead(ledger, saturdays[saturdays <= last], int(last), projected)
            parts.append(_forecast(ledger, learn(known, settings), ahead, int(last) + 1))
    return _figures(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _saturdays(days: DateArray) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.flatnonzero((days - _A_SATURDAY).astype(int) % WEEK == 0)


def _known(ledger: Ledger, expected: FloatArray, day_0: int, days: int) -> Past:
    window = slice(max(day_0 - days, 0), day_0)
    issued, empty = ledger.issued[..., window], ledger.empty[..., window]
    return Past(expected[..., window], issued, ~empty | (issued > 0), empty)


def _ahead(
    ledger: Ledger,
    saturdays: np.ndarray[tuple[int], np.dtype[np.intp]],
    last: int,
    projected: bool,
) -> FloatArray:
    """[draw, f, i, day]: use by the norm on the days to come; one draw where patients are known."""
    if not projected:
        future = ledger.patients[..., last + 1 : last + 1 + DAYS_AHEAD]
        return np.einsum("it,ftd->fid", ledger.norm, future)[None]
    district = ledger.patients.sum(axis=0)
    prior = shipped_hospital_prior()
    quantiles = project(district[:, saturdays], prior)
    rng = np.random.default_rng(last)
    weekly = weekly_paths(quantiles, _DRAWS, prior.dependence, rng)
    knots = np.concatenate(
        [np.broadcast_to(district[None, :, last, None], (_DRAWS, len(district), 1)), weekly],
        axis=-1,
    )
    at = np.arange(1, DAYS_AHEAD + 1) / WEEK
    before = np.minimum(at.astype(int), 1)
    daily = knots[..., before] * (1 - (at - before)) + knots[..., before + 1] * (at - before)
    recent = ledger.patients[..., last + 1 - DAYS_AHEAD : last + 1].sum(axis=-1)
    share = recent / np.maximum(recent.sum(axis=0), 1.0)
    return np.einsum("it,ft,gtd->gfid", ledger.norm, share, daily)


def _forecast(
    ledger: Ledger, learned: Learned, ahead: FloatArray, day_0: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Mean, sd, AMC, norm and truth of 14 days' use, flat, where AMC can be stated at all."""
    total, daily = ahead.sum(axis=-1), ahead.mean(axis=0)
    norm, spread = total.mean(axis=0), total.var(axis=0)
    multiplier, sd = learned.multiplier, learned.multiplier_sd
    mean = norm * multiplier
    variance = (multiplier**2 + sd**2) * spread + sd**2 * norm**2 + learned.dispersion * mean
    variance += learned.lump_days * multiplier**2 * (daily**2).sum(axis=-1)
    before = slice(day_0 - AMC_DAYS, day_0)
    in_stock = (~ledger.empty[..., before]).sum(axis=-1)
    amc = quotient(ledger.issued[..., before].sum(axis=-1) * DAYS_AHEAD, in_stock.astype(float))
    truth = ledger.wanted[..., day_0 : day_0 + DAYS_AHEAD].sum(axis=-1)
    told = (in_stock >= AMC_LEAST_DAYS) & (norm > 0)
    return mean[told], np.sqrt(variance)[told], amc[told], norm[told], truth[told]


def _figures(
    mean: FloatArray, sd: FloatArray, amc: FloatArray, norm: FloatArray, truth: FloatArray
) -> Figures:
    total = float(truth.sum())

    def wape(forecast: FloatArray) -> float:
        return float(np.abs(forecast - truth).sum()) / total

    big = mean >= _LEAST_UNITS
    shape, scale = (mean[big] / sd[big]) ** 2, sd[big] ** 2 / mean[big]
    at = gamma.cdf(truth[big], shape, scale=scale)
    covered = {level: float((np.abs(at - 0.5) <= level / 2).mean()) for level in LEVELS}
    return Figures(
        wape(mean), wape(amc), wape(norm), float(mean.sum()) / total, covered, len(truth)
    )


def put_right(
    census: Sequence[Census], factor: float, settings: Settings, seed: int
) -> tuple[float, float]:
    """Of norms wrong by `factor`, the share that four weeks of a new book bring to within 20 % of the
    truth, on the top of the highest wave: by item over the district, and by facility and item (10 units
    a week or more)."""
    items, cells = [], []
    habits = Habits(off_norm=1e-6)
    for number, one in enumerate(census):
        ledger = make_ledger(one.patients, habits, np.random.default_rng([seed, number]))
        expected = ledger.expected() / factor
        district = ledger.patients.sum(axis=(0, 1))
        day_0 = settings.days + int(district[settings.days :].argmax())
        past = _known(ledger, expected, day_0, settings.days)
        seen = past.seen.copy()
        seen[..., :-28] = False
        learned = learn(Past(past.expected, past.observed, seen, past.stocked_out & seen), settings)
        window = slice(day_0 - 28, day_0)
        patients = ledger.patients[..., window].sum(axis=-1)
        true = np.einsum("fit,ft->fi", ledger.true_rate, patients)
        said = expected[..., window].sum(axis=-1) * learned.multiplier
        items.append(np.abs(said.sum(axis=0) / true.sum(axis=0) - 1.0) <= 0.2)
        cells.append(np.abs(quotient(said, true) - 1.0)[true >= 40.0] <= 0.2)
    return float(np.concatenate(items).mean()), float(np.concatenate(cells).mean())
