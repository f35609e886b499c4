"""Oxygen in worked numbers: flow of patients, what sources give, how long it lasts, what binds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.forecast.care import oxygen
from supply.forecast.care.oxygen import Sources, binding, hours_left
from supply.forecast.norms import TIERS, load_norms

NORMS = load_norms(date(2022, 1, 22))
SEVERE, CRITICAL = TIERS.index("severe"), TIERS.index("critical")


def test_severe_10_and_critical_30_litres_a_minute() -> None:
    each = oxygen.litres_per_minute_drawn(NORMS, 4000, np.random.default_rng(1))
    assert each[SEVERE].mean() == pytest.approx(10, rel=0.02)
    assert each[SEVERE].min() >= 5
    assert each[SEVERE].max() <= 15
    assert (each[CRITICAL] == 30).all()
    assert not each[:SEVERE].any()
    present = np.zeros((4, 4000, 1, 1))
    present[SEVERE], present[CRITICAL] = 3, 1
    flow = oxygen.flow_litres_per_minute(present, each)
    assert flow.mean() == pytest.approx(60, rel=0.02)


def test_a_cylinder_of_6_m3_lasts_10_hours_and_3_hours_20() -> None:
    assert hours_left(6000, np.array([10.0])) == pytest.approx(10)
    assert hours_left(6000, np.array([30.0])) == pytest.approx(3 + 20 / 60)
    assert hours_left(60_000, np.array([30.0, 10.0, 10.0])) == pytest.approx(24 + 28)
    assert hours_left(60_000, np.array([30.0, 10.0])) is None
    assert hours_left(6000, np.array([10.0]), steady=10) is None
    assert hours_left(0, np.array([10.0])) == 0


@given(
    st.floats(0, 1e6),
    st.lists(st.floats(0, 500), min_size=1, max_size=8),
    st.floats(0, 100),
    st.floats(1, 3),
)
def test_more_gas_lasts_no_shorter_and_more_flow_no_longer(
    gas: float, flow: list[float], steady: float, times: float
) -> None:
    flows = np.array(flow)
    longest = 24.0 * len(flow)

    def hours(litres: float, need: np.ndarray) -> float:
        found = hours_left(litres, need, steady)
        return longest if found is None else found

    assert 0 <= hours(gas, flows) <= longest
    assert hours(gas * times, flows) >= hours(gas, flows) - 1e-6
    assert hours(gas, flows * times) <= hours(gas, flows) + 1e-6


def test_what_sources_give() -> None:
    cylinders = Sources(cylinders=10, exchanges_per_day=2)
    assert cylinders.flow_limit_litres_per_minute == 150
    assert cylinders.volume_limit_litres_per_day == 120_000
    assert cylinders.sustained_litres_per_minute == pytest.approx(83.33, abs=0.01)
    machines = replace(cylinders, concentrators=2, plant_litres_per_minute=100)
    assert machines.steady_litres_per_minute == 110
    assert machines.flow_limit_litres_per_minute == 260
    tank = Sources(tank_litres=1000, vaporiser_litres_per_minute=200, fillings_per_day=0.5)
    assert tank.flow_limit_litres_per_minute == 200
    assert tank.volume_limit_litres_per_day == 200 * 1440  # 430,000 L of gas, the vaporiser binds
    assert replace(tank, fillings_per_day=0.1).volume_limit_litres_per_day == 86_000
    assert not Sources().known


def test_what_binds() -> None:
    cylinders = Sources(cylinders=10, exchanges_per_day=2)
    assert binding(cylinders, peak_flow=100, mean_flow=80) == ""
    assert binding(cylinders, peak_flow=140, mean_flow=90) == "volume"
    assert binding(cylinders, peak_flow=200, mean_flow=80) == "flow"
    assert binding(replace(cylinders, exchanges_per_day=0), 10, 5) == "volume"
    assert binding(Sources(), 10, 5) == ""
