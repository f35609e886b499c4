"""What can be said of a document without asking the database."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from supply.core.errors import Conflict
from supply.inventory.documents import (
    LINES_MAX,
    Adjustment,
    AdjustmentLine,
    CylinderEmpty,
    CylinderExchange,
    CylinderLine,
    CylinderSend,
    Document,
    EmptyLine,
    Issue,
    IssueLine,
    KitAssembly,
    KitBreakup,
    Opening,
    Quarantine,
    Receipt,
    ReceiptLine,
    Release,
    Return,
    Reversal,
    TransferDispatch,
    TransferReceipt,
    TransferReceiptLine,
    document_from_payload,
    faults_of,
    payload_of,
)
from supply.inventory.kinds import KINDS, PLACES, PURPOSES, REASONS, Kind, document_label
from supply.inventory.refusals import WORDS, explain

DAY = dt.date(2022, 3, 5)
KIT = {"kit": "A", "count": 2}
GOOD = ReceiptLine(
    item_code="TH001", quantity=5, lot_number="L1", expiry=DAY, fund_code="NST", unit_price_vnd=10
)


def receipt(*lines: ReceiptLine, **more: object) -> Receipt:
    return Receipt(facility_id=1, lines=lines, **more)  # type: ignore[arg-type]


def named(document: Document) -> list[tuple[int | None, str]]:
    return [(f.line, f.field) for f in faults_of(document)]


def test_a_good_document_has_no_faults() -> None:
    assert faults_of(receipt(GOOD, happened_on=DAY)) == []
    assert faults_of(TransferReceipt(facility_id=1, follows_id=2)) == []


@pytest.mark.parametrize(
    "document",
    [
        receipt(GOOD, happened_on=DAY, partner_code="NCC01", note="đủ"),
        Issue(facility_id=1, lines=(IssueLine(item_code="TH001", quantity=1, lot_number="A"),)),
        TransferDispatch(
            facility_id=1, counterpart_facility_id=2, origin="plan:17",
            lines=(IssueLine(item_code="TH001", quantity=1, consignment_id=9),),
        ),
        TransferReceipt(
            facility_id=1, follows_id=3, reason="vỡ",
            lines=(TransferReceiptLine(item_code="TH001", quantity=1, lost_quantity=2),),
        ),
        Adjustment(
            facility_id=1, reason="count",
            lines=(AdjustmentLine(item_code="TH001", quantity=1, direction="out"),),
        ),
        Reversal(facility_id=1, reverses_id=3, reason="nhầm"),
        receipt(GOOD, purpose="loan_return", settles_id=7),
        Issue(
            facility_id=1, purpose="loan", partner_code="NCC01", from_place="kit",
            details={"kit": "A", "count": 2, "why": ["x", None]},
            lines=(IssueLine(item_code="TH001", quantity=0, asked_quantity=4, note="hết"),
                   IssueLine(item_code="TH002", quantity=1, reason="hộp méo")),
        ),
        Opening(facility_id=1, lines=(GOOD,)),
        Return(facility_id=1, follows_id=3, lines=(IssueLine(item_code="TH001", quantity=1),)),
        Quarantine(facility_id=1, reason="ẩm", lines=(IssueLine(item_code="TH001", quantity=1),)),
        Release(facility_id=1, reason="đạt", lines=(IssueLine(item_code="TH001", quantity=1),)),
        KitAssembly(facility_id=1, details=KIT, lines=(IssueLine(item_code="TH001", quantity=1),)),
        KitBreakup(facility_id=1, details=KIT, lines=(IssueLine(item_code="TH001", quantity=1),)),
        CylinderSend(facility_id=1, lines=(IssueLine(item_code="OX001", quantity=1),)),
        CylinderExchange(
            facility_id=1, from_place="refill", partner_code="NCC02",
            lines=(
                CylinderLine(item_code="OX001", quantity=1, direction="out"),
                CylinderLine(item_code="OX002", quantity=1, direction="in", fund_code="NST",
                             unit_price_vnd=5),
            ),
        ),
        CylinderEmpty(
            facility_id=1, lines=(EmptyLine(item_code="OX001", quantity=1, fund_code="NST"),)
        ),
    ],
    ids=lambda d: d.kind.value,
)  # fmt: skip
def test_a_document_survives_its_payload(document: Document) -> None:
    again = document_from_payload(json.loads(json.dumps(payload_of(document))))
    assert again == document
    assert faults_of(again) == []


def test_lines_and_fields_are_named() -> None:
    bad = ReceiptLine(item_code="TH001", quantity=0, lot_number="x" * 51)
    assert set(named(receipt(GOOD, bad))) == {
        (2, "quantity"), (2, "lot_number"), (2, "fund_code"), (2, "unit_price_vnd"),
    }  # fmt: skip


@pytest.mark.parametrize("quantity", [1.0, True, "3", None, 10**10, -1])
def test_a_quantity_is_a_whole_number_within_reason(quantity: object) -> None:
    line = IssueLine(item_code="TH001", quantity=quantity)  # type: ignore[arg-type]
    assert named(Issue(facility_id=1, lines=(line,))) == [(1, "quantity")]


def test_too_many_lines_is_the_only_fault_told() -> None:
    bad = ReceiptLine(item_code="TH001", quantity=0)
    assert named(receipt(*[bad] * (LINES_MAX + 1))) == [(None, "lines")]


def test_reasons_are_asked_for_where_they_matter() -> None:
    assert named(Reversal(facility_id=1, reverses_id=3)) == [(None, "reason")]
    lost = TransferReceiptLine(item_code="TH001", quantity=1, lost_quantity=2)
    assert named(TransferReceipt(facility_id=1, follows_id=3, lines=(lost,))) == [(None, "reason")]
    out = AdjustmentLine(item_code="TH001", quantity=1, direction="out")
    assert named(Adjustment(facility_id=1, lines=(out,), reason="?")) == [(None, "reason")]
    into = AdjustmentLine(item_code="TH001", quantity=1, direction="in")
    assert named(Adjustment(facility_id=1, lines=(into,), reason="lost")) == [(1, "direction")]


def test_every_kind_and_reason_has_its_words() -> None:
    assert set(KINDS) == set(Kind)
    for name in [k.name for k in KINDS.values()] + [r.name for r in REASONS.values()]:
        assert name.vi
        assert name.en
    for choices in (*PURPOSES.values(), PLACES):
        assert all(name.vi and name.en for name in choices.values())
    assert document_label("issue", 2022, 12) == "PX-2022-0012"
    assert len({facts.prefix for facts in KINDS.values()}) == len(Kind)


TAKEN = IssueLine(item_code="TH001", quantity=1)
NONE_OF_IT = IssueLine(item_code="TH001", quantity=0, asked_quantity=4)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (Issue(facility_id=1, purpose="picnic", lines=(TAKEN,)), [(None, "purpose")]),
        (Issue(facility_id=1, purpose="loan", lines=(TAKEN,)), [(None, "partner_code")]),
        (receipt(GOOD, purpose="borrowed"), [(None, "partner_code")]),
        (receipt(GOOD, purpose="loan_return"), [(None, "settles")]),
        (Issue(facility_id=1, from_place="refill", lines=(TAKEN,)), [(None, "from_place")]),
        (Issue(facility_id=1, details={"x": "y" * 20_000}, lines=(TAKEN,)), [(None, "details")]),
        (Issue(facility_id=1, lines=(NONE_OF_IT,)), [(None, "lines")]),
        (Issue(facility_id=1, lines=(NONE_OF_IT, TAKEN)), []),
        (Quarantine(facility_id=1, lines=(NONE_OF_IT,), reason="ẩm"), [(1, "quantity")]),
        (Quarantine(facility_id=1, lines=(TAKEN,), reason=" "), [(None, "reason")]),
        (Release(facility_id=1, lines=(TAKEN,)), [(None, "reason")]),
        (KitAssembly(facility_id=1, lines=(TAKEN,)), [(None, "details")]),
        (KitBreakup(facility_id=1, lines=(TAKEN,), details={"kit": "A", "count": True}),
         [(None, "details")]),
        (KitAssembly(facility_id=1, lines=(TAKEN,), details={"kit": "A", "count": -2}),
         [(None, "details")]),
        (CylinderEmpty(facility_id=1, lines=(EmptyLine(item_code="OX001", quantity=1),)),
         [(1, "fund_code")]),
        (CylinderExchange(
            facility_id=1, lines=(CylinderLine(item_code="OX001", quantity=1, direction="in"),)),
         [(1, "unit_price_vnd"), (1, "fund_code")]),
        (Issue(facility_id=1, lines=(IssueLine(item_code="T", quantity=1, note="x" * 501),)),
         [(1, "note")]),
        (Issue(facility_id=1, lines=(IssueLine(item_code="T", quantity=1, asked_quantity=-1),)),
         [(1, "asked_quantity")]),
    ],
)  # fmt: skip
def test_what_each_kind_needs(document: Document, expected: list[tuple[int | None, str]]) -> None:
    assert named(document) == expected


def test_every_refusal_of_the_database_has_words_that_fill() -> None:
    fault = {
        "field": "quantity", "line": 3, "item": "TH001", "lot": "L1", "expiry": "2022-03-05",
        "available": 1200, "asked": 2000, "given": "5", "known": "2022-01-01", "date": "2022-03-05",
        "today": "2022-03-05", "partner": "X", "fund": "Y", "unit_vi": "viên", "unit_en": "tablet",
        "facility_vi": "Trạm", "facility_en": "Station",
    }  # fmt: skip
    for code in WORDS:
        error = explain("SP004", code, {"detail": [fault | {"code": code}]})
        assert error is not None
        assert "{" not in error.faults[0].text.vi + error.faults[0].text.en
    short = explain("SP005", "not_enough", {"detail": [fault | {"code": "not_enough"}]})
    assert short is not None
    assert short.lines("vi") == ["Dòng 3: Không đủ tồn TH001: còn 1.200 viên, cần 2.000."]
    assert explain("23505", "", {}) is None


def test_a_shortage_says_where_and_why() -> None:
    fault = {
        "code": "not_enough", "field": "quantity", "line": 1, "item": "TH001", "available": 3,
        "asked": 9, "on_hand": 12, "expired": 2, "blocked": 5, "place": "kit", "unit_vi": "viên",
        "unit_en": "tablet",
    }  # fmt: skip
    error = explain("SP005", "not_enough", {"detail": [fault]})
    assert error is not None
    assert error.lines("vi") == [
        "Dòng 1: Bộ cơ số không đủ TH001: còn 3 viên, cần 9. Có 2 đã hết hạn."
        " Có 5 đang bị thu hồi. Hiện có 12 nhưng các phiếu ghi ngày sau đã cần đến."
    ]
    assert isinstance(explain("SP010", "lot_recalled", {"detail": [
        {"code": "lot_recalled", "field": "lot_number", "line": 1, "item": "TH001", "lot": "A"}
    ]}), Conflict)  # fmt: skip
