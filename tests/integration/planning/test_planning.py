"""Orders, purchase plans, reserve lists and waste on a district with a forecast and some stock."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from supply.catalog import queries as catalog
from supply.core.clock import VIETNAM, today
from supply.core.database import Database
from supply.core.errors import AlreadyDone, Conflict, InvalidInput, NotAllowed, NotFound
from supply.core.scope import acting_as
from supply.core.transaction import transaction
from supply.forecast import needs
from supply.forecast.scenarios import services as scenarios
from supply.forecast.services import record_cases, run_forecast
from supply.inventory import on_order as orders
from supply.inventory.documents import Receipt, ReceiptLine
from supply.inventory.on_order import NewOrder
from supply.inventory.services import post
from supply.planning import queries, services
from supply.planning.runs import choices_in_words, worst_run
from supply.planning.services import Asked
from tests.integration.forecast.conftest import SOURCE, ward_codes_of, weekly_rows

ITEM, WARD, DEPOT = "XN001", "BD-TYT-01", "BD-TTYT"
World = tuple[dict[str, int], int]


@pytest.fixture(scope="module")
def world(shared_db: Database, shared_people: dict[str, int]) -> World:
    """Ba Đình with cases to last Saturday, a run and some priced stock at the depot."""
    day = dt.datetime.now(VIETNAM).date()
    last = day - dt.timedelta(days=(day.weekday() - 5) % 7)
    with acting_as(shared_people["kehoach"]):
        record_cases("ba-dinh", weekly_rows(ward_codes_of(shared_db), last), SOURCE)
        run_id = run_forecast("ba-dinh", draws=200)
    with acting_as(shared_people["kho_tt"]):
        depot = places()[DEPOT]
        post(
            Receipt(
                facility_id=depot,
                lines=(
                    ReceiptLine(
                        item_code=ITEM,
                        lot_number="A",
                        expiry=day + dt.timedelta(days=400),
                        quantity=40,
                        fund_code=catalog.funds()[0].code,
                        unit_price_vnd=62_000,
                    ),
                ),
            )
        )
    return shared_people, run_id


def places() -> dict[str, int]:
    return {f.code: f.id for f in catalog.facilities()}


def new_order(quantity: int = 1000, days: int = 3, code: str = WARD, **more: object) -> NewOrder:
    told = {
        "facility_id": places()[code],
        "item_code": ITEM,
        "quantity": quantity,
        "expected_on": today() + dt.timedelta(days=days),
        "partner_code": catalog.partners("supplier")[0].code,
        "paper_reference": "HĐ 12/2022",
    } | more
    return NewOrder(**told)  # type: ignore[arg-type]


def shortage_row(run_id: int) -> needs.ShortageRow:
    rows = needs.shortage_rows(needs.shortage(run_id, "ba-dinh"))
    return next(r for r in rows if (r.facility.code, r.item.code) == (WARD, ITEM))


def test_what_is_on_order_makes_running_out_less_likely_until_it_is_cancelled(
    world: World,
) -> None:
    people, run_id = world
    with acting_as(people["kehoach"]):
        before = shortage_row(run_id)
        assert before.out_within(28) == 1
        order_id = orders.place_order(new_order(10**6, days=0))
        after = shortage_row(run_id)
        assert after.on_order == 10**6
        assert after.out_within(28) == 0
        assert after.days > before.days
        with pytest.raises(InvalidInput):
            orders.cancel_order(order_id, " ")
        orders.cancel_order(order_id, "nhà cung cấp hết hàng")
        with pytest.raises(AlreadyDone):
            orders.cancel_order(order_id, "lần nữa")
        assert shortage_row(run_id).on_order == 0


def test_a_part_delivery_leaves_the_rest_on_order_and_names_its_receipt(world: World) -> None:
    people, _ = world
    with acting_as(people["kho_px"]):
        order_id = orders.place_order(new_order(500))
        posted = post(
            Receipt(
                facility_id=places()[WARD],
                lines=(
                    ReceiptLine(
                        item_code=ITEM,
                        lot_number="B",
                        expiry=today() + dt.timedelta(days=300),
                        quantity=300,
                        fund_code=catalog.funds()[0].code,
                        unit_price_vnd=60_000,
                    ),
                ),
            )
        )
        (named,) = orders.receipts_to_name([order_id])[order_id]
        assert named[:2] == (posted.document_id, posted.label)
        rest = orders.receive_order(order_id, 300, posted.document_id)
        assert rest is not None
        found = orders.order(rest)
        assert (found.quantity, found.follows_id, found.is_open) == (200, order_id, True)
        assert orders.order(order_id).document_id == posted.document_id
        assert orders.receipts_to_name([rest]) == {}  # a receipt brings an order once
        later = orders.change_order(rest, 150, today() + dt.timedelta(days=9), "giao chậm")
        assert orders.order(rest).closed == "changed"
        assert orders.receive_order(later, 150) is None
        other = orders.place_order(new_order(5, item_code="TH001"))
        with pytest.raises(Conflict):
            orders.receive_order(other, 5, posted.document_id)


def test_an_order_is_refused_by_field_and_outside_the_scope(world: World) -> None:
    people, _ = world
    with acting_as(people["kehoach"]):
        with pytest.raises(InvalidInput) as caught:
            orders.place_order(
                new_order(0, days=900, item_code="KHONG", partner_code="", unit_price_vnd=-1)
            )
        assert {f.field for f in caught.value.faults} == {
            "item", "partner", "quantity", "unit_price_vnd", "expected_on",
        }  # fmt: skip
        order_id = orders.place_order(new_order(7))
        wanted = new_order(5)
    with acting_as(people["kho_tb"]):
        with pytest.raises(NotFound):
            orders.cancel_order(order_id, "x")
        with pytest.raises(InvalidInput):
            orders.place_order(wanted)
    with acting_as(people["thanhtra"]), pytest.raises(NotAllowed):
        orders.place_order(wanted)
    with acting_as(people["kehoach"]), pytest.raises(NotAllowed), transaction() as session:
        session.execute(text("UPDATE on_order SET quantity = 1"))


def test_not_even_the_owner_changes_what_was_written(shared_db: Database, world: World) -> None:
    tables = ("on_order", "planning_purchase", "planning_reserve_line", "waste_capacity")
    for table in tables:
        with shared_db.owner_engine.connect() as connection, pytest.raises(DBAPIError):
            connection.execute(text(f"DELETE FROM {table}"))


def test_a_purchase_plan_is_saved_and_approved_by_a_second_person(world: World) -> None:
    people, _ = world
    asked = Asked(review_days=14, service_level=0.95, funds={"": "QCOVID"})
    with acting_as(people["kehoach"]):
        made = queries.propose("ba-dinh", asked)
        assert made.rows
        tests = next(row for row in made.rows if row.item_code == ITEM)
        assert tests.line.units % tests.line.pack_units == 0
        assert tests.line.amount_vnd == tests.line.units * (tests.line.unit_price_vnd or 0)
        assert tests.line.unit_price_vnd in {60_000, 62_000}
        assert made.without_price == sum(r.line.unit_price_vnd is None for r in made.rows) > 0
        sure = queries.propose("ba-dinh", Asked(service_level=0.99))
        assert sum(r.line.use_quantile for r in sure.rows) > sum(
            r.line.use_quantile for r in made.rows
        )
        plan_id = services.save_purchase("ba-dinh", asked)
        with pytest.raises(NotAllowed):
            services.approve_purchase(plan_id)
        with pytest.raises(Conflict):
            services.order_from_plan(plan_id, places()[DEPOT], "X")
    with acting_as(people["taichinh"]):
        assert queries.purchase_plan(plan_id).head.status == "proposed"
        with pytest.raises(NotAllowed):
            services.approve_purchase(plan_id)
    with acting_as(people["truong"]), pytest.raises(NotAllowed):
        services.approve_purchase(plan_id)  # the head of a ward station, not of the depot
    with acting_as(people["duyet"]):
        with pytest.raises(NotAllowed):
            services.withdraw_purchase(plan_id)
        with pytest.raises(InvalidInput):
            services.return_purchase(plan_id, "")
        services.approve_purchase(plan_id)
        with pytest.raises(AlreadyDone):
            services.return_purchase(plan_id, "trễ")
        saved = queries.purchase_plan(plan_id)
        assert saved.rows == made.rows
        assert saved.head.total_vnd == made.total_vnd
        partner = catalog.partners("supplier")[0].code
        ids = services.order_from_plan(plan_id, places()[DEPOT], partner, [ITEM])
        placed = orders.order(ids[0])
        assert (placed.quantity, placed.fund_code) == (tests.line.units, "QCOVID")
        again = queries.propose("ba-dinh", asked)
        assert ITEM not in {row.item_code for row in again.rows}
    with acting_as(people["kho_rg"]), pytest.raises(NotFound):
        queries.purchase_plan(plan_id)


def test_a_plan_by_facility_and_faulty_terms(world: World) -> None:
    people, _ = world
    with acting_as(people["kehoach"]):
        each = queries.propose("ba-dinh", Asked(per_facility=True, category="test_kit"))
        assert len({row.facility_code for row in each.rows}) > 5
        assert {row.category for row in each.rows} == {"test_kit"}
        with pytest.raises(InvalidInput) as caught:
            queries.propose("ba-dinh", Asked(None, 91, 1.2, funds={"": "KHONG"}))
        assert {f.field for f in caught.value.faults} == {"review_days", "service_level", "fund"}
        mine = services.save_purchase("ba-dinh", Asked(category="drug"))
        services.withdraw_purchase(mine)
        assert queries.purchase_plan(mine).head.status == "withdrawn"


def test_a_reserve_list_goes_from_draft_to_approved_and_its_newest_version_counts(
    world: World,
) -> None:
    people, run_id = world
    with acting_as(people["kehoach"]):
        district = catalog.district("ba-dinh").id
        first = services.make_reserve("ba-dinh", run_id, 0.95)
        assert queries.approved_reserve(district) == {}
        found = queries.reserve_list(first)
        assert found.head.status == "draft"
        assert all(line.units % line.pack_units == 0 for line in found.lines)
        line = next(x for x in found.lines if (x.facility_code, x.item_code) == (WARD, ITEM))
        second = services.change_reserve(first, {(line.facility_id, line.item_id): 777})
        services.submit_reserve(second)
        with pytest.raises(NotAllowed):
            services.approve_reserve(second)
        with pytest.raises(Conflict):
            services.change_reserve(second, {})
    with acting_as(people["duyet"]):
        with pytest.raises(AlreadyDone):
            services.approve_reserve(first)
        services.approve_reserve(second)
        with pytest.raises(AlreadyDone):
            services.return_reserve(second, "muộn")
        kept = queries.approved_reserve(district)
        assert kept[line.facility_id, line.item_id] == 777
        assert queries.approved_reserve(district, today() - dt.timedelta(days=1)) == {}
    with acting_as(people["kho_px"]):
        mine = queries.approved_reserve(district)
        assert {place for place, _ in mine} == {line.facility_id}
        with pytest.raises(NotAllowed):
            services.make_reserve("ba-dinh", run_id)
    with acting_as(people["kehoach"]):
        third = services.make_reserve("ba-dinh", run_id, 0.99)
        services.submit_reserve(third)
    with acting_as(people["quantri"]):
        services.return_reserve(third, "xin xem lại nhóm thuốc")
        assert queries.reserve_list(third).head.reason == "xin xem lại nhóm thuốc"
        assert [h.version for h in queries.reserve_lists(district)] == [3, 2, 1]
        assert queries.approved_reserve(district) == kept


def test_waste_against_what_can_be_treated(world: World) -> None:
    people, run_id = world
    with acting_as(people["kehoach"]):
        bare = queries.waste_board("ba-dinh", run_id)
        assert bare.places[0].mean_kg > 0
        assert bare.left_kg == pytest.approx(float(bare.daily[0].sum()), rel=1e-2)
        most = bare.places[0]
        assert most.peak_low_kg <= most.peak_kg <= most.peak_high_kg
        services.set_capacity("ba-dinh", most.facility.id, 1.0, "hợp đồng (kiểm thử)")
        services.set_capacity("ba-dinh", None, 100_000, "công ty môi trường (kiểm thử)")
        board = queries.waste_board("ba-dinh", run_id)
        assert board.left_kg == 0
        assert board.coordination.helps[0].receiver is None
        assert board.places[0].capacity_kg == 1.0
        with pytest.raises(InvalidInput) as caught:
            services.set_capacity("ba-dinh", 10**6, -1, "")
        assert {f.field for f in caught.value.faults} == {"facility", "kg_per_day", "source"}
    with acting_as(people["truong"]), pytest.raises(NotAllowed):
        services.set_capacity("ba-dinh", None, 5, "x")


def test_the_worst_case_asks_for_more_of_everything(world: World) -> None:
    people, run_id = world
    with acting_as(people["kehoach"]):
        district = catalog.district("ba-dinh").id
        spec = scenarios.spec_from_library("ba-dinh", "worst_case")
        worst = scenarios.run_scenario(
            scenarios.add_scenario("ba-dinh", "Xấu nhất (kiểm thử)", spec), 100
        )
        assert worst_run(district) == worst
        assert "Xấu nhất (kiểm thử)" in dict(choices_in_words(district))[worst].vi
        usual = queries.reserve_list(services.make_reserve("ba-dinh", run_id))
        bad = queries.reserve_list(services.make_reserve("ba-dinh", worst))
        assert sum(x.burn_units for x in bad.lines) > sum(x.burn_units for x in usual.lines)
        terms = {"with_reserve": False, "category": "ppe"}
        needs_usual = queries.propose("ba-dinh", Asked(run_id, **terms))  # type: ignore[arg-type]
        needs_bad = queries.propose("ba-dinh", Asked(worst, **terms))  # type: ignore[arg-type]
        assert needs_bad.total_vnd >= needs_usual.total_vnd
        assert sum(r.line.use_quantile for r in needs_bad.rows) > sum(
            r.line.use_quantile for r in needs_usual.rows
        )
        board = queries.waste_board("ba-dinh", worst)
        assert board.daily[0].max() > queries.waste_board("ba-dinh", run_id).daily[0].max()
