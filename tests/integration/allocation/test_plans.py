"""From a shortage in one ward to goods on its shelf."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from supply.allocation import queries, services
from supply.allocation.carrying import headless
from supply.allocation.carrying import services as decisions
from supply.allocation.check import check
from supply.allocation.instance_json import parse_instance
from supply.allocation.plan import plan_from_json
from supply.core import jobs
from supply.core.accounts import NewUser, create_user
from supply.core.errors import (
    AlreadyDone,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    SupplyError,
)
from supply.core.scope import acting_as
from supply.core.transaction import reading, transaction
from supply.inventory import queries as inventory
from supply.inventory.documents import Issue, IssueLine, Reversal
from supply.inventory.services import post, reverse
from supply.inventory.verify import verify_ledger
from tests.integration.allocation.conftest import DISTRICT, SHORT, STOREKEEPERS, Town


def held(town: Town, place: str) -> int:
    with acting_as(town.people["kehoach"]):
        frame = inventory.on_hand_lots(DISTRICT)
    return int(frame[frame["facility_code"] == place]["quantity"].sum())


def everywhere(town: Town) -> int:
    with acting_as(town.people["kehoach"]):
        on_hand, coming = inventory.on_hand_lots(DISTRICT), inventory.in_transit()
    return int(on_hand["quantity"].sum() + coming["quantity"].sum())


def test_a_plan_relieves_the_ward_that_has_nothing(town: Town, proposed: int) -> None:
    with acting_as(town.people["kehoach"]):
        plan = queries.plan(proposed)
    assert plan.head.state == "proposed"
    assert {t.destination for t in plan.transfers} >= {SHORT}
    assert plan.head.bound <= plan.head.plan < plan.head.no_transfer
    short = next(row for row in plan.coverage if row.code == SHORT)
    assert min(short.before.values()) == 0
    assert max(short.after.values()) > 0
    assert plan.short_pairs["plan"] < plan.short_pairs["no_transfer"]
    assert any("xác nhận" in note.vi for note in plan.notes)


def test_a_stored_plan_can_be_proved_again_without_the_solver(town: Town, proposed: int) -> None:
    with acting_as(town.people["thanhtra"]):
        instance = parse_instance(queries.stored(proposed, "instance"))
        plan = plan_from_json(queries.stored(proposed, "result"))
    assert check(instance, plan) == []


def test_a_plan_is_turned_down_with_its_reason(town: Town, proposed: int) -> None:
    plan_id = town.again(proposed)
    with acting_as(town.people["duyet"]):
        with pytest.raises(InvalidInput):
            decisions.reject(plan_id, "  ")
        decisions.reject(plan_id, "Đã có đợt cấp bổ sung của Sở")
        plan = queries.plan(plan_id)
        assert (plan.head.state, plan.reject_reason) == ("rejected", "Đã có đợt cấp bổ sung của Sở")
        with pytest.raises(AlreadyDone, match="turned down"):
            decisions.approve(plan_id)
        assert inventory.drafts(origin=f"plan:{plan_id}") == []


def test_whoever_made_a_plan_does_not_approve_it_not_even_by_raw_sql(
    town: Town, proposed: int
) -> None:
    by_hand = text(
        "UPDATE plan SET status = 'approved', approved_by = supply_user_id(), approved_at = now(),"
        " drafts = '[]' WHERE id = :id"
    )
    with acting_as(town.people["kehoach"]):
        with pytest.raises(NotAllowed, match="second person"):
            decisions.approve(proposed)
        with pytest.raises(NotAllowed, match="second person"), transaction() as session:
            session.execute(by_hand, {"id": proposed})
        plan = queries.plan(proposed)
        assert (plan.status, plan.is_mine) == ("proposed", True)
        assert inventory.drafts(origin=f"plan:{proposed}") == []


@pytest.mark.parametrize("who", ["kho_px", "truong", "taichinh", "thanhtra", "quantri"])
def test_only_a_planner_of_the_district_decides(town: Town, proposed: int, who: str) -> None:
    with acting_as(town.people[who]):
        with pytest.raises(NotAllowed):
            decisions.approve(proposed)
        with pytest.raises(NotAllowed):
            decisions.reject(proposed, "không")
        assert queries.plan(proposed).head.state == "proposed"


@pytest.mark.parametrize("who", ["kho_px", "taichinh", "thanhtra", "quantri", "kho_rg"])
def test_only_a_planner_of_the_district_proposes(town: Town, proposed: int, who: str) -> None:
    copy = text(
        "INSERT INTO plan (district_id, run_id, policy, params, instance, result, comparison,"
        " created_by) VALUES ((SELECT id FROM district WHERE slug = 'ba-dinh'), :run,"
        " 'proportional', '{}', '{}', '{}', '{}', supply_user_id())"
    )
    with acting_as(town.people[who]), pytest.raises(NotAllowed), transaction() as session:
        session.execute(copy, {"run": town.run_id})


def test_another_district_sees_nothing(town: Town, proposed: int) -> None:
    with acting_as(town.people["kho_rg"]):
        assert queries.plans() == []
        for ask in (queries.plan, queries.plan_progress, decisions.approve):
            with pytest.raises(NotFound):
                ask(proposed)
        with pytest.raises(NotFound):
            queries.stored(proposed, "result")
        with reading() as session:
            assert session.execute(text("SELECT count(*) FROM plan")).scalar() == 0


def test_a_proposed_plans_content_cannot_be_changed_under_the_approver(
    town: Town, proposed: int
) -> None:
    with acting_as(town.people["kehoach"]), pytest.raises(Conflict), transaction() as session:
        session.execute(
            text(
                "UPDATE plan SET result = '{}', status = 'rejected', rejected_by = supply_user_id(),"
                " rejected_at = now(), reject_reason = 'x' WHERE id = :id"
            ),
            {"id": proposed},
        )


def test_nobody_signs_with_another_persons_name(town: Town, proposed: int) -> None:
    with acting_as(town.people["kehoach"]), pytest.raises(NotAllowed), transaction() as session:
        session.execute(
            text(
                "UPDATE plan SET status = 'approved', approved_by = :other, approved_at = now(),"
                " drafts = '[]' WHERE id = :id"
            ),
            {"id": proposed, "other": town.people["duyet"]},
        )


def test_stock_that_left_since_stops_the_approval_and_changes_nothing(
    town: Town, proposed: int
) -> None:
    with acting_as(town.people["kehoach"]):
        line = queries.plan(proposed).transfers[0]
        frame = inventory.on_hand_lots(DISTRICT)
    mine = (
        (frame["facility_code"] == line.origin)
        & (frame["item_code"] == line.item)
        & (frame["lot_number"] == line.lot)
    )
    place = town.places[line.origin]
    lines = (
        IssueLine(
            item_code=line.item, quantity=int(frame[mine]["quantity"].sum()), lot_number=line.lot
        ),
    )
    with acting_as(town.people[STOREKEEPERS[line.origin]]):
        used = post(Issue(facility_id=place, recipient="Khoa điều trị", lines=lines))
    with acting_as(town.people["duyet"]):
        with pytest.raises(Conflict) as refused:
            decisions.approve(proposed)
        assert any(line.item in fault.text.vi for fault in refused.value.faults)
        assert queries.plan(proposed).status == "proposed"
        assert inventory.drafts(origin=f"plan:{proposed}") == []
    with acting_as(town.people[STOREKEEPERS[line.origin]]):
        reverse(Reversal(facility_id=place, reverses_id=used.document_id, reason="nhầm"))


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("policy", {"policy": "guess"}),
        ("horizon_days", {"horizon_days": 0}),
        ("horizon_days", {"horizon_days": 99}),
        ("quantile", {"quantile": 0.6}),
        ("reserve_days", {"reserve_days": -1}),
    ],
)
def test_a_wrong_request_names_the_field_and_stores_nothing(
    town: Town, field: str, asked: dict[str, object]
) -> None:
    with acting_as(town.people["kehoach"]):
        before = len(queries.plans())
        with pytest.raises(InvalidInput) as refused:
            town.plan(**asked)
        assert [f.field for f in refused.value.faults] == [field]
        assert len(queries.plans()) == before


def test_a_district_without_a_forecast_is_told_so(town: Town) -> None:
    with acting_as(town.people["quantri"]), pytest.raises(Conflict, match="no forecast"):
        services.start_plan(services.PlanRequest("rach-gia"))


# --- from here on one plan is approved, and then carried out --------------------------------------


@pytest.fixture(scope="module")
def approved(town: Town, proposed: int) -> int:
    plan_id = town.again(proposed)
    with acting_as(town.people["duyet"]):
        decisions.approve(plan_id)
    return plan_id


def test_approval_leaves_a_draft_for_each_sender_receiver_and_day_and_moves_nothing(
    town: Town, approved: int
) -> None:
    with acting_as(town.people["kehoach"]):
        plan = queries.plan(approved)
        drafts = inventory.drafts(origin=f"plan:{approved}")
    trips = {(t.origin, t.destination, t.day) for t in plan.transfers}
    assert len(drafts) == len(trips) == plan.progress.waiting
    assert {t.draft_id for t in plan.transfers} == {d.id for d in drafts}
    assert plan.head.state == "approved"
    assert held(town, SHORT) == 0
    with acting_as(town.people["kho_tb"]):
        mine = inventory.drafts(origin=f"plan:{approved}")
    assert {d.facility_id for d in mine} <= {town.places["BD-TYT-02"]}


def test_a_plan_is_approved_once(town: Town, approved: int) -> None:
    with acting_as(town.people["duyet"]):
        before = len(inventory.drafts(origin=f"plan:{approved}"))
        with pytest.raises(AlreadyDone, match="already approved"):
            decisions.approve(approved)
        with pytest.raises(AlreadyDone):
            decisions.reject(approved, "thôi")
        assert len(inventory.drafts(origin=f"plan:{approved}")) == before


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE plan SET result = '{}' WHERE id = :id",
        "UPDATE plan SET status = 'proposed', approved_by = NULL, approved_at = NULL, drafts = NULL"
        " WHERE id = :id",
        "UPDATE plan SET approved_at = now() WHERE id = :id",
        "DELETE FROM plan WHERE id = :id",
    ],
)
def test_an_approved_plan_never_changes_not_even_by_raw_sql(
    town: Town, approved: int, sql: str
) -> None:
    with acting_as(town.people["duyet"]):
        before = queries.stored(approved, "result")
        with pytest.raises(SupplyError), transaction() as session:
            session.execute(text(sql), {"id": approved})
        assert queries.stored(approved, "result") == before
        assert queries.plan(approved).status == "approved"


def test_an_ended_plan_throws_its_waiting_drafts_away_and_frees_their_stock(
    town: Town, proposed: int, approved: int
) -> None:
    end_by_hand = text(
        "UPDATE plan SET ended_by = supply_user_id(), ended_at = now(), end_reason = 'x',"
        " withdrawn = '[]' WHERE id = :id"
    )
    origin = f"plan:{approved}"
    following = town.again(proposed)
    with acting_as(town.people["kho_tt"]), pytest.raises(NotAllowed):
        decisions.end(approved, "không phải việc của kho")
    with acting_as(town.people["duyet"]):
        waiting = [d.id for d in inventory.drafts(origin=origin)]
        with pytest.raises(InvalidInput):
            decisions.end(approved, " ")
        with pytest.raises(Conflict), transaction() as session:
            session.execute(end_by_hand, {"id": approved})
        with pytest.raises(Conflict, match="Stock has changed"):
            decisions.approve(following)
        with suppress(Undone), transaction():
            assert sorted(decisions.end(approved, "Có đợt hàng mới")) == sorted(waiting)
            plan = queries.plan(approved)
            assert (plan.head.state, plan.status, plan.end_reason) == (
                "ended", "approved", "Có đợt hàng mới",
            )  # fmt: skip
            assert inventory.drafts(origin=origin) == []
            with pytest.raises(AlreadyDone):
                decisions.end(approved, "lần nữa")
            assert decisions.approve(following)
            raise Undone
        assert [d.id for d in inventory.drafts(origin=origin)] == waiting


class Undone(Exception):
    """Leaves a transaction, so that the next test finds the plan as it was."""


def test_what_one_plan_promised_no_other_plan_can_promise(
    town: Town, proposed: int, approved: int
) -> None:
    with acting_as(town.people["duyet"]):
        with pytest.raises(Conflict, match="Stock has changed"):
            decisions.approve(town.again(proposed))
        job_id = services.start_plan(services.PlanRequest(DISTRICT, "proportional", 4))
        jobs.run_now(job_id)
        state = jobs.state(job_id)
        assert state.status == "succeeded", state.message
        assert state.result is not None
        assert state.result["url"] == f"/plans/{state.result['plan_id']}"
        notes = queries.plan(state.result["plan_id"]).notes
    assert any("đã duyệt mà chưa gửi đi" in note.vi for note in notes)


def test_carried_out_it_fills_the_empty_ward_and_conserves_the_ledger(
    town: Town, approved: int
) -> None:
    total = everywhere(town)
    with acting_as(town.people["kehoach"]):
        planned = queries.plan(approved)
        posted = headless.dispatch_plan_drafts(approved, everybody(town))
        progress = queries.plan_progress(approved)
    sent = [p for p in posted if p.kind == "transfer_dispatch"]
    assert len(sent) == planned.progress.drafts == progress.received
    assert progress.state == "done"
    into = sum(t.quantity for t in planned.transfers if t.destination == SHORT)
    out_of = sum(t.quantity for t in planned.transfers if t.origin == SHORT)
    assert held(town, SHORT) == into - out_of > 0
    assert everywhere(town) == total
    assert verify_ledger().discrepancies == ()


def everybody(town: Town) -> dict[int, int]:
    """Facility id → a storekeeper; one person looks after all the stores that have none."""
    known = town.storekeepers()
    others = {code: id_ for code, id_ in town.places.items() if id_ not in known}
    person = NewUser(
        "kho_con_lai", "Trần", "Văn", "storekeeper", "kho@example.invalid", tuple(others), ()
    )
    with Session(town.database.owner_engine) as session:
        user_id = create_user(session, person, "Kho-an-toan-2022").id
        session.commit()
    return known | dict.fromkeys(others.values(), user_id)
