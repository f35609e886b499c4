"""From an approved plan to what really moved, on the pages, the papers and the interface."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from uuid import uuid4

import openpyxl

from supply.allocation.carrying.limits import GivenOut, given_out
from supply.allocation.carrying.queries import carrying
from supply.allocation.queries import plan as plan_view
from supply.core import jobs
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory import queries as inventory
from supply.inventory.documents import TransferReceipt, TransferReceiptLine
from supply.inventory.services import post_draft, receive_transfer
from tests.integration.allocation.conftest import DEPOT, SHORT, Town, build_town
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]


def test_a_plan_is_approved_picked_loaded_sent_received_short_and_ended(
    client_for: ClientFor, db: Database, people: dict[str, int]
) -> None:
    town = build_town(db, people)
    plan_id = town.plan(policy="proportional")
    url = f"/plans/{plan_id}/carry"
    maker, second, keeper = (client_for(name) for name in ("kehoach", "duyet", "kho_tt"))
    assert "chưa được duyệt" in maker.text(url)

    approve(plan_id, maker, second)
    page = second.text(url)
    assert "Soạn hàng và xếp xe" in page
    assert "Kết thúc sớm" in page
    assert "Kết thúc sớm" not in keeper.text(url)
    assert "style=" not in page.split("<main", 1)[1]
    papers(plan_id, town, keeper)
    quotas(plan_id, town, client_for("kho_px"), maker)
    receive_short(plan_id, town)
    folded(plan_id, second, people["duyet"])
    shown = second.get(f"/api/v1/plans/{plan_id}/progress?state=short").get_json()["result"]
    assert [(row["lost"], row["planned"] - row["received"]) for row in shown] == [(1, 1)]

    assert second.submit(f"{url}/end", reason=" ").status_code == 422
    assert second.submit(f"{url}/again", ends="1", reason="").status_code == 422
    assert client_for("thanhtra").submit(f"{url}/end", reason="x").status_code == 403
    answer = second.submit(f"{url}/again", ends="1", reason="Có đợt hàng mới")
    assert answer.status_code == 302, answer.text[:400]
    assert "Có đợt hàng mới" in second.text(url)
    assert second.submit(f"{url}/end", reason="lần nữa").status_code == 409
    follows(plan_id, int(answer.headers["Location"].rsplit("/", 1)[1]), town, second)


def folded(plan_id: int, planner: Browser, user_id: int) -> None:
    """A trip, a day and a place are lines that open; a filter that leaves little shows it at once."""

    def part(query: str, name: str) -> str:
        page = planner.text(f"/plans/{plan_id}/carry{query}")
        return page.split(f'id="{name}"', 1)[1].split("</section>", 1)[0]

    with acting_as(user_id):
        found = carrying(plan_id)
    trips = {(x.origin, x.destination, x.day) for x in found.lines}
    assert len(trips) > 1
    whole = part("", "lines")
    assert whole.count("<details") == len(trips)
    assert '<details class="fold" open' not in whole
    assert part("?open=1", "lines").count('<details class="fold" open') == len(trips)
    first = whole.split("<summary>")[1].split("</summary>")[0]
    assert "Nhận thiếu" in first  # what needs a look stands first
    odd = part("?state=odd", "lines")
    assert odd.count('<details class="fold" open') == odd.count("<details") == 1
    assert "mất, hỏng 1" in odd
    day = found.days[0].day
    of_day = [x for x in found.lines if x.day == day]
    assert f"{len(of_day)} dòng" in part(f"?day={day.isoformat()}", "lines").split("</h2>")[0]
    assert "Không có dòng nào" in part("?day=1999-01-01", "lines")
    assert part("", "days").count('<details class="fold" open') == 1
    assert part("?state=odd", "days").count('<details class="fold" open') == 0
    places = {one.facility for one in given_out_by(plan_id, user_id)}
    assert part("", "quotas").count("<details") == len(places)


def given_out_by(plan_id: int, user_id: int) -> list[GivenOut]:
    with acting_as(user_id):
        return given_out(plan_id)


def approve(plan_id: int, maker: Browser, second: Browser) -> None:
    """By the interface: never the maker, once per key."""
    address = f"/api/v1/plans/{plan_id}/approval"

    def ask(who: Browser, key: str) -> tuple[int, dict[str, object]]:
        answer = who.client.post(
            address, headers={"Idempotency-Key": key, "X-CSRFToken": who.token}
        )
        return answer.status_code, answer.get_json()

    key = str(uuid4())
    assert ask(maker, key)[0] == 403
    status, made = ask(second, key)
    assert status == 201, made
    assert ask(second, key) == (200, made)
    assert ask(second, str(uuid4()))[0] == 409
    told = second.get(f"/api/v1/plans/{plan_id}").get_json()["result"]
    assert told["head"]["state"] == "approved"
    assert told["progress"]["waiting"] == len(made["result"]["drafts"])  # type: ignore[index]
    listed = second.get("/api/v1/plans?status=approved").get_json()["result"]
    assert [row["id"] for row in listed] == [plan_id]


def papers(plan_id: int, town: Town, keeper: Browser) -> None:
    """Both papers of the depot's first day, in both forms, with every unit of it."""
    with acting_as(town.people["duyet"]):
        rows = [r for r in plan_view(plan_id).transfers if r.origin == DEPOT]
    day = min(r.day for r in rows)
    units = sum(r.quantity for r in rows if r.day == day)
    address = f"/plans/{plan_id}/carry/{DEPOT}/{day.isoformat()}"
    for which, column in (("pick", "Lấy ra"), ("load", "Số lượng")):
        assert keeper.get(f"{address}/{which}.pdf").data.startswith(b"%PDF")
        book = openpyxl.load_workbook(io.BytesIO(keeper.get(f"{address}/{which}.xlsx").data))
        cells = [[c.value for c in row] for row in book.active.iter_rows()]
        head = next(n for n, row in enumerate(cells) if column in row)
        at = cells[head].index(column)
        assert sum(row[at] for row in cells[head + 1 :] if isinstance(row[at], int)) == units
    # In English litres are written as the quantities beside them: "1.234,5", never "1,234.5".
    keeper.get("/lang/en", headers={"Referer": "/"})
    book = openpyxl.load_workbook(io.BytesIO(keeper.get(f"{address}/load.xlsx").data))
    cells = [[c.value for c in row] for row in book.active.iter_rows()]
    head = next(n for n, row in enumerate(cells) if "Litres" in row)
    litres = [row[cells[head].index("Litres")] for row in cells[head + 1 :]]
    assert any(litres)
    assert all(re.fullmatch(r"\d{1,3}(\.\d{3})*,\d", str(cell)) for cell in litres if cell)
    keeper.get("/lang/vi", headers={"Referer": "/"})
    assert keeper.get(f"{address}/other.pdf").status_code == 404
    assert keeper.get(f"/plans/{plan_id}/carry/{DEPOT}/1999-01-01/pick.pdf").status_code == 404


