"""Oxygen in figures: gas in cylinders and in liquid, flow, hours left. Pure; litres of gas at ambient
pressure, litres per minute, hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MINUTES_PER_DAY = 1440


def cylinder_gas_litres(water_litres: float, pressure_bar: float) -> float:
    """Gas in a cylinder: water volume × pressure (Boyle, one bar outside).

    Worked: 40 L at 150 bar -> 6,000 L (facts/forms.md); 40 L at 80 bar -> 3,200 L left.
    """
    return water_litres * pressure_bar


def liquid_gas_litres(kg: float, kg_per_litre: float, gas_litres_per_litre: float) -> float:
    """Gas from liquid oxygen weighed in kg: kg ÷ (kg per L) × (L gas per L liquid).

    From memory, to be confirmed: 1 L of liquid weighs 1.141 kg and gives about 860 L of gas.
    Worked: 1.141 kg -> 860 L; 1,000 kg -> 753,725 L.
    """
    return kg / kg_per_litre * gas_litres_per_litre


def flow_litres_per_minute(
    severe: int, critical: int, severe_each: float, critical_each: float
) -> float:
    """What the patients breathe: severe 10 L/min (5-15), critical 30 L/min each (facts/forms.md).

    Worked: 3 severe and 1 critical -> 60 L/min.
    """
    return severe * severe_each + critical * critical_each


def hours_left(gas_litres: float, litres_per_minute: float) -> float | None:
    """How long the gas lasts at a flow: L ÷ (L/min) ÷ 60; None where nothing flows.

    Worked: one 40 L cylinder, 6,000 L: 10 h at 10 L/min, 3.3 h at 30 L/min.
    """
    return gas_litres / litres_per_minute / 60 if litres_per_minute > 0 else None


def mean_flow_litres_per_minute(gas_litres: float, days: int) -> float:
    """The flow behind what was used in whole days: L ÷ (days × 1,440).

    Worked: 100,800 L in 7 days -> 10 L/min.
    """
    return gas_litres / (days * MINUTES_PER_DAY)


@dataclass(frozen=True)
class Limits:
    """Below these hours: danger, warning. Above these hours a flow that was entered is old."""

    danger_hours: float
    warning_hours: float
    stale_hours: float


def urgency(hours: float | None, limits: Limits) -> str:
    """'danger', 'warning' or 'good'; '' where nothing flows. With 12 and 24: 10 h -> danger,
    24 h -> good."""
    if hours is None:
        return ""
    if hours < limits.danger_hours:
        return "danger"
    return "warning" if hours < limits.warning_hours else "good"


def exchange_differences(came: Mapping[str, int], went: Mapping[str, int]) -> dict[str, int]:
    """Size -> full cylinders in less empties out, where they are not one for one.

    Worked: 5 full of 40 L for 4 empties -> {"40": 1}; 3 for 3 -> {}.
    """
    sizes = {*came, *went}
    found = {size: came.get(size, 0) - went.get(size, 0) for size in sorted(sizes)}
    return {size: n for size, n in found.items() if n}


def in_use(issued: int, shells_back: int) -> int:
    """Cylinders at patients: full ones issued (less those returned full) less shells that came back.

    Below zero where shells came back of cylinders that were issued before the books began.
    """
    return issued - shells_back
