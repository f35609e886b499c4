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
from supply.kits.asked import KitOrder, NewVersion
from supply.kits.explode import Component
from tests.integration.inventory.conftest import World, days, make_world


@pytest.fixture
def place(db, people) -> World:
    made = make_world(db, people)
    for item, quantity in (("TH001", 100), ("TH024", 70), ("TH007", 30), ("TH014", 30)):
        made.receive("kho_px", "BD-TYT-01", quantity, item_code=item, lot_number=f"K{item}")
    return made


def order(world: World, count: int, kit: str = "TUI-A", **more) -> KitOrder:
    return KitOrder(facility_id=world.places["BD-TYT-01"], kit_code=kit, count=count, **more)


def do(world: World, verb, *args, user: str = "kho_px", **more):
    with acting_as(world.people[user]):
        return verb(order(world, *args, **more))


def there(world: World, kit: str = "TUI-A") -> int:
    with acting_as(world.people["kho_px"]):
        return queries.state(world.places["BD-TYT-01"], kit).assembled


def test_what_the_store_gives_and_what_is_short_first(place: World):
    with acting_as(place.people["kho_px"]):
        state = queries.state(place.places["BD-TYT-01"], "TUI-A")
    assert state.possible == 3  # 100 // 28 of paracetamol, 70 // 14 of vitamins
    assert state.bottleneck.component.item_code == "TH001"
    assert state.assembled == 0
    assert state.earliest_expiry is None


def test_kits_are_made_given_sent_and_taken_apart(place: World):
    made = do(place, services.assemble, 3)
    assert made.label.startswith("LB-")
    assert place.on_hand("BD-TYT-01", "kit", "TH001") == 84
    assert there(place) == 3
    given = do(place, services.issue_kits, 1, recipient="Bà Tư, tổ 5")
    assert place.owner_value("SELECT purpose FROM document WHERE id = :d", d=given.document_id) == (
        "home_patient"
    )
    do(place, services.send_kits, 1, to_facility_id=place.places["BD-TYT-02"])
    assert there(place) == 1
    assert place.on_hand("BD-TYT-02", "transit", "TH001") == 28
    do(place, services.break_up, 1)
    assert there(place) == 0
    assert place.on_hand("BD-TYT-01", "kit", "TH001") == 0
    assert place.on_hand("BD-TYT-01", "store", "TH001") == 44
    with acting_as(place.people["kho_px"]):
        assert [d.count for d in queries.documents(place.places["BD-TYT-01"], "TUI-A")] == [
            1,
            1,
            1,
            3,
        ]


def test_too_many_are_refused_and_nothing_moves(place: World):
    before = place.fingerprint()
    with pytest.raises(NotEnoughStock) as refused:
        do(place, services.assemble, 4)
    assert "TH001" in refused.value.text.vi
    with pytest.raises(NotEnoughStock) as refused:
        do(place, services.issue_kits, 1)
    assert "còn 0 bộ" in refused.value.text.vi
    assert place.fingerprint() == before


def test_kits_of_different_kinds_do_not_take_from_each_other(place: World):
    """Another kit of the same paracetamol: the place holds enough, but the kits are not there."""
    with acting_as(place.people["kehoach"]):
        services.add_version(
            NewVersion(
                kit_code="TUI-C",
                valid_from=days(0),
                source="thử",
                assumed=True,
                components=[Component("TH001", 28)],
            )
        )
    do(place, services.assemble, 2)
    with pytest.raises(NotEnoughStock):
        do(place, services.issue_kits, 1, "TUI-C")


def test_a_new_version_leaves_older_kits_as_they_are(place: World):
    do(place, services.assemble, 1)
    with acting_as(place.people["kehoach"]):
        version = services.add_version(
            NewVersion(
                kit_code="TUI-A",
                valid_from=days(0),
                source="CV 12",
                assumed=False,
                components=[Component("TH001", 10), Component("TH024", 7)],
            )
        )
    assert version == 2
    do(place, services.assemble, 2)
    assert place.on_hand("BD-TYT-01", "kit", "TH001") == 28 + 20
    given = do(place, services.issue_kits, 2)
    assert sum(p.quantity for p in given.lines if p.item_code == "TH001") == 28 + 10
    with acting_as(place.people["kho_px"]):
        state = queries.state(place.places["BD-TYT-01"], "TUI-A")
    assert dict(state.counts) == {2: 1}


