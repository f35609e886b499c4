"""Documents by other programs: posted once, paged stably, refused by line and field."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.conftest import PASSWORD
from tests.web.api.conftest import Program, day


def test_the_same_key_posts_once_and_says_what_was_posted_then(depot, keeper):
    key, body = str(uuid4()), depot.receipt()
    first = keeper.send("/documents", body, key)
    assert first.status_code == 201, first.text
    held = depot.on_hand()
    again = keeper.send("/documents", body, key)
    assert again.status_code == 200
    assert again.json["result"] | {"replayed": False} == first.json["result"]
    assert depot.on_hand() == held
    other = keeper.send("/documents", depot.receipt(note="khác"), key)
    assert other.status_code == 409
    assert other.json["type"] == "urn:supply:key_reused"
    assert depot.on_hand() == held


def test_a_retry_that_overtakes_its_first_sending_posts_once(depot, keeper):
    key, body, held = str(uuid4()), depot.receipt(), depot.on_hand()

    def send(_n: int) -> int:
        mine = Program(depot.app.test_client(), keeper.key)
        return mine.send("/documents", body, key).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(send, range(4)))
    assert statuses == [200, 200, 200, 201]
    assert depot.on_hand() == held + 2000


def test_a_document_is_read_as_it_was_posted_and_undone_once(depot, keeper, posted):
    held = depot.on_hand()
    got = posted(depot.receipt())
    seen = keeper.found(f"/documents/{got['document_id']}")
    assert (seen["label"], seen["hash"]) == (got["label"], got["hash"])
    assert [(x["item"], x["fund"], x["quantity"], x["to"]) for x in seen["lines"]] == [
        ("TH001", "NSTP", 2000, "store")
    ]
    path, key = f"/documents/{got['document_id']}/reversal", str(uuid4())
    assert keeper.send(path, {}, key).status_code == 422
    undone = keeper.send(path, {"reason": "Nhập nhầm"}, key)
    assert undone.status_code == 201, undone.text
    assert keeper.send(path, {"reason": "Nhập nhầm"}, key).status_code == 200
    assert keeper.send(path, {"reason": "Nhập nhầm"}).status_code == 409
    assert depot.on_hand() == held
    assert keeper.found(f"/documents/{got['document_id']}")["reversed_by_id"]


@pytest.mark.parametrize(
    ("change", "line", "field"),
    [
        ({"quantity": "5"}, 1, "quantity"),
        ({"quantity": 1.0}, 1, "quantity"),
        ({"quantity": True}, 1, "quantity"),
        ({"quantity": -1}, 1, "quantity"),
        ({"quantity": 10**30}, 1, "quantity"),
        ({"item": "KHONG-CO"}, 1, "item"),
        ({"item": "a\x00b"}, 1, "item"),
        ({"item": "\ud800"}, 1, "item"),
        ({"lot": "L1"}, 1, "lot"),
        ({"fund": "KHONG"}, 1, "fund"),
        ({"expiry": "31/01/2026"}, 1, "expiry"),
        ({"expiry": "2026-02-30"}, 1, "expiry"),
        ({"pack_id": 2**31}, 1, "pack_id"),
    ],
)
def test_a_fault_names_its_line_and_field_and_changes_nothing(depot, keeper, change, line, field):
    body = depot.receipt()
    body["lines"][0] |= change
    before = depot.one("SELECT count(*) FROM document")
    answer = keeper.call(
        "POST", "/documents", data=json.dumps(body), content_type="application/json",
        headers={"Idempotency-Key": str(uuid4())},
    )  # fmt: skip
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    assert (line, field) in {(f["line"], f["field"]) for f in answer.json["faults"]}
    assert depot.one("SELECT count(*) FROM document") == before


@pytest.mark.parametrize(
    "head",
    [
        {"facility_id": 2**31},
        {"facility_id": "1"},
        {"kind": "gift"},
        {"kind": None},
        {"kind": ["receipt"]},
        {"lines": {}},
        {"lines": [None]},
        {"lines": []},
        {"note": "x" * 2001},
        {"client_key": str(uuid4())},
        {"details": {"a": "\ud800"}},
        {"happened_on": day(3)},
    ],
)
def test_a_fault_of_the_head_is_named(depot, keeper, head):
    answer = keeper.send("/documents", depot.receipt(**head))
    assert answer.status_code == 422, answer.text
    assert {f["field"] for f in answer.json["faults"]} & {*head}


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b'{"kind": "issue", "kind": "receipt"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"details":' + b'{"a":' * 900 + b"1" + b"}" * 901, "application/json", 422),
        (b"1" * 5000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b" " * 5_000_000, "application/json", 413),
    ],
)
def test_what_is_no_document_at_all_is_refused_in_words(keeper, content, kind, status):
    headers = {"Idempotency-Key": str(uuid4()), "Accept-Language": "en"}
    answer = keeper.call("POST", "/documents", data=content, content_type=kind, headers=headers)
    assert answer.status_code == status, answer.text[:300]
    assert answer.json["title"].isascii()


def test_errors_and_names_come_in_the_language_asked_for(depot, keeper):
    vi = keeper.send("/documents", {"kind": "issue"}, None)
    en = keeper.call(
        "POST", "/documents", json={"kind": "issue"},
        headers={"Accept-Language": "en-GB,en;q=0.9", "Idempotency-Key": str(uuid4())},
    )  # fmt: skip
    assert vi.json["faults"][0]["message"] == "Thiếu mục này."
    assert en.json["faults"][0]["message"] == "This field is missing."
    assert (vi.headers["Content-Language"], en.headers["Content-Language"]) == ("vi", "en")


def test_a_key_of_idempotency_is_asked_for(depot, keeper):
    for headers in ({}, {"Idempotency-Key": "1"}):
        answer = keeper.call("POST", "/documents", json=depot.receipt(), headers=headers)
        assert answer.status_code == 422
        assert answer.json["faults"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("path", ["documents?limt=5", "documents?limit=0", "documents?limit=x",
    "documents?limit=5&limit=6", "documents?after=zzz", "stock?on=hôm nay", "stock?show=all&q=%00",
    "items?category=x", "stock?facility=99999999999999999999", "lots?after=W10.abc"])  # fmt: skip
def test_a_misspelt_question_is_refused_not_overlooked(keeper, path):
    answer = keeper.get(f"/{path}")
    assert answer.status_code == 422, answer.text
    assert answer.json["faults"]


def test_an_after_of_another_list_is_refused(depot, keeper, posted):
    for _ in range(3):
        posted(depot.issue(1) if depot.on_hand() > 5 else depot.receipt())
    after = keeper.get("/documents?limit=1").json["next_after"]
    assert after
    assert keeper.get("/drafts", query_string={"after": after}).status_code == 422
    assert keeper.get("/stock", query_string={"after": after}).status_code == 422
    assert keeper.get("/documents", query_string={"after": after[:-2]}).status_code == 422


def test_pages_stay_what_they_were_while_documents_are_added(depot, keeper, posted):
    posted(depot.receipt())
    for _ in range(6):
        posted(depot.issue(1))
    whole = [d["id"] for d in keeper.found("/documents?limit=500")]
    seen, after = [], None
    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        got = keeper.get("/documents", query_string=query).json
        seen += [d["id"] for d in got["result"]]
        after = got["next_after"]
        if after is None:
            break
        posted(depot.issue(1))  # newer than every page: moves none of them
    assert seen == whole


def test_stock_is_paged_by_key_and_adds_up(depot, keeper, posted):
    line = {
        "quantity": 5,
        "fund": "NSTP",
        "unit_price_vnd": 1,
        "lot_number": "P1",
        "expiry": day(90),
    }
    codes = [i["item"] for i in keeper.found("/items?limit=5")]
    posted(depot.receipt("BD-TYT-01", *[{"item": c} | line for c in codes]))
    whole = keeper.found("/stock?limit=500")
    seen, after = [], None
    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        got = keeper.get("/stock", query_string=query).json
        seen += got["result"]
        after = got["next_after"]
        if after is None:
            break
    assert seen == whole
    assert sum(r["quantity"] for r in whole) == depot.on_hand()
    lots = keeper.found("/lots?limit=500&place=store")
    assert sum(r["quantity"] for r in lots) == depot.on_hand()
    card = keeper.found(f"/stock-card/{depot.places['BD-TYT-01']}/TH001")
    moved = sum(x["quantity_in"] - x["quantity_out"] for x in card["lines"])
    assert card["opening"] + moved == card["closing"]


def test_another_facilitys_documents_drafts_and_stock_are_not_found(depot, keeper, posted):
    document = posted(depot.receipt())["document_id"]
    draft = keeper.send("/drafts", depot.issue()).json["result"]["id"]
    place = depot.places["BD-TYT-01"]
    stranger = depot.program("kho_tb")
    for path in (
        f"/documents/{document}", f"/drafts/{draft}", f"/stock?facility={place}",
        f"/stock-card/{place}/TH001", f"/documents/{document}/attachments",
        f"/drafts/{draft}/attachments", f"/lots?facility={place}",
        "/documents/99999999999999999999", "/documents/0", "/documents/x", "/items/khong",
    ):  # fmt: skip
        assert stranger.get(path).status_code == 404, path
    assert stranger.found("/documents") == []
    assert stranger.found("/lots") == []
    held = depot.on_hand()
    assert stranger.send("/documents", depot.issue()).status_code == 403
    assert stranger.send("/drafts", depot.issue()).status_code == 403
    assert stranger.send(f"/drafts/{draft}/post", None).status_code == 404
    assert stranger.call("DELETE", f"/drafts/{draft}").status_code == 404
    assert stranger.call("PUT", f"/drafts/{draft}", json=depot.issue()).status_code == 404
    assert stranger.send(f"/documents/{document}/reversal", {"reason": "x"}).status_code == 404
    assert depot.on_hand() == held


def test_a_draft_is_kept_changed_posted_once_and_then_left_alone(depot, keeper, posted):
    posted(depot.receipt())
    key = str(uuid4())
    bare = {"kind": "issue", "facility_id": depot.places["BD-TYT-01"]}
    made = keeper.send("/drafts", bare, key)
    assert made.status_code == 201, made.text
    assert keeper.send("/drafts", bare, key).status_code == 200
    assert keeper.send("/drafts", bare | {"note": "khác"}, key).status_code == 409
    draft = made.json["result"]["id"]
    assert keeper.send(f"/drafts/{draft}/post", None).status_code == 422
    whole = depot.issue(7, note="Phòng khám")
    changed = keeper.call("PUT", f"/drafts/{draft}", json=whole)
    assert changed.json["result"]["document"] == whole
    assert draft in [d["id"] for d in keeper.found("/drafts")]
    held = depot.on_hand()
    first = keeper.send(f"/drafts/{draft}/post", None)
    assert first.status_code == 201, first.text
    again = keeper.send(f"/drafts/{draft}/post", None)
    assert again.status_code == 200
    assert again.json["result"]["document_id"] == first.json["result"]["document_id"]
    assert depot.on_hand() == held - 7
    assert keeper.call("DELETE", f"/drafts/{draft}").status_code == 409
    assert keeper.call("PUT", f"/drafts/{draft}", json=whole).status_code == 409
    thrown = keeper.send("/drafts", bare).json["result"]["id"]
    assert keeper.call("DELETE", f"/drafts/{thrown}").status_code == 204
    assert keeper.get(f"/drafts/{thrown}").status_code == 404


def test_a_token_and_a_page_of_ours_may_ask_too_but_only_with_the_pages_token(depot):
    client = depot.app.test_client()
    signed = client.post(
        "/api/v1/security/login",
        json={"username": "kho_px", "password": PASSWORD, "provider": "db"},
    )
    token = Program(depot.app.test_client(), signed.json["access_token"])
    assert [f["code"] for f in token.found("/facilities")] == ["BD-TYT-01"]
    assert token.send("/documents", depot.receipt()).status_code == 201
    assert (
        Program(depot.app.test_client(), signed.json["access_token"][:-3]).get("/stock").status_code
        == 401
    )


def test_a_method_that_is_not_there_names_those_that_are(keeper):
    answer = keeper.call("DELETE", "/documents")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert answer.mimetype == "application/problem+json"
    assert keeper.get("/nothing").status_code == 404
