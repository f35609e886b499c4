"""Scenarios are kept by version, run as scenarios, and say when they no longer hold; levels are confirmed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.database import Database
from supply.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from supply.core.scope import acting_as
from supply.forecast import queries as forecasts
from supply.forecast.scenarios import level_queries, library, queries
from supply.forecast.scenarios import level_services as levels
from supply.forecast.scenarios import services as scenarios
from supply.forecast.scenarios.level_services import Choice
from supply.forecast.scenarios.spec import WardOverride
from supply.forecast.services import CaseRow, record_cases, replay, run_forecast
from tests.integration.forecast.conftest import LAST_WEEK, ward_codes_of

DAY_0 = LAST_WEEK + dt.timedelta(days=1)


def kept(db: Database, table: str) -> int:
    with db.owner_engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def district_id() -> int:
    return catalog.district("ba-dinh").id


def test_every_template_becomes_a_scenario_that_starts_from_today(
    db: Database, reported: dict[str, int]
) -> None:
    with acting_as(reported["kehoach"]):
        now = queries.present("ba-dinh")
        seen = {
            t.key: queries.preview(now, scenarios.spec_from_library("ba-dinh", t.key))
            for t in library.templates(now.day_0)
        }
    assert now.day_0 == DAY_0
    assert list(seen) == [
        *(f"level_{n}" for n in (1, 2, 3, 4)),
        "worst_case",
        "variant_fast",
        "variant_dangerous",
        "beyond_capacity",
    ]
    totals = {key: found.outlook.total[0] for key, found in seen.items()}
    assert totals["level_1"] < totals["level_2"] < totals["level_3"] < totals["level_4"]
    for found in seen.values():
        today = now.recent_daily[:, -7:].mean(axis=1).sum()
        assert found.outlook.cases[2, 0] == pytest.approx(today, rel=0.1)
    beds = seen["beyond_capacity"].outlook.beds
    assert sum(middle for middle, _, _ in beds.values()) > now.beds


def test_a_scenario_is_kept_by_version_and_nobody_writes_over_another(
    db: Database, reported: dict[str, int]
) -> None:
    with acting_as(reported["kehoach"]):
        spec = scenarios.spec_from_library("ba-dinh", "worst_case")
        first = scenarios.add_scenario("ba-dinh", "  Xấu nhất   tháng 3 ", spec, "họp ngày 6/3")
        higher = replace(spec, rt_least=1.6)
        second = scenarios.change_scenario(first, "Xấu nhất tháng 3", higher)
        with pytest.raises(Conflict, match="newer version"):
            scenarios.change_scenario(first, "Của người khác", spec)
        assert [row.id for row in queries.active(district_id())] == [second]
        assert queries.spec_of(first) == spec
        assert queries.spec_of(second) == higher
        assert [(v.version, v.name) for v in queries.versions(second)] == [
            (2, "Xấu nhất tháng 3"),
            (1, "Xấu nhất tháng 3"),
        ]
        scenarios.retire_scenario(second)
        assert queries.active(district_id()) == []


def test_a_run_of_a_scenario_is_stored_as_one_and_made_again(
    db: Database, reported: dict[str, int]
) -> None:
    with acting_as(reported["kehoach"]):
        projected = run_forecast("ba-dinh", draws=20)
        spec = replace(scenarios.spec_from_library("ba-dinh", "variant_fast"), horizon_days=35)
        scenario_id = scenarios.add_scenario("ba-dinh", "Biến chủng", spec)
        run_id = scenarios.run_scenario(scenario_id, draws=20)
        row = replay(run_id)
        latest = forecasts.latest_run(district_id())
        wards, district = forecasts.stored_quantiles(run_id)
        assert queries.runs_of(district_id())[scenario_id].id == run_id
        burn = forecasts.stored_burn(run_id)
    assert row.params.scenario == spec
    assert latest is not None
    assert latest.id == projected  # a scenario is never shown as the forecast
    assert wards.shape == (14, 5, 23)
    assert (np.diff(district, axis=-1) >= 0).all()
    assert burn.days == 35
    assert burn.total_mean.any()


def test_a_variants_milder_course_lowers_the_use_of_oxygen(
    db: Database, reported: dict[str, int]
) -> None:
    with acting_as(reported["kehoach"]):
        spec = replace(scenarios.spec_from_library("ba-dinh", "variant_dangerous"), horizon_days=28)
        assert spec.variant is not None
        plain = replace(spec, variant=replace(spec.variant, severity_share=None, stay_days=None))
        severe_id = scenarios.add_scenario("ba-dinh", "Nặng hơn", spec)
        plain_id = scenarios.add_scenario("ba-dinh", "Như cũ", plain)
        severe = forecasts.stored_burn(scenarios.run_scenario(severe_id, draws=20))
        usual = forecasts.stored_burn(scenarios.run_scenario(plain_id, draws=20))
    driver = forecasts.DRIVERS.index("patient_day_critical")
    assert severe.driver_mean[driver].sum() > 1.3 * usual.driver_mean[driver].sum()


def test_beyond_capacity_fills_the_beds_there_are_and_no_more(
    db: Database, reported: dict[str, int]
) -> None:
    with acting_as(reported["kehoach"]):
        spec = replace(scenarios.spec_from_library("ba-dinh", "beyond_capacity"), horizon_days=90)
        scenario_id = scenarios.add_scenario("ba-dinh", "Quá tải", spec)
        row = replay(scenarios.run_scenario(scenario_id, draws=20))
        burn = forecasts.stored_burn(row.id)
        beds = {f.code: f.beds + f.icu_beds for f in catalog.facilities(district_id())}
        needed = queries.preview(queries.present("ba-dinh"), spec).outlook.beds
    assert row.params.capped
    in_bed = [forecasts.DRIVERS.index(f"patient_day_{tier}") for tier in ("severe", "critical")]
    lying = burn.driver_mean[in_bed].sum(axis=0)  # [facility, day]
    room = np.array([beds[code] for code in burn.facility_ids])
    assert (lying.max(axis=1) <= room + 1e-6).all()
    assert lying.sum(axis=0).max() < sum(middle for middle, _, _ in needed.values())


def test_cases_reported_later_change_nothing_of_a_run_from_the_same_origin(
    db: Database, reported: dict[str, int]
) -> None:
    code = ward_codes_of(db)[0]
    with acting_as(reported["kehoach"]):
        spec = replace(scenarios.spec_from_library("ba-dinh", "level_3"), horizon_days=28)
        scenario_id = scenarios.add_scenario("ba-dinh", "Cấp 3", spec)
        first = scenarios.run_scenario(scenario_id, draws=20)
        later = [
            CaseRow(code, LAST_WEEK + dt.timedelta(weeks=1), 5000, days=7),
        ]
        record_cases("ba-dinh", later, "tuần sau")
        again = run_forecast(
            "ba-dinh",
            origin=LAST_WEEK,
            horizon_days=28,
            draws=20,
            scenario=scenarios.Scenario(scenario_id, spec),
        )
        assert np.array_equal(
            forecasts.stored_quantiles(first)[1], forecasts.stored_quantiles(again)[1]
        )


def test_a_scenario_that_cases_left_behind_says_so_and_can_be_refreshed(
    db: Database, reported: dict[str, int]
) -> None:
    next_week = LAST_WEEK + dt.timedelta(weeks=1)
    with acting_as(reported["kehoach"]):
        spec = scenarios.spec_from_library("ba-dinh", "level_4")
        scenario_id = scenarios.add_scenario("ba-dinh", "Cấp 4", spec)
        assert queries.stale_of(queries.active(district_id())) == {}
        far = [CaseRow(code, next_week, 900, days=7) for code in ward_codes_of(db)]
        record_cases("ba-dinh", far, "tuần sau")
        why = queries.stale_of(queries.active(district_id()))[scenario_id]
        assert why.week_end == next_week
        assert why.cases == 900 * 14
        assert why.cases > why.high
        fresh = scenarios.refresh_scenario(scenario_id)
        row = queries.scenario(fresh)
        assert queries.stale_of([row]) == {}
    assert row.day_0 == next_week + dt.timedelta(days=1)
    assert [c.day for c in row.spec.changes] == [c.day + dt.timedelta(7) for c in spec.changes]


def test_a_faulty_scenario_is_refused_with_all_its_faults_and_nothing_is_kept(
    db: Database, reported: dict[str, int]
) -> None:
    with acting_as(reported["kehoach"]):
        spec = scenarios.spec_from_library("ba-dinh", "worst_case")
        bad = replace(
            spec,
            reporting_share=0.0,
            horizon_days=400,
            overrides=(WardOverride("99999", 9.0),),
            changes=(replace(spec.changes[0], factor=0.0),),
        )
        with pytest.raises(InvalidInput) as refused:
            scenarios.add_scenario("ba-dinh", " ", bad)
        with pytest.raises(NotFound):
            scenarios.spec_from_library("ba-dinh", "no-such")
    assert {f.field for f in refused.value.faults} == {
        "name",
        "reporting_share",
        "horizon_days",
        "change-0-factor",
        "ward-99999",
        "ward-99999-factor",
    }
    assert kept(db, "scenario") == 0


def test_only_a_planner_of_the_district_sets_scenarios_and_levels(
    db: Database, reported: dict[str, int]
) -> None:
    with acting_as(reported["kehoach"]):
        spec = scenarios.spec_from_library("ba-dinh", "worst_case")
        scenario_id = scenarios.add_scenario("ba-dinh", "Xấu nhất", spec)
    with acting_as(reported["truong"]):
        assert queries.scenario(scenario_id).name == "Xấu nhất"
        with pytest.raises(NotAllowed):
            scenarios.add_scenario("ba-dinh", "Của trưởng trạm", spec)
        with pytest.raises(NotAllowed):
            levels.confirm_levels("ba-dinh", LAST_WEEK)
    with acting_as(reported["kho_rg"]), pytest.raises(NotFound):
        queries.scenario(scenario_id)
    assert kept(db, "scenario") == 1
    assert kept(db, "ward_level") == 0


def test_levels_are_confirmed_at_once_and_a_change_needs_a_reason(
    db: Database, reported: dict[str, int]
) -> None:
    code = ward_codes_of(db)[0]
    with acting_as(reported["kehoach"]):
        before = queries.levels_of(district_id(), LAST_WEEK)
        assert len(before) == 14
        assert all(row.now.not_counted == ("vaccinated_share", "care_enough") for row in before)
        assert levels.confirm_levels("ba-dinh", LAST_WEEK) == 14
        assert levels.confirm_levels("ba-dinh", LAST_WEEK) == 0  # decided already
        other = 4 if before[0].now.level != 4 else 3
        with pytest.raises(InvalidInput, match=r".*") as refused:
            levels.confirm_levels("ba-dinh", LAST_WEEK, [Choice(code, other)])
        assert refused.value.faults[0].field == f"reason-{code}"
        levels.confirm_levels("ba-dinh", LAST_WEEK, [Choice(code, other, "có ổ dịch ở chợ")])
        after = queries.levels_of(district_id(), LAST_WEEK)[0]
        trail = level_queries.decisions(after.ward.id)
    assert after.level == other
    assert after.decision is not None
    assert after.decision.reason == "có ổ dịch ở chợ"
    assert len(trail) == 2
    assert trail[0].figures["rule"] == "QĐ 218/QĐ-BYT"


def test_what_is_entered_of_a_ward_is_counted_from_its_day(
    db: Database, reported: dict[str, int]
) -> None:
    code = ward_codes_of(db)[0]
    earlier = LAST_WEEK - dt.timedelta(weeks=1)
    with acting_as(reported["kehoach"]):
        levels.enter_criteria(
            "ba-dinh", "vaccinated_share", {code: 0.95}, LAST_WEEK, "sổ tiêm chủng"
        )
        found = queries.levels_of(district_id(), LAST_WEEK)[0].now
        before = queries.levels_of(district_id(), earlier)[0].now
        with pytest.raises(InvalidInput):
            levels.enter_criteria("ba-dinh", "vaccinated_share", {code: 95.0}, LAST_WEEK, "sổ")
    assert dict(found.counted)["vaccinated_share"] == (-1 if found.by_cases != 1 else 0)
    assert found.not_counted == ("care_enough",)
    assert before.not_counted == ("vaccinated_share", "care_enough")
    assert kept(db, "ward_criterion") == 1
