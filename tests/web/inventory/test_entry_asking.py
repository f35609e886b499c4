"""What the entry screen asks: scans, pasted texts, lots, templates, copies. Others' stores stay closed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.web.inventory.conftest import day, goods
from tests.web.inventory.test_entry import config_of

GTIN = "08931234567897"


def ask(kho: Any, store: Any, where: str, at: str = "BD-TYT-01", **body: Any) -> Any:
    return kho.send(f"/documents/{where}", {"facility_id": str(store.places[at]), **body})


def test_an_unknown_code_is_learned_once_and_then_known_to_everybody(client_for, store):
    kho = client_for("kho_px")
    text = f"01{GTIN}10AB12\x1d17281231"
    first = ask(kho, store, "scan", kind="receipt", text=text).json
    assert first["item"] is None
    assert first["scan"]["code"] == GTIN
    pack = store.one(
        "SELECT p.id FROM item_pack p JOIN item i ON i.id = p.item_id"
        " WHERE i.code = 'TH001' AND p.units_per_pack = 100"
    )
    taught = kho.send("/documents/codes", {"code": GTIN, "item_code": "TH001", "pack_id": pack})
    assert taught.status_code == 200, taught.text
    other = client_for("kho_tb")
    found = ask(other, store, "scan", "BD-TYT-02", kind="issue", text=text).json
    assert (found["item"]["code"], found["pack_id"]) == ("TH001", pack)
    assert (found["scan"]["lot_number"], found["scan"]["expiry"]) == ("AB12", "31/12/2028")
    kho.send("/documents/codes", {"code": GTIN, "item_code": "PH001", "pack_id": ""})
    assert ask(kho, store, "scan", kind="receipt", text=GTIN).json["item"]["code"] == "PH001"


def test_a_packs_own_gtin_comes_before_what_was_learned(client_for, store):
    kho = client_for("kho_px")
    kho.send("/documents/codes", {"code": GTIN, "item_code": "PH001", "pack_id": ""})
    store.change(
        "UPDATE item_pack SET gtin = :gtin WHERE id = (SELECT min(p.id) FROM item_pack p"
        " JOIN item i ON i.id = p.item_id WHERE i.code = 'TH001')",
        gtin=GTIN,
    )
    assert ask(kho, store, "scan", kind="receipt", text=GTIN[1:]).json["item"]["code"] == "TH001"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"code": GTIN[:-1] + "0", "item_code": "TH001"}, "scan"),
        ({"code": GTIN, "item_code": "KHONGCO"}, "item_code"),
        ({"code": GTIN, "item_code": "TH001", "pack_id": "other"}, None),
        ({"code": "", "item_code": "TH001"}, "scan"),
    ],
)
def test_what_cannot_be_learned_is_refused(client_for, store, body, field):
    kho = client_for("kho_px")
    answer = kho.send("/documents/codes", body)
    if field is None:  # a pack that is no key is no pack
        assert answer.status_code == 200
        return
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == field
    assert store.one("SELECT count(*) FROM learned_code") == 0


def test_a_pack_of_another_item_is_not_learned(client_for, store):
    kho = client_for("kho_px")
    pack = store.one(
        "SELECT p.id FROM item_pack p JOIN item i ON i.id = p.item_id WHERE i.code = 'PH001' LIMIT 1"
    )
    answer = kho.send("/documents/codes", {"code": GTIN, "item_code": "TH001", "pack_id": pack})
    assert answer.status_code == 422
    assert store.one("SELECT count(*) FROM learned_code") == 0


def test_a_scanner_that_drops_the_separator_is_cut_at_a_known_lot(client_for, store):
    kho = client_for("kho_px")
    store.receive(kho, "BD-TYT-01", goods(lot_number="LO7"))
    kho.send("/documents/codes", {"code": GTIN, "item_code": "TH001", "pack_id": ""})
    found = ask(kho, store, "scan", kind="issue", text=f"01{GTIN}10LO721SER99").json["scan"]
    assert (found["lot_number"], found["serial"], found["guessed"]) == ("LO7", "SER99", True)


def test_pasted_texts_are_known_by_code_gtin_or_whole_name(client_for, store):
    kho = client_for("kho_px")
    words = ["th001", "khau trang y te 3 lop", "Paracetamol", "KHÔNG CÓ"]
    answer = ask(kho, store, "resolve", kind="receipt", words=words).json
    assert answer["codes"] == {"th001": "TH001", "khau trang y te 3 lop": "PH001"}
    assert answer["items"]["PH001"]["unit"] == "chiếc"


def test_the_last_receipt_is_proposed(client_for, store):
    kho = client_for("kho_px")
    store.receive(kho, "BD-TYT-01", goods(lot_number="CU", unit_price_vnd="300"))
    store.receive(kho, "BD-TYT-01", goods(lot_number="MOI", unit_price_vnd="350"))
    place = store.places["BD-TYT-01"]
    known = kho.get(f"/documents/known?facility={place}&kind=receipt").json
    assert known["complete"] is True
    first = known["items"][0]
    assert (first["code"], first["uses"], first["last"]["lot_number"]) == ("TH001", 2, "MOI")
    config = config_of(kho.text("/documents/new/receipt"))
    assert config["form"]["partner_code"] == "NCC01"
    assert config["form"]["fund_code"] == "NSTP"


def test_a_later_lot_needs_its_reason_while_an_earlier_one_remains(client_for, store, refused):
    kho = client_for("kho_px")
    store.receive(
        kho, "BD-TYT-01",
        goods(lot_number="SOM", expiry=day(50), quantity="100"),
        goods(lot_number="MUON", expiry=day(500), quantity="100"),
    )  # fmt: skip
    late = {"item_code": "TH001", "quantity": "10", "lot_number": "MUON"}
    faults = refused(kho, "issue", store.form("BD-TYT-01", late))
    assert [(f["line"], f["field"]) for f in faults] == [(1, "reason")]
    assert "SOM" in faults[0]["message"]
    early = {"item_code": "TH001", "quantity": "100", "lot_number": "SOM"}
    for lines in ([{**late, "reason": "Lô SOM ở tủ khác"}], [late, {**early, "quantity": "90"}]):
        form = store.form("BD-TYT-01", *lines)
        if len(lines) == 2:
            refused(kho, "issue", form)
            form = store.form("BD-TYT-01", late, early)
        assert kho.send("/documents/new/issue", form).status_code == 200
    assert store.one("SELECT reason FROM document_line WHERE reason <> ''") == "Lô SOM ở tủ khác"


def test_a_template_is_saved_used_again_and_forgotten(client_for, store):
    kho = client_for("kho_px")
    form = store.form("BD-TYT-01", goods(), goods("PH001"), name="Nhập hằng tháng", note="Theo quý")
    saved = kho.send("/documents/templates/save/receipt", form)
    assert saved.status_code == 200, saved.text
    template = saved.json["template_id"]
    assert "Nhập hằng tháng" in kho.text("/documents/new/receipt")
    again = config_of(kho.text(f"/documents/new/receipt?template={template}"))
    assert [line["item_code"] for line in again["form"]["lines"]] == ["TH001", "PH001"]
    assert again["form"]["client_key"] != form["client_key"]
    assert again["filled"] is True
    stranger = client_for("kho_tb")
    assert stranger.get(f"/documents/new/receipt?template={template}").status_code == 404
    assert stranger.send(f"/documents/templates/{template}/delete", {}).status_code == 404
    assert kho.send(f"/documents/templates/{template}/delete", {}).status_code == 200
    assert "Nhập hằng tháng" not in kho.text("/documents/new/receipt")


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_template_needs_a_name(client_for, store, name):
    kho = client_for("kho_px")
    form = store.form("BD-TYT-01", goods(), name=name)
    assert kho.send("/documents/templates/save/receipt", form).status_code == 422
    assert store.one("SELECT count(*) FROM document_template") == 0


def test_a_posted_document_is_written_again_as_it_was_entered(client_for, store):
    kho = client_for("kho_px")
    pack = store.one(
        "SELECT p.id FROM item_pack p JOIN item i ON i.id = p.item_id"
        " WHERE i.code = 'TH001' AND units_per_pack = 100"
    )
    first = store.receive(
        kho, "BD-TYT-01", goods(quantity="5", pack_id=str(pack), unit_price_vnd="35.000")
    )
    for address in ("last", first):
        config = config_of(kho.text(f"/documents/new/receipt?copy={address}"))
        line = config["form"]["lines"][0]
        assert (line["quantity"], line["pack_id"]) == ("5", str(pack))
        assert line["amount_vnd"] == "175.000"
    assert kho.get("/documents/new/issue?copy=last").status_code == 404
    assert client_for("kho_tb").get(f"/documents/new/receipt?copy={first}").status_code == 404


def test_others_stores_answer_nothing(client_for, store):
    stranger = client_for("kho_rg")
    place = store.places["BD-TYT-01"]
    asked = {"facility_id": str(place), "kind": "issue", "items": ["TH001"], "words": ["TH001"]}
    for where in ("lots", "resolve", "scan"):
        body = {**asked, "text": GTIN}
        assert stranger.send(f"/documents/{where}", body).status_code == 404
    for where in ("items?q=pa&", "known?"):
        assert stranger.get(f"/documents/{where}facility={place}&kind=issue").status_code == 404


def test_nonsense_is_refused_and_nothing_breaks(client_for, store):
    kho = client_for("kho_px")
    for body in ({"words": "TH001"}, {"words": [1] * 5001}, {"words": None}):
        assert ask(kho, store, "resolve", kind="receipt", **body).status_code == 422
    assert ask(kho, store, "lots", items=[None, 7, "TH001"], place="moon").status_code == 200
    assert ask(kho, store, "scan", kind="moon", text="x").status_code == 404
    assert ask(kho, store, "resolve", kind="receipt", words=["\x00", "TH001"]).status_code == 200
    assert kho.get("/documents/items", query_string={"q": "\x00"}).status_code in {200, 404}
    deep = json.loads("[" * 50 + "]" * 50)
    assert ask(kho, store, "scan", kind="issue", text=deep).status_code in {200, 422}
