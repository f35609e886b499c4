"""From a folder of published case series to samples for fitting: features, baseline, what came.

Only origins inside a family's window are used; the windows are those the scores are given for. A
further family is made from the same series thinned to the size of a ward (binomially, fixed seed),
because no published series is that small; it is the only thing here that is not as published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from supply.forecast.cases import (
    BoolArray,
    FloatArray,
    WeeklyCases,
    filled_history,
    read_cases,
    weekly_cases,
)
from supply.forecast.features import features, pool_of
from supply.forecast.projection import eligible
from supply.forecast.score import baseline_quantiles

HORIZONS = 4
WARD_SIZE_CASES = 12.0  # mean weekly cases a thinned series is brought to
WARD_FAMILY = "ward-size (thinned)"
_THINNING_SEED = 38
_SATURDAY = 5  # pandas counts from Monday


@dataclass(frozen=True)
class Family:
    """One published file, the window its scores are given for, and its weight in the fit.

    `column` other than "cases" names a census or weekly count, taken as it stands on Saturdays.
    """

    name: str
    file: str
    first_origin: str
    last_target: str
    source: str
    column: str = "cases"
    weight: float = 1.0


@dataclass(frozen=True)
class Measure:
    """What is projected: the families its prior is fitted to, and what the fit is held by.

    `ridge`: of the coefficients. `widening`: factors of the shape at the quantiles 0.01 and 0.025
    (and their mirrors), 0.05, 0.1: left alone the outer quantiles covered 0.88 instead of 0.95.
    """

    name: str
    families: tuple[Family, ...]
    ridge: float
    widening: tuple[float, float, float]


CASE_FAMILIES: tuple[Family, ...] = (
    Family(
        "Vietnamese provinces",
        "cases_daily_vietnam_provinces.csv",
        "2021-07-10",
        "2022-01-22",
        "Ministry of Health daily counts as crawled in haminh0307/tudtk-covid-project",
        weight=5.0,
    ),
    Family(
        "Italian regions",
        "cases_daily_italy_regions.csv",
        "2020-10-03",
        "2022-12-31",
        "pcm-dpc/COVID-19, CC BY 4.0",
    ),
    Family(
        "South African provinces",
        "cases_daily_south_africa_provinces.csv",
        "2020-10-03",
        "2022-07-23",
        "dsfsi/covid19za, CC BY-SA 4.0",
    ),
    Family(
        "WHO countries",
        "cases_weekly_countries_who.csv",
        "2020-10-03",
        "2022-12-31",
        "WHO, CC BY 4.0",
    ),
    Family(
        "European countries",
        "cases_weekly_europe_jhu.csv",
        "2021-03-06",
        "2022-07-30",
        "JHU CSSE, CC BY 4.0",
    ),
)
_CENSUS = ("2020-10-03", "2022-12-31")
_ITALY = ("hospital_census_italy_regions.csv.gz", *_CENSUS, "pcm-dpc/COVID-19, CC BY 4.0")
HOSPITAL_FAMILIES: tuple[Family, ...] = (
    Family("Italian regions, ward beds", *_ITALY, column="ward_census"),
    Family("Italian regions, ICU beds", *_ITALY, column="icu_census"),
    Family(
        "South Africa, in hospital",
        "hospital_census_south_africa.csv",
        *_CENSUS,
        "NICD DATCOV in dsfsi/covid19za, CC BY-SA 4.0",
        column="current_num_in_hospital",
    ),
    Family(
        "European countries, admissions a week",
        "hospital_admissions_europe_weekly.csv",
        *_CENSUS,
        "Our World in Data, CC BY 4.0",
        column="weekly_admissions",
    ),
)
MEASURES: dict[str, Measure] = {
    "cases": Measure("cases", CASE_FAMILIES, 0.008, (1.4, 1.25, 1.1)),
    "hospital": Measure("hospital", HOSPITAL_FAMILIES, 0.02, (1.3, 1.2, 1.1)),
}


@dataclass(frozen=True)
class Samples:
    """One row per place and origin: `x[n, K]`, `cases[n]`, `base[n, H, Q]`, `truth[n, H]` (NaN where
    not known or outside the window), `place[n]` and `family[n]` as text, `week[n]` the origin's column in its file."""

    x: FloatArray
    cases: FloatArray
    base: FloatArray
    truth: FloatArray
    place: npt.NDArray[np.str_]
    family: npt.NDArray[np.str_]
    week: npt.NDArray[np.int64]

    def rows(self, keep: BoolArray) -> Samples:
        """The rows marked."""
        return Samples(*(getattr(self, field.name)[keep] for field in fields(self)))


