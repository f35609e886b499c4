"""The workbook against the database: every figure equal, nothing of others' stores in it."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from sqlalchemy import text

from seed.demand import source_note, ward_days
from supply.allocation import services as allocation
from supply.allocation.carrying import services as decisions
from supply.catalog import queries as catalog
from supply.core.database import Database
from supply.core.errors import NotFound
from supply.core.jobs import enqueue, run_now, state
from supply.core.scope import acting_as
from supply.finance.queries import Asked, spending
from supply.forecast import needs, queries
from supply.forecast.services import CaseRow, record_cases, run_forecast
from supply.report.services import file, files, make_workbook
from tests.books import Books, post_books

LAST_SATURDAY = dt.date(2021, 12, 4)
SHEETS = [
    "Giới thiệu", "Tồn kho", "Mức tiêu hao", "Nguy cơ thiếu", "Kế hoạch", "Phiếu chuyển",
    "Chi theo nguồn quỹ", "Quỹ theo cơ sở",
]  # fmt: skip


@pytest.fixture(scope="module")
def books(shared_db: Database, shared_people: dict[str, int]) -> Books:
    """Stock, cases, a forecast and an approved plan."""
    found = post_books(shared_db, shared_people, seed=21)
    with acting_as(found.people["kehoach"]):
        wards = catalog.wards(catalog.district("ba-dinh").id)
        days = ward_days("ba-dinh", {ward.code: float(ward.population) for ward in wards})
        rows = [CaseRow(d.ward_code, d.on, d.cases) for d in days if d.on <= LAST_SATURDAY]
        record_cases("ba-dinh", rows, source_note("ba-dinh"))
        run_forecast("ba-dinh", draws=100)
        plan = allocation.make_plan("ba-dinh", on=LAST_SATURDAY + dt.timedelta(days=1))
    with acting_as(found.people["duyet"]):
        decisions.approve(plan)
    return found


@pytest.fixture(scope="module")
def workbook(books: Books) -> openpyxl.Workbook:
    with acting_as(books.people["kehoach"]):
        made = make_workbook("ba-dinh")
    assert made.name.startswith("hau-can-ba-dinh-")
    return openpyxl.load_workbook(io.BytesIO(made.content))


def table(workbook: openpyxl.Workbook, name: str) -> list[dict[str, object]]:
    """The rows of a sheet under its head (the row of the filter)."""
    page = workbook[name]
    head = int(page.auto_filter.ref.split(":")[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    titles = [str(cell.value) for cell in page[head]]
    lines = page.iter_rows(min_row=head + 1, values_only=True)
    return [dict(zip(titles, line, strict=True)) for line in lines]


def test_the_sheets_are_there_with_frozen_heads(workbook: openpyxl.Workbook) -> None:
    assert workbook.sheetnames == SHEETS
    for page in workbook.worksheets[1:]:
        assert page.freeze_panes, page.title
        assert page.auto_filter.ref, page.title
        assert page.print_title_rows, page.title
    cover = {cell.value for row in workbook["Giới thiệu"].iter_rows() for cell in row}
    assert "khớp sổ kho đến từng đồng" in cover
    assert any(str(value).startswith("chain ") for value in cover)


def test_stock_equals_the_balances(workbook: openpyxl.Workbook, shared_db: Database) -> None:
    with shared_db.owner_engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT f.code, i.code AS item, t.number, t.expiry, sum(b.quantity)::bigint AS q,"
                " sum(b.amount_vnd)::bigint AS v FROM balance b"
                " JOIN location l ON l.id = b.location_id AND l.kind = 'store'"
                " JOIN facility f ON f.id = b.facility_id JOIN item i ON i.id = b.item_id"
                " JOIN lot t ON t.id = b.lot_id WHERE b.quantity > 0 GROUP BY 1, 2, 3, 4"
            )
        ).all()
    found: dict[tuple[object, ...], tuple[int, int]] = {}
    for row in table(workbook, "Tồn kho"):
        expiry = row["Hạn dùng"]
        day = expiry.date() if isinstance(expiry, dt.datetime) else None
        key = (row["Mã cơ sở"], row["Mã hàng"], row["Số lô"], day)
        quantity, value = found.get(key, (0, 0))
        found[key] = (quantity + int(str(row["Số lượng"])), value + int(str(row["Giá trị (đồng)"])))
    assert found == {(r.code, r.item, r.number, r.expiry): (r.q, r.v) for r in rows}


def test_spending_equals_the_page_to_the_dong(workbook: openpyxl.Workbook, books: Books) -> None:
    with acting_as(books.people["taichinh"]):
        expected = spending(Asked(district="ba-dinh"))
    rows = {row["Mã quỹ"]: row for row in table(workbook, "Chi theo nguồn quỹ")}
    assert set(rows) == {row.fund_code for row in expected}
    for row in expected:
        f, line = row.figures, rows[row.fund_code]
        assert (line["Nhập"], line["Đã dùng"], line["Còn tồn"], line["Hao hụt"]) == (
            f.received, f.used, f.in_stock, f.lost,
        )  # fmt: skip
        assert line["Chênh lệch"] == 0


def test_shortage_and_plan_equal_their_pages(workbook: openpyxl.Workbook, books: Books) -> None:
    with acting_as(books.people["kehoach"]):
        run = queries.latest_run(catalog.district("ba-dinh").id)
        assert run is not None
        rows = needs.shortage_rows(needs.shortage(run.id, "ba-dinh"))
    sheet = table(workbook, "Nguy cơ thiếu")
    assert len(sheet) == len(rows)
    for line, row in zip(sheet, rows, strict=True):
        assert line["Còn tồn"] == row.on_hand
        assert line["Thiếu trong 14 ngày"] == row.short_14
        assert line["Số ngày đủ dùng"] == pytest.approx(row.days)
    transfers = table(workbook, "Phiếu chuyển")
    assert transfers
    assert all(isinstance(line["Số lượng"], int) for line in transfers)


def test_a_facility_head_gets_the_own_store_only(books: Books) -> None:
    with acting_as(books.people["truong"]):
        made = make_workbook("ba-dinh")
    rows = table(openpyxl.load_workbook(io.BytesIO(made.content)), "Tồn kho")
    assert {row["Mã cơ sở"] for row in rows} == {"BD-TYT-01"}
    with acting_as(books.people["truong"]), pytest.raises(NotFound):
        make_workbook("rach-gia")


def test_the_job_keeps_the_workbook_for_its_maker_alone(books: Books) -> None:
    with acting_as(books.people["taichinh"]):
        job_id = enqueue("report.workbook", district="ba-dinh", language="en")
    run_now(job_id)
    with acting_as(books.people["taichinh"]):
        done = state(job_id)
        assert done.status == "succeeded", done.message
        assert done.result is not None
        file_id = int(done.result["file_id"])
        assert [row.id for row in files()] == [file_id]
        names = openpyxl.load_workbook(io.BytesIO(file(file_id).content)).sheetnames
    assert names[:2] == ["About", "Stock"]
    with acting_as(books.people["kehoach"]):
        assert files() == []
        with pytest.raises(NotFound):
            file(file_id)