def test_a_reversed_issue_brings_its_kits_back_and_an_assembly_in_use_stays(place: World):
    made = do(place, services.assemble, 2)
    given = do(place, services.issue_kits, 2)

    def undo(document_id: int) -> None:
        place.post(
            "kho_px",
            Reversal(facility_id=place.places["BD-TYT-01"], reverses_id=document_id, reason="nhầm"),
        )

    with pytest.raises(Conflict):
        undo(made.document_id)
    undo(given.document_id)
    assert there(place) == 2
    undo(made.document_id)
    assert there(place) == 0


def test_nobody_takes_components_of_assembled_kits_behind_their_back(place: World):
    do(place, services.assemble, 2)
    with acting_as(place.people["kho_px"]), pytest.raises(Conflict) as refused:
        post(
            Issue(
                facility_id=place.places["BD-TYT-01"],
                from_place="kit",
                lines=(IssueLine(item_code="TH001", quantity=1),),
            )
        )
    assert "tháo bộ" in refused.value.text.vi


def test_nor_by_a_raw_document_that_claims_more_kits(place: World):
    do(place, services.assemble, 2)
    with acting_as(place.people["kho_px"]), pytest.raises(NotEnoughStock):
        post(
            Issue(
                facility_id=place.places["BD-TYT-01"],
                from_place="kit",
                details={"kit": "TUI-A", "count": 3},
                lines=(IssueLine(item_code="TH001", quantity=28),),
            )
        )


def test_two_people_give_the_last_kits_at_once_and_one_is_told(place: World):
    do(place, services.assemble, 3)
    said: list[object] = []

    def give(user: str) -> None:
        with acting_as(place.people[user]):
            try:
                said.append(services.issue_kits(order(place, 2)))
            except SupplyError as error:
                said.append(error)

    both = [threading.Thread(target=give, args=(user,)) for user in ("kho_px", "truong")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sum(isinstance(one, NotEnoughStock) for one in said) == 1
    assert there(place) == 1


def test_a_retry_gives_the_same_document(place: World):
    do(place, services.assemble, 3)
    key = uuid4()
    first = do(place, services.issue_kits, 2, client_key=key)
    again = do(place, services.issue_kits, 2, client_key=key)
    assert (first.document_id, again.replayed) == (again.document_id, True)
    assert there(place) == 1


def test_an_opening_set_by_beds_is_a_list_and_a_draft_of_what_is_missing(place: World):
    place.receive("kho_tt", "BD-TTYT", 30, item_code="TB029", lot_number="", expiry=None)
    here = place.places["BD-TYT-01"]
    with acting_as(place.people["kehoach"]):
        rows = {r.need.item_code: r.need for r in queries.needs(here, "MO-GIUONG", 20)}
        assert (rows["TB029"].needed, rows["TB029"].missing) == (20, 20)
        assert rows["TB004"].needed == 2
        assert (rows["TH001"].needed, rows["TH001"].missing) == (800, 700)
        draft = services.draft_transfer_of_missing(here, "MO-GIUONG", 20, place.places["BD-TTYT"])
    assert (
        place.owner_value(
            "SELECT payload->'lines'->0->>'quantity' FROM draft WHERE id = :d", d=draft
        )
        == "20"
    )
    with pytest.raises(InvalidInput):
        do(place, services.assemble, 1, "MO-GIUONG")


def test_only_officers_change_what_a_kit_is_made_of(place: World):
    new = NewVersion(
        kit_code="TUI-A",
        valid_from=days(0),
        source="tự ý",
        assumed=False,
        components=[Component("TH001", 1)],
    )
    with acting_as(place.people["kho_px"]), pytest.raises(NotAllowed):
        services.add_version(new)
    with acting_as(place.people["kehoach"]), pytest.raises(InvalidInput) as refused:
        services.add_version(
            NewVersion(
                kit_code="TUI-A",
                valid_from=days(0),
                source="",
                assumed=False,
                components=[Component("TH001", 1), Component("TH001", 2), Component("XX", 1)],
            )
        )
    assert {(f.field, f.line) for f in refused.value.faults} == {("source", None), ("item", 2)}
