"""A ward's level follows the rule of its day; what nobody entered is not counted, and that is said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.forecast.faults import InputFaults
from supply.forecast.norms import DATA_FOLDER
from supply.forecast.scenarios.levels import CARE, VACCINATED, level_rule, ward_level

EARLY, LATE = date(2022, 1, 22), date(2022, 1, 29)


def level(cases: float | None, on: date = EARLY, **known: float) -> int | None:
    return ward_level(level_rule(on), cases, 50_000, known).level


@pytest.mark.parametrize(
    ("cases", "early", "late"),
    [(0, 1, 1), (9, 1, 1), (10, 2, 1), (25, 3, 1), (75, 4, 2), (225, 4, 3), (300, 4, 4)],
)
def test_the_thresholds_are_those_of_the_decision_in_force(
    cases: int, early: int, late: int
) -> None:
    assert level(cases) == early
    assert level(cases, LATE) == late


def test_the_worked_number() -> None:
    rule = level_rule(EARLY)
    found = ward_level(rule, 40, 50_000, {})
    assert found.rate == pytest.approx(80.0)
    assert found.level == 3
    assert found.not_counted == (VACCINATED, CARE)
    assert ward_level(rule, 40, 50_000, {VACCINATED: 0.7}).level == 2


def test_criteria_move_the_level_by_one_and_never_beyond_one_and_four() -> None:
    assert level(40, vaccinated_share=0.69) == 3
    assert level(40, care_enough=0.0) == 4
    assert level(40, care_enough=1.0) == 3
    assert level(40, vaccinated_share=0.9, care_enough=0.0) == 3
    assert level(0, vaccinated_share=1.0) == 1
    assert level(500, care_enough=0.0) == 4


def test_without_the_weeks_cases_there_is_no_level() -> None:
    assert level(None) is None
    assert ward_level(level_rule(EARLY), 10, 0, {}).level is None


@given(st.integers(0, 5000), st.integers(0, 5000), st.sampled_from([EARLY, LATE]))
def test_more_cases_never_mean_a_lower_level(a: int, b: int, on: date) -> None:
    low, high = level(min(a, b), on), level(max(a, b), on)
    assert low is not None
    assert high is not None
    assert low <= high


def test_a_table_with_a_level_missing_is_refused_by_name(tmp_path: Path) -> None:
    for name in ("levels_thresholds.csv", "levels_adjustments.csv"):
        lines = (DATA_FOLDER / name).read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if ",2022-01-26,3," not in line]
        (tmp_path / name).write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(InputFaults, match=r"cannot be used") as refused:
        level_rule(EARLY, tmp_path)
    assert refused.value.found[0].field == "levels_thresholds.csv level"


def test_a_threshold_that_is_no_number_is_named_by_its_row(tmp_path: Path) -> None:
    for name in ("levels_thresholds.csv", "levels_adjustments.csv"):
        text = (DATA_FOLDER / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(",3,50,", ",3,fifty,"), encoding="utf-8")
    with pytest.raises(InputFaults) as refused:
        level_rule(EARLY, tmp_path)
    fault = refused.value.found[0]
    assert (fault.field, fault.row) == ("levels_thresholds.csv cases_from", 4)
