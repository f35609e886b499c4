"""The chain of one run, pure: weekly cases of wards → cases to come → drivers → burn.

Everything that decides the outcome stands in `Inputs`; `digest` stamps it, `compute` does it. The
same inputs give the same numbers bit for bit on one machine, so a stored run can be made again.

Cases to come are a projection of up to four weeks, or, where the parameters hold a scenario, what the
renewal equation makes of it for up to 180 days; from there on both go the same way.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from supply.forecast.burn import BurnTable, burn_table
from supply.forecast.care.inputs import CareInputs
from supply.forecast.care.outcome import CareOutcome
from supply.forecast.cases import FloatArray, filled_history
from supply.forecast.drivers import Driven, FacilityDrivers, days_in_care, drive
from supply.forecast.history import WeeklyHistory, recent_days
from supply.forecast.norms import DATA_FOLDER, Norms, load_norms
from supply.forecast.paths import DAYS_PER_WEEK, daily_paths, weekly_paths
from supply.forecast.projection import HORIZONS_WEEKS, PRIOR_FILE, project, shipped_prior
from supply.forecast.rates.learned import Learned
from supply.forecast.scenarios import spec as scenario_spec
from supply.forecast.scenarios.renewal import scenario_paths
from supply.forecast.scenarios.spec import ScenarioSpec
from supply.forecast.score import HUB_QUANTILES
from supply.forecast.sharing import SHARE_FILE, Place, case_shares, load_share_rules

MODEL_VERSION = "chain 2"
HORIZON_DAYS_MAX = len(HORIZONS_WEEKS) * DAYS_PER_WEEK
SCENARIO_DAYS_MAX = scenario_spec.HORIZON_DAYS_MAX
_WEEKS_IN_CARE = 3  # at least: the longest stay is 14 days by default, a week more costs nothing
_DECIMALS = 6  # of burn: a millionth of a unit


@dataclass(frozen=True)
class Params:
    """What a person chooses. `origin` is the Saturday up to which cases are known.

    `scenario`: its assumptions in place of the projection. `capped`: patients, shifts and tests stay
    within the beds, staff and laboratories entered.
    """

    origin: date
    horizon_days: int
    severity_set: str
    seed: int
    draws: int
    scenario: ScenarioSpec | None = None
    capped: bool = False

    @property
    def day_0(self) -> date:
        """The first day of the run's arrays."""
        return self.origin + timedelta(days=1)

    @property
    def horizon_days_max(self) -> int:
        """How far a run of this kind may look."""
        return HORIZON_DAYS_MAX if self.scenario is None else SCENARIO_DAYS_MAX

    def to_json(self) -> dict[str, Any]:
        """Plain values, without the origin, as a stored run keeps them."""
        told: dict[str, Any] = {
            "horizon_days": self.horizon_days,
            "severity_set": self.severity_set,
            "seed": self.seed,
            "draws": self.draws,
            "capped": self.capped,
        }
        return told if self.scenario is None else told | {"scenario": self.scenario.to_json()}

    @staticmethod
    def from_json(origin: date, told: dict[str, Any]) -> Params:
        """The parameters that `to_json` told; more keys are left alone."""
        scenario = told.get("scenario")
        return Params(
            origin,
            told["horizon_days"],
            told["severity_set"],
            told["seed"],
            told["draws"],
            None if scenario is None else ScenarioSpec.from_json(scenario),
            told.get("capped", False),
        )


@dataclass(frozen=True)
class Inputs:
    """All that decides a run. Codes, not ids, so that a digest means the same everywhere.

    `history` ends in the origin week and holds the wards of `ward_codes`, which all report;
    `populations` are theirs. `places` are the facilities of `facility_codes`; `learned` is by
    facility and item of those codes (None: the norms alone), `care` by facility (None: nothing entered).
    """

    params: Params
    ward_codes: tuple[str, ...]
    history: WeeklyHistory
    facility_codes: tuple[str, ...]
    places: tuple[Place, ...]
    item_codes: tuple[str, ...]
    populations: tuple[int, ...] = ()
    learned: Learned | None = field(default=None, repr=False)
    care: CareInputs | None = field(default=None, repr=False)


@dataclass(frozen=True)
class CasesToCome:
    """`ward_quantiles[ward, week, 23]`, `district_quantiles[week, 23]`, and the draws of days
    `daily[draw, ward, day]` they agree with."""

    week_ends: tuple[date, ...]
    ward_quantiles: FloatArray
    district_quantiles: FloatArray
    daily: FloatArray


@dataclass(frozen=True)
class Outcome:
    """`ward_quantiles[ward, week, 23]`, `district_quantiles[week, 23]` and the burn."""

    week_ends: tuple[date, ...]
    ward_quantiles: FloatArray
    district_quantiles: FloatArray
    burn: BurnTable
    care: CareOutcome | None = None


def model_version() -> str:
    """What made the numbers: this chain and the fitted prior."""
    return f"{MODEL_VERSION}, prior {shipped_prior().version}"


