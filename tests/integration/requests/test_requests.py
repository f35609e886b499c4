"""A ward asks, the depot decides, goods follow; nothing is decided twice and nothing refused moves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from supply.catalog import queries as catalog
from supply.core.database import Database
from supply.core.errors import (
    AlreadyDone,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    SupplyError,
)
from supply.core.scope import acting_as
from supply.core.transaction import transaction
from supply.inventory import queries as inventory
from supply.inventory.documents import Reversal, TransferReceipt, TransferReceiptLine
from supply.inventory.services import discard_draft, post, post_draft
from supply.requests import queries, services
from supply.requests.requisitions import AskedLine, Decision, Requisition, Status
from tests.integration.inventory.conftest import World, days, make_world

WARD, OTHER, DEPOT, FAR = "BD-TYT-01", "BD-TYT-02", "BD-TTYT", "RG-TYT-01"


@pytest.fixture
def world(shared_db: Database, shared_people: dict[str, int]) -> World:
    return make_world(shared_db, shared_people)


def asked(world: World, *quantities: int, **more: Any) -> Requisition:
    return Requisition(
        facility_id=world.places[more.pop("place", WARD)],
        asked_id=world.places[more.pop("asked", DEPOT)],
        lines=tuple(
            AskedLine(item_code=item, quantity=q)
            for item, q in zip(world.items, quantities, strict=False)
        ),
        **more,
    )


def ask(world: World, *quantities: int, **more: Any) -> int:
    with acting_as(world.people["kho_px"]):
        return services.ask(asked(world, *quantities, **more))


def view(world: World, user: str, requisition_id: int) -> queries.View:
    with acting_as(world.people[user]):
        return queries.requisition(requisition_id)


def approve(world: World, user: str, found: int, *given: tuple[int, str]) -> int:
    with acting_as(world.people[user]):
        return services.approve(
            found, [Decision(line=n, quantity=q, reason=r) for n, (q, r) in enumerate(given, 1)]
        )


def test_asked_cut_sent_and_received_in_two_goes(world: World) -> None:
    world.receive("kho_tt", DEPOT, 500)
    world.receive("kho_tt", DEPOT, 60, item_code=world.items[1], lot_number="B1")
    found = ask(world, 100, 80)
    assert view(world, "kho_tt", found).head.status == Status.SENT
    draft = approve(world, "kho_tt", found, (100, ""), (50, "Kho chỉ còn 60"))
    seen = view(world, "kho_px", found)
    assert (seen.head.status, seen.head.cut) == (Status.APPROVED, True)
    assert [(x.approved, x.reason) for x in seen.lines] == [(100, ""), (50, "Kho chỉ còn 60")]
    assert seen.drafts == ()  # the sender's own papers
    assert [d.id for d in view(world, "kho_tt", found).drafts] == [draft]

    with acting_as(world.people["kho_tt"]):
        sent = post_draft(draft)
    seen = view(world, "kho_px", found)
    assert seen.head.status == Status.ON_WAY
    assert [(x.sent, x.on_way) for x in seen.lines] == [(100, 100), (50, 50)]
    with acting_as(world.people["kho_px"]):
        first = post(
            TransferReceipt(
                facility_id=world.places[WARD],
                follows_id=sent.document_id,
                lines=(TransferReceiptLine(item_code=world.items[0], quantity=100),),
            )
        )
    assert view(world, "kho_px", found).head.status == Status.ON_WAY
    with acting_as(world.people["kho_px"]):
        post(TransferReceipt(facility_id=world.places[WARD], follows_id=sent.document_id))
    seen = view(world, "kehoach", found)
    assert seen.head.status == Status.RECEIVED
    assert len(seen.receipts) == 2
    assert world.on_hand(WARD) == 100

    with acting_as(world.people["kho_px"]):  # undone on paper, undone here: nothing is kept beside
        post(
            Reversal(
                facility_id=world.places[WARD], reverses_id=first.document_id, reason="nhầm phiếu"
            )
        )
    assert view(world, "kho_px", found).head.status == Status.ON_WAY


def test_numbers_follow_without_gaps_and_a_draft_has_none(world: World) -> None:
    with acting_as(world.people["kho_px"]):
        draft = services.save(asked(world, 5))
        assert queries.requisition(draft).head.status == Status.DRAFT
        thrown = services.save(asked(world, 5))
        services.discard(thrown)
        with pytest.raises(NotFound):
            queries.requisition(thrown)
    first = view(world, "kho_px", ask(world, 5)).head
    with acting_as(world.people["kho_px"]):
        services.send(draft)
    second = view(world, "kho_px", draft).head
    assert (first.number or 0) + 1 == second.number
    assert second.label == f"DY-{second.year}-{second.number:04d}"


def test_the_same_form_twice_is_one_request(world: World) -> None:
    once = asked(world, 7)
    with acting_as(world.people["kho_px"]):
        assert services.ask(once) == services.ask(once)


def test_two_approvers_at_once_one_decision_one_draft(world: World) -> None:
    found = ask(world, 30)
    start = threading.Barrier(2)
    outcomes: list[object] = []

    def decide(user: str) -> None:
        start.wait()
        try:
            outcomes.append(approve(world, user, found, (30, "")))
        except SupplyError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=decide, args=(u,)) for u in ("kho_tt", "kehoach")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [o for o in outcomes if isinstance(o, AlreadyDone)]
    assert len(refused) == 1
    assert "đã duyệt phiếu này lúc" in refused[0].text.vi
    with acting_as(world.people["kho_tt"]):
        assert len(inventory.drafts(origin=f"requisition:{found}")) == 1


def test_what_was_sent_never_changes(world: World) -> None:
    found = ask(world, 12)
    with acting_as(world.people["kho_px"]), pytest.raises(AlreadyDone):
        services.save(asked(world, 99), found)
    with acting_as(world.people["kho_px"]), pytest.raises(AlreadyDone):
        services.discard(found)
    assert [x.quantity for x in view(world, "kho_px", found).lines] == [12]


def test_a_withdrawn_request_can_no_longer_be_approved(world: World) -> None:
    found = ask(world, 12)
    with acting_as(world.people["kho_px"]):
        services.withdraw(found, "đã có hàng tài trợ")
    before = world.fingerprint()
    with pytest.raises(AlreadyDone, match="withdrew"):
        approve(world, "kho_tt", found, (12, ""))
    assert world.fingerprint() == before
    assert view(world, "kho_tt", found).head.status == Status.WITHDRAWN


def test_refused_with_a_reason_and_never_without(world: World) -> None:
    found = ask(world, 12)
    with acting_as(world.people["kehoach"]):
        with pytest.raises(InvalidInput):
            services.refuse(found, "  ")
        services.refuse(found, "Hết hàng trong toàn quận")
    seen = view(world, "kho_px", found)
    assert seen.head.status == Status.REFUSED
    assert seen.events[-1].reason == "Hết hàng trong toàn quận"


@pytest.mark.parametrize(
    ("given", "field"),
    [(((13, ""),), "quantity"), (((5, ""),), "reason"), (((0, "hết"),), "quantity")],
)
def test_a_faulty_decision_names_its_line_and_moves_nothing(
    world: World, given: tuple[tuple[int, str], ...], field: str
) -> None:
    found = ask(world, 12)
    before = world.fingerprint()
    with pytest.raises(InvalidInput) as refused:
        approve(world, "kho_tt", found, *given)
    assert refused.value.faults[0].field == field
    assert world.fingerprint() == before
    assert view(world, "kho_tt", found).head.status == Status.SENT


@pytest.mark.parametrize("user", ["kho_tb", "truong", "taichinh", "thanhtra", "quantri"])
def test_only_the_asked_facility_or_a_planner_decides(world: World, user: str) -> None:
    found = ask(world, 12)
    before = world.fingerprint()
    with pytest.raises((NotAllowed, NotFound)):
        approve(world, user, found, (12, ""))
    with acting_as(world.people[user]), pytest.raises((NotAllowed, NotFound)):
        services.refuse(found, "không")
    assert world.fingerprint() == before


def test_another_district_sees_nothing_and_asks_nobody_here(world: World) -> None:
    found = ask(world, 12)
    with acting_as(world.people["kho_rg"]):
        with pytest.raises(NotFound):
            queries.requisition(found)
        assert all(h.id != found for h in queries.requisitions().rows)
        assert queries.figures(world.places[WARD], world.places[DEPOT], [1])[1].on_hand is None
        with pytest.raises(InvalidInput):
            services.save(asked(world, 5, place=FAR))
        with pytest.raises(NotAllowed):
            services.save(asked(world, 5))
    with acting_as(world.people["kho_tb"]), pytest.raises(NotFound):
        queries.requisition(found)


def test_a_draft_is_not_seen_by_those_it_is_not_sent_to(world: World) -> None:
    with acting_as(world.people["kho_px"]):
        found = services.save(asked(world, 5))
    for user in ("kho_tt", "kehoach"):
        with pytest.raises(NotFound):
            view(world, user, found)
        with pytest.raises(NotFound):
            approve(world, user, found, (5, ""))


def test_the_database_takes_no_decision_written_past_the_functions(world: World) -> None:
    found = ask(world, 5)
    with acting_as(world.people["kho_px"]), pytest.raises(NotAllowed), transaction() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO requisition_event (requisition_id, kind, recorded_by)"
            f" VALUES ({found}, 'approved', 1)"
        )


def test_figures_tell_each_side_what_is_theirs_to_know(world: World) -> None:
    world.receive("kho_tt", DEPOT, 500)
    world.receive("kho_px", WARD, 40)
    item = int(world.owner_value("SELECT id FROM item WHERE code = :c", c=world.items[0]))  # type: ignore[call-overload]

    def figures(user: str, asked: str = DEPOT) -> Callable[..., Any]:
        with acting_as(world.people[user]):
            return queries.figures(world.places[WARD], world.places[asked], [item])[item]

    world.receive("kho_px", WARD, 60, happened_on=days(-60))
    world.issue("kho_px", WARD, 60, happened_on=days(-1))
    before = figures("kho_px")
    assert (before.on_hand, before.on_way, before.free) == (40, 0, 500)
    assert figures("kho_px", OTHER).free is None  # another ward's store is its own affair
    assert figures("kho_tt").monthly_use is figures("kho_tt").on_hand is None  # not asked yet
    found = ask(world, 120)
    assert (figures("kho_tt").on_hand, figures("kho_tt").monthly_use) == (40, 30.51)
    assert figures("kho_tb", OTHER).monthly_use is None  # asking the depot tells the depot only
    draft = approve(world, "kho_tt", found, (120, ""))
    assert figures("kho_tt").free == 380  # promised by the draft
    with acting_as(world.people["kho_tt"]):
        post_draft(draft)
    assert (figures("kho_px").on_way, figures("kho_px").free) == (120, 380)


def test_a_supplier_is_told_what_was_asked_while_it_is_open_and_nothing_else(world: World) -> None:
    """The average use of an item, while a request for it waits or was approved in the last 90 days."""
    for item in world.items[:2]:
        world.receive("kho_px", WARD, 600, happened_on=days(-60), item_code=item)
        world.issue("kho_px", WARD, 300, happened_on=days(-1), item_code=item)
    found = ask(world, 9)

    def told(user: str = "kho_tt") -> list[float | None]:
        with acting_as(world.people[user]):
            items = [i.id for i in catalog.items(world.items[:2])]
            got = queries.figures(world.places[WARD], world.places[DEPOT], items)
            return [got[i].monthly_use for i in items]

    assert sorted(map(str, told())) == ["150.0", "None"]
    assert told("kho_px") == told("kehoach") == [150, 150]
    with acting_as(world.people["kho_tt"]):  # neither its use by day nor its stock-outs
        assert inventory.amc([world.places[WARD]]) == []
        for asked_of in (inventory.consumption_daily, inventory.empty_spans):
            assert asked_of([world.places[WARD]], days(-90), days(-1)).empty
    with acting_as(world.people["kho_px"]):
        services.withdraw(found, "đã đủ")
    assert told() == [None, None]


def test_what_the_draft_left_out_can_be_prepared_once_more(world: World) -> None:
    world.receive("kho_tt", DEPOT, 70)
    found = ask(world, 70)
    draft = approve(world, "kehoach", found, (70, ""))
    with acting_as(world.people["kho_tt"]):
        with pytest.raises(Conflict):
            services.prepare_dispatch(found)
        discard_draft(draft)
        again = services.prepare_dispatch(found)
        post_draft(again)
        with pytest.raises(Conflict):
            services.prepare_dispatch(found)


def test_the_list_shows_what_waits_for_whom(world: World) -> None:
    found = ask(world, 9)

    def ids(user: str, show: str) -> set[int]:
        with acting_as(world.people[user]):
            return {h.id for h in queries.requisitions(show=show, limit=500).rows}

    assert found in ids("kho_tt", "to_decide")
    assert found in ids("kehoach", "to_decide")
    assert found not in ids("kho_px", "to_decide")
    assert found not in ids("taichinh", "to_decide")
    assert found in ids("kho_px", "open")
    assert found in ids("thanhtra", "")


def test_what_brings_stock_to_some_days_follows_from_the_use(world: World) -> None:
    """600 came 60 days ago, 500 were used since: 250 a month; 100 are left, so 30 days need 150."""
    world.receive("kho_px", WARD, 600, happened_on=days(-60))
    for back in (50, 40, 30, 20, 10):
        world.issue("kho_px", WARD, 100, happened_on=days(-back))
    with acting_as(world.people["kho_px"]):
        item = catalog.items([world.items[0]])[0]
        figures = queries.figures(world.places[WARD], world.places[DEPOT], [item.id])[item.id]
        assert figures.monthly_use == 250
        assert figures.days_of_stock == 12
        lines = {
            line.item_code: line
            for line in queries.suggestion(world.places[WARD], world.places[DEPOT], 30)
        }
    pack = next((p.units_per_pack for p in item.packs if p.is_default), 1)
    assert lines[item.code].quantity == -(-150 // pack)
    with acting_as(world.people["kho_px"]):
        enough = queries.suggestion(world.places[WARD], world.places[DEPOT], 7)
    assert item.code not in {line.item_code for line in enough}
