"""Gathered by columns or row by row: the same documents, and no fault goes unseen."""

from __future__ import annotations

import datetime as dt
from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from supply.core.text import Text
from supply.imports.columns import COLUMNS, FileKind
from supply.imports.gathering import _Gathering, gather
from supply.imports.known import Known, KnownFacility, KnownFund, KnownItem, KnownPartner
from supply.imports.sweeping import sweep
from supply.imports.table import read_table

PLACES = {"store": 1, "transit": 2}
KNOWN = Known(
    today=dt.date(2022, 3, 1),
    facilities={
        "A": KnownFacility(1, "A", True, True, PLACES),
        "B": KnownFacility(2, "B", True, True, PLACES),
        "C": KnownFacility(3, "C", False, False, PLACES),
    },
    items={
        "X": KnownItem(1, "X", True, Text("viên", "tablet"), {"hop": (7, 100)}),
        "Y": KnownItem(2, "Y", False, Text("lọ", "vial"), {}),
    },
    funds={
        "N": KnownFund(1, "N", True, None, None),
        "O": KnownFund(2, "O", True, dt.date(2022, 1, 2), dt.date(2022, 1, 3)),
        "P": KnownFund(3, "P", False, None, None),
    },
    partners={"S": KnownPartner(1, "S", "supplier"), "D": KnownPartner(2, "D", "donor")},
)
# What a cell of each column may hold, the usual first.
CELLS: dict[str, tuple[object, ...]] = {
    "happened_on": ("01/01/2022", "02/01/2022", dt.date(2022, 1, 1), "05/01/2022", "01/01/2099", "x"),
    "facility": ("A", "a", "B", "C", "Z"),
    "kind": ("PN", "PX", "PC", "NC", "PT", "DC", "TD", "BT", "LB"),
    "paper_reference": ("1", "2", "", "p" * 101),
    "counterpart": ("", "B", "b", "A", "C"),
    "source_paper": ("", "1", "2"),
    "partner": ("", "S", "D", "s", "?"),
    "item": ("X", "x", "Y", "?"),
    "lot_number": ("L1", "", "L2", "l" * 51),
    "expiry": ("12/2024", "", "31/12/2024", "01/01/2022", "12/2021"),
    "fund": ("N", "", "O", "P", "?"),
    "pack": ("", "hộp", "viên", "thùng"),
    "quantity": ("5", "1", 5, 5.0, "1.000", "0", "1000000000", ""),
    "unit_price_vnd": ("7", "0", "", "1.000.000.000"),
    "amount_vnd": ("", "35", "36", "999.999.999.999.999"),
    "lost_quantity": ("", "1", "0"),
    "direction": ("tăng", "giảm", ""),
    "reason": ("", "Chênh lệch kiểm kê", "Hết hạn", "vỡ"),
    "recipient": ("", "Khoa khám", "r" * 201),
    "purpose": ("", "patient", "Mua sắm", "loan", "loan_return", "?"),
    "note": ("", "ghi chú", "khác"),
}  # fmt: skip
USUAL = {
    name: st.sampled_from(cells if len(cells) < 3 else cells[:2]) for name, cells in CELLS.items()
} | {
    "kind": st.sampled_from(("PN", "PX", "TD", "DC")),
    "counterpart": st.just(""),
    "source_paper": st.just(""),
    "amount_vnd": st.just(""),
    "lost_quantity": st.just(""),
    "reason": st.just("Chênh lệch kiểm kê"),
    "recipient": st.sampled_from(("", "Khoa khám")),
    "purpose": st.just(""),
    "note": st.just(""),
    "expiry": st.just("12/2024"),
    "lot_number": st.just("L1"),
    "fund": st.just("N"),
}
NAMES = [c.name for c in COLUMNS[FileKind.HISTORY]]
ROW = st.fixed_dictionaries(USUAL)
ODD = st.tuples(
    st.integers(0, 7), st.sampled_from(NAMES).flatmap(lambda n: st.tuples(st.just(n), st.sampled_from(CELLS[n])))
)  # fmt: skip


def table_of(rows: list[dict[str, object]], kind: FileKind = FileKind.HISTORY):
    """The rows as a file of this kind."""
    names = [c.name for c in COLUMNS[kind]]
    cells = [[row[name] for name in names] for row in rows]
    return read_table(kind, [names, *cells], 0, {name: n for n, name in enumerate(names)})


@settings(max_examples=200, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=8), st.lists(ODD, max_size=4), st.sampled_from((FileKind.HISTORY, FileKind.OPENING)))  # fmt: skip
def test_by_columns_as_row_by_row(rows, odds, kind):
    for at, (name, cell) in odds:
        if at < len(rows):
            rows[at] = rows[at] | {name: cell}
    table = table_of(rows, kind)
    swept = sweep(table, KNOWN)
    slow = deepcopy(table)
    papers = _Gathering(slow, KNOWN).run()
    if slow.faults:
        assert swept is None
    elif swept is not None:
        assert swept == papers


def test_a_usual_file_is_gathered_by_columns():
    usual = dict.fromkeys(NAMES, "") | {
        "happened_on": "01/01/2022", "facility": "A", "kind": "PN", "paper_reference": "1", "item": "X",
        "lot_number": "L1", "expiry": "12/2024", "fund": "N", "quantity": "5", "unit_price_vnd": "7",
    }  # fmt: skip
    out = {"kind": "PX", "fund": "", "unit_price_vnd": "", "lot_number": "", "expiry": ""}
    moved = out | {"kind": "PC", "counterpart": "B"}
    arrived = moved | {
        "kind": "NC", "facility": "B", "counterpart": "A", "source_paper": "1", "lost_quantity": "1",
        "reason": "vỡ",
    }  # fmt: skip
    rows = [
        usual | {"pack": "hộp"},
        usual | {"facility": "a", "note": "ghi chú"},
        usual | out | {"purpose": "patient", "recipient": "Khoa khám"},
        usual | moved,
        usual | arrived,
        usual | out | {"kind": "DC", "direction": "giảm", "reason": "Hết hạn"},
        usual,
    ]
    table = table_of(rows)
    swept = sweep(table, KNOWN)
    assert swept is not None
    assert [len(p.lines) for p in swept] == [3, 1, 1, 1, 1]
    assert swept == _Gathering(table, KNOWN).run() == gather(table, KNOWN)
    assert swept[0].lines[0].quantity == 500
    assert swept[0].note == "ghi chú"
