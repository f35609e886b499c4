"""A bad lot is called back: blocked at once, found everywhere, answered once, closed with an outcome."""

from __future__ import annotations

import threading
from uuid import uuid4

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
from supply.inventory import queries as inventory
from supply.inventory.documents import (
    Issue,
    IssueLine,
    KitAssembly,
    KitBreakup,
    Receipt,
    ReceiptLine,
    TransferDispatch,
    TransferReceipt,
)
from supply.inventory.services import Posted, post, post_draft
from supply.inventory.verify import verify_ledger
from supply.recalls import queries, services
from supply.recalls.recalls import Recall, Standing
from supply.recalls.rows import Holder, View
from tests.integration.inventory.conftest import World, make_world

A, B, DEPOT, FAR = "BD-TYT-01", "BD-TYT-02", "BD-TTYT", "RG-TYT-01"


@pytest.fixture
def world(shared_db: Database, shared_people: dict[str, int]) -> World:
    return make_world(shared_db, shared_people)


def lot_id(world: World, number: str) -> int:
    return int(world.owner_value("SELECT id FROM lot WHERE number = :n", n=number))  # type: ignore[call-overload]


def spread(world: World, number: str) -> None:
    """The lot at the depot (60), on its way to B (30), at A (40, of which 25 used)."""
    world.receive("kho_tt", DEPOT, 130, lot_number=number)
    to_a = send(world, A, 40, number)
    with acting_as(world.people["kho_px"]):
        post(TransferReceipt(facility_id=world.places[A], follows_id=to_a.document_id))
        post(
            Issue(
                facility_id=world.places[A],
                lines=(IssueLine(item_code=world.items[0], quantity=25, lot_number=number),),
                recipient="Tổ COVID cộng đồng số 3",
                purpose="community_team",
            )
        )
    send(world, B, 30, number)


def send(world: World, to: str, quantity: int, number: str) -> Posted:
    return world.post(
        "kho_tt",
        TransferDispatch(
            facility_id=world.places[DEPOT],
            counterpart_facility_id=world.places[to],
            lines=(IssueLine(item_code=world.items[0], quantity=quantity, lot_number=number),),
        ),
    )


def start(world: World, number: str, user: str = "kehoach", **more: object) -> int:
    with acting_as(world.people[user]):
        district = catalog.district("ba-dinh").id
        return services.start(
            Recall(
                lot_id=lot_id(world, number),
                district_id=district,
                reason="Không đạt chất lượng",
                recall_class="2",
                **more,  # type: ignore[arg-type]
            )
        )


def view(world: World, user: str, recall_id: int) -> View:
    with acting_as(world.people[user]):
        return queries.recall(recall_id)


def holders(world: World, user: str, recall_id: int) -> dict[str, Holder]:
    return {h.facility_code: h for h in view(world, user, recall_id).holders}


def answer(
    world: World, user: str, place: str, recall_id: int, **said: object
) -> services.Answered:
    with acting_as(world.people[user]):
        return services.answer(recall_id, world.places[place], uuid4(), **said)  # type: ignore[arg-type]


def test_from_the_call_to_the_last_tablet(world: World) -> None:
    spread(world, "R-1")
    found = start(world, "R-1", instructions="Cất riêng, chờ trả", answer_hours=4)
    seen = holders(world, "kehoach", found)
    assert {code: (h.held, h.coming, h.issued, h.sent) for code, h in seen.items()} == {
        DEPOT: (60, 0, 0, 70),
        A: (15, 0, 25, 0),
        B: (0, 30, 0, 0),
    }
    onward = view(world, "kehoach", found).onward
    assert [(o.to.vi, o.quantity) for o in onward if o.kind == "issue"] == [
        ("Tổ COVID cộng đồng số 3", 25)
    ]
    with pytest.raises(SupplyError, match="recalled"):
        world.issue("kho_px", A, 1, lot_number="R-1")
    with pytest.raises(SupplyError):
        send(world, A, 1, "R-1")

    done = answer(world, "kho_px", A, found, comment="đã khoanh kệ số 2")
    assert done.quarantined == 15
    mine = holders(world, "kehoach", found)[A]
    assert (mine.held, mine.quarantined, mine.standing) == (0, 15, Standing.ANSWERED)
    assert mine.answer is not None
    assert (mine.answer.found, mine.answer.used) == (15, 25)
    answer(world, "kho_tt", DEPOT, found)

    answer(world, "kho_tb", B, found, found=0)  # nothing there yet; then the goods arrive
    assert holders(world, "kho_tb", found)[B].standing == Standing.ANSWERED
    with acting_as(world.people["kho_tb"]):
        dispatch = int(inventory.in_transit([world.places[B]])["dispatch_id"].max())
        post(TransferReceipt(facility_id=world.places[B], follows_id=dispatch))
    assert holders(world, "kehoach", found)[B].standing == Standing.MORE
    with acting_as(world.people["kehoach"]), pytest.raises(Conflict) as left:
        services.close(found, "destroyed")
    assert "còn 30" in left.value.faults[0].text.vi
    assert answer(world, "kho_tb", B, found).quarantined == 30

    with acting_as(world.people["kehoach"]):
        assert services.close(found, "destroyed", "Theo biên bản", "BB-12") == 3
        with pytest.raises(AlreadyDone):
            services.close(found, "released")
    with acting_as(world.people["kho_px"]):
        (draft,) = inventory.drafts([world.places[A]], origin=f"recall:{found}")
        post_draft(draft.id)
    assert world.on_hand(A, "quarantine") == 0
    # What turns up later must not go out; lifting the block is a decision of its own.
    assert view(world, "kehoach", found).head.is_blocked
    with acting_as(world.people["kehoach"]):
        with pytest.raises(InvalidInput):
            services.lift(found, " ")
        services.lift(found, "Kết luận lại: đạt chất lượng")
        with pytest.raises(AlreadyDone):
            services.lift(found, "lần nữa")
    assert not view(world, "kehoach", found).head.is_blocked
    assert verify_ledger().is_sound


