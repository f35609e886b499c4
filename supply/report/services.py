"""The workbook: gathered from every module's public questions, as the acting person sees them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import delete, insert, select

from supply.allocation import queries as allocation
from supply.catalog import queries as catalog
from supply.core.errors import NotFound, TooMuch
from supply.core.jobs import Progress, job
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.finance import queries as finance
from supply.finance.figures import total
from supply.forecast import needs
from supply.forecast import queries as forecast
from supply.inventory import queries as inventory
from supply.report.book import Book, Cell, Sheet
from supply.report.models import WorkbookFile
from supply.report.sheets import (
    Say,
    burn_sheet,
    plan_sheet,
    shortage_sheet,
    spending_by_facility_sheet,
    spending_sheet,
    stock_sheet,
    transfers_sheet,
)
from supply.report.workbook import ROWS_MAX, TooManyRows, to_bytes

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
KEPT_DAYS = 30
STEPS = 2


@dataclass(frozen=True)
class Made:
    """A workbook that was made."""

    name: str
    content: bytes


@dataclass(frozen=True)
class FileRow:
    """A workbook kept for its maker."""

    id: int
    name: str
    size_bytes: int
    created_at: dt.datetime


def make_workbook(
    district_slug: str, language: str = "vi", progress: Progress | None = None
) -> Made:
    """The district's workbook as the acting person may see it.

    Raises NotFound for a district outside the person's scope, TooMuch where a sheet would not fit.
    """
    # Progress is told outside of the reading, whose transaction may not write.
    _tell(progress, 0, Text("Đọc số liệu", "Reading the figures"))
    with reading():
        book = gather(district_slug, language)
    _tell(progress, 1, Text("Ghi tệp Excel", "Writing the workbook"))
    try:
        content = to_bytes(book)
    except TooManyRows as error:
        raise _too_many() from error
    day = dt.datetime.now(VIETNAM).date()
    return Made(f"hau-can-{district_slug}-{day:%Y-%m-%d}.xlsx", content)


def _too_many() -> TooMuch:
    return TooMuch(
        Text(
            "Một bảng có hơn một triệu dòng, không ghi vừa tệp Excel; hãy xuất từng cơ sở.",
            "A table has over a million rows and does not fit a workbook; export by facility.",
        )
    )


def _tell(progress: Progress | None, done: int, what: Text) -> None:
    if progress is not None:
        progress.at(done, STEPS, what)


def gather(district_slug: str, language: str) -> Book:
    """Everything the workbook says, before it is written."""

    def say(words: Text) -> str:
        return words.in_language(language)

    district = catalog.district(district_slug)
    sheets = [_stock(district, say)]
    run = forecast.latest_run(district.id)
    found = None if run is None else needs.shortage(run.id, district_slug)
    if found is not None:
        sheets += [burn_sheet(found, say), shortage_sheet(needs.shortage_rows(found), say)]
    plan = _latest_plan(district_slug)
    sheets += [plan_sheet(plan, say), transfers_sheet(plan, _vouchers(plan), say)]
    asked = finance.Asked(district=district_slug)
    by_fund = finance.spending(asked)
    sheets += [
        spending_sheet(by_fund, say),
        spending_by_facility_sheet(finance.spending(asked, "facility"), say),
    ]
    now = dt.datetime.now(VIETNAM)
    return Book(
        title=say(Text("Hậu cần y tế 4 tại chỗ: ", "Four on-site medical logistics: "))
        + f"{district.name}, {district.province}",
        subtitle=say(Text("Lập lúc", "Made at")) + f" {now:%d/%m/%Y %H:%M}",
        facts=_facts(district, found, plan, total(by_fund).difference, now, say),
        sheets=tuple(sheets),
        contents_title=say(Text("Các bảng", "Sheets")),
        total_title=say(Text("Cộng", "Total")),
        empty_note=say(Text("Chưa có số liệu.", "No data yet.")),
        cover_name=say(Text("Giới thiệu", "About")),
        cover_notes=_cover_notes(say),
    )


def _stock(district: catalog.DistrictRow, say: Say) -> Sheet:
    asked = finance.Asked(district=district.slug)
    page = finance.behind("in_stock", asked, limit=ROWS_MAX)
    if page.next_after is not None:
        raise _too_many()
    lots = inventory.on_hand_lots(district.slug, recalled=True)
    keys = zip(lots["facility_id"], lots["item_id"], lots["lot_number"], strict=True)
    days: list[dt.date | None] = [None if pd.isna(day) else day for day in lots["expiry"]]
    expiry = {(int(f), int(i), str(n)): day for (f, i, n), day in zip(keys, days, strict=True)}
    codes = {f.id: f.code for f in catalog.facilities(district.id)}
    return stock_sheet(page.rows, codes, expiry, say)


def _latest_plan(district_slug: str) -> allocation.PlanView | None:
    """The plan in force: the newest that was not turned down."""
    for head in allocation.plans(district_slug):
        if head.state != "rejected":
            return allocation.plan(head.id)
    return None


def _vouchers(plan: allocation.PlanView | None) -> dict[int, tuple[str, dt.date]]:
    """draft id -> number and day of the voucher that was posted from it."""
    if plan is None:
        return {}
    origin = f"plan:{plan.head.id}"
    posted = {
        row.id: (row.label, row.happened_on)
        for row in inventory.documents(
            kinds=["transfer_dispatch"], origin=origin, limit=10_000
        ).rows
    }
    return {
        draft.id: posted[draft.posted_document_id]
        for draft in inventory.drafts(origin=origin, include_posted=True, limit=10_000)
        if draft.posted_document_id in posted
    }


def _facts(
    district: catalog.DistrictRow,
    found: needs.Shortage | None,
    plan: allocation.PlanView | None,
    difference: int,
    now: dt.datetime,
    say: Say,
) -> tuple[tuple[str, Cell], ...]:
    facts: list[tuple[Text, Cell]] = [
        (Text("Quận, huyện", "District"), f"{district.name}, {district.province}"),
        (Text("Dân số (ước tính)", "People (estimate)"), district.population),
        (Text("Lập lúc", "Made at"), now),
    ]
    last = inventory.documents([f.id for f in catalog.facilities(district.id)], limit=1).rows
    if last:
        facts.append(
            (Text("Chứng từ mới nhất đề ngày", "Newest document is dated"), last[0].happened_on)
        )
    if found is not None:
        facts += [
            (Text("Dự báo từ số ca đến ngày", "Forecast from cases up to"), found.run.origin),
            (Text("Ngày đầu tính tiêu hao", "First day of the use"), found.stock_day),
            (Text("Phiên bản mô hình dự báo", "Forecast model version"), found.run.model_version),
            (
                Text("Bộ tỷ lệ mức độ bệnh", "Severity set"),
                found.run.params.severity_set,
            ),
            (Text("Dấu số liệu đầu vào", "Inputs digest"), found.run.inputs_digest),
        ]
    if plan is not None:
        facts += [
            (Text("Kế hoạch số", "Plan"), plan.head.id),
            (Text("Cách phân bổ", "Policy"), say(allocation.policy_name(plan.head.policy))),
            (Text("Phiên bản bộ giải", "Solver version"), plan.model_version),
        ]
    agrees = Text("khớp sổ kho đến từng đồng", "agrees with the ledger to the đồng")
    differs = Text(f"lệch {difference} đồng", f"differs by {difference} VND")
    facts.append((Text("Nguồn quỹ", "Funds"), say(agrees if difference == 0 else differs)))
    return tuple((say(name), value) for name, value in facts)


def _cover_notes(say: Say) -> tuple[str, ...]:
    return (
        say(
            Text(
                "Số ca của phường là phần chia từ số của tỉnh theo dân số; định mức nào là giả định"
                " được ghi rõ trong bảng định mức.",
                "Ward cases are shares of the province's by population; norms that are assumptions"
                " are marked so in the norm tables.",
            )
        ),
        say(
            Text(
                "Dòng “Cộng” tính lại theo bộ lọc đang chọn.",
                "The totals follow the filter in force.",
            )
        ),
    )


# --- kept for their maker ------------------------------------------------------------------------


@job("report.workbook", Text("Lập sổ Excel", "Make the workbook"))
def workbook_job(progress: Progress, *, district: str, language: str = "vi") -> dict[str, object]:
    """Make a workbook and keep it; the result leads to the page that hands it out."""
    made = make_workbook(district, language, progress)
    file_id = keep(made)
    return {"file_id": file_id, "url": f"/workbook/?made={file_id}"}


def keep(made: Made) -> int:
    """Keep a workbook for its maker for 30 days; returns its id."""
    before = dt.datetime.now(dt.UTC) - dt.timedelta(days=KEPT_DAYS)
    with transaction() as session:
        session.execute(delete(WorkbookFile).where(WorkbookFile.created_at < before))
        kept = session.execute(
            insert(WorkbookFile)
            .values(
                user_id=acting_user_id(),
                name=made.name,
                content=made.content,
                size_bytes=len(made.content),
            )
            .returning(WorkbookFile.id)
        )
        return int(kept.scalar_one())


def files(limit: int = 20) -> list[FileRow]:
    """The acting person's workbooks, newest first."""
    with reading() as session:
        found = session.scalars(select(WorkbookFile).order_by(WorkbookFile.id.desc()).limit(limit))
        return [FileRow(f.id, f.name, f.size_bytes, f.created_at) for f in found]


def file(file_id: int) -> Made:
    """One of them. Raises NotFound, also for another person's."""
    with reading() as session:
        found = session.execute(
            select(WorkbookFile.name, WorkbookFile.content).where(WorkbookFile.id == file_id)
        ).one_or_none()
    if found is None:
        raise NotFound(
            Text(
                "Không có sổ này; sổ được giữ 30 ngày.",
                "There is no such workbook; they are kept for 30 days.",
            )
        )
    return Made(found.name, found.content)
