"""The planner's hand on its pages: pin, edit, suppose, compare; the old plan stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supply.allocation.carrying import services as carrying
from supply.allocation.check import check
from supply.allocation.hand import queries, services
from supply.core import jobs
from supply.core.database import Database
from supply.core.errors import Conflict
from supply.core.scope import acting_as
from tests.integration.allocation.conftest import RICH, SHORT, Town, proposed, town
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


def done(answer: object, people: dict[str, int]) -> str:
    """The address a job leads to, once it is done."""
    location = answer.headers["Location"]  # type: ignore[attr-defined]
    job_id = int(location.rsplit("/", 1)[1])
    jobs.run_now(job_id)
    with acting_as(people["kehoach"]):
        state = jobs.state(job_id)
    assert state.status == "succeeded", state.message
    assert state.result is not None
    return str(state.result["url"])


def test_a_line_is_edited_and_its_cost_is_shown(
    client_for: ClientFor, people: dict[str, int], town: Town, proposed: int
) -> None:
    planner = client_for("kehoach")
    with acting_as(people["kehoach"]):
        before = queries.sheet(proposed)
    line = max(before.plan.transfers, key=lambda t: t.quantity)
    key = f"{line.origin}|{line.destination}|{line.item}"
    page = planner.text(f"/plans/{proposed}/adjust?item={line.item}")
    assert key in page
    units = page.split(f"{key}|", 1)[1].split('"', 1)[0]
    answer = planner.submit(
        f"/plans/{proposed}/adjust", row=f"{key}|{units}", **{"quantity-0": "0"}
    )
    assert answer.status_code == 302, answer.text[:600]
    url = done(answer, people)
    assert url.endswith("/adjust")
    with acting_as(people["kehoach"]):
        made = queries.sheet(int(url.split("/")[2]))
        after = queries.sheet(proposed)
    assert (made.based_on, after.status) == (proposed, "proposed")
    assert after.plan == before.plan
    assert check(made.instance, made.plan) == []
    assert not any(
        (t.origin, t.destination, t.item) == (line.origin, line.destination, line.item)
        for t in made.plan.transfers
    )
    page = planner.text(url)
    assert f"So với kế hoạch số {proposed}" in page
    assert "không được chuyển" in page
    assert f"/plans/{made.id}/adjust" in planner.text(f"/plans/{proposed}/adjust")
    planner.client.get("/lang/en")
    assert f"Beside plan no. {proposed}" in planner.text(url)


def test_ways_are_compared_in_one_job_and_once(
    client_for: ClientFor, people: dict[str, int], town: Town, proposed: int
) -> None:
    planner = client_for("kehoach")
    assert "/jobs/" in planner.submit(f"/plans/{proposed}/policies").headers["Location"]
    ways = ["proportional", "least-shortage"]
    with acting_as(people["kehoach"]):
        assert set(ways) < set(services.other_policies(queries.sheet(proposed)))
        job_id = services.start_adjust(proposed, ways, (), ())
        jobs.run_now(job_id)
        result = jobs.state(job_id).result
        assert result is not None
        assert services.adjust(proposed, ways) == result["plan_ids"]  # not solved a second time
    url = result["url"]
    page = planner.text(url)
    for words in ("Điểm thiếu", "Hệ số Gini", "Giá trị hàng chuyển", "Chia theo tỷ lệ", "Lorenz"):
        assert words in page
    ids = url.split("ids=")[1]
    assert page.count('class="curve p') >= 4
    answer = planner.get(f"/lists/allocation.compare.csv?ids={ids}")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(ids.split(","))
    assert planner.get(f"/lists/allocation.compare.xlsx?ids={ids}").data[:2] == b"PK"
    assert planner.get("/plans/compare?ids=1,2,3,4,5,6,7,8").status_code == 422
    assert "Chọn kế hoạch" in planner.text("/plans/compare")
    assert client_for("kho_rg").get(f"/plans/compare?ids={ids}").status_code == 404


def test_plans_of_different_needs_stand_side_by_side_and_none_is_called_better(
    client_for: ClientFor, town: Town, proposed: int
) -> None:
    week = town.plan(policy="proportional", horizon_days=7)
    page = client_for("kehoach").text(f"/plans/compare?ids={week},{proposed}")
    figures = page.split('id="figures-title"', 1)[1].split("</table>", 1)[0]
    assert "nhu cầu khác nhau" in page
    assert "In đậm" not in figures
    assert "fw-bold" not in figures
    head = figures.split("</thead>", 1)[0]
    assert "7 ngày từ" in head
    assert "4 ngày từ" in head


def test_what_is_only_supposed_cannot_be_approved(
    client_for: ClientFor, people: dict[str, int], town: Town, proposed: int
) -> None:
    planner = client_for("kehoach")
    answer = planner.submit(
        f"/plans/{proposed}/adjust",
        **{
            "donation-facility": SHORT,
            "donation-item": town.items[0],
            "donation-quantity": "5.000",
        },
    )
    url = done(answer, people)
    page = planner.text(url)
    assert "Kế hoạch này có giả định" in page
    assert "Giả định: " in page
    assert "không trình duyệt được" in planner.text(url.removesuffix("/adjust"))
    with acting_as(people["kehoach"]), pytest.raises(Conflict) as refused:
        carrying.put_forward(int(url.split("/")[2]))
    assert "giả định" in refused.value.text.vi
    with acting_as(people["kehoach"]):
        sheet, base = queries.sheet(int(url.split("/")[2])), queries.sheet(proposed)
        beside = queries.side_by_side([base.id, sheet.id])
    assert beside.same_need
    assert sum(a.quantity for a in sheet.instance.arrivals if a.lot == "TT-1") == 5000


def test_what_cannot_be_worked_out_stays_on_the_page_with_its_fault(
    client_for: ClientFor, people: dict[str, int], town: Town, proposed: int
) -> None:
    planner = client_for("kehoach")
    url = f"/plans/{proposed}/adjust"
    answer = planner.submit(url)
    assert answer.status_code == 422, answer.headers
    assert "Chưa có thay đổi nào" in answer.text
    pin = {"kind-0": "at-least", "from-0": RICH, "to-0": RICH, "item-0": town.items[0]}
    answer = planner.submit(url, **pin, **{"units-0": "5"})
    assert answer.status_code == 422
    assert "không có tuyến" in answer.text
    answer = planner.submit(url, **pin, **{"units-0": "năm"})
    assert "không phải số nguyên" in answer.text
    answer = planner.submit(url, policy="own-weights")
    assert "Hãy chọn một cách phân bổ" in answer.text


def test_who_may_not_plan_looks_on_and_an_approved_plan_is_left_alone(
    client_for: ClientFor, people: dict[str, int], town: Town, proposed: int
) -> None:
    reading = client_for("thanhtra")
    page = reading.text(f"/plans/{proposed}/adjust")
    assert "Chỉ cán bộ kế hoạch" in page
    assert "Tính lại" not in page.split("<main", 1)[1].split("</main", 1)[0]
    assert reading.submit(f"/plans/{proposed}/adjust").status_code == 403
    assert reading.submit(f"/plans/{proposed}/policies").status_code == 403
    assert client_for("kho_rg").get(f"/plans/{proposed}/adjust").status_code == 404
    decided = town.again(proposed)
    with acting_as(people["duyet"]):
        carrying.approve(decided)
    with acting_as(people["kehoach"]), pytest.raises(Conflict):
        services.start_policies(decided)
    assert "không điều chỉnh ở đây nữa" in client_for("kehoach").text(f"/plans/{decided}/adjust")
