"""A form read back gives the scenario it was made from; what cannot be read is named by its field."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.core.errors import InvalidInput
from supply.forecast.scenarios.check import faults_of
from supply.forecast.scenarios.form import fields_of, read_form
from supply.forecast.scenarios.library import build, templates
from supply.forecast.scenarios.spec import ScenarioSpec, WardOverride
from tests.unit.forecast.test_scenarios_library import DAY_0, WARDS, district

TEMPLATES = {t.key: t for t in templates(DAY_0)}


@cache
def built(key: str) -> ScenarioSpec:
    """The scenario of a template."""
    return build(TEMPLATES[key], district(60.0))


def close(a: ScenarioSpec, b: ScenarioSpec) -> bool:
    return a.to_json() == b.to_json()


@pytest.mark.parametrize("key", list(TEMPLATES))
def test_a_form_that_nobody_touched_gives_the_scenario_again(key: str) -> None:
    spec = replace(built(key), overrides=(WardOverride("w2", 1.25, 3.0),))
    again, faults = read_form(fields_of(spec, "Tên", ""), WARDS)
    assert faults == []
    assert close(again, spec)


def test_numbers_are_read_as_they_are_written_in_vietnam() -> None:
    fields = fields_of(built("variant_dangerous"), "Tên", "") | {
        "change-0-day": "01/02/2022",
        "change-0-factor": "0,75",
        "reporting_share": "25,5",
        "severity-critical": "10",
        "ward-w1-imports": "2,5",
    }
    spec, faults = read_form(fields, WARDS)
    assert faults == []
    assert [(c.day, c.factor) for c in spec.changes] == [(date(2022, 2, 1), 0.75)]
    assert spec.reporting_share == pytest.approx(0.255)
    assert spec.overrides == (WardOverride("w1", 1.0, 2.5),)
    assert spec.variant is not None
    assert spec.variant.severity_share is not None
    assert spec.variant.severity_share[3] == pytest.approx(0.1)
    assert sum(spec.variant.severity_share) == pytest.approx(1.0)
    assert faults_of(spec, WARDS, DAY_0) == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("reporting_share", "ba mươi"),
        ("rt_least", "nan"),
        ("horizon_days", "30,5"),
        ("change-0-day", "31/02/2022"),
        ("ward-w1-factor", "1..2"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_field(field: str, typed: str) -> None:
    fields = fields_of(built("worst_case"), "Tên", "") | {field: typed}
    _, faults = read_form(fields, WARDS)
    assert field in [f.field for f in faults]


def test_half_a_change_is_asked_to_be_made_whole() -> None:
    fields = fields_of(built("worst_case"), "Tên", "") | {"change-1-day": "01/03/2022"}
    _, faults = read_form(fields, WARDS)
    assert [f.field for f in faults] == ["change-1-factor"]


def test_numbers_without_end_are_refused_wherever_they_stand() -> None:
    whole = json.dumps(built("variant_fast").to_json())
    for figure in ("NaN", "Infinity", "1e400"):
        with pytest.raises(InvalidInput):
            read_form(
                {"base": whole.replace('"horizon_days": 90', f'"horizon_days": {figure}')}, ()
            )
        spec, _ = read_form(
            {"base": whole.replace('"dispersion": 10.0', f'"dispersion": {figure}')}, ()
        )
        assert [f.field for f in faults_of(spec, WARDS, DAY_0)] == ["dispersion"]


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_a_form_whose_base_was_changed_is_refused(base: str) -> None:
    with pytest.raises(InvalidInput):
        read_form({"base": base}, WARDS)
