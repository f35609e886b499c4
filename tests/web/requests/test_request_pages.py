"""The pages of requisitions as people of each role see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest

from supply.core.database import Database
from tests.integration.inventory.conftest import World, make_world
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]
WARD, DEPOT = "BD-TYT-01", "BD-TTYT"


@pytest.fixture
def world(db: Database, people: dict[str, int]) -> World:
    return make_world(db, people)


def form(world: World, **more: object) -> dict[str, object]:
    return {
        "action": "send",
        "facility_id": world.places[WARD],
        "asked_id": world.places[DEPOT],
        "client_key": str(uuid4()),
        "item": [world.items[0], world.items[1]],
        "quantity": ["120", "1.000"],
        "pack": ["", ""],
        "line_note": ["", "cho đội lấy mẫu"],
    } | more


def send(keeper: Browser, world: World, **more: object) -> str:
    answer = keeper.submit("/requests/new", **form(world, **more))
    assert answer.status_code == 302, answer.text[:1500]
    return str(answer.headers["Location"]).split("?")[0]


def test_asked_decided_and_told_to_both(client_for: ClientFor, world: World) -> None:
    world.receive("kho_tt", DEPOT, 100)
    keeper = client_for("kho_px")
    assert "Chưa có phiếu yêu cầu" in keeper.text("/requests/")
    url = send(keeper, world)
    page = keeper.text(f"{url}?sent=1")
    for words in ("DY-", "Chờ duyệt", "1.000", "cho đội lấy mẫu", "Rút phiếu"):
        assert words in page
    assert "Không duyệt" not in page
    assert "Yêu cầu của bạn chưa xong" in keeper.text("/")

    depot = client_for("kho_tt")
    assert "Phiếu yêu cầu chờ duyệt" in depot.text("/")
    page = depot.text(url)
    assert 'value="100"' in page  # the most there is to give is proposed
    assert "style=" not in page.split("<main", 1)[1]
    answer = depot.submit(f"{url}/approve", **{"approve-1": "100", "approve-2": "0"})
    assert answer.status_code == 422
    assert "Dòng 1: Duyệt ít hơn thì ghi lý do" in answer.text
    given = {"approve-1": "100", "reason-1": "Kho không đủ", "approve-2": "0", "reason-2": "hết"}
    assert depot.submit(f"{url}/approve", **given).status_code == 302
    assert depot.submit(f"{url}/approve", **given).status_code == 409
    assert "Kiểm tra, xuất hàng" in depot.text(url)
    assert "Phiếu chuyển theo yêu cầu cần gửi" in depot.text("/")
    page = keeper.text(url)
    assert "Đã duyệt, chờ xuất" in page
    assert "Kho không đủ" in page
    assert "duyệt một phần" in keeper.text("/requests/")
    assert keeper.get(f"{url}/print.pdf").data.startswith(b"%PDF")
    assert keeper.get(f"{url}/print.xlsx").data.startswith(b"PK")
    assert "Kho không đủ" in keeper.text("/lists/requests.list.csv")
    assert keeper.get("/lists/requests.list.xlsx?show=open").status_code == 200
    keeper.client.get("/lang/en")
    assert "Approved, to be sent" in keeper.text(url)


def test_what_is_typed_wrong_stays_on_the_form(client_for: ClientFor, world: World) -> None:
    keeper = client_for("kho_px")
    answer = keeper.submit(
        "/requests/new", **form(world, quantity=["1,5", "ba"], needed_on="31/02/2022")
    )
    assert answer.status_code == 422
    for words in ("Dòng 1: Số lượng", "Dòng 2: Số lượng", "31/02/2022", "1,5"):
        assert words in answer.text
    answer = keeper.submit("/requests/new", **form(world, item=[], quantity=[], pack=[]))
    assert answer.status_code == 422
    assert "chưa có dòng nào" in answer.text
    answer = keeper.submit("/requests/new", **form(world, asked_id=world.places["RG-TYT-01"]))
    assert answer.status_code == 422
    assert "Chưa có phiếu yêu cầu" in keeper.text("/requests/")


def test_a_draft_is_kept_edited_and_thrown_away(client_for: ClientFor, world: World) -> None:
    keeper = client_for("kho_px")
    url = send(keeper, world, action="save")
    assert url.endswith("/edit")
    page = keeper.text(url)
    assert 'value="1000"' in page
    number = int(re.findall(r"/requests/(\d+)/", url)[0])
    assert keeper.submit(f"/requests/{number}/discard").status_code == 302
    assert keeper.get(url).status_code == 404


def test_a_form_sent_twice_is_one_request_and_the_last_can_be_repeated(
    client_for: ClientFor, world: World
) -> None:
    keeper = client_for("kho_px")
    once = form(world)
    first = keeper.submit("/requests/new", **once).headers["Location"]
    assert keeper.submit("/requests/new", **once).headers["Location"] == first
    page = keeper.text("/requests/new?repeat=1")
    assert 'value="120"' in page
    assert "cho đội lấy mẫu" in page
    again = keeper.submit("/requests/new", **form(world, action="suggest", days="30"))
    assert again.status_code == 200
    assert "Không có mặt hàng nào cần thêm" in again.text
    assert 'value="120"' in again.text


def test_items_are_found_with_the_figures_that_help(client_for: ClientFor, world: World) -> None:
    world.receive("kho_tt", DEPOT, 4321)
    keeper = client_for("kho_px")
    url = f"/requests/items?facility={world.places[WARD]}&asked={world.places[DEPOT]}"
    found = keeper.get(f"{url}&q={world.items[0]}").get_json()["items"]
    assert found[0]["code"] == world.items[0]
    assert "4.321" in found[0]["row"]


def test_others_are_told_whose_page_it_is(client_for: ClientFor, world: World) -> None:
    keeper = client_for("kho_px")
    url = send(keeper, world)
    planner = client_for("kehoach")
    assert planner.get("/requests/new").status_code == 403
    assert "Duyệt" in planner.text(url)
    reader = client_for("thanhtra")
    assert "Không duyệt" not in reader.text(url)
    assert reader.submit(f"{url}/approve").status_code == 403
    assert client_for("kho_rg").get(url).status_code == 404
    assert keeper.submit(f"{url}/refuse", reason="không").status_code == 403
    assert keeper.submit(f"{url}/withdraw").status_code == 302
    assert planner.submit(f"{url}/refuse", reason="muộn").status_code == 409
