"""What a scenario assumes: everything that decides its paths, in one value that goes in and out of JSON.

A scenario is not a forecast. It says what would come if Rt were as estimated times a dated factor, with
these shares reported, susceptible and severe. All numbers stand in the spec itself, so that a stored
run needs no table to be made again; the tables only fill a new one (`library.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from supply.forecast.cases import FloatArray
from supply.forecast.norms import Norms

FACTOR_MAX = 10.0
HORIZON_DAYS_MAX = 180
CHANGES_MAX = 20


@dataclass(frozen=True)
class Change:
    """From `day` on, transmission is `factor` times what it is now, until the next change."""

    day: date
    factor: float


@dataclass(frozen=True)
class WardOverride:
    """A ward that differs: its own factor on Rt, and reported cases imported a day."""

    ward_code: str
    factor: float = 1.0
    imports_per_day: float = 0.0


@dataclass(frozen=True)
class Generation:
    """Days from one infection to those it causes: a gamma distribution, cut into whole days."""

    mean_days: float
    sd_days: float


@dataclass(frozen=True)
class Variant:
    """A new variant that takes over from `day` within `takeover_days`, in a straight line.

    `transmissibility` multiplies Rt, `immune_escape` is the share of the immune it can infect;
    `severity_share` and `stay_days` (in the order of `norms.TIERS`) replace the norms', where given.
    """

    name: str
    day: date
    takeover_days: int
    transmissibility: float
    immune_escape: float
    generation: Generation
    severity_share: tuple[float, ...] | None = None
    stay_days: tuple[float, ...] | None = None


@dataclass(frozen=True)
class ScenarioSpec:
    """The assumptions of one scenario.

    `library_key`: what it was made from. `changes`: dated factors on Rt, ascending. `rt_from`: the
    lowest quantile of Rt's posterior that is drawn (0 = all of it, 0.8 = its worst fifth);
    `rt_least`: no draw's Rt is below it; `fixed_rt`: its middle alone, as the course is given. `reporting_share`: reported cases / infections;
    `susceptible_share`: who could be infected before the reported history began; `immunity_days`: for
    how long someone infected is not again. `rt_window_days`,
    `ward_prior_cases` and `rt_dispersion` rule the estimate (`rt.py`), `drift_sd_per_week` how far Rt
    wanders (log scale), `dispersion` the variance of a day's cases over their mean, `delay_days` over
    how many days a change comes to show in reported cases. `capped`: care stays within capacity.
    """

    library_key: str
    changes: tuple[Change, ...]
    generation: Generation
    rt_from: float
    rt_least: float
    reporting_share: float
    susceptible_share: float
    immunity_days: int
    rt_window_days: int
    ward_prior_cases: float
    rt_dispersion: float
    drift_sd_per_week: float
    dispersion: float
    delay_days: int
    horizon_days: int
    imports_per_100k_day: float = 0.0
    fixed_rt: bool = False
    capped: bool = False
    variant: Variant | None = None
    overrides: tuple[WardOverride, ...] = ()

    def factors(self, day_0: date, days: int) -> FloatArray:
        """[day]: the factor on Rt, the variant's too, relative to the window Rt is estimated from.

        What was in force over that window is in Rt already and is divided out; a change comes to
        show in reported cases over `delay_days`.
        """
        spread = max(self.delay_days, 1)
        back = self.rt_window_days + spread - 1
        told = np.log([self._factor_on(day_0 + timedelta(days=n)) for n in range(-back, days)])
        if self.variant is not None:
            share = self.takeover(day_0 - timedelta(days=back), back + days)
            told += np.log1p(share * (self.variant.transmissibility - 1.0))
        # Who is reported today was infected over the last days: the mean log factor of those.
        sums = np.concatenate([[0.0], np.cumsum(told)])
        shown = (sums[spread:] - sums[:-spread]) / spread
        before, ahead = shown[: self.rt_window_days], shown[self.rt_window_days :]
        factors: FloatArray = np.exp(ahead - before.mean())
        return factors

    def _factor_on(self, day: date) -> float:
        return next((c.factor for c in reversed(self.changes) if c.day <= day), 1.0)

    def ward_factors(self, ward_codes: Sequence[str]) -> FloatArray:
        """[ward]: the wards' own factors, 1 where nothing is said."""
        own = {o.ward_code: o.factor for o in self.overrides}
        return np.array([own.get(code, 1.0) for code in ward_codes])

    def imports(self, ward_codes: Sequence[str], population: FloatArray) -> FloatArray:
        """[ward]: reported cases a day that come from outside."""
        own = {o.ward_code: o.imports_per_day for o in self.overrides}
        per_head = np.nan_to_num(population) * self.imports_per_100k_day / 100_000.0
        return per_head + np.array([own.get(code, 0.0) for code in ward_codes])

    def takeover(self, day_0: date, days: int) -> FloatArray:
        """[day]: the variant's share of new infections from `day_0` on, 0 to 1."""
        if self.variant is None:
            return np.zeros(days)
        since = np.arange(days) - (self.variant.day - day_0).days
        return np.clip(since / max(self.variant.takeover_days, 1), 0.0, 1.0)

    def norms(self, norms: Norms) -> Norms:
        """The norms under this scenario: a variant's severity split and stays in their place."""
        if self.variant is None:
            return norms
        if self.variant.severity_share is not None:
            norms = replace(norms, severity_share=np.array(self.variant.severity_share))
        if self.variant.stay_days is not None:
            norms = replace(norms, stay_days=np.array(self.variant.stay_days))
        return norms

    def moved(self, days: int) -> ScenarioSpec:
        """The same scenario with all its dates later by `days`: what refreshing day 0 proposes."""
        later = timedelta(days=days)
        variant = self.variant and replace(self.variant, day=self.variant.day + later)
        changes = tuple(Change(c.day + later, c.factor) for c in self.changes)
        return replace(self, changes=changes, variant=variant)

    def to_json(self) -> dict[str, Any]:
        """Plain values; dates as ISO texts."""
        told = asdict(self)
        told["changes"] = [{"day": c.day.isoformat(), "factor": c.factor} for c in self.changes]
        told["overrides"] = [asdict(o) for o in self.overrides]
        if self.variant is not None:
            told["variant"] |= {
                "day": self.variant.day.isoformat(),
                "severity_share": _listed(self.variant.severity_share),
                "stay_days": _listed(self.variant.stay_days),
            }
        return told

    @staticmethod
    def from_json(told: dict[str, Any]) -> ScenarioSpec:
        """The spec that `to_json` told. Raises KeyError, TypeError or ValueError on anything else."""
        parts = dict(told)
        variant = parts.pop("variant", None)
        return ScenarioSpec(
            library_key=str(parts.pop("library_key")),
            changes=tuple(
                Change(date.fromisoformat(c["day"]), float(c["factor"]))
                for c in parts.pop("changes")
            ),
            generation=_generation(parts.pop("generation")),
            overrides=tuple(
                WardOverride(str(o["ward_code"]), float(o["factor"]), float(o["imports_per_day"]))
                for o in parts.pop("overrides", ())
            ),
            variant=None if variant is None else _variant(dict(variant)),
            **{name: _KINDS[name](value) for name, value in parts.items()},
        )


_KINDS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("rt_window_days", "delay_days", "horizon_days", "immunity_days"), int),
    **dict.fromkeys(("fixed_rt", "capped"), bool),
    **dict.fromkeys(
        (
            "rt_from",
            "rt_least",
            "reporting_share",
            "susceptible_share",
            "ward_prior_cases",
            "rt_dispersion",
            "drift_sd_per_week",
            "dispersion",
            "imports_per_100k_day",
        ),
        float,
    ),
}


def _generation(told: dict[str, Any]) -> Generation:
    return Generation(float(told["mean_days"]), float(told["sd_days"]))


def _listed(values: tuple[float, ...] | None) -> list[float] | None:
    return None if values is None else list(values)


def _variant(told: dict[str, Any]) -> Variant:
    severity, stays = told.get("severity_share"), told.get("stay_days")
    return Variant(
        str(told["name"]),
        date.fromisoformat(told["day"]),
        int(told["takeover_days"]),
        float(told["transmissibility"]),
        float(told["immune_escape"]),
        _generation(told["generation"]),
        None if severity is None else tuple(float(v) for v in severity),
        None if stays is None else tuple(float(v) for v in stays),
    )