def read_family(folder: Path, family: Family) -> WeeklyCases:
    """The family's weekly cases, or its census on Saturdays. Raises InputFaults."""
    path = folder / family.file
    if family.column == "cases" or not path.is_file():
        return weekly_cases(read_cases(path))
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    saturday = pd.to_datetime(table["date"]).dt.day_of_week == _SATURDAY
    population = table.get("population", "")
    chosen = pd.DataFrame(
        {
            "date": table["date"],
            "place": table["place"],
            "population": population,
            "cases": table[family.column],
        }
    )[saturday]
    return weekly_cases(read_cases(chosen.to_csv(index=False).encode()))


def read_samples(folder: Path, families: Sequence[Family] = CASE_FAMILIES) -> Samples:
    """Samples of every family and of the ward-size family. Raises InputFaults on a missing file."""
    parts = []
    rng = np.random.default_rng(_THINNING_SEED)
    for family in families:
        weekly = read_family(folder, family)
        parts += _samples(weekly, family, family.name, small=False)
        if weekly.daily:
            parts += _samples(_thinned(weekly, rng), family, WARD_FAMILY, small=True)
    columns = zip(
        *([getattr(part, f.name) for f in fields(Samples)] for part in parts), strict=True
    )
    return Samples(*(np.concatenate(column) for column in columns))


def _thinned(weekly: WeeklyCases, rng: np.random.Generator) -> WeeklyCases:
    """Each case kept with the chance that brings the place's mean week to a ward's size."""
    mean = np.nanmean(weekly.cases, axis=1, keepdims=True)
    chance = np.minimum(1.0, WARD_SIZE_CASES / np.maximum(mean, 1.0))
    count = np.nan_to_num(weekly.cases).astype(np.int64)
    kept = rng.binomial(count, np.broadcast_to(chance, count.shape)).astype(np.float64)
    kept[np.isnan(weekly.cases)] = np.nan
    return WeeklyCases(weekly.places, weekly.week_ends, kept, weekly.population, weekly.daily)


def _samples(weekly: WeeklyCases, family: Family, label: str, small: bool) -> list[Samples]:
    history = filled_history(weekly.cases)
    first = np.datetime64(family.first_origin)
    parts = []
    for column in range(1, history.shape[1] - 1):
        if weekly.week_ends[column] < first:
            continue
        known = np.flatnonzero(weekly.whole[:, column])
        past = history[known, : column + 1]
        late = None if weekly.late is None else weekly.late[known, column]
        chosen = ~np.isnan(past[:, -2]) if small else eligible(past)
        if not chosen.any():
            continue
        who = known[chosen]
        parts.append(
            Samples(
                x=features(
                    past[chosen], pool_of(past, late), None if late is None else late[chosen]
                ),
                cases=past[chosen, -1],
                base=baseline_quantiles(past[chosen], HORIZONS, samples=1001),
                truth=_truth(weekly, column, np.datetime64(family.last_target))[who],
                place=np.asarray(weekly.places)[who],
                family=np.full(len(who), label),
                week=np.full(len(who), column),
            )
        )
    return parts


def _truth(weekly: WeeklyCases, column: int, last_target: np.datetime64) -> FloatArray:
    """[place, H]: the weeks after the origin, NaN beyond the file or the window."""
    ahead = np.full((len(weekly.places), HORIZONS), np.nan)
    for h in range(HORIZONS):
        target = column + 1 + h
        if target < weekly.cases.shape[1] and weekly.week_ends[target] <= last_target:
            ahead[:, h] = weekly.cases[:, target]
    return ahead
