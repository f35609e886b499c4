"""Who owes what to whom follows from documents; no more comes back than is owed."""

from __future__ import annotations

import datetime as dt
import threading
from uuid import uuid4

import pytest

from supply.core.database import Database
from supply.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, SupplyError
from supply.core.scope import acting_as
from supply.core.transaction import transaction
from supply.inventory.documents import (
    Issue,
    IssueLine,
    ReceiptLine,
    Reversal,
    TransferReceipt,
)
from supply.inventory.services import Posted, post
from supply.inventory.verify import verify_ledger
from supply.lending import queries, services
from supply.lending.loans import Loan, Side
from tests.integration.inventory.conftest import World, days, make_world

A, B, DEPOT = "BD-TYT-01", "BD-TYT-02", "BD-TTYT"


@pytest.fixture
def world(shared_db: Database, shared_people: dict[str, int]) -> World:
    return make_world(shared_db, shared_people)


def lend(world: World, quantity: int = 40, due: dt.date | None = None) -> Posted:
    """The depot lends to A, and A has received it."""
    world.receive("kho_tt", DEPOT, 100)
    with acting_as(world.people["kho_tt"]):
        sent = services.lend(
            services.Lend(
                facility_id=world.places[DEPOT],
                to_facility_id=world.places[A],
                lines=(IssueLine(item_code=world.items[0], quantity=quantity),),
                due_on=due,
            )
        )
    with acting_as(world.people["kho_px"]):
        post(TransferReceipt(facility_id=world.places[A], follows_id=sent.document_id))
    return sent


def borrow(world: World, quantity: int = 30) -> Posted:
    with acting_as(world.people["kho_px"]):
        return services.borrow(
            world.places[A],
            world.donor,
            [
                ReceiptLine(
                    item_code=world.items[0],
                    quantity=quantity,
                    lot_number="M1",
                    fund_code=world.fund,
                    unit_price_vnd=500,
                )
            ],
            due_on=days(-3),
        )


def loan(world: World, user: str, document_id: int) -> Loan:
    with acting_as(world.people[user]):
        return queries.loan(document_id)


def back(world: World, user: str, document_id: int, quantity: int, **more: object) -> Posted:
    with acting_as(world.people[user]):
        return services.give_back(
            document_id,
            {world.items[0]: quantity},
            **({"client_key": uuid4()} | more),  # type: ignore[arg-type]
        )


def test_lent_between_stores_and_given_back_in_two_goes(world: World) -> None:
    sent = lend(world, 40, days(-5))
    seen = loan(world, "kho_px", sent.document_id)
    assert (seen.lines[0].owed, seen.overdue_days) == (40, 5)
    assert seen.side_of({world.places[A]}) == Side.OWES
    assert seen.side_of({world.places[DEPOT]}) == Side.IS_OWED
    back(world, "kho_px", sent.document_id, 15)
    seen = loan(world, "kho_tt", sent.document_id)
    assert (seen.lines[0].owed, seen.is_partly_settled) == (25, True)
    before = world.fingerprint()
    with pytest.raises(InvalidInput) as refused:
        back(world, "kho_px", sent.document_id, 26)
    assert "còn nợ 25" in refused.value.faults[0].text.vi
    assert world.fingerprint() == before
    back(world, "kho_px", sent.document_id, 25)
    assert not loan(world, "kho_px", sent.document_id).is_open
    with acting_as(world.people["kho_px"]):
        assert all(x.document_id != sent.document_id for x in queries.loans())
        assert any(x.document_id == sent.document_id for x in queries.loans(settled=True))


def test_borrowed_outside_made_regular_in_part_and_the_rest_given_back(world: World) -> None:
    got = borrow(world, 30)
    key = uuid4()
    with acting_as(world.people["kho_px"]):
        first = services.regularise(
            got.document_id, world.items[0], 12, "QĐ 45/QĐ-TTYT", "xin cấp luôn", key
        )
        assert first == services.regularise(
            got.document_id, world.items[0], 12, "QĐ 45/QĐ-TTYT", "xin cấp luôn", key
        )
    seen = loan(world, "kho_px", got.document_id)
    assert (seen.lines[0].regularised, seen.lines[0].owed) == (12, 18)
    assert seen.lender_id is None
    with pytest.raises(InvalidInput):
        back(world, "kho_px", got.document_id, 19)
    with acting_as(world.people["kho_px"]), pytest.raises(Conflict, match="18"):
        services.regularise(got.document_id, world.items[0], 19, "QĐ 46", "")
    with acting_as(world.people["kho_px"]), pytest.raises(SupplyError):  # past our own check
        post(_return_past_the_check(world, got.document_id, 19))
    with acting_as(world.people["kho_px"]), pytest.raises(Conflict):
        post(Reversal(facility_id=world.places[A], reverses_id=got.document_id, reason="nhầm"))
    back(world, "kho_px", got.document_id, 18)
    seen = loan(world, "kho_px", got.document_id)
    assert not seen.is_open
    with acting_as(world.people["kho_px"]):
        settled = queries.settlements(got.document_id)
    assert sorted((s.quantity, s.paper_reference) for s in settled) == [
        (12, "QĐ 45/QĐ-TTYT"),
        (18, ""),
    ]
    assert verify_ledger().is_sound


