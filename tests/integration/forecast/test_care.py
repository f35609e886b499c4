"""What is entered about care decides the run, stays as it was, and is for those it is meant for."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from sqlalchemy import text

from seed import forecast_care
from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.database import Database
from supply.core.errors import InvalidInput, NotAllowed, NotFound
from supply.core.scope import acting_as
from supply.core.transaction import transaction
from supply.forecast import queries
from supply.forecast.care import queries as care
from supply.forecast.care import services
from supply.forecast.care.inputs import ACTIVITIES, CareInputs
from supply.forecast.care.services import Plan
from supply.forecast.norms import TIERS
from supply.forecast.services import record_cases, replay, run_forecast
from tests.integration.forecast.conftest import SOURCE, ward_codes_of, weekly_rows

SEVERE, CRITICAL = TIERS.index("severe"), TIERS.index("critical")
HOSPITAL = "BD-TTYT"


def place(code: str = HOSPITAL) -> int:
    return next(f.id for f in catalog.facilities() if f.code == code)


def last_saturday() -> dt.date:
    """The Saturday before today, so that today is one of a run's days."""
    return today() - dt.timedelta(days=(today().weekday() - 5) % 7 or 7)


@pytest.fixture
def lately(db: Database, people: dict[str, int]) -> dict[str, int]:
    """Ba Đình with cases to last Saturday; the people."""
    with acting_as(people["kehoach"]):
        record_cases("ba-dinh", weekly_rows(ward_codes_of(db), last_saturday()), SOURCE)
    return people


def test_the_census_entered_is_what_a_run_starts_from(lately: dict[str, int]) -> None:
    with acting_as(lately["kehoach"]):
        hospital = place()
        services.record_census(hospital, today(), {"severe": 999, "critical": 1})
        services.record_census(hospital, today(), {"severe": 31, "critical": 6})
        run_id = run_forecast("ba-dinh", draws=50)
        replay(run_id)
        row = queries.run(run_id)
        codes = {f.id: f.code for f in catalog.facilities(row.district_id)}
        kept = care.stored_care(run_id, codes, row.params.horizon_days)
    day = (today() - row.day_0).days
    at = list(codes).index(hospital)
    assert kept.of("hospital").by_day[at, day].tolist() == [37.0] * 5
    assert kept.of("icu").by_day[at, day].tolist() == [6.0] * 5
    assert kept.of("oxygen_flow").peak[at, 0] > 0


def test_a_census_entered_later_leaves_a_stored_run_as_it_was(lately: dict[str, int]) -> None:
    with acting_as(lately["kehoach"]):
        run_id = run_forecast("ba-dinh", draws=50)
        services.record_census(place(), today(), {"severe": 500})
        replay(run_id)
        again = run_forecast("ba-dinh", draws=50)
        assert queries.run(again).inputs_digest != queries.run(run_id).inputs_digest


def test_care_inputs_read_what_counts(lately: dict[str, int]) -> None:
    day_0 = today() - dt.timedelta(days=2)
    with acting_as(lately["kehoach"]):
        hospital, station = place(), place("BD-TYT-01")
        services.record_census(hospital, day_0, {"severe": 10})
        services.record_census(hospital, today(), {"severe": 12})
        services.set_capacity(hospital, {"beds": 80, "pcr_tests_per_day": 90}, today(), "QĐ 12")
        services.set_capacity(hospital, {"beds": 70}, today(), "QĐ 13")
        kept = Plan(station, "screening_antigen", "Chợ", day_0, today(), 40)
        services.plan_activity(kept)
        dropped = services.plan_activity(
            Plan(station, "community_team", "Tổ 1", day_0, today() + dt.timedelta(days=9), 2)
        )
        services.cancel_activity(dropped)
        services.cancel_activity(dropped)
        told = care.care_inputs([station, hospital], day_0, 14)
    assert told.census[1, SEVERE] == 12
    assert told.census_day[1, SEVERE] == 2
    assert np.isnan(told.census[0]).all()
    assert np.isnan(told.census[1, CRITICAL])
    assert told.beds.tolist() == [0, 70]
    assert told.icu_beds.tolist() == [0, 4]
    assert np.isnan(told.staff_shifts_per_day).all()
    assert told.lab_tests_per_day[1, 1] == 90
    planned = told.planned[ACTIVITIES.index("screening_antigen"), 0]
    assert planned.tolist() == [40] * 3 + [0] * 11
    assert told.planned.sum() == 120
    back = CareInputs.from_told(told.told())
    for name in ("census", "census_day", "beds", "icu_beds", "lab_tests_per_day", "planned"):
        np.testing.assert_array_equal(getattr(back, name), getattr(told, name))


