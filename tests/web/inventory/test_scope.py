"""Another facility's storekeeper sees and changes nothing, by page, dropdown, lookup or API."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from tests.web.inventory.conftest import goods


@pytest.fixture
def theirs(client_for, store):
    """A document and a draft of BD-TYT-01."""
    kho = client_for("kho_px")
    document = store.receive(kho, "BD-TYT-01")
    form = store.form("BD-TYT-01", goods())
    draft = kho.send("/documents/drafts/save/receipt", form).json["draft_id"]
    return document, draft


@pytest.mark.parametrize("name", ["kho_tb", "kho_rg"])
def test_a_stranger_sees_nothing(client_for, store, theirs, name):
    document, draft = theirs
    place = store.places["BD-TYT-01"]
    item = store.one("SELECT id FROM item WHERE code = 'TH001'")
    stranger = client_for(name)
    for url in (
        f"/documents/{document}",
        f"/documents/drafts/{draft}",
        f"/stock/card/{place}/{item}",
        f"/stock/lots/{place}/{item}",
        f"/stock/?facility={place}",
        f"/documents/?facility={place}",
        f"/documents/items?q=th001&facility={place}",
        f"/documents/new/receipt?facility={place}",
    ):
        assert stranger.get(url).status_code == 404, url
    asked = {"facility_id": place, "items": ["TH001"]}
    assert stranger.send("/documents/lots", asked).status_code == 404
    assert stranger.get(f"/documents/arrivals/{document}").json["lines"] == []
    for url in (
        "/stock/?show=all",
        "/lists/inventory.stock.csv",
        f"/lists/inventory.stock.csv?facility={place}",
        "/documents/",
        "/documents/drafts/",
    ):
        page = stranger.text(url)
        assert "Paracetamol 500" not in page
        assert "PN-" not in re.sub(r'placeholder="[^"]*"', "", page)
    assert f'value="{place}"' not in stranger.text("/documents/new/issue")


def test_a_stranger_changes_nothing(client_for, store, theirs):
    document, draft = theirs
    stranger = client_for("kho_tb")
    form = store.form("BD-TYT-01", goods())
    assert stranger.send("/documents/new/receipt", form).status_code == 403
    issue = store.form("BD-TYT-01", {"item_code": "TH001", "quantity": "1"})
    assert stranger.send("/documents/new/issue", issue).status_code == 403
    assert stranger.send("/documents/drafts/save/receipt", form).status_code == 403
    assert stranger.send("/documents/new/receipt", form | {"draft_id": draft}).status_code == 404
    own = store.form("BD-TYT-02", goods())
    assert stranger.send("/documents/new/receipt", own | {"draft_id": draft}).status_code == 404
    assert stranger.submit(f"/documents/drafts/{draft}/discard").status_code == 404
    key = str(uuid4())
    answer = stranger.submit(f"/documents/{document}/reverse", reason="x", client_key=key)
    assert answer.status_code == 404
    assert store.documents() == 1
    assert store.on_hand("BD-TYT-01") == 2000
    assert store.one("SELECT count(*) FROM draft") == 1
