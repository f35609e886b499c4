"""Writing a document: what is refused names its line and cell, and nothing is posted twice."""

from __future__ import annotations

import json

import pytest

from tests.web.inventory.conftest import day, goods


def config_of(page: str) -> dict:
    """What the page hands to its script."""
    return json.loads(page.split('id="entry-config"')[1].split(">", 1)[1].split("</script>")[0])


def test_five_lines_come_in_and_three_go_out(client_for, store):
    kho = client_for("kho_px")
    lines = [goods(code, lot_number=code) for code in ("TH001", "TH002", "PH001", "PH002", "PH005")]
    store.receive(kho, "BD-TYT-01", *lines)
    out = [{"item_code": c, "quantity": "1.000"} for c in ("TH001", "PH001", "PH005")]
    answer = kho.send("/documents/new/issue", store.form("BD-TYT-01", *out))
    assert answer.status_code == 200
    assert answer.json["label"].startswith("PX-")
    assert store.on_hand("BD-TYT-01", "PH001") == 1000
    assert store.on_hand("BD-TYT-01", "TH002") == 2000


def test_packs_are_counted_in_units(client_for, store):
    kho = client_for("kho_px")
    pack = store.one(
        "SELECT p.id FROM item_pack p JOIN item i ON i.id = p.item_id"
        " WHERE i.code = 'TH001' AND units_per_pack = 100"
    )
    store.receive(kho, "BD-TYT-01", goods(quantity="5", pack_id=str(pack), unit_price_vnd="35.000"))
    assert store.on_hand("BD-TYT-01") == 500
    assert store.one("SELECT sum(amount_vnd) FROM balance") == 175_000


BAD_LINES = {
    "unknown item": (goods("KHONGCO"), "item_code"),
    "no item": (goods(""), "item_code"),
    "comma decimal": (goods(quantity="1,5"), "quantity"),
    "zero": (goods(quantity="0"), "quantity"),
    "negative": (goods(quantity="-5"), "quantity"),
    "words": (goods(quantity="hai"), "quantity"),
    "blank": (goods(quantity=""), "quantity"),
    "31/02": (goods(expiry="31/02/2027"), "expiry"),
    "expired": (goods(expiry=day(-1)), "expiry"),
    "no fund": (goods(fund_code=""), "fund_code"),
    "unknown fund": (goods(fund_code="XYZ"), "fund_code"),
    "no price": (goods(unit_price_vnd=""), "unit_price_vnd"),
    "price with decimals": (goods(unit_price_vnd="1.000,5"), "unit_price_vnd"),
    "pack that is no key": (goods(pack_id="abc"), "pack_id"),
    "long lot": (goods(lot_number="L" * 60), "lot_number"),
    "expiry without lot": (goods(lot_number=""), "lot_number"),
}


@pytest.mark.parametrize("what", BAD_LINES)
def test_a_bad_line_is_named_with_its_cell(client_for, store, refused, what):
    line, field = BAD_LINES[what]
    faults = refused(client_for("kho_px"), "receipt", store.form("BD-TYT-01", goods("PH001"), line))
    assert [(f["line"], f["field"]) for f in faults] == [(2, field)]
    assert faults[0]["message"]


def test_all_faults_are_told_at_once_in_the_language_of_the_reader(client_for, store, refused):
    kho = client_for("kho_px")
    form = store.form(
        "BD-TYT-01", goods(quantity="x"), goods(expiry="99/99/2027"), happened_on="31/02/2022"
    )
    faults = refused(kho, "receipt", form)
    assert {(f["line"], f["field"]) for f in faults} == {
        (None, "happened_on"),
        (1, "quantity"),
        (2, "expiry"),
    }
    assert "không phải là số" in next(f for f in faults if f["line"] == 1)["message"]
    kho.get("/lang/en")
    faults = refused(kho, "receipt", form)
    assert "is not a number" in next(f for f in faults if f["line"] == 1)["message"]


def test_a_unit_of_another_item_is_refused(client_for, store, refused):
    pack = store.one(
        "SELECT p.id FROM item_pack p JOIN item i ON i.id = p.item_id WHERE i.code = 'PH001' LIMIT 1"
    )
    form = store.form("BD-TYT-01", goods(pack_id=str(pack)))
    faults = refused(client_for("kho_px"), "receipt", form)
    assert [(f["line"], f["field"]) for f in faults] == [(1, "pack_id")]


def test_more_than_there_is_says_how_much_is_left(client_for, store, refused):
    kho = client_for("kho_px")
    store.receive(kho, "BD-TYT-01", goods(quantity="120"))
    form = store.form("BD-TYT-01", {"item_code": "TH001", "quantity": "200"})
    faults = refused(kho, "issue", form, 409)
    assert [(f["line"], f["field"]) for f in faults] == [(1, "quantity")]
    assert "còn 120 viên, cần 200" in faults[0]["message"]


