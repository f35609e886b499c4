"""The pages of recalls and quarantine as people of each role see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest

from supply.core.database import Database
from tests.integration.inventory.conftest import World, make_world
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]
A, B = "BD-TYT-01", "BD-TYT-02"


@pytest.fixture
def world(db: Database, people: dict[str, int]) -> World:
    found = make_world(db, people)
    found.receive("kho_px", A, 40, lot_number="R-77")
    found.issue("kho_px", A, 15)
    found.receive("kho_tb", B, 8, lot_number="R-77")
    return found


def start(planner: Browser, **more: object) -> str:
    page = planner.text("/recalls/new?q=r-77")
    lot = re.findall(r"/recalls/new\?lot=(\d+)", page)[0]
    form = planner.text(f"/recalls/new?lot={lot}")
    district = re.findall(r'name="district_id" value="(\d+)"', form)[0]
    values = {
        "lot_id": lot,
        "district_id": district,
        "recall_class": "2",
        "reason": "Không đạt độ hòa tan",
        "answer_hours": "24",
        "client_key": str(uuid4()),
    } | more
    answer = planner.submit("/recalls/new", **values)
    assert answer.status_code == 302, answer.text[:1500]
    return str(answer.headers["Location"]).split("?")[0]


def key_of(page: str) -> str:
    return re.findall(r'name="client_key" value="([^"]+)"', page)[0]


def test_called_back_answered_and_closed(client_for: ClientFor, world: World) -> None:
    planner, keeper = client_for("kehoach"), client_for("kho_px")
    assert "Chưa có đợt thu hồi nào" in planner.text("/recalls/")
    url = start(planner)
    page = planner.text(f"{url}?started=1")
    for words in ("TH-", "Trạm Y tế phường Phúc Xá", "Chưa trả lời", "0/2", "Không đạt độ hòa tan"):
        assert words in page
    assert "Thu hồi: đã trả lời" in planner.text("/")
    assert "style=" not in page.split("<main", 1)[1]

    assert "Thu hồi: cần biệt trữ và trả lời" in keeper.text("/")
    page = keeper.text(url)
    assert "Sổ ghi còn 25" in page
    sent = {
        "facility_id": world.places[A],
        "client_key": key_of(page),
        "found": "hai",
        "used": "15",
    }
    answer = keeper.submit(f"{url}/answer", **sent)
    assert answer.status_code == 422
    assert "Sổ ghi còn 25" in answer.text
    sent["found"] = "25"
    assert keeper.submit(f"{url}/answer", **sent).status_code == 302
    assert keeper.submit(f"{url}/answer", **sent).status_code == 302  # a double click
    page = keeper.text(url)
    assert "BT-" in page
    assert "thấy 25, đã dùng 15" in page
    assert "Thu hồi: cần biệt trữ" not in keeper.text("/")
    late = keeper.submit(f"{url}/answer", **(sent | {"client_key": str(uuid4())}))
    assert late.status_code == 409
    assert "đã trả lời cho cơ sở này lúc" in late.text

    refused = planner.submit(f"{url}/close", outcome="destroyed")
    assert refused.status_code == 409
    assert "còn 8" in refused.text
    other = client_for("kho_tb")
    page = other.text(url)
    assert "Trạm Y tế phường Phúc Xá" not in page  # others' shelves are not theirs to see
    sent = {"facility_id": world.places[B], "client_key": key_of(page)}
    assert other.submit(f"{url}/answer", **sent).status_code == 302
    answer = planner.submit(f"{url}/close", outcome="destroyed", paper_reference="BB-9")
    assert answer.status_code == 302
    page = planner.text(url)
    assert "Tiêu hủy" in page
    assert "đang chặn ở mọi kho" in page
    assert planner.submit(f"{url}/lift", note="").status_code == 422
    assert planner.submit(f"{url}/lift", note="kết luận lại").status_code == 302
    planner.client.get("/lang/en")
    assert "Block lifted" in planner.text(url)
    assert planner.get(f"{url}/print.pdf").data.startswith(b"%PDF")
    assert planner.get(f"{url}/print.xlsx").data.startswith(b"PK")
    assert planner.get(f"{url}/print.exe").status_code == 404
    number = url.rsplit("/", 1)[1]
    for name in ("recalls.holders", "recalls.onward"):
        assert planner.get(f"/lists/{name}.xlsx?recall={number}").status_code == 200
    assert "PX-" in planner.text(f"/lists/recalls.onward.csv?recall={number}")


def test_a_faulty_form_recalls_nothing(client_for: ClientFor, world: World) -> None:
    planner = client_for("kehoach")
    lot = re.findall(r"lot=(\d+)", planner.text("/recalls/new?q=R-77"))[0]
    answer = planner.submit(
        "/recalls/new", lot_id=lot, reason="", answer_hours="một ngày", client_key=str(uuid4())
    )
    assert answer.status_code == 422
    assert "Hạn trả lời là số giờ" in answer.text
    assert "Chưa có đợt thu hồi nào" in planner.text("/recalls/")
    assert "Không có lô nào khớp" in planner.text("/recalls/new?q=khong-co")


def test_each_role_sees_what_is_theirs(client_for: ClientFor, world: World) -> None:
    url = start(client_for("kehoach"))
    keeper = client_for("kho_px")
    assert keeper.get("/recalls/new").status_code == 403
    assert keeper.submit(f"{url}/close", outcome="released").status_code == 403
    reader = client_for("thanhtra")
    assert "Đóng đợt thu hồi" not in reader.text(url)
    assert reader.submit(f"{url}/answer", facility_id=world.places[A]).status_code == 403
    assert client_for("kho_rg").get(url).status_code == 404
    assert "chưa từng có lô này" in client_for("kho_tt").text(url)


def test_quarantine_is_listed_and_emptied(client_for: ClientFor, world: World) -> None:
    keeper, planner = client_for("kho_px"), client_for("kehoach")
    assert "Không có hàng biệt trữ" in keeper.text("/quarantine/")
    url = start(planner)
    sent = {"facility_id": world.places[A], "client_key": key_of(keeper.text(url))}
    keeper.submit(f"{url}/answer", **sent)
    page = keeper.text("/quarantine/")
    assert "đang thu hồi" in page
    assert "Giải tỏa về kho" not in page
    step = re.findall(r'href="(/quarantine/dispose[^"]+)"', page)[0]
    form = keeper.text(step)
    values = {
        "facility_id": world.places[A],
        "lot_id": re.findall(r"lot=(\d+)", step)[0],
        "client_key": key_of(form),
        "quantity": "26",
        "reason": "vỡ",
    }
    answer = keeper.submit("/quarantine/dispose", **values)
    assert answer.status_code == 409
    assert "Biệt trữ không đủ" in answer.text
    values |= {"quantity": "25"}
    assert keeper.submit("/quarantine/dispose", **values).status_code == 302
    assert keeper.submit("/quarantine/dispose", **values).status_code == 302  # a double click
    assert "Không có hàng biệt trữ" in keeper.text("/quarantine/")
    assert planner.get(step).status_code == 403
    assert keeper.get("/quarantine/release?facility=1&lot=999999").status_code == 404
    assert keeper.get("/lists/recalls.quarantine.csv").status_code == 200