def digest(inputs: Inputs) -> str:
    """SHA-256 over everything that decides the run: cases, places, parameters, what was learned and
    entered, norm tables, prior."""
    told = {
        "model": model_version(),
        "origin": inputs.params.origin.isoformat(),
        "params": inputs.params.to_json(),
        "wards": inputs.ward_codes,
        "populations": inputs.populations,
        "week_ends": [str(day) for day in inputs.history.week_ends],
        "cases": [[None if np.isnan(v) else v for v in row] for row in inputs.history.cases],
        "facilities": inputs.facility_codes,
        "places": [asdict(place) for place in inputs.places],
        "items": inputs.item_codes,
        "learned": None if inputs.learned is None else inputs.learned.told(),
        "care": None if inputs.care is None else inputs.care.told(),
        "tables": {file.name: _sha256(file) for file in _tables()},
    }
    body = json.dumps(told, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def _tables() -> list[Path]:
    return [*sorted(DATA_FOLDER.glob("norms_*.csv")), SHARE_FILE, PRIOR_FILE]


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def norms_of(params: Params) -> Norms:
    """The norms in force at the origin, as a scenario changes them; `InputFaults` for an unknown set."""
    norms = load_norms(params.origin, params.severity_set)
    return norms if params.scenario is None else params.scenario.norms(norms)


def compute(inputs: Inputs) -> Outcome:
    """Do the run. Raises `InputFaults` on faulty norm tables, ValueError on a horizon too long."""
    norms = norms_of(inputs.params)
    rng = np.random.default_rng(inputs.params.seed)
    cases = cases_to_come(inputs, rng)
    driven = driven_of(inputs, cases.daily, norms, rng)
    burn = burn_table(driven.drivers, norms, inputs.item_codes, inputs.learned)
    return Outcome(
        cases.week_ends,
        cases.ward_quantiles,
        cases.district_quantiles,
        _rounded(burn),
        driven.care,
    )


def cases_to_come(inputs: Inputs, rng: np.random.Generator) -> CasesToCome:
    """Draws of daily cases and the quantiles of their weeks: projected, or as the scenario has it."""
    if inputs.params.scenario is not None:
        return _by_scenario(inputs, inputs.params.scenario, rng)
    params = inputs.params
    quantiles = project(filled_history(inputs.history.cases))
    weekly = weekly_paths(quantiles, params.draws, shipped_prior().dependence, rng)
    district = np.quantile(weekly.sum(axis=1), HUB_QUANTILES, axis=0).T
    return CasesToCome(
        _week_ends(inputs, len(HORIZONS_WEEKS)),
        quantiles,
        district,
        daily_paths(weekly, params.horizon_days),
    )


def _by_scenario(inputs: Inputs, spec: ScenarioSpec, rng: np.random.Generator) -> CasesToCome:
    params = inputs.params
    history = filled_history(inputs.history.cases)
    daily = scenario_paths(
        history,
        recent_cases(inputs),
        np.array(inputs.populations, dtype=np.float64),
        spec,
        params.draws,
        params.horizon_days,
        rng,
        day_0=params.day_0,
        ward_codes=inputs.ward_codes,
    )
    weeks = params.horizon_days // DAYS_PER_WEEK
    weekly = daily[..., : weeks * DAYS_PER_WEEK].reshape(*daily.shape[:2], weeks, DAYS_PER_WEEK)
    weekly = weekly.sum(axis=-1)
    ward = np.moveaxis(np.quantile(weekly, HUB_QUANTILES, axis=0), 0, -1)
    district = np.quantile(weekly.sum(axis=1), HUB_QUANTILES, axis=0).T
    return CasesToCome(_week_ends(inputs, weeks), ward, district, daily)


def _week_ends(inputs: Inputs, weeks: int) -> tuple[date, ...]:
    return tuple(
        inputs.params.origin + timedelta(days=DAYS_PER_WEEK * (week + 1)) for week in range(weeks)
    )


def recent_cases(inputs: Inputs, weeks: int = _WEEKS_IN_CARE) -> FloatArray:
    """[ward, past day]: reported cases of the last weeks, oldest first, gaps filled."""
    history = inputs.history
    filled = filled_history(history.cases)
    return recent_days(WeeklyHistory(history.week_ends, filled, history.anomaly), weeks)


def drivers_of(
    inputs: Inputs, daily: FloatArray, norms: Norms, rng: np.random.Generator
) -> FacilityDrivers:
    """What drives use at each facility, from draws of daily cases [draw, ward, day]."""
    return driven_of(inputs, daily, norms, rng).drivers


def driven_of(inputs: Inputs, daily: FloatArray, norms: Norms, rng: np.random.Generator) -> Driven:
    """The drivers, who finds no bed, and what is kept of care."""
    params = inputs.params
    weeks = max(_WEEKS_IN_CARE, math.ceil(days_in_care(norms) / DAYS_PER_WEEK))
    shares = case_shares(load_share_rules(params.origin), inputs.places, len(inputs.ward_codes))
    return drive(
        daily,
        norms,
        rng,
        recent_cases(inputs, weeks),
        shares,
        inputs.facility_codes,
        inputs.care,
        params.capped,
    )


def _rounded(burn: BurnTable) -> BurnTable:
    """The burn to a millionth of a unit: what is stored is what is computed."""
    names = ("mean", "sd", "total_sd", "cumulative_sd", "driver_mean")
    return replace(burn, **{name: np.round(getattr(burn, name), _DECIMALS) for name in names})