def test_released_goods_go_back_and_may_leave_again(world: World) -> None:
    world.receive("kho_px", A, 20, lot_number="R-2")
    found = start(world, "R-2")
    answer(world, "kho_px", A, found)
    with acting_as(world.people["kehoach"]):
        assert services.close(found, "released") == 1
    with acting_as(world.people["kho_px"]):
        (draft,) = inventory.drafts([world.places[A]], origin=f"recall:{found}")
        post_draft(draft.id)
    world.issue("kho_px", A, 20, lot_number="R-2")


def test_two_answers_at_once_set_aside_once(world: World) -> None:
    world.receive("kho_px", A, 20, lot_number="R-3")
    found = start(world, "R-3")
    gate = threading.Barrier(2)
    outcomes: list[object] = []

    def go(user: str) -> None:
        gate.wait()
        try:
            outcomes.append(answer(world, user, A, found))
        except SupplyError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=go, args=(u,)) for u in ("kho_px", "truong")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [o for o in outcomes if isinstance(o, AlreadyDone)]
    assert len(refused) == 1, outcomes
    assert "đã trả lời cho cơ sở này lúc" in refused[0].text.vi
    assert world.on_hand(A, "quarantine") == 20


def test_the_same_answer_sent_twice_counts_once_and_may_be_given_again(world: World) -> None:
    world.receive("kho_px", A, 20, lot_number="R-4")
    found = start(world, "R-4")
    key = uuid4()
    with acting_as(world.people["kho_px"]):
        first = services.answer(found, world.places[A], key)
        assert services.answer(found, world.places[A], key).answer_id == first.answer_id
        again = services.answer(found, world.places[A], uuid4(), found=21, again=True)
    assert again.document is None
    told = holders(world, "kehoach", found)[A].answer
    assert told is not None
    assert told.found == 21


def test_starting_twice_at_once_or_again_is_one_recall(world: World) -> None:
    world.receive("kho_px", A, 20, lot_number="R-5")
    key = uuid4()
    found = start(world, "R-5", client_key=key)
    assert start(world, "R-5", client_key=key) == found
    with pytest.raises(AlreadyDone):
        start(world, "R-5", user="duyet")


@pytest.mark.parametrize("user", ["kho_px", "truong", "taichinh", "thanhtra", "kho_rg"])
def test_only_planners_and_the_administrator_lead(world: World, user: str) -> None:
    number = f"R-6-{user}"
    world.receive("kho_px", A, 5, lot_number=number)
    before = world.fingerprint()
    with acting_as(world.people["kehoach"]):
        district = catalog.district("ba-dinh").id
    with acting_as(world.people[user]), pytest.raises(NotAllowed):
        services.start(
            Recall(
                lot_id=lot_id(world, number),
                district_id=district,
                reason="thử",
                recall_class="3",
            )
        )
    assert world.fingerprint() == before
    world.issue("kho_px", A, 1, lot_number=number)
    found = start(world, number)
    with acting_as(world.people[user]), pytest.raises((NotAllowed, NotFound)):
        services.close(found, "released")


def test_the_administrator_calls_back_everywhere(world: World) -> None:
    world.receive("kho_px", A, 5, lot_number="R-7")
    world.receive("kho_rg", FAR, 5, lot_number="R-7")
    with acting_as(world.people["quantri"]):
        found = services.start(
            Recall(lot_id=lot_id(world, "R-7"), reason="Giả mạo", recall_class="1")
        )
    assert set(holders(world, "quantri", found)) == {A, FAR}
    assert set(holders(world, "kho_rg", found)) == {FAR}
    answer(world, "kho_rg", FAR, found)
    with acting_as(world.people["kehoach"]), pytest.raises(NotAllowed):
        services.close(found, "released")