def test_the_head_is_checked(client_for, store, refused):
    kho = client_for("kho_px")
    assert refused(kho, "receipt", store.form("BD-TYT-01"))[0]["field"] == "lines"
    tomorrow = store.form("BD-TYT-01", goods(), happened_on=day(1))
    assert refused(kho, "receipt", tomorrow)[0]["field"] == "happened_on"
    keyless = store.form("BD-TYT-01", goods(), client_key="")
    assert refused(kho, "receipt", keyless)[0]["field"] == "client_key"
    send = store.form("BD-TYT-01", {"item_code": "TH001", "quantity": "1"})
    assert refused(kho, "transfer_dispatch", send)[0]["field"] == "counterpart_facility"
    assert refused(kho, "adjustment", send | {"lines": [goods(direction="in")]})


def test_too_much_is_refused_and_nothing_changes(client_for, store, refused):
    kho = client_for("kho_px")
    many = store.form("BD-TYT-01", *[goods()] * 10_000)
    faults = refused(kho, "receipt", many, 413, 422)
    assert "10.000 dòng" in faults[0]["message"]
    refused(kho, "receipt", store.form("BD-TYT-01", goods(), note="x" * 5_000_000), 413, 422)
    refused(kho, "receipt", store.form("BD-TYT-01", goods(), note="x" * 3_000_000), 413, 422)
    answer = kho.send("/documents/drafts/save/receipt", many)
    assert answer.status_code in (413, 422)
    assert store.one("SELECT count(*) FROM draft") == 0


@pytest.mark.parametrize("body", ["", "[]", "{", "null", '{"lines": 5}', '{"lines": [1]}'])
def test_what_is_no_form_is_refused(client_for, store, body):
    kho = client_for("kho_px")
    answer = kho.client.post(
        "/documents/new/receipt",
        data=body,
        content_type="application/json",
        headers={"X-CSRFToken": kho.token, "Accept": "application/json"},
    )
    assert answer.status_code == 422
    assert store.documents() == 0


def test_without_its_token_nothing_is_posted(client_for, store):
    kho = client_for("kho_px")
    answer = kho.client.post("/documents/new/receipt", json=store.form("BD-TYT-01", goods()))
    assert answer.status_code == 400
    assert store.documents() == 0
    document = store.receive(kho, "BD-TYT-01")
    for url in (f"/documents/{document}/reverse", "/documents/drafts/1/discard"):
        assert kho.client.post(url, data={"reason": "x"}).status_code == 400
    assert store.documents() == 1


def test_the_same_form_sent_again_is_one_document(client_for, store, refused):
    kho = client_for("kho_px")
    form = store.form("BD-TYT-01", goods())
    first = kho.send("/documents/new/receipt", form)
    again = kho.send("/documents/new/receipt", form)
    assert again.status_code == 200
    assert again.json["document_id"] == first.json["document_id"]
    assert again.json["replayed"] is True
    assert store.documents() == 1
    refused(kho, "receipt", form | {"lines": [goods(quantity="1")]}, 409)


def test_a_draft_waits_and_is_posted_once(client_for, store):
    kho = client_for("kho_px")
    form = store.form("BD-TYT-01", goods(), goods("PH001", ""), note="Đang kiểm")
    saved = kho.send("/documents/drafts/save/receipt", form)
    assert saved.status_code == 200, saved.text
    draft = saved.json["draft_id"]
    assert store.documents() == 0
    assert f"/documents/drafts/{draft}" in kho.text("/documents/drafts/")
    config = config_of(kho.text(f"/documents/drafts/{draft}"))
    form_shown = config["form"]
    assert config["items"]["PH001"]["name"] == "Khẩu trang y tế 3 lớp"
    assert form_shown["lines"][0]["quantity"] == "2.000"
    assert form_shown["lines"][1]["quantity"] == ""
    assert form_shown["note"] == "Đang kiểm"
    assert form_shown["client_key"] == form["client_key"]
    done = form | {"lines": [goods(), goods("PH001", "10")], "draft_id": draft}
    assert kho.send("/documents/drafts/save/receipt", done).json["draft_id"] == draft
    posted = kho.send("/documents/new/receipt", done)
    assert posted.status_code == 200, posted.text
    lost = kho.send("/documents/new/receipt", done)
    assert lost.json["document_id"] == posted.json["document_id"]
    assert store.documents() == 1
    assert "Không có phiếu nháp" in kho.text("/documents/drafts/")
    assert (
        kho.get(f"/documents/drafts/{draft}")
        .headers["Location"]
        .endswith(f"/documents/{posted.json['document_id']}")
    )
    edited = done | {"lines": [goods(quantity="7")]}
    assert kho.send("/documents/new/receipt", edited).status_code == 409


