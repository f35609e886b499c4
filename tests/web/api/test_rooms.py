"""The rooms around the ledger, by other programs: one thread through each of them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.web.api.conftest import TODAY, Depot, Program, day


@pytest.fixture(scope="module")
def store(depot: Depot) -> Program:
    """The program of the medical centre's depot, with goods in its store."""
    program = depot.program("kho_tt")
    assert program.send("/documents", depot.receipt("BD-TTYT")).status_code == 201
    return program


def taken(answer, status: int = 200):
    assert answer.status_code == status, answer.text
    return answer.json["result"]


def test_a_ward_asks_the_depot_approves_in_part_and_the_goods_arrive(depot, keeper, store):
    asked = {
        "facility_id": depot.places["BD-TYT-01"],
        "asked_id": depot.places["BD-TTYT"],
        "lines": [{"item": "TH001", "quantity": 100}],
    }
    key = str(uuid4())
    sent = taken(keeper.send("/requisitions", asked, key), 201)
    number = sent["head"]["id"]
    assert taken(keeper.send("/requisitions", asked, key), 201)["head"]["id"] == number
    assert number in [r["id"] for r in store.found("/requisitions?show=to_decide")]
    (told,) = store.found(f"/requisitions/{number}/figures")
    assert (told["on_hand"], told["free"]) == (depot.on_hand(), depot.on_hand("BD-TTYT"))
    part = {"lines": [{"line": 1, "quantity": 60, "reason": "Không đủ tồn"}]}
    assert keeper.send(f"/requisitions/{number}/approval", part).status_code == 403
    decided = taken(store.send(f"/requisitions/{number}/approval", part))
    assert decided["lines"][0]["approved"] == 60
    assert store.send(f"/requisitions/{number}/approval", part).status_code == 409
    draft = decided["drafts"][0]["id"]
    dispatch = taken(store.send(f"/drafts/{draft}/post", None), 201)["document_id"]
    arrival = {
        "kind": "transfer_receipt",
        "facility_id": depot.places["BD-TYT-01"],
        "follows_id": dispatch,
    }
    held = depot.on_hand()
    taken(keeper.send("/documents", arrival), 201)
    assert depot.on_hand() == held + 60
    assert keeper.found(f"/requisitions/{number}")["head"]["status"] == "received"


def test_a_store_is_counted_blind_and_resolved_by_one_adjustment(depot, keeper, posted):
    posted(depot.receipt())
    place = depot.places["BD-TYT-01"]
    wanted = {"facility_id": place, "counted_on": TODAY.isoformat(), "scope": "all"}
    count = taken(keeper.send("/counts", wanted), 201)["head"]["id"]
    sheet = keeper.found(f"/counts/{count}/sheet")
    assert not {"book", "book_quantity"} & sheet[0].keys()
    assert keeper.get(f"/counts/{count}/comparison").status_code == 409
    held = depot.on_hand()
    lines = [
        {"line_id": line["id"], "quantity": depot.book(place, line) - (5 if n == 0 else 0)}
        for n, line in enumerate(sheet)
    ]
    taken(keeper.send(f"/counts/{count}/tallies", {"lines": lines}))
    taken(keeper.send(f"/counts/{count}/comparing", None))
    seen = keeper.found(f"/counts/{count}/comparison")
    assert sorted(line["difference"] for line in seen["lines"])[0] == -5
    resolution = {
        "head": {"name": "Trần Văn A", "title": "Trưởng trạm"},
        "members": [{"name": "Lê Thị B", "title": "Thủ kho"}],
        "book_seen": seen["book_seen"],
        "reason": "count",
    }
    done = taken(keeper.send(f"/counts/{count}/resolution", resolution))
    assert done["head"]["state"] == "resolved"
    assert depot.on_hand() == held - 5


