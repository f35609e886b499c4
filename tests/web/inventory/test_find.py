"""Ctrl K finds papers to write, documents by number and items, within a person's scope."""

from __future__ import annotations

import pytest

from tests.web.inventory.conftest import goods


def found(who, typed: str) -> list[str]:
    return [
        hit["url"] for hit in who.get("/documents/find", query_string={"q": typed}).json["found"]
    ]


def test_an_item_is_found_without_diacritics_and_opens_its_card(client_for, store):
    item = store.one("SELECT id FROM item WHERE code = 'PH001'")
    assert f"/stock/card/{store.places['BD-TYT-01']}/{item}" in found(
        client_for("kho_px"), "khau trang y te"
    )
    assert "/stock/?q=PH001&show=all" in found(client_for("kehoach"), "ph001")


@pytest.mark.parametrize("typed", ["PN-{year}-0001", "pn1", "1", "PN {year}-1"])
def test_a_document_is_found_by_its_number_in_scope_only(client_for, store, typed):
    kho = client_for("kho_px")
    document = store.receive(kho, "BD-TYT-01", goods())
    year = store.one("SELECT max(year) FROM document")
    wanted = f"/documents/{document}"
    assert wanted in found(kho, typed.format(year=year))
    assert wanted not in found(client_for("kho_rg"), typed.format(year=year))


def test_papers_to_write_are_for_those_who_write(client_for, store):
    assert found(client_for("kho_px"), "biet tru")[:2] == [
        "/documents/new/quarantine",
        "/documents/new/release",
    ]
    assert found(client_for("thanhtra"), "biet tru") == []


@pytest.mark.parametrize("typed", ["", "ZZ-1", "9" * 40, "\x00", "<script>"])
def test_nonsense_finds_nothing_and_breaks_nothing(client_for, store, typed):
    assert found(client_for("kho_px"), typed) == []
