"""A plan in pictures, its workbook and its replay, as people of different roles open them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest

from supply.core import jobs
from supply.core.clock import today
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory.documents import Issue, IssueLine, Receipt, ReceiptLine
from supply.inventory.services import post
from tests.integration.allocation.conftest import DISTRICT, RICH, SHORT, Town, proposed, town
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]
__all__ = ["proposed", "town"]


@pytest.fixture
def db(shared_db: Database) -> Database:
    """One database for this file."""
    return shared_db


@pytest.fixture
def people(shared_people: dict[str, int]) -> dict[str, int]:
    """And its people."""
    return shared_people


def test_the_overview_says_what_to_do_next_by_who_looks(
    client_for: ClientFor, town: Town, proposed: int
) -> None:
    pages = {who: client_for(who).text(f"/plans/{proposed}") for who in ("kehoach", "duyet")}
    for page in pages.values():
        for picture in ("classes", "days", "flow small"):
            assert page.count(f'<svg class="{picture}"') == 1
        assert 'aria-current="page">Tổng quan' in page
    assert "Mời người thứ hai duyệt" in pages["kehoach"]
    assert "Duyệt hoặc không duyệt" in pages["duyet"]
    assert "Xem hình và bảng" in client_for("thanhtra").text(f"/plans/{proposed}")


def test_filters_and_measure_live_in_the_address(
    client_for: ClientFor, town: Town, proposed: int
) -> None:
    planner = client_for("kehoach")
    url = f"/plans/{proposed}/look"
    page = planner.text(url)
    # A wide picture and one for phones, each of who to whom, lines by day and bars by day.
    assert page.count('<svg class="flow') == 2
    assert page.count('<svg class="days"') == 4
    assert "style=" not in page.split("<main", 1)[1]
    assert f"?to={SHORT}#flow" in page
    one = planner.text(f"{url}?item={town.items[0]}&by=value")
    lines = re.search(r"<b>([\d.]+)</b> dòng hàng", one)
    assert lines
    assert 0 < int(lines[1]) < int(re.search(r"<b>([\d.]+)</b> dòng hàng", page)[1])  # type: ignore[index]
    assert " đồng</title>" in one
    assert "Không có dòng nào khớp" in planner.text(f"{url}?item=KHONG-CO&by=chuyen")
    planner.client.get("/lang/en")
    assert "Who sends to whom" in planner.text(url)


def test_the_workbook_is_for_those_who_may_read_the_plan(
    client_for: ClientFor, town: Town, proposed: int
) -> None:
    answer = client_for("thanhtra").get(f"/plans/{proposed}/workbook.xlsx")
    assert answer.status_code == 200
    assert answer.data[:2] == b"PK"
    assert f"ke-hoach-phan-bo-{proposed}.xlsx" in answer.headers["Content-Disposition"]
    stranger = client_for("kho_rg")
    for part in ("workbook.xlsx", "look", "replay"):
        assert stranger.get(f"/plans/{proposed}/{part}").status_code == 404


def test_a_replay_from_the_form_to_its_page(
    client_for: ClientFor, town: Town, proposed: int
) -> None:
    start = today() - dt.timedelta(days=9)
    with acting_as(town.people["kho_tb"]):
        line = ReceiptLine(
            item_code=town.items[0], quantity=90, lot_number="CU", fund_code="NSTP",
            expiry=today() + dt.timedelta(days=200), unit_price_vnd=1000,
        )  # fmt: skip
        post(Receipt(facility_id=town.places[RICH], lines=(line,), happened_on=start))
        goods = IssueLine(item_code=town.items[0], quantity=30)
        on = start + dt.timedelta(days=1)
        post(Issue(facility_id=town.places[RICH], lines=(goods,), happened_on=on, recipient="Khoa"))
    planner, url = client_for("kehoach"), f"/plans/{proposed}/replay"
    asked = {"days": "7", "policy": "proportional", "reserve_days": "0", "estimate": "1"}
    wrong = planner.submit(url, **asked, start="mai")
    assert wrong.status_code == 422
    assert "Hãy chọn ngày bắt đầu" in wrong.text
    answer = planner.submit(url, **asked, start=f"{on:%d/%m/%Y}")
    assert answer.status_code == 302, answer.text[:600]
    job_id = int(answer.headers["Location"].rsplit("/", 1)[1])
    waits = planner.text(url)  # who left and comes back finds the way to it
    assert "Đang chờ đến lượt: 7 ngày từ" in waits
    assert f'href="/jobs/{job_id}"' in waits
    assert f'href="/jobs/{job_id}"' not in planner.text("/plans/replay")
    assert f'href="/jobs/{job_id}"' not in client_for("duyet").text(url)
    jobs.run_now(job_id)
    page = planner.text(f"{url}?job={job_id}")
    assert f'href="/jobs/{job_id}"' not in page
    for words in (
        "không hơn được thực tế",
        "Đây là nhìn lại",
        "Đọc thế nào cho đúng",
        "bạn đã thử",
    ):
        assert words in page
    assert planner.get(f"/plans/replay?job={job_id}").status_code == 404
    assert client_for("duyet").get(f"{url}?job={job_id}").status_code == 404
    assert client_for("thanhtra").submit(url, **asked, start="01/01/2022").status_code == 403
    assert "Thử lại kỳ đã qua" in planner.text("/plans/replay")


def test_a_replay_that_fails_says_so_where_it_was_asked_for(
    client_for: ClientFor, town: Town, proposed: int
) -> None:
    asked = {
        "district_slug": DISTRICT, "start": today().isoformat(), "days": 7,
        "policy": "proportional", "reserve_days": 0, "estimate": False, "plan_id": proposed,
    }  # fmt: skip
    with acting_as(town.people["kehoach"]):
        job_id = jobs.enqueue("allocation.replay", **asked)
    jobs.run_now(job_id)
    planner, url = client_for("kehoach"), f"/plans/{proposed}/replay"
    told = planner.text(f"/jobs/{job_id}")
    assert f'href="{url}"' in told
    assert "Kỳ phải kết thúc trước hôm nay" in told
    page = planner.text(url)
    assert "không xong" in page
    assert "Kỳ phải kết thúc trước hôm nay" in page
    assert "không xong" not in client_for("duyet").text(url)
