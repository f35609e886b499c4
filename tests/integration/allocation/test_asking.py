"""What a plan is asked with, from the database: terms, requests, orders, the reserve list."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from supply.allocation import queries, services
from supply.allocation.asking import terms
from supply.allocation.asking.reading import Asked, read_asked
from supply.allocation.asking.request import PlanRequest
from supply.allocation.problem import build_problem
from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from supply.core.scope import acting_as
from supply.core.transaction import reading, transaction
from supply.inventory import on_order as orders
from supply.planning import services as planning
from supply.requests import services as requests
from supply.requests.requisitions import AskedLine, Decision, Requisition
from tests.integration.allocation.conftest import DEPOT, DISTRICT, SHORT, Town

CLINIC = "BD-PK"
PAPER = "BB 01/2022 ngày 05/01/2022"


def read(town: Town, **asked: object) -> Asked:
    with acting_as(town.people["kehoach"]):
        request = PlanRequest.of({"district_slug": DISTRICT, "horizon_days": 4, **asked})
        return read_asked(request)


def agree(
    town: Town, agreed: bool, first: int, last: int | None = None, who: str = "kehoach"
) -> int:
    """`first`, `last`: days from today."""
    with acting_as(town.people[who]):
        return terms.record_agreement(
            town.places[CLINIC],
            agreed,
            today() + dt.timedelta(days=first),
            None if last is None else today() + dt.timedelta(days=last),
            PAPER,
        )


def agreed(town: Town, day: int = 0) -> bool:
    with acting_as(town.people["kehoach"]):
        district = catalog.district(DISTRICT)
        found = terms.agreements(district.id, today() + dt.timedelta(days=day))
    return next(one.agreed for one in found if one.code == CLINIC)


def test_a_private_facility_takes_part_by_an_agreement_in_force_only(town: Town) -> None:
    partner = (town.places[CLINIC],)
    assert not agreed(town)
    with pytest.raises(InvalidInput) as refused:
        read(town, partners=partner)
    assert [fault.field for fault in refused.value.faults] == ["partners"]
    agree(town, True, 2)
    assert (agreed(town), agreed(town, 2)) == (False, True)
    agree(town, True, -30, 1)
    assert (agreed(town), agreed(town, 1)) == (True, True)
    found = read(town, partners=partner)
    problem = build_problem(found.world, found.question)
    assert CLINIC in {f.id for f in problem.instance.facilities}
    assert any(CLINIC in note.vi for note in problem.notes)
    agree(town, False, 0)
    with pytest.raises(InvalidInput):
        read(town, partners=partner)


def test_an_agreement_says_on_what_paper_and_is_for_private_facilities(town: Town) -> None:
    with acting_as(town.people["kehoach"]):
        with pytest.raises(InvalidInput) as refused:
            terms.record_agreement(
                town.places[CLINIC], True, today(), today() - dt.timedelta(days=1), "  "
            )
        assert {f.field for f in refused.value.faults} == {"paper_reference", "valid_to"}
        with pytest.raises(Conflict):
            terms.record_agreement(town.places[DEPOT], True, today(), None, PAPER)
        with pytest.raises(NotFound):
            terms.record_agreement(10**6, True, today(), None, PAPER)


@pytest.mark.parametrize("who", ["kho_px", "truong", "taichinh", "thanhtra", "quantri"])
def test_only_planners_set_the_terms(town: Town, who: str) -> None:
    with pytest.raises((NotAllowed, NotFound)):  # whom it is not in scope for does not see it
        agree(town, True, 0, who=who)
    with acting_as(town.people["kehoach"]):
        ward = catalog.wards(catalog.district(DISTRICT).id)[0]
    with acting_as(town.people[who]), pytest.raises(NotAllowed):
        terms.set_vulnerability(ward.id, 2.0, today(), "thử")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE allocation_agreement SET agreed = true",
        "DELETE FROM ward_vulnerability",
        "INSERT INTO ward_vulnerability (ward_id, weight, valid_from, source, recorded_by)"
        " SELECT id, 2, current_date, 'x', supply_user_id() + 1 FROM ward LIMIT 1",
    ],
)
def test_the_database_keeps_the_terms_as_they_were_written(town: Town, sql: str) -> None:
    with acting_as(town.people["kehoach"]), pytest.raises(NotAllowed), transaction() as session:
        session.execute(text(sql))


def test_the_terms_of_another_district_are_not_seen(town: Town) -> None:
    agree(town, True, 0)
    with acting_as(town.people["kho_rg"]), reading() as session:
        assert session.execute(text("SELECT count(*) FROM allocation_agreement")).scalar() == 0


def test_a_wards_weight_reaches_its_station_and_the_mean_those_who_serve_all(town: Town) -> None:
    with acting_as(town.people["kehoach"]):
        district = catalog.district(DISTRICT)
        wards = {w.id: w for w in catalog.wards(district.id)}
        station = next(f for f in catalog.facilities(district.id) if f.code == SHORT)
        assert set(terms.facility_weights(district.id).values()) == {1.0}
        for weight, days in ((3.0, -9), (2.0, 0), (5.0, 1)):
            since = today() + dt.timedelta(days=days)
            terms.set_vulnerability(station.ward_id or 0, weight, since, "tỷ lệ hộ nghèo")
        weights = terms.facility_weights(district.id)
        with pytest.raises(InvalidInput) as refused:
            terms.set_vulnerability(station.ward_id or 0, float("nan"), today(), "")
        assert {f.field for f in refused.value.faults} == {"weight", "source"}
    share = wards[station.ward_id or 0].population / sum(w.population for w in wards.values())
    assert weights[SHORT] == 2.0
    assert weights[DEPOT] == pytest.approx(1 + share, abs=1e-4)
    found = read(town, vulnerability=True)
    instance = build_problem(found.world, found.question).instance
    assert {f.id: f.vulnerability for f in instance.facilities}[SHORT] == 2.0


def test_goods_on_order_count_from_the_day_they_are_promised(town: Town) -> None:
    item = town.items[0]
    with acting_as(town.people["kehoach"]):
        order = orders.place_order(
            orders.NewOrder(town.places[DEPOT], item, 1000, today() + dt.timedelta(days=2), "NCC01")
        )
    found = read(town)
    coming = [s for s in found.world.coming if s.lot == f"ĐĐH-{order}"]
    assert sum(s.quantity for s in coming) == 1000
    assert min(s.day for s in coming) == 2
    assert {(s.facility, s.item, s.expiry) for s in coming} == {(DEPOT, item, None)}
    with acting_as(town.people["kehoach"]):
        orders.cancel_order(order, "không về")
    assert not [s for s in read(town).world.coming if s.is_order]


def test_a_request_counts_until_it_is_sent_and_its_draft_is_set_aside(town: Town) -> None:
    item = town.items[0]
    with acting_as(town.people["kho_px"]):
        asked = requests.ask(
            Requisition(
                facility_id=town.places[SHORT],
                asked_id=town.places[DEPOT],
                lines=(AskedLine(item_code=item, quantity=50),),
            )
        )
    first = read(town, count_requests=True)
    assert [(w.facility, w.item, w.quantity) for w in first.world.wishes] == [(SHORT, item, 50)]
    assert first.world.promised == ()
    with acting_as(town.people["kho_tt"]):
        requests.approve(asked, [Decision(line=1, quantity=30, reason="Chia cho nơi khác")])
    after = read(town, count_requests=True)
    assert [w.quantity for w in after.world.wishes] == [30]
    assert [(p.origin, p.destination, p.quantity) for p in after.world.promised] == [
        (DEPOT, SHORT, 30)
    ]
    instance = build_problem(after.world, after.question).instance
    assert sum(a.quantity for a in instance.arrivals if (a.facility, a.item) == (SHORT, item)) == 30
    total = sum(s.quantity for s in after.world.on_hand if s.item == item)
    assert sum(r.quantity for r in instance.stock_rows if r.item == item) == total


def test_the_approved_list_is_kept_where_it_is_asked_for(town: Town) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(town, reserve="approved")
    assert [fault.field for fault in refused.value.faults] == ["reserve"]
    with acting_as(town.people["kehoach"]):
        made = planning.make_reserve(DISTRICT, town.run_id, 0.95)
        planning.submit_reserve(made)
    with acting_as(town.people["duyet"]):
        planning.approve_reserve(made)
    found = read(town, reserve="approved", reserve_percent=50)
    listed = {(one.facility, one.item): one.quantity for one in found.world.listed}
    kept = build_problem(found.world, found.question).instance.reserve
    assert kept
    assert all(r.quantity == -(-listed[r.facility, r.item] // 2) for r in kept)


def test_a_run_of_elsewhere_is_refused(town: Town) -> None:
    with pytest.raises(NotFound):
        read(town, run_id=10**6)


def test_a_plan_keeps_its_whole_question_and_what_was_odd(town: Town) -> None:
    agree(town, True, 0)
    asked = {
        "policy": "proportional",
        "run_id": town.run_id,
        "count_requests": True,
        "vulnerability": True,
        "partners": [town.places[CLINIC]],
    }
    with acting_as(town.people["kehoach"]):
        plan_id = services.make_plan(DISTRICT, horizon_days=4, **asked)
        with reading() as session:
            row = session.execute(
                text("SELECT params, comparison FROM plan WHERE id = :id"), {"id": plan_id}
            ).one()
        assert PlanRequest.of(row.params) == PlanRequest.of(
            {"district_slug": DISTRICT, "horizon_days": 4, **asked}
        )
        assert {one["key"] for one in row.comparison["inputs"]} >= {"no_stock"}
        assert any("dễ tổn thương" in note.vi for note in queries.plan(plan_id).notes)
