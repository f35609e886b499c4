"""A plan's workbook read back, and a past period replayed, against the books they come from."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from supply.allocation import queries
from supply.allocation.seeing import services as replays
from supply.allocation.seeing.book import book_of, instance_hash
from supply.allocation.seeing.queries import moves
from supply.allocation.seeing.replay import ReplayRequest
from supply.allocation.seeing.workbook import to_bytes
from supply.core import jobs
from supply.core.clock import today
from supply.core.errors import InvalidInput, NotFound
from supply.core.scope import acting_as
from supply.inventory import queries as inventory
from supply.inventory.documents import Issue, IssueLine, Receipt, ReceiptLine
from supply.inventory.services import post
from tests.integration.allocation.conftest import DEPOT, DISTRICT, RICH, Town

SHEETS = {
    "vi": "Tóm tắt|Hàng chuyển|Hạn mức cấp phát|Mức đáp ứng|Ai gửi cho ai|Từng ngày|Đầu vào - Tồn|"
    "Đầu vào - Nhu cầu|Đầu vào - Điều kiện|Lý do|Tem",
    "en": "Summary|Transfers|Quotas|Coverage|Who to whom|By day|Inputs - Stock|Inputs - Need|"
    "Inputs - Conditions|Reasons|Stamp",
}


def rows_under(sheet: list[list[Any]], head: str) -> list[dict[str, Any]]:
    """The table below the row that begins with `head`, as dictionaries."""
    at = next(n for n, row in enumerate(sheet) if row and row[0] == head)
    return [dict(zip(sheet[at], row, strict=False)) for row in sheet[at + 1 :]]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_workbook_says_what_the_plan_says(town: Town, proposed: int, language: str) -> None:
    with acting_as(town.people["kehoach"]):
        content = to_bytes(book_of(proposed), language)
        plan, moved = queries.plan(proposed), moves(queries.plan(proposed))
        instance = queries.stored(proposed, "instance")
    read = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert "|".join(read.sheet_names) == SHEETS[language]
    sheets = {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}
    names = read.sheet_names
    vi = language == "vi"
    lines = rows_under(sheets[names[1]], "Ngày gửi" if vi else "Sent on")
    quantity = "Số lượng" if vi else "Quantity"
    assert [int(row[quantity]) for row in lines] == [t.quantity for t in plan.transfers]
    value = "Giá trị (đồng)" if vi else "Value (VND)"
    assert sum(int(row[value]) for row in lines) == sum(m.value_vnd or 0 for m in moved)
    assert all(m.value_vnd == 1000 * m.row.quantity for m in moved)
    days = rows_under(sheets[names[5]], "Ngày" if vi else "Day")
    points = "Điểm thiếu: kế hoạch này" if vi else "Points short: this plan"
    assert sum(int(row[points]) for row in days if row[points] != "") == plan.head.plan
    need = rows_under(sheets[names[7]], "Mã nơi" if vi else "Place code")
    whole = "Cả kỳ" if vi else "Period"
    assert sum(int(row[whole]) for row in need) == sum(d["quantity"] for d in instance["demand"])
    stamp = {row[0]: row[1] for row in sheets[names[-1]] if len(row) > 1}
    digest = "Băm bài toán (SHA-256)" if vi else "Instance hash (SHA-256)"
    assert stamp[digest] == instance_hash(instance)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert [len(sheet._charts) for sheet in book.worksheets if sheet._charts] == [1, 2]
    formulas = [
        cell.value for sheet in book for row in sheet.iter_rows() for cell in row
        if cell.data_type == "f"
    ]  # fmt: skip
    assert formulas
    assert all(str(formula).startswith("=SUBTOTAL(109,") for formula in formulas)
    for sheet in book.worksheets:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        # 0: as many pages as it takes; with charts one, so that none is cut in two
        assert (sheet.page_setup.fitToHeight == 0) == (not sheet._charts)
        assert sheet.freeze_panes
        assert sheet.print_title_rows
    notes = book.worksheets[-1]
    long = [row for row in notes.iter_rows(min_row=4) if len(str(row[1].value or "")) > 110]
    assert long, "the plan's parameters alone take more than a line"
    assert all(notes.row_dimensions[row[0].row].height > 20 for row in long)


@pytest.fixture(scope="module")
def used(town: Town) -> dt.date:
    """The rich ward used a little on each of ten days past, one of them asked for more."""
    first = today() - dt.timedelta(days=10)
    item = town.items[0]
    with acting_as(town.people["kho_tb"]):
        line = ReceiptLine(
            item_code=item,
            quantity=100,
            lot_number="CU",
            expiry=today() + dt.timedelta(days=200),
            fund_code="NSTP",
            unit_price_vnd=1000,
        )
        before = first - dt.timedelta(days=1)
        post(Receipt(facility_id=town.places[RICH], lines=(line,), happened_on=before))
        for day in range(10):
            on = first + dt.timedelta(days=day)
            more = {"asked_quantity": 9, "reason": "Dành cho ca nặng"} if day == 4 else {}
            goods = IssueLine(item_code=item, quantity=4, **more)  # type: ignore[arg-type]
            post(
                Issue(
                    facility_id=town.places[RICH], lines=(goods,), happened_on=on, recipient="Khoa"
                )
            )
    return first


def test_the_past_is_read_as_the_books_tell_it(town: Town, used: dt.date) -> None:
    ids, item = list(town.places.values()), town.items[0]
    with acting_as(town.people["kehoach"]):
        held = inventory.held_lots_on(ids, used - dt.timedelta(days=1))
        moved = inventory.shelf_moves(ids, used, today())
        asked = inventory.asked_not_given(ids, used, today())
    assert held[["facility_code", "item_code", "quantity"]].to_numpy().tolist() == [
        [RICH, item, 100]
    ]
    assert set(moved["what"]) == {"outside"}
    assert set(moved["facility_code"]) == {DEPOT, RICH}
    assert asked[["day", "quantity"]].to_numpy().tolist() == [[used + dt.timedelta(days=4), 5]]
    with acting_as(town.people["kho_rg"]):
        assert inventory.held_lots_on(ids, today()).empty


def test_a_past_week_is_replayed_as_a_job(town: Town, used: dt.date) -> None:
    asked = ReplayRequest(DISTRICT, used.isoformat(), 7, "proportional", 0)
    with acting_as(town.people["kehoach"]):
        job_id = replays.start_replay(asked)
    jobs.run_now(job_id)
    with acting_as(town.people["kehoach"]):
        found = replays.result_of(job_id)
        mine = replays.kept([DISTRICT])
    assert [(one.job_id, one.request, one.plan) for one in mine] == [
        (job_id, asked, found.plan.points)
    ]
    with acting_as(town.people["duyet"]):
        assert replays.kept([DISTRICT]) == []
        with pytest.raises(NotFound):
            replays.result_of(job_id)
    assert found.request == asked
    assert (found.asked_units, found.guessed_units) == (5, 0)
    # It was asked for more than it gave once; with the same stock the plan gives it.
    assert found.real.short_days == 1
    assert found.plan.short_days == found.idle.short_days == 0
    assert found.plan.points == 0 < found.real.points
    assert sum(n for _, n, _ in found.real.classes.values()) == 7 * 4 + 5


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("start", {"start": "hôm kia"}),
        ("start", {"start": "2999-01-01"}),
        ("start", {"start": "2001-01-01"}),
        ("days", {"days": 5}),
        ("policy", {"policy": "đoán"}),
        ("reserve_days", {"reserve_days": -1}),
    ],
)
def test_what_cannot_be_replayed_is_refused_by_name(
    town: Town, used: dt.date, field: str, wrong: dict[str, Any]
) -> None:
    good: dict[str, Any] = {"start": used.isoformat(), "days": 7}
    with acting_as(town.people["kehoach"]), pytest.raises(InvalidInput) as refused:
        replays.start_replay(ReplayRequest(DISTRICT, **(good | wrong)))
    assert [fault.field for fault in refused.value.faults] == [field]
