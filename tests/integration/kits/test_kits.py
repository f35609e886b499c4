"""Kits assembled, given, sent and taken apart; never more than there are, whoever asks at once."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest

from supply.core.errors import Conflict, InvalidInput, NotAllowed, NotEnoughStock, SupplyError
from supply.core.scope import acting_as
from supply.inventory.documents import Issue, IssueLine, Reversal
from supply.inventory.services import post
from supply.kits import queries, services
from supply.kits.asked import NewVersion
from supply.kits.explode import Component
from tests.integration.inventory.conftest import days
from tests.integration.kits.conftest import Ward


def new_version(ward: Ward, user: str, kit: str, *parts: Component, source: str = "CV 12") -> int:
    with acting_as(ward.world.people[user]):
        return services.add_version(
            NewVersion(
                kit_code=kit,
                valid_from=days(0),
                source=source,
                assumed=False,
                components=parts,
            )
        )


def issue_raw(ward: Ward, quantity: int, **more) -> None:
    with acting_as(ward.world.people[ward.keeper]):
        post(
            Issue(
                facility_id=ward.id,
                from_place="kit",
                lines=(IssueLine(item_code="TH001", quantity=quantity),),
                **more,
            )
        )


def test_what_the_store_gives_and_what_is_short_first(ward: Ward):
    state = ward.state()
    assert state.possible == 3  # 100 // 28 of paracetamol, 70 // 14 of vitamins
    assert state.bottleneck.component.item_code == "TH001"
    assert (state.assembled, state.earliest_expiry) == (0, None)


def test_kits_are_made_given_sent_and_taken_apart(ward: Ward):
    made = ward.do(services.assemble, 3)
    assert made.label.startswith("LB-")
    assert ward.has("kit") == 84
    assert ward.state().assembled == 3
    given = ward.do(services.issue_kits, 1, recipient="Bà Tư, tổ 5")
    assert (
        ward.world.owner_value("SELECT purpose FROM document WHERE id = :d", d=given.document_id)
        == "home_patient"
    )
    ward.do(services.send_kits, 1, to_facility_id=ward.world.places["BD-TTYT"])
    assert ward.state().assembled == 1
    ward.do(services.break_up, 1)
    assert ward.state().assembled == 0
    assert (ward.has("kit"), ward.has("store")) == (0, 44)
    with acting_as(ward.world.people[ward.keeper]):
        assert [d.count for d in queries.documents(ward.id, "TUI-A")] == [1, 1, 1, 3]


def test_too_many_are_refused_and_nothing_moves(ward: Ward):
    before = ward.world.fingerprint()
    with pytest.raises(NotEnoughStock) as refused:
        ward.do(services.assemble, 4)
    assert "TH001" in refused.value.text.vi
    with pytest.raises(NotEnoughStock) as refused:
        ward.do(services.issue_kits, 1)
    assert "còn 0 bộ" in refused.value.text.vi
    assert ward.world.fingerprint() == before


def test_kits_of_different_kinds_do_not_take_from_each_other(ward: Ward):
    """Another kit of the same paracetamol: the place holds enough, but such kits are not there."""
    new_version(ward, "kehoach", "TUI-C", Component("TH001", 28))
    ward.do(services.assemble, 2)
    with pytest.raises(NotEnoughStock):
        ward.do(services.issue_kits, 1, "TUI-C")


def test_a_new_version_leaves_older_kits_as_they_are(ward: Ward):
    ward.do(services.assemble, 1, "TUI-B")
    version = new_version(ward, "kehoach", "TUI-B", Component("TH007", 10), Component("TH014", 5))
    assert version == 2
    ward.do(services.assemble, 2, "TUI-B")
    assert ward.has("kit", "TH007") == 14 + 20
    given = ward.do(services.issue_kits, 2, "TUI-B")
    assert sum(p.quantity for p in given.lines if p.item_code == "TH007") == 14 + 10
    assert dict(ward.state("TUI-B").counts) == {2: 1}


def test_a_reversed_issue_brings_its_kits_back_and_an_assembly_in_use_stays(ward: Ward):
    made = ward.do(services.assemble, 2)
    given = ward.do(services.issue_kits, 2)

    def undo(document_id: int) -> None:
        ward.world.post(
            ward.keeper, Reversal(facility_id=ward.id, reverses_id=document_id, reason="nhầm")
        )

    with pytest.raises(Conflict):
        undo(made.document_id)
    undo(given.document_id)
    assert ward.state().assembled == 2
    undo(made.document_id)
    assert ward.state().assembled == 0


def test_nobody_takes_components_of_assembled_kits_behind_their_back(ward: Ward):
    ward.do(services.assemble, 2)
    with pytest.raises(Conflict) as refused:
        issue_raw(ward, 1)
    assert "tháo bộ" in refused.value.text.vi


def test_nor_by_a_raw_document_that_claims_more_kits(ward: Ward):
    ward.do(services.assemble, 2)
    with pytest.raises(NotEnoughStock):
        issue_raw(ward, 28, details={"kit": "TUI-A", "count": 3})


def test_two_people_give_the_last_kits_at_once_and_one_is_told(ward: Ward):
    ward.do(services.assemble, 3)
    said: list[object] = []

    def give(user: str) -> None:
        with acting_as(ward.world.people[user]):
            try:
                said.append(services.issue_kits(ward.order(2)))
            except SupplyError as error:
                said.append(error)

    both = [threading.Thread(target=give, args=(user,)) for user in (ward.keeper, ward.head)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sum(isinstance(one, NotEnoughStock) for one in said) == 1
    assert ward.state().assembled == 1


def test_a_retry_gives_the_same_document(ward: Ward):
    ward.do(services.assemble, 3)
    key = uuid4()
    first = ward.do(services.issue_kits, 2, client_key=key)
    again = ward.do(services.issue_kits, 2, client_key=key)
    assert (first.document_id, again.replayed) == (again.document_id, True)
    assert ward.state().assembled == 1


def test_an_opening_set_by_beds_is_a_list_and_a_draft_of_what_is_missing(ward: Ward):
    ward.world.receive("kho_tt", "BD-TTYT", 30, item_code="TB029", lot_number="", expiry=None)
    with acting_as(ward.world.people["kehoach"]):
        rows = {r.need.item_code: r.need for r in queries.needs(ward.id, "MO-GIUONG", 20)}
        assert (rows["TB029"].needed, rows["TB029"].missing) == (20, 20)
        assert rows["TB004"].needed == 2
        assert (rows["TH001"].needed, rows["TH001"].missing) == (800, 700)
        draft = services.draft_transfer_of_missing(
            ward.id, "MO-GIUONG", 20, ward.world.places["BD-TTYT"]
        )
    assert (
        ward.world.owner_value(
            "SELECT payload->'lines'->0->>'quantity' FROM draft WHERE id = :d", d=draft
        )
        == "20"
    )
    with pytest.raises(InvalidInput):
        ward.do(services.assemble, 1, "MO-GIUONG")


def test_only_officers_change_what_a_kit_is_made_of(ward: Ward):
    with pytest.raises(NotAllowed):
        new_version(ward, ward.keeper, "TUI-A", Component("TH001", 1))
    twice = (Component("TH001", 1), Component("TH001", 2), Component("XX", 1))
    with pytest.raises(InvalidInput) as refused:
        new_version(ward, "kehoach", "TUI-A", *twice, source="")
    assert {(f.field, f.line) for f in refused.value.faults} == {("source", None), ("item", 2)}
