"""The pages of allocation as people of each role see them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from supply.allocation.check import check
from supply.allocation.instance_json import parse_instance
from supply.allocation.plan import plan_from_json
from supply.core import jobs
from supply.core.database import Database
from supply.core.scope import acting_as
from tests.integration.allocation.conftest import build_town
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]
ASKED = {
    "district": "ba-dinh",
    "policy": "proportional",
    "horizon_days": "4",
    "quantile": "0.5",
    "reserve_days": "3",
}


def test_without_a_forecast_the_page_says_what_comes_first(client_for: ClientFor) -> None:
    page = client_for("kehoach").text("/plans/")
    assert "Chưa có dự báo" in page
    assert "/forecast/projection/" in page
    assert "Chưa có kế hoạch nào" in page


def test_who_may_not_plan_sees_no_form_and_is_told_whose_it_is(client_for: ClientFor) -> None:
    keeper = client_for("kho_px")
    assert "Lập kế hoạch mới" not in keeper.text("/plans/")
    answer = keeper.submit("/plans/", **ASKED)
    assert answer.status_code == 403
    assert "cán bộ kế hoạch" in answer.text.lower()
    assert keeper.get("/plans/99").status_code == 404


def test_a_stranger_is_asked_to_sign_in(app, db: Database) -> None:
    answer = app.test_client().get("/plans/")
    assert answer.status_code == 302
    assert "/login/" in answer.headers["Location"]


def test_a_wrong_request_stays_on_the_form_with_its_fault(
    client_for: ClientFor, db: Database, people: dict[str, int]
) -> None:
    planner = client_for("kehoach")
    answer = planner.submit("/plans/", **(ASKED | {"reserve_days": "ba"}))
    assert answer.status_code == 422
    assert "không phải là số" in answer.text
    answer = planner.submit("/plans/", **(ASKED | {"policy": "đoán"}))
    assert answer.status_code == 422
    assert "Hãy chọn một cách phân bổ" in answer.text
    answer = planner.submit("/plans/", **ASKED)
    assert answer.status_code == 409
    assert "chưa có lượt dự báo" in answer.text


@pytest.mark.parametrize("decision", ["approve"])
def test_from_the_form_to_the_approved_plan(
    client_for: ClientFor, db: Database, people: dict[str, int], decision: str
) -> None:
    build_town(db, people)
    planner = client_for("kehoach")
    answer = planner.submit("/plans/", **ASKED)
    assert answer.status_code == 302, answer.text[:800]
    job_id = int(answer.headers["Location"].rsplit("/", 1)[1])
    jobs.run_now(job_id)
    with acting_as(people["kehoach"]):
        state = jobs.state(job_id)
    assert state.status == "succeeded", state.message
    assert state.result is not None
    url = state.result["url"]

    second = client_for("duyet")
    page = second.text(url)
    for words in (
        "điểm thiếu giảm",
        "Duyệt kế hoạch",
        "Không duyệt",
        "TYT Phúc Xá",
        "Việc tiếp theo",
    ):
        assert words in page
    assert "người thứ hai duyệt" in planner.text(url)
    own = planner.submit(f"{url}/approve")
    assert own.status_code == 403
    assert "Người lập không tự duyệt" in own.text
    assert "style=" not in page.split("<main", 1)[1]
    planner.client.get("/lang/en")
    assert "shortage falls" in planner.text(url)

    reading = client_for("thanhtra")
    page = reading.text(url)
    assert "Duyệt kế hoạch" not in page
    assert reading.submit(f"{url}/approve").status_code == 403
    instance = parse_instance(json.loads(reading.text(f"{url}/instance.json")))
    assert check(instance, plan_from_json(json.loads(reading.text(f"{url}/plan.json")))) == []
    assert reading.get(f"{url}/secrets.json").status_code == 404
    assert client_for("kho_rg").get(url).status_code == 404

    answer = planner.submit(f"{url}/reject", reason=" ")
    assert answer.status_code == 422
    answer = second.submit(f"{url}/{decision}")
    assert answer.status_code == 302
    page = planner.text(url)
    assert "Approved" in page or "Đã duyệt" in page
    answer = second.submit(f"{url}/approve")
    assert answer.status_code == 409
    home = client_for("kho_tt").text("/")
    assert "Phiếu chuyển theo kế hoạch cần gửi" in home
