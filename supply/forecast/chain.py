"""The chain of one run, pure: weekly cases of wards → projection → drivers → burn.

Everything that decides the outcome stands in `Inputs`; `digest` stamps it, `compute` does it. The
same inputs give the same numbers bit for bit on one machine, so a stored run can be made again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np

from supply.forecast.burn import BurnTable, burn_table
from supply.forecast.cases import FloatArray, filled_history
from supply.forecast.drivers import facility_drivers, patients
from supply.forecast.history import WeeklyHistory, recent_days
from supply.forecast.norms import DATA_FOLDER, Norms, load_norms
from supply.forecast.paths import DAYS_PER_WEEK, daily_paths, weekly_paths
from supply.forecast.projection import HORIZONS_WEEKS, PRIOR_FILE, project, shipped_prior
from supply.forecast.score import HUB_QUANTILES
from supply.forecast.sharing import SHARE_FILE, Place, case_shares, load_share_rules

MODEL_VERSION = "chain 1"
HORIZON_DAYS_MAX = len(HORIZONS_WEEKS) * DAYS_PER_WEEK
_WEEKS_IN_CARE = 3  # the longest stay is 14 days; a week more costs nothing
_DECIMALS = 6  # of burn: a millionth of a unit


@dataclass(frozen=True)
class Params:
    """What a person chooses. `origin` is the Saturday up to which cases are known."""

    origin: date
    horizon_days: int
    severity_set: str
    seed: int
    draws: int


@dataclass(frozen=True)
class Inputs:
    """All that decides a run. Codes, not ids, so that a digest means the same everywhere.

    `history` ends in the origin week and holds the wards of `ward_codes`, which all report;
    `places` are the facilities of `facility_codes`.
    """

    params: Params
    ward_codes: tuple[str, ...]
    history: WeeklyHistory
    facility_codes: tuple[str, ...]
    places: tuple[Place, ...]
    item_codes: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """`ward_quantiles[ward, week, 23]`, `district_quantiles[week, 23]` and the burn."""

    week_ends: tuple[date, ...]
    ward_quantiles: FloatArray
    district_quantiles: FloatArray
    burn: BurnTable


def model_version() -> str:
    """What made the numbers: this chain and the fitted prior."""
    return f"{MODEL_VERSION}, prior {shipped_prior().version}"


def digest(inputs: Inputs) -> str:
    """SHA-256 over everything that decides the run: cases, places, parameters, norm tables, prior."""
    told = {
        "model": model_version(),
        "params": asdict(inputs.params) | {"origin": inputs.params.origin.isoformat()},
        "wards": inputs.ward_codes,
        "week_ends": [str(day) for day in inputs.history.week_ends],
        "cases": [[None if np.isnan(v) else v for v in row] for row in inputs.history.cases],
        "facilities": inputs.facility_codes,
        "places": [asdict(place) for place in inputs.places],
        "items": inputs.item_codes,
        "tables": {file.name: _sha256(file) for file in _tables()},
    }
    body = json.dumps(told, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def _tables() -> list[Path]:
    return [*sorted(DATA_FOLDER.glob("norms_*.csv")), SHARE_FILE, PRIOR_FILE]


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def norms_of(params: Params) -> Norms:
    """The norms in force at the origin; `InputFaults` for an unknown set."""
    return load_norms(params.origin, params.severity_set)


def compute(inputs: Inputs) -> Outcome:
    """Do the run. Raises `InputFaults` on faulty norm tables, ValueError on a horizon too long."""
    params = inputs.params
    norms = norms_of(params)
    rng = np.random.default_rng(params.seed)
    filled = filled_history(inputs.history.cases)
    quantiles = project(filled)
    weekly = weekly_paths(quantiles, params.draws, shipped_prior().dependence, rng)
    daily = daily_paths(weekly, params.horizon_days)
    recent = recent_days(
        WeeklyHistory(inputs.history.week_ends, filled, inputs.history.anomaly), _WEEKS_IN_CARE
    )
    found = patients(daily, norms, rng, recent)
    shares = case_shares(load_share_rules(params.origin), inputs.places, len(inputs.ward_codes))
    drivers = facility_drivers(found, norms, inputs.facility_codes, shares)
    district = np.quantile(weekly.sum(axis=1), HUB_QUANTILES, axis=0).T
    last = inputs.history.week_ends[-1]
    ends = tuple((last + DAYS_PER_WEEK * week).item() for week in HORIZONS_WEEKS)
    return Outcome(
        ends, quantiles, district, _rounded(burn_table(drivers, norms, inputs.item_codes))
    )


def _rounded(burn: BurnTable) -> BurnTable:
    """The burn to a millionth of a unit: what is stored is what is computed."""
    return BurnTable(
        burn.facility_ids,
        burn.item_codes,
        np.round(burn.mean, _DECIMALS),
        np.round(burn.sd, _DECIMALS),
        np.round(burn.total_sd, _DECIMALS),
        np.round(burn.cumulative_sd, _DECIMALS),
        np.round(burn.driver_mean, _DECIMALS),
    )