def quotas(plan_id: int, town: Town, ward: Browser, planner: Browser) -> None:
    """The ward's issue screen knows what the plan allows; the planner sees it counted."""
    place = town.places[SHORT]
    asked = f"/documents/limits?facility={place}&kind=issue"
    limits = ward.get(asked).get_json()["limits"]
    assert {limit["source"] for limit in limits} == {f"kế hoạch phân bổ số {plan_id}"}
    assert all(limit["left"] >= limit["left_to_day"] >= 0 for limit in limits)
    assert ward.get(f"{asked}&day=01/01/2021").get_json()["limits"] == []
    assert ward.get(asked.replace("issue", "receipt")).get_json()["limits"] == []
    assert ward.get(asked.replace(str(place), str(town.places[DEPOT]))).status_code == 404
    words = ward.text(f"/documents/new/issue?facility={place}")
    told = "tính đến ngày của phiếu còn được xuất {left}, đến hết {until} còn {all}"
    assert json.dumps(told)[1:-1] in words
    assert "Hạn mức cấp phát" in planner.text(f"/plans/{plan_id}/carry")


def receive_short(plan_id: int, town: Town) -> None:
    """The depot sends its first draft to the short ward, where one unit arrives broken."""
    with acting_as(town.people["kho_tt"]):
        drafts = inventory.drafts(origin=f"plan:{plan_id}")
    with acting_as(town.people["duyet"]):
        to_ward = {r.draft_id for r in plan_view(plan_id).transfers if r.destination == SHORT}
    with acting_as(town.people["kho_tt"]):
        sent = post_draft(next(d.id for d in drafts if d.id in to_ward))
    with acting_as(town.people["kho_px"]):
        rows = inventory.in_transit().to_dict("records")
        lines = [
            TransferReceiptLine(
                item_code=row["item_code"],
                consignment_id=row["consignment_id"],
                quantity=int(row["quantity"]) - (n == 0),
                lost_quantity=int(n == 0),
            )
            for n, row in enumerate(rows)
            if row["dispatch_id"] == sent.document_id
        ]
        receive_transfer(
            TransferReceipt(
                facility_id=town.places[SHORT],
                follows_id=sent.document_id,
                lines=tuple(lines),
                reason="vỡ khi vận chuyển",
            )
        )


def follows(plan_id: int, job_id: int, town: Town, planner: Browser) -> None:
    """The new plan says what it follows."""
    jobs.run_now(job_id)
    with acting_as(town.people["duyet"]):
        state = jobs.state(job_id)
    assert state.result is not None, state.message
    assert f"/plans/{plan_id}/carry" in planner.text(f"{state.result['url']}/carry")