def test_a_draft_of_a_plan_keeps_its_origin(client_for, store, people):
    kho = client_for("kho_px")
    store.receive(kho, "BD-TYT-01")
    store.change(
        "INSERT INTO draft (facility_id, kind, payload, origin, created_by) VALUES"
        " (:place, 'transfer_dispatch', CAST(:payload AS jsonb), 'plan:17', :who)",
        place=store.places["BD-TYT-01"],
        who=people["kehoach"],
        payload=json.dumps(
            {
                "kind": "transfer_dispatch",
                "counterpart_facility_id": store.places["BD-TYT-02"],
                "lines": [{"item": "TH001", "quantity": 100}],
            }
        ),
    )
    draft = store.one("SELECT id FROM draft")
    assert "Kế hoạch phân bổ 17" in kho.text("/documents/drafts/")
    assert "kế hoạch phân bổ số 17" in kho.text(f"/documents/drafts/{draft}")
    form = store.form(
        "BD-TYT-01",
        {"item_code": "TH001", "quantity": "100"},
        counterpart_facility_id=str(store.places["BD-TYT-02"]),
        draft_id=draft,
    )
    answer = kho.send("/documents/new/transfer_dispatch", form)
    assert answer.status_code == 200, answer.text
    assert store.one("SELECT origin FROM document WHERE kind = 'transfer_dispatch'") == "plan:17"
    assert store.one("SELECT count(*) FROM draft WHERE posted_document_id IS NULL") == 0


def test_a_draft_is_thrown_away(client_for, store):
    kho = client_for("kho_px")
    draft = kho.send("/documents/drafts/save/issue", store.form("BD-TYT-01", goods())).json
    answer = kho.submit(f"/documents/drafts/{draft['draft_id']}/discard")
    assert answer.status_code == 302
    assert store.one("SELECT count(*) FROM draft") == 0


def test_goods_travel_from_store_to_store(client_for, store):
    sender, receiver = client_for("kho_px"), client_for("kho_tb")
    store.receive(sender, "BD-TYT-01")
    form = store.form(
        "BD-TYT-01",
        {"item_code": "TH001", "quantity": "300"},
        counterpart_facility_id=str(store.places["BD-TYT-02"]),
    )
    dispatch = sender.send("/documents/new/transfer_dispatch", form).json["document_id"]
    assert "Nhận hàng" in receiver.text(f"/documents/{dispatch}")
    page = receiver.text(f"/documents/new/transfer_receipt?dispatch={dispatch}")
    assert config_of(page)["form"]["lines"][0]["on_way"] == 300
    lines = receiver.get(f"/documents/arrivals/{dispatch}").json["lines"]
    assert lines[0]["quantity"] == "300"
    arrived = store.form(
        "BD-TYT-02",
        lines[0] | {"quantity": "290", "lost_quantity": "10"},
        follows_id=str(dispatch),
        reason="Vỡ khi vận chuyển",
    )
    answer = receiver.send("/documents/new/transfer_receipt", arrived)
    assert answer.status_code == 200, answer.text
    assert store.on_hand("BD-TYT-02") == 290
    assert "Theo phiếu chuyển" in receiver.text(f"/documents/{answer.json['document_id']}")
    assert "Nhận hàng" not in receiver.text(f"/documents/{dispatch}")


def test_a_draft_whose_answer_was_lost_is_not_kept_twice(client_for, store):
    kho = client_for("kho_px")
    form = store.form("BD-TYT-01", goods())
    first = kho.send("/documents/drafts/save/receipt", form).json["draft_id"]
    assert kho.send("/documents/drafts/save/receipt", form).json["draft_id"] == first
    assert kho.send("/documents/new/receipt", form).status_code == 200
    assert store.one("SELECT count(*) FROM draft WHERE posted_document_id IS NULL") == 0
    assert store.documents() == 1


def test_a_scanned_code_finds_its_item(client_for, store):
    kho = client_for("kho_px")
    store.change(
        "UPDATE item_pack SET gtin = '08934567890123' WHERE id = (SELECT min(p.id) FROM item_pack p"
        " JOIN item i ON i.id = p.item_id WHERE i.code = 'PH001')"
    )
    place = store.places["BD-TYT-01"]
    for scanned in ("08934567890123", "8934567890123"):
        found = kho.get(f"/documents/items?facility={place}&q={scanned}").json["items"]
        assert [item["code"] for item in found] == ["PH001"]
