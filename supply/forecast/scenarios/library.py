"""From the library's templates to a scenario for a district as it stands today. Pure.

A template by epidemic level leads cases to a rate within some days and keeps them there; the one
beyond capacity goes on until those who need a bed exceed the beds. The factors that do so are found by
halving on the expected paths, since no formula knows depletion, delays and wards that differ.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np

from supply.core.text import Text
from supply.forecast.cases import FloatArray
from supply.forecast.norms import DATA_FOLDER, TIERS, Norms
from supply.forecast.scenarios.levels import LevelRule
from supply.forecast.scenarios.outlook import patients_in_beds
from supply.forecast.scenarios.renewal import expected_paths, level_today, rt_of
from supply.forecast.scenarios.spec import (
    Change,
    Generation,
    ScenarioSpec,
    Variant,
)
from supply.forecast.scenarios.tables import in_force, read_table

_RATE_LEAST = 0.5  # cases per 100,000 and week: a district with fewer is led up from here
_FACTOR_LEAST, _FACTOR_HIGHEST = 0.05, 5.0
_HALVINGS = 12
_DRAWS_TO_FIND = 16


@dataclass(frozen=True)
class Template:
    """One entry of the library; `told` is what it assumes."""

    key: str
    name: Text
    about: Text
    source: str
    status: str
    told: dict[str, Any]


@dataclass(frozen=True)
class Present:
    """A district as it stands: what a scenario starts from. Arrays as in `renewal.scenario_paths`;
    `beds` of all its facilities together."""

    day_0: date
    history: FloatArray
    recent_daily: FloatArray
    population: FloatArray
    ward_codes: tuple[str, ...]
    norms: Norms
    rule: LevelRule
    beds: int
    icu_beds: int


@cache
def _library() -> tuple[Template, ...]:
    told = json.loads((DATA_FOLDER / "scenarios_library.json").read_text(encoding="utf-8"))
    return tuple(
        Template(t["key"], Text(**t["name"]), Text(**t["about"]), t["source"], t["status"], t)
        for t in told["templates"]
    )


def templates(on: date) -> list[Template]:
    """The templates in force on a day, in the library's order."""
    day = on.isoformat()
    return [
        t
        for t in _library()
        if t.told["valid_from"] <= day and (t.told["valid_to"] is None or day <= t.told["valid_to"])
    ]


def template(key: str) -> Template | None:
    """One template, or None."""
    return next((t for t in _library() if t.key == key), None)


def generation_of(variant: str | None, on: date) -> Generation:
    """The generation interval of a named variant, or of the one that led on a day."""
    table = read_table(
        "scenarios_generation", ("variant", "valid_from", "valid_to"), ("mean_days", "sd_days")
    )
    rows = in_force(table, on) if variant is None else table[table["variant"] == variant]
    row = (rows if len(rows) else table).iloc[-1]
    return Generation(float(row["mean_days"]), float(row["sd_days"]))


def plain_spec(key: str, on: date) -> ScenarioSpec:
    """Rt as it is, nothing decided: the defaults of `scenarios_defaults.csv`."""
    table = read_table("scenarios_defaults", ("name", "unit"), ("value",))
    value = dict(zip(table["name"], table["value"].astype(float), strict=True))
    return ScenarioSpec(
        library_key=key,
        changes=(),
        generation=generation_of(None, on),
        rt_from=0.0,
        rt_least=0.0,
        reporting_share=value["reporting_share"],
        susceptible_share=value["susceptible_share"],
        immunity_days=int(value["immunity_days"]),
        rt_window_days=int(value["rt_window_days"]),
        ward_prior_cases=value["ward_prior_cases"],
        rt_dispersion=value["rt_dispersion"],
        drift_sd_per_week=value["drift_sd_per_week"],
        dispersion=value["dispersion"],
        delay_days=int(value["delay_days"]),
        horizon_days=90,
    )


def build(found: Template, now: Present) -> ScenarioSpec:
    """The template as a scenario for the district as it stands."""
    told = found.told
    spec = replace(
        plain_spec(found.key, now.day_0),
        horizon_days=int(told["horizon_days"]),
        rt_from=float(told.get("rt_from", 0.0)),
        rt_least=float(told.get("rt_least", 0.0)),
        capped=bool(told.get("capped", False)),
    )
    if "drift_sd_per_week" in told:
        spec = replace(spec, drift_sd_per_week=float(told["drift_sd_per_week"]))
    if "factor" in told:
        spec = replace(spec, changes=(Change(now.day_0, float(told["factor"])),))
    if "variant" in told:
        spec = replace(spec, variant=_variant(told["variant"], now))
    if "level" in told:
        spec = _to_level(spec, told, now)
    if "beds_times" in told:
        spec = _beyond_beds(spec, float(told["beds_times"]) * now.beds, now)
    return spec


