"""The storekeeper's pages answer, in both languages, and show what is in the store."""

from __future__ import annotations


def test_pages_answer_on_an_empty_store(client_for):
    kho = client_for("kho_px")
    for url in (
        "/",
        "/stock/",
        "/documents/",
        "/documents/drafts/",
        "/stock/export.csv",
        "/documents/new/receipt",
        "/documents/new/issue",
        "/documents/new/transfer_dispatch",
        "/documents/new/transfer_receipt",
        "/documents/new/adjustment",
    ):
        kho.text(url)