def _return_past_the_check(world: World, document_id: int, quantity: int) -> Issue:
    return Issue(
        facility_id=world.places[A],
        lines=(IssueLine(item_code=world.items[0], quantity=quantity),),
        purpose="loan_return",
        settles_id=document_id,
    )


def test_lent_to_a_partner_comes_back_as_a_receipt(world: World) -> None:
    world.receive("kho_px", A, 50)
    with acting_as(world.people["kho_px"]):
        sent = services.lend(
            services.Lend(
                facility_id=world.places[A],
                partner_code=world.donor,
                lines=(IssueLine(item_code=world.items[0], quantity=20),),
            )
        )
    assert loan(world, "kho_px", sent.document_id).borrower_id is None
    facts = {"lot_number": "A1", "fund_code": world.fund, "unit_price_vnd": 1000}
    back(world, "kho_px", sent.document_id, 20, received={world.items[0]: facts})
    assert world.on_hand(A) == 50
    assert not loan(world, "kho_px", sent.document_id).is_open


def test_a_return_that_is_reversed_is_owed_again(world: World) -> None:
    sent = lend(world, 10)
    given = back(world, "kho_px", sent.document_id, 10)
    with acting_as(world.people["kho_px"]):
        post(
            Reversal(facility_id=world.places[A], reverses_id=given.document_id, reason="chưa giao")
        )
    assert loan(world, "kho_px", sent.document_id).lines[0].owed == 10


def test_two_returns_at_once_give_back_no_more_than_is_owed(world: World) -> None:
    sent = lend(world, 40)
    gate = threading.Barrier(2)
    outcomes: list[object] = []

    def go(user: str) -> None:
        gate.wait()
        try:
            outcomes.append(back(world, user, sent.document_id, 30))
        except SupplyError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=go, args=(u,)) for u in ("kho_px", "truong")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([o for o in outcomes if isinstance(o, InvalidInput)]) == 1, outcomes
    assert loan(world, "kho_tt", sent.document_id).lines[0].owed == 10


def test_the_same_return_sent_twice_counts_once(world: World) -> None:
    sent = lend(world, 40)
    key = uuid4()
    first = back(world, "kho_px", sent.document_id, 40, client_key=key)
    again = back(world, "kho_px", sent.document_id, 40, client_key=key)
    assert (again.document_id, again.replayed) == (first.document_id, True)


def test_others_neither_see_nor_settle_it(world: World) -> None:
    sent = lend(world, 10)
    before = world.fingerprint()
    for user in ("kho_tb", "kho_rg"):
        with pytest.raises(NotFound):
            loan(world, user, sent.document_id)
    for user in ("kehoach", "kho_tt"):  # readers, and the lender, do not give back
        with pytest.raises(NotAllowed):
            back(world, user, sent.document_id, 5)
    with acting_as(world.people["kho_tb"]), pytest.raises(NotFound):
        services.regularise(sent.document_id, world.items[0], 5, "QĐ 1", "")
    with acting_as(world.people["kehoach"]), pytest.raises(NotFound):
        services.regularise(sent.document_id, world.items[0], 5, "QĐ 1", "")
    with acting_as(world.people["kho_px"]), pytest.raises(NotAllowed), transaction() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO loan_regularisation (document_id, item_id, quantity, paper_reference,"
            f" client_key, recorded_by) VALUES ({sent.document_id}, 1, 1, 'x',"
            " gen_random_uuid(), 1)"
        )
    assert world.fingerprint() == before


def test_regularising_needs_its_paper(world: World) -> None:
    sent = lend(world, 10)
    with acting_as(world.people["kho_px"]), pytest.raises(InvalidInput) as refused:
        services.regularise(sent.document_id, world.items[0], 0, " ")
    assert {f.field for f in refused.value.faults} == {"paper_reference", "quantity"}
