"""Oxygen in figures: the sources' own numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.oxygen import gas
from supply.oxygen.gas import Limits

LIMITS = Limits(danger_hours=12, warning_hours=24, stale_hours=12)


def test_a_40_litre_cylinder_lasts_about_10_hours_at_10_litres_a_minute():
    full = gas.cylinder_gas_litres(40, 150)
    assert full == 6000
    assert gas.hours_left(full, 10) == 10
    assert gas.hours_left(full, 30) == pytest.approx(3.3, abs=0.05)


def test_what_is_left_follows_the_gauge():
    assert gas.cylinder_gas_litres(40, 80) == 3200


def test_a_litre_of_liquid_gives_about_860_litres_of_gas():
    assert gas.liquid_gas_litres(1.141, 1.141, 860) == 860
    assert gas.liquid_gas_litres(1000, 1.141, 860) == pytest.approx(753_725, abs=1)


def test_patients_make_the_flow():
    assert gas.flow_litres_per_minute(3, 1, 10, 30) == 60
    assert gas.hours_left(6000, 0) is None


def test_a_week_of_use_is_a_mean_flow():
    assert gas.mean_flow_litres_per_minute(100_800, 7) == 10


@pytest.mark.parametrize(
    ("hours", "word"), [(None, ""), (0, "danger"), (11.9, "danger"), (12, "warning"), (24, "good")]
)
def test_urgency_has_a_word(hours, word):
    assert gas.urgency(hours, LIMITS) == word


def test_an_exchange_that_is_not_one_for_one_names_the_difference():
    assert gas.exchange_differences({"40": 5}, {"40": 4}) == {"40": 1}
    assert gas.exchange_differences({"40": 3}, {"40": 3, "10": 2}) == {"10": -2}
    assert gas.exchange_differences({"40": 3}, {"40": 3}) == {}


def test_cylinders_in_use():
    assert gas.in_use(9, 4) == 5


@given(st.floats(1, 1e7), st.floats(0.1, 1e4))
def test_hours_times_flow_is_the_gas(litres, flow):
    hours = gas.hours_left(litres, flow)
    assert hours is not None
    assert hours * flow * 60 == pytest.approx(litres)
