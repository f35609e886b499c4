"""The pages of loans as people of each role see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest

from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory.documents import IssueLine, ReceiptLine, TransferReceipt
from supply.inventory.services import post
from supply.lending import services
from tests.integration.inventory.conftest import World, days, make_world
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]
A, DEPOT = "BD-TYT-01", "BD-TTYT"


@pytest.fixture
def world(db: Database, people: dict[str, int]) -> World:
    return make_world(db, people)


def lend(world: World) -> int:
    world.receive("kho_tt", DEPOT, 100)
    with acting_as(world.people["kho_tt"]):
        sent = services.lend(
            services.Lend(
                facility_id=world.places[DEPOT],
                to_facility_id=world.places[A],
                lines=(IssueLine(item_code=world.items[0], quantity=40),),
                due_on=days(-2),
            )
        )
    with acting_as(world.people["kho_px"]):
        post(TransferReceipt(facility_id=world.places[A], follows_id=sent.document_id))
    return sent.document_id


def key_of(page: str) -> str:
    return re.findall(r'name="client_key" value="([^"]+)"', page)[0]


def item_field(page: str) -> str:
    return re.findall(r'name="(back-\d+)"', page)[0]


def test_a_debt_is_seen_by_both_and_given_back_in_part(client_for: ClientFor, world: World) -> None:
    keeper, depot = client_for("kho_px"), client_for("kho_tt")
    assert "Không có khoản mượn nào" in keeper.text("/loans/")
    found = lend(world)
    assert "Hàng mượn chưa trả" in keeper.text("/")
    assert "Cho mượn, chờ trả" in depot.text("/")
    page = keeper.text("/loans/")
    assert "Mình đang mượn" in page
    assert "quá hẹn 2 ngày" in page
    url = f"/loans/{found}"
    page = keeper.text(url)
    assert "style=" not in page.split("<main", 1)[1]
    field, key = item_field(page), key_of(page)
    answer = keeper.submit(f"{url}/return", **{field: "41", "client_key": key})
    assert answer.status_code == 422
    assert "còn nợ 40, trả 41" in answer.text
    sent = {field: "15", "client_key": key}
    assert keeper.submit(f"{url}/return", **sent).status_code == 302
    assert keeper.submit(f"{url}/return", **sent).status_code == 302  # a double click
    page = keeper.text(url)
    assert "đã trả một phần" in page
    assert 'value="25"' in page
    assert "back-" not in depot.text(url)  # the lender waits for the borrower's document
    assert "Chờ bên mượn lập phiếu trả" in depot.text(url)
    assert "Chờ bên mượn lập phiếu trả" not in page
    assert depot.submit(f"{url}/return", **sent | {"client_key": str(uuid4())}).status_code == 403

    regular = {"item": world.items[0], "quantity": "25", "client_key": str(uuid4())}
    answer = depot.submit(f"{url}/regularise", **regular)
    assert answer.status_code == 422
    assert "Hãy ghi số giấy tờ" in answer.text
    regular["paper_reference"] = "QĐ 45"
    assert depot.submit(f"{url}/regularise", **regular).status_code == 302
    page = depot.text(url)
    assert "đã xong" in page
    assert "QĐ 45" in page
    assert "Hàng mượn chưa trả" not in keeper.text("/")
    assert "đã xong" in keeper.text("/loans/?settled=1")
    keeper.client.get("/lang/en")
    assert "settled" in keeper.text(url)


def test_what_a_partner_returns_comes_in_as_it_went(client_for: ClientFor, world: World) -> None:
    world.receive("kho_px", A, 50)
    with acting_as(world.people["kho_px"]):
        sent = services.lend(
            services.Lend(
                facility_id=world.places[A],
                partner_code=world.donor,
                lines=(IssueLine(item_code=world.items[0], quantity=20),),
            )
        )
    keeper = client_for("kho_px")
    url = f"/loans/{sent.document_id}"
    page = keeper.text(url)
    assert "Nhận lại" in page
    assert "chưa hẹn ngày trả" in page
    answer = keeper.submit(f"{url}/due", due_on="32/01/2022")
    assert answer.status_code == 422
    assert keeper.submit(f"{url}/due", due_on=f"{days(9):%d/%m/%Y}").status_code == 302
    assert f"hẹn {days(9):%d/%m/%Y}" in keeper.text(url)
    answer = keeper.submit(f"{url}/return", **{item_field(page): "20", "client_key": key_of(page)})
    assert answer.status_code == 302
    assert world.on_hand(A) == 50


def test_borrowed_outside_shows_until_given_back(client_for: ClientFor, world: World) -> None:
    with acting_as(world.people["kho_px"]):
        got = services.borrow(
            world.places[A],
            world.donor,
            [
                ReceiptLine(
                    item_code=world.items[0], quantity=9, fund_code=world.fund, unit_price_vnd=5
                )
            ],
        )
    keeper = client_for("kho_px")
    url = f"/loans/{got.document_id}"
    page = keeper.text(url)
    assert "Trả lần này" in page
    answer = keeper.submit(f"{url}/return", **{item_field(page): "9", "client_key": key_of(page)})
    assert answer.status_code == 302
    assert keeper.get("/lists/lending.loans.csv?settled=1").status_code == 200


def test_others_read_or_see_nothing(client_for: ClientFor, world: World) -> None:
    url = f"/loans/{lend(world)}"
    planner = client_for("kehoach")
    assert "Hợp thức hóa" not in planner.text(url).split("<table")[0]
    assert planner.submit(f"{url}/regularise").status_code == 403
    for user in ("kho_rg", "kho_tb"):
        assert client_for(user).get(url).status_code == 404
    assert "purpose" in client_for("kho_tt").text("/documents/new/transfer_dispatch?purpose=loan")
