"""What is refused before the database is asked."""

from __future__ import annotations

import datetime as dt

import pytest

from supply.core.text import Text
from supply.counts.asked import (
    TALLIES_MAX,
    CountRequest,
    FoundLot,
    Member,
    Resolution,
    TallyInput,
    found_lot_faults,
    request_faults,
    resolution_faults,
    tally_faults,
)

TODAY = dt.date(2022, 5, 10)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"counted_on": TODAY + dt.timedelta(days=1)}, "counted_on"),
        ({"counted_on": dt.date(1922, 5, 10)}, "counted_on"),
        ({"scope": "some"}, "scope"),
        ({"scope": "category"}, "category"),
        ({"scope": "items"}, "items"),
        ({"note": "x" * 501}, "note"),
    ],
)
def test_requests(more, field):
    request = CountRequest(**{"facility_id": 1, "counted_on": TODAY} | more)
    assert [f.field for f in request_faults(request, TODAY)] == [field]
    assert request_faults(CountRequest(facility_id=1, counted_on=TODAY), TODAY) == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"quantity": -1}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({"quantity": 1.5}, "quantity"),
        ({"quantity": 10**9 + 1}, "quantity"),
        ({"poor": 6}, "poor"),
        ({"note": "x" * 201}, "note"),
    ],
)
def test_tallies_name_their_place(more, field):
    good = TallyInput(line_id=1, quantity=5)
    bad = TallyInput(**{"line_id": 2, "quantity": 5} | more)
    assert [(f.field, f.line) for f in tally_faults([good, bad])] == [(field, 2)]


def test_too_many_at_once():
    many = [TallyInput(line_id=n, quantity=0) for n in range(TALLIES_MAX + 1)]
    assert [f.field for f in tally_faults(many)] == ["lines"]


def test_found_lots():
    assert [f.field for f in found_lot_faults(FoundLot(item_code=" "))] == ["item_code"]
    dated = FoundLot(item_code="A", expiry=dt.date(2025, 1, 1))
    assert [f.field for f in found_lot_faults(dated)] == ["lot_number"]
    assert found_lot_faults(FoundLot(item_code="A", lot_number="L", unit_price_vnd=0)) == []


LOT = Text("TH001, lô A", "TH001, lot A")


def test_of_many_lines_without_a_reason_one_is_asked_for_them_all():
    differing = [(key, LOT) for key in range(40)]
    some = Resolution(
        head=Member("Hoa"), members=(Member("Kho"),), book_seen="x", reasons={7: "vỡ", 8: " "}
    )
    (fault,) = resolution_faults(some, differing, 0)
    assert fault.field == "reason"
    assert fault.text.vi.startswith("39 dòng chênh lệch chưa có lý do")
    few = resolution_faults(some, differing[6:9], 0)
    assert [f.field for f in few] == ["reason-6", "reason-8"]
    assert few[0].text.en == "TH001, lot A: say why it differs."


def test_a_resolution_needs_people_and_reasons():
    empty = Resolution(head=Member(""), members=(), book_seen="x")
    fields = [f.field for f in resolution_faults(empty, [(7, LOT)], 2)]
    assert fields == ["head", "members", "uncounted", "reason-7"]
    whole = Resolution(
        head=Member("Hoa"),
        members=(Member("Kho"),),
        book_seen="x",
        reasons={7: "vỡ"},
        uncounted="leave",
    )
    assert resolution_faults(whole, [(7, LOT)], 2) == []
