"""What the pages of care say of a run: beds, shortage, oxygen, intervals in order."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from supply.catalog.queries import FacilityRow
from supply.core.text import Text
from supply.forecast.care import screens
from supply.forecast.care.outcome import CareOutcome, Measure, measured
from supply.forecast.care.oxygen import Sources
from supply.forecast.care.rows import CapacityRow, CensusRow

DAY_0 = dt.date(2022, 1, 23)
DAYS = 21


def _place(number: int) -> FacilityRow:
    name = Text(f"Cơ sở {number}", f"Place {number}")
    kind = "treatment_facility"
    return FacilityRow(number, f"F{number}", name, kind, 1, None, False, False, 50, 5)


PLACES = [_place(1), _place(2)]


def _measure(level: float, rise: float = 0.0) -> Measure:
    """Facility 1 alone: level + rise · day, at 0.8, 0.9, 1, 1.1, 1.2 times."""
    by_day = np.zeros((2, DAYS, 5))
    by_day[0] = (level + rise * np.arange(DAYS))[:, None] * np.array([0.8, 0.9, 1, 1.1, 1.2])
    return Measure(by_day, by_day.max(axis=1))


def _care(**measures: Measure) -> CareOutcome:
    return CareOutcome(("F1", "F2"), DAYS, measures)


def _beds(care: CareOutcome, beds: float, icu: float, on: dt.date = DAY_0) -> list[screens.BedRow]:
    capacities = [
        CapacityRow(1, "beds", beds, DAY_0, "QĐ"),
        CapacityRow(1, "icu_beds", icu, DAY_0, "QĐ"),
    ]
    now = dt.datetime(2022, 1, 23, 8, tzinfo=dt.UTC)
    counted = [
        CensusRow(1, "severe", DAY_0, 20, now, "An"),
        CensusRow(1, "critical", DAY_0, 4, now, "An"),
    ]
    return screens.bed_rows(care, PLACES, capacities, counted, DAY_0, on)


def test_beds_are_set_against_the_middle_and_the_high() -> None:
    care = _care(hospital=_measure(24, 1), icu=_measure(4))
    hospital, icu = sorted(_beds(care, 30, 10), key=lambda row: row.of)
    assert hospital.beds == 40
    assert hospital.entered_patients == 24
    assert icu.entered_patients == 4
    assert hospital.now == pytest.approx((19.2, 24, 28.8))
    assert hospital.ahead[0][1] == 31
    assert hospital.level == "danger"  # 44 on the last day
    assert hospital.over_on == DAY_0 + dt.timedelta(days=17)
    assert icu.level == "good"
    assert [row.of for row in _beds(care, 30, 10)] == ["hospital", "icu"]  # the fullest first
    assert next(r for r in _beds(care, 31, 15) if r.of == "hospital").level == "warning"


def test_days_that_have_passed_are_cut_off() -> None:
    care = _care(hospital=_measure(24, 1))
    (row,) = _beds(care, 100, 0, DAY_0 + dt.timedelta(days=5))
    assert row.now[1] == 29
    (late,) = _beds(care, 100, 0, DAY_0 + dt.timedelta(days=500))
    assert late.now[1] == 44


def test_somebody_without_a_bed_is_a_shortage_whatever_the_total() -> None:
    care = _care(hospital=_measure(24), no_bed=_measure(3))
    (row,) = _beds(care, 30, 10)
    assert row.level == "danger"
    assert row.no_bed[1] == 3


def _oxygen(sources: Sources, litres: float, on: dt.date = DAY_0) -> list[screens.OxygenRow]:
    care = _care(oxygen_flow=_measure(10))
    return screens.oxygen_rows(care, PLACES, {1: sources}, {1: litres}, {1: 12.0}, DAY_0, on)


def test_gas_lasts_from_the_high_flow_to_the_low() -> None:
    (row,) = _oxygen(Sources(cylinders=1, exchanges_per_day=3), 6000)
    assert row.hours == pytest.approx((6000 / 12 / 60, 10, 6000 / 8 / 60))
    assert row.binds == ""
    assert row.said_litres_per_minute == 12
    (never,) = _oxygen(Sources(concentrators=3), 6000)
    assert never.hours == (None, None, None)
    assert never.horizon_hours == 24 * DAYS


def test_what_may_bind_is_told_apart_from_what_binds() -> None:
    (row,) = _oxygen(Sources(cylinders=2, exchanges_per_day=1.3), 0)
    assert row.binds == ""
    assert row.may_bind == "volume"
    assert row.hours == (0, 0, 0)


def test_a_facility_without_oxygen_is_left_out() -> None:
    assert [row.facility.id for row in _oxygen(Sources(), 0)] == [1]
    assert not screens.oxygen_rows(_care(), PLACES, {}, {}, {}, DAY_0, DAY_0)


def test_the_peak_is_that_of_each_draw_and_has_the_peak_hour() -> None:
    draws = np.zeros((3, 2, 2))
    draws[:, 0] = [[1, 5], [5, 1], [3, 3]]
    found = measured(draws, 1.25)
    assert found is not None
    assert found.by_day[0, :, 2].tolist() == [3, 3]
    assert found.peak[0, 2] == 5 * 1.25
    assert not found.peak[1].any()
    assert measured(np.zeros((3, 2, 2))) is None


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(KeyError):
        _care().of("nurses")
