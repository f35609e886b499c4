"""A posted document's page: what it was for, where it drew on, what was asked and what was given."""

from __future__ import annotations

from supply.core.scope import acting_as
from supply.inventory.documents import (
    Issue,
    IssueLine,
    Opening,
    Quarantine,
    ReceiptLine,
    Return,
)
from supply.inventory.services import post

A = "BD-TYT-01"


def test_purpose_place_and_what_was_asked(client_for, store, people):
    place = store.places[A]
    with acting_as(people["kho_px"]):
        post(
            Opening(
                facility_id=place,
                lines=[
                    ReceiptLine(
                        item_code="TH001", quantity=500, lot_number="M1", fund_code="NSTP",
                        unit_price_vnd=10,
                    )
                ],
            )
        )  # fmt: skip
        moved = post(
            Quarantine(
                facility_id=place,
                reason="hộp méo",
                lines=[IssueLine(item_code="TH001", quantity=200)],
            )
        )
        issued = post(
            Issue(
                facility_id=place, purpose="community_team", from_place="quarantine",
                lines=[
                    IssueLine(item_code="TH001", quantity=50, asked_quantity=80, reason="còn lại hẹn sau"),
                    IssueLine(item_code="PH001", quantity=0, asked_quantity=30, note="kho hết"),
                ],
            )
        )  # fmt: skip
        back = post(
            Return(
                facility_id=place, follows_id=issued.document_id,
                lines=[IssueLine(item_code="TH001", quantity=20)],
            )
        )  # fmt: skip
    kho = client_for("kho_px")
    page = kho.text(f"/documents/{issued.document_id}")
    for words in (
        "Tổ COVID cộng đồng", "Biệt trữ → Sử dụng", "Yêu cầu 80", "cấp 50", "còn lại hẹn sau",
        "Yêu cầu 30", "kho hết",
    ):  # fmt: skip
        assert words in page, words
    assert "Kho → Biệt trữ" in kho.text(f"/documents/{moved.document_id}")
    returned = kho.text(f"/documents/{back.document_id}")
    assert f"Phiếu hoàn trả {back.label}" in returned
    assert "Hoàn trả của phiếu xuất" in returned
    assert issued.label in returned
    listed = kho.text("/documents/?kind=return")
    assert back.label in listed
    assert issued.label not in listed
    kho.get("/lang/en")
    assert "Community COVID team" in kho.text(f"/documents/{issued.document_id}")
