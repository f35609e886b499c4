"""The shapes of what is answered about oxygen. Litres of gas, litres per minute, hours, cylinders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from supply.core.text import Text
from supply.oxygen import gas
from supply.oxygen.gas import Limits


@dataclass(frozen=True)
class Size:
    """A size of cylinder; `code` is its full item's. No `empty_code`: its shells are not kept."""

    code: str
    empty_code: str | None
    name: Text
    water_litres: float
    pressure_bar: int
    gas_litres: int
    source: str
    confirmed: bool


@dataclass(frozen=True)
class Norms:
    """The figures of a day; `unconfirmed`: names of those that an officer has still to confirm."""

    liquid_kg_per_litre: float
    liquid_gas_litres_per_litre: float
    severe_litres_per_minute: float
    critical_litres_per_minute: float
    danger_hours: float
    warning_hours: float
    stale_hours: float
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    unconfirmed: tuple[str, ...] = ()

    @property
    def limits(self) -> Limits:
        """The hours that make a state urgent."""
        return Limits(self.danger_hours, self.warning_hours, self.stale_hours)

    def liquid_litres(self, kg: float) -> float:
        """Gas from liquid oxygen in kg."""
        return gas.liquid_gas_litres(kg, self.liquid_kg_per_litre, self.liquid_gas_litres_per_litre)


@dataclass(frozen=True)
class Cylinders:
    """Cylinders of a size at a facility. `in_use` follows from issues and shells that came back."""

    size: Size
    full: int = 0
    empty: int = 0
    at_supplier: int = 0
    in_use: int = 0

    @property
    def gas_litres(self) -> int:
        """Gas in the full ones."""
        return self.full * self.size.gas_litres


@dataclass(frozen=True)
class OpenCylinder:
    """The gauge of a cylinder in use."""

    size_code: str
    bar: int


@dataclass(frozen=True)
class Flow:
    """What flows, as a ward said it, by whom and when."""

    id: int
    severe_patients: int
    critical_patients: int
    litres_per_minute: float
    by_patients: bool
    open_cylinders: tuple[OpenCylinder, ...]
    note: str
    entered_at: dt.datetime
    entered_by: str

    def age_hours(self, now: dt.datetime) -> float:
        """How long ago it was said."""
        return (now - self.entered_at).total_seconds() / 3600


@dataclass(frozen=True)
class FacilityOxygen:
    """Oxygen at a facility: what there is, what flows, how long it lasts."""

    facility_id: int
    code: str
    name: Text
    cylinders: tuple[Cylinders, ...]
    liquid_kg: int
    liquid_gas_litres: float
    open_gas_litres: float
    flow: Flow | None
    used_gas_litres: float
    used_days: int
    norms: Norms
    now: dt.datetime

    @property
    def gas_litres(self) -> float:
        """All gas there is: full cylinders, liquid, and what the gauges say is left."""
        return (
            sum(c.gas_litres for c in self.cylinders)
            + self.liquid_gas_litres
            + self.open_gas_litres
        )

    @property
    def estimated_flow(self) -> float:
        """The mean flow of the last days' use, where nobody said what flows."""
        return gas.mean_flow_litres_per_minute(self.used_gas_litres, self.used_days)

    @property
    def litres_per_minute(self) -> float:
        """What flows now: as said, else as estimated."""
        return self.flow.litres_per_minute if self.flow else self.estimated_flow

    @property
    def is_estimated(self) -> bool:
        """Nobody said what flows."""
        return self.flow is None

    @property
    def is_stale(self) -> bool:
        """Said too long ago to be relied upon."""
        return self.flow is not None and self.flow.age_hours(self.now) > self.norms.stale_hours

    @property
    def hours_left(self) -> float | None:
        """How long the gas lasts at this flow; None where nothing flows."""
        return gas.hours_left(self.gas_litres, self.litres_per_minute)

    @property
    def urgency(self) -> str:
        """'danger', 'warning', 'good' or ''."""
        return gas.urgency(self.hours_left, self.norms.limits)

    @property
    def holds_anything(self) -> bool:
        """Whether it has, or has to do with, oxygen."""
        return bool(
            self.gas_litres
            or self.flow
            or self.used_gas_litres
            or any(c.empty or c.at_supplier or c.in_use for c in self.cylinders)
        )


@dataclass(frozen=True)
class NormRow:
    """A figure as it stands in the list of figures, newest day first."""

    name: str
    value: float
    low: float | None
    high: float | None
    valid_from: dt.date
    source: str
    confirmed: bool
    in_force: bool