def _variant(told: dict[str, Any], now: Present) -> Variant:
    """Severe and critical shares times the template's; the rest keep their proportion."""
    times = np.array([float(told["severity_times"].get(tier, 1.0)) for tier in TIERS])
    named = np.array([tier in told["severity_times"] for tier in TIERS])
    share = now.norms.severity_share
    raised = np.where(named, share * times, 0.0)
    rest = np.where(named, 0.0, share)
    share = raised + rest * (1.0 - raised.sum()) / rest.sum()
    stays = [
        float(days) * float(told["stay_times"].get(tier, 1.0))
        for tier, days in zip(TIERS, now.norms.stay_days, strict=True)
    ]
    return Variant(
        told["name"],
        now.day_0 + timedelta(days=int(told["after_days"])),
        int(told["takeover_days"]),
        float(told["transmissibility"]),
        float(told["immune_escape"]),
        generation_of(told["generation"], now.day_0),
        tuple(round(float(v), 6) for v in share),
        tuple(round(v, 2) for v in stays),
    )


def target_rate(told: dict[str, Any], rule: LevelRule, rate_now: float) -> float:
    """Cases per 100,000 and week that a template by level leads to."""
    level, times = int(told["level"]), float(told["times_threshold"])
    low = rule.cases_from[level - 1]
    if level < len(rule.cases_from):
        return low + times * (rule.cases_from[level] - low)
    return max(times * low, 1.5 * rate_now)


def _to_level(spec: ScenarioSpec, told: dict[str, Any], now: Present) -> ScenarioSpec:
    """Two factors: one that leads to the rate within `reach_days`, one that keeps it to the end."""
    people = now.population.sum()
    rate_now = float(level_today(now.recent_daily).sum()) * 7.0 * 100_000.0 / people
    target = target_rate(told, now.rule, rate_now)
    reach, wanted = int(told["reach_days"]), target * people / 700_000.0
    if rate_now < _RATE_LEAST:
        spec = replace(spec, imports_per_100k_day=round(target / 70.0, 3))
    spec = replace(spec, fixed_rt=True)

    rising = target > rate_now

    def led(factor: float) -> float:
        cases = _mean_cases(_changed(spec, now.day_0, factor), now, reach + 1)
        return float(cases.max() if rising else cases[-1])

    # A wave that burns out would end low as well: where cases are to fall, R stays below 1.2.
    highest = _FACTOR_HIGHEST if rising else 1.2 / rt_of(now.history, spec).mean
    spec = _changed(spec, now.day_0, _least(led, wanted, highest))

    def kept(factor: float) -> float:
        held = _changed(spec, now.day_0 + timedelta(days=reach), factor)
        return float(_mean_cases(held, now, spec.horizon_days)[reach:].mean())

    return _changed(spec, now.day_0 + timedelta(days=reach), _least(kept, wanted))


def _changed(spec: ScenarioSpec, day: date, factor: float) -> ScenarioSpec:
    return replace(spec, changes=(*spec.changes, Change(day, factor)))


def _mean_cases(spec: ScenarioSpec, now: Present, days: int) -> FloatArray:
    """[day]: the district's expected cases, with Rt wandering nowhere."""
    mean: FloatArray = expected_paths(
        now.history,
        now.recent_daily,
        now.population,
        replace(spec, drift_sd_per_week=0.0),
        _DRAWS_TO_FIND,
        days,
        np.random.default_rng(1),
        day_0=now.day_0,
        ward_codes=now.ward_codes,
    ).mean.sum(axis=1)
    return mean.mean(axis=0)


def _least(
    outcome: Callable[[float], float], wanted: float, highest: float = _FACTOR_HIGHEST
) -> float:
    """The least factor, rounded up to a hundredth, whose outcome, rising with it, reaches `wanted`."""
    low, high = _FACTOR_LEAST, highest
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if outcome(middle) >= wanted else (middle, high)
    return float(np.ceil(high * 100) / 100)


def _beyond_beds(spec: ScenarioSpec, beds: float, now: Present) -> ScenarioSpec:
    """The least factor from today at which the peak of those who need a bed is `beds`."""

    def peak(factor: float) -> float:
        cases = _mean_cases(_changed(spec, now.day_0, factor), now, spec.horizon_days)
        present = patients_in_beds(cases[None], now.recent_daily.sum(axis=0), now.norms)
        return float(present.sum(axis=0).max())

    return _changed(spec, now.day_0, _least(peak, beds))