def test_a_lot_is_recalled_answered_and_set_aside(depot, keeper, posted):
    posted(depot.receipt())
    planner = depot.program("kehoach")
    lot = next(x for x in keeper.found("/lots?item=TH001") if x["lot_number"] == "LO1")
    district = depot.one("SELECT id FROM district WHERE slug = 'ba-dinh'")
    recall = {
        "lot_id": lot["lot_id"],
        "reason": "Thuốc không đạt chất lượng",
        "recall_class": "2",
        "district_id": district,
    }
    assert keeper.send("/recalls", recall).status_code == 403
    started = taken(planner.send("/recalls", recall), 201)["head"]["id"]
    refused = keeper.send("/documents", depot.issue(1))
    assert refused.status_code == 409, refused.text
    body = {"facility_id": depot.places["BD-TYT-01"], "comment": "Đã biệt trữ"}
    answered = taken(keeper.send(f"/recalls/{started}/answers", body))
    mine = next(h for h in answered["holders"] if h["facility_code"] == "BD-TYT-01")
    assert mine["held"] == 0
    assert mine["answer"]["comment"] == "Đã biệt trữ"
    aside = keeper.found("/quarantine")
    assert [row["goods"]["lot_number"] for row in aside] == ["LO1"]

    at = f"/recalls/{started}/closing"
    ended = {"outcome": "destroyed", "note": "Tiêu hủy theo biên bản", "paper_reference": "BB01"}
    assert keeper.send(at, ended).status_code == 403
    assert planner.send(at, {"outcome": "lost"}).status_code == 422
    # The depot and the ward it sent goods to hold some of the lot as well.
    others = [h for h in planner.found(f"/recalls/{started}")["holders"] if h["held"]]
    assert planner.send(at, ended).status_code == (409 if others else 200)
    for holder in others:
        body = {"facility_id": holder["facility_id"]}
        taken(depot.program("kho_tt").send(f"/recalls/{started}/answers", body))
    closed = taken(planner.send(at, ended)) if others else planner.found(f"/recalls/{started}")
    assert closed["head"]["outcome"] == "destroyed"
    assert planner.send(at, ended).status_code == 409
    assert closed["head"]["is_blocked"]
    lifted = taken(planner.send(f"/recalls/{started}/lifting", {"note": "Kết luận đạt"}))
    assert not lifted["head"]["is_blocked"]


def test_a_loan_is_promised_made_regular_in_part_and_the_rest_given_back(depot, keeper, posted):
    lot = {"item": "PH001", "lot_number": "", "quantity": 50, "fund": "NSTP", "unit_price_vnd": 900}
    borrowed = posted(depot.receipt("BD-TYT-01", lot, purpose="borrowed"))["document_id"]
    assert keeper.found(f"/loans/{borrowed}")["lines"][0]["owed"] == 50
    due = {"due_on": day(30), "note": "Hẹn qua điện thoại"}
    assert taken(keeper.send(f"/loans/{borrowed}/due", due))["due_on"] == day(30)
    paper, key = {"item": "PH001", "quantity": 20, "paper_reference": "QĐ 12"}, str(uuid4())
    for _ in range(2):  # the same key adds nothing
        seen = taken(keeper.send(f"/loans/{borrowed}/regularisations", paper, key))
        assert seen["lines"][0]["owed"] == 30
    at = f"/loans/{borrowed}/returns"
    assert keeper.send(at, {"lines": [{"item": "PH001", "quantity": 31}]}).status_code == 422
    twice = {"lines": [{"item": "PH001", "quantity": 1}] * 2}
    assert keeper.send(at, twice).status_code == 422
    over = taken(keeper.send(at, {"lines": [{"item": "PH001", "quantity": 30}]}))
    assert (over["lines"][0]["owed"], over["is_open"]) == (0, False)
    assert len(over["settlements"]) == 2


def test_average_use_is_handed_out_of_the_stores_in_scope(depot, keeper, posted):
    masks = {
        "item": "VT001",
        "lot_number": "",
        "quantity": 100,
        "fund": "NSTP",
        "unit_price_vnd": 9,
    }
    posted(depot.receipt("BD-TYT-01", masks, happened_on=day(-40)))
    used = [{"item": "VT001", "quantity": 40}]
    posted({"kind": "issue", "facility_id": depot.places["BD-TYT-01"], "lines": used,
            "happened_on": day(-10)})  # fmt: skip
    (row,) = keeper.found("/average-use?item=VT001")
    assert (row["facility"], row["consumed"], row["amc"]) == ("BD-TYT-01", 40, 30.0)
    assert keeper.get(f"/average-use?facility={depot.places['BD-TTYT']}").status_code == 404
    assert depot.program("kehoach").found("/average-use?item=VT001") == [row]


def test_the_lists_of_the_other_rooms_answer(depot, keeper):
    place = depot.places["BD-TYT-01"]
    kits = keeper.found("/kits")
    assert kits
    assert {k["kit"]["code"] for k in keeper.found(f"/facilities/{place}/kits")} == {
        k["code"] for k in kits
    }
    assert keeper.found("/oxygen")[0]["facility_id"] == place
    said = {"facility_id": place, "severe_patients": 2, "critical_patients": 1}
    assert taken(keeper.send("/oxygen-flows", said), 201)["litres_per_minute"] > 0
    assert all(not loan["is_open"] for loan in keeper.found("/loans?settled=true"))
    for row in keeper.found("/movement"):
        moved = row["incoming"]["quantity"] - row["outgoing"]["quantity"]
        assert row["opening"]["quantity"] + moved == row["closing"]["quantity"]
    assert keeper.found("/periods")[0]["facility_id"] == place
    assert keeper.send(f"/facilities/{place}/reopening", {"reason": "x"}).status_code == 403
    assert keeper.send(f"/facilities/{place}/closing", {"through": TODAY.isoformat()}).status_code in {409, 422}  # fmt: skip
