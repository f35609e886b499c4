"""Whatever is typed or sent becomes a document or a refusal in words, never anything else."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.core.errors import Fault, InvalidInput, NotFound
from supply.core.text import Text
from supply.inventory.documents import Adjustment, Receipt, TransferReceipt
from supply.inventory.kinds import Kind
from supply.inventory.typed import ENTRY_KINDS, entry_kind, read_document, read_draft, typed_of

FORM = {"facility_id": "3", "client_key": str(uuid4()), "happened_on": "05/03/2022"}
LINE = {"item_code": "TH001", "quantity": "1.234", "fund_code": "NSTP", "unit_price_vnd": "1.500"}


def faults(kind: Kind, typed: dict) -> set[tuple[int | None, str]]:
    with pytest.raises(InvalidInput) as caught:
        read_document(kind, typed)
    return {(f.line, f.field) for f in caught.value.faults}


def test_a_receipt_is_read_as_people_write_it():
    line = LINE | {"expiry": "03/2025", "lot_number": " A1 ", "pack_id": "7"}
    document = read_document(Kind.RECEIPT, FORM | {"lines": [line], "note": " đủ "})
    assert isinstance(document, Receipt)
    assert document.happened_on == dt.date(2022, 3, 5)
    assert document.note == "đủ"
    (read,) = document.lines
    assert (read.quantity, read.unit_price_vnd, read.lot_number) == (1234, 1500, "A1")
    assert (read.expiry, read.pack_id) == (dt.date(2025, 3, 31), 7)


def test_every_fault_is_named_at_once():
    typed = FORM | {
        "facility_id": "",
        "happened_on": "31/02/2022",
        "lines": [LINE | {"quantity": "1,5"}, LINE | {"item_code": "", "expiry": "hôm qua"}],
    }
    assert faults(Kind.RECEIPT, typed) == {
        (None, "facility"),
        (None, "happened_on"),
        (1, "quantity"),
        (2, "item_code"),
        (2, "expiry"),
    }


def test_of_a_transfer_nothing_may_arrive_but_a_loss_needs_its_reason():
    line = {"item_code": "TH001", "quantity": "", "lost_quantity": "5", "consignment_id": "9"}
    typed = FORM | {"follows_id": "4", "lines": [line]}
    assert faults(Kind.TRANSFER_RECEIPT, typed) == {(None, "reason")}
    document = read_document(Kind.TRANSFER_RECEIPT, typed | {"reason": "Vỡ"})
    assert isinstance(document, TransferReceipt)
    assert (document.lines[0].quantity, document.lines[0].lost_quantity) == (0, 5)


def test_an_adjustment_needs_its_direction_and_reason():
    typed = FORM | {"lines": [{"item_code": "TH001", "quantity": "1"}]}
    assert faults(Kind.ADJUSTMENT, typed) == {(None, "reason"), (1, "direction")}
    line = {"item_code": "TH001", "quantity": "1", "direction": "out"}
    document = read_document(Kind.ADJUSTMENT, FORM | {"lines": [line], "reason": "damaged"})
    assert isinstance(document, Adjustment)


TAKEN = {"item_code": "TH001", "quantity": "3", "lot_number": "A"}
WHOLE_HEAD = FORM | {
    "counterpart_facility_id": "9", "follows_id": "7", "reason": "count", "partner_code": "NCC01",
    "details": {"kit": "A", "count": 2},
}  # fmt: skip


@pytest.mark.parametrize("kind", ENTRY_KINDS, ids=lambda k: k.value)
def test_every_kind_is_read_and_shown_again(kind):
    line = LINE | TAKEN | {"direction": "in", "expiry": "31/03/2025", "note": "ghi"}
    document = read_document(kind, WHOLE_HEAD | {"lines": [line]})
    assert (document.kind, document.lines[0].note) == (kind, "ghi")
    assert read_document(kind, typed_of(document)) == document


def test_less_than_asked_may_be_nothing():
    nothing = {"item_code": "TH002", "quantity": "", "asked_quantity": "1.200", "reason": "hết"}
    typed = FORM | {"lines": [TAKEN, nothing], "purpose": "testing", "from_place": "kit"}
    document = read_document(Kind.ISSUE, typed)
    assert (document.lines[1].quantity, document.lines[1].asked_quantity) == (0, 1200)
    assert (document.purpose, document.from_place) == ("testing", "kit")
    shown = typed_of(document)["lines"][1]
    assert (shown["quantity"], shown["asked_quantity"]) == ("", "1.200")
    unasked = FORM | {"lines": [{"item_code": "TH002", "quantity": "0"}]}
    assert faults(Kind.ISSUE, unasked) == {(1, "quantity")}
    assert faults(Kind.ISSUE, FORM | {"lines": [TAKEN], "details": "x"}) == {(None, "details")}


def test_a_return_names_its_issue_and_a_loan_what_it_settles():
    assert faults(Kind.RETURN, FORM | {"lines": [TAKEN]}) == {(None, "follows")}
    typed = FORM | {"lines": [TAKEN], "purpose": "loan_return"}
    assert faults(Kind.ISSUE, typed) == {(None, "settles")}
    assert read_document(Kind.ISSUE, typed | {"settles_id": "12"}).settles_id == 12


def test_a_draft_keeps_what_can_be_read():
    typed = FORM | {"happened_on": "3", "lines": [LINE | {"quantity": "?"}, {"item_code": ""}]}
    draft = read_draft(Kind.RECEIPT, typed, "plan:17")
    assert (draft.happened_on, draft.origin, len(draft.lines)) == (None, "plan:17", 2)
    shown = typed_of(draft)
    assert shown["client_key"] == FORM["client_key"]
    assert shown["lines"][0]["quantity"] == ""
    assert shown["lines"][0]["unit_price_vnd"] == "1.500"


def test_only_documents_written_by_hand_have_a_form():
    assert [entry_kind(kind.value) for kind in ENTRY_KINDS] == list(ENTRY_KINDS)
    for name in ("reversal", "", "Receipt"):
        with pytest.raises(NotFound):
            entry_kind(name)


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["1.234", "1,5", "31/02/2022", "05/03/2025", "TH001", "²", "-1", "1" * 40]),
    st.lists(st.integers(), max_size=2),
)
NAMES = st.sampled_from(
    [
        "item_code",
        "quantity",
        "pack_id",
        "lot_number",
        "expiry",
        "fund_code",
        "unit_price_vnd",
        "amount_vnd",
        "direction",
        "lost_quantity",
        "consignment_id",
        "asked_quantity",
        "reason",
        "note",
    ]
)
HEADS = st.sampled_from(
    [
        "facility_id",
        "client_key",
        "happened_on",
        "partner_code",
        "recipient",
        "paper_reference",
        "note",
        "reason",
        "counterpart_facility_id",
        "follows_id",
        "settles_id",
        "purpose",
        "from_place",
        "details",
    ]
)
ROWS = st.one_of(CELLS, st.lists(st.one_of(CELLS, st.dictionaries(NAMES, CELLS)), max_size=4))


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(ENTRY_KINDS), head=st.dictionaries(HEADS, CELLS), rows=ROWS)
def test_nothing_that_is_sent_is_worse_than_refused(kind, head, rows):
    typed = head | {"lines": rows}
    for read in (read_document, read_draft):
        found: tuple[Fault, ...] = ()
        try:
            typed_of(read(kind, typed))
        except InvalidInput as error:
            found = error.faults or (Fault("nameless", Text("", "")),)
        assert all(f.text.vi and f.text.en for f in found)
