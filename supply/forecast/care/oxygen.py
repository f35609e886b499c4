"""Oxygen that patients will need, and what its sources can give. Pure; litres of gas, L/min, hours.

    flow(d) = Σ_t present_t(d) · litres per minute of tier t
    peak    = max_d flow(d) · peak hour factor
    hours   = gas on hand / (flow − what runs on without being filled) / 60

The litres per minute of a tier are uncertain too: one triangular draw (low, usual, high) for each draw
and tier, common to facilities and days, so that a district's total is not made too sure. Worked
numbers: 10 L/min severe, 30 L/min critical; a cylinder of 6 m3 lasts them 10 h and 3 h 20.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import FloatArray
from supply.forecast.norms import TIERS, Norms

MINUTES_PER_HOUR = 60.0
MINUTES_PER_DAY = 1440.0
HOURS_PER_DAY = 24


def litres_per_minute_drawn(norms: Norms, draws: int, rng: np.random.Generator) -> FloatArray:
    """[tier, draw]: what a patient of a tier breathes, triangular over the norm's range."""
    flow = np.zeros((len(TIERS), draws))
    for tier, name in enumerate(TIERS):
        norm = norms.oxygen[name]
        low, high = min(norm.low, norm.litres_per_minute), max(norm.high, norm.litres_per_minute)
        known = low == high
        flow[tier] = low if known else rng.triangular(low, norm.litres_per_minute, high, draws)
    return flow


def flow_litres_per_minute(present: FloatArray, each: FloatArray) -> FloatArray:
    """[draw, f, d] from patients `present[tier, draw, f, d]` and `each[tier, draw]`."""
    flow: FloatArray = np.einsum("tafd,ta->afd", present, each)
    return flow


@dataclass(frozen=True)
class Sources:
    """Where a facility's oxygen comes from. Cylinders are counted in those of `cylinder_litres`;
    `tank_litres` of liquid; a tank filled, or cylinders exchanged, so many times a day."""

    cylinders: float = 0.0
    cylinder_litres: float = 6000.0
    exchanges_per_day: float = 0.0
    outlet_litres_per_minute: float = 15.0
    tank_litres: float = 0.0
    gas_litres_per_litre: float = 860.0
    vaporiser_litres_per_minute: float = 0.0
    fillings_per_day: float = 0.0
    concentrators: float = 0.0
    concentrator_litres_per_minute: float = 5.0
    plant_litres_per_minute: float = 0.0

    @property
    def steady_litres_per_minute(self) -> float:
        """What flows without anybody filling anything: concentrators and the plant."""
        machines = self.concentrators * self.concentrator_litres_per_minute
        return machines + self.plant_litres_per_minute

    @property
    def flow_limit_litres_per_minute(self) -> float:
        """The most that can flow at one moment: open cylinders, vaporiser, machines.

        Worked: 10 cylinders of 15 L/min, 2 concentrators of 5 -> 160 L/min.
        """
        cylinders = self.cylinders * self.outlet_litres_per_minute
        liquid = self.vaporiser_litres_per_minute if self.tank_litres else 0.0
        return cylinders + liquid + self.steady_litres_per_minute

    @property
    def volume_limit_litres_per_day(self) -> float:
        """The most that can be used day after day: exchanges, fillings, machines.

        Worked: 10 cylinders of 6,000 L exchanged twice a day -> 120,000 L, 83.3 L/min.
        """
        cylinders = self.cylinders * self.cylinder_litres * self.exchanges_per_day
        liquid = self.tank_litres * self.gas_litres_per_litre * self.fillings_per_day
        if self.vaporiser_litres_per_minute:
            liquid = min(liquid, self.vaporiser_litres_per_minute * MINUTES_PER_DAY)
        return cylinders + liquid + self.steady_litres_per_minute * MINUTES_PER_DAY

    @property
    def sustained_litres_per_minute(self) -> float:
        """`volume_limit_litres_per_day` as a flow."""
        return self.volume_limit_litres_per_day / MINUTES_PER_DAY

    @property
    def known(self) -> bool:
        """Whether any source was entered."""
        return self.flow_limit_litres_per_minute > 0


def binding(sources: Sources, peak_flow: float, mean_flow: float) -> str:
    """What gives first: 'flow' (peak against what can flow at one moment), 'volume' (a day's mean
    against what can be filled day after day), or '' where both suffice. The more exceeded one wins."""
    if not sources.known:
        return ""
    flow = peak_flow / sources.flow_limit_litres_per_minute
    sustained = sources.sustained_litres_per_minute
    never_filled = float("inf") if mean_flow > 0 else 0.0
    volume = mean_flow / sustained if sustained > 0 else never_filled
    if max(flow, volume) <= 1:
        return ""
    return "flow" if flow >= volume else "volume"


def hours_left(gas_litres: float, flow_by_day: FloatArray, steady: float = 0.0) -> float | None:
    """Hours that `gas_litres` last when the coming days need `flow_by_day` L/min, of which `steady`
    comes from machines; None where it lasts longer than the days given.

    Worked: 6,000 L at 10 L/min -> 10 h; at 30 L/min -> 3 h 20; 60,000 L at 30 L/min on the first day
    (43,200 L) and 10 on the second -> 24 + 28 h, which is beyond two days: None.
    """
    litres_per_day = np.maximum(flow_by_day - steady, 0.0) * MINUTES_PER_DAY
    used = litres_per_day.cumsum()
    over = np.flatnonzero(used > gas_litres)
    if not len(over):
        return None
    day = int(over[0])
    before = float(used[day - 1]) if day else 0.0
    part = (gas_litres - before) / float(litres_per_day[day])
    return (day + part) * HOURS_PER_DAY