def test_planned_tests_and_teams_become_use_of_supplies(lately: dict[str, int]) -> None:
    with acting_as(lately["kehoach"]):
        station = place("BD-TYT-01")
        before = queries.stored_burn(run_forecast("ba-dinh", draws=50))
        services.plan_activity(
            Plan(station, "screening_antigen", "Sàng lọc", today(), today() + dt.timedelta(30), 500)
        )
        after = queries.stored_burn(run_forecast("ba-dinh", draws=50))
    at = after.facility_ids.index("BD-TYT-01"), after.item_codes.index("XN001")
    more = after.total_mean[at] - before.total_mean[at]
    assert more[-1] == pytest.approx(500)


def test_a_run_within_capacity_counts_who_finds_no_bed(lately: dict[str, int]) -> None:
    with acting_as(lately["kehoach"]):
        for facility in catalog.facilities():
            services.set_capacity(facility.id, {"beds": 1, "icu_beds": 0}, today(), "thử")
        run_id = run_forecast("ba-dinh", draws=50, capped=True)
        row = queries.run(run_id)
        codes = {f.id: f.code for f in catalog.facilities(row.district_id)}
        kept = care.stored_care(run_id, codes, row.params.horizon_days)
    assert kept.of("hospital").by_day.max() <= 1
    assert not kept.of("icu").by_day.any()
    assert kept.of("no_bed").by_day.max() > 1


def test_who_may_enter_what(lately: dict[str, int]) -> None:
    with acting_as(lately["kehoach"]):
        hospital, station = place(), place("BD-TYT-01")
    with acting_as(lately["truong"]):
        own = [f.id for f in catalog.facilities(writable=True)]
        assert services.record_census(own[0], today(), {"severe": 3}) == 1
        with pytest.raises(NotAllowed):
            services.set_capacity(own[0], {"beds": 5}, today(), "tự khai")
        with pytest.raises(NotAllowed):
            services.plan_activity(Plan(own[0], "cleaning", "x", today(), today(), 1))
        others = {hospital, station} - {f.id for f in catalog.facilities()}
        for other in others:
            with pytest.raises(NotFound):
                services.record_census(other, today(), {"severe": 3})
    for name in ("kho_px", "thanhtra", "taichinh"):
        with acting_as(lately[name]):
            for facility in catalog.facilities()[:2]:
                with pytest.raises(NotAllowed):
                    services.record_census(facility.id, today(), {"severe": 3})
    with acting_as(lately["kho_rg"]):
        assert not care.census([hospital, station], dt.date(2000, 1, 1), today())
    with acting_as(lately["kehoach"]):
        for verb in ("UPDATE facility_census SET patients = 1", "DELETE FROM facility_capacity"):
            with pytest.raises(NotAllowed), transaction() as session:
                session.execute(text(verb))


def test_faulty_entries_are_refused_and_change_nothing(lately: dict[str, int]) -> None:
    with acting_as(lately["kehoach"]):
        hospital = place()
        cases = [
            (lambda: services.record_census(hospital, today(), {"severe": -1, "nurse": 2}),
             {"severe", "nurse"}),
            (lambda: services.record_census(hospital, today() + dt.timedelta(1), {"severe": 1}),
             {"on"}),
            (lambda: services.record_census(hospital, today(), {}), {"critical"}),
            (lambda: services.set_capacity(hospital, {"beds": -1, "x": 1}, today(), " "),
             {"beds", "x", "source"}),
            (lambda: services.plan_activity(
                Plan(hospital, "x", "", today(), today() - dt.timedelta(1), 0)),
             {"activity", "programme", "per_day", "last_day"}),
        ]  # fmt: skip
        for act, fields in cases:
            with pytest.raises(InvalidInput) as refused:
                act()
            assert {fault.field for fault in refused.value.faults} == fields
        with pytest.raises(NotFound):
            services.cancel_activity(10**9)
        assert not care.census([hospital], dt.date(2000, 1, 1), today())
        assert not care.activities([hospital], dt.date(2000, 1, 1))
        assert not any(row.entered for row in care.capacities([hospital]))


def test_the_demos_examples_are_entered_once_and_the_next_run_starts_from_them(
    lately: dict[str, int],
) -> None:
    with acting_as(lately["kehoach"]):
        run_forecast("ba-dinh", draws=50)
        forecast_care.load("ba-dinh")
        ids = [f.id for f in catalog.facilities()]
        counted = care.census(ids, today(), today())
        planned = care.activities(ids, today())
        forecast_care.load("ba-dinh")
        assert care.activities(ids, today()) == planned
        row = queries.run(run_forecast("ba-dinh", draws=50))
        codes = {f.id: f.code for f in catalog.facilities(row.district_id)}
        kept = care.stored_care(row.id, codes, row.params.horizon_days)
    assert {row.tier for row in counted} == {"severe", "critical"}
    assert {row.activity for row in planned} >= {"vaccination_dose", "cleaning"}
    at, day = list(codes).index(counted[0].facility_id), (today() - row.day_0).days
    total = sum(one.patients for one in counted if one.facility_id == counted[0].facility_id)
    assert kept.of("hospital").by_day[at, day].tolist() == [float(total)] * 5