def test_another_district_sees_nothing_unless_it_had_the_lot(world: World) -> None:
    world.receive("kho_px", A, 5, lot_number="R-8")
    found = start(world, "R-8")
    with acting_as(world.people["kho_rg"]):
        with pytest.raises(NotFound):
            queries.recall(found)
        assert all(h.id != found for h in queries.recalls())
        with pytest.raises(NotFound):
            services.answer(found, world.places[FAR], uuid4())
        with pytest.raises(NotFound):
            queries.lot(lot_id(world, "R-8"))
    world.receive("kho_rg", FAR, 7, lot_number="R-8")  # its block reaches them, so they are told
    assert set(holders(world, "kho_rg", found)) == {FAR}
    seen = view(world, "kehoach", found)
    assert {h.facility_code for h in seen.holders} == {A}
    assert seen.outside == 1


def test_nobody_answers_for_another_store(world: World) -> None:
    world.receive("kho_px", A, 5, lot_number="R-9")
    found = start(world, "R-9")
    before = world.fingerprint()
    for user in ("kho_tb", "kehoach", "quantri"):
        with pytest.raises((NotAllowed, NotFound)):
            answer(world, user, A, found)
    assert world.fingerprint() == before


def test_a_faulty_answer_moves_nothing(world: World) -> None:
    world.receive("kho_px", A, 5, lot_number="R-10")
    found = start(world, "R-10")
    before = world.fingerprint()
    with pytest.raises(InvalidInput):
        answer(world, "kho_px", A, found, found=-1)
    assert world.fingerprint() == before


def test_goods_without_a_lot_number_cannot_be_recalled(world: World) -> None:
    world.post(
        "kho_px",
        Receipt(
            facility_id=world.places[A],
            lines=(
                ReceiptLine(
                    item_code=world.items[1], quantity=5, fund_code=world.fund, unit_price_vnd=1
                ),
            ),
        ),
    )
    nameless = int(
        world.owner_value(  # type: ignore[call-overload]
            "SELECT t.id FROM lot t JOIN item i ON i.id = t.item_id"
            " WHERE t.number = '' AND i.code = :c",
            c=world.items[1],
        )
    )
    with acting_as(world.people["kehoach"]), pytest.raises(InvalidInput):
        services.start(
            Recall(
                lot_id=nameless,
                district_id=catalog.district("ba-dinh").id,
                reason="thử",
                recall_class="3",
            )
        )


def test_quarantine_is_emptied_by_documents(world: World) -> None:
    world.receive("kho_px", A, 50, lot_number="R-11")
    found = start(world, "R-11")
    answer(world, "kho_px", A, found)
    lot = lot_id(world, "R-11")
    place = world.places[A]
    with acting_as(world.people["kho_px"]):
        (row,) = queries.quarantined([place], lot)
        assert (row.quantity, row.blocked, row.recall_id) == (50, True, found)
        assert row.why.startswith("Thu hồi TH-")
        with pytest.raises(SupplyError):  # blocked lots stay
            services.release(place, lot, 5, "thử", uuid4())
        services.dispose(place, lot, 10, "vỡ", "BB-1", uuid4())
        sent = services.send_back(place, lot, 15, world.places[DEPOT], "gom về kho", uuid4())
    with acting_as(world.people["kho_tt"]):
        post(TransferReceipt(facility_id=world.places[DEPOT], follows_id=sent.document_id))
    assert world.on_hand(DEPOT, "quarantine") == 15
    with acting_as(world.people["kehoach"]):
        services.close(found, "released")
    with acting_as(world.people["kho_px"]):
        services.release(place, lot, 25, "đạt", uuid4())
    assert (world.on_hand(A), world.on_hand(A, "quarantine")) == (25, 0)


def test_what_is_in_kits_must_be_broken_up_first(world: World) -> None:
    world.receive("kho_px", A, 30, lot_number="R-12")
    head: dict[str, object] = {
        "facility_id": world.places[A],
        "lines": (IssueLine(item_code=world.items[0], quantity=10, lot_number="R-12"),),
        "details": {"kit": "BO-RIENG", "count": 1},
    }
    world.post("kho_px", KitAssembly(**head))  # type: ignore[arg-type]
    found = start(world, "R-12")
    before = world.fingerprint()
    with pytest.raises(Conflict, match="10"):
        answer(world, "kho_px", A, found)
    assert world.fingerprint() == before
    assert holders(world, "kehoach", found)[A].in_kits == 10
    with acting_as(world.people["kehoach"]), pytest.raises(Conflict):
        services.close(found, "destroyed")
    world.post("kho_px", KitBreakup(**head))  # type: ignore[arg-type]
    assert answer(world, "kho_px", A, found).quarantined == 30
