"""The form that asks for a plan, the inputs looked over first, and the terms planners record."""

from __future__ import annotations

from collections.abc import Callable

from supply.core import jobs
from supply.core.database import Database
from supply.core.scope import acting_as
from tests.integration.allocation.conftest import build_town
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]
QUERY = "district=ba-dinh&policy=proportional&horizon_days=4&count_requests=1&vulnerability=1"
PAPER = "BB 01/2022 ngày 05/01/2022"


def test_without_a_forecast_the_inputs_say_so_and_offer_the_terms(client_for: ClientFor) -> None:
    answer = client_for("kehoach").get("/plans/inputs")
    assert answer.status_code == 409
    assert "chưa có lượt dự báo" in answer.text
    assert "Ghi thỏa thuận mới" in answer.text
    assert client_for("kho_px").get("/plans/inputs").status_code == 403
    assert client_for("thanhtra").get("/plans/inputs").status_code == 403


def test_from_the_terms_over_the_inputs_to_the_plan(
    client_for: ClientFor, db: Database, people: dict[str, int]
) -> None:
    town = build_town(db, people)
    planner = client_for("kehoach")
    clinic = str(town.places["BD-PK"])
    page = planner.text("/plans/")
    assert "Chưa có cơ sở ngoài công lập nào có thỏa thuận" in page
    assert "Chưa có danh mục dự trữ được duyệt" in page

    paper = {"facility": clinic, "agreed": "1", "valid_from": "1/1/2022"}
    answer = planner.submit("/plans/inputs/agreement", **paper, paper_reference=" ")
    assert answer.status_code == 422
    assert "văn bản thỏa thuận" in answer.text
    answer = planner.submit("/plans/inputs/agreement", **paper, paper_reference=PAPER)
    assert answer.status_code == 302
    answer = planner.submit("/plans/inputs/vulnerability", ward="x", weight="2", source="y")
    assert answer.status_code == 422
    assert "Hãy chọn phường, xã" in answer.text
    assert PAPER in planner.text("/plans/")

    page = planner.text(f"/plans/inputs?{QUERY}&partner={clinic}")
    for words in ("Thiếu hoặc lạ", "Tồn dùng được", "TYT", "BD-PK", "hệ số dễ tổn thương"):
        assert words in page
    assert "style=" not in page.split("<main", 1)[1]
    answer = planner.get(f"/plans/inputs?{QUERY}&reserve=approved")
    assert answer.status_code == 422
    assert "chưa có danh mục dự trữ được duyệt" in answer.text
    answer = planner.get(f"/plans/inputs?{QUERY}&reserve_days=ba")
    assert answer.status_code == 422
    assert "không phải là số" in answer.text

    asked = dict(pair.split("=") for pair in QUERY.split("&"))
    answer = planner.submit("/plans/", **asked, partner=clinic)
    assert answer.status_code == 302, answer.text[:800]
    job_id = int(answer.headers["Location"].rsplit("/", 1)[1])
    jobs.run_now(job_id)
    with acting_as(people["kehoach"]):
        state = jobs.state(job_id)
    assert state.status == "succeeded", state.message
    assert state.result is not None
    assert "Cơ sở ngoài công lập tham gia theo thỏa thuận: BD-PK" in planner.text(
        str(state.result["url"])
    )
    planner.client.get("/lang/en")
    assert "Missing or odd" in planner.text(f"/plans/inputs?{QUERY}")
    assert "More choices" in planner.text("/plans/?reserve=both")
