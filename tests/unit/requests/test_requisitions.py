"""What a requisition is by itself: valid or not, how far, how much to ask for."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from supply.core.errors import InvalidInput
from supply.requests.requisitions import (
    LINES_MAX,
    AskedLine,
    Decision,
    Progress,
    Requisition,
    Status,
    days_of_stock,
    decision_faults,
    faults_of,
    label_of,
    status_of,
    suggested_quantity,
)
from supply.requests.typed import read_decisions, read_form, requisition_of


def test_the_worked_number_of_the_suggestion() -> None:
    assert suggested_quantity(100, 20, 300, 14) == 20
    assert suggested_quantity(100, 20, 300, 14, 50) == 50
    assert suggested_quantity(140, 0, 300, 14) == 0
    assert days_of_stock(100, 300) == 10
    assert days_of_stock(100, None) is None
    assert days_of_stock(100, 0) is None


@given(
    on_hand=st.integers(0, 10**6),
    on_way=st.integers(0, 10**6),
    use=st.floats(0, 10**6),
    days=st.integers(1, 60),
    pack=st.integers(1, 5000),
)
def test_a_suggestion_suffices_in_whole_packs_and_not_one_too_many(
    on_hand: int, on_way: int, use: float, days: int, pack: int
) -> None:
    asked = suggested_quantity(on_hand, on_way, use, days, pack)
    short = use * days / 30 - on_hand - on_way
    assert asked % pack == 0
    assert asked >= short - 1e-6
    assert asked == 0 or asked - pack < short + 1e-6


@pytest.mark.parametrize(
    ("happened", "status"),
    [
        (Progress(False), Status.DRAFT),
        (Progress(True), Status.SENT),
        (Progress(True, "withdrawn"), Status.WITHDRAWN),
        (Progress(True, "refused"), Status.REFUSED),
        (Progress(True, "approved"), Status.APPROVED),
        (Progress(True, "approved", any_sent=True, on_way=True), Status.ON_WAY),
        (Progress(True, "approved", any_sent=True, all_sent=True, on_way=True), Status.ON_WAY),
        (Progress(True, "approved", any_sent=True), Status.PART_RECEIVED),
        (Progress(True, "approved", any_sent=True, all_sent=True), Status.RECEIVED),
    ],
)
def test_how_far_it_is_follows_from_what_happened(happened: Progress, status: Status) -> None:
    assert status_of(happened) == status


def test_everything_wrong_is_told_at_once_by_line_and_field() -> None:
    asked = Requisition(
        facility_id=1,
        asked_id=1,
        lines=(
            AskedLine(item_code="A", quantity=0),
            AskedLine(item_code="A", quantity=5, note="x" * 201),
        ),
        note="x" * 2001,
    )
    assert [(f.field, f.line) for f in faults_of(asked)] == [
        ("asked_id", None),
        ("note", None),
        ("quantity", 1),
        ("item_code", 2),
        ("note", 2),
    ]
    many = tuple(AskedLine(item_code=str(n), quantity=1) for n in range(LINES_MAX + 1))
    assert [f.field for f in faults_of(Requisition(facility_id=1, asked_id=2, lines=many))] == [
        "lines"
    ]


def test_a_cut_needs_its_reason_and_nothing_at_all_is_a_refusal() -> None:
    asked = {1: 10, 2: 20}
    full = [Decision(line=1, quantity=10), Decision(line=2, quantity=20)]
    assert decision_faults(full, asked) == []
    cut = [Decision(line=1, quantity=4, reason=" "), Decision(line=2, quantity=21)]
    assert [(f.field, f.line) for f in decision_faults(cut, asked)] == [
        ("reason", 1),
        ("quantity", 2),
    ]
    none = [Decision(line=n, quantity=0, reason="hết") for n in (1, 2)]
    assert "Không duyệt" in decision_faults(none, asked)[0].text.vi
    assert [f.line for f in decision_faults([], asked)] == [1, 2]


def test_numbers_are_written_as_on_paper() -> None:
    assert label_of(2022, 7) == "DY-2022-0007"
    assert label_of(None, None) == ""


def test_a_typed_form_is_read_whole_or_told_what_to_mend() -> None:
    form = MultiDict(
        [
            ("facility_id", "3"),
            ("asked_id", "4"),
            ("needed_on", "5/3/2022"),
            ("client_key", "5a0c2b9e-8f3e-4a35-9d1c-2f6d1f3f5b11"),
            ("item", "TH001"),
            ("quantity", "1.200"),
            ("pack", "7"),
            ("line_note", " gấp "),
        ]
    )
    found = requisition_of(read_form(form))
    assert found.needed_on == dt.date(2022, 3, 5)
    assert found.lines == (AskedLine(item_code="TH001", quantity=1200, pack_id=7, note="gấp"),)
    form.setlist("quantity", ["1,5"])
    form["asked_id"] = "x"
    form["needed_on"] = "hôm qua"
    with pytest.raises(InvalidInput) as refused:
        requisition_of(read_form(form))
    assert [f.field for f in refused.value.faults] == ["asked_id", "needed_on", "quantity"]


def test_typed_decisions_name_the_line_that_is_no_number() -> None:
    given_ = {"approve-1": "1.000", "approve-2": "ba"}
    with pytest.raises(InvalidInput) as refused:
        read_decisions(given_, {1: 1000, 2: 5})
    assert [(f.field, f.line) for f in refused.value.faults] == [("quantity", 2)]
    assert read_decisions({"approve-1": "", "reason-1": " hết "}, {1: 5}) == [
        Decision(line=1, quantity=0, reason="hết")
    ]
