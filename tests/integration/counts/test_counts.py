"""A count from its sheet to its adjustment, with what people and time do to it meanwhile."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

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
from supply.counts import queries, services
from supply.counts.asked import CountRequest, FoundLot, Member, Resolution, TallyInput
from supply.inventory.backdating import effect_of
from supply.inventory.documents import Issue, IssueLine, Reversal
from supply.inventory.services import post
from tests.integration.inventory.conftest import World, days

PLACE = "BD-TYT-01"
HEAD, MEMBERS = Member("Trần Thị Hoa", "Trạm trưởng"), (Member("Lê Văn Kho", "Thủ kho"),)


@pytest.fixture
def store(world: World) -> World:
    """Two lots of the first item (60 and 40), one of the second (10), ten days ago."""
    world.receive("kho_px", PLACE, 60, happened_on=days(-10))
    world.receive("kho_px", PLACE, 40, lot_number="B2", expiry=days(700), happened_on=days(-10))
    world.receive(
        "kho_px", PLACE, 10, item_code=world.items[1], lot_number="", expiry=None,
        happened_on=days(-10),
    )  # fmt: skip
    return world


def opened(world: World, items=None, day: int = -3, **more) -> int:
    with acting_as(world.people["kho_px"]):
        return services.open_count(
            CountRequest(
                facility_id=world.places[PLACE],
                counted_on=days(day),
                scope="items",
                item_codes=items or world.items[:2],
                **more,
            )
        )


def lines_of(world: World, count_id: int) -> dict[tuple[str, str], int]:
    with acting_as(world.people["kho_px"]):
        return {(s.item_code, s.lot_number): s.id for s in queries.sheet(count_id)}


def tally(world: World, count_id: int, user: str = "kho_px", **quantities: int):
    """`tally(world, id, A1=58)` by lot number; '' is written as plain."""
    keys = {(lot or "plain"): key for (_, lot), key in lines_of(world, count_id).items()}
    with acting_as(world.people[user]):
        return services.save_tallies(
            count_id,
            [TallyInput(line_id=keys[lot], quantity=n) for lot, n in quantities.items()],
        )


def resolve(world: World, count_id: int, **more):
    with acting_as(world.people["kho_px"]):
        seen = queries.compare(count_id).book_seen
        return services.resolve(
            count_id,
            Resolution(
                **{"head": HEAD, "members": MEMBERS, "book_seen": seen, "reason": "Đếm nhầm"} | more
            ),
        )


def compared(world: World, count_id: int) -> dict[str, object]:
    with acting_as(world.people["kho_px"]):
        found = queries.compare(count_id)
    return {line.sheet.lot_number or "plain": line for line in found.lines}


def counted(world: World, **quantities: int) -> int:
    count_id = opened(world)
    tally(world, count_id, **({"A1": 60, "B2": 40, "plain": 10} | quantities))
    with acting_as(world.people["kho_px"]):
        services.compare(count_id)
    return count_id


def test_a_count_from_sheet_to_adjustment(store: World):
    count_id = counted(store, A1=57, B2=44, plain=8)
    before = compared(store, count_id)
    assert (before["A1"].variance.difference, before["A1"].variance.difference_vnd) == (-3, -3000)
    posted = resolve(store, count_id)
    assert posted.happened_on == days(-3)
    assert {(p.lot_number, p.quantity) for p in posted.lines} == {("A1", 3), ("B2", 4), ("", 2)}
    assert store.on_hand(PLACE) == 101
    with acting_as(store.people["kho_px"]):
        after = queries.compare(count_id)
        states = [e.state for e in queries.events(count_id)]
    assert states == ["open", "counting", "compared", "resolved"]
    kept = {line.sheet.lot_number: line for line in after.lines}
    assert (kept["A1"].variance.book_quantity, kept["A1"].variance.counted_quantity) == (60, 57)
    assert kept["A1"].adjusted_vnd == -3000
    assert kept["A1"].reason == "Đếm nhầm"
    assert after.head.committee[0] == ("Trần Thị Hoa", "Trạm trưởng")
    assert not after.restated
    assert not after.late
    assert (
        store.owner_value("SELECT origin FROM document WHERE id = :d", d=posted.document_id)
        == f"count:{count_id}"
    )


def test_where_nothing_differs_nothing_is_posted(store: World):
    count_id = counted(store)
    assert resolve(store, count_id, reason="") is None
    with acting_as(store.people["kho_px"]):
        assert queries.count(count_id).state == "resolved"
        assert queries.count(count_id).document_id is None


def test_the_sheet_is_blind_and_lists_what_was_held_on_the_day(store: World):
    store.receive("kho_px", PLACE, 5, lot_number="NEW", happened_on=days(-1))
    count_id = opened(store)
    with acting_as(store.people["kho_px"]):
        sheet = queries.sheet(count_id)
    assert {s.lot_number for s in sheet} == {"A1", "B2", ""}
    assert not any("book" in name for name in vars(sheet[0]))


def test_goods_that_moved_after_the_day_do_not_disturb_it(store: World):
    """Counted on day -3; 20 of A1 left on day -1, before anybody wrote the count in."""
    count_id = opened(store)
    store.issue("kho_px", PLACE, 20, lot_number="A1", happened_on=days(-1))
    tally(store, count_id, A1=58, B2=40, plain=10)
    with acting_as(store.people["kho_px"]):
        services.compare(count_id)
    assert compared(store, count_id)["A1"].variance.book_quantity == 60
    resolve(store, count_id)
    assert store.on_hand(PLACE) == 78


def test_posting_between_opening_and_resolving_is_free_but_a_changed_book_is_looked_at_again(
    store: World,
):
    count_id = counted(store, A1=55)
    with acting_as(store.people["kho_px"]):
        seen = queries.compare(count_id).book_seen
    store.issue("kho_px", PLACE, 1, lot_number="B2")  # after the day: harmless
    with acting_as(store.people["kho_px"]):
        assert queries.compare(count_id).book_seen == seen
    store.issue("kho_px", PLACE, 5, lot_number="A1", happened_on=days(-4))  # before the day
    with pytest.raises(Conflict, match="changed"):
        resolve(store, count_id, book_seen=seen)
    assert compared(store, count_id)["A1"].variance.difference == 0
    assert resolve(store, count_id) is None


def test_a_back_dated_issue_restates_the_variance_of_a_resolved_count(store: World):
    count_id = counted(store, A1=55)
    resolve(store, count_id)
    late = store.issue("kho_px", PLACE, 5, lot_number="A1", happened_on=days(-5))
    with acting_as(store.people["kho_px"]):
        found = queries.compare(count_id)
    (line,) = found.restated
    restated = line.restated
    assert (restated.book_then, restated.book_now, restated.counted) == (60, 55, 55)
    assert (restated.difference_then, restated.difference_now) == (-5, 0)
    (move,) = found.late
    assert (move.document_id, move.lot_number, move.moved) == (late.document_id, "A1", -5)
    assert line.variance.book_quantity == 60  # what was signed stays


def test_a_preview_of_back_dating_names_counts_that_booked_nothing(store: World):
    agreed = counted(store)
    resolve(store, agreed, reason="")
    under_way = opened(store, day=-2)
    opened(store, day=-6)  # before the day
    dropped = opened(store, day=-1)
    trial = Issue(
        facility_id=store.places[PLACE], happened_on=days(-5),
        lines=(IssueLine(item_code=store.items[0], quantity=5),),
    )  # fmt: skip
    with acting_as(store.people["kho_px"]):
        services.cancel(dropped, "Mở nhầm")
        named = [queries.count(n).label for n in (agreed, under_way)]
        effect = effect_of(trial)
    assert [(c.label, c.document_id) for c in effect.counts] == [(n, None) for n in named]


def test_a_reversed_adjustment_is_said_and_is_not_taken_for_a_restatement(store: World):
    count_id = counted(store, A1=55)
    posted = resolve(store, count_id)
    store.post(
        "kho_px",
        Reversal(
            facility_id=store.places[PLACE],
            reverses_id=posted.document_id,
            reason="sai",
            happened_on=days(-3),
        ),
    )
    with acting_as(store.people["kho_px"]):
        found = queries.compare(count_id)
    assert found.adjustment_reversed
    assert not found.restated
    assert not found.late


def test_a_recount_is_kept_beside_the_first(store: World):
    count_id = counted(store, A1=50)
    key = lines_of(store, count_id)[store.items[0], "A1"]
    with acting_as(store.people["kho_px"]):
        services.recount(count_id, [key])
        blind = next(s for s in queries.sheet(count_id) if s.id == key)
        assert (blind.round, blind.tally) == (2, None)
    tally(store, count_id, "truong", A1=59)
    with acting_as(store.people["kho_px"]):
        services.compare(count_id)
    line = compared(store, count_id)["A1"]
    assert [(t.round, t.quantity) for t in line.tallies] == [(1, 50), (2, 59)]
    assert line.variance.difference == -1
    assert not line.awaits_recount
    resolve(store, count_id)
    assert [t.quantity for t in compared(store, count_id)["A1"].tallies] == [50, 59]


def test_two_counters_on_different_lines_and_on_one(store: World):
    count_id = opened(store)
    tally(store, count_id, "kho_px", A1=60)
    tally(store, count_id, "truong", B2=41)
    with acting_as(store.people["kho_px"]):
        assert queries.count(count_id).tallied == 2
    clash = tally(store, count_id, "truong", A1=59)
    (theirs,) = clash.conflicts.values()
    assert (theirs.quantity, theirs.by_id) == (60, store.people["kho_px"])
    key = lines_of(store, count_id)[store.items[0], "A1"]
    with acting_as(store.people["truong"]):
        done = services.save_tallies(
            count_id, [TallyInput(line_id=key, quantity=59, seen=theirs.id)]
        )
    assert done.tallies[key].quantity == 59
    assert not done.conflicts


def test_sending_the_same_again_writes_nothing(store: World):
    count_id = opened(store)
    for _ in range(3):
        tally(store, count_id, A1=60)
    assert (
        store.owner_value("SELECT count(*) FROM stock_count_tally WHERE count_id = :c", c=count_id)
        == 1
    )


def test_a_lot_found_on_the_shelf_brings_its_fund(store: World):
    count_id = opened(store)
    with acting_as(store.people["kho_px"]):
        found = services.add_found_lot(
            count_id,
            FoundLot(item_code=store.items[0], lot_number="Z9", expiry=days(100)),
        )
        again = services.add_found_lot(
            count_id, FoundLot(item_code=store.items[0], lot_number="Z9")
        )
    assert found.id == again.id
    assert again.expiry == days(100)
    tally(store, count_id, A1=60, B2=40, plain=10, Z9=12)
    with acting_as(store.people["kho_px"]):
        services.compare(count_id)
    with pytest.raises(InvalidInput) as refused:
        resolve(store, count_id)
    assert refused.value.faults[0].field == f"fund-{found.id}"
    with acting_as(store.people["kho_px"]):
        services.add_found_lot(
            count_id,
            FoundLot(
                item_code=store.items[0], lot_number="Z9", fund_code=store.fund, unit_price_vnd=500
            ),
        )
    posted = resolve(store, count_id)
    assert [(p.lot_number, p.quantity, p.amount_vnd) for p in posted.lines] == [("Z9", 12, 6000)]
    assert store.on_hand(PLACE) == 112


def test_a_known_lot_keeps_its_expiry(store: World):
    count_id = opened(store, items=store.items[1:2])
    with acting_as(store.people["kho_px"]), pytest.raises(InvalidInput) as refused:
        services.add_found_lot(
            count_id, FoundLot(item_code=store.items[0], lot_number="A1", expiry=days(5))
        )
    assert refused.value.faults[0].field == "expiry"


def test_uncounted_lots_are_asked_about(store: World):
    count_id = opened(store)
    tally(store, count_id, A1=60)
    with acting_as(store.people["kho_px"]):
        services.compare(count_id)
    with pytest.raises(InvalidInput) as refused:
        resolve(store, count_id)
    assert {f.field for f in refused.value.faults} == {"uncounted"}
    posted = resolve(store, count_id, uncounted="zero")
    assert sorted(p.quantity for p in posted.lines) == [10, 40]


def test_uncounted_lots_may_stay_as_the_book_says(store: World):
    count_id = opened(store)
    tally(store, count_id, A1=61)
    with acting_as(store.people["kho_px"]):
        services.compare(count_id)
    posted = resolve(store, count_id, uncounted="leave")
    assert [p.quantity for p in posted.lines] == [1]
    assert compared(store, count_id)["B2"].variance.counted_quantity is None


def test_goods_missing_by_the_count_that_left_since_are_refused_by_name(store: World):
    count_id = counted(store, A1=50)
    store.issue("kho_px", PLACE, 55, lot_number="A1", happened_on=days(-1))
    before = store.fingerprint()
    with pytest.raises(Conflict) as refused:
        resolve(store, count_id)
    assert refused.value.code == "not_enough_stock"
    assert store.fingerprint() == before
    with acting_as(store.people["kho_px"]):
        assert queries.count(count_id).state == "compared"


def test_what_was_back_dated_in_joins_the_sheet_when_it_is_compared(store: World):
    count_id = opened(store)
    store.receive("kho_px", PLACE, 7, lot_number="LATE", happened_on=days(-5))
    tally(store, count_id, A1=60, B2=40, plain=10)
    with acting_as(store.people["kho_px"]):
        services.compare(count_id)
    late = compared(store, count_id)["LATE"]
    assert late.counted is None
    assert late.variance.book_quantity == 7


def test_a_count_is_resolved_once_also_when_two_press_at_once(store: World):
    count_id = counted(store, A1=59)
    with acting_as(store.people["kho_px"]):
        seen = queries.compare(count_id).book_seen
    said: list[object] = []

    def press(user: str) -> None:
        with acting_as(store.people[user]):
            try:
                said.append(
                    services.resolve(
                        count_id,
                        Resolution(head=HEAD, members=MEMBERS, book_seen=seen, reason="Đếm nhầm"),
                    )
                )
            except SupplyError as error:
                said.append(error)

    both = [threading.Thread(target=press, args=(user,)) for user in ("kho_px", "truong")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sum(isinstance(one, AlreadyDone) for one in said) == 1
    assert store.on_hand(PLACE) == 99


def test_opening_twice_with_one_key_is_one_count(store: World):
    from uuid import uuid4

    key = uuid4()
    assert opened(store, client_key=key) == opened(store, client_key=key)


def test_counts_are_numbered_without_gaps_by_facility_and_year(store: World):
    with acting_as(store.people["kho_px"]):
        numbers = [queries.count(opened(store)).number]
        with pytest.raises(InvalidInput):
            opened(store, items=[store.items[5]])
        numbers.append(queries.count(opened(store)).number)
    assert numbers[1] == numbers[0] + 1


def test_what_cannot_be_opened(store: World):
    for more, field in (
        ({"day": 1}, "counted_on"),
        ({"items": [store.items[5]]}, "scope"),
    ):
        with pytest.raises(InvalidInput) as refused:
            opened(store, **more)
        assert refused.value.faults[0].field == field


def test_others_neither_see_nor_count(store: World):
    count_id = counted(store)
    with acting_as(store.people["kho_tb"]):
        with pytest.raises(NotFound):
            queries.count(count_id)
        with pytest.raises(NotFound):
            services.compare(count_id)
        with pytest.raises((NotAllowed, InvalidInput)):
            services.open_count(
                CountRequest(facility_id=store.places[PLACE], counted_on=days(-1), scope="all")
            )
    with acting_as(store.people["kehoach"]):
        assert queries.count(count_id).state == "compared"
        with pytest.raises(NotAllowed):
            services.cancel(count_id, "không được")


def test_a_cancelled_count_stays_readable_and_closed(store: World):
    count_id = counted(store, A1=1)
    with acting_as(store.people["kho_px"]):
        services.cancel(count_id, "Đếm sai ngày")
        assert queries.count(count_id).reason == "Đếm sai ngày"
    with pytest.raises(Conflict):
        tally(store, count_id, A1=2)
    assert store.on_hand(PLACE) == 100


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE stock_count SET state = 'open' WHERE id = :c",
        "UPDATE stock_count SET counted_on = '2020-01-01' WHERE id = :c",
        "UPDATE stock_count_line SET lot_number = 'X' WHERE count_id = :c",
        "UPDATE stock_count_tally SET quantity = 0 WHERE count_id = :c",
        "DELETE FROM stock_count_tally WHERE count_id = :c",
        "INSERT INTO stock_count_event (count_id, facility_id, state, by_user)"
        " SELECT id, facility_id, 'resolved', 1 FROM stock_count WHERE id = :c",
    ],
)
def test_the_database_holds_what_was_counted_against_plain_sql(store: World, attack: str):
    count_id = counted(store)
    with (
        acting_as(store.people["kho_px"]),
        pytest.raises(SupplyError),
        transaction() as session,
    ):
        session.execute(text(attack), {"c": count_id})


def test_posting_goes_on_while_a_count_is_resolved(store: World):
    """Twenty issues beside a resolution: all go through, and the figures add up."""
    count_id = counted(store, A1=58)
    failed: list[Exception] = []

    def use() -> None:
        with acting_as(store.people["truong"]):
            for _ in range(20):
                try:
                    post(
                        Issue(
                            facility_id=store.places[PLACE],
                            lines=(IssueLine(item_code=store.items[0], quantity=1),),
                        )
                    )
                except Exception as error:
                    failed.append(error)

    other = threading.Thread(target=use)
    other.start()
    resolve(store, count_id)
    other.join()
    assert not failed
    assert store.on_hand(PLACE) == 100 - 2 - 20
